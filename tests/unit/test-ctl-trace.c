/* SPDX-License-Identifier: MIT */
/* The heart rates of a whole run in bounded memory: peaks stay, gaps stay gaps, whatever the length. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/watch/trace.h"

#define SECOND USEC_PER_SEC
#define START  (70000 * SECOND)

static Trace trace; /* large for a stack that also has tests */

static void put(unsigned s, double smoothed)
{
        trace_put(&trace, START + s * SECOND, smoothed, 2, 140);
}

static double high(double from_s, double to_s)
{
        return (double)trace_get(&trace, from_s, to_s, 1e9).high;
}

static void test_put(void **state _unused_)
{
        TraceBucket b;

        trace_begin(&trace, 5, START);
        trace_put(&trace, START - 1, 99, 1, 0); /* before the run */
        put(10, 120);
        put(10, 131);
        put(10, 125);
        put(11, 126);
        b = trace_get(&trace, 10, 11, 1e9);
        assert_true(fabs((double)b.mean - 376.0 / 3) < 1e-3 && b.high == 131.0F && b.ceiling == 140.0F);
        b = trace_get(&trace, 0, 60, 1e9);
        assert_true(fabs((double)b.mean - 502.0 / 4) < 1e-3 && b.high == 131.0F);
        put(3, 110); /* late, from the database */
        assert_true(high(0, 5) == 110);
        assert_true(trace.last_usec == START + 11 * SECOND);
        assert_true(high(60, 70) == 0);
        /* Of the last minutes the zone is not known; the database has it. */
        trace_put(&trace, START + 20 * SECOND, 150, TRACE_ZONE_UNKNOWN, 140);
        trace_put(&trace, START + 20 * SECOND, 150, 3, 140);
        assert_int_equal(trace_get(&trace, 20, 21, 1e9).zone, 3);
}

/* From a minute to a day: a second of 180 is seen, and so is a gap of two minutes; the memory is the same. */
static void test_long_runs(void **state _unused_)
{
        for (unsigned hours = 1; hours <= 24; hours++) {
                unsigned length = hours * 3600, peak = length / 3, gap = length / 2, gaps = 0;
                double columns = 76, column_s = length / columns;

                trace_begin(&trace, 5, START);
                for (unsigned s = 0; s < length; s++)
                        if (s < gap || s >= gap + 120)
                                put(s, s == peak ? 180 : 130);
                assert_true(trace.bucket_s <= length / TRACE_BUCKETS * 2 + 1);
                assert_true(high(0, length) == 180);
                assert_true(high(peak - peak % trace.bucket_s, peak + 1) == 180);
                assert_true(high(0, column_s) == 130);
                assert_true(fabs((double)trace_get(&trace, 0, length, 1e9).mean - 130) < 0.1);
                for (unsigned s = 0; s < length; s += trace.bucket_s)
                        gaps += high(s, s + trace.bucket_s) > 0 ? 0 : trace.bucket_s;
                assert_true(gaps + 2 * trace.bucket_s >= 120 && gaps <= 120);
        }
}

/* A strap that sends every so many seconds has no gaps in between; twice as long without it is none either. */
static void test_interval(void **state _unused_)
{
        static const struct {
                unsigned interval, silence;
                bool gap;
        } cases[] = {
                { 1, 3, false },
                { 1, 8, true },
                { 1, 300, true },
                { 5, 10, false },
                { 5, 20, true },
                { 10, 25, false },
                { 10, 45, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned s = 0, empty = 0;

                trace_begin(&trace, 5, START);
                for (; s < 600; s += cases[i].interval)
                        put(s, 130);
                s += cases[i].silence - cases[i].interval;
                for (unsigned end = s + 300; s < end; s += cases[i].interval)
                        put(s, 130);
                for (unsigned at = 0; at < s - cases[i].interval; at++)
                        empty += trace_get(&trace, at, at + 1, s).high > 0 ? 0 : 1;
                assert_int_equal(empty > 0, cases[i].gap);
        }
}

/* At the end of the axis a heart rate holds for as long as the next one may take; then it is a gap. */
static void test_end(void **state _unused_)
{
        trace_begin(&trace, 5, START);
        for (unsigned s = 0; s <= 100; s++)
                put(s, 130);
        assert_true(trace_get(&trace, 102, 103, 103).high > 0);
        assert_false(trace_get(&trace, 102, 103, 130).high > 0);
        assert_false(trace_get(&trace, 120, 121, 121).high > 0);
}

/* A breach stays marked when buckets become coarser, and none is marked outside of it. */
static void test_flags(void **state _unused_)
{
        unsigned flagged = 0;

        trace_begin(&trace, 5, START);
        put(0, 130);
        trace_flag(&trace, START - 50 * SECOND, START + 2 * SECOND, TRACE_BREACH);
        trace_flag(&trace, START + 1000 * SECOND, START + 1099 * SECOND, TRACE_BREACH);
        trace_flag(&trace, START + 1500 * SECOND, START + 1500 * SECOND, TRACE_MARK);
        put(16000, 130);
        assert_int_equal(trace.bucket_s, 8);
        for (unsigned s = 8; s < 16000; s += 8)
                if (trace_get(&trace, s, s + 8, 16000).flags & TRACE_BREACH)
                        flagged += 8;
        assert_true(flagged >= 100 && flagged <= 112);
        assert_int_equal(trace_get(&trace, 1500, 1501, 16000).flags, TRACE_MARK);
        assert_int_equal(trace_get(&trace, 0, 1, 16000).flags, TRACE_BREACH);
}

static void test_nonsense(void **state _unused_)
{
        trace_begin(&trace, 0, 0);
        trace_put(&trace, START, 120, 1, 0); /* no run */
        assert_true(high(0, 1e9) == 0);
        trace_begin(&trace, 5, START);
        trace_put(&trace, USEC_INFINITY, 120, 1, 0);
        trace_flag(&trace, START, USEC_INFINITY, TRACE_BREACH);
        trace_put(&trace, START, 0, 1, 0);
        trace_put(&trace, START, -3, 1, 0);
        assert_int_equal(trace.bucket_s, 1);
        assert_true(high(0, 1e9) == 0);
        assert_true(high(5, 5) == 0);
        assert_true(high(-5, 5) == 0);
        assert_true(high(1e12, 2e12) == 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_put),
                cmocka_unit_test(test_long_runs),
                cmocka_unit_test(test_interval),
                cmocka_unit_test(test_end),
                cmocka_unit_test(test_flags),
                cmocka_unit_test(test_nonsense),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
