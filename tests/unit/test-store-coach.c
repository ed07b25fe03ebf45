/* SPDX-License-Identifier: MIT */

/* The coach's side of the database, in real files: what the runner tells it, what is asked of it, and whose dates these
 * are. */

#include "store-coach-fixture.h"

/* -- What the runner says -- */

static void test_annotate(void **state)
{
        Fixture *f = *state;
        Annotation a = ANNOTATION_NOTHING;
        int64_t id = record_easy(f, DATE, 30);

        assert_int_equal(store_annotate(f->store, id, &a), 0);
        assert_query(f, "SELECT kind, talk_test, rpe, note FROM session", "-|-|-|-");
        a = (Annotation){ "base", "fail", 7, "it's windy" };
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        assert_query(f, "SELECT kind, talk_test, rpe, note FROM session", "base|fail|7|it's windy");
        a = ANNOTATION_NOTHING;
        a.rpe = 0;
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        a = ANNOTATION_NOTHING;
        a.talk_test = "";
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        assert_query(f, "SELECT kind, talk_test, rpe, note FROM session", "base|-|-|it's windy");

        assert_int_equal(store_annotate(f->store, id + 1, &a), -ENOENT);
        assert_int_equal(store_annotate(f->store, 0, &a), -ENOENT);
}

/* Of the session that is being recorded, before it has come to the disk by itself. */
static void test_annotate_recording(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        Annotation a = ANNOTATION_NOTHING;
        int64_t id = session_begin(f->store, &head);

        add_samples(f->store, 0, 60, 130);
        a.rpe = 3;
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        session_end(f->store, 59000, false);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT rpe, live_s, record_kind FROM session", "3|59.0|recovery");
}

typedef struct Columns {
        char text[512];
} Columns;

static int print_column(void *userdata, const char *column, const StoreValue *value)
{
        Columns *c = userdata;
        size_t n = strlen(c->text);

        if (value->type == STORE_TEXT)
                (void)snprintf(c->text + n, sizeof(c->text) - n, "%s=%s;", column, value->text);
        else
                (void)snprintf(c->text + n, sizeof(c->text) - n, "%s=%" PRIi64 ";", column, value->integer);
        return 0;
}

static void test_day(void **state)
{
        Fixture *f = *state;
        BodyScan scan = { .feel = 2,
                .mood = "meh",
                .soreness = "calves",
                .pain = "left knee",
                .note = "slept badly",
                .pain_worsening = 1 };
        Columns c = { "" };

        assert_int_equal(store_get_day(f->store, DATE, print_column, &c), -ENOENT);
        assert_int_equal(store_put_day(f->store, DATE, &scan), 0);
        assert_int_equal(store_get_day(f->store, DATE, print_column, &c), 0);
        assert_string_equal(c.text, "local_date=2024-03-15;feel=2;mood=meh;soreness=calves;pain=left "
                                    "knee;pain_worsening=1;pain_gait=0;note=slept badly;");

        /* Later that day: what is not mentioned stays. */
        scan = BODY_SCAN_NOTHING;
        scan.pain = "";
        scan.pain_worsening = 0;
        scan.feel = 4;
        assert_int_equal(store_put_day(f->store, DATE, &scan), 0);
        assert_query(f, "SELECT * FROM day", "2024-03-15|4|meh|calves|-|0|0|slept badly");
        scan = BODY_SCAN_NOTHING;
        scan.feel = 0;
        scan.mood = scan.note = "";
        scan.pain_gait = 1;
        assert_int_equal(store_put_day(f->store, DATE, &scan), 0);
        assert_query(f, "SELECT * FROM day", "2024-03-15|-|-|calves|-|0|1|-");

        scan = BODY_SCAN_NOTHING;
        assert_int_equal(store_put_day(f->store, DATE + 1, &scan), 0);
        assert_query(f, "SELECT * FROM day WHERE local_date > '2024-03-15'", "2024-03-16|-|-|-|-|0|0|-");
}

