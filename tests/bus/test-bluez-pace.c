/* SPDX-License-Identifier: MIT */
/* Foot pods and treadmills: how they become the runner's, what is listened to on a device that measures several things, and when
 * their links are useless. They may say nothing for as long as nobody runs. Nothing of theirs is ever written. By a clock of the
 * test's own. */

#include "bluez-fixture.h"

#include <string.h>

#define POD              "C0:FF:EE:00:00:02"
#define POD_SENSOR       CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"
#define POD_DEVICE       ADAPTER "/dev_C0_FF_EE_00_00_02"
#define TREADMILL        "C0:FF:EE:00:00:03"
#define TREADMILL_SENSOR CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_03"
#define TREADMILL_DEVICE ADAPTER "/dev_C0_FF_EE_00_00_03"
#define BIKE             "C0:FF:EE:00:00:04"
#define BIKE_SENSOR      CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_04"
#define BIKE_DEVICE      ADAPTER "/dev_C0_FF_EE_00_00_04"

/* The daemon's timers may be so late. */
#define SLACK_USEC (2 * USEC_PER_SEC)
/* Longer than any link of a strap may be silent. */
#define LONG_USEC (90 * USEC_PER_SEC)

/* A device that is near, as bluetoothd's owner has trusted it. */
static void enter(Harness *h, const char *address, const char *flags)
{
        harness_standin(h, "strap add hci0 %s Device trusted %s", address, flags);
        harness_standin(h, "advertise %s", address);
        harness_standin(h, "expect pacing %s 10s", address);
}

static void begin(Harness *h, const char *address, const char *flags)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        enter(h, address, flags);
}

static void assert_property(Harness *h, const char *path, const char *name, const char *expected)
{
        _cleanup_free_ char *found = harness_property(h, path, CARDIO_SENSOR_INTERFACE, name);

        assert_non_null(found);
        assert_string_equal(found, expected);
}

/* Somebody runs, a value a second, until the rhythm is known. */
static void run_for_a_while(Harness *h, const char *address)
{
        harness_clock_step(h, USEC_PER_SEC);
        for (unsigned i = 0; i < 8; i++) {
                harness_standin(h, "speed %s 2.8 distance %u", address, 3 * i);
                harness_clock_pass(h, USEC_PER_SEC);
        }
}

/* A strap sends for so long, in time for any link. */
static void beat_for_a_while(Harness *h, unsigned seconds)
{
        harness_clock_step(h, 2 * USEC_PER_SEC);
        for (unsigned i = 0; i < seconds / 2; i++) {
                harness_clock_pass(h, 2 * USEC_PER_SEC);
                harness_standin(h, "hr " STRAP " %u", 70 + i % 2);
        }
}

/* Whatever is done to it by the daemon: nothing was written. */
static void assert_nothing_written(Harness *h)
{
        bluez_assert_calls(h, "call WriteValue *", 0);
        bluez_assert_calls(h, "call AcquireWrite *", 0);
        bluez_assert_calls(h, "note written *", 0);
}

/* -- Becoming the runner's -- */

static void expect_trust(Harness *h, const char *address, const char *flags)
{
        _cleanup_free_ char *error = NULL;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 %s Device %s", address, flags);
        harness_standin(h, "advertise %s", address);
        if (harness_call(h, NULL, &error, "Trust", "s", address) < 0)
                harness_fail(h, "Trust: %s", error);
        harness_standin(h, "expect pacing %s 10s", address);
        bluez_assert_calls(h, "call Connect *", 1);
        bluez_assert_calls(h, "call StartNotify *", 1);

        /* From then on bluetoothd connects it: our profile names its service. */
        harness_standin(h, "leave %s", address);
        harness_standin(h, "expect disconnected %s", address);
        harness_standin(h, "advertise %s", address);
        harness_standin(h, "expect pacing %s 10s", address);
        bluez_assert_calls(h, "call Connect *", 1);
        assert_nothing_written(h);
}

