/* SPDX-License-Identifier: MIT */

/* Access: the policy as it is installed, on a real bus with real users: user cardiod, who runs the daemon; a member of group
 * cardiod; an outsider, who is neither; and user cardio-bridge, a member who may only read. The users are libnss-wrapper's, which only the bus sees, so nothing of the
 * machine changes. And a strap's hostile name on its way through every program to every kind of reader. Deadlines are the
 * harness's. */

#include "coach-fixture.h"
#include "ctl-fixture.h"

#include <dlfcn.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG RUN_BASE "[session]\nstart-above = off\n"

/* -- Users -- */

#define NSS_WRAPPER "libnss_wrapper.so"
#define PASSWD                                       \
        "root:x:0:0::/root:/bin/sh\n"                \
        "cardiod:x:4242:4241::/:/usr/sbin/nologin\n" \
        "member:x:4243:4243::/:/bin/sh\n"            \
        "outsider:x:4244:4244::/:/bin/sh\n"          \
        "cardio-bridge:x:4245:4245::/:/usr/sbin/nologin\n"
#define GROUP                                                              \
        "root:x:0:\ncardiod:x:4241:member,cardio-bridge\nmember:x:4243:\n" \
        "outsider:x:4244:\ncardio-bridge:x:4245:\n"

#define AS_CARDIOD  "setpriv", "--reuid=4242", "--regid=4241", "--clear-groups"
#define AS_MEMBER   "setpriv", "--reuid=4243", "--regid=4243", "--groups=4241"
#define AS_OUTSIDER "setpriv", "--reuid=4244", "--regid=4244", "--clear-groups"
#define AS_BRIDGE   "setpriv", "--reuid=4245", "--regid=4245", "--groups=4241"

#define CALL "dbus-send", "--system", "--print-reply", "--dest=" CARDIO_BUS_NAME
#define CALL_BUS \
        "dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"

/* The system bus with these users. */
static void begin_bus(Harness *h)
{
        _cleanup_free_ char *here = NULL, *more = NULL;
        void *wrapper;

        if (geteuid() != 0)
                harness_skip(h, "only root can become somebody else");
        wrapper = dlopen(NSS_WRAPPER, RTLD_LAZY);
        if (!wrapper)
                harness_skip(h, NSS_WRAPPER " is missing: apt-get install libnss-wrapper");
        (void)dlclose(wrapper);
        /* The folder has the bus in it. */
        assert_int_equal(chmod(harness_path(h, "."), 0711), 0);
        harness_write_file(h, "passwd", PASSWD);
        harness_write_file(h, "group", GROUP);
        here = getcwd(NULL, 0);
        assert_true(asprintf(&more, "<busconfig><include>%s/conf/org.cardiod1-bridge.conf</include></busconfig>",
                                    here) > 0);
        harness_write_file(h, "dbus-more.conf", more);
        harness_bus_stop(h, BUS_SYSTEM);
        (void)setenv("LD_PRELOAD", NSS_WRAPPER, 1);
        (void)setenv("NSS_WRAPPER_PASSWD", harness_path(h, "passwd"), 1);
        (void)setenv("NSS_WRAPPER_GROUP", harness_path(h, "group"), 1);
        harness_bus_start(h, BUS_SYSTEM);
        (void)unsetenv("LD_PRELOAD");
        (void)unsetenv("NSS_WRAPPER_PASSWD");
        (void)unsetenv("NSS_WRAPPER_GROUP");
}

static bool is_served(Harness *h, void *userdata)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        uid_t uid;

        return !harness_child_is_running(userdata) ||
               (sd_bus_get_name_creds(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, SD_BUS_CREDS_EUID,
                                &creds) >= 0 &&
                               sd_bus_creds_get_euid(creds, &uid) >= 0 && uid == 4242);
}

/* The daemon as its own user; a copy of it, since others may not reach into where it was built. */
static Child *begin_daemon(Harness *h)
{
        const char *const copy[] = { "cp", BUILD "/cardiod", harness_path(h, "cardiod"), NULL };
        const char *const argv[] = { AS_CARDIOD, harness_path(h, "cardiod"), "--config",
                harness_path(h, "cardiod.conf"), "--database", harness_path(h, "theirs/cardiod.db"), NULL };
        Child *daemon;

        assert_int_equal(harness_child_end(h, harness_spawn(h, "cp", false, copy), 0), 0);
        harness_write_file(h, "cardiod.conf", CONFIG);
        assert_int_equal(chmod(harness_path(h, "cardiod.conf"), 0644), 0);
        assert_int_equal(mkdir(harness_path(h, "theirs"), 0700), 0);
        assert_int_equal(chown(harness_path(h, "theirs"), 4242, 4241), 0);
        daemon = harness_spawn(h, "cardiod", true, argv);
        if (!harness_wait(h, is_served, daemon, 2 * HARNESS_TIMEOUT) || !harness_child_is_running(daemon))
                harness_fail(h, "cardiod does not serve as user cardiod");
        return daemon;
}

