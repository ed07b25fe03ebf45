/* SPDX-License-Identifier: MIT */
/* cardioctl and the daemon: which bus it is looked for on, what is called, what is printed of its replies and refusals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-fixture.h"

static void test_wrong_usage(Harness *h)
{
        static const struct {
                const char *argument[4];
                const char *expected;
        } cases[] = {
                { { NULL }, "a verb is missing; `cardioctl --help`" },
                { { "bogus" }, "there is no verb 'bogus'; `cardioctl --help`" },
                /* mistyped: the nearest */
                { { "sesions" }, "there is no verb 'sesions'; did you mean `sessions`?" },
                { { "stat" }, "there is no verb 'stat'; did you mean `status`?" },
                { { "help", "statsu" }, "there is no verb 'statsu'; did you mean `status`?" },
                { { "hlep" }, "did you mean `help`?" },
                { { "--jsno", "status" }, "there is no option --jsno; did you mean --json?" },
                { { "watch", "--bell", "--json" }, "--bell is for a terminal; leave it out with --json" },
                { { "watch", "--waybar", "--bell" }, "--bell is for a terminal; leave it out with --waybar" },
                { { "watch", "--wayber" }, "there is no option --wayber; did you mean --waybar?" },
                { { "sessions", "--sinc=7d", "--lmit=3" },
                                "there is no option --lmit; did you mean --limit?" },
                { { "start", "recov" }, "there is no kind 'recov'; did you mean `recovery`?" },
                { { "start", "jog" },
                                "'jog' is not a kind; accepted: rest, cross-training, recovery, base, long, hard or race\n" },
                { { "ceiling", "foo" },
                                "'foo' is not a ceiling; accepted: 65%hrr, 75%max or 90%lthr, a heart rate such as 150, off, "
                                "auto, or default\n" },
                { { "ceiling", "contact" }, "'contact' is not a ceiling" },
                /* of no use */
                { { "status", "--database", "x" }, "`status` goes by cardiod alone; leave --database out" },
                { { "--database", "x", "reload" }, "`reload` goes by cardiod alone; leave --database out" },
                { { "--bogus" }, "there is no option --bogus; see `cardioctl --help`" },
                { { "status", "--bogus" }, "there is no option --bogus; see `cardioctl status --help`" },
                { { "status", "-q" }, "there is no option -q" },
                { { "status", "--since", "7d" }, "there is no option --since" },
                { { "status", "--json=yes" }, "there is no value for the flag --json=yes" },
                { { "status", "now" }, "there is an argument too many: now" },
                { { "sessions", "--limit" }, "an argument is missing after --limit" },
                { { "sessions", "--limit", "-1" }, "'-1' is not a number" },
                { { "sessions", "--limit", "many" }, "'many' is not a number" },
                { { "sessions", "--since", "2026-02-30" }, "'2026-02-30' is not a date" },
                { { "sessions", "--since", "0000-00-00" }, "'0000-00-00' is not a date" },
                { { "sessions", "--since", "99999d" }, "'99999d' is not a date" },
                { { "sessions", "--since", "tomorrow" }, "'tomorrow' is not a date" },
                { { "sessions", "--until", "soon" },
                                "'soon' is not a date; accepted: YYYY-MM-DD, today, yesterday" },
                { { "sessions", "--since=2026-05-02", "--until=2026-05-01" },
                                "--since 2026-05-02 is after --until 2026-05-01" },
                { { "totals", "--by", "day" }, "'day' is not a period; accepted: week, month or year" },
                { { "totals", "--limit", "few" }, "'few' is not a number of weeks" },
                { { "show" }, "an argument is missing: ID" },
                { { "show", "0" }, "'0' is not a session" },
                { { "show", "-1" }, "there is no option -1" },
                { { "show", "first" },
                                "'first' is not a session; accepted: a number that `cardioctl sessions` lists, last, or a date: "
                                "YYYY-MM-DD, today, yesterday, or as long ago as in 7d or 2w" },
                { { "show", "2026-02-30" }, "'2026-02-30' is not a session" },
                { { "show", "9223372036854775808" }, "is not a session" },
                { { "show", "1\033[2J" }, "'1?[2J' is not a session" },
                { { "snooze" }, "an argument is missing: DURATION" },
                { { "snooze", "10" }, "'10' is not a length of time" },
                { { "snooze", "9999999h" }, "is too long" },
                { { "reload", "--json" }, "`reload` has nothing to print as JSON" },
                { { "help", "bogus" }, "there is no verb 'bogus'" },
                { { "delete", "3", "--database", "x" }, "leave --database out" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *const *a = cases[i].argument;

                assert_int_equal(ctl_run(&c, a[0], a[1], a[2], a[3], NULL), 2);
                ctl_assert_contains(c.err, cases[i].expected);
                assert_string_equal(c.out, "");
        }
}

