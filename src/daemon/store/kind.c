/* SPDX-License-Identifier: MIT */

/* What kind of run a session was by its record. The core decides that once, when the session is closed, from its figures and
 * the lengths of the runs before it. What the runner says, and whether there was a race on its date, is kept apart: both may
 * change any day, so a view combines the three. No clock. */

#include "store/kind.h"

#include <math.h>

#include "cardio/kind.h"
#include "store/errors.h"
#include "store/internal.h"

/* A session is compared with this many runs at most. */
#define RUNS_MAX 256

#define MS_PER_DAY (INT64_C(24) * 3600 * 1000)

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

static const Sql sql_record = {
        .text = "SELECT (ended_at - started_at) / 1000.0, live_s, coalesce(hard_s, 0), coalesce(easy_s, 0),"
                " started_at FROM session WHERE id = ?1 AND ended_at IS NOT NULL",
};

/* Reads the record of a closed session. Returns 0, -ENOENT if there is none, or a negative errno. */
static int get_record(Store *s, int64_t session, SessionRecord *ret, int64_t *ret_started_at)
{
        sqlite3_stmt *st = store_statement(s, &sql_record);
        int rc;

        sqlite3_bind_int64(st, 1, session);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                *ret = (SessionRecord){
                        .duration_s = sqlite3_column_double(st, 0),
                        .live_s = sqlite3_column_double(st, 1),
                        .hard_s = sqlite3_column_double(st, 2),
                        .easy_s = sqlite3_column_double(st, 3),
                };
                *ret_started_at = sqlite3_column_int64(st, 4);
        }
        store_reset(s, &sql_record);
        return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
}

/* ?1 is a session, ?2 its start. The bound on started_at lets the index skip most rows; the dates decide. */
static const Sql sql_runs_before = {
        .text = "SELECT (s.ended_at - s.started_at) / 1000.0"
                " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                " WHERE s.started_at BETWEEN ?2 - ?3 - 172800000 AND ?2 AND s.id <> ?1"
                " AND s.ended_at IS NOT NULL AND d.local_date > (SELECT date(local_date, ?4)"
                " FROM session_days WHERE id = ?1) AND d.kind IN ('base', 'long', 'hard')"
                " AND s.ended_at - s.started_at >= ?5 ORDER BY s.started_at DESC LIMIT ?6",
};

/* The median length of the base, long and hard runs before a session, and their number; NAN and 0 if there were none. */
static int get_median(Store *s, int64_t session, int64_t started_at, double *ret, size_t *ret_n)
{
        sqlite3_stmt *st = store_statement(s, &sql_runs_before);
        double length[RUNS_MAX];
        size_t n = 0;
        int rc;

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, started_at);
        sqlite3_bind_int64(st, 3, KIND_HISTORY_DAYS * MS_PER_DAY);
        bind_text(st, 4, "-" STRING(KIND_HISTORY_DAYS) " days");
        sqlite3_bind_double(st, 5, KIND_SAY_FROM_S * 1000);
        sqlite3_bind_int(st, 6, RUNS_MAX);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW && n < RUNS_MAX)
                length[n++] = sqlite3_column_double(st, 0);
        store_reset(s, &sql_runs_before);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = median_of(length, n);
        *ret_n = n;
        return 0;
}

static const Sql sql_record_kind = {
        .text = "UPDATE session SET record_kind = ?2, record_long = ?3 WHERE id = ?1",
};

int store_judge_session(Store *s, int64_t session)
{
        sqlite3_stmt *st = store_statement(s, &sql_record_kind);
        SessionRecord record;
        int64_t started_at = 0;
        double median_s = NAN;
        size_t n = 0;
        int r;

        r = get_record(s, session, &record, &started_at);
        if (r == 0)
                r = get_median(s, session, started_at, &median_s, &n);
        if (r < 0)
                return r;
        sqlite3_bind_int64(st, 1, session);
        bind_text(st, 2, kind_to_string(kind_by_record(&record, median_s, n)));
        sqlite3_bind_int(st, 3, kind_was_long(&record, median_s, n));
        return store_run(s, &sql_record_kind);
}

/* ?1 is a session, ?2 and ?3 the start and id of the one before; a day more than they are compared over. */
static const Sql sql_judged_after = {
        .text = "SELECT id, started_at FROM session WHERE (started_at, id) > (?2, ?3) AND id <> ?1"
                " AND started_at <= (SELECT started_at FROM session WHERE id = ?1) + ?4"
                " AND record_kind IS NOT NULL ORDER BY started_at, id LIMIT 1",
};

/* Returns 1, 0 if there is none left, or a negative errno. */
static int next_judged(Store *s, int64_t session, int64_t *started_at, int64_t *id)
{
        sqlite3_stmt *st = store_statement(s, &sql_judged_after);
        int rc;

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, *started_at);
        sqlite3_bind_int64(st, 3, *id);
        sqlite3_bind_int64(st, 4, (KIND_HISTORY_DAYS + 1) * MS_PER_DAY);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                *id = sqlite3_column_int64(st, 0);
                *started_at = sqlite3_column_int64(st, 1);
        }
        store_reset(s, &sql_judged_after);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int store_judge_after(Store *s, int64_t session)
{
        int64_t started_at, id = session;
        SessionRecord record;
        int r = get_record(s, session, &record, &started_at);

        while (r == 0 && (r = next_judged(s, session, &started_at, &id)) > 0)
                r = store_judge_session(s, id);
        return r;
}

static const Sql sql_unjudged = {
        .text = "SELECT id FROM session WHERE ended_at IS NOT NULL AND record_kind IS NULL"
                " ORDER BY started_at, id LIMIT 1",
};

/* The oldest closed session without a kind. Returns 1, 0 if there is none, or a negative errno. */
static int next_unjudged(Store *s, int64_t *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_unjudged);
        int rc = sqlite3_step(st);

        if (rc == SQLITE_ROW)
                *ret = sqlite3_column_int64(st, 0);
        store_reset(s, &sql_unjudged);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int store_judge_all(Store *s)
{
        bool own = sqlite3_get_autocommit(s->db);
        int64_t session;
        int r, found;

        found = next_unjudged(s, &session);
        if (found <= 0)
                return found;

        r = own ? transaction_begin(s) : 0;
        for (; r == 0 && found > 0; found = r < 0 ? r : next_unjudged(s, &session))
                r = store_judge_session(s, session);
        if (r == 0)
                r = found < 0 ? found : own ? transaction_commit(s) : 0;
        if (r < 0 && own)
                transaction_rollback(s);
        return r;
}

const Sql *const store_sql_kind[] = {
        &sql_record,
        &sql_runs_before,
        &sql_record_kind,
        &sql_judged_after,
        &sql_unjudged,
        NULL,
};