#define as(h, ret_output, ...) as_user(h, ret_output, (const char *const[]){ __VA_ARGS__, NULL })
/* Returns the exit status. */
static int as_user(Harness *h, char **ret_output, const char *const *argv)
{
        Child *child = harness_spawn(h, "as", false, argv);
        int status = run_wait_end(h, child);

        if (ret_output)
                *ret_output = harness_child_output(h, child, status != 0);
        return status;
}

#define accepted(h, ...) assert_int_equal(as(h, NULL, __VA_ARGS__), 0)
#define denied(h, ...)                                                                \
        do {                                                                          \
                _cleanup_free_ char *text = NULL;                                     \
                assert_int_not_equal(as(h, &text, __VA_ARGS__), 0);                   \
                run_assert_contains(text, "org.freedesktop.DBus.Error.AccessDenied"); \
        } while (0)

/* -- The policy -- */

static void test_calls(Harness *h)
{
        static const char *const coach[][2] = {
                { COACH "Today", "string:" },
                { COACH "MeasureResting", "uint32:30" },
                { COACH "RemoveResting", "int64:1" },
                { COACH "StartWorkout", "string:fartlek" },
                { COACH "Verdict", "int64:1" },
                { COACH "LogDay", "string:2026-05-17" },
        };
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        _cleanup_free_ char *destination = NULL;
        const char *unique;

        begin_bus(h);
        begin_daemon(h);
        run_strap(h, STRAP);
        run_heart_rate(h, 61);

        accepted(h, AS_MEMBER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".Subscribe");
        accepted(h, AS_MEMBER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".StartSession", "string:base");
        accepted(h, AS_MEMBER, CALL, STRAP_PATH, "org.freedesktop.DBus.Properties.GetAll",
                        "string:" CARDIO_SENSOR_INTERFACE);
        run_command(h, "Snooze", "u", 1U); /* root, too */

        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".Subscribe");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".StopSession");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".Mark", "string:");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".GetSession", "int64:1");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".ImportSession");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".EditSession");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".UndoEdit", "int64:1");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.Peer.Ping");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.Introspectable.Introspect");
        denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.ObjectManager.GetManagedObjects");
        denied(h, AS_OUTSIDER, CALL, STRAP_PATH, "org.freedesktop.DBus.Properties.GetAll",
                        "string:" CARDIO_SENSOR_INTERFACE);
        /* Races, mornings and pains are health data as much as heart rates are. */
        accepted(h, AS_MEMBER, CALL, CARDIO_OBJECT, COACH "Today", "string:");
        accepted(h, AS_MEMBER, CALL, CARDIO_OBJECT, COACH "AddResting", "string:2026-05-17", "double:52");
        for (size_t i = 0; i < ELEMENTSOF(coach); i++)
                denied(h, AS_OUTSIDER, CALL, CARDIO_OBJECT, coach[i][0], coach[i][1]);
        run_command(h, COACH "RemoveResting", "x", INT64_C(1)); /* it is still there */
        /* The profile that BlueZ calls is closed to others, too. */
        denied(h, AS_OUTSIDER, CALL, "/cardiod/sensors", BLUEZ_GATT_PROFILE_INTERFACE ".Release");

        /* Nor by the unique name, which everybody can see. */
        assert_true(sd_bus_get_name_creds(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME,
                                    SD_BUS_CREDS_UNIQUE_NAME, &creds) >= 0);
        assert_true(sd_bus_creds_get_unique_name(creds, &unique) >= 0);
        assert_true(asprintf(&destination, "--dest=%s", unique) >= 0);
        denied(h, AS_OUTSIDER, "dbus-send", "--system", "--print-reply", destination, STRAP_PATH,
                        "org.freedesktop.DBus.Properties.GetAll", "string:" CARDIO_SENSOR_INTERFACE);
        run_wait_manager(h, "Recording", "true");
}

/* -- The bridge: a member who may only read -- */

static bool is_read(const char *member)
{
        static const char *const reads[] = { "Subscribe", "Unsubscribe", "GetSession", "ListSessions" };

        for (size_t i = 0; i < ELEMENTSOF(reads); i++)
                if (strcmp(member, reads[i]) == 0)
                        return true;
        return false;
}

