/* SPDX-License-Identifier: MIT */

/* The configuration as the runner meets it: what cardiod prints about it, what it refuses, and reloading it. What each key
 * accepts is tested with the module itself. */

#include "run-fixture.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SESSION                                                                                           \
        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\nend-after = 1s\ncool-down = 0s\n" \
        "min-duration = 0s\n"
#define CONFIG RUN_BASE SESSION

/* Runs cardiod to its end. */
#define cardiod(h, out, err, ...) harness_command(h, out, err, "cardiod", __VA_ARGS__)

static void assert_matches(const char *text, const char *pattern)
{
        if (fnmatch(pattern, text, 0) != 0)
                fail_msg("expected \"%s\", found:\n%s", pattern, text);
}

static char *check_config(Harness *h, const char *config)
{
        _cleanup_free_ char *err = NULL;
        char *out;

        harness_write_file(h, "cardiod.conf", config);
        assert_int_equal(
                        cardiod(h, &out, &err, "--check-config", "--config", harness_path(h, "cardiod.conf")),
                        0);
        /* There may be warnings, but nothing else. */
        for (const char *line = err; *line; line = strchr(line, '\n') + 1)
                assert_int_equal(strncmp(line, "Warning: ", strlen("Warning: ")), 0);
        return out;
}

static void test_check_config(Harness *h)
{
        _cleanup_free_ char *plain = check_config(h, ""), *changed = NULL, *again = NULL, *shipped = NULL;

        run_assert_contains(plain, "[ceiling]\nceiling = 65%hrr\ntolerance = 2\nhold = 10s\nclear = 15s\n");
        run_assert_contains(plain, "[sensor]\naddress = any\nstale-after = auto\n");
        run_assert_contains(plain, "[session]\nstart-above = 30%hrr\nstart-after = 20s\n");
        run_assert_contains(plain, "[storage]\ncommit-interval = 5s\nsync-interval = 1min\n");
        changed = check_config(h, CONFIG "[sensor]\naddress = " STRAP
                                         "\n[zones]\nmodel = custom\nbounds = 100 120.5 140\n");
        run_assert_contains(changed, "age = 23\n");
        run_assert_contains(changed, "bounds = 100 120.5 140\n");
        run_assert_contains(changed, "address = " STRAP "\n");
        run_assert_contains(changed, "commit-interval = 200ms\n");
        /* What it prints is a configuration. */
        again = check_config(h, changed);
        assert_string_equal(again, changed);

        /* It touches nothing. */
        assert_int_equal(access(harness_path(h, "cardiod.db"), F_OK), -1);
        /* The file that is shipped has only default values. */
        assert_int_equal(cardiod(h, &shipped, NULL, "--check-config", "--config", "conf/cardiod.conf"), 0);
        assert_string_equal(shipped, plain);
}

#define NINETY "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

static const struct {
        const char *config;
        const char *place, *accepted;
} refused[] = {
        { "[runner]\n[celing]\n", ":2: unknown section [[]celing] (did you mean [[]ceiling][?]); accepted: *",
                        "[runner], [ceiling]" },
        { "[ceiling]\n\nhoold = 5s\n", ":3: hoold: unknown key in *", "hold, clear" },
        { "[ceiling]\nhold = 5s\nclear = 1s\nhold = 6s\n", ":4: hold: set twice, first on line 2; *",
                        "once" },
        { "[runner]\nage = " NINETY NINETY NINETY "\n", ":2: the line is too long; *", "at most" },
        { "[ceiling]\nhold = 5 parsecs\n", ":2: hold: \"5 parsecs\" is not understood; *",
                        "500ms, 10s, 2min, 1h" },
        { "[ceiling]\nhold = 5\n", ":2: hold: \"5\" *", "10s" },
        { "[runner]\nage = 4\n", ":2: age: \"4\" is out of range; *", "5 to 120" },
        { "[ceiling]\nceiling = 101%hrr\n", ":2: ceiling: \"101%hrr\" *", "1 to 100" },
        { "[coach]\nbase-ceiling = auto\n", ":2: base-ceiling: \"auto\" *", "1 to 100" },
        { "[ceiling]\nceiling = 90%lthr\n", ":2: ceiling: \"90%lthr\" needs lactate-threshold*",
                        "lactate-threshold set" },
        { "[zones]\nbounds = 50 60 60\n", ":2: bounds: \"50 60 60\" *", "rising" },
        { "[zones]\nmodel = custom\n", ":2: model: \"custom\" needs bounds*", "bpm" },
        { "[sensor]\naddress = C0:FF:EE\n", ":2: address: \"C0:FF:EE\" is not understood; *", "any" },
        { "[runner]\nresting-heart-rate = 110\nmax-heart-rate = 100\n", ":2: resting-heart-rate: *",
                        "below the maximum" },
        { "[runner]\nage = 40\nborn = 1986\n", ":3: born: age is set too, on line 2; *",
                        "one of age and born" },
        { "[runner]\nage\n", ":2: not understood; *", "KEY = VALUE" },
        { "age = 40\n", ":1: age: before any section; *", "[SECTION]" },
        { "[session]\nend-after = 1s\ncool-down = 2s\n", ":3: cool-down: *", "at most as long" },
};

