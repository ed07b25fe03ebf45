/* SPDX-License-Identifier: MIT */

/* What happens when the disk does not do as it is told: locked, full, failing at any single write, or gone in
 * the middle. SQLite's own way to the disk is wrapped for it (https://sqlite.org/vfs.html): every write,
 * truncation and sync can be made to fail, or to be the last thing that happens. */

#include "store-fixture.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* -- The wrapped disk -- */

static struct {
        sqlite3_vfs vfs;
        sqlite3_vfs *real;
        int countdown; /* the fault is at the write that makes it 0; below: never */
        int lasting;   /* that many writes fail from there on */
        int rc;        /* with this; 0 = the process is killed there */
        unsigned n_wal_syncs;
} disk;

typedef struct WrappedFile {
        sqlite3_file base;
        bool is_wal;
        sqlite3_file real[]; /* of the size its own layer asks for */
} WrappedFile;

static sqlite3_file *real_file(sqlite3_file *file)
{
        return ((WrappedFile *)file)->real;
}

static int disk_step(void)
{
        if (disk.countdown <= 0 || --disk.countdown > 0)
                return SQLITE_OK;
        if (disk.rc == 0)
                raise(SIGKILL);
        if (--disk.lasting > 0)
                disk.countdown = 1;
        return disk.rc;
}

#define FORWARD(type, name, parameters, arguments)                \
        static type wrapped_##name parameters                     \
        {                                                         \
                return real_file(file)->pMethods->name arguments; \
        }

FORWARD(int, xClose, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xRead, (sqlite3_file * file, void *buf, int n, sqlite3_int64 at), (real_file(file), buf, n, at))
FORWARD(int, xFileSize, (sqlite3_file * file, sqlite3_int64 *size), (real_file(file), size))
FORWARD(int, xLock, (sqlite3_file * file, int lock), (real_file(file), lock))
FORWARD(int, xUnlock, (sqlite3_file * file, int lock), (real_file(file), lock))
FORWARD(int, xCheckReservedLock, (sqlite3_file * file, int *ret), (real_file(file), ret))
FORWARD(int, xFileControl, (sqlite3_file * file, int op, void *arg), (real_file(file), op, arg))
FORWARD(int, xSectorSize, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xDeviceCharacteristics, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xShmMap, (sqlite3_file * file, int region, int size, int extend, void volatile **ret),
                (real_file(file), region, size, extend, ret))
FORWARD(int, xShmLock, (sqlite3_file * file, int at, int n, int flags), (real_file(file), at, n, flags))
FORWARD(void, xShmBarrier, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xShmUnmap, (sqlite3_file * file, int delete), (real_file(file), delete))

static int wrapped_xWrite(sqlite3_file *file, const void *buf, int n, sqlite3_int64 at)
{
        int rc = disk_step();

        return rc != SQLITE_OK ? rc : real_file(file)->pMethods->xWrite(real_file(file), buf, n, at);
}

static int wrapped_xTruncate(sqlite3_file *file, sqlite3_int64 size)
{
        int rc = disk_step();

        return rc != SQLITE_OK ? rc : real_file(file)->pMethods->xTruncate(real_file(file), size);
}

static int wrapped_xSync(sqlite3_file *file, int flags)
{
        int rc = disk_step();

        if (((WrappedFile *)file)->is_wal)
                disk.n_wal_syncs++;
        (void)flags; /* no power is cut here: that it was asked for is enough */
        return rc;
}

static const sqlite3_io_methods wrapped_methods = {
        .iVersion = 2,
        .xClose = wrapped_xClose,
        .xRead = wrapped_xRead,
        .xWrite = wrapped_xWrite,
        .xTruncate = wrapped_xTruncate,
        .xSync = wrapped_xSync,
        .xFileSize = wrapped_xFileSize,
        .xLock = wrapped_xLock,
        .xUnlock = wrapped_xUnlock,
        .xCheckReservedLock = wrapped_xCheckReservedLock,
        .xFileControl = wrapped_xFileControl,
        .xSectorSize = wrapped_xSectorSize,
        .xDeviceCharacteristics = wrapped_xDeviceCharacteristics,
        .xShmMap = wrapped_xShmMap,
        .xShmLock = wrapped_xShmLock,
        .xShmBarrier = wrapped_xShmBarrier,
        .xShmUnmap = wrapped_xShmUnmap,
};

