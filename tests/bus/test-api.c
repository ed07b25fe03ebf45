/* SPDX-License-Identifier: MIT */

/* org.cardiod1 on D-Bus as its callers find it: what they get, what they are refused, and who may call at all. */

#include "run-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG                                                                                              \
        RUN_BASE "[ceiling]\nhold = 200ms\nclear = 200ms\n[session]\nstart-above = off\nend-after = 1min\n" \
                 "min-duration = 0s\n"
#define DEVICE "/org/bluez/hci0/dev_C0_FF_EE_00_00_01"

/* How many may subscribe. */
#define SUBSCRIBERS_MAX 128U

static void begin(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
}

static char *property(Harness *h, const char *name)
{
        char *text = harness_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, name);

        assert_non_null(text);
        return text;
}

static void expect_property(Harness *h, const char *name, const char *expected)
{
        _cleanup_free_ char *text = property(h, name);

        if (strcmp(text, expected) != 0)
                harness_fail(h, "%s is %s, expected %s", name, text, expected);
}

/* -- Sessions -------------------------------------------------------------------------------------------- */

/* An entry of the reply against the column of that name. */
static void check_column(Harness *h, int64_t id, sd_bus_message *m)
{
        const char *name, *type, *text;
        int64_t integer;
        double real;

        assert_true(sd_bus_message_read(m, "s", &name) > 0);
        /* What no row has. */
        if (strcmp(name, "verdict_text") == 0 || strcmp(name, "ask_talk_test") == 0 ||
                        strcmp(name, "ask_if_run") == 0) {
                assert_true(sd_bus_message_skip(m, "v") > 0);
                return;
        }
        assert_true(sd_bus_message_peek_type(m, NULL, &type) > 0);
        if (strcmp(type, "x") == 0) {
                assert_true(sd_bus_message_read(m, "v", "x", &integer) > 0);
                assert_int_equal(
                                integer, run_int(h, "SELECT %s FROM sessions WHERE id = %" PRIi64, name, id));
        } else if (strcmp(type, "d") == 0) {
                assert_true(sd_bus_message_read(m, "v", "d", &real) > 0);
                assert_float_equal(real, run_real(h, "SELECT %s FROM sessions WHERE id = %" PRIi64, name, id),
                                1e-9);
        } else {
                _cleanup_free_ char *expected = NULL, *sql = NULL;

                assert_true(sd_bus_message_read(m, "v", "s", &text) > 0);
                assert_true(asprintf(&sql, "SELECT %s FROM sessions WHERE id = %" PRIi64, name, id) >= 0);
                expected = harness_sql(h, sql);
                assert_string_equal(text, expected);
        }
}

static void check_session(Harness *h, int64_t id)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        unsigned n = 0;

        assert_true(harness_call(h, &reply, NULL, "GetSession", "x", id) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                check_column(h, id, reply);
                assert_true(sd_bus_message_exit_container(reply) >= 0);
                n++;
        }
        /* All that is known: of kind NULL is not. */
        assert_int_equal(n,
                        run_int(h,
                                        "SELECT 21 - (kind IS NULL) - (avg_bpm IS NULL) - (peak_bpm IS NULL)"
                                        " - (easy_percent IS NULL) - (ceiling IS NULL) - (trimp IS NULL)"
                                        " - (verdict IS NULL) - (talk_test IS NULL) - (rpe IS NULL)"
                                        " - (note IS NULL)"
                                        " + 3 * (SELECT ended_at IS NOT NULL FROM session WHERE id = v.id)"
                                        " FROM sessions AS v WHERE id = %" PRIi64,
                                        id));
}

static void refuse_session(Harness *h, int64_t id)
{
        char pattern[64];

        (void)snprintf(pattern, sizeof(pattern), "There is no session %" PRIi64, id);
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, pattern, "GetSession", "x", id);
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, pattern, "DeleteSession", "x", id);
}

