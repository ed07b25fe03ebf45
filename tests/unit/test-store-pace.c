/* SPDX-License-Identifier: MIT */

/* The pace of a session in real files: while it is recorded, at its end, over a crash, over a stop, and of an older version.
 * What a disk that refuses does to it is in test-store-faults.c, test-store-every-fault.c and test-store-spill.c. */

#include "old-database.h"

#include "daemon/store/edit.h"
#include "daemon/store/pace-rows.h"

#define ROWS    "SELECT count(*), min(t), max(t), max(distance) FROM pace"
#define FIGURES "SELECT round(distance_m, 6), round(avg_speed, 6), round(ascent_m, 6) FROM session"

static int64_t begin(Fixture *f)
{
        SessionHead head = head_default();
        int64_t id = session_begin(f->store, &head);

        assert_true(id > 0);
        return id;
}

static void commit(Fixture *f)
{
        assert_int_equal(store_commit(f->store), 0);
}

/* What is known goes in, the rest is NULL; the figures are there while it is recorded. */
static void test_recorded(void **state)
{
        Fixture *f = *state;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        session_writer_pace(writer_of(f->store), 300,
                        &(PacePoint){ .speed = 3,
                                        .cadence = NAN,
                                        .distance = 0,
                                        .incline = NAN,
                                        .ascent = NAN });
        add_pace(f->store, 1300, 51, 3);
        commit(f);
        assert_query(f, "SELECT * FROM pace WHERE t < 2000",
                        "1|300|3.0|-|0.0|-|-\n1|1300|3.0|170.0|3.0|1.0|0.03");
        assert_query(f, FIGURES, "153.0|3.0|1.5");
        assert_query(f, "SELECT distance_km, pace FROM sessions", "0.15|5:33");
        session_event(f->store, 40000, "over-pace", 3.1, NULL);
        session_event(f->store, 55000, "pace-in-range", 2.7, NULL);
        session_end(f->store, 59000, false);
        commit(f);
        assert_query(f, FIGURES, "153.0|3.0|1.5");
        assert_query(f, "SELECT t, type, value, detail FROM event",
                        "40000|over-pace|3.1|-\n55000|pace-in-range|2.7|-");
}

/* What comes before the session, or not after what came last, is dropped. */
static void test_times_that_do_not_rise(void **state)
{
        Fixture *f = *state;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, -1000, 1, 0);
        add_pace(f->store, 0, 10, 0);
        add_pace(f->store, 9000, 1, 500);
        add_pace(f->store, 4000, 3, 500);
        add_pace(f->store, 9001, 1, 27);
        commit(f);
        assert_query(f, ROWS, "11|0|9001|27.0");
        assert_query(f, "SELECT distance_m FROM session", "27.0");
}

/* After the last heart rate it is not the session's any more. */
static void test_end(void **state)
{
        Fixture *f = *state;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, 0, 200, 0);
        session_end(f->store, 49000, false); /* as it is when it is trimmed */
        commit(f);
        assert_query(f, ROWS, "50|0|49000|147.0");
        assert_query(f, FIGURES, "147.0|3.0|1.47");

        begin(f);
        add_samples(f->store, 0, 10, 130);
        add_pace(f->store, 500, 200, 0);
        session_end(f->store, 199000, false); /* later than that heart rate */
        commit(f);
        assert_query(f, ROWS " WHERE session_id = 2", "9|500|8500|24.0");
}

/* It goes with its session. */
static void test_discarded_and_deleted(void **state)
{
        Fixture *f = *state;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, 0, 60, 0);
        commit(f);
        session_discard(f->store);
        commit(f);
        assert_query(f, "SELECT count(*) FROM pace", "0");
        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, 0, 60, 0);
        session_end(f->store, 59000, false);
        commit(f);
        assert_query(f, "SELECT count(*) FROM pace", "60");
        assert_int_equal(store_delete_session(f->store, 2), 0);
        assert_query(f, "SELECT count(*) FROM pace", "0");
}

/* The daemon is gone, and what it has committed stays. */
static void crash(Fixture *f)
{
        commit(f);
        for (size_t i = 0; i < SESSION_WRITERS_MAX; i++)
                f->store->writer[i].id = 0;
        fixture_close(f);
        fixture_open(f);
}

static void test_goes_on_after_a_crash(void **state)
{
        Fixture *f = *state;
        OpenSession open;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, 400, 62, 0); /* the strap was lost */
        crash(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 70000, 300000, &open), 0);
        assert_int_equal(open.id, 1);
        assert_float_equal(open.distance, 183, 1e-9);
        assert_float_equal(open.ascent, 1.83, 1e-9);
        assert_int_equal(session_writer_resume(&open, 0), 0);
        commit(f);
        assert_query(f, FIGURES, "183.0|3.0|1.83");
        add_pace(f->store, 60000, 2, 0); /* not later than what is there */
        add_samples(f->store, 90000, 60, 130);
        add_pace(f->store, 90400, 59, open.distance);
        session_end(f->store, 149000, false);
        commit(f);
        assert_query(f, ROWS, "121|400|148400|357.0");
        assert_query(f, "SELECT round(distance_m, 6), round(avg_speed, 1) FROM session", "357.0|3.0");
}

