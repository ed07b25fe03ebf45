/* SPDX-License-Identifier: MIT */

/* Reads a finished session to be played through the core again: heart rates, R-R intervals, and those events that do not follow
 * from them. No clock. */

#include "store/raw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/measurement.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/rr-json.h"

/* No time is farther from 1970, or from a session's start: sums of them do not overflow. */
#define TIME_MAX (INT64_C(1) << 53)

/* NULL stays NULL. Returns 0 or -ENOMEM. */
static int copy_text(sqlite3_stmt *st, int i, char **ret)
{
        const char *text = (const char *)sqlite3_column_text(st, i);

        *ret = text ? strdup(text) : NULL;
        return text && !*ret ? -ENOMEM : 0;
}

/* Makes room for one more. Returns 0 or -ENOMEM. */
static int grow(void **array, size_t n, size_t more, size_t size)
{
        size_t allocated = 1024;
        void *grown;

        /* The room is always the next power of two: what there is says how much that is. */
        while (n > 0 && allocated < n)
                allocated *= 2;
        if (n > 0 && n + more <= allocated)
                return 0;
        while (allocated < n + more)
                allocated *= 2;
        grown = reallocarray(*array, allocated, size);
        if (!grown)
                return -ENOMEM;
        *array = grown;
        return 0;
}

static const Sql sql_raw_head = {
        .text = "SELECT s.started_at, s.ended_at, s.utc_offset_s, s.source, n.address, s.boot_id, s.clock_known,"
                " s.ended_at IS NULL OR s.resumable = 1, s.resting_hr, s.max_hr, s.sex, s.ceiling, s.tolerance,"
                " s.ceiling_expression, s.zone_model, s.zone_bounds, s.kind, s.talk_test, s.note, s.rpe"
                " FROM session AS s LEFT JOIN sensor AS n ON n.id = s.sensor_id WHERE s.id = ?1",
};

static int read_texts(sqlite3_stmt *st, StoreRaw *raw)
{
        const struct {
                int column;
                char **text;
        } texts[] = {
                { 3, &raw->source },
                { 4, &raw->address },
                { 5, &raw->boot_id },
                { 13, &raw->ceiling_expression },
                { 14, &raw->zone_model },
                { 15, &raw->zone_bounds },
                { 16, &raw->said.kind },
                { 17, &raw->said.talk_test },
                { 18, &raw->said.note },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(texts) && r == 0; i++)
                r = copy_text(st, texts[i].column, texts[i].text);
        return r;
}

static int read_head(Store *s, StoreRaw *raw)
{
        sqlite3_stmt *st = store_statement(s, &sql_raw_head);
        const char *sex;
        int rc, r = 0;

        sqlite3_bind_int64(st, 1, raw->id);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                raw->started_at = sqlite3_column_int64(st, 0);
                raw->ended_at = sqlite3_column_int64(st, 1);
                raw->utc_offset_s = sqlite3_column_int(st, 2);
                raw->clock_known = sqlite3_column_int(st, 6) != 0;
                raw->is_open = sqlite3_column_int(st, 7) != 0 || store_is_recording(s, raw->id);
                raw->runner = (Runner){ .resting = column_real(st, 8, 0), .maximum = column_real(st, 9, 0) };
                sex = (const char *)sqlite3_column_text(st, 10);
                raw->runner.sex = sex ? sex_from_string(sex) : SEX_UNSPECIFIED;
                if (raw->runner.sex < 0)
                        raw->runner.sex = SEX_UNSPECIFIED;
                raw->ceiling = column_real(st, 11, NAN);
                raw->tolerance = column_real(st, 12, 0);
                raw->said.rpe = sqlite3_column_int(st, 19);
                r = read_texts(st, raw);
        }
        store_reset(s, &sql_raw_head);
        if (rc != SQLITE_ROW)
                return rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
        if (raw->started_at < -TIME_MAX || raw->started_at > TIME_MAX)
                return -EBADMSG;
        return r;
}

static const Sql sql_raw_samples = {
        .text = "SELECT t, heart_rate, contact, rr_json FROM sample WHERE session_id = ?1 ORDER BY t",
};

