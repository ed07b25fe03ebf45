/* SPDX-License-Identifier: MIT */
/* The recorder's state machine; the diagram is in the header. It knows when a session begins and ends, and what effort is;
 * never what else is in it. */

#include "cardio/recorder.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"

/* Effort of a session, in all, before what is usual in it separates effort from rest. */
#define USUAL_AFTER_USEC (10 * USEC_PER_MIN)
/* Effort before a session that is closer than this goes into one piece. */
#define PIECE_USEC USEC_PER_SEC

/* -- What is usual in a session -- */

static void usual_add(Usual *u, double smoothed, usec_t length_usec)
{
        uint32_t ms = (uint32_t)(length_usec / USEC_PER_MSEC);
        unsigned step = (unsigned)(smoothed * 2);

        assert(step < USUAL_STEPS);
        u->ms[step] += ms;
        u->total_ms += ms;
        if (step < u->middle)
                u->below_ms += ms;
        while (u->below_ms > u->total_ms / 2)
                u->below_ms -= u->ms[--u->middle];
        while (u->middle < USUAL_STEPS - 1 && u->below_ms + u->ms[u->middle] < u->total_ms / 2)
                u->below_ms += u->ms[u->middle++];
}

/* -- Effort -- */

/* What a heart rate has to be above for a session to begin; NAN = none does. */
static double begins_above(const Recorder *r, const RecorderConfig *c)
{
        double above = c->start_above == 0 && r->held_usec > 0 ? c->effort_above : c->start_above;

        return r->bound > above ? r->bound : above;
}

/* What effort in the session has to be above besides, by what is usual in it; 0 = that is not known yet, or matters to none,
 * where any heart rate is effort. */
static double usual_bound(const Recorder *r, const RecorderConfig *c)
{
        double bound;

        if (r->effort_length_usec < USUAL_AFTER_USEC || r->by_hand || !(c->start_above > 0))
                return 0;
        bound = c->resting + (r->usual.middle / 2.0 - c->resting) / 2;
        return bound > c->start_above ? bound : 0;
}

static void effort_credit(Effort *e, usec_t credit_usec)
{
        unsigned last = (e->first + e->n - 1) % EFFORT_PIECES_MAX;

        if (e->n == 0 || e->last_usec - e->piece[last].at_usec >= PIECE_USEC) {
                if (e->n == EFFORT_PIECES_MAX) /* they are a second apart: the oldest is out of time */
                        return;
                last = (e->first + e->n++) % EFFORT_PIECES_MAX;
                e->piece[last].at_usec = e->last_usec;
                e->piece[last].credited_usec = 0;
        }
        e->piece[last].credited_usec += credit_usec;
        e->credited_usec += credit_usec;
}

static void effort_take_off(Effort *e, usec_t credit_usec)
{
        while (e->n > 0 && credit_usec > 0) {
                unsigned last = (e->first + e->n - 1) % EFFORT_PIECES_MAX;
                usec_t most_usec = e->piece[last].credited_usec,
                       off_usec = credit_usec < most_usec ? credit_usec : most_usec;

                e->piece[last].credited_usec -= off_usec;
                e->credited_usec -= off_usec;
                credit_usec -= off_usec;
                if (e->piece[last].credited_usec == 0)
                        e->n--;
        }
}

/* Of a piece that reaches out of the time that counts, what is within it stays: else effort for all of that time, piece by
 * piece, never came to it. */
static void effort_forget_old(Effort *e, usec_t now_usec)
{
        usec_t from_usec = usec_sub(now_usec, EFFORT_WITHIN_USEC);

        while (e->n > 0 && e->piece[e->first].at_usec < from_usec) {
                usec_t old_usec = from_usec - e->piece[e->first].at_usec;

                if (old_usec < e->piece[e->first].credited_usec) {
                        e->piece[e->first].at_usec = from_usec;
                        e->piece[e->first].credited_usec -= old_usec;
                        e->credited_usec -= old_usec;
                        return;
                }
                e->credited_usec -= e->piece[e->first].credited_usec;
                e->first = (e->first + 1) % EFFORT_PIECES_MAX;
                e->n--;
        }
}