static void test_manual(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        ManualSession m = manual(DATE, 45, NULL);

        m.utc_offset_s = -3600;
        m.annotation = (Annotation){ "recovery", "pass", 4, "forgot the strap" };
        assert_int_equal(store_add_session(f->store, &m), 1);
        assert_query(f,
                        "SELECT id, source, kind, started_at, ended_at - started_at, utc_offset_s, live_s, avg_hr, ceiling, "
                        "trimp, talk_test, rpe, note, record_kind FROM session",
                        "1|manual|recovery|1710504000000|2700000|-3600|0.0|-|-|-|pass|4|forgot the "
                        "strap|base");
        assert_query(f, "SELECT * FROM sessions",
                        "1|2024-03-15|11:00|0:45:00|recovery|-|-|-|0:00:00|0|0:00:00|-|-|2700|0|-|-|pass|4|forgot the "
                        "strap|manual|-|-|-|-");
        assert_query(f, "SELECT * FROM weeks", "2024-03-11|1|0:45:00|2700|-|-|0:45:00|-|-|-");
        assert_query(f, "SELECT * FROM months", "2024-03|1|0:45:00|2700|-|-|0:45:00|-|-|-");

        /* Beside one that is being recorded; ids stay apart, also from one that was thrown away. */
        assert_int_equal(session_begin(f->store, &head), 2);
        session_discard(f->store);
        assert_int_equal(session_begin(f->store, &head), 3);
        add_samples(f->store, 0, 60, 130);
        assert_int_equal(store_add_session(f->store, &m), 4);
        add_samples(f->store, 60000, 60, 130);
        session_end(f->store, 119000, false);
        assert_int_equal(session_begin(f->store, &head), 5);
        assert_int_equal(store_commit(f->store), 0);
        assert_query(f, "SELECT id, source, live_s FROM session",
                        "1|manual|0.0\n3|strap|119.0\n4|manual|0.0\n5|strap|0.0");
}

/* -- Mornings and races -- */

/* -- Pains -- */

static void log_pain(Fixture *f, Day date, const char *pain, int worsening, int gait)
{
        BodyScan scan = BODY_SCAN_NOTHING;

        scan.pain = pain;
        scan.pain_worsening = worsening;
        scan.pain_gait = gait;
        assert_int_equal(store_put_day(f->store, date, &scan), 0);
}

/* As "left knee since 2024-03-15 stops, shin since 2024-03-16", the gravest and newest first. */
static void assert_pains(Fixture *f, Day date, const char *expected)
{
        const CoachFacts found = facts(f, date);
        char text[1024] = "", since[DAY_STRING_MAX];

        for (size_t i = 0; i < found.n_pains; i++) {
                size_t n = strlen(text);

                (void)snprintf(text + n, sizeof(text) - n, "%s%s since %s%s", i > 0 ? ", " : "",
                                found.pain[i].text, day_to_string(found.pain[i].since, since),
                                found.pain[i].stops ? " stops" : "");
        }
        assert_string_equal(text, expected);
}

/* It stands on its date and those after it, until a later log says none; a log without pain leaves it. */
static void test_pain_lasts_until_taken_back(void **state)
{
        Fixture *f = *state;

        log_pain(f, DATE, "left knee", 0, 1);
        assert_pains(f, DATE - 1, "");
        assert_pains(f, DATE, "left knee since 2024-03-15 stops");
        log_pain(f, DATE + 1, NULL, -1, -1);
        assert_pains(f, DATE + 40, "left knee since 2024-03-15 stops");
        log_pain(f, DATE + 41, " No  Pain ", -1, -1);
        assert_pains(f, DATE + 40, "left knee since 2024-03-15 stops");
        assert_pains(f, DATE + 41, "");
        assert_query(f, "SELECT text, gait, ended_date FROM pain", "left knee|1|2024-04-25");
}

static void test_pain_taken_back_the_same_day(void **state)
{
        Fixture *f = *state;

        log_pain(f, DATE, "shin", -1, -1);
        log_pain(f, DATE, "gone", -1, -1);
        assert_pains(f, DATE, "");
        log_pain(f, DATE, "shin", 1, -1);
        assert_pains(f, DATE + 1, "shin since 2024-03-15 stops");
}

/* A second one is added; `none` ends all. */
static void test_pains_are_added(void **state)
{
        Fixture *f = *state;

        log_pain(f, DATE, "left knee", -1, 1);
        log_pain(f, DATE + 1, "shin", -1, -1);
        assert_pains(f, DATE + 1, "left knee since 2024-03-15 stops, shin since 2024-03-16");
        log_pain(f, DATE + 2, "none", -1, -1);
        assert_pains(f, DATE + 1, "left knee since 2024-03-15 stops, shin since 2024-03-16");
        assert_pains(f, DATE + 2, "");
}