static void test_config_refused(Harness *h)
{
        const char *path = harness_path(h, "cardiod.conf");

        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                _cleanup_free_ char *pattern = NULL, *out = NULL, *err = NULL, *started = NULL;

                assert_true(asprintf(&pattern, "%s%s\n", path, refused[i].place) >= 0);
                harness_write_file(h, "cardiod.conf", refused[i].config);
                assert_int_equal(cardiod(h, &out, &err, "--check-config", "--config", path), 1);
                assert_string_equal(out, "");
                assert_matches(err, pattern);
                run_assert_contains(err, refused[i].accepted);
                /* One line, and the daemon logs the same. */
                assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
                assert_int_equal(harness_daemon_refuse(h, refused[i].config, DAEMON_SYSTEM, &started), 1);
                assert_string_equal(started, err);
        }
        assert_int_equal(access(harness_path(h, "cardiod.db"), F_OK), -1);
}

#define MANY                                                                                        \
        "[runner]\nage = x\nsexx = male\n[celing]\nhold = 5s\n[ceiling]\nhold = 5 parsecs\nclear\n" \
        "ceiling = 90%lthr\n"

/* All mistakes at once: to whoever checks or starts it, a line for each. */
static void test_all_mistakes(Harness *h)
{
        static const char *const expected[] = {
                ":2: age: \"x\" is not understood; accepted: 5 to 120 years",
                ":3: sexx: unknown key in [[]runner] (did you mean `sex`[?]); accepted: *",
                ":4: unknown section [[]celing] (did you mean [[]ceiling][?]); accepted: *",
                ":7: hold: \"5 parsecs\" is not understood; accepted: *",
                ":8: not understood; accepted: *",
        };
        const char *path = harness_path(h, "cardiod.conf");
        _cleanup_free_ char *out = NULL, *err = NULL, *started = NULL;
        char *save = NULL, *line;
        size_t n = 0;

        harness_write_file(h, "cardiod.conf", MANY);
        assert_int_equal(cardiod(h, &out, &err, "--check-config", "--config", path), 1);
        assert_string_equal(out, "");
        assert_int_equal(harness_daemon_refuse(h, MANY, DAEMON_SYSTEM, &started), 1);
        assert_string_equal(started, err);
        for (line = strtok_r(err, "\n", &save); line; line = strtok_r(NULL, "\n", &save), n++) {
                assert_true(n < ELEMENTSOF(expected));
                assert_int_equal(strncmp(line, path, strlen(path)), 0);
                assert_matches(line + strlen(path), expected[n]);
        }
        assert_int_equal(n, ELEMENTSOF(expected));

        /* A reload names the first, and how many more there are. */
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        harness_write_file(h, "cardiod.conf", MANY);
        run_refused(h, CARDIO_ERROR_CONFIGURATION,
                        "*/cardiod.conf:2: age: \"x\" is not understood; accepted: 5 to 120 years; "
                        "and 4 more mistakes, which `cardiod --check-config` lists",
                        "Reload", NULL);
}

/* -- What is allowed, but hardly meant ------------------------------------------------------------------- */

