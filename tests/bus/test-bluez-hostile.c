/* SPDX-License-Identifier: MIT */
/* Attackers on the bus and in the air: any local user may send the daemon signals that look like BlueZ's, call what BlueZ
 * would call, or choose a strap's name. */

#include "bluez-fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MEASUREMENT  STRAP_DEVICE "/service0020/char0021"
#define OTHER_STRAP  "C0:FF:EE:00:00:02"
#define OTHER_DEVICE ADAPTER "/dev_C0_FF_EE_00_00_02"
#define OTHER_SENSOR CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"
#define PROPERTIES   "org.freedesktop.DBus.Properties"
#define MANAGER      "org.freedesktop.DBus.ObjectManager"

/* -- A stranger's signals -- */

typedef struct Stranger {
        sd_bus *bus;
        const char *name; /* unique names */
        char *daemon, *client;
} Stranger;

static void stranger_begin(Stranger *s, Harness *h)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        const char *name;

        *s = (Stranger){ .bus = harness_bus_open(h, BUS_SYSTEM) };
        assert_true(sd_bus_get_name_creds(s->bus, CARDIO_BUS_NAME, SD_BUS_CREDS_UNIQUE_NAME, &creds) >= 0);
        assert_true(sd_bus_creds_get_unique_name(creds, &name) >= 0);
        s->daemon = strdup(name);
        s->client = bluez_client(h);
        assert_true(sd_bus_get_unique_name(s->bus, &s->name) >= 0);
}

static void stranger_end(Stranger *s)
{
        sd_bus_flush_close_unref(s->bus);
        free(s->daemon);
        free(s->client);
}

/* To the daemon alone, on each of its connections, and to all. */
static void stranger_send(Stranger *s, const char *path, const char *interface, const char *member,
                const char *types, ...)
{
        const char *const destinations[] = { s->daemon, s->client, NULL };

        for (size_t i = 0; i < ELEMENTSOF(destinations); i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
                va_list arguments;

                assert_true(sd_bus_message_new_signal(s->bus, &m, path, interface, member) >= 0);
                va_start(arguments, types);
                assert_true(sd_bus_message_appendv(m, types, arguments) >= 0);
                va_end(arguments);
                assert_true(sd_bus_send_to(s->bus, m, destinations[i], NULL) >= 0);
        }
}

/* Returns when the bus has delivered all of it: what is sent from now on comes after it. */
static void stranger_wait(Stranger *s)
{
        assert_true(sd_bus_call_method(s->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                    "org.freedesktop.DBus", "GetId", NULL, NULL, NULL) >= 0);
}

static void lie_about_the_strap(Stranger *s)
{
        stranger_send(s, MEASUREMENT, PROPERTIES, "PropertiesChanged", "sa{sv}as",
                        BLUEZ_CHARACTERISTIC_INTERFACE, 1, "Value", "ay", 2, 0x00, 200, 0);
        stranger_send(s, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_BATTERY_INTERFACE,
                        1, "Percentage", "y", 1, 0);
        stranger_send(s, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 3,
                        "Name", "s", "Mine", "Connected", "b", 0, "ServicesResolved", "b", 0, 0);
        stranger_send(s, STRAP_DEVICE, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 2,
                        "Trusted", "b", 0, "UUIDs", "as", 0, 0);
        stranger_send(s, ADAPTER, PROPERTIES, "PropertiesChanged", "sa{sv}as", BLUEZ_ADAPTER_INTERFACE, 1,
                        "Powered", "b", 0, 0);
        stranger_send(s, "/", MANAGER, "InterfacesRemoved", "oas", MEASUREMENT, 1,
                        BLUEZ_CHARACTERISTIC_INTERFACE);
        stranger_send(s, "/", MANAGER, "InterfacesRemoved", "oas", STRAP_DEVICE, 1, BLUEZ_DEVICE_INTERFACE);
        stranger_send(s, "/", MANAGER, "InterfacesRemoved", "oas", ADAPTER, 1, BLUEZ_ADAPTER_INTERFACE);
}

static void lie_about_another_strap(Stranger *s)
{
        stranger_send(s, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", OTHER_DEVICE, 1,
                        BLUEZ_DEVICE_INTERFACE, 4, "Address", "s", OTHER_STRAP, "Trusted", "b", 1,
                        "Connected", "b", 1, "UUIDs", "as", 1, UUID_HEART_RATE_SERVICE);
        stranger_send(s, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", OTHER_DEVICE "/service0020/char0021",
                        1, BLUEZ_CHARACTERISTIC_INTERFACE, 1, "UUID", "s", UUID_HEART_RATE_MEASUREMENT);
}

