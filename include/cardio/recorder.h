/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

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
 * While it is held, as for a heart rate measured lying still, nothing begins by itself; and the strap worn for that begins
 * nothing before effort is seen, or the strap has been away for end-after, even where any heart rate would. Where any does,
 * a session may have begun as the strap was put on: as long as it is too short to be kept, and no effort has been seen in
 * it, it makes way.
 *
 * Effort is a live heart rate, smoothed, above start-above (to begin) or not below it (to go on). A session begun by
 * hand goes on with any live heart rate. A session taken up again after a restart is a hole in a recording: it ends at
 * its last heart rate unless its strap comes back within end-after. */

typedef struct RecorderConfig {
        double start_above; /* bpm; NAN = nothing starts by itself; 0 = any live heart rate, at once (`contact`) */
        double effort_above; /* bpm; effort after having been held, where start_above is 0 */
        usec_t start_after_usec;
        usec_t pre_roll_usec;
        usec_t end_after_usec;
        usec_t cool_down_usec;
        usec_t min_duration_usec;
        usec_t switch_after_usec;
        usec_t stale_usec; /* a longer silence breaks the effort that starts a session */
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

typedef struct Recorder {
        RecorderState state;
        bool by_hand;
        bool resumed;    /* and no heart rate since: it ends at its last one, unless its strap comes back */
        bool run;        /* begun by hand, or effort has been seen in it; else only a strap has been put on */
        unsigned sensor; /* the session's strap, while RECORDING */
        usec_t begin_usec;   /* first kept heart rate, or the time before which none is */
        usec_t kept_usec;    /* last heart rate that is kept if the session ends now */
        usec_t trimmed_usec; /* while resumed: that of kept_usec once a heart rate has come */
        usec_t last_usec;    /* last heart rate of the session's strap */
        usec_t live_usec;    /* last live one */
        usec_t effort_usec;  /* last effort; while STOPPED of any strap */
        bool held;           /* nothing begins by itself */
        usec_t held_usec; /* last heart rate since it was held, until there is effort again; 0 = it was not */
        usec_t ended_usec; /* kept end of the session before: nothing up to here is recorded twice */
        struct {
                usec_t since_usec; /* effort without a break since; 0 = none */
                usec_t last_usec;
        } effort[SENSORS_MAX];
} Recorder;

/* A heart rate of a strap (smoothed, bpm); live: its strap is not frozen. On RECORDER_START begin_usec is the earliest
 * time to keep; the caller sets begin_usec to the first heart rate it really has (recorder_backdated()). */
RecorderAction recorder_update(Recorder *r, const RecorderConfig *c, unsigned sensor, usec_t at_usec,
                double smoothed, bool live);
void recorder_backdated(Recorder *r, usec_t first_usec);

/* Nothing begins by itself until it is released; nothing up to then is recorded. Returns 0 and DISCARD for a session that
 * has made way, else NOTHING; or -EBUSY if one is recorded that does not. */
int recorder_hold(Recorder *r, const RecorderConfig *c, usec_t now_usec, RecorderAction *ret_action);
void recorder_release(Recorder *r, usec_t now_usec);

/* A strap has lost contact, is silent, frozen or gone: effort on it begins anew. */
void recorder_hole(Recorder *r, unsigned sensor);

/* Begins a session by hand with the strap whose newest heart rate is at_usec. Returns 0 or -EALREADY. */
int recorder_start(Recorder *r, unsigned sensor, usec_t at_usec);

/* Ends the session by hand. Returns the action, END or DISCARD, or NOTHING if none is recorded. */
RecorderAction recorder_stop(Recorder *r, const RecorderConfig *c, usec_t now_usec);

/* Ends the session at its last heart rate, to be resumed: what would be trimmed may yet be followed by effort. Returns END,
 * or NOTHING if none is recorded. */
RecorderAction recorder_suspend(Recorder *r);

/* Takes up a stored session. Of its heart rates these are the first, the last that was effort, the last that is kept if
 * nothing but what has no effort follows, and the last; each is not before the one named before it. */
typedef struct RecorderPast {
        usec_t begin_usec, effort_usec, kept_usec, last_usec;
} RecorderPast;
void recorder_resume(Recorder *r, unsigned sensor, bool by_hand, const RecorderPast *past);

/* Before this recorder began a session was stopped by hand, and effort was last seen then: nothing starts by itself before
 * the runner has rested. */
void recorder_stopped_before(Recorder *r, usec_t effort_usec);

/* The clock has moved on: END or DISCARD if the session is over. Call it at recorder_deadline(). */
RecorderAction recorder_tick(Recorder *r, const RecorderConfig *c, usec_t now_usec);
usec_t recorder_deadline(const Recorder *r, const RecorderConfig *c);