#define THIRTY "`ceiling = 30` means 30 bpm: did you mean `30%hrr`?"
#define AGE                                                                                                                    \
        "nobody has said how old you are, so that 40 is assumed: `cardioctl setup` asks, or set `age` or `born` in [runner], " \
        "or `max-heart-rate` if you know yours"
#define SENSIBLE "[runner]\nage = 23\nresting-heart-rate = 50\n"

static void wait_warnings(Harness *h, const char *expected)
{
        run_wait_manager(h, "Warnings", expected);
}

static void test_warnings(Harness *h)
{
        const char *path = harness_path(h, "cardiod.conf");
        _cleanup_free_ char *out = NULL, *err = NULL;
        Child *daemon;

        harness_write_file(h, "cardiod.conf", "[runner]\nresting-heart-rate = 60\n[ceiling]\nceiling = 30\n");
        assert_int_equal(cardiod(h, &out, &err, "--check-config", "--config", path), 0);
        assert_string_equal(err, "Warning: " AGE "\nWarning: " THIRTY "\n");
        run_assert_contains(out, "ceiling = 30\n");

        /* In the log at the start, and on the bus. */
        harness_daemon_start(
                        h, "[runner]\nresting-heart-rate = 60\n[ceiling]\nceiling = 30\n", DAEMON_SYSTEM);
        daemon = harness_daemon(h);
        harness_wait_output(h, daemon, true,
                        "*Configuration: nobody has said how old you are, so that 40 is assumed: *",
                        HARNESS_TIMEOUT);
        harness_wait_output(h, daemon, true, "*Configuration: `ceiling = 30` means 30 bpm*", HARNESS_TIMEOUT);
        wait_warnings(h, AGE " " THIRTY);

        /* They go when they are corrected, and that is announced. */
        harness_clear_signals(h);
        harness_write_file(h, "cardiod.conf", SENSIBLE "[ceiling]\nceiling = 30\n");
        run_command(h, "Reload", NULL);
        wait_warnings(h, THIRTY);
        harness_write_file(h, "cardiod.conf", SENSIBLE);
        run_command(h, "Reload", NULL);
        wait_warnings(h, "");
        assert_true(harness_count_signals(h, "org.freedesktop.DBus.Properties", "PropertiesChanged") >= 1);
}

static void test_config_missing(Harness *h)
{
        _cleanup_free_ char *err = NULL, *out = NULL;

        assert_int_equal(cardiod(h, NULL, &err, "--check-config", "--config", harness_path(h, "none.conf")),
                        1);
        assert_matches(err, "*none.conf: cannot be read: No such file or directory\n");
        /* Unless it is named it need not exist. */
        assert_int_equal(cardiod(h, &out, NULL, "--user", "--check-config"), 0);
        run_assert_contains(out, "ceiling = 65%hrr\n");
}

static void test_dropins(Harness *h)
{
        _cleanup_free_ char *out = NULL, *err = NULL;

        assert_int_equal(mkdir(harness_path(h, "cardiod.conf.d"), 0755), 0);
        harness_write_file(h, "cardiod.conf.d/20-b.conf", "[ceiling]\nhold = 3s\n[runner]\nage = 30\n");
        harness_write_file(h, "cardiod.conf.d/10-a.conf", "[ceiling]\nhold = 2s\ntolerance = 4\n");
        harness_write_file(h, "cardiod.conf.d/30-c.conf~", "not for us");
        harness_write_file(h, "cardiod.conf.d/README", "nor is this");
        out = check_config(h, "[ceiling]\nhold = 1s\ntolerance = 3\nclear = 7s\n");
        run_assert_contains(out, "tolerance = 4\nhold = 3s\nclear = 7s\n");
        run_assert_contains(out, "age = 30\n");

        harness_write_file(h, "cardiod.conf.d/15-x.conf", "[ceiling]\n\n\ntolerance = much\n");
        assert_int_equal(
                        cardiod(h, NULL, &err, "--check-config", "--config", harness_path(h, "cardiod.conf")),
                        1);
        assert_matches(err, "*/cardiod.conf.d/15-x.conf:4: tolerance: \"much\" *");
}

/* -- Reading it again ------------------------------------------------------------------------------------ */

