/* SPDX-License-Identifier: MIT */
#pragma once

/* The statements of the daemon on an open database, and how they are run. */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/day.h"
#include "store/store.h"

/* A statement, as a constant beside the code that binds it, and in the list of its file. */
typedef struct Sql {
        const char *text;
        bool kept; /* prepared as long as the database is open: those of a commit */
} Sql;

/* In all lists together. */
#define STATEMENTS_MAX 80U

typedef struct Statement {
        const Sql *sql;
        sqlite3_stmt *prepared; /* NULL = it is not in use, nor kept */
} Statement;

/* Those of each file; NULL ends a list. */
extern const Sql *const store_sql_transaction[];
extern const Sql *const store_sql_store[];
extern const Sql *const store_sql_apply[];
extern const Sql *const store_sql_session_rows[];
extern const Sql *const store_sql_sensor[];
extern const Sql *const store_sql_commands[];
extern const Sql *const store_sql_session[];
extern const Sql *const store_sql_wall_clock[];
extern const Sql *const store_sql_recover[];
extern const Sql *const store_sql_recount[];
extern const Sql *const store_sql_kind[];
extern const Sql *const store_sql_coach[];
extern const Sql *const store_sql_diary[];
extern const Sql *const store_sql_spill[];

/* Prepares those of a list once, and keeps what is to be kept. Returns 0, or a negative errno if they do not fit the tables. */
int store_prepare_statements(Store *s, const Sql *const *sql);
void store_finalize_statements(Store *s);

/* To be bound and stepped; NULL without memory, which SQLite answers with an error. */
sqlite3_stmt *store_statement(Store *s, const Sql *sql);
/* Gives a statement back, and what was read of it: whoever steps one calls this before it is used again. */
void store_reset(Store *s, const Sql *sql);
/* Runs a bound statement that returns no row. Returns 0 or a negative errno. */
int store_run(Store *s, const Sql *sql);
/* The same for one whose only parameter is a session. */
int store_run_for(Store *s, const Sql *sql, int64_t session);

/* A transaction; they return 0 or a negative errno. */
int transaction_begin(Store *s);
int transaction_commit(Store *s);
/* Ends one that did not succeed, whether or not SQLite has done so. */
void transaction_rollback(Store *s);

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

/* Tells a row column by column. Returns 0, or what func returned. */
int store_tell_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata);
