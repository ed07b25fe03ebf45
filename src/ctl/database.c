/* SPDX-License-Identifier: MIT */
/* Reads the database, besides a running daemon or without one. It is opened read-only, so nothing here can harm a run; all
 * queries of a command run in one transaction, so their results agree. SQL is prepared, values are bound. Dates are
 * local, of CLOCK_REALTIME. */
#include "database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "memory.h"
#include "text.h"

#define BUSY_TIMEOUT_MS 2000

void database_close(Database *d)
{
        (void)sqlite3_close_v2(d->db);
        free(d->path);
        free(d->units);
        *d = (Database){ .db = NULL };
}

/* $XDG_STATE_HOME/cardiod/cardiod.db; NULL if there is no home. */
static char *user_path(void)
{
        const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
        char *path;
        int r;

        if (state && state[0] == '/')
                r = asprintf(&path, "%s/%s", state, CARDIO_USER_DATABASE);
        else if (home && home[0] == '/')
                r = asprintf(&path, "%s/.local/state/%s", home, CARDIO_USER_DATABASE);
        else
                return NULL;
        if (r < 0)
                out_of_memory();
        return path;
}

char *database_default_path(const Call *call)
{
        _cleanup_free_ char *user = user_path();

        if (call->user || (user && access(user, F_OK) == 0))
                return TAKE_PTR(user);
        return checked(strdup(CARDIO_SYSTEM_DATABASE));
}

static Outcome locate_without_daemon(const Call *call, Database *ret)
{
        ret->path = database_default_path(call);
        if (!ret->path)
                return fail(OUTCOME_FAILED,
                                "neither XDG_STATE_HOME nor HOME says where your database is; name it with --database FILE");
        return OUTCOME_DONE;
}

Outcome database_locate(const Call *call, Database *ret)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *properties = NULL;
        const char *path, *units;
        Outcome outcome;
        int r;

        *ret = (Database){ .asked = !call->database };
        if (call->database) {
                ret->path = checked(strdup(call->database));
                return OUTCOME_DONE;
        }

        r = bus_find(call, &bus);
        if (r == -EACCES)
                return bus_open(call, &bus); /* prints the reason */
        if (r < 0)
                return locate_without_daemon(call, ret);

        outcome = bus_properties(&bus, CARDIO_MANAGER_INTERFACE, &properties);
        if (outcome != OUTCOME_DONE)
                return outcome;
        path = json_text(properties, "database_path");
        if (!path || !*path)
                return fail(OUTCOME_FAILED, "cardiod does not say where its database is");
        ret->path = checked(strdup(path));
        ret->recording = json_integer_or(properties, "session", 0);
        units = json_text(properties, "pace_units");
        ret->units = units ? checked(strdup(units)) : NULL;
        return OUTCOME_DONE;
}

/* The schema's version, 0 if it cannot be read. */
static int schema_version(const Database *d)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;

        return sqlite3_prepare_v2(d->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
                                               sqlite3_step(s) == SQLITE_ROW
                               ? sqlite3_column_int(s, 0)
                               : 0;
}

static Outcome database_failed(const Database *d)
{
        _cleanup_free_ char *why = checked(strdup(sqlite3_errmsg(d->db)));
        int version;

        switch (sqlite3_errcode(d->db)) {
        case SQLITE_ERROR: /* a missing table or column */
                version = schema_version(d);
                if (version < CARDIO_DATABASE_VERSION)
                        return fail(OUTCOME_FAILED,
                                        "cannot read %s: it is of an older cardiod, "
                                        "and the one that belongs to this cardioctl brings it up to date when it starts",
                                        d->path);
                if (version > CARDIO_DATABASE_VERSION)
                        return fail(OUTCOME_FAILED,
                                        "cannot read %s: it is of a newer cardiod, install its cardioctl",
                                        d->path);
                break;
        case SQLITE_CORRUPT:
                return fail(OUTCOME_FAILED, "%s is damaged; `cardioctl doctor` says what to do", d->path);
        case SQLITE_NOTADB:
                return fail(OUTCOME_FAILED, "%s is not a database of cardiod", d->path);
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY: /* in WAL mode a reader, too, needs the files beside it */
                return fail(OUTCOME_FAILED,
                                "cannot open %s: the files %s-wal and -shm beside it are missing or not yours to read; "
                                "start cardiod once, and it puts them in order",
                                d->path, d->path);
        case SQLITE_BUSY:
                return fail(OUTCOME_FAILED, "%s is locked by another program; try again", d->path);
        default:
                break;
        }
        /* SQLite's message, except that a damaged file can make it say that memory is short */
        return fail(OUTCOME_FAILED, "cannot read %s: %s", d->path, why);
}

