/* SPDX-License-Identifier: MIT */

/* The grammar of workouts: what it takes, and from where on it does not understand the rest. */

#include "daemon/config-workout.h"

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
                { "easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, "
                  "easy 1min, "
                  "easy 1min, easy 1min, easy 1min, easy 1min, easy 1min, easy 1min",
                                -ERANGE, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *rest = NULL;
                int r;

                r = workout_steps_check(cases[i].text, &rest);
                if (r != cases[i].result)
                        fail_msg("\"%s\": %d", cases[i].text, r);
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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_steps),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
