/* SPDX-License-Identifier: MIT */

/* Databases of older versions come to the figures that today's arithmetic has, in one transaction or not at all. What they
 * are made of is written here row by row, as those versions stored it. */

#include "old-database.h"

#include <time.h>

/* Those that came before today's arithmetic. */
#define VERSIONS 3U

/* SQL that makes a session, row by row. */
typedef struct Script {
        FILE *out;
        char *sql;
        size_t size;
        int64_t t; /* of the next heart rate, ms */
        int session;
} Script;

static void script_begin(Script *s)
{
        *s = (Script){ 0 };
        s->out = open_memstream(&s->sql, &s->size);
        assert_non_null(s->out);
        fprintf(s->out, "PRAGMA foreign_keys = ON; BEGIN; INSERT INTO sensor (address) VALUES ('" STRAP
                        "');");
}

/* A closed one unless told later; its figures are what the older version made of it. */
static void script_session(Script *s, const char *figures)
{
        s->session++;
        s->t = 0;
        fprintf(s->out,
                        "INSERT INTO session (id, sensor_id, source, started_at, ended_at, resting_hr, max_hr, ceiling, "
                        "tolerance, sex, live_s, avg_hr, min_hr, peak_hr, over_s, breaches, longest_breach_s) VALUES (%d, 1, "
                        "'strap', %lld, %lld, 50, 197, 145.55, 2, 'male', %s);",
                        s->session, (long long)STARTED_AT, (long long)STARTED_AT, figures);
}

/* n heart rates, one each every_ms, of one that the strap sent and one as it was smoothed. */
static void script_samples(
                Script *s, unsigned n, unsigned every_ms, unsigned heart_rate, double smoothed, unsigned zone)
{
        for (unsigned i = 0; i < n; i++, s->t += every_ms)
                fprintf(s->out,
                                "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact) "
                                "VALUES (%d, %lld, %u, %f, %u, 1);",
                                s->session, (long long)s->t, heart_rate, smoothed, zone);
}

static void script_event(Script *s, int64_t t, const char *type, const char *value)
{
        fprintf(s->out, "INSERT INTO event (session_id, t, type, value) VALUES (%d, %lld, '%s', %s);",
                        s->session, (long long)t, type, value);
}

/* It ends with its last heart rate. */
static void script_end(Script *s)
{
        fprintf(s->out,
                        "UPDATE session SET ended_at = started_at + "
                        "(SELECT max(t) FROM sample WHERE session_id = %d) WHERE id = %d;",
                        s->session, s->session);
}

/* The database, of that version; to be opened. */
static void script_make(Script *s, const Fixture *f, unsigned version)
{
        fprintf(s->out, "COMMIT;");
        fclose(s->out);
        make_old(f, version, s->sql);
        free(s->sql);
}

