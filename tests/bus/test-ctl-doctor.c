/* SPDX-License-Identifier: MIT */
/* cardioctl doctor: all is well, and then one thing after the other is broken, each of which it has to find and say what to
 * do about. */
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "bluez-fixture.h"
#include "ctl-fixture.h"

#define OTHER    "C0:FF:EE:00:00:02"
#define ROTATING "4F:FF:EE:00:00:04"

/* Runs it and looks for a line that matches. */
static void doctor(Ctl *c, int status, const char *pattern)
{
        _cleanup_free_ char *text = NULL;
        bool found = false;
        int r = ctl_run(c, "doctor", NULL);

        text = strdup(c->out);
        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
                found = found || fnmatch(pattern, line, 0) == 0;
        if (!found)
                harness_fail(c->h, "no line is '%s':\n%s%s", pattern, c->out, c->err);
        if (r != status)
                harness_fail(c->h, "it ended with %d:\n%s%s", r, c->out, c->err);
        assert_string_equal(c->err, "");
}

/* notify.conf, the lines of its section. */
static void heard(Harness *h, const char *lines)
{
        char path[256];
        FILE *f;

        (void)setenv("XDG_CONFIG_HOME", harness_path(h, "config"), 1);
        (void)mkdir(harness_path(h, "config"), 0700);
        (void)mkdir(harness_path(h, "config/cardiod"), 0700);
        (void)snprintf(path, sizeof(path), "%s", harness_path(h, "config/cardiod/notify.conf"));
        f = fopen(path, "we");
        assert_non_null(f);
        assert_true(fprintf(f, "[notify]\n%s", lines) > 0);
        assert_int_equal(fclose(f), 0);
}

/* Everything that there is, and a strap that is live. */
static void begin(Harness *h)
{
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        heard(h, "sound = no\n");
        assert_true(sd_bus_request_name(harness_bus(h, BUS_SESSION), "org.freedesktop.Notifications", 0) >=
                        0);
        (void)harness_program_start(h, "cardio-notify");
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\nstale-after = 5min\n");
        bluez_strap_live(h);
}

static bool notifier_is_there(Harness *h, void *userdata)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;

        (void)userdata;
        return sd_bus_get_name_creds(harness_bus(h, BUS_SESSION), CARDIO_NOTIFY_BUS_NAME, 0, &creds) >= 0;
}

static void test_all_is_well(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        assert_true(harness_wait(h, notifier_is_there, NULL, SOON_USEC));
        doctor(&c, 0, "ok       bus            the system bus answers");
        doctor(&c, 0, "ok       daemon         cardiod " CARDIO_VERSION " runs on the system bus");
        if (getuid() == 0)
                doctor(&c, 0, "ok       group          not needed: you are root");
        doctor(&c, 0, "ok       database       */cardiod.db is whole, with 0 sessions; *.? GB are free");
        doctor(&c, 0, "ok       bluez          BlueZ answers");
        doctor(&c, 0, "ok       adapter        hci0 is on");
        doctor(&c, 0, "ok       strap          Test strap (" STRAP ") is live");
        doctor(&c, 0, "ok       notifier       cardio-notify runs");
        doctor(&c, 0, "ok       desktop        there is a notification server");
        doctor(&c, 0,
                        "ok       configuration  ceiling 146 bpm (65%hrr), resting 50 (provisional), "
                        "maximum 197");
        assert_null(strstr(c.out, "warning"));
        assert_null(strstr(c.out, "failure"));

        assert_int_equal(ctl_run(&c, "doctor", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].check"), "bus");
        assert_string_equal(ctl_json(&c, "$[0].health"), "ok");
        assert_string_equal(ctl_json(&c, "$[0].text"), "the system bus answers");
        assert_null(ctl_json(&c, "$[0].advice"));

        /* On a terminal of 80 columns it wraps between words. */
        assert_int_equal(ctl_run_terminal(&c, "doctor", NULL), 0);
        ctl_assert_contains(c.out, "\r\n                        ");
}

static void change_database(const char *path, const char *sql)
{
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        (void)sqlite3_close(db);
}

/* Settings that are probably mistakes: here and in `status`, with what to do about them. */
static void test_warnings(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        harness_write_file(h, "cardiod.conf", "[runner]\nresting-heart-rate = 60\n[ceiling]\nceiling = 30\n");
        assert_int_equal(ctl_run(&c, "reload", NULL), 0);
        doctor(&c, 0,
                        "warning  configuration  nobody has said how old you are, so that 40 is assumed: "
                        "`cardioctl setup` asks, or set `age` or `born` in [[]runner], *");
        doctor(&c, 0, "warning  configuration  `ceiling = 30` means 30 bpm: did you mean `30%hrr`[?]");
        assert_int_equal(ctl_run(&c, "doctor", "--json", NULL), 0);
        ctl_assert_contains(c.out, "\"text\": \"`ceiling = 30` means 30 bpm\"");
        ctl_assert_contains(c.out, "\"advice\": \"did you mean `30%hrr`?\"");

        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "\nWarning     nobody has said how old you are, so that 40 is assumed\n"
                                   "Warning     `ceiling = 30` means 30 bpm\n"
                                   "            `cardioctl doctor` says what to do\n");

        harness_write_file(h, "cardiod.conf", BLUEZ_CONFIG);
        assert_int_equal(ctl_run(&c, "reload", NULL), 0);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "Warning"));
}