/* The same again: what stops keeps its beginning; what does not counts from the day on which it was last told. */
static void test_pain_told_again(void **state)
{
        Fixture *f = *state;

        log_pain(f, DATE, "Left knee", -1, -1);
        log_pain(f, DATE, "left knee", 1, -1);
        assert_query(f, "SELECT text, worsening, gait FROM pain", "Left knee|1|0");
        log_pain(f, DATE + 3, "left knee", -1, 1);
        assert_pains(f, DATE + 3, "Left knee since 2024-03-15 stops");
        log_pain(f, DATE + 4, "left knee", 0, 0);
        assert_pains(f, DATE + 3, "Left knee since 2024-03-15 stops");
        assert_pains(f, DATE + 4, "Left knee since 2024-03-19");
        log_pain(f, DATE + 30, "left knee", -1, -1);
        assert_pains(f, DATE + 30, "Left knee since 2024-04-14");
        /* Earlier than what is known already: it is one pain all the same. */
        log_pain(f, DATE + 2, "left knee", -1, -1);
        assert_pains(f, DATE + 30, "Left knee since 2024-04-14");
}

/* A limp without a word for what hurts is a pain; with one that stands it is of that. */
static void test_pain_without_words(void **state)
{
        Fixture *f = *state;

        log_pain(f, DATE, NULL, 0, -1);
        assert_pains(f, DATE, "");
        log_pain(f, DATE, NULL, -1, 1);
        assert_pains(f, DATE, "pain since 2024-03-15 stops");
        log_pain(f, DATE + 1, "fine", -1, -1);
        log_pain(f, DATE + 2, "hip", -1, -1);
        log_pain(f, DATE + 2, NULL, 1, -1);
        assert_pains(f, DATE + 2, "hip since 2024-03-17 stops");
}

static void test_resting(void **state)
{
        Fixture *f = *state;
        RestingRow row = { .taken_at = 5,
                .date = DATE,
                .heart_rate = 52.25,
                .rmssd = 61.5,
                .sdnn = 70.25,
                .pnn50 = 12.5,
                .seconds = 300,
                .source = "strap" };
        CoachFacts found;

        assert_int_equal(store_add_resting(f->store, &row), 1);
        row = (RestingRow){ .taken_at = 6,
                .date = DATE - 3,
                .heart_rate = 54,
                .rmssd = NAN,
                .sdnn = NAN,
                .pnn50 = NAN,
                .source = "manual" };
        assert_int_equal(store_add_resting(f->store, &row), 2);
        assert_query(f, "SELECT id, taken_at, local_date, heart_rate, rmssd, sdnn, pnn50, seconds, source FROM resting",
                        "1|5|2024-03-15|52.25|61.5|70.25|12.5|300|strap\n2|6|2024-03-12|54.0|-|-|-|-|manual");

        found = facts(f, DATE - 1);
        assert_int_equal(found.n_mornings, 1);
        assert_true(found.morning[0].heart_rate == 54 && found.morning[0].date == DATE - 3);
        assert_int_equal(facts(f, DATE).n_mornings, 2);
        assert_true(ask(f, DATE).resting.heart_rate == 53.125);

        assert_int_equal(store_remove_resting(f->store, 1), 0);
        assert_int_equal(store_remove_resting(f->store, 1), -ENOENT);
        assert_int_equal(facts(f, DATE).n_mornings, 1);
}

static void test_races(void **state)
{
        Fixture *f = *state;

        assert_int_equal(store_add_race(f->store, &(RaceRow){ .date = DATE,
                                                                  .distance = DISTANCE_MARATHON,
                                                                  .note = "hm" }),
                        1);
        assert_int_equal(
                        store_add_race(f->store,
                                        &(RaceRow){ .date = DATE - 9, .distance = DISTANCE_10K, .note = "" }),
                        2);
        assert_query(f, "SELECT * FROM race", "1|2024-03-15|marathon|hm|0\n2|2024-03-06|10k|-|0");

        assert_int_equal(store_remove_race(f->store, 7), -ENOENT);
        assert_int_equal(store_remove_race(f->store, 2), 0);
        assert_query(f, "SELECT * FROM race", "1|2024-03-15|marathon|hm|0");
}

