/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "cardio/macro.h"
#include "ctl.h"
#include "json.h"
#include "text.h"

/* The daemon's database, read and never written. */
typedef struct Database {
        sqlite3 *db;
        char *path;
        bool asked;        /* the daemon was asked; with --database it is not */
        int64_t recording; /* the session being recorded according to the daemon, 0 = none or no daemon */
        char *units; /* in which the daemon shows distances and paces; NULL = it was not asked, or does not say */
} Database;

void database_close(Database *d);
#define _cleanup_database_ _cleanup_(database_close)

/* Finds its path: --database, else as the running daemon says, else the runner's own if there is one, else the system's.
 * Sets only path, asked, recording and units. */
Outcome database_locate(const Call *call, Database *ret);

/* The runner's own if there is one, else the system's; with --user always the former, and NULL if there is no home. To be
 * freed. */
char *database_default_path(const Call *call);

/* Whether a database exists and may be read. */
Outcome database_check_access(const char *path);

/* Opens it. All reads see the state of one moment. */
Outcome database_open(const Call *call, Database *ret);

static inline void statementp(sqlite3_stmt **s)
{
        (void)sqlite3_finalize(*s);
}
#define _cleanup_statement_ _cleanup_(statementp)

Outcome database_prepare(const Database *d, const char *sql, sqlite3_stmt **ret);

/* Steps to the next row. Sets ret_row to whether there is one. */
Outcome database_step(const Database *d, sqlite3_stmt *s, bool *ret_row);

/* The statement's current row, by column name; of two columns with the same name the first counts. */
json_object *database_row(sqlite3_stmt *s);

/* All remaining rows, as an array. */
Outcome database_rows(const Database *d, sqlite3_stmt *s, json_object **ret);

/* A session as the runner names it: its number; `last`; or the date of one, local to the run, if it was the only one then. */
typedef struct SessionName {
        int64_t id;                 /* 0 = the other two */
        char date[DATE_STRING_MAX]; /* "" = not by date */
} SessionName;

/* What an argument names. It need not exist. */
Outcome session_argument(const char *argument, SessionName *ret);

/* Its number. One that was given as a number need not exist. */
Outcome database_find_session(const Database *d, const SessionName *name, int64_t *ret);

/* The same, for a call that reads nothing else. The database is closed again: a reader would keep the daemon from truncating
 * the write-ahead log, and so from deleting for good. */
Outcome database_look_up_session(const Call *call, const SessionName *name, int64_t *ret);
