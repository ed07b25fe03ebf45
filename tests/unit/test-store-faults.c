/* SPDX-License-Identifier: MIT */

/* What happens when the disk does not do as it is told: locked, full, or gone in the middle. test-store-every-fault.c has
 * each single operation fail. */

#include "faulty-disk.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* -- Tests -- */

static void test_locked(void **state)
{
        static const char *const locks[] = { "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE",
                "BEGIN IMMEDIATE; UPDATE sensor SET name = NULL" };
        _cleanup_free_ char *reference = run_reference();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(locks); i++) {
                _cleanup_free_ char *log = NULL;
                void *own;
                Fixture *f;
                sqlite3 *other;
                Caught c;

                fixture_setup(&own);
                f = own;
                run_step(f->store, 0);
                assert_int_equal(store_commit(f->store), 0);
                assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
                assert_int_equal(sqlite3_exec(other, locks[i], NULL, NULL, NULL), SQLITE_OK);

                c = catch_log();
                for (unsigned step = 1; step < RUN_COMMITS; step++) {
                        run_step(f->store, step);
                        assert_int_equal(run_commit(f->store, step), -EBUSY);
                        assert_true(store_pending(f->store));
                }
                /* What is stored can be asked for, what is not says why. */
                assert_int_equal(store_get_session(f->store, 77, NULL, NULL), -EBUSY);
                assert_int_equal(store_delete_session(f->store, 1), -EBUSY);
                sqlite3_close(other);
                assert_int_equal(store_commit_wait(f->store), 0);
                log = caught_log(&c);
                assert_int_equal(count_lines(log), 2);
                assert_non_null(strstr(
                                log, "cannot be written, 48 entries wait in memory: database is locked"));
                assert_non_null(strstr(log, "is written again, 386 entries had waited"));
                assert_whole(f, reference);
                fixture_teardown(&own);
        }
}

/* A whole life with the fault as set; what it committed is counted where its parent sees it. */
static void live_and_die(Fixture *f, unsigned *n_commits)
{
        fixture_open(f);
        for (unsigned i = 0; i < RUN_COMMITS; i++) {
                run_step(f->store, i);
                if (run_commit(f->store, i) == 0)
                        (*n_commits)++;
        }
        fixture_close(f);
        _exit(0);
}

/* Killed at any write, from the very first of a new file on: what was committed is there, whole, and it goes
 * on. */
