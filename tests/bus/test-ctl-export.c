/* SPDX-License-Identifier: MIT */

/* `export`: which sessions, in which format, to where; and what it refuses. `export --follow`: the runs of the real daemon, each
 * once and whole, whatever starts and stops meanwhile. What is in the files is tested with their formats. */
#include "bluez-fixture.h"
#include "ctl-fixture.h"
#include "shim-fixture.h"

#include <dirent.h>
#include <signal.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>
#include <systemd/sd-id128.h>

/* A base run, one by hand without heart rates, one of a hostile kind, one that is being recorded, one from a file. */
#define SESSION(id, source, kind, ended)                                                                      \
        "INSERT INTO session (id, source, kind, record_kind, started_at, ended_at, utc_offset_s) VALUES (" id \
        ", '" source "', " kind ", 'base', 1778560260000 + " id " * 86400000, " ended ", 7200);"
#define ENDED(id) "1778560260000 + " id " * 86400000 + 9000"
#define SAMPLES(id)                                                                        \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)" \
        " WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 9)"    \
        " SELECT " id ", v * 1000, 120 + v, 120.5, 1, 1, '[500,510]' FROM n;"
#define SESSIONS                                         \
        SESSION("3", "strap", "'base'", ENDED("3"))      \
        SAMPLES("3")                                     \
        SESSION("4", "manual", "'long'", ENDED("4"))     \
        SESSION("5", "strap", "'../../a b'", ENDED("5")) \
        SAMPLES("5")                                     \
        SESSION("6", "import", "NULL", ENDED("6"))       \
        SAMPLES("6") SESSION("7", "strap", "NULL", "NULL") SAMPLES("7")

#define NAME_3 "2026-05-15-0631-base-3.fit"
#define NAME_5 "2026-05-17-0631-a-b-5.fit"
#define NAME_6 "2026-05-18-0631-base-6.fit"