static void effort_clear(Effort *e)
{
        e->first = e->n = 0;
        e->sign = 0;
        e->credited_usec = 0;
}

static void effort_clear_all(Recorder *r)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                effort_clear(&r->effort[i]);
}

/* The heart rate before this one gets its credit, and this one is judged. */
static void effort_update(Effort *e, const Sample *sample, double above, usec_t credit_usec)
{
        if (e->sign > 0)
                effort_credit(e, credit_usec);
        else if (e->sign < 0)
                effort_take_off(e, credit_usec);
        effort_forget_old(e, sample->at_usec); /* after a long silence the one just credited, too */

        e->last_usec = sample->at_usec;
        if (!sample->live || sample->settled == SETTLED_TOO_FEW)
                e->sign = 0;
        else if (sample->settled == SETTLED_YES && sample->smoothed > above) /* false for NAN */
                e->sign = 1;
        else
                e->sign = -1;
}

/* Has the runner rested since the session before? */
static void bound_update(Recorder *r, const RecorderConfig *c, const Sample *sample, usec_t credit_usec)
{
        if (r->was_below)
                r->below_usec += credit_usec;
        if (r->below_usec >= c->start_after_usec || sample->at_usec - r->live_usec >= c->end_after_usec)
                r->bound = 0;
        r->was_below = sample_counts(sample) && sample->smoothed < c->start_above;
        if (sample_counts(sample) && !r->was_below)
                r->below_usec = 0;
}

/* -- Sessions -- */

static void recorder_begin(Recorder *r, unsigned sensor, bool by_hand, usec_t begin_usec, usec_t effort_usec)
{
        r->state = RECORDER_RECORDING;
        r->by_hand = by_hand;
        r->resumed = false;
        r->run = by_hand;
        r->held_usec = 0;
        r->sensor = sensor;
        r->begin_usec = begin_usec;
        r->first_effort_usec = r->effort_usec = r->lasting_usec = effort_usec;
        r->kept_usec = r->last_usec = r->live_usec = effort_usec;
        r->credit = (Credit){ 0 };
        r->credit_usec = r->effort_length_usec = 0;
        r->last_effort = false;
        memset(&r->usual, 0, sizeof(r->usual));
        r->bound = 0;
}

static bool is_effort(const Recorder *r, const RecorderConfig *c, const Sample *sample)
{
        double bound;

        if (r->by_hand)
                return true;
        /* With no figure there is no below. */
        if (sample->settled != SETTLED_YES || sample->smoothed < c->start_above)
                return false;
        bound = usual_bound(r, c);
        return bound == 0 || sample->smoothed > bound;
}

_hot_ usec_t recorder_add(Recorder *r, const RecorderConfig *c, const Sample *sample)
{
        usec_t at_usec = sample->at_usec;

        r->credit_usec = credit_push(&r->credit, at_usec);
        /* Of effort alone: a long rest does not become what is usual. */
        if (r->last_effort) {
                r->effort_length_usec += r->credit_usec;
                usual_add(&r->usual, r->last_smoothed, r->credit_usec);
        }

        r->last_effort = is_effort(r, c, sample) && sample->live;
        r->last_smoothed = sample->smoothed;
        r->last_usec = at_usec;
        if (sample->live)
                r->live_usec = at_usec;
        if (r->last_effort) {
                r->effort_usec = at_usec;
                if (r->first_effort_usec == 0)
                        r->first_effort_usec = at_usec;
        }
        if (is_effort(r, c, sample))
                r->lasting_usec = at_usec;
        r->run = r->run || (sample_counts(sample) && sample->smoothed > c->effort_above);
        if (r->resumed)
                r->kept_usec = r->trimmed_usec;
        r->resumed = false;
        if (r->by_hand || at_usec <= usec_add(r->effort_usec, c->cool_down_usec))
                r->kept_usec = at_usec;
        return r->credit_usec;
}

