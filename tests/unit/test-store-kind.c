/* SPDX-License-Identifier: MIT */

/* What a session was and what it counts as, in real files; and how files of the version before come to the same. */

#include "old-database.h"
#include "store-coach-fixture.h"

/* -- Kinds -- */

/* The runner has 50 and 197: 80 % is 167.6, 65 % is 145.55. */
static void test_kind_by_record(void **state)
{
        static const struct {
                unsigned part[3][2];
                size_t n;
                const char *kind;
        } runs[] = {
                { { { 40, 130 } }, 1, "recovery" },
                { { { 36, 145 }, { 4, 160 } }, 2, "recovery" },
                { { { 35, 145 }, { 5, 160 } }, 2, "base" },
                { { { 20, 150 }, { 9, 168 }, { 5, 150 } }, 3, "base" },
                { { { 20, 150 }, { 10, 168 }, { 5, 150 } }, 3, "hard" },
                { { { 20, 150 }, { 10, 167 }, { 5, 150 } }, 3, "base" },
                { { { 89, 130 } }, 1, "recovery" },
                { { { 90, 130 } }, 1, "long" },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(runs); i++) {
                _cleanup_free_ char *sql = NULL;
                int64_t id = record(f, DATE + (int)i, runs[i].part, runs[i].n, NULL);

                assert_true(asprintf(&sql, "SELECT kind FROM sessions WHERE id = %" PRIi64, id) > 0);
                assert_query(f, sql, runs[i].kind);
        }
        assert_query(f, "SELECT hard_s, easy_s FROM session WHERE id = 5", "600.0|0.0");
        assert_query(f, "SELECT hard_s, easy_s FROM session WHERE id = 2", "0.0|2160.0");
}

/* Long is against the median of the base, long and hard runs of 56 dates before it, its own among those dates. */
static void test_long_against_median(void **state)
{
        Fixture *f = *state;

        add_manual(f, DATE - 56, 300, "base"); /* too long ago */
        add_manual(f, DATE - 55, 50, "base");
        add_manual(f, DATE - 20, 60, "long");
        add_manual(f, DATE - 10, 30, "hard");
        add_manual(f, DATE - 1, 40, "base");
        add_manual(f, DATE - 1, 300, "cross-training");
        add_manual(f, DATE - 1, 300, "rest");
        add_manual(f, DATE - 1, 300, "recovery");
        add_manual(f, DATE - 1, 300, "race");
        add_manual(f, DATE - 1, 9, "base");   /* too short to have a say */
        add_manual(f, DATE + 1, 300, "base"); /* after it */
        /* Four: as long as a runner without any. */
        record_easy(f, DATE, 89);
        assert_query(f, "SELECT record_kind, record_long FROM session ORDER BY id DESC LIMIT 1",
                        "recovery|0");
        record_easy(f, DATE, 90);
        assert_query(f, "SELECT record_kind, record_long FROM session ORDER BY id DESC LIMIT 1", "long|1");
        /* 30, 40, 50, 60, 90 by now. */
        add_manual(f, DATE, 74, "base");
        assert_query(f, "SELECT kind, record_kind, record_long FROM session ORDER BY id DESC LIMIT 1",
                        "base|base|0");
        add_manual(f, DATE, 100, "base");
        assert_query(f, "SELECT kind, record_kind, record_long FROM session ORDER BY id DESC LIMIT 1",
                        "base|long|1");
}

/* A hard run may be long: its kind is hard, and it has both consequences. */
static void test_hard_and_long(void **state)
{
        static const unsigned part[2][2] = { { 80, 130 }, { 12, 170 } };
        Fixture *f = *state;
        CoachFacts found;

        record(f, DATE, part, 2, NULL);
        assert_query(f, "SELECT record_kind, record_long FROM session", "hard|1");
        found = facts(f, DATE + 1);
        assert_int_equal(found.session[0].kind, KIND_HARD);
        assert_true(found.session[0].was_long);
        assert_int_equal(found.last_long, DATE);
        assert_int_equal(ask(f, DATE + 1).kind, KIND_REST);
        assert_int_equal(ask(f, DATE + 1).cycle_day, 1);
}

