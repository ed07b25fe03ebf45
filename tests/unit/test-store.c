/* SPDX-License-Identifier: MIT */

/* What is recorded and what is read back, in real files. */

#include "store-fixture.h"

#include <signal.h>
#include <sys/wait.h>

/* The closing figures of a session, in one line. Rounded, since SQLite 3.53 prints 17 digits where 15 were. */
#define FIGURES                                                                                       \
        "SELECT ended_at - started_at, live_s, round(avg_hr, 9), min_hr, peak_hr, over_s, breaches, " \
        "longest_breach_s FROM session"

/* -- Recording -- */

static void test_round_trip(void **state)
{
        static const uint16_t rr[] = { 812, 65535, 0 };
        Fixture *f = *state;
        SessionHead head = head_default();
        Sample sample = sample_of(120, 121.5, 2);

        head.kind = "recovery";
        head.by_hand = true;
        sample.contact = CONTACT_UNSUPPORTED;
        assert_false(store_pending(f->store));
        assert_int_equal(session_begin(f->store, &head), 1);
        assert_true(store_pending(f->store));
        session_sample(f->store, 0, &sample, rr, 3);
        session_sample(f->store, 1000, &sample, rr, 1);
        add_unsettled(f->store, 2000, 120, 121.5, 2);
        session_event(f->store, 2000, "zone", 2, NULL);
        session_event(f->store, 2500, "strap", NAN, "11:22:33:44:55:66");
        assert_query(f, "SELECT count(*) FROM session", "0");
        assert_int_equal(store_commit(f->store), 0);
        assert_false(store_pending(f->store));
        assert_int_equal(store_commit_wait(f->store), 0);

        assert_query(f,
                        "SELECT s.id, address, source, kind, started_at, ended_at, utc_offset_s, resting_hr, max_hr, sex, "
                        "ceiling, ceiling_expression, tolerance, zone_model, zone_bounds, by_hand, "
                        "resumable FROM session s JOIN sensor n ON n.id = sensor_id",
                        "1|" STRAP
                        "|strap|recovery|1710523800000|-|3600|50.0|197.0|male|145.55|65%hrr|2.0|hrr|"
                        "50 60 70 80 90|1|0");
        assert_query(f, "SELECT * FROM sample",
                        "1|0|120|121.5|2|0|[812,65535,0]|1\n1|1000|120|121.5|2|0|[812]|1\n1|2000|120|121.5|2|1|-|0");
        assert_query(f, "SELECT * FROM rr", "1|0|0|812|-\n1|0|1|65535|-\n1|0|2|0|-\n1|1000|0|812|-");
        assert_query(f, "SELECT session_id, t, type, value, detail FROM event",
                        "1|2000|zone|2.0|-\n1|2500|strap|-|11:22:33:44:55:66");
        assert_query(f, "SELECT live_s, avg_hr FROM session", "2.0|120.0");
}

static void test_most_rr(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        Sample sample = sample_of(120, 120, 0);
        uint16_t rr[MEASUREMENT_RR_MAX];

        for (size_t i = 0; i < MEASUREMENT_RR_MAX; i++)
                rr[i] = (uint16_t)(65535 - i);
        session_begin(f->store, &head);
        session_sample(f->store, 0, &sample, rr, MEASUREMENT_RR_MAX);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT count(*), min(rr), max(rr), sum(rr + seq) FROM rr",
                        "255|65281|65535|16711425");
}

static void test_sensor(void **state)
{
        Fixture *f = *state;

        store_sensor(f->store, STRAP, "Strap 'x'", "chest", 80, 5000);
        store_sensor(f->store, STRAP, NULL, NULL, -1, 0);
        store_sensor(f->store, "11:22:33:44:55:66", NULL, NULL, -1, 6000);
        assert_int_equal(store_commit(f->store), 0);
        store_sensor(f->store, STRAP, NULL, "wrist", 0, 7000);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT * FROM sensor",
                        "1|" STRAP "|Strap 'x'|wrist|0|7000|0\n2|11:22:33:44:55:66|-|-|-|6000|0");
}

/* t rises strictly, and a session's end knows the last heart rate by either time. */
static void test_rising_t(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        session_begin(f->store, &head);
        add_sample(f->store, -5, 100, 100, 0);
        add_sample(f->store, 1000, 100, 100, 0);
        add_sample(f->store, 1000, 110, 110, 0);
        add_sample(f->store, 900, 120, 120, 0);
        assert_int_equal(session_end(f->store, 900, false), 1002);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT t, heart_rate FROM sample", "0|100\n1000|100\n1001|110\n1002|120");
        assert_query(f, "SELECT ended_at - started_at FROM session", "1002");
}

/* Without a session nothing is recorded, and nothing breaks. */
static void test_no_session(void **state)
{
        Fixture *f = *state;

        add_sample(f->store, 0, 100, 100, 0);
        session_event(f->store, 0, "battery", 50, NULL);
        session_clock(f->store, 0, 1000);
        session_end(f->store, 0, false);
        session_discard(f->store);
        assert_false(store_pending(f->store));
        assert_int_equal(store_commit_wait(f->store), 0);
}

static void test_ids(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        /* Discarded within one batch, and after it was stored. */
        assert_int_equal(session_begin(f->store, &head), 1);
        add_samples(f->store, 0, 3, 100);
        session_discard(f->store);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(session_begin(f->store, &head), 2);
        add_samples(f->store, 0, 3, 100);
        session_event(f->store, 0, "gap", 3, NULL);
        assert_int_equal(store_commit(f->store), 0);
        session_discard(f->store);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f,
                        "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM sample) + "
                        "(SELECT count(*) FROM event) + (SELECT count(*) FROM zone_time)",
                        "0");

        fixture_close(f);
        fixture_open(f);
        assert_int_equal(session_begin(f->store, &head), 3);
        session_discard(f->store);
        assert_int_equal(session_begin(f->store, &head), 4);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(session_begin(f->store, &head), 5);
}