static void test_daemon(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        doctor(&c, 1,
                        "failure  daemon         cardiod is not running: start it with "
                        "`sudo systemctl enable --now cardiod`; *`cardiod --check-config`*");
        /* What it would have reported of its straps is read from BlueZ. */
        doctor(&c, 1, "ok       strap          Test strap (" STRAP ") is connected");
        assert_int_equal(ctl_run(&c, "doctor", "--user", NULL), 1);
        ctl_assert_contains(c.out, "`systemctl --user enable --now cardiod`");
        assert_int_equal(ctl_run(&c, "doctor", "--json", NULL), 1);
        assert_string_equal(ctl_json(&c, "$[1].health"), "failure");
        ctl_assert_contains(ctl_json(&c, "$[1].advice"), "systemctl");

        harness_daemon_start(h, NULL, DAEMON_USER);
        doctor(&c, 0, "ok       daemon         cardiod * runs on your session bus");
        doctor(&c, 0, "ok       group          not needed: this cardiod is your own");

        harness_stop_child(harness_daemon(h));
        doctor(&c, 1,
                        "failure  daemon         cardiod runs, but does not answer: restart it: "
                        "`systemctl --user restart cardiod`");
        harness_continue_child(harness_daemon(h));
}

/* One that does not say which it is. */
static void test_strange_daemon(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        (void)ctl_database(h, "");
        doctor(&c, 1, "warning  daemon         cardiod on the system bus is version unknown, *restart*");
}

static void test_stranger(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h, .as_nobody = true };

        if (getuid() != 0)
                harness_skip(h, "needs root, to be somebody else");
        assert_int_equal(chmod(harness_path(h, "."), 0755), 0);
        begin(h);
        doctor(&c, 1, "failure  daemon         cardiod does not let you in: see `group` below");
        doctor(&c, 1, "failure  group          *: `sudo *");
        doctor(&c, 1, "failure  database       *");
        doctor(&c, 1, "ok       strap          *"); /* read from BlueZ, which answers everybody */
}

static void test_bluez(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        harness_standin(h, "fail GetManagedObjects org.freedesktop.DBus.Error.AccessDenied \"not for you\"");
        doctor(&c, 1, "failure  bluez          BlueZ runs, but does not answer: not for you: `sudo systemctl restart *");
        harness_standin(h, "normal all");
        harness_standin(h, "bluetoothd stop");
        doctor(&c, 1, "failure  bluez          BlueZ, *is not running: `sudo systemctl enable --now bluetooth`*");
}

static void test_adapter(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        harness_standin(h, "adapter add hci1");
        harness_standin(h, "expect registered hci1 10s");
        doctor(&c, 0, "warning  adapter        hci1 is switched off: `bluetoothctl power on`");
        doctor(&c, 0, "ok       adapter        hci0 is on");
        bluez_call(h, ADAPTER, BLUEZ_ADAPTER_INTERFACE, "StartDiscovery");
        doctor(&c, 0, "warning  adapter        hci0 is on, but another program keeps looking for devices, *: close *");
        harness_standin(h, "adapter remove hci1");
        harness_standin(h, "adapter power hci0 off");
        doctor(&c, 1, "failure  adapter        hci0 is switched off: `bluetoothctl power on`");
        harness_standin(h, "adapter power hci0 blocked");
        doctor(&c, 1, "failure  adapter        hci0 is blocked: `rfkill unblock bluetooth`");
        harness_standin(h, "adapter remove hci0");
        doctor(&c, 1, "failure  adapter        there is no Bluetooth adapter: *");
}

