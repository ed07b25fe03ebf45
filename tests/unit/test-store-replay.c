/* SPDX-License-Identifier: MIT */

/* Heart rates of a file become a session: whole, whatever lies between them, and without leaving anything behind if it is given
 * up. That a replay comes to the rows that were recorded is tested with every stream of tests/replay. */

#include "store-fixture.h"

#include "daemon/config/config.h"
#include "daemon/manager/replay.h"

/* The configuration as shipped. */
static Config *config_default(void)
{
        char *error = NULL;
        Config *config = NULL;

        if (config_load("/nonexistent", false, (Date){ .year = 2024, .month = 3, .day = 15 }, &config,
                            &error) < 0)
                fail_msg("%s", error);
        return config;
}

typedef struct Heard {
        int64_t t;
        unsigned heart_rate;
} Heard;

static SessionReplay *begin(const Fixture *f, const Config *config)
{
        const Runner runner = { .resting = 50, .maximum = 197, .sex = SEX_MALE };
        SessionReplayHead head = { .runner = runner, .ceiling = 145.55, .tolerance = 2 };
        SessionReplay *p = NULL;

        head.zones = config_engine(config, &runner).zones;
        assert_int_equal(session_replay_begin(f->store, config, &head, &p), 0);
        return p;
}

static void hear(SessionReplay *p, int64_t t, unsigned heart_rate)
{
        assert_int_equal(session_replay_heart_rate(p, t, (uint16_t)heart_rate, CONTACT_UNSUPPORTED, NULL, 0),
                        0);
}

/* Stores it as session 1. */
static void keep(const Fixture *f, SessionReplay *p)
{
        _cleanup_(session_writer_freep) SessionWriter *w = NULL;

        assert_int_equal(session_replay_end(p, &w), 0);
        session_replay_free(p);
        assert_int_equal(transaction_begin(f->store), 0);
        assert_int_equal(
                        sqlite3_exec(f->store->db,
                                        "INSERT INTO session (id, source, started_at, resting_hr, max_hr, ceiling,"
                                        " tolerance) VALUES (1, 'import', 0, 50, 197, 145.55, 2)",
                                        NULL, NULL, NULL),
                        SQLITE_OK);
        assert_int_equal(session_writer_apply(f->store, w, 1), 0);
        assert_int_equal(transaction_commit(f->store), 0);
}

/* It begins with the first heart rate and ends with the last: no gap ends it, low effort does not, and it may be short. */
static void test_whole(void **state)
{
        static const struct {
                Heard heard[8];
                const char *samples, *events;
        } table[] = {
                { { { 0, 60 } }, "0:60:0:0", "0|zone|60.0" },
                { { { 0, 60 }, { 1000, 61 } }, "0:60:0:0,1000:61:0:0", "0|zone|60.0" },
                { { { 0, 60 }, { 7200000, 61 }, { 86400000, 62 } }, "0:60:0:0,7200000:61:0:0,86400000:62:0:0",
                                "0|zone|60.0\n0|gap|7200.0\n7200000|gap|79200.0" },
                /* Before the first settled one the zone is that one's. */
                { { { 0, 120 }, { 1000, 150 }, { 2000, 150 }, { 3000, 150 } },
                                "0:120:2:0,1000:150:2:0,2000:150:2:0,3000:150:2:1", "0|zone|120.0" },
                { { { 0, 60 }, { 1000, 150 }, { 2000, 105 } }, "0:60:0:0,1000:150:0:0,2000:105:0:0",
                                "0|zone|60.0" },
                /* What was heard before it is smoothed with it, and not in it. */
                { { { -2000, 150 }, { -1000, 150 }, { 0, 150 }, { 1000, 151 } }, "0:150:2:1,1000:151:2:1",
                                "0|zone|150.0" },
        };
        _cleanup_(config_freep) Config *config = config_default();
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SessionReplay *p = begin(f, config);

                for (const Heard *h = table[i].heard; h->heart_rate > 0; h++)
                        hear(p, h->t, h->heart_rate);
                keep(f, p);
                assert_query(f,
                                "SELECT group_concat(t || ':' || heart_rate || ':' || zone || ':' || settled)"
                                " FROM (SELECT * FROM sample ORDER BY t)",
                                table[i].samples);
                assert_query(f, "SELECT t, type, value FROM event ORDER BY t, id", table[i].events);
                assert_query(f,
                                "SELECT ended_at - started_at = (SELECT max(t) FROM sample), record_kind IS NOT NULL"
                                " FROM session",
                                "1|1");
                meddle(f, "PRAGMA foreign_keys = ON; DELETE FROM session");
        }
}