/* Beginning one session ends the one before at its last heart rate. */
static void test_one_at_a_time(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        session_begin(f->store, &head);
        add_samples(f->store, 0, 11, 100);
        session_begin(f->store, &head);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT id, ended_at - started_at, live_s FROM session", "1|10000|10.0\n2|-|0.0");
}

/* -- Figures -- */

static void test_figures(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        head.kind = "recovery";
        store_sensor(f->store, STRAP, "Strap", NULL, -1, 0);
        session_begin(f->store, &head);
        add_samples(f->store, 0, 3600, 140);
        /* 150 > 147.55 for 90 s, which is noticed after ten; then a gap of a minute, of which two seconds count: they are
         * over, and no part of the breach, which ended with its last heart rate above. */
        add_samples(f->store, 3600000, 90, 150);
        session_event(f->store, 3600000, "over-limit", 150, NULL);
        session_event(f->store, 3689000, "back-in-range", 89, NULL);
        add_sample(f->store, 3749000, 140, 140, 2);
        assert_int_equal(store_commit(f->store), 0);

        /* Before the end as after it. */
        assert_query(f, FIGURES, "-|3691.0|140.246545652|140.0|150.0|91.0|1|89.0");
        session_end(f->store, 3749000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, FIGURES, "3749000|3691.0|140.246545652|140.0|150.0|91.0|1|89.0");
        assert_query(f, "SELECT zone, seconds FROM zone_time", "2|3600.0\n3|91.0");

        assert_query(f, "SELECT * FROM sessions",
                        "1|2024-03-15|18:30|1:02:29|recovery|140.2|150.0|145.55|0:01:31|1|0:01:29|97.5|"
                        "Strap|3749|91|78.6|-|-|-|-|strap|-|-|-|-");
        assert_query(f, "SELECT * FROM session_zones", "1|2|3600.0|97.5\n1|3|91.0|2.5");
        assert_query(f,
                        "SELECT week, sessions, duration, easy_percent, easy_runs_percent, longest FROM "
                        "weeks",
                        "2024-03-11|1|1:02:29|97.5|97.5|1:02:29");
        assert_query(f, "SELECT weeks.trimp = round(session.trimp, 1), session.trimp BETWEEN 78.5 AND 78.7 FROM weeks, session",
                        "1|1");
}

/* Time is judged by the ceiling in force at the earlier heart rate, alike while recording and when
 * replayed. */
