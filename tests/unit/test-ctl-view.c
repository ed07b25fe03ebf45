/* SPDX-License-Identifier: MIT */
/* The live view as a frame: nothing is ever put outside of it, whatever its size; the graph's ceiling lies between rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/watch/graph.h"
#include "ctl/text.h"
#include "ctl/watch/view.h"

#define STRAP  "/org/cardiod1/sensor/A"
#define SECOND USEC_PER_SEC
#define NOW    (100000 * SECOND)

static const ViewMode blocks = { .utf8 = true, .keys = true };
static const ViewNow now = { .boot_usec = NOW, .realtime_usec = 1778560260 * SECOND };

/* A run with everything to tell, in the middle of a breach; the last minutes rise from 100 to 160. */
static void fill(Live *l)
{
        static const uint16_t rr[] = { 512 };
        const FollowerMeasurement m = {
                .path = STRAP, .heart_rate = 161, .smoothed = 160, .zone = 3, .rr = rr, .n_rr = 1
        };
        const SensorProperties strap = { .given = SENSOR_BATTERY | SENSOR_SESSION,
                .name = "\xe5\xbf\x83\xe6\x8b\x8d",
                .state = "live",
                .battery = 100,
                .session = 5 };
        const ManagerProperties manager = { .given = MANAGER_SESSION | MANAGER_CEILING |
                                                     MANAGER_SNOOZED_UNTIL,
                .session = 5,
                .ceiling = 145.55,
                .snoozed_until_usec = 1778560999000000 };

        memset(l, 0, sizeof(*l));
        live_lose(l, REACH_PRESENT);
        live_put_manager(l, &manager, NOW - 1000 * SECOND);
        l->session = (LiveSession){ .id = 5,
                .kind = "cross-training",
                .started_usec = NOW - 36000 * SECOND,
                .tolerance = 2,
                .over_s = 5000,
                .breaches = 17,
                .breach = true,
                .breach_s = 70 };
        live_put_strap(l, STRAP, &strap);
        for (unsigned i = 0; i < 300; i++)
                live_put_past(l, 100 + i / 5.0, NOW - (300 - i) * SECOND);
        (void)live_put_measurement(l, &m, NOW);
}

/* Every size there is, with all there is to show: nothing is written outside, and no row is too wide. */
static void check_sizes(const ViewMode *mode)
{
        Frame f = { .cells = NULL };
        Live l;

        fill(&l);
        for (unsigned rows = 1; rows <= 64; rows++)
                for (unsigned columns = 1; columns <= 130; columns += columns < 50 ? 1 : 7) {
                        frame_resize(&f, rows, columns);
                        view_draw(&l, &now, mode, &f);
                        for (unsigned i = 0; i < rows; i++) {
                                _cleanup_free_ char *row = frame_row(&f, i, false), *clean = NULL;
                                size_t width = 0;

                                /* All but the styles. */
                                for (char *at = row; (at = strstr(at, "\033["));)
                                        memmove(at, at + strcspn(at, "m") + 1,
                                                        strlen(at + strcspn(at, "m") + 1) + 1);
                                clean = text_clean(row);
                                assert_string_equal(clean, row);
                                width = text_width(row);
                                if (width > columns)
                                        fail_msg("%ux%u: row %u is %zu wide", rows, columns, i, width);
                        }
                }
        frame_resize(&f, 0, 0);
        view_draw(&l, &now, mode, &f);
        frame_resize(&f, UINT32_MAX, UINT32_MAX);
        assert_int_equal(f.rows, FRAME_ROWS_MAX);
        assert_int_equal(f.columns, FRAME_COLUMNS_MAX);
        view_draw(&l, &now, mode, &f);
        frame_free(&f);
}

static void test_sizes(void **state _unused_)
{
        const ViewMode whole = {
                .utf8 = true,
                .whole = true,
                .words = "No strap is live: put it on \xe5\xbf\x83\xe6\x8b\x8d and see that it is trusted and connected"
        };

        check_sizes(&blocks);
        check_sizes(&whole);
}

