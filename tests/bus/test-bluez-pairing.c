/* SPDX-License-Identifier: MIT */
/* Straps that send values only to a paired client. bluetoothd begins to pair by itself, and without anybody's consent
 * reports nothing: the link is lost, or dead. Pauses pass by a clock that is moved. */

#include "bluez-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <string.h>

#define OTHER_STRAP  "C0:FF:EE:00:00:02"
#define OTHER_SENSOR CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"
#define ADVICE       "`bluetoothctl pair " STRAP "`"

static void wait_problem(Harness *h, const char *expected)
{
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", expected, SOON_USEC);
}

static void assert_problem(Harness *h, const char *sensor, const char *expected)
{
        _cleanup_free_ char *problem = harness_property(h, sensor, CARDIO_SENSOR_INTERFACE, "LinkProblem");

        assert_string_equal(problem, expected);
}

/* The daemon looks at its clock when it is called; when this returns it has done so. */
static void pass(Harness *h, ClockShim *clock, usec_t usec)
{
        clock_pass(clock, usec);
        for (unsigned i = 0; i < 3; i++)
                free(harness_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "State"));
}

static ClockShim *begin(Harness *h)
{
        ClockShim *clock = clock_begin(harness_path(h, "clock"));

        bluez_begin(h, BLUEZ_CONFIG);
        shim_inherit_no_more();
        return clock;
}

static void enter(Harness *h, const char *flags, const char *encryption)
{
        harness_standin(h, "strap add hci0 " STRAP " \"Shy strap\" %s", flags);
        harness_standin(h, "encrypt " STRAP " %s", encryption);
        harness_standin(h, "advertise " STRAP);
}

static void assert_said(Harness *h, const char *words, unsigned expected)
{
        _cleanup_free_ char *errors = harness_child_output(h, harness_daemon(h), true);
        unsigned n = 0;

        for (const char *at = errors; (at = strstr(at, words)); at++)
                n++;
        if (n != expected)
                harness_fail(h, "%u times '%s', expected %u", n, words, expected);
}

static void pair(Harness *h)
{
        harness_standin(h, "pair " STRAP);
        harness_standin(h, "expect notifying " STRAP " 5s");
        bluez_send(h, 66);
        bluez_wait_state(h, "live");
        wait_problem(h, "");
}

/* Two links are lost because of it, and then no more. */
static void test_link_is_lost(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        enter(h, "trusted", "lost");
        wait_problem(h, "wants-pairing");
        harness_standin(h, "expect resolved " STRAP " 10s");
        harness_standin(h, "wait 2500ms");
        bluez_assert_calls(h, "call StartNotify *", 2);

        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        assert_problem(h, STRAP_SENSOR, "wants-pairing");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect resolved " STRAP " 10s");
        harness_standin(h, "wait 2s");
        assert_problem(h, STRAP_SENSOR, "wants-pairing");
        bluez_assert_calls(h, "call StartNotify *", 2);
        bluez_assert_calls(h, "call StopNotify *", 0);
        assert_said(h, ADVICE, 1);

        pair(h);
        bluez_assert_calls(h, "call StartNotify *", 3);
        bluez_assert_calls(h, "call Disconnect *", 0);
        assert_said(h, ADVICE, 1);
}

/* Each attempt may be a dialog on the runner's screen. */
static void test_pauses_between_tries(Harness *h)
{
        static const unsigned minutes[] = { 1, 2, 5, 10, 30, 30 };
        ClockShim *clock = begin(h);
        unsigned tries = 2;

        enter(h, "trusted", "lost");
        wait_problem(h, "wants-pairing");
        for (size_t i = 0; i < ELEMENTSOF(minutes); i++) {
                harness_standin(h, "expect resolved " STRAP " 10s");
                pass(h, clock, (usec_t)minutes[i] * USEC_PER_MIN - 20 * USEC_PER_SEC);
                bluez_assert_calls(h, "call StartNotify *", tries);
                pass(h, clock, 25 * USEC_PER_SEC);
                harness_wait_calls(h, "call StartNotify *", ++tries, SOON_USEC);
                wait_problem(h, "wants-pairing");
        }
        harness_standin(h, "expect resolved " STRAP " 10s");
        assert_said(h, ADVICE, 1);
        pair(h);
        bluez_assert_calls(h, "call StartNotify *", tries + 1);
        bluez_assert_calls(h, "call Disconnect *", 0);
        clock_end(clock);
}

/* Nothing is answered, and the link stays up. The subscription that bluetoothd keeps is taken back, or each next link were dead
 * from its beginning. */