static void test_get_session(Harness *h)
{
        static const int64_t none[] = { 0, -1, 2, INT64_MAX, INT64_MIN };

        begin(h);
        run_call(h, "StartSession", "s", "recovery");
        for (unsigned i = 0; i < 8; i++)
                run_heart_rate(h, 160 + i);
        check_session(h, 1);
        run_call(h, "StopSession", NULL);
        check_session(h, 1);
        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                refuse_session(h, none[i]);

        /* The smallest one: one heart rate, which is no peak, no kind, no ceiling. */
        run_command(h, "SetCeiling", "s", "off");
        run_heart_rate(h, 70);
        run_call(h, "StartSession", "s", "");
        check_session(h, 2);
        run_call(h, "StopSession", NULL);
        check_session(h, 2);
}

static void test_delete_session(Harness *h)
{
        begin(h);
        run_call(h, "StartSession", "s", "");
        run_refused(h, CARDIO_ERROR_BUSY, "Session 1 is being recorded; stop it first", "DeleteSession", "x",
                        INT64_C(1));
        run_call(h, "StopSession", NULL);
        run_command(h, "DeleteSession", "x", INT64_C(1));
        refuse_session(h, 1);
        /* The id is not given again. */
        run_heart_rate(h, 61);
        assert_int_equal(run_call(h, "StartSession", "s", ""), 2);
}

/* Arguments that no caller should send, and some will. */
static void test_nonsense(Harness *h)
{
        _cleanup_free_ char *longest = malloc(1000001);
        char *error;

        assert_non_null(longest);
        memset(longest, '6', 1000000);
        longest[1000000] = '\0';
        begin(h);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*", "SetCeiling", "s", longest);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*", "StartSession", "s", longest);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*", "SetCeiling", "s", "%s%n\n\x1b[2J");
        assert_true(harness_call(h, NULL, &error, "SetCeiling", "u", 5) < 0);
        assert_string_equal(error, "org.freedesktop.DBus.Error.InvalidArgs");
        free(error);
        assert_true(harness_call(h, NULL, &error, "Snooze", NULL) < 0);
        assert_string_equal(error, "org.freedesktop.DBus.Error.InvalidArgs");
        free(error);
        assert_true(harness_call(h, NULL, &error, "NoSuchMethod", NULL) < 0);
        assert_string_equal(error, "org.freedesktop.DBus.Error.UnknownMethod");
        free(error);
        assert_true(sd_bus_set_property(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, "Ceiling", NULL, "d", 1.0) < 0);
        run_heart_rate(h, 61);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 0);
}

/* -- Subscribers ----------------------------------------------------------------------------------------- */

static unsigned measurements(Harness *h)
{
        return harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement");
}

static void subscribe(Harness *h, sd_bus *bus, const char *member)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_call_method(bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, member, &error,
                            NULL, NULL) < 0)
                harness_fail(h, "%s: %s: %s", member, error.name, error.message);
}

static bool is_not_signalled(Harness *h, void *userdata)
{
        unsigned *heart_rate = userdata;

        harness_clear_signals(h);
        run_heart_rate(h, ++*heart_rate);
        return measurements(h) == 0;
}