/* One version after another: before is what makes it, after looks at what came of it. */
static void with_each_version(Fixture *f, void (*before)(Script *s), void (*after)(Fixture *f))
{
        for (unsigned version = 1; version <= VERSIONS; version++) {
                Script s;

                script_begin(&s);
                before(&s);
                script_make(&s, f, version);
                fixture_open(f);
                assert_query(f, "PRAGMA user_version", "11");
                assert_query(f, "PRAGMA integrity_check", "ok");
                assert_query(f, "PRAGMA foreign_key_check", "");
                after(f);
                fixture_close(f);
                assert_int_equal(nftw(f->folder, fixture_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
                assert_int_equal(mkdir(f->folder, 0700), 0);
        }
}

#define BREACHES                                                                                   \
        "SELECT t, type, value FROM event WHERE type IN ('over-limit', 'back-in-range') ORDER BY " \
        "session_id, t, id"

/* -- A breach is as long as it was over -- */

/* The clear of older versions asked for a heart rate at or below the ceiling itself. */
static void make_close_is_good_enough(Script *s)
{
        script_session(s, "749, 142, 140, 150, 15, 1, 102");
        script_samples(s, 600, 1000, 140, 140, 2);
        script_samples(s, 15, 1000, 150, 150, 3);
        script_event(s, 610000, "over-limit", "150");
        script_samples(s, 90, 1000, 147, 146.5, 3);
        script_event(s, 710000, "back-in-range", "102");
        script_samples(s, 45, 1000, 140, 140, 2);
        script_end(s);
}

static void check_close_is_good_enough(Fixture *f)
{
        assert_query(f, "SELECT live_s, over_s, breaches, longest_breach_s, min_hr, peak_hr FROM session",
                        "749.0|15.0|1|14.0|140.0|150.0");
        assert_query(f, BREACHES, "600000|over-limit|150.0\n614000|back-in-range|14.0");
        assert_query(f, "SELECT over, longest_breach FROM sessions", "0:00:15|0:00:14");
        assert_query(f, "SELECT group_concat(t) FROM sample WHERE settled = 0", "0,1000");
}

static void test_close_is_good_enough(void **state)
{
        with_each_version(*state, make_close_is_good_enough, check_close_is_good_enough);
}

/* Ceilings that change, silence within a hold and a breach, and one that is above for a single heart rate at a time. */
static void make_ceilings_and_gaps(Script *s)
{
        script_session(s, "1, 1, 1, 1, 1, 4, 500");
        script_samples(s, 100, 1000, 140, 140, 2);
        /* Above from 100 s on; another ceiling ends it at 130 s. */
        script_samples(s, 30, 1000, 150, 150, 3);
        script_event(s, 110000, "over-limit", "150");
        script_event(s, 129500, "back-in-range", "29.5");
        script_event(s, 129500, "ceiling", "155");
        script_samples(s, 30, 1000, 150, 150, 3);
        /* 160 s: above that one for 5 s, silence for 30 s, above for 17 s: the hold began anew then, and would not now. */
        script_samples(s, 5, 1000, 160, 160, 4);
        s->t += 29000;
        script_event(s, 164000, "gap", "30");
        script_event(s, 204000, "over-limit", "160");
        script_samples(s, 17, 1000, 160, 160, 4);
        script_event(s, 216000, "back-in-range", "12");
        script_samples(s, 49, 1000, 140, 140, 2);
        /* 260 s: the same with a silence of 90 s, after which it begins anew, when three heart rates have come. */
        script_samples(s, 5, 1000, 160, 160, 4);
        s->t += 89000;
        script_event(s, 264000, "gap", "90");
        script_event(s, 364000, "over-limit", "160");
        script_samples(s, 17, 1000, 160, 160, 4);
        /* 371 s: silence, and not above after it. */
        s->t += 20000;
        script_samples(s, 20, 1000, 140, 140, 2);
        script_event(s, 396000, "back-in-range", "42");
        script_event(s, 405000, "ceiling", "NULL");
        script_samples(s, 20, 1000, 200, 200, 5);
        script_end(s);
}

static void check_ceilings_and_gaps(Fixture *f)
{
        assert_query(f, BREACHES,
                        "100000|over-limit|150.0\n129000|back-in-range|29.0\n"
                        "160000|over-limit|160.0\n210000|back-in-range|22.0\n"
                        "356000|over-limit|160.0\n370000|back-in-range|14.0");
        assert_query(f,
                        "SELECT over_s, breaches, longest_breach_s, live_s = "
                        "(SELECT total(seconds) FROM zone_time) FROM session",
                        "77.0|3|29.0|1");
        assert_query(f,
                        "SELECT group_concat(t || ' ' || type || ' ' || ifnull(value, '-'), ', ') FROM event "
                        "WHERE type IN ('gap', 'ceiling')",
                        "129500 ceiling 155.0, 164000 gap 30.0, 264000 gap 90.0, 405000 ceiling -");
}

static void test_ceilings_and_gaps(void **state)
{
        with_each_version(*state, make_ceilings_and_gaps, check_ceilings_and_gaps);
}

/* A session ends while it is above: the breach ends with its last heart rate. */
static void make_above_to_the_end(Script *s)
{
        script_session(s, "1, 1, 1, 1, 1, 1, 1");
        script_samples(s, 60, 1000, 150, 150, 3);
        script_event(s, 10000, "over-limit", "150");
        script_event(s, 59000, "back-in-range", "59");
        script_end(s);
}

static void check_above_to_the_end(Fixture *f)
{
        /* The first two heart rates are of a strap that has just begun to send. */
        assert_query(f, BREACHES, "2000|over-limit|150.0\n59000|back-in-range|57.0");
        assert_query(f, "SELECT over_s, longest_breach_s FROM session", "59.0|57.0");
}

static void test_above_to_the_end(void **state)
{
        with_each_version(*state, make_above_to_the_end, check_above_to_the_end);
}

/* -- A spike is no peak -- */

static void make_spikes(Script *s)
{
        static const struct {
                unsigned bpm, zone;
        } spikes[] = { { 228, 5 }, { 30, 0 } };

        for (size_t i = 0; i < ELEMENTSOF(spikes); i++) {
                unsigned bpm = spikes[i].bpm, zone = spikes[i].zone;

                script_session(s, "130, 136, 30, 228, 2, 0, 0");
                script_samples(s, 60, 1000, 135, 135, 2);
                s->t += 7000;
                script_event(s, 59000, "gap", "8");
                script_samples(s, 1, 1000, bpm, bpm, zone);
                script_samples(s, 1, 1000, 135, (bpm + 135) / 2.0, zone);
                script_samples(s, 60, 1000, 135, 135, 2);
                script_end(s);
        }
}

static void check_spikes(Fixture *f)
{
        assert_query(f, "SELECT min_hr, peak_hr, live_s FROM session",
                        "135.0|135.0|122.0\n135.0|135.0|122.0");
        assert_query(f, "SELECT session_id, zone, seconds FROM zone_time", "1|2|122.0\n2|2|122.0");
        assert_query(f, "SELECT t, heart_rate, smoothed, zone FROM sample WHERE session_id = 1 AND settled = 0",
                        "0|135|135.0|2\n1000|135|135.0|2\n67000|228|228.0|2\n68000|135|181.5|2\n69000|135|135.0|2");
        assert_query(f, "SELECT over_s, breaches FROM session WHERE id = 1", "2.0|0");
}

static void test_spikes(void **state)
{
        with_each_version(*state, make_spikes, check_spikes);
}

/* -- A watch keeps its time -- */

static void make_watch(Script *s)
{
        /* A quarter of an hour, hard: two of each five seconds counted. */
        script_session(s, "360, 170, 170, 170, 360, 1, 890");
        script_samples(s, 181, 5000, 170, 170, 4);
        script_event(s, 10000, "over-limit", "170");
        script_event(s, 900000, "back-in-range", "890");
        script_end(s);
        /* 5.2 s, which was a gap each time; and 11 s, easy. */
        script_session(s, "360, 170, 170, 170, 360, 0, 0");
        script_samples(s, 100, 5200, 130, 130, 2);
        script_end(s);
        script_session(s, "360, 170, 170, 170, 360, 0, 0");
        script_samples(s, 100, 11000, 130, 130, 2);
        script_end(s);
}

static void check_watch(Fixture *f)
{
        assert_query(f,
                        "SELECT live_s, over_s, longest_breach_s, hard_s, easy_s, record_kind, avg_hr, min_hr, "
                        "peak_hr FROM session",
                        "897.0|897.0|890.0|897.0|0.0|hard|170.0|170.0|170.0\n"
                        "511.6|0.0|0.0|0.0|511.6|recovery|130.0|130.0|130.0\n"
                        "1080.0|0.0|0.0|0.0|1080.0|recovery|130.0|130.0|130.0");
        assert_query(f, BREACHES, "10000|over-limit|170.0\n900000|back-in-range|890.0");
        assert_query(f, "SELECT count(*) FROM sample WHERE settled = 0", "6");
}

static void test_watch(void **state)
{
        with_each_version(*state, make_watch, check_watch);
}

/* -- What is open, and what is none of it -- */

static void make_open(Script *s)
{
        script_session(s, "1, 1, 1, 1, 1, 1, 0");
        fprintf(s->out, "UPDATE session SET ended_at = NULL;");
        script_samples(s, 60, 1000, 140, 140, 2);
        script_samples(s, 30, 1000, 150, 150, 3);
        script_event(s, 70000, "over-limit", "150");
        script_samples(s, 4, 1000, 140, 140, 2);
}

static void check_open(Fixture *f)
{
        OpenSession o;

        assert_query(f, "SELECT ended_at, live_s, over_s, breaches, longest_breach_s, record_kind FROM session",
                        "-|93.0|30.0|1|0.0|-");
        assert_query(f, BREACHES, "60000|over-limit|150.0");
        assert_int_equal(store_recover(f->store, STARTED_AT + 93000 + 300000, 300000, &o), 0);
        assert_int_equal(o.id, 0);
        assert_query(f, "SELECT ended_at - started_at, live_s, over_s, breaches, longest_breach_s FROM session",
                        "93000|93.0|30.0|1|29.0");
        assert_query(f, BREACHES, "60000|over-limit|150.0\n89000|back-in-range|29.0");
}

static void test_open(void **state)
{
        with_each_version(*state, make_open, check_open);
}

/* Runs without a strap, and those whose heart rates another hand has taken away, stay as they are. */
static void make_others(Script *s)
{
        script_session(s, "1800, 140, 120, 160, 20, 1, 18");
        script_event(s, 70000, "over-limit", "150");
        script_event(s, 90000, "back-in-range", "18");
        fprintf(s->out, "INSERT INTO zone_time VALUES (1, 2, 1800);"
                        "UPDATE session SET ended_at = started_at + 1800000;"
                        "INSERT INTO session (source, started_at, ended_at, kind, live_s, note) "
                        "VALUES ('manual', 1000, 1801000, 'base', 0, 'by foot'), ('import', 1000, 3601000, NULL, 3500, NULL);"
                        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact) VALUES "
                        "(3, 0, 100, 100, 1, 0);");
        s->session = 3;
}

static void check_others(Fixture *f)
{
        assert_query(f,
                        "SELECT id, live_s, avg_hr, min_hr, peak_hr, over_s, breaches, longest_breach_s, kind, "
                        "note FROM session",
                        "1|1800.0|140.0|120.0|160.0|20.0|1|18.0|-|-\n2|0.0|-|-|-|0.0|0|0.0|base|by foot\n"
                        "3|3500.0|-|-|-|0.0|0|0.0|-|-");
        assert_query(f, BREACHES, "70000|over-limit|150.0\n90000|back-in-range|18.0");
        assert_query(f, "SELECT * FROM zone_time", "1|2|1800.0");
        assert_query(f, "SELECT * FROM sample", "3|0|100|100.0|1|0|-|1");
}

static void test_others(void **state)
{
        with_each_version(*state, make_others, check_others);
}

/* A version that had today's arithmetic keeps its figures: only what a run was by its record is told anew. */
static void test_later_version(void **state)
{
        Fixture *f = *state;
        _cleanup_free_ char *log = NULL;
        Caught c;
        Script s;

        script_begin(&s);
        make_close_is_good_enough(&s);
        fprintf(s.out, "UPDATE session SET hard_s = 0, easy_s = 600, record_kind = 'long';"
                       "UPDATE sample SET settled = 0 WHERE t = 5000;");
        script_make(&s, f, 4);
        c = catch_log();
        fixture_open(f);
        log = caught_log(&c);
        assert_string_equal(log, "");
        assert_query(f, "PRAGMA user_version", "11");
        assert_query(f, "PRAGMA integrity_check", "ok");
        assert_query(f, "PRAGMA foreign_key_check", "");
        assert_query(f,
                        "SELECT live_s, avg_hr, min_hr, peak_hr, over_s, breaches, longest_breach_s, hard_s, easy_s, "
                        "record_kind, record_long FROM session",
                        "749.0|142.0|140.0|150.0|15.0|1|102.0|0.0|600.0|base|0");
        assert_query(f, BREACHES, "610000|over-limit|150.0\n710000|back-in-range|102.0");
        assert_query(f, "SELECT group_concat(t) FROM sample WHERE settled = 0", "5000");
}

/* -- All or nothing -- */

static void test_damaged(void **state)
{
        Fixture *f = *state;
        _cleanup_free_ char *error = NULL;
        Script s;
        Store *store;

        script_begin(&s);
        make_close_is_good_enough(&s);
        make_close_is_good_enough(&s);
        fprintf(s.out, "UPDATE event SET t = -5 WHERE session_id = 2 AND type = 'over-limit';");
        script_make(&s, f, 3);
        assert_int_equal(store_open(f->path, false, &store, &error), -EBADMSG);
        if (!strstr(error, "session 2 is damaged"))
                fail_msg("%s", error);
        assert_query(f, "PRAGMA user_version", "3");
        assert_query(f, "SELECT over_s, longest_breach_s FROM session", "15.0|102.0\n15.0|102.0");
        assert_query(f, "SELECT count(*) FROM pragma_table_info('sample') WHERE name = 'settled'", "0");

        /* As the refusal advises. */
        meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session WHERE id = 2");
        fixture_open(f);
        assert_query(f, "SELECT id, over_s, longest_breach_s FROM session", "1|15.0|14.0");
}

/* Years of runs. RECOUNT_RUNS=2000 CARDIO_TEST_VERBOSE=1 tells how long they take. */
static void test_many(void **state)
{
        const char *told = getenv("RECOUNT_RUNS");
        int runs = told ? atoi(told) : 20;
        struct timespec begin, end;
        Fixture *f = *state;
        char sql[1200];

        assert_true(runs > 0);
        (void)snprintf(sql, sizeof(sql),
                        "BEGIN; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                        " INSERT INTO session (id, source, started_at, ended_at, resting_hr, max_hr, ceiling,"
                        " tolerance) SELECT i, 'strap', 86400000 * i, 86400000 * i + 3599000, 50, 197, 145.55,"
                        " 2 FROM n;"
                        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3599)"
                        " INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)"
                        " SELECT id, i * 1000 + (i >= 1800) * 8000, 140 + (i %% 600 > 500) * 10,"
                        " 140 + (i %% 600 > 500) * 10, 3, 1, '[438,440]' FROM session, n;"
                        "WITH n (i) AS (VALUES (0), (1), (2)) INSERT INTO event (session_id, t, type, value)"
                        " SELECT id, i * 600000 + 511000, 'over-limit', 150 FROM session, n UNION ALL"
                        " SELECT id, i * 600000 + 605000, 'back-in-range', 104 FROM session, n ORDER BY 1, 2;COMMIT",
                        runs);
        make_old(f, 3, sql);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        fixture_open(f);
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (getenv("CARDIO_TEST_VERBOSE"))
                print_message("%d runs: %.1f s\n", runs,
                                (double)(end.tv_sec - begin.tv_sec) +
                                                (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
        assert_query(f, "SELECT DISTINCT live_s, over_s, breaches, longest_breach_s FROM session",
                        "3600.0|594.0|3|98.0");
        (void)snprintf(sql, sizeof(sql), "%d", runs);
        assert_query(f, "SELECT count(*) FROM session WHERE record_kind IS NOT NULL", sql);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_close_is_good_enough),
                test(test_ceilings_and_gaps),
                test(test_above_to_the_end),
                test(test_spikes),
                test(test_watch),
                test(test_open),
                test(test_others),
                test(test_later_version),
                test(test_damaged),
                test(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
