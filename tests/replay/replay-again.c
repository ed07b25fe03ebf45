/* SPDX-License-Identifier: MIT */
/* The sessions that a stream has left, replayed from their raw rows: what was heard goes through a core of its own, as what
 * is imported or edited does, and has to come to the very rows that were recorded. The rows before are in one database, those
 * of the replay are put beside them as sessions of other ids. */

#include "replay.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/manager/replay.h"
#include "daemon/store/internal.h"

/* Ids of the replayed ones are so much higher. */
#define ID_STEP 1000
/* What was longer ago cannot be handed over. No window reaches as far, but the last zone does. */
#define BEFORE_MS INT64_C(43200000)

typedef struct Again {
        Store *store;
        const Config *config;
        const ReplayHeard *heard;
        size_t n_heard;
        Lines *broken;
} Again;

static void statement_end(sqlite3_stmt **s)
{
        (void)sqlite3_finalize(*s);
}
#define _cleanup_statement_ _cleanup_(statement_end)

static int prepare(const Again *a, const char *sql, int64_t session, sqlite3_stmt **ret)
{
        if (sqlite3_prepare_v2(a->store->db, sql, -1, ret, NULL) != SQLITE_OK)
                return -EIO;
        (void)sqlite3_bind_int64(*ret, 1, session);
        return 0;
}

static int read_head(const Again *a, int64_t session, SessionReplayHead *ret, int64_t *ret_started_at)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r = prepare(a,
                        "SELECT resting_hr, max_hr, ceiling, tolerance, started_at FROM session WHERE id = ?1",
                        session, &s);

        if (r < 0 || sqlite3_step(s) != SQLITE_ROW)
                return -EIO;
        ret->runner = config_runner(a->config, (Date){ .year = 2026, .month = 5, .day = 17 });
        ret->runner.resting = sqlite3_column_double(s, 0);
        ret->runner.maximum = sqlite3_column_double(s, 1);
        ret->ceiling = sqlite3_column_type(s, 2) == SQLITE_NULL ? NAN : sqlite3_column_double(s, 2);
        ret->tolerance = sqlite3_column_double(s, 3);
        *ret_started_at = sqlite3_column_int64(s, 4);
        ret->zones = config_engine(a->config, &ret->runner).zones;
        return 0;
}

/* [a,b,…] */
static size_t read_rr(const char *json, uint16_t rr[static MEASUREMENT_RR_MAX])
{
        size_t n = 0;
        unsigned value;
        int used;

        while (json && n < MEASUREMENT_RR_MAX && sscanf(json, "%*1[[,]%u%n", &value, &used) == 1) {
                rr[n++] = (uint16_t)value;
                json += used;
        }
        return n;
}

/* Ceilings apply to the heart rate at their t. */
static void feed_ceilings(sqlite3_stmt *s, int *rc, int64_t t, SessionReplay *p)
{
        while (*rc == SQLITE_ROW && sqlite3_column_int64(s, 0) <= t) {
                session_replay_ceiling(p, sqlite3_column_int64(s, 0),
                                sqlite3_column_type(s, 1) == SQLITE_NULL ? NAN : sqlite3_column_double(s, 1),
                                (const char *)sqlite3_column_text(s, 2));
                *rc = sqlite3_step(s);
        }
}

/* What its strap had sent before it began. */
static int feed_before(const Again *a, int64_t started_at, SessionReplay *p)
{
        static const uint16_t rr = 1000; /* there was one: the strap is not frozen */
        size_t first = 0;
        int r = 0;

        while (first < a->n_heard && a->heard[first].at_ms != started_at)
                first++;
        for (size_t i = 0; i < first && first < a->n_heard && r == 0; i++)
                if (a->heard[i].sensor == a->heard[first].sensor &&
                                started_at - a->heard[i].at_ms <= BEFORE_MS)
                        r = session_replay_heart_rate(p, a->heard[i].at_ms - started_at,
                                        a->heard[i].heart_rate, CONTACT_YES, &rr, a->heard[i].has_rr);
        return r;
}

static int feed(const Again *a, int64_t session, SessionReplay *p)
{
        _cleanup_statement_ sqlite3_stmt *samples = NULL, *ceilings = NULL;
        uint16_t rr[MEASUREMENT_RR_MAX];
        int rc, r = prepare(a, "SELECT t, heart_rate, contact, rr_json FROM sample WHERE session_id = ?1 ORDER BY t",
                                session, &samples);

        if (r == 0)
                r = prepare(a, "SELECT t, value, detail FROM event WHERE session_id = ?1 AND type = 'ceiling' ORDER BY t",
                                session, &ceilings);
        if (r < 0)
                return r;
        rc = sqlite3_step(ceilings);
        while (r == 0 && sqlite3_step(samples) == SQLITE_ROW) {
                int64_t t = sqlite3_column_int64(samples, 0);
                size_t n = read_rr((const char *)sqlite3_column_text(samples, 3), rr);

                feed_ceilings(ceilings, &rc, t, p);
                r = session_replay_heart_rate(p, t, (uint16_t)sqlite3_column_int(samples, 1),
                                sqlite3_column_int(samples, 2), rr, n);
        }
        feed_ceilings(ceilings, &rc, INT64_MAX, p);
        return r;
}