static void test_measurement(Harness *h)
{
        uint64_t before_usec, realtime_usec;
        uint16_t heart_rate;
        const uint16_t *rr;
        double smoothed;
        sd_bus_message *m;
        uint8_t zone;
        size_t size;

        begin(h);
        run_heart_rate(h, 151);
        run_heart_rate(h, 149);
        assert_int_equal(measurements(h), 0);
        run_command(h, "Subscribe", NULL);
        harness_standin(h, "wait 110ms");
        before_usec = run_realtime_usec();
        harness_standin(h, "hr " STRAP " 150 rr 400 410 contact yes");
        m = harness_wait_signal(h, CARDIO_SENSOR_INTERFACE, "Measurement", HARNESS_TIMEOUT);
        assert_string_equal(sd_bus_message_get_path(m), STRAP_PATH);
        assert_string_equal(sd_bus_message_get_signature(m, true), "tqdyaq");
        assert_true(sd_bus_message_read(m, "tqdy", &realtime_usec, &heart_rate, &smoothed, &zone) > 0);
        assert_true(sd_bus_message_read_array(m, 'q', (const void **)&rr, &size) > 0);
        assert_in_range(realtime_usec, before_usec - 2000, run_realtime_usec());
        assert_int_equal(heart_rate, 150);
        assert_float_equal(smoothed, 150, 0);
        assert_int_equal(zone, 2); /* 60 % of the reserve is 138.2, 70 % 152.9 */
        assert_int_equal(size, 2 * sizeof(*rr));
        assert_int_equal(rr[0] * 1000 + rr[1], 400410);

        /* Not for what is no heart rate. */
        harness_standin(h, "hr " STRAP " 0");
        harness_standin(h, "hr " STRAP " 255");
        harness_standin(h, "raw " STRAP);
        run_heart_rate(h, 151);
        assert_int_equal(measurements(h), 1);

        /* Subscribing twice is once. */
        harness_clear_signals(h);
        run_command(h, "Subscribe", NULL);
        run_command(h, "Unsubscribe", NULL);
        run_heart_rate(h, 152);
        assert_int_equal(measurements(h), 0);
        run_command(h, "Unsubscribe", NULL);
}

static void test_subscribers_leave(Harness *h)
{
        sd_bus *first, *second;
        unsigned heart_rate = 100;

        begin(h);
        first = harness_bus_open(h, BUS_SYSTEM);
        second = harness_bus_open(h, BUS_SYSTEM);
        subscribe(h, first, "Subscribe");
        subscribe(h, second, "Subscribe");
        subscribe(h, first, "Unsubscribe");
        run_heart_rate(h, 90);
        assert_int_equal(measurements(h), 1);
        /* It closes without Unsubscribe. */
        sd_bus_close_unref(second);
        if (!harness_wait(h, is_not_signalled, &heart_rate, HARNESS_TIMEOUT))
                harness_fail(h, "a subscriber that has left the bus is still one");
        sd_bus_flush_close_unref(first);
}

static void test_subscribers_limit(Harness *h)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus[SUBSCRIBERS_MAX];
        bool again = false;

        begin(h);
        for (size_t i = 0; i < SUBSCRIBERS_MAX; i++) {
                bus[i] = harness_bus_open(h, BUS_SYSTEM);
                subscribe(h, bus[i], "Subscribe");
        }
        run_refused(h, CARDIO_ERROR_LIMIT_REACHED, "*accepted: 128, and 32*", "Subscribe", NULL);
        subscribe(h, bus[0], "Subscribe");
        run_heart_rate(h, 61);
        assert_int_equal(measurements(h), 1);

        /* A client that leaves makes room. */
        sd_bus_close_unref(bus[0]);
        for (unsigned i = 0; i < 100 && !again; i++) {
                again = sd_bus_call_method(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, CARDIO_OBJECT,
                                        CARDIO_MANAGER_INTERFACE, "Subscribe", &error, NULL, NULL) >= 0;
                sd_bus_error_free(&error);
        }
        assert_true(again);
        for (size_t i = 1; i < SUBSCRIBERS_MAX; i++)
                sd_bus_flush_close_unref(bus[i]);
}

/* -- Objects --------------------------------------------------------------------------------------------- */

static char *managed_objects(Harness *h)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        assert_true(sd_bus_call_method(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, &reply,
                                    NULL) >= 0);
        return harness_message_text(reply);
}

static char *objects_signal(Harness *h, const char *member)
{
        sd_bus_message *m = harness_wait_signal(
                        h, "org.freedesktop.DBus.ObjectManager", member, 2 * HARNESS_TIMEOUT);

        assert_string_equal(sd_bus_message_get_path(m), CARDIO_OBJECT);
        return harness_message_text(m);
}

