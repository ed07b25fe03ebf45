/* SPDX-License-Identifier: MIT */
/* Setting a strap up over the bus: StartScan, StopScan, Trust and Forget, with BlueZ, adapters, straps and callers that
 * come and go in the middle. */

#include <signal.h>
#include <string.h>

#include "bluez-fixture.h"

#define OTHER_STRAP  "C0:FF:EE:00:00:02"
#define OTHER_SENSOR CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"
#define KEYBOARD     "C0:FF:EE:00:00:03"
/* The timeout of Trust() that callers are asked to use. */
#define TRUST_USEC (150 * USEC_PER_SEC)

/* -- Callers -- */

/* Somebody on the bus with a connection of their own, and one call that is not waited for. */
typedef struct Caller {
        sd_bus *bus;
        bool done;
        char *error, *message; /* NULL = none */
} Caller;

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        Caller *c = userdata;

        (void)ret_error;
        c->done = true;
        c->error = e ? strdup(e->name) : NULL;
        c->message = e ? strdup(e->message) : NULL;
        return 0;
}

/* Calls a method; address may be NULL. */
static void caller_call(Harness *h, Caller *c, const char *member, const char *address)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        if (!c->bus)
                c->bus = harness_bus_open(h, BUS_SYSTEM);
        c->done = false;
        free(c->error);
        free(c->message);
        c->error = c->message = NULL;
        assert_true(sd_bus_message_new_method_call(c->bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, member) >= 0);
        if (address)
                assert_true(sd_bus_message_append(m, "s", address) >= 0);
        assert_true(sd_bus_call_async(c->bus, NULL, m, on_answer, c, TRUST_USEC) >= 0);
        assert_true(sd_bus_flush(c->bus) >= 0);
}

static void caller_leave(Caller *c)
{
        c->bus = sd_bus_close_unref(c->bus);
        free(c->error);
        free(c->message);
        *c = (Caller){ .bus = NULL };
}
#define _cleanup_caller_ _cleanup_(caller_leave)

static bool caller_is_done(Harness *h, void *userdata)
{
        (void)h;
        return ((const Caller *)userdata)->done;
}

/* The answer: error is the last part of its name, NULL = there is none; words are in the message. */
static void caller_expect(Harness *h, Caller *c, const char *error, const char *words)
{
        assert_true(harness_clock_wait(h, caller_is_done, c, TRUST_USEC));
        if (!error) {
                if (c->error)
                        harness_fail(h, "%s: %s", c->error, c->message);
                return;
        }
        assert_non_null(c->error);
        assert_string_equal(strrchr(c->error, '.') + 1, error);
        if (!strstr(c->message, words))
                harness_fail(h, "'%s' is not in: %s", words, c->message);
}

static void call_expect(
                Harness *h, const char *member, const char *address, const char *error, const char *words)
{
        _cleanup_caller_ Caller c = { .bus = NULL };

        caller_call(h, &c, member, address);
        caller_expect(h, &c, error, words);
}

static void wait_sensor(Harness *h, const char *path, const char *name, const char *expected)
{
        harness_wait_property(h, path, CARDIO_SENSOR_INTERFACE, name, expected, SOON_USEC);
}

static void wait_scanning(Harness *h, const char *expected)
{
        harness_wait_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Scanning", expected, LATE_USEC);
}

/* -- Scanning -- */