static void test_trust_foot_pod(Harness *h)
{
        expect_trust(h, POD, "foot-pod");
        harness_wait_property(h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "90", SOON_USEC);
        assert_property(h, POD_SENSOR, "Configured", "true");
        assert_property(h, POD_SENSOR, "Kind", "foot-pod");
}

static void test_trust_treadmill(Harness *h)
{
        expect_trust(h, TREADMILL, "treadmill");
        assert_property(h, TREADMILL_SENSOR, "Configured", "true");
        assert_property(h, TREADMILL_SENSOR, "Kind", "treadmill");
}

/* It does everything else that a treadmill does, too: by its own characteristic. */
static void test_trust_treadmill_of_many_talents(Harness *h)
{
        expect_trust(h, TREADMILL, "treadmill with-pod with-heart-rate");
}

static void test_forget(Harness *h)
{
        _cleanup_free_ char *error = NULL;

        begin(h, POD, "foot-pod");
        harness_standin(h, "leave " POD);
        assert_true(harness_call(h, NULL, &error, "Forget", "s", POD) >= 0);
        bluez_wait_no_sensor(h, POD_SENSOR);
        harness_standin(h, "expect removed " POD);
}

static void test_found(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " POD " Pod foot-pod");
        harness_standin(h, "strap add hci0 " TREADMILL " Treadmill treadmill");
        harness_standin(h, "strap add hci0 " BIKE " Bike bike");
        harness_standin(h, "strap add hci0 " STRAP " Strap");
        harness_standin(h, "service-data " TREADMILL);
        for (unsigned i = 1; i <= 4; i++)
                harness_standin(h, "advertise C0:FF:EE:00:00:0%u", i);
        assert_true(harness_call(h, NULL, NULL, "StartScan", NULL) >= 0);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "Configured", "false", SOON_USEC);
        harness_wait_property(h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "Configured", "false", SOON_USEC);
        harness_wait_property(h, TREADMILL_SENSOR, CARDIO_SENSOR_INTERFACE, "Configured", "false", SOON_USEC);
        assert_property(h, STRAP_SENSOR, "Kind", "strap");
        assert_property(h, POD_SENSOR, "Kind", "foot-pod");
        assert_property(h, TREADMILL_SENSOR, "Kind", "treadmill");
        /* Its advertisement says what it is. */
        harness_standin(h, "expect known " BIKE);
        harness_clock_settle(h);
        assert_false(bluez_sensor_exists(h, BIKE_SENSOR));
        /* One that says nothing may be a treadmill. */
        harness_standin(h, "service-data " BIKE " 01");
        harness_wait_property(h, BIKE_SENSOR, CARDIO_SENSOR_INTERFACE, "Configured", "false", SOON_USEC);
        bluez_assert_calls(h, "call Connect *", 0);
}

/* -- Machines that are no treadmill -- */

static void test_bike_is_refused(Harness *h)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " BIKE " Bike bike");
        harness_standin(h, "advertise " BIKE);
        assert_true(sd_bus_call_method(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, "Trust", &error, NULL, "s", BIKE) < 0);
        assert_string_equal(error.name, CARDIO_ERROR_NO_SENSOR);
        assert_non_null(strstr(error.message, "this fitness machine is no treadmill"));
        /* It is left as it was. */
        harness_standin(h, "expect disconnected " BIKE);
        bluez_assert_calls(h, "call Set *", 0);
        bluez_assert_calls(h, "call StartNotify *", 0);
        assert_nothing_written(h);
}

