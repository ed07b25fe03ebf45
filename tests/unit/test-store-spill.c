/* SPDX-License-Identifier: MIT */

/* What cannot be written at a stop is kept in a file of its own and stored at the next start: once, in order, and never
 * silently not. */

#include "faulty-disk.h"

#include <signal.h>
#include <sys/wait.h>

#include "daemon/store/internal.h"

/* The lock that a writer of a database in WAL mode takes (https://sqlite.org/walformat.html#wal_locks). */
#define WAL_WRITE_LOCK 120

typedef struct Other {
        pid_t pid;
} Other;

/* A process that may only read holds the writer's lock, as any lock of its bars it. */
static Other other_locks(const Fixture *f)
{
        int ready[2];
        char shm[80], c;
        Other other;

        (void)snprintf(shm, sizeof(shm), "%s-shm", f->path);
        assert_int_equal(pipe(ready), 0);
        other.pid = fork();
        assert_true(other.pid >= 0);
        if (other.pid == 0) {
                struct flock lock = { .l_type = F_RDLCK, .l_start = WAL_WRITE_LOCK, .l_len = 1 };
                int fd = open(shm, O_RDONLY | O_CLOEXEC);

                if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "", 1) != 1)
                        _exit(1);
                for (;;)
                        (void)pause();
        }
        close(ready[1]);
        assert_int_equal(read(ready[0], &c, 1), 1);
        close(ready[0]);
        return other;
}

/* It is killed: at an end of its own valgrind would look for what the parent has yet to free. */
static void other_ends(const Other *other)
{
        int status;

        assert_int_equal(kill(other->pid, SIGKILL), 0);
        assert_int_equal(waitpid(other->pid, &status, 0), other->pid);
        assert_true(WIFSIGNALED(status));
}

static void spill_path(const Fixture *f, const char *ending, char ret[static 96])
{
        (void)snprintf(ret, 96, "%s.spill%s", f->path, ending);
}

static bool spill_is(const Fixture *f, const char *ending)
{
        char path[96];

        spill_path(f, ending, path);
        return access(path, F_OK) == 0;
}

static void *file_read(const char *path, size_t *ret_size)
{
        FILE *in = fopen(path, "r");
        struct stat st;
        void *bytes;

        assert_non_null(in);
        assert_int_equal(fstat(fileno(in), &st), 0);
        bytes = malloc((size_t)st.st_size);
        assert_non_null(bytes);
        assert_int_equal(fread(bytes, 1, (size_t)st.st_size, in), st.st_size);
        fclose(in);
        *ret_size = (size_t)st.st_size;
        return bytes;
}

static void file_write(const char *path, const void *bytes, size_t size)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, size), size);
        close(fd);
}

/* A run whose last steps, from first on, are refused, and a stop. Returns what that said. */
static StoreEnd spilled_run(Fixture *f, unsigned first)
{
        StoreEnd end;
        Other other;

        for (unsigned i = 0; i < first; i++) {
                run_step(f->store, i);
                assert_int_equal(store_commit(f->store), 0);
        }
        other = other_locks(f);
        for (unsigned i = first; i < RUN_COMMITS; i++) {
                run_step(f->store, i);
                assert_int_equal(store_commit(f->store), -EBUSY);
        }
        end = store_stop(f->store);
        fixture_close(f);
        other_ends(&other);
        return end;
}

static void test_spilled(void **state)
{
        _cleanup_free_ char *reference = run_reference();

        for (unsigned first = 0; first < RUN_COMMITS; first++) {
                _cleanup_free_ char *log = NULL;
                Fixture *f = *state;
                struct stat st;
                char path[96];
                Caught c = catch_log();

                assert_int_equal(spilled_run(f, first), STORE_END_SPILLED);
                log = caught_log(&c);
                spill_path(f, "", path);
                assert_non_null(strstr(log, path));
                assert_null(strstr(log, "lost"));
                assert_int_equal(stat(path, &st), 0);
                assert_int_equal(st.st_mode & 07777, 0600);
                assert_false(spill_is(f, ".new"));

                c = catch_log();
                fixture_open(f);
                free(log);
                log = caught_log(&c);
                assert_int_equal(count_lines(log), 1);
                assert_non_null(strstr(log, "are stored, from"));
                assert_whole(f, reference);
                assert_false(spill_is(f, ""));
                /* A later one has an id of its own. */
                {
                        SessionHead head = head_default();

                        assert_int_equal(session_begin(f->store, &head), 4);
                }
                fixture_teardown(state);
                fixture_setup(state);
        }
}