/* Removed is removed: not a byte of it is left in the file or its log. */
static void test_removed_for_good(void **state)
{
        static const char secret[] = "a-secret-nobody-shall-find";
        Fixture *f = *state;
        int64_t id = store_add_race(
                        f->store, &(RaceRow){ .date = DATE, .distance = DISTANCE_5K, .note = secret });

        assert_int_equal(store_remove_race(f->store, id), 0);
        store_sync_begin(f->store);
        assert_int_equal(store_sync_wait(f->store), 0);
        assert_int_equal(store_deletion(f->store, store_deletions(f->store)), STORE_DELETION_DONE);
        for (int wal = 0; wal <= 1; wal++) {
                char path[80];
                _cleanup_free_ char *data = NULL;
                size_t size = 0, n;
                FILE *in, *out;
                char buf[4096];

                (void)snprintf(path, sizeof(path), "%s%s", f->path, wal ? "-wal" : "");
                in = fopen(path, "re");
                out = open_memstream(&data, &size);
                assert_non_null(in);
                assert_non_null(out);
                while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
                        assert_int_equal(fwrite(buf, 1, n, out), n);
                fclose(in);
                fclose(out);
                assert_null(memmem(data, size, secret, strlen(secret)));
        }
}

/* -- Everything for a date -- */

static void test_facts(void **state)
{
        Fixture *f = *state;
        BodyScan scan = BODY_SCAN_NOTHING;
        Annotation a = ANNOTATION_NOTHING;
        CoachFacts found = facts(f, DATE);
        int64_t id;

        assert_int_equal(found.date, DATE);
        assert_int_equal(found.n_sessions + found.n_races + found.n_mornings + found.streak, 0);
        assert_int_equal(found.last_long, DAY_NONE);
        assert_int_equal(found.first_run, DAY_NONE);
        assert_int_equal(found.scan.feel, 0);

        add_manual(f, DATE - 500, 9, "base"); /* too short to have a say */
        add_manual(f, DATE - 98, 30, "base");
        add_manual(f, DATE - 97, 30, "long");
        add_manual(f, DATE - 56, 30, "base");
        add_manual(f, DATE - 42, 30, "base");
        add_manual(f, DATE - 41, 31, "base");
        add_manual(f, DATE - 2, 32, "hard");
        id = add_manual(f, DATE, 33, "recovery");
        add_manual(f, DATE + 1, 34, "long");
        a.talk_test = "fail";
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        store_add_race(f->store, &(RaceRow){ .date = DATE - 33, .distance = DISTANCE_5K });
        store_add_race(f->store, &(RaceRow){ .date = DATE - 32, .distance = DISTANCE_10K });
        store_add_race(f->store, &(RaceRow){ .date = DATE + 7, .distance = DISTANCE_HALF, .hilly = true });
        store_add_race(f->store, &(RaceRow){ .date = DATE + 8, .distance = DISTANCE_MARATHON });
        scan.feel = 2;
        scan.pain = "left knee";
        scan.soreness = "quads";
        scan.mood = "a bit low";
        scan.pain_gait = 1;
        store_put_day(f->store, DATE, &scan);

        found = facts(f, DATE);
        assert_int_equal(found.n_sessions, 4);
        assert_int_equal(found.session[0].id, id);
        assert_int_equal(found.session[0].date, DATE);
        assert_int_equal(found.session[0].kind, KIND_RECOVERY);
        assert_true(found.session[0].duration_s == 33 * 60);
        assert_int_equal(found.session[0].talk_test, TALK_TEST_FAIL);
        assert_false(found.session[0].was_long);
        assert_int_equal(found.session[1].kind, KIND_HARD);
        assert_int_equal(found.session[1].talk_test, _TALK_TEST_INVALID);
        assert_int_equal(found.session[2].date, DATE - 41);
        assert_int_equal(found.session[3].date, DATE - 42);
        assert_int_equal(found.n_races, 2);
        assert_int_equal(found.race[0].distance, DISTANCE_HALF);
        assert_int_equal(found.race[0].date, DATE + 7);
        assert_true(found.race[0].hilly && !found.race[1].hilly);
        assert_int_equal(found.race[1].distance, DISTANCE_10K);
        assert_int_equal(found.race[1].id, 2);
        assert_int_equal(found.last_long, DATE - 97);
        assert_int_equal(found.first_run, DATE - 97); /* what was before a long run is of no account */
        assert_int_equal(found.scan.feel, 2);
        assert_true(found.scan.sore && found.scan.low_mood);
        assert_int_equal(found.n_pains, 1);
        assert_true(found.pain[0].stops && found.pain[0].since == DATE);
        assert_string_equal(found.pain[0].text, "left knee");
        assert_int_equal(found.streak, 1);

        /* The first and the last day there is can be asked for, too. */
        found = facts(f, DAY_MIN);
        assert_int_equal(found.n_sessions + found.n_races, 0);
        found = facts(f, DAY_MAX);
        assert_int_equal(found.last_long, DAY_NONE);
}

