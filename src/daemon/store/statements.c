/* SPDX-License-Identifier: MIT */

/* Every statement that the daemon runs on an open database, but for those of opening and recounting it, and how they are run. Those that every
 * commit uses are prepared once. */

#include "store/statements.h"

#include <assert.h>

#include "store/coach.h"
#include "store/errors.h"
#include "store/internal.h"

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
                        " zone_model, zone_bounds, by_hand, day_kind, workout, boot_id, boot_ms, clock_known)"
                        " VALUES (?1, (SELECT id FROM sensor WHERE address = ?2), 'strap', nullif(?3, ''),"
                        " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, nullif(?16, ''),"
                        " nullif(?17, ''), ?18, ?19)",
        [STATEMENT_SESSION_HEAD] =
                        "SELECT resting_hr, max_hr, sex, tolerance, ceiling FROM session WHERE id = ?1",
        /* -- clock.c -- */
        /* What its day was for is not known of the day that it turns out to be of. */
        [STATEMENT_SESSION_CLOCK] = "UPDATE session SET started_at = started_at + ?2, utc_offset_s = ?3,"
                                    " clock_known = ?4, day_kind = CASE WHEN ?5 = 0 THEN day_kind END"
                                    " WHERE id = ?1",
        [STATEMENT_SESSION_START] = "SELECT started_at, utc_offset_s, clock_known FROM session WHERE id = ?1",
        [STATEMENT_SESSION_UNKNOWN] =
                        "SELECT id, started_at, boot_ms, ended_at - started_at, utc_offset_s FROM session"
                        " WHERE boot_id = ?1 AND clock_known = 0 AND id > ?2 AND id <> ?3 AND ended_at IS "
                        "NOT NULL"
                        " AND boot_ms IS NOT NULL ORDER BY id LIMIT 1",
        [STATEMENT_SESSION_MOVE] =
                        "UPDATE session SET started_at = started_at + ?2, ended_at = ended_at + ?2,"
                        " utc_offset_s = ?3, day_kind = CASE WHEN ?4 = 0 THEN day_kind END,"
                        " record_kind = NULL, verdict = NULL WHERE id = ?1",
        [STATEMENT_SESSION_KNOWN] =
                        "UPDATE session SET clock_known = 1 WHERE boot_id = ?1 AND clock_known = 0"
                        " AND id <> ?2",
        [STATEMENT_RESTING_UNKNOWN] =
                        "SELECT id, taken_at, boot_ms FROM resting WHERE boot_id = ?1 AND clock_known = 0"
                        " AND id > ?2 AND boot_ms IS NOT NULL ORDER BY id LIMIT 1",
        [STATEMENT_RESTING_MOVE] = "UPDATE resting SET taken_at = ?2, local_date = ?3 WHERE id = ?1",
        [STATEMENT_RESTING_KNOWN] =
                        "UPDATE resting SET clock_known = 1 WHERE boot_id = ?1 AND clock_known = 0",
        [STATEMENT_CLOCK_UNKNOWN] =
                        "SELECT EXISTS (SELECT 1 FROM session WHERE boot_id = ?1 AND clock_known = 0)"
                        " OR EXISTS (SELECT 1 FROM resting WHERE boot_id = ?1 AND clock_known = 0)",
        [STATEMENT_SESSION_FIGURES] =
                        "UPDATE session SET live_s = ?2, avg_hr = ?3, min_hr = ?4, peak_hr = ?5, over_s = ?6,"
                        " breaches = ?7, longest_breach_s = ?8, trimp = ?9, hard_s = ?10, easy_s = ?11"
                        " WHERE id = ?1",
        [STATEMENT_SESSION_CLOSE] =
                        "UPDATE session SET ended_at = started_at + ?2, resumable = ?3 WHERE id = ?1",
        [STATEMENT_SESSION_REOPEN] =
                        "UPDATE session SET ended_at = NULL, resumable = 0, record_kind = NULL, "
                        "verdict = NULL, boot_id = nullif(?2, ''), boot_ms = ?3, clock_known = ?4"
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
                        "s.kind, s.boot_id, s.boot_ms, s.clock_known"
                        " FROM session AS s LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                        " WHERE s.id < ?1 AND s.source = 'strap' AND (s.ended_at IS NULL OR s.resumable = 1)"
                        " ORDER BY s.id DESC LIMIT 1",
        [STATEMENT_OPEN_CLEAR] = "UPDATE session SET resumable = 0 WHERE id = ?1",
        [STATEMENT_PAST] = "SELECT t, smoothed, settled, zone FROM sample WHERE session_id = ?1 ORDER BY t "
                           "LIMIT ?2",

        /* -- recount.c -- */
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
                        " ceiling_date, advised_date, raced_date, boot_id, clock_offset_ms, clock_known)"
                        " VALUES (1, nullif(?1, ''), nullif(?2, 0), nullif(?3, 0), ?4, ?5, ?6, nullif(?7, "
                        "''),"
                        " ?8, ?9)",
        [STATEMENT_COMMANDS_GET] =
                        "SELECT ceiling_expression, snoozed_until, effort_at, ceiling_date, advised_date,"
                        " raced_date, boot_id, clock_offset_ms, clock_known FROM command WHERE id = 1",
        [STATEMENT_COMMANDS_SESSION_OVER] = "UPDATE command SET ceiling_expression = NULL",
        [STATEMENT_GET] = "SELECT * FROM sessions WHERE id = ?1",

        /* -- kind.c. ?1 is a session, ?2 its start. The bound on started_at spares the index most rows; the dates
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

        /* -- coach.c. Dates from ?1 to ?2; the bounds on started_at, ?3 and ?4, as above. -- */
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
                        "INSERT INTO resting (taken_at, local_date, heart_rate, rmssd, seconds, source,"
                        " boot_id, boot_ms, clock_known)"
                        " VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6, nullif(?7, ''), ?8, ?9)",
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
        /* -- spill.c -- */
        [STATEMENT_SPILL_NOTED] = "SELECT seq FROM sqlite_sequence WHERE name = 'spill'",
        [STATEMENT_SPILL_FORGET] = "DELETE FROM sqlite_sequence WHERE name = 'spill'",
        [STATEMENT_SPILL_NOTE] = "INSERT INTO sqlite_sequence (name, seq) VALUES ('spill', ?1)",
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

static int get_column(sqlite3_stmt *st, int i, StoreColumnFunc func, void *userdata)
{
        StoreValue value = { 0 };

        switch (sqlite3_column_type(st, i)) {
        case SQLITE_NULL:
                return 0;
        case SQLITE_INTEGER:
                value.type = STORE_INTEGER;
                value.integer = sqlite3_column_int64(st, i);
                break;
        case SQLITE_FLOAT:
                value.type = STORE_REAL;
                value.real = sqlite3_column_double(st, i);
                break;
        case SQLITE_TEXT:
                value.type = STORE_TEXT;
                value.text = (const char *)sqlite3_column_text(st, i);
                if (!value.text)
                        return -ENOMEM;
                break;
        default: /* a BLOB: STRICT tables and the view's functions yield none */
                return -EBADMSG;
        }
        return func(userdata, sqlite3_column_name(st, i), &value);
}

int store_tell_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata)
{
        int r = 0;

        for (int i = 0; i < sqlite3_column_count(st) && r >= 0; i++)
                r = get_column(st, i, func, userdata);
        return r;
}
