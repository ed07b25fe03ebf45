/* SPDX-License-Identifier: MIT */

/* The log beside the database: moved into it as it grows; and what happens when somebody reads in one transaction for
 * hours, which here are commits without a pause. */

#include "store-fixture.h"

#define COMMITS_MAX 4000U

static int64_t wal_bytes(const Fixture *f)
{
        char path[80];
        struct stat st;

        (void)snprintf(path, sizeof(path), "%s-wal", f->path);
        return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* Five seconds of a run. */
static void run_on(Fixture *f, int64_t *t)
{
        add_samples(f->store, *t, 5, 140);
        *t += 5000;
        assert_int_equal(store_commit(f->store), 0);
        if (!store_sync_is_urgent(f->store))
                return;
        store_sync_begin(f->store);
        assert_int_equal(store_sync_wait(f->store), 0);
}

static void test_checkpoint(void **state)
{
        SessionHead head = head_default();
        Fixture *f = *state;
        int64_t t = 0;

        assert_int_equal(session_begin(f->store, &head), 1);
        for (unsigned i = 0; i < 1000; i++)
                run_on(f, &t);
        /* A thousand pages and what one commit writes. */
        assert_true(wal_bytes(f) > 0 && wal_bytes(f) < 1100 * 4120);
        assert_query(f, "SELECT count(*) FROM sample", "5000");
}

static unsigned count_text(const char *text, const char *part)
{
        unsigned n = 0;

        for (; (text = strstr(text, part)); text++)
                n++;
        return n;
}

static void test_reader(void **state)
{
        SessionHead head = head_default();
        _cleanup_free_ char *log = NULL, *after = NULL;
        Fixture *f = *state;
        unsigned n = 0;
        int64_t t = 0;
        Caught caught;
        sqlite3 *reader;

        assert_int_equal(session_begin(f->store, &head), 1);
        run_on(f, &t);
        assert_int_equal(sqlite3_open_v2(f->path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM sample", NULL, NULL, NULL),
                        SQLITE_OK);

        caught = catch_log();
        for (; n < COMMITS_MAX && wal_bytes(f) < 12 * 1024 * 1024; n++)
                run_on(f, &t);
        log = caught_log(&caught);
        assert_true(n < COMMITS_MAX);
        assert_int_equal(count_lines(log), 1);
        assert_non_null(strstr(log, "-wal: has grown to 8 MB"));

        caught = catch_log();
        assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(reader);
        for (unsigned i = 0; i < 400; i++, n++)
                run_on(f, &t);
        after = caught_log(&caught);
        assert_int_equal(count_lines(after), 1);
        assert_int_equal(count_text(after, "-wal: is moved into the database again"), 1);
        assert_true(wal_bytes(f) <= 8388608 + 1000 * 4120);
        {
                char expected[32];

                (void)snprintf(expected, sizeof(expected), "%u", 5 * (n + 1));
                assert_query(f, "SELECT count(*) FROM sample", expected);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_checkpoint, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_reader, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