static void test_scan_finds_straps(Harness *h)
{
        _cleanup_caller_ Caller c = { .bus = NULL };
        _cleanup_free_ char *stored = NULL;

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "set temporary-timeout 300ms");
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "strap add hci0 " KEYBOARD " Keyboard other");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "advertise " KEYBOARD);
        wait_scanning(h, "false");
        caller_call(h, &c, "StartScan", NULL);
        caller_expect(h, &c, NULL, NULL);
        wait_scanning(h, "true");
        bluez_assert_calls(h, "call SetDiscoveryFilter " ADAPTER "*", 1);
        bluez_assert_calls(h, "call StartDiscovery " ADAPTER, 1);

        wait_sensor(h, STRAP_SENSOR, "Name", "New strap");
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        wait_sensor(h, STRAP_SENSOR, "Configured", "false");
        wait_sensor(h, STRAP_SENSOR, "Trusted", "false");
        wait_sensor(h, STRAP_SENSOR, "State", "absent");
        wait_sensor(h, STRAP_SENSOR, "HeartRate", "0");
        harness_clear_signals(h);
        harness_standin(h, "rssi " STRAP " -72");
        bluez_wait_announced(h, "RSSI -72");
        harness_standin(h, "silent " STRAP);
        assert_false(bluez_sensor_exists(h, CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_03"));
        bluez_wait_no_sensor(h, STRAP_SENSOR); /* BlueZ has forgotten it */

        harness_standin(h, "set temporary-timeout 30s");
        harness_standin(h, "advertise " STRAP);
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-72");
        caller_call(h, &c, "StopScan", NULL);
        caller_expect(h, &c, NULL, NULL);
        wait_scanning(h, "false");
        harness_standin(h, "expect quiet hci0 10s");
        wait_sensor(h, STRAP_SENSOR, "RSSI", "0"); /* but BlueZ has it still */

        /* It is not the runner's, and nothing has happened to it. */
        bluez_assert_calls(h, "call Connect *", 0);
        stored = harness_sql(h, "SELECT count(*) FROM sensor");
        assert_string_equal(stored, "0");
}

/* What another client's discovery found is found at once, with a strength that does not change. */
static void test_scan_beside_others(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        assert_false(bluez_sensor_exists(h, STRAP_SENSOR));
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        assert_int_equal(harness_call(h, NULL, NULL, "StopScan", NULL), 0);
        harness_wait_calls(h, "call StopDiscovery *", 1, SOON_USEC);
        wait_sensor(h, STRAP_SENSOR, "RSSI", "0");
        harness_standin(h, "expect discovering hci0");
}

/* The runner's own straps stay as they are; a second adapter receives the new one better. */
static void test_scan_with_two_adapters(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        bluez_strap_live(h);
        harness_standin(h, "strap add hci1 " STRAP " \"Test strap\"");
        harness_standin(h, "advertise hci1/" STRAP);
        harness_standin(h, "strap add hci0 " OTHER_STRAP " Far");
        harness_standin(h, "strap add hci1 " OTHER_STRAP " Far");
        harness_standin(h, "rssi hci0/" OTHER_STRAP " -90");
        harness_standin(h, "rssi hci1/" OTHER_STRAP " -80");
        harness_standin(h, "advertise hci0/" OTHER_STRAP);
        harness_standin(h, "advertise hci1/" OTHER_STRAP);
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, OTHER_SENSOR, "RSSI", "-80");
        /* It is trusted on one adapter, and a stranger on the other: still the runner's. */
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        wait_sensor(h, STRAP_SENSOR, "Configured", "true");
        bluez_send(h, 77);
        bluez_wait_state(h, "live");
        harness_standin(h, "adapter remove hci1");
        wait_sensor(h, OTHER_SENSOR, "RSSI", "-90");
        bluez_send(h, 78);
        bluez_wait_state(h, "live");
}

static void test_scan_ends_with_its_callers(Harness *h)
{
        _cleanup_caller_ Caller first = { .bus = NULL }, second = { .bus = NULL };

        bluez_begin(h, BLUEZ_CONFIG);
        caller_call(h, &first, "StartScan", NULL);
        caller_expect(h, &first, NULL, NULL);
        caller_call(h, &second, "StartScan", NULL);
        caller_expect(h, &second, NULL, NULL);
        caller_call(h, &second, "StartScan", NULL);
        caller_expect(h, &second, NULL, NULL);
        caller_leave(&first);
        /* Who has not asked for it cannot end it. */
        call_expect(h, "StopScan", NULL, NULL, NULL);
        harness_standin(h, "expect discovering hci0");
        bluez_assert_calls(h, "call StopDiscovery *", 0);
        caller_leave(&second);
        harness_wait_calls(h, "call StopDiscovery *", 1, SOON_USEC);
        wait_scanning(h, "false");
        /* No caller is left over from before. */
        caller_call(h, &first, "StartScan", NULL);
        caller_expect(h, &first, NULL, NULL);
        caller_call(h, &first, "StopScan", NULL);
        caller_expect(h, &first, NULL, NULL);
        harness_wait_calls(h, "call StopDiscovery *", 2, SOON_USEC);
        bluez_assert_calls(h, "call StartDiscovery *", 2);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
}