/* A session that was stopped goes on, as if all of it had been written. */
static void test_goes_on(void **state)
{
        SessionHead head = head_default();
        Fixture *f = *state;
        OpenSession open;
        unsigned told;
        Other other;
        bool lost;

        session_begin(f->store, &head);
        add_samples(f->store, 0, 60, 140);
        session_event(f->store, 10000, "trouble", NAN, "strap-lost");
        session_event(f->store, 20000, "trouble", 10, "strap-back");
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(store_session_losses(f->store, 1, &told, &lost), 0);
        assert_true(told == 1 && !lost);
        assert_false(store_battery_low(f->store, STRAP));
        other = other_locks(f);
        add_samples(f->store, 60000, 24, 140);
        session_event(f->store, 83000, "trouble", NAN, "strap-lost");
        store_set_battery_low(f->store, STRAP, true);
        session_end(f->store, 83000, true);
        assert_int_equal(store_stop(f->store), STORE_END_SPILLED);
        fixture_close(f);
        other_ends(&other);

        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 90000, 60000, &open), 0);
        assert_int_equal(open.id, 1);
        assert_int_equal(open.last_t, 83000);
        assert_int_equal(store_session_losses(f->store, 1, &told, &lost), 0);
        assert_true(told == 2 && lost);
        assert_true(store_battery_low(f->store, STRAP));
        assert_false(store_battery_low(f->store, "00:00:00:00:00:00"));
        assert_int_equal(session_writer_resume(&open, 0), 0);
        add_samples(f->store, 90000, 10, 140);
        session_end(f->store, 99000, false);
        assert_int_equal(store_commit_wait(f->store), 0);
        assert_query(f, "SELECT count(*), (SELECT ended_at - started_at FROM session) FROM sample",
                        "94|99000");
}

/* While the database still refuses, what was spilled stays. */
static void test_still_locked(void **state)
{
        _cleanup_free_ char *reference = run_reference(), *error = NULL, *before = NULL, *after = NULL;
        Fixture *f = *state;
        size_t size, size_after;
        char path[96];
        Other other;

        assert_int_equal(spilled_run(f, 2), STORE_END_SPILLED);
        spill_path(f, "", path);
        before = file_read(path, &size);
        other = other_locks(f);
        assert_int_equal(store_open(f->path, false, &f->store, &error), -EBUSY);
        assert_non_null(error);
        after = file_read(path, &size_after);
        assert_int_equal(size, size_after);
        assert_memory_equal(before, after, size);
        other_ends(&other);
        fixture_open(f);
        assert_whole(f, reference);
}

/* Killed between storing it and removing it: it is there again, and stored already. */
static void test_once(void **state)
{
        _cleanup_free_ char *reference = run_reference();
        _cleanup_free_ void *bytes = NULL;
        Fixture *f = *state;
        size_t size;
        char path[96];

        assert_int_equal(spilled_run(f, 1), STORE_END_SPILLED);
        spill_path(f, "", path);
        bytes = file_read(path, &size);
        fixture_open(f);
        fixture_close(f);
        file_write(path, bytes, size);
        fixture_open(f);
        assert_whole(f, reference);
        assert_false(spill_is(f, ""));
        assert_false(spill_is(f, ".refused-1"));
}