static void test_link_is_dead(Harness *h)
{
        ClockShim *clock = begin(h);

        harness_standin(h, "set att-timeout 10min");
        enter(h, "trusted", "dead");
        harness_wait_calls(h, "call StartNotify *", 1, SOON_USEC);
        pass(h, clock, 11 * USEC_PER_SEC);
        harness_wait_calls(h, "call StopNotify *", 1, SOON_USEC);
        assert_problem(h, STRAP_SENSOR, "");
        bluez_assert_calls(h, "call StartNotify *", 1);

        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "expect resolved " STRAP " 10s");
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        pass(h, clock, 11 * USEC_PER_SEC);
        wait_problem(h, "wants-pairing");
        harness_wait_calls(h, "call StopNotify *", 2, SOON_USEC);
        pass(h, clock, 45 * USEC_PER_SEC);
        bluez_assert_calls(h, "call StartNotify *", 2);
        bluez_assert_calls(h, "call Disconnect *", 0);
        assert_said(h, ADVICE, 1);
        pair(h);
        clock_end(clock);
}

/* A dead link that nothing ends. */
static void test_two_calls_on_one_link(Harness *h)
{
        ClockShim *clock = begin(h);

        harness_standin(h, "set att-timeout 10min");
        enter(h, "trusted", "dead");
        harness_wait_calls(h, "call StartNotify *", 1, SOON_USEC);
        pass(h, clock, 11 * USEC_PER_SEC);
        harness_wait_calls(h, "call StopNotify *", 1, SOON_USEC);
        pass(h, clock, 6 * USEC_PER_SEC);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        assert_problem(h, STRAP_SENSOR, "");
        pass(h, clock, 11 * USEC_PER_SEC);
        wait_problem(h, "wants-pairing");
        harness_wait_calls(h, "call StopNotify *", 2, SOON_USEC);
        pass(h, clock, 45 * USEC_PER_SEC);
        bluez_assert_calls(h, "call StartNotify *", 2);
        bluez_assert_calls(h, "call Disconnect *", 0);
        clock_end(clock);
}

/* Links of it that are dead from their beginning: they are not disconnected as unresolved, and whoever trusts it again does
 * not get the message that it does not report its services. */
static void test_unresolved(Harness *h)
{
        ClockShim *clock = begin(h);

        enter(h, "trusted", "lost");
        wait_problem(h, "wants-pairing");
        harness_standin(h, "expect resolved " STRAP " 10s");
        harness_standin(h, "set resolving manual");
        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "expect connected " STRAP " 10s");
        bluez_wait_state(h, "connecting");
        pass(h, clock, 11 * USEC_PER_SEC);
        pass(h, clock, 5 * USEC_PER_MIN);
        assert_problem(h, STRAP_SENSOR, "wants-pairing");
        assert_int_equal(harness_call(h, NULL, NULL, "Trust", "s", STRAP), 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_assert_calls(h, "call StartNotify *", 2);
        pair(h);
        clock_end(clock);
}

/* bluetoothd may be pairing it, begun by a daemon that is no more: until that is given up nothing is resolved. */
static void test_a_pairing_goes_on_over_a_restart(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        enter(h, "trusted", "lost");
        wait_problem(h, "wants-pairing");
        harness_standin(h, "expect resolved " STRAP " 10s");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "connect " STRAP);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect registered hci0 10s");
        bluez_wait_state(h, "connecting");
        harness_pass_time(h, 32 * USEC_PER_SEC);
        assert_problem(h, STRAP_SENSOR, "");
        harness_standin(h, "disconnect " STRAP);
        wait_problem(h, "wants-pairing");
        bluez_assert_calls(h, "call Disconnect *", 0);
        assert_said(h, "not resolved", 0);
        pair(h);
}

/* Whoever calls StopNotify takes the notifications from the program that holds them. */
static void test_holder_is_left_alone(Harness *h)
{
        ClockShim *clock = begin(h);

        harness_standin(h, "never StartNotify 1");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 1, SOON_USEC);
        harness_standin(h, "acquire " STRAP);
        harness_standin(h, "battery " STRAP " 41"); /* once that is known, the other is */
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "41", SOON_USEC);
        pass(h, clock, 11 * USEC_PER_SEC);
        pass(h, clock, 6 * USEC_PER_SEC);
        wait_problem(h, "held");
        bluez_assert_calls(h, "call StopNotify *", 0);
        harness_standin(h, "release " STRAP);
        harness_standin(h, "expect notifying " STRAP " 5s");
        bluez_send(h, 66);
        clock_end(clock);
}

static void lose_link_meanwhile(Harness *h, const char *address)
{
        unsigned calls = harness_calls(h, "call StartNotify *");

        harness_standin(h, "never StartNotify 1");
        harness_standin(h, "advertise %s", address);
        harness_wait_calls(h, "call StartNotify *", calls + 1, SOON_USEC);
        harness_standin(h, "disconnect %s", address);
        harness_wait_calls(h, "call StartNotify *", calls + 2, SOON_USEC);
        harness_standin(h, "expect notifying %s 10s", address);
}

/* The radio loses links while StartNotify is under way: of two straps one each, and of one two with a heart rate in between. */
static void test_lost_links_are_not_that(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "strap add hci0 " OTHER_STRAP " Other trusted");
        lose_link_meanwhile(h, STRAP);
        lose_link_meanwhile(h, OTHER_STRAP);
        bluez_send(h, 66);
        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        lose_link_meanwhile(h, STRAP);
        bluez_send(h, 67);
        assert_problem(h, STRAP_SENSOR, "");
        assert_problem(h, OTHER_SENSOR, "");
        bluez_assert_calls(h, "call StartNotify *", 6);
        assert_said(h, "paired", 0);
}

