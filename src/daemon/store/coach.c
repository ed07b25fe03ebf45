/* SPDX-License-Identifier: MIT */

/* What the coach reads from the database: everything known for a date, put together for the core. All dates are the runner's:
 * that of a session is the date of its start, at the UTC offset of that time. No clock. */

#include "store/coach.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "store/errors.h"
#include "store/internal.h"

/* A streak is first looked for this far back. */
#define STREAK_DAYS 64

#define MS_PER_DAY (INT64_C(24) * 3600 * 1000)

/* Steps through a bound statement and calls func for each row. Returns 0, what func returned, or a negative errno. */
static int store_each(Store *s, const Sql *sql, int (*func)(sqlite3_stmt *st, void *userdata), void *userdata)
{
        sqlite3_stmt *st = store_statement(s, sql);
        int rc, r = 0;

        while ((rc = sqlite3_step(st)) == SQLITE_ROW && r == 0)
                r = func(st, userdata);
        store_reset(s, sql);
        if (r != 0)
                return r < 0 ? r : 0;
        return rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* The kind as it counts: base if it is not known yet, or not one of ours. */
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
                .held = column_real(st, 6, 0),
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
                f->morning[f->n_mornings++] = (Morning){ .date = date,
                        .heart_rate = sqlite3_column_double(st, 1),
                        .rmssd = sqlite3_column_double(st, 2) };
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

/* If the same pain was entered for several dates, in whatever order, the newest counts. */
static int add_pain_fact(sqlite3_stmt *st, void *userdata)
{
        const char *text = (const char *)sqlite3_column_text(st, 1);
        CoachPain pain = { .since = store_column_day(st, 0), .stops = sqlite3_column_int(st, 2) != 0 };
        CoachFacts *f = userdata;

        if (!text || pain.since == DAY_NONE)
                return 0;
        (void)snprintf(pain.text, sizeof(pain.text), "%s",
                        text); /* cut, if another program has written a longer one */
        for (size_t i = 0; i < f->n_pains; i++)
                if (strcasecmp(f->pain[i].text, pain.text) == 0)
                        return 0;
        if (f->n_pains == COACH_PAINS_MAX)
                return 1;
        f->pain[f->n_pains++] = pain;
        return 0;
}

/* Runs before the date, the newest first: up to the last long one, or to a break behind which none of them says anything of
 * today. */
static int add_cycle_fact(sqlite3_stmt *st, void *userdata)
{
        CoachFacts *f = userdata;
        Day run = store_column_day(st, 0);

        if (run == DAY_NONE)
                return 0;
        if ((f->first_run == DAY_NONE ? f->date : f->first_run) - run > COACH_BREAK_DAYS)
                return 1;
        f->first_run = run;
        if (sqlite3_column_int(st, 1) == 0)
                return 0;
        f->last_long = run;
        return 1;
}

static int count_streak(sqlite3_stmt *st, void *userdata)
{
        Day date = store_column_day(st, 0);

        return date == DAY_NONE || streak_add(userdata, date) ? 0 : 1;
}

/* Binds a date to compare with; one outside of the calendar as its first or last date. */
static void bind_day(sqlite3_stmt *st, int i, Day date, char buf[static DAY_STRING_MAX])
{
        if (date < DAY_MIN)
                date = DAY_MIN;
        if (date > DAY_MAX)
                date = DAY_MAX;
        bind_text(st, i, day_to_string(date, buf));
}

/* Dates from ?1 to ?2. The bounds on started_at, ?3 and ?4, let the index skip most rows; the dates decide. */
static const Sql sql_coach_sessions = {
        .text = "SELECT s.id, d.local_date, d.kind, (s.ended_at - s.started_at) / 1000.0, s.record_long,"
                " s.talk_test, CASE WHEN coalesce(n.body_location, 'chest') IN ('chest', 'other') THEN s.held_hr END"
                " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                " LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                " WHERE s.started_at BETWEEN ?3 AND ?4 AND s.ended_at IS NOT NULL"
                " AND d.local_date BETWEEN ?1 AND ?2 ORDER BY s.started_at DESC, s.id DESC LIMIT ?5",
};

static int get_sessions(Store *s, CoachFacts *f)
{
        sqlite3_stmt *st = store_statement(s, &sql_coach_sessions);
        Day from = f->date - COACH_SESSION_DAYS + 1;
        char first[DAY_STRING_MAX], last[DAY_STRING_MAX];

        bind_day(st, 1, from, first);
        bind_day(st, 2, f->date, last);
        /* UTC offsets are less than a day */
        sqlite3_bind_int64(st, 3, (from - 1) * MS_PER_DAY);
        sqlite3_bind_int64(st, 4, (f->date + 2) * MS_PER_DAY);
        sqlite3_bind_int(st, 5, COACH_SESSIONS_MAX);
        return store_each(s, &sql_coach_sessions, add_session_fact, f);
}

static const Sql sql_coach_races = {
        .text = "SELECT id, local_date, distance, hilly FROM race WHERE local_date BETWEEN ?1 AND ?2"
                " ORDER BY local_date DESC, id LIMIT ?3",
};

static int get_races(Store *s, CoachFacts *f)
{
        sqlite3_stmt *st = store_statement(s, &sql_coach_races);
        char first[DAY_STRING_MAX], last[DAY_STRING_MAX];

        bind_day(st, 1, f->date - COACH_RACE_DAYS, first);
        bind_day(st, 2, f->date + COACH_RACE_AHEAD_DAYS, last);
        sqlite3_bind_int(st, 3, COACH_RACES_MAX);
        return store_each(s, &sql_coach_races, add_race_fact, f);
}

/* Runs a statement whose parameters are a date and perhaps a limit: of rows, or the least length in ms. */
static int get_by_date(Store *s, const Sql *sql, Day date, int limit, int (*func)(sqlite3_stmt *, void *),
                void *userdata)
{
        sqlite3_stmt *st = store_statement(s, sql);
        char buf[DAY_STRING_MAX];

        bind_day(st, 1, date, buf);
        if (limit > 0)
                sqlite3_bind_int(st, 2, limit);
        return store_each(s, sql, func, userdata);
}

static const Sql sql_coach_run_dates = {
        .text = "SELECT d.local_date FROM session AS s JOIN session_days AS d ON d.id = s.id"
                " WHERE s.started_at >= ?3 AND s.ended_at - s.started_at >= ?2 AND d.local_date <= ?1"
                " AND d.kind NOT IN ('rest', 'cross-training') ORDER BY d.local_date DESC",
};

/* Most streaks are short: looks further back only if one reaches the end of the range. */
static int get_streak(Store *s, Day date, Streak *ret)
{
        for (int64_t days = STREAK_DAYS;; days *= STREAK_DAYS) {
                sqlite3_stmt *st = store_statement(s, &sql_coach_run_dates);
                int64_t from = date - days;
                int r;

                *ret = streak_begin(date);
                sqlite3_bind_int64(st, 3, from < DAY_MIN ? INT64_MIN : from * MS_PER_DAY);
                r = get_by_date(s, &sql_coach_run_dates, date, (int)(COACH_STREAK_FROM_S * 1000),
                                count_streak, ret);
                /* The first days of the range may be there in part. */
                if (r < 0 || from < DAY_MIN || ret->days + 3 < days)
                        return r;
        }
}

static const Sql sql_coach_mornings = {
        .text = "SELECT local_date, heart_rate, coalesce(rmssd, 0) FROM resting WHERE local_date <= ?1"
                " ORDER BY local_date DESC, id DESC LIMIT ?2",
};

static const Sql sql_coach_scan = {
        .text = "SELECT coalesce(feel, 0), soreness, mood FROM day WHERE local_date = ?1",
};

static const Sql sql_coach_pains = {
        .text = "SELECT local_date, text, worsening + gait FROM pain"
                " WHERE local_date <= ?1 AND (ended_date IS NULL OR ended_date > ?1)"
                " ORDER BY worsening + gait > 0 DESC, local_date DESC, id DESC",
};

/* Few are read where long runs are made. */
static const Sql sql_coach_cycle = {
        .text = "SELECT d.local_date, d.kind = 'long' OR (d.kind = 'hard' AND s.record_long IS 1)"
                " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                " WHERE s.ended_at - s.started_at >= ?2 AND d.local_date < ?1"
                " AND d.kind NOT IN ('rest', 'cross-training') ORDER BY s.started_at DESC",
};

int store_get_coach_facts(Store *s, Day date, CoachFacts *ret)
{
        CoachFacts f = { .date = date, .last_long = DAY_NONE, .first_run = DAY_NONE };
        Streak streak = streak_begin(date);
        int r;

        /* What is stored can be read even if nothing can be added, which store_commit() logs. */
        (void)store_commit(s);

        r = get_sessions(s, &f);
        if (r == 0)
                r = get_races(s, &f);
        if (r == 0)
                r = get_by_date(s, &sql_coach_mornings, date, COACH_MORNINGS_MAX, add_morning_fact, &f);
        if (r == 0)
                r = get_by_date(s, &sql_coach_scan, date, 0, set_scan_fact, &f);
        if (r == 0)
                r = get_by_date(s, &sql_coach_pains, date, 0, add_pain_fact, &f);
        if (r == 0)
                r = get_by_date(s, &sql_coach_cycle, date, (int)(COACH_SAY_FROM_S * 1000), add_cycle_fact,
                                &f);
        if (r == 0)
                r = get_streak(s, date, &streak);
        if (r < 0)
                return r;
        f.streak = streak.days;
        *ret = f;
        return 0;
}

static const Sql sql_run = {
        .text = "SELECT d.local_date, d.kind, (s.ended_at - s.started_at) / 1000.0, s.live_s,"
                " s.ceiling IS NOT NULL OR EXISTS (SELECT 1 FROM event WHERE session_id = s.id"
                " AND type = 'ceiling' AND value IS NOT NULL), s.over_s, s.breaches, s.longest_breach_s,"
                " s.talk_test, s.kind IS NOT NULL, s.workout IS NOT NULL, s.day_kind, s.verdict,"
                " 100 * (s.avg_hr - s.resting_hr) / (s.max_hr - s.resting_hr), s.source = 'import',"
                " d.seen_running FROM session AS s JOIN session_days AS d ON d.id = s.id"
                " WHERE s.id = ?1 AND s.ended_at IS NOT NULL",
};

int store_get_run(Store *s, int64_t id, StoreRun *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_run);
        int committed, rc;

        committed = store_commit(s);

        sqlite3_bind_int64(st, 1, id);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                const char *day_kind = (const char *)sqlite3_column_text(st, 11),
                           *verdict = (const char *)sqlite3_column_text(st, 12);

                *ret = (StoreRun){
                        .run = { .id = id,
                                        .kind = column_kind(st, 1),
                                        .said = sqlite3_column_int(st, 9) != 0,
                                        .seen_running = sqlite3_column_int(st, 15) != 0,
                                        .workout = sqlite3_column_int(st, 10) != 0,
                                        .duration_s = sqlite3_column_double(st, 2),
                                        .live_s = sqlite3_column_double(st, 3),
                                        .has_ceiling = sqlite3_column_int(st, 4) != 0,
                                        .over_s = sqlite3_column_double(st, 5),
                                        .breaches = (unsigned)sqlite3_column_int(st, 6),
                                        .longest_breach_s = sqlite3_column_double(st, 7),
                                        .talk_test = column_talk_test(st, 8) },
                        .date = store_column_day(st, 0),
                        .imported = sqlite3_column_int(st, 14) != 0,
                        .day_kind = day_kind ? kind_from_string(day_kind) : _KIND_INVALID,
                        .percent_reserve = column_real(st, 13, NAN),
                };
                /* A longer one is not ours; cut, it differs, and is replaced. */
                (void)snprintf(ret->verdict, sizeof(ret->verdict), "%s", verdict ? verdict : "");
        }
        store_reset(s, &sql_run);
        if (rc == SQLITE_ROW)
                return 0;
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        return committed < 0 ? committed : -ENOENT;
}