/* … that it is gone, and that it is the stranger. */
static void lie_about_bluez(Stranger *s)
{
        stranger_send(s, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss",
                        BLUEZ_BUS_NAME, ":1.1", "");
        stranger_send(s, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss",
                        BLUEZ_BUS_NAME, "", s->name);
}

static void assert_property(Harness *h, const char *name, const char *expected)
{
        _cleanup_free_ char *text = harness_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, name);

        assert_non_null(text);
        assert_string_equal(text, expected);
}

static void test_spoofed_signals(Harness *h)
{
        _cleanup_(stranger_end) Stranger s = { 0 };

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "90", SOON_USEC);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BodyLocation", "chest", SOON_USEC);
        assert_int_equal(harness_call(h, NULL, NULL, "Subscribe", NULL), 0);
        harness_clear_signals(h);

        stranger_begin(&s, h);
        lie_about_bluez(&s);
        lie_about_another_strap(&s);
        lie_about_the_strap(&s);
        stranger_wait(&s);
        bluez_send(h, 62);

        assert_property(h, "State", "live");
        assert_property(h, "Name", "Test strap");
        assert_property(h, "BatteryPercentage", "90");
        assert_property(h, "Trusted", "true");
        assert_false(bluez_sensor_exists(h, OTHER_SENSOR));
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 1);
        assert_int_equal(harness_count_signals(h, PROPERTIES, NULL), 0);
        assert_int_equal(harness_count_signals(h, MANAGER, NULL), 0);
        bluez_assert_calls(h, "call GetManagedObjects /", 1);
        bluez_assert_calls(h, "call StartNotify *", 1);
        bluez_assert_calls(h, "call RegisterApplication *", 1);
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* The stand-in's own stranger. */
static void test_spoofed_by_all_means(Harness *h)
{
        static const char *const means[] = { "", "broadcast ", "to " CARDIO_BUS_NAME " " };

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        assert_int_equal(harness_call(h, NULL, NULL, "Subscribe", NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(means); i++) {
                harness_standin(h, "spoof " STRAP " %svalue 00 c8", means[i]);
                harness_standin(h, "spoof " STRAP " %sconnected no", means[i]);
                harness_standin(h, "spoof " STRAP " %sremoved", means[i]);
        }
        /* After the second of them the bus has handed on what came before the first. */
        bluez_send(h, 62);
        bluez_send(h, 63);
        bluez_wait_state(h, "live");
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 2);
        bluez_assert_calls(h, "call StartNotify *", 1);
}

/* Before there is a BlueZ at all, no sender is trusted. */
static void test_spoofed_before_bluez(Harness *h)
{
        _cleanup_(stranger_end) Stranger s = { 0 };

        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        harness_wait_output(h, harness_daemon(h), true, "*org.bluez*waiting*", SOON_USEC);
        stranger_begin(&s, h);
        lie_about_bluez(&s);
        lie_about_another_strap(&s);
        stranger_wait(&s);
        assert_false(bluez_sensor_exists(h, OTHER_SENSOR));
        harness_standin(h, "adapter add hci0 powered");
        bluez_strap_live(h);
        assert_false(bluez_sensor_exists(h, OTHER_SENSOR));
}

/* Where everybody may call there is no such object, and where it is nobody but BlueZ has an answer. */
static void test_release_by_a_look_alike(Harness *h)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_free_ char *client = NULL;
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        assert_true(sd_bus_call_method(bus, CARDIO_BUS_NAME, "/cardiod/sensors", BLUEZ_GATT_PROFILE_INTERFACE,
                                    "Release", &error, NULL, NULL) < 0);
        assert_string_equal(error.name, SD_BUS_ERROR_UNKNOWN_OBJECT);
        sd_bus_error_free(&error);
        client = bluez_client(h);
        assert_true(sd_bus_message_new_method_call(bus, &m, client, "/cardiod/sensors",
                                    BLUEZ_GATT_PROFILE_INTERFACE, "Release") >= 0);
        assert_true(sd_bus_call(bus, m, USEC_PER_SEC, &error, NULL) < 0);
        assert_true(sd_bus_error_has_name(&error, SD_BUS_ERROR_NO_REPLY) ||
                        sd_bus_error_has_name(&error, SD_BUS_ERROR_TIMEOUT));

        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        bluez_send(h, 62);
        bluez_assert_calls(h, "call RegisterApplication *", 1);
        bluez_assert_calls(h, "call Connect *", 0);
}

/* -- A strap's name in the log and in systemd's status -- */

typedef struct NotifySocket {
        int fd;
        char text[65536]; /* all datagrams, a line end after each */
        const char *pattern;
} NotifySocket;