/* However small, there is the heart rate; from two rows on what it comes to. */
static void test_least(void **state _unused_)
{
        Frame f = { .cells = NULL };
        Live l;

        fill(&l);
        l.snoozed_until_usec = 0;
        for (unsigned rows = 1; rows <= 6; rows++) {
                _cleanup_free_ char *number = NULL, *band = NULL;

                frame_resize(&f, rows, 20);
                view_draw(&l, &now, &blocks, &f);
                number = frame_row(&f, rows >= 3, true);
                assert_non_null(strstr(number, "160"));
                if (rows == 1)
                        continue;
                band = frame_row(&f, rows >= 3 ? 2 : 1, true);
                assert_non_null(strstr(band, "TOO"));
        }
        frame_free(&f);
}

static const char *cell(Frame *f, unsigned row, unsigned column)
{
        const FrameCell *c = frame_at(f, row, column);

        return c->character == ' ' ? " " : c->character == '_' ? "_" : c->character == '#' ? "#" : "?";
}

/* Values just above the ceiling reach beyond its line, those at it or below never do. */
static void test_ceiling(void **state _unused_)
{
        static const struct {
                double value;
                bool above;
        } cases[] = { { 139, false }, { 140, false }, { 140.01, true }, { 141, true }, { 170, true } };
        Frame f = { .cells = NULL };

        for (unsigned rows = 3; rows < 12; rows++)
                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        Live l = { .ceiling = 140 };
                        unsigned line = 0, last = 303;
                        const FrameCell *at;

                        live_put_past(&l, 110, NOW - 200 * SECOND);
                        live_put_past(&l, 175, NOW - 100 * SECOND);
                        live_put_past(&l, cases[i].value, NOW);
                        frame_resize(&f, rows, 304); /* a second for each column */
                        graph_draw_minutes(&f, 0, rows, &l, NOW, false);
                        while (line < rows && strcmp(cell(&f, line, 100), "_") != 0)
                                line++;
                        assert_true(line < rows - 1);
                        at = frame_at(&f, line, last);
                        assert_true((at->style != STYLE_BAD || at->character != '_') == cases[i].above);
                        assert_true((frame_at(&f, line + 1, last)->style == STYLE_BAD) == cases[i].above);
                }
        frame_free(&f);
}

/* Without a ceiling, and without anything at all. */
static void test_bare_graph(void **state _unused_)
{
        Frame f = { .cells = NULL };
        Live l = { .ceiling = 0 };

        frame_resize(&f, 6, 80);
        graph_draw_minutes(&f, 0, 6, &l, NOW, true);
        for (unsigned column = 4; column < 80; column++)
                assert_int_equal(frame_at(&f, 2, column)->character, ' ');
        live_put_past(&l, 120, NOW);
        graph_draw_minutes(&f, 0, 6, &l, NOW, true);
        assert_int_not_equal(frame_at(&f, 4, 79)->character, ' ');
        frame_resize(&f, 2, 1);
        graph_draw_minutes(&f, 0, 2, &l, NOW, true);
        frame_free(&f);
}

/* A row as text, without styles. */
static char *row_text(const Frame *f, unsigned row)
{
        char *text = frame_row(f, row, false);

        for (char *at = text; (at = strstr(at, "\033["));)
                memmove(at, at + strcspn(at, "m") + 1, strlen(at + strcspn(at, "m") + 1) + 1);
        return text;
}

/* What the keys do at this moment, in as many words as there is room for. */
static void test_keys(void **state _unused_)
{
        static const struct {
                unsigned columns;
                bool runs, snoozed, whole;
                const char *row;
        } cases[] = {
                { 60, true, false, false, "   s snooze   space stop   m mark   g whole run   q quit" },
                { 60, true, false, true, "  s snooze   space stop   m mark   g last minutes   q quit" },
                { 40, true, false, false, " s snooze  space stop  m mark  g run  q" },
                { 40, true, true, true, "s alerts  space stop  m mark  g back  q" },
                { 46, false, false, false, "s snooze   space start   g whole run   q quit" },
                { 40, false, false, false, "    s snooze  space start  g run  q" },
                { 13, true, false, false, "s space m g q" },
                { 11, false, false, false, "s space g q" },
                { 10, true, false, false, "" },
        };
        Frame f = { .cells = NULL };
        Live l;

        fill(&l);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ViewMode mode = { .keys = true, .whole = cases[i].whole };
                _cleanup_free_ char *row = NULL;

                l.session.id = cases[i].runs ? 5 : 0;
                l.snoozed_until_usec = cases[i].snoozed ? UINT64_MAX : 0;
                frame_resize(&f, 30, cases[i].columns);
                view_draw(&l, &now, &mode, &f);
                row = row_text(&f, 29);
                assert_string_equal(row, cases[i].row);
        }
        frame_free(&f);
}