static void test_objects(Harness *h)
{
        _cleanup_free_ char *none = NULL, *added = NULL, *one = NULL, *removed = NULL, *left = NULL;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        none = managed_objects(h);
        assert_null(strstr(none, "/sensor/"));

        run_strap(h, STRAP);
        added = objects_signal(h, "InterfacesAdded");
        run_assert_contains(added, STRAP_PATH " " CARDIO_SENSOR_INTERFACE);
        run_assert_contains(added, "Address " STRAP);
        run_assert_contains(added, "Trusted true");
        one = managed_objects(h);
        run_assert_contains(one, STRAP_PATH " ");
        run_assert_contains(one, CARDIO_SENSOR_INTERFACE);
        run_assert_contains(one, "State ");

        run_strap(h, OTHER);
        free(TAKE_PTR(added));
        added = objects_signal(h, "InterfacesAdded");
        run_assert_contains(added, OTHER_PATH " " CARDIO_SENSOR_INTERFACE);

        /* A strap that is not trusted any more is not the runner's. */
        assert_true(sd_bus_set_property(harness_bus(h, BUS_SYSTEM), BLUEZ_BUS_NAME, DEVICE,
                                    BLUEZ_DEVICE_INTERFACE, "Trusted", NULL, "b", 0) >= 0);
        removed = objects_signal(h, "InterfacesRemoved");
        assert_string_equal(removed, STRAP_PATH " " CARDIO_SENSOR_INTERFACE);
        left = managed_objects(h);
        assert_null(strstr(left, STRAP_PATH));
        run_assert_contains(left, OTHER_PATH);
        assert_null(harness_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State"));
}

static void expect_change(Harness *h, const char *expected)
{
        for (;;) {
                _cleanup_free_ char *changed = run_changed(h, STRAP_PATH);

                if (strstr(changed, expected))
                        return;
        }
}

static void test_sensor_properties(Harness *h)
{
        harness_daemon_start(h, CONFIG "[sensor]\nstale-after = 4s\n", DAEMON_SYSTEM);
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " STRAP " \"A strap\" trusted");
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "absent", HARNESS_TIMEOUT);
        expect_property(h, "Address", STRAP);
        expect_property(h, "Name", "A strap");
        expect_property(h, "Trusted", "true");
        expect_property(h, "Contact", "unsupported");
        expect_property(h, "BatteryPercentage", "255");
        expect_property(h, "Session", "0");
        expect_property(h, "HeartRate", "0");
        expect_property(h, "SmoothedHeartRate", "0");
        expect_property(h, "Zone", "0");

        harness_standin(h, "battery " STRAP " 41");
        harness_standin(h, "location " STRAP " 1");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 30s");
        expect_change(h, "BatteryPercentage 41");
        harness_wait_property(
                        h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "BodyLocation", "chest", HARNESS_TIMEOUT);
        run_heart_rate(h, 160);
        expect_change(h, "State live");
        expect_property(h, "SmoothedHeartRate", "160");
        expect_property(h, "Zone", "3");

        harness_standin(h, "hr " STRAP " 161 contact yes");
        expect_change(h, "Contact yes");
        run_lose_contact(h);
        expect_change(h, "State no-contact Contact no");
        /* Not a heart rate, and so there is none. */
        expect_property(h, "HeartRate", "0");
        harness_standin(h, "hr " STRAP " 163 contact yes");
        expect_change(h, "State live Contact yes");
        expect_change(h, "State stale");
        expect_property(h, "HeartRate", "0");
        harness_standin(h, "battery " STRAP " 40");
        expect_change(h, "BatteryPercentage 40");
        harness_standin(h, "leave " STRAP);
        expect_change(h, "State absent");
}

