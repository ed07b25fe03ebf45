/* SPDX-License-Identifier: MIT */

/* The views for people, in real files: what they answer; and files of every older version, which come to the same. */

#include "old-database.h"
#include "store-coach-fixture.h"

/* -- Views ----------------------------------------------------------------------------------------------- */

/* easy_percent is of all time with a ceiling, easy_runs_percent of that of recovery, base and long runs. */
static void test_weeks_and_months(void **state)
{
        static const unsigned easy[1][2] = { { 40, 130 } }, mixed[2][2] = { { 20, 130 }, { 20, 160 } },
                              hard[1][2] = { { 20, 175 } };
        Fixture *f = *state;

        record(f, DATE, easy, 1, NULL); /* a Friday */
        record(f, DATE + 1, mixed, 2, NULL);
        record(f, DATE + 2, hard, 1, NULL);
        add_manual(f, DATE + 2, 100, "cross-training");
        record(f, DATE + 3, easy, 1, NULL);  /* a Monday */
        record(f, DATE + 20, easy, 1, NULL); /* in April */
        assert_query(f, "SELECT week, sessions, duration, duration_s, easy_percent, easy_runs_percent, longest FROM weeks",
                        "2024-03-11|4|3:20:00|12000|60.0|75.0|1:40:00\n"
                        "2024-03-18|1|0:40:00|2400|100.0|100.0|0:40:00\n"
                        "2024-04-01|1|0:40:00|2400|100.0|100.0|0:40:00");
        assert_query(f, "SELECT month, sessions, duration, duration_s, easy_percent, easy_runs_percent, longest FROM months",
                        "2024-03|5|4:00:00|14400|71.4|83.3|1:40:00\n"
                        "2024-04|1|0:40:00|2400|100.0|100.0|0:40:00");
        assert_query(f, "SELECT count(*) FROM weeks WHERE trimp > 0", "3");
        meddle(f, "UPDATE session SET distance_m = 5005.6, ascent_m = 12.4 WHERE id IN (1, 3, 5)");
        assert_query(f, "SELECT week, distance_km, ascent_m FROM weeks",
                        "2024-03-11|10.01|25.0\n2024-03-18|5.01|12.0\n2024-04-01|-|-");
        assert_query(f, "SELECT month, distance_km, ascent_m FROM months", "2024-03|15.02|37.0\n2024-04|-|-");
        assert_query(f, "SELECT ascent_m FROM sessions WHERE id = 1", "12.0");
}

/* Minutes and seconds of the average speed; none of what never moved. */
static void test_pace_in_words(void **state)
{
        Fixture *f = *state;

        for (int i = 0; i < 6; i++)
                add_manual(f, DATE, 30, NULL);
        meddle(f, "UPDATE session SET distance_m = 8424, avg_speed = (SELECT value FROM"
                  " json_each('[2.6882, 2.7785, 2.78, 0.2, 0, null]') WHERE key = session.id - 1)");
        assert_query(f, "SELECT distance_km, pace FROM sessions",
                        "8.42|6:12\n8.42|6:00\n8.42|6:00\n8.42|83:20\n8.42|-\n8.42|-");
}

/* The columns that were appended are the last ones, in this order. */
static void test_columns_of_sessions(void **state)
{
        Fixture *f = *state;

        assert_query(f, "SELECT group_concat(name, ' ') FROM pragma_table_info('sessions')",
                        "id date start duration kind avg_bpm peak_bpm ceiling over breaches longest_breach easy_percent"
                        " strap duration_s over_s trimp verdict talk_test rpe note source rmssd distance_km pace ascent_m");
}

/* So many heart rates to go by, one a second. */
static void put(Fixture *f, int64_t t, unsigned n, unsigned heart_rate)
{
        const Sample sample = { .heart_rate = (uint16_t)heart_rate,
                .smoothed = heart_rate,
                .contact = CONTACT_YES,
                .settled = SETTLED_YES,
                .live = true };

        for (unsigned i = 0; i < n; i++)
                session_sample(f->store, t + 1000 * (int64_t)i, &sample, NULL, 0);
}

