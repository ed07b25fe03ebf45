/* SPDX-License-Identifier: MIT */

/* Recognises the file and its version, and migrates it step by step. A file is checked before anything is written to it; all
 * steps of a migration happen in one transaction or not at all. The version is PRAGMA user_version, 0 = an empty file. No
 * clock. */

#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "store/errors.h"

#if SQLITE_VERSION_NUMBER < 3037000
#error "cardiod needs SQLite 3.37 or later, for STRICT tables"
#endif

static const char schema_v1[] =
#include "schema.sql.h"
                ;

static const char schema_coach[] =
#include "schema-coach.sql.h"
                ;

static const char schema_commands[] =
#include "schema-commands.sql.h"
                ;

static const char schema_settled[] =
#include "schema-settled.sql.h"
                ;

static const char schema_kinds[] =
#include "schema-kinds.sql.h"
                ;

static const char schema_clock[] =
#include "schema-clock.sql.h"
                ;

static const char schema_trouble[] =
#include "schema-trouble.sql.h"
                ;

static const char schema_import[] =
#include "schema-import.sql.h"
                ;

static const char schema_edit[] =
#include "schema-edit.sql.h"
                ;

static const char schema_beats[] =
#include "schema-beats.sql.h"
                ;

static const char schema_pace[] =
#include "schema-pace.sql.h"
                ;

/* Entry i migrates from version i to i + 1. A released entry never changes. */
static const char *const migrations[] = {
        schema_v1,
        schema_coach,
        schema_commands,
        schema_settled,
        schema_kinds,
        schema_clock,
        schema_trouble,
        schema_import,
        schema_edit,
        schema_beats,
        schema_pace,
};
#define VERSION ((int64_t)ELEMENTSOF(migrations))
_Static_assert(VERSION == CARDIO_DATABASE_VERSION, "others are told of every version");

/* Reads the one integer that a query returns. */
static int query_integer(sqlite3 *db, const char *sql, int64_t *ret)
{
        sqlite3_stmt *statement;
        int rc;

        rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (rc != SQLITE_OK)
                return rc;
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
                *ret = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int schema_failed(sqlite3 *db, int rc, const char *path, char **ret_error)
{
        int r = store_errno(rc);

        if (r == -EBADMSG)
                return store_refuse(ret_error, r,
                                "%s: damaged, or not an SQLite database (%s); move it away, or restore a backup",
                                path, sqlite3_errmsg(db));
        return store_refuse(ret_error, r, "%s: cannot be read: %s", path, sqlite3_errmsg(db));
}

static int schema_read(sqlite3 *db, int64_t *ret_id, int64_t *ret_version, int64_t *ret_objects)
{
        int rc;

        rc = query_integer(db, "PRAGMA application_id", ret_id);
        if (rc == SQLITE_OK)
                rc = query_integer(db, "PRAGMA user_version", ret_version);
        if (rc == SQLITE_OK)
                rc = query_integer(db, "SELECT count(*) FROM sqlite_schema", ret_objects);
        return rc;
}

int store_schema_check(sqlite3 *db, const char *path, char **ret_error)
{
        int64_t id, version, objects;
        int rc;

        rc = schema_read(db, &id, &version, &objects);
        if (rc != SQLITE_OK)
                return schema_failed(db, rc, path, ret_error);

        if (id == 0 && version == 0 && objects == 0)
                return 0;
        if (id != CARDIO_DATABASE_ID || version < 1 || objects == 0)
                return store_refuse(ret_error, -EBADMSG,
                                "%s: a database of another program (application_id 0x%08x, user_version %lld), left alone; "
                                "choose another file with --database",
                                path, (unsigned)id, (long long)version);
        if (version > VERSION)
                return store_refuse(ret_error, -EBADMSG,
                                "%s: written by a newer cardiod (schema version %lld, known here up to %lld), "
                                "left alone; update cardiod",
                                path, (long long)version, (long long)VERSION);
        return 0;
}

static int migrate_steps(sqlite3 *db, int64_t version)
{
        char stamp[96];
        int rc = SQLITE_OK;

        for (; version < VERSION && rc == SQLITE_OK; version++)
                rc = sqlite3_exec(db, migrations[version], NULL, NULL, NULL);
        if (rc != SQLITE_OK)
                return rc;

        (void)snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %d",
                        CARDIO_DATABASE_ID, (int)VERSION); /* always fits */
        return sqlite3_exec(db, stamp, NULL, NULL, NULL);
}

/* Ends the transaction of store_schema_migrate(), if one was begun. */
static int migrate_end(sqlite3 *db, const char *sql)
{
        return sqlite3_get_autocommit(db) ? SQLITE_OK : sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int store_schema_migrate(
                sqlite3 *db, const char *path, StoreSettleFunc settle, void *userdata, char **ret_error)
{
        int64_t version;
        int rc, r;

        rc = query_integer(db, "PRAGMA user_version", &version);
        if (rc != SQLITE_OK)
                return schema_failed(db, rc, path, ret_error);
        if (version < VERSION) {
                /* What does not fit the cache would be written to the log, and stay there if the file is refused. */
                rc = sqlite3_exec(db, "PRAGMA cache_spill = OFF; BEGIN EXCLUSIVE", NULL, NULL, NULL);
                if (rc == SQLITE_OK)
                        rc = migrate_steps(db, version);
        }
        r = rc == SQLITE_OK ? settle(userdata, version, ret_error) : 0;
        if (rc == SQLITE_OK && r == 0)
                rc = migrate_end(db, "COMMIT");
        if (rc != SQLITE_OK)
                r = store_refuse(ret_error, store_errno(rc),
                                "%s: cannot be brought from schema version %lld to %lld: %s", path,
                                (long long)version, (long long)VERSION, sqlite3_errmsg(db));
        if (r < 0)
                (void)migrate_end(db, "ROLLBACK"); /* closing it would do the same */
        (void)sqlite3_exec(
                        db, "PRAGMA cache_spill = ON", NULL, NULL, NULL); /* cannot fail: only configures */
        return r;
}
