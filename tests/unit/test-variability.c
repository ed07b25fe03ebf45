/* SPDX-License-Identifier: MIT */

/* RMSSD, SDNN and pNN50, by hand and against a published recording. */

#include "cardio/variability.h"

#include <math.h>

#include "cardio/macro.h"
#include "numbers-fixture.h"

static void test_by_hand(void **state)
{
        /* They differ by 10, -20, 60, -51, 50, -50, 0, 1, -1, 100, 0. */
        static const double beats[] = { 800, 810, 790, 850, 799, 849, 799, 799, 800, 799, 899, 899 };
        Variability v = { 0 };
        double mean = 0, squares = 0;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(beats); i++) {
                variability_beat(&v, beats[i]);
                mean += beats[i] / ELEMENTSOF(beats);
        }
        for (size_t i = 0; i < ELEMENTSOF(beats); i++)
                squares += (beats[i] - mean) * (beats[i] - mean);
        assert_float_equal(variability_rmssd(&v), sqrt(21703.0 / 11), 1e-9);
        assert_float_equal(variability_sdnn(&v), sqrt(squares / 11), 1e-9);
        assert_float_equal(variability_pnn50(&v), 300.0 / 11, 1e-9); /* 60, 51 and 100 */
}

/* The jump from one stretch to the next is no difference. */
static void test_never_across_a_break(void **state)
{
        Variability v = { 0 };

        (void)state;
        for (unsigned stretch = 0; stretch < 4; stretch++) {
                for (unsigned i = 0; i < 6; i++)
                        variability_beat(&v, 500 + 300 * (stretch % 2) + 10 * (i % 2));
                variability_break(&v);
        }
        assert_int_equal(v.n_differences, 20);
        assert_float_equal(variability_rmssd(&v), 10, 1e-9);
        assert_float_equal(variability_pnn50(&v), 0, 0);
        assert_true(variability_sdnn(&v) > 100);
}

static void test_too_few(void **state)
{
        Variability v = { 0 };

        (void)state;
        assert_true(isnan(variability_rmssd(&v)) && isnan(variability_sdnn(&v)) &&
                        isnan(variability_pnn50(&v)));
        for (unsigned i = 0; i < VARIABILITY_DIFFERENCES_MIN; i++)
                variability_beat(&v, 600 + i);
        assert_true(isnan(variability_rmssd(&v)) && isnan(variability_sdnn(&v)) &&
                        isnan(variability_pnn50(&v)));
        variability_beat(&v, 600);
        assert_false(isnan(variability_rmssd(&v)) || isnan(variability_sdnn(&v)) ||
                        isnan(variability_pnn50(&v)));
}

/* Figures that others publish of 4684 beats. */
static void test_published(void **state)
{
        static double rr[NUMBERS_MAX];
        size_t n = numbers_load("pyhrv-nni/SampleNNISeriesLong.txt", NULL, rr);
        Variability v = { 0 };

        (void)state;
        for (size_t i = 0; i < n; i++)
                variability_beat(&v, rr[i]);
        assert_int_equal(v.n, 4684);
        assert_float_equal(v.mean, 768.4383, 1e-4);
        assert_float_equal(variability_sdnn(&v), 85.35721, 1e-4);
        assert_float_equal(variability_rmssd(&v), 60.52348, 1e-4);
        assert_int_equal(v.n_over_50, 1338);
        assert_float_equal(variability_pnn50(&v), 28.571429, 1e-4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_never_across_a_break),
                cmocka_unit_test(test_too_few),
                cmocka_unit_test(test_published),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
