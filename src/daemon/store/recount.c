/* SPDX-License-Identifier: MIT */

/* Recomputes sessions of an older version from their heart rates: which heart rates count, and the zones of those that do not,
 * when each breach began and ended and how long it was, and from these the session's figures. What was announced stays: no
 * breach is added or removed. A session whose heart rates another program has deleted keeps its figures, since nothing else is
 * known about it. Runs once, inside the transaction of the migration. No clock. */

#include "store/recount.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cardio/arrivals.h"
#include "cardio/smoother.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/session-rows.h"

/* An older version did not store its window; this was the default. */
#define WINDOW_USEC (5 * USEC_PER_SEC)
/* After a longer gap a breach begins anew, as in the limiter. */
#define HOLD_GAP_MAX_MS 60000

typedef struct OldEvent {
        int64_t id, t;
        SessionEvent type;
        double value;
} OldEvent;

/* A heart rate that does not count. */
typedef struct Unsettled {
        int64_t t;
        int zone; /* the zone it is to get */
} Unsettled;

typedef struct Recount {
        Ring ring;
        Smoother smoother;
        Arrivals arrivals;
        int zone; /* of the last heart rate that counted, -1 = none yet */
        Unsettled *unsettled;
        size_t n_unsettled;
        OldEvent *event;
        size_t n_events;
} Recount;

/* Makes room for one more element after n. */
static int grow(void *array, size_t n, size_t size)
{
        void **p = array, *larger;

        if (n != 0 && (n < 64 || (n & (n - 1)) != 0))
                return 0;
        larger = reallocarray(*p, n == 0 ? 64 : 2 * n, size);
        if (!larger)
                return -ENOMEM;
        *p = larger;
        return 0;
}

/* -- Which heart rates count -- */

typedef struct OldSample {
        int64_t t, heart_rate, zone;
        double smoothed;
} OldSample;

static OldSample column_sample(sqlite3_stmt *st)
{
        return (OldSample){
                .t = sqlite3_column_int64(st, 0),
                .heart_rate = sqlite3_column_int64(st, 1),
                .smoothed = sqlite3_column_double(st, 2),
                .zone = sqlite3_column_int64(st, 3),
        };
}

static bool is_possible(const OldSample *o, int64_t last_t)
{
        return o->t > last_t && o->t < INT64_MAX / (int64_t)USEC_PER_MSEC &&
               o->heart_rate >= HEART_RATE_MIN && o->heart_rate <= HEART_RATE_MAX && o->zone >= 0 &&
               o->zone <= ZONES_MAX;
}

static int read_sample(Recount *rc, const OldSample *o)
{
        const Measurement m = { .heart_rate = (uint16_t)o->heart_rate };
        usec_t at_usec = (usec_t)o->t * USEC_PER_MSEC + USEC_PER_SEC; /* 0 would be no arrival */
        Sample *sample = ring_push(&rc->ring, at_usec, &m);
        Settled settled;
        int r;

        sample->stale_usec = arrivals_stale(&rc->arrivals);
        arrivals_push(&rc->arrivals, at_usec);
        (void)smoother_update(&rc->smoother, &rc->ring, WINDOW_USEC, &settled);
        if (settled == SETTLED_YES) {
                if (rc->zone < 0)
                        for (size_t i = 0; i < rc->n_unsettled; i++)
                                rc->unsettled[i].zone = (int)o->zone;
                rc->zone = (int)o->zone;
                return 0;
        }
        r = grow(&rc->unsettled, rc->n_unsettled, sizeof(*rc->unsettled));
        if (r == 0)
                rc->unsettled[rc->n_unsettled++] =
                                (Unsettled){ o->t, rc->zone < 0 ? (int)o->zone : rc->zone };
        return r;
}

static const Sql sql_recount_samples = {
        .text = "SELECT t, heart_rate, smoothed, zone FROM sample WHERE session_id = ?1 ORDER BY t",
};

/* Returns 1, 0 if the session has no heart rate, or a negative errno. */
static int find_unsettled(Store *s, int64_t session, Recount *rc)
{
        sqlite3_stmt *st = store_statement(s, &sql_recount_samples);
        int64_t last_t = -1;
        int step, r = 0;

        rc->ring.n_samples = rc->ring.n_rr = rc->n_unsettled = 0;
        rc->smoother = (Smoother){ 0 };
        rc->arrivals = (Arrivals){ 0 };
        rc->zone = -1;
        sqlite3_bind_int64(st, 1, session);
        while (r == 0 && (step = sqlite3_step(st)) == SQLITE_ROW) {
                const OldSample o = column_sample(st);

                r = is_possible(&o, last_t) ? read_sample(rc, &o) : -EBADMSG;
                last_t = o.t;
        }
        store_reset(s, &sql_recount_samples);
        if (r == 0 && step != SQLITE_DONE)
                r = store_errno(step);
        return r < 0 ? r : last_t >= 0;
}