static void put_race(Fixture *f, Day date, Distance distance)
{
        assert_true(store_add_race(f->store, &(RaceRow){ .date = date, .distance = distance }) > 0);
}

/* What the runner said, else race for the date's race, else the record. */
static void test_kind_that_counts(void **state)
{
        Fixture *f = *state;
        Annotation a = ANNOTATION_NOTHING;
        int64_t id;

        id = record_easy(f, DATE, 30);
        assert_query(f, "SELECT kind FROM sessions", "recovery");
        put_race(f, DATE, DISTANCE_5K);
        assert_query(f, "SELECT kind FROM sessions", "race");
        a.kind = "cross-training";
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        assert_query(f, "SELECT kind FROM sessions", "cross-training");
        a.kind = "";
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        assert_query(f, "SELECT kind FROM sessions", "race");
        assert_int_equal(store_remove_race(f->store, 1), 0);
        assert_query(f, "SELECT kind FROM sessions", "recovery");
        assert_query(f, "SELECT * FROM session_days", "1|2024-03-15|recovery|0");
}

/* Of a race's date one session is the race: the hardest of those that last long enough. */
static void test_one_session_is_the_race(void **state)
{
        static const unsigned warm_up[1][2] = { { 24, 190 } }, race[1][2] = { { 50, 170 } },
                              cool_down[1][2] = { { 60, 120 } };
        Annotation a = ANNOTATION_NOTHING;
        Fixture *f = *state;

        put_race(f, DATE, DISTANCE_10K);
        record(f, DATE, warm_up, 1, NULL);
        record(f, DATE, cool_down, 1, NULL);
        assert_query(f, "SELECT kind FROM sessions ORDER BY id", "hard\nrace");
        record(f, DATE, race, 1, NULL);
        assert_query(f, "SELECT kind FROM sessions ORDER BY id", "hard\nrecovery\nrace");
        /* It was said which it was: there is no other. */
        a.kind = "race";
        assert_int_equal(store_annotate(f->store, 1, &a), 0);
        assert_query(f, "SELECT kind FROM sessions ORDER BY id", "race\nrecovery\nhard");
        /* What was said to be something else is not it. */
        a.kind = "";
        assert_int_equal(store_annotate(f->store, 1, &a), 0);
        a.kind = "base";
        assert_int_equal(store_annotate(f->store, 3, &a), 0);
        assert_query(f, "SELECT kind FROM sessions ORDER BY id", "hard\nrace\nbase");
}

/* "lasts at least 12, 25, 60, 120 min for 5k, 10k, half, marathon" */
static void test_least_length_of_a_race(void **state)
{
        static const unsigned minutes[_DISTANCE_MAX] = { 12, 25, 60, 120 };
        Fixture *f = *state;

        for (Distance d = 0; d < _DISTANCE_MAX; d++) {
                unsigned least = minutes[d];
                _cleanup_free_ char *sql = NULL;
                Day date = DATE + 2 * (Day)d;

                put_race(f, date, d);
                put_race(f, date + 1, d);
                record_easy(f, date, least - 1);
                record_easy(f, date + 1, least);
                assert_true(asprintf(&sql,
                                            "SELECT kind = 'race' FROM sessions WHERE date >= date('2024-03-15', '%d days')"
                                            " ORDER BY date",
                                            2 * (int)d) > 0);
                assert_query(f, sql, "0\n1");
        }
}

/* A session of an easy mean on a day without running, unless its pace was a run's, and any workout on one for cross-training, is
 * no run. */
