/* SPDX-License-Identifier: MIT */

/* What the beats of a stored session come to: when it is closed, and of one that an older version has left. */

#include "old-database.h"
#include "store-coach-fixture.h"

#include "numbers-fixture.h"

#define SECONDS 600

/* A run on the second, with two or three beats in each packet, which vary; the beat that ends at odd_s is two in one. */
static void record_run(Store *s, unsigned seconds, double odd_s)
{
        double due_ms = 0;
        uint32_t random = 1;

        for (unsigned i = 0; i < seconds; i++) {
                Sample sample = sample_of(150, i < 300 ? 150 : 150 - fmin(i - 300, 60), 3);
                uint16_t rr[8];
                size_t n = 0;

                while (due_ms <= 1000 * i) {
                        double beat = 400;

                        random = random * 1664525 + 1013904223;
                        beat += (random >> 16) % 20;
                        if (odd_s > 0 && due_ms <= 1000 * odd_s && due_ms + beat > 1000 * odd_s)
                                beat *= 2;
                        due_ms += beat;
                        rr[n++] = (uint16_t)lround(beat * 1.024);
                }
                session_sample(s, 1000 * (int64_t)i, &sample, rr, n);
        }
}

static void test_closed(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        assert_int_equal(session_begin(f->store, &head), 1);
        record_run(f->store, SECONDS, 200);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT beats_known, rmssd, artefact_percent FROM session", "0|-|-");
        assert_query(f, "SELECT count(*) FROM rr WHERE flag IS NOT NULL", "0");

        session_end(f->store, 1000 * (SECONDS - 1), false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f,
                        "SELECT beats_known, rmssd BETWEEN 6 AND 10, sdnn BETWEEN 4 AND 8, pnn50,"
                        " artefact_percent BETWEEN 0.05 AND 1, hrr60 BETWEEN 45 AND 60 FROM session",
                        "1|1|1|0.0|1|1");
        assert_query(f, "SELECT t / 1000, flag FROM rr WHERE flag = 2", "200|2");
        assert_query(f, "SELECT count(*) FROM rr WHERE flag IS NULL", "0");
        assert_query(f, "SELECT count(*) FROM rr WHERE flag > 0 AND flag <> 2 AND flag <> 1 AND flag <> 4",
                        "0");
        assert_query(f, "SELECT rmssd = (SELECT round(rmssd, 1) FROM session) FROM sessions", "1");

        /* Every 20 s, and from when the two minutes are covered on. */
        assert_query(f, "SELECT count(*), min(t), max(t) FROM alpha1", "29|20000|580000");
        assert_query(f,
                        "SELECT min(t), count(*), min(alpha1) > 0.2, max(alpha1) < 1.2, max(artefact_percent) < 1.5 FROM alpha1"
                        " WHERE alpha1 IS NOT NULL",
                        "120000|24|1|1|1");
}

/* A session that goes on is one whose beats are not known; and then they all are. */
static void test_resumed(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        OpenSession open;

        assert_int_equal(session_begin(f->store, &head), 1);
        record_run(f->store, 200, 100);
        session_end(f->store, 199000, true);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT beats_known FROM session", "1");
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 210000, 60000, &open), 0);
        assert_int_equal(open.id, 1);
        assert_int_equal(session_writer_resume(&open, 0), 0);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT beats_known FROM session", "0");
        assert_query(f, "SELECT count(*) FROM rr WHERE flag IS NOT NULL", "0");
        add_samples(f->store, 215000, 30, 140);
        session_end(f->store, 244000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT beats_known, (SELECT count(*) FROM rr WHERE flag = 2) FROM session", "1|1");
}

