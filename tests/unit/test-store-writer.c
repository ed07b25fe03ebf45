/* SPDX-License-Identifier: MIT */

/* Facts of the core become rows of their session, and sessions that are recorded at the same time know nothing of each other. */

#include "store-fixture.h"

#include "daemon/store/writer.h"

/* Of t = 0. */
#define BEGIN_USEC (7 * USEC_PER_SEC)

static SessionWriter *begin(Store *s, int64_t expected)
{
        SessionHead head = head_default();
        SessionWriter *w = NULL;

        assert_int_equal(session_writer_begin(s, &head, BEGIN_USEC, &w), expected);
        assert_non_null(w);
        return w;
}

static void write_sample(SessionWriter *w, int64_t t, unsigned heart_rate)
{
        static const uint16_t rr[] = { 500, 501 };
        Sample sample = sample_of(heart_rate, heart_rate, 2);
        Fact fact = { .type = FACT_SAMPLE,
                .at_usec = BEGIN_USEC + (usec_t)t * USEC_PER_MSEC,
                .sample = &sample,
                .rr = rr,
                .n_rr = ELEMENTSOF(rr) };

        session_writer_fact(w, &fact, NULL);
}

/* Each fact leaves the row that it should, or none. */
static void test_facts(void **state)
{
        static const struct {
                Fact fact;
                const char *detail;
                const char *row; /* t, type, value, detail; NULL = none */
        } table[] = {
                { { .type = FACT_OVER_LIMIT, .begins = true, .heart_rate = 160, .first_heart_rate = 150.5 },
                                NULL, "1500|over-limit|150.5|-" },
                { { .type = FACT_OVER_LIMIT, .heart_rate = 160, .first_heart_rate = 150.5 }, NULL, NULL },
                { { .type = FACT_BACK_IN_RANGE, .length_usec = 2500 * USEC_PER_MSEC, .heart_rate = 140 },
                                NULL, "1500|back-in-range|2.5|-" },
                { { .type = FACT_GAP, .length_usec = 30 * USEC_PER_SEC }, NULL, "1500|gap|30.0|-" },
                { { .type = FACT_CONTACT_LOST, .length_usec = 1 }, NULL, "1500|contact-lost|-|-" },
                { { .type = FACT_STALE, .length_usec = 5 * USEC_PER_SEC }, NULL, "1500|stale|5.0|-" },
                { { .type = FACT_ZONE, .heart_rate = 141.5, .zone = 3 }, NULL, "1500|zone|141.5|3" },
                { { .type = FACT_CEILING, .ceiling = 150 }, "150", "1500|ceiling|150.0|150" },
                { { .type = FACT_CEILING, .ceiling = NAN }, "none", "1500|ceiling|-|none" },
                { { .type = FACT_SNOOZE, .length_usec = 60 * USEC_PER_SEC }, NULL, "1500|snooze|60.0|-" },
                { { .type = FACT_STRAP }, "11:22:33:44:55:66", "1500|strap|-|11:22:33:44:55:66" },
                { { .type = FACT_STRAP_LOST, .length_usec = 60 * USEC_PER_SEC }, NULL,
                                "1500|trouble|-|strap-lost" },
                { { .type = FACT_STRAP_BACK, .length_usec = 75 * USEC_PER_SEC }, NULL,
                                "1500|trouble|75.0|strap-back" },
                { { .type = FACT_BATTERY_LOW, .percent = 12 }, NULL, "1500|trouble|12.0|battery" },
                { { .type = FACT_BATTERY_RISEN, .percent = 90 }, NULL, NULL },
                { { .type = FACT_REJECTED }, NULL, NULL },
                { { .type = FACT_SENSOR }, NULL, NULL },
                { { .type = FACT_HEART_RATE }, NULL, NULL },
                { { .type = FACT_SESSION_STARTED }, NULL, NULL },
                { { .type = FACT_SESSION_ENDED }, NULL, NULL },
                { { .type = FACT_SESSION_DISCARDED }, NULL, NULL },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SessionWriter *w = begin(f->store, (int64_t)i + 1);
                Fact fact = table[i].fact;
                char sql[128];

                fact.at_usec = BEGIN_USEC + 1500 * USEC_PER_MSEC;
                session_writer_fact(w, &fact, table[i].detail);
                assert_int_equal(store_commit(f->store), 0);
                (void)snprintf(sql, sizeof(sql),
                                "SELECT t, type, value, detail FROM event WHERE session_id = %zu", i + 1);
                assert_query(f, sql, table[i].row ? table[i].row : "");
                session_writer_discard(w);
        }
}

/* What was before the session's start stands at it, as the beginning of a breach can. */
static void test_before_start(void **state)
{
        Fixture *f = *state;
        SessionWriter *w = begin(f->store, 1);

        session_writer_fact(w,
                        &(Fact){ .type = FACT_OVER_LIMIT,
                                        .begins = true,
                                        .at_usec = BEGIN_USEC - 1500 * USEC_PER_MSEC,
                                        .first_heart_rate = 150 },
                        NULL);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT t, type FROM event", "0|over-limit");
}

#define ROWS(session)                                                                                \
        "SELECT t, heart_rate, rr_json, NULL FROM sample WHERE session_id = " #session " UNION ALL " \
        "SELECT t, type, value, detail FROM event WHERE session_id = " #session
#define FIGURES(session)                                                                                 \
        "SELECT live_s, avg_hr, min_hr, peak_hr, breaches, ended_at - started_at FROM session WHERE id " \
        "= " #session