static void test_cross_training_by_day(void **state)
{
        static const struct {
                const char *day_kind, *workout, *said;
                unsigned heart_rate;
                double speed; /* 0 = without a pod */
                unsigned seconds;
                const char *kind;
        } cases[] = {
                { "rest", NULL, NULL, 123, 0, 0, "cross-training" }, /* 50 % is 123.5 */
                { "rest", NULL, NULL, 124, 0, 0, "recovery" },
                { "cross-training", NULL, NULL, 123, 0, 0, "cross-training" },
                { "cross-training", NULL, NULL, 124, 0, 0, "recovery" },
                { "cross-training", "fartlek", NULL, 150, 0, 0, "cross-training" },
                { "rest", "fartlek", NULL, 150, 0, 0, "base" },
                { "recovery", "fartlek", NULL, 120, 0, 0, "recovery" },
                { "recovery", NULL, NULL, 120, 0, 0, "recovery" },
                { NULL, NULL, NULL, 120, 0, 0, "recovery" },
                { "rest", NULL, "base", 120, 0, 0, "base" },
                /* A run, as the pod saw it. */
                { "rest", NULL, NULL, 120, 2.5, 1200, "recovery" },
                { "cross-training", NULL, NULL, 120, 2.5, 200, "recovery" },
                /* A few steps, a walk, a ride; what was said, and a workout on such a day. */
                { "rest", NULL, NULL, 120, 2.5, 100, "cross-training" },
                { "rest", NULL, NULL, 120, 1.75, 1200, "cross-training" },
                { "rest", NULL, NULL, 120, 8, 1200, "cross-training" },
                { "rest", NULL, "cross-training", 120, 2.5, 1200, "cross-training" },
                { "cross-training", "fartlek", NULL, 120, 2.5, 1200, "cross-training" },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                SessionHead head = head_default();
                _cleanup_free_ char *sql = NULL;
                int64_t id;

                head.started_at = (DATE + (int64_t)i) * MS_PER_DAY;
                head.kind = cases[i].said;
                head.day_kind = cases[i].day_kind;
                head.workout = cases[i].workout;
                id = session_begin(f->store, &head);
                add_samples(f->store, 0, 1200, cases[i].heart_rate);
                for (unsigned k = 0; k < cases[i].seconds; k++)
                        session_writer_pace(writer_of(f->store), 1000 * (int64_t)k,
                                        &(PacePoint){ .speed = cases[i].speed,
                                                        .cadence = NAN,
                                                        .distance = k * cases[i].speed,
                                                        .incline = NAN,
                                                        .ascent = NAN });
                assert_true(asprintf(&sql, "SELECT kind FROM sessions WHERE id = %" PRIi64, id) > 0);
                assert_int_equal(store_commit(f->store), 0);
                assert_query(f, sql, cases[i].said ? cases[i].said : "-"); /* while it is recorded */
                session_end(f->store, 1199000, false);
                assert_int_equal(store_commit(f->store), 0);
                assert_query(f, sql, cases[i].kind);
        }
}

/* While it is recorded its record says nothing; taken up again it says nothing any more. */
static void test_kind_while_recording(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        OpenSession open;
        StoreRun run;
        int64_t id;

        id = session_begin(f->store, &head);
        add_samples(f->store, 0, 1800, 130);
        assert_int_equal(store_get_run(f->store, id, &run), -ENOENT);
        assert_query(f, "SELECT kind FROM sessions", "-");
        session_end(f->store, 1799000, true);
        fixture_close(f);
        assert_query(f, "SELECT kind FROM sessions", "recovery");

        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 1800000, 300000, &open), 0);
        assert_int_equal(open.id, id);
        assert_int_equal(session_writer_resume(&open, 0), 0);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT kind FROM sessions", "-");
        add_samples(f->store, 1800000, 700, 180);
        /* A crash: closed at the next start. */
        assert_int_equal(store_commit(f->store), 0);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 99999999, 300000, &open), 0);
        assert_int_equal(open.id, 0);
        assert_query(f, "SELECT kind FROM sessions", "hard");
}

/* -- A file of the first version -- */

/* Puts one in place of the store's. */
static void make_version_1(Fixture *f, const char *more)
{
        fixture_close(f);
        assert_int_equal(unlink(f->path), 0);
        make_old(f, 1, more);
}

