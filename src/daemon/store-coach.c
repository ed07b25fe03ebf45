/* SPDX-License-Identifier: MIT */

/* The coach's side of the database: mornings, races, body scans, what the runner says of sessions, and everything that is
 * known for a date, put together for the core. All dates are the runner's: of a session that of its start, by the offset
 * that its clock then had. No clock here. */

#include "store-coach.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "store-internal.h"

/* So far back a streak is looked for at first. */
#define STREAK_DAYS 64

#define MS_PER_DAY (INT64_C(24) * 3600 * 1000)

/* -- Reading ----------------------------------------------------------------------------------------------------- */

/* Steps through a bound statement. Returns 0, what func returned, or a negative errno. */
static int store_each(
                Store *s, Statement which, int (*func)(sqlite3_stmt *st, void *userdata), void *userdata)
{
        sqlite3_stmt *st = store_statement(s, which);
        int rc, r = 0;

        while ((rc = sqlite3_step(st)) == SQLITE_ROW && r == 0)
                r = func(st, userdata);
        store_reset(s, which);
        if (r != 0)
                return r < 0 ? r : 0;
        return rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* The kind as it counts; base where it is not known yet, or not one of ours. */
static Kind column_kind(sqlite3_stmt *st, int i)
{
        const char *text = (const char *)sqlite3_column_text(st, i);
        Kind kind = text ? kind_from_string(text) : _KIND_INVALID;

        return kind >= 0 ? kind : KIND_BASE;
}

static TalkTest column_talk_test(sqlite3_stmt *st, int i)
{
        const char *text = (const char *)sqlite3_column_text(st, i);

        return text ? talk_test_from_string(text) : _TALK_TEST_INVALID;
}

static int add_session_fact(sqlite3_stmt *st, void *userdata)
{
        CoachFacts *f = userdata;

        if (f->n_sessions == COACH_SESSIONS_MAX)
                return 1;
        f->session[f->n_sessions++] = (CoachSession){
                .id = sqlite3_column_int64(st, 0),
                .date = store_column_day(st, 1),
                .kind = column_kind(st, 2),
                .duration_s = sqlite3_column_double(st, 3),
                .was_long = sqlite3_column_int(st, 4) != 0,
                .talk_test = column_talk_test(st, 5),
        };
        return 0;
}

static int add_race_fact(sqlite3_stmt *st, void *userdata)
{
        const char *text = (const char *)sqlite3_column_text(st, 2);
        Distance distance = text ? distance_from_string(text) : _DISTANCE_INVALID;
        Day date = store_column_day(st, 1);
        CoachFacts *f = userdata;

        if (f->n_races == COACH_RACES_MAX)
                return 1;
        if (distance >= 0 && date != DAY_NONE)
                f->race[f->n_races++] = (CoachRace){
                        .id = sqlite3_column_int64(st, 0),
                        .date = date,
                        .distance = distance,
                        .hilly = sqlite3_column_int(st, 3) != 0,
                };
        return 0;
}

static int add_morning_fact(sqlite3_stmt *st, void *userdata)
{
        Day date = store_column_day(st, 0);
        CoachFacts *f = userdata;

        if (f->n_mornings == COACH_MORNINGS_MAX)
                return 1;
        if (date != DAY_NONE)
                f->morning[f->n_mornings++] =
                                (Morning){ .date = date, .heart_rate = sqlite3_column_double(st, 1) };
        return 0;
}

static int set_scan_fact(sqlite3_stmt *st, void *userdata)
{
        CoachFacts *f = userdata;

        f->scan = (CoachScan){
                .feel = (unsigned)sqlite3_column_int(st, 0),
                .sore = diary_says_some((const char *)sqlite3_column_text(st, 1)),
                .low_mood = diary_is_low((const char *)sqlite3_column_text(st, 2)),
        };
        return 0;
}

/* Of the same pain, told on several dates in whatever order, the newest counts. */
static int add_pain_fact(sqlite3_stmt *st, void *userdata)
{
        const char *text = (const char *)sqlite3_column_text(st, 1);
        CoachPain pain = { .since = store_column_day(st, 0), .stops = sqlite3_column_int(st, 2) != 0 };
        CoachFacts *f = userdata;

        if (!text || pain.since == DAY_NONE)
                return 0;
        (void)snprintf(pain.text, sizeof(pain.text), "%s", text); /* longer: another hand's */
        for (size_t i = 0; i < f->n_pains; i++)
                if (strcasecmp(f->pain[i].text, pain.text) == 0)
                        return 0;
        if (f->n_pains == COACH_PAINS_MAX)
                return 1;
        f->pain[f->n_pains++] = pain;
        return 0;
}

static int set_bounds_fact(sqlite3_stmt *st, void *userdata)
{
        CoachFacts *f = userdata;

        f->last_long = store_column_day(st, 0);
        f->first_run = store_column_day(st, 1);
        return 0;
}

static int count_streak(sqlite3_stmt *st, void *userdata)
{
        Day date = store_column_day(st, 0);

        return date == DAY_NONE || streak_add(userdata, date) ? 0 : 1;
}

/* A date that a statement compares with. Before and after the calendar there are none. */
static void bind_day(sqlite3_stmt *st, int i, Day date, char buf[static DAY_STRING_MAX])
{
        if (date < DAY_MIN)
                date = DAY_MIN;
        if (date > DAY_MAX)
                date = DAY_MAX;
        bind_text(st, i, day_to_string(date, buf));
}

static int get_sessions(Store *s, CoachFacts *f)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_COACH_SESSIONS);
        Day from = f->date - COACH_SESSION_DAYS + 1;
        char first[DAY_STRING_MAX], last[DAY_STRING_MAX];

        bind_day(st, 1, from, first);
        bind_day(st, 2, f->date, last);
        /* No clock is more than a day away from Greenwich. */
        sqlite3_bind_int64(st, 3, (from - 1) * MS_PER_DAY);
        sqlite3_bind_int64(st, 4, (f->date + 2) * MS_PER_DAY);
        sqlite3_bind_int(st, 5, COACH_SESSIONS_MAX);
        return store_each(s, STATEMENT_COACH_SESSIONS, add_session_fact, f);
}