static const Sql sql_recount_unsettled = {
        .text = "UPDATE sample SET settled = 0, zone = ?3 WHERE session_id = ?1 AND t = ?2",
};

static int mark_unsettled(Store *s, int64_t session, const Recount *rc)
{
        int r = 0;

        for (size_t i = 0; i < rc->n_unsettled && r == 0; i++) {
                sqlite3_stmt *st = store_statement(s, &sql_recount_unsettled);

                sqlite3_bind_int64(st, 1, session);
                sqlite3_bind_int64(st, 2, rc->unsettled[i].t);
                sqlite3_bind_int(st, 3, rc->unsettled[i].zone);
                r = store_run(s, &sql_recount_unsettled);
        }
        return r;
}

/* -- When breaches began and ended -- */

static const Sql sql_recount_events = {
        .text = "SELECT t, type, value, id FROM event WHERE session_id = ?1 ORDER BY t, id",
};

static int read_events(Store *s, int64_t session, Recount *rc)
{
        sqlite3_stmt *st = store_statement(s, &sql_recount_events);
        int step, r = 0;

        rc->n_events = 0;
        sqlite3_bind_int64(st, 1, session);
        while (r == 0 && (step = sqlite3_step(st)) == SQLITE_ROW) {
                const char *name = (const char *)sqlite3_column_text(st, 1);
                SessionEvent type = name ? session_event_from_string(name) : _SESSION_EVENT_INVALID;

                if (type < 0)
                        continue;
                r = grow(&rc->event, rc->n_events, sizeof(*rc->event));
                if (r == 0)
                        rc->event[rc->n_events++] = (OldEvent){
                                .t = sqlite3_column_int64(st, 0),
                                .type = type,
                                .value = column_real(st, 2, NAN),
                                .id = sqlite3_column_int64(st, 3),
                        };
        }
        store_reset(s, &sql_recount_events);
        if (r == 0 && step != SQLITE_DONE)
                r = store_errno(step);
        return r;
}

/* The heart rates above that reach up to now, and the open breach. */
typedef struct OldBreach {
        Tally tally;
        int64_t above_t, above_over_ms; /* the first of them, -1 = it is not above */
        double above_smoothed;
        int64_t last_t, last_over_ms; /* the last one above of all */
        int64_t began_t, began_over_ms;
        bool begins; /* with the next heart rate */
} OldBreach;

static void old_over_limit(OldBreach *b, OldEvent *e)
{
        if (b->above_t >= 0) {
                e->t = b->above_t;
                e->value = b->above_smoothed;
        }
        b->begins = b->above_t < 0;
        b->began_t = e->t;
        b->began_over_ms = b->above_over_ms;
}

static void old_back_in_range(OldBreach *b, OldEvent *e)
{
        bool lasted = !b->begins && b->last_t > b->began_t;

        if (b->began_t < 0)
                return;
        e->t = lasted ? b->last_t : b->began_t;
        e->value = lasted ? (double)(b->last_over_ms - b->began_over_ms) / 1000 : 0;
        b->began_t = b->above_t = -1;
        b->begins = false;
}

static void old_event(OldBreach *b, OldEvent *e)
{
        switch (e->type) {
        case SESSION_EVENT_OVER_LIMIT:
                old_over_limit(b, e);
                break;
        case SESSION_EVENT_BACK_IN_RANGE:
                old_back_in_range(b, e);
                break;
        case SESSION_EVENT_CEILING:
                tally_ceiling(&b->tally, e->value);
                b->above_t = -1;
                break;
        case SESSION_EVENT_GAP:
        case SESSION_EVENT_CONTACT_LOST:
        case SESSION_EVENT_STALE:
        case SESSION_EVENT_ZONE:
        case SESSION_EVENT_SNOOZE:
        case SESSION_EVENT_BATTERY:
        case SESSION_EVENT_CLOCK:
        case SESSION_EVENT_STRAP:
        case SESSION_EVENT_MARK:
        case SESSION_EVENT_STEP:
        case SESSION_EVENT_TROUBLE:
        case SESSION_EVENT_OVER_PACE:
        case SESSION_EVENT_PACE_IN_RANGE:
        case _SESSION_EVENT_MAX:
        case _SESSION_EVENT_INVALID:
                break;
        }
}

static void old_sample(OldBreach *b, const OldSample *o, bool counts)
{
        bool gap = b->tally.started && o->t - b->tally.last_t > HOLD_GAP_MAX_MS;

        tally_sample(&b->tally, o->t, (uint16_t)o->heart_rate, o->smoothed, 0, counts);
        if (b->begins)
                b->began_over_ms = b->tally.over_ms;
        b->begins = false;
        if (gap || (counts && !b->tally.last_over))
                b->above_t = -1;
        if (!counts || !b->tally.last_over)
                return;
        if (b->above_t < 0) {
                b->above_t = o->t;
                b->above_over_ms = b->tally.over_ms;
                b->above_smoothed = o->smoothed;
        }
        b->last_t = o->t;
        b->last_over_ms = b->tally.over_ms;
}

