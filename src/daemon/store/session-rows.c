/* SPDX-License-Identifier: MIT */

/* The rows of a session: its events, its figures, and closing it. Stored rows are fed through the same code as what is being
 * recorded (figures.c), so that both get the same figures. All of it happens inside a transaction that the caller has begun,
 * and rolls back if anything here fails. No clock. */

#include "store/session-rows.h"

#include <math.h>

#include "store/beats.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/kind.h"
#include "store/pace-rows.h"

/* What an edit keeps has its ids still. */
static const Sql sql_event_insert = {
        .kept = true,
        .text = "INSERT INTO event (id, session_id, t, type, value, detail)"
                " VALUES (1 + max(coalesce((SELECT max(id) FROM event), 0),"
                " coalesce((SELECT max(id) FROM kept_event), 0)), ?1, ?2, ?3, ?4, ?5)",
};

int store_put_event(Store *s, int64_t session, int64_t t, SessionEvent type, double value, const char *detail)
{
        sqlite3_stmt *st = store_statement(s, &sql_event_insert);

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, t);
        bind_text(st, 3, session_event_to_string(type));
        sqlite3_bind_double(st, 4, value);
        bind_text(st, 5, detail);
        return store_run(s, &sql_event_insert);
}

static const Sql sql_session_figures = {
        .kept = true,
        .text = "UPDATE session"
                " SET live_s = ?2, avg_hr = ?3, min_hr = ?4, peak_hr = ?5, over_s = ?6, breaches = ?7,"
                " longest_breach_s = ?8, trimp = ?9, hard_s = ?10, easy_s = ?11 WHERE id = ?1",
};

static const Sql sql_zone_clear = {
        .kept = true,
        .text = "DELETE FROM zone_time WHERE session_id = ?1",
};

static const Sql sql_zone_insert = {
        .kept = true,
        .text = "INSERT INTO zone_time (session_id, zone, seconds) VALUES (?1, ?2, ?3)",
};

int figures_write(Store *s, int64_t session, const Figures *f)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_figures);
        const Tally *tally = &f->tally;
        int r;

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_double(st, 2, (double)tally->live_ms / 1000);
        sqlite3_bind_double(st, 3, tally_average(tally));
        sqlite3_bind_double(st, 4, tally->min_hr);
        sqlite3_bind_double(st, 5, tally->peak_hr);
        sqlite3_bind_double(st, 6, (double)tally->over_ms / 1000);
        sqlite3_bind_int64(st, 7, f->breaches);
        sqlite3_bind_double(st, 8, f->longest_breach_s);
        if (tally_has_trimp(tally)) {
                sqlite3_bind_double(st, 9, tally_trimp(tally));
                sqlite3_bind_double(st, 10, (double)tally->hard_ms / 1000);
                sqlite3_bind_double(st, 11, (double)tally->easy_ms / 1000);
        }
        r = store_run(s, &sql_session_figures);
        if (r == 0)
                r = store_put_pace_figures(s, session, &f->pace);
        if (r < 0)
                return r;

        r = store_run_for(s, &sql_zone_clear, session);
        st = store_statement(s, &sql_zone_insert);
        for (int zone = 0; zone <= (int)ZONES_MAX && r == 0; zone++) {
                if (tally->zone_ms[zone] == 0)
                        continue;
                sqlite3_bind_int64(st, 1, session);
                sqlite3_bind_int(st, 2, zone);
                sqlite3_bind_double(st, 3, (double)tally->zone_ms[zone] / 1000);
                r = store_run(s, &sql_zone_insert);
        }
        return r;
}

static const Sql sql_session_head = {
        .text = "SELECT resting_hr, max_hr, sex, tolerance, ceiling FROM session WHERE id = ?1",
};

int store_session_head(Store *s, int64_t session, Figures *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_head);
        const char *sex;
        Runner runner = { 0 };
        int rc;

        sqlite3_bind_int64(st, 1, session);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                runner.resting = column_real(st, 0, 0);
                runner.maximum = column_real(st, 1, 0);
                sex = (const char *)sqlite3_column_text(st, 2);
                runner.sex = sex ? sex_from_string(sex) : SEX_UNSPECIFIED;
                if (runner.sex < 0)
                        runner.sex = SEX_UNSPECIFIED;
                figures_begin(ret, &runner, column_real(st, 3, 0), column_real(st, 4, NAN));
        }
        store_reset(s, &sql_session_head);
        return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
}

/* Feeds the events up to t and stops at the first later one. *rc is the result of the statement's last step. */
static void replay_events(sqlite3_stmt *events, int *rc, int64_t t, Figures *f)
{
        while (*rc == SQLITE_ROW && sqlite3_column_int64(events, 0) <= t) {
                const char *name = (const char *)sqlite3_column_text(events, 1);
                SessionEvent type = name ? session_event_from_string(name) : _SESSION_EVENT_INVALID;
                int64_t at = sqlite3_column_int64(events, 0);

                if (at < 0) {
                        *rc = SQLITE_CORRUPT;
                        return;
                }
                if (type >= 0)
                        figures_event(f, at, type, column_real(events, 2, NAN));
                *rc = sqlite3_step(events);
        }
}

/* The schema guarantees it; only a damaged file can differ. */
static bool sample_is_possible(sqlite3_stmt *samples, const Figures *f)
{
        int64_t t = sqlite3_column_int64(samples, 0), heart_rate = sqlite3_column_int64(samples, 1),
                zone = sqlite3_column_int64(samples, 3);

        return t >= 0 && (!f->tally.started || t > f->tally.last_t) && heart_rate >= HEART_RATE_MIN &&
               heart_rate <= HEART_RATE_MAX && zone >= 0 && zone <= ZONES_MAX;
}