static int wrapped_open(
                _unused_ sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
        WrappedFile *wrapped = (WrappedFile *)file;
        int rc;

        wrapped->base.pMethods = NULL;
        wrapped->is_wal = flags & SQLITE_OPEN_WAL;
        rc = disk.real->xOpen(disk.real, path, wrapped->real, flags, ret_flags);
        if (wrapped->real->pMethods)
                wrapped->base.pMethods = &wrapped_methods;
        return rc;
}

static int disk_setup(_unused_ void **state)
{
        disk.real = sqlite3_vfs_find(NULL);
        disk.vfs = *disk.real;
        disk.vfs.zName = "wrapped";
        disk.vfs.szOsFile = (int)sizeof(WrappedFile) + disk.real->szOsFile;
        disk.vfs.xOpen = wrapped_open;
        return sqlite3_vfs_register(&disk.vfs, 1);
}

static int disk_teardown(_unused_ void **state)
{
        return sqlite3_vfs_unregister(&disk.vfs);
}

static void disk_fault(int nth, int lasting, int rc)
{
        disk.countdown = nth;
        disk.lasting = lasting;
        disk.rc = rc;
}

/* -- A run in three commits -- */

#define EVERYTHING                                                                                         \
        "SELECT * FROM (SELECT quote(id) || quote(started_at) || quote(ended_at) || quote(live_s) || "     \
        "quote(avg_hr) || quote(over_s) || quote(breaches) || quote(longest_breach_s) || quote(trimp) "    \
        "FROM session ORDER BY id) UNION ALL "                                                             \
        "SELECT * FROM (SELECT quote(session_id) || quote(t) || quote(heart_rate) || quote(rr_json) FROM " \
        "sample ORDER BY session_id, t) UNION ALL "                                                        \
        "SELECT * FROM (SELECT quote(session_id) || quote(t) || type || quote(value) || quote(detail) "    \
        "FROM event ORDER BY session_id, t) UNION ALL "                                                    \
        "SELECT * FROM (SELECT quote(session_id) || quote(zone) || quote(seconds) FROM zone_time) UNION "  \
        "ALL "                                                                                             \
        "SELECT quote(seq) FROM sqlite_sequence UNION ALL SELECT address FROM sensor"

#define RUN_COMMITS 5U

static void run_step(Store *s, unsigned i)
{
        static const uint16_t rr[] = { 500, 501, 502 };
        SessionHead head = head_default();
        Sample sample = { .heart_rate = 130, .smoothed = 130, .zone = 1, .contact = 1 };

        switch (i) {
        case 0:
                store_session_begin(s, &head);
                add_samples(s, 0, 60, 140);
                break;
        case 1:
                for (int64_t t = 60000; t < 65000; t += 1000)
                        store_sample(s, t, &sample, rr, ELEMENTSOF(rr));
                add_samples(s, 65000, 30, 150);
                store_event(s, 75000, "over-limit", 150, NULL);
                break;
        case 2:
                store_event(s, 95000, "back-in-range", 30, "why");
                store_event(s, 95000, "ceiling", 160, NULL);
                add_samples(s, 95000, 300, 155);
                store_session_clock(s, 300000, 5000);
                break;
        case 3:
                store_session_end(s, 200000, false);
                store_session_begin(s, &head);
                add_samples(s, 0, 5, 100);
                store_session_discard(s);
                store_session_begin(s, &head);
                add_samples(s, 0, 11, 100);
                break;
        case 4:
                store_sensor(s, "11:22:33:44:55:66", "Other", NULL, -1, 0);
                store_session_end(s, 10000, false);
                break;
        }
}

static void run_all(Store *s)
{
        for (unsigned i = 0; i < RUN_COMMITS; i++) {
                run_step(s, i);
                (void)store_commit(s, i == 2); /* fails where the test has it fail */
        }
}

