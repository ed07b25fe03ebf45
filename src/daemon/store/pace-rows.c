/* SPDX-License-Identifier: MIT */

/* Pace: a row for each time that a foot pod or a treadmill has said something, and the distance, the speed and the ascent of the
 * session, which are computed from these rows alone, however they came in. No clock. */

#include "store/pace-rows.h"

#include <math.h>

#include "store/errors.h"
#include "store/internal.h"

static const Sql sql_pace_insert = {
        .kept = true,
        .text = "INSERT INTO pace (session_id, t, speed, cadence, distance, incline, ascent)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
};

int store_put_pace(Store *s, int64_t session, int64_t t, const PacePoint *p)
{
        sqlite3_stmt *st = store_statement(s, &sql_pace_insert);

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, t);
        sqlite3_bind_double(st, 3, p->speed);
        sqlite3_bind_double(st, 4, p->cadence);
        sqlite3_bind_double(st, 5, p->distance);
        sqlite3_bind_double(st, 6, p->incline);
        sqlite3_bind_double(st, 7, p->ascent);
        return store_run(s, &sql_pace_insert);
}

static const Sql sql_pace_trim = {
        .text = "DELETE FROM pace WHERE session_id = ?1"
                " AND t > coalesce((SELECT max(t) FROM sample WHERE session_id = ?1), ?2)",
};

int store_trim_pace(Store *s, int64_t session, int64_t end_t)
{
        sqlite3_stmt *st = store_statement(s, &sql_pace_trim);

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, end_t);
        return store_run(s, &sql_pace_trim);
}

static const Sql sql_pace_reached = {
        .text = "SELECT max(distance), max(ascent) FROM pace WHERE session_id = ?1",
};

int store_pace_reached(Store *s, int64_t session, double *ret_distance, double *ret_ascent)
{
        sqlite3_stmt *st = store_statement(s, &sql_pace_reached);
        int rc;

        sqlite3_bind_int64(st, 1, session);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                *ret_distance = column_real(st, 0, NAN);
                *ret_ascent = column_real(st, 1, NAN);
        }
        store_reset(s, &sql_pace_reached);
        return rc == SQLITE_ROW ? 0 : store_errno(rc);
}

/* -- What they come to -- */

static const Sql sql_pace_replay = {
        .text = "SELECT t, speed, cadence, distance, incline, ascent FROM pace WHERE session_id = ?1 ORDER BY t",
};

int store_replay_pace(Store *s, int64_t session, PaceFigures *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_pace_replay);
        PaceFigures f;
        int rc;

        pace_figures_begin(&f);
        sqlite3_bind_int64(st, 1, session);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW)
                pace_figures_add(&f, sqlite3_column_int64(st, 0),
                                &(PacePoint){
                                                .speed = column_real(st, 1, NAN),
                                                .cadence = column_real(st, 2, NAN),
                                                .distance = column_real(st, 3, NAN),
                                                .incline = column_real(st, 4, NAN),
                                                .ascent = column_real(st, 5, NAN),
                                });
        store_reset(s, &sql_pace_replay);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = f;
        return 0;
}

static const Sql sql_pace_figures = {
        .kept = true,
        .text = "UPDATE session SET distance_m = ?2, avg_speed = ?3, ascent_m = ?4 WHERE id = ?1",
};

int store_put_pace_figures(Store *s, int64_t session, const PaceFigures *f)
{
        sqlite3_stmt *st = store_statement(s, &sql_pace_figures);

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_double(st, 2, pace_figures_distance(f));
        sqlite3_bind_double(st, 3, pace_figures_speed(f));
        sqlite3_bind_double(st, 4, pace_figures_ascent(f));
        return store_run(s, &sql_pace_figures);
}

/* -- Sessions of an older version -- */

static const Sql sql_pace_unknown = {
        .text = "SELECT id FROM session WHERE id > ?1 AND distance_m IS NULL"
                " AND EXISTS (SELECT 1 FROM pace WHERE session_id = session.id) ORDER BY id LIMIT 1",
};

/* The next one after this. Returns 1, 0 if there is none, or a negative errno. */
static int next_unknown(Store *s, int64_t *session)
{
        sqlite3_stmt *st = store_statement(s, &sql_pace_unknown);
        int rc;

        sqlite3_bind_int64(st, 1, *session);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                *session = sqlite3_column_int64(st, 0);
        store_reset(s, &sql_pace_unknown);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int store_figure_pace(Store *s)
{
        int64_t session = INT64_MIN;
        PaceFigures f;
        int r;

        while ((r = next_unknown(s, &session)) > 0) {
                r = store_replay_pace(s, session, &f);
                if (r == 0)
                        r = store_put_pace_figures(s, session, &f);
                if (r < 0)
                        return r;
        }
        return r;
}

const Sql *const store_sql_pace_rows[] = {
        &sql_pace_insert,
        &sql_pace_trim,
        &sql_pace_reached,
        &sql_pace_replay,
        &sql_pace_figures,
        &sql_pace_unknown,
        NULL,
};
