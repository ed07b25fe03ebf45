/* SPDX-License-Identifier: MIT */
/* The past of the watched session, from the daemon's database. It is optional: whoever may talk to the daemon but not read
 * its files watches from now on, without an error. Times are passed in. */
#include "watch/live-record.h"

#include <sqlite3.h>
#include <string.h>

#include "cardio/credit.h"
#include "database.h"

/* A short time-out, since the live view waits. */
#define BUSY_TIMEOUT_MS 200
/* More than ten of the longest intervals between heart rates that still count. */
#define BEFORE_BREACH_MS (10 * 60 * 1000)

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

/* When the current breach began, in ms, -1 if there is none. */
static int64_t read_breach(const Live *l, sqlite3 *db)
{
        /* Both events may have the time of one heart rate; the breach that ended with it began first. */
        _cleanup_statement_ sqlite3_stmt *s = prepare(db,
                        "SELECT type, t FROM event WHERE session_id = ?1 AND type IN ('over-limit', 'back-in-range') "
                        "ORDER BY t DESC, id DESC LIMIT 1",
                        l->session.id);

        if (!s || sqlite3_step(s) != SQLITE_ROW ||
                        strcmp((const char *)sqlite3_column_text(s, 0), "over-limit") != 0)
                return -1;
        return sqlite3_column_int64(s, 1);
}

/* The length of a breach, the sum of its heart rates' credits. */
typedef struct Length {
        bool over;
        double s, since_s; /* up to the last one above; since then */
} Length;

static void add_length(Length *length, bool over, usec_t credit_usec)
{
        if (length->over)
                length->since_s += (double)credit_usec / (double)USEC_PER_SEC;
        length->over = over;
        if (over) {
                length->s += length->since_s;
                length->since_s = 0;
        }
}

/* The heart rates of the last hour, and of the whole breach, and some before that from which the first credits of the breach
 * follow. */
static void read_samples(Live *l, sqlite3 *db, int64_t breach_t)
{
        _cleanup_statement_ sqlite3_stmt *s = prepare(db,
                        "SELECT t, smoothed FROM sample WHERE session_id = ?1 "
                        "AND t > min((SELECT max(t) FROM sample WHERE session_id = ?1) - ?2, ?3) ORDER BY t",
                        l->session.id);
        double above = l->ceiling + l->session.tolerance;
        Length length = { 0 };
        Credit credit = { 0 };

        if (!s || sqlite3_bind_int64(s, 2, LIVE_HISTORY_S * 1000) != SQLITE_OK ||
                        sqlite3_bind_int64(s, 3, breach_t < 0 ? INT64_MAX : breach_t - BEFORE_BREACH_MS) !=
                                        SQLITE_OK)
                return;
        while (sqlite3_step(s) == SQLITE_ROW) {
                int64_t t = sqlite3_column_int64(s, 0);
                double smoothed = sqlite3_column_double(s, 1);
                usec_t at_usec = l->session.started_usec + (usec_t)t * USEC_PER_MSEC;
                usec_t credit_usec = credit_push(&credit, at_usec);

                if (breach_t >= 0 && t >= breach_t)
                        add_length(&length, smoothed > above, credit_usec);
                live_put_past(l, smoothed, at_usec);
        }
        live_put_credit(l, &credit);
        if (breach_t >= 0)
                live_put_breach(l, length.s, false);
        else if (!l->session.breach_signalled)
                live_end_breach(l);
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
                read_samples(l, db, read_breach(l, db));
        }
        (void)sqlite3_close(db);
}
