/* SPDX-License-Identifier: MIT */

/* What a strap is worth: scripts of links and packets with the state after each, and, over random input, that before the
 * deadline time alone does not change the state. */

#include "cardio/sensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

typedef enum Op {
        ABSENT = 1,
        CONNECTING,
        CONNECTED,
        HR,   /* with an R-R interval */
        BARE, /* without */
        NO_CONTACT,
        IMPLAUSIBLE,
        NOW, /* nothing happens */
} Op;

typedef struct Step {
        Op op; /* 0 ends the script */
        double at_s;
        uint16_t heart_rate;
        SensorState state;
} Step;

static const SensorConfig config = { .stale_usec = SEC(5), .frozen_usec = SEC(20) };
static const SensorConfig by_pace = { .stale_usec = 0, .frozen_usec = SEC(20) };

static void packet(Sensor *s, const SensorConfig *c, Op op, uint16_t heart_rate, usec_t at_usec)
{
        const Measurement m = { .heart_rate = heart_rate, .n_rr = op == HR ? 1 : 0, .rr = { 1024 } };
        MeasurementVerdict verdict = op == NO_CONTACT    ? MEASUREMENT_NO_CONTACT
                                     : op == IMPLAUSIBLE ? MEASUREMENT_IMPLAUSIBLE
                                                         : MEASUREMENT_HEART_RATE;

        sensor_packet(s, c, &m, verdict, at_usec);
}

static void run_step(Sensor *s, const SensorConfig *c, Op op, uint16_t heart_rate, usec_t at_usec)
{
        switch (op) {
        case ABSENT:
                sensor_link(s, SENSOR_LINK_ABSENT, at_usec);
                break;
        case CONNECTING:
                sensor_link(s, SENSOR_LINK_CONNECTING, at_usec);
                break;
        case CONNECTED:
                sensor_link(s, SENSOR_LINK_CONNECTED, at_usec);
                break;
        case HR:
        case BARE:
        case NO_CONTACT:
        case IMPLAUSIBLE:
                packet(s, c, op, heart_rate, at_usec);
                break;
        case NOW:
                break;
        }
}

static void play_with(const SensorConfig *c, const Step *steps)
{
        Sensor sensor = { 0 };

        assert_int_equal(sensor_state(&sensor, c, SEC(1)), SENSOR_ABSENT);
        assert_int_equal(sensor_deadline(&sensor, c, SEC(1)), USEC_INFINITY);
        for (const Step *s = steps; s->op != 0; s++) {
                usec_t at_usec = SEC(s->at_s);
                SensorState state;

                run_step(&sensor, c, s->op, s->heart_rate, at_usec);
                state = sensor_state(&sensor, c, at_usec);
                if (state != s->state)
                        fail_msg("step %zu: %s", (size_t)(s - steps), sensor_state_to_string(state));
                assert_true(sensor_deadline(&sensor, c, at_usec) > at_usec);
        }
}

static void play(const Step *steps)
{
        play_with(&config, steps);
}

static void test_link(void **state)
{
        static const Step steps[] = {
                { CONNECTING, 1, 0, SENSOR_CONNECTING },
                { NOW, 60, 0, SENSOR_CONNECTING },
                { ABSENT, 61, 0, SENSOR_ABSENT },
                { CONNECTING, 62, 0, SENSOR_CONNECTING },
                { CONNECTED, 63, 0, SENSOR_CONNECTING }, /* its first value is still on its way */
                { CONNECTED, 67, 0, SENSOR_CONNECTING }, /* told twice: nothing new */
                { NOW, 68, 0, SENSOR_CONNECTING },
                { NOW, 68.000001, 0, SENSOR_STALE },
                { HR, 70, 120, SENSOR_LIVE },
                { NOW, 75, 0, SENSOR_LIVE },
                { NOW, 75.000001, 0, SENSOR_STALE },
                { HR, 80, 120, SENSOR_LIVE },
                { ABSENT, 81, 0, SENSOR_ABSENT },
                { CONNECTED, 82, 0, SENSOR_CONNECTING }, /* what it said before says nothing about now */
                { 0 },
        };

        (void)state;
        play(steps);
}

