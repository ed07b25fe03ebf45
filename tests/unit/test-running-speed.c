/* SPDX-License-Identifier: MIT */

/* RSC Measurement: bytes of real pods and of odd ones, then every value at every length. Values lie in memory of exactly their size,
 * so that a read beyond one is seen. */

#include "cardio/running-speed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "cardio/sensor-kind.h"

static bool parse_exact(const uint8_t *value, size_t size, PaceReading *ret)
{
        _cleanup_free_ uint8_t *exact = malloc(size ?: 1);

        assert_non_null(exact);
        memcpy(exact, value, size);
        return running_speed_parse(exact, size, ret);
}

static bool same(double a, double b)
{
        return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-9;
}

static void test_table(void **state)
{
        static const struct {
                const char *what;
                size_t size;
                uint8_t value[24];
                double speed, cadence, distance;
        } cases[] = {
                /* what pods send */
                { "stride and distance", 10, { 0x03, 0x5c, 0x03, 0xa1, 0x82, 0x00, 0xf6, 0x09, 0x00, 0x00 },
                                3.359375, 161, 255.0 },
                { "a walk", 8, { 0x02, 0xb9, 0x00, 0x33, 0x8a, 0x02, 0x00, 0x00 }, 0.72265625, 51, 65.0 },
                { "no distance", 4, { 0x00, 0x91, 0x01, 0xbb }, 1.56640625, 187, NAN },
                { "standing still", 8, { 0x02, 0, 0, 0, 0x8a, 0x02, 0, 0 }, 0, 0, 65.0 },
                /* flags */
                { "running", 4, { 0x04, 0x00, 0x03, 170 }, 3, 170, NAN },
                { "reserved flags and bytes behind them", 14,
                                { 0xfb, 0x00, 0x03, 170, 0x82, 0, 10, 0, 0, 0, 1, 2, 3, 4 }, 3, 170, 1.0 },
                { "bytes that no flag announces", 7, { 0x00, 0x00, 0x03, 170, 9, 9, 9 }, 3, 170, NAN },
                { "a stride alone", 6, { 0x01, 0x00, 0x03, 170, 0x82, 0 }, 3, 170, NAN },
                /* what is cut */
                { "in the distance", 9, { 0x03, 0x00, 0x03, 170, 0x82, 0, 10, 0, 0 }, 3, 170, NAN },
                { "in the stride", 5, { 0x03, 0x00, 0x03, 170, 0x82 }, 3, 170, NAN },
                { "behind the cadence", 4, { 0x03, 0x00, 0x03, 170 }, 3, 170, NAN },
                /* what is no number, or none of a runner */
                { "no speed", 4, { 0x00, 0xff, 0xff, 170 }, NAN, 170, NAN },
                { "the highest speed", 4, { 0x00, 0x00, 0x0c, 200 }, 12, 200, NAN },
                { "a higher one", 4, { 0x00, 0x01, 0x0c, 200 }, NAN, 200, NAN },
                { "no cadence", 4, { 0x00, 0x00, 0x03, 0xff }, 3, NAN, NAN },
                { "no distance yet", 8, { 0x02, 0x00, 0x03, 170, 0xff, 0xff, 0xff, 0xff }, 3, 170, NAN },
                { "a far one", 8, { 0x02, 0x00, 0x03, 170, 0xfe, 0xff, 0xff, 0xff }, 3, 170, 429496729.4 },
                /* one foot or both */
                { "one foot at a run", 4, { 0x00, 0x00, 0x03, 85 }, 3, 170, NAN },
                { "109", 4, { 0x00, 0x00, 0x03, 109 }, 3, 218, NAN },
                { "110", 4, { 0x00, 0x00, 0x03, 110 }, 3, 110, NAN },
                { "at 1.80 m/s", 4, { 0x00, 460 % 256, 460 / 256, 80 }, 1.796875, 80, NAN },
                { "at more than 1.8 m/s", 4, { 0x00, 461 % 256, 461 / 256, 80 }, 1.80078125, 160, NAN },
                { "at no speed that is known", 4, { 0x00, 0xff, 0xff, 85 }, NAN, 85, NAN },
                { "a run without steps", 4, { 0x00, 0x00, 0x03, 0 }, 3, NAN, NAN },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PaceReading r = { .heart_rate = 99 };

                assert_true(parse_exact(cases[i].value, cases[i].size, &r));
                if (!same(r.speed, cases[i].speed) || !same(r.cadence, cases[i].cadence) ||
                                !same(r.distance, cases[i].distance))
                        fail_msg("%s: %f m/s, %f steps/min, %f m", cases[i].what, r.speed, r.cadence,
                                        r.distance);
                assert_true(isnan(r.incline) && isnan(r.ascent) && r.heart_rate == 0);
        }
}

static void test_too_short(void **state)
{
        static const uint8_t value[] = { 0x00, 0x00, 0x03 };

        (void)state;
        for (size_t size = 0; size <= sizeof(value); size++) {
                PaceReading r = { .speed = 7 };

                assert_false(parse_exact(value, size, &r));
                assert_true(r.speed == 7);
        }
}

/* Whatever flags and length: what comes out is a number of a runner, or not known. */
static void test_all_flags_and_lengths(void **state)
{
        uint8_t value[16];

        (void)state;
        for (unsigned filler = 0; filler <= 0xff; filler += 5)
                for (unsigned flags = 0; flags <= 0xff; flags++)
                        for (size_t size = 4; size <= sizeof(value); size++) {
                                size_t announced = 4 + (flags & 1 ? 2 : 0) + (flags & 2 ? 4 : 0);
                                PaceReading r;

                                memset(value, (int)filler, sizeof(value));
                                value[0] = (uint8_t)flags;
                                assert_true(parse_exact(value, size, &r));
                                assert_true(isnan(r.speed) || (r.speed >= 0 && r.speed <= PACE_SPEED_MAX));
                                assert_true(isnan(r.cadence) || (r.cadence >= 0 && r.cadence < 255));
                                assert_int_equal(!isnan(r.distance),
                                                (flags & 2) && size >= announced && filler != 0xff);
                        }
}

static void test_kinds(void **state)
{
        (void)state;
        assert_string_equal(sensor_kind_to_string(SENSOR_KIND_STRAP), "strap");
        assert_string_equal(sensor_kind_to_string(SENSOR_KIND_FOOT_POD), "foot-pod");
        assert_string_equal(sensor_kind_to_string(SENSOR_KIND_TREADMILL), "treadmill");
        assert_null(sensor_kind_to_string(_SENSOR_KIND_MAX));
        assert_null(sensor_kind_to_string(_SENSOR_KIND_INVALID));
        for (SensorKind kind = 0; kind < _SENSOR_KIND_MAX; kind++)
                assert_int_equal(sensor_kind_from_string(sensor_kind_to_string(kind)), kind);
        assert_int_equal(sensor_kind_from_string("pod"), _SENSOR_KIND_INVALID);
        assert_int_equal(sensor_kind_from_string(""), _SENSOR_KIND_INVALID);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_too_short),
                cmocka_unit_test(test_all_flags_and_lengths),
                cmocka_unit_test(test_kinds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
