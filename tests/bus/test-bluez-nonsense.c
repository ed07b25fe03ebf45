/* SPDX-License-Identifier: MIT */
/* A BlueZ that behaves like no version: the test owns org.bluez itself and sends whatever it likes. Whatever that is, the
 * daemon goes on, and a strap that appears properly afterwards works. */

#include "bluez-fixture.h"

#include <stdlib.h>
#include <string.h>

#define MEASUREMENT STRAP_DEVICE "/service0020/char0021"
#define PROPERTIES  "org.freedesktop.DBus.Properties"
#define MANAGER     "org.freedesktop.DBus.ObjectManager"

typedef struct Bluetoothd {
        sd_bus *bus;
        int (*snapshot)(sd_bus_message *call); /* NULL = of no objects */
        const char *const *wordless;           /* members that are answered by an error that has no text */
        size_t n_wordless;
        unsigned n_start_notify, n_connect, n_register, n_snapshots;
        unsigned n_failures;          /* of the first snapshots */
        sd_bus_message *start_notify; /* the first one, if it is to be answered later */
        bool start_notify_later;
} Bluetoothd;

/* -- What it answers -- */

/* Errors first, then a list without objects; after that, since that would not be true, no reply. */
static int on_snapshot(Bluetoothd *b, sd_bus_message *m)
{
        unsigned n = b->n_snapshots++;

        if (n > b->n_failures)
                return 1;
        if (n == b->n_failures && b->snapshot)
                return b->snapshot(m);
        if (n == b->n_failures)
                return sd_bus_reply_method_return(m, "a{oa{sa{sv}}}", 0);
        return n % 2 ? sd_bus_reply_method_errorf(m, SD_BUS_ERROR_NO_MEMORY, "Not now")
                     : sd_bus_reply_method_return(m, "s", "No objects but a word");
}

