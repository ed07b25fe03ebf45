/* SPDX-License-Identifier: MIT */

/* The figures of a session that its row holds. A session that is recorded, one that is closed and one that is repaired after a
 * crash all go through this code, so they get the same figures. No clock: t is milliseconds since the session's start. Events
 * at a t come before the heart rate at that t. */

#include "store/figures.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"

static const char *const event_names[] = {
        [SESSION_EVENT_OVER_LIMIT] = "over-limit",
        [SESSION_EVENT_BACK_IN_RANGE] = "back-in-range",
        [SESSION_EVENT_GAP] = "gap",
        [SESSION_EVENT_CONTACT_LOST] = "contact-lost",
        [SESSION_EVENT_STALE] = "stale",
        [SESSION_EVENT_ZONE] = "zone",
        [SESSION_EVENT_CEILING] = "ceiling",
        [SESSION_EVENT_SNOOZE] = "snooze",
        [SESSION_EVENT_BATTERY] = "battery",
        [SESSION_EVENT_CLOCK] = "clock",
        [SESSION_EVENT_STRAP] = "strap",
        [SESSION_EVENT_MARK] = "mark",
        [SESSION_EVENT_STEP] = "step",
        [SESSION_EVENT_TROUBLE] = "trouble",
        [SESSION_EVENT_OVER_PACE] = "over-pace",
        [SESSION_EVENT_PACE_IN_RANGE] = "pace-in-range",
};

const char *session_event_to_string(SessionEvent type)
{
        assert(type >= 0 && type < _SESSION_EVENT_MAX);
        return event_names[type];
}

SessionEvent session_event_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(event_names); i++)
                if (strcmp(s, event_names[i]) == 0)
                        return (SessionEvent)i;
        return _SESSION_EVENT_INVALID;
}

void figures_begin(Figures *f, const Runner *runner, double tolerance, double ceiling)
{
        *f = (Figures){ 0 };
        tally_begin(&f->tally, runner, tolerance, ceiling);
        pace_figures_begin(&f->pace);
}

_hot_ void figures_sample(
                Figures *f, int64_t t, uint16_t heart_rate, double smoothed, unsigned zone, bool counts)
{
        tally_sample(&f->tally, t, heart_rate, smoothed, zone, counts);
        if (f->breach.begins) {
                f->breach.begins = false;
                f->breach.began_over_ms = f->breach.ended_over_ms = f->tally.over_ms;
                f->breach.ended_t = t;
        }
        if (counts && f->tally.last_over) {
                f->breach.ended_t = t;
                f->breach.ended_over_ms = f->tally.over_ms;
        }
}

void figures_event(Figures *f, int64_t t, SessionEvent type, double value)
{
        switch (type) {
        case SESSION_EVENT_OVER_LIMIT:
                f->breaches++;
                f->breach.open = f->breach.begins = true;
                f->breach.ended_t = t;
                f->breach.began_over_ms = f->breach.ended_over_ms = f->tally.over_ms;
                break;
        case SESSION_EVENT_BACK_IN_RANGE:
                f->longest_breach_s = fmax(f->longest_breach_s, value);
                f->breach.open = f->breach.begins = false;
                break;
        case SESSION_EVENT_CEILING:
                tally_ceiling(&f->tally, value);
                break;
        case SESSION_EVENT_OVER_PACE:
                f->pace_breach.open = true;
                f->pace_breach.began_t = t;
                f->pace_breach.began_speed = value;
                break;
        case SESSION_EVENT_PACE_IN_RANGE:
                f->pace_breach.open = false;
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
                break;
        case _SESSION_EVENT_MAX:
        case _SESSION_EVENT_INVALID:
                assert(0 && "no such event");
        }
}

void figures_pace(Figures *f, int64_t t, const PacePoint *p)
{
        pace_figures_add(&f->pace, t, p);
}

double figures_open_breach(const Figures *f, int64_t *ret_ended_t)
{
        if (!f->breach.open)
                return NAN;
        *ret_ended_t = f->breach.ended_t;
        return (double)(f->breach.ended_over_ms - f->breach.began_over_ms) / 1000;
}

double figures_open_pace_breach(const Figures *f, int64_t *ret_ended_t)
{
        const PaceFigures *p = &f->pace;
        bool later = p->any && p->last_t > f->pace_breach.began_t && !isnan(p->last_speed);

        if (!f->pace_breach.open)
                return NAN;
        *ret_ended_t = later ? p->last_t : f->pace_breach.began_t;
        return later ? p->last_speed : f->pace_breach.began_speed;
}
