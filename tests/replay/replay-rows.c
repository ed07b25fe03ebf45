/* SPDX-License-Identifier: MIT */
/* What a stream has left in the database, as text; and what must be so of any session, whatever was sent. */

#include "replay.h"

#include <math.h>
#include <stdio.h>
#include <sqlite3.h>
#include <string.h>

/* Events of one type in a session; where there are more, those that a restless strap makes by the dozen are summed up. */
#define EVENTS_LISTED 8

typedef struct Rows {
        sqlite3 *db;
        int64_t origin_ms;
        Lines *found, *broken;
        ReplayFigures *figures;
} Rows;

typedef struct Row {
        int64_t id, started_at, ended_at;
        double live_s, over_s, longest_s, peak;
        int breaches;
        int64_t n_samples, first_t, last_t, n_distinct;
} Row;

static void statement_end(sqlite3_stmt **s)
{
        (void)sqlite3_finalize(*s);
}
#define _cleanup_statement_ _cleanup_(statement_end)

typedef struct Number {
        char text[REPLAY_NUMBER_MAX];
} Number;

#define NUMBER(value) replay_number(value, (Number){ "" }.text)
#define BROKEN(r, s, format, ...) \
        lines_add((r)->broken, "session %lld: " format, (long long)(s)->id, ##__VA_ARGS__)

static int prepare(const Rows *r, const char *sql, int64_t session, sqlite3_stmt **ret)
{
        if (sqlite3_prepare_v2(r->db, sql, -1, ret, NULL) != SQLITE_OK)
                return -EIO;
        if (sqlite3_bind_parameter_count(*ret) > 0)
                (void)sqlite3_bind_int64(*ret, 1, session);
        return 0;
}

/* One number; NAN if there is none. */
static int ask(const Rows *r, const char *sql, int64_t session, double *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int q = prepare(r, sql, session, &s);

        if (q < 0)
                return q;
        *ret = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL
                               ? sqlite3_column_double(s, 0)
                               : NAN;
        return 0;
}

/* -- What must be so -- */

static bool is_more(double a, double b)
{
        return a > b + 0.0005;
}

static void check_row(const Rows *r, const Row *s)
{
        if (is_more(s->over_s, s->live_s))
                BROKEN(r, s, "over_s %s is more than live_s %s", NUMBER(s->over_s), NUMBER(s->live_s));
        if (is_more(s->longest_s, s->over_s))
                BROKEN(r, s, "longest_breach_s %s is more than over_s %s", NUMBER(s->longest_s),
                                NUMBER(s->over_s));
        if (is_more(s->live_s, (double)(s->ended_at - s->started_at) / 1000))
                BROKEN(r, s, "live_s %s is more than its length", NUMBER(s->live_s));
        if (s->n_distinct != s->n_samples)
                BROKEN(r, s, "of %lld samples %lld have a time of their own", (long long)s->n_samples,
                                (long long)s->n_distinct);
        if (s->n_samples > 0 && (s->first_t < 0 || s->last_t != s->ended_at - s->started_at))
                BROKEN(r, s, "it has samples from %lld to %lld ms, and ended at %lld", (long long)s->first_t,
                                (long long)s->last_t, (long long)(s->ended_at - s->started_at));
}

static int check_sums(const Rows *r, const Row *s)
{
        double zones_s = NAN, lengths_s = NAN;
        int q = ask(r, "SELECT total(seconds) FROM zone_time WHERE session_id = ?1", s->id, &zones_s);

        if (q == 0)
                q = ask(r, "SELECT total(value) FROM event WHERE session_id = ?1 AND type = 'back-in-range'",
                                s->id, &lengths_s);
        if (q < 0)
                return q;
        if (is_more(fabs(zones_s - s->live_s), 0))
                BROKEN(r, s, "its zones have %s s, and live_s is %s", NUMBER(zones_s), NUMBER(s->live_s));
        if (is_more(lengths_s, s->over_s))
                BROKEN(r, s, "its breaches are %s s long in all, and over_s is %s", NUMBER(lengths_s),
                                NUMBER(s->over_s));
        return 0;
}

/* Every breach has its end, which is not before its beginning, and there are as many as the row says. */
static int check_breaches(const Rows *r, const Row *s)
{
        _cleanup_statement_ sqlite3_stmt *events = NULL;
        int q = prepare(r,
                        "SELECT t, type FROM event WHERE session_id = ?1 AND type IN ('over-limit', 'back-in-range')"
                        " ORDER BY id",
                        s->id, &events);
        int64_t last_t = 0;
        bool open = false;
        int n = 0;

        if (q < 0)
                return q;
        while (sqlite3_step(events) == SQLITE_ROW) {
                int64_t t = sqlite3_column_int64(events, 0);
                bool begins = strcmp((const char *)sqlite3_column_text(events, 1), "over-limit") == 0;

                if (begins == open)
                        BROKEN(r, s, "at %lld ms a breach %s", (long long)t,
                                        begins ? "begins within one" : "ends that did not begin");
                if (t < last_t)
                        BROKEN(r, s, "at %lld ms a breach %s before what was before", (long long)t,
                                        begins ? "begins" : "ends");
                open = begins;
                last_t = t;
                n += begins;
        }
        if (open)
                BROKEN(r, s, "its last breach does not end");
        if (n != s->breaches)
                BROKEN(r, s, "it has %d breaches, and its row says %d", n, s->breaches);
        return 0;
}

/* -- As text -- */

static int list_zones(const Rows *r, const Row *s)
{
        _cleanup_statement_ sqlite3_stmt *zones = NULL;
        char text[512] = "", *end = text;
        int q = prepare(r,
                        "SELECT zone, seconds FROM zone_time WHERE session_id = ?1 AND seconds > 0 ORDER BY zone",
                        s->id, &zones);

        if (q < 0)
                return q;
        while (sqlite3_step(zones) == SQLITE_ROW && end < text + sizeof(text) - 64)
                end += snprintf(end, 64, "%s %d: %s", end > text ? "," : "", sqlite3_column_int(zones, 0),
                                NUMBER(sqlite3_column_double(zones, 1)));
        lines_add(r->found, "  zones%s", end > text ? text : " none");
        return 0;
}

static double from_start(const Rows *r, const Row *s, int64_t t)
{
        return (double)(s->started_at - r->origin_ms + t) / 1000;
}

static int list_events(const Rows *r, const Row *s, const char *type)
{
        _cleanup_statement_ sqlite3_stmt *events = NULL;
        bool whole = strcmp(type, "over-limit") == 0 || strcmp(type, "back-in-range") == 0;
        int q = prepare(r,
                        "SELECT t, value, detail FROM event WHERE session_id = ?1 AND type = ?2 ORDER BY t, id",
                        s->id, &events);
        double n = 0;

        if (q == 0)
                q = ask(r, "SELECT count(*) FROM event WHERE session_id = ?1", s->id, &n);
        if (q < 0)
                return q;
        (void)sqlite3_bind_text(events, 2, type, -1, SQLITE_STATIC);
        for (n = 0; sqlite3_step(events) == SQLITE_ROW; n++)
                ;
        (void)sqlite3_reset(events);
        if (!whole && n > EVENTS_LISTED) {
                double sum = 0, first = NAN, last = NAN;

                while (sqlite3_step(events) == SQLITE_ROW) {
                        last = from_start(r, s, sqlite3_column_int64(events, 0));
                        first = isnan(first) ? last : first;
                        sum += sqlite3_column_double(events, 1);
                }
                lines_add(r->found, "  %s %g times from %s to %s, %s in all", type, n, NUMBER(first),
                                NUMBER(last), NUMBER(sum));
                return 0;
        }
        while (sqlite3_step(events) == SQLITE_ROW) {
                const char *detail = (const char *)sqlite3_column_text(events, 2);
                bool has_value = sqlite3_column_type(events, 1) != SQLITE_NULL;

                lines_add(r->found, "  %s at %s%s%s%s%s", type,
                                NUMBER(from_start(r, s, sqlite3_column_int64(events, 0))),
                                has_value ? ": " : "",
                                has_value ? NUMBER(sqlite3_column_double(events, 1)) : "", detail ? ", " : "",
                                detail ? detail : "");
        }
        return 0;
}

static int list_all_events(const Rows *r, const Row *s)
{
        _cleanup_statement_ sqlite3_stmt *types = NULL;
        int q = prepare(r, "SELECT type FROM event WHERE session_id = ?1 GROUP BY type ORDER BY min(t), type",
                        s->id, &types);

        while (q == 0 && sqlite3_step(types) == SQLITE_ROW)
                q = list_events(r, s, (const char *)sqlite3_column_text(types, 0));
        return q;
}

/* -- The whole -- */

static const char sessions_sql[] =
                "SELECT s.id, s.started_at, s.ended_at, s.live_s, s.avg_hr, s.min_hr, s.peak_hr, s.over_s, s.breaches,"
                " s.longest_breach_s, count(x.t), min(x.t), max(x.t), count(DISTINCT x.t),"
                " total(json_array_length(x.rr_json))"
                " FROM session AS s LEFT JOIN sample AS x ON x.session_id = s.id GROUP BY s.id ORDER BY s.id";

static const char *number_or_none(sqlite3_stmt *s, int column, char buf[static REPLAY_NUMBER_MAX])
{
        return sqlite3_column_type(s, column) == SQLITE_NULL
                               ? "none"
                               : replay_number(sqlite3_column_double(s, column), buf);
}

static int read_session(const Rows *r, sqlite3_stmt *row)
{
        char avg[REPLAY_NUMBER_MAX], min[REPLAY_NUMBER_MAX], peak[REPLAY_NUMBER_MAX];
        Row s = {
                .id = sqlite3_column_int64(row, 0),
                .started_at = sqlite3_column_int64(row, 1),
                .ended_at = sqlite3_column_int64(row, 2),
                .live_s = sqlite3_column_double(row, 3),
                .peak = sqlite3_column_type(row, 6) == SQLITE_NULL ? NAN : sqlite3_column_double(row, 6),
                .over_s = sqlite3_column_double(row, 7),
                .breaches = sqlite3_column_int(row, 8),
                .longest_s = sqlite3_column_double(row, 9),
                .n_samples = sqlite3_column_int64(row, 10),
                .first_t = sqlite3_column_int64(row, 11),
                .last_t = sqlite3_column_int64(row, 12),
                .n_distinct = sqlite3_column_int64(row, 13),
        };
        double n_rr = sqlite3_column_double(row, 14);
        char rr[REPLAY_NUMBER_MAX] = "";
        int q;

        if (n_rr > 0)
                (void)snprintf(rr, sizeof(rr), "%.0f R-R, ", n_rr);
        lines_add(r->found,
                        "session %lld from %s to %s: %lld samples, %slive %s, avg %s, min %s, peak %s, over %s, "
                        "breaches %d, longest %s",
                        (long long)s.id, NUMBER(from_start(r, &s, 0)),
                        NUMBER(from_start(r, &s, s.ended_at - s.started_at)), (long long)s.n_samples, rr,
                        NUMBER(s.live_s), number_or_none(row, 4, avg), number_or_none(row, 5, min),
                        number_or_none(row, 6, peak), NUMBER(s.over_s), s.breaches, NUMBER(s.longest_s));
        r->figures->live_s += s.live_s;
        r->figures->over_s += s.over_s;
        r->figures->breaches += (unsigned)s.breaches;
        r->figures->peak = fmax(r->figures->peak, s.peak);
        check_row(r, &s);
        q = check_sums(r, &s);
        if (q == 0)
                q = check_breaches(r, &s);
        if (q == 0)
                q = list_zones(r, &s);
        return q == 0 ? list_all_events(r, &s) : q;
}

static int open_database(const char *path, int flags, sqlite3 **ret, char **ret_error)
{
        if (sqlite3_open_v2(path, ret, flags, NULL) == SQLITE_OK)
                return 0;
        return replay_error(ret_error, "%s: %s", path, sqlite3_errmsg(*ret));
}

int replay_rows(const char *path, int64_t origin_ms, Lines *found, Lines *broken, ReplayFigures *figures,
                char **ret_error)
{
        Rows r = { .origin_ms = origin_ms, .found = found, .broken = broken, .figures = figures };
        sqlite3_stmt *sessions = NULL;
        int q;

        q = open_database(path, SQLITE_OPEN_READONLY, &r.db, ret_error);
        if (q == 0)
                q = prepare(&r, sessions_sql, 0, &sessions);
        while (q == 0 && sqlite3_step(sessions) == SQLITE_ROW)
                q = read_session(&r, sessions);
        if (q < 0 && !*ret_error)
                (void)replay_error(ret_error, "%s: %s", path, sqlite3_errmsg(r.db));
        (void)sqlite3_finalize(sessions);
        (void)sqlite3_close(r.db);
        return q;
}

int replay_rows_reopen(const char *path, char **ret_error)
{
        sqlite3 *db = NULL;
        int q = open_database(path, SQLITE_OPEN_READWRITE, &db, ret_error);

        if (q == 0 && sqlite3_exec(db,
                                      "DELETE FROM zone_time;"
                                      "UPDATE session SET ended_at = NULL, live_s = 0, avg_hr = NULL, min_hr = NULL,"
                                      " peak_hr = NULL, over_s = 0, breaches = 0, longest_breach_s = 0"
                                      " WHERE id IN (SELECT session_id FROM sample)",
                                      NULL, NULL, NULL) != SQLITE_OK)
                q = replay_error(ret_error, "%s: %s", path, sqlite3_errmsg(db));
        (void)sqlite3_close(db);
        return q;
}