/* Two measurements, of which one demands encryption: the other one will do, and its link is lost no more. */
static void twin(Harness *h, unsigned encrypted, unsigned expected)
{
        ClockShim *clock = begin(h);
        harness_standin(h, "strap add hci0 " STRAP " Twin trusted twin");
        harness_standin(h, "encrypt " STRAP " lost %u", encrypted);
        harness_standin(h, "sends-by " STRAP " %u", 3 - encrypted);
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", expected, SOON_USEC);
        harness_standin(h, "wait 2500ms");
        bluez_send(h, 66);
        bluez_wait_state(h, "live");
        wait_problem(h, "");
        for (unsigned i = 0; i < 12; i++) {
                pass(h, clock, 8 * USEC_PER_SEC);
                bluez_send(h, 70 + i);
        }
        bluez_assert_calls(h, "call StartNotify *", expected);
        bluez_assert_calls(h, "call Disconnect *", 0);
        assert_said(h, "paired", 0);
        clock_end(clock);
}

static void test_the_second_demands_encryption(Harness *h)
{
        twin(h, 2, 5);
}

static void test_the_first_demands_encryption(Harness *h)
{
        twin(h, 1, 4);
}

/* One demands encryption and the other one is dead: it is the pairing that is missing. */
static void test_the_other_one_is_dead(Harness *h)
{
        ClockShim *clock = begin(h);

        harness_standin(h, "strap add hci0 " STRAP " Twin trusted twin");
        harness_standin(h, "encrypt " STRAP " lost 2");
        harness_standin(h, "sends-by " STRAP " 2");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 5, SOON_USEC);
        harness_standin(h, "wait 500ms");
        pass(h, clock, 36 * USEC_PER_SEC);
        wait_problem(h, "wants-pairing");
        bluez_assert_calls(h, "call Disconnect *", 0);
        harness_standin(h, "pair " STRAP);
        harness_wait_calls(h, "call StartNotify *", 6, SOON_USEC);
        bluez_send(h, 66);
        clock_end(clock);
}

/* What was concluded is forgotten with bluetoothd, and with the strap. */
static void test_begins_anew(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        enter(h, "trusted", "lost");
        wait_problem(h, "wants-pairing");
        bluez_assert_calls(h, "call StartNotify *", 2);

        harness_standin(h, "bluetoothd stop");
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        harness_standin(h, "bluetoothd start");
        harness_wait_calls(h, "call StartNotify *", 4, LATE_USEC);
        wait_problem(h, "wants-pairing");
        harness_standin(h, "expect resolved " STRAP " 10s");

        assert_int_equal(harness_call(h, NULL, NULL, "Forget", "s", STRAP), 0);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        assert_int_equal(harness_call(h, NULL, NULL, "Trust", "s", STRAP), 0);
        harness_wait_calls(h, "call StartNotify *", 6, LATE_USEC);
        wait_problem(h, "wants-pairing");
        assert_said(h, ADVICE, 3);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* On a link that has brought values its services change, and the first call is not answered: there is no other one that sends,
 * so it is tried again. */
static void test_services_change(Harness *h)
{
        ClockShim *clock = begin(h);

        bluez_strap_live(h);
        harness_standin(h, "gatt " STRAP " remove");
        harness_standin(h, "never StartNotify 1");
        harness_standin(h, "gatt " STRAP " add 64");
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        pass(h, clock, 11 * USEC_PER_SEC);
        pass(h, clock, 6 * USEC_PER_SEC);
        harness_wait_calls(h, "call StartNotify *", 3, SOON_USEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 66);
        wait_problem(h, "");
        bluez_assert_calls(h, "call Disconnect *", 0);
        clock_end(clock);
}

/* It has forgotten the pairing, or wants a better one: to pair it once more is not enough. */
static void test_paired_already(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h,
                        "fail StartNotify org.bluez.Error.Failed \"Operation failed with ATT error: 0x0e\"");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted paired");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 1, SOON_USEC);
        harness_standin(h, "disconnect " STRAP);
        wait_problem(h, "wants-pairing");
        harness_wait_output(h, harness_daemon(h), true,
                        "*" STRAP ": *`bluetoothctl remove " STRAP "`*" ADVICE "*", SOON_USEC);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_link_is_lost),
                harness_test(test_pauses_between_tries),
                harness_test(test_link_is_dead),
                harness_test(test_two_calls_on_one_link),
                harness_test(test_unresolved),
                harness_test(test_a_pairing_goes_on_over_a_restart),
                harness_test(test_holder_is_left_alone),
                harness_test(test_lost_links_are_not_that),
                harness_test(test_the_second_demands_encryption),
                harness_test(test_the_first_demands_encryption),
                harness_test(test_the_other_one_is_dead),
                harness_test(test_begins_anew),
                harness_test(test_services_change),
                harness_test(test_paired_already),
        };

        return cmocka_run_group_tests_name("bluez-pairing", tests, NULL, NULL);
}