/* A cycle is counted from the last long run, or else the first run, but not across a break: runs of years ago, as from files,
 * do not make a long one due today. */
static void test_cycle_after_a_break(void **state)
{
        Fixture *f = *state;
        CoachFacts found;

        add_manual(f, DATE - 3000, 90, "long");
        add_manual(f, DATE - 2999, 30, "base");
        found = facts(f, DATE);
        assert_true(found.last_long == DAY_NONE && found.first_run == DAY_NONE);
        /* In their own time they were as they are. */
        assert_int_equal(facts(f, DATE - 2950).last_long, DATE - 3000);
        assert_int_equal(facts(f, DATE - 2999 + COACH_BREAK_DAYS).last_long, DATE - 3000);
        assert_int_equal(facts(f, DATE - 2998 + COACH_BREAK_DAYS).last_long, DAY_NONE);

        add_manual(f, DATE - 60, 30, "base");
        add_manual(f, DATE - 9, 30, "base");
        add_manual(f, DATE - 5, 60, "cross-training");
        found = facts(f, DATE);
        assert_int_equal(found.last_long, DAY_NONE);
        assert_int_equal(found.first_run, DATE - 60);
        add_manual(f, DATE - 20, 90, "long");
        assert_int_equal(facts(f, DATE).last_long, DATE - 20);
}

/* However long it is, however many runs a day it had, cross-training apart. */
static void test_streak(void **state)
{
        Fixture *f = *state;

        for (int i = 0; i < 120; i++) {
                add_manual(f, DATE - i, 20, NULL);
                if (i % 5 == 0)
                        add_manual(f, DATE - i, 20, NULL);
        }
        add_manual(f, DATE - 121, 20, NULL);
        add_manual(f, DATE - 120, 20, "cross-training");
        assert_int_equal(facts(f, DATE).streak, 120);
        assert_int_equal(facts(f, DATE + 1).streak, 120);
        assert_int_equal(facts(f, DATE + 2).streak, 0);
        assert_int_equal(facts(f, DATE - 50).streak, 70);
        assert_int_equal(facts(f, DATE).n_sessions, 56 + 12);
}

/* More than there is room for: the newest. */
static void test_crowd(void **state)
{
        Fixture *f = *state;
        CoachFacts found;

        meddle(f, "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
                  " INSERT INTO session (source, started_at, ended_at, record_kind)"
                  " SELECT 'import', 1710504000000 - i * 60000, 1710504030000 - i * 60000, 'base' FROM n");
        meddle(f, "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
                  " INSERT INTO race (local_date, distance) SELECT date('2024-03-15', -(i / 40) || ' days'), '5k' FROM n");
        meddle(f, "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
                  " INSERT INTO resting (taken_at, local_date, heart_rate, source)"
                  " SELECT 0, date('2024-03-15', -(i / 40) || ' days'), 50, 'manual' FROM n");
        found = facts(f, DATE);
        assert_int_equal(found.n_sessions, COACH_SESSIONS_MAX);
        assert_int_equal(found.session[0].id, 1);
        assert_int_equal(found.n_races, COACH_RACES_MAX);
        assert_int_equal(found.race[0].date, DATE);
        assert_int_equal(found.n_mornings, COACH_MORNINGS_MAX);
        assert_int_equal(found.morning[0].date, DATE);
}

