/* SPDX-License-Identifier: MIT */

/* What the runner enters, and the coach's verdicts: mornings, races, body scans, pains, what a session was, runs without a
 * strap. Each is a transaction of its own, after the commit of the queue. No clock. */

#include "store/coach.h"

#include <assert.h>
#include <stdio.h>

#include "store/errors.h"
#include "store/internal.h"
#include "store/kind.h"

/* Runs a statement. Returns -ENOENT if it changed no row. */
static int run_one(Store *s, const Sql *sql)
{
        int r = store_run(s, sql);

        if (r < 0)
                return r;
        return sqlite3_changes(s->db) == 0 ? -ENOENT : 0;
}

typedef struct Removal {
        const Sql *sql;
        int64_t id;
} Removal;

static int do_remove(Store *s, const void *what)
{
        const Removal *removal = what;

        sqlite3_bind_int64(store_statement(s, removal->sql), 1, removal->id);
        return run_one(s, removal->sql);
}

static int store_remove(Store *s, const Sql *sql, int64_t id)
{
        int r = store_do(s, do_remove, &(Removal){ sql, id });

        if (r == 0)
                store_deleted(s);
        return r;
}

static const Sql sql_resting_add = {
        .text = "INSERT INTO resting (taken_at, local_date, heart_rate, rmssd, seconds, source, boot_id,"
                " boot_ms, clock_known, sdnn, pnn50)"
                " VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6, nullif(?7, ''), ?8, ?9, ?10, ?11)",
};

static int do_add_resting(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, &sql_resting_add);
        const RestingRow *row = what;
        char date[DAY_STRING_MAX];

        sqlite3_bind_int64(st, 1, row->taken_at);
        bind_text(st, 2, day_to_string(row->date, date));
        sqlite3_bind_double(st, 3, row->heart_rate);
        sqlite3_bind_double(st, 4, row->rmssd);
        sqlite3_bind_int64(st, 5, row->seconds);
        bind_text(st, 6, row->source);
        if (row->measured && s->clock.boot_id[0]) {
                bind_text(st, 7, s->clock.boot_id);
                sqlite3_bind_int64(st, 8, row->boot_ms);
        }
        sqlite3_bind_int(st, 9, !row->measured || s->clock.known);
        sqlite3_bind_double(st, 10, row->sdnn);
        sqlite3_bind_double(st, 11, row->pnn50);
        return run_one(s, &sql_resting_add);
}

int64_t store_add_resting(Store *s, const RestingRow *row)
{
        int r = store_do(s, do_add_resting, row);

        if (r == 0 && row->measured && !s->clock.known)
                s->follows = true;
        return r < 0 ? r : sqlite3_last_insert_rowid(s->db);
}

static const Sql sql_resting_remove = {
        .text = "DELETE FROM resting WHERE id = ?1",
};

int store_remove_resting(Store *s, int64_t id)
{
        return store_remove(s, &sql_resting_remove, id);
}

static const Sql sql_race_add = {
        .text = "INSERT INTO race (local_date, distance, note, hilly) VALUES (?1, ?2, nullif(?3, ''), ?4)",
};

static int do_add_race(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, &sql_race_add);
        char date[DAY_STRING_MAX];
        const RaceRow *row = what;

        bind_text(st, 1, day_to_string(row->date, date));
        bind_text(st, 2, distance_to_string(row->distance));
        bind_text(st, 3, row->note);
        sqlite3_bind_int(st, 4, row->hilly);
        return run_one(s, &sql_race_add);
}

int64_t store_add_race(Store *s, const RaceRow *row)
{
        int r = store_do(s, do_add_race, row);

        return r < 0 ? r : sqlite3_last_insert_rowid(s->db);
}

static const Sql sql_race_remove = {
        .text = "DELETE FROM race WHERE id = ?1",
};

int store_remove_race(Store *s, int64_t id)
{
        return store_remove(s, &sql_race_remove, id);
}

/* A negative number is bound as NULL, which leaves the column as it is. */
static void bind_number(sqlite3_stmt *st, int i, int number)
{
        if (number >= 0)
                sqlite3_bind_int(st, i, number);
}

typedef struct Saying {
        int64_t session;
        const Annotation *annotation;
        Day date;
        const BodyScan *scan;
} Saying;

static const Sql sql_annotate = {
        .text = "UPDATE session"
                " SET kind = CASE WHEN ?2 IS NULL THEN kind ELSE nullif(?2, '') END,"
                " talk_test = CASE WHEN ?3 IS NULL THEN talk_test ELSE nullif(?3, '') END,"
                " rpe = CASE WHEN ?4 IS NULL THEN rpe ELSE nullif(?4, 0) END,"
                " note = CASE WHEN ?5 IS NULL THEN note ELSE nullif(?5, '') END WHERE id = ?1",
};

