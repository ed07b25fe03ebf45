/* SPDX-License-Identifier: MIT */
/* Links over times that no test can wait for, by clocks that are moved: the machine is suspended, and the pauses between
 * disconnects of a useless link grow. The daemon looks at its clock when a message wakes it. */

#include "bluez-fixture.h"
#include "shim-fixture.h"

static ClockShim *begin(Harness *h)
{
        ClockShim *clock = clock_begin(harness_path(h, "clock"));

        bluez_begin(h, BLUEZ_CONFIG);
        shim_inherit_no_more();
        return clock;
}

/* A message about the strap, which the daemon has handled when this returns. */
static void wake(Harness *h, unsigned battery)
{
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", battery);
        harness_standin(h, "battery " STRAP " %u", battery);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", text, SOON_USEC);
}

/* A link that outlasts a night's sleep is not silent before it has had its time awake. */
static void test_sleep(Harness *h)
{
        ClockShim *clock = begin(h);

        bluez_strap_steady(h);
        clock_sleep(clock, 8 * USEC_PER_HOUR);
        wake(h, 89);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_send(h, 70);
        bluez_wait_state(h, "live");
        clock_pass(clock, 8 * USEC_PER_SEC);
        wake(h, 88);
        bluez_assert_calls(h, "call Disconnect *", 0);
        clock_pass(clock, 11 * USEC_PER_SEC);
        wake(h, 87);
        harness_wait_calls(h, "call Disconnect *", 1, SOON_USEC);
        clock_end(clock);
}

/* It is disconnected after 35 s, and again after one minute, two, five, ten, and then every thirty. */
static void test_pauses_between_cuts(Harness *h)
{
        static const unsigned minutes[] = { 1, 2, 5, 10, 30, 30 };
        ClockShim *clock = begin(h);
        unsigned battery = 89, cuts = 1;

        harness_standin(h, "strap add hci0 " STRAP " Silent trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        wake(h, battery--);
        clock_pass(clock, 25 * USEC_PER_SEC);
        wake(h, battery--);
        bluez_assert_calls(h, "call Disconnect *", 0);
        clock_pass(clock, 15 * USEC_PER_SEC);
        wake(h, battery--);
        harness_wait_calls(h, "call Disconnect *", cuts, SOON_USEC);
        for (size_t i = 0; i < ELEMENTSOF(minutes); i++) {
                harness_wait_calls(h, "call StartNotify *", cuts + 1, SOON_USEC);
                harness_standin(h, "expect resolved " STRAP " 10s");
                wake(h, battery--); /* the daemon has the reply */
                clock_pass(clock, (usec_t)minutes[i] * USEC_PER_MIN - 20 * USEC_PER_SEC);
                wake(h, battery--);
                bluez_assert_calls(h, "call Disconnect *", cuts);
                clock_pass(clock, 25 * USEC_PER_SEC);
                wake(h, battery--);
                harness_wait_calls(h, "call Disconnect *", ++cuts, SOON_USEC);
        }
        /* After a value the pauses begin again. */
        harness_wait_calls(h, "call StartNotify *", cuts + 1, SOON_USEC);
        bluez_send(h, 66);
        clock_pass(clock, 40 * USEC_PER_SEC);
        wake(h, battery);
        harness_wait_calls(h, "call Disconnect *", cuts + 1, SOON_USEC);
        clock_end(clock);
}

/* A value every 11 s for ten minutes. */
static void test_slow_strap(Harness *h)
{
        ClockShim *clock = begin(h);

        bluez_strap_live(h);
        for (unsigned i = 0; i < 54; i++) {
                clock_pass(clock, 11 * USEC_PER_SEC);
                bluez_send(h, 70 + i);
        }
        bluez_assert_calls(h, "call Disconnect *", 0);
        clock_end(clock);
}

/* The daemon is stopped for six seconds, and the strap sends on. No heart rate is lost, although they are equal, and each
 * has the time at which it was sent. */
static void test_stall(Harness *h)
{
        ClockShim *clock = begin(h);
        _cleanup_free_ char *kept = NULL, *late = NULL, *gaps = NULL;

        bluez_strap_live(h);
        for (unsigned i = 0; i < 10; i++) {
                clock_pass(clock, USEC_PER_SEC);
                bluez_send(h, 70 + i);
        }
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", ""), 0);
        harness_pass_time(h,
                        300 * USEC_PER_MSEC); /* it waits for events, and is not in the middle of anything */
        harness_stop_child(harness_daemon(h));
        for (unsigned i = 0; i < 6; i++) {
                clock_pass(clock, USEC_PER_SEC);
                harness_standin(h, "hr " STRAP " 90");
        }
        bluez_call(h, "/", "org.freedesktop.DBus.Peer", "Ping"); /* the bus has handed on what came before */
        harness_continue_child(harness_daemon(h));
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate", "90", SOON_USEC);
        clock_pass(clock, USEC_PER_SEC);
        bluez_send(h, 91);
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        kept = harness_sql(h, "SELECT count(*) FROM sample WHERE heart_rate = 90");
        late = harness_sql(h,
                        "SELECT max(abs(d - 1000)) < 500 FROM "
                        "(SELECT t - lag(t) OVER (ORDER BY t) AS d FROM sample WHERE heart_rate >= 90) WHERE d IS NOT NULL");
        gaps = harness_sql(h, "SELECT count(*) FROM event WHERE type = 'gap'");
        assert_string_equal(kept, "6");
        assert_string_equal(late, "1");
        assert_string_equal(gaps, "0");
        clock_end(clock);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_sleep),
                harness_test(test_pauses_between_cuts),
                harness_test(test_slow_strap),
                harness_test(test_stall),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