Outcome database_check_access(const char *path)
{
        struct stat st;

        if (access(path, R_OK) == 0 && stat(path, &st) == 0)
                return S_ISREG(st.st_mode) ? OUTCOME_DONE
                                           : fail(OUTCOME_FAILED, "%s is not a database of cardiod", path);

        switch (errno) {
        case ENOENT:
        case ENOTDIR:
                return fail(OUTCOME_FAILED, "there is no database at %s; cardiod creates it when it starts",
                                path);
        case EACCES:
                if (strcmp(path, CARDIO_SYSTEM_DATABASE) == 0)
                        return fail(OUTCOME_FAILED,
                                        "you may not read %s: heart rates are for root and the group %s. "
                                        "Join it with `sudo usermod -aG %s $USER`, then log in again",
                                        path, CARDIO_GROUP, CARDIO_GROUP);
                return fail(OUTCOME_FAILED, "you may not read %s; ask its owner", path);
        default:
                return fail(OUTCOME_FAILED, "cannot read %s: %s", path, strerror(errno));
        }
}

static Outcome database_check_identity(const Database *d)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d, "PRAGMA application_id", &s);
        if (outcome == OUTCOME_DONE)
                outcome = database_step(d, s, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!row || sqlite3_column_int64(s, 0) != CARDIO_DATABASE_ID)
                return fail(OUTCOME_FAILED, "%s is not a database of cardiod", d->path);
        return OUTCOME_DONE;
}

