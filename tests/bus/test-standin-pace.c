/* SPDX-License-Identifier: MIT */

/* The stand-in's foot pods and fitness machines: what they offer, advertise and send. */

#include <stdio.h>
#include <string.h>

#include "standin-fixture.h"

#define DEVICE         "org.bluez.Device1"
#define CHARACTERISTIC "org.bluez.GattCharacteristic1"
#define UUID(n)        "0000" n "-0000-1000-8000-00805f9b34fb"

#define POD             "AA:BB:CC:DD:EE:02"
#define POD_PATH        ADAPTER_PATH "/dev_AA_BB_CC_DD_EE_02"
#define POD_MEASUREMENT POD_PATH "/service0040/char0041"

#define MACHINE         "AA:BB:CC:DD:EE:03"
#define MACHINE_PATH    ADAPTER_PATH "/dev_AA_BB_CC_DD_EE_03"
#define MACHINE_DATA    MACHINE_PATH "/service0060/char0063"
#define MACHINE_CONTROL MACHINE_PATH "/service0060/char0066"

static void link_up(Harness *h, const char *address, const char *path, const char *flags)
{
        harness_standin(h, "strap add hci0 %s Device trusted %s", address, flags);
        harness_standin(h, "advertise %s", address);
        client_expect_done(h, path, DEVICE, "Connect");
        harness_standin(h, "expect resolved %s", address);
}

static void expect_answer(Harness *h, const char *command, const char *expected)
{
        _cleanup_free_ char *answer = harness_standin_answer(h, command);

        assert_string_equal(answer, expected);
}

static void expect_last(Harness *h, const char *path, const char *expected)
{
        client_expect_property(h, path, CHARACTERISTIC, "Value", expected);
}

static void test_foot_pod(Harness *h)
{
        client_set_up(h);
        link_up(h, POD, POD_PATH, "foot-pod");
        client_expect_property(h, POD_PATH, DEVICE, "UUIDs",
                        UUID("1800") " " UUID("1801") " " UUID("180a") " " UUID("1814"));
        client_expect_property(h, POD_MEASUREMENT, CHARACTERISTIC, "UUID", UUID("2a53"));
        harness_standin(h, "speed " POD " 2.8");
        assert_int_equal(harness_calls(h, "note lost " POD), 1);
        client_expect_done(h, POD_MEASUREMENT, CHARACTERISTIC, "StartNotify");
        harness_standin(h, "expect pacing " POD);
        harness_standin(h, "expect notifying " POD);

        /* As real ones sent them: 3.36 m/s, 161 a minute, 130 cm, 255 m. */
        harness_standin(h, "speed " POD " 3.359375 cadence 161 stride 130 distance 255");
        expect_last(h, POD_MEASUREMENT, "3 92 3 161 130 0 246 9 0 0");
        harness_standin(h, "speed " POD " 0");
        expect_last(h, POD_MEASUREMENT, "0 0 0 0");
        harness_standin(h, "speed-raw " POD " 00 91 01 bb");
        expect_last(h, POD_MEASUREMENT, "0 145 1 187");
        expect_answer(h, "hr " POD " 140", "error: " POD " measures no heart rate");
        expect_answer(h, "speed " POD " 2 incline 3", "error: a foot pod says no such thing: incline");
        expect_answer(h, "speed " POD " 2 cadence 256", "error: out of range: 256");
        expect_answer(h, "speed " STRAP " 2", "error: " STRAP " measures no pace");
}

static void test_treadmill(Harness *h)
{
        _cleanup_free_ char *error = NULL;

        client_set_up(h);
        link_up(h, MACHINE, MACHINE_PATH, "treadmill");
        client_expect_property(h, MACHINE_DATA, CHARACTERISTIC, "UUID", UUID("2acd"));
        client_expect_done(h, MACHINE_DATA, CHARACTERISTIC, "StartNotify");
        harness_standin(h, "speed " MACHINE " 2.5 distance 65536 incline -1.5 gain 12.3 hr 105");
        expect_last(h, MACHINE_DATA, "28 1 132 3 0 0 1 241 255 255 127 123 0 0 0 105");
        expect_answer(h, "speed " MACHINE " 2 cadence 160", "error: a treadmill says no such thing: cadence");

        assert_int_equal(harness_calls(h, "note written *"), 0);
        error = client_call(h, harness_bus(h, BUS_SYSTEM), MACHINE_CONTROL, CHARACTERISTIC, "WriteValue",
                        "aya{sv}", 1, 7, 0);
        assert_null(error);
        assert_int_equal(harness_calls(h, "note written " MACHINE " " UUID("2ad9")), 1);
}

/* Its advertisement names the first service alone. */
static void test_several_services(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "strap add hci0 " POD " Device trusted with-pod");
        client_expect_property(h, POD_PATH, DEVICE, "UUIDs", UUID("180d"));
        harness_standin(h, "advertise " POD);
        client_expect_done(h, POD_PATH, DEVICE, "Connect");
        harness_standin(h, "expect resolved " POD);
        client_expect_property(h, POD_PATH, DEVICE, "UUIDs",
                        UUID("1800") " " UUID("1801") " " UUID("180a") " " UUID("180d") " " UUID("1814"));
        client_expect_done(h, POD_PATH "/service0020/char0021", CHARACTERISTIC, "StartNotify");
        client_expect_done(h, POD_MEASUREMENT, CHARACTERISTIC, "StartNotify");
        harness_standin(h, "hr " POD " 140");
        harness_standin(h, "speed " POD " 1");
        expect_last(h, POD_PATH "/service0020/char0021", "0 140");
        expect_last(h, POD_MEASUREMENT, "0 0 1 0");
        expect_answer(h, "strap add hci0 " MACHINE " x treadmill with-pod with-heart-rate", "ok");
        harness_standin(h, "remove-measurement " POD " 2");
        expect_answer(h, "speed " POD " 1", "error: " POD " measures no pace");
        harness_standin(h, "hr " POD " 141");
}

/* What a machine is, in its advertisements: not known before one was heard. */
static void test_service_data(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL;

        client_set_up(h);
        harness_standin(h, "strap add hci0 " MACHINE " Device known bike");
        before = client_property(h, MACHINE_PATH, DEVICE, "ServiceData");
        assert_null(before);
        harness_standin(h, "advertise " MACHINE);
        client_sync(h);
        harness_clear_signals(h);
        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery");
        after = client_property(h, MACHINE_PATH, DEVICE, "ServiceData");
        assert_non_null(after);
        assert_string_equal(after, UUID("1826") " 1 32 0");
        harness_standin(h, "service-data " MACHINE);
        assert_null(client_property(h, MACHINE_PATH, DEVICE, "ServiceData"));
}

/* bluetoothd connects by itself what a profile has a service of. */
static void test_profile_of_another_service(Harness *h)
{
        unsigned queries = 0;
        sd_bus *bus;
        Answer answer;

        client_set_up(h);
        bus = harness_bus(h, BUS_SYSTEM);
        harness_standin(h, "strap add hci0 " POD " Device trusted foot-pod");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "advertise " POD);
        profile_export(h, bus, UUID("1814"), &queries);
        profile_register(h, &answer);
        answer_expect(h, &answer, NULL);
        harness_standin(h, "expect connected " POD);
        harness_standin(h, "expect disconnected " STRAP);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_foot_pod),
                harness_test(test_treadmill),
                harness_test(test_several_services),
                harness_test(test_service_data),
                harness_test(test_profile_of_another_service),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