/* Killed at each operation of the disk while it is taken up. */
static void test_killed(void **state)
{
        _cleanup_free_ char *reference = run_reference();
        unsigned n_killed = 0;

        for (int nth = 1;; nth++) {
                Fixture *f = *state;
                int status;
                pid_t pid;

                assert_int_equal(spilled_run(f, 2), STORE_END_SPILLED);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        disk_fault(DISK_CHANGE | DISK_SHM_LOCK, nth, 1, DISK_KILL);
                        fixture_open(f);
                        _exit(0);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                n_killed += WIFSIGNALED(status);
                fixture_open(f);
                assert_whole(f, reference);
                assert_false(spill_is(f, ""));
                fixture_teardown(state);
                fixture_setup(state);
                if (!WIFSIGNALED(status))
                        break;
        }
        assert_true(n_killed > 5);
}

/* The last commit fails only once all of it is in the log, where SQLite finds it later: it is not stored twice. */
static void test_commit_found_later(void **state)
{
        _cleanup_free_ char *reference = run_reference(), *log = NULL;
        Fixture *f = *state;
        int status;
        pid_t pid;
        Caught c;

        fixture_close(f);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                fixture_open(f);
                for (unsigned i = 0; i < RUN_COMMITS; i++)
                        run_step(f->store, i);
                disk_fault(DISK_SYNC, 1, 1000, SQLITE_IOERR_FSYNC);
                _exit(store_stop(f->store) == STORE_END_SPILLED ? 0 : 1); /* before it closes the database */
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_true(spill_is(f, ""));
        c = catch_log();
        fixture_open(f);
        log = caught_log(&c);
        assert_null(strstr(log, "are stored, from"));
        assert_whole(f, reference);
        assert_false(spill_is(f, ""));
}

/* Moved aside, with a line that names it, and the database goes on as it is. */
static void assert_refused(Fixture *f, const char *why)
{
        _cleanup_free_ char *log = NULL, *rows = query(f, EVERYTHING);
        _cleanup_free_ void *bytes = NULL, *aside = NULL;
        size_t size, size_aside;
        char path[96];
        Caught c;

        spill_path(f, "", path);
        bytes = file_read(path, &size);
        c = catch_log();
        fixture_open(f);
        log = caught_log(&c);
        assert_non_null(strstr(log, path));
        if (!strstr(log, why))
                fail_msg("not \"%s\": %s", why, log);
        assert_false(spill_is(f, ""));
        spill_path(f, ".refused-1", path);
        assert_non_null(strstr(log, path));
        aside = file_read(path, &size_aside);
        assert_int_equal(size, size_aside);
        assert_memory_equal(bytes, aside, size < 1048576 ? size : 1048576);
        assert_query(f, EVERYTHING, rows);
        assert_int_equal(unlink(path), 0);
        fixture_close(f);
}

static void test_damaged(void **state)
{
        Fixture *f = *state;
        uint8_t *bytes;
        size_t size;
        char path[96];

        assert_int_equal(spilled_run(f, 3), STORE_END_SPILLED);
        spill_path(f, "", path);
        bytes = file_read(path, &size);
        for (size_t i = 0; i < size; i += i < 64 ? 7 : 31) {
                file_write(path, bytes, i > 0 ? i : 1);
                assert_refused(f, "damaged");
                bytes[i] ^= 0x10;
                file_write(path, bytes, size);
                assert_refused(f, i >= 15 && i < 19 ? "newer" : "damaged");
                bytes[i] ^= 0x10;
        }
        /* Larger than one can be, which nobody reads. */
        file_write(path, bytes, size);
        assert_int_equal(truncate(path, 65 * 1024 * 1024), 0);
        assert_refused(f, "larger");
        free(bytes);
        fixture_open(f);
}

