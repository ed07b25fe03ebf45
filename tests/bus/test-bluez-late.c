/* SPDX-License-Identifier: MIT */
/* What bluetoothd carries out late, or never, and what has become of the strap until then: somebody has removed it and it is
 * trusted again, or it was gone for a moment. In any order, it is connected in the end and its heart rates arrive.
 *
 * The daemon's pauses pass on a clock of the test's own (tests/shim/clock-shim.c); the stand-in's delays are real. */

#include <stdio.h>
#include <string.h>

#include "bluez-fixture.h"
#include "shim-fixture.h"

/* The delay of a call in bluetoothd: long enough to remove the strap, and to trust it again, in between. */
#define PUT_OFF      "400ms"
#define PUT_OFF_USEC (400 * USEC_PER_MSEC)

typedef struct Stage {
        Harness *h;
        ClockShim *clock;
        unsigned heart_rate;
} Stage;

static void stage_end(Stage *s)
{
        clock_end(s->clock);
}
#define _cleanup_stage_ _cleanup_(stage_end)

/* A strap that is live. The stand-in, which is there before, has the machine's clock. */
static Stage stage_begin(Harness *h)
{
        Stage s = { .h = h, .heart_rate = 62 };

        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "expect ready hci0 10s");
        s.clock = clock_begin(harness_path(h, "clock"));
        harness_daemon_start(h, BLUEZ_CONFIG "[sensor]\nstale-after = 5s\n", DAEMON_SYSTEM);
        shim_inherit_no_more();
        harness_standin(h, "expect registered hci0 10s");
        bluez_strap_live(h);
        return s;
}

/* The daemon has handled BlueZ's signals, and has looked at its clock: the bus delivers the messages of one connection in
 * order, and the daemon replies in order. */
