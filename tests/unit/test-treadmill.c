/* SPDX-License-Identifier: MIT */

/* Treadmill Data: bytes of real machines and of odd ones, readings in several parts, and every flag at every length. Values lie in
 * memory of exactly their size, so that a read beyond one is seen. */

#include "cardio/treadmill.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "cardio/measurement.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

static int take_exact(Treadmill *t, const uint8_t *value, size_t size, usec_t at_usec, PaceReading *ret)
{
        _cleanup_free_ uint8_t *exact = malloc(size ?: 1);

        assert_non_null(exact);
        memcpy(exact, value, size);
        return treadmill_take(t, exact, size, at_usec, ret);
}

static bool same(double a, double b)
{
        return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-9;
}

static void expect(const char *what, const PaceReading *r, double kmh, double distance, double incline,
                double ascent, unsigned heart_rate)
{
        if (!same(r->speed, kmh / 3.6) || !same(r->distance, distance) || !same(r->incline, incline) ||
                        !same(r->ascent, ascent) || r->heart_rate != heart_rate || !isnan(r->cadence))
                fail_msg("%s: %f km/h, %f m, %f %%, ascent %f m, %u bpm", what, r->speed * 3.6, r->distance,
                                r->incline, r->ascent, (unsigned)r->heart_rate);
}