/* A value counts whatever the link is said to be. */
static void test_values_before_link(void **state)
{
        static const Step steps[] = {
                { HR, 1, 120, SENSOR_LIVE },
                { NOW, 6, 0, SENSOR_LIVE },
                { NOW, 6.000001, 0, SENSOR_ABSENT },
                { HR, 7, 120, SENSOR_LIVE },
                { CONNECTING, 8, 0, SENSOR_LIVE },
                { NOW, 12.000001, 0, SENSOR_CONNECTING },
                { HR, 13, 120, SENSOR_LIVE },
                { CONNECTED, 14, 0, SENSOR_LIVE },
                { NOW, 18.000001, 0, SENSOR_STALE },
                { CONNECTING, 19, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 20, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 23, 0, SENSOR_NO_CONTACT },
                { ABSENT, 24, 0, SENSOR_ABSENT },
                { NO_CONTACT, 25, 0, SENSOR_ABSENT }, /* those of the link before have no say */
                { NO_CONTACT, 28, 0, SENSOR_NO_CONTACT },
                { NOW, 33, 0, SENSOR_NO_CONTACT },
                { NOW, 33.000001, 0, SENSOR_ABSENT },
                { 0 },
        };

        (void)state;
        play(steps);
}

/* At least two packets that say so, the first and the last 3 s apart, and no heart rate between them. */
static void test_no_contact(void **state)
{
        static const Step never_a_heart_rate[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 2, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 4.999999, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 5, 0, SENSOR_NO_CONTACT },
                { NOW, 10, 0, SENSOR_NO_CONTACT },
                { NOW, 10.000001, 0, SENSOR_STALE },
                { NO_CONTACT, 60, 0, SENSOR_NO_CONTACT }, /* nor any since */
                { 0 },
        };
        static const Step only_one[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 2, 0, SENSOR_CONNECTING },
                { NOW, 6, 0, SENSOR_CONNECTING },
                { NOW, 6.000001, 0, SENSOR_STALE },
                { 0 },
        };
        static const Step after_a_heart_rate[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { HR, 11, 120, SENSOR_LIVE },
                { NO_CONTACT, 12, 120, SENSOR_LIVE },
                { NO_CONTACT, 13, 0, SENSOR_LIVE },
                { NO_CONTACT, 15, 0, SENSOR_NO_CONTACT }, /* and not live by the value before */
                { IMPLAUSIBLE, 20, 255, SENSOR_NO_CONTACT },
                { IMPLAUSIBLE, 20.000001, 255, SENSOR_STALE },
                { HR, 21, 120, SENSOR_LIVE },
                { 0 },
        };
        static const Step a_heart_rate_between[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { HR, 21, 120, SENSOR_LIVE },
                { NO_CONTACT, 22, 0, SENSOR_LIVE },
                { HR, 24, 120, SENSOR_LIVE },
                { NO_CONTACT, 25.5, 0, SENSOR_LIVE },
                { NO_CONTACT, 28.499999, 0, SENSOR_LIVE },
                { NO_CONTACT, 28.5, 0, SENSOR_NO_CONTACT },
                { HR, 29, 120, SENSOR_LIVE },
                { NO_CONTACT, 30, 0, SENSOR_LIVE },
                { 0 },
        };
        /* Neither a heart rate nor a loss of contact. */
        static const Step implausible[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { HR, 30, 120, SENSOR_LIVE },
                { NO_CONTACT, 31, 0, SENSOR_LIVE },
                { IMPLAUSIBLE, 32, 255, SENSOR_LIVE },
                { IMPLAUSIBLE, 34, 255, SENSOR_LIVE },
                { NO_CONTACT, 34.1, 0, SENSOR_NO_CONTACT },
                { HR, 40, 120, SENSOR_LIVE },
                { IMPLAUSIBLE, 41, 255, SENSOR_LIVE },
                { IMPLAUSIBLE, 45, 255, SENSOR_LIVE },
                { IMPLAUSIBLE, 45.000001, 10, SENSOR_STALE },
                { 0 },
        };
        static const Step *const cases[] = { never_a_heart_rate, only_one, after_a_heart_rate,
                a_heart_rate_between, implausible };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                play(cases[i]);
}