static void test_closed_after_a_crash(void **state)
{
        Fixture *f = *state;
        OpenSession open;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, 400, 100, 0);
        crash(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 7000000, 300000, &open), 0);
        assert_int_equal(open.id, 0);
        assert_query(f, ROWS, "59|400|58400|174.0");
        assert_query(f, FIGURES, "174.0|3.0|1.74");
}

/* The daemon stops and another one starts. */
static void test_goes_on_after_a_stop(void **state)
{
        Fixture *f = *state;
        OpenSession open;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        add_pace(f->store, 400, 100, 0);
        session_end(f->store, 59000, true);
        fixture_close(f);
        assert_query(f, FIGURES, "174.0|3.0|1.74");
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 70000, 300000, &open), 0);
        assert_float_equal(open.distance, 174, 1e-9);
        assert_int_equal(session_writer_resume(&open, 0), 0);
        add_samples(f->store, 70000, 60, 130);
        add_pace(f->store, 70400, 59, open.distance);
        session_end(f->store, 129000, false);
        commit(f);
        assert_query(f, ROWS, "118|400|128400|348.0");
        assert_query(f, "SELECT round(distance_m, 6) FROM session", "348.0");
}

/* A session without any: nothing is known, and nothing to go on from. */
static void test_none(void **state)
{
        Fixture *f = *state;
        OpenSession open;

        begin(f);
        add_samples(f->store, 0, 60, 130);
        crash(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 70000, 300000, &open), 0);
        assert_true(isnan(open.distance) && isnan(open.ascent));
        session_writer_end(open.writer, open.last_t, false);
        commit(f);
        assert_query(f, FIGURES, "-|-|-");
        assert_query(f, "SELECT distance_km, pace FROM sessions", "-|-");
        session_writer_pace(NULL, 0, &(PacePoint){ .speed = 3 });
}

/* Imported by an older version, whole or without some figures; and one that an edit has kept then. */
static void test_older_version(void **state)
{
        Fixture *f = *state;
        StoreUndo undo;

        fixture_close(f);
        assert_int_equal(unlink(f->path), 0);
        make_old(f, 10,
                        "INSERT INTO session (id, source, started_at, ended_at, record_kind) VALUES (3, 'import', 0, 100000, 'base'),"
                        " (5, 'import', 0, 100000, 'base'), (6, 'strap', 0, 100000, 'base'), (7, 'import', 0, 100000, 'base');"
                        "WITH RECURSIVE n (s) AS (VALUES (0) UNION ALL SELECT s + 1 FROM n WHERE s < 100)"
                        " INSERT INTO pace (session_id, t, speed, cadence, distance, incline)"
                        " SELECT 3, 1000 * s, 2.5, 160, 2.5 * s, NULL FROM n"
                        " UNION ALL SELECT 5, 1000 * s, NULL, NULL, 2.5 * s, 2 FROM n"
                        " UNION ALL SELECT 7, 1000 * s, NULL, 160, NULL, NULL FROM n;"
                        "INSERT INTO event (session_id, t, type) VALUES (6, 7000, 'mark');"
                        "INSERT INTO edit (id, made_at, what) VALUES (1, 0, 'trim');"
                        "INSERT INTO edit_session (edit_id, session_id, is_result, started_at) VALUES (1, 6, 1, 0);"
                        "INSERT INTO kept_session (edit_id, id, source, started_at, ended_at, utc_offset_s, live_s, over_s,"
                        " breaches, longest_breach_s, by_hand, resumable, record_long, clock_known)"
                        " VALUES (1, 6, 'import', 0, 100000, 0, 0, 0, 0, 0, 0, 0, 0, 1);"
                        "INSERT INTO kept_pace (edit_id, session_id, t, speed, distance) SELECT 1, 6, t, speed, distance"
                        " FROM pace WHERE session_id = 3");
        fixture_open(f);
        assert_query(f, "SELECT id, round(distance_m, 6), round(avg_speed, 6), round(ascent_m, 6) FROM session ORDER BY id",
                        "3|250.0|2.5|-\n5|250.0|2.5|5.0\n6|-|-|-\n7|-|-|-");
        assert_query(f, "SELECT session_id, t, type FROM event", "6|7000|mark");
        assert_int_equal(store_undo_edit(f->store, 6, &undo), 0);
        assert_int_equal(undo.refusal, UNDO_DONE);
        assert_query(f, "SELECT round(distance_m, 6), round(avg_speed, 6) FROM session WHERE id = 6",
                        "250.0|2.5");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_recorded),
                test(test_times_that_do_not_rise),
                test(test_end),
                test(test_discarded_and_deleted),
                test(test_goes_on_after_a_crash),
                test(test_closed_after_a_crash),
                test(test_goes_on_after_a_stop),
                test(test_none),
                test(test_older_version),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