/* The interface's own block of an introspection. To be freed. */
static char *interface_block(const char *text, const char *interface)
{
        _cleanup_free_ char *first = NULL;
        const char *begin, *end;

        assert_true(asprintf(&first, " <interface name=\"%s\">", interface) >= 0);
        begin = strstr(text, first);
        assert_non_null(begin);
        end = strstr(begin, "</interface>");
        assert_non_null(end);
        return strndup(begin, (size_t)(end - begin));
}

static void check_introspection(Harness *h, const char *path, const char *interface)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_free_ char *answered = NULL, *file = NULL, *written = NULL;
        const char *text;
        size_t size = 0;
        ssize_t n;
        FILE *f;

        assert_true(sd_bus_call_method(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, path,
                                    "org.freedesktop.DBus.Introspectable", "Introspect", NULL, &reply,
                                    NULL) >= 0);
        assert_true(sd_bus_message_read(reply, "s", &text) > 0);
        f = fopen("conf/" CARDIO_BUS_NAME ".xml", "re");
        assert_non_null(f);
        n = getdelim(&file, &size, '\0', f);
        fclose(f);
        assert_true(n > 0);
        answered = interface_block(text, interface);
        written = interface_block(file, interface);
        assert_string_equal(answered, written);
}

static void test_introspection(Harness *h)
{
        begin(h);
        check_introspection(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE);
        check_introspection(h, CARDIO_OBJECT, CARDIO_COACH_INTERFACE);
        check_introspection(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE);
}

static void test_constants(Harness *h)
{
        _cleanup_free_ char *version = NULL, *path = NULL, *reason = NULL;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        version = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version");
        path = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "DatabasePath");
        reason = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "CeilingReason");
        assert_string_equal(version, CARDIO_VERSION);
        assert_string_equal(path, harness_path(h, "cardiod.db"));
        assert_string_equal(reason, "configuration");
        /* What was so from the beginning has not changed; only the state of BlueZ takes a moment. */
        harness_wait_property(
                        h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Bluetooth", "no-bluez", HARNESS_TIMEOUT);
        assert_in_range(harness_count_signals(h, "org.freedesktop.DBus.Properties", "PropertiesChanged"), 0,
                        1);
}

/* -- Who may --------------------------------------------------------------------------------------------- */

#define NOBODY "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"

/* As somebody who is neither root nor in group cardiod. Returns what the program wrote to standard error. */
#define outsider(h, ...) outsider_runs(h, (const char *const[]){ NOBODY, __VA_ARGS__, NULL })
static char *outsider_runs(Harness *h, const char *const *argv)
{
        Child *child = harness_spawn(h, "outsider", false, argv);

        assert_int_not_equal(run_wait_end(h, child), 0);
        return harness_child_output(h, child, true);
}

static void outsider_is_denied(Harness *h, const char *object, const char *member, const char *argument)
{
        _cleanup_free_ char *text = outsider(h, "dbus-send", "--system", "--print-reply",
                        "--dest=" CARDIO_BUS_NAME, object, member, argument);

        run_assert_contains(text, "org.freedesktop.DBus.Error.AccessDenied");
}

