/* SPDX-License-Identifier: MIT */
#pragma once

/* The daemon's statements on an open database, and how they are run. */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/day.h"
#include "store/store.h"

/* A statement: a constant beside the code that binds it, and an entry in its file's list. */
typedef struct Sql {
        const char *text;
        bool kept; /* stays prepared as long as the database is open: for commits */
} Sql;

/* In all lists together. */
#define STATEMENTS_MAX 144U

typedef struct Statement {
        const Sql *sql;
        sqlite3_stmt *prepared; /* NULL = neither in use nor kept */
} Statement;

/* The list of each file; NULL ends it. */
extern const Sql *const store_sql_transaction[];
extern const Sql *const store_sql_store[];
extern const Sql *const store_sql_apply[];
extern const Sql *const store_sql_session_rows[];
extern const Sql *const store_sql_pace_rows[];
extern const Sql *const store_sql_sensor[];
extern const Sql *const store_sql_commands[];
extern const Sql *const store_sql_session[];
extern const Sql *const store_sql_wall_clock[];
extern const Sql *const store_sql_recover[];
extern const Sql *const store_sql_recount[];
extern const Sql *const store_sql_kind[];
extern const Sql *const store_sql_coach[];
extern const Sql *const store_sql_diary[];
extern const Sql *const store_sql_import[];
extern const Sql *const store_sql_spill[];
extern const Sql *const store_sql_raw[];
extern const Sql *const store_sql_kept[];
extern const Sql *const store_sql_edit[];
extern const Sql *const store_sql_edit_carry[];
extern const Sql *const store_sql_beats[];
extern const Sql *const store_sql_beats_older[];

/* Prepares each statement of a list once, and keeps those to be kept. Returns 0, or a negative errno if they do not fit the
 * tables. */
int store_prepare_statements(Store *s, const Sql *const *sql);
void store_finalize_statements(Store *s);

/* Returns the statement to bind and step; NULL if memory is short, which SQLite answers with an error. */
sqlite3_stmt *store_statement(Store *s, const Sql *sql);
/* Resets a statement; rows read from it become invalid. To be called after stepping, before it is used again. */
void store_reset(Store *s, const Sql *sql);
/* Runs a bound statement that returns no row. Returns 0 or a negative errno. */
int store_run(Store *s, const Sql *sql);
/* The same for one whose only parameter is a session. */
int store_run_for(Store *s, const Sql *sql, int64_t session);

/* A transaction; they return 0 or a negative errno. */
int transaction_begin(Store *s);
int transaction_commit(Store *s);
/* Ends a transaction that failed, whether or not SQLite has ended it by itself. */
void transaction_rollback(Store *s);

/* NULL is bound as NULL. The text must stay valid until the statement has run. */
static inline void bind_text(sqlite3_stmt *st, int i, const char *text)
{
        sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static inline double column_real(sqlite3_stmt *st, int i, double otherwise)
{
        return sqlite3_column_type(st, i) == SQLITE_NULL ? otherwise : sqlite3_column_double(st, i);
}

/* A date as the database keeps it; DAY_NONE for any other text, which only another program can have written. */
static inline Day store_column_day(sqlite3_stmt *st, int i)
{
        const char *text = (const char *)sqlite3_column_text(st, i);
        Day day;

        return text && day_parse(text, &day) == 0 ? day : DAY_NONE;
}

/* Reports a row column by column. Returns 0, or what func returned. */
int store_report_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata);
