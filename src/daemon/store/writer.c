/* SPDX-License-Identifier: MIT */

/* Facts into rows: each goes into the store's queue, and into the figures of its session, which cover everything stored and
 * queued. So a disk that refuses never requires anything to be undone here. No clock: every time comes with the fact. */

#include "store/writer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "store/figures.h"
#include "store/internal.h"
#include "store/queue.h"

/* Nothing is written for a session that waits: its row stays as it is. */
static bool is_recording(const SessionWriter *w)
{
        return w && w->id != 0 && !w->waiting;
}

/* No session has it. */
#define STAGED_ID (-1)

static int push(SessionWriter *w, const Operation *op, const uint16_t *rr)
{
        int r;

        if (!w->staged)
                return store_push(w->store, op, rr);
        r = queue_push(&w->rows, op, rr);
        if (r < 0 && w->error == 0)
                w->error = r;
        return r;
}

/* How long after a heart rate a mark is of it; then it has a time of its own, as in a gap. */
#define MARK_NEAR_MS 2000

static int64_t last_t(const SessionWriter *w)
{
        const Tally *tally = &w->figures.tally;

        return tally->started ? tally->last_t : -1;
}

/* -- Beginning -- */

static SessionWriter *find_free(Store *s)
{
        for (size_t i = 0; i < SESSION_WRITERS_MAX; i++)
                if (s->writer[i].id == 0)
                        return &s->writer[i];
        return NULL;
}

int64_t session_writer_begin(Store *s, const SessionHead *head, usec_t begin_usec, SessionWriter **ret)
{
        Operation op = { .type = OPERATION_BEGIN, .session = s->next_id, .known = s->clock.known };
        SessionWriter *w = find_free(s);
        int r;

        if (!w)
                return -EMFILE;
        op.extra = beginning_new(head);
        if (!op.extra)
                return -ENOMEM;
        r = store_push(s, &op, NULL);
        if (r < 0)
                return r;

        s->follows = s->follows || !op.known;
        s->next_id++;
        *w = (SessionWriter){ .store = s, .id = op.session, .begin_usec = begin_usec, .given_t = -1 };
        figures_begin(&w->figures, &head->runner, head->tolerance, head->ceiling);
        *ret = w;
        return op.session;
}

int session_writer_stage(Store *s, const SessionHead *head, usec_t begin_usec, SessionWriter **ret)
{
        SessionWriter *w = malloc(sizeof(*w));

        if (!w)
                return -ENOMEM;
        *w = (SessionWriter){
                .store = s, .id = STAGED_ID, .begin_usec = begin_usec, .given_t = -1, .staged = true
        };
        figures_begin(&w->figures, &head->runner, head->tolerance, head->ceiling);
        *ret = w;
        return 0;
}

int session_writer_error(const SessionWriter *w)
{
        return w->error;
}

SessionWriter *session_writer_free(SessionWriter *w)
{
        if (!w)
                return NULL;
        assert(w->staged);
        queue_free(&w->rows);
        free(w);
        return NULL;
}

SessionWriter *session_writer_recovered(Store *s, const OpenSession *o, const Figures *figures)
{
        SessionWriter *w = find_free(s);

        assert(w); /* at most one, while starting */
        *w = (SessionWriter){
                .store = s, .id = o->id, .waiting = true, .given_t = o->last_t, .figures = *figures
        };
        return w;
}

int session_writer_resume(const OpenSession *o, usec_t begin_usec)
{
        SessionWriter *w = o->writer;
        int64_t ended_t = 0, pace_ended_t = 0;
        double breach_s, speed;
        Store *s;
        int r;

        if (!w || w->id != o->id || !w->waiting)
                return -ENOENT;
        s = w->store;
        breach_s = figures_open_breach(&w->figures, &ended_t);
        speed = figures_open_pace_breach(&w->figures, &pace_ended_t);
        r = store_push(s,
                        &(Operation){ .type = OPERATION_RESUME,
                                        .session = o->id,
                                        .known = s->clock.known,
                                        .t = o->boot_ms },
                        NULL);
        if (r < 0)
                return r;
        w->waiting = false;
        w->begin_usec = begin_usec;
        s->follows = s->follows || !s->clock.known;
        if (o->step_ms != 0)
                session_writer_clock(w, o->last_t, o->step_ms);
        /* The limiters start anew, so a breach that a crash cut off ended there. */
        if (!isnan(breach_s))
                (void)session_writer_event(w, ended_t, "back-in-range", breach_s, NULL);
        if (!isnan(speed))
                (void)session_writer_event(w, pace_ended_t, "pace-in-range", speed, NULL);
        return 0;
}