static int do_annotate(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, &sql_annotate);
        const Saying *said = what;

        sqlite3_bind_int64(st, 1, said->session);
        bind_text(st, 2, said->annotation->kind);
        bind_text(st, 3, said->annotation->talk_test);
        bind_number(st, 4, said->annotation->rpe);
        bind_text(st, 5, said->annotation->note);
        return run_one(s, &sql_annotate);
}

int store_annotate(Store *s, int64_t id, const Annotation *a)
{
        return store_do(s, do_annotate, &(Saying){ .session = id, .annotation = a });
}

typedef struct StandingPain {
        int64_t id; /* 0 = there is none */
        Day since;
        int worsening, gait;
        char text[DIARY_WORDS_MAX + 1];
} StandingPain;

/* Pains that stand on the date, with this text or any. */
static const Sql sql_pain_find = {
        .text = "SELECT id, local_date, worsening, gait, text FROM pain"
                " WHERE local_date <= ?1 AND (ended_date IS NULL OR ended_date > ?1) AND (?2 IS NULL"
                " OR text = ?2 COLLATE NOCASE) ORDER BY local_date DESC, id DESC LIMIT 1",
};

/* The newest pain that stands on a date: with this text or, if NULL, any. */
static int find_pain(Store *s, const char *date, const char *text, StandingPain *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_pain_find);
        int rc;

        bind_text(st, 1, date);
        bind_text(st, 2, text);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                *ret = (StandingPain){ .id = sqlite3_column_int64(st, 0),
                        .since = store_column_day(st, 1),
                        .worsening = sqlite3_column_int(st, 2),
                        .gait = sqlite3_column_int(st, 3) };
                (void)snprintf(ret->text, sizeof(ret->text), "%s", (const char *)sqlite3_column_text(st, 4));
        }
        store_reset(s, &sql_pain_find);
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static const Sql sql_pain_add = {
        .text = "INSERT INTO pain (local_date, text, worsening, gait) VALUES (?1, ?2, ?3, ?4)",
};

static int add_pain(Store *s, const char *date, const char *text, int worsening, int gait)
{
        sqlite3_stmt *st = store_statement(s, &sql_pain_add);

        bind_text(st, 1, date);
        bind_text(st, 2, text);
        sqlite3_bind_int(st, 3, worsening);
        sqlite3_bind_int(st, 4, gait);
        return store_run(s, &sql_pain_add);
}

static const Sql sql_pain_end = {
        .text = "UPDATE pain SET ended_date = ?1 WHERE id = ?2",
};

static int end_pain(Store *s, const char *date, int64_t id)
{
        sqlite3_stmt *st = store_statement(s, &sql_pain_end);

        bind_text(st, 1, date);
        sqlite3_bind_int64(st, 2, id);
        return store_run(s, &sql_pain_end);
}

static const Sql sql_pain_change = {
        .text = "UPDATE pain SET worsening = ?2, gait = ?3 WHERE id = ?1",
};

static int change_pain(Store *s, int64_t id, int worsening, int gait)
{
        sqlite3_stmt *st = store_statement(s, &sql_pain_change);

        sqlite3_bind_int64(st, 1, id);
        sqlite3_bind_int(st, 2, worsening);
        sqlite3_bind_int(st, 3, gait);
        return store_run(s, &sql_pain_change);
}

static const Sql sql_pain_end_all = {
        .text = "UPDATE pain SET ended_date = ?1"
                " WHERE local_date <= ?1 AND (ended_date IS NULL OR ended_date > ?1)",
};

static int end_pains(Store *s, const char *date)
{
        bind_text(store_statement(s, &sql_pain_end_all), 1, date);
        return store_run(s, &sql_pain_end_all);
}

/* Updates the pains that stand. An entry of no pain ends all; one with another text adds a pain; one that stands is changed. A
 * pain that does not rule out running counts from the date of its last entry. */
static int put_pain(Store *s, Day day, const char *date, const BodyScan *scan)
{
        bool some = diary_says_some(scan->pain);
        int worsening = scan->pain_worsening > 0, gait = scan->pain_gait > 0, r;
        StandingPain old = { 0 };

        if (scan->pain && !some)
                return end_pains(s, date);
        if (!some && scan->pain_worsening < 0 && scan->pain_gait < 0)
                return 0;
        r = find_pain(s, date, some ? scan->pain : NULL, &old);
        if (r < 0)
                return r;
        if (old.id == 0)
                return some || worsening || gait
                                       ? add_pain(s, date, some ? scan->pain : "pain", worsening, gait)
                                       : 0;
        worsening = scan->pain_worsening < 0 ? old.worsening : worsening;
        gait = scan->pain_gait < 0 ? old.gait : gait;
        if (old.since == day || ((worsening || gait) && (old.worsening || old.gait)))
                return change_pain(s, old.id, worsening, gait);
        r = end_pain(s, date, old.id);
        return r < 0 ? r : add_pain(s, date, old.text, worsening, gait);
}