static void test_help(Harness *h)
{
        static const char *const verbs[] = { "status", "watch", "sessions", "show", "totals", "db", "start",
                "stop", "ceiling", "snooze", "reload", "delete", "edit", "completions", "scan", "trust",
                "forget", "export", "import", "backup", "doctor", "record", "setup", "report", "trend" };
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "--help", NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                ctl_assert_contains(c.out, verbs[i]);

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                char usage[64];

                (void)snprintf(usage, sizeof(usage), "cardioctl %s [OPTION...]", verbs[i]);
                assert_int_equal(ctl_run(&c, verbs[i], "--help", NULL), 0);
                ctl_assert_contains(c.out, usage);
                for (const char *line = c.out; *line; line += strcspn(line, "\n") + 1)
                        if (strcspn(line, "\n") > 80)
                                fail_msg("wider than 80 columns: %s", line);
                assert_int_equal(ctl_run(&c, "help", verbs[i], NULL), 0);
                ctl_assert_contains(c.out, usage);
                assert_string_equal(c.err, "");
        }
        assert_int_equal(ctl_run(&c, "--version", NULL), 0);
        assert_string_equal(c.out, "cardioctl " CARDIO_VERSION "\n");
}

static void test_no_daemon(Harness *h)
{
        static const char *const verbs[] = { "status", "start", "stop", "ceiling", "reload" };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                assert_int_equal(ctl_run(&c, verbs[i], NULL), 3);
                ctl_assert_contains(c.err, "cardiod is not running; start it with `systemctl start cardiod`");
                assert_int_equal(ctl_run(&c, "--user", verbs[i], NULL), 3);
                ctl_assert_contains(c.err, "`systemctl --user start cardiod`");
        }
}

static void test_no_bus(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1);
        assert_int_equal(ctl_run(&c, "status", NULL), 3);
        ctl_assert_contains(c.err,
                        "cannot reach the system bus (No such file or directory), and no cardiod runs on your session bus");

        (void)setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", 1);
        assert_int_equal(ctl_run(&c, "status", NULL), 3);
        ctl_assert_contains(c.err, "cannot reach the system bus (No such file or directory)");
        ctl_assert_contains(c.err, "systemctl start cardiod");
        assert_int_equal(ctl_run(&c, "status", "--user", NULL), 3);
        ctl_assert_contains(c.err, "cannot reach your session bus");
}

/* The session bus is asked if nobody owns the name on the system bus, and only then. */
static void test_session_bus(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SESSION);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_int_equal(ctl_run(&c, "--user", "status", NULL), 0);
}

static void test_system_bus(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_int_equal(ctl_run(&c, "status", "--user", NULL), 3);
}

/* The bus's policy refuses. */
static void test_stranger(Harness *h)
{
        static const char *const verbs[] = { "status", "sessions", "stop" };
        _cleanup_ctl_ Ctl c = { .h = h, .as_nobody = true };

        if (getuid() != 0)
                harness_skip(h, "needs root, to be somebody else");
        assert_int_equal(chmod(harness_path(h, "."), 0755), 0);
        ctl_daemon(&c, BUS_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                assert_int_equal(ctl_run(&c, verbs[i], NULL), 3);
                ctl_assert_contains(c.err, "`sudo usermod -aG cardiod $USER`, then log in again");
        }
        assert_int_equal(c.daemon.n_calls, 0);
}

static void test_denied(Harness *h)
{
        static const char *const verbs[] = { "stop", "start", "reload" };
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.error = SD_BUS_ERROR_ACCESS_DENIED;
        c.daemon.error_message = "Sender is not authorized";
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                assert_int_equal(ctl_run(&c, verbs[i], NULL), 3);
                ctl_assert_contains(c.err, "denied");
                ctl_assert_contains(c.err, "`sudo usermod -aG cardiod $USER`, then log in again");
        }
}

