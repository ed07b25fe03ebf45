/* SPDX-License-Identifier: MIT */

/* The arithmetic of a session, against figures worked out by hand and against a recorded run. */

#include "cardio/tally.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

static const Runner runner = { .resting = 55, .maximum = 190, .sex = SEX_MALE };

static void test_nothing(void **state)
{
        Tally tally;

        (void)state;
        tally_begin(&tally, &runner, 2, 145);
        assert_true(isnan(tally_average(&tally)));
        assert_true(isnan(tally.min_hr) && isnan(tally.peak_hr));

        /* One heart rate has no length yet, but is one. */
        tally_sample(&tally, 0, 100, 101.5, 1, true);
        assert_int_equal(tally.live_ms, 0);
        assert_true(isnan(tally_average(&tally)));
        assert_true(tally.min_hr == 101.5 && tally.peak_hr == 101.5);
}

/* However odd the times, a constant heart rate is its own mean, to the last bit. */
static void test_constant(void **state)
{
        Tally tally;
        int64_t t = 0;

        (void)state;
        tally_begin(&tally, &runner, 2, NAN);
        for (unsigned i = 0; i < 100000; i++) {
                tally_sample(&tally, t, 140, 140, 2, true);
                t += 1 + (int64_t)(i * 7919 % 2999);
        }
        assert_true(tally_average(&tally) == 140);
        assert_true(tally.min_hr == 140 && tally.peak_hr == 140);
        assert_int_equal(tally.zone_ms[2], tally.live_ms);
        assert_int_equal(tally.over_ms, 0);
}

/* 80 % of the reserve is hard, 65 % is easy, each with its bound, by the smoothed heart rate. */
static void test_hard_and_easy(void **state)
{
        static const struct {
                double smoothed;
                bool hard, easy;
        } rates[] = {
                { 60, false, true },
                { 142.75, false, true },
                { 142.8, false, false },
                { 162.9, false, false },
                { 163, true, false },
                { 200, true, false },
        };
        Tally tally, unknown;
        int64_t hard_ms = 0, easy_ms = 0, ms = 1;

        (void)state;
        tally_begin(&tally, &runner, 2, NAN);
        tally_begin(&unknown, &(Runner){ .sex = SEX_MALE }, 2, NAN);
        for (size_t i = 0; i < ELEMENTSOF(rates); i++, ms *= 2) {
                tally_sample(&tally, ms, 100, rates[i].smoothed, 1, true);
                tally_sample(&unknown, ms, 100, rates[i].smoothed, 1, true);
                hard_ms += rates[i].hard ? ms : 0;
                easy_ms += rates[i].easy ? ms : 0;
        }
        tally_sample(&tally, ms, 100, 150, 1, true);
        tally_sample(&unknown, ms, 100, 150, 1, true);
        assert_int_equal(tally.hard_ms, hard_ms);
        assert_int_equal(tally.easy_ms, easy_ms);
        assert_int_equal(unknown.hard_ms, 0);
        assert_int_equal(unknown.easy_ms, 0);
}

/* Of a gap of a minute two seconds are credited, to the heart rate before it. */
static void test_gap(void **state)
{
        Tally tally;

        (void)state;
        tally_begin(&tally, &runner, 0, NAN);
        tally_sample(&tally, 0, 100, 100, 0, true);
        tally_sample(&tally, 1000, 120, 120, 1, true);
        tally_sample(&tally, 61000, 150, 150, 7, true);
        tally_sample(&tally, 63000, 150, 150, 7, true);
        assert_int_equal(tally.live_ms, 5000);
        assert_int_equal(tally.zone_ms[0], 1000);
        assert_int_equal(tally.zone_ms[1], 2000);
        assert_int_equal(tally.zone_ms[7], 2000);
        assert_true(tally_average(&tally) == (100. + 240 + 300) / 5);
}

/* A watch that sends every 5 s keeps its time: all but 3 s of the first interval, before which nothing is known of it. */
static void test_slow_watch(void **state)
{
        Tally tally;

        (void)state;
        tally_begin(&tally, &runner, 0, 145);
        for (int64_t t = 0; t <= 60000; t += 5000)
                tally_sample(&tally, t, t < 30000 ? 140 : 150, t < 30000 ? 140 : 150, t < 30000 ? 2 : 3,
                                true);
        assert_int_equal(tally.live_ms, 57000);
        assert_int_equal(tally.zone_ms[2], 27000); /* five and the first */
        assert_int_equal(tally.zone_ms[3], 30000);
        assert_int_equal(tally.over_ms, 30000);
        assert_true(tally_average(&tally) == (27. * 140 + 30. * 150) / 57);

        /* Of a gap of ten minutes as much as of any other interval; and of one that is usual, 12 s at most. */
        tally_sample(&tally, 660000, 150, 150, 3, true);
        assert_int_equal(tally.live_ms, 62000);
        for (int64_t t = 690000; t <= 990000; t += 30000)
                tally_sample(&tally, t, 150, 150, 3, true);
        tally.live_ms = 0;
        tally_sample(&tally, 1020000, 150, 150, 3, true);
        assert_int_equal(tally.live_ms, 12000);
}