/* Whether a breach ends with the heart rate at t: as at the session's end, and unlike at a new ceiling, which applies to that
 * heart rate already. */
static bool ends_with(const Recount *rc, size_t i, int64_t t)
{
        const OldEvent *e = &rc->event[i];

        if (e->type != SESSION_EVENT_BACK_IN_RANGE || e->t != t)
                return false;
        return i + 1 == rc->n_events || e[1].t > t || e[1].type != SESSION_EVENT_CEILING;
}

/* Other events at a t come before the heart rate at that t. */
static int move_breaches(Store *s, int64_t session, const Figures *before, Recount *rc)
{
        sqlite3_stmt *st = store_statement(s, &sql_recount_samples);
        OldBreach b = { .above_t = -1, .last_t = -1, .began_t = -1 };
        size_t i = 0, unsettled = 0;
        int step;

        tally_begin(&b.tally, &before->tally.runner, before->tally.tolerance, before->tally.ceiling);
        sqlite3_bind_int64(st, 1, session);
        while ((step = sqlite3_step(st)) == SQLITE_ROW) {
                const OldSample o = column_sample(st);
                bool counts = unsettled == rc->n_unsettled || o.t != rc->unsettled[unsettled].t;

                for (; i < rc->n_events && rc->event[i].t <= o.t && !ends_with(rc, i, o.t); i++)
                        old_event(&b, &rc->event[i]);
                old_sample(&b, &o, counts);
                unsettled += !counts;
        }
        for (; i < rc->n_events; i++)
                old_event(&b, &rc->event[i]);
        store_reset(s, &sql_recount_samples);
        return step == SQLITE_DONE ? 0 : store_errno(step);
}

static const Sql sql_recount_event = {
        .text = "UPDATE event SET t = ?2, value = ?3 WHERE id = ?1",
};

static int write_breaches(Store *s, const Recount *rc)
{
        int r = 0;

        for (size_t i = 0; i < rc->n_events && r == 0; i++) {
                const OldEvent *e = &rc->event[i];
                sqlite3_stmt *st;

                if (e->type != SESSION_EVENT_OVER_LIMIT && e->type != SESSION_EVENT_BACK_IN_RANGE)
                        continue;
                st = store_statement(s, &sql_recount_event);
                sqlite3_bind_int64(st, 1, e->id);
                sqlite3_bind_int64(st, 2, e->t);
                sqlite3_bind_double(st, 3, e->value);
                r = store_run(s, &sql_recount_event);
        }
        return r;
}

/* -- All of them -- */

static int recount(Store *s, int64_t session, Recount *rc)
{
        Figures f;
        int r = find_unsettled(s, session, rc);

        if (r <= 0)
                return r;
        r = mark_unsettled(s, session, rc);
        if (r == 0)
                r = store_session_head(s, session, &f);
        if (r == 0)
                r = read_events(s, session, rc);
        if (r == 0)
                r = move_breaches(s, session, &f, rc);
        if (r == 0)
                r = write_breaches(s, rc);
        if (r == 0)
                r = store_replay(s, session, &f);
        return r == 0 ? figures_write(s, session, &f) : r;
}

static const Sql sql_recount_next = {
        .text = "SELECT id FROM session WHERE source = 'strap' AND id > ?1 ORDER BY id LIMIT 1",
};

/* The next session after this one. Returns 1, 0 if there is none, or a negative errno. */
static int next_session(Store *s, int64_t *session)
{
        sqlite3_stmt *st = store_statement(s, &sql_recount_next);
        int step;

        sqlite3_bind_int64(st, 1, *session);
        step = sqlite3_step(st);
        if (step == SQLITE_ROW)
                *session = sqlite3_column_int64(st, 0);
        store_reset(s, &sql_recount_next);
        return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : store_errno(step);
}

int store_recount_all(Store *s, int64_t *ret_session)
{
        _cleanup_free_ Recount *rc = calloc(1, sizeof(*rc));
        int64_t session = INT64_MIN;
        int r = rc ? 0 : -ENOMEM;

        while (r == 0 && (r = next_session(s, &session)) > 0)
                r = recount(s, session, rc);
        *ret_session = session;
        if (rc) {
                free(rc->unsettled);
                free(rc->event);
        }
        return r;
}

const Sql *const store_sql_recount[] = {
        &sql_recount_samples,
        &sql_recount_unsettled,
        &sql_recount_events,
        &sql_recount_event,
        &sql_recount_next,
        NULL,
};
