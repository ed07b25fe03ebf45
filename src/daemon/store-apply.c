/* SPDX-License-Identifier: MIT */

/* Every statement the daemon runs while recording, and the way from the queue to the rows. All of it happens
 * inside a transaction that the caller opened and will roll back if anything here fails. No clock.
 *
 * Statements that every commit uses are prepared once. Binding cannot fail here: indexes are fixed, text is not
 * copied, NAN and a NULL text are bound as NULL; its result is therefore not looked at. */

#include "store-coach.h"
#include "store-internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static const char *const statements[] = {
        [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
        [STATEMENT_COMMIT] = "COMMIT",
        /* Changes nothing, but writes: with synchronous=FULL all that was committed before reaches the
         * platter. */
        [STATEMENT_TOUCH] = STORE_TOUCH,
        [STATEMENT_SENSOR] = "INSERT INTO sensor (address, name, body_location, battery, last_seen_at)"
                             " VALUES (?1, ?2, ?3, ?4, ?5)"
                             " ON CONFLICT (address) DO UPDATE SET name = coalesce(excluded.name, name),"
                             " body_location = coalesce(excluded.body_location, body_location),"
                             " battery = coalesce(excluded.battery, battery),"
                             " last_seen_at = coalesce(excluded.last_seen_at, last_seen_at)",
        [STATEMENT_SESSION_INSERT] =
                        "INSERT INTO session (id, sensor_id, source, kind, started_at, utc_offset_s,"
                        " resting_hr, max_hr, sex, ceiling, ceiling_expression, tolerance,"
                        " zone_model, zone_bounds, by_hand, day_kind, workout)"
                        " VALUES (?1, (SELECT id FROM sensor WHERE address = ?2), 'strap', nullif(?3, ''),"
                        " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, nullif(?16, ''))",
        [STATEMENT_SESSION_HEAD] =
                        "SELECT resting_hr, max_hr, sex, tolerance, ceiling FROM session WHERE id = ?1",
        [STATEMENT_SESSION_CLOCK] = "UPDATE session SET started_at = started_at + ?2 WHERE id = ?1",
        [STATEMENT_SESSION_FIGURES] =
                        "UPDATE session SET live_s = ?2, avg_hr = ?3, min_hr = ?4, peak_hr = ?5, over_s = ?6,"
                        " breaches = ?7, longest_breach_s = ?8, trimp = ?9, hard_s = ?10, easy_s = ?11"
                        " WHERE id = ?1",
        [STATEMENT_SESSION_CLOSE] =
                        "UPDATE session SET ended_at = started_at + ?2, resumable = ?3 WHERE id = ?1",
        [STATEMENT_SESSION_REOPEN] = "UPDATE session SET ended_at = NULL, resumable = 0, record_kind = NULL, "
                                     "verdict = NULL"
                                     " WHERE id = ?1",
        [STATEMENT_SESSION_DELETE] = "DELETE FROM session WHERE id = ?1",
        [STATEMENT_SAMPLE_INSERT] = "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, "
                                    "rr_json, settled)"
                                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [STATEMENT_SAMPLE_TRIM] = "DELETE FROM sample WHERE session_id = ?1 AND t > ?2",
        [STATEMENT_SAMPLE_REPLAY] =
                        "SELECT t, heart_rate, smoothed, zone, settled FROM sample WHERE session_id = ?1"
                        " ORDER BY t",
        [STATEMENT_EVENT_INSERT] =
                        "INSERT INTO event (session_id, t, type, value, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        /* A gap stands at the heart rate before it: after the last one that is kept there is none. */
        [STATEMENT_EVENT_TRIM] = "DELETE FROM event WHERE session_id = ?1 AND (t > ?2 OR (t = ?2 AND type = "
                                 "'gap'))",
        [STATEMENT_EVENT_REPLAY] = "SELECT t, type, value FROM event WHERE session_id = ?1 ORDER BY t, id",
        [STATEMENT_ZONE_CLEAR] = "DELETE FROM zone_time WHERE session_id = ?1",
        [STATEMENT_ZONE_INSERT] = "INSERT INTO zone_time (session_id, zone, seconds) VALUES (?1, ?2, ?3)",
        /* The strap a session went over to, else the one it began with. */
        [STATEMENT_OPEN_NEXT] =
                        "SELECT s.id, s.ended_at IS NULL, s.by_hand, s.started_at,"
                        " coalesce((SELECT detail FROM event WHERE session_id = s.id AND type = 'strap'"
                        " AND detail LIKE '__:__:__:__:__:__' ORDER BY t DESC, id DESC LIMIT 1), n.address), "
                        "s.kind"
                        " FROM session AS s LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                        " WHERE s.id < ?1 AND s.source = 'strap' AND (s.ended_at IS NULL OR s.resumable = 1)"
                        " ORDER BY s.id DESC LIMIT 1",
        [STATEMENT_OPEN_CLEAR] = "UPDATE session SET resumable = 0 WHERE id = ?1",
        [STATEMENT_PAST] = "SELECT t, smoothed, settled, zone FROM sample WHERE session_id = ?1 ORDER BY t "
                           "LIMIT ?2",

        /* -- store-recount.c -- */
        [STATEMENT_RECOUNT_NEXT] =
                        "SELECT id FROM session WHERE source = 'strap' AND id > ?1 ORDER BY id LIMIT 1",
        [STATEMENT_RECOUNT_SAMPLES] =
                        "SELECT t, heart_rate, smoothed, zone FROM sample WHERE session_id = ?1 ORDER BY t",
        [STATEMENT_RECOUNT_UNSETTLED] =
                        "UPDATE sample SET settled = 0, zone = ?3 WHERE session_id = ?1 AND t = ?2",
        [STATEMENT_RECOUNT_EVENTS] =
                        "SELECT t, type, value, id FROM event WHERE session_id = ?1 ORDER BY t, id",
        [STATEMENT_RECOUNT_EVENT] = "UPDATE event SET t = ?2, value = ?3 WHERE id = ?1",
        [STATEMENT_COMMANDS_SET] =
                        "INSERT OR REPLACE INTO command (id, ceiling_expression, snoozed_until, effort_at,"
                        " ceiling_date, advised_date, raced_date)"
                        " VALUES (1, nullif(?1, ''), nullif(?2, 0), nullif(?3, 0), ?4, ?5, ?6)",
        [STATEMENT_COMMANDS_GET] =
                        "SELECT ceiling_expression, snoozed_until, effort_at, ceiling_date, advised_date,"
                        " raced_date FROM command WHERE id = 1",
        [STATEMENT_COMMANDS_SESSION_OVER] = "UPDATE command SET ceiling_expression = NULL",
        [STATEMENT_GET] = "SELECT * FROM sessions WHERE id = ?1",

        /* -- store-kind.c. ?1 is a session, ?2 its start. The bound on started_at spares the index most rows; the dates
         * decide. -- */
        [STATEMENT_UNJUDGED] = "SELECT id FROM session WHERE ended_at IS NOT NULL AND record_kind IS NULL"
                               " ORDER BY started_at, id LIMIT 1",
        [STATEMENT_RECORD] = "SELECT (ended_at - started_at) / 1000.0, live_s, coalesce(hard_s, 0),"
                             " coalesce(easy_s, 0), started_at FROM session"
                             " WHERE id = ?1 AND ended_at IS NOT NULL",
        [STATEMENT_RUNS_BEFORE] =
                        "SELECT (s.ended_at - s.started_at) / 1000.0"
                        " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                        " WHERE s.started_at BETWEEN ?2 - ?3 - 172800000 AND ?2"
                        " AND s.id <> ?1 AND s.ended_at IS NOT NULL"
                        " AND d.local_date > (SELECT date(local_date, ?4) FROM session_days WHERE id = ?1)"
                        " AND d.kind IN ('base', 'long', 'hard') AND s.ended_at - s.started_at >= ?5"
                        " ORDER BY s.started_at DESC LIMIT ?6",
        [STATEMENT_RECORD_KIND] = "UPDATE session SET record_kind = ?2, record_long = ?3 WHERE id = ?1",

        /* -- store-coach.c. Dates from ?1 to ?2; the bounds on started_at, ?3 and ?4, as above. -- */
        [STATEMENT_COACH_SESSIONS] =
                        "SELECT s.id, d.local_date, d.kind, (s.ended_at - s.started_at) / 1000.0,"
                        " s.record_long, s.talk_test"
                        " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                        " WHERE s.started_at BETWEEN ?3 AND ?4 AND s.ended_at IS NOT NULL"
                        " AND d.local_date BETWEEN ?1 AND ?2 ORDER BY s.started_at DESC, s.id DESC LIMIT ?5",
        [STATEMENT_COACH_RACES] = "SELECT id, local_date, distance, hilly FROM race"
                                  " WHERE local_date BETWEEN ?1 AND ?2 ORDER BY local_date DESC, id LIMIT ?3",
        [STATEMENT_COACH_MORNINGS] = "SELECT local_date, heart_rate FROM resting WHERE local_date <= ?1"
                                     " ORDER BY local_date DESC, id DESC LIMIT ?2",
        [STATEMENT_COACH_SCAN] = "SELECT coalesce(feel, 0), soreness, mood FROM day WHERE local_date = ?1",
        [STATEMENT_COACH_PAINS] = "SELECT local_date, text, worsening + gait FROM pain"
                                  " WHERE local_date <= ?1 AND (ended_date IS NULL OR ended_date > ?1)"
                                  " ORDER BY worsening + gait > 0 DESC, local_date DESC, id DESC",
        /* The newest long run and the first run before a date: whichever it is, only a few rows are looked at. */
        [STATEMENT_COACH_BOUNDS] =
                        "SELECT (SELECT d.local_date FROM session AS s JOIN session_days AS d ON d.id = s.id"
                        " WHERE s.ended_at - s.started_at >= ?2 AND d.local_date < ?1"
                        " AND (d.kind = 'long' OR (d.kind = 'hard' AND s.record_long = 1))"
                        " ORDER BY s.started_at DESC LIMIT 1),"
                        " (SELECT d.local_date FROM session AS s JOIN session_days AS d ON d.id = s.id"
                        " WHERE s.ended_at - s.started_at >= ?2 AND d.local_date < ?1"
                        " AND d.kind NOT IN ('rest', 'cross-training') ORDER BY s.started_at LIMIT 1)",
        [STATEMENT_COACH_RUN_DATES] =
                        "SELECT d.local_date FROM session AS s JOIN session_days AS d ON d.id = s.id"
                        " WHERE s.started_at >= ?3 AND s.ended_at - s.started_at >= ?2 AND d.local_date <= ?1"
                        " AND d.kind NOT IN ('rest', 'cross-training') ORDER BY d.local_date DESC",
        [STATEMENT_RUN] = "SELECT d.local_date, d.kind, (s.ended_at - s.started_at) / 1000.0, s.live_s,"
                          " s.ceiling IS NOT NULL OR EXISTS (SELECT 1 FROM event WHERE session_id = s.id"
                          " AND type = 'ceiling' AND value IS NOT NULL),"
                          " s.over_s, s.breaches, s.longest_breach_s, s.talk_test, s.kind IS NOT NULL,"
                          " s.workout IS NOT NULL, s.day_kind, s.verdict,"
                          " 100 * (s.avg_hr - s.resting_hr) / (s.max_hr - s.resting_hr)"
                          " FROM session AS s JOIN session_days AS d ON d.id = s.id"
                          " WHERE s.id = ?1 AND s.ended_at IS NOT NULL",
        [STATEMENT_RESTING_ADD] =
                        "INSERT INTO resting (taken_at, local_date, heart_rate, rmssd, seconds, source)"
                        " VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6)",
        [STATEMENT_RESTING_REMOVE] = "DELETE FROM resting WHERE id = ?1",
        [STATEMENT_RACE_ADD] = "INSERT INTO race (local_date, distance, note, hilly) VALUES (?1, ?2, "
                               "nullif(?3, ''), ?4)",
        [STATEMENT_RACE_REMOVE] = "DELETE FROM race WHERE id = ?1",
        /* NULL leaves what is there, '' and 0 take it back. */
        [STATEMENT_DAY_PUT] = "INSERT INTO day (local_date, feel, mood, soreness, pain, pain_worsening, "
                              "pain_gait, note)"
                              " VALUES (?1, nullif(?2, 0), nullif(?3, ''), nullif(?4, ''), nullif(?5, ''),"
                              " coalesce(?6, 0), coalesce(?7, 0), nullif(?8, ''))"
                              " ON CONFLICT (local_date) DO UPDATE SET"
                              " feel = CASE WHEN ?2 IS NULL THEN feel ELSE excluded.feel END,"
                              " mood = CASE WHEN ?3 IS NULL THEN mood ELSE excluded.mood END,"
                              " soreness = CASE WHEN ?4 IS NULL THEN soreness ELSE excluded.soreness END,"
                              " pain = CASE WHEN ?5 IS NULL THEN pain ELSE excluded.pain END,"
                              " pain_worsening = coalesce(?6, pain_worsening),"
                              " pain_gait = coalesce(?7, pain_gait),"
                              " note = CASE WHEN ?8 IS NULL THEN note ELSE excluded.note END",
        /* Of those that stand on the date: of this text, or whatever it is. */
        [STATEMENT_PAIN_FIND] = "SELECT id, local_date, worsening, gait, text FROM pain"
                                " WHERE local_date <= ?1 AND (ended_date IS NULL OR ended_date > ?1)"
                                " AND (?2 IS NULL OR text = ?2 COLLATE NOCASE) ORDER BY local_date DESC, id "
                                "DESC LIMIT 1",
        [STATEMENT_PAIN_ADD] = "INSERT INTO pain (local_date, text, worsening, gait) VALUES (?1, ?2, ?3, ?4)",
        [STATEMENT_PAIN_CHANGE] = "UPDATE pain SET worsening = ?2, gait = ?3 WHERE id = ?1",
        [STATEMENT_PAIN_END] = "UPDATE pain SET ended_date = ?1 WHERE id = ?2",
        [STATEMENT_PAIN_END_ALL] = "UPDATE pain SET ended_date = ?1"
                                   " WHERE local_date <= ?1 AND (ended_date IS NULL OR ended_date > ?1)",
        [STATEMENT_SENSOR_KNOWN] = "SELECT 1 FROM session JOIN sensor ON sensor.id = session.sensor_id"
                                   " WHERE sensor.address = ?1 LIMIT 1",
        [STATEMENT_DAY_GET] = "SELECT * FROM day WHERE local_date = ?1",
        [STATEMENT_ANNOTATE] =
                        "UPDATE session SET kind = CASE WHEN ?2 IS NULL THEN kind ELSE nullif(?2, '') END,"
                        " talk_test = CASE WHEN ?3 IS NULL THEN talk_test ELSE nullif(?3, '') END,"
                        " rpe = CASE WHEN ?4 IS NULL THEN rpe ELSE nullif(?4, 0) END,"
                        " note = CASE WHEN ?5 IS NULL THEN note ELSE nullif(?5, '') END WHERE id = ?1",
        [STATEMENT_VERDICT] = "UPDATE session SET verdict = nullif(?2, '') WHERE id = ?1",
        [STATEMENT_SESSION_ADD] = "INSERT INTO session (id, source, started_at, ended_at, utc_offset_s)"
                                  " VALUES (?1, 'manual', ?2, ?2 + ?3, ?4)",
};
static_assert(ELEMENTSOF(statements) == _STATEMENT_MAX, "a statement is missing");

