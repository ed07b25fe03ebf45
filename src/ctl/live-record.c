/* SPDX-License-Identifier: MIT */
/* The past of the session that is being watched, from the daemon's database. It is only there to be complete:
 * who may talk to the daemon but not read its files watches from now on, and is told nothing. */
#include "live-record.h"

#include <sqlite3.h>

#include "database.h"

/* It is read in the middle of a live view. */
#define BUSY_TIMEOUT_MS 200

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, int64_t session)
{
        sqlite3_stmt *s = NULL;

        if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
                return NULL;
        (void)sqlite3_bind_int64(s, 1, session);
        return s;
}

static void read_session(Live *l, sqlite3 *db, usec_t now_boot_usec, usec_t now_realtime_usec)
{
        _cleanup_statement_ sqlite3_stmt *s =
                        prepare(db, "SELECT started_at, tolerance FROM session WHERE id = ?1", l->session.id);

        if (!s || sqlite3_step(s) != SQLITE_ROW)
                return;
        l->session.started_usec = usec_sub(now_boot_usec,
                        usec_sub(now_realtime_usec, (usec_t)sqlite3_column_int64(s, 0) * USEC_PER_MSEC));
        if (sqlite3_column_type(s, 1) != SQLITE_NULL)
                l->session.tolerance = sqlite3_column_double(s, 1);
}

static void read_breach(Live *l, sqlite3 *db)
{
        _cleanup_statement_ sqlite3_stmt *s = prepare(db,
                        "SELECT min(t) FROM event WHERE session_id = ?1 AND type = 'over-limit' AND t > "
                        "(SELECT coalesce(max(t), -1) FROM event WHERE session_id = ?1 AND type = "
                        "'back-in-range')",
                        l->session.id);

        if (s && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
                live_put_breach(l,
                                l->session.started_usec + (usec_t)sqlite3_column_int64(s, 0) * USEC_PER_MSEC);
}

static void read_samples(Live *l, sqlite3 *db)
{
        _cleanup_statement_ sqlite3_stmt *s = prepare(db,
                        "SELECT t, smoothed FROM sample WHERE session_id = ?1 AND t > (SELECT max(t) FROM "
                        "sample WHERE session_id = ?1) - ?2 ORDER BY t",
                        l->session.id);

        if (!s || sqlite3_bind_int64(s, 2, LIVE_HISTORY_S * 1000) != SQLITE_OK)
                return;
        while (sqlite3_step(s) == SQLITE_ROW)
                live_put_past(l, sqlite3_column_double(s, 1),
                                l->session.started_usec + (usec_t)sqlite3_column_int64(s, 0) * USEC_PER_MSEC);
}

void live_record_read(Live *l, usec_t now_boot_usec, usec_t now_realtime_usec)
{
        sqlite3 *db = NULL;

        if (l->session.id == 0 || l->database_path[0] != '/')
                return;
        if (sqlite3_open_v2(l->database_path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
                                        SQLITE_OK &&
                        sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS) == SQLITE_OK) {
                read_session(l, db, now_boot_usec, now_realtime_usec);
                read_breach(l, db);
                read_samples(l, db);
        }
        (void)sqlite3_close(db);
}
