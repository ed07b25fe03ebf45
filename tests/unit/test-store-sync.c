/* SPDX-License-Identifier: MIT */

/* What is committed is brought to the disk by a thread, while the store is used as ever. Here the disk takes as long as a test
 * wants it to. */

#include "faulty-disk.h"

#include <poll.h>

#include "daemon/store/coach.h"

static void sync_now(Fixture *f)
{
        store_sync_begin(f->store);
        assert_true(store_syncing(f->store));
        assert_int_equal(store_sync_wait(f->store), 0);
        assert_false(store_syncing(f->store));
}

/* So does a sync in a thread of its own, once for whatever was committed before, and also where it has to begin the log
 * anew; so a commit never does. */
static void test_sync_apart(void **state)
{
        Fixture *f = *state;
        unsigned n;

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store), 0);
        assert_true(store_unsynced(f->store));
        disk.n_wal_syncs = 0;
        sync_now(f);
        assert_int_equal(disk.n_wal_syncs, 1);
        assert_false(store_unsynced(f->store));
        store_sync_begin(f->store); /* there is nothing to do */
        assert_false(store_syncing(f->store));

        for (int64_t t = 100000; !store_sync_is_urgent(f->store); t += 5000) {
                add_samples(f->store, t, 5, 140);
                assert_int_equal(store_commit(f->store), 0);
        }
        assert_int_equal(disk.n_wal_syncs, 1);
        sync_now(f);
        assert_false(store_sync_is_urgent(f->store));
        n = disk.n_wal_syncs;
        assert_true(n > 1);
        add_samples(f->store, INT64_C(90000000), 5, 140);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(disk.n_wal_syncs, n);
}

/* While a sync is at it, the database is read and written as ever. */
static void test_sync_and_commit(void **state)
{
        _cleanup_free_ char *reference = run_reference();
        Fixture *f = *state;

        for (unsigned i = 0; i < RUN_COMMITS; i++) {
                store_sync_begin(f->store);
                run_step(f->store, i);
                assert_int_equal(store_commit(f->store), 0);
                assert_int_equal(store_sync_wait(f->store), 0);
        }
        assert_whole(f, reference);
}

static void gate_open(int gate)
{
        assert_int_equal(write(gate, "", 1), 1);
}

/* Waits until the thread stands before its nth sync. */
static void gate_wait(unsigned nth)
{
        for (unsigned i = 0; i < 10000 && __atomic_load_n(&disk.n_gated, __ATOMIC_ACQUIRE) < nth; i++)
                (void)poll(NULL, 0, 1);
        assert_int_equal(__atomic_load_n(&disk.n_gated, __ATOMIC_ACQUIRE), nth);
}

static int count_column(void *userdata, _unused_ const char *column, _unused_ const StoreValue *value)
{
        ++*(unsigned *)userdata;
        return 0;
}

/* Of a disk that takes its time nobody notices anything, but for the moment in which the log is begun anew: then what is to be
 * written waits, and what is read does not. */
static void test_slow_disk(void **state)
{
        _cleanup_free_ char *log = NULL;
        SessionHead head = head_default();
        Annotation a = ANNOTATION_NOTHING;
        Fixture *f = *state;
        unsigned n = 0, nth = 0, held = 0;
        int gate[2];
        Caught c;

        for (unsigned i = 0; i < 2; i++) {
                session_begin(f->store, &head);
                add_samples(f->store, 0, 60, 140);
                session_end(f->store, 59000, false);
        }
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(store_delete_session(f->store, 1), 0);
        assert_int_equal(pipe(gate), 0);
        disk.n_gated = 0;
        disk.gate_fd = gate[0];
        c = catch_log();
        store_sync_begin(f->store);
        session_begin(f->store, &head);
        for (; nth < 3; nth++) {
                int r;

                gate_wait(nth + 1);
                add_sample(f->store, 1000 * nth, 140, 140, 2);
                r = store_commit(f->store);
                held += r == -EAGAIN;
                assert_true(nth == 0 ? r == 0 : r == -EAGAIN);
                assert_int_equal(store_held(f->store), r == -EAGAIN);
                assert_int_equal(store_waiting(f->store), 0);
                a.rpe = 5;
                assert_int_equal(store_annotate(f->store, 2, &a), r);
                assert_int_equal(store_delete_session(f->store, 404), r < 0 ? r : -ENOENT);
                assert_int_equal(store_get_session(f->store, 2, count_column, &n), 0);
                assert_false(store_sync_done(f->store));
                gate_open(gate[1]);
        }
        for (unsigned i = 0; i < 9; i++) /* more than there are left */
                gate_open(gate[1]);
        assert_int_equal(store_sync_wait(f->store), 0);
        disk.gate_fd = 0;
        assert_int_equal(held, 2);
        assert_true(n > 0);
        assert_int_equal(store_deletion(f->store, store_deletions(f->store)), STORE_DELETION_DONE);
        assert_int_equal(store_commit(f->store), 0);
        assert_false(store_held(f->store));
        assert_int_equal(store_annotate(f->store, 2, &a), 0);
        assert_query(f, "SELECT count(*) FROM sample WHERE session_id = 3", "3");
        log = caught_log(&c);
        assert_string_equal(log, "");
        close(gate[0]);
        close(gate[1]);
}

/* Before its end it can be told that one would have to wait for it. */
static void test_sync_done(void **state)
{
        Fixture *f = *state;
        int gate[2];
        struct pollfd synced = { .fd = store_sync_fd(f->store), .events = POLLIN };

        assert_int_equal(pipe(gate), 0);
        disk.gate_fd = gate[0];
        assert_true(store_sync_done(f->store));
        for (unsigned i = 0; i < 3; i++) {
                run_step(f->store, i);
                assert_int_equal(store_commit(f->store), 0);
                store_sync_begin(f->store);
                assert_false(store_sync_done(f->store));
                assert_int_equal(store_sync_end(f->store), -EAGAIN);
                assert_true(store_syncing(f->store));
                assert_int_equal(write(gate[1], "", 1), 1);
                assert_int_equal(poll(&synced, 1, 10000), 1);
                assert_true(store_sync_done(f->store));
                assert_int_equal(store_sync_end(f->store), 0);
                assert_true(store_sync_done(f->store));
                assert_int_equal(poll(&synced, 1, 0), 0);
        }
        disk.gate_fd = 0;
        close(gate[0]);
        close(gate[1]);
}

/* It is said once that it fails, and tried until it does not. */
static void test_sync_fails(void **state)
{
        _cleanup_free_ char *log = NULL;
        Fixture *f = *state;
        Caught c = catch_log();

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store), 0);
        disk_fault(DISK_SYNC, 1, 2, SQLITE_IOERR_FSYNC);
        for (unsigned i = 0; i < 3; i++) {
                store_sync_begin(f->store);
                assert_int_equal(store_sync_wait(f->store), i < 2 ? -EIO : 0);
                assert_int_equal(store_unsynced(f->store), i < 2);
        }
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 2);
        assert_non_null(strstr(log, "cannot be brought to the disk, tried again: disk I/O error"));
        assert_non_null(strstr(log, "is brought to the disk again"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_sync_apart, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_sync_and_commit, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_slow_disk, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_sync_done, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_sync_fails, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