static bool is_kept(Statement which)
{
        return which <= STATEMENT_ZONE_INSERT;
}

static int prepare(Store *s, Statement which)
{
        unsigned flags = is_kept(which) ? SQLITE_PREPARE_PERSISTENT : 0;

        return sqlite3_prepare_v3(s->db, statements[which], -1, flags, &s->statement[which], NULL);
}

/* All of them, so that a file which they do not fit is refused before a run is entrusted to it. */
int store_prepare_statements(Store *s)
{
        for (Statement i = 0; i < _STATEMENT_MAX; i++) {
                int rc = prepare(s, i);

                if (rc != SQLITE_OK)
                        return store_errno(rc);
                store_reset(s, i);
        }
        return 0;
}

void store_finalize_statements(Store *s)
{
        for (size_t i = 0; i < _STATEMENT_MAX; i++) {
                sqlite3_finalize(s->statement[i]);
                s->statement[i] = NULL;
        }
}

sqlite3_stmt *store_statement(Store *s, Statement which)
{
        (void)store_sync_end(s); /* logged there */
        if (!s->statement[which])
                (void)prepare(s, which); /* without memory it stays NULL: to step that is an error */
        return s->statement[which];
}

void store_batch(Store *s, bool begins)
{
        s->batch = begins;
        for (Statement i = 0; !begins && i < _STATEMENT_MAX; i++)
                if (!is_kept(i) && s->statement[i])
                        store_reset(s, i);
}