/* Each heart rate has its own R-R intervals, as many as one can have, also while the first ones wait for a zone. */
static void test_rr(void **state)
{
        _cleanup_(config_freep) Config *config = config_default();
        Fixture *f = *state;
        uint16_t rr[MEASUREMENT_RR_MAX];
        SessionReplay *p = begin(f, config);

        /* No two within 20 bpm: nothing is ever settled. */
        for (unsigned i = 0; i < 20; i++) {
                for (size_t k = 0; k < MEASUREMENT_RR_MAX; k++)
                        rr[k] = (uint16_t)(300 + i);
                assert_int_equal(session_replay_heart_rate(p, i * 20000, i % 2 ? 60 : 200, CONTACT_YES, rr,
                                                 MEASUREMENT_RR_MAX),
                                0);
        }
        keep(f, p);
        assert_query(f, "SELECT count(*), min(rr = 300 + t / 20000), count(DISTINCT t), sum(seq) FROM rr",
                        "5100|1|20|647700");
        assert_query(f, "SELECT count(*), sum(settled) FROM sample WHERE contact = 1", "20|0");
}

/* Another ceiling ends a breach and holds from its moment on; one that is the same is an event all the same. */
static void test_ceiling(void **state)
{
        _cleanup_(config_freep) Config *config = config_default();
        Fixture *f = *state;
        SessionReplay *p = begin(f, config);

        for (int64_t t = 0; t < 120000; t += 1000) {
                if (t == 60000)
                        session_replay_ceiling(p, t, 180, "180");
                if (t == 70000)
                        session_replay_ceiling(p, t, 180, "auto");
                if (t == 80000)
                        session_replay_ceiling(p, t, NAN, "off");
                if (t == 90000)
                        session_replay_ceiling(p, t, 145, NULL);
                hear(p, t, 160);
        }
        keep(f, p);
        assert_query(f, "SELECT t, type, value, detail FROM event WHERE type <> 'zone' ORDER BY t, id",
                        "2000|over-limit|160.0|-\n59000|back-in-range|57.0|-\n60000|ceiling|180.0|180\n"
                        "70000|ceiling|180.0|auto\n80000|ceiling|-|off\n90000|ceiling|145.0|-\n90000|over-limit|160.0|-\n"
                        "119000|back-in-range|29.0|-");
        assert_query(f, "SELECT over_s, breaches, longest_breach_s, live_s FROM session",
                        "89.0|2|57.0|119.0");
}

/* What was noticed at the time is kept as it was, and nothing of it is found anew. */
static void test_events(void **state)
{
        _cleanup_(config_freep) Config *config = config_default();
        Fixture *f = *state;
        SessionReplay *p = begin(f, config);

        session_replay_event(p, 0, "mark", NAN, "go");
        for (int64_t t = 0; t < 600000; t += 1000)
                if (t < 300000 || t > 500000)
                        hear(p, t, 160); /* frozen after two minutes, and lost for three */
        session_replay_event(p, 599000, "battery", 80, NULL);
        keep(f, p);
        assert_query(f,
                        "SELECT t, type, value, detail FROM event WHERE type NOT IN ('zone', 'over-limit',"
                        " 'back-in-range') ORDER BY t, id",
                        "0|mark|-|go\n299000|gap|202.0|-\n599000|battery|80.0|-");
        assert_query(f, "SELECT min(settled), max(settled) FROM sample", "0|1");
}

/* What no file may have is refused where it stands, and nothing of the session is there before it is stored. */
static void test_refused(void **state)
{
        static const uint16_t rr[MEASUREMENT_RR_MAX + 1];
        static const struct {
                int64_t t;
                unsigned heart_rate;
                size_t n_rr;
        } table[] = { { 0, 60, 0 }, { -1, 60, 0 }, { 1000, 24, 0 }, { 1000, 251, 0 }, { 1000, 0, 0 },
                { 1000, 60, MEASUREMENT_RR_MAX + 1 }, { SESSION_REPLAY_T_MAX + 1, 60, 0 },
                { INT64_MAX, 60, 0 }, { INT64_MIN, 60, 0 } };
        _cleanup_(config_freep) Config *config = config_default();
        SessionWriter *w = NULL;
        Fixture *f = *state;
        SessionReplay *p = begin(f, config);

        assert_int_equal(session_replay_end(p, &w), -ENODATA);
        hear(p, -1000, 60);
        assert_int_equal(session_replay_end(p, &w), -ENODATA);
        hear(p, 0, 60);
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_int_equal(session_replay_heart_rate(p, table[i].t, (uint16_t)table[i].heart_rate,
                                                 CONTACT_YES, rr, table[i].n_rr),
                                -EINVAL);
        hear(p, 1000, 61);
        session_replay_free(p);
        assert_false(store_pending(f->store));
        assert_query(f, "SELECT count(*) FROM session", "0");
}

/* More heart rates than the store would ever keep waiting are refused as a whole. */
static void test_too_many(void **state)
{
        _cleanup_(config_freep) Config *config = config_default();
        _cleanup_(session_writer_freep) SessionWriter *w = NULL;
        Fixture *f = *state;
        SessionReplay *p = begin(f, config);

        for (int64_t t = 0; t <= STORE_QUEUE_MAX; t++)
                hear(p, t, 100);
        assert_int_equal(session_replay_end(p, &w), -ENOBUFS);
        assert_null(w);
        session_replay_free(p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_whole, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_rr, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_ceiling, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_events, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_refused, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_too_many, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