/* It is begun and ended while BlueZ takes its time: it is off at the end. */
static void test_scan_wavers(Harness *h)
{
        _cleanup_caller_ Caller c = { .bus = NULL };

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "delay StartDiscovery 300ms");
        caller_call(h, &c, "StartScan", NULL);
        harness_wait_calls(h, "call StartDiscovery *", 1, SOON_USEC);
        caller_leave(&c);
        harness_wait_calls(h, "call StopDiscovery *", 1, SOON_USEC);
        harness_standin(h, "expect quiet hci0 10s");
        wait_scanning(h, "false");
        bluez_assert_calls(h, "call StartDiscovery *", 1);
}

static void test_scan_is_refused(Harness *h)
{
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        call_expect(h, "StartScan", NULL, "NoBluetooth", "systemctl start bluetooth");
        harness_standin(h, "adapter add hci0");
        harness_standin(h, "adapter remove hci0");
        harness_wait_output(h, harness_daemon(h), true, "*org.bluez*is there*", SOON_USEC);
        call_expect(h, "StartScan", NULL, "NoBluetooth", "no Bluetooth adapter");
        harness_standin(h, "adapter add hci0");
        harness_standin(h, "expect registered hci0 10s");
        call_expect(h, "StartScan", NULL, "NoBluetooth", "bluetoothctl power on");
        harness_standin(h, "adapter power hci0 on");
        harness_standin(h, "fail StartDiscovery org.bluez.Error.NotAuthorized \"Not Authorized\"");
        call_expect(h, "StartScan", NULL, "Bluez", "Not Authorized");
        harness_standin(h, "normal all");
        harness_standin(h, "fail SetDiscoveryFilter org.bluez.Error.Failed \"No filter\"");
        call_expect(h, "StartScan", NULL, "Bluez", "No filter");
        /* A refused caller scans no more: nothing is tried again for it. */
        harness_standin(h, "normal all");
        call_expect(h, "StartScan", NULL, NULL, NULL);
        harness_standin(h, "expect quiet hci0 10s");
}

static void test_scan_goes_on(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");

        harness_standin(h, "adapter power hci0 off");
        wait_scanning(h, "false");
        harness_standin(h, "adapter power hci0 on");
        harness_standin(h, "expect discovering hci0 10s");
        wait_scanning(h, "true");

        harness_standin(h, "bluetoothd stop");
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        wait_scanning(h, "false");
        harness_standin(h, "bluetoothd start");
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        harness_standin(h, "bluetoothd kill");
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        harness_standin(h, "bluetoothd start");
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        harness_standin(h, "adapter remove hci0");
        wait_scanning(h, "false");
        /* Once it has begun, what fails is tried again. */
        harness_standin(h, "fail StartDiscovery org.bluez.Error.Failed \"Not now\" 1");
        harness_standin(h, "adapter add hci0 powered");
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        wait_scanning(h, "true");
        bluez_assert_calls(h, "call StartDiscovery *", 6);
}

/* bluetoothd 5.87 crashes on a filter with UUIDs, and not every strap advertises its service. */
static void test_scan_filters_by_itself(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        bluez_assert_calls(h, "call SetDiscoveryFilter *", 1);
        bluez_assert_calls(h, "note filter *", 0);
}

