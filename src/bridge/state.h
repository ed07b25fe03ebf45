/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/recorder.h"
#include "cardio/time.h"
#include "client/follower-event.h"
#include "client/strap-state.h"

/* What is known, at this moment, of the daemon, and when a message about it is due. Pure: what comes from the bus is put in,
 * with the time. Times are CLOCK_BOOTTIME.
 *
 * A message is due
 *      at once     when over, recording, the strap's state or the ceiling is another one than in the last message;
 *      a second    after the last one, when there is a new heart rate;
 *      30 s        after it, in any case: who listens knows then that there is nothing new, rather than nobody there. */

/* As many as the daemon has: the runner's own may be the last one of a full room that it tells of. */
#define STATE_STRAPS_MAX SENSORS_MAX
#define STATE_TEXT_MAX   128U
#define STATE_PATH_MAX   64U

#define STATE_LIVE_USEC (1 * USEC_PER_SEC)
#define STATE_IDLE_USEC (30 * USEC_PER_SEC)
/* An older heart rate is not told: the machine slept, or the daemon hangs. It calls the strap stale itself long before. */
#define STATE_OLD_USEC (60 * USEC_PER_SEC)

/* One message. */
typedef struct StateView {
        StrapState state;
        bool over, recording;
        int64_t session;     /* 0 = none */
        double ceiling;      /* bpm, 0 = none */
        const char *strap;   /* its name, else its address; NULL = there is none; belongs to the state */
        unsigned heart_rate; /* bpm, 0 = not known; then smoothed and zone are not, either */
        double smoothed;     /* bpm */
        unsigned zone;
        unsigned battery;    /* per cent, CARDIO_BATTERY_UNKNOWN */
        const char *contact; /* NULL = not known */
} StateView;

typedef struct StateStrap {
        char path[STATE_PATH_MAX], address[STATE_TEXT_MAX], name[STATE_TEXT_MAX], contact[STATE_TEXT_MAX];
        bool is_strap;   /* not a foot pod, nor a treadmill */
        bool configured; /* one of the runner's; else it is only there because of a scan */
        StrapState state;
        unsigned battery;
        int64_t session; /* 0 = none */
        /* From the last measurement; 0 = none. */
        unsigned heart_rate, zone;
        double smoothed;
        usec_t measured_usec;
} StateStrap;

typedef struct State {
        bool asking; /* whether there is a daemon is not known, or it has not told all yet: no message until then */
        int64_t session;
        double ceiling, tolerance; /* bpm; 0 = none; 0 while not known */
        int64_t breach;            /* the session that is too fast, by signal, 0 = none */
        bool suspended;     /* … its strap was silent since: not before a heart rate is above again */
        bool workout, hard; /* a workout runs; and its step is no easy one */
        StateStrap strap[STATE_STRAPS_MAX];
        size_t n_straps;
        bool fresh; /* a heart rate has come since the last message */

        bool sent; /* there was a message on this connection: */
        usec_t sent_usec;
        StrapState sent_state;
        bool sent_over, sent_recording;
        double sent_ceiling;
} State;

void state_init(State *s);

/* Takes each event of a follower that has the state and the measurements. */
void state_follow(State *s, const FollowerEvent *e, usec_t now_usec);

StateView state_view(const State *s, usec_t now_usec);

/* When the next message is due, USEC_INFINITY = not before something happens. */
usec_t state_due(const State *s, usec_t now_usec);

/* A message was given to the broker's connection; that was lost, or made anew. */
void state_sent(State *s, const StateView *view, usec_t now_usec);
void state_unsent(State *s);