static int get_races(Store *s, CoachFacts *f)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_COACH_RACES);
        char first[DAY_STRING_MAX], last[DAY_STRING_MAX];

        bind_day(st, 1, f->date - COACH_RACE_DAYS, first);
        bind_day(st, 2, f->date + COACH_RACE_AHEAD_DAYS, last);
        sqlite3_bind_int(st, 3, COACH_RACES_MAX);
        return store_each(s, STATEMENT_COACH_RACES, add_race_fact, f);
}

/* Runs a statement whose only parameter is a date, and perhaps a limit: of rows, or the least length in ms. */
static int get_by_date(Store *s, Statement which, Day date, int limit, int (*func)(sqlite3_stmt *, void *),
                void *userdata)
{
        sqlite3_stmt *st = store_statement(s, which);
        char buf[DAY_STRING_MAX];

        bind_day(st, 1, date, buf);
        if (limit > 0)
                sqlite3_bind_int(st, 2, limit);
        return store_each(s, which, func, userdata);
}

/* Most streaks are short: more is looked at only where one reaches the end of what was. */
static int get_streak(Store *s, Day date, Streak *ret)
{
        for (int64_t days = STREAK_DAYS;; days *= STREAK_DAYS) {
                sqlite3_stmt *st = store_statement(s, STATEMENT_COACH_RUN_DATES);
                int64_t from = date - days;
                int r;

                *ret = streak_begin(date);
                sqlite3_bind_int64(st, 3, from < DAY_MIN ? INT64_MIN : from * MS_PER_DAY);
                r = get_by_date(s, STATEMENT_COACH_RUN_DATES, date, (int)(COACH_STREAK_FROM_S * 1000),
                                count_streak, ret);
                /* The first days of it may be there in part. */
                if (r < 0 || from < DAY_MIN || ret->days + 3 < days)
                        return r;
        }
}

int store_get_coach_facts(Store *s, Day date, CoachFacts *ret)
{
        CoachFacts f = { .date = date, .last_long = DAY_NONE, .first_run = DAY_NONE };
        Streak streak = streak_begin(date);
        int r;

        /* What is stored can be told even while nothing can be added to it, which is logged there. */
        (void)store_commit(s, false);

        r = get_sessions(s, &f);
        if (r == 0)
                r = get_races(s, &f);
        if (r == 0)
                r = get_by_date(s, STATEMENT_COACH_MORNINGS, date, COACH_MORNINGS_MAX, add_morning_fact, &f);
        if (r == 0)
                r = get_by_date(s, STATEMENT_COACH_SCAN, date, 0, set_scan_fact, &f);
        if (r == 0)
                r = get_by_date(s, STATEMENT_COACH_PAINS, date, 0, add_pain_fact, &f);
        if (r == 0)
                r = get_by_date(s, STATEMENT_COACH_BOUNDS, date, (int)(COACH_SAY_FROM_S * 1000),
                                set_bounds_fact, &f);
        if (r == 0)
                r = get_streak(s, date, &streak);
        if (r < 0)
                return r;
        f.streak = streak.days;
        *ret = f;
        return 0;
}