static void change(Harness *h, const char *sql)
{
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(harness_path(h, CTL_DATABASE), &db), SQLITE_OK);
        (void)sqlite3_busy_timeout(db, 5000);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                harness_fail(h, "%s: %s", sql, sqlite3_errmsg(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* The files of a folder, each with a blank behind it; "" = it is empty, or not there. To be freed. */
static char *list(Harness *h, const char *folder)
{
        struct dirent **entries = NULL;
        int n = scandir(harness_path(h, folder), &entries, NULL, by_name);
        char *text = calloc(1, 4096);

        assert_non_null(text);
        for (int i = 0; i < n; i++) {
                if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
                        (void)snprintf(text + strlen(text), 4096 - strlen(text), "%s ", entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return text;
}

static void assert_files(Harness *h, const char *folder, const char *expected)
{
        _cleanup_free_ char *files = list(h, folder);

        assert_string_equal(files, expected);
}

/* -- export -- */

static void test_formats(Harness *h)
{
        static const struct {
                const char *format, *begins;
        } rows[] = { { "tcx", "<?xml" }, { "csv", "time" }, { "rr", "488.28" }, { "json", "{" } };
        const char *db = ctl_database(h, SESSIONS);
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *file = NULL, *text = NULL;
                char name[32];

                assert_int_equal(ctl_run(&c, "export", "3", "--format", rows[i].format, "--database", db,
                                                 NULL),
                                0);
                if (strncmp(c.out, rows[i].begins, strlen(rows[i].begins)) != 0)
                        harness_fail(h, "%s begins with %.40s", rows[i].format, c.out);
                assert_string_equal(c.err, "");
                text = strdup(c.out);
                assert_int_equal(ctl_run(&c, "export", "3", "--format", rows[i].format, "-o", "-",
                                                 "--database", db, NULL),
                                0);
                assert_string_equal(c.out, text);
                /* A file is the same, and its name says the format. */
                (void)snprintf(name, sizeof(name), "run.%s", rows[i].format);
                assert_int_equal(ctl_run(&c, "export", "2026-05-15", "-o", harness_path(h, name),
                                                 "--database", db, NULL),
                                0);
                ctl_assert_contains(c.out, name);
                file = harness_read_file(h, name);
                assert_string_equal(file, text);
        }
        assert_int_equal(ctl_run(&c, "export", "3", "--format", "fit", "--database", db, NULL), 0);
        assert_memory_equal(c.out + 8, ".FIT", 4);
        assert_int_equal(ctl_run(&c, "export", "3", "-o", harness_path(h, "RUN.FIT"), "--database", db, NULL),
                        0);
        /* --format goes before the name. */
        assert_int_equal(ctl_run(&c, "export", "3", "--format", "csv", "-o", harness_path(h, "run.dat"),
                                         "--database", db, NULL),
                        0);
}

static void test_refused(Harness *h)
{
        const char *db = ctl_database(
                                   h, SESSIONS SESSION("8", "import", "NULL", "0") SAMPLES(
                                                      "8") "UPDATE session SET started_at = -1 WHERE id = 8"),
                   *file = harness_path(h, "run.fit");
        const struct {
                const char *arguments[6];
                int status;
                const char *error;
        } rows[] = {
                { { "3" }, 2, "fit, tcx, csv, rr or json" },
                { { "3", "--format", "gpx" }, 2, "'gpx' is not a format" },
                { { "3", "-o", "run.gpx" }, 2, "fit, tcx, csv, rr or json" },
                { { "3", "-o", "folder.fit/" }, 2, "which format?" },
                { { "--format", "fit" }, 2, "which session?" },
                { { "3", "5", "--format", "fit" }, 2, "name a folder" },
                { { "3", "5", "-o", file }, 2, "a folder" },
                { { "3", "5", "--format", "fit", "-o", "-" }, 2, "name a folder" },
                { { "--follow", "-o", "-" }, 2, "which folder?" },
                { { "3", "--since", "7d", "--format", "csv" }, 2, "either IDs" },
                { { "--since", "2026-06-02", "--until", "2026-06-01", "--format", "fit" }, 2, "a folder" },
                { { "monday", "--format", "csv" }, 2, "'monday' is not a session" },
                { { "3", "--format", "csv", "-o", "" }, 2, "--output is empty" },
                { { "--follow" }, 2, "which folder?" },
                { { "--follow", "3", "-o", "x" }, 2, "it takes no ID" },
                { { "--follow", "-o", db }, 1, "Not a directory" },
                { { "99", "--format", "csv" }, 4, "there is no session 99" },
                { { "2020-01-01", "--format", "csv" }, 4, "there is no session on 2020-01-01" },
                { { "4", "--format", "csv" }, 1, "session 4 has no heart rates" },
                { { "7", "--format", "csv" }, 1, "session 7 is still being recorded" },
                { { "8", "--format", "csv" }, 1, "session 8 has a date that cannot be" },
                { { "3", "-o", "/dev/null", "--format", "fit" }, 1, "is not a file" },
                { { "3", "-o", "no/run.fit" }, 1, "cannot write into no" },
                { { "3", "-o", db, "--format", "fit", "--force" }, 1, "is the database itself" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char *const *a = rows[i].arguments;

                assert_int_equal(ctl_run(&c, "--database", db, "export", a[0], a[1], a[2], a[3], a[4], a[5],
                                                 NULL),
                                rows[i].status);
                ctl_assert_contains(c.err, rows[i].error);
                assert_string_equal(c.out, "");
        }
}

static void test_a_file_is_kept(Harness *h)
{
        const char *db = ctl_database(h, SESSIONS), *file = harness_path(h, "run.csv");
        _cleanup_ctl_ Ctl c = { .h = h };
        _cleanup_free_ char *kept = NULL, *replaced = NULL;

        harness_write_file(h, "run.csv", "precious");
        assert_int_equal(ctl_run(&c, "export", "3", "-o", file, "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "is there already; --force replaces it");
        kept = harness_read_file(h, "run.csv");
        assert_string_equal(kept, "precious");
        assert_int_equal(ctl_run(&c, "export", "3", "-f", "-o", file, "--database", db, NULL), 0);
        replaced = harness_read_file(h, "run.csv");
        assert_string_not_equal(replaced, "precious");
}

static void test_folder(Harness *h)
{
        const char *db = ctl_database(h, SESSIONS), *folder = harness_path(h, "runs");
        _cleanup_ctl_ Ctl c = { .h = h };

        /* One that is not there is made if the name says that it is one. */
        assert_int_equal(ctl_run(&c, "export", "3", "--format", "fit", "-o", harness_path(h, "runs/"),
                                         "--database", db, NULL),
                        0);
        ctl_assert_contains(c.out, "/runs/" NAME_3 ": ");
        assert_files(h, "runs", NAME_3 " ");
        /* Each has one file, however often; a kind is no path. */
        assert_int_equal(ctl_run(&c, "export", "3", "5", "--format", "fit", "-o", folder, "--database", db,
                                         NULL),
                        0);
        ctl_assert_contains(c.out, "2 sessions written to ");
        assert_files(h, "runs", NAME_3 " " NAME_5 " ");
        change(h, "UPDATE session SET kind = 'race' WHERE id = 5");
        /* However often it is named, it is one. */
        assert_int_equal(ctl_run(&c, "export", "5", "2026-05-17", "5", "--format", "fit", "-o", folder,
                                         "--database", db, NULL),
                        0);
        ctl_assert_contains(c.out, "/runs/" NAME_5 ": ");
        assert_files(h, "runs", NAME_3 " " NAME_5 " ");
        /* One that fails keeps no other one back. */
        assert_int_equal(ctl_run(&c, "export", "99", "4", "6", "--format", "fit", "-o", folder, "--database",
                                         db, NULL),
                        1);
        ctl_assert_contains(c.err, "there is no session 99");
        ctl_assert_contains(c.err, "session 4 has no heart rates");
        ctl_assert_contains(c.out, "1 session written");
        ctl_assert_contains(c.out, "; 2 failed.");
        assert_files(h, "runs", NAME_3 " " NAME_5 " " NAME_6 " ");
}

static void test_range(Harness *h)
{
        const char *db = ctl_database(h, SESSIONS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "export", "--since", "2026-05-16", "--until", "2026-05-18", "--format",
                                         "fit", "-o", harness_path(h, "runs"), "--database", db, NULL),
                        0);
        ctl_assert_contains(c.out, "2 sessions written");
        ctl_assert_contains(c.out, "; 1 without heart rates, or not ended yet, left out.");
        assert_string_equal(c.err, "");
        assert_files(h, "runs", NAME_5 " " NAME_6 " ");
        assert_int_equal(ctl_run(&c, "export", "--since", "2026-05-19", "--format", "fit", "-o",
                                         harness_path(h, "runs"), "--database", db, NULL),
                        0);
        ctl_assert_contains(c.err, "session 7 is still being recorded");
        assert_int_equal(ctl_run(&c, "export", "--since", "2026-08-01", "--format", "fit", "-o",
                                         harness_path(h, "runs"), "--database", db, NULL),
                        4);
        ctl_assert_contains(c.err, "there is no session since 2026-08-01");
}

static void test_terminal(Harness *h)
{
        const char *db = ctl_database(h, SESSIONS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run_terminal(&c, "export", "3", "--format", "fit", "--database", db, NULL), 2);
        ctl_assert_contains(c.out, "fit is nothing for a terminal; name a file: --output run.fit");
        assert_int_equal(ctl_run_terminal(&c, "export", "3", "--format", "rr", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "488.28");
        assert_int_equal(ctl_run_terminal(&c, "export", "3", "5", "--format", "fit", "-o",
                                         harness_path(h, "runs"), "--database", db, NULL),
                        0);
        ctl_assert_contains(c.out, "2 of 2");
}

/* No half a file of that name, nor of any other. */
static void test_no_room(Harness *h)
{
        const char *db = ctl_database(h, SESSIONS
                                   "WITH RECURSIVE n (v) AS (SELECT 10 UNION ALL SELECT v + 1 FROM n WHERE v < 9999)"
                                   " INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact)"
                                   " SELECT s.id, v * 1000, 120, 120.5, 1, 1 FROM n, session AS s WHERE s.id IN (3, 5)"),
                   *folder = harness_path(h, "runs");
        const char *const argv[] = { "prlimit", "--fsize=65536", BUILD "/cardioctl", "export", "3", "5",
                "--format", "csv", "-o", folder, "--database", db, NULL };
        Child *child = harness_spawn(h, "cardioctl", false, argv);
        _cleanup_free_ char *errors = NULL;

        assert_int_equal(harness_child_end(h, child, 0), 1);
        errors = harness_child_output(h, child, true);
        ctl_assert_contains(errors, "session 3: cannot write ");
        ctl_assert_contains(errors, "session 5: cannot write ");
        ctl_assert_contains(errors, "File too large");
        assert_files(h, "runs", "");
}

/* -- export --follow -- */

static Child *follow(Harness *h, const char *name)
{
        const char *const argv[] = { BUILD "/cardioctl", "export", "--follow", "-o", harness_path(h, "runs"),
                NULL };

        assert_int_equal(setenv("XDG_STATE_HOME", harness_path(h, "state"), 1), 0);
        return harness_spawn(h, name, true, argv);
}

static void assert_ends(Harness *h, Child *child, int signal, const char *expected)
{
        _cleanup_free_ char *errors = NULL;

        assert_int_equal(harness_child_end(h, child, signal), 0);
        errors = harness_child_output(h, child, true);
        assert_string_equal(errors, expected);
}

/* Without a daemon: from the first start on, those that a strap has recorded, once they are over. */
static void test_follow_catches_up(Harness *h)
{
        Child *child;

        (void)ctl_database(h, SESSIONS);
        child = follow(h, "first");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        assert_files(h, "runs", "");

        change(h, "UPDATE session SET ended_at = " ENDED("7") " WHERE id = 7;" SESSION(
                                  "8", "import", "NULL", ENDED("8")) SAMPLES("8") SESSION("9", "strap",
                                  "'hard'", ENDED("9")) SAMPLES("9") SESSION("10", "manual", "'hard'",
                                  ENDED("10")) SESSION("11", "strap", "'hard'", ENDED("11")) SESSION("12",
                                  "strap", "NULL",
                                  ENDED("12")) SAMPLES("12") "DELETE FROM session WHERE id = 12;" SESSION("13",
                                  "strap", "NULL", ENDED("13"))
                                        SAMPLES("13") "UPDATE session SET resumable = 1 WHERE id = 13");
        child = follow(h, "second");
        harness_wait_output(h, child, false, "*-hard-9.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGINT, "");
        assert_files(h, "runs", "2026-05-19-0631-base-7.fit 2026-05-21-0631-hard-9.fit ");

        /* What another program took away is not written again; what was not over goes on to wait. */
        assert_int_equal(unlink(harness_path(h, "runs/2026-05-19-0631-base-7.fit")), 0);
        change(h, "UPDATE session SET resumable = 0 WHERE id = 13");
        child = follow(h, "third");
        harness_wait_output(h, child, false, "*-base-13.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGHUP, "");
        assert_files(h, "runs", "2026-05-21-0631-hard-9.fit 2026-05-25-0631-base-13.fit ");
}

/* Killed between giving the file its name and keeping that; what a kill left under a hidden name is taken away. */
static void test_follow_after_a_kill(Harness *h)
{
        Child *child;

        (void)ctl_database(h, SESSIONS);
        child = follow(h, "first");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        harness_write_file(h, "runs/2026-05-19-0631-long-7.fit", "said to be long, then");
        harness_write_file(h, "runs/.2026-05-19-0631-long-9.fit.part", "half");
        harness_write_file(h, "runs/.hidden", "of another program");
        change(h, "UPDATE session SET ended_at = " ENDED("7") " WHERE id = 7;" SESSION(
                                  "9", "strap", "'hard'", ENDED("9")) SAMPLES("9"));
        child = follow(h, "second");
        harness_wait_output(h, child, false, "*-hard-9.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        assert_files(h, "runs", ".hidden 2026-05-19-0631-long-7.fit 2026-05-21-0631-hard-9.fit ");
}

/* A run of a machine without a clock waits for the date; one of another boot, or long ago, goes as it is, and one whose date
 * cannot be right stays here. */
static void test_follow_waits_for_the_clock(Harness *h)
{
        char sql[2048], boot[SD_ID128_STRING_MAX];
        sd_id128_t id;
        struct timespec now;
        long long boot_ms;
        Child *child;

        assert_true(sd_id128_get_boot(&id) >= 0);
        assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &now), 0);
        boot_ms = (long long)now.tv_sec * 1000;
        (void)ctl_database(h, SESSIONS);
        child = follow(h, "first");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        (void)snprintf(sql, sizeof(sql),
                        "DELETE FROM session WHERE id = 7;" SESSION("8", "strap", "NULL", ENDED("8")) SAMPLES(
                                        "8") SESSION("9", "strap", "NULL",
                                        ENDED("9")) SAMPLES("9") SESSION("10", "strap", "NULL", ENDED("10"))
                                        SAMPLES("10") "UPDATE session SET clock_known = 0, boot_id = '%s', boot_ms = %lld;"
                                                      "UPDATE session SET boot_id = '00000000000000000000000000000001' WHERE id = 9;"
                                                      "UPDATE session SET started_at = 60000, ended_at = 69000, boot_ms = %lld WHERE id = 10;",
                        sd_id128_to_string(id, boot), boot_ms - 60000, boot_ms - 90000000);
        change(h, sql);
        child = follow(h, "second");
        harness_wait_output(h, child, false, "*-base-9.fit", HARNESS_TIMEOUT);
        harness_wait_output(h, child, true, "*session 8 waits until the clock is set, for a day at most",
                        HARNESS_TIMEOUT);
        harness_wait_output(
                        h, child, true, "*session 10 is left out: the clock was not set*", HARNESS_TIMEOUT);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        assert_files(h, "runs", "2026-05-21-0631-base-9.fit ");
        change(h, "UPDATE session SET clock_known = 1, started_at = started_at + 3600000, ended_at = ended_at + 3600000"
                  " WHERE id = 8");
        child = follow(h, "third");
        harness_wait_output(h, child, false, "*-0731-base-8.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        assert_files(h, "runs", "2026-05-20-0731-base-8.fit 2026-05-21-0631-base-9.fit ");
}

/* From a backup: what had those numbers before is written already, and what gets them now is new. */
static void test_follow_a_restored_database(Harness *h)
{
        Child *child;

        (void)ctl_database(h, SESSIONS);
        child = follow(h, "first");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        change(h, "DELETE FROM session WHERE id > 4; DELETE FROM sample WHERE session_id > 4;"
                  "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'session'");
        child = follow(h, "second");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        change(h, SESSION("5", "strap", "'long'", "NULL"));
        assert_ends(h, child, SIGTERM, "");
        assert_files(h, "runs", "");
        change(h, "UPDATE session SET ended_at = " ENDED("5") " WHERE id = 5;" SAMPLES("5"));
        child = follow(h, "third");
        harness_wait_output(h, child, false, "*-long-5.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        assert_files(h, "runs", "2026-05-17-0631-long-5.fit ");
}

/* A run that the daemon tells of before it can store it, as on a full disk, is waited for; one that it discards is not. */
static void test_follow_what_is_stored_late(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        Child *child;

        (void)ctl_database(h, SESSIONS);
        ctl_daemon(&c, BUS_SYSTEM);
        child = follow(h, "follow");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        assert_true(sd_bus_emit_signal(bus, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SessionEnded", "xot",
                                    INT64_C(8), CARDIO_SENSOR_PREFIX "/1", UINT64_C(1)) >= 0);
        assert_true(sd_bus_emit_signal(bus, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SessionDiscarded", "x",
                                    INT64_C(9)) >= 0);
        harness_pass_time(h, 300 * USEC_PER_MSEC); /* nothing comes */
        assert_files(h, "runs", "");
        change(h, SESSION("8", "strap", "'long'", ENDED("8")) SAMPLES("8"));
        harness_wait_output(h, child, false, "*-long-8.fit", 2 * HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
}

/* A folder that is away for a while: said once, and then made up for. */
static void test_follow_without_its_folder(Harness *h)
{
        _cleanup_free_ char *errors = NULL;
        Child *child, *other;

        (void)ctl_database(h, SESSIONS);
        child = follow(h, "first");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        other = follow(h, "other");
        assert_int_equal(harness_child_end(h, other, 0), 1);
        errors = harness_child_output(h, other, true);
        ctl_assert_contains(errors, "another `cardioctl export --follow` writes into ");
        assert_int_equal(rename(harness_path(h, "runs"), harness_path(h, "away")), 0);
        change(h, "UPDATE session SET ended_at = " ENDED("7") " WHERE id = 7");
        harness_wait_output(h, child, true, "*runs: No such file or directory; trying again until it works",
                        3 * HARNESS_TIMEOUT);
        assert_int_equal(rename(harness_path(h, "away"), harness_path(h, "runs")), 0);
        harness_wait_output(h, child, false, "*-base-7.fit", 4 * HARNESS_TIMEOUT);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
}

static bool failed_twice(Harness *h, void *userdata)
{
        _cleanup_free_ char *errors = harness_child_output(h, userdata, true);
        const char *first = strstr(errors, "cannot keep which runs were exported in ");

        return first && strstr(first + 1, "cannot keep which runs were exported in ");
}

/* What cannot be kept may not be done: after the next start it would be done again. */
static void test_follow_without_its_state(Harness *h)
{
        const char *away = harness_path(h, "away");
        Child *child;
        glob_t state;

        (void)ctl_database(h, SESSIONS);
        child = follow(h, "first");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        assert_int_equal(glob(harness_path(h, "state/cardiod/export-*[0-9a-f]"), 0, NULL, &state), 0);
        assert_int_equal(rename(state.gl_pathv[0], away), 0);
        assert_int_equal(mkdir(state.gl_pathv[0], 0700), 0);
        change(h, SESSION("8", "strap", "'long'", ENDED("8")) SAMPLES("8"));
        assert_true(harness_wait(h, failed_twice, child, 4 * HARNESS_TIMEOUT));
        assert_files(h, "runs", "");
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);

        assert_int_equal(rmdir(state.gl_pathv[0]), 0);
        assert_int_equal(rename(away, state.gl_pathv[0]), 0);
        globfree(&state);
        child = follow(h, "second");
        harness_wait_output(h, child, false, "*-long-8.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
}

#define CONFIG                                                                                \
        "[runner]\nage = 23\nresting-heart-rate = 50\n"                                       \
        "[session]\nstart-above = 100\nstart-after = 0s\nend-after = 1h\nmin-duration = 2s\n" \
        "[storage]\ncommit-interval = 200ms\n"

/* The runs of the real daemon: when they end, not when the daemon stops in the middle; and whatever becomes of them later. */
static void test_follow_the_daemon(Harness *h)
{
        const char *path = harness_path(h, "clock");
        ClockShim *clock = clock_begin(path); /* the kernel's is synchronised */
        Child *child;

        bluez_begin(h, CONFIG);
        shim_inherit_no_more();
        bluez_strap_live(h);
        child = follow(h, "follow");
        harness_wait_output(h, child, false, "Runs that end from now on are written to *", HARNESS_TIMEOUT);
        harness_standin(h, "pace 100ms");
        harness_standin(h, "stream " STRAP " 120");
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", "base"), 0);
        harness_wait_sql(h, "SELECT count(*) > 5 FROM sample", "1", 2 * HARNESS_TIMEOUT);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_wait_sql(h, "SELECT resumable FROM session", "1", HARNESS_TIMEOUT);
        clock_inherit(path);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        shim_inherit_no_more();
        harness_standin(h, "expect notifying " STRAP " 10s");
        harness_standin(h, "stream " STRAP " 120");
        harness_wait_property(
                        h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Session", "1", 2 * HARNESS_TIMEOUT);
        assert_files(h, "runs", "");
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        harness_wait_output(h, child, false, "*-base-1.fit", HARNESS_TIMEOUT);

        /* Deleted here, it stays there; and the next one comes, whose kind is another one. */
        assert_int_equal(harness_call(h, NULL, NULL, "DeleteSession", "x", INT64_C(1)), 0);
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", "hard"), 0);
        harness_wait_sql(h, "SELECT count(*) > 5 FROM sample", "1", 2 * HARNESS_TIMEOUT);
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        harness_wait_output(h, child, false, "*-hard-2.fit", HARNESS_TIMEOUT);
        assert_ends(h, child, SIGTERM, "");
        {
                _cleanup_free_ char *files = list(h, "runs");

                ctl_assert_contains(files, "-base-1.fit ");
                ctl_assert_contains(files, "-hard-2.fit ");
                assert_null(strstr(files, "part"));
        }
        clock_end(clock);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_formats),
                harness_test(test_refused),
                harness_test(test_a_file_is_kept),
                harness_test(test_folder),
                harness_test(test_range),
                harness_test(test_terminal),
                harness_test(test_no_room),
                harness_test(test_follow_catches_up),
                harness_test(test_follow_after_a_kill),
                harness_test(test_follow_waits_for_the_clock),
                harness_test(test_follow_a_restored_database),
                harness_test(test_follow_what_is_stored_late),
                harness_test(test_follow_without_its_folder),
                harness_test(test_follow_without_its_state),
                harness_test(test_follow_the_daemon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