static int run(const Again *a, const char *sql, int64_t session)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r = prepare(a, sql, session, &s);

        if (r == 0 && sqlite3_step(s) != SQLITE_DONE)
                r = -EIO;
        return r;
}

static int replay_one(const Again *a, int64_t session)
{
        _cleanup_(session_replay_freep) SessionReplay *p = NULL;
        _cleanup_(session_writer_freep) SessionWriter *w = NULL;
        SessionReplayHead head;
        int64_t started_at;
        int r = read_head(a, session, &head, &started_at);

        if (r == 0)
                r = session_replay_begin(a->store, a->config, &head, &p);
        if (r == 0)
                r = feed_before(a, started_at, p);
        if (r == 0)
                r = feed(a, session, p);
        if (r == 0)
                r = session_replay_end(p, &w);
        if (r == 0)
                r = transaction_begin(a->store);
        if (r == 0)
                r = run(a,
                                "INSERT INTO session (id, source, kind, started_at, utc_offset_s, resting_hr, max_hr, sex,"
                                " ceiling, tolerance, day_kind)"
                                " SELECT id + 1000, 'import', kind, started_at, utc_offset_s, resting_hr, max_hr, sex,"
                                " ceiling, tolerance, day_kind FROM session WHERE id = ?1",
                                session);
        if (r == 0)
                r = session_writer_apply(a->store, w, session + ID_STEP);
        if (r == 0)
                r = transaction_commit(a->store);
        else
                transaction_rollback(a->store);
        return r;
}

/* What one of the two has and the other has not. */
static const struct {
        const char *what, *sql;
} differences[] = {
#define DIFFER(columns, table, and)                                                                   \
        "SELECT count(*), group_concat(x, ' ; ') FROM (SELECT * FROM ("                               \
        "SELECT " columns " AS x FROM " table " WHERE session_id = ?1 " and                           \
                        " EXCEPT SELECT " columns " FROM " table " WHERE session_id = ?1 + 1000 " and \
                        ") UNION ALL SELECT '+' || x FROM (SELECT " columns " AS x FROM " table       \
                        " WHERE session_id = ?1 + 1000 " and                                          \
                        " EXCEPT SELECT " columns " FROM " table " WHERE session_id = ?1 " and "))"
        { "samples", DIFFER("t || ': ' || heart_rate || ' ' || smoothed || ' ' || zone || ' ' || settled || ' ' || contact"
                            " || ' ' || coalesce(rr_json, '-')",
                                     "sample", "") },
        { "events", DIFFER("t || ': ' || type || ' ' || coalesce(value, '-') || ' ' || coalesce(detail, '-')",
                                    "event",
                                    "AND type IN ('over-limit', 'back-in-range', 'gap', 'zone', 'ceiling')") },
        { "zones", DIFFER("zone || ': ' || seconds", "zone_time", "") },
        { "figures", "SELECT count(*), group_concat(x, ' ; ') FROM (SELECT DISTINCT live_s || ' ' || avg_hr || ' ' ||"
                     " coalesce(min_hr, '-') || ' ' || coalesce(peak_hr, '-') || ' ' || over_s || ' ' || breaches || ' ' ||"
                     " longest_breach_s || ' ' || coalesce(trimp, '-') || ' ' || record_kind || ' ' ||"
                     " (ended_at - started_at) AS x FROM session WHERE id IN (?1, ?1 + 1000)) HAVING count(*) > 1" },
};

static int compare(const Again *a, int64_t session)
{
        for (size_t i = 0; i < ELEMENTSOF(differences); i++) {
                _cleanup_statement_ sqlite3_stmt *s = NULL;

                if (prepare(a, differences[i].sql, session, &s) < 0)
                        return -EIO;
                if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) > 0)
                        lines_add(a->broken, "session %lld replayed from its rows has other %s: %.600s",
                                        (long long)session, differences[i].what,
                                        (const char *)sqlite3_column_text(s, 1));
        }
        return 0;
}

int replay_again(const char *path, const Config *config, const ReplayHeard *heard, size_t n_heard,
                Lines *broken, char **ret_error)
{
        _cleanup_(store_closep) Store *store = NULL;
        Again a = { .config = config, .heard = heard, .n_heard = n_heard, .broken = broken };
        int64_t session[64];
        size_t n = 0;
        int r = store_open(path, true, &store, ret_error);

        if (r < 0)
                return r;
        a.store = store;
        {
                _cleanup_statement_ sqlite3_stmt *s = NULL;

                /* Where it went over to another strap, what that had sent before is not known. */
                r = prepare(&a,
                                "SELECT id FROM session WHERE id > ?1 AND id NOT IN (SELECT session_id FROM event"
                                " WHERE type = 'strap') ORDER BY id",
                                0, &s);
                while (r == 0 && n < ELEMENTSOF(session) && sqlite3_step(s) == SQLITE_ROW)
                        session[n++] = sqlite3_column_int64(s, 0);
        }
        for (size_t i = 0; i < n && r == 0; i++) {
                r = replay_one(&a, session[i]);
                if (r == 0)
                        r = compare(&a, session[i]);
        }
        return r < 0 ? replay_error(ret_error, "the rows cannot be replayed: %s", strerror(-r)) : 0;
}
