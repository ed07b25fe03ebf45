/* SPDX-License-Identifier: MIT */
/* cardioctl backup: one complete file, also while the daemon records, which is not delayed; nothing is overwritten, and
 * nothing is left behind if it fails. */
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "bluez-fixture.h"
#include "ctl-fixture.h"

/* The first value that a query on some database file returns, as text; "" if there is none. To be freed. */
static char *ask(const char *path, const char *sql)
{
        sqlite3_stmt *s = NULL;
        sqlite3 *db = NULL;
        char *text = NULL;

        if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                        sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
                        sqlite3_step(s) == SQLITE_ROW)
                text = strdup((const char *)sqlite3_column_text(s, 0));
        (void)sqlite3_finalize(s);
        (void)sqlite3_close(db);
        return text ? text : strdup("");
}

static void assert_answer(const char *path, const char *sql, const char *expected)
{
        _cleanup_free_ char *text = ask(path, sql);

        assert_string_equal(text, expected);
}

/* Files of that name, or with something behind it. */
static size_t count_files(Harness *h, const char *name)
{
        char pattern[256];
        glob_t found;
        size_t n;

        (void)snprintf(pattern, sizeof(pattern), "%s*", harness_path(h, name));
        n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
        globfree(&found);
        return n;
}

static void test_backup_while_recording(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL, *version = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *file = harness_path(h, "backup.db");
        struct stat st;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "pace 250ms");
        harness_standin(h, "stream " STRAP " 120");
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", "base"), 0);
        harness_wait_sql(h, "SELECT count(*) > 5 FROM sample", "1", SOON_USEC);
        before = harness_sql(h, "SELECT count(*) FROM sample");

        assert_int_equal(ctl_run(&c, "backup", file, NULL), 0);
        ctl_assert_contains(c.out, "backup.db has 1 session, checked; ");
        assert_int_equal(count_files(h, "backup.db"), 1);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_answer(file, "PRAGMA integrity_check", "ok");
        assert_answer(file, "PRAGMA journal_mode", "delete");
        assert_answer(file, "PRAGMA application_id", "1667330660");
        version = ask(harness_path(h, "cardiod.db"), "PRAGMA user_version");
        assert_answer(file, "PRAGMA user_version", version);
        assert_answer(file, "SELECT kind FROM sessions WHERE id = 1", "base");
        after = ask(file, "SELECT count(*) FROM sample");
        assert_true(atol(after) >= atol(before));

        /* The recording has no gap. */
        harness_wait_sql(h, "SELECT count(*) > 12 FROM sample", "1", SOON_USEC);
        assert_answer(harness_path(h, "cardiod.db"), "SELECT count(*) FROM event WHERE type = 'gap'", "0");
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);

        /* And a daemon takes it for its own. */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM, "--database", file);
        assert_int_equal(harness_call(h, NULL, NULL, "GetSession", "x", INT64_C(1)), 0);
}

#define SESSION                                                                                            \
        "INSERT INTO session (id, source, kind, started_at, ended_at) VALUES (3, 'manual', 'long', 1000, " \
        "2000);"