/* The value of an attribute in a line of the interface's XML; false if it is not there. */
static bool attribute(const char *line, const char *element, char value[static 128])
{
        const char *begin = strstr(line, element);

        return begin && sscanf(begin + strlen(element), " name=\"%127[^\"]\"", value) == 1;
}

/* As the bridge, without a word on which interface it is about. Returns whether that was denied. */
static bool denied_without_interface(const char *member)
{
        static const gid_t groups[] = { 4241 };
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
                sd_bus *bus = NULL;

                if (setgroups(ELEMENTSOF(groups), groups) < 0 || setresgid(4245, 4245, 4245) < 0 ||
                                setresuid(4245, 4245, 4245) < 0 || sd_bus_open_system(&bus) < 0 ||
                                sd_bus_message_new_method_call(
                                                bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT, NULL, member) < 0)
                        _exit(2);
                (void)sd_bus_call(bus, m, 0, &error, NULL);
                _exit(!sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
        return WEXITSTATUS(status) == 0;
}

static void test_bridge(Harness *h)
{
        static const char *const monitor[] = { AS_BRIDGE, "dbus-monitor", "--system", "type='signal'", NULL };
        char line[512], interface[128] = "", member[128], method[260];
        unsigned n_denied = 0;
        Child *listener;
        FILE *f;

        begin_bus(h);
        begin_daemon(h);
        run_strap(h, STRAP);
        run_heart_rate(h, 61);
        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 62);

        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".Subscribe");
        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".GetSession", "int64:1");
        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".ListSessions", "int64:0",
                        "uint32:10");
        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.ObjectManager.GetManagedObjects");
        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.Introspectable.Introspect");
        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.Peer.Ping");
        accepted(h, AS_BRIDGE, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.Properties.GetAll",
                        "string:" CARDIO_MANAGER_INTERFACE);
        accepted(h, AS_BRIDGE, CALL, STRAP_PATH, "org.freedesktop.DBus.Properties.Get",
                        "string:" CARDIO_SENSOR_INTERFACE, "string:HeartRate");
        accepted(h, AS_BRIDGE, CALL_BUS, "org.freedesktop.DBus.GetNameOwner", "string:" CARDIO_BUS_NAME);

        /* All else that there is, as the interface says it. */
        f = fopen("conf/org.cardiod1.xml", "re");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f)) {
                (void)attribute(line, "<interface", interface);
                if (!attribute(line, "<method", member) || is_read(member))
                        continue;
                (void)snprintf(method, sizeof(method), "%s.%s", interface, member);
                denied(h, AS_BRIDGE, CALL, CARDIO_OBJECT, method);
                n_denied++;
        }
        assert_int_equal(fclose(f), 0);
        assert_true(n_denied > 25);
        assert_true(denied_without_interface("StopSession"));
        denied(h, AS_BRIDGE, CALL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".DeleteSession", "int64:1");
        denied(h, AS_BRIDGE, CALL, CARDIO_OBJECT, "org.freedesktop.DBus.Properties.Set",
                        "string:" CARDIO_MANAGER_INTERFACE, "string:Recording", "variant:boolean:false");
        denied(h, AS_BRIDGE, CALL, "/cardiod/sensors", BLUEZ_GATT_PROFILE_INTERFACE ".Release");
        /* Nor by way of another service, or as one. */
        denied(h, AS_BRIDGE, "dbus-send", "--system", "--print-reply", "--dest=" BLUEZ_BUS_NAME, "/",
                        "org.freedesktop.DBus.ObjectManager.GetManagedObjects");
        accepted(h, AS_MEMBER, "dbus-send", "--system", "--print-reply", "--dest=" BLUEZ_BUS_NAME, "/",
                        "org.freedesktop.DBus.ObjectManager.GetManagedObjects");
        denied(h, AS_BRIDGE, CALL_BUS, "org.freedesktop.DBus.Monitoring.BecomeMonitor",
                        "array:string:", "uint32:0");
        denied(h, AS_BRIDGE, CALL_BUS, "org.freedesktop.DBus.RequestName", "string:" CARDIO_BUS_NAME,
                        "uint32:0");
        run_wait_manager(h, "Recording", "true");

        /* It hears what it is for. */
        listener = harness_spawn(h, "bridge", false, monitor);
        harness_wait_output(h, listener, false, "*NameAcquired*", HARNESS_TIMEOUT);
        run_command(h, "Subscribe", NULL);
        run_heart_rate(h, 63);
        run_call(h, "StopSession", NULL);
        harness_wait_output(h, listener, false, "*member=Measurement*", HARNESS_TIMEOUT);
        harness_wait_output(h, listener, false, "*member=SessionEnded*", HARNESS_TIMEOUT);
        (void)harness_child_end(h, listener, SIGTERM);
}

