/* SPDX-License-Identifier: MIT */

/* What a strap is worth: scripts of links and packets with the state after each, and, over random input, that the
 * deadline is the moment at which time alone changes the state. */

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

static void packet(Sensor *s, Op op, uint16_t heart_rate, usec_t at_usec)
{
        const Measurement m = { .heart_rate = heart_rate, .n_rr = op == HR ? 1 : 0, .rr = { 1024 } };
        Verdict verdict = op == NO_CONTACT    ? VERDICT_NO_CONTACT
                          : op == IMPLAUSIBLE ? VERDICT_IMPLAUSIBLE
                                              : VERDICT_HEART_RATE;

        sensor_packet(s, &config, &m, verdict, at_usec);
}

static void run_step(Sensor *s, Op op, uint16_t heart_rate, usec_t at_usec)
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
                packet(s, op, heart_rate, at_usec);
                break;
        case NOW:
                break;
        }
}

static void play(const Step *steps)
{
        Sensor sensor = { 0 };

        assert_int_equal(sensor_state(&sensor, &config, SEC(1)), SENSOR_ABSENT);
        assert_int_equal(sensor_deadline(&sensor, &config, SEC(1)), USEC_INFINITY);
        for (const Step *s = steps; s->op != 0; s++) {
                usec_t at_usec = SEC(s->at_s);
                SensorState state;

                run_step(&sensor, s->op, s->heart_rate, at_usec);
                state = sensor_state(&sensor, &config, at_usec);
                if (state != s->state)
                        fail_msg("step %zu: %s", (size_t)(s - steps), sensor_state_to_string(state));
                assert_true(sensor_deadline(&sensor, &config, at_usec) > at_usec);
        }
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
                { NO_CONTACT, 20, 0, SENSOR_NO_CONTACT },
                { ABSENT, 21, 0, SENSOR_ABSENT },
                { NO_CONTACT, 22, 0, SENSOR_NO_CONTACT },
                { NOW, 27.000001, 0, SENSOR_ABSENT },
                { 0 },
        };

        (void)state;
        play(steps);
}

static void test_no_contact(void **state)
{
        static const Step steps[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { NO_CONTACT, 2, 0, SENSOR_NO_CONTACT },
                { NOW, 7, 0, SENSOR_NO_CONTACT },
                { NOW, 7.000001, 0, SENSOR_STALE },
                { NO_CONTACT, 8, 90, SENSOR_NO_CONTACT },
                { HR, 9, 120, SENSOR_LIVE },
                { NO_CONTACT, 10, 120, SENSOR_NO_CONTACT }, /* and not live by the value just before */
                { IMPLAUSIBLE, 14, 255, SENSOR_NO_CONTACT },
                { IMPLAUSIBLE, 15.000001, 255, SENSOR_STALE },
                { HR, 16, 120, SENSOR_LIVE },
                { IMPLAUSIBLE, 20, 255, SENSOR_LIVE }, /* neither a heart rate nor a loss of contact */
                { IMPLAUSIBLE, 21.000001, 10, SENSOR_STALE },
                { 0 },
        };

        (void)state;
        play(steps);
}

