/* SPDX-License-Identifier: MIT */
/* The recorder's state machine; the diagram is in the header. It knows when a session begins and ends, never what is
 * in it. */

#include "cardio/recorder.h"

#include <assert.h>
#include <math.h>

#include "cardio/macro.h"

/* Enough to begin a session: strictly above. */
static bool begins_effort(const Recorder *r, const RecorderConfig *c, double smoothed)
{
        bool contact = c->start_above == 0;

        return smoothed >
               (contact && r->held_usec > 0 ? c->effort_above : c->start_above); /* false for NAN */
}

/* Enough to go on: not below. With no figure there is no below. */
static bool keeps_effort(const Recorder *r, const RecorderConfig *c, double smoothed)
{
        return r->by_hand || !(smoothed < c->start_above);
}

static void recorder_begin(Recorder *r, unsigned sensor, bool by_hand, usec_t begin_usec, usec_t at_usec)
{
        r->state = RECORDER_RECORDING;
        r->by_hand = by_hand;
        r->resumed = false;
        r->run = by_hand;
        r->held_usec = 0;
        r->sensor = sensor;
        r->begin_usec = begin_usec;
        r->kept_usec = r->last_usec = r->live_usec = r->effort_usec = at_usec;
}

/* A heart rate of the session. */
static void recorder_keep(Recorder *r, const RecorderConfig *c, usec_t at_usec, double smoothed, bool live)
{
        if (r->resumed)
                r->kept_usec = r->trimmed_usec;
        r->resumed = false;
        r->last_usec = at_usec;
        if (live)
                r->live_usec = at_usec;
        if (live && keeps_effort(r, c, smoothed))
                r->effort_usec = at_usec;
        r->run = r->run || (live && smoothed > c->effort_above);
        if (r->by_hand || at_usec - r->effort_usec <= c->cool_down_usec)
                r->kept_usec = at_usec;
}

/* Effort of one strap without a break. Returns since when, 0 = there is none. */
static usec_t recorder_effort(Recorder *r, const RecorderConfig *c, unsigned sensor, usec_t at_usec,
                double smoothed, bool live)
{
        usec_t *since_usec = &r->effort[sensor].since_usec, *last_usec = &r->effort[sensor].last_usec;

        if (!live || r->held || !begins_effort(r, c, smoothed))
                *since_usec = 0;
        else if (*since_usec == 0 || at_usec - *last_usec > c->stale_usec)
                *since_usec = at_usec;
        *last_usec = at_usec;
        return *since_usec;
}

static RecorderAction recorder_idle(Recorder *r, const RecorderConfig *c, unsigned sensor, usec_t at_usec,
                double smoothed, usec_t since_usec)
{
        bool contact = c->start_above == 0 && r->held_usec == 0;

        if (since_usec == 0 || (!contact && at_usec - since_usec < c->start_after_usec))
                return RECORDER_NOTHING;

        usec_t begin_usec = usec_sub(since_usec, c->pre_roll_usec);
        if (begin_usec <= r->ended_usec)
                begin_usec = r->ended_usec + 1;
        recorder_begin(r, sensor, false, begin_usec, at_usec);
        r->run = !contact || smoothed > c->effort_above;
        return RECORDER_START;
}

/* Stopped by hand while the runner went on: nothing starts before they have rested. */
static RecorderAction recorder_stopped(Recorder *r, const RecorderConfig *c, unsigned sensor, usec_t at_usec,
                double smoothed, bool live, usec_t since_usec)
{
        if (at_usec - r->effort_usec >= c->end_after_usec) {
                r->state = RECORDER_IDLE;
                return recorder_idle(r, c, sensor, at_usec, smoothed, since_usec);
        }
        if (live && smoothed >= c->start_above)
                r->effort_usec = at_usec;
        return RECORDER_NOTHING;
}

void recorder_backdated(Recorder *r, usec_t first_usec)
{
        r->begin_usec = first_usec;
}

static void recorder_held(Recorder *r, bool hold, usec_t now_usec)
{
        r->held = hold;
        r->held_usec = r->ended_usec = now_usec;
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                r->effort[i].since_usec = 0;
}