/* Real straps send one every few seconds: it is nothing. */
static void test_odd_packets(void **state)
{
        (void)state;
        for (unsigned every = 2; every <= 20; every++) {
                Sensor sensor = { 0 };

                packet(&sensor, &config, HR, 150, SEC(1));
                for (unsigned t = 2; t < 200; t++) {
                        Op odd = t / every % 2 ? NO_CONTACT : IMPLAUSIBLE;

                        packet(&sensor, &config, t % every == 0 ? odd : HR, 150, SEC(t));
                        assert_int_equal(sensor_state(&sensor, &config, SEC(t)), SENSOR_LIVE);
                }
        }
}

/* So many equal values without an R-R interval, so far apart, the first at second 1. Returns when the last one was. */
static usec_t repeat(Sensor *s, usec_t from_usec, double every_s, unsigned n)
{
        usec_t at_usec = from_usec;

        for (unsigned i = 0; i < n; i++) {
                at_usec = from_usec + i * SEC(every_s);
                packet(s, &config, BARE, 120, at_usec);
        }
        return at_usec;
}

/* Frozen: for longer than frozen-after, 20 s, and 60 values. */
static void test_frozen(void **state)
{
        static const struct {
                double every_s;
                unsigned n;
                SensorState state;
        } cases[] = {
                { 1, 59, SENSOR_LIVE },
                { 1, 60, SENSOR_STALE }, /* 59 s, of which 60 values */
                { 5, 59, SENSOR_LIVE },
                { 5, 60, SENSOR_STALE },   /* nearly five minutes */
                { 0.25, 60, SENSOR_LIVE }, /* 15 s */
                { 0.25, 81, SENSOR_LIVE },
                { 0.25, 82, SENSOR_STALE },
        };
        Sensor sensor = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Sensor s = { 0 };
                usec_t at_usec = repeat(&s, SEC(1), cases[i].every_s, cases[i].n);

                assert_int_equal(sensor_is_frozen(&s, &config, at_usec), cases[i].state == SENSOR_STALE);
                if (sensor_state(&s, &config, at_usec) != cases[i].state)
                        fail_msg("row %zu", i);
        }

        /* By time alone, once there are enough of them: 81 values take 20 s. */
        (void)repeat(&sensor, SEC(1), 0.25, 81);
        assert_int_equal(sensor_deadline(&sensor, &config, SEC(21)), SEC(21) + 1);
        assert_int_equal(sensor_state(&sensor, &config, SEC(21) + 1), SENSOR_STALE);

        /* Any other value, and it lives. */
        packet(&sensor, &config, BARE, 121, SEC(22));
        assert_int_equal(sensor_state(&sensor, &config, SEC(22)), SENSOR_LIVE);
}

/* Thirty equal values from second 1 on, then something at 30.5, then thirty more; after sixty more it is frozen anyway. */
static void test_what_breaks_frozen(void **state)
{
        static const struct {
                const char *what;
                Op op;
                uint16_t heart_rate;
                double again_s;
                SensorState state;
        } cases[] = {
                { "nothing", NOW, 0, 31, SENSOR_STALE },
                { "an R-R interval", HR, 120, 31, SENSOR_LIVE },
                { "another value", BARE, 121, 31, SENSOR_LIVE },
                { "an odd packet", NO_CONTACT, 0, 31, SENSOR_STALE },
                { "an implausible one", IMPLAUSIBLE, 251, 31, SENSOR_STALE },
                { "no gap yet", NOW, 0, 35, SENSOR_STALE },
                { "a gap", NOW, 0, 35.000001, SENSOR_LIVE }, /* who knows what it was then */
                { "the link is said to be made anew", CONNECTING, 0, 31, SENSOR_STALE },
                { "a loss of the link", ABSENT, 0, 31, SENSOR_LIVE },
        };
        /* A steady heart with intervals is never frozen. */
        Sensor steady = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Sensor s = { 0 };
                usec_t at_usec;

                run_step(&s, &config, CONNECTED, 0, SEC(1));
                (void)repeat(&s, SEC(1), 1, 30);
                run_step(&s, &config, cases[i].op, cases[i].heart_rate, SEC(30.5));
                at_usec = repeat(&s, SEC(cases[i].again_s), 1, 30);
                if (sensor_state(&s, &config, at_usec) != cases[i].state)
                        fail_msg("%s", cases[i].what);
                at_usec = repeat(&s, at_usec + SEC(1), 1, 30);
                assert_int_equal(sensor_state(&s, &config, at_usec), SENSOR_STALE);
        }
        for (unsigned t = 1; t < 1000; t++) {
                packet(&steady, &config, HR, 60, SEC(t));
                assert_int_equal(sensor_state(&steady, &config, SEC(t)), SENSOR_LIVE);
        }
}