/* From its first to its last heart rate above, its peak among them; without an end while it is open. */
static void test_breaches(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        session_begin(f->store, &head);
        put(f, 0, 60, 180);
        put(f, 60000, 60, 150);
        put(f, 120000, 1, 171);
        put(f, 121000, 60, 150);
        session_event(f->store, 60000, "over-limit", 150, NULL);
        session_event(f->store, 150000, "back-in-range", 90, NULL);
        put(f, 181000, 20, 160);
        session_event(f->store, 190000, "over-limit", 160, NULL);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT * FROM breach", "1|60000|150000|90.0|171.0\n1|190000|-|-|160.0");
}

/* The mornings of a date together; the mean of the last seven dates measured within 28 days, as it is in force. */
static void test_resting_days(void **state)
{
        static const struct {
                int days;
                double heart_rate, rmssd;
        } mornings[] = {
                { 0, 50, 40 },
                { 0, 54, 50 },
                { 1, 60, NAN },
                { 2, 48, 30 },
                { 3, 48, 30 },
                { 4, 48, 30 },
                { 5, 48, 30 },
                { 6, 48, 30 },
                { 7, 55, 30 },
                { 40, 44, NAN },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(mornings); i++) {
                RestingRow row = { .date = DATE + mornings[i].days,
                        .heart_rate = mornings[i].heart_rate,
                        .rmssd = mornings[i].rmssd,
                        .sdnn = NAN,
                        .pnn50 = NAN,
                        .source = "manual" };

                assert_true(store_add_resting(f->store, &row) > 0);
        }
        assert_query(f, "SELECT * FROM resting_days",
                        "2024-03-15|52.0|45.0|52.0\n2024-03-16|60.0|-|56.0\n2024-03-17|48.0|30.0|53.3\n"
                        "2024-03-18|48.0|30.0|52.0\n2024-03-19|48.0|30.0|51.2\n2024-03-20|48.0|30.0|50.7\n"
                        "2024-03-21|48.0|30.0|50.3\n2024-03-22|55.0|30.0|50.7\n2024-04-24|44.0|-|44.0");
        for (size_t i = 0; i < ELEMENTSOF(mornings); i++) {
                const CoachDay day = ask(f, DATE + mornings[i].days);
                char expected[16];
                _cleanup_free_ char *sql = NULL;

                (void)snprintf(expected, sizeof(expected), "%.1f", day.resting.heart_rate);
                assert_true(asprintf(&sql, "SELECT mean7 FROM resting_days WHERE date = date('2024-03-15', '%d days')",
                                            mornings[i].days) > 0);
                assert_query(f, sql, expected);
        }
}

/* After ten minutes, of runs of half an hour and more. */
static void test_drift(void **state)
{
        static const unsigned rising[3][2] = { { 10, 120 }, { 15, 140 }, { 15, 147 } },
                              level[1][2] = { { 30, 140 } }, brief[2][2] = { { 15, 140 }, { 14, 160 } },
                              falling[3][2] = { { 10, 150 }, { 10, 150 }, { 10, 144 } };
        Annotation a = ANNOTATION_NOTHING;
        Fixture *f = *state;

        record(f, DATE, rising, 3, NULL);
        record(f, DATE + 1, level, 1, NULL);
        record(f, DATE + 2, brief, 2, NULL);
        record(f, DATE + 3, falling, 3, NULL);
        assert_query(f, "SELECT * FROM drift", "1|5.0|-\n2|0.0|-\n4|-4.0|-");
        assert_query(f, "SELECT percent FROM drift WHERE session_id = 4", "-4.0");
        a.kind = "cross-training";
        assert_int_equal(store_annotate(f->store, 1, &a), 0);
        assert_query(f, "SELECT session_id FROM drift", "2\n4");
}

/* The heart rate for the same speed: as it rises, as the runner grows slower, or both; by speeds or by distances, over stops and
 * gaps. From 600 s on the first half is up to 1500 s. */