/* As a member: subscribes on so many connections, all of which stay. Its exit status is how many are taken. */
static void __attribute__((__noreturn__)) subscribe_many(unsigned n)
{
        static const gid_t groups[] = { 4241 };
        unsigned taken = 0;

        if (setgroups(ELEMENTSOF(groups), groups) < 0 || setresgid(4243, 4243, 4243) < 0 ||
                        setresuid(4243, 4243, 4243) < 0)
                _exit(255);
        for (unsigned i = 0; i < n; i++) {
                sd_bus *bus = NULL;

                if (sd_bus_open_system(&bus) < 0)
                        _exit(254);
                taken += sd_bus_call_method(bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                         "Subscribe", NULL, NULL, NULL) >= 0;
        }
        _exit((int)taken);
}

/* One user cannot take all the places. */
static void test_room_for_all(Harness *h)
{
        int status;
        pid_t pid;

        begin_bus(h);
        begin_daemon(h);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                subscribe_many(40);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 32);
        run_command(h, "Subscribe", NULL);
}

/* Every way to eavesdrop: a match, a match that eavesdrops, becoming a monitor. */
static void test_listening(Harness *h)
{
        static const char *const outsider[] = { AS_OUTSIDER, "dbus-monitor", "--system", "type='signal'",
                NULL };
        static const char *const plain[] = { AS_OUTSIDER, "gdbus", "monitor", "--system", "--dest",
                CARDIO_BUS_NAME, NULL };
        static const char *const member[] = { AS_MEMBER, "dbus-monitor", "--system", "type='signal'", NULL };
        char date[COACH_DATE_MAX];
        Child *listener[3];

        begin_bus(h);
        begin_daemon(h);
        run_strap(h, STRAP);
        denied(h, AS_OUTSIDER, CALL_BUS, "org.freedesktop.DBus.Monitoring.BecomeMonitor",
                        "array:string:", "uint32:0");
        denied(h, AS_MEMBER, CALL_BUS, "org.freedesktop.DBus.Monitoring.BecomeMonitor",
                        "array:string:", "uint32:0");

        denied(h, AS_OUTSIDER, CALL_BUS, "org.freedesktop.DBus.AddMatch",
                        "string:eavesdrop='true',interface='" CARDIO_MANAGER_INTERFACE "'");

        listener[0] = harness_spawn(h, "outsider", false, outsider);
        listener[1] = harness_spawn(h, "member", false, member);
        harness_wait_output(h, listener[0], false, "*NameAcquired*", HARNESS_TIMEOUT);
        harness_wait_output(h, listener[1], false, "*NameAcquired*", HARNESS_TIMEOUT);
        listener[2] = access("/usr/bin/gdbus", X_OK) == 0 ? harness_spawn(h, "gdbus", false, plain) : NULL;
        if (listener[2])
                harness_wait_output(h, listener[2], false, "The name * is owned by *", HARNESS_TIMEOUT);

        run_command(h, "Subscribe", NULL);
        run_heart_rate(h, 61);
        /* A run of which only the runner knows how it went: the coach asks. */
        run_call(h, "AddSession", "a{sv}", 3, "local_date", "s", coach_date(-1, date), "minutes", "u", 30,
                        "kind", "s", "recovery");
        run_call(h, COACH "StartWorkout", "s", "fartlek");
        run_heart_rate(h, 62);
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        assert_true(sd_bus_emit_signal(harness_bus(h, BUS_SYSTEM), "/org/test", "org.test", "Marker", NULL) >=
                        0);

        harness_wait_output(h, listener[1], false, "*member=Measurement*", HARNESS_TIMEOUT);
        harness_wait_output(h, listener[1], false, "*member=SessionEnded*", HARNESS_TIMEOUT);
        harness_wait_output(h, listener[1], false, "*member=Advice*", HARNESS_TIMEOUT);
        harness_wait_output(h, listener[1], false, "*member=Cue*", HARNESS_TIMEOUT);
        harness_wait_output(h, listener[0], false, "*member=Marker*", HARNESS_TIMEOUT);
        for (size_t i = 0; i < 3; i += 2) {
                if (!listener[i])
                        continue;
                harness_refute_output(h, listener[i], false, "*Session*");
                harness_refute_output(h, listener[i], false, "*Measurement*");
                harness_refute_output(h, listener[i], false, "*" CARDIO_OBJECT "*");
        }
        for (size_t i = 0; i < 3; i++)
                if (listener[i])
                        (void)harness_child_end(h, listener[i], SIGTERM);
}