static int add_sample(StoreRaw *raw, sqlite3_stmt *st)
{
        int64_t t = sqlite3_column_int64(st, 0), heart_rate = sqlite3_column_int64(st, 1);
        size_t n = raw->n_samples, n_rr;
        uint16_t rr[MEASUREMENT_RR_MAX];
        int r;

        /* Only in a damaged file. */
        if (t < 0 || t > TIME_MAX || (n > 0 && t <= raw->sample[n - 1].t) || heart_rate < HEART_RATE_MIN ||
                        heart_rate > HEART_RATE_MAX)
                return -EBADMSG;
        if (n == STORE_RAW_MAX)
                return -EFBIG;
        n_rr = store_rr_from_json((const char *)sqlite3_column_text(st, 3), rr);
        r = grow((void **)&raw->sample, n, 1, sizeof(raw->sample[0]));
        if (r == 0 && n_rr > 0)
                r = grow((void **)&raw->rr, raw->n_rr, n_rr, sizeof(raw->rr[0]));
        if (r < 0)
                return r;
        raw->sample[raw->n_samples++] = (RawSample){
                .t = t,
                .heart_rate = (uint16_t)heart_rate,
                .contact = (uint8_t)sqlite3_column_int(st, 2),
                .n_rr = (uint8_t)n_rr,
                .rr = raw->n_rr,
        };
        if (n_rr > 0)
                memcpy(raw->rr + raw->n_rr, rr, n_rr * sizeof(rr[0]));
        raw->n_rr += n_rr;
        return 0;
}

/* What the core finds out anew is left out. */
static const Sql sql_raw_events = {
        .text = "SELECT t, type, value, detail FROM event WHERE session_id = ?1 AND type NOT IN ('over-limit',"
                " 'back-in-range', 'gap', 'zone') ORDER BY t, id",
};

static int add_event(StoreRaw *raw, sqlite3_stmt *st)
{
        const char *name = (const char *)sqlite3_column_text(st, 1);
        SessionEvent type = name ? session_event_from_string(name) : _SESSION_EVENT_INVALID;
        int64_t t = sqlite3_column_int64(st, 0);
        char *detail = NULL;
        int r;

        if (type < 0 || t < 0 || t > TIME_MAX)
                return 0; /* written by another program */
        if (raw->n_events == STORE_RAW_MAX)
                return -EFBIG;
        r = grow((void **)&raw->event, raw->n_events, 1, sizeof(raw->event[0]));
        if (r == 0)
                r = copy_text(st, 3, &detail);
        if (r < 0)
                return r;
        raw->event[raw->n_events++] = (RawEvent){
                .t = t, .type = type, .value = column_real(st, 2, NAN), .detail = detail
        };
        return 0;
}

static int read_rows(Store *s, StoreRaw *raw, const Sql *sql, int (*add)(StoreRaw *raw, sqlite3_stmt *st))
{
        sqlite3_stmt *st = store_statement(s, sql);
        int rc = SQLITE_DONE, r = 0;

        sqlite3_bind_int64(st, 1, raw->id);
        while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW)
                r = add(raw, st);
        store_reset(s, sql);
        return r < 0 ? r : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int store_get_raw(Store *s, int64_t id, StoreRaw *ret)
{
        StoreRaw raw = { .id = id };
        int r = store_commit(s);

        if (r == 0)
                r = read_head(s, &raw);
        if (r == 0)
                r = read_rows(s, &raw, &sql_raw_samples, add_sample);
        if (r == 0)
                r = read_rows(s, &raw, &sql_raw_events, add_event);
        if (r < 0)
                store_raw_clear(&raw);
        else
                *ret = raw;
        return r;
}

void store_raw_clear(StoreRaw *raw)
{
        for (size_t i = 0; i < raw->n_events; i++)
                free(raw->event[i].detail);
        free(raw->event);
        free(raw->sample);
        free(raw->rr);
        free(raw->source);
        free(raw->address);
        free(raw->boot_id);
        free(raw->ceiling_expression);
        free(raw->zone_model);
        free(raw->zone_bounds);
        free(raw->said.kind);
        free(raw->said.talk_test);
        free(raw->said.note);
        *raw = (StoreRaw){ .id = 0 };
}

const Sql *const store_sql_raw[] = {
        &sql_raw_head,
        &sql_raw_samples,
        &sql_raw_events,
        NULL,
};