static void test_errors(Harness *h)
{
        static const struct {
                const char *name;
                int status;
        } cases[] = {
                { CARDIO_ERROR_INVALID_ARGUMENT, 2 },
                { CARDIO_ERROR_NO_SUCH_SESSION, 4 },
                { CARDIO_ERROR_NOT_RECORDING, 1 },
                { CARDIO_ERROR_ALREADY_RECORDING, 1 },
                { CARDIO_ERROR_NO_SENSOR, 4 },
                { CARDIO_ERROR_NO_SUCH_ENTRY, 4 },
                { CARDIO_ERROR_BUSY, 1 },
                { CARDIO_ERROR_STORAGE, 1 },
                { CARDIO_ERROR_CONFIGURATION, 1 },
                { SD_BUS_ERROR_SERVICE_UNKNOWN, 3 },
                { SD_BUS_ERROR_NO_REPLY, 3 },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.error_message = "what it said\033[31m";
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                c.daemon.error = cases[i].name;
                assert_int_equal(ctl_run(&c, "stop", NULL), cases[i].status);
                /* What is left of the escape is "?", or, by sd-bus of systemd 262, "\x1b". */
                if (cases[i].status != 3) {
                        ctl_assert_contains(c.err, "cardioctl: what it said");
                        ctl_assert_contains(c.err, "[31m\n");
                }
                assert_null(strchr(c.err, '\033'));
                assert_string_equal(c.out, "");
        }
}

static void test_status(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.provisional = true;
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        /* Below it what is in the way, which is tested with the real daemon. */
        assert_non_null(strstr(c.out, "Warning  "));
        *strstr(c.out, "Warning  ") = '\0';
        assert_string_equal(c.out,
                        "Strap       Polar H10, live, battery 80 %\n"
                        "Heart rate  152 bpm, smoothed 150, zone 2, 5 over the ceiling\n"
                        "Session     43, base, recording since 06:31 (12 min 34 s), over for 1 min 5 s in 1 breach\n"
                        "Ceiling     146 bpm (65%hrr, from the configuration)\n"
                        "Runner      resting 50 (provisional: fewer than seven mornings), maximum 197\n");

        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.recording"), "1");
        assert_string_equal(ctl_json(&c, "$.session"), "43");
        assert_string_equal(ctl_json(&c, "$.ceiling"), "145.55");
        assert_string_equal(ctl_json(&c, "$.ceiling_expression"), "65%hrr");
        assert_string_equal(ctl_json(&c, "$.resting_heart_rate"), "50");
        assert_string_equal(ctl_json(&c, "$.resting_provisional"), "1");
        assert_string_equal(ctl_json(&c, "$.sensors[0].address"), "A0:9E:1A:12:34:56");
        assert_string_equal(ctl_json(&c, "$.sensors[0].smoothed_heart_rate"), "150.5");
        assert_string_equal(ctl_json(&c, "$.sensors[0].battery_percentage"), "80");
        assert_null(ctl_json(&c, "$.sensors[1]"));
}

static void test_status_idle(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.recording = false;
        c.daemon.session = 0;
        c.daemon.ceiling = 0;
        c.daemon.ceiling_expression = "off";
        c.daemon.ceiling_reason = CARDIO_CEILING_BY_COMMAND;
        c.daemon.snoozed_until =
                        UINT64_MAX; /* no clock can show it: printed without a time rather than a wrong one */
        c.daemon.sensor_state = "absent";
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Polar H10, absent");
        ctl_assert_contains(c.out, "Session     none is being recorded\n");
        ctl_assert_contains(c.out, "Ceiling     none (off, set by command)\n");
        assert_null(strstr(c.out, "Heart rate "));

        c.daemon.sensor_name = NULL;
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Strap       none known");
        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.sensors"), "[]");
}

/* Why waiting for a run is in vain: what `doctor` would name, a line each. */
static void test_status_troubles(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "\nTrouble     BlueZ, the Bluetooth service, is not running\n");
        assert_null(strstr(c.out, "cardio-notify")); /* without a desktop there is none */
        ctl_assert_contains(c.out, "\n            `cardioctl doctor` says what to do\n");
        assert_true(sd_bus_request_name(harness_bus(h, BUS_SESSION), "org.freedesktop.Notifications", 0) >=
                        0);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out,
                        "\nWarning     cardio-notify is not running, and nothing will say that you are too fast\n");
        (void)ctl_database(h, "");
        c.daemon.database_path = harness_path(h, CTL_DATABASE);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "is not written"));
        assert_null(strstr(c.out, "is whole"));
        c.daemon.waiting = 34;
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out,
                        "cardiod.db is not written, and nobody is seen to hold a lock on it: 34 entries wait\n");
        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.waiting"), "34");
        assert_string_equal(ctl_json(&c, "$.bluetooth"), "on");
        ctl_assert_contains(ctl_json(&c, "$.troubles"), "\"check\":\"bluez\"");
        ctl_assert_contains(
                        ctl_json(&c, "$.troubles"), "\"advice\":\"`sudo systemctl enable --now bluetooth`");
}