/* Words stand in the last row, in place of whatever is there; but the heart rate and what it comes to are never covered. */
static void test_words(void **state _unused_)
{
        const ViewMode mode = { .keys = true, .words = "Marked at 0:12:30" };
        Frame f = { .cells = NULL };
        Live l;

        fill(&l);
        l.snoozed_until_usec = 0;
        for (unsigned rows = 1; rows <= 40; rows++) {
                bool words = false, band = false;

                frame_resize(&f, rows, 40);
                view_draw(&l, &now, &mode, &f);
                for (unsigned i = 0; i < rows; i++) {
                        _cleanup_free_ char *row = row_text(&f, i);

                        words = words || strcmp(row, mode.words) == 0;
                        band = band || strstr(row, "TOO FAST");
                }
                assert_true(words == (rows >= 3));
                assert_true(band == (rows >= 2));
        }
        frame_free(&f);
}

/* Long ones are wrapped between words, in as many rows as there are below the verdict, up to four. */
static void test_long_words(void **state _unused_)
{
        static const struct {
                unsigned rows, columns;
                const char *row[4]; /* the last ones */
        } cases[] = {
                { 24, 80,
                                { "", "", "No heart rate from Strap 01 for a minute: the run goes on, but nothing is",
                                                "recorded; wet the electrodes" } },
                { 12, 40,
                                { "", "No heart rate from Strap 01 for a",
                                                "minute: the run goes on, but nothing is",
                                                "recorded; wet the electrodes" } },
        };
        const ViewMode mode = { .keys = true,
                .words = "No heart rate from Strap 01 for a minute: the run goes on, but nothing is recorded; "
                         "wet the electrodes" };
        Frame f = { .cells = NULL };
        Live l = { .reach = REACH_PRESENT };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                frame_resize(&f, cases[i].rows, cases[i].columns);
                view_draw(&l, &now, &mode, &f);
                for (unsigned j = 0; j < 4; j++) {
                        _cleanup_free_ char *row = row_text(&f, cases[i].rows - 4 + j);

                        if (*cases[i].row[j])
                                assert_string_equal(row, cases[i].row[j]);
                }
        }
        frame_free(&f);
}

/* A run of 25 min, a column for each: a warm-up, a breach, a mark, a gap, another ceiling, a steep end. */
static void fill_run(Live *l)
{
        const usec_t began_usec = NOW - 1500 * SECOND;

        trace_begin(&l->trace, 5, began_usec);
        for (unsigned s = 0; s < 1500; s++) {
                unsigned minute = s / 60;
                double smoothed = minute < 4    ? 110
                                  : minute < 8  ? 125
                                  : minute < 12 ? 150
                                  : minute < 22 ? 130
                                                : 160;

                if (minute >= 15 && minute < 18)
                        continue;
                if (minute == 20) /* up and down within a column */
                        smoothed = s % 60 < 30 ? 105 : 145;
                trace_put(&l->trace, began_usec + s * SECOND, smoothed, minute < 22 ? 2 : 5,
                                minute < 20 ? 140 : 150);
        }
        trace_flag(&l->trace, began_usec + 480 * SECOND, began_usec + 719 * SECOND, TRACE_BREACH);
        trace_flag(&l->trace, began_usec + 600 * SECOND, began_usec + 600 * SECOND, TRACE_MARK);
}

