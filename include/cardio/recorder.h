/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "cardio/credit.h"
#include "cardio/measurement.h"
#include "cardio/ring.h"
#include "cardio/time.h"

/* At most this many straps at once; a further one is refused with a log line. */
#define SENSORS_MAX 64U

/* Decides when a run begins and ends, and which strap it is recorded from.
 *
 *          effort for start-after                        no effort for end-after
 *   IDLE ───────────────────────────▶ RECORDING ──────────────────────────────────▶ IDLE
 *     ▲  start by hand                  │   ▲ │ live data of another strap, none
 *     │                    stop by hand │   └─┘ of ours for switch-after: switch
 *     │  no effort for end-after        ▼
 *     └────────────────────────────  STOPPED   (start by hand goes to RECORDING from here too)
 *
 * Effort is a heart rate that is live, settled and, smoothed, above start-above (to begin) or not below it (to go on). To
 * begin, the time that the heart rates of the last five minutes stand for is added up, and what was below is taken off: so
 * a strap that comes and goes is a run as well, and stairs are none. A session begun by hand goes on with any live heart
 * rate. A session taken up again after a restart is a gap in a recording: it ends at its last heart rate unless its strap
 * comes back within end-after.
 *
 * Once a session has ten minutes of effort, less than half of what it usually takes above the resting heart rate is none:
 * who sits at a desk after the run has ended it. The same bound holds for a new start until the runner has rested.
 *
 * While it is held, as for a heart rate measured lying still, nothing begins by itself; and the strap worn for that begins
 * nothing before effort is seen, or the strap has been away for end-after, even where any heart rate would. Where any does,
 * a session may have begun as the strap was put on: as long as it is too short to be kept, and no effort has been seen in
 * it, it makes way. */

typedef struct RecorderConfig {
        double start_above; /* bpm; NAN = nothing starts by itself; 0 = any live heart rate, at once (`contact`) */
        double effort_above; /* bpm; effort after having been held, where start_above is 0 */
        double resting;      /* bpm */
        usec_t start_after_usec;
        usec_t pre_roll_usec;
        usec_t end_after_usec;
        usec_t cool_down_usec;
        usec_t min_duration_usec; /* from the first effort to the last */
        usec_t switch_after_usec;
} RecorderConfig;

typedef enum RecorderState {
        RECORDER_IDLE,
        RECORDER_RECORDING,
        RECORDER_STOPPED,
        _RECORDER_STATE_MAX,
        _RECORDER_STATE_INVALID = -EINVAL,
} RecorderState;

typedef enum RecorderAction {
        RECORDER_NOTHING,
        RECORDER_START,   /* a session begins; the heart rates from begin_usec on belong to it */
        RECORDER_KEEP,    /* the heart rate belongs to the session */
        RECORDER_SWITCH,  /* it does, and the session has gone over to its strap */
        RECORDER_END,     /* the session ended at kept_usec */
        RECORDER_DISCARD, /* it ended and was too short to keep */
        _RECORDER_ACTION_MAX,
        _RECORDER_ACTION_INVALID = -EINVAL,
} RecorderAction;

/* Effort before a session, in pieces of a second or more; the newest is taken off first, and what is older than five
 * minutes is forgotten. */
#define EFFORT_WITHIN_USEC (5 * USEC_PER_MIN)
#define EFFORT_PIECES_MAX  302U

typedef struct Effort {
        unsigned first, n;    /* of the pieces */
        int sign;             /* of the last heart rate: 1 effort, -1 below, 0 neither */
        usec_t last_usec;     /* … when it was */
        usec_t credited_usec; /* of all pieces */
        struct {
                usec_t at_usec, credited_usec;
        } piece[EFFORT_PIECES_MAX];
} Effort;

/* The median of smoothed heart rates, each weighted by what it is worth. They are whole or half bpm. */
#define USUAL_STEPS (2 * HEART_RATE_MAX + 1)

typedef struct Usual {
        unsigned middle;   /* half bpm */
        uint32_t below_ms; /* worth of what is below the middle */
        uint32_t total_ms; /* a session of 49 days */
        uint32_t ms[USUAL_STEPS];
} Usual;