bool store_is_recording(const Store *s, int64_t session)
{
        for (size_t i = 0; session != 0 && i < SESSION_WRITERS_MAX; i++)
                if (s->writer[i].id == session)
                        return true;
        return false;
}

/* -- What happens -- */

_hot_ void session_writer_sample(
                SessionWriter *w, int64_t t, const Sample *sample, const uint16_t *rr, size_t n_rr)
{
        Operation op = {
                .type = OPERATION_SAMPLE,
                .zone = sample->zone,
                .contact = sample->contact,
                .counts = sample_counts(sample),
                .heart_rate = sample->heart_rate,
                .n_rr = (uint16_t)n_rr,
                .smoothed = sample->smoothed,
        };

        assert(n_rr <= MEASUREMENT_RR_MAX);
        if (!is_recording(w))
                return;

        op.session = w->id;
        op.t = t > last_t(w) ? t : last_t(w) + 1;
        if (push(w, &op, rr) < 0)
                return;
        w->given_t = t;
        figures_sample(&w->figures, op.t, op.heart_rate, op.smoothed, op.zone, op.counts);
}

void session_writer_pace(SessionWriter *w, int64_t t, const PacePoint *p)
{
        Operation op = { .type = OPERATION_PACE, .t = t };

        if (!is_recording(w) || t < 0 || (w->figures.pace.any && t <= w->figures.pace.last_t))
                return;
        op.session = w->id;
        op.extra = malloc(sizeof(*p));
        if (!op.extra) {
                w->error = -ENOMEM; /* matters to a staged session */
                return;
        }
        memcpy(op.extra, p, sizeof(*p));
        if (push(w, &op, NULL) == 0)
                figures_pace(&w->figures, t, p);
}

static int write_event(SessionWriter *w, int64_t t, SessionEvent event, double value, const char *detail)
{
        Operation op = { .type = OPERATION_EVENT, .event = (uint8_t)event, .value = value };
        int r;

        if (!is_recording(w))
                return 0;

        op.session = w->id;
        op.t = t > 0 ? t : 0;
        /* A ceiling applies to the heart rates from its t on: one that is set after a heart rate gets the next ms. */
        if (event == SESSION_EVENT_CEILING && op.t <= last_t(w))
                op.t = last_t(w) + 1;
        /* A mark is of the heart rate that the runner has just seen: one right before the session's end is kept with it. */
        if (event == SESSION_EVENT_MARK && w->figures.tally.started && op.t > last_t(w) &&
                        op.t <= last_t(w) + MARK_NEAR_MS)
                op.t = last_t(w);
        if (detail)
                op.extra = strdup(detail); /* out of memory: the event without it */
        r = push(w, &op, NULL);
        if (r == 0)
                figures_event(&w->figures, op.t, event, value);
        return r;
}

int session_writer_event(SessionWriter *w, int64_t t, const char *type, double value, const char *detail)
{
        SessionEvent event = session_event_from_string(type);

        assert(event >= 0);
        return write_event(w, t, event, value, detail);
}

static int64_t fact_t(const SessionWriter *w, const Fact *fact)
{
        return ((int64_t)fact->at_usec - (int64_t)w->begin_usec) / (int64_t)USEC_PER_MSEC;
}

static double length_s(const Fact *fact)
{
        return (double)fact->length_usec / USEC_PER_SEC;
}