/* Runs the doctor behind a mount of its own, where the shell's `setup` has to succeed. */
static void doctor_behind_mount(Harness *h, const char *setup, const char *options, const char *line)
{
        static const char *const can[] = { "unshare", "--mount", "true", NULL };
        const char *argv[] = { "unshare", "--mount", "sh", "-c", NULL, NULL };
        _cleanup_free_ char *script = NULL;
        Child *child;

        /* Not for an ordinary user, nor below a root that is no mount point, as that of a plain chroot. */
        if (harness_child_end(h, harness_spawn(h, "unshare", false, can), 0) != 0)
                harness_skip(h, "needs a mount namespace of its own");
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        assert_true(asprintf(&script, "{ %s; } || exit 77; %s/cardioctl doctor %s", setup, BUILD, options) >
                        0);
        argv[4] = script;
        child = harness_spawn(h, "cardioctl", false, argv);
        if (harness_child_end(h, child, 0) == 77)
                harness_skip(h, "needs a mount namespace of its own");
        harness_wait_output(h, child, false, line, SOON_USEC);
}

/* What the kernel reports, on an artificial machine. */
static void test_rfkill(Harness *h)
{
        static const struct {
                const char *soft, *hard, *line;
        } cases[] = {
                { "1", "0", "failure  adapter        hci0 is blocked: `rfkill unblock bluetooth`" },
                { "1", "1", "failure  adapter        hci0 is blocked by a switch of this machine: use *" },
                { "0", "0", "failure  adapter        hci0 is switched off: `bluetoothctl power on`" },
        };

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "adapter power hci0 off");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *setup = NULL;

                assert_true(asprintf(&setup,
                                            "mount -t tmpfs none /sys/class && mkdir -p /sys/class/rfkill/rfkill0 "
                                            "/sys/class/rfkill/rfkill1 && cd /sys/class/rfkill && "
                                            "echo wlan >rfkill0/type && echo 1 >rfkill0/soft && "
                                            "echo 1 >rfkill0/hard && echo bluetooth >rfkill1/type && "
                                            "echo %s >rfkill1/soft && echo %s >rfkill1/hard && cd "
                                            "\"$OLDPWD\"",
                                            cases[i].soft, cases[i].hard) > 0);
                doctor_behind_mount(h, setup, "", cases[i].line);
        }
}

/* Nothing can be judged by a heart rate that comes a few times a minute. */
static void test_slow_strap(Harness *h)
{
        static const struct {
                unsigned interval_s;
                bool slow;
        } cases[] = { { 1, false }, { 15, false }, { 20, true } };
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, "INSERT INTO sensor (id, address) VALUES (1, '" STRAP "')");

        begin(h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *sql = NULL;

                assert_true(asprintf(&sql,
                                            "INSERT INTO session (id, sensor_id, source, kind, started_at, ended_at) "
                                            "VALUES (%zu, 1, 'strap', 'base', 1778560260000, 1778562060500);"
                                            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 30) "
                                            "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, settled) "
                                            "SELECT %zu, i * %u000, 120, 120, 1, 1, 1 FROM n",
                                            i + 1, i + 1, cases[i].interval_s) > 0);
                change_database(db, sql);
                assert_int_equal(ctl_run(&c, "doctor", "--database", db, NULL), 0);
                if (cases[i].slow)
                        ctl_assert_contains(c.out,
                                        "warning  strap          Test strap (" STRAP
                                        ") sends a heart rate about every 20 s, and nothing can be judged by that: ");
                else
                        assert_null(strstr(c.out, "nothing can be judged"));
        }
}

