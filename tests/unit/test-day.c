/* SPDX-License-Identifier: MIT */

/* The calendar: every day of six times four hundred years there and back, and which date it is where the runner is. */

#include "cardio/day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "cardio/macro.h"

static Day day(const char *text)
{
        Day d;

        if (day_parse(text, &d) < 0)
                fail_msg("%s is no day", text);
        return d;
}

/* Counted up by hand, a day at a time, and against the C library. */
static void test_every_day(void **state)
{
        static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        unsigned y = 1, m = 1, d = 1;
        int weekday = 0;

        (void)state;
        for (Day n = DAY_MIN; y <= 2400; n++) {
                char buf[DAY_STRING_MAX];
                unsigned length = lengths[m - 1], month, dom;
                int year;
                Day back;

                if (m == 2 && (y % 400 == 0 || (y % 4 == 0 && y % 100 != 0)))
                        length = 29;
                day_to_civil(n, &year, &month, &dom);
                if (year != (int)y || month != m || dom != d)
                        fail_msg("day %d: %d-%u-%u, expected %u-%u-%u", n, year, month, dom, y, m, d);
                assert_int_equal(day_from_civil(year, month, dom, &back), 0);
                assert_int_equal(back, n);
                assert_int_equal(day_of_week(n), weekday);
                assert_int_equal(day_parse(day_to_string(n, buf), &back), 0);
                assert_int_equal(back, n);
                if (n % 97 == 0) {
                        time_t at = (time_t)n * 86400;
                        struct tm tm;

                        assert_non_null(gmtime_r(&at, &tm));
                        assert_int_equal(tm.tm_year + 1900, year);
                        assert_int_equal(tm.tm_yday >= 0 ? tm.tm_mday : 0, dom);
                        assert_int_equal((tm.tm_wday + 6) % 7, weekday);
                }

                weekday = (weekday + 1) % 7;
                if (++d > length) {
                        d = 1;
                        if (++m > 12) {
                                m = 1;
                                y++;
                        }
                }
        }
        assert_int_equal(y, 2401);
}

static void test_known_days(void **state)
{
        char buf[DAY_STRING_MAX];

        (void)state;
        assert_int_equal(day("1970-01-01"), 0);
        assert_int_equal(day("2000-02-29"), 11016);
        assert_int_equal(day("2024-03-01") - day("2024-02-28"), 2);
        assert_int_equal(day("2100-03-01") - day("2100-02-28"), 1);
        assert_string_equal(day_to_string(day("0001-01-01"), buf), "0001-01-01");
        assert_string_equal(day_to_string(day("9999-12-31"), buf), "9999-12-31");
}

static void test_refused(void **state)
{
        static const char *const texts[] = {
                "",
                "2026",
                "2026-02",
                "2026-02-",
                "2026-02-1",
                "2026-02-29",
                "2100-02-29",
                "2026-04-31",
                "2026-00-10",
                "2026-13-10",
                "2026-01-00",
                "2026-01-32",
                "0000-01-01",
                "10000-01-01",
                "2026/01/01",
                "2026-01-01 ",
                " 2026-01-01",
                "2026-1-01",
                "+026-01-01",
                "26-01-01",
                "2026-01-011",
                "today",
                "2026-01-0a",
                "20260101",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                Day d = 4711;

                if (day_parse(texts[i], &d) != -EINVAL)
                        fail_msg("\"%s\" was taken", texts[i]);
                assert_int_equal(d, 4711);
        }
        assert_false(day_is_valid(2026, 2, 29));
        assert_true(day_is_valid(2028, 2, 29));
        assert_false(day_is_valid(-1, 1, 1));
}

/* Where the runner's clock stands decides, not the one in Greenwich. */
static void test_local_date(void **state)
{
        static const struct {
                int64_t unix_s;
                int offset_s;
                const char *date;
        } cases[] = {
                { 0, 0, "1970-01-01" },
                { 0, -1, "1969-12-31" },
                { -1, 0, "1969-12-31" },
                { -1, 1, "1970-01-01" },
                /* 2024-02-28 23:30 UTC: a leap day has begun in Berlin, not yet in New York. */
                { 1709163000, 3600, "2024-02-29" },
                { 1709163000, -5 * 3600, "2024-02-28" },
                /* A morning on either side of the date line. */
                { 1717200000, 14 * 3600, "2024-06-01" },
                { 1717200000, -11 * 3600, "2024-05-31" },
                /* Berlin, 2026-03-29: an hour is left out, 00:30 and 23:30 are the same date at other offsets. */
                { 1774740600, 3600, "2026-03-29" },
                { 1774819800, 7200, "2026-03-29" },
                { 1774819800, 3600, "2026-03-29" },
                { 1774821600, 7200, "2026-03-30" },
                /* 2026-10-25: an hour comes twice; its two midnights are 25 hours apart. */
                { 1792879200, 7200, "2026-10-25" },
                { 1792879199, 7200, "2026-10-24" },
                { 1792969199, 3600, "2026-10-25" },
                { 1792969200, 3600, "2026-10-26" },
        };
        char buf[DAY_STRING_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Day d = day_of_moment(cases[i].unix_s * 1000, cases[i].offset_s);

                if (strcmp(day_to_string(d, buf), cases[i].date) != 0)
                        fail_msg("case %zu: %s, expected %s", i, buf, cases[i].date);
        }
        assert_int_equal(day_of_moment(INT64_MIN, 0), DAY_MIN);
        assert_int_equal(day_of_moment(INT64_MAX, 86400), DAY_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_day),
                cmocka_unit_test(test_known_days),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_local_date),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