int store_get_run(Store *s, int64_t id, StoreRun *ret)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_RUN);
        int committed, rc;

        committed = store_commit(s, false);

        sqlite3_bind_int64(st, 1, id);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                const char *day_kind = (const char *)sqlite3_column_text(st, 11),
                           *verdict = (const char *)sqlite3_column_text(st, 12);

                *ret = (StoreRun){
                        .run = { .id = id,
                                        .kind = column_kind(st, 1),
                                        .said = sqlite3_column_int(st, 9) != 0,
                                        .workout = sqlite3_column_int(st, 10) != 0,
                                        .duration_s = sqlite3_column_double(st, 2),
                                        .live_s = sqlite3_column_double(st, 3),
                                        .has_ceiling = sqlite3_column_int(st, 4) != 0,
                                        .over_s = sqlite3_column_double(st, 5),
                                        .breaches = (unsigned)sqlite3_column_int(st, 6),
                                        .longest_breach_s = sqlite3_column_double(st, 7),
                                        .talk_test = column_talk_test(st, 8) },
                        .date = store_column_day(st, 0),
                        .day_kind = day_kind ? kind_from_string(day_kind) : _KIND_INVALID,
                        .percent_reserve = column_real(st, 13, NAN),
                };
                /* A longer one is none of ours, and to be put right. */
                (void)snprintf(ret->verdict, sizeof(ret->verdict), "%s", verdict ? verdict : "");
        }
        store_reset(s, STATEMENT_RUN);
        if (rc == SQLITE_ROW)
                return 0;
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        return committed < 0 ? committed : -ENOENT;
}

int store_get_day(Store *s, Day date, StoreColumnFunc func, void *userdata)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_DAY_GET);
        char buf[DAY_STRING_MAX];
        int rc, r = 0;

        bind_day(st, 1, date, buf);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                r = store_tell_row(st, func, userdata);
        store_reset(s, STATEMENT_DAY_GET);
        if (rc == SQLITE_ROW)
                return r < 0 ? r : 0;
        return rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
}

/* -- Writing ----------------------------------------------------------------------------------------------------- */

/* Does something in a transaction of its own, after everything that is queued. */
static int store_do(Store *s, int (*func)(Store *s, const void *what), const void *what)
{
        int r;

        r = store_commit(s, false);
        if (r < 0)
                return r;
        r = store_run(s, STATEMENT_BEGIN);
        if (r == 0)
                r = func(s, what);
        if (r == 0)
                r = store_run(s, STATEMENT_COMMIT);
        if (r < 0) {
                store_rollback(s);
                return r;
        }
        s->unsynced = true;
        return 0;
}

/* Runs the one statement that it takes. Returns -ENOENT if it is about a row that is not there. */
static int run_one(Store *s, Statement which)
{
        int r = store_run(s, which);

        if (r < 0)
                return r;
        return sqlite3_changes(s->db) == 0 ? -ENOENT : 0;
}

typedef struct Removal {
        Statement which;
        int64_t id;
} Removal;

static int do_remove(Store *s, const void *what)
{
        const Removal *removal = what;

        sqlite3_bind_int64(store_statement(s, removal->which), 1, removal->id);
        return run_one(s, removal->which);
}

static int store_remove(Store *s, Statement which, int64_t id)
{
        int r = store_do(s, do_remove, &(Removal){ which, id });

        if (r == 0)
                store_scrub(s);
        return r;
}

static int do_add_resting(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_RESTING_ADD);
        const RestingRow *row = what;
        char date[DAY_STRING_MAX];

        sqlite3_bind_int64(st, 1, row->taken_at);
        bind_text(st, 2, day_to_string(row->date, date));
        sqlite3_bind_double(st, 3, row->heart_rate);
        sqlite3_bind_double(st, 4, row->rmssd);
        sqlite3_bind_int64(st, 5, row->seconds);
        bind_text(st, 6, row->source);
        return run_one(s, STATEMENT_RESTING_ADD);
}

int64_t store_add_resting(Store *s, const RestingRow *row)
{
        int r = store_do(s, do_add_resting, row);

        return r < 0 ? r : sqlite3_last_insert_rowid(s->db);
}