/* Two that are recorded at the same time come to what one comes to that is recorded alone. */
static void test_two(void **state)
{
        _cleanup_free_ char *rows = NULL, *figures = NULL;
        Fixture *f = *state;
        SessionWriter *alone = begin(f->store, 1), *one, *other;

        for (int64_t t = 0; t < 60000; t += 1000)
                write_sample(alone, t, 120);
        session_writer_event(alone, 30000, "zone", 2, NULL);
        assert_int_equal(session_writer_end(alone, 59000, false), 59000);

        one = begin(f->store, 2);
        other = begin(f->store, 3);
        assert_ptr_not_equal(one, other);
        for (int64_t t = 0; t < 60000; t += 1000) {
                write_sample(one, t, 120);
                if (t == 10000)
                        session_writer_event(other, t, "gap", 3, NULL);
                write_sample(other, t + 5, 150);
        }
        session_writer_event(one, 30000, "zone", 2, NULL);
        /* Figures of what is recorded are those of now, of both. */
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT id, avg_hr, ended_at FROM session WHERE id > 1", "2|120.0|-\n3|150.0|-");
        assert_int_equal(store_delete_session(f->store, 2), -EBUSY);
        assert_int_equal(store_delete_session(f->store, 3), -EBUSY);

        assert_int_equal(session_writer_end(one, 59000, false), 59000);
        write_sample(other, 60005, 150);
        session_writer_clock(other, 60005, 5000);
        assert_int_equal(store_commit(f->store), 0);
        rows = query(f, ROWS(1));
        figures = query(f, FIGURES(1));
        assert_query(f, ROWS(2), rows);
        assert_query(f, FIGURES(2), figures);
        assert_query(f, "SELECT started_at, ended_at FROM session WHERE id = 3", "1710523805000|-");
        assert_query(f, "SELECT count(*), min(t), max(t) FROM sample WHERE session_id = 3", "61|5|60005");

        assert_int_equal(store_delete_session(f->store, 2), 0);
        session_writer_discard(other);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT id FROM session", "1");
}

/* There is a limit, and room again behind an end. */
static void test_too_many(void **state)
{
        SessionWriter *w[SESSION_WRITERS_MAX], *more = NULL;
        SessionHead head = head_default();
        Fixture *f = *state;

        for (unsigned i = 0; i < SESSION_WRITERS_MAX; i++)
                w[i] = begin(f->store, i + 1);
        assert_int_equal(session_writer_begin(f->store, &head, BEGIN_USEC, &more), -EMFILE);
        assert_null(more);
        write_sample(w[1], 0, 120);
        session_writer_end(w[1], 0, false);
        w[1] = begin(f->store, SESSION_WRITERS_MAX + 1);
        write_sample(w[1], 0, 121);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT session_id, heart_rate FROM sample", "2|120\n5|121");
}

/* What goes to a session that could not be begun is dropped. */
static void test_none(void **state)
{
        Fixture *f = *state;

        write_sample(NULL, 0, 120);
        session_writer_fact(NULL, &(Fact){ .type = FACT_GAP }, NULL);
        session_writer_event(NULL, 0, "gap", 3, NULL);
        session_writer_clock(NULL, 0, 5000);
        assert_int_equal(session_writer_end(NULL, 1234, false), 1234);
        session_writer_discard(NULL);
        assert_false(store_pending(f->store));
}

/* One that waits to go on does so beside another one that has begun meanwhile. */
static void test_resume_beside(void **state)
{
        Fixture *f = *state;
        SessionWriter *w = begin(f->store, 1);
        OpenSession open;

        for (int64_t t = 0; t < 10000; t += 1000)
                write_sample(w, t, 120);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 20000, 300000, &open), 0);
        assert_int_equal(open.id, 1);
        write_sample(open.writer, 12000, 120); /* not yet */
        w = begin(f->store, 2);
        write_sample(w, 0, 150);
        assert_int_equal(session_writer_resume(&open, BEGIN_USEC), 0);
        assert_int_equal(session_writer_resume(&open, BEGIN_USEC), -ENOENT);
        write_sample(open.writer, 20000, 120);
        write_sample(w, 1000, 150);
        session_writer_end(open.writer, 20000, false);
        session_writer_end(w, 1000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f,
                        "SELECT session_id, count(*), max(t), min(heart_rate) FROM sample GROUP BY "
                        "session_id",
                        "1|11|20000|120\n2|2|1000|150");
        assert_query(f, "SELECT id, ended_at - started_at FROM session", "1|20000\n2|1000");
}

/* Of a database that is gone both are taken along. */
static void test_moved(void **state)
{
        _cleanup_free_ char *log = NULL;
        Fixture *f = *state;
        SessionWriter *one = begin(f->store, 1), *other = begin(f->store, 2);
        Caught c;

        write_sample(one, 0, 120);
        write_sample(other, 0, 150);
        assert_int_equal(store_commit(f->store), 0);
        c = catch_log();
        assert_int_equal(unlink(f->path), 0);
        write_sample(one, 1000, 121);
        assert_int_equal(store_commit(f->store), -ESTALE);
        fixture_close(f);
        fixture_open(f);
        log = caught_log(&c);
        assert_query(f, "SELECT session_id, t, heart_rate FROM sample ORDER BY session_id, t",
                        "1|0|120\n1|1000|121\n2|0|150");
}

/* A mark before the first heart rate, right after a start by hand, is at the beginning. */
static void test_early_mark(void **state)
{
        Fixture *f = *state;
        SessionWriter *w = begin(f->store, 1);

        assert_int_equal(session_writer_event(w, 0, "mark", NAN, "go"), 0);
        write_sample(w, 3000, 120);
        (void)session_writer_end(w, 3000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT e.t, e.type, s.ended_at - s.started_at FROM event AS e JOIN session AS s",
                        "0|mark|3000");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_facts, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_before_start, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_two, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_too_many, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_early_mark, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_none, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_resume_beside, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_moved, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