static void count_call(Bluetoothd *b, sd_bus_message *m)
{
        b->n_start_notify +=
                        sd_bus_message_is_method_call(m, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify") > 0;
        b->n_connect += sd_bus_message_is_method_call(m, BLUEZ_DEVICE_INTERFACE, "Connect") > 0;
        b->n_register += sd_bus_message_is_method_call(
                                         m, BLUEZ_GATT_MANAGER_INTERFACE, "RegisterApplication") > 0;
}

/* sd-bus gives each error of its own a text. */
static int reply_without_text(sd_bus_message *call)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST("org.bluez.Error.Failed", NULL);
        int r = sd_bus_message_new_method_error(call, &reply, &error);

        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Bluetoothd *b = userdata;
        uint8_t type;

        assert_true(sd_bus_message_get_type(m, &type) >= 0);
        if (type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;
        count_call(b, m);
        for (size_t i = 0; i < b->n_wordless; i++)
                if (strcmp(sd_bus_message_get_member(m), b->wordless[i]) == 0)
                        return reply_without_text(m);
        if (sd_bus_message_is_method_call(m, MANAGER, "GetManagedObjects"))
                return on_snapshot(b, m);
        if (sd_bus_message_is_method_call(m, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify") &&
                        b->start_notify_later && !b->start_notify) {
                b->start_notify = sd_bus_message_ref(m);
                return 1;
        }
        return sd_bus_reply_method_return(m, NULL);
}

static void bluetoothd_end(Bluetoothd *b)
{
        sd_bus_message_unref(b->start_notify);
        sd_bus_flush_close_unref(b->bus);
}

typedef struct CountWanted {
        const unsigned *count;
        unsigned expected;
} CountWanted;

static bool count_is_reached(Harness *h _unused_, void *userdata)
{
        const CountWanted *wanted = userdata;

        return *wanted->count >= wanted->expected;
}

static void wait_count(Harness *h, const unsigned *count, unsigned expected)
{
        CountWanted wanted = { count, expected };

        if (!harness_wait(h, count_is_reached, &wanted, SOON_USEC))
                harness_fail(h, "%u calls of %u have come", *count, expected);
}

/* -- What it says -- */

static void say(Bluetoothd *b, const char *path, const char *interface, const char *member, const char *types,
                ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;

        assert_true(sd_bus_message_new_signal(b->bus, &m, path, interface, member) >= 0);
        va_start(arguments, types);
        assert_true(sd_bus_message_appendv(m, types, arguments) >= 0);
        va_end(arguments);
        assert_true(sd_bus_send(b->bus, m, NULL) >= 0);
}

static void say_device(Bluetoothd *b, const char *path, const char *address, bool trusted)
{
        say(b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, 1, BLUEZ_DEVICE_INTERFACE, 5, "Address",
                        "s", address, "Trusted", "b", trusted, "Connected", "b", 0, "ServicesResolved", "b",
                        0, "UUIDs", "as", 1, UUID_HEART_RATE_SERVICE);
}

/* What a machine's advertisement says, as something else than bytes, and as too few of them. */
static void say_odd_service_data(Bluetoothd *b)
{
        say(b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 1,
                        "ServiceData", "a{sv}", 2, UUID_FITNESS_MACHINE_SERVICE, "s", "a bike", "x", "u", 1,
                        0);
        say(b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 1,
                        "ServiceData", "a{sv}", 1, UUID_FITNESS_MACHINE_SERVICE, "ay", 2, 1, 0x20, 0);
        say(b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 1,
                        "ServiceData", "s", "none", 0);
}

static void say_link(Bluetoothd *b, bool connected, bool resolved)
{
        say(b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 2,
                        "Connected", "b", connected, "ServicesResolved", "b", resolved, 0);
}

static void say_adapter(Bluetoothd *b)
{
        say(b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", ADAPTER, 2, BLUEZ_ADAPTER_INTERFACE, 1,
                        "Powered", "b", 1, BLUEZ_GATT_MANAGER_INTERFACE, 0);
}

static void say_measurement(Bluetoothd *b, const char *path)
{
        say(b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, 1, BLUEZ_CHARACTERISTIC_INTERFACE, 1,
                        "UUID", "s", UUID_HEART_RATE_MEASUREMENT);
}

static void emit_heart_rate(Bluetoothd *b, unsigned heart_rate)
{
        say(b, MEASUREMENT, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_CHARACTERISTIC_INTERFACE, 1,
                        "Value", "ay", 2, 0x00, heart_rate, 0);
}

static void wait_sensor(Harness *h, const char *name, const char *expected)
{
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, name, expected, SOON_USEC);
}

/* It has an adapter, and the daemon has asked what it has. */
static void bluetoothd_begin(Bluetoothd *b, Harness *h)
{
        b->bus = harness_bus_open(h, BUS_SYSTEM);
        assert_true(sd_bus_add_filter(b->bus, NULL, on_call, b) >= 0);
        assert_true(sd_bus_request_name(b->bus, BLUEZ_BUS_NAME, 0) >= 0);
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        wait_count(h, &b->n_snapshots, b->n_failures + 1);
        say_adapter(b);
}

/* A strap that appears as it should. */
static void strap_works(Harness *h, Bluetoothd *b, unsigned heart_rate)
{
        char text[16];
        unsigned n = b->n_start_notify;

        (void)snprintf(text, sizeof(text), "%u", heart_rate);
        say_device(b, STRAP_DEVICE, STRAP, true);
        say_measurement(b, MEASUREMENT);
        say_link(b, true, true);
        wait_count(h, &b->n_start_notify, n + 1);
        emit_heart_rate(b, heart_rate);
        wait_sensor(h, "HeartRate", text);
        wait_sensor(h, "State", "live");
}

/* -- The tests -- */

static void test_snapshots_that_fail(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { .n_failures = 2 };

        bluetoothd_begin(&b, h);
        strap_works(h, &b, 71);
        wait_count(h, &b.n_register, 1);
}

/* A property of the wrong type, among the others: it alone is unknown. */
static int reply_with_wrong_types(sd_bus_message *call)
{
        return sd_bus_reply_method_return(call, "a{oa{sa{sv}}}", 3, ADAPTER, 2, BLUEZ_ADAPTER_INTERFACE, 2,
                        "Discovering", "s", "perhaps", "Powered", "b", 1, BLUEZ_GATT_MANAGER_INTERFACE, 0,
                        ADAPTER "/dev_E0_00_00_00_00_01", 1, BLUEZ_DEVICE_INTERFACE, 3, "Address", "u", 7,
                        "Name", "ay", 2, 1, 2, "UUIDs", "s", "none", STRAP_DEVICE, 1, BLUEZ_DEVICE_INTERFACE,
                        6, "RSSI", "s", "near", "Address", "s", STRAP, "Trusted", "b", 1, "Connected", "b", 0,
                        "ServicesResolved", "b", 0, "UUIDs", "as", 1, UUID_HEART_RATE_SERVICE);
}

static void test_snapshot_with_wrong_types(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { .snapshot = reply_with_wrong_types };

        b.bus = harness_bus_open(h, BUS_SYSTEM);
        assert_true(sd_bus_add_filter(b.bus, NULL, on_call, &b) >= 0);
        assert_true(sd_bus_request_name(b.bus, BLUEZ_BUS_NAME, 0) >= 0);
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        wait_count(h, &b.n_register, 1);
        wait_sensor(h, "Trusted", "true");
        harness_wait_output(h, harness_daemon(h), true, "*/dev_E0_00_00_00_00_01: * cannot be read, *",
                        SOON_USEC);
        say_measurement(&b, MEASUREMENT);
        say_link(&b, true, true);
        wait_count(h, &b.n_start_notify, 1);
        assert_int_equal(b.n_snapshots, 1);
}

static void test_wrong_types(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };

        bluetoothd_begin(&b, h);
        strap_works(h, &b, 71);

        say_odd_service_data(&b);
        say(&b, "/", MANAGER, "InterfacesAdded", "s", "nothing");
        say(&b, "/", MANAGER, "InterfacesAdded", "o", STRAP_DEVICE);
        say(&b, "/", MANAGER, "InterfacesAdded", "oa{sv}", STRAP_DEVICE, 0);
        say(&b, "/", MANAGER, "InterfacesAdded", "");
        say(&b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", ADAPTER, 1, BLUEZ_ADAPTER_INTERFACE, 1,
                        "Powered", "s", "yes");
        say(&b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", "/", 3, BLUEZ_DEVICE_INTERFACE, 0,
                        BLUEZ_CHARACTERISTIC_INTERFACE, 1, "UUID", "s", UUID_HEART_RATE_MEASUREMENT,
                        BLUEZ_GATT_MANAGER_INTERFACE, 0);
        say(&b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", STRAP_DEVICE, 1, BLUEZ_DEVICE_INTERFACE, 2,
                        "UUIDs", "s", UUID_HEART_RATE_SERVICE, "Trusted", "as", 0);
        say(&b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", STRAP_DEVICE, 1, BLUEZ_DEVICE_INTERFACE, 1,
                        "Address", "y", 7);
        say(&b, "/", MANAGER, "InterfacesRemoved", "os", STRAP_DEVICE, BLUEZ_DEVICE_INTERFACE);
        say(&b, "/", MANAGER, "InterfacesRemoved", "oas", "/", 2, BLUEZ_DEVICE_INTERFACE, "");
        say(&b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 2,
                        "Connected", "i", 0, "Name", "ay", 0, 0);
        say(&b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "s", BLUEZ_DEVICE_INTERFACE);
        say(&b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_BATTERY_INTERFACE, 1,
                        "Percentage", "s", "full", 0);
        say(&b, MEASUREMENT, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_CHARACTERISTIC_INTERFACE, 1,
                        "Value", "s", "seventy", 0);
        say(&b, MEASUREMENT, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_CHARACTERISTIC_INTERFACE, 1,
                        "Value", "aq", 1, 72, 0);
        say(&b, MEASUREMENT, PROPERTIES, "PropertiesChanged", "sas", BLUEZ_CHARACTERISTIC_INTERFACE, 0);
        emit_heart_rate(&b, 73);
        wait_sensor(h, "HeartRate", "73");
        wait_sensor(h, "State", "live");
        wait_sensor(h, "Trusted", "true");
        wait_sensor(h, "Name", "");
}