void store_reset(Store *s, Statement which)
{
        if (!is_kept(which) && !s->batch) {
                sqlite3_finalize(s->statement[which]);
                s->statement[which] = NULL;
                return;
        }
        /* The result repeats that of the last step. */
        (void)sqlite3_reset(s->statement[which]);
        (void)sqlite3_clear_bindings(s->statement[which]);
}

int store_run(Store *s, Statement which)
{
        int rc = sqlite3_step(store_statement(s, which));

        store_reset(s, which);
        return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : store_errno(rc);
}

int store_run_for(Store *s, Statement which, int64_t session)
{
        sqlite3_bind_int64(store_statement(s, which), 1, session);
        return store_run(s, which);
}

void store_rollback(Store *s)
{
        if (!sqlite3_get_autocommit(s->db))
                (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL,
                                NULL); /* ends it even where it reports an error */
}

static int apply_sensor(Store *s, const SensorNews *n)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SENSOR);

        bind_text(st, 1, n->address);
        bind_text(st, 2, n->name);
        bind_text(st, 3, n->body_location);
        if (n->battery >= 0)
                sqlite3_bind_int(st, 4, n->battery);
        if (n->last_seen_ms > 0)
                sqlite3_bind_int64(st, 5, n->last_seen_ms);
        return store_run(s, STATEMENT_SENSOR);
}