static void test_status_workout(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.workout = "fartlek";
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "\nWorkout     fartlek\n");
        c.daemon.workout_step = "hard";
        c.daemon.workout_step_number[0] = 4;
        c.daemon.workout_step_number[1] = 11;
        c.daemon.workout_step_ends = ((uint64_t)time(NULL) + 3600) * 1000000;
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "\nWorkout     fartlek, hard, 4 of 11, ");
        assert_true(strstr(c.out, ", 1 h left\n") || strstr(c.out, ", 59 min"));
        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.workout_step"), "hard");
        assert_string_equal(ctl_json(&c, "$.workout_step_number"), "[4,11]");
}

/* A name from the air has no effect on the terminal, and is unchanged in JSON. */
static void test_status_hostile_name(Harness *h)
{
        static const char name[] = "A\033[2J\r\nB\302\233C\342\200\256D\303\251";
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.sensor_name = name;
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Strap       A?[2J??B?C?D\303\251, live");

        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_null(strchr(c.out, '\033'));
        assert_null(strstr(c.out, "\302\233"));
        assert_null(strstr(c.out, "\342\200\256"));
        assert_string_equal(ctl_json(&c, "$.sensors[0].name"), name);
}

static void test_session_commands(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "start", NULL), 0);
        assert_string_equal(c.out, "Recording session 43. `cardioctl stop` ends it.\n"
                                   "Ceiling     146 bpm (65%hrr, from the configuration)\n");
        assert_int_equal(ctl_run(&c, "start", "long", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.session"), "43");
        assert_int_equal(ctl_run(&c, "stop", NULL), 0);
        assert_string_equal(c.out, "Session 43 has ended. `cardioctl show 43` tells how it went.\n");
        assert_int_equal(ctl_run(&c, "reload", NULL), 0);
        assert_string_equal(c.out, "");

        assert_int_equal(c.daemon.n_calls, 5);
        assert_string_equal(c.daemon.call[0], "StartSession");
        assert_string_equal(c.daemon.call[1], "StartSession long");
        assert_string_equal(c.daemon.call[2], "StopSession");
        assert_string_equal(c.daemon.call[3], "GetSession 43");
        assert_string_equal(c.daemon.call[4], "Reload");
}

static void test_ceiling(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "ceiling", NULL), 0);
        assert_string_equal(c.out, "146 bpm (65%hrr, from the configuration)\n");
        assert_int_equal(c.daemon.n_calls, 0);
        assert_int_equal(ctl_run(&c, "ceiling", "150", NULL), 0);
        assert_string_equal(c.out, "150 bpm (150, set by command)\n");
        assert_int_equal(ctl_run(&c, "ceiling", "default", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.ceiling_reason"), "set by command");
        assert_string_equal(c.daemon.call[0], "SetCeiling 150");
        assert_string_equal(c.daemon.call[1], "SetCeiling");
}

static void test_snooze(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "snooze", "10min", NULL), 0);
        ctl_assert_contains(c.out, "Alerts are snoozed until ");
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Alerts      snoozed until ");
        assert_int_equal(ctl_run(&c, "snooze", "1500ms", "--json", NULL), 0);
        assert_non_null(ctl_json(&c, "$.snoozed_until"));
        assert_int_equal(ctl_run(&c, "snooze", "0", NULL), 0);
        assert_string_equal(c.out, "Alerts are on.\n");

        assert_string_equal(c.daemon.call[0], "Snooze 600");
        assert_string_equal(c.daemon.call[c.daemon.n_calls - 2], "Snooze 2");
        assert_string_equal(c.daemon.call[c.daemon.n_calls - 1], "Snooze 0");
}

