/* SPDX-License-Identifier: MIT */
/* Links of other programs, and devices that are more than a strap: a link that is not ours is not disconnected, and a fault
 * is logged once. By a clock of the test's own. */

#include "bluez-fixture.h"

#include <signal.h>
#include <string.h>

#define WATCH     "C0:FF:EE:00:00:10"
#define COMPANION "C0:FF:EE:00:00:11"
#define QUIET     "C0:FF:EE:00:00:12"
#define EARBUDS   "C0:FF:EE:00:00:13"
#define PHONE     "C0:FF:EE:00:00:14"
#define HELD      "C0:FF:EE:00:00:15"
#define ENCRYPTED "C0:FF:EE:00:00:16"
#define SILENT    "C0:FF:EE:00:00:17"

#define SENSOR(n) CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_" n
#define DEVICE(n) ADAPTER "/dev_C0_FF_EE_00_00_" n

/* A device near hci0 with a link that another program has made, or bluetoothd. */
static void enter(Harness *h, const char *address, const char *flags)
{
        harness_standin(h, "strap add hci0 %s Device %s", address, flags);
}

static void link_up(Harness *h, const char *address)
{
        harness_standin(h, "connect %s", address);
        harness_standin(h, "resolve %s", address);
}

static void wait_problem(Harness *h, const char *path, const char *expected, usec_t timeout_usec)
{
        harness_wait_property(h, path, CARDIO_SENSOR_INTERFACE, "LinkProblem", expected, timeout_usec);
}

/* The daemon loses its patience within that time. */
static void pass_until_problem(Harness *h, const char *path, const char *expected, usec_t most_usec)
{
        harness_pass_until_property(h, path, CARDIO_SENSOR_INTERFACE, "LinkProblem", expected, most_usec);
}

static void wait_heart_rate(Harness *h, const char *path, const char *expected)
{
        harness_wait_property(h, path, CARDIO_SENSOR_INTERFACE, "HeartRate", expected, SOON_USEC);
}

static void begin_room(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        enter(h, WATCH, "trusted paired");
        harness_standin(h, "appearance " WATCH " 192");
        enter(h, COMPANION, "paired");
        enter(h, QUIET, "paired");
        harness_standin(h, "appearance " QUIET " 193");
        enter(h, EARBUDS, "trusted paired earbuds");
        enter(h, PHONE, "trusted");
        harness_standin(h, "icon " PHONE " phone");
        enter(h, HELD, "trusted");
        harness_standin(h, "acquire " HELD);
        enter(h, ENCRYPTED, "trusted");
        harness_standin(h, "encrypt " ENCRYPTED);
        enter(h, SILENT, "trusted");
        link_up(h, WATCH);
        link_up(h, COMPANION);
        link_up(h, QUIET);
        link_up(h, EARBUDS);
        link_up(h, PHONE);
        link_up(h, HELD);
        link_up(h, ENCRYPTED);
        link_up(h, SILENT);
        harness_standin(h, "advertise " SILENT);
        harness_standin(h, "expect notifying " QUIET " 10s");
        for (unsigned i = 0; i < 8; i++) {
                harness_standin(h, "hr " QUIET " %u", 70 + i);
                harness_clock_pass(h, 300 * USEC_PER_MSEC);
        }
}

