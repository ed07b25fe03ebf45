/* SPDX-License-Identifier: MIT */

/* A database that is deleted or replaced while it is open: it is noticed before anything more is written to it, and everything
 * that was recorded of the sessions at hand is found in the database that takes its place. */

#include "faulty-disk.h"

#include "daemon/store/coach.h"

static void remove_file(const Fixture *f, const char *ending)
{
        char path[80];

        (void)snprintf(path, sizeof(path), "%s%s", f->path, ending);
        assert_int_equal(unlink(path), 0);
}

static void assert_noticed(Fixture *f, StoreEnd end)
{
        Annotation a = ANNOTATION_NOTHING;
        Caught c = catch_log();
        _cleanup_free_ char *log = NULL;

        assert_int_equal(store_commit(f->store), -ESTALE);
        assert_int_equal(store_commit(f->store), -ESTALE);
        assert_true(store_is_lost(f->store));
        assert_int_equal(store_annotate(f->store, 1, &a), -ESTALE);
        assert_int_equal(store_delete_session(f->store, 404), -ESTALE);
        log = caught_log(&c);
        assert_int_equal(count_lines(log), 1);
        assert_non_null(strstr(log, f->path));
        assert_non_null(strstr(log, "another program"));
        assert_int_equal(store_stop(f->store), end);
}

/* After each step of a run: with nothing in its place, the whole of the session that is recorded is in the new one. */
static void test_deleted(void **state)
{
        _cleanup_free_ char *expected = NULL;
        Fixture *f = *state;
        OpenSession open;

        run_step(f->store, 0);
        assert_int_equal(store_commit(f->store), 0);
        run_step(f->store, 1);
        assert_int_equal(store_commit_wait(f->store), 0);
        run_step(f->store, 2);
        expected = NULL;
        remove_file(f, "");
        assert_noticed(f, STORE_END_SPILLED);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 400000, 3600000, &open), 0);
        assert_int_equal(open.id, 1);
        assert_int_equal(session_writer_resume(&open, 0), 0);
        run_from(f->store, 3);
        expected = run_reference();
        assert_whole(f, expected);
}

/* With another one in its place, its sessions get numbers there that are free, and what was there stays. */
static void test_replaced(void **state)
{
        SessionHead head = head_default();
        Fixture *f = *state;
        char away[80];

        (void)snprintf(away, sizeof(away), "%s.away", f->path);
        for (unsigned i = 0; i < 3; i++) {
                session_begin(f->store, &head);
                add_samples(f->store, 0, 10, 100 + i);
                session_end(f->store, 9000, false);
        }
        assert_int_equal(store_commit(f->store), 0);
        fixture_close(f);
        assert_int_equal(rename(f->path, away), 0);
        fixture_open(f);
        assert_int_equal(session_begin(f->store, &head), 1);
        add_samples(f->store, 0, 20, 140);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(rename(away, f->path), 0);
        add_samples(f->store, 20000, 5, 141);
        session_end(f->store, 24000, false);
        session_begin(f->store, &head);
        add_samples(f->store, 0, 5, 142);
        assert_noticed(f, STORE_END_SPILLED);
        fixture_close(f);
        fixture_open(f);
        assert_query(f,
                        "SELECT session_id, count(*), min(heart_rate), max(heart_rate) FROM sample GROUP BY "
                        "1",
                        "1|10|100|100\n2|10|101|101\n3|10|102|102\n4|25|140|141\n5|5|142|142");
        assert_query(f, "SELECT ended_at - started_at FROM session WHERE id = 4", "24000");
        assert_int_equal(session_begin(f->store, &head), 6);
}

/* What belongs to it is gone: nothing is lost with it. */
static void test_bare(void **state)
{
        static const char *const endings[] = { "-wal", "-shm" };
        _cleanup_free_ char *reference = run_reference();

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                Fixture *f = *state;

                for (unsigned step = 0; step < RUN_COMMITS - 1; step++) {
                        run_step(f->store, step);
                        assert_int_equal(store_commit(f->store), 0);
                }
                run_step(f->store, RUN_COMMITS - 1);
                remove_file(f, endings[i]);
                assert_noticed(f, STORE_END_WRITTEN);
                fixture_close(f);
                fixture_open(f);
                assert_whole(f, reference);
                fixture_teardown(state);
                fixture_setup(state);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_deleted, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_replaced, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_bare, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
