/* SPDX-License-Identifier: MIT */

/* What the coach asks of the database: everything that is known for a date, put together for the core. All dates are the
 * runner's: of a session that of its start, by the offset that its clock then had. No clock here. */

#include "store/coach.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "store/errors.h"
#include "store/internal.h"

/* So far back a streak is looked for at first. */
#define STREAK_DAYS 64

#define MS_PER_DAY (INT64_C(24) * 3600 * 1000)

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