/* Names are cut, and what they come from is given back. */
static void test_endless_texts(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };
        _cleanup_free_ char *name = malloc(1000001), *said = NULL;

        bluetoothd_begin(&b, h);
        strap_works(h, &b, 71);
        assert_non_null(name);
        memset(name, 'x', 1000000);
        name[1000000] = '\0';
        say(&b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 3, "Name",
                        "s", name, "Icon", "s", name, "UUIDs", "as", 2, name, UUID_HEART_RATE_SERVICE, 0);
        emit_heart_rate(&b, 73);
        wait_sensor(h, "HeartRate", "73");
        said = harness_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "Name");
        assert_int_equal(strlen(said), 248);
}

typedef struct Refusal {
        bool came;
        char text[256];
} Refusal;

static int on_refused(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        Refusal *refusal = userdata;

        refusal->came = true;
        (void)snprintf(refusal->text, sizeof(refusal->text), "%s", e ? e->message : "done");
        return 0;
}

static bool is_refused(Harness *h _unused_, void *userdata)
{
        return ((const Refusal *)userdata)->came;
}

/* This program is BlueZ, too, and cannot wait for the answer in the call. */
static void call_manager(Harness *h, Refusal *refusal, const char *member, const char *address)
{
        *refusal = (Refusal){ 0 };
        assert_true(sd_bus_call_method_async(harness_bus(h, BUS_SYSTEM), NULL, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, member, on_refused, refusal,
                                    address ? "s" : NULL, address) >= 0);
        assert_true(harness_wait(h, is_refused, refusal, LATE_USEC));
}