static void wake(const Stage *s)
{
        _cleanup_free_ char *version = NULL;

        /* It fails while bluetoothd restarts. */
        (void)sd_bus_call_method(harness_bus(s->h, BUS_SYSTEM), BLUEZ_BUS_NAME, "/",
                        "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, NULL);
        version = harness_property(s->h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version");
        assert_non_null(version);
}

static void pass(const Stage *s, usec_t usec)
{
        clock_pass(s->clock, (int64_t)usec);
        wake(s);
}

/* Sends a heart rate, perhaps to no subscriber. Returns whether the daemon has it. */
static bool send_heart_rate(Stage *s)
{
        _cleanup_free_ char *sent = NULL, *arrived = NULL;

        assert_true(asprintf(&sent, "%u", ++s->heart_rate) > 0);
        assert_true(s->heart_rate < 250);
        harness_standin(s->h, "hr " STRAP " %s", sent);
        wake(s);
        arrived = harness_property(s->h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate");
        return arrived && strcmp(arrived, sent) == 0;
}

/* A heart rate arrives, after pauses of five minutes together at most. */
static void expect_received(Stage *s)
{
        for (unsigned i = 0; !send_heart_rate(s); i++, s->heart_rate--) {
                if (i == 600)
                        harness_fail(s->h, "the strap is not connected any more");
                harness_pass_time(s->h, 20 * USEC_PER_MSEC);
                pass(s, 500 * USEC_PER_MSEC);
        }
}

/* The strap sends until the daemon waits for no reply any more. */
static void settle(Stage *s)
{
        for (unsigned i = 0; i < 8; i++) {
                pass(s, 4 * USEC_PER_SEC);
                expect_received(s);
        }
}

/* -- What is under way -- */

static void nothing(Stage *s)
{
        (void)s;
}

/* Silent for so long that it is disconnected, to be connected anew. */
static void begin_disconnect(Stage *s)
{
        unsigned n = harness_calls(s->h, "call Disconnect *");

        pass(s, 20 * USEC_PER_SEC);
        harness_wait_calls(s->h, "call Disconnect " STRAP_DEVICE, n + 1, SOON_USEC);
}

static void begin_connect(Stage *s)
{
        unsigned n = harness_calls(s->h, "call Connect *");

        begin_disconnect(s);
        harness_wait_calls(s->h, "call Connect " STRAP_DEVICE, n + 1, SOON_USEC);
}

static void late_disconnect(Stage *s)
{
        harness_standin(s->h, "delay Disconnect " PUT_OFF);
        begin_disconnect(s);
}

/* A last heart rate comes meanwhile, so that all seems well. */
static void late_disconnect_of_a_live_one(Stage *s)
{
        late_disconnect(s);
        (void)send_heart_rate(s);
}

/* The daemon's deadline for the reply passes. */
static void overdue_disconnect(Stage *s)
{
        late_disconnect_of_a_live_one(s);
        pass(s, 31 * USEC_PER_SEC);
}

static void lost_disconnect(Stage *s)
{
        harness_standin(s->h, "never Disconnect 1");
        begin_disconnect(s);
}

static void late_connect(Stage *s)
{
        harness_standin(s->h, "delay Connect " PUT_OFF);
        begin_connect(s);
}

static void lost_connect(Stage *s)
{
        harness_standin(s->h, "never Connect 1");
        begin_connect(s);
}

/* The strap does not answer. */
static void vain_connect(Stage *s)
{
        harness_standin(s->h, "silent " STRAP);
        begin_connect(s);
}

static void resolving(Stage *s)
{
        harness_standin(s->h, "set resolving manual");
        harness_standin(s->h, "disconnect " STRAP);
        harness_standin(s->h, "expect connected " STRAP " 10s");
        harness_standin(s->h, "set resolving auto");
}

static void late_start_notify(Stage *s)
{
        unsigned n = harness_calls(s->h, "call StartNotify *");

        harness_standin(s->h, "delay StartNotify " PUT_OFF);
        harness_standin(s->h, "disconnect " STRAP);
        harness_wait_calls(s->h, "call StartNotify *", n + 1, SOON_USEC);
}

static void late_snapshot(Stage *s)
{
        unsigned n = harness_calls(s->h, "call GetManagedObjects *");

        harness_standin(s->h, "delay GetManagedObjects " PUT_OFF);
        harness_standin(s->h, "bluetoothd restart");
        harness_wait_calls(s->h, "call GetManagedObjects *", n + 1, SOON_USEC);
}

static void late_registration(Stage *s)
{
        unsigned n = harness_calls(s->h, "call RegisterApplication *");

        harness_standin(s->h, "delay RegisterApplication " PUT_OFF);
        harness_standin(s->h, "bluetoothd restart");
        harness_wait_calls(s->h, "call RegisterApplication *", n + 1, SOON_USEC);
}

static const struct {
        const char *name;
        void (*begin)(Stage *s);
} situations[] = {
        { "nothing", nothing },
        { "Disconnect, late", late_disconnect },
        { "Disconnect, late, of a live strap", late_disconnect_of_a_live_one },
        { "Disconnect, too late", overdue_disconnect },
        { "Disconnect, lost", lost_disconnect },
        { "Connect, late", late_connect },
        { "Connect, lost", lost_connect },
        { "Connect, in vain", vain_connect },
        { "services", resolving },
        { "StartNotify, late", late_start_notify },
        { "GetManagedObjects, late", late_snapshot },
        { "RegisterApplication, late", late_registration },
};

/* -- What becomes of it -- */

/* One situation after the other, each with a strap that is live, and is again in the end. */
static void test_meanwhile(Harness *h, void (*happens)(Stage *s))
{
        _cleanup_stage_ Stage s = stage_begin(h);

        for (size_t i = 0; i < ELEMENTSOF(situations); i++) {
                print_message("# under way: %s\n", situations[i].name);
                situations[i].begin(&s);
                happens(&s);
                expect_received(&s);
                harness_pass_time(h, PUT_OFF_USEC); /* the delayed call is over */
                expect_received(&s);
                harness_standin(h, "normal all");
                settle(&s);
        }
}

/* Somebody removes the strap from bluetoothd, and the runner trusts it again. */
static void is_removed(Stage *s)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = harness_bus(s->h, BUS_SYSTEM);

        harness_standin(s->h, "normal all");
        harness_standin(s->h, "expect ready hci0 10s");
        harness_standin(s->h, "expect known " STRAP " 10s");
        if (sd_bus_call_method(bus, BLUEZ_BUS_NAME, ADAPTER, BLUEZ_ADAPTER_INTERFACE, "RemoveDevice", &error,
                            NULL, "o", STRAP_DEVICE) < 0)
                harness_fail(s->h, "RemoveDevice: %s", error.message);
        bluez_wait_no_sensor(s->h, STRAP_SENSOR);
        harness_standin(s->h, "advertise " STRAP);
        if (sd_bus_call_method(bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Trust", &error,
                            NULL, "s", STRAP) < 0)
                harness_fail(s->h, "Trust: %s", error.message);
}

static void test_removed(Harness *h)
{
        test_meanwhile(h, is_removed);
}

static void is_gone_for_a_moment(Stage *s)
{
        harness_standin(s->h, "leave " STRAP);
        harness_standin(s->h, "advertise " STRAP);
}

static void test_gone_for_a_moment(Harness *h)
{
        test_meanwhile(h, is_gone_for_a_moment);
}

static void is_left_alone(Stage *s)
{
        harness_standin(s->h, "advertise " STRAP);
}

static void test_left_alone(Harness *h)
{
        test_meanwhile(h, is_left_alone);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_removed),
                harness_test(test_gone_for_a_moment),
                harness_test(test_left_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
