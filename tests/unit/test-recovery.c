/* SPDX-License-Identifier: MIT */

/* Heart-rate recovery: that the end of effort is found in a recorded exercise test, and in runs made by a model of how a heart
 * slows down; and that there is no figure where there was no end. */

#include "cardio/recovery.h"

#include <math.h>
#include <stdio.h>

#include "cardio/ring.h"
#include "cardio/rr.h"
#include "cardio/smoother.h"
#include "numbers-fixture.h"

#define TAU_S 58.0 /* of a runner's heart rate: Hunt, 2015 */

static Recovery recovery;

typedef struct Run {
        double bpm; /* where the heart rate is */
        unsigned seconds;
        uint32_t random;
} Run;

static void begin(Run *run, double bpm)
{
        *run = (Run){ .bpm = bpm, .random = 1 };
        recovery_begin(&recovery);
}

static double noise(Run *run)
{
        double sum = -6;

        for (unsigned i = 0; i < 12; i++) {
                run->random = run->random * 1664525 + 1013904223;
                sum += (double)(run->random >> 8) / (1 << 24);
        }
        return sum;
}

/* So many seconds on the way to a heart rate, as a strap shows it, and a median of it. */
static void go(Run *run, unsigned seconds, double to, double tau)
{
        for (unsigned i = 0; i < seconds; i++) {
                run->bpm += (to - run->bpm) / tau;
                recovery_heart_rate(
                                &recovery, (int64_t)run->seconds * 1000, round(run->bpm + noise(run)), true);
                run->seconds++;
        }
}

static double hrr60(int64_t *ret_end_t)
{
        return recovery_hrr60(&recovery, 50, ret_end_t);
}

static void test_end_of_a_run(void **state)
{
        static const struct {
                double level, rest, tau;
        } runs[] = {
                { 150, 80, TAU_S },
                { 178, 95, TAU_S },
                { 165, 90, 40 },
                { 140, 110, TAU_S },
                { 150, 80, 90 },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
                double expected = (runs[i].level - runs[i].rest) * (1 - exp(-60 / runs[i].tau)), found;
                int64_t end_t = -1;
                Run run;

                begin(&run, 90);
                go(&run, 1500, runs[i].level, TAU_S);
                go(&run, 180, runs[i].rest, runs[i].tau);
                found = hrr60(&end_t);
                if (!(fabs(found - expected) <= 4) || llabs(end_t - 1500 * 1000) > 20 * 1000)
                        fail_msg("from %g to %g: %g instead of %g, at %.0f s", runs[i].level, runs[i].rest,
                                        found, expected, (double)end_t / 1000);
        }
}

/* The last end counts, of what is effort for this session: not that of the walk afterwards. */
static void test_intervals(void **state)
{
        int64_t end_t = -1;
        Run run;

        (void)state;
        begin(&run, 100);
        go(&run, 600, 140, 30);
        for (unsigned i = 0; i < 5; i++) {
                go(&run, 180, 178, 30);
                go(&run, 120, 135, 30);
        }
        go(&run, 600, 105, TAU_S);
        go(&run, 180, 75, TAU_S);
        assert_false(isnan(hrr60(&end_t)));
        assert_true(llabs(end_t - 2100 * 1000) < 20 * 1000);
}

static void test_no_end(void **state)
{
        Run run;

        (void)state;
        begin(&run, 100);
        assert_true(isnan(hrr60(NULL)));
        go(&run, 1500, 150, TAU_S);
        assert_true(isnan(hrr60(NULL)));
        /* The strap is taken off at once. */
        go(&run, 50, 80, TAU_S);
        assert_true(isnan(hrr60(NULL)));
        /* On from a run to a slower one. */
        begin(&run, 100);
        go(&run, 1500, 150, TAU_S);
        go(&run, 600, 140, TAU_S);
        assert_true(isnan(hrr60(NULL)));
        /* Slower and slower. */
        begin(&run, 100);
        go(&run, 900, 150, TAU_S);
        for (unsigned i = 0; i < 60; i++)
                go(&run, 10, 150 - i, 10);
        assert_true(isnan(hrr60(NULL)));
        /* A gap where it would be seen. */
        begin(&run, 100);
        go(&run, 1500, 150, TAU_S);
        go(&run, 20, 80, TAU_S);
        run.seconds += 60;
        go(&run, 120, 80, 1);
        assert_true(isnan(hrr60(NULL)));
}

/* Two hours on, only the last is known. */
static void test_long(void **state)
{
        int64_t end_t = -1;
        Run run;

        (void)state;
        begin(&run, 100);
        go(&run, 3 * 3600, 150, TAU_S);
        go(&run, 90, 80, TAU_S);
        assert_float_equal(hrr60(&end_t), 45, 4);
        assert_true(llabs(end_t - 3 * 3600 * 1000) < 20 * 1000);
}

/* Exercise to 36:10; in medians of 10 s the heart rate is 104 at 36:00, 83 from 37:00 to 37:15. */
static void test_recorded(void **state)
{
        static double rr[NUMBERS_MAX];
        static Ring ring;
        size_t n = numbers_load("hrv-rhenanbartels/exercise_rri.hrm", "[HRData]", rr);
        double t = 0, found;
        int64_t end_t = -1;
        Smoother smoother = { .n = 0 };
        RrFilter filter = { 0 };

        (void)state;
        recovery_begin(&recovery);
        for (size_t i = 0; i < n; i++) {
                Measurement m = { .heart_rate = (uint16_t)lround(60000 / rr[i]) };
                double difference;

                t += rr[i];
                if (!rr_filter_push(&filter, (uint16_t)lround(rr[i] * 1.024), RR_TOLERANCE_REST, &difference))
                        continue;
                ring_push(&ring, (usec_t)(t * 1000), &m)->stale_usec = 5 * USEC_PER_SEC;
                recovery_heart_rate(&recovery, llround(t),
                                smoother_update(&smoother, &ring, 5 * USEC_PER_SEC, NULL), true);
        }
        found = recovery_hrr60(&recovery, 70, &end_t);
        if (!(found >= 19 && found <= 23) || llabs(end_t - (36 * 60 + 10) * 1000) > 10 * 1000)
                fail_msg("%g at %.0f s", found, (double)end_t / 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_end_of_a_run),
                cmocka_unit_test(test_intervals),
                cmocka_unit_test(test_no_end),
                cmocka_unit_test(test_long),
                cmocka_unit_test(test_recorded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