static void assert_refused(Harness *h, const char *member, const char *address, const char *expected)
{
        Refusal refusal;

        call_manager(h, &refusal, member, address);
        assert_string_equal(refusal.text, expected);
}

/* An error says what it is by its name alone. */
static void test_errors_without_text(Harness *h)
{
        static const char *const members[] = { "SetDiscoveryFilter", "RegisterApplication", "Connect",
                "StartNotify", "RemoveDevice", "Set" };
        _cleanup_(bluetoothd_end) Bluetoothd b = { .wordless = members, .n_wordless = ELEMENTSOF(members) };

        bluetoothd_begin(&b, h);
        say_device(&b, STRAP_DEVICE, STRAP, true);
        say_measurement(&b, MEASUREMENT);
        wait_count(h, &b.n_connect, 1);
        assert_refused(h, "StartScan", NULL, "org.bluez.Error.Failed");
        assert_refused(h, "Forget", STRAP, "BlueZ does not forget " STRAP ": org.bluez.Error.Failed");
        say_link(&b, true, true);
        wait_count(h, &b.n_start_notify, 1);
        emit_heart_rate(&b, 72);
        wait_sensor(h, "HeartRate", "72");
}

static void test_addresses_that_are_none(Harness *h)
{
        static const char *const addresses[] = { "", "..", "C0:FF:EE:00:00", "C0:FF:EE:00:00:0/",
                "C0/FF/EE/00/00/02", "C0:FF:EE:00:00:02:03", "/org/cardiod1/x y" };
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };

        bluetoothd_begin(&b, h);
        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                char path[64];

                (void)snprintf(path, sizeof(path), ADAPTER "/dev_%zu", i);
                say_device(&b, path, addresses[i], true);
        }
        strap_works(h, &b, 71);
        harness_wait_sql(h, "SELECT group_concat(address) FROM sensor", STRAP, SOON_USEC);
}

/* A random address turns out to be another strap's. */
static void test_address_changes(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };

        bluetoothd_begin(&b, h);
        say_device(&b, STRAP_DEVICE, "4A:00:00:00:00:01", true);
        (void)harness_wait_signal(h, MANAGER, "InterfacesAdded", SOON_USEC);
        assert_true(bluez_sensor_exists(h, CARDIO_SENSOR_PREFIX "/4A_00_00_00_00_01"));
        strap_works(h, &b, 71);
        assert_false(bluez_sensor_exists(h, CARDIO_SENSOR_PREFIX "/4A_00_00_00_00_01"));
}

