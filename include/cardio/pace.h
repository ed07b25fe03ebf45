/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/credit.h"
#include "cardio/time.h"

/* How fast a runner is, by a foot pod or a treadmill: what one says, what is made of it since it connected, what a session keeps of
 * it, and what that comes to. Figures that are not known are NAN. Pure: times come in. */

/* No runner is faster: what a device says beyond it is noise, or its way to say that it does not know. */
#define PACE_SPEED_MAX 12.0 /* m/s */

/* Which characteristic a value is of. */
typedef enum PaceFormat {
        PACE_FORMAT_RUNNING_SPEED, /* RSC Measurement, 0x2A53 */
        PACE_FORMAT_TREADMILL,     /* Treadmill Data, 0x2ACD */
        _PACE_FORMAT_MAX,
        _PACE_FORMAT_INVALID = -EINVAL,
} PaceFormat;

/* One value of a device, as it says it. Its counters may begin anew at any time. */
typedef struct PaceReading {
        double speed;        /* m/s, 0..PACE_SPEED_MAX */
        double cadence;      /* steps per min, of both feet */
        double distance;     /* m, by its counter */
        double incline;      /* per cent */
        double ascent;       /* m of positive elevation gain, by its counter */
        uint16_t heart_rate; /* bpm, 0 = not said */
} PaceReading;

/* The same on the daemon's clock: its counters begin at 0 when the device connects (of a source), or when the session begins (of a
 * trip), and never go back. */
typedef struct PacePoint {
        usec_t at_usec;  /* CLOCK_BOOTTIME, rises */
        double speed;    /* m/s */
        double cadence;  /* steps per min, of both feet */
        double distance; /* m */
        double incline;  /* per cent */
        double ascent;   /* m, NAN where the device has no counter for it */
} PacePoint;

/* A device, from one link to the next. A counter that goes back, or leaps farther than the time and the fastest runner allow, begins
 * anew there: what was run meanwhile is not known, and nothing is invented. A device without a counter of its own gets one from
 * its speed, as long as its readings are at most PACE_GAP_USEC apart; so does one whose counter stands still for PACE_STUCK_METRES
 * that it says to have run. Zero it, then pace_source_begin() at each new link. */
#define PACE_GAP_USEC     (5 * USEC_PER_SEC)
#define PACE_STUCK_METRES 300.0
typedef struct PaceCounter {
        double value; /* as the device last said it, NAN = never */
        usec_t at_usec;
} PaceCounter;

typedef struct PaceSource {
        PacePoint point;           /* the last; .at_usec 0 = none on this link */
        PaceCounter metres, climb; /* the device's own */
        bool by_speed;      /* the distance goes by speed: there is no such counter, or it stands still */
        double unconfirmed; /* m, by speed since that counter last rose */
} PaceSource;

void pace_source_begin(PaceSource *s);
/* Returns whether that is a point, which is then in *ret; one not later than the last is none. */
bool pace_source_add(PaceSource *s, const PaceReading *r, usec_t at_usec, PacePoint *ret);

/* A session's way, over all its devices. From one source to another, over a lost link, or over a counter that began anew the way
 * goes on where it was: the gap is not invented. Zero it to begin. */
typedef struct PaceTrip {
        double distance, ascent; /* so far */
        bool any_distance;
        int link;       /* of the last point */
        PacePoint last; /* as the source has it; .at_usec 0 = none yet */
} PaceTrip;

/* Returns whether that is a point of the session, which is then in *ret; one not later than the last is none. link: another number
 * for each link of a source. The first point of all is at 0. */
bool pace_trip_add(PaceTrip *t, int link, const PacePoint *p, PacePoint *ret);

/* What rows of pace come to, one after the other in order of time, of a session of ours or of a file.
 *
 * The time to the next row is the earlier one's, and the runner moved in it if the speed is above PACE_MOVED, or the distance says so.
 * A time that is longer than usual (credit.h) is a gap: without distances it counts as far as credit has it; with them no longer than
 * the distance gained over it takes at the speed before it, so that neither a lost pod nor a pause makes the average slower or faster. */
#define PACE_MOVED 0.3 /* m/s */
typedef struct PaceFigures {
        bool any;
        int64_t last_t; /* ms */
        double last_speed, last_incline;
        bool last_has_distance;
        Credit credit;
        double distance; /* m: what the rows' own distance rose; by speed while no row had one; NAN = neither is known */
        double farthest; /* the rows' own distance, NAN = no row had one */
        double moved_s;
        double ascent;  /* m, by the machine's counter, NAN = it has none */
        double highest; /* that counter */
        double climbed; /* m, by incline and distance, NAN = no incline */
} PaceFigures;

void pace_figures_begin(PaceFigures *f);
/* t in ms from the session's start; a row not later than the one before is left out. .at_usec is not looked at. */
void pace_figures_add(PaceFigures *f, int64_t t, const PacePoint *p);
/* m, never falls; NAN = not known. */
double pace_figures_distance(const PaceFigures *f);
/* m/s: distance over the time that moved; NAN = not known, or that is less than a second. */
double pace_figures_speed(const PaceFigures *f);
/* m: by the machine's counter if that ever counted anything, else by incline and distance; NAN = not known. */
double pace_figures_ascent(const PaceFigures *f);

/* A mean over the last seconds, to go by: one reading says little. */
#define PACE_SMOOTH_USEC (10 * USEC_PER_SEC)
#define PACE_SMOOTH_MAX  64U
typedef struct PaceSmoother {
        unsigned first, n;
        double mean;
        struct {
                usec_t at_usec;
                double speed;
        } entry[PACE_SMOOTH_MAX];
} PaceSmoother;

void pace_smoother_clear(PaceSmoother *s);
/* Adds a speed in m/s, NAN = not known; returns the mean of those of the last PACE_SMOOTH_USEC, each worth the time until the
 * next, at most PACE_GAP_USEC; NAN while less than half of that time is known. Of a device that sends more than six a second some
 * are left out. */
double pace_smoother_add(PaceSmoother *s, usec_t at_usec, double speed);

/* The fastest speed of a recovery run: slower than the average of base runs by so many seconds per mile. NAN if base is. */
double pace_limit(double base_speed, unsigned margin_s_per_mile);
#define PACE_TOLERANCE  0.03 /* of the limit */
#define METRES_PER_MILE 1609.344
