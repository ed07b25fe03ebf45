/* SPDX-License-Identifier: MIT */

/* The runner's figures against worked examples, exactly where the operands are whole. */

#include "cardio/runner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

/* The worked example of the recovery ceiling: age 23, resting 50 → maximum 197, reserve 147, ceiling 145.55. */
static void test_recovery_ceiling(void **state)
{
        Runner runner = { .resting = 50, .maximum = hrmax_from_age(HRMAX_FOX, 23) };

        (void)state;
        assert_true(runner.maximum == 197);
        assert_true(runner.maximum - runner.resting == 147);
        assert_true(heart_rate_reserve_at(&runner, 65) == 145.55);
        assert_true(heart_rate_reserve_at(&runner, 0) == 50);
        assert_true(heart_rate_reserve_at(&runner, 100) == 197);
}

/* Every whole percentage of every whole runner is the double nearest to the true figure. */
static void test_reserve_exact(void **state)
{
        (void)state;
        for (unsigned maximum = 100; maximum <= 250; maximum += 3)
                for (unsigned resting = 25; resting < maximum; resting += 7)
                        for (unsigned percent = 0; percent <= 100; percent++) {
                                Runner runner = { .resting = resting, .maximum = maximum };
                                unsigned hundredths = percent * (maximum - resting) + 100 * resting;

                                assert_true(heart_rate_reserve_at(&runner, percent) == hundredths / 100.0);
                        }
}

static void test_hrmax(void **state)
{
        static const struct {
                HrmaxFormula formula;
                unsigned age;
                double bpm;
        } cases[] = {
                { HRMAX_FOX, 40, 180 },
                { HRMAX_FOX, 5, 215 },
                { HRMAX_FOX, 120, 100 },
                { HRMAX_TANAKA, 40, 180 },
                { HRMAX_TANAKA, 23, 191.9 },
                { HRMAX_GELLISH, 40, 179 },
                { HRMAX_GELLISH, 23, 190.9 },
                { HRMAX_NES, 40, 185.4 },
                { HRMAX_NES, 23, 196.28 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_true(hrmax_from_age(cases[i].formula, cases[i].age) == cases[i].bpm);
}

static void test_names(void **state)
{
        (void)state;
        for (Sex sex = 0; sex < _SEX_MAX; sex++)
                assert_int_equal(sex_from_string(sex_to_string(sex)), sex);
        assert_string_equal(hrmax_formula_to_string(HRMAX_FOX), "fox");
        assert_string_equal(hrmax_formula_to_string(HRMAX_TANAKA), "tanaka");
        assert_string_equal(hrmax_formula_to_string(HRMAX_GELLISH), "gellish");
        assert_string_equal(hrmax_formula_to_string(HRMAX_NES), "nes");

        assert_int_equal(sex_from_string("Female"), _SEX_INVALID);
        assert_int_equal(sex_from_string(""), _SEX_INVALID);
}

static void test_trimp(void **state)
{
        Runner runner = { .resting = 50, .maximum = 200, .sex = SEX_MALE };
        double male, female;

        (void)state;
        /* half of the reserve for half an hour */
        male = trimp(&runner, 125, 30);
        assert_true(fabs(male - 30 * 0.5 * 0.64 * exp(0.96)) < 1e-12);
        runner.sex = SEX_FEMALE;
        female = trimp(&runner, 125, 30);
        assert_true(fabs(female - 30 * 0.5 * 0.86 * exp(0.835)) < 1e-12);
        runner.sex = SEX_UNSPECIFIED;
        assert_true(fabs(trimp(&runner, 125, 30) - (male + female) / 2) < 1e-12);

        /* to the last digits, over the whole reserve: the load of a run is a sum of these */
        for (double heart_rate = 50; heart_rate <= 200; heart_rate += 0.25) {
                double x = (heart_rate - 50) / 150;

                runner.sex = SEX_MALE;
                male = trimp(&runner, heart_rate, 1);
                assert_true(fabs(male - x * 0.64 * exp(1.92 * x)) <= 1e-15 * male);
                runner.sex = SEX_FEMALE;
                female = trimp(&runner, heart_rate, 1);
                assert_true(fabs(female - x * 0.86 * exp(1.67 * x)) <= 1e-15 * female);
        }

        /* clipped to the reserve */
        assert_true(trimp(&runner, 50, 30) == 0);
        assert_true(trimp(&runner, 40, 30) == 0);
        assert_true(trimp(&runner, 210, 30) == trimp(&runner, 200, 30));
        assert_true(trimp(&runner, 125, 0) == 0);
}

/* A recorded run of 1 Hz or so, each heart rate held to the next one. */
static double trimp_of_run(FILE *f, const Runner *runner)
{
        double sum = 0, last_t = 0, last_heart_rate = 0;
        bool started = false;
        char line[64];

        while (fgets(line, sizeof(line), f)) {
                char *end;
                double t = strtod(line, &end), heart_rate;

                if (end == line || *end != ',') /* the heading */
                        continue;
                heart_rate = strtod(end + 1, NULL);
                if (started)
                        sum += trimp(runner, last_heart_rate, (t - last_t) / 60);
                last_t = t;
                last_heart_rate = heart_rate;
                started = true;
        }
        return sum;
}

static void test_trimp_run(void **state)
{
        Runner runner = { .resting = 55, .maximum = 190 };
        FILE *f;

        (void)state;
        f = fopen(TEST_DATA "/garmin-strap-run/records.csv", "re");
        if (!f)
                skip(); /* the recorded runs are not part of the source */

        runner.sex = SEX_MALE;
        assert_true(fabs(trimp_of_run(f, &runner) - 60.766) < 0.0005);
        rewind(f);
        runner.sex = SEX_FEMALE;
        assert_true(fabs(trimp_of_run(f, &runner) - 67.112) < 0.0005);
        assert_int_equal(fclose(f), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_recovery_ceiling),
                cmocka_unit_test(test_reserve_exact),
                cmocka_unit_test(test_hrmax),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_trimp),
                cmocka_unit_test(test_trimp_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