/* One that does not count, unsettled or frozen, is no peak and no minimum; its time, its mean, its zone and whether it was
 * over count all the same. */
static void test_what_does_not_count(void **state)
{
        static const struct {
                uint16_t bpm;
                double smoothed;
                bool counts;
                double min_hr, peak_hr; /* so far; 0 = none yet */
        } rates[] = {
                { 228, 228, false, 0, 0 },
                { 135, 181.5, false, 0, 0 },
                { 135, 135, false, 0, 0 },
                { 135, 135, true, 135, 135 },
                { 30, 82.5, false, 135, 135 },
                { 136, 134.5, true, 134.5, 135 },
                { 240, 240, false, 134.5, 135 },
                { 138, 137, true, 134.5, 137 },
                { 138, 137, true, 134.5, 137 },
        };
        Tally tally;

        (void)state;
        tally_begin(&tally, &runner, 2, 145);
        for (size_t i = 0; i < ELEMENTSOF(rates); i++) {
                tally_sample(&tally, (int64_t)i * 1000, rates[i].bpm, rates[i].smoothed, 1, rates[i].counts);
                if (rates[i].min_hr > 0)
                        assert_true(tally.min_hr == rates[i].min_hr && tally.peak_hr == rates[i].peak_hr);
                else
                        assert_true(isnan(tally.min_hr) && isnan(tally.peak_hr));
        }
        assert_int_equal(tally.live_ms, 8000);
        assert_int_equal(tally.zone_ms[1], 8000);
        assert_int_equal(tally.over_ms, 3000);
        assert_true(tally_average(&tally) == (228 + 3 * 135 + 30 + 136 + 240 + 138) / 8.);
}

/* Above is more than the tolerance above, by the smoothed value, under the ceiling that the earlier one
 * met. */
static void test_over(void **state)
{
        Tally tally;

        (void)state;
        tally_begin(&tally, &runner, 2, 145);
        tally_sample(&tally, 0, 180, 147, 3,
                        true); /* at the tolerance: not above, whatever the beat itself */
        assert_false(tally.last_over);
        tally_sample(&tally, 1000, 100, 147.5, 3, true);
        assert_true(tally.last_over);
        tally_ceiling(&tally, 160); /* from here on, not for the second that has begun */
        tally_sample(&tally, 2000, 150, 150, 3, true);
        assert_int_equal(tally.over_ms, 1000);
        tally_ceiling(&tally, NAN);
        tally_sample(&tally, 3000, 200, 200, 4, true);
        tally_ceiling(&tally, 100);
        tally_sample(&tally, 4000, 200, 200, 4, true);
        tally_sample(&tally, 9000, 90, 90, 0, true);
        assert_int_equal(tally.over_ms, 3000);
        assert_int_equal(tally.live_ms, 6000);
        assert_true(tally.min_hr == 90 && tally.peak_hr == 200);
}

static void test_unknown_runner(void **state)
{
        Tally tally;

        (void)state;
        tally_begin(&tally, &(Runner){ 0 }, 0, NAN);
        tally_sample(&tally, 0, 100, 100, 0, true);
        tally_sample(&tally, 1000, 100, 100, 0, true);
        assert_false(tally_has_trimp(&tally));
        assert_true(tally_trimp(&tally) == 0);
}

/* A recorded run of 28 minutes at one row a second: its training load by Banister's formula, and its mean. */
static void test_recorded_run(void **state)
{
        static const struct {
                Sex sex;
                double trimp;
        } loads[] = { { SEX_MALE, 60.766 }, { SEX_FEMALE, 67.112 } };
        FILE *file;

        (void)state;
        file = fopen(TEST_DATA "/garmin-strap-run/records.csv", "re");
        if (!file) {
                print_message("%s is not here\n", TEST_DATA "/garmin-strap-run/records.csv");
                skip();
        }
        for (size_t i = 0; i < ELEMENTSOF(loads); i++) {
                Runner who = { .resting = 55, .maximum = 190, .sex = loads[i].sex };
                unsigned heart_rate, n = 0;
                double t_s;
                Tally tally;

                rewind(file);
                assert_int_equal(fscanf(file, "%*[^\n]"), 0); /* the heading */
                tally_begin(&tally, &who, 2, NAN);
                while (fscanf(file, "%lf,%u", &t_s, &heart_rate) == 2) {
                        tally_sample(&tally, lround(t_s * 1000), (uint16_t)heart_rate, heart_rate, 0, true);
                        n++;
                }
                assert_int_equal(n, 1681);
                assert_true(fabs(tally_trimp(&tally) - loads[i].trimp) < 0.0005);
                assert_int_equal(lround(tally_average(&tally)), 158);
                assert_true(tally.peak_hr == 177);
        }
        fclose(file);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_constant),
                cmocka_unit_test(test_hard_and_easy),
                cmocka_unit_test(test_gap),
                cmocka_unit_test(test_slow_watch),
                cmocka_unit_test(test_what_does_not_count),
                cmocka_unit_test(test_over),
                cmocka_unit_test(test_unknown_runner),
                cmocka_unit_test(test_recorded_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
