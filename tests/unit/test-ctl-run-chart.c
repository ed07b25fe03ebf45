/* SPDX-License-Identifier: MIT */
/* The chart of a run: what of it is where, at every width, and whatever the session holds or lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "cardio/macro.h"
#include "ctl/run-chart.h"

#define MINUTE    60000
#define CEILING   146.0
#define WIDTH     65U
#define STARTED   (INT64_C(1778560260) + 7200) /* 06:31 */
#define DRAWN_MAX 16384U

/* One heart rate a second, of one zone, with a bend: from there on it is `then`. */
static void add_course(RunChart *c, int64_t length, double bpm, int64_t bend, double then)
{
        for (int64_t t = 0; t <= length; t += 1000)
                run_chart_add(c, t, t < bend ? bpm : then, true, t < bend ? 1 : 3);
}

/* What is drawn, in ASCII, as lines; to be freed. */
static char *drawn(const RunChart *c)
{
        char *text = calloc(1, DRAWN_MAX);
        Frame f = { .cells = NULL };

        assert_non_null(text);
        run_chart_draw(c, &f, STARTED, false, false);
        for (unsigned row = 0; row < f.rows; row++) {
                _cleanup_free_ char *line = NULL;

                for (unsigned i = 0; i < f.columns; i++)
                        frame_at(&f, row, i)->style = STYLE_PLAIN;
                line = frame_row(&f, row, false);
                assert_true(strlen(text) + strlen(line) + 2 < DRAWN_MAX);
                strcat(strcat(text, line), "\n");
        }
        frame_free(&f);
        return text;
}

static void test_course(void **state _unused_)
{
        _cleanup_free_ char *text = NULL;
        RunChart c;

        run_chart_begin(&c, 35, 30 * MINUTE);
        run_chart_ceiling(&c, 0, CEILING);
        run_chart_breach(&c, 20 * MINUTE, 22 * MINUTE);
        run_chart_mark(&c, 5 * MINUTE);
        run_chart_mark(&c, 30 * MINUTE);
        add_course(&c, 30 * MINUTE, 130, 20 * MINUTE, 155);
        text = drawn(&c);
        assert_string_equal(text, " 155                     ..........\n"
                                  "                         ##########\n"
                                  " 146 ____________________##########\n"
                                  "                         ##########\n"
                                  "                         ##########\n"
                                  "                         ##########\n"
                                  "                         ##########\n"
                                  " 130 ##############################\n"
                                  "zone 111111111111111111113333333333\n"
                                  "fast                     !!!\n"
                                  "mark      ^                       ^\n"
                                  "              |06:40    |06:50\n");
}

/* Whatever is at or below the ceiling stays below its line, and what is above is above it, if only for a second. */
static void test_ceiling(void **state _unused_)
{
        static const struct {
                double highest;
                bool above;
        } cases[] = { { CEILING, false }, { CEILING - 0.01, false }, { CEILING + 0.01, true },
                { 150.5, true }, { 200, true } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;
                char peak[32], *line;
                RunChart c;

                run_chart_begin(&c, WIDTH, 30 * MINUTE);
                run_chart_ceiling(&c, 0, CEILING);
                for (int64_t t = 0; t <= 30 * MINUTE; t += 1000)
                        run_chart_add(&c, t, t == 15 * MINUTE ? cases[i].highest : 130, true, 1);
                text = drawn(&c);
                line = strstr(text, " 146 ");
                assert_non_null(line);
                /* In the row above the ceiling is its line, cut by the thin one if a moment was above. */
                assert_int_equal(strcspn(line, "|\n") < strcspn(line, "\n"), cases[i].above);
                (void)snprintf(peak, sizeof(peak), "%4ld", lrint(cases[i].highest));
                assert_non_null(strstr(text, peak));
        }
}