/* Another program's: what it does with it is its business. */
static void test_trusted_bike_is_left_alone(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " BIKE " Bike bike trusted with-heart-rate");
        harness_standin(h, "advertise " BIKE);
        harness_standin(h, "expect resolved " BIKE " 10s");
        bluez_wait_no_sensor(h, BIKE_SENSOR);
        harness_clock_step(h, 5 * USEC_PER_SEC);
        harness_clock_pass(h, LONG_USEC);
        bluez_assert_calls(h, "call StartNotify *", 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
        /* Nor is it taken for a treadmill when it is away. */
        harness_standin(h, "leave " BIKE);
        harness_clock_settle(h);
        assert_false(bluez_sensor_exists(h, BIKE_SENSOR));
}

/* -- Several measurements of one device -- */

static void test_strap_with_pod(Harness *h)
{
        begin(h, STRAP, "with-pod");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_assert_calls(h, "call StartNotify *", 2);
        assert_property(h, STRAP_SENSOR, "Kind", "strap");

        /* A pod that says nothing keeps no heart rate from coming, nor does it make the link useless, … */
        bluez_send(h, 61);
        beat_for_a_while(h, 40);
        bluez_wait_state(h, "live");
        harness_standin(h, "speed " STRAP " 2.8");
        bluez_send(h, 62);
        beat_for_a_while(h, 40);
        assert_property(h, STRAP_SENSOR, "LinkProblem", "");
        bluez_assert_calls(h, "call Disconnect *", 0);

        /* … and one that speaks does not make up for heart rates that stay out. */
        for (unsigned i = 0; i < 14 && harness_calls(h, "call Disconnect *") == 0; i++) {
                harness_clock_pass(h, USEC_PER_SEC);
                harness_standin(h, "speed " STRAP " 2.8");
        }
        bluez_assert_calls(h, "call Disconnect " STRAP_DEVICE, 1);
        assert_nothing_written(h);
}

/* Another program has the pod's values: the heart rates are ours all the same. */
static void test_pod_of_a_strap_is_held(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " Device trusted with-pod");
        harness_standin(h, "acquire " STRAP " 2");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 61);
        assert_property(h, STRAP_SENSOR, "LinkProblem", "");
        harness_standin(h, "release " STRAP " 2");
        harness_standin(h, "expect pacing " STRAP " 10s");
        bluez_send(h, 62);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* It demands a pairing for its pace alone, and drops the link when asked for it: that is not tried again and again in a run. */
static void test_pod_of_a_strap_wants_pairing(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " Device trusted with-pod");
        harness_standin(h, "encrypt " STRAP " lost 2");
        harness_standin(h, "advertise " STRAP);
        beat_for_a_while(h, 70);
        bluez_wait_state(h, "live");
        assert_property(h, STRAP_SENSOR, "LinkProblem", "");
        assert_in_range(harness_calls(h, "call StartNotify *char0041"), 1, 2);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* The pod of one shoe goes: whatever it means for the pace, the strap is not concerned. */
static void test_pod_drops_alone(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        enter(h, POD, "foot-pod");
        harness_standin(h, "speed " POD " 2.8");
        harness_standin(h, "leave " POD);
        harness_wait_property(h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "State", "absent", SOON_USEC);
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call StartNotify " STRAP_DEVICE "*", 1);
        harness_standin(h, "advertise " POD);
        harness_standin(h, "expect pacing " POD " 10s");
        bluez_assert_calls(h, "call Connect *", 0);
}

/* Its advertisements speak of heart rates alone: what it is shows once it is connected. */
static void test_treadmill_in_disguise(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "set resolving manual");
        harness_standin(h, "strap add hci0 " TREADMILL " Device trusted with-machine");
        harness_wait_property(h, TREADMILL_SENSOR, CARDIO_SENSOR_INTERFACE, "Kind", "strap", SOON_USEC);
        harness_standin(h, "connect " TREADMILL);
        harness_standin(h, "resolve " TREADMILL);
        harness_standin(h, "expect pacing " TREADMILL " 10s");
        harness_wait_property(h, TREADMILL_SENSOR, CARDIO_SENSOR_INTERFACE, "Kind", "treadmill", SOON_USEC);
        bluez_assert_calls(h, "call StartNotify *", 1);
}

/* -- Silence -- */

static void test_standing_is_no_silence(Harness *h)
{
        begin(h, TREADMILL, "treadmill");
        harness_clock_step(h, 5 * USEC_PER_SEC);
        /* Nobody has stepped on it yet. */
        harness_clock_pass(h, LONG_USEC);
        run_for_a_while(h, TREADMILL);
        harness_standin(h, "speed " TREADMILL " 0");
        harness_clock_step(h, 5 * USEC_PER_SEC);
        harness_clock_pass(h, LONG_USEC);
        bluez_assert_calls(h, "call Disconnect *", 0);
        assert_property(h, TREADMILL_SENSOR, "LinkProblem", "");
}