/* More strangers than there is room for keep no strap away, nor take one's place. */
static void test_too_many_devices(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };
        char path[64], address[18];

        bluetoothd_begin(&b, h);
        for (unsigned i = 0; i < 1200; i++) {
                if (i == 600)
                        strap_works(h, &b, 71);
                (void)snprintf(address, sizeof(address), "E0:00:00:00:%02X:%02X", i / 256, i % 256);
                (void)snprintf(path, sizeof(path), ADAPTER "/dev_%u", i);
                say_device(&b, path, address, false);
        }
        emit_heart_rate(&b, 72);
        wait_sensor(h, "HeartRate", "72");
        harness_refute_output(h, harness_daemon(h), true, "*ignored*");
}

/* Somebody scans in a room full of straps: the nearest are listed, the runner's own always. */
static void test_nearest_strangers(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };
        char path[64], address[18];
        Refusal started;

        bluetoothd_begin(&b, h);
        strap_works(h, &b, 71);
        call_manager(h, &started, "StartScan", NULL);
        assert_string_equal(started.text, "done");
        for (int i = 0; i < 200; i++) {
                (void)snprintf(address, sizeof(address), "E0:00:00:00:00:%02X", i);
                (void)snprintf(path, sizeof(path), ADAPTER "/dev_%d", i);
                say(&b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, 1, BLUEZ_DEVICE_INTERFACE, 3,
                                "Address", "s", address, "UUIDs", "as", 1, UUID_HEART_RATE_SERVICE, "RSSI",
                                "n", i < 100 ? -90 : 60 - i);
        }
        /* -40 dBm and less from the hundred-and-first on: these are listed; of those before them, and of the last ones,
         * none. */
        harness_wait_property(h, CARDIO_SENSOR_PREFIX "/E0_00_00_00_00_64", CARDIO_SENSOR_INTERFACE, "RSSI",
                        "-40", SOON_USEC);
        assert_false(bluez_sensor_exists(h, CARDIO_SENSOR_PREFIX "/E0_00_00_00_00_05"));
        assert_false(bluez_sensor_exists(h, CARDIO_SENSOR_PREFIX "/E0_00_00_00_00_C7"));
        assert_true(bluez_sensor_exists(h, STRAP_SENSOR));
        emit_heart_rate(&b, 72);
        wait_sensor(h, "HeartRate", "72");
}

/* More straps, and more adapters, than there is room for. */
static void test_too_many_straps(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };
        _cleanup_free_ char *log = NULL;
        char path[64], address[18];

        bluetoothd_begin(&b, h);
        strap_works(h, &b, 71);
        for (unsigned i = 0; i < 100; i++) {
                (void)snprintf(path, sizeof(path), "/org/bluez/hci%u", i + 1);
                say(&b, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, 1, BLUEZ_ADAPTER_INTERFACE, 1,
                                "Powered", "b", 1);
                (void)snprintf(address, sizeof(address), "E0:00:00:00:00:%02X", i);
                (void)snprintf(path, sizeof(path), ADAPTER "/dev_%u", i);
                say_device(&b, path, address, true);
        }
        emit_heart_rate(&b, 72);
        wait_sensor(h, "HeartRate", "72");
        harness_wait_output(h, harness_daemon(h), true, "*more than * adapters*", SOON_USEC);
        harness_wait_output(h, harness_daemon(h), true, "*more than * straps*", SOON_USEC);
        /* Logged once, not for each of them, and not again whenever one of them changes. */
        log = harness_child_output(h, harness_daemon(h), true);
        assert_null(strstr(strstr(log, "more than 16 adapters") + 1, "more than 16 adapters"));
        assert_null(strstr(strstr(log, "more than 64 straps") + 1, "more than 64 straps"));
}

/* The services change, the new ones added before the old ones are removed, while StartNotify on the old ones is not answered
 * yet: its success means nothing for the new ones. */
static void test_services_overlap(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { .start_notify_later = true };
        const char *before = STRAP_DEVICE "/service0040/char0041";

        bluetoothd_begin(&b, h);
        say_device(&b, STRAP_DEVICE, STRAP, true);
        say_measurement(&b, before);
        say_link(&b, true, true);
        wait_count(h, &b.n_start_notify, 1);
        say_measurement(&b, MEASUREMENT);
        assert_true(sd_bus_reply_method_return(b.start_notify, NULL) >= 0);
        say(&b, "/", MANAGER, "InterfacesRemoved", "oas", before, 1, BLUEZ_CHARACTERISTIC_INTERFACE);
        wait_count(h, &b.n_start_notify, 2);
        emit_heart_rate(&b, 71);
        wait_sensor(h, "HeartRate", "71");
}

