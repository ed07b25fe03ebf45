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
static void test_sizes(void **state _unused_)
{
        Frame f = { .cells = NULL };
        Live l;

        fill(&l);
        for (unsigned rows = 1; rows <= 64; rows++)
                for (unsigned columns = 1; columns <= 130; columns += columns < 50 ? 1 : 7) {
                        frame_resize(&f, rows, columns);
                        view_draw(&l, &now, true, &f);
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
        view_draw(&l, &now, true, &f);
        frame_resize(&f, UINT32_MAX, UINT32_MAX);
        assert_int_equal(f.rows, FRAME_ROWS_MAX);
        assert_int_equal(f.columns, FRAME_COLUMNS_MAX);
        view_draw(&l, &now, true, &f);
        frame_free(&f);
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
                view_draw(&l, &now, true, &f);
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
                        graph_draw(&f, 0, rows, &l, NOW, false);
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
        graph_draw(&f, 0, 6, &l, NOW, true);
        for (unsigned column = 4; column < 80; column++)
                assert_int_equal(frame_at(&f, 2, column)->character, ' ');
        live_put_past(&l, 120, NOW);
        graph_draw(&f, 0, 6, &l, NOW, true);
        assert_int_not_equal(frame_at(&f, 4, 79)->character, ' ');
        frame_resize(&f, 2, 1);
        graph_draw(&f, 0, 2, &l, NOW, true);
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
                cmocka_unit_test(test_frame),
        };

        (void)setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
