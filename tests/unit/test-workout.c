/* SPDX-License-Identifier: MIT */

/* Workouts: what the grammar takes, from where on it does not understand the rest, and which cues come when. */

#include "cardio/workout.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_steps(void **state)
{
        static const struct {
                const char *text;
                int result;
                const char *rest;
        } cases[] = {
                { "easy 30min", 0, NULL },
                { "warm-up 10min, 5x(hard 2min, easy 2min)", 0, NULL },
                { " warm-up\t10min ,5 x ( hard 90s , easy 2min ) , cool-down 1h ", 0, NULL },
                { "3x(strides 20s)", 0, NULL },
                { "99x(a 1s, b 1s)", 0, NULL },
                { "", -EINVAL, "" },
                { ",", -EINVAL, "," },
                { "easy", -EINVAL, "easy" },
                { "easy 30", -EINVAL, "easy 30" },
                { "30min", -EINVAL, "30min" },
                { "easy 999ms", -EINVAL, "easy 999ms" },
                { "easy 7h", -EINVAL, "easy 7h" },
                { "easy 5min,", -EINVAL, "" },
                { "easy 5min hard 5min", -EINVAL, "hard 5min" },
                { "easy 5min, 5x(hard 2min", -EINVAL, "5x(hard 2min" },
                { "easy 5min, 5x()", -EINVAL, "5x()" },
                { "0x(easy 1min)", -EINVAL, "0x(easy 1min)" },
                { "1.5x(easy 1min)", -EINVAL, "1.5x(easy 1min)" },
                { "100x(easy 1min)", -EINVAL, "100x(easy 1min)" },
                { "2x(3x(easy 1min))", -EINVAL, "2x(3x(easy 1min))" },
                { "2x(easy 1min))", -EINVAL, ")" },
                { "abcdefghijklmnopqrstuvwxyz-abcdefg 1min", -EINVAL,
                                "abcdefghijklmnopqrstuvwxyz-abcdefg 1min" },
                { "easy 000000000000000000000000000000000000001min", -EINVAL,
                                "easy 000000000000000000000000000000000000001min" },
                { "99x(a 1s, b 1s), 2x(c 1s), d 1s", -ERANGE, NULL },
                { "easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, "
                  "easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min",
                                -ERANGE, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Workout workout = { .n = 4711 };
                const char *rest = NULL;
                int r;

                r = workout_parse(cases[i].text, &workout, &rest);
                if (r != cases[i].result)
                        fail_msg("\"%s\": %d", cases[i].text, r);
                if (r < 0)
                        assert_int_equal(workout.n, 4711);
                if (cases[i].rest)
                        assert_string_equal(rest, cases[i].rest);
                else
                        assert_null(rest);
        }
}

static void test_names(void **state)
{
        (void)state;
        assert_true(workout_name_is_valid("a"));
        assert_true(workout_name_is_valid("4_by-4"));
        assert_true(workout_name_is_valid("01234567890123456789012345678901"));
        assert_false(workout_name_is_valid(""));
        assert_false(workout_name_is_valid("a b"));
        assert_false(workout_name_is_valid(" a"));
        assert_false(workout_name_is_valid("a."));
        assert_false(workout_name_is_valid("012345678901234567890123456789012"));
}

static Workout workout_of(const char *text)
{
        Workout workout;
        const char *rest;

        assert_int_equal(workout_parse(text, &workout, &rest), 0);
        return workout;
}

static void test_counted_out(void **state)
{
        Workout w = workout_of("a 1min, 3x(b 2s, c 3s), d 1h");
        static const struct {
                const char *cue;
                usec_t seconds;
        } expected[] = { { "a", 60 }, { "b", 2 }, { "c", 3 }, { "b", 2 }, { "c", 3 }, { "b", 2 }, { "c", 3 },
                { "d", 3600 } };

        (void)state;
        assert_int_equal(w.n, ELEMENTSOF(expected));
        for (size_t i = 0; i < w.n; i++) {
                assert_string_equal(w.step[i].cue, expected[i].cue);
                assert_true(w.step[i].length_usec == expected[i].seconds * USEC_PER_SEC);
        }

        w = workout_of("99x(a 1s, b 1s), c 1s, d 1s");
        assert_int_equal(w.n, WORKOUT_STEPS_MAX);
        assert_string_equal(w.step[197].cue, "b");
        assert_string_equal(w.step[199].cue, "d");
}

typedef struct Said {
        double at_s; /* since the beginning */
        const char *cue;
        double length_s;
} Said;

/* Begins somewhere in the clock's life and asks at every deadline. */
static void assert_cues(const Workout *w, const Said *said, size_t n)
{
        const usec_t begin_usec = 12345678;
        WorkoutRun run;
        WorkoutCue cue;

        workout_run_begin(&run, begin_usec);
        for (size_t i = 0; i < n; i++) {
                usec_t at_usec = workout_run_deadline(&run, w);

                assert_true(at_usec == begin_usec + (usec_t)(said[i].at_s * 1e6));
                if (i > 0)
                        assert_false(workout_run_step(&run, w, at_usec - 1, &cue));
                assert_true(workout_run_step(&run, w, at_usec, &cue));
                assert_string_equal(cue.cue, said[i].cue);
                assert_true(cue.length_usec == (usec_t)(said[i].length_s * 1e6));
                assert_false(workout_run_step(&run, w, at_usec, &cue));
        }
        assert_true(workout_run_deadline(&run, w) == USEC_INFINITY);
        assert_false(workout_run_step(&run, w, USEC_INFINITY - 1, &cue));
}

/* 10 minutes of warm-up, then 5 times 2 hard and 2 easy: a cue on the minute at every change. */
static void test_fartlek(void **state)
{
        static const Said said[] = {
                { 0, "warm-up", 600 },
                { 600, "hard", 120 },
                { 720, "easy", 120 },
                { 840, "hard", 120 },
                { 960, "easy", 120 },
                { 1080, "hard", 120 },
                { 1200, "easy", 120 },
                { 1320, "hard", 120 },
                { 1440, "easy", 120 },
                { 1560, "hard", 120 },
                { 1680, "easy", 120 },
                { 1800, "done", 0 },
        };
        Workout w = workout_of(workout_builtin("fartlek"));

        (void)state;
        assert_cues(&w, said, ELEMENTSOF(said));
        assert_null(workout_builtin("no-such"));
}

/* A cue that comes late makes none of the others late; cues that were slept through are not made up for. */
static void test_late(void **state)
{
        Workout w = workout_of("a 10s, b 10s, c 10s, d 10s");
        WorkoutRun run;
        WorkoutCue cue;

        (void)state;
        workout_run_begin(&run, 0);
        assert_true(workout_run_step(&run, &w, 0, &cue));
        assert_true(workout_run_step(&run, &w, 10 * USEC_PER_SEC + 250000, &cue));
        assert_string_equal(cue.cue, "b");
        assert_true(cue.length_usec == 9750000);
        assert_true(workout_run_deadline(&run, &w) == 20 * USEC_PER_SEC);

        assert_true(workout_run_step(&run, &w, 33 * USEC_PER_SEC, &cue));
        assert_string_equal(cue.cue, "d");
        assert_true(cue.length_usec == 7 * USEC_PER_SEC);
        assert_true(workout_run_step(&run, &w, 90 * USEC_PER_SEC, &cue));
        assert_string_equal(cue.cue, "done");
        assert_false(workout_run_step(&run, &w, 91 * USEC_PER_SEC, &cue));

        workout_run_begin(&run, 0);
        assert_true(workout_run_step(&run, &w, USEC_PER_HOUR, &cue));
        assert_string_equal(cue.cue, "done");
        assert_false(workout_run_step(&run, &w, USEC_PER_HOUR, &cue));
}

/* The ceiling speaks in the warm-up and once all is said; in between the cues do. */
static void test_demanding(void **state)
{
        static const struct {
                const char *steps;
                unsigned first_s, last_s; /* that are demanding, inclusive; first > last: none */
        } cases[] = {
                { "warm-up 10s, 2x(hard 2s, easy 2s)", 10, 17 },
                { "easy 4s, warm-up 4s, tempo 2s", 8, 9 },
                { "hard 1s, cool-down 3s", 0, 3 },
                { "warm-up 3s, easy 3s", 1, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Workout w = workout_of(cases[i].steps);
                WorkoutRun run;
                WorkoutCue cue;

                workout_run_begin(&run, 0);
                assert_false(workout_run_is_demanding(&run, &w)); /* nothing is said yet */
                for (unsigned t = 0; t < 20; t++) {
                        (void)workout_run_step(&run, &w, t * USEC_PER_SEC, &cue);
                        assert_int_equal(workout_run_is_demanding(&run, &w),
                                        t >= cases[i].first_s && t <= cases[i].last_s);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_steps),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_counted_out),
                cmocka_unit_test(test_fartlek),
                cmocka_unit_test(test_late),
                cmocka_unit_test(test_demanding),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