/* bluetoothd was restarted in the midst of a discovery: it says that one is in progress, and none is. */
static void test_scan_of_before(Harness *h)
{
        _cleanup_caller_ Caller c = { .bus = NULL };
        usec_t begin_usec;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h,
                        "fail StartDiscovery org.bluez.Error.InProgress \"Operation already in progress\" 1");
        begin_usec = harness_clock_usec(h);
        caller_call(h, &c, "StartScan", NULL);
        caller_expect(h, &c, NULL, NULL);
        assert_in_range(harness_clock_usec(h) - begin_usec, 10 * USEC_PER_SEC, 15 * USEC_PER_SEC);
        harness_standin(h, "expect discovering hci0");
        wait_scanning(h, "true");
        bluez_assert_calls(h, "call StartDiscovery *", 2);
}

/* Off and on while the answer to StartDiscovery is outstanding: nothing more is asked of bluetoothd before it has come. */
static void test_scan_waits_for_its_answer(Harness *h)
{
        _cleanup_caller_ Caller c = { .bus = NULL };

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "never StartDiscovery 1");
        caller_call(h, &c, "StartScan", NULL);
        harness_standin(h, "expect-call StartDiscovery 10s");
        harness_standin(h, "adapter power hci0 off");
        harness_standin(h, "adapter power hci0 on");
        harness_standin(h, "expect registered hci0 10s");
        harness_standin(h, "wait 1s");
        bluez_assert_calls(h, "call SetDiscoveryFilter *", 1);
        bluez_assert_calls(h, "call StartDiscovery *", 1);
}

static void test_scan_limit(Harness *h)
{
        Caller callers[33] = { { .bus = NULL } };

        bluez_begin(h, BLUEZ_CONFIG);
        for (size_t i = 0; i < ELEMENTSOF(callers); i++) {
                bool last = i == ELEMENTSOF(callers) - 1;

                caller_call(h, &callers[i], "StartScan", NULL);
                caller_expect(h, &callers[i], last ? "LimitReached" : NULL, "32");
        }
        for (size_t i = 0; i < ELEMENTSOF(callers); i++)
                caller_leave(&callers[i]);
        harness_standin(h, "expect quiet hci0 10s");
}

/* A room full of straps takes no place from the runner's, and no more than 32 are listed. */
static void test_scan_in_a_full_room(Harness *h)
{
        _cleanup_free_ char *found = NULL;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        for (unsigned i = 0; i < 40; i++) {
                harness_standin(h, "strap add hci0 C0:FF:EE:00:01:%02X Stranger", i);
                harness_standin(h, "advertise C0:FF:EE:00:01:%02X", i);
        }
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_01_1F", "RSSI", "-60");
        /* The last one in BlueZ's list. */
        harness_standin(h, "strap add hci0 " OTHER_STRAP " Mine trusted");
        wait_sensor(h, OTHER_SENSOR, "Configured", "true");
        for (unsigned i = 0; i < 40; i++) {
                char path[128];

                (void)snprintf(path, sizeof(path), CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_01_%02X", i);
                assert_int_equal(bluez_sensor_exists(h, path), i < 32);
        }
        bluez_send(h, 99);
        bluez_wait_state(h, "live");
        found = harness_sql(h, "SELECT count(*) FROM sensor WHERE name = 'Stranger'");
        assert_string_equal(found, "0");
}

/* -- Trust -- */

static void new_strap(Harness *h)
{
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\"");
        harness_standin(h, "advertise " STRAP);
}

/* From nothing to a live strap, with each step done once, and no bond. */
static void test_trust_new_strap(Harness *h)
{
        _cleanup_free_ char *configured = NULL;

        bluez_begin(h, BLUEZ_CONFIG);
        new_strap(h);
        call_expect(h, "Trust", "c0:ff:ee:00:00:01", NULL, NULL);
        /* Once it is answered, it is so. */
        configured = harness_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "Configured");
        assert_non_null(configured);
        assert_string_equal(configured, "true");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        harness_standin(h, "expect quiet hci0 10s");
        bluez_assert_calls(h, "call StartDiscovery *", 1);
        bluez_assert_calls(h, "call StopDiscovery *", 1);
        bluez_assert_calls(h, "call Connect *", 1);
        bluez_assert_calls(h, "call Set " STRAP_DEVICE " org.bluez.Device1 Trusted true", 1);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_assert_calls(h, "call Pair *", 0);

        /* Again is no more than a look. */
        call_expect(h, "Trust", STRAP, NULL, NULL);
        bluez_assert_calls(h, "call Set *", 1);
        bluez_assert_calls(h, "call Connect *", 1);
        /* And it comes back by itself. */
        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 63);
        bluez_assert_calls(h, "call Connect *", 1);
}