static RecorderAction recorder_idle(Recorder *r, const RecorderConfig *c, unsigned sensor,
                const Sample *sample, usec_t credit_usec)
{
        bool contact = c->start_above == 0 && r->held_usec == 0;
        Effort *e = &r->effort[sensor];
        usec_t since_usec = sample->at_usec, begin_usec;

        if (r->held)
                return RECORDER_NOTHING;
        effort_update(e, sample, begins_above(r, c), credit_usec);
        if (!contact) {
                if (e->credited_usec < c->start_after_usec || (e->n == 0 && e->sign <= 0))
                        return RECORDER_NOTHING;
                if (e->n > 0) /* else start-after is 0, and this is the first of it */
                        since_usec = e->piece[e->first].at_usec;
        } else if (!sample->live) {
                return RECORDER_NOTHING;
        }

        begin_usec = usec_sub(since_usec, c->pre_roll_usec);
        if (begin_usec <= r->ended_usec)
                begin_usec = r->ended_usec + 1;
        recorder_begin(r, sensor, false, begin_usec, since_usec);
        r->run = !contact;
        return RECORDER_START;
}

/* Stopped by hand while the runner went on: nothing starts before they have rested. */
static RecorderAction recorder_stopped(Recorder *r, const RecorderConfig *c, unsigned sensor,
                const Sample *sample, usec_t credit_usec)
{
        if (sample->at_usec - r->effort_usec >= c->end_after_usec) {
                r->state = RECORDER_IDLE;
                return recorder_idle(r, c, sensor, sample, credit_usec);
        }
        if (sample_counts(sample) && sample->smoothed >= c->start_above)
                r->effort_usec = sample->at_usec;
        return RECORDER_NOTHING;
}

void recorder_backdated(Recorder *r, usec_t first_usec)
{
        r->begin_usec = first_usec;
}

/* From the first effort to the last it is long enough to be kept. */
static bool is_long_enough(const Recorder *r, const RecorderConfig *c)
{
        usec_t length_usec = r->first_effort_usec > 0 ? r->lasting_usec - r->first_effort_usec : 0;

        return length_usec >= c->min_duration_usec;
}

static void recorder_held(Recorder *r, bool hold, usec_t now_usec)
{
        r->held = hold;
        r->held_usec = r->ended_usec = now_usec;
        effort_clear_all(r);
}

int recorder_hold(Recorder *r, const RecorderConfig *c, usec_t now_usec, RecorderAction *ret_action)
{
        RecorderAction action = RECORDER_NOTHING;

        if (r->state == RECORDER_RECORDING) {
                if (r->run || is_long_enough(r, c))
                        return -EBUSY;
                r->state = RECORDER_IDLE;
                action = RECORDER_DISCARD;
        }
        recorder_held(r, true, now_usec);
        *ret_action = action;
        return 0;
}

void recorder_release(Recorder *r, usec_t now_usec)
{
        if (r->held)
                recorder_held(r, false, now_usec);
}

void recorder_forget(Recorder *r, unsigned sensor)
{
        assert(sensor < SENSORS_MAX);
        effort_clear(&r->effort[sensor]);
}

/* From here on a run must be begun anew, and what was recorded is not recorded again. */
static void recorder_close(Recorder *r, const RecorderConfig *c, RecorderState next)
{
        r->state = next;
        r->ended_usec = r->kept_usec;
        r->bound = c ? usual_bound(r, c) : 0;
        r->was_below = false;
        r->below_usec = 0;
        effort_clear_all(r);
}

static RecorderAction recorder_end(Recorder *r, RecorderState next, bool keep, const RecorderConfig *c)
{
        keep = keep || is_long_enough(r, c);
        recorder_close(r, c, next);
        return keep ? RECORDER_END : RECORDER_DISCARD;
}