/* The ceiling was changed, and lifted; each is drawn as long as it was in force. */
static void test_ceilings(void **state _unused_)
{
        _cleanup_free_ char *text = NULL;
        RunChart c;
        char *line;

        run_chart_begin(&c, WIDTH, 30 * MINUTE);
        run_chart_ceiling(&c, 0, 150);
        run_chart_ceiling(&c, 20 * MINUTE, 170);
        run_chart_ceiling(&c, 25 * MINUTE, NAN);
        add_course(&c, 30 * MINUTE, 120, INT64_MAX, 0);
        text = drawn(&c);
        line = strstr(text, " 170 ");
        assert_non_null(line);
        assert_int_equal(strcspn(line, "_"), 5 + 40);
        assert_int_equal(strspn(line + 5 + 40, "_"), 10);
        line = strstr(text, " 150 ");
        assert_non_null(line);
        assert_int_equal(strspn(line + 5, "_"), 40);
}

/* A gap is blank, however it is known; a slow sensor's pace is none. */
static void test_gaps(void **state _unused_)
{
        static const struct {
                int64_t pace, from, to; /* ms; there is nothing between these */
                bool event, blank;
        } cases[] = {
                { 1000, 0, 0, false, false },
                { 1000, 10 * MINUTE, 15 * MINUTE, true, true },
                { 1000, 10 * MINUTE, 15 * MINUTE, false, true },
                { 5000, 0, 0, false, false },
                { 12000, 0, 0, false, false },
                { 30000, 0, 0, false, false },
                { 10000, 10 * MINUTE, 10 * MINUTE + 30000, false, false },
                { 1000, 10 * MINUTE, 10 * MINUTE + 34000, true, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;
                const char *zones;
                RunChart c;

                run_chart_begin(&c, 125, 20 * MINUTE); /* 10 s a column */
                if (cases[i].event)
                        run_chart_gap(&c, cases[i].from, cases[i].to);
                for (int64_t t = 0; t <= 20 * MINUTE; t += cases[i].pace)
                        if (t <= cases[i].from || t >= cases[i].to)
                                run_chart_add(&c, t, 130, true, 2);
                text = drawn(&c);
                zones = strstr(text, "zone ");
                assert_non_null(zones);
                if ((strspn(zones + 5, "2") < 120) != cases[i].blank)
                        fail_msg("case %zu:\n%s", i, text);
        }
}

/* A value that was not settled is no peak; its time counts. */
static void test_unsettled(void **state _unused_)
{
        _cleanup_free_ char *text = NULL;
        RunChart c;

        run_chart_begin(&c, WIDTH, 20 * MINUTE);
        for (int64_t t = 0; t <= 20 * MINUTE; t += 1000)
                run_chart_add(&c, t, t < MINUTE ? 228 : 140, t >= MINUTE, 2);
        text = drawn(&c);
        assert_null(strstr(text, "228"));
        assert_non_null(strstr(text, " 140 "));
        assert_int_equal(strspn(strstr(text, "zone ") + 5, "2"), 60);
}

static void test_nothing(void **state _unused_)
{
        static const unsigned widths[] = { 0, 1, 5, 14 };
        _cleanup_free_ char *text = NULL;
        RunChart c;

        run_chart_begin(&c, 80, 30 * MINUTE);
        run_chart_ceiling(&c, 0, CEILING);
        run_chart_gap(&c, 0, 30 * MINUTE);
        run_chart_add(&c, 0, NAN, true, 1);
        run_chart_add(&c, 1000, INFINITY, true, 1);
        run_chart_add(&c, 2000, 150, false, 1); /* nothing is settled */
        text = drawn(&c);
        assert_string_equal(text, "");
        for (size_t i = 0; i < ELEMENTSOF(widths); i++) {
                _cleanup_free_ char *narrow = NULL;

                run_chart_begin(&c, widths[i], 30 * MINUTE);
                run_chart_gap(&c, 0, MINUTE);
                run_chart_breach(&c, 0, MINUTE);
                run_chart_mark(&c, MINUTE);
                add_course(&c, 30 * MINUTE, 130, INT64_MAX, 0);
                narrow = drawn(&c);
                assert_string_equal(narrow, "");
        }
}

static void test_one_heart_rate(void **state _unused_)
{
        static const int64_t lengths[] = { -5, 0, 1, 999, 1000, 1500 };

        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                _cleanup_free_ char *text = NULL;
                RunChart c;

                run_chart_begin(&c, 80, lengths[i]);
                run_chart_add(&c, 0, 130, true, 1);
                text = drawn(&c);
                assert_non_null(strstr(text, " 130 "));
                assert_non_null(strstr(text, "zone 1\n"));
                assert_non_null(strstr(text, "     |06:31\n"));
        }
}