/* It answers Connect() with success and connects nothing: tried again after 1.5 to 2 s, then 3 to 4. */
static void test_connect_that_lies(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd b = { 0 };
        usec_t begin_usec;

        bluetoothd_begin(&b, h);
        say_device(&b, STRAP_DEVICE, STRAP, false);
        begin_usec = bluez_now_usec();
        say(&b, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 1,
                        "Trusted", "b", 1, 0);
        wait_count(h, &b.n_connect, 3);
        assert_true(bluez_now_usec() - begin_usec >= 4500 * USEC_PER_MSEC);
        strap_works(h, &b, 71);
}

/* -- Another owner -- */

static unsigned measurements(Harness *h)
{
        return harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement");
}

/* Another bluetoothd takes the name in the middle of a run, without a moment in between. From then on only its signals
 * count; the first one goes on sending, by broadcast and to the daemon alone, and is ignored. The run stays one run. */
static void test_owner_is_replaced(Harness *h)
{
        _cleanup_(bluetoothd_end) Bluetoothd first = { 0 }, second = { 0 };
        _cleanup_free_ char *session = NULL;

        first.bus = harness_bus_open(h, BUS_SYSTEM);
        assert_true(sd_bus_add_filter(first.bus, NULL, on_call, &first) >= 0);
        assert_true(sd_bus_request_name(first.bus, BLUEZ_BUS_NAME, SD_BUS_NAME_ALLOW_REPLACEMENT) >= 0);
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        wait_count(h, &first.n_snapshots, 1);
        say_adapter(&first);
        strap_works(h, &first, 71);
        assert_int_equal(harness_call(h, NULL, NULL, "Subscribe", NULL), 0);
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", ""), 0);
        /* A reply that arrives when its sender has lost the name is ignored. */
        first.start_notify_later = true;
        say_link(&first, true, false);
        say_link(&first, true, true);
        wait_count(h, &first.n_start_notify, 2);

        second.bus = harness_bus_open(h, BUS_SYSTEM);
        assert_true(sd_bus_add_filter(second.bus, NULL, on_call, &second) >= 0);
        /* It sends before it owns the name: that does not count yet. */
        emit_heart_rate(&second, 199);
        assert_true(sd_bus_request_name(second.bus, BLUEZ_BUS_NAME, SD_BUS_NAME_REPLACE_EXISTING) >= 0);
        wait_count(h, &second.n_snapshots, 1);
        harness_clear_signals(h);
        emit_heart_rate(&first, 198);
        say_link(&first, false, false);
        say(&first, "/", MANAGER, "InterfacesRemoved", "oas", STRAP_DEVICE, 1, BLUEZ_DEVICE_INTERFACE);
        assert_true(sd_bus_reply_method_return(first.start_notify, NULL) >= 0);
        /* A round trip: the bus has passed all of it on. */
        assert_true(sd_bus_call_method(first.bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                    "org.freedesktop.DBus", "GetId", NULL, NULL, NULL) >= 0);
        say_adapter(&second);
        strap_works(h, &second, 72);
        assert_int_equal(measurements(h), 1);
        session = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Session");
        assert_string_equal(session, "1");
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        harness_wait_sql(h, "SELECT group_concat(heart_rate) FROM sample", "71,72", SOON_USEC);
        harness_wait_sql(h, "SELECT count(*) FROM session", "1", SOON_USEC);
}

