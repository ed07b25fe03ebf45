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
        live_put_start(l, l->session.id,
                        usec_sub(now_boot_usec,
                                        usec_sub(now_realtime_usec,
                                                        (usec_t)sqlite3_column_int64(s, 0) * USEC_PER_MSEC)));
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

static usec_t time_of(const Live *l, int64_t t)
{
        return l->session.started_usec + (usec_t)(t > 0 ? t : 0) * USEC_PER_MSEC;
}

/* The ceilings in force, one after the other: the session's row has the first, and its events have the others. */
static sqlite3_stmt *prepare_ceilings(sqlite3 *db, int64_t session)
{
        return prepare(db,
                        "SELECT -1, ceiling FROM session WHERE id = ?1 UNION ALL "
                        "SELECT t, value FROM event WHERE session_id = ?1 AND type = 'ceiling' ORDER BY 1",
                        session);
}

/* Takes those that have begun until then; the next one waits in the statement. */
static double ceiling_at(sqlite3_stmt *ceilings, bool *waits, int64_t t, double ceiling)
{
        while (*waits && sqlite3_column_int64(ceilings, 0) <= t) {
                ceiling = sqlite3_column_double(ceilings, 1); /* NULL is 0, which is none */
                *waits = sqlite3_step(ceilings) == SQLITE_ROW;
        }
        return ceiling;
}

/* The heart rates of the last hour, and of the whole breach, and some before that from which the first credits of the breach
 * follow; or all of them. */
static void read_samples(Live *l, sqlite3 *db, bool whole, int64_t breach_t)
{
        _cleanup_statement_ sqlite3_stmt *s = prepare(db,
                        "SELECT t, smoothed, zone FROM sample WHERE session_id = ?1 "
                        "AND t > min((SELECT max(t) FROM sample WHERE session_id = ?1) - ?2, ?3, ?4) ORDER BY t",
                        l->session.id);
        _cleanup_statement_ sqlite3_stmt *ceilings = prepare_ceilings(db, l->session.id);
        double above = l->ceiling + l->session.tolerance, ceiling = l->ceiling;
        bool waits = ceilings && sqlite3_step(ceilings) == SQLITE_ROW;
        Length length = { 0 };
        Credit credit = { 0 };

        if (!s || sqlite3_bind_int64(s, 2, LIVE_HISTORY_S * 1000) != SQLITE_OK ||
                        sqlite3_bind_int64(s, 3, breach_t < 0 ? INT64_MAX : breach_t - BEFORE_BREACH_MS) !=
                                        SQLITE_OK ||
                        sqlite3_bind_int64(s, 4, whole ? -1 : INT64_MAX) != SQLITE_OK)
                return;
        while (sqlite3_step(s) == SQLITE_ROW) {
                int64_t t = sqlite3_column_int64(s, 0);
                double smoothed = sqlite3_column_double(s, 1);
                usec_t at_usec = time_of(l, t);
                usec_t credit_usec = credit_push(&credit, at_usec);

                if (breach_t >= 0 && t >= breach_t)
                        add_length(&length, smoothed > above, credit_usec);
                if (breach_t >= 0 && t >= breach_t && smoothed > above)
                        live_trace_breach(l, time_of(l, breach_t), at_usec);
                ceiling = ceiling_at(ceilings, &waits, t, ceiling);
                live_put_past(l, smoothed, at_usec);
                trace_put(&l->trace, at_usec, smoothed, (uint8_t)sqlite3_column_int(s, 2), ceiling);
        }
        live_put_credit(l, &credit);
        if (breach_t >= 0)
                live_put_breach(l, length.s, false);
        else if (!l->session.breach_signalled)
                live_end_breach(l);
}

/* What else happened: breaches that have ended, and marks. */
static void read_flags(Live *l, sqlite3 *db)
{
        _cleanup_statement_ sqlite3_stmt *s = prepare(db,
                        "SELECT began_t, ended_t, 0 FROM breach WHERE session_id = ?1 AND ended_t IS NOT NULL "
                        "UNION ALL SELECT t, t, 1 FROM event WHERE session_id = ?1 AND type = 'mark'",
                        l->session.id);

        while (s && sqlite3_step(s) == SQLITE_ROW)
                trace_flag(&l->trace, time_of(l, sqlite3_column_int64(s, 0)),
                                time_of(l, sqlite3_column_int64(s, 1)),
                                sqlite3_column_int(s, 2) != 0 ? TRACE_MARK : TRACE_BREACH);
}

void live_record_read(Live *l, bool whole, usec_t now_boot_usec, usec_t now_realtime_usec)
{
        sqlite3 *db = NULL;

        if (l->session.id == 0 || l->database_path[0] != '/')
                return;
        if (sqlite3_open_v2(l->database_path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
                                        SQLITE_OK &&
                        sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS) == SQLITE_OK) {
                read_session(l, db, now_boot_usec, now_realtime_usec);
                read_samples(l, db, whole, read_breach(l, db));
                if (whole)
                        read_flags(l, db);
        }
        (void)sqlite3_close(db);
}