/* Whatever a database holds, nothing is drawn outside, and no figure is none. */
static void test_nonsense(void **state _unused_)
{
        static const double values[] = { -1e300, -1, 0, 1e-300, 250, 1e9, 1e300 };
        static const int64_t times[] = { INT64_MIN, -1, 0, 1, 5 * MINUTE, INT64_MAX };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                for (size_t j = 0; j < ELEMENTSOF(times); j++) {
                        _cleanup_free_ char *text = NULL;
                        RunChart c;

                        run_chart_begin(&c, 40, 10 * MINUTE);
                        run_chart_gap(&c, times[j], times[ELEMENTSOF(times) - 1 - j]);
                        run_chart_breach(&c, times[j], INT64_MAX);
                        run_chart_mark(&c, times[j]);
                        run_chart_ceiling(&c, times[j], values[ELEMENTSOF(values) - 1 - i]);
                        run_chart_add(&c, 0, 130, true, 1000);
                        run_chart_add(&c, times[j], values[i], true, 7);
                        text = drawn(&c);
                        assert_null(strstr(text, "nan"));
                        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
                                assert_true(strcspn(line, "\n") <= 40);
                }
}

/* Every width and length: no line is wider, the peak is there, times of day stand within the chart. */
static void test_sizes(void **state _unused_)
{
        for (unsigned width = 15; width <= 140; width += 5)
                for (int64_t length = 2 * MINUTE; length <= 30 * 60 * MINUTE; length = length * 3 / 2) {
                        _cleanup_free_ char *text = NULL;
                        unsigned lines = 0;
                        RunChart c;

                        run_chart_begin(&c, width, length);
                        for (int64_t t = 0; t <= length; t += 10000)
                                run_chart_add(&c, t, t == 60000 ? 171 : 140, true, 2);
                        text = drawn(&c);
                        assert_non_null(strstr(text, " 171 "));
                        assert_non_null(strchr(strstr(text, "zone"), '|'));
                        for (const char *line = text; *line; line += strcspn(line, "\n") + 1, lines++)
                                assert_true(strcspn(line, "\n") <= width);
                        assert_in_range(lines, 5, 12);
                }
}

/* In colour: the zone's, and the line goes on across the columns above it. */
static void test_colours(void **state _unused_)
{
        Frame f = { .cells = NULL };
        bool crossed = false;
        RunChart c;

        run_chart_begin(&c, 35, 30 * MINUTE);
        run_chart_ceiling(&c, 0, CEILING);
        add_course(&c, 30 * MINUTE, 130, 20 * MINUTE, 175);
        run_chart_draw(&c, &f, STARTED, true, true);
        assert_true(f.rows >= 8);
        assert_int_equal(frame_at(&f, f.rows - 3, 6)->style, STYLE_ZONE_1);
        assert_int_equal(frame_at(&f, f.rows - 3, 6)->character, 0x2588);
        assert_int_equal(frame_at(&f, f.rows - 3, 32)->style, STYLE_ZONE_3);
        for (unsigned row = 0; row < f.rows; row++)
                if (frame_at(&f, row, 6)->character == 0x2581 && frame_at(&f, row, 6)->style == STYLE_BAD) {
                        assert_int_equal(frame_at(&f, row, 32)->style, STYLE_BAND_BAD);
                        crossed = true;
                }
        assert_true(crossed);
        frame_free(&f);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_course),
                cmocka_unit_test(test_ceiling),
                cmocka_unit_test(test_ceilings),
                cmocka_unit_test(test_gaps),
                cmocka_unit_test(test_unsettled),
                cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_one_heart_rate),
                cmocka_unit_test(test_nonsense),
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_colours),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