/* The name changes hands again and again, faster than anybody can answer: whoever has it last is the one. */
static void test_owner_race(Harness *h)
{
        Bluetoothd b[3] = { { .n_snapshots = 1 }, { .n_snapshots = 1 },
                { .n_snapshots = 1 } }; /* none is answered */

        for (size_t i = 0; i < ELEMENTSOF(b); i++) {
                b[i].bus = harness_bus_open(h, BUS_SYSTEM);
                assert_true(sd_bus_add_filter(b[i].bus, NULL, on_call, &b[i]) >= 0);
        }
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        for (unsigned i = 0; i < 100; i++) {
                Bluetoothd *owner = &b[i % 3];

                assert_true(sd_bus_request_name(owner->bus, BLUEZ_BUS_NAME,
                                            SD_BUS_NAME_ALLOW_REPLACEMENT | SD_BUS_NAME_REPLACE_EXISTING |
                                                            SD_BUS_NAME_QUEUE) >= 0);
                say_adapter(owner);
                say_device(owner, STRAP_DEVICE, STRAP, true);
                emit_heart_rate(owner, 100 + i);
                if (i % 7 == 0) /* the next in the queue has it */
                        assert_true(sd_bus_release_name(owner->bus, BLUEZ_BUS_NAME) >= 0);
        }
        wait_count(h, &b[0].n_snapshots, 2);
        say_adapter(&b[0]);
        strap_works(h, &b[0], 72);
        for (size_t i = 1; i < ELEMENTSOF(b); i++)
                emit_heart_rate(&b[i], 199);
        emit_heart_rate(&b[0], 73);
        wait_sensor(h, "HeartRate", "73");
        for (size_t i = 0; i < ELEMENTSOF(b); i++)
                bluetoothd_end(&b[i]);
}

/* U+FFFE passes libdbus and not sd-bus; a name of a device in the neighbourhood may have it. */
#define BAD_NAME  "\"Bad\\xef\\xbf\\xbename\""
#define NEIGHBOUR "C0:FF:EE:00:00:00"

static void wait_name(Harness *h, const char *path, const char *expected)
{
        harness_wait_property(h, path, CARDIO_SENSOR_INTERFACE, "Name", expected, SOON_USEC);
}

/* A neighbour's unreadable name keeps no strap away, whether it was there first or comes later. */
static void test_unreadable_neighbour(Harness *h)
{
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "expect ready hci0 10s");
        harness_standin(h, "strap add hci0 " NEIGHBOUR " " BAD_NAME " known other");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "connect " STRAP);
        harness_standin(h, "resolve " STRAP);
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        harness_standin(h, "expect registered hci0 10s");
        harness_standin(h, "expect notifying " STRAP " 10s");
        wait_name(h, STRAP_SENSOR, "Test strap");
        harness_wait_output(h, harness_daemon(h), true, "*cannot be read whole*", SOON_USEC);
        bluez_send(h, 66);
        bluez_wait_state(h, "live");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "90", SOON_USEC);

        harness_standin(h, "bluetoothd kill");
        bluez_wait_state(h, "absent");
        harness_standin(h, "bluetoothd start");
        harness_standin(h, "expect registered hci0 10s");
        bluez_wait_state(h, "connecting");
        harness_standin(h, "resolve " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 67);
        bluez_wait_state(h, "live");
}

/* The strap itself has such a name: without one it does as well. */
static void test_unreadable_strap(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " " BAD_NAME " trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 66);
        bluez_wait_state(h, "live");
        wait_name(h, STRAP_SENSOR, "");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 67);
        bluez_wait_state(h, "live");
        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "expect resolved " STRAP " 10s");
        bluez_send(h, 68);
}

/* One that is scanned for and has such a name is found, too. */
static void test_unreadable_find(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " " BAD_NAME);
        harness_standin(h, "advertise " STRAP);
        assert_int_equal(harness_call(h, NULL, NULL, "StartScan", NULL), 0);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "RSSI", "-60", SOON_USEC);
        assert_int_equal(harness_call(h, NULL, NULL, "Trust", "s", STRAP), 0);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "Configured", "true", SOON_USEC);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_snapshots_that_fail),
                harness_test(test_snapshot_with_wrong_types),
                harness_test(test_wrong_types),
                harness_test(test_endless_texts),
                harness_test(test_errors_without_text),
                harness_test(test_addresses_that_are_none),
                harness_test(test_address_changes),
                harness_test(test_too_many_devices),
                harness_test(test_nearest_strangers),
                harness_test(test_too_many_straps),
                harness_test(test_services_overlap),
                harness_test(test_connect_that_lies),
                harness_test(test_owner_is_replaced),
                harness_test(test_owner_race),
                harness_test(test_unreadable_neighbour),
                harness_test(test_unreadable_strap),
                harness_test(test_unreadable_find),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
