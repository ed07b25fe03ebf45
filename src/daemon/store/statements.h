/* SPDX-License-Identifier: MIT */
#pragma once

/* The statements of the daemon on an open database, and how they are run. */

#include <errno.h>
#include <sqlite3.h>
#include <stdint.h>

#include "cardio/day.h"
#include "store/store.h"

typedef enum Statement {
        /* Those of a commit stay prepared. */
        STATEMENT_BEGIN,
        STATEMENT_COMMIT,
        STATEMENT_TOUCH,
        STATEMENT_SENSOR,
        STATEMENT_SESSION_FIGURES,
        STATEMENT_SAMPLE_INSERT,
        STATEMENT_EVENT_INSERT,
        STATEMENT_ZONE_CLEAR,
        STATEMENT_ZONE_INSERT,
        /* The others are prepared when they are used: 200 kB less to hold (tests/bench/RESULTS.md). */
        STATEMENT_SESSION_INSERT,
        STATEMENT_SESSION_HEAD,
        STATEMENT_SESSION_CLOCK,
        STATEMENT_SESSION_START,
        STATEMENT_SESSION_UNKNOWN,
        STATEMENT_SESSION_MOVE,
        STATEMENT_SESSION_KNOWN,
        STATEMENT_RESTING_UNKNOWN,
        STATEMENT_RESTING_MOVE,
        STATEMENT_RESTING_KNOWN,
        STATEMENT_CLOCK_UNKNOWN,
        STATEMENT_SESSION_CLOSE,
        STATEMENT_SESSION_REOPEN,
        STATEMENT_SESSION_DELETE,
        STATEMENT_SAMPLE_TRIM,
        STATEMENT_SAMPLE_REPLAY,
        STATEMENT_EVENT_TRIM,
        STATEMENT_EVENT_REPLAY,
        STATEMENT_OPEN_NEXT,
        STATEMENT_OPEN_CLEAR,
        STATEMENT_PAST,
        STATEMENT_RECOUNT_NEXT,
        STATEMENT_RECOUNT_SAMPLES,
        STATEMENT_RECOUNT_UNSETTLED,
        STATEMENT_RECOUNT_EVENTS,
        STATEMENT_RECOUNT_EVENT,
        STATEMENT_COMMANDS_SET,
        STATEMENT_COMMANDS_GET,
        STATEMENT_COMMANDS_SESSION_OVER,
        STATEMENT_GET,
        STATEMENT_UNJUDGED,
        STATEMENT_RECORD,
        STATEMENT_RUNS_BEFORE,
        STATEMENT_RECORD_KIND,
        STATEMENT_COACH_SESSIONS,
        STATEMENT_COACH_RACES,
        STATEMENT_COACH_MORNINGS,
        STATEMENT_COACH_SCAN,
        STATEMENT_COACH_PAINS,
        STATEMENT_COACH_BOUNDS,
        STATEMENT_COACH_RUN_DATES,
        STATEMENT_RUN,
        STATEMENT_RESTING_ADD,
        STATEMENT_RESTING_REMOVE,
        STATEMENT_RACE_ADD,
        STATEMENT_RACE_REMOVE,
        STATEMENT_DAY_PUT,
        STATEMENT_PAIN_FIND,
        STATEMENT_PAIN_ADD,
        STATEMENT_PAIN_CHANGE,
        STATEMENT_PAIN_END,
        STATEMENT_PAIN_END_ALL,
        STATEMENT_DAY_GET,
        STATEMENT_ANNOTATE,
        STATEMENT_VERDICT,
        STATEMENT_SESSION_ADD,
        STATEMENT_SENSOR_KNOWN,
        STATEMENT_SPILL_NOTED,
        STATEMENT_SPILL_FORGET,
        STATEMENT_SPILL_NOTE,
        _STATEMENT_MAX,
        _STATEMENT_INVALID = -EINVAL,
} Statement;

int store_prepare_statements(Store *s);
void store_finalize_statements(Store *s);

/* Runs a bound statement that returns no row. Returns 0 or a negative errno. */
int store_run(Store *s, Statement which);
/* The same for one whose only parameter is a session. */
int store_run_for(Store *s, Statement which, int64_t session);
/* Gives a statement back, and what was read of it: whoever steps one calls this before it is used again. */
void store_reset(Store *s, Statement which);
sqlite3_stmt *store_statement(Store *s, Statement which);

/* NULL is bound as NULL. The text has to stay where it is until the statement has run. */
static inline void bind_text(sqlite3_stmt *st, int i, const char *text)
{
        sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static inline double column_real(sqlite3_stmt *st, int i, double otherwise)
{
        return sqlite3_column_type(st, i) == SQLITE_NULL ? otherwise : sqlite3_column_double(st, i);
}

/* A date as the database keeps it. A row with another text, which only another hand can have written, has none. */
static inline Day store_column_day(sqlite3_stmt *st, int i)
{
        const char *text = (const char *)sqlite3_column_text(st, i);
        Day day;

        return text && day_parse(text, &day) == 0 ? day : DAY_NONE;
}

/* Ends a transaction that did not succeed, whether or not SQLite has done so. */
void store_rollback(Store *s);

/* Tells a row column by column. Returns 0, or what func returned. */
int store_tell_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata);
