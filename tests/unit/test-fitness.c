/* SPDX-License-Identifier: MIT */

/* Fitness, fatigue and form against figures worked out by hand. */

#include "cardio/fitness.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_by_hand(void **state)
{
        Fitness f = { 0 };

        (void)state;
        fitness_day(&f, 100);
        assert_float_equal(f.fitness, 2.352831, 1e-6);
        assert_float_equal(f.fatigue, 13.312210, 1e-6);
        assert_float_equal(fitness_form(&f), -10.959379, 1e-6);
        fitness_day(&f, 0);
        assert_float_equal(f.fitness, 2.352831 * exp(-1 / 42.0), 1e-6);
        assert_float_equal(f.fatigue, 13.312210 * exp(-1 / 7.0), 1e-6);
}

/* A load that stays comes to itself, and then the runner is in neither good nor bad form; rest brings form first. */
static void test_steady(void **state)
{
        Fitness f = { 0 };

        (void)state;
        for (unsigned i = 0; i < 1000; i++)
                fitness_day(&f, 60);
        assert_float_equal(f.fitness, 60, 1e-6);
        assert_float_equal(fitness_form(&f), 0, 1e-6);
        for (unsigned i = 0; i < 7; i++)
                fitness_day(&f, 0);
        assert_true(fitness_form(&f) > 20);
        for (unsigned i = 0; i < 1000; i++)
                fitness_day(&f, 0);
        assert_float_equal(fitness_form(&f), 0, 1e-6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_steady),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