static void test_owning(Harness *h)
{
        Child *daemon;

        begin_bus(h);
        daemon = begin_daemon(h);
        assert_int_equal(harness_child_end(h, daemon, SIGTERM), 0);
        denied(h, AS_OUTSIDER, CALL_BUS, "org.freedesktop.DBus.RequestName", "string:" CARDIO_BUS_NAME,
                        "uint32:0");
        denied(h, AS_MEMBER, CALL_BUS, "org.freedesktop.DBus.RequestName", "string:" CARDIO_BUS_NAME,
                        "uint32:0");
        accepted(h, AS_CARDIOD, CALL_BUS, "org.freedesktop.DBus.RequestName", "string:" CARDIO_BUS_NAME,
                        "uint32:0");
        /* And user cardiod may own nothing else: not BlueZ's name. */
        denied(h, AS_CARDIOD, CALL_BUS, "org.freedesktop.DBus.RequestName", "string:" BLUEZ_BUS_NAME,
                        "uint32:0");
        denied(h, AS_OUTSIDER, CALL_BUS, "org.freedesktop.DBus.RequestName", "string:" BLUEZ_BUS_NAME,
                        "uint32:0");
}

/* -- A name -- */

/* Line feeds, escape sequences of both kinds, text from right to left, markup, and what is special to a shell, SQL and
 * printf. */
#define NAME_SCRIPT "A\\x0ab\\x0d\\x1b[2J\\xc2\\x9b1m\\xe2\\x80\\xaeC<b>&\\\"$(x)`y`'%%s%%n\\\\"
#define NAME        "A\nb\r\033[2J\302\2331m\342\200\256C<b>&\"$(x)`y`'%s%n\\"
#define NAME_PLAIN  "A?b??[2J?1m?C<b>&\"$(x)`y`'%s%n\\"

static void assert_plain(const char *text)
{
        for (const char *c = text; *c; c++)
                assert_true((unsigned char)*c >= ' ' || *c == '\n');
        assert_null(strstr(text, "\302\233"));
        assert_null(strstr(text, "\342\200\256"));
        assert_null(strchr(text, 0x7f));
}

static void test_name(Harness *h)
{
        static const char *const lists[] = { "sessions", "status" };
        _cleanup_free_ char *stored = NULL, *log = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " STRAP " \"" NAME_SCRIPT "\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, 61);
        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 62);
        run_call(h, "StopSession", NULL);

        /* Unchanged where it is data. */
        stored = harness_sql(h, "SELECT hex(name) FROM sensor");
        for (size_t i = 0; i < strlen(NAME); i++) {
                char byte[3];
                (void)snprintf(byte, sizeof(byte), "%02X", (unsigned char)NAME[i]);
                assert_memory_equal(stored + 2 * i, byte, 2);
        }

        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_plain(c.out);
        assert_string_equal(ctl_json(&c, "$.sensors[0].name"), NAME);
        assert_int_equal(ctl_run(&c, "sessions", "--json", NULL), 0);
        assert_plain(c.out);
        assert_string_equal(ctl_json(&c, "$[0].strap"), NAME);
        assert_int_equal(ctl_run(&c, "show", "last", "--json", NULL), 0);
        assert_plain(c.out);

        /* Cleaned where somebody reads it. */
        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                assert_int_equal(ctl_run(&c, lists[i], NULL), 0);
                assert_plain(c.out);
                ctl_assert_contains(c.out, "A?b??[2J?1m?C<b>&");
        }
        assert_int_equal(ctl_run(&c, "show", "last", NULL), 0);
        assert_plain(c.out);
        ctl_assert_contains(c.out, NAME_PLAIN);
        (void)setenv("NO_COLOR", "1", 1);
        assert_int_equal(ctl_run_terminal(&c, "--database", harness_path(h, "cardiod.db"), "sessions", NULL),
                        0);
        assert_null(strchr(c.out, '\033'));
        assert_null(strstr(c.out, "\302\233"));
        assert_null(strstr(c.out, "\342\200\256"));
        (void)unsetenv("NO_COLOR");
        log = harness_child_output(h, harness_daemon(h), true);
        assert_plain(log);
        run_assert_contains(log, NAME_PLAIN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_calls),
                harness_test(test_bridge),
                harness_test(test_room_for_all),
                harness_test(test_listening),
                harness_test(test_owning),
                harness_test(test_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