/* Somebody scans all the while: discovery rests for the connection, and goes on. */
static void test_trust_found_strap(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        new_strap(h);
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, STRAP_SENSOR, "Configured", "false");
        harness_standin(h, "set link-delay 200ms");
        harness_clear_signals(h);
        call_expect(h, "Trust", STRAP, NULL, NULL);
        bluez_wait_announced(h, "Configured true");
        harness_standin(h, "expect discovering hci0 10s");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call StopDiscovery *", 1);
        bluez_assert_calls(h, "call StartDiscovery *", 2);
        bluez_assert_calls(h, "call Connect *", 1);
        assert_int_equal(harness_count_signals(h, NULL, "InterfacesRemoved"), 0);
}

static void test_trust_tries_again(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        new_strap(h);
        harness_standin(h, "fail Connect org.bluez.Error.Failed le-connection-abort-by-local 2");
        call_expect(h, "Trust", STRAP, NULL, NULL);
        bluez_assert_calls(h, "call Connect *", 3);
        harness_standin(h, "expect notifying " STRAP " 10s");
}

/* Two adapters find it: the better one is tried first, then the other. */
static void test_trust_on_another_adapter(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\" known");
        harness_standin(h, "strap add hci1 " STRAP " \"New strap\" known");
        harness_standin(h, "rssi hci0/" STRAP " -80");
        harness_standin(h, "advertise hci0/" STRAP);
        harness_standin(h, "advertise hci1/" STRAP);
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        wait_sensor(h, STRAP_SENSOR, "RSSI", "-60");
        harness_standin(h, "fail Connect org.bluez.Error.Failed le-connection-abort-by-local 1");
        call_expect(h, "Trust", STRAP, NULL, NULL);
        bluez_assert_calls(h, "call Connect /org/bluez/hci1/*", 1);
        bluez_assert_calls(h, "call Connect /org/bluez/hci0/*", 1);
        bluez_assert_calls(h, "call Set /org/bluez/hci0/* org.bluez.Device1 Trusted true", 1);
}

/* Connect() succeeds, and the link is not there: only Connected counts. The next attempt brings it. */
static void test_trust_survives_a_lost_link(Harness *h)
{
        _cleanup_caller_ Caller c = { .bus = NULL };

        bluez_begin(h, BLUEZ_CONFIG);
        new_strap(h);
        harness_standin(h, "set resolving manual");
        caller_call(h, &c, "Trust", STRAP);
        harness_standin(h, "expect connected " STRAP " 10s");
        harness_standin(h, "disconnect " STRAP);
        harness_wait_calls(h, "call Connect *", 2, SOON_USEC);
        harness_standin(h, "expect connected " STRAP " 10s");
        harness_standin(h, "order resolved-first");
        harness_standin(h, "resolve " STRAP);
        caller_expect(h, &c, NULL, NULL);
        wait_sensor(h, STRAP_SENSOR, "Configured", "true");
}

static void test_trust_of_a_strap_that_is_held(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        new_strap(h);
        harness_standin(h, "fail Connect org.bluez.Error.Failed le-connection-abort-by-local");
        call_expect(h, "Trust", STRAP, "ConnectFailed", "another phone or watch");
        bluez_assert_calls(h, "call Connect *", 3);
        bluez_assert_calls(h, "call Set *", 0);
        harness_standin(h, "normal all");
        harness_standin(h, "fail Connect org.bluez.Error.Failed br-connection-canceled");
        call_expect(h, "Trust", STRAP, "ConnectFailed", "come closer");
}