static void assert_whole(const Fixture *f, const char *expected)
{
        assert_query(f, "PRAGMA integrity_check", "ok");
        assert_query(f, EVERYTHING, expected);
}

/* What a run leaves behind when nothing goes wrong. */
static char *run_reference(void)
{
        void *state;
        char *text;

        disk_fault(0, 0, 0);
        fixture_setup(&state);
        run_all(((Fixture *)state)->store);
        assert_false(store_pending(((Fixture *)state)->store));
        text = query(state, EVERYTHING);
        fixture_teardown(&state);
        return text;
}

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
                assert_int_equal(store_commit(f->store, false), 0);
                assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
                assert_int_equal(sqlite3_exec(other, locks[i], NULL, NULL, NULL), SQLITE_OK);

                c = catch_log();
                for (unsigned step = 1; step < RUN_COMMITS; step++) {
                        run_step(f->store, step);
                        assert_int_equal(store_commit(f->store, step == 2), -EBUSY);
                        assert_true(store_pending(f->store));
                }
                /* What is stored can be asked for, what is not says why. */
                assert_int_equal(store_get_session(f->store, 77, NULL, NULL), -EBUSY);
                assert_int_equal(store_delete_session(f->store, 1), -EBUSY);
                sqlite3_close(other);
                assert_int_equal(store_commit(f->store, true), 0);
                log = caught_log(&c);
                assert_int_equal(count_lines(log), 2);
                assert_non_null(strstr(
                                log, "cannot be written, 36 entries wait in memory: database is locked"));
                assert_non_null(strstr(log, "is written again, 361 entries had waited, 0 were dropped"));
                assert_whole(f, reference);
                fixture_teardown(&own);
        }
}

/* Whichever write fails, once or five times, with one error or another: nothing is lost, and nothing is there
 * twice. */
static void test_every_write(void **state)
{
        static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC };
        _cleanup_free_ char *reference = run_reference();
        bool reached = true;

        (void)state;
        for (int nth = 1; reached; nth++) {
                int lasting = nth % 2 ? 1 : 5;
                void *own;
                Fixture *f;
                Caught c;

                fixture_setup(&own);
                f = own;
                c = catch_log();
                disk_fault(nth, lasting, codes[nth % 3]);
                run_all(f->store);
                reached = disk.lasting < lasting;
                disk_fault(0, 0, 0);
                assert_int_equal(store_commit(f->store, true), 0);
                free(caught_log(&c));
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
                if (store_commit(f->store, i == 2) == 0)
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
        bool killed = true;

        (void)state;
        assert_ptr_not_equal(n_commits, MAP_FAILED);
        for (int nth = 1; killed; nth++) {
                _cleanup_free_ char *n = NULL;
                OpenSession o;
                void *own;
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
                        disk_fault(nth, 1, 0);
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
                /* The commit it was killed in may have reached the disk, or not. */
                n = query(f, "SELECT count(*) FROM sample");
                if (strcmp(n, expected[*n_commits]) != 0)
                        assert_string_equal(n, expected[*n_commits + 1]);
                run_step(f->store, 0);
                assert_int_equal(store_commit(f->store, false), 0);
                fixture_teardown(&own);
        }
        assert_int_equal(*n_commits, RUN_COMMITS);
        assert_int_equal(munmap(n_commits, sizeof(*n_commits)), 0);
}

/* A failing disk while the file is opened: told, and nothing is left in the way of the next attempt. */
static void test_open_fails(void **state)
{
        bool failed = true;
        Fixture *f = *state;

        fixture_close(f);
        for (int nth = 1; failed; nth++) {
                _cleanup_free_ char *error = NULL;
                int r;

                assert_int_equal(unlink(f->path), 0);
                disk_fault(nth, 1, SQLITE_FULL);
                r = store_open(f->path, false, &f->store, &error);
                failed = disk.countdown == 0;
                disk_fault(0, 0, 0);
                if (r < 0) {
                        assert_non_null(strstr(error, f->path));
                        fixture_open(f);
                }
                assert_query(f, "SELECT count(*) FROM session", "0");
                fixture_close(f);
        }
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
        assert_int_equal(store_commit(f->store, false), 0);
        c = catch_log();
        tight.rlim_cur = 8192;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        for (unsigned i = 1; i < RUN_COMMITS; i++) {
                run_step(f->store, i);
                assert_true(store_commit(f->store, false) < 0);
        }
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(store_commit(f->store, false), 0);
        free(caught_log(&c));
        assert_whole(f, reference);
}