static int replay_rows(sqlite3_stmt *samples, sqlite3_stmt *events, Figures *f)
{
        int sample_rc, event_rc;

        event_rc = sqlite3_step(events);
        while ((sample_rc = sqlite3_step(samples)) == SQLITE_ROW) {
                int64_t t = sqlite3_column_int64(samples, 0);

                replay_events(events, &event_rc, t, f);
                if (!sample_is_possible(samples, f))
                        return SQLITE_CORRUPT;
                figures_sample(f, t, (uint16_t)sqlite3_column_int(samples, 1),
                                sqlite3_column_double(samples, 2), (unsigned)sqlite3_column_int(samples, 3),
                                sqlite3_column_int(samples, 4));
        }
        replay_events(events, &event_rc, INT64_MAX, f);
        return sample_rc != SQLITE_DONE ? sample_rc : event_rc;
}

static const Sql sql_sample_replay = {
        .text = "SELECT t, heart_rate, smoothed, zone, settled FROM sample WHERE session_id = ?1 ORDER BY t",
};

static const Sql sql_event_replay = {
        .text = "SELECT t, type, value FROM event WHERE session_id = ?1 ORDER BY t, id",
};

int store_replay(Store *s, int64_t session, Figures *ret)
{
        Figures f;
        int r, rc;

        r = store_session_head(s, session, &f);
        if (r < 0)
                return r;

        sqlite3_bind_int64(store_statement(s, &sql_sample_replay), 1, session);
        sqlite3_bind_int64(store_statement(s, &sql_event_replay), 1, session);
        rc = replay_rows(store_statement(s, &sql_sample_replay), store_statement(s, &sql_event_replay), &f);
        store_reset(s, &sql_sample_replay);
        store_reset(s, &sql_event_replay);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        r = store_replay_pace(s, session, &f.pace);
        if (r == 0)
                *ret = f;
        return r;
}

static const Sql sql_sample_trim = {
        .text = "DELETE FROM sample WHERE session_id = ?1 AND t > ?2",
};

/* A gap is stored at the heart rate before it: after the last one kept there is none. What no other daemon would find out anew
 * stays in a session that may go on. */
static const Sql sql_event_trim = {
        .text = "DELETE FROM event WHERE session_id = ?1 AND (t > ?2 OR (t = ?2 AND type = 'gap'))"
                " AND NOT (?3 AND type IN ('mark', 'step'))",
};

int store_trim_events(Store *s, int64_t session, int64_t end_t, bool resumable)
{
        sqlite3_stmt *st = store_statement(s, &sql_event_trim);

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, end_t);
        sqlite3_bind_int(st, 3, resumable);
        return store_run(s, &sql_event_trim);
}

static int session_trim(Store *s, int64_t session, int64_t end_t, bool resumable)
{
        sqlite3_stmt *st = store_statement(s, &sql_sample_trim);
        int r;

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, end_t);
        r = store_run(s, &sql_sample_trim);
        if (r == 0)
                r = store_trim_pace(s, session, end_t);
        return r < 0 ? r : store_trim_events(s, session, end_t, resumable);
}

static const Sql sql_session_close = {
        .text = "UPDATE session SET ended_at = started_at + ?2, resumable = ?3 WHERE id = ?1",
};

/* The end of a breach is missing after a crash, or was later than what is kept. */
static int close_breaches(Store *s, int64_t session, Figures *f)
{
        int64_t ended_t = 0, pace_ended_t = 0;
        double breach_s = figures_open_breach(f, &ended_t),
               speed = figures_open_pace_breach(f, &pace_ended_t);
        int r = 0;

        if (!isnan(breach_s)) {
                r = store_put_event(s, session, ended_t, SESSION_EVENT_BACK_IN_RANGE, breach_s, NULL);
                figures_event(f, ended_t, SESSION_EVENT_BACK_IN_RANGE, breach_s);
        }
        if (!isnan(speed) && r == 0)
                r = store_put_event(s, session, pace_ended_t, SESSION_EVENT_PACE_IN_RANGE, speed, NULL);
        return r;
}

int store_close_session(Store *s, int64_t session, int64_t end_t, bool resumable)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_close);
        Figures f;
        int r;

        r = session_trim(s, session, end_t, resumable);
        if (r == 0)
                r = store_replay(s, session, &f);
        if (r < 0)
                return r;

        if (f.tally.started)
                end_t = f.tally.last_t;

        r = close_breaches(s, session, &f);
        if (r == 0)
                r = figures_write(s, session, &f);
        if (r < 0)
                return r;
        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, end_t);
        sqlite3_bind_int(st, 3, resumable);
        r = store_run(s, &sql_session_close);
        if (r == 0)
                r = store_analyse_session(s, session, &f.tally.runner);
        if (r == -ENOMEM)
                r = 0;
        return r < 0 ? r : store_judge_session(s, session);
}

static const Sql sql_session_delete = {
        .text = "DELETE FROM session WHERE id = ?1",
};

int store_remove_session(Store *s, int64_t session)
{
        return store_run_for(s, &sql_session_delete, session);
}

const Sql *const store_sql_session_rows[] = {
        &sql_event_insert,
        &sql_session_figures,
        &sql_zone_clear,
        &sql_zone_insert,
        &sql_session_head,
        &sql_sample_replay,
        &sql_event_replay,
        &sql_sample_trim,
        &sql_event_trim,
        &sql_session_close,
        &sql_session_delete,
        NULL,
};