static void test_ceiling_changes(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        head.ceiling = 145;
        session_begin(f->store, &head);
        add_samples(f->store, 0, 10, 150);                   /* 10 s above */
        session_event(f->store, 9000, "ceiling", 160, NULL); /* after the heart rate of that very time */
        add_samples(f->store, 10000, 10, 150);               /* at ease */
        session_event(f->store, 19500, "ceiling", NAN, NULL);
        add_samples(f->store, 20000, 10, 200); /* no ceiling */
        session_event(f->store, 30000, "ceiling", 197.5, NULL);
        add_samples(f->store, 30000, 11, 200); /* 10 s above */
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT over_s, live_s FROM session", "20.0|40.0");
        session_end(f->store, 40000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT over_s, live_s FROM session", "20.0|40.0");
        assert_query(f, "SELECT over, easy_percent FROM sessions", "0:00:20|50.0");
}

static void test_no_ceiling(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        head.ceiling = NAN;
        session_begin(f->store, &head);
        add_samples(f->store, 0, 11, 190);
        session_end(f->store, 10000, false);
        /* Neither is there one to speak of without live time. */
        head.ceiling = 150;
        session_begin(f->store, &head);
        add_sample(f->store, 0, 100, 100, 1);
        session_end(f->store, 0, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT ceiling, easy_percent, over FROM sessions", "-|-|0:00:00\n150.0|-|0:00:00");
        assert_query(f, "SELECT easy_percent FROM weeks", "-");
        assert_query(f, "SELECT ceiling, over_s, avg_hr, min_hr FROM session",
                        "-|0.0|190.0|190.0\n150.0|0.0|-|100.0");
}

/* What comes later than the end is dropped, and the figures are of what is left. */
static void test_trim(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        session_begin(f->store, &head);
        add_samples(f->store, 0, 101, 150);
        session_event(f->store, 0, "over-limit", 150, NULL);
        add_samples(f->store, 101000, 100, 150);
        session_event(f->store, 200000, "back-in-range", 200, NULL);
        assert_int_equal(store_commit(f->store), 0);
        session_end(f->store, 100500, false);
        assert_int_equal(store_commit(f->store), 0);
        /* The end is that of the last heart rate kept, and there the breach ends. */
        assert_query(f, FIGURES, "100000|100.0|150.0|150.0|150.0|100.0|1|100.0");
        assert_query(f, "SELECT t, type, value FROM event", "0|over-limit|150.0\n100000|back-in-range|100.0");
        assert_query(f, "SELECT count(*), max(t) FROM sample", "101|100000");
        assert_query(f, "SELECT zone, seconds FROM zone_time", "3|100.0");
}

static void test_clock(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();

        session_begin(f->store, &head);
        add_samples(f->store, 0, 11, 100);
        assert_int_equal(store_commit(f->store), 0);
        session_clock(f->store, 10500, -3600500);
        add_sample(f->store, 11000, 100, 100, 1);
        session_end(f->store, 11000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT started_at, ended_at FROM session", "1710520199500|1710520210500");
        assert_query(f, "SELECT t, type, value FROM event", "10500|clock|-3600.5");
        assert_query(f, "SELECT start, duration FROM sessions", "17:29|0:00:11");
}

/* -- Views -- */

static void test_views(void **state)
{
        Fixture *f = *state;

        /* Monday 00:30 and Sunday 23:30, told by the runner's clock on either side of the UTC day; a long
         * one; one that is recorded now; one without a strap. */
        meddle(f, "INSERT INTO session (source, started_at, ended_at, utc_offset_s, trimp, ceiling, live_s, over_s) "
                  "VALUES ('strap', 1710109800000, 1710109860499, 7200, 10.04, 145, 60, 30),"
                  "('strap', 1710710400000, 1710710460500, -5400, 10.04, NULL, 60, 0),"
                  "('manual', 1710763200000, 1710763200000 + 90061000, 0, NULL, NULL, 0, 0),"
                  "('strap', 1711000000000, NULL, 0, NULL, 145, 60, 0);"
                  "INSERT INTO sample VALUES (4, 0, 100, 100, 0, 1, NULL, 1), (4, 65000, 100, 100, 0, 1, NULL, 1)");
        assert_query(f, "SELECT id, date, start, duration, easy_percent, strap FROM sessions",
                        "1|2024-03-11|00:30|0:01:00|50.0|-\n"
                        "2|2024-03-17|19:50|0:01:01|-|-\n"
                        "3|2024-03-18|12:00|25:01:01|-|-\n"
                        "4|2024-03-21|05:46|0:01:05|100.0|-");
        assert_query(f, "SELECT * FROM weeks",
                        "2024-03-11|2|0:02:01|121|50.0|-|0:01:01|20.1|-|-\n"
                        "2024-03-18|2|25:02:06|90126|100.0|-|25:01:01|-|-|-");
        assert_query(f, "SELECT * FROM months", "2024-03|4|25:04:07|90247|75.0|-|25:01:01|20.1|-|-");
        assert_query(f, "SELECT id, duration_s, over_s FROM session_lengths",
                        "1|60|30\n2|61|0\n3|90061|0\n4|65|0");
}

/* As cardioctl sessions asks. */
#define NEWEST_SQL                                                                 \
        "SELECT v.* FROM sessions AS v JOIN session AS s ON s.id = v.id "          \
        "WHERE ('' = '2024-01-01' OR v.date >= '2024-01-01') AND v.kind = 'base' " \
        "ORDER BY s.started_at DESC, s.id DESC LIMIT 20"

/* Rows come in order as they are read: the only sort is that of the few runs about a race's date, which tells the race, a
 * subquery of one row at a time that searches by index. */
static void assert_unsorted(const Fixture *f, const char *sql)
{
        _cleanup_free_ char *explain = NULL, *steps = NULL, *plan = NULL;

        assert_true(asprintf(&explain, "EXPLAIN QUERY PLAN %s", sql) > 0);
        steps = query(f, explain);
        assert_true(asprintf(&plan, "\n%s\n", steps) > 0);
        for (const char *sort = plan; (sort = strstr(sort, "USE TEMP B-TREE")); sort++) {
                const char *line = sort, *outer;
                int parent, named = 0;
                char id[16];

                while (line[-1] != '\n')
                        line--;
                assert_int_equal(sscanf(line, "%*d|%d|", &parent), 1);
                (void)snprintf(id, sizeof(id), "\n%d|", parent);
                outer = strstr(plan, id);
                if (outer)
                        (void)sscanf(outer, " %*d|%*d|%*d|CORRELATED SCALAR SUBQUERY%n", &named);
                if (named == 0)
                        fail_msg("%s: %s", sql, plan);
        }
}

/* However many runs there are, what people and programs ask is answered by index. */
static void test_plans(void **state)
{
        static const char *const questions[] = {
                "SELECT * FROM sessions",
                "SELECT * FROM sessions WHERE id = 5",
                "SELECT * FROM sessions ORDER BY id DESC LIMIT 20",
                "SELECT * FROM sessions WHERE date >= '2024-01-01'",
                "SELECT v.*, l.duration_s, l.over_s FROM sessions v JOIN session_lengths l ON l.id = v.id",
                NEWEST_SQL,
                "SELECT * FROM weeks",
                "SELECT * FROM months",
                "SELECT * FROM drift WHERE session_id = 5",
                "SELECT * FROM breach WHERE session_id = 5",
                "SELECT * FROM session_zones WHERE session_id = 5",
                "SELECT * FROM rr WHERE session_id = 5",
                "SELECT * FROM sample WHERE session_id = 5 ORDER BY t",
                "SELECT * FROM event WHERE session_id = 5 ORDER BY t, id",
                "DELETE FROM session WHERE id = 5",
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(questions); i++) {
                _cleanup_free_ char *plan = NULL, *sql = NULL;

                assert_true(asprintf(&sql, "EXPLAIN QUERY PLAN %s", questions[i]) > 0);
                plan = query(f, sql);
                if (strstr(plan, "SCAN sample") || strstr(plan, "SCAN event") ||
                                strstr(plan, "SCAN zone_time") ||
                                /* What tells a race: for each session, so never by walking a table. */
                                strstr(plan, "SCAN c") || strstr(plan, "SCAN r"))
                        fail_msg("%s: %s", questions[i], plan);
        }
        /* Where a query is not about one session the tables of runs may be walked, but they are not sorted. */
        assert_unsorted(f, "SELECT * FROM sessions ORDER BY id DESC");
        assert_unsorted(f, "SELECT * FROM sessions ORDER BY id DESC LIMIT 20");
        assert_unsorted(f, "SELECT * FROM sessions WHERE id = 5");
        assert_unsorted(f, "SELECT * FROM sessions WHERE date >= '2024-01-01'");
        assert_unsorted(f, NEWEST_SQL);
}

/* -- After a crash -- */

/* Runs a daemon's life in a child, which is then killed; the fixture's own store is closed before. */
static void crash(Fixture *f, void (*life)(Store *s))
{
        int status;
        pid_t pid;

        fixture_close(f);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                fixture_open(f);
                life(f->store);
                raise(SIGKILL);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        fixture_open(f);
}

static void life_run(Store *s)
{
        SessionHead head = head_default();

        session_begin(s, &head);
        add_samples(s, 0, 61, 140);
        assert_int_equal(store_commit(s), 0);
        session_event(s, 61500, "strap", NAN, "11:22:33:44:55:66");
        add_samples(s, 62000, 31, 150);
        session_event(s, 62000, "over-limit", 150, NULL); /* noticed at 72000 */
        assert_int_equal(store_commit(s), 0);
        add_samples(s, 93000, 5, 150); /* not committed: lost */
}

static void test_crash_old(void **state)
{
        Fixture *f = *state;
        OpenSession o = { .id = 77 };

        crash(f, life_run);
        assert_query(f, "SELECT ended_at IS NULL, live_s FROM session", "1|92.0");
        assert_int_equal(store_recover(f->store, STARTED_AT + 92000 + 300000, 300000, &o), 0);
        assert_int_equal(o.id, 0);
        assert_query(f, FIGURES, "92000|92.0|143.260869565|140.0|150.0|30.0|1|30.0");
        assert_query(f, "SELECT t, type, value FROM event WHERE type <> 'strap'",
                        "62000|over-limit|150.0\n92000|back-in-range|30.0");
        /* A second look finds nothing more to do. */
        assert_int_equal(store_recover(f->store, STARTED_AT + 93000, 300000, &o), 0);
        assert_int_equal(o.id, 0);
}

static void test_crash_resume(void **state)
{
        Fixture *f = *state;
        OpenSession o;

        crash(f, life_run);
        assert_int_equal(store_recover(f->store, STARTED_AT + 92000 + 299999, 300000, &o), 0);
        assert_int_equal(o.id, 1);
        assert_string_equal(o.address, "11:22:33:44:55:66");
        assert_false(o.by_hand);
        assert_true(o.started_at == STARTED_AT && o.last_t == 92000 && o.ceiling == 145.55);
        /* It stays as it is until it is known whether it goes on, and cannot be deleted under it. */
        add_sample(f->store, 99000, 100, 100, 0);
        assert_false(store_pending(f->store));
        assert_int_equal(store_delete_session(f->store, 1), -EBUSY);

        assert_int_equal(session_writer_resume(&o, 0), 0);
        assert_int_equal(session_writer_resume(&o, 0), -ENOENT);
        add_samples(f->store, 152000, 9, 140);
        session_event(f->store, 152000, "gap", 60, NULL);
        session_end(f->store, 160000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, FIGURES, "160000|102.0|143.137254902|140.0|150.0|32.0|1|30.0");
        assert_query(f, "SELECT count(*) FROM session", "1");
}

/* The strap did not come back. */
static void test_crash_not_resumed(void **state)
{
        Fixture *f = *state;
        OpenSession o;

        crash(f, life_run);
        assert_int_equal(store_recover(f->store, STARTED_AT + 93000, 300000, &o), 0);
        session_end(f->store, o.last_t, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, FIGURES, "92000|92.0|143.260869565|140.0|150.0|30.0|1|30.0");
}

static void life_empty(Store *s)
{
        SessionHead head = head_default();

        life_run(s);
        session_end(s, 97000, false);
        session_begin(s, &head);
        assert_int_equal(store_commit(s), 0);
}

/* A session without a heart rate is no session; the one before had ended. */
static void test_crash_empty(void **state)
{
        Fixture *f = *state;
        OpenSession o;

        crash(f, life_empty);
        assert_int_equal(store_recover(f->store, STARTED_AT + 98000, 300000, &o), 0);
        assert_int_equal(o.id, 0);
        assert_query(f, "SELECT id FROM session", "1");
        assert_int_equal(session_begin(f->store, &(SessionHead){ .address = STRAP, .ceiling = NAN }), 3);
}

static void test_stop_and_go(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        OpenSession o;

        head.by_hand = true;
        session_begin(f->store, &head);
        add_samples(f->store, 0, 31, 140);
        session_event(f->store, 30000, "ceiling", 120, NULL);
        add_samples(f->store, 31000, 30, 140);
        /* Of what came in a gap, what the next daemon does not find out anew stays. */
        session_event(f->store, 64000, "mark", NAN, "in a gap");
        session_event(f->store, 60500, "snooze", 60, NULL);
        session_end(f->store, 60000, true);
        fixture_close(f);
        fixture_open(f);
        assert_query(f, "SELECT ended_at - started_at, resumable FROM session", "60000|1");
        assert_int_equal(store_recover(f->store, STARTED_AT + 70000, 300000, &o), 0);
        assert_true(o.id == 1 && o.by_hand && o.last_t == 60000 && o.ceiling == 120);
        assert_string_equal(o.address, STRAP);
        assert_int_equal(session_writer_resume(&o, 0), 0);
        add_samples(f->store, 66000, 11, 140);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT ended_at, resumable, live_s, avg_hr FROM session", "-|0|72.0|140.0");

        /* Stopped again, for too long: it stays as it ended. A clock that is behind says nothing. */
        session_event(f->store, 76500, "mark", NAN, "at the end");
        session_event(f->store, 78500, "mark", NAN, "after it");
        session_end(f->store, 76000, true);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 75000, 300000, &o), 0);
        assert_int_equal(o.id, 0);
        assert_query(f, "SELECT ended_at - started_at, resumable, live_s FROM session", "76000|0|72.0");
        assert_query(f, "SELECT t, detail FROM event WHERE type IN ('mark', 'snooze')",
                        "64000|in a gap\n76000|at the end");
}

/* Only the newest may go on; older ones are closed, whatever their age. Runs without a strap are left
 * alone. */
static void test_recover_several(void **state)
{
        Fixture *f = *state;
        OpenSession o;

        meddle(f, "INSERT INTO session (source, started_at, ended_at, resumable) VALUES "
                  "('strap', 1000, NULL, 0), ('strap', 1000, 6000, 1), ('manual', 1000, NULL, 0), "
                  "('strap', 2000, NULL, 0);INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact) VALUES "
                  "(1, 0, 100, 100, 0, 1), (1, 1500, 100, 100, 0, 1), (2, 0, 100, 100, 0, 1), "
                  "(2, 5000, 100, 100, 0, 1), (4, 0, 100, 100, 0, 1), (4, 8000, 100, 100, 0, 1)");
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, 11000, 300000, &o), 0);
        assert_int_equal(o.id, 4);
        assert_string_equal(o.address, "");
        assert_true(isnan(o.ceiling));
        assert_query(f, "SELECT id, ended_at, resumable, live_s, trimp FROM session",
                        "1|2500|0|1.5|-\n2|6000|0|0.0|-\n3|-|0|0.0|-\n4|-|0|0.0|-");
        /* A run that begins meanwhile ends it. */
        assert_int_equal(session_begin(f->store, &(SessionHead){ .address = STRAP, .ceiling = NAN }), 5);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT ended_at, live_s FROM session WHERE id = 4", "10000|2.0");
}