/* Dates from ?1 to ?2; ?3 and ?4 as above. */
static const Sql sql_base_pace = {
        .text = "SELECT total(s.distance_m), total(s.distance_m / s.avg_speed), count(*)"
                " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                " WHERE s.started_at BETWEEN ?3 AND ?4 AND s.ended_at IS NOT NULL"
                " AND s.distance_m >= ?5 AND s.avg_speed > 0 AND s.avg_speed <= 7" /* no ride */
                " AND d.local_date BETWEEN ?1 AND ?2 AND d.kind = 'base'",
};

int store_get_base_pace(Store *s, Day today, StoreBasePace *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_base_pace);
        Day from = today - STORE_BASE_PACE_DAYS;
        char first[DAY_STRING_MAX], last[DAY_STRING_MAX];
        int rc;

        (void)store_commit(s); /* what is stored can be read even if nothing can be added */

        bind_day(st, 1, from, first);
        bind_day(st, 2, today - 1, last);
        sqlite3_bind_int64(st, 3, (from - 1) * MS_PER_DAY);
        sqlite3_bind_int64(st, 4, (today + 1) * MS_PER_DAY);
        sqlite3_bind_int(st, 5, STORE_BASE_PACE_METRES);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                double distance_m = sqlite3_column_double(st, 0), moved_s = sqlite3_column_double(st, 1);

                *ret = (StoreBasePace){
                        .speed = moved_s > 0 ? distance_m / moved_s : NAN,
                        .n_runs = (unsigned)sqlite3_column_int(st, 2),
                        .distance_m = distance_m,
                };
        }
        store_reset(s, &sql_base_pace);
        return rc == SQLITE_ROW ? 0 : store_errno(rc);
}

static const Sql sql_day_get = {
        .text = "SELECT * FROM day WHERE local_date = ?1",
};

int store_get_day(Store *s, Day date, StoreColumnFunc func, void *userdata)
{
        sqlite3_stmt *st = store_statement(s, &sql_day_get);
        char buf[DAY_STRING_MAX];
        int rc, r = 0;

        bind_day(st, 1, date, buf);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                r = store_report_row(st, func, userdata);
        store_reset(s, &sql_day_get);
        if (rc == SQLITE_ROW)
                return r < 0 ? r : 0;
        return rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
}

const Sql *const store_sql_coach[] = {
        &sql_coach_sessions,
        &sql_coach_races,
        &sql_coach_run_dates,
        &sql_coach_mornings,
        &sql_coach_scan,
        &sql_coach_pains,
        &sql_coach_cycle,
        &sql_run,
        &sql_base_pace,
        &sql_day_get,
        NULL,
};