/* stale-after = auto: 15 s of a sensor never heard, three times its usual interval once five are known, and over a loss of
 * the link what was known before. */
static void test_stale_after_by_pace(void **state)
{
        static const Step never_heard[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { NOW, 16, 0, SENSOR_CONNECTING },
                { NOW, 16.000001, 0, SENSOR_STALE },
                { HR, 20, 120, SENSOR_LIVE },
                { NOW, 35, 0, SENSOR_LIVE },
                { NOW, 35.000001, 0, SENSOR_STALE },
                { 0 },
        };
        static const Step fast[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { HR, 2, 120, SENSOR_LIVE },
                { HR, 3, 120, SENSOR_LIVE },
                { HR, 4, 120, SENSOR_LIVE },
                { HR, 5, 120, SENSOR_LIVE },
                { HR, 6, 120, SENSOR_LIVE }, /* four intervals */
                { NOW, 21, 0, SENSOR_LIVE },
                { NOW, 21.000001, 0, SENSOR_STALE },
                { HR, 22, 120, SENSOR_LIVE }, /* the fifth: the median is 1 s */
                { NOW, 27, 0, SENSOR_LIVE },
                { NOW, 27.000001, 0, SENSOR_STALE },
                { ABSENT, 28, 0, SENSOR_ABSENT },
                { CONNECTED, 29, 0, SENSOR_CONNECTING },
                { NOW, 34, 0, SENSOR_CONNECTING },
                { NOW, 34.000001, 0, SENSOR_STALE },
                { HR, 35, 120, SENSOR_LIVE },
                { NO_CONTACT, 36, 0, SENSOR_LIVE },
                { NOW, 40.000001, 0, SENSOR_STALE },
                { NO_CONTACT, 41, 0, SENSOR_NO_CONTACT },
                { NOW, 46, 0, SENSOR_NO_CONTACT },
                { NOW, 46.000001, 0, SENSOR_STALE },
                { 0 },
        };
        static const Step slow[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { HR, 6, 120, SENSOR_LIVE },
                { HR, 17, 120, SENSOR_LIVE },
                { HR, 28, 120, SENSOR_LIVE },
                { HR, 39, 120, SENSOR_LIVE },
                { HR, 50, 120, SENSOR_LIVE },
                { HR, 61, 120, SENSOR_LIVE },
                { NOW, 94, 0, SENSOR_LIVE },
                { NOW, 94.000001, 0, SENSOR_STALE },
                { ABSENT, 95, 0, SENSOR_ABSENT },
                { CONNECTED, 100, 0, SENSOR_CONNECTING },
                { HR, 101, 120, SENSOR_LIVE },
                { NOW, 134, 0, SENSOR_LIVE },
                { NOW, 134.000001, 0, SENSOR_STALE },
                { HR, 140, 120, SENSOR_LIVE },
                { HR, 141, 120, SENSOR_LIVE },
                { HR, 142, 120, SENSOR_LIVE },
                { HR, 143, 120, SENSOR_LIVE },
                { HR, 144, 120, SENSOR_LIVE }, /* four intervals of this link, the absence being none */
                { NOW, 177, 0, SENSOR_LIVE },
                { NOW, 177.000001, 0, SENSOR_STALE },
                { HR, 178, 120, SENSOR_LIVE },
                { NOW, 183, 0, SENSOR_LIVE },
                { NOW, 183.000001, 0, SENSOR_STALE },
                { 0 },
        };
        Sensor s = { 0 };

        (void)state;
        play_with(&by_pace, never_heard);
        play_with(&by_pace, fast);
        play_with(&by_pace, slow);

        /* A configured one holds whatever the pace. */
        for (unsigned t = 1; t <= 10; t++)
                packet(&s, &by_pace, HR, 120, SEC(10 * t));
        assert_int_equal(sensor_stale_after(&s, &by_pace), SEC(30));
        assert_int_equal(sensor_stale_after(&s, &config), SEC(5));
}

