/* SPDX-License-Identifier: MIT */

/* Rows that move between a table and the one that keeps them, kept_TABLE, which has the same columns and `edit_id` besides.
 * Which tables and columns there are is asked of the database, so that none is forgotten when a later version of the schema
 * adds some. No clock. */

#include "store/kept.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "store/errors.h"
#include "store/internal.h"

/* More tables than any version of the schema has. */
#define TABLES_MAX 16U

typedef struct Tables {
        char *name[TABLES_MAX]; /* without kept_; session is the first, since the others refer to it */
        size_t n;
} Tables;

static void tables_clear(Tables *t)
{
        while (t->n > 0)
                free(t->name[--t->n]);
}

static const Sql sql_kept_tables = {
        .text = "SELECT substr(name, 6) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'kept_*'"
                " ORDER BY name <> 'kept_session', name LIMIT ?1",
};

static int read_tables(Store *s, Tables *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_kept_tables);
        Tables t = { .n = 0 };
        int rc, r = 0;

        sqlite3_bind_int64(st, 1, TABLES_MAX);
        while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
                const char *name = (const char *)sqlite3_column_text(st, 0);

                t.name[t.n] = name ? strdup(name) : NULL;
                if (t.name[t.n])
                        t.n++;
                else
                        r = -ENOMEM;
        }
        store_reset(s, &sql_kept_tables);
        if (r == 0 && rc != SQLITE_DONE)
                r = store_errno(rc);
        if (r < 0)
                tables_clear(&t);
        else
                *ret = t;
        return r;
}

/* The names of a table's columns, and the same for a row of another id: of a file there is one session. */
static const Sql sql_kept_columns = {
        .text = "SELECT group_concat('\"' || name || '\"'),"
                " group_concat(CASE name WHEN 'id' THEN '?3' WHEN 'content' THEN 'CASE WHEN id = ?3 THEN content END'"
                " ELSE '\"' || name || '\"' END)"
                " FROM pragma_table_info(?1)",
};

typedef struct Columns {
        char *names, *moved;
} Columns;

static void columns_clear(Columns *c)
{
        free(c->names);
        free(c->moved);
}

static int read_columns(Store *s, const char *table, Columns *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_kept_columns);
        const char *names, *moved;
        int rc, r;

        bind_text(st, 1, table);
        rc = sqlite3_step(st);
        names = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
        moved = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 1) : NULL;
        if (rc != SQLITE_ROW)
                r = store_errno(rc);
        else if (!names || !moved)
                r = -EBADMSG;
        else {
                *ret = (Columns){ strdup(names), strdup(moved) };
                r = ret->names && ret->moved ? 0 : -ENOMEM;
        }
        store_reset(s, &sql_kept_columns);
        return r;
}

/* Runs a statement that was put together; sql is freed. The values are bound as ?1, ?2, … as far as it has them. */
static int run_made(Store *s, char *sql, const int64_t *values, int n)
{
        sqlite3_stmt *st = NULL;
        int rc = sql ? sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) : SQLITE_NOMEM;

        sqlite3_free(sql);
        for (int i = 0; rc == SQLITE_OK && i < n; i++)
                rc = sqlite3_bind_int64(st, i + 1, values[i]);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(st);
        sqlite3_finalize(st);
        return rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static const char *key_of(const char *table)
{
        return strcmp(table, "session") == 0 ? "id" : "session_id";
}

static int keep_rows(Store *s, const char *table, int64_t edit, int64_t session)
{
        _cleanup_(columns_clear) Columns c = { NULL, NULL };
        int r = read_columns(s, table, &c);

        return r < 0 ? r
                     : run_made(s,
                                       sqlite3_mprintf("INSERT INTO \"kept_%w\" (edit_id, %s)"
                                                       " SELECT ?1, %s FROM \"%w\" WHERE %s = ?2",
                                                       table, c.names, c.names, table, key_of(table)),
                                       (int64_t[]){ edit, session }, 2);
}

static const Sql sql_kept_leave = {
        .text = "DELETE FROM session WHERE id = ?1",
};

int store_keep_session(Store *s, int64_t edit, int64_t session)
{
        _cleanup_(tables_clear) Tables t = { .n = 0 };
        int r = read_tables(s, &t);

        for (size_t i = 0; i < t.n && r == 0; i++)
                r = keep_rows(s, t.name[i], edit, session);
        return r < 0 ? r : store_run_for(s, &sql_kept_leave, session);
}

int store_copy_kept_row(Store *s, int64_t edit, int64_t session, int64_t id)
{
        _cleanup_(columns_clear) Columns c = { NULL, NULL };
        int r = read_columns(s, "session", &c);

        return r < 0 ? r
                     : run_made(s,
                                       sqlite3_mprintf("INSERT INTO session (%s) SELECT %s FROM kept_session"
                                                       " WHERE edit_id = ?1 AND id = ?2",
                                                       c.names, c.moved),
                                       (int64_t[]){ edit, session, id }, 3);
}

static int restore_rows(Store *s, const char *table, int64_t edit)
{
        _cleanup_(columns_clear) Columns c = { NULL, NULL };
        int r = read_columns(s, table, &c);

        return r < 0 ? r
                     : run_made(s,
                                       sqlite3_mprintf("INSERT INTO \"%w\" (%s) SELECT %s FROM \"kept_%w\""
                                                       " WHERE edit_id = ?1",
                                                       table, c.names, c.names, table),
                                       &edit, 1);
}

int store_restore_kept(Store *s, int64_t edit)
{
        _cleanup_(tables_clear) Tables t = { .n = 0 };
        int r = read_tables(s, &t);

        for (size_t i = 0; i < t.n && r == 0; i++)
                r = restore_rows(s, t.name[i], edit);
        return r;
}

int store_drop_kept_of_deleted(Store *s)
{
        _cleanup_(tables_clear) Tables t = { .n = 0 };
        int r = read_tables(s, &t);

        for (size_t i = 0; i < t.n && r == 0; i++)
                r = run_made(s,
                                sqlite3_mprintf("DELETE FROM \"kept_%w\" WHERE edit_id IN"
                                                " (SELECT id FROM edit WHERE deleted_id IS NOT NULL)",
                                                t.name[i]),
                                NULL, 0);
        return r;
}

const Sql *const store_sql_kept[] = {
        &sql_kept_tables,
        &sql_kept_columns,
        &sql_kept_leave,
        NULL,
};