/* -- Asked from outside -- */

static int write_column(void *userdata, const char *column, const StoreValue *value)
{
        FILE *out = userdata;

        switch (value->type) {
        case STORE_INTEGER:
                fprintf(out, "%s=%lld;", column, (long long)value->integer);
                break;
        case STORE_REAL:
                fprintf(out, "%s=%g;", column, value->real);
                break;
        case STORE_TEXT:
                fprintf(out, "%s='%s';", column, value->text);
                break;
        }
        return 0;
}

static int stop_at_date(_unused_ void *userdata, const char *column, _unused_ const StoreValue *value)
{
        return strcmp(column, "date") == 0 ? -ECANCELED : 0;
}

static void test_get_session(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        assert_non_null(out);
        assert_int_equal(store_get_session(f->store, 1, write_column, out), -ENOENT);
        session_begin(f->store, &head);
        add_samples(f->store, 0, 61, 150);
        assert_int_equal(store_get_session(f->store, 1, write_column, out), 0);
        fclose(out);
        assert_string_equal(text,
                        "id=1;date='2024-03-15';start='18:30';duration='0:01:00';avg_bpm=150;peak_bpm=150;ceiling=145.55;"
                        "over='0:01:00';breaches=0;longest_breach='0:00:00';easy_percent=0;strap='" STRAP
                        "';duration_s=60;over_s=60;trimp=1.6;source='strap';");
        assert_int_equal(store_get_session(f->store, 1, stop_at_date, NULL), -ECANCELED);
        assert_int_equal(store_get_session(f->store, 2, stop_at_date, NULL), -ENOENT);
}

