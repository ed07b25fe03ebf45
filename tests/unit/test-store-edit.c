/* SPDX-License-Identifier: MIT */

/* An edit, and taking it back, on a disk that refuses, and in a process that is killed, at each single thing that is asked
 * of the disk: it is done or it is not, and never by half. What becomes of sessions is in tests/bus/test-edit.c. */

#include "faulty-disk.h"

#include <sys/wait.h>

#include "daemon/config/config.h"
#include "daemon/manager/edit-plan.h"
#include "daemon/store/edit.h"

#define ALL                                                                                                              \
        EVERYTHING " UNION ALL SELECT quote(id) || quote(edited_at) FROM session UNION ALL SELECT quote(id)"             \
                   " || quote(session_id) || quote(t) FROM event UNION ALL SELECT quote(id) FROM edit UNION ALL"         \
                   " SELECT quote(session_id) || quote(is_result) FROM edit_session UNION ALL"                           \
                   " SELECT quote(id) || quote(live_s) FROM kept_session UNION ALL SELECT quote(session_id) || quote(t)" \
                   " FROM kept_sample UNION ALL SELECT quote(id) FROM kept_event UNION ALL SELECT quote(zone) FROM"      \
                   " kept_zone_time UNION ALL SELECT quote(session_id) || quote(t) || quote(distance) FROM kept_pace"

#define ROWS \
        "SELECT id || ' ' || t || type FROM event UNION ALL SELECT t || ' ' || smoothed || settled FROM sample"

static Config *config_default(void)
{
        char *error = NULL;
        Config *config = NULL;

        if (config_load("/nonexistent", false, (Date){ .year = 2024, .month = 3, .day = 15 }, &config,
                            &error) < 0)
                fail_msg("%s", error);
        return config;
}

static void record(Store *s)
{
        SessionHead head = head_default();

        session_begin(s, &head);
        add_samples(s, 0, 100, 120);
        add_pace(s, 400, 99, 0);
        session_event(s, 40000, "mark", NAN, "a mark");
        session_end(s, 99000, false);
        assert_int_equal(store_commit(s), 0);
}

/* Splits session 1 in the middle. */
static int split(Store *s)
{
        Config *config = config_default();
        SessionWriter *rows[2] = { NULL, NULL };
        StoreEdit e = { .kind = EDIT_SPLIT,
                .made_at = STARTED_AT + 3600000,
                .before = { 1 },
                .n_before = 1,
                .n_results = 2 };
        StoreRaw raw;
        int r = store_get_raw(s, 1, &raw);

        for (size_t i = 0; i < 2 && r == 0; i++) {
                const Stretch half =
                                stretch_between(&raw, i == 0 ? INT64_MIN : 50000, i == 0 ? 50000 : INT64_MAX);

                r = stretches_play(s, config, &half, 1, &e.result[i], &rows[i]);
                e.result[i].id = i == 0 ? 1 : 0;
        }
        if (r == 0)
                r = store_edit(s, &e);
        session_writer_free(rows[0]);
        session_writer_free(rows[1]);
        store_raw_clear(&raw);
        config_free(config);
        return r;
}

static int undo(Store *s)
{
        StoreUndo u;
        int r = store_undo_edit(s, 1, &u);

        assert_true(r < 0 || u.refusal == UNDO_DONE);
        return r;
}

static void assert_all(const Fixture *f, const char *expected)
{
        assert_query(f, "PRAGMA integrity_check", "ok");
        assert_query(f, ALL, expected);
}

/* Fails at the first, the second, … that is asked of the disk, until nothing fails; changes nothing till then. */
static void fail_each(const Fixture *f, int rc, int (*func)(Store *s))
{
        _cleanup_free_ char *before = query(f, ALL), *log = NULL;
        Caught c = catch_log();
        int nth = 1;

        for (;; nth++) {
                bool reached;
                int r;

                disk_fault(DISK_WRITE, nth, 1, rc);
                r = func(f->store);
                reached = disk.countdown <= 0;
                disk_heal();
                assert_true(reached == (r < 0));
                if (!reached)
                        break;
                assert_all(f, before);
        }
        log = caught_log(&c);
        assert_true(nth > 1);
}

static void test_disk_refuses(void **state)
{
        static const int faults[] = { SQLITE_FULL, SQLITE_IOERR_WRITE };
        Fixture *f = *state;
        char *before;

        record(f->store);
        before = query(f, ROWS);
        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                fail_each(f, faults[i], split);
                assert_query(f,
                                "SELECT count(*), sum(n), max(t) FROM (SELECT count(*) AS n, max(t) AS t FROM sample GROUP BY"
                                " session_id)",
                                "2|100|49000");
                fail_each(f, faults[i], undo);
                assert_query(f, ROWS, before);
        }
        free(before);
}

#define PACE \
        "SELECT session_id, t, speed, distance, ascent FROM pace UNION ALL SELECT id, 0, avg_speed, distance_m, ascent_m FROM session"

/* The way of each part begins anew; taken back it is as it was. */
static void test_pace_of_parts(void **state)
{
        _cleanup_free_ char *before = NULL;
        Fixture *f = *state;

        record(f->store);
        before = query(f, PACE);
        assert_int_equal(split(f->store), 0);
        assert_query(f,
                        "SELECT session_id, count(*), min(t), max(t), min(distance), max(distance), round(min(ascent), 6),"
                        " round(max(ascent), 6) FROM pace GROUP BY session_id",
                        "1|49|400|48400|0.0|144.0|0.0|1.44\n2|49|400|48400|3.0|147.0|0.03|1.47");
        assert_query(f, "SELECT id, distance_m, avg_speed, round(ascent_m, 6) FROM session",
                        "1|144.0|3.0|1.44\n2|144.0|3.0|1.44");
        assert_int_equal(undo(f->store), 0);
        assert_query(f, PACE, before);
}

/* In a process of its own, which dies at the nth of these. Returns whether it did. */
static bool killed_at(const Fixture *f, int nth, int (*func)(Store *s))
{
        Fixture child = *f;
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                fixture_open(&child);
                disk_fault(DISK_WRITE, nth, 1, DISK_KILL);
                (void)func(child.store); /* fails where nothing is to be done */
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
        return WIFSIGNALED(status);
}

static void kill_each(const Fixture *f, int (*func)(Store *s), const char *before, const char *after)
{
        bool done = false;

        for (int nth = 1; !done; nth += 3) {
                _cleanup_free_ char *is = NULL;
                bool killed = killed_at(f, nth, func);

                assert_query(f, "PRAGMA integrity_check", "ok");
                is = query(f, ALL);
                done = strcmp(is, before) != 0;
                assert_true(done || killed);
                if (done)
                        assert_string_equal(is, after);
        }
}

static void test_killed(void **state)
{
        _cleanup_free_ char *whole = NULL, *parts = NULL, *again = NULL;
        Fixture *f = *state;

        record(f->store);
        whole = query(f, ALL);
        assert_int_equal(split(f->store), 0);
        parts = query(f, ALL);
        assert_int_equal(undo(f->store), 0);
        again = query(f, ALL);
        fixture_close(f);

        /* No id is used twice, which is all that an edit that was taken back leaves. */
        assert_string_not_equal(again, whole);
        meddle(f, "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'session'");
        kill_each(f, split, whole, parts);
        kill_each(f, undo, parts, again);
        fixture_open(f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_disk_refuses, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_pace_of_parts, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_killed, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