int recorder_hold(Recorder *r, const RecorderConfig *c, usec_t now_usec, RecorderAction *ret_action)
{
        RecorderAction action = RECORDER_NOTHING;

        if (r->state == RECORDER_RECORDING) {
                if (r->run || r->kept_usec - r->begin_usec >= c->min_duration_usec)
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

void recorder_hole(Recorder *r, unsigned sensor)
{
        assert(sensor < SENSORS_MAX);
        r->effort[sensor].since_usec = 0;
}

/* From here on a run must be begun anew, and what was recorded is not recorded again. */
static void recorder_close(Recorder *r, RecorderState next)
{
        r->state = next;
        r->ended_usec = r->kept_usec;
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                r->effort[i].since_usec = 0;
}

static RecorderAction recorder_end(Recorder *r, RecorderState next, bool keep, const RecorderConfig *c)
{
        recorder_close(r, next);
        return keep || r->kept_usec - r->begin_usec >= c->min_duration_usec ? RECORDER_END : RECORDER_DISCARD;
}

static RecorderAction recorder_recording(Recorder *r, const RecorderConfig *c, unsigned sensor,
                usec_t at_usec, double smoothed, bool live)
{
        bool switches = sensor != r->sensor;

        if (switches && (!live || at_usec - r->live_usec < c->switch_after_usec))
                return RECORDER_NOTHING;
        r->sensor = sensor;
        recorder_keep(r, c, at_usec, smoothed, live);
        /* A session taken up again, whose strap is back without effort later than it would have ended. */
        if (at_usec >= recorder_deadline(r, c))
                return recorder_end(r, RECORDER_IDLE, r->by_hand, c);
        return switches ? RECORDER_SWITCH : RECORDER_KEEP;
}

_heartbeat_ RecorderAction recorder_update(Recorder *r, const RecorderConfig *c, unsigned sensor,
                usec_t at_usec, double smoothed, bool live)
{
        usec_t since_usec;

        assert(sensor < SENSORS_MAX);
        if (r->held_usec > 0)
                r->held_usec = r->held || at_usec - r->held_usec < c->end_after_usec ? at_usec : 0;
        since_usec = recorder_effort(r, c, sensor, at_usec, smoothed, live);

        switch (r->state) {
        case RECORDER_IDLE:
                return recorder_idle(r, c, sensor, at_usec, smoothed, since_usec);
        case RECORDER_RECORDING:
                return recorder_recording(r, c, sensor, at_usec, smoothed, live);
        case RECORDER_STOPPED:
                return recorder_stopped(r, c, sensor, at_usec, smoothed, live, since_usec);
        case _RECORDER_STATE_MAX:
        case _RECORDER_STATE_INVALID:
                break;
        }
        return RECORDER_NOTHING;
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
        if (r->state != RECORDER_RECORDING)
                return RECORDER_NOTHING;
        r->effort_usec = now_usec;
        return recorder_end(r, RECORDER_STOPPED, r->by_hand || r->resumed, c);
}

RecorderAction recorder_suspend(Recorder *r)
{
        if (r->state != RECORDER_RECORDING)
                return RECORDER_NOTHING;
        r->kept_usec = r->last_usec;
        recorder_close(r, RECORDER_IDLE);
        return RECORDER_END;
}

void recorder_resume(Recorder *r, unsigned sensor, bool by_hand, const RecorderPast *past)
{
        assert(past->begin_usec <= past->effort_usec && past->effort_usec <= past->kept_usec &&
                        past->kept_usec <= past->last_usec);
        recorder_begin(r, sensor, by_hand, past->begin_usec, past->last_usec);
        r->effort_usec = past->effort_usec;
        r->trimmed_usec = past->kept_usec;
        r->resumed = r->run = true;
}

void recorder_stopped_before(Recorder *r, usec_t effort_usec)
{
        if (r->state != RECORDER_IDLE)
                return;
        r->state = RECORDER_STOPPED;
        r->effort_usec = effort_usec;
}

RecorderAction recorder_tick(Recorder *r, const RecorderConfig *c, usec_t now_usec)
{
        if (now_usec < recorder_deadline(r, c))
                return RECORDER_NOTHING;
        return recorder_end(r, RECORDER_IDLE, r->by_hand || r->resumed, c);
}

_heartbeat_ usec_t recorder_deadline(const Recorder *r, const RecorderConfig *c)
{
        if (r->state != RECORDER_RECORDING)
                return USEC_INFINITY;
        /* The strap of a resumed session is given as long as after any other hole. */
        return usec_add(r->resumed ? r->last_usec : r->effort_usec, c->end_after_usec);
}
