/* SPDX-License-Identifier: MIT */

/* The resting heart rate: which mornings count, and how one is measured. */

#include "cardio/resting.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "cardio/variability.h"

#define CONFIGURED 61.5
#define DATE       20000

/* -- The figure in force -- */

typedef struct Case {
        struct {
                int days_ago;
                double heart_rate;
        } morning[12];
        size_t n;
        double expected;
        bool provisional;
        unsigned mornings;
} Case;

static void test_in_force(void **state)
{
        static const Case cases[] = {
                { .n = 0, .expected = CONFIGURED, .provisional = true },
                { { { 0, 50 } }, 1, 50, true, 1 },
                { { { 3, 50 }, { 1, 53 } }, 2, 51.5, true, 2 },
                /* Seven dates, in any order; an eighth, older, is left out. */
                { { { 6, 50 }, { 5, 51 }, { 4, 52 }, { 3, 53 }, { 2, 54 }, { 1, 55 }, { 0, 56 } }, 7, 53,
                                false, 7 },
                { { { 0, 56 }, { 7, 90 }, { 6, 50 }, { 5, 51 }, { 4, 52 }, { 3, 53 }, { 2, 54 }, { 1, 55 } },
                                8, 53, false, 7 },
                /* Not in a row, but within 28 days: today and the 27 before it. */
                { { { 27, 50 }, { 20, 51 }, { 16, 52 }, { 12, 53 }, { 8, 54 }, { 4, 55 }, { 0, 56 } }, 7, 53,
                                false, 7 },
                { { { 28, 50 }, { 20, 51 }, { 16, 52 }, { 12, 53 }, { 8, 54 }, { 4, 55 }, { 0, 56 } }, 7,
                                53.5, true, 6 },
                /* Several mornings on one date are one. */
                { { { 0, 50 }, { 0, 60 }, { 1, 65 } }, 3, 60, true, 2 },
                { { { 6, 53 }, { 5, 53 }, { 4, 53 }, { 3, 53 }, { 2, 53 }, { 1, 53 }, { 1, 53 } }, 7, 53,
                                true, 6 },
                /* None in 28 days: the mean as it was then, of the dates that counted then. */
                { { { 28, 50 } }, 1, 50, true, 1 },
                { { { 100, 50 }, { 101, 52 }, { 127, 54 }, { 128, 90 } }, 4, 52, true, 3 },
                { { { 46, 50 }, { 45, 51 }, { 44, 52 }, { 43, 53 }, { 42, 54 }, { 41, 55 }, { 40, 56 } }, 7,
                                53, true, 7 },
                /* Tomorrow is not known yet. */
                { { { -1, 50 } }, 1, CONFIGURED, true, 0 },
                { { { -1, 50 }, { 2, 58 } }, 2, 58, true, 1 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Morning morning[12];
                RestingInForce r;

                for (size_t k = 0; k < cases[i].n; k++)
                        morning[k] = (Morning){ DATE - cases[i].morning[k].days_ago,
                                cases[i].morning[k].heart_rate, 0 };
                r = resting_in_force(morning, cases[i].n, DATE, CONFIGURED);
                if (r.heart_rate != cases[i].expected || r.provisional != cases[i].provisional ||
                                r.mornings != cases[i].mornings)
                        fail_msg("case %zu: %g, %s, %u", i, r.heart_rate,
                                        r.provisional ? "provisional" : "firm", r.mornings);
        }
}

/* It falls in heavy training, and the mean goes with it: after seven mornings nothing is left of before. */
static void test_moves(void **state)
{
        Morning morning[40];

        (void)state;
        for (int i = 0; i < 40; i++)
                morning[i] = (Morning){ DATE + i, i < 20 ? 60 : 46, 0 };
        assert_true(resting_in_force(morning, 40, DATE + 19, CONFIGURED).heart_rate == 60);
        assert_true(resting_in_force(morning, 40, DATE + 20, CONFIGURED).heart_rate == 58);
        assert_true(resting_in_force(morning, 40, DATE + 25, CONFIGURED).heart_rate == 48);
        assert_true(resting_in_force(morning, 40, DATE + 26, CONFIGURED).heart_rate == 46);
        assert_true(resting_on(morning, 40, DATE + 20) == 46);
        assert_true(isnan(resting_on(morning, 40, DATE + 40)));
}

/* -- Measuring it -- */

#define BEGIN (77 * USEC_PER_SEC + 300000)
#define STALE (5 * USEC_PER_SEC)

/* One that lasts so many seconds, with a heart rate of its own each. */
typedef double (*HeartFunc)(unsigned second);

static RestingMeasurement *measure(unsigned seconds, HeartFunc heart)
{
        RestingMeasurement *m = malloc(sizeof(*m));

        assert_non_null(m);
        assert_int_equal(resting_begin(m, seconds, BEGIN), 0);
        for (unsigned s = 0; s < m->seconds; s++) {
                double heart_rate = heart(s);

                if (heart_rate > 0)
                        resting_heart_rate(m, BEGIN + s * USEC_PER_SEC + 400000, STALE, heart_rate, NULL, 0);
        }
        return m;
}

static RestingState result(RestingMeasurement *m, RestingResult *ret)
{
        RestingState state = resting_state(m, resting_deadline(m), ret);

        free(m);
        return state;
}

static double steady(unsigned second)
{
        return 50 + second % 2;
}

/* Settles as a heart does, from 75 with a time constant of 58 s. */
static double settling(unsigned second)
{
        return 50 + 25 * exp(-(double)second / 58);
}

/* Lowest in the first minute, which does not count, then twice at rest, with a turn in bed between. */
static double turning(unsigned second)
{
        if (second < 60)
                return 45;
        return second < 125 ? 54 : second < 150 ? 80 : second < 215 ? 52 : 58;
}

/* Breathing alone: 8 up, 8 down, every 10 s. */
static double breathing(unsigned second)
{
        return 55 + 8 * sin(second * 2 * M_PI / 10);
}

static double rising(unsigned second)
{
        return 60 + second * 0.12;
}

static double fidgeting(unsigned second)
{
        return second / 20 % 2 ? 56 : 75;
}

static double walking(unsigned second)
{
        return 125 + second % 3;
}

static double absent(unsigned second)
{
        (void)second;
        return 0;
}

/* There is never a whole minute of it. */
static double gaps(unsigned second)
{
        return second % 50 < 8 ? 0 : 55;
}

/* Slow straps and lost packets: nothing for up to five seconds is no gap. */
static double sparse(unsigned second)
{
        return second % 6 == 0 ? 55 : 0;
}

static void test_results(void **state)
{
        static const struct {
                const char *name;
                unsigned seconds;
                HeartFunc heart;
                RestingState state;
                double heart_rate, tolerance;
        } cases[] = {
                { "steady", 300, steady, RESTING_DONE, 50.5, 0 },
                { "steady", 120, steady, RESTING_DONE, 50.5, 0 },
                { "steady", RESTING_SECONDS_MAX, steady, RESTING_DONE, 50.5, 0 },
                { "steady", 0, steady, RESTING_DONE, 50.5, 0 },
                { "steady", 60, steady, RESTING_DONE, 50.5, 0 },
                { "steady", 30, steady, RESTING_DONE, 50.5, 0.05 },
                { "settling", 300, settling, RESTING_DONE, 50.25, 0.05 },
                { "turning", 300, turning, RESTING_DONE, 52, 0 },
                { "turning", 140, turning, RESTING_DONE, 54, 0 },
                { "breathing", 300, breathing, RESTING_DONE, 55, 0.01 },
                { "sparse", 300, sparse, RESTING_DONE, 55, 0 },
                { "rising", 300, rising, RESTING_MOVING, 0, 0 },
                { "fidgeting", 300, fidgeting, RESTING_MOVING, 0, 0 },
                { "walking", 300, walking, RESTING_MOVING, 0, 0 },
                { "absent", 300, absent, RESTING_NO_DATA, 0, 0 },
                { "gaps", 300, gaps, RESTING_NO_DATA, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                RestingResult r = { .heart_rate = -1, .rmssd = -1 };
                RestingState found = result(measure(cases[i].seconds, cases[i].heart), &r);

                if (found != cases[i].state)
                        fail_msg("%s, %u s: state %d", cases[i].name, cases[i].seconds, (int)found);
                if (found != RESTING_DONE)
                        assert_true(r.heart_rate == -1 && r.rmssd == -1);
                else if (!(fabs(r.heart_rate - cases[i].heart_rate) <= cases[i].tolerance) || !isnan(r.rmssd))
                        fail_msg("%s, %u s: %.17g", cases[i].name, cases[i].seconds, r.heart_rate);
        }
}

/* What is said while it goes on; and who walks is notified as soon as the heart should have settled. */
static void test_states(void **state)
{
        RestingMeasurement *m = measure(300, steady);
        RestingResult r;

        (void)state;
        assert_true(resting_deadline(m) == BEGIN + 300 * USEC_PER_SEC);
        assert_int_equal(resting_state(m, BEGIN, &r), RESTING_SETTLING);
        assert_int_equal(resting_state(m, BEGIN + 59 * USEC_PER_SEC, &r), RESTING_SETTLING);
        assert_int_equal(resting_state(m, BEGIN + 60 * USEC_PER_SEC, &r), RESTING_MEASURING);
        assert_int_equal(resting_state(m, BEGIN + 300 * USEC_PER_SEC - 1, &r), RESTING_MEASURING);
        assert_int_equal(resting_state(m, BEGIN + 300 * USEC_PER_SEC, &r), RESTING_DONE);
        free(m);

        m = measure(300, walking);
        assert_int_equal(resting_state(m, BEGIN + 59 * USEC_PER_SEC, &r), RESTING_SETTLING);
        assert_int_equal(resting_state(m, BEGIN + 60 * USEC_PER_SEC, &r), RESTING_MOVING);
        free(m);
}

static void test_lengths(void **state)
{
        RestingMeasurement *m = malloc(sizeof(*m));

        (void)state;
        assert_non_null(m);
        assert_int_equal(resting_begin(m, RESTING_SECONDS_MIN - 1, BEGIN), -ERANGE);
        assert_int_equal(resting_begin(m, RESTING_SECONDS_MAX + 1, BEGIN), -ERANGE);
        assert_int_equal(resting_begin(m, UINT32_MAX, BEGIN), -ERANGE);
        assert_int_equal(resting_begin(m, 0, BEGIN), 0);
        assert_true(resting_deadline(m) == BEGIN + RESTING_SECONDS_DEFAULT * USEC_PER_SEC);
        /* Before the beginning and after the end nothing is taken. */
        resting_heart_rate(m, BEGIN - 1, STALE, 55, NULL, 0);
        resting_heart_rate(m, resting_deadline(m), STALE, 55, NULL, 0);
        assert_true(m->last_usec == 0);
        free(m);
}

/* -- Variability -- */

#define RR_OF_MS(ms) ((uint16_t)((ms)*1.024 + 0.5))

/* Beats of 1000 and 1040 ms in turn, as 1024 and 1065 in 1/1024 s: differences of 40.04 ms, one way and the other. */
static void test_rmssd(void **state)
{
        const double difference = 41 * 1000.0 / 1024;
        RestingMeasurement *m = malloc(sizeof(*m));
        RestingResult r;

        (void)state;
        assert_non_null(m);
        assert_int_equal(resting_begin(m, 120, BEGIN), 0);
        for (unsigned s = 0; s < 120; s++) {
                uint16_t rr[2] = { s % 2 ? 1065 : 1024, 0 };
                size_t n = 1;

                /* An extra beat now and then, which is none of the heart's. */
                if (s % 20 == 10)
                        rr[n++] = 300;
                resting_heart_rate(m, BEGIN + s * USEC_PER_SEC, STALE, 59, rr, n);
        }
        assert_int_equal(result(m, &r), RESTING_DONE);
        assert_true(fabs(r.rmssd - difference) < 1e-3);
        /* 30 of each, of 60 beats. */
        assert_true(fabs(r.sdnn - difference / 2 * sqrt(60.0 / 59)) < 1e-6);
        assert_true(r.pnn50 == 0);
}

/* The differences of the same minute as the heart rate, and of no other. */
static void test_rmssd_of_the_window(void **state)
{
        RestingMeasurement *m = malloc(sizeof(*m));
        RestingResult r;

        (void)state;
        assert_non_null(m);
        assert_int_equal(resting_begin(m, 300, BEGIN), 0);
        for (unsigned s = 0; s < 300; s++) {
                bool low = s >= 150 && s < 225;
                uint16_t rr = (uint16_t)(1024 + (s % 2) * (low ? 20 : 90));

                resting_heart_rate(m, BEGIN + s * USEC_PER_SEC, STALE, low ? 55 : 58, &rr, 1);
        }
        assert_int_equal(result(m, &r), RESTING_DONE);
        assert_true(r.heart_rate == 55);
        assert_true(fabs(r.rmssd - 20 * 1000.0 / 1024) < 3);
}

/* As of the same beats with the intervals themselves: a beat that is none and a silence have no differences. */
static void test_variability(void **state)
{
        RestingMeasurement *m = malloc(sizeof(*m));
        Variability v = { .n = 0 };
        RestingResult r;

        (void)state;
        assert_non_null(m);
        assert_int_equal(resting_begin(m, 60, BEGIN), 0); /* the last 30 s of it */
        for (unsigned s = 0; s < 60; s++) {
                uint16_t rr[2] = { (uint16_t)(1000 + s * s * 37 % 97), 2000 };

                if (s > 40 && s < 47)
                        continue;
                resting_heart_rate(
                                m, BEGIN + s * USEC_PER_SEC, 8 * USEC_PER_SEC, 55, rr, s % 10 == 9 ? 2 : 1);
                if (s == 47)
                        variability_break(&v);
                if (s >= 30) {
                        variability_beat(&v, rr_ms(rr[0]));
                        if (s % 10 == 9)
                                variability_break(&v);
                }
        }
        assert_int_equal(result(m, &r), RESTING_DONE);
        assert_true(fabs(r.rmssd - variability_rmssd(&v)) < 1e-3);
        assert_true(fabs(r.sdnn - variability_sdnn(&v)) < 1e-6);
        assert_true(fabs(r.pnn50 - variability_pnn50(&v)) < 1e-6);
}

/* The live rule, beat by beat: y accepted with a difference, a accepted after a gap, n rejected. */
static void test_live_rule(void **state)
{
        static const struct {
                unsigned ms;
                char expected;
        } beats[] = {
                { 239, 'n' },
                { 2401, 'n' },
                { 800, 'a' },
                { 900, 'y' },
                { 1080, 'n' },
                { 800, 'a' },
                { 630, 'n' },
                { 620, 'n' },
                { 2401, 'n' },
                { 635, 'n' },
                { 600, 'n' }, /* five running: anew */
                { 600, 'a' },
                { 610, 'y' },
                { 620, 'y' },
                { 630, 'y' },
                { 640, 'y' },
                { 650, 'y' },
                { 655, 'y' },
                { 790, 'n' },
                { 740, 'a' },
                { 240, 'n' },
                { 0, 'n' },
        };
        RrFilter f = { .n = 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(beats); i++) {
                double difference = -1e9;
                bool accepted = rr_filter_push(&f, RR_OF_MS(beats[i].ms), RR_TOLERANCE_REST, &difference);
                char found = !accepted ? 'n' : isnan(difference) ? 'a' : 'y';

                if (found != beats[i].expected)
                        fail_msg("beat %zu, %u ms: %c", i, beats[i].ms, found);
                if (!accepted)
                        assert_true(difference == -1e9);
        }
        rr_filter_gap(&f);
        {
                double difference = 0;

                assert_true(rr_filter_push(&f, RR_OF_MS(1500), RR_TOLERANCE_REST, &difference));
                assert_true(isnan(difference));
        }
}

/* A watch that sends every 5 or 10 s is no worse for it; a silence of it is longer. */
static void test_slow_strap(void **state)
{
        static const struct {
                unsigned every_s, silent_from_s, silent_s;
                RestingState state;
        } cases[] = {
                { 5, 0, 0, RESTING_DONE },
                { 8, 0, 0, RESTING_DONE },
                { 10, 0, 0, RESTING_DONE },
                { 10, 110, 20, RESTING_DONE },
                { 10, 90, 200, RESTING_NO_DATA },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                RestingMeasurement *m = measure(300, absent);
                RestingResult r = { 0 };

                for (unsigned s = 0; s < 300; s += cases[i].every_s)
                        if (s - cases[i].silent_from_s >= cases[i].silent_s)
                                resting_heart_rate(m, BEGIN + s * USEC_PER_SEC,
                                                3 * cases[i].every_s * USEC_PER_SEC, 54, NULL, 0);
                assert_int_equal(result(m, &r), cases[i].state);
                if (cases[i].state == RESTING_DONE)
                        assert_true(r.heart_rate == 54);
        }
}

/* A mean of seven dates against the 60 up to it. */
static void test_rmssd_usual(void **state)
{
        Morning morning[70];
        RmssdUsual usual;

        (void)state;
        for (int i = 0; i < 70; i++)
                morning[i] = (Morning){ .date = 1000 - i, .heart_rate = 50, .rmssd = i % 2 ? 40 : 50 };
        usual = rmssd_usual(morning, 70, 1000);
        assert_float_equal(usual.mean, (4 * 50 + 3 * 40) / 7.0, 1e-9);
        assert_float_equal(usual.low, 39.95, 0.05);
        assert_float_equal(usual.high, 50.05, 0.05);

        /* Too few. */
        usual = rmssd_usual(morning, 13, 1000);
        assert_true(isnan(usual.low) && isnan(usual.high) && !isnan(usual.mean));
        usual = rmssd_usual(morning, 2, 1000);
        assert_true(isnan(usual.mean));
        usual = rmssd_usual(morning, 70, 1000 + 4);
        assert_false(isnan(usual.mean));
        usual = rmssd_usual(morning, 70, 1000 + 5);
        assert_true(isnan(usual.mean) && !isnan(usual.low));
        for (size_t i = 0; i < 70; i++)
                morning[i].rmssd = 0;
        usual = rmssd_usual(morning, 70, 1000);
        assert_true(isnan(usual.mean) && isnan(usual.low));

        /* All alike: nothing leaves that. */
        for (size_t i = 0; i < 70; i++)
                morning[i].rmssd = 41.6;
        usual = rmssd_usual(morning, 70, 1000);
        assert_true(usual.mean > usual.low && usual.mean < usual.high);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_slow_strap),
                cmocka_unit_test(test_in_force),
                cmocka_unit_test(test_moves),
                cmocka_unit_test(test_results),
                cmocka_unit_test(test_states),
                cmocka_unit_test(test_lengths),
                cmocka_unit_test(test_rmssd),
                cmocka_unit_test(test_rmssd_of_the_window),
                cmocka_unit_test(test_variability),
                cmocka_unit_test(test_live_rule),
                cmocka_unit_test(test_rmssd_usual),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