/* Refused ones do not replace each other, and not all of them are kept. */
static void test_refused_often(void **state)
{
        _cleanup_free_ char *error = NULL;
        Fixture *f = *state;
        char path[96];

        fixture_close(f);
        spill_path(f, "", path);
        for (char digit = '1'; digit <= '9'; digit++) {
                Caught c = catch_log();

                file_write(path, "nonsense", 8);
                fixture_open(f);
                fixture_close(f);
                free(caught_log(&c));
                assert_true(spill_is(
                                f, (char[]){ '.', 'r', 'e', 'f', 'u', 's', 'e', 'd', '-', digit, '\0' }));
        }
        file_write(path, "nonsense", 8);
        assert_int_equal(store_open(f->path, false, &f->store, &error), -EEXIST);
        assert_non_null(strstr(error, path));
        assert_true(spill_is(f, ""));
        assert_int_equal(unlink(path), 0);
        fixture_open(f);
}

/* Of a database that has been put in the place of the one it is of. */
static void test_foreign(void **state)
{
        Fixture *f = *state;
        char path[96];

        assert_int_equal(spilled_run(f, 1), STORE_END_SPILLED);
        assert_int_equal(unlink(f->path), 0);
        spill_path(f, "-", path);
        (void)snprintf(path, sizeof(path), "%s-wal", f->path);
        assert_int_equal(unlink(path), 0);
        {
                char spill[96], away[96];

                spill_path(f, "", spill);
                spill_path(f, ".away", away);
                assert_int_equal(rename(spill, away), 0);
                fixture_open(f);
                fixture_close(f);
                assert_int_equal(rename(away, spill), 0);
        }
        assert_refused(f, "of another database");
        fixture_open(f);
}

/* A folder that cannot be written to stands behind the state directory. */
static void test_state_directory(void **state)
{
        _cleanup_free_ char *reference = run_reference();
        Fixture *f = *state;
        char blocked[96], inner[112], folder[96];

        (void)snprintf(folder, sizeof(folder), "%s/state", f->folder);
        assert_int_equal(setenv("STATE_DIRECTORY", folder, 1), 0);
        spill_path(f, ".new", blocked);
        (void)snprintf(inner, sizeof(inner), "%s/x", blocked);
        assert_int_equal(mkdir(blocked, 0700), 0);
        assert_int_equal(mkdir(inner, 0700), 0);
        assert_int_equal(spilled_run(f, 2), STORE_END_SPILLED);
        assert_false(spill_is(f, ""));
        fixture_open(f);
        assert_whole(f, reference);
        fixture_close(f);
        assert_int_equal(rmdir(folder), 0); /* it is empty */
        fixture_open(f);
        assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);
}

/* Where there is no place at all, it is said how much is lost. */
static void test_lost(void **state)
{
        _cleanup_free_ char *log = NULL;
        Fixture *f = *state;
        char blocked[96], inner[112];
        Caught c;

        assert_int_equal(setenv("STATE_DIRECTORY", "/dev/null/there", 1), 0);
        spill_path(f, ".new", blocked);
        (void)snprintf(inner, sizeof(inner), "%s/x", blocked);
        assert_int_equal(mkdir(blocked, 0700), 0);
        assert_int_equal(mkdir(inner, 0700), 0);
        c = catch_log();
        assert_int_equal(spilled_run(f, 4), STORE_END_LOST);
        log = caught_log(&c);
        assert_non_null(strstr(log, "3 entries are lost"));
        fixture_open(f);
        assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);
}

/* Everything is committed and the last sync is refused by a lock: the log is brought to the disk nevertheless. */
static void test_unsynced(void **state)
{
        Fixture *f = *state;
        unsigned syncs;
        Other other;

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store), 0);
        other = other_locks(f);
        syncs = disk.n_wal_syncs;
        assert_int_equal(store_stop(f->store), STORE_END_WRITTEN);
        assert_int_equal(disk.n_wal_syncs, syncs + 1);
        disk_fault(DISK_SYNC, 1, 1000, SQLITE_IOERR_FSYNC);
        assert_int_equal(store_stop(f->store), STORE_END_LOST);
        disk_heal();
        other_ends(&other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_spilled, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_goes_on, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_still_locked, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_once, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_killed, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_commit_found_later, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_damaged, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_refused_often, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_foreign, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_state_directory, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_lost, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_unsynced, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