static int apply_begin(Store *s, int64_t session, const SessionHead *head)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SESSION_INSERT);
        int r;

        r = apply_sensor(s, &(SensorNews){ .address = head->address, .battery = -1 });
        if (r < 0)
                return r;

        sqlite3_bind_int64(st, 1, session);
        bind_text(st, 2, head->address);
        bind_text(st, 3, head->kind);
        sqlite3_bind_int64(st, 4, head->started_at);
        sqlite3_bind_int(st, 5, head->utc_offset_s);
        sqlite3_bind_double(st, 6, head->runner.resting);
        sqlite3_bind_double(st, 7, head->runner.maximum);
        bind_text(st, 8, sex_to_string(head->runner.sex));
        sqlite3_bind_double(st, 9, head->ceiling);
        bind_text(st, 10, head->ceiling_expression);
        sqlite3_bind_double(st, 11, head->tolerance);
        bind_text(st, 12, head->zone_model);
        bind_text(st, 13, head->zone_bounds);
        sqlite3_bind_int(st, 14, head->by_hand);
        bind_text(st, 15, head->day_kind);
        bind_text(st, 16, head->workout);
        return store_run(s, STATEMENT_SESSION_INSERT);
}

/* [a,b,…] of up to MEASUREMENT_RR_MAX intervals of up to five digits. */
#define RR_JSON_MAX (2 + 6 * MEASUREMENT_RR_MAX + 1)