typedef struct Recorder {
        RecorderState state;
        bool by_hand;
        bool resumed;    /* and no heart rate since: it ends at its last one, unless its strap comes back */
        bool run;        /* begun by hand, or effort has been seen in it; else only a strap has been put on */
        unsigned sensor; /* the session's strap, while RECORDING */
        usec_t begin_usec;                     /* first kept heart rate, or the time before which none is */
        usec_t first_effort_usec, effort_usec; /* 0 = none yet; while STOPPED the last of any strap */
        usec_t lasting_usec; /* last effort, of a frozen strap too: that is no run to go on, and none to lose */
        usec_t kept_usec;    /* last heart rate that is kept if the session ends now */
        usec_t trimmed_usec; /* while resumed: that of kept_usec once a heart rate has come */
        usec_t last_usec;    /* last heart rate of the session */
        usec_t live_usec;    /* last live one of any strap, but while RECORDING of the session's */

        /* What the heart rates of the session add up to. */
        Credit credit;
        usec_t credit_usec;        /* what the last one but one is worth */
        usec_t effort_length_usec; /* what effort is worth, in all */
        bool last_effort;          /* the last one was effort */
        double last_smoothed;
        Usual usual;

        /* After a session's end: its bound for effort, 0 = none. */
        double bound;
        bool was_below; /* the last heart rate was below start-above; so far it was for: */
        usec_t below_usec;

        bool held;        /* nothing begins by itself */
        usec_t held_usec; /* last heart rate since it was held, until there is effort again; 0 = it was not */
        usec_t ended_usec; /* kept end of the session before: nothing up to here is recorded twice */
        Effort effort[SENSORS_MAX];
} Recorder;

/* A heart rate of a strap; credit_usec: what its heart rate before is worth. On RECORDER_START begin_usec is the earliest
 * time to keep: the caller sets it to the first heart rate it really has (recorder_backdated()), and adds all from there
 * on, this one the last (recorder_add()). */
RecorderAction recorder_update(Recorder *r, const RecorderConfig *c, unsigned sensor, const Sample *sample,
                usec_t credit_usec);
void recorder_backdated(Recorder *r, usec_t first_usec);

/* A heart rate of the session. Returns what the one before it is worth. recorder_update() does it for those it keeps. */
usec_t recorder_add(Recorder *r, const RecorderConfig *c, const Sample *sample);

/* Nothing begins by itself until it is released; nothing up to then is recorded. Returns 0 and DISCARD for a session that
 * has made way, else NOTHING; or -EBUSY if one is recorded that does not. */
int recorder_hold(Recorder *r, const RecorderConfig *c, usec_t now_usec, RecorderAction *ret_action);
void recorder_release(Recorder *r, usec_t now_usec);

/* A strap is not the runner's any more: its effort counts no longer. */
void recorder_forget(Recorder *r, unsigned sensor);

/* Begins a session by hand with the strap whose newest heart rate is at_usec. Returns 0 or -EALREADY. */
int recorder_start(Recorder *r, unsigned sensor, usec_t at_usec);

/* Ends the session by hand. Returns the action, END or DISCARD, or NOTHING if none is recorded. */
RecorderAction recorder_stop(Recorder *r, const RecorderConfig *c, usec_t now_usec);

/* Ends the session at its last heart rate, to be resumed: what would be trimmed may yet be followed by effort. Returns END,
 * or NOTHING if none is recorded. */
RecorderAction recorder_suspend(Recorder *r);

/* Takes up a stored session, which began at begin_usec: its heart rates are to be added, then it is resumed. */
void recorder_take_up(Recorder *r, unsigned sensor, bool by_hand, usec_t begin_usec);
void recorder_resume(Recorder *r);

/* Before this recorder began a session was stopped by hand, and effort was last seen then: nothing starts by itself before
 * the runner has rested. */
void recorder_stopped_before(Recorder *r, usec_t effort_usec);

/* The median of the session's effort so far, bpm; 0 = there was none yet. */
double recorder_usual(const Recorder *r);

/* The clock has moved on: END or DISCARD if the session is over; who was stopped may have rested by now. Call it at recorder_deadline(). */
RecorderAction recorder_tick(Recorder *r, const RecorderConfig *c, usec_t now_usec);
usec_t recorder_deadline(const Recorder *r, const RecorderConfig *c);
