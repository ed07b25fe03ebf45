/* SPDX-License-Identifier: MIT */

/* cardiod as a process: its command line, its files, what it notifies systemd of and logs, and when it refuses to run. */

#include "systemd-fixture.h"

#include <signal.h>
#include <sqlite3.h>
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

/* -- The command line ------------------------------------------------------------------------------------ */

static void test_options(Harness *h)
{
        static const char *const wrong[][2] = { { "--bogus", NULL }, { "-v", NULL }, { "start", NULL },
                { "--config", NULL }, { "--database", NULL }, { "--user=yes", NULL },
                { "--check-config", "x" }, { "--", "x" } };
        char *out, *err;

        assert_int_equal(cardiod(h, &out, &err, "--version"), 0);
        assert_string_equal(out, "cardiod " CARDIO_VERSION "\n");
        assert_string_equal(err, "");
        free(out);
        free(err);
        assert_int_equal(cardiod(h, &out, &err, "--help"), 0);
        run_assert_contains(out, "--check-config");
        run_assert_contains(out, "--database FILE");
        run_assert_contains(out, "--config FILE");
        run_assert_contains(out, "--user");
        assert_string_equal(err, "");
        free(out);
        free(err);
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                assert_int_equal(cardiod(h, &out, &err, wrong[i][0], wrong[i][1]), 2);
                assert_string_equal(out, "");
                run_assert_contains(err, "cardiod --help");
                free(out);
                free(err);
        }
}

/* -- Refusing to run ------------------------------------------------------------------------------------- */

static void test_second_on_bus(Harness *h)
{
        _cleanup_free_ char *err = NULL, *expected = NULL;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        assert_int_equal(cardiod(h, NULL, &err, "--config", harness_path(h, "cardiod.conf"), "--database",
                                         harness_path(h, "other.db")),
                        1);
        assert_true(asprintf(&expected, "Another cardiod (process %d) already serves the system bus\n",
                                    harness_child_pid(harness_daemon(h))) >= 0);
        assert_string_equal(err, expected);
        /* It has left nothing behind. */
        assert_int_equal(access(harness_path(h, "other.db"), F_OK), -1);
        assert_int_equal(access(harness_path(h, "other.db.lock"), F_OK), -1);
        run_wait_manager(h, "Recording", "false");
}

static void test_second_on_database(Harness *h)
{
        _cleanup_free_ char *err = NULL, *expected = NULL;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        assert_int_equal(cardiod(h, NULL, &err, "--user", "--config", harness_path(h, "cardiod.conf"),
                                         "--database", harness_path(h, "cardiod.db")),
                        1);
        assert_true(asprintf(&expected, "%s: another cardiod is using it, process %d\n",
                                    harness_path(h, "cardiod.db"),
                                    harness_child_pid(harness_daemon(h))) >= 0);
        assert_string_equal(err, expected);
        run_heart_rate(h, 121);
        run_wait_int(h, 2, "SELECT count(*) FROM sample");
}

/* To be freed. */
static char *file_bytes(Harness *h, const char *name, size_t *ret_size)
{
        FILE *f = fopen(harness_path(h, name), "re");
        char *bytes = malloc(1 << 20);

        assert_non_null(f);
        assert_non_null(bytes);
        *ret_size = fread(bytes, 1, 1 << 20, f);
        fclose(f);
        return bytes;
}

static void refuse_database(Harness *h, const char *reason)
{
        _cleanup_free_ char *before = NULL, *after = NULL, *err = NULL;
        size_t before_size, after_size;

        before = file_bytes(h, "cardiod.db", &before_size);
        assert_int_equal(harness_daemon_refuse(h, CONFIG, DAEMON_SYSTEM, &err), 1);
        run_assert_contains(err, harness_path(h, "cardiod.db"));
        run_assert_contains(err, reason);
        assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
        after = file_bytes(h, "cardiod.db", &after_size);
        assert_int_equal(before_size, after_size);
        assert_memory_equal(before, after, after_size);
        assert_int_equal(access(harness_path(h, "cardiod.db-wal"), F_OK), -1);
}