/* Half a minute of looking. */
static void test_trust_of_a_strap_that_is_not_there(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        begin_usec = harness_clock_usec(h);
        call_expect(h, "Trust", STRAP, "NoSensor", "was not heard");
        assert_in_range(harness_clock_usec(h) - begin_usec, 30 * USEC_PER_SEC, 35 * USEC_PER_SEC);
        harness_standin(h, "expect quiet hci0 10s");
        bluez_assert_calls(h, "call Connect *", 0);
}

/* A strap whose advertisements do not name its service is found by its address. */
static void test_trust_of_a_hidden_strap(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"Hidden strap\" hidden");
        harness_standin(h, "advertise " STRAP);
        call_expect(h, "Trust", STRAP, NULL, NULL);
        wait_sensor(h, STRAP_SENSOR, "Configured", "true");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_trust_of_a_keyboard(Harness *h)
{
        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " KEYBOARD " Keyboard other known");
        harness_standin(h, "advertise " KEYBOARD);
        call_expect(h, "Trust", KEYBOARD, "NoSensor", "not a heart-rate strap");
        harness_wait_calls(h, "call Disconnect *", 1, SOON_USEC);
        bluez_assert_calls(h, "call Set *", 0);
}

/* Services that are never resolved: the link is ended. */
static void test_trust_of_a_mute_strap(Harness *h)
{
        usec_t begin_usec;

        bluez_begin_by_clock(h, BLUEZ_CONFIG);
        new_strap(h);
        harness_standin(h, "order resolved-without-gatt");
        begin_usec = harness_clock_usec(h);
        call_expect(h, "Trust", STRAP, "ConnectFailed", "does not tell its services");
        assert_in_range(harness_clock_usec(h) - begin_usec, 5 * USEC_PER_SEC, 9 * USEC_PER_SEC);
        harness_wait_calls(h, "call Disconnect *", 1, SOON_USEC);
        bluez_assert_calls(h, "call Set *", 0);
}

/* Sends the daemon alone a signal that somebody has left the bus. */
static void lie_that_it_left(Harness *h, sd_bus *who)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        const char *name;

        assert_true(sd_bus_get_unique_name(who, &name) >= 0);
        assert_true(sd_bus_message_new_signal(bus, &m, "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                    "NameOwnerChanged") >= 0);
        assert_true(sd_bus_message_append(m, "sss", name, name, "") >= 0);
        assert_true(sd_bus_send_to(bus, m, CARDIO_BUS_NAME, NULL) >= 0);
        assert_true(sd_bus_flush(bus) >= 0);
}

/* Only the bus can announce that a caller has left it: the one goes on scanning, the other gets its reply. */
static void test_liar(Harness *h)
{
        _cleanup_caller_ Caller scanner = { .bus = NULL }, c = { .bus = NULL };

        bluez_begin(h, BLUEZ_CONFIG);
        caller_call(h, &scanner, "StartScan", NULL);
        caller_expect(h, &scanner, NULL, NULL);
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\" known");
        caller_call(h, &c, "Trust", STRAP);
        harness_wait_calls(h, "call Connect *", 1, SOON_USEC);
        lie_that_it_left(h, scanner.bus);
        lie_that_it_left(h, c.bus);
        harness_standin(h, "advertise " STRAP);
        caller_expect(h, &c, NULL, NULL);
        wait_sensor(h, STRAP_SENSOR, "Trusted", "true");
        wait_scanning(h, "true");
}

static void test_trust_is_abandoned(Harness *h)
{
        Caller c = { .bus = NULL };

        bluez_begin(h, BLUEZ_CONFIG);
        /* While looking. */
        caller_call(h, &c, "Trust", STRAP);
        harness_standin(h, "expect discovering hci0 10s");
        caller_leave(&c);
        harness_standin(h, "expect quiet hci0 10s");
        /* While connecting. */
        harness_standin(h, "strap add hci0 " STRAP " \"New strap\" known");
        caller_call(h, &c, "Trust", STRAP);
        harness_wait_calls(h, "call Connect *", 1, SOON_USEC);
        caller_leave(&c);
        harness_wait_calls(h, "call Disconnect *", 1, SOON_USEC);
        harness_standin(h, "expect disconnected " STRAP);
        /* While it is connected. */
        harness_standin(h, "set resolving manual");
        harness_standin(h, "advertise " STRAP);
        caller_call(h, &c, "Trust", STRAP);
        harness_standin(h, "expect connected " STRAP " 10s");
        caller_leave(&c);
        harness_wait_calls(h, "call Disconnect *", 2, SOON_USEC);
        harness_standin(h, "expect disconnected " STRAP " 10s");
        bluez_assert_calls(h, "call Set *", 0);
}

