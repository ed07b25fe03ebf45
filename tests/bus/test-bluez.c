/* SPDX-License-Identifier: MIT */
/* Which straps are the runner's, and who connects them: the profile that bluetoothd has of us does, and Connect() is
 * called where that does not apply, and nowhere else. */

#include "bluez-fixture.h"

#include <signal.h>

#define OTHER_STRAP  "C0:FF:EE:00:00:02"
#define OTHER_SENSOR CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"

/* -- The profile -- */

static void test_profile_on_every_adapter(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        harness_standin(h, "adapter add hci2");
        harness_standin(h, "expect registered hci2 10s");
        bluez_assert_calls(h, "call RegisterApplication /org/bluez/hci0 /cardiod", 1);
        bluez_assert_calls(h, "call RegisterApplication /org/bluez/hci1 /cardiod", 1);
        bluez_assert_calls(h, "call RegisterApplication /org/bluez/hci2 /cardiod", 1);
        bluez_assert_calls(h, "note refused *", 0);
}

static void test_profile_again(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "bluetoothd restart");
        harness_standin(h, "expect registered hci0 10s");
        harness_standin(h, "bluetoothd kill");
        harness_standin(h, "bluetoothd start");
        harness_standin(h, "expect registered hci0 10s");
        harness_standin(h, "adapter remove hci0");
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "expect registered hci0 10s");
        /* An adapter that goes off and on has not gone. */
        harness_standin(h, "adapter power hci0 off");
        harness_standin(h, "adapter power hci0 on");
        bluez_strap_live(h);
        bluez_assert_calls(h, "call RegisterApplication *", 4);
        bluez_assert_calls(h, "call Connect *", 0);
}

static void test_bluez_comes_later(Harness *h)
{
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        harness_wait_output(h, harness_daemon(h), true, "*org.bluez*waiting*", SOON_USEC);
        harness_standin(h, "adapter add hci0 powered");
        bluez_strap_live(h);
        bluez_assert_calls(h, "call Connect *", 0);
}

/* The daemon is restarted while the strap is connected. */
static void test_daemon_comes_later(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_wait_calls(h, "note unregistered hci0 /cardiod", 1, SOON_USEC);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* bluetoothd's own reconnection does it, again and again. */
static void test_trusted_strap_needs_no_connect(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        for (unsigned i = 0; i < 3; i++) {
                harness_standin(h, "leave " STRAP);
                bluez_wait_state(h, "absent");
                harness_standin(h, "advertise " STRAP);
                harness_wait_calls(h, "call StartNotify *", 2 + i, SOON_USEC);
                bluez_send(h, 70 + i);
                bluez_wait_state(h, "live");
        }
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_assert_calls(h, "call StartNotify *", 4);
}

/* -- Whose strap -- */

/* Somebody else's strap, which somebody else connects, and the runner's keyboard. */
static void test_strange_devices_are_ignored(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " OTHER_STRAP " \"Somebody's strap\" known");
        harness_standin(h, "strap add hci0 C0:FF:EE:00:00:03 Keyboard trusted paired other");
        harness_standin(h, "advertise " OTHER_STRAP);
        harness_standin(h, "connect " OTHER_STRAP);
        harness_standin(h, "resolve " OTHER_STRAP);
        harness_standin(h, "hr " OTHER_STRAP " 150");
        bluez_strap_live(h);
        assert_false(bluez_sensor_exists(h, OTHER_SENSOR));
        assert_false(bluez_sensor_exists(h, CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_03"));
        bluez_assert_calls(h, "call StartNotify *", 1);
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_new_strap_becomes_trusted(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        assert_false(bluez_sensor_exists(h, STRAP_SENSOR));
        bluez_assert_calls(h, "call Connect *", 0);

        bluez_set_trusted(h, true);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_assert_calls(h, "call Connect " STRAP_DEVICE, 1);
}

/* It was known before the daemon was, and was never connected. The link takes its time, so that one that comes by
 * itself does not hide the call. */
static void test_known_strap_becomes_trusted(Harness *h)
{
        harness_standin(h, "set link-delay 300ms");
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " STRAP " \"Known strap\"");
        harness_standin(h, "expect ready hci0 10s");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        harness_standin(h, "expect registered hci0 10s");
        bluez_set_trusted(h, true);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_assert_calls(h, "call Connect " STRAP_DEVICE, 1);
}

static void test_configured_address(Harness *h)
{
        _cleanup_free_ char *log = NULL;

        bluez_begin(h, BLUEZ_CONFIG "[sensor]\naddress = c0:ff:ee:00:00:01\n");
        harness_standin(h, "strap add hci0 " OTHER_STRAP " \"Trusted too\" trusted");
        harness_standin(h, "advertise " OTHER_STRAP);
        harness_standin(h, "expect resolved " OTHER_STRAP " 10s");
        harness_standin(h, "strap add hci0 " STRAP " \"Not trusted\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        assert_false(bluez_sensor_exists(h, OTHER_SENSOR));
        bluez_assert_calls(h, "call Connect " STRAP_DEVICE, 1);
        bluez_assert_calls(h, "call Connect *", 1);
        bluez_assert_calls(h, "call StartNotify *", 1);
        /* Once: BlueZ will forget it when it goes. */
        harness_wait_output(h, harness_daemon(h), true, STRAP ": neither trusted nor paired*trust " STRAP "*",
                        SOON_USEC);
        log = harness_child_output(h, harness_daemon(h), true);
        assert_null(strstr(strstr(log, "nor paired") + 1, "nor paired"));
}

/* Another address in force: the one strap goes, the other comes. */
static void test_address_is_changed(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " OTHER_STRAP " \"Second strap\" trusted");
        harness_standin(h, "advertise " OTHER_STRAP);
        harness_standin(h, "expect notifying " OTHER_STRAP " 10s");
        bluez_strap_live(h);

        harness_write_file(h, "cardiod.conf", BLUEZ_CONFIG "[sensor]\naddress = " OTHER_STRAP "\n");
        assert_int_equal(harness_call(h, NULL, NULL, "Reload", NULL), 0);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        harness_wait_calls(h, "call StopNotify " STRAP_DEVICE "/*", 1, SOON_USEC);
        harness_wait_output(h, harness_daemon(h), true, "*(" STRAP ") is absent", SOON_USEC);
        assert_true(bluez_sensor_exists(h, OTHER_SENSOR));

        harness_write_file(h, "cardiod.conf", BLUEZ_CONFIG);
        assert_int_equal(harness_call(h, NULL, NULL, "Reload", NULL), 0);
        harness_wait_calls(h, "call StartNotify " STRAP_DEVICE "/*", 2, SOON_USEC);
        bluez_send(h, 63);
        bluez_assert_calls(h, "call StartNotify *", 3);
}

static void test_paired_strap_is_the_runners(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"Paired strap\" paired");
        bluez_wait_state(h, "absent");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "Trusted", "false", SOON_USEC);
        harness_standin(h, "connect " STRAP);
        harness_standin(h, "resolve " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Connect *", 0);
}

static void test_trust_is_taken_back(Harness *h)
{
        _cleanup_free_ char *answer = NULL;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        bluez_set_trusted(h, false);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        harness_wait_calls(h, "call StopNotify " STRAP_DEVICE "/*", 1, SOON_USEC);
        /* Its link is not ours. */
        answer = harness_standin_answer(h, "expect connected " STRAP " 1ms");
        assert_string_equal(answer, "ok");
        bluez_assert_calls(h, "call Disconnect *", 0);

        bluez_set_trusted(h, true);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 64);
        bluez_wait_state(h, "live");
}