static void test_no_run(void **state _unused_)
{
        Frame f = { .cells = NULL };
        _cleanup_free_ char *row = NULL;
        Live l = { .ceiling = 150 };

        frame_resize(&f, 4, 25);
        graph_draw_run(&f, 0, 4, &l, NOW, false);
        row = row_text(&f, 2);
        assert_string_equal(row, "no run yet");
        frame_free(&f);
}

/* Before its first minute is over it does not reach the right edge, and neither does "now". */
static void test_young_run(void **state _unused_)
{
        Frame f = { .cells = NULL };
        _cleanup_free_ char *times = NULL;
        Live l = { .session.id = 5 };

        trace_begin(&l.trace, 5, NOW - 30 * SECOND);
        trace_put(&l.trace, NOW, 120, 1, 0);
        frame_resize(&f, 4, 24);
        graph_draw_run(&f, 0, 4, &l, NOW, false);
        times = row_text(&f, 3);
        assert_string_equal(times, "0:00     now");
        frame_free(&f);
}

static void test_run(void **state _unused_)
{
        static const char *const expected[] = {
                "",
                "                    __:::",
                "____________________| ###", /* a breach crosses the line, in another style */
                "        ####...   ..|.###",
                "    ::::#######   ##:####",
                "....###########   #######",
                "        !!^!",
                "0:00      0:10        now",
        };
        static const struct {
                unsigned row, column;
                Style style;
        } styles[] = {
                { 2, 9, STYLE_BAND_BAD },
                { 2, 3, STYLE_BAD },
                { 3, 9, STYLE_BAD },
                { 4, 6, STYLE_ZONE_2 },
                { 4, 23, STYLE_ZONE_5 },
                { 6, 9, STYLE_BAD },
                { 6, 10, STYLE_BOLD },
        };
        Frame f = { .cells = NULL };
        Live l = { .ceiling = 150, .session.id = 5 };
        _cleanup_free_ char *times = NULL;

        fill_run(&l);
        frame_resize(&f, 8, 25);
        graph_draw_run(&f, 0, 8, &l, NOW, false);
        for (unsigned i = 0; i < 8; i++) {
                _cleanup_free_ char *row = row_text(&f, i);

                assert_string_equal(row, expected[i]);
        }
        for (size_t i = 0; i < ELEMENTSOF(styles); i++)
                assert_int_equal(frame_at(&f, styles[i].row, styles[i].column)->style, styles[i].style);

        /* Over, it is still shown, with its length. */
        l.session.id = 0;
        graph_draw_run(&f, 0, 8, &l, NOW + 9999 * SECOND, true);
        times = row_text(&f, 7);
        assert_string_equal(times, "0:00      0:10    0:24:59");
        frame_free(&f);
}

static void test_frame(void **state _unused_)
{
        _cleanup_free_ char *row = NULL, *full = NULL;
        Frame f = { .cells = NULL };

        frame_resize(&f, 2, 8);
        assert_int_equal(frame_text(&f, 0, 1, 7, STYLE_PLAIN, "a\033b\n"), 4);
        assert_int_equal(frame_text(&f, 0, 5, 3, STYLE_BAD, "\xe5\xbf\x83\xe6\x8b\x8d"),
                        2); /* one and a half fit */
        row = frame_row(&f, 0, true);
        assert_string_equal(row, " a?b?\033[1;31m\xe5\xbf\x83\033[0m");
        assert_false(frame_row_is_full(&f, 0));
        frame_fill(&f, 1, 6, 10, STYLE_PLAIN, '#');
        assert_true(frame_row_is_full(&f, 1));
        full = frame_row(&f, 1, true);
        assert_string_equal(full, "      ##");
        frame_text(&f, 7, 7, 9, STYLE_PLAIN, "nowhere");
        assert_null(frame_at(&f, 2, 0));
        assert_null(frame_at(&f, 0, 8));
        frame_free(&f);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_least),
                cmocka_unit_test(test_ceiling),
                cmocka_unit_test(test_bare_graph),
                cmocka_unit_test(test_keys),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_long_words),
                cmocka_unit_test(test_no_run),
                cmocka_unit_test(test_young_run),
                cmocka_unit_test(test_run),
                cmocka_unit_test(test_frame),
        };

        (void)setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