static void test_trust_is_refused(Harness *h)
{
        Caller c = { .bus = NULL };

        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        call_expect(h, "Trust", STRAP, "NoBluetooth", "systemctl start bluetooth");
        call_expect(h, "Trust", "C0:FF:EE:00:00", "InvalidArgument", "A0:9E:1A:12:34:56");
        call_expect(h, "Trust", "", "InvalidArgument", "''");
        harness_standin(h, "adapter add hci0");
        harness_standin(h, "expect registered hci0 10s");
        call_expect(h, "Trust", STRAP, "NoBluetooth", "switched off");
        harness_standin(h, "adapter power hci0 on");

        /* One at a time. */
        caller_call(h, &c, "Trust", STRAP);
        harness_standin(h, "expect discovering hci0 10s");
        call_expect(h, "Trust", OTHER_STRAP, "Busy", "try again");
        call_expect(h, "Forget", STRAP, "Busy", "try again");
        call_expect(h, "Forget", OTHER_STRAP, "NoSensor", "knows no sensor");

        /* Bluetooth goes in the middle. */
        harness_standin(h, "adapter power hci0 off");
        caller_expect(h, &c, "NoBluetooth", "switched off");
        harness_standin(h, "adapter power hci0 on");
        new_strap(h);
        harness_standin(h, "silent " STRAP);
        harness_standin(h, "strap add hci0 " OTHER_STRAP " \"Other\" known");
        caller_call(h, &c, "Trust", OTHER_STRAP);
        harness_wait_calls(h, "call Connect *", 1, SOON_USEC);
        harness_standin(h, "bluetoothd kill");
        caller_expect(h, &c, "NoBluetooth", "not running");
        caller_leave(&c);
}

/* BlueZ will not do the last step. */
static void test_trust_is_not_kept(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        new_strap(h);
        harness_standin(h, "fail Set org.bluez.Error.Failed \"No room\"");
        call_expect(h, "Trust", STRAP, "Bluez", "No room");
        harness_wait_calls(h, "call Disconnect *", 1, SOON_USEC);
}

/* Another address is configured: it is trusted, and still not the runner's. */
static void test_trust_beside_a_configured_address(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\naddress = " OTHER_STRAP "\n");
        new_strap(h);
        call_expect(h, "Trust", STRAP, NULL, NULL);
        wait_sensor(h, STRAP_SENSOR, "Trusted", "true");
        wait_sensor(h, STRAP_SENSOR, "Configured", "false");
}

static void test_rotating_address(Harness *h)
{
        static const struct {
                const char *flags, *address, *sensor, *rotating;
        } straps[] = {
                { "random", "4F:FF:EE:00:00:11", "4F_FF_EE_00_00_11", "true" },
                { "random", "7F:FF:EE:00:00:12", "7F_FF_EE_00_00_12", "true" },
                { "random paired", "5F:FF:EE:00:00:13", "5F_FF_EE_00_00_13", "false" },
                { "random", "CF:FF:EE:00:00:14", "CF_FF_EE_00_00_14", "false" }, /* static */
                { "random", "3F:FF:EE:00:00:15", "3F_FF_EE_00_00_15", "false" }, /* non-resolvable */
                { "known", "4F:FF:EE:00:00:16", "4F_FF_EE_00_00_16", "false" },  /* public */
        };

        bluez_begin(h, BLUEZ_CONFIG);
        for (size_t i = 0; i < ELEMENTSOF(straps); i++) {
                harness_standin(h, "strap add hci0 %s Strap %s", straps[i].address, straps[i].flags);
                harness_standin(h, "advertise %s", straps[i].address);
        }
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(straps); i++) {
                char path[128];

                (void)snprintf(path, sizeof(path), CARDIO_SENSOR_PREFIX "/%s", straps[i].sensor);
                wait_sensor(h, path, "Rotating", straps[i].rotating);
        }
}