/* What another hand has written is left alone where it makes no sense. */
static void test_nonsense(void **state)
{
        Fixture *f = *state;

        meddle(f, "INSERT INTO race (local_date, distance) VALUES ('2024-03-1x', '5k'), ('2024-3-14', '5k')");
        meddle(f, "INSERT INTO resting (taken_at, local_date, heart_rate, source) VALUES (0, '2024-03-1', 50, '')");
        meddle(f, "INSERT INTO session (source, kind, started_at, ended_at)"
                  " VALUES ('import', 'jog', 1710504000000, 1710505800000)");
        assert_int_equal(facts(f, DATE).n_races, 0);
        assert_int_equal(facts(f, DATE).n_mornings, 0);
        assert_int_equal(facts(f, DATE).session[0].kind, KIND_BASE);
}

/* -- Dates are the runner's -- */

static int64_t add_at(Fixture *f, int64_t unix_s, int offset_s, unsigned minutes, const char *kind)
{
        ManualSession m = { .started_at = unix_s * 1000,
                .utc_offset_s = offset_s,
                .minutes = minutes,
                .annotation = ANNOTATION_NOTHING };
        int64_t id;

        m.annotation.kind = kind;
        id = store_add_session(f->store, &m);
        assert_true(id > 0);
        return id;
}

/* A hard run at 23:30 in Berlin, over midnight: it is of the day on which it began. */
static void test_across_midnight(void **state)
{
        Fixture *f = *state;
        Day first = day_of("2026-06-10");

        add_at(f, 1781127000, 7200, 60, "hard");
        assert_query(f, "SELECT date, start FROM sessions", "2026-06-10|23:30");
        assert_int_equal(ask(f, first).sessions, 1);
        assert_int_equal(ask(f, first + 1).kind, KIND_RECOVERY);
        assert_int_equal(ask(f, first + 1).days, 1);
        assert_int_equal(ask(f, first + 1).streak, 1);
        assert_int_equal(ask(f, first + 2).kind, KIND_BASE);
        assert_int_equal(ask(f, first + 2).rule, RULE_HARD);
        assert_int_equal(ask(f, first + 3).rule, RULE_NONE);
}

/* Tokyo in the morning, a flight, San Francisco in the evening of the same date: one date, two runs. */
static void test_time_zones(void **state)
{
        Fixture *f = *state;
        Day date = day_of("2026-06-10");

        add_at(f, 1781042400, 9 * 3600, 30, NULL); /* 2026-06-09 22:00 UTC, 07:00 in Tokyo on the 10th */
        add_at(f, 1781143200, -7 * 3600, 30,
                        NULL); /* 2026-06-11 02:00 UTC, 19:00 in San Francisco on the 10th */
        assert_query(f, "SELECT date, start FROM sessions", "2026-06-10|07:00\n2026-06-10|19:00");
        assert_int_equal(ask(f, date).sessions, 2);
        assert_int_equal(ask(f, date).streak, 1);
        assert_int_equal(ask(f, date - 1).sessions, 0);
        assert_int_equal(ask(f, date + 1).sessions, 0);
}

/* Berlin: the days on which the clock is put forward and back have 23 and 25 hours, and are days like any other. */
static void test_daylight_saving(void **state)
{
        Fixture *f = *state;
        Day spring = day_of("2026-03-29"), autumn = day_of("2026-10-25");

        add_at(f, 1774738800, 3600, 30, NULL);   /* 2026-03-29 00:00 +01:00 */
        add_at(f, 1774821599, 7200, 30, NULL);   /* 2026-03-29 23:59:59 +02:00 */
        add_at(f, 1774821600, 7200, 30, "hard"); /* 2026-03-30 00:00 +02:00 */
        add_at(f, 1792879200, 7200, 30, NULL);   /* 2026-10-25 00:00 +02:00 */
        add_at(f, 1792969199, 3600, 30, "hard"); /* 2026-10-25 23:59:59 +01:00 */
        assert_query(f, "SELECT date FROM sessions",
                        "2026-03-29\n2026-03-29\n2026-03-30\n2026-10-25\n2026-10-25");
        assert_int_equal(ask(f, spring).sessions, 2);
        assert_int_equal(ask(f, spring + 1).streak, 2);
        assert_int_equal(ask(f, spring + 2).kind, KIND_RECOVERY);
        assert_int_equal(ask(f, spring + 3).rule, RULE_HARD);
        assert_int_equal(ask(f, spring + 4).rule, RULE_NONE);
        assert_int_equal(ask(f, autumn).sessions, 2);
        assert_int_equal(ask(f, autumn + 1).kind, KIND_RECOVERY);
}