/* The same value again and again with no R-R interval among it. */
static void test_frozen(void **state)
{
        static const Step steps[] = {
                { CONNECTED, 1, 0, SENSOR_CONNECTING },
                { BARE, 2, 120, SENSOR_LIVE },
                { BARE, 6, 120, SENSOR_LIVE },
                { BARE, 10, 120, SENSOR_LIVE },
                { BARE, 14, 120, SENSOR_LIVE },
                { BARE, 18, 120, SENSOR_LIVE },
                { BARE, 22, 120, SENSOR_LIVE },
                { NOW, 22.000001, 0, SENSOR_STALE },
                { BARE, 23, 120, SENSOR_STALE },
                { IMPLAUSIBLE, 24, 251, SENSOR_STALE }, /* nothing new */
                { BARE, 25, 121, SENSOR_LIVE },
                { BARE, 26, 120, SENSOR_LIVE },
                { BARE, 30, 120, SENSOR_LIVE },
                { BARE, 34, 120, SENSOR_LIVE },
                { HR, 38, 120, SENSOR_LIVE }, /* an interval among it */
                { BARE, 42, 120, SENSOR_LIVE },
                { BARE, 46, 120, SENSOR_LIVE },
                { BARE, 50, 120, SENSOR_LIVE },
                { BARE, 54, 120, SENSOR_LIVE },
                { BARE, 58, 120, SENSOR_LIVE },
                { BARE, 62, 120, SENSOR_LIVE },
                { BARE, 62.000001, 120, SENSOR_STALE },
                { NO_CONTACT, 63, 0, SENSOR_NO_CONTACT },
                { BARE, 64, 120, SENSOR_LIVE }, /* the skin was lost in between */
                { BARE, 69, 120, SENSOR_LIVE },
                { BARE, 74, 120, SENSOR_LIVE },
                { BARE, 79, 120, SENSOR_LIVE },
                { BARE, 84, 120, SENSOR_LIVE },
                { BARE, 84.5, 120, SENSOR_STALE },
                { ABSENT, 85, 0, SENSOR_ABSENT },
                { CONNECTED, 86, 0, SENSOR_CONNECTING },
                { BARE, 87, 120, SENSOR_LIVE }, /* a new link */
                { BARE, 92, 120, SENSOR_LIVE },
                { NOW, 600, 0, SENSOR_STALE },
                { BARE, 601, 120, SENSOR_LIVE }, /* it was silent in between: who knows what it was then */
                { BARE, 606, 120, SENSOR_LIVE },
                { BARE, 611, 120, SENSOR_LIVE },
                { BARE, 616, 120, SENSOR_LIVE },
                { BARE, 621, 120, SENSOR_LIVE },
                { BARE, 621.000001, 120, SENSOR_STALE },
                { 0 },
        };
        /* A steady heart with intervals is never frozen. */
        Sensor steady = { 0 };

        (void)state;
        play(steps);
        for (unsigned t = 1; t < 1000; t++) {
                packet(&steady, HR, 60, SEC(t));
                assert_int_equal(sensor_state(&steady, &config, SEC(t)), SENSOR_LIVE);
        }
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
static void check_deadline(const Sensor *s, usec_t now_usec)
{
        usec_t deadline = sensor_deadline(s, &config, now_usec);
        SensorState state = sensor_state(s, &config, now_usec);

        assert_true(deadline > now_usec);
        for (usec_t t = now_usec; t < now_usec + SEC(30) && t < deadline; t += SEC(0.5)) {
                assert_int_equal(sensor_state(s, &config, t), state);
                if (t + 1 < deadline)
                        assert_int_equal(sensor_state(s, &config, t + 1), state);
        }
        if (deadline == USEC_INFINITY)
                assert_int_equal(sensor_state(s, &config, now_usec + SEC(86400)), state);
        else
                assert_int_equal(sensor_state(s, &config, deadline - 1), state);
}

static void test_deadline(void **state)
{
        static const uint16_t heart_rates[] = { 120, 120, 120, 121 };
        uint32_t seed = 11;
        Sensor sensor = { 0 };
        usec_t now_usec = SEC(10);

        (void)state;
        for (unsigned i = 0; i < 20000; i++) {
                Op op = ABSENT + next_random(&seed) % (NOW - ABSENT + 1);

                if (next_random(&seed) % 4 > 0)
                        op = BARE; /* often enough to freeze */
                run_step(&sensor, op, heart_rates[next_random(&seed) % ELEMENTSOF(heart_rates)], now_usec);
                check_deadline(&sensor, now_usec);
                now_usec += SEC(0.5) * (next_random(&seed) % 14);
        }
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
                cmocka_unit_test(test_frozen),
                cmocka_unit_test(test_deadline),
                cmocka_unit_test(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