static void test_straps(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG "[sensor]\nstale-after = 4s\n");
        doctor(&c, 1, "failure  strap          no strap is yours: put it on, and `cardioctl setup` finds it *");
        /* A strap that is not the runner's does not count. */
        harness_standin(h, "strap add hci0 " OTHER " Strange known");
        doctor(&c, 1, "failure  strap          no strap is yours: *");

        bluez_strap_live(h);
        bluez_lose_contact(h, "0 contact no");
        bluez_wait_state(h, "no-contact");
        doctor(&c, 0,
                        "warning  strap          Test strap (" STRAP
                        ") is connected, but does not feel the skin: wet *");
        harness_standin(h, "battery " STRAP " 9");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "9", SOON_USEC);
        doctor(&c, 0, "warning  strap          the battery of Test strap (" STRAP ") is at 9 %: change it");
        harness_standin(h, "never Disconnect"); /* the silence is to last */
        bluez_wait_state(h, "stale");
        doctor(&c, 0,
                        "warning  strap          Test strap (" STRAP
                        ") is connected, but sends nothing new: *");
        harness_standin(h, "normal all");
        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        harness_wait_sql(h, "SELECT last_seen_at > 0 FROM sensor", "1", SOON_USEC);
        doctor(&c, 0,
                        "ok       strap          Test strap (" STRAP
                        ") is not connected; it will be once it is worn nearby; "
                        "last seen 20*-*-* *:*");
}

static void test_wants_pairing(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "encrypt " STRAP " lost");
        harness_standin(h, "advertise " STRAP);
        harness_wait_property(
                        h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "wants-pairing", SOON_USEC);
        harness_standin(h, "leave " STRAP); /* it is gone, and its fault is still known */
        bluez_wait_state(h, "absent");
        doctor(&c, 1,
                        "failure  strap          Test strap (" STRAP
                        "): it wants to be paired: `bluetoothctl pair " STRAP
                        "`; if it is paired already, `bluetoothctl remove " STRAP "`*");
}

/* Faults of the radio link, by what the daemon has recorded of them. */
static void test_radio(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG "[sensor]\nstale-after = 5min\n");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "acquire " STRAP);
        harness_standin(h, "advertise " STRAP);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "LinkProblem", "held", SOON_USEC);
        doctor(&c, 1,
                        "failure  strap          Test strap (" STRAP
                        "): another program on this machine holds its notifications: close that program");
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "another program on this machine holds its notifications");
        harness_standin(h, "release " STRAP);
        harness_standin(h, "expect notifying " STRAP " 5s");
        bluez_send(h, 61);
        bluez_wait_state(h, "live");
        doctor(&c, 0, "ok       strap          Test strap (" STRAP ") is live");
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "Link"));

        for (unsigned i = 0; i < 4; i++) {
                harness_standin(h, "disconnect " STRAP);
                harness_standin(h, "expect resolved " STRAP " 10s");
                bluez_send(h, 62 + i);
        }
        doctor(&c, 0,
                        "warning  strap          the link to Test strap (" STRAP
                        ") was lost 4 times within 10 min, last at 20*: come closer*");
        harness_standin(h, "set drop-signals 2");
        for (unsigned i = 0; i < 10; i++) {
                harness_standin(h, "disconnect " STRAP);
                harness_standin(h, "expect resolved " STRAP " 10s");
                bluez_send(h, 72 + i);
        }
        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_non_null(ctl_json(&c, "$.sensors[0].link_losses[9]"));
        assert_null(ctl_json(&c, "$.sensors[0].link_losses[10]"));
}

/* A device nearby with a name that sd-bus does not read. */
static void test_unreadable_name(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        harness_standin(h, "strap add hci0 " OTHER " \"Bad\\xef\\xbf\\xbename\" known other");
        doctor(&c, 0, "warning  bluez          BlueZ knows a device whose name is not valid Unicode*");
        doctor(&c, 0, "ok       strap          Test strap is live");
        assert_int_equal(ctl_run(&c, "scan", "--all", "--for", "100ms", NULL), 1);
        ctl_assert_contains(c.err, "not valid Unicode");
}