static void test_leap_day(void **state)
{
        Fixture *f = *state;
        Day leap = day_of("2028-02-29");
        BodyScan scan = BODY_SCAN_NOTHING;

        add_manual(f, leap - 1, 40, NULL);
        add_manual(f, leap, 40, "hard");
        add_manual(f, leap + 1, 40, NULL);
        store_add_race(f->store, &(RaceRow){ .date = leap + 3, .distance = DISTANCE_HALF });
        scan.feel = 5;
        assert_int_equal(store_put_day(f->store, leap, &scan), 0);
        assert_query(f, "SELECT local_date FROM day", "2028-02-29");
        assert_query(f, "SELECT date FROM sessions WHERE kind = 'hard'", "2028-02-29");
        assert_int_equal(ask(f, leap + 1).kind, KIND_RECOVERY);
        assert_int_equal(ask(f, leap + 1).since, leap);
        assert_int_equal(ask(f, leap + 1).streak, 3);
        assert_int_equal(ask(f, leap + 4).rule, RULE_HALF);
        assert_int_equal(ask(f, leap + 4).days, 1);
}

/* -- After a run -- */

static void test_run(void **state)
{
        static const unsigned part[2][2] = { { 18, 130 }, { 2, 150 } };
        Fixture *f = *state;
        Annotation a = ANNOTATION_NOTHING;
        CoachVerdict verdict;
        CoachFacts known;
        CoachDay day;
        StoreRun found;
        const CoachRun *run = &found.run;
        int64_t id;

        add_manual(f, DATE - 1, 40, "base");
        id = record(f, DATE, part, 2, NULL);
        assert_int_equal(store_get_run(f->store, id, &found), 0);
        assert_int_equal(found.date, DATE);
        assert_int_equal(found.day_kind, _KIND_INVALID);
        assert_string_equal(found.verdict, "");
        assert_float_equal(found.percent_reserve, (132 - 50) * 100 / 147.0, 0.01);
        assert_int_equal(run->id, id);
        assert_int_equal(run->kind, KIND_RECOVERY);
        assert_true(run->duration_s == 1200 && run->live_s == 1200 && run->over_s == 120);
        assert_true(run->has_ceiling);
        assert_int_equal(run->breaches, 0);
        assert_int_equal(run->talk_test, _TALK_TEST_INVALID);

        known = facts(f, DATE);
        day = ask(f, DATE);
        coach_verdict(&known, &day, run, &verdict);
        assert_true(verdict.easy_percent == 90 && verdict.key == VERDICT_GOOD);
        assert_true(verdict.median_base_s == 2400);
        assert_int_equal(store_put_verdicts(f->store, &(StoreVerdict){ id, verdict.key }, 1), 0);
        assert_query(f, "SELECT verdict FROM sessions ORDER BY id", "-\ngood");
        assert_int_equal(store_get_run(f->store, id, &found), 0);
        assert_string_equal(found.verdict, "good");

        a.talk_test = "fail";
        a.kind = "base";
        assert_int_equal(store_annotate(f->store, id, &a), 0);
        assert_int_equal(store_get_run(f->store, id, &found), 0);
        assert_int_equal(run->talk_test, TALK_TEST_FAIL);
        assert_true(run->said && !run->workout);
        assert_int_equal(store_put_verdicts(f->store, &(StoreVerdict){ id, VERDICT_NONE }, 1), 0);
        assert_query(f, "SELECT verdict FROM sessions ORDER BY id", "-\n-");
        assert_int_equal(store_get_run(f->store, id + 1, &found), -ENOENT);
}

/* -- A disk that does not take it -- */

