/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "cardio/time.h"

/* Decides when an easy run is too fast: by its heart rate, which has a ceiling in bpm, or by its speed, which has a limit in m/s.
 * One Limiter is of one of the two, and all its values are of that unit.
 *
 *            above, for `hold` of credited time
 *   BELOW ─────────────────────────────────────▶ BREACH
 *     ▲                                            │
 *     └────────────────────────────────────────────┘
 *            not above, for `clear` by the clock
 *
 * Above means: value > limit + tolerance, of a value that counts; another one neither begins nor ends anything.
 * The hold is full only at a value that is itself above, and one that is not begins it anew. A gap adds no more
 * to a hold than the value before it is worth, and takes nothing from it; after one of more than a minute it begins
 * anew: silence is never an alert. An open
 * breach stays open in a gap.
 *
 * A breach began at its first value above and ended at its last, whenever that was noticed. Its length is the time
 * that was over in between, as the session's figures have it: so none is longer than all that was over.
 *
 * Announcing is apart from counting: a breach begun while muted (snoozed) is counted and kept, and announced when the
 * muting ends, if the runner is above then. The same goes so soon after the last announcement that it would
 * only be noise; then with the first value above that follows. */

typedef struct LimiterConfig {
        double tolerance; /* in the unit of the values */
        usec_t hold_usec;
        usec_t clear_usec;
        usec_t repeat_usec; /* 0 = announce each breach once */
} LimiterConfig;

/* While above, an announcement is repeated after repeat, then after twice and four times that, but every five minutes. */
#define LIMITER_REPEAT_MAX_USEC (5 * USEC_PER_MIN)

typedef enum LimiterState {
        LIMITER_BELOW,
        LIMITER_BREACH,
        _LIMITER_STATE_MAX,
        _LIMITER_STATE_INVALID = -EINVAL,
} LimiterState;

/* A moment of the session, and how much of it was over by then. */
typedef struct LimiterMark {
        usec_t at_usec; /* 0 = none */
        usec_t over_usec;
        double value;
} LimiterMark;

/* A heart rate in bpm, or a speed in m/s, smoothed. */
typedef struct LimiterValue {
        usec_t at_usec; /* rises */
        double value;
        bool counts; /* it is one to go by, as sample_counts() has it of a heart rate */
} LimiterValue;

typedef struct Limiter {
        LimiterState state;
        double limit;            /* NAN = none: nothing is ever above */
        bool above;              /* the last value counted and was above */
        bool over;               /* it was above, whether it counted or not: its time counts as over */
        usec_t last_usec;        /* last value */
        usec_t over_usec;        /* in all, since the limit is in force */
        usec_t held_usec;        /* credited to the hold in progress */
        LimiterMark began;       /* first value above of the hold or the breach in progress */
        LimiterMark ended;       /* the last one so far, or of the breach before */
        usec_t length_usec;      /* of the breach before */
        usec_t clear_usec;       /* first value not above since then, 0 = none */
        bool announced;          /* this breach was announced to the runner */
        bool due;                /* and is to be announced, or once more, as soon as may be */
        usec_t interval_usec;    /* until the next repetition */
        usec_t announced_usec;   /* the last time, of whatever breach; 0 = never */
        usec_t muted_until_usec; /* 0 = not muted */
} Limiter;

/* What one step did; flags, since a breach can begin and be announced in one. */
typedef enum LimiterFacts {
        LIMITER_BEGAN = 1 << 0, /* a breach began, at .began */
        LIMITER_OVER = 1 << 1,  /* notify the runner: above */
        LIMITER_ENDED = 1 << 2, /* the breach ended, at .ended */
        LIMITER_BACK = 1 << 3,  /* notify the runner: it is over; for each breach announced, muted or not */
} LimiterFacts;

/* A session, or another limit, begins: everything but the muting, and when something was last announced, is forgotten.
 * NAN = no limit. */
void limiter_begin(Limiter *l, double limit);

/* A value of the session; credit_usec: what the one before is worth. */
LimiterFacts limiter_update(Limiter *l, const LimiterConfig *c, const LimiterValue *v, usec_t credit_usec);

/* The same for a value of the past, when a session is found to have begun before now: it counts, and begins and ends
 * breaches, but announces none. */
LimiterFacts limiter_replay(Limiter *l, const LimiterConfig *c, const LimiterValue *v, usec_t credit_usec);

/* Announces the open breach, if the runner is above, it is due and nothing is muted: after the last value of the past.
 * limiter_update() and limiter_tick() do so themselves. */
LimiterFacts limiter_announce(Limiter *l, const LimiterConfig *c, usec_t now_usec);

/* How long the breach in progress has been over so far; after LIMITER_ENDED, was. */
usec_t limiter_length(const Limiter *l);

/* End of the session, or a change of limit: an open breach ends. */
LimiterFacts limiter_end(Limiter *l);

/* No announcements until then; 0 ends it. */
void limiter_mute(Limiter *l, usec_t until_usec);

/* The muting may have run out: announces a breach that is still above. silent: there is no value just now, so nothing
 * is. Call it at limiter_deadline(). */
LimiterFacts limiter_tick(Limiter *l, const LimiterConfig *c, usec_t now_usec, bool silent);

/* When limiter_tick() has something to do, USEC_INFINITY if never. */
usec_t limiter_deadline(const Limiter *l);
