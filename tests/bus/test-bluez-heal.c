/* SPDX-License-Identifier: MIT */
/* Links that are up and useless: BlueZ does not repair them, so the daemon disconnects and connects again, after ten seconds
 * of silence (35 while the strap's pace is not known), or five without services. All of it by a clock of the test's own. */

#include "bluez-fixture.h"

#include <signal.h>

#define OTHER_STRAP "C0:FF:EE:00:00:02"
#define CONFIG      BLUEZ_CONFIG "[sensor]\nstale-after = 3s\n"

/* The daemon's timers may be so late. */
#define SLACK_USEC (2 * USEC_PER_SEC)

/* The link is up and something is wrong with it since a moment ago. */
static void expect_disconnect(Harness *h, usec_t begin_usec, usec_t patience_usec)
{
        usec_t end_usec = begin_usec + patience_usec + SLACK_USEC;

        harness_pass_until_calls(
                        h, "call Disconnect " STRAP_DEVICE, 1, usec_sub(end_usec, harness_clock_usec(h)));
        assert_true(harness_clock_usec(h) - begin_usec >= patience_usec);
}

static void expect_healing(Harness *h, usec_t begin_usec, usec_t patience_usec)
{
        expect_disconnect(h, begin_usec, patience_usec);
        harness_wait_calls(h, "call Connect " STRAP_DEVICE, 1, SOON_USEC);
}

/* It is repaired, at the first attempt and in the right order: Disconnect() after Connect() would leave no link. */
static void expect_healthy(Harness *h, unsigned heart_rate)
{
        harness_standin(h, "expect resolved " STRAP " 10s");
        harness_standin(h, "expect notifying " STRAP " 20s");
        bluez_send(h, heart_rate);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Disconnect *", 1);
        bluez_assert_calls(h, "call Connect *", 1);
}

/* The strap sends nothing any more. A last value that comes while Disconnect() is under way does not cancel the repair:
 * after a Disconnect() bluetoothd connects nothing by itself. */
static void test_silent_link(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, CONFIG);
        harness_standin(h, "delay Disconnect 2s");
        bluez_strap_steady(h);
        begin_usec = harness_clock_usec(h);
        harness_pass_until_property(
                        h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "State", "stale", 5 * USEC_PER_SEC);
        expect_disconnect(h, begin_usec, 9 * USEC_PER_SEC); /* its last value came a moment before */
        harness_standin(h, "hr " STRAP " 66");
        harness_pass_until_calls(h, "call Connect " STRAP_DEVICE, 1, 2 * USEC_PER_SEC);
        expect_healthy(h, 67);
        harness_wait_output(h, harness_daemon(h), true, STRAP "*silent; reconnecting*", SOON_USEC);
}

/* One strap sends every five and a half seconds, the other every eleven: neither link is useless. */
static void test_slow_straps(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "strap add hci0 " OTHER_STRAP " Slower trusted");
        harness_standin(h, "advertise " OTHER_STRAP);
        harness_standin(h, "expect notifying " OTHER_STRAP " 10s");
        for (unsigned i = 0; i < 8; i++) {
                harness_clock_pass(h, 5500 * USEC_PER_MSEC);
                bluez_send(h, 62 + i);
                if (i % 2 == 1)
                        harness_standin(h, "hr " OTHER_STRAP " 70");
        }
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* While Disconnect() is under way the strap drops and comes back by itself: it is the new link that is ended then. */
static void test_back_before_the_disconnect(Harness *h)
{
        bluez_begin_by_clock(h, CONFIG);
        harness_standin(h, "delay Disconnect 2s");
        bluez_strap_steady(h);
        expect_disconnect(h, harness_clock_usec(h), 9 * USEC_PER_SEC);
        harness_standin(h, "leave " STRAP);
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 1s");
        bluez_assert_calls(h, "call Connect *", 0);
        harness_pass_until_calls(h, "call Connect " STRAP_DEVICE, 1, 2 * USEC_PER_SEC);
        expect_healthy(h, 67);
}

/* The daemon dies while Disconnect() is under way: the next one finds the link up, and then it ends. */
static void test_killed_before_the_disconnect(Harness *h)
{
        bluez_begin_by_clock(h, CONFIG);
        harness_standin(h, "delay Disconnect 6s");
        bluez_strap_steady(h);
        expect_disconnect(h, harness_clock_usec(h), 9 * USEC_PER_SEC);
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 2s");
        bluez_assert_calls(h, "call Connect *", 0);
        harness_pass_until_calls(h, "call Connect " STRAP_DEVICE, 1, 6 * USEC_PER_SEC);
        expect_healthy(h, 67);
}

/* The link outlives bluetoothd; the next one shows the strap as connected and never resolves its services. */
static void test_bluetoothd_is_killed(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "bluetoothd kill");
        bluez_wait_state(h, "absent");
        begin_usec = harness_clock_usec(h);
        harness_standin(h, "bluetoothd start");
        bluez_wait_state(h, "connecting");
        expect_healing(h, begin_usec, 10 * USEC_PER_SEC);
        expect_healthy(h, 67);
}

static void test_resolved_without_gatt(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, CONFIG);
        harness_standin(h, "order resolved-without-gatt 1");
        harness_standin(h, "strap add hci0 " STRAP " \"Half a strap\" trusted");
        begin_usec = harness_clock_usec(h);
        harness_standin(h, "advertise " STRAP);
        expect_healing(h, begin_usec, 5 * USEC_PER_SEC);
        expect_healthy(h, 67);
}

/* BlueZ says that the strap is not connected after all: that counts, whatever it signalled before. */
static void test_disconnect_is_refused(Harness *h)
{
        bluez_begin_by_clock(h, CONFIG);
        harness_standin(h, "fail Disconnect org.bluez.Error.NotConnected \"Not Connected\" 1");
        harness_standin(h, "order resolved-without-gatt");
        harness_standin(h, "strap add hci0 " STRAP " \"Half a strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        expect_healing(h, harness_clock_usec(h), 4 * USEC_PER_SEC); /* the link was up a moment before */
}

static void test_start_notify_is_never_answered(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, CONFIG);
        harness_standin(h, "never StartNotify 1");
        harness_standin(h, "strap add hci0 " STRAP " \"Mute strap\" trusted");
        begin_usec = harness_clock_usec(h);
        harness_standin(h, "advertise " STRAP);
        harness_pass_until_calls(h, "call StartNotify *", 2, 15 * USEC_PER_SEC + SLACK_USEC);
        assert_true(harness_clock_usec(h) - begin_usec >= 15 * USEC_PER_SEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 67);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_assert_calls(h, "call StartNotify *", 2);
        bluez_assert_calls(h, "call StopNotify *", 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_silent_link),
                harness_test(test_slow_straps),
                harness_test(test_back_before_the_disconnect),
                harness_test(test_killed_before_the_disconnect),
                harness_test(test_bluetoothd_is_killed),
                harness_test(test_resolved_without_gatt),
                harness_test(test_disconnect_is_refused),
                harness_test(test_start_notify_is_never_answered),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