static void test_outsider(Harness *h)
{
        static const char *const listen[] = { NOBODY, "dbus-monitor", "--system", "type='signal'", NULL };
        _cleanup_free_ char *own = NULL;
        Child *listener;

        if (geteuid() != 0)
                harness_skip(h, "only root can become somebody else");
        /* The folder has the bus in it. */
        assert_int_equal(chmod(harness_path(h, "."), 0711), 0);
        begin(h);
        outsider_is_denied(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".Subscribe", NULL);
        outsider_is_denied(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".GetSession", "int64:1");
        outsider_is_denied(h, CARDIO_OBJECT, "org.freedesktop.DBus.ObjectManager.GetManagedObjects", NULL);
        outsider_is_denied(h, CARDIO_OBJECT, "org.freedesktop.DBus.Introspectable.Introspect", NULL);
        outsider_is_denied(h, STRAP_PATH, "org.freedesktop.DBus.Properties.GetAll",
                        "string:" CARDIO_SENSOR_INTERFACE);

        /* Not by the daemon's unique name either, which everybody can know. */
        {
                _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
                _cleanup_free_ char *destination = NULL, *text = NULL;
                const char *unique;

                assert_true(sd_bus_get_name_creds(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME,
                                            SD_BUS_CREDS_UNIQUE_NAME, &creds) >= 0);
                assert_true(sd_bus_creds_get_unique_name(creds, &unique) >= 0);
                assert_true(asprintf(&destination, "--dest=%s", unique) >= 0);
                text = outsider(h, "dbus-send", "--system", "--print-reply", destination, STRAP_PATH,
                                "org.freedesktop.DBus.Properties.GetAll", "string:" CARDIO_SENSOR_INTERFACE);
                run_assert_contains(text, "org.freedesktop.DBus.Error.AccessDenied");
        }

        /* Eavesdropping: the runner's signals do not reach it, while others do. */
        listener = harness_spawn(h, "listener", false, listen);
        harness_wait_output(h, listener, false, "*NameAcquired*", HARNESS_TIMEOUT);
        run_command(h, "Subscribe", NULL);
        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 61);
        run_wait(h, "SessionStarted");
        assert_int_equal(measurements(h), 1);
        assert_true(sd_bus_emit_signal(harness_bus(h, BUS_SYSTEM), "/org/test", "org.test", "Marker", NULL) >=
                        0);
        harness_wait_output(h, listener, false, "*member=Marker*", HARNESS_TIMEOUT);
        harness_refute_output(h, listener, false, "*" CARDIO_OBJECT "*");
        harness_refute_output(h, listener, false, "*SessionStarted*");
        (void)harness_child_end(h, listener, SIGTERM);

        /* The name is for user cardiod and root, also when it is free. */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        own = outsider(h, "dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName",
                        "string:" CARDIO_BUS_NAME, "uint32:0");
        run_assert_contains(own, "org.freedesktop.DBus.Error.AccessDenied");
}

/* The daemon itself, run by somebody who may not have the name, says what is wrong. */
static void test_outsider_daemon(Harness *h)
{
        _cleanup_free_ char *program = NULL, *text = NULL;
        const char *build = getenv("BUILD");

        if (geteuid() != 0)
                harness_skip(h, "only root can become somebody else");
        assert_int_equal(chmod(harness_path(h, "."), 0711), 0);
        assert_int_equal(mkdir(harness_path(h, "theirs"), 0700), 0);
        assert_int_equal(chown(harness_path(h, "theirs"), 65534, 65534), 0);
        harness_write_file(h, "cardiod.conf", "");
        assert_int_equal(chmod(harness_path(h, "cardiod.conf"), 0644), 0);
        assert_true(asprintf(&program, "%s/cardiod", build ? build : BUILD) >= 0);
        if (access(program, X_OK) < 0)
                harness_fail(h, "%s is not built", program);
        text = outsider(h, program, "--config", harness_path(h, "cardiod.conf"), "--database",
                        harness_path(h, "theirs/cardiod.db"));
        if (strstr(text, "setpriv:"))
                harness_skip(h, "nobody else can run %s", program);
        run_assert_contains(text, "The system bus does not let this user own " CARDIO_BUS_NAME);
        assert_null(strstr(text, "Cannot start"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_get_session),
                harness_test(test_delete_session),
                harness_test(test_nonsense),
                harness_test(test_measurement),
                harness_test(test_subscribers_leave),
                harness_test(test_subscribers_limit),
                harness_test(test_objects),
                harness_test(test_sensor_properties),
                harness_test(test_introspection),
                harness_test(test_constants),
                harness_test(test_outsider),
                harness_test(test_outsider_daemon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