/* A pain that does not stand has ended already. */
static int end_named_pain(Store *s, const char *date, const char *text)
{
        StandingPain pain = { 0 };
        int r = find_pain(s, date, text, &pain);

        return r < 0 || pain.id == 0 ? r : end_pain(s, date, pain.id);
}

/* NULL leaves a column as it is; '' and 0 clear it. */
static const Sql sql_day_put = {
        .text = "INSERT INTO day (local_date, feel, mood, soreness, pain, pain_worsening, pain_gait, note)"
                " VALUES (?1, nullif(?2, 0), nullif(?3, ''), nullif(?4, ''), nullif(?5, ''),"
                " coalesce(?6, 0), coalesce(?7, 0), nullif(?8, '')) ON CONFLICT (local_date) DO UPDATE"
                " SET feel = CASE WHEN ?2 IS NULL THEN feel ELSE excluded.feel END,"
                " mood = CASE WHEN ?3 IS NULL THEN mood ELSE excluded.mood END,"
                " soreness = CASE WHEN ?4 IS NULL THEN soreness ELSE excluded.soreness END,"
                " pain = CASE WHEN ?5 IS NULL THEN pain ELSE excluded.pain END,"
                " pain_worsening = coalesce(?6, pain_worsening), pain_gait = coalesce(?7, pain_gait),"
                " note = CASE WHEN ?8 IS NULL THEN note ELSE excluded.note END",
};

static int do_put_day(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, &sql_day_put);
        const Saying *said = what;
        int r;
        char date[DAY_STRING_MAX];

        bind_text(st, 1, day_to_string(said->date, date));
        bind_number(st, 2, said->scan->feel);
        bind_text(st, 3, said->scan->mood);
        bind_text(st, 4, said->scan->soreness);
        bind_text(st, 5, said->scan->pain);
        bind_number(st, 6, said->scan->pain_worsening < 0 ? -1 : said->scan->pain_worsening != 0);
        bind_number(st, 7, said->scan->pain_gait < 0 ? -1 : said->scan->pain_gait != 0);
        bind_text(st, 8, said->scan->note);
        r = run_one(s, &sql_day_put);
        if (r >= 0 && said->scan->pain_gone)
                r = end_named_pain(s, date, said->scan->pain_gone);
        return r < 0 ? r : put_pain(s, said->date, date, said->scan);
}

int store_put_day(Store *s, Day date, const BodyScan *scan)
{
        return store_do(s, do_put_day, &(Saying){ .date = date, .scan = scan });
}

typedef struct Verdicts {
        const StoreVerdict *verdict;
        size_t n;
} Verdicts;

static const Sql sql_verdict = {
        .text = "UPDATE session SET verdict = nullif(?2, '') WHERE id = ?1",
};

static int do_put_verdicts(Store *s, const void *what)
{
        const Verdicts *v = what;
        int r = 0;

        for (size_t i = 0; i < v->n && r == 0; i++) {
                sqlite3_stmt *st = store_statement(s, &sql_verdict);

                sqlite3_bind_int64(st, 1, v->verdict[i].session);
                bind_text(st, 2, verdict_key_to_string(v->verdict[i].key));
                r = store_run(s, &sql_verdict);
        }
        return r;
}

int store_put_verdicts(Store *s, const StoreVerdict *verdict, size_t n)
{
        return n == 0 ? 0 : store_do(s, do_put_verdicts, &(Verdicts){ verdict, n });
}

static const Sql sql_session_add = {
        .text = "INSERT INTO session (id, source, started_at, ended_at, utc_offset_s)"
                " VALUES (?1, 'manual', ?2, ?2 + ?3, ?4)",
};

static int do_add_session(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_add);
        const ManualSession *m = what;
        int r;

        sqlite3_bind_int64(st, 1, s->next_id);
        sqlite3_bind_int64(st, 2, m->started_at);
        sqlite3_bind_int64(st, 3, m->minutes * INT64_C(60000));
        sqlite3_bind_int(st, 4, m->utc_offset_s);
        r = run_one(s, &sql_session_add);
        if (r == 0)
                r = do_annotate(s, &(Saying){ .session = s->next_id, .annotation = &m->annotation });
        if (r == 0)
                r = store_judge_session(s, s->next_id);
        return r;
}

int64_t store_add_session(Store *s, const ManualSession *m)
{
        int r;

        assert(m->minutes >= 1 && m->minutes <= MANUAL_MINUTES_MAX);
        r = store_do(s, do_add_session, m);
        if (r < 0)
                return r;
        s->stored_id = s->next_id;
        return s->next_id++;
}

const Sql *const store_sql_diary[] = {
        &sql_resting_add,
        &sql_resting_remove,
        &sql_race_add,
        &sql_race_remove,
        &sql_annotate,
        &sql_pain_find,
        &sql_pain_add,
        &sql_pain_end,
        &sql_pain_change,
        &sql_pain_end_all,
        &sql_day_put,
        &sql_verdict,
        &sql_session_add,
        NULL,
};
