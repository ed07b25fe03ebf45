/* SPDX-License-Identifier: MIT */
/* Distances: of a device, whose counter may begin anew, stand still or be missing; and of a session, which may have had several
 * devices. A distance never goes back. And the limit of a recovery run. Times come in. */

#include "cardio/pace.h"

#include <math.h>

/* Counters go in steps, of 10 m or more, and a reading may come late. */
#define METRES_SLACK 20.0
#define CLIMB_SLACK  10.0
#define CLIMB_MAX    3.0 /* m/s */
/* A counter that goes back by less is not reset: it is corrected. */
#define JITTER 2.0

static double seconds(usec_t length_usec)
{
        return (double)length_usec / (double)USEC_PER_SEC;
}

/* Returns what a counter rose since it was last read, at most by that rate and some slack; 0 if it begins here, or anew. */
static double counter_rise(PaceCounter *c, double value, usec_t at_usec, double per_second, double slack)
{
        double rise = value - c->value, most = per_second * seconds(at_usec - c->at_usec) + slack;

        if (isnan(value))
                return 0;
        c->at_usec = at_usec;
        if (rise < 0 && rise > -JITTER)
                return 0;
        c->value = value;
        return rise >= 0 && rise <= most ? rise : 0;
}

/* What was run since the last point, by the speed then. */
static double run_by_speed(const PacePoint *last, usec_t at_usec)
{
        usec_t length_usec = at_usec - last->at_usec;

        if (last->at_usec == 0 || isnan(last->speed) || length_usec > PACE_GAP_USEC)
                return 0;
        return last->speed * seconds(length_usec);
}

/* The same by the counter, if there is one that counts. One that was taken for stuck and rises after all: what was counted by speed
 * meanwhile is part of that. */
static double source_run(PaceSource *s, double counter, usec_t at_usec)
{
        double run = run_by_speed(&s->point, at_usec), counted = s->by_speed ? s->unconfirmed : 0, rise;
        bool first = isnan(s->metres.value) && !isnan(counter);

        s->unconfirmed += run;
        rise = counter_rise(&s->metres, counter, at_usec, PACE_SPEED_MAX,
                        METRES_SLACK + 2 * fmin(s->unconfirmed, PACE_STUCK_METRES));
        if (first || rise > 0) {
                s->by_speed = false;
                s->unconfirmed = 0;
                return first ? run : fmax(0, rise - counted);
        }
        if (s->by_speed)
                return run;
        if (s->unconfirmed < PACE_STUCK_METRES)
                return 0;
        s->by_speed = true;
        return s->unconfirmed;
}

void pace_source_begin(PaceSource *s)
{
        *s = (PaceSource){ .point = { .distance = NAN, .ascent = NAN },
                .metres = { .value = NAN },
                .climb = { .value = NAN },
                .by_speed = true };
}

bool pace_source_add(PaceSource *s, const PaceReading *r, usec_t at_usec, PacePoint *ret)
{
        PacePoint *p = &s->point;
        double run, climb;

        if (at_usec <= p->at_usec)
                return false;
        run = source_run(s, r->distance, at_usec);
        climb = counter_rise(&s->climb, r->ascent, at_usec, CLIMB_MAX, CLIMB_SLACK);
        if (!isnan(r->distance) || !isnan(r->speed) || !isnan(p->distance))
                p->distance = isnan(p->distance) ? 0 : p->distance + run;
        if (!isnan(r->ascent) || !isnan(p->ascent))
                p->ascent = isnan(p->ascent) ? 0 : p->ascent + climb;
        p->at_usec = at_usec;
        p->speed = r->speed;
        p->cadence = r->cadence;
        p->incline = r->incline;
        *ret = *p;
        return true;
}

/* From one point of a link to the next; 0 if either is not known. */
static double rise(double from, double to)
{
        return to > from ? to - from : 0;
}

bool pace_trip_add(PaceTrip *t, int link, const PacePoint *p, PacePoint *ret)
{
        if (p->at_usec <= t->last.at_usec)
                return false;
        if (t->last.at_usec > 0 && t->link == link) {
                t->distance += rise(t->last.distance, p->distance);
                t->ascent += rise(t->last.ascent, p->ascent);
        }
        t->any_distance = t->any_distance || !isnan(p->distance);
        t->link = link;
        t->last = *p;
        *ret = *p;
        ret->distance = t->any_distance ? t->distance : NAN;
        ret->ascent = isnan(p->ascent) ? NAN : t->ascent;
        return true;
}

double pace_limit(double base_speed, unsigned margin_s_per_mile)
{
        if (!(base_speed > 0))
                return NAN;
        return METRES_PER_MILE / (METRES_PER_MILE / base_speed + margin_s_per_mile);
}