static void test_links_of_others(Harness *h)
{
        usec_t begin_usec = harness_clock_usec(h);

        begin_room(h);
        wait_problem(h, SENSOR("15"), "held", SOON_USEC);
        wait_problem(h, SENSOR("16"), "wants-pairing", SOON_USEC);
        harness_pass_until_calls(h, "call Disconnect " DEVICE("17"), 1, 37 * USEC_PER_SEC);
        assert_true(harness_clock_usec(h) - begin_usec >= 35 * USEC_PER_SEC);
        pass_until_problem(h, SENSOR("12"), "silent", 4 * USEC_PER_SEC);
        /* The next disconnect of the one that is ours comes after a minute. */
        harness_standin(h, "expect notifying " SILENT " 10s");
        harness_clock_pass(h, 45 * USEC_PER_SEC);
        bluez_assert_calls(h, "call Disconnect *", 1);
        /* After 1.5 s, 5 s and then every 30 s; of the one that wants to be paired, after a minute. */
        assert_in_range(harness_calls(h, "call StartNotify " DEVICE("15") "*"), 5, 6);
        assert_in_range(harness_calls(h, "call StartNotify " DEVICE("16") "*"), 2, 3);
        wait_problem(h, SENSOR("10"), "silent", SOON_USEC);
        wait_problem(h, SENSOR("11"), "silent", SOON_USEC);
        wait_problem(h, SENSOR("13"), "no-heart-rate", SOON_USEC);
        wait_problem(h, SENSOR("14"), "silent", SOON_USEC);
        wait_problem(h, SENSOR("17"), "silent", SOON_USEC);

        /* Their values count when they send. */
        harness_standin(h, "hr " WATCH " 81");
        wait_heart_rate(h, SENSOR("10"), "81");
        wait_problem(h, SENSOR("10"), "", SOON_USEC);
        harness_standin(h, "hr " COMPANION " 82");
        wait_heart_rate(h, SENSOR("11"), "82");
        harness_standin(h, "hr " QUIET " 83");
        wait_heart_rate(h, SENSOR("12"), "83");
        harness_standin(h, "hr " SILENT " 87");
        wait_heart_rate(h, SENSOR("17"), "87");
        wait_problem(h, SENSOR("17"), "", SOON_USEC);

        /* What was in the way is gone: within five seconds, though it has been tried every half minute by now. */
        begin_usec = harness_clock_usec(h);
        harness_standin(h, "release " HELD);
        harness_standin(h, "expect notifying " HELD " 5s");
        harness_standin(h, "pair " ENCRYPTED);
        harness_standin(h, "expect notifying " ENCRYPTED " 5s");
        assert_true(harness_clock_usec(h) - begin_usec < 20 * USEC_PER_SEC);
        wait_problem(h, SENSOR("15"), "", SOON_USEC);
        wait_problem(h, SENSOR("16"), "", SOON_USEC);
        harness_standin(h, "hr " HELD " 85");
        wait_heart_rate(h, SENSOR("15"), "85");
        harness_standin(h, "hr " ENCRYPTED " 86");
        wait_heart_rate(h, SENSOR("16"), "86");
        bluez_assert_calls(h, "call Disconnect *", 1);
}

static unsigned count(const char *text, const char *words)
{
        unsigned n = 0;

        for (const char *at = text; (at = strstr(at, words)); at++)
                n++;
        return n;
}

/* It is logged once, with BlueZ's reason and what to do, however often it is tried and however often the link goes; and
 * again if it has worked in between. */
static void test_said_once(Harness *h)
{
        _cleanup_free_ char *errors = NULL;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " Strap trusted");
        harness_standin(h, "acquire " STRAP);
        harness_standin(h, "advertise " STRAP);
        harness_pass_until_calls(h, "call StartNotify *", 3, 8 * USEC_PER_SEC);
        harness_standin(h, "disconnect " STRAP);
        harness_pass_until_calls(h, "call StartNotify *", 5, 3 * USEC_PER_SEC);
        wait_problem(h, STRAP_SENSOR, "held", SOON_USEC);
        errors = harness_child_output(h, harness_daemon(h), true);
        assert_int_equal(count(errors, "another program on this machine holds its notifications"), 1);
        assert_int_equal(count(errors, "Notify acquired"), 1);

        harness_standin(h, "release " STRAP);
        harness_standin(h, "expect notifying " STRAP " 5s");
        bluez_send(h, 66);
        harness_standin(h, "acquire " STRAP);
        harness_standin(h, "disconnect " STRAP);
        wait_problem(h, STRAP_SENSOR, "held", SOON_USEC);
        free(errors);
        errors = harness_child_output(h, harness_daemon(h), true);
        assert_int_equal(count(errors, "another program on this machine holds its notifications"), 2);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* Paired, not trusted by us, and the link was there before: only a strap that a session was recorded from is mended. */
static void test_known_and_unresolved(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        enter(h, COMPANION, "paired");
        harness_standin(h, "strap add hci0 " STRAP " Strap paired");
        link_up(h, STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 66);
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", ""), 0);
        bluez_send(h, 67);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_standin(h, "disconnect " STRAP);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect registered hci0 10s");
        harness_standin(h, "connect " COMPANION);
        harness_standin(h, "connect " STRAP);
        begin_usec = harness_clock_usec(h);
        harness_pass_until_calls(h, "call Disconnect " STRAP_DEVICE, 1, 12 * USEC_PER_SEC);
        assert_true(harness_clock_usec(h) - begin_usec >= 9 * USEC_PER_SEC);
        pass_until_problem(h, SENSOR("11"), "unresolved", 32 * USEC_PER_SEC);
        bluez_assert_calls(h, "call Disconnect *", 1);
}

/* A strap that another program holds is trusted and forgotten like any other. */
static void test_held_strap_is_forgotten(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " Strap");
        harness_standin(h, "acquire " STRAP);
        harness_standin(h, "advertise " STRAP);
        assert_int_equal(harness_call(h, NULL, NULL, "Trust", "s", STRAP), 0);
        wait_problem(h, STRAP_SENSOR, "held", SOON_USEC);
        assert_int_equal(harness_call(h, NULL, NULL, "Forget", "s", STRAP), 0);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        harness_standin(h, "release " STRAP);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_links_of_others),
                harness_test(test_said_once),
                harness_test(test_known_and_unresolved),
                harness_test(test_held_strap_is_forgotten),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