#define BAD "[runner]\nage = 23\nresting-heart-rate = 50\n[ceiling]\nceiling = 140\nhold = soon\n"

static void test_reload(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait(h, "SessionStarted");
        harness_clear_signals(h);

        /* A bad one changes nothing, and says where. */
        harness_write_file(h, "cardiod.conf", BAD);
        run_refused(h, CARDIO_ERROR_CONFIGURATION,
                        "*/cardiod.conf:6: hold: \"soon\" is not understood; accepted: *", "Reload", NULL);
        harness_wait_output(h, harness_daemon(h), true,
                        "*/cardiod.conf:6: hold: \"soon\" *going on with the configuration before",
                        HARNESS_TIMEOUT);
        run_wait_manager(h, "Ceiling", "145.55");
        assert_int_equal(harness_count_signals(h, "org.freedesktop.DBus.Properties", "PropertiesChanged"), 0);
        assert_int_equal(unlink(harness_path(h, "cardiod.conf")), 0);
        run_refused(h, CARDIO_ERROR_CONFIGURATION, "*cardiod.conf: cannot be read: *", "Reload", NULL);

        /* A good one counts at once, in one announcement. */
        harness_write_file(h, "cardiod.conf",
                        SESSION "[runner]\nage = 30\nresting-heart-rate = 55.5\n[ceiling]\nceiling = 80%max\n"
                                "tolerance = 3\n");
        run_command(h, "Reload", NULL);
        run_expect_changed(h, CARDIO_OBJECT,
                        "Ceiling 152 CeilingExpression 80%max RestingHeartRate 55.5 MaximumHeartRate 190");
        harness_wait_output(h, harness_daemon(h), true, "Configuration read again", HARNESS_TIMEOUT);
        run_wait_manager(h, "Session", "1");
        run_heart_rate(h, 121);
        /* The session keeps its tolerance; what follows has the new one. */
        run_wait_manager(h, "Tolerance", "2");
        run_call(h, "StopSession", NULL);
        run_wait_manager(h, "Tolerance", "3");
        run_wait_manager(h, "WaitsForRest", "false"); /* no heart rate for end-after is rest, too */
        assert_int_equal(
                        run_int(h, "SELECT count(*) FROM event WHERE type = 'ceiling' AND value = 152 AND detail = '80%%max'"),
                        1);
        /* What was so at the start stays so in the row. */
        assert_int_equal(
                        run_int(h, "SELECT resting_hr = 50 AND max_hr = 197 AND abs(ceiling - 145.55) < 1e-9 FROM session"),
                        1);

        /* What a command has set stands above the configuration. */
        run_command(h, "SetCeiling", "s", "131");
        harness_write_file(h, "cardiod.conf", "[ceiling]\nceiling = 150\n");
        run_command(h, "Reload", NULL);
        run_wait_manager(h, "Ceiling", "131");
        run_wait_manager(h, "CeilingReason", "set by command");
        run_command(h, "SetCeiling", "s", "");
        run_wait_manager(h, "Ceiling", "150");
}

static void test_hangup(Harness *h)
{
        Child *daemon;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        daemon = harness_daemon(h);
        run_wait_manager(h, "Bluetooth", CARDIO_BLUETOOTH_NO_BLUEZ);
        harness_clear_signals(h);
        harness_write_file(h, "cardiod.conf", BAD);
        (void)kill(harness_child_pid(daemon), SIGHUP);
        harness_wait_output(h, daemon, true, "*cardiod.conf:6: hold: *going on with the configuration before",
                        HARNESS_TIMEOUT);
        run_wait_manager(h, "Ceiling", "145.55");
        harness_write_file(h, "cardiod.conf",
                        "[runner]\nage = 23\nresting-heart-rate = 50\n[ceiling]\nceiling = 140\n");
        (void)kill(harness_child_pid(daemon), SIGHUP);
        run_expect_changed(h, CARDIO_OBJECT, "Ceiling 140 CeilingExpression 140 Warnings");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_check_config),
                harness_test(test_config_refused),
                harness_test(test_all_mistakes),
                harness_test(test_warnings),
                harness_test(test_config_missing),
                harness_test(test_dropins),
                harness_test(test_reload),
                harness_test(test_hangup),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
