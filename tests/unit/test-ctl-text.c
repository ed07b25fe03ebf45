/* SPDX-License-Identifier: MIT */
/* Dates as a runner writes them, where clocks change, months end and the world is not in one place; and text and
 * lengths of time in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/text.h"

static void test_dates(void **state _unused_)
{
        static const struct {
                const char *zone, *text;
                int64_t now;
                const char *date; /* NULL = refused */
        } cases[] = {
                { "UTC0", "today", 1778560260, "2026-05-12" },
                { "UTC0", "yesterday", 1778560260, "2026-05-11" },
                { "UTC0", "0d", 1778560260, "2026-05-12" },
                { "UTC0", "7d", 1778560260, "2026-05-05" },
                { "UTC0", "1w", 1778560260, "2026-05-05" },
                { "UTC0", "2w", 1778560260, "2026-04-28" },
                { "UTC0", "12d", 1778560260, "2026-04-30" }, /* over the end of a month */
                { "UTC0", "yesterday", 1772323200, "2026-02-28" },
                { "UTC0", "yesterday", 1709251200, "2024-02-29" },
                { "UTC0", "365d", 1735689599, "2024-01-01" },
                { "UTC0", "yesterday", 1767225600, "2025-12-31" },
                { "UTC0", "today", 1767225599, "2025-12-31" }, /* the last second of a year */
                { "UTC0", "today", 1767225600, "2026-01-01" },
                /* The same moment is another day elsewhere. */
                { "XXX-14", "today", 1767176400, "2026-01-01" },
                { "XXX+12", "today", 1767268799, "2025-12-31" },
                { "XXX+12", "yesterday", 1767268800, "2025-12-31" },
                { "XXX-5:45", "today", 1767204899, "2025-12-31" },
                { "XXX-5:45", "today", 1767204900, "2026-01-01" },
                /* Central Europe: 2026-03-29 has 23 hours, 2026-10-25 has 25. */
                { "CET-1CEST,M3.5.0,M10.5.0/3", "yesterday", 1774825200, "2026-03-29" }, /* 30th, 01:00 */
                { "CET-1CEST,M3.5.0,M10.5.0/3", "yesterday", 1774821600, "2026-03-29" }, /* 30th, 00:00 */
                { "CET-1CEST,M3.5.0,M10.5.0/3", "2d", 1774821600, "2026-03-28" },
                { "CET-1CEST,M3.5.0,M10.5.0/3", "today", 1774742399, "2026-03-29" },     /* 00:59:59 */
                { "CET-1CEST,M3.5.0,M10.5.0/3", "yesterday", 1792969199, "2026-10-24" }, /* 25th, 23:59:59 */
                { "CET-1CEST,M3.5.0,M10.5.0/3", "1d", 1792969200, "2026-10-25" },
                { "CET-1CEST,M3.5.0,M10.5.0/3", "30w", 1792969200, "2026-03-30" },
                { "UTC0", "2026-05-12", 0, "2026-05-12" },
                { "UTC0", "2024-02-29", 0, "2024-02-29" },
                { "UTC0", "36500d", 1778560260, "1926-06-06" },
                { "UTC0", "2025-02-29", 0, NULL },
                { "UTC0", "2026-13-01", 0, NULL },
                { "UTC0", "2026-00-10", 0, NULL },
                { "UTC0", "2026-5-12", 0, NULL },
                { "UTC0", "2026-05-12 ", 0, NULL },
                { "UTC0", "12.05.2026", 0, NULL },
                { "UTC0", "", 0, NULL },
                { "UTC0", "d", 0, NULL },
                { "UTC0", "w", 0, NULL },
                { "UTC0", "-1d", 0, NULL },
                { "UTC0", "1.5d", 0, NULL },
                { "UTC0", "7 d", 0, NULL },
                { "UTC0", "7m", 0, NULL },
                { "UTC0", "36501d", 0, NULL },
                { "UTC0", "5215w", 0, NULL },
                { "UTC0", "4294967296d", 0, NULL },
                { "UTC0", "613566757w", 0, NULL }, /* times 7 it would wrap */
                { "UTC0", "Today", 0, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char date[DATE_STRING_MAX] = "untouched";
                int r;

                (void)setenv("TZ", cases[i].zone, 1);
                tzset();
                r = date_parse(cases[i].text, cases[i].now, date);
                if (!cases[i].date) {
                        if (r >= 0)
                                fail_msg("'%s' is taken, as %s", cases[i].text, date);
                        assert_string_equal(date, "untouched");
                } else {
                        if (r < 0)
                                fail_msg("'%s' is refused", cases[i].text);
                        assert_string_equal(date, cases[i].date);
                }
        }
        (void)unsetenv("TZ");
        tzset();
}

/* One way in tables, and one in sentences. */
static void test_lengths(void **state _unused_)
{
        static const struct {
                double seconds;
                const char *table, *words;
        } cases[] = {
                { 0, "0:00:00", "0 s" },
                { 0.4, "0:00:00", "0 s" },
                { 59.4, "0:00:59", "59 s" },
                { 59.5, "0:01:00", "1 min" },
                { 60, "0:01:00", "1 min" },
                { 237, "0:03:57", "3 min 57 s" },
                { 3599, "0:59:59", "59 min 59 s" },
                { 3600, "1:00:00", "1 h" },
                { 3629, "1:00:29", "1 h" },
                { 3630, "1:00:30", "1 h 1 min" },
                { 3900, "1:05:00", "1 h 5 min" },
                { 7199, "1:59:59", "2 h" },
                { 36061, "10:01:01", "10 h 1 min" },
                { -1, "?", "?" },
        };
        char buf[HMS_STRING_MAX];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_string_equal(seconds_to_string(cases[i].seconds, buf), cases[i].table);
                assert_string_equal(seconds_to_words(cases[i].seconds, buf), cases[i].words);
        }
}

static void test_words(void **state _unused_)
{
        assert_true(word_is_in("base", "rest base long"));
        assert_true(word_is_in("rest", "rest base long"));
        assert_true(word_is_in("long", "rest base long"));
        assert_false(word_is_in("lon", "rest base long"));
        assert_false(word_is_in("longer", "rest base long"));
        assert_false(word_is_in("", "rest base long"));
        assert_false(word_is_in("rest base", "rest base long"));
}

static void test_contains(void **state _unused_)
{
        static const struct {
                const char *text, *part;
                bool contains;
        } cases[] = {
                { "", "", true },
                { "a", "", true },
                { "", "a", false },
                { "abc", "abc", true },
                { "abc", "abcd", false },
                { "aab", "ab", true },
                { "ABC", "bc", true },
                { "abc", "BC", true },
                { "a%c", "a%c", true },
                { "abc", "a%c", false },
                { "abc", "a_c", false },
                { "\xff\xfe", "a", false },
                { "\xffx", "x", true },
                { "Laufstra\u00dfe", "STRA\u00df", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (text_contains(cases[i].text, cases[i].part) != cases[i].contains)
                        fail_msg("'%s' in '%s'", cases[i].part, cases[i].text);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_dates),
                cmocka_unit_test(test_lengths),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_contains),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