static void make_database(Harness *h, const char *sql)
{
        sqlite3 *db;

        (void)unlink(harness_path(h, "cardiod.db"));
        assert_int_equal(sqlite3_open(harness_path(h, "cardiod.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
}

static void test_foreign_database(Harness *h)
{
        make_database(h, "PRAGMA application_id = 0x12345678; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
        refuse_database(h, "another program");
        make_database(h, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
        refuse_database(h, "left alone");
        make_database(h,
                        "PRAGMA application_id = 0x63617264; PRAGMA user_version = 1000; CREATE TABLE session (id)");
        refuse_database(h, "newer");
        harness_write_file(h, "cardiod.db", "Dear diary, today I ran.\n");
        refuse_database(h, "not an SQLite database");
}

static void test_no_bus(Harness *h)
{
        _cleanup_free_ char *err = NULL;

        (void)setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1);
        assert_int_equal(harness_daemon_refuse(h, CONFIG, DAEMON_SYSTEM, &err), 1);
        assert_string_equal(err, "Cannot connect to the system bus: No such file or directory\n");
}

/* -- The loss of a bus ----------------------------------------------------------------------------------- */

static void lose_bus(Harness *h, BusKind kind, const char *said)
{
        Child *daemon = harness_daemon(h);

        harness_bus_stop(h, kind);
        assert_int_equal(harness_daemon_stop(h, 0), 1);
        harness_wait_output(h, daemon, true, said, HARNESS_TIMEOUT);
}

static void test_system_bus_lost(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_heart_rate(h, 121);
        lose_bus(h, BUS_SYSTEM, "The system bus is gone: stopping, to be started again");
        /* What it had is on the disk, and goes on when it is started again. */
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 2);
        assert_int_equal(run_int(h, "SELECT ended_at IS NOT NULL FROM session"), 1);
}

static void test_session_bus_lost(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_USER);
        lose_bus(h, BUS_SESSION, "The session bus is gone: stopping, to be started again");
        harness_bus_start(h, BUS_SESSION);
        harness_daemon_start(h, CONFIG, DAEMON_USER);
}

static void test_user_system_bus_lost(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_USER);
        lose_bus(h, BUS_SYSTEM, "The system bus is gone: stopping, to be started again");
}

/* -- In the runner's own session ------------------------------------------------------------------------- */

static bool session_bus_has_name(Harness *h, void *userdata _unused_)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;

        return sd_bus_get_name_creds(harness_bus(h, BUS_SESSION), CARDIO_BUS_NAME, 0, &creds) >= 0;
}

static void expect_mode(Harness *h, const char *name, mode_t mode)
{
        struct stat st;

        assert_int_equal(stat(harness_path(h, name), &st), 0);
        if ((st.st_mode & 0777) != mode)
                harness_fail(h, "%s has the mode %o, expected %o", name, st.st_mode & 0777, mode);
}

static void test_user(Harness *h)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_free_ char *path = NULL, *expression = NULL;
        Child *daemon;

        assert_int_equal(mkdir(harness_path(h, "config"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "config/cardiod"), 0755), 0);
        harness_write_file(h, "config/cardiod/cardiod.conf", CONFIG "[ceiling]\nceiling = 137\n");
        (void)umask(0);
        daemon = harness_program_start(h, "cardiod", "--user");
        if (!harness_wait(h, session_bus_has_name, NULL, 2 * HARNESS_TIMEOUT))
                harness_fail(h, "it does not own its name on the session bus");
        /* There and nowhere else, but BlueZ is on the system bus. */
        assert_true(sd_bus_get_name_creds(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME, 0, &creds) < 0);
        assert_true(sd_bus_get_property_string(harness_bus(h, BUS_SESSION), CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, "DatabasePath", &error, &path) >= 0);
        assert_string_equal(path, harness_path(h, "state/cardiod/cardiod.db"));
        assert_true(sd_bus_get_property_string(harness_bus(h, BUS_SESSION), CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, "CeilingExpression", &error, &expression) >= 0);
        assert_string_equal(expression, "137");
        expect_mode(h, "state/cardiod", 0700);
        expect_mode(h, "state/cardiod/cardiod.db", 0600);
        expect_mode(h, "state/cardiod/cardiod.db-wal", 0600);
        expect_mode(h, "state/cardiod/cardiod.db-shm", 0600);

        run_strap(h, STRAP);
        for (unsigned i = 0; i < 3; i++)
                harness_standin(h, "hr " STRAP " %u", 120 + i);
        assert_int_equal(run_wait(h, "SessionStarted").session, 1);
        assert_int_equal(harness_child_end(h, daemon, SIGTERM), 0);
        /* Still there for one who may only read. */
        expect_mode(h, "state/cardiod/cardiod.db-wal", 0600);
}

static void test_user_without_home(Harness *h)
{
        _cleanup_free_ char *program = NULL, *err = NULL;
        const char *build = getenv("BUILD");
        const char *argv[] = { "env", "-u", "HOME", "-u", "XDG_STATE_HOME", "XDG_CONFIG_HOME=relative", NULL,
                "--user", NULL };
        Child *child;

        assert_true(asprintf(&program, "%s/cardiod", build ? build : BUILD) >= 0);
        argv[6] = program;
        child = harness_spawn(h, "cardiod", true, argv);
        assert_int_equal(run_wait_end(h, child), 1);
        err = harness_child_output(h, child, true);
        run_assert_contains(err, "HOME");
        assert_null(strstr(err, "Cannot"));
}

static void test_system_modes(Harness *h)
{
        _cleanup_free_ char *path = NULL;

        (void)umask(0);
        harness_write_file(h, "cardiod.conf", CONFIG);
        /* The second --database counts. */
        harness_daemon_start(h, NULL, DAEMON_SYSTEM, "--database", harness_path(h, "var/cardiod/cardiod.db"));
        path = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "DatabasePath");
        assert_string_equal(path, harness_path(h, "var/cardiod/cardiod.db"));
        expect_mode(h, "var/cardiod", 0750);
        expect_mode(h, "var/cardiod/cardiod.db", 0640);
        expect_mode(h, "var/cardiod/cardiod.db-wal", 0640);
        expect_mode(h, "var/cardiod/cardiod.db-shm", 0640);
}