static void notify_open(Harness *h, NotifySocket *n)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(n->fd >= 0);
        assert_true(strlen(harness_path(h, "notify")) < sizeof(address.sun_path));
        (void)stpcpy(address.sun_path, harness_path(h, "notify"));
        assert_int_equal(bind(n->fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
}

static void notify_close(NotifySocket *n)
{
        if (n->fd >= 0)
                close(n->fd);
}

static bool notify_has(Harness *h _unused_, void *userdata)
{
        NotifySocket *n = userdata;
        size_t used = strlen(n->text);
        ssize_t size;

        while ((size = recv(n->fd, n->text + used, sizeof(n->text) - used - 2, 0)) > 0) {
                used += (size_t)size;
                n->text[used++] = '\n';
                n->text[used] = '\0';
        }
        return strstr(n->text, n->pattern);
}

static void notify_wait(Harness *h, NotifySocket *n, const char *text)
{
        n->pattern = text;
        if (!harness_wait(h, notify_has, n, SOON_USEC))
                harness_fail(h, "systemd was never told: %s\nbut:\n%s", text, n->text);
}

/* Control characters, of ASCII and of Latin-1 in UTF-8, other than the ends of lines; and the heart rate. */
static void assert_plain(const char *text, const char *heart_rate)
{
        for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
                assert_true((*c >= ' ' && *c != 0x7f) || *c == '\n');
                assert_false(c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
        }
        assert_null(strstr(text, "\342\200\256")); /* from right to left */
        assert_null(strstr(text, heart_rate));
}

/* What systemd would understand of it is only what the daemon meant. */
static void assert_notify_lines(char *text)
{
        static const char *const meant[] = { "READY=1", "STATUS=", "STOPPING=1" };
        char *save = NULL;

        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                bool known = false;

                for (size_t i = 0; i < ELEMENTSOF(meant); i++)
                        known = known || strncmp(line, meant[i], strlen(meant[i])) == 0;
                assert_true(known);
        }
}

static void watch_named_strap(Harness *h, const char *name, const char *status)
{
        _cleanup_(notify_close) NotifySocket n = { .fd = -1 };
        _cleanup_free_ char *log = NULL;
        Child *daemon;

        notify_open(h, &n);
        bluez_begin(h, BLUEZ_CONFIG);
        notify_wait(h, &n, "READY=1");
        notify_wait(h, &n, "STATUS=Waiting for a strap");
        harness_standin(h, "strap add hci0 " STRAP " \"%s\" trusted", name);
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 187);
        bluez_wait_state(h, "live");
        notify_wait(h, &n, ": live");
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", ""), 0);
        notify_wait(h, &n, ": live, recording session 1");
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        harness_standin(h, "leave " STRAP);
        notify_wait(h, &n, ": absent");
        daemon = harness_daemon(h);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        notify_wait(h, &n, "STOPPING=1");

        assert_non_null(strstr(n.text, status));
        assert_plain(n.text, "187");
        assert_notify_lines(n.text);
        log = harness_child_output(h, daemon, true);
        assert_non_null(strstr(log, "is live"));
        assert_plain(log, "187");
}

static void test_name_with_control_characters(Harness *h)
{
        watch_named_strap(h, "Evil\\x0aMAINPID=1\\x0d\\x1b[2J\\x07\\x7f\\xc2\\x9b31m",
                        "STATUS=Evil?MAINPID=1??[2J???31m: live");
}

/* It is cut, not in the middle of a character. */
static void test_endless_name(Harness *h)
{
        char name[8 * 120 + 1] = "", status[128] = "STATUS=";

        for (unsigned i = 0; i < 120; i++)
                (void)strcat(name, "\\xc3\\xa9");
        for (unsigned i = 0; i < 31; i++)
                (void)strcat(status, "é");
        watch_named_strap(h, name, strcat(status, ": live"));
}

static void test_name_from_right_to_left(Harness *h)
{
        watch_named_strap(h, "Polar\\xe2\\x80\\xae 01H\\xe2\\x80\\xa8x", "STATUS=Polar? 01H?x: live");
}

static void test_name_of_formats(Harness *h)
{
        watch_named_strap(h, "%s%n%%%", "STATUS=%s%n%%%: live");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_spoofed_signals),
                harness_test(test_spoofed_by_all_means),
                harness_test(test_spoofed_before_bluez),
                harness_test(test_release_by_a_look_alike),
                harness_test(test_name_with_control_characters),
                harness_test(test_endless_name),
                harness_test(test_name_from_right_to_left),
                harness_test(test_name_of_formats),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