static void test_decoupling(void **state)
{
        static const unsigned rising[3][2] = { { 10, 120 }, { 15, 140 }, { 15, 147 } },
                              level[3][2] = { { 10, 120 }, { 15, 140 }, { 15, 140 } };
        static const struct {
                const unsigned (*part)[2];
                const char *speed, *distance, *where, *expected;
        } cases[] = {
                { rising, "3", "s * 3.0", "1", "5.0|5.0" },
                { rising, "CASE WHEN s < 1500 THEN 3.0 ELSE 2.5 END", "NULL", "1", "5.0|26.0" },
                { level, "CASE WHEN s < 1500 THEN 2.5 ELSE 3.0 END", "NULL", "1", "0.0|-16.7" },
                { level, "NULL", "CASE WHEN s < 1500 THEN s * 3.0 ELSE 750 + s * 2.5 END", "1", "0.0|20.0" },
                /* At a red light, and out of reach. */
                { level, "CASE WHEN s / 100 = 17 THEN 0 ELSE 3 END", "s", "1", "0.0|0.0" },
                { level, "3", "s", "s / 100 <> 18", "0.0|0.0" },
                { level, "NULL", "s * 3.0", "s / 100 <> 18", "0.0|0.0" },
                /* As a watch stores it. */
                { level, "3", "s", "s % 9 = 0", "0.0|0.0" },
                /* Nothing to go by: none, one that ended early, one that never moved. */
                { level, "3", "s", "0", "0.0|-" },
                { level, "3", "s", "s < 1900", "0.0|-" },
                { level, "0", "0", "1", "0.0|-" },
                { level, "NULL", "0", "1", "0.0|-" },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *rows = NULL, *sql = NULL, *found = NULL;
                int id = (int)record(f, DATE, cases[i].part, 3, NULL);

                assert_true(asprintf(&rows,
                                            "WITH RECURSIVE n (s) AS (VALUES (0) UNION ALL SELECT s + 1 FROM n WHERE s < 2400)"
                                            " INSERT INTO pace (session_id, t, speed, distance)"
                                            " SELECT %d, 1000 * s, %s, %s FROM n WHERE %s",
                                            id, cases[i].speed, cases[i].distance, cases[i].where) > 0);
                meddle(f, rows);
                assert_true(asprintf(&sql, "SELECT percent, decoupling FROM drift WHERE session_id = %d",
                                            id) > 0);
                found = query(f, sql);
                if (strcmp(found, cases[i].expected) != 0)
                        fail_msg("case %zu: %s, not %s", i, found, cases[i].expected);
        }
}

/* -- Older versions -------------------------------------------------------------------------------------- */

#define VERSIONS 8U
/* … in which a pain is that of a day. */
#define VERSIONS_OF_PAINS 4U

/* A database of that version in place of the store's. */
static void make_old_runs(Fixture *f, unsigned version)
{
        fixture_close(f);
        assert_int_equal(unlink(f->path), 0);
        make_old(f, version,
                        "INSERT INTO sensor (address) VALUES ('" STRAP "');"
                        "INSERT INTO session (sensor_id, source, kind, started_at, ended_at, resting_hr, max_hr, ceiling,"
                        " tolerance, live_s, avg_hr)"
                        " VALUES (1, 'strap', NULL, 1710504000000, 1710505200000, 50, 197, 145.55, 2, 1200, 130),"
                        "        (NULL, 'manual', NULL, 1710590400000, 1710597600000, NULL, NULL, NULL, NULL, 0, NULL);"
                        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
                        " INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact)"
                        " SELECT 1, 1000 * i, 130, 130, 1, 1 FROM n;"
                        "INSERT INTO event (session_id, t, type, value, detail) VALUES (1, 2000, 'zone', 130, '1'),"
                        " (1, 1000, 'ceiling', 150, '150'), (1, 3000, 'over-limit', 153, NULL), (1, 3000, 'back-in-range', 0, NULL);"
                        "INSERT INTO race (local_date, distance) VALUES ('2024-03-17', 'half');"
                        "INSERT INTO resting (taken_at, local_date, heart_rate, source) VALUES (7, '2024-03-15', 51, 'strap')");
        /* From this version on figures are not computed anew. */
        if (version >= 4)
                meddle(f, "UPDATE session SET hard_s = 0, easy_s = 1200 WHERE id = 1");
}