#define BAD "[runner]\nage = 23\nresting-heart-rate = 50\n[ceiling]\nceiling = 140\nhold = soon\n"

/* -- systemd --------------------------------------------------------------------------------------------- */

static void test_notify(Harness *h)
{
        Systemd n;

        systemd_begin(h, &n);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        systemd_wait(h, &n, "STATUS=Waiting for BlueZ");
        systemd_wait(h, &n, "READY=1");
        run_strap(h, STRAP);
        run_settle(h, 173);
        systemd_wait(h, &n, "STATUS=Strap 01: live, recording session 1");
        for (unsigned i = 0; i < 10; i++)
                run_heart_rate(h, 174 + i);
        systemd_wait(h, &n, "STATUS=Strap 01: live");

        harness_write_file(h, "cardiod.conf", BAD);
        (void)kill(harness_child_pid(harness_daemon(h)), SIGHUP);
        systemd_wait(h, &n, "RELOADING=1\nMONOTONIC_USEC=[0-9]*");
        systemd_wait(h, &n, "READY=1");
        harness_write_file(h, "cardiod.conf", CONFIG);
        run_command(h, "Reload", NULL);
        systemd_wait(h, &n, "RELOADING=1\nMONOTONIC_USEC=[0-9]*");
        systemd_wait(h, &n, "READY=1");

        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        systemd_wait(h, &n, "STOPPING=1");
        /* Never a heart rate, and no watchdog where none was asked for. */
        for (char *save = NULL, *line = strtok_r(n.log, "\n", &save); line;
                        line = strtok_r(NULL, "\n", &save)) {
                assert_null(strstr(line, "WATCHDOG"));
                assert_null(strstr(line, "bpm"));
                if (strncmp(line, "STATUS=", strlen("STATUS=")) == 0)
                        assert_true(!strstr(line, "17") && !strstr(line, "18"));
        }
        systemd_end(&n);
}

static void test_watchdog(Harness *h)
{
        Systemd n;

        systemd_begin(h, &n);
        assert_int_equal(setenv("WATCHDOG_USEC", "200000", 1), 0);
        harness_daemon_start(h, RUN_RUNNER "[storage]\ncommit-interval = 1min\n", DAEMON_SYSTEM);
        for (unsigned i = 0; i < 8; i++)
                systemd_wait(h, &n, "WATCHDOG=1");
        /* What waits for its commit does not stop the watchdog's notifications. */
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        for (unsigned i = 0; i < 8; i++)
                systemd_wait(h, &n, "WATCHDOG=1");
        harness_refute_output(h, harness_daemon(h), true, "*watchdog*");
        systemd_end(&n);
}

/* -- The log --------------------------------------------------------------------------------------------- */

static void test_log(Harness *h)
{
        _cleanup_free_ char *text = NULL;
        Child *daemon;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        daemon = harness_daemon(h);
        harness_standin(h, "adapter add hci0 powered");
        /* A name from the air may not write lines of its own. */
        harness_standin(h, "strap add hci0 " STRAP " \"Evil\\x0aSession 9 with Evil ended\\x1b[2J\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_settle(h, 187);
        harness_wait_output(h, daemon, true, "Evil?Session 9 with Evil ended?[[]2J (" STRAP ") is live",
                        HARNESS_TIMEOUT);
        harness_wait_output(h, daemon, true, "Session 1 with Evil?Session 9 with Evil ended?[[]2J started",
                        HARNESS_TIMEOUT);
        harness_standin(h, "leave " STRAP);
        harness_wait_output(h, daemon, true, "Session 1 with *ended", HARNESS_TIMEOUT);
        harness_wait_output(h, daemon, true, "*(" STRAP ") is absent", 2 * HARNESS_TIMEOUT);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_wait_output(h, daemon, true, "Stopping on Terminated", HARNESS_TIMEOUT);

        text = harness_child_output(h, daemon, true);
        assert_null(strstr(text, "\nSession 9"));
        assert_null(strchr(text, '\x1b'));
        assert_null(strstr(text, "187"));
        assert_null(strstr(text, "188"));
        assert_null(strstr(text, "bpm"));
        assert_null(strstr(text, "Cannot"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_options),
                harness_test(test_second_on_bus),
                harness_test(test_second_on_database),
                harness_test(test_foreign_database),
                harness_test(test_no_bus),
                harness_test(test_system_bus_lost),
                harness_test(test_session_bus_lost),
                harness_test(test_user_system_bus_lost),
                harness_test(test_user),
                harness_test(test_user_without_home),
                harness_test(test_system_modes),
                harness_test(test_notify),
                harness_test(test_watchdog),
                harness_test(test_log),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