static void rr_to_json(const uint16_t *rr, size_t n, char buf[static RR_JSON_MAX])
{
        char *end = buf;

        for (size_t i = 0; i < n; i++)
                end += snprintf(end, (size_t)(buf + RR_JSON_MAX - end), "%c%u", i == 0 ? '[' : ',', rr[i]);
        end[0] = ']';
        end[1] = '\0';
}

static int apply_sample(Store *s, const Operation *op, const uint16_t *rr)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SAMPLE_INSERT);
        char json[RR_JSON_MAX];

        sqlite3_bind_int64(st, 1, op->session);
        sqlite3_bind_int64(st, 2, op->t);
        sqlite3_bind_int(st, 3, op->heart_rate);
        sqlite3_bind_double(st, 4, op->smoothed);
        sqlite3_bind_int(st, 5, op->zone);
        sqlite3_bind_int(st, 6, op->contact);
        if (op->n_rr > 0) {
                rr_to_json(rr, op->n_rr, json);
                bind_text(st, 7, json);
        }
        sqlite3_bind_int(st, 8, op->counts);
        return store_run(s, STATEMENT_SAMPLE_INSERT);
}

static int apply_event(
                Store *s, int64_t session, int64_t t, SessionEvent type, double value, const char *detail)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_EVENT_INSERT);

        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, t);
        bind_text(st, 3, session_event_to_string(type));
        sqlite3_bind_double(st, 4, value);
        bind_text(st, 5, detail);
        return store_run(s, STATEMENT_EVENT_INSERT);
}