/* Taken back and given again before StopNotify is answered. */
static void test_trust_wavers(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "delay StopNotify 300ms");
        bluez_set_trusted(h, false);
        harness_wait_calls(h, "call StopNotify *", 1, SOON_USEC);
        bluez_set_trusted(h, true);
        harness_wait_calls(h, "call StartNotify *", 2, 5 * USEC_PER_SEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 64);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* -- Connect() -- */

static void test_registration_fails(Harness *h)
{
        usec_t begin_usec = bluez_now_usec();

        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "fail RegisterApplication org.bluez.Error.Failed \"No object received\" 2");
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        bluez_strap_live(h);
        bluez_assert_calls(h, "call Connect " STRAP_DEVICE, 1);
        /* Tried again after 1.5 to 2 s, then 3 to 4. */
        harness_standin(h, "expect registered hci0 30s");
        assert_true(bluez_now_usec() - begin_usec >= 4500 * USEC_PER_MSEC);
        bluez_assert_calls(h, "call RegisterApplication *", 3);

        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_assert_calls(h, "call Connect *", 1);
}

/* At once, after 1.5 to 2 s, after 3 to 4 s. */
static void test_connect_fails(Harness *h)
{
        usec_t begin_usec;

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "fail Connect org.bluez.Error.Failed le-connection-abort-by-local 3");
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        begin_usec = bluez_now_usec();
        bluez_set_trusted(h, true);
        harness_wait_calls(h, "call Connect *", 2, SOON_USEC);
        harness_wait_calls(h, "call Connect *", 4, LATE_USEC);
        assert_true(bluez_now_usec() - begin_usec >= 4500 * USEC_PER_MSEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Connect *", 4);
}

/* Another program's attempt is pending: two seconds are waited, no more is made of it. */
static void test_connect_in_progress(Harness *h)
{
        usec_t begin_usec;

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "fail Connect org.bluez.Error.Failed \"Operation already in progress\" 1");
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        begin_usec = bluez_now_usec();
        bluez_set_trusted(h, true);
        harness_standin(h, "expect notifying " STRAP " 20s");
        assert_true(bluez_now_usec() - begin_usec >= 1900 * USEC_PER_MSEC);
        bluez_assert_calls(h, "call Connect *", 2);
}

/* The strap is trusted while its adapter is off: nothing is tried before it is on. */
static void test_connect_waits_for_the_adapter(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        harness_standin(h, "adapter power hci0 off");
        bluez_set_trusted(h, true);
        bluez_wait_state(h, "absent");
        bluez_assert_calls(h, "call Connect *", 0);
        harness_standin(h, "adapter power hci0 on");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_profile_on_every_adapter),
                harness_test(test_profile_again),
                harness_test(test_bluez_comes_later),
                harness_test(test_daemon_comes_later),
                harness_test(test_trusted_strap_needs_no_connect),
                harness_test(test_strange_devices_are_ignored),
                harness_test(test_new_strap_becomes_trusted),
                harness_test(test_known_strap_becomes_trusted),
                harness_test(test_configured_address),
                harness_test(test_address_is_changed),
                harness_test(test_paired_strap_is_the_runners),
                harness_test(test_trust_is_taken_back),
                harness_test(test_trust_wavers),
                harness_test(test_registration_fails),
                harness_test(test_connect_fails),
                harness_test(test_connect_in_progress),
                harness_test(test_connect_waits_for_the_adapter),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