static void test_troubled_straps(Harness *h)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " ROTATING " Watch random trusted");
        harness_wait_property(h, CARDIO_SENSOR_PREFIX "/4F_FF_EE_00_00_04", CARDIO_SENSOR_INTERFACE, "State",
                        "absent", SOON_USEC);
        doctor(&c, 0,
                        "warning  strap          Watch (" ROTATING
                        ") changes its address, and will not be known again: "
                        "`bluetoothctl pair " ROTATING "`*");

        harness_standin(h, "strap add hci0 " STRAP " \"Test\\x1b strap\" trusted");
        bluez_wait_state(h, "absent");
        harness_standin(h, "connect " STRAP);
        bluez_wait_state(h, "connecting");
        doctor(&c, 0,
                        "warning  strap          Test? strap (" STRAP
                        ") is connected, but has not told its services yet: *");
        harness_standin(h, "order resolved-without-gatt");
        harness_standin(h, "resolve " STRAP);
        doctor(&c, 1,
                        "failure  strap          Test? strap (" STRAP
                        ") is connected, but offers no heart rate: *");

        assert_true(sd_bus_set_property(harness_bus(h, BUS_SYSTEM), BLUEZ_BUS_NAME, STRAP_DEVICE,
                                    BLUEZ_DEVICE_INTERFACE, "Blocked", &error, "b", 1) >= 0);
        doctor(&c, 1,
                        "failure  strap          Test? strap (" STRAP
                        ") is blocked in BlueZ: `bluetoothctl unblock " STRAP "`");

        harness_write_file(h, "cardiod.conf", BLUEZ_CONFIG "[sensor]\naddress = " OTHER "\n");
        assert_int_equal(harness_call(h, NULL, NULL, "Reload", NULL), 0);
        doctor(&c, 1,
                        "warning  strap          Watch (" ROTATING
                        ") is trusted, but the configuration names another one: *");
}

static void change(const char *path, const char *sql)
{
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_database(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = harness_path(h, CTL_DATABASE);
        char garbage[4096];
        FILE *f;

        ctl_daemon(&c, BUS_SYSTEM); /* it has the path */
        doctor(&c, 1, "failure  database       there is no database at *: No such file or directory: cardiod makes it *");
        (void)ctl_database(h, "");
        assert_int_equal(chmod(path, 0644), 0);
        doctor(&c, 1, "warning  database       everybody may read */cardiod.db: `sudo chmod o= */cardiod.db`");
        assert_int_equal(chmod(path, 0640), 0);
        /* A reader that may write the folder makes it, with the mode of the database. */
        assert_int_equal(chmod(harness_path(h, CTL_DATABASE "-shm"), 0640), 0);
        assert_int_equal(chmod(harness_path(h, CTL_DATABASE "-wal"), 0640), 0);
        doctor(&c, 1, "ok       database       *is whole, with 0 sessions*");

        change(path, "PRAGMA user_version = 99");
        doctor(&c, 1, "failure  database       * is of a newer version, 99; this cardioctl knows *: install *");
        change(path, "PRAGMA application_id = 7");
        doctor(&c, 1, "failure  database       * is not a database of cardiod: move it away");
        change(path, "PRAGMA application_id = 0x63617264; PRAGMA user_version = 1");

        f = fopen(path, "r+e");
        assert_non_null(f);
        memset(garbage, 0xa5, sizeof(garbage));
        assert_int_equal(fseek(f, 2 * 4096, SEEK_SET), 0);
        for (int i = 0; i < 4; i++)
                assert_int_equal(fwrite(garbage, sizeof(garbage), 1, f), 1);
        assert_int_equal(fclose(f), 0);
        doctor(&c, 1, "failure  database       * is damaged: stop cardiod and restore a backup*");
        assert_int_equal(truncate(path, 0), 0);
        doctor(&c, 1, "failure  database       * is not a database of cardiod: move it away");
        harness_write_file(h, CTL_DATABASE,
                        "this is no database, however long one looks at it and hopes for one");
        doctor(&c, 1, "failure  database       * cannot be read: *: stop cardiod, and *");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkdir(path, 0755), 0);
        doctor(&c, 1, "failure  database       * is not a file: move it away");
}

static void test_space(Harness *h)
{
        static const struct {
                const char *size, *line;
        } cases[] = {
                { "8m", "failure  database       * MB are free where *: make room*" },
                { "64m", "warning  database       * MB are free where *: make room*" },
        };
        const char *db = ctl_database(h, ""), *folder = harness_path(h, "small");

        assert_int_equal(mkdir(folder, 0755), 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *setup = NULL, *options = NULL;

                assert_true(asprintf(&setup,
                                            "mount -t tmpfs -o size=%s none %s && cp %s %s/x.db && chmod 600 %s/x.db",
                                            cases[i].size, folder, db, folder, folder) > 0);
                assert_true(asprintf(&options, "--database %s/x.db", folder) > 0);
                doctor_behind_mount(h, setup, options, cases[i].line);
        }
}

static void test_notifier(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        doctor(&c, 0, "warning  notifier       cardio-notify is not running*: `systemctl --user enable --now cardio-notify`");
        harness_bus_stop(h, BUS_SESSION);
        doctor(&c, 0, "warning  notifier       there is no session bus here, *: run `cardioctl doctor` on the desktop *");
}