static void test_killed_at_every_write(void **state)
{
        /* Heart rates after so many commits; the session is trimmed at its end. */
        static const char *const expected[RUN_COMMITS + 2] = { "0", "60", "95", "395", "212", "212", "212" };
        unsigned *n_commits = mmap(
                        NULL, sizeof(*n_commits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        static void *own;                          /* still known in a child as it ends */
        const char *told = getenv("FAULTS_EVERY"); /* as in test-store-every-fault.c */
        int every = told && atoi(told) > 0 ? atoi(told) : 1;
        bool killed = true;

        (void)state;
        assert_ptr_not_equal(n_commits, MAP_FAILED);
        for (int nth = 1; killed; nth += every) {
                _cleanup_free_ char *n = NULL;
                OpenSession o;
                Fixture *f;
                int status;
                pid_t pid;

                fixture_setup(&own);
                f = own;
                fixture_close(f);
                assert_int_equal(unlink(f->path), 0);
                *n_commits = 0;
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        disk_fault(DISK_CHANGE, nth, 1, DISK_KILL);
                        live_and_die(f, n_commits);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                killed = WIFSIGNALED(status);
                assert_true(killed || WEXITSTATUS(status) == 0);

                fixture_open(f);
                assert_int_equal(store_recover(f->store, STARTED_AT + 1000000, 300000, &o), 0);
                assert_int_equal(o.id, 0);
                assert_query(f, "PRAGMA integrity_check", "ok");
                assert_query(f, "SELECT count(*) FROM session WHERE ended_at IS NULL", "0");
                assert_query(f,
                                "SELECT count(*) FROM session AS s WHERE ended_at - started_at <> "
                                "(SELECT max(t) FROM sample WHERE session_id = s.id)",
                                "0");
                assert_query(f,
                                "SELECT count(*) FROM session AS s WHERE distance_m IS NOT"
                                " (SELECT max(distance) FROM pace WHERE session_id = s.id)",
                                "0");
                /* The commit it was killed in may have reached the disk, or not. */
                n = query(f, "SELECT count(*) FROM sample");
                if (strcmp(n, expected[*n_commits]) != 0)
                        assert_string_equal(n, expected[*n_commits + 1]);
                run_step(f->store, 0);
                assert_int_equal(store_commit(f->store), 0);
                fixture_teardown(&own);
        }
        assert_int_equal(*n_commits, RUN_COMMITS);
        assert_int_equal(munmap(n_commits, sizeof(*n_commits)), 0);
}

/* The operating system's own refusal to let a file grow. */
static void test_file_too_large(void **state)
{
        _cleanup_free_ char *reference = run_reference();
        Fixture *f = *state;
        struct rlimit old, tight = { 0 };
        Caught c;

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
        tight.rlim_max = old.rlim_max;
        signal(SIGXFSZ, SIG_IGN);

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store), 0);
        c = catch_log();
        tight.rlim_cur = 8192;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        for (unsigned i = 1; i < RUN_COMMITS; i++) {
                run_step(f->store, i);
                assert_true(store_commit(f->store) < 0);
        }
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(store_commit(f->store), 0);
        free(caught_log(&c));
        assert_whole(f, reference);
}

/* A sync commit makes everything before it durable, also when nothing is left to write. */
static void test_sync(void **state)
{
        Fixture *f = *state;

        /* Not even a log that is new is synced for its heading. */
        run_step(f->store, 0);
        disk.n_wal_syncs = 0;
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(disk.n_wal_syncs, 0);
        assert_int_equal(store_commit_wait(f->store), 0);
        assert_int_equal(disk.n_wal_syncs, 1);
        assert_int_equal(store_commit_wait(f->store), 0);
        assert_int_equal(disk.n_wal_syncs, 1);
        run_step(f->store, 1);
        assert_int_equal(store_commit_wait(f->store), 0);
        assert_int_equal(disk.n_wal_syncs, 2);
        run_step(f->store, 2);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(disk.n_wal_syncs, 2);
}

/* Days of a locked file: heart rates and pace find no room in the end, events and sessions do. */
static void test_queue_full(void **state)
{
        _cleanup_free_ char *log = NULL;
        Fixture *f = *state;
        SessionHead head = head_default();
        sqlite3 *other;
        int64_t id = 0;
        Caught c;

        assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        c = catch_log();
        assert_int_equal(session_begin(f->store, &head), 1);
        add_samples(f->store, 0, STORE_QUEUE_MAX - 1, 140);
        add_samples(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, 9, 150); /* dropped */
        add_pace(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, 9, 100);    /* dropped */
        session_event(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, "stale", 5, NULL);
        session_end(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, false);
        while ((id = session_begin(f->store, &head)) > 0) {
                session_event(f->store, 0, "zone", 1, "a detail");
                session_end(f->store, 0, false);
        }
        assert_int_equal(id, -ENOBUFS);
        assert_int_equal(store_commit(f->store), -EBUSY);
        sqlite3_close(other);
        assert_int_equal(store_commit(f->store), 0);
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 3);
        assert_non_null(strstr(log, "262144 entries wait for the disk, there is no room for more"));

        assert_query(f, "SELECT count(*), max(t) FROM sample", "262143|262142000");
        assert_query(f, "SELECT count(*) FROM session WHERE ended_at IS NULL", "0");
        assert_query(f, "SELECT t, type FROM event WHERE session_id = 1", "262144000|stale");
        assert_query(f, "SELECT live_s, avg_hr, distance_m FROM session WHERE id = 1", "262142.0|140.0|-");
        assert_query(f, "SELECT count(*) FROM pace", "0");
}