/* A sync commit puts everything before it on the platter, also when nothing is left to write. */
static void test_sync(void **state)
{
        Fixture *f = *state;

        /* A log that is new is synced once for its heading. */
        store_sensor(f->store, STRAP, NULL, NULL, -1, 0);
        assert_int_equal(store_commit(f->store, false), 0);

        run_step(f->store, 0);
        disk.n_wal_syncs = 0;
        assert_int_equal(store_commit(f->store, false), 0);
        assert_int_equal(disk.n_wal_syncs, 0);
        assert_int_equal(store_commit(f->store, true), 0);
        assert_int_equal(disk.n_wal_syncs, 1);
        assert_int_equal(store_commit(f->store, true), 0);
        assert_int_equal(disk.n_wal_syncs, 1);
        run_step(f->store, 1);
        assert_int_equal(store_commit(f->store, true), 0);
        assert_int_equal(disk.n_wal_syncs, 2);
        run_step(f->store, 2);
        assert_int_equal(store_commit(f->store, false), 0);
        assert_int_equal(disk.n_wal_syncs, 2);
}

/* Days of a locked file: heart rates find no room in the end, events and sessions do. */
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
        assert_int_equal(store_session_begin(f->store, &head), 1);
        add_samples(f->store, 0, STORE_QUEUE_MAX - 1, 140);
        add_samples(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, 9, 150); /* dropped */
        store_event(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, "stale", 5, NULL);
        store_session_end(f->store, 1000 * (int64_t)STORE_QUEUE_MAX, false);
        while ((id = store_session_begin(f->store, &head)) > 0) {
                store_event(f->store, 0, "zone", 1, "a detail");
                store_session_end(f->store, 0, false);
        }
        assert_int_equal(id, -ENOBUFS);
        assert_int_equal(store_commit(f->store, false), -EBUSY);
        sqlite3_close(other);
        assert_int_equal(store_commit(f->store, false), 0);
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 3);
        assert_non_null(strstr(log, "262144 entries wait for the disk, there is no room for more"));

        assert_query(f, "SELECT count(*), max(t) FROM sample", "262143|262142000");
        assert_query(f, "SELECT count(*) FROM session WHERE ended_at IS NULL", "0");
        assert_query(f, "SELECT t, type FROM event WHERE session_id = 1", "262144000|stale");
        assert_query(f, "SELECT live_s, avg_hr FROM session WHERE id = 1", "262142.0|140.0");
}

/* Another hand has deleted the session that is being recorded: told once a commit, and it does not stop the
 * rest. */
static void test_row_gone(void **state)
{
        _cleanup_free_ char *log = NULL;
        Fixture *f = *state;
        SessionHead head = head_default();
        Caught c;

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store, false), 0);
        meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session");
        c = catch_log();
        add_samples(f->store, 60000, 5, 140);
        store_event(f->store, 60000, "zone", 1, NULL);
        store_session_end(f->store, 64000, false);
        store_session_begin(f->store, &head);
        add_samples(f->store, 0, 5, 140);
        assert_int_equal(store_commit(f->store, false), 0);
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 1);
        assert_non_null(strstr(log, "7 entries contradict what is stored"));
        assert_query(f, "SELECT id, live_s FROM session", "2|4.0");

        /* Also while it goes on. */
        meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session");
        c = catch_log();
        add_samples(f->store, 5000, 5, 140);
        assert_int_equal(store_commit(f->store, false), 0);
        free(caught_log(&c));
        assert_query(f, "SELECT count(*) FROM session", "0");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_locked),
                cmocka_unit_test(test_every_write),
                cmocka_unit_test(test_killed_at_every_write),
                test(test_open_fails),
                test(test_file_too_large),
                test(test_sync),
                test(test_queue_full),
                test(test_row_gone),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