int store_remove_resting(Store *s, int64_t id)
{
        return store_remove(s, STATEMENT_RESTING_REMOVE, id);
}

static int do_add_race(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_RACE_ADD);
        char date[DAY_STRING_MAX];
        const RaceRow *row = what;

        bind_text(st, 1, day_to_string(row->date, date));
        bind_text(st, 2, distance_to_string(row->distance));
        bind_text(st, 3, row->note);
        sqlite3_bind_int(st, 4, row->hilly);
        return run_one(s, STATEMENT_RACE_ADD);
}

int64_t store_add_race(Store *s, const RaceRow *row)
{
        int r = store_do(s, do_add_race, row);

        return r < 0 ? r : sqlite3_last_insert_rowid(s->db);
}

int store_remove_race(Store *s, int64_t id)
{
        return store_remove(s, STATEMENT_RACE_REMOVE, id);
}

/* A number that is left as it is while it is negative. */
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

static int do_annotate(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_ANNOTATE);
        const Saying *said = what;

        sqlite3_bind_int64(st, 1, said->session);
        bind_text(st, 2, said->annotation->kind);
        bind_text(st, 3, said->annotation->talk_test);
        bind_number(st, 4, said->annotation->rpe);
        bind_text(st, 5, said->annotation->note);
        return run_one(s, STATEMENT_ANNOTATE);
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

/* The newest pain that stands on a date, of this text or, NULL, of any. */
static int find_pain(Store *s, const char *date, const char *text, StandingPain *ret)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_PAIN_FIND);
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
        store_reset(s, STATEMENT_PAIN_FIND);
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static int add_pain(Store *s, const char *date, const char *text, int worsening, int gait)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_PAIN_ADD);

        bind_text(st, 1, date);
        bind_text(st, 2, text);
        sqlite3_bind_int(st, 3, worsening);
        sqlite3_bind_int(st, 4, gait);
        return store_run(s, STATEMENT_PAIN_ADD);
}

static int end_pain(Store *s, const char *date, int64_t id)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_PAIN_END);

        bind_text(st, 1, date);
        sqlite3_bind_int64(st, 2, id);
        return store_run(s, STATEMENT_PAIN_END);
}

static int change_pain(Store *s, int64_t id, int worsening, int gait)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_PAIN_CHANGE);

        sqlite3_bind_int64(st, 1, id);
        sqlite3_bind_int(st, 2, worsening);
        sqlite3_bind_int(st, 3, gait);
        return store_run(s, STATEMENT_PAIN_CHANGE);
}

static int end_pains(Store *s, const char *date)
{
        bind_text(store_statement(s, STATEMENT_PAIN_END_ALL), 1, date);
        return store_run(s, STATEMENT_PAIN_END_ALL);
}

/* The pains that stand, after what was said. A pain that says none ends all; one of another text is one more; one that stands
 * is changed. What does not stop the runner counts from the date on which it was last told. */
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

/* One that does not stand is gone already. */
static int end_named_pain(Store *s, const char *date, const char *text)
{
        StandingPain pain = { 0 };
        int r = find_pain(s, date, text, &pain);

        return r < 0 || pain.id == 0 ? r : end_pain(s, date, pain.id);
}

static int do_put_day(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_DAY_PUT);
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
        r = run_one(s, STATEMENT_DAY_PUT);
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

static int do_put_verdicts(Store *s, const void *what)
{
        const Verdicts *v = what;
        int r = 0;

        for (size_t i = 0; i < v->n && r == 0; i++) {
                sqlite3_stmt *st = store_statement(s, STATEMENT_VERDICT);

                sqlite3_bind_int64(st, 1, v->verdict[i].session);
                bind_text(st, 2, verdict_key_to_string(v->verdict[i].key));
                r = store_run(s, STATEMENT_VERDICT);
        }
        return r;
}

int store_put_verdicts(Store *s, const StoreVerdict *verdict, size_t n)
{
        return n == 0 ? 0 : store_do(s, do_put_verdicts, &(Verdicts){ verdict, n });
}

static int do_add_session(Store *s, const void *what)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SESSION_ADD);
        const ManualSession *m = what;
        int r;

        sqlite3_bind_int64(st, 1, s->next_id);
        sqlite3_bind_int64(st, 2, m->started_at);
        sqlite3_bind_int64(st, 3, m->minutes * INT64_C(60000));
        sqlite3_bind_int(st, 4, m->utc_offset_s);
        r = run_one(s, STATEMENT_SESSION_ADD);
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
        return r < 0 ? r : s->next_id++;
}
