/* SPDX-License-Identifier: MIT */

/* The grammar of efforts, its ranges, its way back to text, and the bpm each comes to. */

#include "cardio/intensity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_parse(void **state)
{
        static const struct {
                const char *text;
                IntensityKind kind;
                double value;
                const char *printed;
        } cases[] = {
                { "65%hrr", INTENSITY_PERCENT_RESERVE, 65, "65%hrr" },
                { "62.5%hrr", INTENSITY_PERCENT_RESERVE, 62.5, "62.5%hrr" },
                { "65.0%hrr", INTENSITY_PERCENT_RESERVE, 65, "65%hrr" },
                { "1%hrr", INTENSITY_PERCENT_RESERVE, 1, "1%hrr" },
                { "100%hrr", INTENSITY_PERCENT_RESERVE, 100, "100%hrr" },
                { "75%max", INTENSITY_PERCENT_MAXIMUM, 75, "75%max" },
                { "100%max", INTENSITY_PERCENT_MAXIMUM, 100, "100%max" },
                { "90%lthr", INTENSITY_PERCENT_THRESHOLD, 90, "90%lthr" },
                { "150%lthr", INTENSITY_PERCENT_THRESHOLD, 150, "150%lthr" },
                { "150", INTENSITY_BPM, 150, "150" },
                { "145.55", INTENSITY_BPM, 145.55, "145.55" },
                { "25", INTENSITY_BPM, 25, "25" },
                { "250", INTENSITY_BPM, 250, "250" },
                { "off", INTENSITY_OFF, 0, "off" },
                { "auto", INTENSITY_AUTO, 0, "auto" },
                { "contact", INTENSITY_CONTACT, 0, "contact" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[INTENSITY_STRING_MAX];
                Intensity intensity;

                print_message("intensity: %s\n", cases[i].text);
                assert_int_equal(intensity_parse(cases[i].text, &intensity), 0);
                assert_int_equal(intensity.kind, cases[i].kind);
                assert_true(intensity.value == cases[i].value);
                assert_string_equal(intensity_to_string(&intensity, buf), cases[i].printed);
        }
}

static void test_refused(void **state)
{
        static const struct {
                const char *text;
                int result;
        } cases[] = {
                { "", -EINVAL },
                { "65%", -EINVAL },
                { "65 %hrr", -EINVAL },
                { "65%HRR", -EINVAL },
                { "65%hrr ", -EINVAL },
                { " 65%hrr", -EINVAL },
                { "%hrr", -EINVAL },
                { "-5%hrr", -EINVAL },
                { "65.%hrr", -EINVAL },
                { "65bpm", -EINVAL },
                { "65%hrrx", -EINVAL },
                { "OFF", -EINVAL },
                { "offf", -EINVAL },
                { "none", -EINVAL },
                { "nan", -EINVAL },
                { "0%hrr", -ERANGE },
                { "0.9%hrr", -ERANGE },
                { "101%hrr", -ERANGE },
                { "100.1%max", -ERANGE },
                { "151%lthr", -ERANGE },
                { "0", -ERANGE },
                { "24", -ERANGE },
                { "251", -ERANGE },
                { "99999999999999999999%hrr", -ERANGE },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Intensity intensity = { .kind = INTENSITY_OFF, .value = 77 };

                print_message("refused: \"%s\"\n", cases[i].text);
                assert_int_equal(intensity_parse(cases[i].text, &intensity), cases[i].result);
                assert_int_equal(intensity.kind, INTENSITY_OFF);
                assert_true(intensity.value == 77);
        }
}

static void test_bpm(void **state)
{
        static const struct {
                const char *text;
                int result;
                double bpm;
        } cases[] = {
                { "65%hrr", 1, 145.55 },
                { "30%hrr", 1, 94.1 },
                { "100%hrr", 1, 197 },
                { "75%max", 1, 147.75 },
                { "90%lthr", 1, 153 },
                { "103%lthr", 1, 175.1 },
                { "150", 1, 150 },
                { "off", 0, 0 },
                { "auto", 0, 0 },
                { "contact", 0, 0 },
        };
        const Runner runner = { .resting = 50, .maximum = 197, .lactate_threshold = 170 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Intensity intensity;
                double bpm = -1;

                print_message("bpm: %s\n", cases[i].text);
                assert_int_equal(intensity_parse(cases[i].text, &intensity), 0);
                assert_int_equal(intensity_to_bpm(&intensity, &runner, &bpm), cases[i].result);
                assert_true(bpm == (cases[i].result == 1 ? cases[i].bpm : -1));
        }
}

static void test_no_threshold(void **state)
{
        const Intensity intensity = { .kind = INTENSITY_PERCENT_THRESHOLD, .value = 90 };
        const Runner runner = { .resting = 50, .maximum = 197 };
        double bpm = -1;

        (void)state;
        assert_int_equal(intensity_to_bpm(&intensity, &runner, &bpm), -ENODATA);
        assert_true(bpm == -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_bpm),
                cmocka_unit_test(test_no_threshold),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