/* What was held is known to the coach, but not of an optical device: these may take steps for beats. */
static void test_held(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        assert_int_equal(session_begin(f->store, &head), 1);
        record_run(f->store, SECONDS, 0);
        session_end(f->store, 1000 * (SECONDS - 1), false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT held_hr FROM session", "150.0");
        assert_query(f, "SELECT count(*) FROM sensor WHERE body_location IS NULL", "1");
        assert_true(facts(f, DATE).session[0].held == 150);
        meddle(f, "UPDATE sensor SET body_location = 'chest'");
        assert_true(facts(f, DATE).session[0].held == 150);
        meddle(f, "UPDATE sensor SET body_location = 'wrist'");
        assert_true(facts(f, DATE).session[0].held == 0);
        meddle(f, "UPDATE session SET held_hr = NULL, sensor_id = NULL");
        assert_true(facts(f, DATE).session[0].held == 0);
}

static void test_without_beats(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        assert_int_equal(session_begin(f->store, &head), 1);
        add_samples(f->store, 0, 300, 140);
        session_end(f->store, 299000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT beats_known, rmssd, sdnn, pnn50, artefact_percent, hrr60, held_hr FROM session",
                        "1|-|-|-|-|-|-");
        assert_query(f, "SELECT count(*) FROM alpha1", "0");
        assert_int_equal(store_look_at_beats(f->store), 0);
}

/* What an older version has left is looked at one by one, the newest first, whatever another program has made of it. */
static void test_old(void **state)
{
        Fixture *f = *state;

        make_old(f, 7,
                        "INSERT INTO session (source, started_at, ended_at, resting_hr, max_hr)"
                        " VALUES ('strap', 1000, 61000, 50, 190), ('strap', 500000, 560000, NULL, NULL);"
                        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)"
                        " WITH RECURSIVE i (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < 59)"
                        " SELECT s.id, 1000 * i, 120, 120, 1, 1,"
                        "        CASE i WHEN 20 THEN '[' WHEN 21 THEN '[1,' WHEN 22 THEN '[]' WHEN 23 THEN '[99999]'"
                        "               WHEN 24 THEN '512' WHEN 25 THEN '[-5]' WHEN 26 THEN '[512]x'"
                        "               WHEN 40 THEN '[3427,' || (512 + i % 2) || ']'"
                        "               ELSE printf('[%d,%d]', 512 + i % 2, 512 + i % 2) END"
                        "   FROM session AS s, i WHERE s.id = 2 OR i < 10;");
        fixture_open(f);
        assert_query(f, "SELECT group_concat(beats_known) FROM session", "0,0");
        assert_int_equal(store_look_at_beats(f->store), 1);
        assert_query(f, "SELECT group_concat(beats_known) FROM session", "0,1");
        assert_query(f, "SELECT t, seq, flag FROM artefact", "40000|0|5");
        assert_query(f, "SELECT rmssd BETWEEN 0.5 AND 1, artefact_percent BETWEEN 0.9 AND 1 FROM session WHERE id = 2",
                        "1|1");
        assert_int_equal(store_look_at_beats(f->store), 1);
        assert_int_equal(store_look_at_beats(f->store), 0);
        assert_query(f, "SELECT group_concat(beats_known) FROM session", "1,1");
}

/* The two odd beats of a real run. */
static void test_real_run(void **state)
{
        static double rr_ms[NUMBERS_MAX], heart_rate[NUMBERS_MAX];
        size_t n = numbers_load("garmin-strap-run/records.csv", NULL, heart_rate), next = 0;
        size_t n_rr = numbers_load("garmin-strap-run/rr.csv", NULL, rr_ms);
        Fixture *f = *state;
        SessionHead head = head_default();

        assert_int_equal(session_begin(f->store, &head), 1);
        for (size_t i = 0; i < n; i++) {
                Sample sample = sample_of((unsigned)heart_rate[i], heart_rate[i], 3);
                size_t until = n_rr * (i + 1) / n;
                uint16_t rr[16];
                size_t k = 0;

                for (; next < until; next++)
                        rr[k++] = (uint16_t)lround(rr_ms[next] * 1.024);
                session_sample(f->store, 1000 * (int64_t)i, &sample, rr, k);
        }
        session_end(f->store, 1000 * ((int64_t)n - 1), false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT rr, flag FROM rr WHERE rr = 3427 OR rr = 266", "3427|5\n266|4");
        assert_query(f, "SELECT count(*), sum(rr) = 1725961 FROM rr", "4360|1");
        assert_query(f, "SELECT beats_known, rmssd BETWEEN 5 AND 15, artefact_percent BETWEEN 4 AND 5 FROM session",
                        "1|1|1");
        assert_query(f, "SELECT sum(alpha1 IS NOT NULL) BETWEEN 60 AND 84, min(alpha1) > 0.2, max(alpha1) < 1.6 FROM alpha1",
                        "1|1|1");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_closed, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_resumed, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_held, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_without_beats, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_old, fixture_setup_closed, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_real_run, fixture_setup, fixture_teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
