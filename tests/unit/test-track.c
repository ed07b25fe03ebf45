/* SPDX-License-Identifier: MIT */

/* One strap's notifications alone: which are copies of the one before, which R-R intervals were sent twice, and what zone a
 * heart rate has before there is one to go by. */

#include "cardio/track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define MS(n)  ((usec_t)(n)*USEC_PER_MSEC)
#define BEGIN  MS(1000000)
#define WINDOW MS(5000)
#define STALE  MS(5000)

static Track *track_new(void)
{
        Track *t = calloc(1, sizeof(*t));

        assert_non_null(t);
        track_begin(t);
        t->state = SENSOR_LIVE;
        return t;
}

static void test_duplicate(void **state)
{
        static const uint8_t plain[] = { 0x00, 120 }, other[] = { 0x00, 121 },
                             with_rr[] = { 0x10, 120, 0x00, 0x02 };
        static const struct {
                const uint8_t *value;
                size_t size;
                unsigned after_ms;
                bool late, duplicate;
        } steps[] = {
                { plain, sizeof(plain), 1000, false, false },
                { plain, sizeof(plain), 199, false, true },
                { plain, sizeof(plain), 1, false, false }, /* 200 ms after the first */
                { other, sizeof(other), 1, false, false },
                { plain, sizeof(plain), 1, false, false },
                { plain, 1, 1, false, false },
                { NULL, 0, 1, false, false },
                { NULL, 0, 1, false, false },
                { plain, sizeof(plain), 1, true, false },
                { plain, sizeof(plain), 1, true, false }, /* what has waited comes all at once */
                { with_rr, sizeof(with_rr), 1, true, false },
                { with_rr, sizeof(with_rr), 1000, true, true },
                { with_rr, sizeof(with_rr), 1000, false, false },
        };
        Track *t = track_new();
        usec_t now_usec = BEGIN;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                now_usec += MS(steps[i].after_ms);
                if (track_is_duplicate(t, steps[i].value, steps[i].size, steps[i].late, now_usec) !=
                                steps[i].duplicate)
                        fail_msg("step %zu", i);
        }
        free(t);
}

static void test_long_value(void **state)
{
        uint8_t value[TRACK_PACKET_MAX + 1] = { 0x10, 120 };
        Track *t = track_new();

        (void)state;
        assert_false(track_is_duplicate(t, value, TRACK_PACKET_MAX, false, BEGIN));
        assert_true(track_is_duplicate(t, value, TRACK_PACKET_MAX, false, BEGIN));
        assert_false(track_is_duplicate(t, value, sizeof(value), false, BEGIN));
        assert_false(track_is_duplicate(t, value, sizeof(value), false, BEGIN));
        free(t);
}

/* Two intervals of a second in all, and what is left of them when the next packet has them, too. */
static void test_repeated_rr(void **state)
{
        static const struct {
                unsigned after_ms;
                uint16_t rr[2];
                size_t left;
        } steps[] = {
                { 1000, { 512, 512 }, 2 },
                { 749, { 512, 512 }, 0 },
                { 1, { 512, 512 }, 2 }, /* three quarters of what they cover have passed */
                { 1, { 512, 513 }, 2 },
                { 1, { 512, 513 }, 0 },
        };
        Track *t = track_new();
        usec_t at_usec = BEGIN;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                Measurement m = { .heart_rate = 120, .n_rr = 2, .rr = { steps[i].rr[0], steps[i].rr[1] } };

                at_usec += MS(steps[i].after_ms);
                track_drop_repeated_rr(t, &m, at_usec);
                assert_int_equal(m.n_rr, steps[i].left);
                (void)track_push(t, at_usec, STALE, &m, WINDOW);
        }
        free(t);
}

/* Heart rates too few, or too far apart, to go by take the zone of the first that counts, which is the fourth. */
static void test_zone(void **state)
{
        static const ZoneTable zones = { .n = 2, .bound = { 100, 140 } };
        static const uint16_t heart_rate[] = { 150, 121, 120, 122, 200 };
        Track *t = track_new();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(heart_rate); i++) {
                Measurement m = { .heart_rate = heart_rate[i] };

                track_classify(t, track_push(t, BEGIN + MS(1000 * i), STALE, &m, WINDOW), &zones, 0);
                assert_int_equal(track_latest(t)->heart_rate, heart_rate[i]);
                if (i == 0)
                        assert_int_equal(track_latest(t)->zone, 2);
        }
        for (size_t i = 0; i < ELEMENTSOF(heart_rate); i++)
                assert_int_equal(ring_at(&t->ring, i)->zone, 1);
        t->state = SENSOR_STALE;
        assert_null(track_latest(t));
        free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_duplicate),
                cmocka_unit_test(test_long_value),
                cmocka_unit_test(test_repeated_rr),
                cmocka_unit_test(test_zone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