/* -- Listing -- */

#define HOUR_MS (INT64_C(3600) * 1000)
#define BOOT    "0123456789abcdef0123456789abcdef"

/* What is not NULL here is put into a row; the others are the columns' defaults. */
typedef struct Listed {
        int64_t id;
        const char *columns, *values;
        const char *expected; /* "" = it is not listed */
} Listed;

/* Now is a boot of 30 hours. Each has been recorded from t = 0 for an hour. */
static const Listed listed[] = {
        { 1, "source, ended_at", "'strap', 3600000", "1 strap 0 over\n" },
        { 2, "source, ended_at", "'import', 3600000", "2 import 0 over\n" },
        { 3, "source, ended_at", "'manual', 3600000", "3 manual 0 over\n" },
        { 5, "source", "'strap'", "5 strap 0 goes on\n" },
        { 6, "source, ended_at, resumable", "'strap', 3600000, 1", "6 strap 0 goes on\n" },
        { 7, "source, ended_at, split_from", "'strap', 3600000, 1", "7 strap 1 over\n" },
        { 8, "source, ended_at, split_from", "'import', 3600000, 2", "8 import 2 over\n" },
        /* The clock was not set: in this boot, a day ago and less; in another one; in one that is not known. */
        { 9, "source, ended_at, clock_known, boot_id, boot_ms", "'strap', 3600000, 0, '" BOOT "', 18000001",
                        "9 strap 0 goes on\n" },
        { 10, "source, ended_at, clock_known, boot_id, boot_ms", "'strap', 3600000, 0, '" BOOT "', 18000000",
                        "10 strap 0 over\n" },
        { 11, "source, ended_at, clock_known, boot_id, boot_ms", "'strap', 3600000, 1, '" BOOT "', 100000000",
                        "11 strap 0 over\n" },
        { 12, "source, ended_at, clock_known, boot_id, boot_ms", "'strap', 3600000, 0, 'another', 100000000",
                        "12 strap 0 over\n" },
        { 13, "source, ended_at, clock_known, boot_id, boot_ms", "'strap', 3600000, 0, NULL, NULL",
                        "13 strap 0 over\n" },
        { 14, "source, ended_at, clock_known, boot_id, boot_ms", "'strap', 3600000, 0, '" BOOT "', NULL",
                        "14 strap 0 over\n" },
        /* Times that only another program can have stored. */
        { 15, "source, ended_at, clock_known, boot_id, boot_ms",
                        "'strap', -9223372036854775807, 0, '" BOOT "', -9223372036854775807",
                        "15 strap 0 over\n" },
};