static void test_table(void **state)
{
        static const struct {
                const char *what;
                size_t size;
                uint8_t value[40];
                double kmh, distance, incline, ascent;
                unsigned heart_rate;
        } cases[] = {
                /* what machines send */
                { "with a heart rate", 23,
                                { 0x9e, 0x05, 0x17, 0x05, 0x92, 0x02, 0xfb, 0x00, 0x00, 0x00, 0x00, 0xff,
                                                0x7f, 0x7c, 0x00, 0xff, 0x7f, 0x1b, 0x00, 0xff, 0xff, 0xff,
                                                0x69 },
                                13.03, 251, 0, 12.4, 105 },
                { "and with its time", 25,
                                { 0x9e, 0x05, 0x17, 0x05, 0x92, 0x02, 0xfb, 0x00, 0x00, 0x00, 0x00, 0xff,
                                                0x7f, 0x7c, 0x00, 0xff, 0x7f, 0x1b, 0x00, 0xff, 0xff, 0xff,
                                                0x69, 0x8a, 0x00 },
                                13.03, 251, 0, 12.4, 105 },
                { "uphill", 24,
                                { 0x9e, 0x04, 0x73, 0x02, 0x33, 0x02, 0x25, 0x00, 0x00, 0x3c, 0x00, 0xff,
                                                0x7f, 0x00, 0x00, 0xff, 0x7f, 0x02, 0x00, 0xff, 0xff, 0xff,
                                                0x1f, 0x00 },
                                6.27, 37, 6, 0, 0 },
                { "cut in the energy", 20,
                                { 0x9e, 0x1f, 0xc6, 0x03, 0x94, 0x02, 0x3e, 0x01, 0x00, 0x5a, 0x00, 0xff,
                                                0x7f, 0x32, 0x00, 0xff, 0xff, 0x25, 0x00, 0xf4 },
                                9.66, 318, 9, 5, 0 },
                { "idle", 14, { 0x84, 0x04 }, 0, 0, NAN, NAN, 0 },
                { "reserved flags and bytes for them", 18,
                                { 0x84, 0x24, 0x20, 0x03, 0x64, 0x00, 0x00, 0x05, 0x00, 0xff, 0xff, 0xff,
                                                0x3c, 0x00, 0x50, 0x00, 0x00, 0x00 },
                                8, 100, NAN, NAN, 0 },
                /* one field at a time */
                { "speed alone", 4, { 0, 0, 0xe8, 0x03 }, 10, NAN, NAN, NAN, 0 },
                { "average speed", 6, { 0x02, 0, 0xe8, 0x03, 9, 9 }, 10, NAN, NAN, NAN, 0 },
                { "distance of three bytes", 7, { 0x04, 0, 0xe8, 0x03, 1, 2, 3 }, 10, 197121, NAN, NAN, 0 },
                { "downhill", 8, { 0x08, 0, 0xe8, 0x03, 0xe2, 0xff, 0, 0 }, 10, NAN, -3, NAN, 0 },
                { "elevation", 8, { 0x10, 0, 0xe8, 0x03, 0x39, 0x30, 9, 9 }, 10, NAN, NAN, 1234.5, 0 },
                { "paces before a heart rate", 7, { 0x60, 0x01, 0xe8, 0x03, 9, 9, 140 }, 10, NAN, NAN, NAN,
                                140 },
                { "energy before a heart rate", 10, { 0x80, 0x01, 0xe8, 0x03, 9, 9, 9, 9, 9, 140 }, 10, NAN,
                                NAN, NAN, 140 },
                { "all the rest", 14, { 0x00, 0x1e, 0xe8, 0x03, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 }, 10, NAN, NAN,
                                NAN, 0 },
                /* what is not available */
                { "speed", 7, { 0x04, 0, 0xff, 0xff, 9, 0, 0 }, NAN, 9, NAN, NAN, 0 },
                { "speed, otherwise", 7, { 0x04, 0, 0xff, 0x7f, 9, 0, 0 }, NAN, 9, NAN, NAN, 0 },
                { "distance", 7, { 0x04, 0, 0xe8, 0x03, 0xff, 0xff, 0xff }, 10, NAN, NAN, NAN, 0 },
                { "incline", 8, { 0x08, 0, 0xe8, 0x03, 0xff, 0x7f, 0, 0 }, 10, NAN, NAN, NAN, 0 },
                { "incline, otherwise", 8, { 0x08, 0, 0xe8, 0x03, 0xff, 0xff, 0, 0 }, 10, NAN, NAN, NAN, 0 },
                { "an incline that is none", 8, { 0x08, 0, 0xe8, 0x03, 0xe9, 0x03, 0, 0 }, 10, NAN, NAN, NAN,
                                0 },
                { "elevation", 8, { 0x10, 0, 0xe8, 0x03, 0xff, 0xff, 0, 0 }, 10, NAN, NAN, NAN, 0 },
                { "elevation, otherwise", 8, { 0x10, 0, 0xe8, 0x03, 0xff, 0x7f, 0, 0 }, 10, NAN, NAN, NAN,
                                0 },
                { "heart rate", 5, { 0x00, 0x01, 0xe8, 0x03, 0xff }, 10, NAN, NAN, NAN, 0 },
                { "a heart rate that is none", 5, { 0x00, 0x01, 0xe8, 0x03, 12 }, 10, NAN, NAN, NAN, 0 },
                /* what is cut */
                { "behind the speed", 4, { 0x9e, 0x05, 0xe8, 0x03 }, 10, NAN, NAN, NAN, 0 },
                { "in the distance", 6, { 0x04, 0x01, 0xe8, 0x03, 1, 2 }, 10, NAN, NAN, NAN, 0 },
                { "in the incline", 8, { 0x0c, 0, 0xe8, 0x03, 7, 0, 0, 5 }, 10, 7, NAN, NAN, 0 },
                { "in the ramp angle", 6, { 0x08, 0x01, 0xe8, 0x03, 30, 0 }, 10, NAN, 3, NAN, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Treadmill t = { 0 };
                PaceReading r;

                assert_int_equal(take_exact(&t, cases[i].value, cases[i].size, SEC(1), &r), 1);
                expect(cases[i].what, &r, cases[i].kmh, cases[i].distance, cases[i].incline, cases[i].ascent,
                                cases[i].heart_rate);
        }
}

static void test_too_short(void **state)
{
        static const uint8_t value[] = { 0x04, 0x00, 0xe8 };

        (void)state;
        for (size_t size = 0; size <= sizeof(value); size++) {
                Treadmill t = { 0 };
                PaceReading r = { .speed = 7 };

                assert_int_equal(take_exact(&t, value, size, SEC(1), &r), -EBADMSG);
                assert_true(r.speed == 7 && !t.waits);
        }
}

/* -- Readings in several parts -- */

typedef struct Part {
        double at_s;
        size_t size;
        uint8_t value[16];
        int r;
        double kmh, distance, incline;
} Part;

/* 42 m at 0 %; and 5.90 km/h for 39 s: what a machine sends. */
#define FIRST(...)                                                                                      \
        {                                                                                               \
                .size = 15, .value = { 0x1f, 0x00, 0x84, 0x01, 0x2a, 0, 0, 0, 0, 0, 0, 0x01, 0, 0, 0 }, \
                __VA_ARGS__                                                                             \
        }
#define LAST(...)                                                                                            \
        {                                                                                                    \
                .size = 12,                                                                                  \
                .value = { 0x80, 0x06, 0x4e, 0x02, 0x02, 0x00, 0xff, 0xff, 0xff, 0x37, 0x27, 0x00 }, .r = 1, \
                .kmh = 5.9, __VA_ARGS__                                                                      \
        }
/* A third part, between them: 3 %. */
#define DISTANCE_ONLY(m, ...)                                            \
        {                                                                \
                .size = 5, .value = { 0x05, 0x00, m, 0, 0 }, __VA_ARGS__ \
        }
#define INCLINE_ONLY(...)                                                    \
        {                                                                    \
                .size = 6, .value = { 0x09, 0x00, 30, 0, 0, 0 }, __VA_ARGS__ \
        }

static void test_parts(void **state)
{
        static const struct {
                const char *what;
                Part parts[8];
        } cases[] = {
                { "two at once", { FIRST(.at_s = 1), LAST(.at_s = 1, .distance = 42, .incline = 0) } },
                { "one after the other, twice",
                                { FIRST(.at_s = 1), LAST(.at_s = 1.1, .distance = 42, .incline = 0),
                                                FIRST(.at_s = 2),
                                                LAST(.at_s = 2.1, .distance = 42, .incline = 0) } },
                { "three", { DISTANCE_ONLY(7, .at_s = 1), INCLINE_ONLY(.at_s = 1),
                                           LAST(.at_s = 1, .distance = 7, .incline = 3) } },
                { "the last alone", { LAST(.at_s = 1, .distance = NAN, .incline = NAN) } },
                { "what was in the reading before is not in this one",
                                { FIRST(.at_s = 1), LAST(.at_s = 1, .distance = 42, .incline = 0),
                                                LAST(.at_s = 2, .distance = NAN, .incline = NAN) } },
                { "the last after 2 s", { FIRST(.at_s = 1), LAST(.at_s = 3, .distance = 42, .incline = 0) } },
                { "the last after more: it stands alone",
                                { FIRST(.at_s = 1),
                                                LAST(.at_s = 3.000001, .distance = NAN, .incline = NAN) } },
                { "the last never came: the reading is given when the next one begins",
                                { DISTANCE_ONLY(7, .at_s = 1),
                                                DISTANCE_ONLY(9, .at_s = 2, .r = 1, .kmh = NAN, .distance = 7,
                                                                .incline = NAN),
                                                LAST(.at_s = 3, .distance = 9, .incline = NAN) } },
                { "nor did the next one, for long: it is dropped",
                                { DISTANCE_ONLY(7, .at_s = 1), DISTANCE_ONLY(9, .at_s = 4),
                                                LAST(.at_s = 5, .distance = 9, .incline = NAN) } },
                { "a part that is nothing in between",
                                { DISTANCE_ONLY(7, .at_s = 1), { .at_s = 1, .size = 1, .r = -EBADMSG },
                                                { .at_s = 1, .size = 3, .r = -EBADMSG },
                                                LAST(.at_s = 1, .distance = 7, .incline = NAN) } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Treadmill t = { 0 };

                for (const Part *p = cases[i].parts; p->at_s > 0; p++) {
                        PaceReading r;
                        int taken = take_exact(&t, p->value, p->size, SEC(p->at_s), &r);

                        if (taken != p->r)
                                fail_msg("%s: part %td: %d", cases[i].what, p - cases[i].parts, taken);
                        if (taken > 0)
                                expect(cases[i].what, &r, p->kmh, p->distance, p->incline,
                                                p->incline == 0 ? 0.1 : NAN, 0);
                }
        }
}

/* Whatever flags, length and order: what comes out is a number of a runner, or not known. */
static void test_all_flags_and_lengths(void **state)
{
        Treadmill t = { 0 };
        uint8_t value[40];
        unsigned n = 0, seed = 1;

        (void)state;
        for (unsigned flags = 0; flags <= 0xffff; flags += 1)
                for (size_t size = 0; size <= sizeof(value); size += 1 + flags % 7) {
                        PaceReading r;

                        for (size_t i = 0; i < sizeof(value); i++)
                                value[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
                        value[0] = (uint8_t)flags;
                        value[1] = (uint8_t)(flags >> 8);
                        if (take_exact(&t, value, size, SEC(++n * 0.4), &r) != 1)
                                continue;
                        assert_true(isnan(r.speed) || (r.speed >= 0 && r.speed <= PACE_SPEED_MAX));
                        assert_true(isnan(r.distance) || (r.distance >= 0 && r.distance < 0xffffff));
                        assert_true(isnan(r.incline) || fabs(r.incline) <= 100);
                        assert_true(isnan(r.ascent) || (r.ascent >= 0 && r.ascent < 6553.5));
                        assert_true(isnan(r.cadence));
                        assert_true(r.heart_rate == 0 ||
                                        (r.heart_rate >= HEART_RATE_MIN && r.heart_rate <= HEART_RATE_MAX));
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_too_short),
                cmocka_unit_test(test_parts),
                cmocka_unit_test(test_all_flags_and_lengths),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