static void assert_same_as_new(Fixture *f)
{
        _cleanup_free_ char *migrated = query(f, "SELECT name, sql FROM sqlite_schema ORDER BY name"),
                            *fresh = NULL;
        Fixture other = *f;

        (void)snprintf(other.path, sizeof(other.path), "%s/new.db", f->folder);
        fixture_open(&other);
        fresh = query(&other, "SELECT name, sql FROM sqlite_schema ORDER BY name");
        fixture_close(&other);
        assert_string_equal(migrated, fresh);
        assert_int_equal(unlink(other.path), 0);
}

/* Whatever the version: the same tables, the same answers. */
static void test_every_older_version(void **state)
{
        Fixture *f = *state;

        for (unsigned version = 1; version <= VERSIONS; version++) {
                make_old_runs(f, version);
                fixture_open(f);
                assert_query(f, "PRAGMA user_version", "11");
                assert_query(f,
                                "SELECT id, record_kind, record_long, day_kind, workout, verdict FROM "
                                "session",
                                "1|recovery|0|-|-|-\n2|long|1|-|-|-");
                assert_query(f, "SELECT id, date, kind, duration_s, verdict, source FROM sessions",
                                "1|2024-03-15|recovery|1200|-|strap\n2|2024-03-16|long|7200|-|manual");
                assert_query(f, "SELECT local_date, distance, hilly FROM race", "2024-03-17|half|0");
                assert_query(f, "SELECT count(*) FROM pain", "0");
                assert_query(f, "SELECT mean7 FROM resting_days", "51.0");
                assert_query(f, "SELECT easy_runs_percent FROM weeks", "100.0");
                assert_query(f, "SELECT id, session_id, t, type, value, detail FROM event",
                                "1|1|2000|zone|130.0|1\n2|1|1000|ceiling|150.0|150\n"
                                "3|1|3000|over-limit|153.0|-\n4|1|3000|back-in-range|0.0|-");
                assert_query(f, "SELECT began_t, ended_t FROM breach", "3000|3000");
                assert_query(f, "SELECT battery_low FROM sensor", "0");
                meddle(f, "INSERT INTO event (session_id, t, type) VALUES (1, 5000, 'mark'), (1, 5000, 'step'),"
                          " (1, 5000, 'trouble')");
                meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session"); /* its events go with it */
                assert_query(f, "SELECT count(*) FROM event", "0");
                assert_same_as_new(f);
        }
}

/* What hurt before: until it was taken back; what stopped the runner is over where runs came later. */
static void test_pains_of_an_older_version(void **state)
{
        Fixture *f = *state;

        for (unsigned version = 2; version <= VERSIONS_OF_PAINS; version++) {
                make_old_runs(f, version);
                meddle(f, "INSERT INTO day (local_date, pain, pain_worsening, pain_gait) VALUES"
                          " ('2024-01-01', 'hip', 0, 1), ('2024-02-01', 'shin', 0, 0), ('2024-02-03', ' None ', 0, 0),"
                          " ('2024-02-04', NULL, 0, 0), ('2024-02-05', '', 0, 1), ('2024-02-06', 'no', 0, 0),"
                          " ('2024-03-14', 'left knee', 1, 0), ('2024-03-15', 'toe', 0, 0)");
                fixture_open(f);
                assert_query(f, "SELECT local_date, text, worsening, gait, ended_date FROM pain",
                                "2024-01-01|hip|0|1|2024-02-03\n2024-02-01|shin|0|0|2024-02-03\n"
                                "2024-03-14|left knee|1|0|-\n2024-03-15|toe|0|0|-");
                assert_query(f, "SELECT count(*) FROM day", "8");
                assert_int_equal(ask(f, DATE + 1).kind, KIND_REST);
                fixture_close(f);
                fixture_open(f);
                assert_query(f, "SELECT count(*) FROM pain", "4");
        }
        /* With runs more than a week later. */
        make_old_runs(f, 3);
        meddle(f, "INSERT INTO day (local_date, pain, pain_gait) VALUES ('2024-03-01', 'hip', 1)");
        fixture_open(f);
        assert_query(f, "SELECT ended_date FROM pain", "2024-03-08");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_weeks_and_months),
                test(test_columns_of_sessions),
                test(test_pace_in_words),
                test(test_breaches),
                test(test_resting_days),
                test(test_drift),
                test(test_decoupling),
                test(test_every_older_version),
                test(test_pains_of_an_older_version),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