static void test_migration(void **state)
{
        Fixture *f = *state;
        CoachFacts found;

        make_version_1(f,
                        "INSERT INTO sensor (address) VALUES ('" STRAP "');"
                        "INSERT INTO session (sensor_id, source, kind, started_at, ended_at, resting_hr, max_hr, live_s)"
                        " VALUES (1, 'strap', NULL, 1710504000000, 1710505800000, 50, 197, 1800),"
                        "        (1, 'strap', NULL, 1710590400000, 1710592200000, 50, 197, 1800),"
                        "        (1, 'strap', 'base', 1710676800000, 1710678600000, 50, 197, 1800),"
                        "        (NULL, 'import', NULL, 1710763200000, 1710770400000, NULL, NULL, 1800),"
                        "        (NULL, 'import', NULL, 1710849600000, 1710851400000, NULL, NULL, 1800);"
                        /* A heart rate a second, those of session 2 hard in their last third; and a hole. */
                        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1800)"
                        " INSERT INTO sample SELECT id, 1000 * i, 150, CASE WHEN id = 2 "
                        "AND i >= 1200 THEN 167.6 ELSE 145.55 END,"
                        " 3, 1, NULL FROM n, (SELECT 1 AS id UNION SELECT 2 UNION SELECT 3);"
                        "DELETE FROM sample WHERE session_id = 3 AND t > 600000 AND t < 1200000;"
                        "INSERT INTO race (local_date, distance) VALUES ('2024-03-19', '5k');"
                        "INSERT INTO resting (taken_at, local_date, heart_rate, source) "
                        "VALUES (7, '2024-03-15', 51, 'strap');");
        fixture_open(f);
        assert_query(f, "SELECT id, hard_s, easy_s, record_kind FROM session",
                        "1|0.0|1800.0|recovery\n2|600.0|1200.0|hard\n3|0.0|1202.0|recovery\n4|-|-|long\n5|-|-|base");
        assert_query(f, "SELECT id, kind FROM sessions", "1|recovery\n2|hard\n3|base\n4|long\n5|race");
        assert_query(f, "SELECT count(*) FROM sample", "4804");
        assert_query(f, "SELECT heart_rate FROM resting", "51.0");
        assert_query(f, "SELECT count(*) FROM day", "0");
        found = facts(f, DATE + 5);
        assert_int_equal(found.n_sessions, 5);
        assert_int_equal(found.streak, 5);
        assert_int_equal(found.last_long, DATE + 3);

        /* The same again finds nothing to do, and a new file has the same tables as one that was brought up to date. */
        fixture_close(f);
        fixture_open(f);
        {
                _cleanup_free_ char *migrated = query(f, "SELECT name, sql FROM sqlite_schema ORDER BY name");
                _cleanup_free_ char *fresh = NULL;
                Fixture other = *f;

                (void)snprintf(other.path, sizeof(other.path), "%s/new.db", f->folder);
                fixture_open(&other);
                fresh = query(&other, "SELECT name, sql FROM sqlite_schema ORDER BY name");
                fixture_close(&other);
                assert_string_equal(migrated, fresh);
        }
}

/* All of it or nothing: a step that cannot be done leaves the file in its version. */
static void test_migration_fails(void **state)
{
        Fixture *f = *state;
        _cleanup_free_ char *error = NULL;
        Store *s;

        make_version_1(f, "CREATE TABLE day (mine)");
        assert_int_equal(store_open(f->path, false, &s, &error), -EBADMSG);
        assert_non_null(strstr(error, "cannot be brought from schema version 1"));
        assert_query(f, "PRAGMA user_version", "1");
        assert_query(f, "SELECT count(*) FROM pragma_table_info('session') WHERE name = 'record_kind'", "0");
        meddle(f, "DROP TABLE day");
        fixture_open(f);
        assert_query(f, "SELECT count(*) FROM day", "0");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_kind_by_record),
                test(test_long_against_median),
                test(test_hard_and_long),
                test(test_kind_that_counts),
                test(test_one_session_is_the_race),
                test(test_least_length_of_a_race),
                test(test_cross_training_by_day),
                test(test_kind_while_recording),
                test(test_migration),
                test(test_migration_fails),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