Outcome database_open(const Call *call, Database *ret)
{
        _cleanup_database_ Database d = { .db = NULL };
        Outcome outcome;

        outcome = database_locate(call, &d);
        if (outcome == OUTCOME_DONE)
                outcome = database_check_access(d.path);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (sqlite3_open_v2(d.path, &d.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
                        sqlite3_busy_timeout(d.db, BUSY_TIMEOUT_MS) != SQLITE_OK ||
                        sqlite3_db_config(d.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK ||
                        sqlite3_db_config(d.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
                        sqlite3_exec(d.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
                return database_failed(&d);
        outcome = database_check_identity(&d);
        if (outcome != OUTCOME_DONE)
                return outcome;

        *ret = d;
        d = (Database){ .db = NULL };
        return OUTCOME_DONE;
}

Outcome database_prepare(const Database *d, const char *sql, sqlite3_stmt **ret)
{
        return sqlite3_prepare_v2(d->db, sql, -1, ret, NULL) == SQLITE_OK ? OUTCOME_DONE : database_failed(d);
}

Outcome database_step(const Database *d, sqlite3_stmt *s, bool *ret_row)
{
        int r = sqlite3_step(s);

        if (r != SQLITE_ROW && r != SQLITE_DONE)
                return database_failed(d);
        *ret_row = r == SQLITE_ROW;
        return OUTCOME_DONE;
}

static json_object *column_value(sqlite3_stmt *s, int column)
{
        const unsigned char *text;

        switch (sqlite3_column_type(s, column)) {
        case SQLITE_INTEGER:
                return checked(json_object_new_int64(sqlite3_column_int64(s, column)));
        case SQLITE_FLOAT:
                return json_real(sqlite3_column_double(s, column));
        case SQLITE_TEXT:
                text = checked(sqlite3_column_text(s, column));
                return checked(json_object_new_string((const char *)text));
        default: /* NULL; there are no blobs */
                return NULL;
        }
}

json_object *database_row(sqlite3_stmt *s)
{
        json_object *row = checked(json_object_new_object());

        for (int i = 0; i < sqlite3_column_count(s); i++) {
                const char *name = checked(sqlite3_column_name(s, i));

                if (!json_object_object_get_ex(row, name, NULL))
                        json_add(row, name, column_value(s, i));
        }
        return row;
}

Outcome database_rows(const Database *d, sqlite3_stmt *s, json_object **ret)
{
        _cleanup_json_ json_object *rows = checked(json_object_new_array());
        Outcome outcome;
        bool row;

        while ((outcome = database_step(d, s, &row)) == OUTCOME_DONE && row)
                json_append(rows, database_row(s));
        if (outcome == OUTCOME_DONE)
                *ret = TAKE_PTR(rows);
        return outcome;
}

/* -- Sessions by name ------------------------------------------------------------------------------------- */

/* Of several sessions of a day, so many are named. */
#define SESSIONS_NAMED 8

Outcome session_argument(const char *argument, SessionName *ret)
{
        *ret = (SessionName){ .id = 0 };
        if (strcmp(argument, "last") == 0 || id_parse(argument, &ret->id) >= 0 ||
                        date_parse(argument, (int64_t)time(NULL), ret->date) >= 0)
                return OUTCOME_DONE;
        return fail(OUTCOME_USAGE,
                        "'%s' is not a session; accepted: a number that `cardioctl sessions` lists, last, or a date: " DATE_ACCEPTED,
                        argument);
}

static Outcome find_last(const Database *d, int64_t *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d, "SELECT id FROM session ORDER BY started_at DESC, id DESC LIMIT 1", &s);
        if (outcome == OUTCOME_DONE)
                outcome = database_step(d, s, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!row)
                return fail(OUTCOME_NOT_FOUND, "no session has been recorded yet");
        *ret = sqlite3_column_int64(s, 0);
        return OUTCOME_DONE;
}

/* "41 (06:31, base, 40 min)" */
static void name_session(FILE *f, sqlite3_stmt *s)
{
        const char *start = (const char *)sqlite3_column_text(s, 1),
                   *kind = (const char *)sqlite3_column_text(s, 2);
        char length[HMS_STRING_MAX];

        fprintf(f, "%lld (%s%s%s, %s)", (long long)sqlite3_column_int64(s, 0), start ? start : "?",
                        kind ? ", " : "", kind ? kind : "",
                        seconds_to_words(sqlite3_column_double(s, 3), length));
}

/* The one of a date. Of several the runner has to choose. */
static Outcome find_by_date(const Database *d, const char *date, int64_t *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        _cleanup_free_ char *text = NULL;
        FILE *f = NULL;
        size_t size = 0;
        unsigned n = 0;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT id, start, kind, duration_s FROM sessions WHERE date = ?1 ORDER BY start, id",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_text(s, 1, date, -1, SQLITE_STATIC);
        f = checked(open_memstream(&text, &size));
        while ((outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                *ret = sqlite3_column_int64(s, 0);
                if (n < SESSIONS_NAMED) {
                        (void)fputs(n > 0 ? ", " : "", f);
                        name_session(f, s);
                }
                n++;
        }
        if (n > SESSIONS_NAMED)
                fprintf(f, " and %u more", n - SESSIONS_NAMED);
        if (fclose(f) != 0)
                out_of_memory();
        if (outcome == OUTCOME_DONE && n == 0)
                return fail(OUTCOME_NOT_FOUND, "there is no session on %s", date);
        if (outcome == OUTCOME_DONE && n > 1)
                return fail(OUTCOME_USAGE, "there are %u sessions on %s, say which: %s", n, date, text);
        return outcome;
}

Outcome database_find_session(const Database *d, const SessionName *name, int64_t *ret)
{
        if (*name->date)
                return find_by_date(d, name->date, ret);
        if (name->id == 0)
                return find_last(d, ret);
        *ret = name->id;
        return OUTCOME_DONE;
}

Outcome database_look_up_session(const Call *call, const SessionName *name, int64_t *ret)
{
        _cleanup_database_ Database database = { .db = NULL };
        Outcome outcome;

        if (name->id != 0) {
                *ret = name->id;
                return OUTCOME_DONE;
        }
        outcome = database_open(call, &database);
        return outcome == OUTCOME_DONE ? database_find_session(&database, name, ret) : outcome;
}
