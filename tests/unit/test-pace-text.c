/* SPDX-License-Identifier: MIT */

/* Pace and distance as runners write and say them: seconds are rounded before they become minutes, and what is no pace is none. */

#include "cardio/pace-text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "cardio/pace.h"

static void test_paces(void **state)
{
        static const struct {
                double speed;
                const char *km, *mile;
        } cases[] = {
                { 1000.0 / 372, "6:12 /km", "9:59 /mile" },
                { 1000.0 / 299.4, "4:59 /km", "8:02 /mile" },
                { 1000.0 / 299.6, "5:00 /km", "8:02 /mile" }, /* never 4:60 */
                { METRES_PER_MILE / 599.6, "6:13 /km", "10:00 /mile" },
                { 1000.0 / 605, "10:05 /km", "16:14 /mile" },
                { 1000.0 / 1800, "30:00 /km", "48:17 /mile" },
                { 1000.0 / 1801, "-", "-" },
                { 10, "1:40 /km", "2:41 /mile" },
                { 1e6, "0:00 /km", "0:00 /mile" },
                { 0, "-", "-" },
                { -3, "-", "-" },
                { NAN, "-", "-" },
                { INFINITY, "-", "-" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[PACE_TEXT_MAX];

                assert_string_equal(pace_to_string(cases[i].speed, false, buf), cases[i].km);
                assert_string_equal(pace_to_string(cases[i].speed, true, buf), cases[i].mile);
        }
}

static void test_a_column_has_no_unit(void **state)
{
        char buf[PACE_TEXT_MAX];

        (void)state;
        assert_string_equal(pace_to_clock(1000.0 / 372, false, buf), "6:12");
        assert_string_equal(pace_to_clock(1000.0 / 372, true, buf), "9:59");
        assert_string_equal(pace_to_clock(NAN, false, buf), "-");
        assert_string_equal(metres_to_figure(8420, false, buf), "8.42");
        assert_string_equal(metres_to_figure(8420, true, buf), "5.23");
        assert_string_equal(metres_to_figure(NAN, true, buf), "-");
}

static void test_distances(void **state)
{
        static const struct {
                double distance;
                const char *km, *mile;
        } cases[] = {
                { 8420, "8.42 km", "5.23 mi" },
                { 0, "0.00 km", "0.00 mi" },
                { 4.9, "0.00 km", "0.00 mi" },
                { 50, "0.05 km", "0.03 mi" },
                { 9996, "10.00 km", "6.21 mi" },
                { 42195, "42.20 km", "26.22 mi" },
                { 1e9, "1000000.00 km", "621371.19 mi" },
                { 1.1e9, "-", "-" },
                { INFINITY, "-", "-" },
                { -1, "-", "-" },
                { NAN, "-", "-" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[PACE_TEXT_MAX];

                assert_string_equal(metres_to_string(cases[i].distance, false, buf), cases[i].km);
                assert_string_equal(metres_to_string(cases[i].distance, true, buf), cases[i].mile);
        }
}

static void test_what_is_said(void **state)
{
        static const struct {
                double speed;
                const char *km, *mile;
        } cases[] = {
                { 1000.0 / 372, "6 minutes 12 per kilometre", "9 minutes 59 per mile" },
                { 1000.0 / 300, "5 minutes per kilometre", "8 minutes 3 per mile" },
                { 1000.0 / 299.6, "5 minutes per kilometre", "8 minutes 2 per mile" },
                { 1000.0 / 65, "1 minute 5 per kilometre", "1 minute 45 per mile" },
                { 1000.0 / 30, "30 seconds per kilometre", "48 seconds per mile" },
                { 1e6, "0 seconds per kilometre", "0 seconds per mile" },
                { 0.2, "no pace", "no pace" },
                { NAN, "no pace", "no pace" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[PACE_SPEECH_MAX];

                assert_string_equal(pace_to_speech(cases[i].speed, false, buf), cases[i].km);
                assert_string_equal(pace_to_speech(cases[i].speed, true, buf), cases[i].mile);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_paces),
                cmocka_unit_test(test_a_column_has_no_unit),
                cmocka_unit_test(test_distances),
                cmocka_unit_test(test_what_is_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