static int apply_clock(Store *s, const Operation *op)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SESSION_CLOCK);
        int r;

        sqlite3_bind_int64(st, 1, op->session);
        sqlite3_bind_int64(st, 2, op->step_ms);
        r = store_run(s, STATEMENT_SESSION_CLOCK);
        if (r < 0)
                return r;
        return apply_event(s, op->session, op->t, SESSION_EVENT_CLOCK, (double)op->step_ms / 1000, NULL);
}

int figures_write(Store *s, int64_t session, const Figures *f)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SESSION_FIGURES);
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
        r = store_run(s, STATEMENT_SESSION_FIGURES);
        if (r < 0)
                return r;

        r = store_run_for(s, STATEMENT_ZONE_CLEAR, session);
        st = store_statement(s, STATEMENT_ZONE_INSERT);
        for (int zone = 0; zone <= (int)ZONES_MAX && r == 0; zone++) {
                if (tally->zone_ms[zone] == 0)
                        continue;
                sqlite3_bind_int64(st, 1, session);
                sqlite3_bind_int(st, 2, zone);
                sqlite3_bind_double(st, 3, (double)tally->zone_ms[zone] / 1000);
                r = store_run(s, STATEMENT_ZONE_INSERT);
        }
        return r;
}

int store_session_head(Store *s, int64_t session, Figures *ret)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SESSION_HEAD);
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
        store_reset(s, STATEMENT_SESSION_HEAD);
        return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
}

/* Feeds the events up to t and stops at the first later one. *rc is what the last step of the statement
 * returned. */
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

/* The schema sees to it; only a damaged file can say otherwise. */
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

int store_replay(Store *s, int64_t session, Figures *ret)
{
        Figures f;
        int r, rc;

        r = store_session_head(s, session, &f);
        if (r < 0)
                return r;

        sqlite3_bind_int64(store_statement(s, STATEMENT_SAMPLE_REPLAY), 1, session);
        sqlite3_bind_int64(store_statement(s, STATEMENT_EVENT_REPLAY), 1, session);
        rc = replay_rows(store_statement(s, STATEMENT_SAMPLE_REPLAY),
                        store_statement(s, STATEMENT_EVENT_REPLAY), &f);
        store_reset(s, STATEMENT_SAMPLE_REPLAY);
        store_reset(s, STATEMENT_EVENT_REPLAY);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = f;
        return 0;
}

static int session_trim(Store *s, int64_t session, int64_t end_t)
{
        static const Statement trims[] = { STATEMENT_SAMPLE_TRIM, STATEMENT_EVENT_TRIM };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(trims) && r == 0; i++) {
                sqlite3_bind_int64(store_statement(s, trims[i]), 1, session);
                sqlite3_bind_int64(store_statement(s, trims[i]), 2, end_t);
                r = store_run(s, trims[i]);
        }
        return r;
}