/* It moved, and then it says nothing more: once it is connected anew, and not again as long as nothing comes of it. */
static void expect_healed(Harness *h, const char *address, const char *device, const char *sensor)
{
        usec_t begin_usec;

        run_for_a_while(h, address);
        begin_usec = harness_clock_usec(h);
        harness_standin(h, "speed %s 2.8", address);
        /* On a busy machine its values come less often, and its silence may be longer. */
        harness_pass_until_calls(h, "call Disconnect *", 1, 20 * USEC_PER_SEC);
        assert_true(harness_clock_usec(h) - begin_usec >= 10 * USEC_PER_SEC);
        harness_wait_calls(h, "call Connect *", 1, SOON_USEC);
        harness_standin(h, "expect pacing %s 10s", address);
        harness_clock_step(h, 5 * USEC_PER_SEC);
        harness_clock_pass(h, LONG_USEC);
        bluez_assert_calls(h, "call Disconnect *", 1);
        bluez_assert_calls(h, device, 1);

        harness_standin(h, "speed %s 2.8", address);
        harness_wait_property(h, sensor, CARDIO_SENSOR_INTERFACE, "LinkProblem", "", SOON_USEC);
        assert_nothing_written(h);
}

static void test_silent_pod_is_healed(Harness *h)
{
        begin(h, POD, "foot-pod");
        expect_healed(h, POD, "call Connect " POD_DEVICE, POD_SENSOR);
}

static void test_silent_treadmill_is_healed(Harness *h)
{
        begin(h, TREADMILL, "treadmill");
        expect_healed(h, TREADMILL, "call Connect " TREADMILL_DEVICE, TREADMILL_SENSOR);
}

/* It stood for long, at first or after it was switched off in the midst of a run: that changes nothing once it moves. */
static void test_silent_after_a_long_rest(Harness *h)
{
        begin(h, TREADMILL, "treadmill");
        run_for_a_while(h, TREADMILL);
        harness_standin(h, "leave " TREADMILL);
        harness_clock_step(h, 5 * USEC_PER_SEC);
        harness_clock_pass(h, LONG_USEC);
        harness_standin(h, "advertise " TREADMILL);
        harness_standin(h, "expect pacing " TREADMILL " 10s");
        harness_clock_pass(h, LONG_USEC);
        bluez_assert_calls(h, "call Disconnect *", 0);
        run_for_a_while(h, TREADMILL);
        harness_pass_until_calls(h, "call Disconnect *", 1, 35 * USEC_PER_SEC + SLACK_USEC);
}

/* The link is lost in the midst of a run, and back soon, but BlueZ has lost the subscription. */
static void test_silent_after_a_lost_link(Harness *h)
{
        begin(h, POD, "foot-pod");
        run_for_a_while(h, POD);
        harness_standin(h, "disconnect " POD);
        harness_standin(h, "expect pacing " POD " 10s");
        harness_pass_until_calls(h, "call Disconnect *", 1, 35 * USEC_PER_SEC + SLACK_USEC);
}

/* Switched off in the midst of a run, and on again for the next: it is a lost link, and then it stands. */
static void test_switched_off_and_on(Harness *h)
{
        begin(h, TREADMILL, "treadmill");
        run_for_a_while(h, TREADMILL);
        harness_standin(h, "leave " TREADMILL);
        harness_clock_step(h, 5 * USEC_PER_SEC);
        harness_clock_pass(h, LONG_USEC);
        harness_standin(h, "advertise " TREADMILL);
        harness_standin(h, "expect pacing " TREADMILL " 10s");
        harness_clock_pass(h, LONG_USEC);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_assert_calls(h, "call Connect *", 0);
}

/* -- What else may be wrong -- */

static void test_no_measurement(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "order resolved-without-gatt");
        harness_standin(h, "strap add hci0 " POD " Device trusted foot-pod");
        harness_standin(h, "advertise " POD);
        harness_pass_until_property(h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "no-pace",
                        5 * USEC_PER_SEC + SLACK_USEC);
}