/* Another hand has deleted the session that is being recorded: told once, and it does not stop the rest. */
static void test_row_gone(void **state)
{
        _cleanup_free_ char *log = NULL;
        Fixture *f = *state;
        SessionHead head = head_default();
        Caught c;

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store), 0);
        meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session");
        c = catch_log();
        for (int64_t t = 60000; t < 65000; t += 1000) {
                add_samples(f->store, t, 1, 140);
                assert_int_equal(store_commit(f->store), 0);
                store_sensor(f->store, STRAP, NULL, NULL, 50, 0); /* a commit in which nothing is wrong */
                assert_int_equal(store_commit(f->store), 0);
        }
        session_event(f->store, 60000, "zone", 1, NULL);
        session_end(f->store, 64000, false);
        session_begin(f->store, &head);
        add_samples(f->store, 0, 5, 140);
        assert_int_equal(store_commit(f->store), 0);
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 1);
        assert_non_null(strstr(log, "another program has deleted session 1 while it was recorded"));
        assert_query(f, "SELECT id, live_s FROM session", "2|4.0");

        /* Also while it goes on. */
        meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session");
        c = catch_log();
        add_samples(f->store, 5000, 5, 140);
        assert_int_equal(store_commit(f->store), 0);
        free(log);
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 1);
        assert_query(f, "SELECT count(*) FROM session", "0");
}

/* Killed while the disk cannot be written: an id that was told to somebody is not given to another session. */
static void test_told_ids(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        sqlite3 *other;
        int ids[2], status;
        int64_t told;
        pid_t pid;

        fixture_close(f);
        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(pipe2(ids, O_CLOEXEC), 0);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        fixture_open(f);
                        assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
                        assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
                        (void)catch_log();
                        for (unsigned j = 0; j < 2; j++) {
                                told = session_begin(f->store, &head);
                                (void)store_commit(f->store);
                        }
                        if (write(ids[1], &told, sizeof(told)) == sizeof(told))
                                raise(SIGKILL);
                        _exit(1);
                }
                close(ids[1]);
                assert_int_equal(read(ids[0], &told, sizeof(told)), sizeof(told));
                close(ids[0]);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_int_equal(told, 2 * (i + 1));
        }

        fixture_open(f);
        assert_int_equal(session_begin(f->store, &head), 7);
        assert_int_equal(store_commit(f->store), 0);
        /* From now on the database knows. */
        session_discard(f->store);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(session_begin(f->store, &head), 8);
}

/* The mark of another version of the daemon, of a full disk or of another hand is none. */
static void test_odd_marks(void **state)
{
        static const char *const marks[] = { "", "12", "12\n", "12\n\n\n\n\n\n\n\n\n\n\n\n\n-5\n",
                "12             9999999999999999999999", "12             twenty               ",
                "12             20 and more text      ", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n0" };
        Fixture *f = *state;
        SessionHead head = head_default();
        char path[80];

        (void)snprintf(path, sizeof(path), "%s.lock", f->path);
        for (size_t i = 0; i < ELEMENTSOF(marks); i++) {
                FILE *file;

                fixture_close(f);
                file = fopen(path, "we");
                assert_non_null(file);
                assert_true(fputs(marks[i], file) >= 0);
                assert_int_equal(fclose(file), 0);
                fixture_open(f);
                assert_int_equal(session_begin(f->store, &head), i + 1);
        }
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_locked),
                cmocka_unit_test(test_killed_at_every_write),
                test(test_file_too_large),
                test(test_sync),
                test(test_queue_full),
                test(test_row_gone),
                test(test_told_ids),
                test(test_odd_marks),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