int store_close_session(Store *s, int64_t session, int64_t end_t, bool resumable)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SESSION_CLOSE);
        int64_t ended_t = 0;
        double breach_s;
        Figures f;
        int r;

        r = session_trim(s, session, end_t);
        if (r == 0)
                r = store_replay(s, session, &f);
        if (r < 0)
                return r;

        if (f.tally.started)
                end_t = f.tally.last_t;

        /* The end of a breach is missing after a crash, or was later than what is kept. */
        breach_s = figures_open_breach(&f, &ended_t);
        if (!isnan(breach_s)) {
                r = apply_event(s, session, ended_t, SESSION_EVENT_BACK_IN_RANGE, breach_s, NULL);
                if (r < 0)
                        return r;
                figures_event(&f, ended_t, SESSION_EVENT_BACK_IN_RANGE, breach_s);
        }

        r = figures_write(s, session, &f);
        if (r < 0)
                return r;
        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, end_t);
        sqlite3_bind_int(st, 3, resumable);
        r = store_run(s, STATEMENT_SESSION_CLOSE);
        return r < 0 ? r : store_judge_session(s, session);
}

static int apply_commands(Store *s, const StoreCommands *c)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_COMMANDS_SET);

        const Day day[] = { c->ceiling_day, c->advised_day, c->raced_day };
        char date[ELEMENTSOF(day)][DAY_STRING_MAX];

        bind_text(st, 1, c->ceiling);
        sqlite3_bind_int64(st, 2, c->snoozed_until);
        sqlite3_bind_int64(st, 3, c->effort_at);
        for (size_t i = 0; i < ELEMENTSOF(day); i++)
                if (day[i] != DAY_NONE)
                        bind_text(st, 4 + (int)i, day_to_string(day[i], date[i]));
        return store_run(s, STATEMENT_COMMANDS_SET);
}

static int apply_operation(Store *s, const Operation *op, const uint16_t *rr)
{
        switch ((OperationType)op->type) {
        case OPERATION_BEGIN:
                return apply_begin(s, op->session, &((const Beginning *)op->extra)->head);
        case OPERATION_RESUME:
                return store_run_for(s, STATEMENT_SESSION_REOPEN, op->session);
        case OPERATION_SAMPLE:
                return apply_sample(s, op, rr);
        case OPERATION_EVENT:
                return apply_event(s, op->session, op->t, (SessionEvent)op->event, op->value, op->extra);
        case OPERATION_CLOCK:
                return apply_clock(s, op);
        case OPERATION_END:
                return store_close_session(s, op->session, op->t, op->resumable);
        case OPERATION_DISCARD:
                return store_run_for(s, STATEMENT_SESSION_DELETE, op->session);
        case OPERATION_SENSOR:
                return apply_sensor(s, op->extra);
        case OPERATION_COMMANDS:
                return apply_commands(s, op->extra);
        case _OPERATION_TYPE_MAX:
        case _OPERATION_TYPE_INVALID:
                break;
        }
        assert(0 && "no such operation");
        return -EINVAL;
}

int store_apply(Store *s, int64_t *ret_gone)
{
        int64_t gone = 0;
        size_t rr = 0;
        int r;

        for (size_t i = 0; i < s->queue.n; i++) {
                const Operation *op = &s->queue.operation[i];

                r = apply_operation(s, op, op->n_rr > 0 ? s->queue.rr + rr : NULL);
                rr += op->n_rr;
                /* Its session was deleted by another hand: waiting would not help it, nor those behind it. */
                if (r == -EDOM || r == -ENOENT)
                        gone = op->session;
                else if (r < 0)
                        return r;
        }

        if (s->session.id != 0 && !s->session.waiting) {
                r = figures_write(s, s->session.id, &s->session.figures);
                if (r < 0 && r != -EDOM)
                        return r;
        }
        *ret_gone = gone;
        return 0;
}
