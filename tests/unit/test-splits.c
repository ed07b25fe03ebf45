/* SPDX-License-Identifier: MIT */

/* A run kilometre by kilometre: where one ends between two rows, what is left behind the last, and which heart rates belong to it. */

#include "cardio/splits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

static Splits splits;

static PacePoint at(double distance)
{
        return (PacePoint){
                .speed = NAN, .cadence = NAN, .distance = distance, .incline = NAN, .ascent = NAN
        };
}

/* A row each so many ms, at this speed, up to that distance. */
static void run(int64_t *t, double *distance, int64_t every, double speed, double to)
{
        while (*distance < to) {
                PacePoint p;

                *t += every;
                *distance = fmin(to, *distance + speed * (double)every / 1000);
                p = at(*distance);
                p.speed = speed;
                splits_add(&splits, *t, &p);
        }
}

static void begin(bool miles)
{
        PacePoint p = at(0);

        splits_begin(&splits, miles);
        p.speed = 2.5;
        splits_add(&splits, 0, &p);
}

static void test_a_steady_run(void **state)
{
        static const struct {
                int64_t every;
                double speed, to;
                bool miles;
                size_t n;
                double last; /* m */
        } cases[] = {
                { 1000, 2.5, 3000, false, 3, 1000 },
                { 1000, 2.5, 3420, false, 4, 420 },
                { 1000, 2.7, 3009, false, 3, 1000 }, /* 9 m are no split */
                { 1000, 2.7, 3011, false, 4, 11 },
                { 5000, 3.1, 3420, false, 4, 420 },
                { 1000, 2.5, 3420, true, 3, 3420 - 2 * METRES_PER_MILE },
                { 1000, 2.5, 999, false, 1, 999 },
                { 1000, 2.5, 9, false, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                double distance = 0, length = cases[i].miles ? METRES_PER_MILE : 1000;
                int64_t t = 0;

                begin(cases[i].miles);
                run(&t, &distance, cases[i].every, cases[i].speed, cases[i].to);
                splits_end(&splits);
                assert_int_equal(splits.n, cases[i].n);
                for (size_t k = 0; k < splits.n; k++) {
                        const Split *s = &splits.split[k];

                        assert_float_equal(s->distance, k + 1 < splits.n ? length : cases[i].last, 1e-6);
                        /* The last row of a run may come a little after its last metre. */
                        assert_float_equal(split_speed(s), cases[i].speed, 0.2 * cases[i].speed);
                        assert_true(isnan(s->heart_rate));
                        assert_true(isnan(s->ascent));
                        if (k + 1 < splits.n)
                                assert_float_equal((double)s->end_t,
                                                1000 * length * (double)(k + 1) / cases[i].speed, 2);
                }
        }
}

/* Of rows that are far apart several may end between two. */
static void test_several_between_two_rows(void **state)
{
        PacePoint p = at(2500);

        (void)state;
        begin(false);
        p.speed = 2.5;
        splits_add(&splits, 8000, &p);
        splits_end(&splits);
        assert_int_equal(splits.n, 3);
        assert_int_equal(splits.split[0].end_t, 3200);
        assert_int_equal(splits.split[1].end_t, 6400);
        assert_int_equal(splits.split[2].end_t, 8000);
        assert_float_equal(splits.split[2].distance, 500, 1e-6);
}

static void test_ascent(void **state)
{
        (void)state;
        begin(false);
        for (int64_t i = 1; i <= 1000; i++) {
                PacePoint p = at(2.5 * (double)i);

                p.speed = 2.5;
                p.ascent = i <= 400 ? 0.1 * (double)i : 40;
                splits_add(&splits, 1000 * i, &p);
        }
        splits_end(&splits);
        assert_int_equal(splits.n, 3);
        assert_float_equal(splits.split[0].ascent, 40, 0.2);
        assert_float_equal(splits.split[1].ascent, 0, 0.2);
        assert_float_equal(splits.split[2].ascent, 0, 0.2);
}

/* Each heart rate belongs to the split in which it began, and counts as long as it is worth. */
static void test_heart_rates(void **state)
{
        double distance = 0;
        int64_t t = 0;

        (void)state;
        begin(false);
        run(&t, &distance, 1000, 2.5, 2000);
        splits_end(&splits);
        assert_int_equal(splits.n, 2);
        splits_add_heart_rate(&splits, 0, 100, 0); /* worth nothing */
        splits_add_heart_rate(&splits, 1000, 120, 3);
        splits_add_heart_rate(&splits, 4000, 140, 1);
        splits_add_heart_rate(&splits, 399999, 125, 1);
        splits_add_heart_rate(&splits, 400000, 150, 2);
        splits_add_heart_rate(&splits, 800000, 190, 2); /* after all of it */
        assert_float_equal(splits.split[0].heart_rate, 125, 1e-9);
        assert_float_equal(splits.split[0].credit_s, 5, 1e-9);
        assert_float_equal(splits.split[1].heart_rate, 150, 1e-9);
}

/* A red light makes no kilometre slow. */
static void test_standing_still(void **state)
{
        double distance = 0;
        int64_t t = 0;
        PacePoint p;

        (void)state;
        begin(false);
        run(&t, &distance, 1000, 2.5, 500);
        for (unsigned i = 0; i < 120; i++) {
                t += 1000;
                p = at(500);
                p.speed = 0;
                splits_add(&splits, t, &p);
        }
        run(&t, &distance, 1000, 2.5, 1000);
        splits_end(&splits);
        assert_int_equal(splits.n, 1);
        assert_float_equal(splits.split[0].moved_s, 400, 2);
        assert_int_equal(splits.split[0].end_t, 520000);
        assert_float_equal(splits.split[0].distance, 1000, 1e-6);
}

static void test_what_nobody_runs(void **state)
{
        static const double distances[] = { NAN, INFINITY, 1e300, -1, -1e300, 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(distances); i++) {
                PacePoint p = at(distances[i]);

                begin(false);
                splits_add(&splits, 1000, &p);
                splits_end(&splits);
                assert_true(splits.n <= SPLITS_MAX);
                for (size_t k = 0; k < splits.n; k++)
                        assert_true(splits.split[k].end_t >= 0 && splits.split[k].end_t <= 1000);
                splits_add_heart_rate(&splits, 0, 120, 1);
        }
        splits_begin(&splits, false);
        splits_end(&splits);
        assert_int_equal(splits.n, 0);
        assert_true(isnan(split_speed(&(Split){ .distance = 1000 })));
}

static void test_there_is_a_limit(void **state)
{
        double distance = 0;
        int64_t t = 0;

        (void)state;
        begin(false);
        run(&t, &distance, 10000, 5, 1000.0 * (SPLITS_MAX + 5));
        splits_end(&splits);
        assert_int_equal(splits.n, SPLITS_MAX);
        assert_float_equal(splits.split[SPLITS_MAX - 1].distance, 1000, 1e-3);
}

/* One of 997 m is called by its number, as one of a kilometre is: 1.00 would be neither. */
static void test_whole_ones(void **state)
{
        (void)state;
        assert_true(split_is_whole(1000, false));
        assert_true(split_is_whole(997, false));
        assert_false(split_is_whole(994, false));
        assert_true(split_is_whole(METRES_PER_MILE, true));
        assert_true(split_is_whole(1605, true));
        assert_false(split_is_whole(1600, true));
        assert_false(split_is_whole(NAN, false));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_steady_run),
                cmocka_unit_test(test_several_between_two_rows),
                cmocka_unit_test(test_ascent),
                cmocka_unit_test(test_heart_rates),
                cmocka_unit_test(test_standing_still),
                cmocka_unit_test(test_what_nobody_runs),
                cmocka_unit_test(test_there_is_a_limit),
                cmocka_unit_test(test_whole_ones),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