/* Writes any fact but a heart rate. */
_cold_ static void write_fact(SessionWriter *w, const Fact *fact, const char *detail)
{
        const char zone[] = { (char)('0' + fact->zone), '\0' };
        int64_t t = fact_t(w, fact);

        switch (fact->type) {
        case FACT_OVER_LIMIT:
                if (fact->begins)
                        (void)write_event(w, t, SESSION_EVENT_OVER_LIMIT, fact->first_heart_rate, NULL);
                break;
        case FACT_BACK_IN_RANGE:
                (void)write_event(w, t, SESSION_EVENT_BACK_IN_RANGE, length_s(fact), NULL);
                break;
        case FACT_GAP:
                (void)write_event(w, t, SESSION_EVENT_GAP, length_s(fact), NULL);
                break;
        case FACT_CONTACT_LOST:
                (void)write_event(w, t, SESSION_EVENT_CONTACT_LOST, NAN, NULL);
                break;
        case FACT_STALE:
                (void)write_event(w, t, SESSION_EVENT_STALE, length_s(fact), NULL);
                break;
        case FACT_ZONE:
                (void)write_event(w, t, SESSION_EVENT_ZONE, fact->heart_rate, zone);
                break;
        case FACT_CEILING:
                (void)write_event(w, t, SESSION_EVENT_CEILING, fact->ceiling, detail);
                break;
        case FACT_SNOOZE:
                (void)write_event(w, t, SESSION_EVENT_SNOOZE, length_s(fact), NULL);
                break;
        case FACT_STRAP:
                (void)write_event(w, t, SESSION_EVENT_STRAP, NAN, detail);
                break;
        case FACT_STRAP_LOST:
                (void)write_event(w, t, SESSION_EVENT_TROUBLE, NAN, CARDIO_TROUBLE_STRAP_LOST);
                break;
        case FACT_STRAP_BACK:
                (void)write_event(w, t, SESSION_EVENT_TROUBLE, length_s(fact), CARDIO_TROUBLE_STRAP_BACK);
                break;
        case FACT_BATTERY_LOW:
                (void)write_event(w, t, SESSION_EVENT_TROUBLE, fact->percent, CARDIO_TROUBLE_BATTERY);
                break;
        case FACT_BATTERY_RISEN:
        case FACT_REJECTED:
        case FACT_SENSOR:
        case FACT_HEART_RATE:
        case FACT_SAMPLE:
        case FACT_SESSION_STARTED:
        case FACT_SESSION_ENDED:
        case FACT_SESSION_DISCARDED:
        case _FACT_TYPE_MAX:
        case _FACT_TYPE_INVALID:
                break;
        }
}

_hot_ void session_writer_fact(SessionWriter *w, const Fact *fact, const char *detail)
{
        if (!is_recording(w))
                return;
        if (fact->type == FACT_SAMPLE)
                session_writer_sample(w, fact_t(w, fact), fact->sample, fact->rr, fact->n_rr);
        else
                write_fact(w, fact, detail);
}

void session_writer_clock(SessionWriter *w, int64_t t, int64_t step_ms)
{
        Store *s;

        if (!is_recording(w))
                return;
        assert(!w->staged); /* its clock is nobody's */
        s = w->store;
        (void)store_push(s,
                        &(Operation){ .type = OPERATION_CLOCK,
                                        .session = w->id,
                                        .known = s->clock.known,
                                        .t = t > 0 ? t : 0,
                                        .step_ms = step_ms },
                        NULL); /* logged there */
        s->follows = s->follows || !s->clock.known;
}

/* -- The end -- */

static void writer_free(SessionWriter *w)
{
        *w = (SessionWriter){ .id = 0 };
}

int64_t session_writer_end(SessionWriter *w, int64_t end_t, bool resumable)
{
        Operation op = { .type = OPERATION_END, .t = end_t, .resumable = resumable };

        if (!w || w->id == 0)
                return end_t;
        op.session = w->id;
        /* The last heart rate may have been stored a little later than it was passed in, to keep t rising. */
        if (end_t >= w->given_t)
                op.t = end_t > last_t(w) ? end_t : last_t(w);
        if (op.t < 0)
                op.t = 0;
        if (w->staged) {
                w->end_t = op.t;
                return op.t;
        }
        (void)store_push(w->store, &op, NULL); /* cannot fail: there is always room for it */
        writer_free(w);
        return op.t;
}

void session_writer_discard(SessionWriter *w)
{
        if (!w || w->id == 0)
                return;
        assert(!w->staged); /* session_writer_free() */
        (void)store_push(w->store, &(Operation){ .type = OPERATION_DISCARD, .session = w->id },
                        NULL); /* cannot fail: there is always room for it */
        writer_free(w);
}