/* -- Forget -- */

static void test_forget(Harness *h)
{
        _cleanup_free_ char *kept = NULL;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", "base"), 0);
        bluez_send(h, 100);
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        call_expect(h, "Forget", "c0:ff:ee:00:00:01", NULL, NULL);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        bluez_assert_calls(h, "call RemoveDevice " ADAPTER " " STRAP_DEVICE, 1);
        harness_standin(h, "expect removed " STRAP);
        kept = harness_sql(h, "SELECT count(*) FROM session");
        assert_string_equal(kept, "1");
        call_expect(h, "Forget", STRAP, "NoSensor", "knows no sensor");

        /* And it can be made the runner's again. */
        call_expect(h, "Trust", STRAP, NULL, NULL);
        wait_sensor(h, STRAP_SENSOR, "Trusted", "true");
}

static void test_forget_everywhere(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        harness_standin(h, "strap add hci0 " STRAP " Twice trusted");
        harness_standin(h, "strap add hci1 " STRAP " Twice trusted");
        bluez_wait_state(h, "absent");
        call_expect(h, "Forget", STRAP, NULL, NULL);
        bluez_assert_calls(h, "call RemoveDevice *", 2);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
}

static void test_forget_is_refused(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " KEYBOARD " Keyboard other trusted paired");
        harness_standin(h, "strap add hci0 " STRAP " Mine trusted");
        bluez_wait_state(h, "absent");
        call_expect(h, "Forget", KEYBOARD, "NoSensor", "left alone");
        call_expect(h, "Forget", "all", "InvalidArgument", "'all'");
        bluez_assert_calls(h, "call RemoveDevice *", 0);
        harness_standin(h, "fail RemoveDevice org.bluez.Error.Failed \"Busy elsewhere\"");
        call_expect(h, "Forget", STRAP, "Bluez", "Busy elsewhere");
        harness_standin(h, "normal all");
        harness_standin(h, "adapter power hci0 off");
        call_expect(h, "Forget", STRAP, "NoBluetooth", "switched off");
        bluez_wait_state(h, "absent");
        harness_standin(h, "bluetoothd stop");
        call_expect(h, "Forget", STRAP, "NoBluetooth", "not running");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_scan_finds_straps),
                harness_test(test_scan_beside_others),
                harness_test(test_scan_with_two_adapters),
                harness_test(test_scan_ends_with_its_callers),
                harness_test(test_scan_wavers),
                harness_test(test_scan_is_refused),
                harness_test(test_scan_goes_on),
                harness_test(test_scan_filters_by_itself),
                harness_test(test_scan_of_before),
                harness_test(test_scan_waits_for_its_answer),
                harness_test(test_scan_limit),
                harness_test(test_scan_in_a_full_room),
                harness_test(test_trust_new_strap),
                harness_test(test_trust_found_strap),
                harness_test(test_trust_tries_again),
                harness_test(test_trust_on_another_adapter),
                harness_test(test_trust_survives_a_lost_link),
                harness_test(test_trust_of_a_strap_that_is_held),
                harness_test(test_trust_of_a_strap_that_is_not_there),
                harness_test(test_trust_of_a_hidden_strap),
                harness_test(test_trust_of_a_keyboard),
                harness_test(test_trust_of_a_mute_strap),
                harness_test(test_liar),
                harness_test(test_trust_is_abandoned),
                harness_test(test_trust_is_refused),
                harness_test(test_trust_is_not_kept),
                harness_test(test_trust_beside_a_configured_address),
                harness_test(test_rotating_address),
                harness_test(test_forget),
                harness_test(test_forget_everywhere),
                harness_test(test_forget_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
