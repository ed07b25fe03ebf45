/* SPDX-License-Identifier: MIT */
/* Devices that measure heart rates by two characteristics, of which one may be dead: both are subscribed to, and the values
 * of one are taken. */

#include "bluez-fixture.h"

static void begin_twin(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " Twin trusted twin");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
}

/* Sent by that one, and not taken: what is sent afterwards by the other is what is seen. */
static void send_in_vain(Harness *h, unsigned by, unsigned other, unsigned heart_rate)
{
        _cleanup_free_ char *before = harness_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate"),
                            *after = NULL;

        harness_standin(h, "sends-by " STRAP " %u", by);
        harness_standin(h, "hr " STRAP " %u", heart_rate);
        /* A value that the daemon ignores is followed by one that it announces. */
        harness_standin(h, "battery " STRAP " %u", heart_rate);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "91", SOON_USEC);
        after = harness_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate");
        assert_string_equal(before, after);
        harness_standin(h, "sends-by " STRAP " %u", other);
}

static void test_the_first_is_dead(Harness *h)
{
        begin_twin(h);
        harness_standin(h, "sends-by " STRAP " 2");
        bluez_send(h, 71);
        bluez_wait_state(h, "live");
        bluez_send(h, 72);
        send_in_vain(h, 1, 2, 91);
        bluez_send(h, 73);
}

static void test_the_second_is_dead(Harness *h)
{
        begin_twin(h);
        bluez_send(h, 71);
        send_in_vain(h, 2, 1, 91);
        bluez_send(h, 72);
        bluez_assert_calls(h, "call StartNotify *", 2);
}

/* The other one is found when the one that was taken goes. */
static void test_the_taken_one_is_removed(Harness *h)
{
        begin_twin(h);
        bluez_send(h, 71);
        harness_standin(h, "remove-measurement " STRAP " 1");
        harness_standin(h, "sends-by " STRAP " 2");
        bluez_send(h, 72);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_the_taken_one_falls_silent(Harness *h)
{
        begin_twin(h);
        for (unsigned i = 0; i < 7; i++) {
                bluez_send(h, 71 + i % 2);
                harness_standin(h, "wait 300ms");
        }
        harness_standin(h, "sends-by " STRAP " 2");
        /* For ten seconds it is the first one's, and then the second one's before the link is thought silent. */
        for (unsigned i = 0; i < 24; i++) {
                harness_standin(h, "hr " STRAP " 80");
                harness_standin(h, "wait 500ms");
        }
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate", "80", SOON_USEC);
        bluez_send(h, 81);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* One is held by another program: the other will do, and nothing is wrong. */
static void test_one_is_held(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " Twin trusted twin");
        harness_standin(h, "acquire " STRAP " 1");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        harness_standin(h, "sends-by " STRAP " 2");
        bluez_send(h, 71);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "", SOON_USEC);
}

/* On the next link it may be the other one that sends. */
static void test_the_other_on_the_next_link(Harness *h)
{
        begin_twin(h);
        bluez_send(h, 71);
        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        harness_standin(h, "sends-by " STRAP " 2");
        bluez_send(h, 72);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_the_first_is_dead),
                harness_test(test_the_second_is_dead),
                harness_test(test_the_taken_one_is_removed),
                harness_test(test_the_taken_one_falls_silent),
                harness_test(test_one_is_held),
                harness_test(test_the_other_on_the_next_link),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