/* xorshift32 (Marsaglia 2003) */
static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

/* From now to just before the deadline the state stays as it is. Steps of half a second, so that the moments at which it
 * could change are all looked at from both sides. */
static void check_deadline(const Sensor *s, const SensorConfig *c, usec_t now_usec)
{
        usec_t deadline = sensor_deadline(s, c, now_usec);
        SensorState state = sensor_state(s, c, now_usec);

        assert_true(deadline > now_usec);
        for (usec_t t = now_usec; t < now_usec + SEC(45) && t < deadline; t += SEC(0.5)) {
                assert_int_equal(sensor_state(s, c, t), state);
                if (t + 1 < deadline)
                        assert_int_equal(sensor_state(s, c, t + 1), state);
        }
        if (deadline == USEC_INFINITY)
                assert_int_equal(sensor_state(s, c, now_usec + SEC(86400)), state);
        else
                assert_int_equal(sensor_state(s, c, deadline - 1), state);
}

static void check_deadlines(const SensorConfig *c, uint32_t seed)
{
        unsigned n_seen[_SENSOR_STATE_MAX] = { 0 }, n_frozen = 0;
        Sensor sensor = { 0 };
        usec_t now_usec = SEC(10);

        for (unsigned i = 0; i < 20000; i++) {
                /* For long stretches it is nothing but the same value: often enough to freeze. */
                bool odd = next_random(&seed) % (i / 200 % 2 ? 100 : 3) == 0;
                Op op = odd ? ABSENT + next_random(&seed) % (NOW - ABSENT + 1) : BARE;

                run_step(&sensor, c, op, 120 + (next_random(&seed) % 100 == 0), now_usec);
                check_deadline(&sensor, c, now_usec);
                n_seen[sensor_state(&sensor, c, now_usec)]++;
                n_frozen += sensor_is_frozen(&sensor, c, now_usec);
                now_usec += SEC(0.5) * (next_random(&seed) % (odd ? 14 : 3));
        }
        for (SensorState state = 0; state < _SENSOR_STATE_MAX; state++)
                assert_true(n_seen[state] > 10);
        assert_true(n_frozen > 100);
}

static void test_deadline(void **state)
{
        (void)state;
        check_deadlines(&config, 11);
        check_deadlines(&by_pace, 12);
}

static void test_names(void **state)
{
        static const char *const names[_SENSOR_STATE_MAX] = {
                [SENSOR_ABSENT] = "absent",
                [SENSOR_CONNECTING] = "connecting",
                [SENSOR_LIVE] = "live",
                [SENSOR_NO_CONTACT] = "no-contact",
                [SENSOR_STALE] = "stale",
        };

        (void)state;
        for (SensorState s = 0; s < _SENSOR_STATE_MAX; s++)
                assert_string_equal(sensor_state_to_string(s), names[s]);
        assert_null(sensor_state_to_string(_SENSOR_STATE_MAX));
        assert_null(sensor_state_to_string(_SENSOR_STATE_INVALID));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_link),
                cmocka_unit_test(test_values_before_link),
                cmocka_unit_test(test_no_contact),
                cmocka_unit_test(test_odd_packets),
                cmocka_unit_test(test_frozen),
                cmocka_unit_test(test_what_breaks_frozen),
                cmocka_unit_test(test_stale_after_by_pace),
                cmocka_unit_test(test_deadline),
                cmocka_unit_test(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