static void test_held(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " TREADMILL " Device trusted treadmill");
        harness_standin(h, "acquire " TREADMILL);
        harness_standin(h, "advertise " TREADMILL);
        harness_wait_property(h, TREADMILL_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "held", SOON_USEC);
        harness_standin(h, "release " TREADMILL);
        harness_standin(h, "expect pacing " TREADMILL " 10s");
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_wants_pairing(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " POD " Device trusted foot-pod");
        harness_standin(h, "encrypt " POD);
        harness_standin(h, "advertise " POD);
        harness_wait_property(
                        h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "wants-pairing", SOON_USEC);
        harness_standin(h, "pair " POD);
        harness_standin(h, "expect pacing " POD " 10s");
        harness_standin(h, "speed " POD " 2.8");
        harness_wait_property(h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "", SOON_USEC);
}

/* [pace] source chooses the pod or treadmill, [sensor] address the strap; neither has a say in the other. */
static void test_configured(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG "[sensor]\naddress = " STRAP "\n[pace]\nsource = " POD "\n");
        harness_standin(h, "strap add hci0 " STRAP " Strap trusted with-pod");
        harness_standin(h, "strap add hci0 " POD " \"Another strap\" trusted with-pod");
        harness_standin(h, "strap add hci0 " TREADMILL " Treadmill trusted treadmill");
        for (unsigned i = 1; i <= 3; i++)
                harness_standin(h, "advertise C0:FF:EE:00:00:0%u", i);
        harness_standin(h, "expect pacing " POD " 10s");
        harness_standin(h, "expect notifying " STRAP " 10s");
        harness_standin(h, "expect resolved " TREADMILL " 10s");
        harness_clock_settle(h);
        bluez_assert_calls(h, "call StartNotify *", 2);
        bluez_assert_calls(h, "call StartNotify " STRAP_DEVICE "/service0020/*", 1);
        bluez_assert_calls(h, "call StartNotify " POD_DEVICE "/service0040/*", 1);
        assert_property(h, POD_SENSOR, "Kind", "foot-pod");
        assert_property(h, STRAP_SENSOR, "Kind", "strap");
        assert_false(bluez_sensor_exists(h, TREADMILL_SENSOR));
}

/* Two adapters know it: it is one sensor, and has one link. */
static void test_two_adapters(Harness *h)
{
        begin(h, POD, "foot-pod");
        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        harness_standin(h, "strap add hci1 " POD " Device trusted foot-pod");
        harness_standin(h, "leave hci0/" POD);
        harness_standin(h, "advertise hci1/" POD);
        harness_standin(h, "expect pacing hci1/" POD " 10s");
        harness_wait_property(h, POD_SENSOR, CARDIO_SENSOR_INTERFACE, "State", "connecting", SOON_USEC);
        harness_standin(h, "adapter remove hci0");
        harness_clock_settle(h);
        assert_true(bluez_sensor_exists(h, POD_SENSOR));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_trust_foot_pod),
                harness_test(test_trust_treadmill),
                harness_test(test_trust_treadmill_of_many_talents),
                harness_test(test_forget),
                harness_test(test_found),
                harness_test(test_bike_is_refused),
                harness_test(test_trusted_bike_is_left_alone),
                harness_test(test_strap_with_pod),
                harness_test(test_pod_of_a_strap_is_held),
                harness_test(test_pod_of_a_strap_wants_pairing),
                harness_test(test_pod_drops_alone),
                harness_test(test_treadmill_in_disguise),
                harness_test(test_standing_is_no_silence),
                harness_test(test_silent_pod_is_healed),
                harness_test(test_silent_treadmill_is_healed),
                harness_test(test_silent_after_a_long_rest),
                harness_test(test_silent_after_a_lost_link),
                harness_test(test_switched_off_and_on),
                harness_test(test_no_measurement),
                harness_test(test_held),
                harness_test(test_wants_pairing),
                harness_test(test_configured),
                harness_test(test_two_adapters),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