static RecorderAction recorder_recording(
                Recorder *r, const RecorderConfig *c, unsigned sensor, const Sample *sample)
{
        bool switches = sensor != r->sensor;
        usec_t kept_usec = r->resumed ? r->trimmed_usec : r->kept_usec;

        if (switches && (!sample->live || sample->at_usec <= r->last_usec ||
                                        sample->at_usec - r->live_usec < c->switch_after_usec))
                return RECORDER_NOTHING;
        r->sensor = sensor;
        (void)recorder_add(r, c, sample); /* in credit_usec */
        /* A session taken up again, whose strap is back without effort later than it would have ended. */
        if (sample->at_usec >= recorder_deadline(r, c)) {
                r->kept_usec = kept_usec;
                return recorder_end(r, RECORDER_IDLE, r->by_hand, c);
        }
        return switches ? RECORDER_SWITCH : RECORDER_KEEP;
}

_hot_ RecorderAction recorder_update(Recorder *r, const RecorderConfig *c, unsigned sensor,
                const Sample *sample, usec_t credit_usec)
{
        RecorderAction action = RECORDER_NOTHING;

        assert(sensor < SENSORS_MAX);
        if (r->held_usec > 0)
                r->held_usec = r->held || sample->at_usec - r->held_usec < c->end_after_usec ? sample->at_usec
                                                                                             : 0;
        if (r->state == RECORDER_RECORDING)
                return recorder_recording(r, c, sensor, sample);

        bound_update(r, c, sample, credit_usec);
        if (r->state == RECORDER_IDLE)
                action = recorder_idle(r, c, sensor, sample, credit_usec);
        else if (r->state == RECORDER_STOPPED)
                action = recorder_stopped(r, c, sensor, sample, credit_usec);
        if (sample->live)
                r->live_usec = sample->at_usec;
        return action;
}

int recorder_start(Recorder *r, unsigned sensor, usec_t at_usec)
{
        if (r->state == RECORDER_RECORDING)
                return -EALREADY;
        recorder_begin(r, sensor, true, at_usec, at_usec);
        return 0;
}

RecorderAction recorder_stop(Recorder *r, const RecorderConfig *c, usec_t now_usec)
{
        RecorderAction action;

        if (r->state != RECORDER_RECORDING)
                return RECORDER_NOTHING;
        action = recorder_end(r, RECORDER_STOPPED, r->by_hand || r->resumed, c);
        r->effort_usec = now_usec;
        return action;
}

RecorderAction recorder_suspend(Recorder *r)
{
        if (r->state != RECORDER_RECORDING)
                return RECORDER_NOTHING;
        r->kept_usec = r->last_usec;
        recorder_close(r, NULL, RECORDER_IDLE);
        return RECORDER_END;
}

void recorder_take_up(Recorder *r, unsigned sensor, bool by_hand, usec_t begin_usec)
{
        recorder_begin(r, sensor, by_hand, begin_usec, begin_usec);
        r->first_effort_usec = 0; /* the pre-roll is none: the first that is added and is effort */
        r->run = true;
}

void recorder_resume(Recorder *r)
{
        r->trimmed_usec = r->kept_usec;
        r->kept_usec = r->last_usec;
        r->resumed = true;
}

void recorder_stopped_before(Recorder *r, usec_t effort_usec)
{
        if (r->state != RECORDER_IDLE)
                return;
        r->state = RECORDER_STOPPED;
        r->effort_usec = effort_usec;
}

double recorder_usual(const Recorder *r)
{
        return r->usual.total_ms > 0 ? r->usual.middle / 2.0 : 0;
}

RecorderAction recorder_tick(Recorder *r, const RecorderConfig *c, usec_t now_usec)
{
        if (now_usec < recorder_deadline(r, c))
                return RECORDER_NOTHING;
        if (r->state == RECORDER_STOPPED) {
                r->state = RECORDER_IDLE;
                return RECORDER_NOTHING;
        }
        return recorder_end(r, RECORDER_IDLE, r->by_hand || r->resumed, c);
}

_hot_ usec_t recorder_deadline(const Recorder *r, const RecorderConfig *c)
{
        if (r->state == RECORDER_IDLE)
                return USEC_INFINITY;
        if (r->state == RECORDER_STOPPED)
                return usec_add(r->effort_usec, c->end_after_usec);
        /* The strap of a resumed session is given as long as after any other gap. */
        return usec_add(r->resumed ? r->last_usec : r->effort_usec, c->end_after_usec);
}