static int write_listed(void *userdata, const StoreListed *session)
{
        return fprintf(userdata, "%lld %s %lld %s\n", (long long)session->id, session->source,
                               (long long)session->split_from, session->over ? "over" : "goes on") < 0
                               ? -EIO
                               : 0;
}

/* To be freed. */
static char *list(Store *s, int64_t after, unsigned limit, int64_t *ret_last)
{
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        assert_non_null(out);
        assert_int_equal(store_list_sessions(s, after, limit, 30 * HOUR_MS, write_listed, out, ret_last), 0);
        fclose(out);
        return text;
}

static int stop_listing(void *userdata, const StoreListed *session)
{
        unsigned *n = userdata;

        (*n)++;
        return session->id == 2 ? -ECANCELED : 0;
}

static int count_listed(void *userdata, _unused_ const StoreListed *session)
{
        (*(unsigned *)userdata)++;
        return 0;
}

static void put_listed(Fixture *f)
{
        for (size_t i = 0; i < ELEMENTSOF(listed); i++) {
                char sql[256];

                (void)snprintf(sql, sizeof(sql),
                                "INSERT INTO session (id, started_at, %s) VALUES (%lld, 0, %s)",
                                listed[i].columns, (long long)listed[i].id, listed[i].values);
                assert_int_equal(sqlite3_exec(f->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
        }
        /* The highest is known from when it was opened. */
        fixture_close(f);
        fixture_open(f);
        store_set_clock(f->store, &(StoreClock){ .boot_id = BOOT });
}

static void test_list(void **state)
{
        _cleanup_free_ char *all = NULL, *expected = NULL;
        int64_t last = -1, after = 0;
        Fixture *f = *state;
        unsigned n = 0;
        size_t size;
        FILE *out = open_memstream(&expected, &size);

        assert_non_null(out);
        put_listed(f);
        for (size_t i = 0; i < ELEMENTSOF(listed); i++)
                fputs(listed[i].expected, out);
        fclose(out);
        all = list(f->store, INT64_MIN, 100, &last);
        assert_string_equal(all, expected);
        assert_int_equal(last, 15);

        /* One by one. */
        for (size_t i = 0; i < ELEMENTSOF(listed); i++) {
                _cleanup_free_ char *one = list(f->store, after, 1, &last);

                assert_string_equal(one, listed[i].expected);
                after = listed[i].id;
        }
        for (size_t i = 0; i < 3; i++) {
                static const struct {
                        int64_t after;
                        unsigned limit;
                } none[] = { { 15, 100 }, { INT64_MAX, 100 }, { 0, 0 } };
                _cleanup_free_ char *text = list(f->store, none[i].after, none[i].limit, &last);

                assert_string_equal(text, "");
                assert_int_equal(last, 15);
        }
        last = -1;
        assert_int_equal(store_list_sessions(f->store, 0, 100, 0, stop_listing, &n, &last), -ECANCELED);
        assert_int_equal(n, 2);
        assert_int_equal(last, -1);
}

/* A session counts for the highest number as soon as it is stored, and after it was discarded or deleted. */
static void test_list_knows_the_last(void **state)
{
        SessionHead head = head_default();
        Fixture *f = *state;
        int64_t last = -1;

        free(list(f->store, 0, 100, &last));
        assert_int_equal(last, 0);
        session_begin(f->store, &head);
        add_samples(f->store, 0, 61, 150);
        free(list(f->store, 0, 100, &last));
        assert_int_equal(last, 1);
        session_discard(f->store);
        free(list(f->store, 0, 100, &last));
        assert_int_equal(last, 1);
        session_begin(f->store, &head);
        add_samples(f->store, 0, 61, 150);
        session_end(f->store, 60000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(store_delete_session(f->store, 2), 0);
        free(list(f->store, 0, 100, &last));
        assert_int_equal(last, 2);
        fixture_close(f);
        fixture_open(f);
        free(list(f->store, 0, 100, &last));
        assert_int_equal(last, 2);
}

/* However many there are, what is read of the table begins behind the one asked for and ends with the last listed. */
static void test_list_is_cheap(void **state)
{
        int hit = 0, miss = 0, most = 0;
        Fixture *f = *state;
        unsigned n = 0;
        int64_t last;

        assert_int_equal(
                        sqlite3_exec(f->store->db,
                                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                                        " WHERE i < 10000) INSERT INTO session (id, source, started_at, ended_at)"
                                        " SELECT i, 'strap', i, i + 1 FROM n",
                                        NULL, NULL, NULL),
                        SQLITE_OK);
        assert_int_equal(sqlite3_db_status(f->store->db, SQLITE_DBSTATUS_CACHE_HIT, &hit, &most, 1),
                        SQLITE_OK);
        assert_int_equal(sqlite3_db_status(f->store->db, SQLITE_DBSTATUS_CACHE_MISS, &miss, &most, 1),
                        SQLITE_OK);
        assert_int_equal(store_list_sessions(f->store, 9800, 100, 0, count_listed, &n, &last), 0);
        assert_int_equal(n, 100);
        assert_int_equal(sqlite3_db_status(f->store->db, SQLITE_DBSTATUS_CACHE_HIT, &hit, &most, 0),
                        SQLITE_OK);
        assert_int_equal(sqlite3_db_status(f->store->db, SQLITE_DBSTATUS_CACHE_MISS, &miss, &most, 0),
                        SQLITE_OK);
        assert_in_range(hit + miss, 1, 20); /* pages, of some hundreds */
}

/* By another process, since closing a file drops all of this one's locks on it. */
static bool file_holds(const char *path, const char *text)
{
        int status;
        pid_t pid;

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                execlp("grep", "grep", "-qaF", text, path, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
        return WEXITSTATUS(status) == 0;
}

static bool database_holds(const Fixture *f, const char *text)
{
        char wal[80];

        (void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
        return file_holds(f->path, text) || file_holds(wal, text);
}

#define MARK "a word to be forgotten"

static void test_delete(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        unsigned number;

        head.kind = MARK;
        session_begin(f->store, &head);
        add_samples(f->store, 0, 500, 140);
        for (unsigned i = 0; i < 500; i++)
                session_event(f->store, 1000 * i, "strap", NAN, MARK);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(store_delete_session(f->store, 1), -EBUSY);
        session_end(f->store, 499000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_true(database_holds(f, MARK));

        assert_int_equal(store_delete_session(f->store, 2), -ENOENT);
        assert_int_equal(store_delete_session(f->store, 0), -ENOENT);
        assert_int_equal(store_delete_session(f->store, 1), 0);
        number = store_deletions(f->store);
        assert_int_equal(store_deletion(f->store, number), STORE_DELETION_PENDING);
        store_sync_begin(f->store);
        assert_int_equal(store_sync_wait(f->store), 0);
        assert_int_equal(store_deletion(f->store, number), STORE_DELETION_DONE);
        assert_false(database_holds(f, MARK));
        assert_int_equal(store_delete_session(f->store, 1), -ENOENT);
        assert_query(f,
                        "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM sample) + "
                        "(SELECT count(*) FROM event) + (SELECT count(*) FROM zone_time)",
                        "0");
        /* Its id does not come back either. */
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(session_begin(f->store, &head), 2);
}

/* A reader in the middle of a query keeps the log alive; what was deleted leaves it once the reader is
 * gone. */
static void test_delete_under_reader(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        sqlite3 *reader;
        unsigned number;
        Caught c;

        head.kind = MARK;
        session_begin(f->store, &head);
        add_samples(f->store, 0, 10, 140);
        session_end(f->store, 9000, false);
        assert_int_equal(store_commit(f->store), 0);

        assert_int_equal(sqlite3_open_v2(f->path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM session", NULL, NULL, NULL), SQLITE_OK);
        c = catch_log();
        assert_int_equal(store_delete_session(f->store, 1), 0);
        number = store_deletions(f->store);
        for (unsigned i = 0; i < 2; i++) {
                assert_true(store_pending(f->store));
                assert_int_equal(store_commit(f->store), 0);
                assert_true(store_sync_is_urgent(f->store));
                store_sync_begin(f->store);
                assert_int_equal(store_sync_wait(f->store), 0);
                assert_int_equal(store_deletion(f->store, number), STORE_DELETION_HELD);
                assert_true(database_holds(f, MARK));
        }
        {
                _cleanup_free_ char *log = caught_log(&c);

                assert_int_equal(count_lines(log), 1);
        }
        assert_true(store_sync_is_urgent(f->store));
        sqlite3_close(reader);
        store_sync_begin(f->store);
        assert_int_equal(store_sync_wait(f->store), 0);
        assert_false(store_pending(f->store));
        assert_int_equal(store_deletion(f->store, number), STORE_DELETION_DONE);
        assert_false(database_holds(f, MARK));
}

/* Killed between the deletion and its sync, or while a reader is in the way: the next opening sees to it; and if the reader
 * is still there, the first sync without it. */
static void test_delete_and_kill(void **state)
{
        for (unsigned held = 0; held <= 1; held++) {
                Fixture *f = *state;
                sqlite3 *reader;
                int status;
                pid_t pid;

                fixture_close(f);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        SessionHead head = head_default();

                        fixture_open(f);
                        head.kind = MARK;
                        session_begin(f->store, &head);
                        add_samples(f->store, 0, 10, 140);
                        session_end(f->store, 9000, false);
                        if (store_commit(f->store) == 0 && store_delete_session(f->store, 1) == 0)
                                raise(SIGKILL);
                        _exit(1);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status));
                assert_true(database_holds(f, MARK));
                if (held) {
                        assert_int_equal(sqlite3_open_v2(f->path, &reader, SQLITE_OPEN_READONLY, NULL),
                                        SQLITE_OK);
                        assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM session", NULL, NULL,
                                                         NULL),
                                        SQLITE_OK);
                }
                fixture_open(f);
                assert_int_equal(database_holds(f, MARK), held);
                assert_int_equal(store_sync_is_urgent(f->store), held);
                if (held) {
                        sqlite3_close(reader);
                        store_sync_begin(f->store);
                        assert_int_equal(store_sync_wait(f->store), 0);
                        assert_false(database_holds(f, MARK));
                }
                fixture_teardown(state);
                fixture_setup(state);
        }
}

/* -- Commands -- */

static void assert_commands(Fixture *f, const char *ceiling, int64_t snoozed_until, int64_t effort_at)
{
        StoreCommands c;

        assert_int_equal(store_get_commands(f->store, &c), 0);
        assert_string_equal(c.ceiling, ceiling);
        assert_int_equal(c.snoozed_until, snoozed_until);
        assert_int_equal(c.effort_at, effort_at);
}

static void assert_command_days(Fixture *f, Day ceiling, Day advised, Day raced)
{
        StoreCommands c;

        assert_int_equal(store_get_commands(f->store, &c), 0);
        assert_int_equal(c.ceiling_day, ceiling);
        assert_int_equal(c.advised_day, advised);
        assert_int_equal(c.raced_day, raced);
}

static void test_commands(void **state)
{
        static const StoreCommands first = { "62.5%hrr", STARTED_AT, 0, STARTED_DAY, STARTED_DAY + 1,
                STARTED_DAY - 1 },
                                   second = { "", 0, STARTED_AT + 5, DAY_NONE, DAY_NONE, DAY_NONE };
        Fixture *f = *state;

        assert_commands(f, "", 0, 0);
        store_set_commands(f->store, &first);
        assert_true(store_pending(f->store));
        fixture_close(f);
        fixture_open(f);
        assert_commands(f, "62.5%hrr", STARTED_AT, 0);
        assert_command_days(f, STARTED_DAY, STARTED_DAY + 1, STARTED_DAY - 1);
        assert_query(f, "SELECT ceiling_date, advised_date, raced_date FROM command",
                        "2024-03-15|2024-03-16|2024-03-14");
        store_set_commands(f->store, &second);
        assert_int_equal(store_commit(f->store), 0);
        assert_commands(f, "", 0, STARTED_AT + 5);
        assert_command_days(f, DAY_NONE, DAY_NONE, DAY_NONE);
        assert_query(f, "SELECT count(*) FROM command", "1");
        /* Another hand's nonsense is no command. */
        meddle(f, "UPDATE command SET ceiling_expression = '12345678901234567890123456789012345678901234567890', "
                  "raced_date = '2024-02-30'");
        assert_commands(f, "", 0, STARTED_AT + 5);
        assert_command_days(f, DAY_NONE, DAY_NONE, DAY_NONE);
        meddle(f, "DELETE FROM command");
        assert_commands(f, "", 0, 0);
        assert_command_days(f, DAY_NONE, DAY_NONE, DAY_NONE);
}

/* The ceiling is the session's; the rest is the runner's. */
static void test_commands_of_session(void **state)
{
        static const StoreCommands c = { "120", STARTED_AT + 1, STARTED_AT + 2, STARTED_DAY, STARTED_DAY,
                DAY_NONE };
        static const struct {
                int64_t age_ms;
                bool resumable;
                const char *ceiling;
        } cases[] = { { 60000, false, "120" }, { 60000, true, "120" }, { 300000, false, "" },
                { 300000, true, "" } };
        Fixture *f = *state;
        SessionHead head = head_default();
        OpenSession o;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                session_begin(f->store, &head);
                add_samples(f->store, 0, 11, 140);
                if (cases[i].resumable)
                        session_end(f->store, 10000, true);
                store_set_commands(f->store, &c);
                fixture_close(f);
                fixture_open(f);
                assert_int_equal(
                                store_recover(f->store, STARTED_AT + 10000 + cases[i].age_ms, 300000, &o), 0);
                assert_int_equal(o.id != 0, *cases[i].ceiling != '\0');
                assert_commands(f, cases[i].ceiling, c.snoozed_until, c.effort_at);
                session_end(f->store, 10000, false);
        }
        /* With no session to be over, it waits for the next one. */
        store_set_commands(f->store, &c);
        fixture_close(f);
        fixture_open(f);
        assert_int_equal(store_recover(f->store, STARTED_AT + 9000000, 300000, &o), 0);
        assert_commands(f, "120", c.snoozed_until, c.effort_at);
}

/* What a session is taken up again with. */
static void test_past(void **state)
{
        _cleanup_free_ StorePast *past = NULL;
        Fixture *f = *state;
        SessionHead head = head_default();

        session_begin(f->store, &head);
        add_sample(f->store, 0, 140, 139.5, 2);
        add_unsettled(f->store, 9000, 200, 170, 2);
        add_sample(f->store, 10000, 141, 141, 3);
        assert_int_equal(store_session_past(f->store, 1, &past), 0);
        free(TAKE_PTR(past));
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(store_session_past(f->store, 1, &past), 3);
        assert_true(past[0].t == 0 && past[0].smoothed == 139.5 && past[0].counts && past[0].zone == 2);
        assert_true(past[1].t == 9000 && past[1].smoothed == 170 && !past[1].counts && past[1].zone == 2);
        assert_true(past[2].t == 10000 && past[2].smoothed == 141 && past[2].counts && past[2].zone == 3);
        free(TAKE_PTR(past));
        assert_int_equal(store_session_past(f->store, 2, &past), 0);
        assert_null(past);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_round_trip),
                test(test_most_rr),
                test(test_sensor),
                test(test_rising_t),
                test(test_no_session),
                test(test_ids),
                test(test_one_at_a_time),
                test(test_figures),
                test(test_ceiling_changes),
                test(test_no_ceiling),
                test(test_trim),
                test(test_clock),
                test(test_views),
                test(test_plans),
                test(test_crash_old),
                test(test_crash_resume),
                test(test_crash_not_resumed),
                test(test_crash_empty),
                test(test_stop_and_go),
                test(test_recover_several),
                test(test_get_session),
                test(test_list),
                test(test_list_knows_the_last),
                test(test_list_is_cheap),
                test(test_delete),
                test(test_delete_under_reader),
                test(test_delete_and_kill),
                test(test_commands),
                test(test_commands_of_session),
                test(test_past),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
