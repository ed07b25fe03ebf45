/* SPDX-License-Identifier: MIT */
/* The chart of resting heart rates: where the days are, over the end of a year, too, and at every width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cardio/day.h"
#include "cardio/macro.h"
#include "ctl/chart.h"

#define MORNINGS 40

/* What is printed; to be freed. */
static char *draw(unsigned width, bool utf8, const Morning *morning, size_t n, const char *today)
{
        const Output out = { .utf8 = utf8, .width = width };
        FILE *before = stdout;
        char *text = NULL;
        size_t size;
        Day day;

        assert_int_equal(day_parse(today, &day), 0);
        stdout = open_memstream(&text, &size);
        assert_non_null(stdout);
        chart_print(&out, morning, n, day);
        assert_int_equal(fclose(stdout), 0);
        stdout = before;
        return text;
}

/* Forty mornings up to the third of January; the one of New Year's Eve was missed. */
static size_t fill(Morning morning[static MORNINGS])
{
        size_t n = 0;
        Day last, missed;

        assert_int_equal(day_parse("2026-01-03", &last), 0);
        assert_int_equal(day_parse("2025-12-31", &missed), 0);
        for (Day day = last - MORNINGS + 1; day <= last; day++)
                if (day != missed)
                        morning[n++] = (Morning){ .date = day, .heart_rate = day < missed ? 50 : 54 };
        return n;
}

static void test_year_end(void **state _unused_)
{
        Morning morning[MORNINGS];
        size_t n = fill(morning);
        _cleanup_free_ char *wide = draw(80, false, morning, n, "2026-01-03");
        _cleanup_free_ char *narrow = draw(24, false, morning, n, "2026-01-03");
        _cleanup_free_ char *narrowest = draw(18, false, morning, n, "2026-01-03");
        _cleanup_free_ char *blocks = draw(24, true, morning, n, "2026-01-03");

        assert_string_equal(wide, " 57\n"
                                  "                                         :::\n"
                                  "                                         ###\n"
                                  "    :::::::::::::::::::::::::::::::::::: ###\n"
                                  " 47 #################################### ###\n"
                                  "    2025-11-25                    2026-01-03\n");
        assert_string_equal(narrow, " 57\n"
                                    "                     :::\n"
                                    "                     ###\n"
                                    "    :::::::::::::::: ###\n"
                                    " 47 ################ ###\n"
                                    "              2026-01-03\n");
        assert_string_equal(narrowest, " 57\n"
                                       "               :::\n"
                                       "               ###\n"
                                       "    :::::::::: ###\n"
                                       " 47 ########## ###\n"
                                       "        2026-01-03\n");
        assert_string_equal(blocks, " 57\n"
                                    "                     ▄▄▄\n"
                                    "                     ███\n"
                                    "    ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄ ███\n"
                                    " 47 ████████████████ ███\n"
                                    "              2026-01-03\n");
}

/* Nothing is wider than the terminal, and no line ends in a blank. */
static void test_widths(void **state _unused_)
{
        Morning morning[MORNINGS];
        size_t n = fill(morning);

        for (unsigned width = 1; width <= 200; width++) {
                _cleanup_free_ char *text = draw(width, false, morning, n, "2026-01-03");

                assert_int_equal(*text != '\0', width >= 14);
                for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
                        size_t length = strcspn(line, "\n");

                        assert_true(length <= width);
                        assert_true(length == 0 || line[length - 1] != ' ');
                }
        }
}

static void test_nothing(void **state _unused_)
{
        const Morning later = { .heart_rate = 50 };
        Morning tomorrow = later;
        _cleanup_free_ char *none = draw(80, true, NULL, 0, "2026-01-03"), *future = NULL, *long_ago = NULL;

        assert_string_equal(none, "");
        assert_int_equal(day_parse("2026-01-04", &tomorrow.date), 0);
        future = draw(80, true, &tomorrow, 1, "2026-01-03");
        assert_string_equal(future, "");
        long_ago = draw(80, true, &tomorrow, 1, "2027-01-03");
        assert_string_equal(long_ago, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_year_end),
                cmocka_unit_test(test_widths),
                cmocka_unit_test(test_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
