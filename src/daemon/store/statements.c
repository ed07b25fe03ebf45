/* SPDX-License-Identifier: MIT */

/* How statements are prepared, run and reset. The SQL stands in each file beside the code that binds it, as a constant, and
 * each file ends with a list of its own. Opening a database prepares all of them once, so that a file which they do not fit is
 * refused before a run is recorded to it. Those that every commit uses stay prepared; the others are prepared when they are
 * used, which saves 200 kB (tests/bench/RESULTS.md). No clock. */

#include "store/statements.h"

#include <assert.h>

#include "cardio/macro.h"
#include "store/coach.h"
#include "store/errors.h"
#include "store/internal.h"

static int prepare(Store *s, Statement *st)
{
        unsigned flags = st->sql->kept ? SQLITE_PREPARE_PERSISTENT : 0;

        return sqlite3_prepare_v3(s->db, st->sql->text, -1, flags, &st->prepared, NULL);
}

static void give_back(const Store *s, Statement *st)
{
        if (!st->sql->kept && !s->batch) {
                sqlite3_finalize(st->prepared);
                st->prepared = NULL;
                return;
        }
        if (!st->prepared)
                return; /* it was not used */
        /* its result repeats that of the last step */
        (void)sqlite3_reset(st->prepared);
        (void)sqlite3_clear_bindings(st->prepared);
}

int store_prepare_statements(Store *s, const Sql *const *sql)
{
        for (; *sql; sql++) {
                Statement *st = &s->statement[s->n_statements];
                int rc;

                assert(s->n_statements < STATEMENTS_MAX);
                s->n_statements++;
                st->sql = *sql;
                rc = prepare(s, st);
                if (rc != SQLITE_OK)
                        return store_errno(rc);
                give_back(s, st);
        }
        return 0;
}

void store_finalize_statements(Store *s)
{
        while (s->n_statements > 0) {
                Statement *st = &s->statement[--s->n_statements];

                sqlite3_finalize(st->prepared);
                *st = (Statement){ 0 };
        }
}

static Statement *find(Store *s, const Sql *sql)
{
        for (size_t i = 0; i < s->n_statements; i++)
                if (s->statement[i].sql == sql)
                        return &s->statement[i];
        assert(0 && "not in its file's list");
        return NULL;
}

sqlite3_stmt *store_statement(Store *s, const Sql *sql)
{
        Statement *st = find(s, sql);

        if (!st->prepared)
                (void)prepare(s, st); /* if memory is short it stays NULL, and stepping it is an error */
        return st->prepared;
}

void store_reset(Store *s, const Sql *sql)
{
        give_back(s, find(s, sql));
}

void store_batch(Store *s, bool begins)
{
        s->batch = begins;
        for (size_t i = 0; !begins && i < s->n_statements; i++)
                if (!s->statement[i].sql->kept)
                        give_back(s, &s->statement[i]);
}

int store_run(Store *s, const Sql *sql)
{
        int rc = sqlite3_step(store_statement(s, sql));

        store_reset(s, sql);
        return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : store_errno(rc);
}

int store_run_for(Store *s, const Sql *sql, int64_t session)
{
        sqlite3_bind_int64(store_statement(s, sql), 1, session);
        return store_run(s, sql);
}

/* -- Transactions -- */

static const Sql sql_begin = {
        .kept = true,
        .text = "BEGIN IMMEDIATE",
};

int transaction_begin(Store *s)
{
        return store_run(s, &sql_begin);
}

static const Sql sql_commit = {
        .kept = true,
        .text = "COMMIT",
};

int transaction_commit(Store *s)
{
        return store_run(s, &sql_commit);
}

void transaction_rollback(Store *s)
{
        if (!sqlite3_get_autocommit(s->db))
                (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL,
                                NULL); /* ends the transaction even if it reports an error */
}

/* -- Rows -- */

static int get_column(sqlite3_stmt *st, int i, StoreColumnFunc func, void *userdata)
{
        StoreValue value = { 0 };

        switch (sqlite3_column_type(st, i)) {
        case SQLITE_NULL:
                return 0;
        case SQLITE_INTEGER:
                value.type = STORE_INTEGER;
                value.integer = sqlite3_column_int64(st, i);
                break;
        case SQLITE_FLOAT:
                value.type = STORE_REAL;
                value.real = sqlite3_column_double(st, i);
                break;
        case SQLITE_TEXT:
                value.type = STORE_TEXT;
                value.text = (const char *)sqlite3_column_text(st, i);
                if (!value.text)
                        return -ENOMEM;
                break;
        default: /* a BLOB: STRICT tables and the view's functions return none */
                return -EBADMSG;
        }
        return func(userdata, sqlite3_column_name(st, i), &value);
}

int store_report_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata)
{
        int r = 0;

        for (int i = 0; i < sqlite3_column_count(st) && r >= 0; i++)
                r = get_column(st, i, func, userdata);
        return r;
}

const Sql *const store_sql_transaction[] = {
        &sql_begin,
        &sql_commit,
        NULL,
};