/* What the notification server says that it has. */
static int on_capabilities(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *const *has = userdata;

        (void)error;
        if (!sd_bus_message_is_method_call(m, "org.freedesktop.Notifications", "GetCapabilities"))
                return 0;
        return sd_bus_reply_method_return(m, "as", 3, "body", has[0], has[1]);
}

/* The rule is the notifier's: what Plasma would not sound is not left to it. */
static void test_sound_of_server(Harness *h)
{
        static const struct {
                const char *has[2], *line;
        } servers[] = {
                { { "actions", "sound" }, "ok       sound          played by the notification server" },
                { { "sound", "x-kde-origin-name" },
                                "ok       sound          played through PulseAudio or PipeWire" },
                { { "actions", "icon-static" },
                                "ok       sound          played through PulseAudio or PipeWire" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        heard(h, "");
        (void)setenv("PULSE_SERVER", "tcp:example.org", 1);
        for (size_t i = 0; i < ELEMENTSOF(servers); i++) {
                sd_bus_slot *slot = NULL;

                assert_true(sd_bus_add_object(harness_bus(h, BUS_SESSION), &slot,
                                            "/org/freedesktop/Notifications", on_capabilities,
                                            (void *)(uintptr_t)servers[i].has) >= 0);
                doctor(&c, 0, servers[i].line);
                sd_bus_slot_unref(slot);
        }
        (void)unsetenv("PULSE_SERVER");
}

static void test_sound(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = getenv("PATH");
        _cleanup_free_ char *kept = strdup(path ? path : "");

        begin(h);
        doctor(&c, 0, "ok       sound          off, by sound = no in notify.conf");
        doctor(&c, 0, "ok       speech         off; speak = yes in notify.conf turns it on");
        heard(h, "speak = yes\nlanguage = de\n");
        (void)setenv("XDG_RUNTIME_DIR", harness_path(h, "runtime"), 1);
        (void)setenv("PATH", "/nonexistent", 1);
        doctor(&c, 0, "warning  sound          no PulseAudio or PipeWire runs here *: `cardio-notify --test` tries it*");
        doctor(&c, 0, "warning  speech         there is no speech-dispatcher *: install speech-dispatcher *");
        (void)setenv("PATH", kept, 1);
        (void)setenv("PULSE_SERVER", "tcp:example.org", 1);
        (void)setenv("SPEECHD_ADDRESS", "inet_socket:example.org:6560", 1);
        doctor(&c, 0, "ok       sound          played through PulseAudio or PipeWire");
        doctor(&c, 0, "ok       speech         by speech-dispatcher, voice de");
        (void)unsetenv("PULSE_SERVER");
        (void)unsetenv("SPEECHD_ADDRESS");
        heard(h, "sond = yes\n");
        doctor(&c, 1, "failure  sound          *notify.conf:2: sond: unknown key *: mend it; cardio-notify does not start with it");
}

static void test_configuration(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        assert_int_equal(harness_call(h, NULL, NULL, "SetCeiling", "s", "off"), 0);
        doctor(&c, 0, "warning  configuration  there is no ceiling, *: `cardioctl ceiling default`*");
        assert_int_equal(harness_call(h, NULL, NULL, "Snooze", "u", 600), 0);
        doctor(&c, 0, "warning  configuration  alerts are snoozed until ??:??: `cardioctl snooze 0` ends it");
}

static void test_no_bus(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1);
        doctor(&c, 1, "failure  bus            the system bus cannot be reached: No such file or directory: *");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_all_is_well),
                harness_test(test_warnings),
                harness_test(test_daemon),
                harness_test(test_strange_daemon),
                harness_test(test_stranger),
                harness_test(test_bluez),
                harness_test(test_adapter),
                harness_test(test_rfkill),
                harness_test(test_slow_strap),
                harness_test(test_straps),
                harness_test(test_wants_pairing),
                harness_test(test_radio),
                harness_test(test_unreadable_name),
                harness_test(test_troubled_straps),
                harness_test(test_database),
                harness_test(test_space),
                harness_test(test_notifier),
                harness_test(test_sound),
                harness_test(test_sound_of_server),
                harness_test(test_configuration),
                harness_test(test_no_bus),
        };

        ctl_join_group();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