static void test_target(Harness *h)
{
        const char *db = ctl_database(h, SESSION), *file = harness_path(h, "backup.db");
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "backup", file, "--database", db, "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.file"), file);
        assert_string_equal(ctl_json(&c, "$.sessions"), "1");
        assert_true(atol(ctl_json(&c, "$.bytes")) > 4096);

        harness_write_file(h, "backup.db", "precious");
        assert_int_equal(ctl_run(&c, "backup", file, "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "is there already; --force replaces it");
        c.value = (free(c.value), harness_read_file(h, "backup.db"));
        assert_string_equal(c.value, "precious");
        assert_int_equal(ctl_run(&c, "backup", "-f", file, "--database", db, NULL), 0);
        assert_answer(file, "SELECT count(*) FROM session", "1");

        assert_int_equal(ctl_run(&c, "backup", "--force", db, "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "is the database itself");
        assert_answer(db, "SELECT count(*) FROM session", "1");
        assert_int_equal(ctl_run(&c, "backup", harness_path(h, "."), "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "is a folder");
        assert_int_equal(mkfifo(harness_path(h, "pipe"), 0600), 0); /* as a device would be */
        assert_int_equal(ctl_run(&c, "backup", "-f", harness_path(h, "pipe"), "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "is not a file");
        assert_int_equal(ctl_run(&c, "backup", harness_path(h, "no/folder"), "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "No such file or directory");
        assert_int_equal(ctl_run(&c, "backup", NULL), 2);
        assert_int_equal(count_files(h, "backup.db"), 1);
}

static void test_source(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *file = harness_path(h, "backup.db"), *path;

        assert_int_equal(ctl_run(&c, "backup", file, "--database", harness_path(h, "none.db"), NULL), 1);
        ctl_assert_contains(c.err, "there is no database at ");
        harness_write_file(h, "foreign.db", "not a database at all, but long enough to look at");
        assert_int_equal(ctl_run(&c, "backup", file, "--database", harness_path(h, "foreign.db"), NULL), 1);
        ctl_assert_contains(c.err, "is not a database of cardiod");

        /* A page of it is garbage: there is no backup, and the runner knows. */
        path = ctl_database(h, SESSION);
        {
                char garbage[4096];
                FILE *f = fopen(path, "r+e");

                assert_non_null(f);
                memset(garbage, 0xa5, sizeof(garbage));
                assert_int_equal(fseek(f, 2 * 4096, SEEK_SET), 0);
                for (int i = 0; i < 4; i++)
                        assert_int_equal(fwrite(garbage, sizeof(garbage), 1, f), 1);
                assert_int_equal(fclose(f), 0);
        }
        assert_int_equal(ctl_run(&c, "backup", file, "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "cardioctl doctor");
        assert_int_equal(count_files(h, "backup.db"), 0);
}

/* A member of the group: may read the database, and neither write it nor its folder; the daemon is stopped. */
static void test_reader(Harness *h)
{
        static const char *const names[] = { "cardiod.db", "cardiod.db-wal", "cardiod.db-shm" };
        _cleanup_ctl_ Ctl c = { .h = h, .as_nobody = true };

        if (getuid() != 0)
                harness_skip(h, "needs root, to be somebody else");
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", "base"), 0);
        bluez_send(h, 120);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        assert_int_equal(chmod(harness_path(h, "."), 0755), 0);
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                assert_int_equal(chmod(harness_path(h, names[i]), 0644), 0);
        assert_int_equal(mkdir(harness_path(h, "home"), 0755), 0);
        assert_int_equal(chown(harness_path(h, "home"), 65534, 65534), 0);
        assert_int_equal(ctl_run(&c, "backup", harness_path(h, "home/backup.db"), "--database",
                                         harness_path(h, "cardiod.db"), NULL),
                        0);
        assert_answer(harness_path(h, "home/backup.db"), "SELECT count(*) FROM session", "1");
        /* Where they may not write there is no backup. */
        assert_int_equal(ctl_run(&c, "backup", harness_path(h, "backup.db"), "--database",
                                         harness_path(h, "cardiod.db"), NULL),
                        1);
        ctl_assert_contains(c.err, "Permission denied");
}

/* The signal is pending from the beginning, and found in the middle. */
static void test_interrupted(Harness *h)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
        const char *db = ctl_database(h, SESSION), *file = harness_path(h, "backup.db");

        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                pid_t pid = fork();
                int status;

                assert_true(pid >= 0);
                if (pid == 0) {
                        sigset_t set;

                        (void)sigemptyset(&set);
                        (void)sigaddset(&set, signals[i]);
                        (void)sigprocmask(SIG_BLOCK, &set, NULL);
                        (void)raise(signals[i]);
                        (void)execl(BUILD "/cardioctl", "cardioctl", "backup", file, "--database", db, NULL);
                        _exit(127);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 1);
                assert_int_equal(count_files(h, "backup.db"), 0);
        }
}

static void test_no_room(Harness *h)
{
        const char *db = ctl_database(h, SESSION), *file = harness_path(h, "backup.db");
        const char *const argv[] = { "prlimit", "--fsize=40960", BUILD "/cardioctl", "backup", file,
                "--database", db, NULL };
        Child *child = harness_spawn(h, "cardioctl", false, argv);
        _cleanup_free_ char *errors = NULL;

        assert_int_equal(harness_child_end(h, child, 0), 1);
        errors = harness_child_output(h, child, true);
        ctl_assert_contains(errors, "cannot copy ");
        assert_int_equal(count_files(h, "backup.db"), 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_backup_while_recording),
                harness_test(test_target),
                harness_test(test_source),
                harness_test(test_reader),
                harness_test(test_interrupted),
                harness_test(test_no_room),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
