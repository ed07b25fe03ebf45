/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "cardio/time.h"

/* Decides when an easy run is too fast.
 *
 *            above                    above for `hold`
 *   BELOW ──────────▶ HOLDING ────────────────────────▶ BREACH ◀─────────────┐
 *     ▲                 │                               │    ▲               │
 *     ├─────────────────┘ not above, or a hole          │    │ above ceiling │
 *     │                                     at or below │    │ or a hole     │
 *     │   at or below for `clear`             ceiling   ▼    │               │
 *     └──────────────────────────────────────────── CLEARING ────────────────┘
 *
 * Above means: smoothed > ceiling + tolerance. At or below the ceiling itself ends a breach; the band between the two
 * neither starts nor ends one. Holds are counted from heart rate to heart rate, never by the clock alone, and a hole
 * (no heart rate for longer than `stale`, lost contact, a frozen strap) breaks them: silence is never an alert.
 *
 * Announcing is apart from counting: a breach begun while muted (snoozed) is counted and kept, and announced when
 * the muting ends, if the runner is above then. The same goes while it is quiet, as in the hard part of a workout; then it
 * is announced with the first heart rate above that follows. */

typedef struct LimiterConfig {
        double tolerance; /* bpm */
        usec_t hold_usec;
        usec_t clear_usec;
        usec_t repeat_usec; /* 0 = announce each breach once */
        usec_t stale_usec;
} LimiterConfig;

typedef enum LimiterState {
        LIMITER_BELOW,
        LIMITER_HOLDING,
        LIMITER_BREACH,
        LIMITER_CLEARING,
        _LIMITER_STATE_MAX,
        _LIMITER_STATE_INVALID = -EINVAL,
} LimiterState;

typedef struct Limiter {
        LimiterState state;
        double ceiling;          /* bpm, NAN = none: nothing is ever above */
        bool above;              /* the last heart rate was above */
        bool announced;          /* the runner was told of this breach */
        bool due;                /* and is to be told, or told again, as soon as may be */
        usec_t above_since_usec; /* first heart rate above: a breach's begin */
        usec_t clear_since_usec;
        usec_t last_usec; /* last heart rate */
        usec_t announced_usec;
        usec_t muted_until_usec; /* 0 = not muted */
        bool quiet;
} Limiter;

/* What one step did; flags, since a breach can begin and be announced in one. */
typedef enum LimiterFacts {
        LIMITER_BEGAN = 1 << 0, /* a breach began */
        LIMITER_OVER = 1 << 1,  /* tell the runner: above */
        LIMITER_ENDED = 1 << 2, /* the breach ended */
        LIMITER_BACK = 1 << 3,  /* tell the runner: it is over; for each breach told of, muted or not */
} LimiterFacts;

/* Start of a session: everything but the muting and the quiet is forgotten. ceiling in bpm, NAN = none. */
void limiter_begin(Limiter *l, double ceiling);

/* A heart rate of the session (smoothed, bpm). ret_seconds_usec: with OVER how long it has been above, with ENDED how
 * long the breach lasted, else 0. */
LimiterFacts limiter_update(
                Limiter *l, const LimiterConfig *c, usec_t at_usec, double smoothed, usec_t *ret_length_usec);

/* There is no heart rate any more (contact lost, strap frozen): holds begin anew, an open breach stays open. */
void limiter_hole(Limiter *l);

/* End of the session, or a change of ceiling: an open breach ends. */
LimiterFacts limiter_end(Limiter *l, usec_t at_usec, usec_t *ret_length_usec);

/* No announcements until then; 0 ends it. */
void limiter_mute(Limiter *l, usec_t until_usec);

/* No announcements until it is ended. */
void limiter_quiet(Limiter *l, bool quiet);

/* The muting may have run out: announces a breach that is still above. Call it at limiter_deadline(). */
LimiterFacts limiter_tick(Limiter *l, const LimiterConfig *c, usec_t now_usec, usec_t *ret_length_usec);

/* When limiter_tick() has something to do, USEC_INFINITY if never. */
usec_t limiter_deadline(const Limiter *l);
