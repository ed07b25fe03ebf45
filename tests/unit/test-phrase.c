/* SPDX-License-Identifier: MIT */

/* Sentences from pieces: what finds no room is left out, and lengths as a sentence has them. */

#include "cardio/phrase.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_what_finds_no_room_is_left_out(void **state)
{
        char buf[8];
        Phrase p = phrase_begin(buf, sizeof(buf));

        (void)state;
        assert_string_equal(buf, "");
        phrase_add(&p, "abcde");
        phrase_add_unsigned(&p, 0);
        assert_string_equal(buf, "abcde0");
        phrase_add_unsigned(&p, 12345);
        assert_string_equal(buf, "abcde01");
        phrase_add(&p, "x");
        assert_string_equal(buf, "abcde01");
        p = phrase_begin(buf, 1);
        phrase_add_length(&p, 3900);
        assert_string_equal(buf, "");
}

static void test_the_largest_number(void **state)
{
        char buf[32];
        Phrase p = phrase_begin(buf, sizeof(buf));

        (void)state;
        phrase_add_unsigned(&p, UINT64_MAX);
        assert_string_equal(buf, "18446744073709551615");
}

/* "`3 min 57 s` and `1 h 5 min` in sentences" */
static void test_lengths(void **state)
{
        static const struct {
                double seconds;
                const char *expected;
        } cases[] = {
                { -1, "0 s" },
                { 0, "0 s" },
                { 0.5, "1 s" },
                { 12, "12 s" },
                { 59.4, "59 s" },
                { 59.5, "1 min" },
                { 60, "1 min" },
                { 61, "1 min 1 s" },
                { 237, "3 min 57 s" },
                { 2400, "40 min" },
                { 3599.4, "59 min 59 s" },
                { 3599.5, "1 h" },
                { 3629, "1 h" },
                { 3630, "1 h 1 min" },
                { 3900, "1 h 5 min" },
                { 7169, "1 h 59 min" },
                { 7199, "2 h" },
                { 36000, "10 h" },
                { 1e9, "277777 h 47 min" },
                { NAN, "0 s" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[32];
                Phrase p = phrase_begin(buf, sizeof(buf));

                phrase_add_length(&p, cases[i].seconds);
                assert_string_equal(buf, cases[i].expected);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_finds_no_room_is_left_out),
                cmocka_unit_test(test_the_largest_number),
                cmocka_unit_test(test_lengths),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
