/* SPDX-License-Identifier: MIT */

/* Applies the queue to the tables. All of it happens inside a transaction that the caller has begun, and rolls back if
 * anything here fails. No clock.
 *
 * Binding cannot fail here (indexes are fixed, text is not copied, NAN and a NULL text are bound as NULL), so its results are
 * not checked. */

#include "store/apply.h"

#include <assert.h>
#include <stdio.h>

#include "cardio/macro.h"
#include "store/commands.h"
#include "store/internal.h"
#include "store/pace-rows.h"
#include "store/sensor.h"
#include "store/session-rows.h"
#include "store/wall-clock.h"

static const Sql sql_session_insert = {
        .text = "INSERT INTO session (id, sensor_id, source, kind, started_at, utc_offset_s, resting_hr,"
                " max_hr, sex, ceiling, ceiling_expression, tolerance, zone_model, zone_bounds, by_hand,"
                " day_kind, workout, boot_id, boot_ms, clock_known)"
                " VALUES (?1, (SELECT id FROM sensor WHERE address = ?2), 'strap', nullif(?3, ''), ?4, ?5,"
                " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, nullif(?16, ''), nullif(?17, ''), ?18, ?19)",
};

static int apply_begin(Store *s, const Operation *op)
{
        const SessionHead *head = &((const Beginning *)op->extra)->head;
        sqlite3_stmt *st = store_statement(s, &sql_session_insert);
        int r;

        r = store_apply_sensor(s, &(SensorNews){ .address = head->address, .battery = -1 });
        if (r < 0)
                return r;

        sqlite3_bind_int64(st, 1, op->session);
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
        bind_text(st, 17, s->clock.boot_id);
        if (s->clock.boot_id[0])
                sqlite3_bind_int64(st, 18, head->boot_ms);
        sqlite3_bind_int(st, 19, op->known);
        return store_run(s, &sql_session_insert);
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

static const Sql sql_sample_insert = {
        .kept = true,
        .text = "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json, settled)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
};

static int apply_sample(Store *s, const Operation *op, const uint16_t *rr)
{
        sqlite3_stmt *st = store_statement(s, &sql_sample_insert);
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
        return store_run(s, &sql_sample_insert);
}

static const Sql sql_session_reopen = {
        .text = "UPDATE session"
                " SET ended_at = NULL, resumable = 0, record_kind = NULL, verdict = NULL, beats_known = 0,"
                " boot_id = nullif(?2, ''), boot_ms = ?3, clock_known = ?4 WHERE id = ?1",
};

static int apply_resume(Store *s, const Operation *op)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_reopen);

        sqlite3_bind_int64(st, 1, op->session);
        bind_text(st, 2, s->clock.boot_id);
        if (s->clock.boot_id[0])
                sqlite3_bind_int64(st, 3, op->t);
        sqlite3_bind_int(st, 4, op->known);
        return store_run(s, &sql_session_reopen);
}

static int apply_operation(Store *s, const Operation *op, const uint16_t *rr)
{
        switch ((OperationType)op->type) {
        case OPERATION_BEGIN:
                return apply_begin(s, op);
        case OPERATION_RESUME:
                return apply_resume(s, op);
        case OPERATION_SAMPLE:
                return apply_sample(s, op, rr);
        case OPERATION_EVENT:
                return store_put_event(s, op->session, op->t, (SessionEvent)op->event, op->value, op->extra);
        case OPERATION_CLOCK:
                return store_apply_clock(s, op);
        case OPERATION_CLOCK_SET:
                return store_apply_clock_set(s, 0);
        case OPERATION_END:
                return store_close_session(s, op->session, op->t, op->resumable);
        case OPERATION_DISCARD:
                return store_remove_session(s, op->session);
        case OPERATION_SENSOR:
                return store_apply_sensor(s, op->extra);
        case OPERATION_COMMANDS:
                return store_apply_commands(s, op);
        case OPERATION_BATTERY:
                return store_apply_battery(s, op->extra, op->low);
        case OPERATION_PACE:
                return store_put_pace(s, op->session, op->t, op->extra);
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
                /* Another program has deleted its session: waiting would help neither this entry nor those behind it. */
                if (r == -EDOM || r == -ENOENT)
                        gone = op->session;
                else if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < SESSION_WRITERS_MAX; i++) {
                const SessionWriter *w = &s->writer[i];

                r = w->id != 0 && !w->waiting ? figures_write(s, w->id, &w->figures) : 0;
                if (r < 0 && r != -EDOM)
                        return r;
        }
        *ret_gone = gone;
        return 0;
}

int session_writer_apply(Store *s, const SessionWriter *w, int64_t session)
{
        size_t rr = 0;
        int r = w->error;

        for (size_t i = 0; i < w->rows.n && r == 0; i++) {
                Operation op = w->rows.operation[i];

                op.session = session;
                r = apply_operation(s, &op, op.n_rr > 0 ? w->rows.rr + rr : NULL);
                rr += op.n_rr;
        }
        return r < 0 ? r : store_close_session(s, session, w->end_t, false);
}

const Sql *const store_sql_apply[] = {
        &sql_sample_insert,
        &sql_session_insert,
        &sql_session_reopen,
        NULL,
};