static void test_delete(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        ctl_daemon(&c, BUS_SYSTEM);
        c.input = "";
        assert_int_equal(ctl_run(&c, "delete", "12", NULL), 1);
        ctl_assert_contains(c.out,
                        "Session 12 of 2026-05-12, 06:31, 12 min 34 s long, will be gone for good. "
                        "Delete it? [y/N]");
        ctl_assert_contains(c.err, "session 12 is kept");
        c.input = "n";
        assert_int_equal(ctl_run(&c, "delete", "12", NULL), 1);
        assert_int_equal(c.daemon.n_calls, 2);

        c.input = "y";
        assert_int_equal(ctl_run(&c, "delete", "12", NULL), 0);
        assert_string_equal(c.daemon.call[3], "DeleteSession 12");
        c.input = NULL;
        assert_int_equal(ctl_run(&c, "delete", "--yes", "12", NULL), 0);
        assert_string_equal(c.daemon.call[4], "DeleteSession 12");

        (void)ctl_database(h, "INSERT INTO session (id, source, started_at, ended_at) "
                              "VALUES (7, 'strap', 2000, 3000), (8, 'import', 1000, 1500)");
        assert_int_equal(ctl_run(&c, "delete", "-y", "last", NULL), 0);
        /* Nobody has seen which one that is. */
        assert_string_equal(c.daemon.call[5], "GetSession 7");
        assert_string_equal(c.daemon.call[6], "DeleteSession 7");
        assert_string_equal(c.out, "Session 7 of 2026-05-12, 06:31, 12 min 34 s long, is gone for good.\n");
        c.daemon.n_calls = 0;
        assert_int_equal(ctl_run(&c, "delete", "-y", "1970-01-01", NULL), 2);
        ctl_assert_contains(c.err, "there are 2 sessions on 1970-01-01, say which: 7 (00:00, 1 s), 8 (");
        assert_int_equal(ctl_run(&c, "delete", "-y", "1970-01-02", NULL), 4);
        assert_int_equal(c.daemon.n_calls, 0);

        c.daemon.error = CARDIO_ERROR_NO_SUCH_SESSION;
        c.daemon.error_message = "There is no session 99";
        assert_int_equal(ctl_run(&c, "delete", "99", NULL), 4);
}

/* The second answer is left for whoever asks the second question. */
static void test_delete_two(Harness *h)
{
        static const char *const argv[] = { "sh", "-c",
                BUILD "/cardioctl delete 12; " BUILD "/cardioctl delete 13", NULL };
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        ctl_daemon(&c, BUS_SYSTEM);
        child = harness_spawn(h, "two", false, argv);
        harness_child_write(h, child, "n\ny");
        assert_int_equal(harness_child_end(h, child, 0), 0);
        assert_int_equal(c.daemon.n_calls, 3);
        assert_string_equal(c.daemon.call[0], "GetSession 12");
        assert_string_equal(c.daemon.call[1], "GetSession 13");
        assert_string_equal(c.daemon.call[2], "DeleteSession 13");
}

/* Every verb, option and example in the help works. */
static void test_help_is_true(Harness *h)
{
        static const struct {
                const char *verb;
                const char *there[4], *not_there[3];
        } cases[] = {
                { "status", { "--json", "--user" }, { "--database" } },
                { "reload", { "--user" }, { "--database", "--json" } },
                { "sessions", { "--database", "KIND is rest, cross-training, recovery, base, long, hard or\nrace" },
                                {} },
                { "today", { "tomorrow" }, { "--database" } },
                { "race", { "tomorrow", "--database" }, {} },
                { "add", { "yesterday", "recovery" }, { "tomorrow", "--database" } },
                { "log", { "yesterday", "recovery" }, { "tomorrow", "--database" } },
                { "rest", { "yesterday", "--database" }, { "tomorrow" } },
                { "ceiling", { "auto", "default", "off" }, { "--database" } },
                { "start", { "recovery" }, { "--database" } },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(ctl_run(&c, "help", cases[i].verb, NULL), 0);
                for (size_t k = 0; k < ELEMENTSOF(cases[i].there) && cases[i].there[k]; k++)
                        ctl_assert_contains(c.out, cases[i].there[k]);
                for (size_t k = 0; k < ELEMENTSOF(cases[i].not_there) && cases[i].not_there[k]; k++)
                        if (strstr(c.out, cases[i].not_there[k]))
                                fail_msg("%s is offered:\n%s", cases[i].not_there[k], c.out);
                /* as wide as any terminal */
                for (char *rest = c.out, *line; (line = strsep(&rest, "\n"));)
                        if (strlen(line) > 80)
                                fail_msg("too long: %s", line);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_wrong_usage),
                harness_test(test_help_is_true),
                harness_test(test_help),
                harness_test(test_no_daemon),
                harness_test(test_no_bus),
                harness_test(test_session_bus),
                harness_test(test_system_bus),
                harness_test(test_stranger),
                harness_test(test_denied),
                harness_test(test_errors),
                harness_test(test_status),
                harness_test(test_status_idle),
                harness_test(test_status_troubles),
                harness_test(test_status_workout),
                harness_test(test_status_hostile_name),
                harness_test(test_session_commands),
                harness_test(test_ceiling),
                harness_test(test_snooze),
                harness_test(test_delete),
                harness_test(test_delete_two),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