/* Locked by another program: everything is refused at once, and nothing is half done. Reading goes on. */
static void test_locked(void **state)
{
        Fixture *f = *state;
        BodyScan scan = BODY_SCAN_NOTHING;
        Annotation a = ANNOTATION_NOTHING;
        ManualSession m = manual(DATE, 30, NULL);
        RestingRow resting = {
                .date = DATE, .heart_rate = 50, .rmssd = NAN, .sdnn = NAN, .pnn50 = NAN, .source = "manual"
        };
        RaceRow race = { .date = DATE, .distance = DISTANCE_5K };
        int64_t id = add_manual(f, DATE, 30, "hard");
        sqlite3 *db;

        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(store_add_resting(f->store, &resting), -EBUSY);
        assert_int_equal(store_add_race(f->store, &race), -EBUSY);
        assert_int_equal(store_remove_race(f->store, 1), -EBUSY);
        assert_int_equal(store_put_day(f->store, DATE, &scan), -EBUSY);
        assert_int_equal(store_annotate(f->store, id, &a), -EBUSY);
        assert_int_equal(store_add_session(f->store, &m), -EBUSY);
        assert_int_equal(ask(f, DATE + 1).kind, KIND_RECOVERY);
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);

        assert_query(f,
                        "SELECT (SELECT count(*) FROM resting) + (SELECT count(*) FROM race) + (SELECT count(*) FROM day), "
                        "(SELECT count(*) FROM session)",
                        "0|1");
        assert_int_equal(store_add_session(f->store, &m), id + 1);
        assert_int_equal(store_add_race(f->store, &race), 1);
}

/* -- The pace of base runs -- */

static void put_paced(Fixture *f, Day date, const char *kind, double distance_m, double speed)
{
        _cleanup_free_ char *sql = NULL;
        int64_t id = add_manual(f, date, 45, kind);

        assert_true(asprintf(&sql, "UPDATE session SET distance_m = %g, avg_speed = %g WHERE id = %" PRIi64,
                                    distance_m, speed, id) > 0);
        meddle(f, sql);
}

static StoreBasePace base_pace(Fixture *f)
{
        StoreBasePace pace;

        assert_int_equal(store_get_base_pace(f->store, DATE, &pace), 0);
        return pace;
}

/* All that was run by all the time that it took: a long run has more of a say than a short one. */
static void test_base_pace(void **state)
{
        Fixture *f = *state;
        StoreBasePace pace = base_pace(f);

        assert_true(isnan(pace.speed) && pace.n_runs == 0 && pace.distance_m == 0);
        put_paced(f, DATE - 42, "base", 9000, 3);
        put_paced(f, DATE - 1, "base", 1000, 2);
        pace = base_pace(f);
        assert_int_equal(pace.n_runs, 2);
        assert_float_equal(pace.distance_m, 10000, 1e-9);
        assert_float_equal(pace.speed, 10000.0 / 3500, 1e-9);
}

/* Other dates, other kinds, short ones, rides, and those without a pace have none. */
static void test_base_pace_of_others(void **state)
{
        static const char *const others[] = { "rest", "cross-training", "recovery", "long", "hard", "race" };
        Fixture *f = *state;
        StoreBasePace pace;

        put_paced(f, DATE - 2, "base", 5000, 2.5);
        put_paced(f, DATE - 43, "base", 9000, 4);
        put_paced(f, DATE, "base", 9000, 4);
        put_paced(f, DATE + 1, "base", 9000, 4);
        put_paced(f, DATE - 3, "base", 999, 4);
        put_paced(f, DATE - 3, "base", 30000, 7.5);
        add_manual(f, DATE - 3, 60, "base");
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                put_paced(f, DATE - 4, others[i], 9000, 4);
        pace = base_pace(f);
        assert_int_equal(pace.n_runs, 1);
        assert_float_equal(pace.speed, 2.5, 1e-9);

        /* The kind as it counts: what the record says, and what the runner says of it. */
        put_paced(f, DATE - 5, NULL, 5000, 5);
        assert_int_equal(base_pace(f).n_runs, 2);
        assert_int_equal(store_annotate(f->store, 1, &(Annotation){ "long", NULL, -1, NULL }), 0);
        assert_int_equal(base_pace(f).n_runs, 1);
        assert_float_equal(base_pace(f).speed, 5, 1e-9);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_annotate),
                test(test_annotate_recording),
                test(test_day),
                test(test_manual),
                test(test_resting),
                test(test_races),
                test(test_removed_for_good),
                test(test_facts),
                test(test_cycle_after_a_break),
                test(test_streak),
                test(test_crowd),
                test(test_nonsense),
                test(test_across_midnight),
                test(test_time_zones),
                test(test_daylight_saving),
                test(test_leap_day),
                test(test_run),
                test(test_pain_lasts_until_taken_back),
                test(test_pain_taken_back_the_same_day),
                test(test_pains_are_added),
                test(test_pain_told_again),
                test(test_pain_without_words),
                test(test_base_pace),
                test(test_base_pace_of_others),
                test(test_locked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
