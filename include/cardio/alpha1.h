/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "cardio/ring.h"
#include "cardio/time.h"

/* DFA α1 of the last two minutes, every 20 s. About 0.75 it is where easy running ends, the aerobic threshold, about 0.5 at
 * the anaerobic one; of one runner on one day it may be off by what 16 bpm make, so it informs, and nothing is judged by it. */
#define ALPHA1_WINDOW_USEC (120 * USEC_PER_SEC)
#define ALPHA1_EVERY_USEC  (20 * USEC_PER_SEC)

/* It is shown only if so much of the window is covered by beats, and no more of them are artefacts. */
#define ALPHA1_COVERED_MIN   90.0 /* per cent of the window */
#define ALPHA1_ARTEFACTS_MAX 5.0  /* per cent of the beats */

typedef enum Alpha1State {
        ALPHA1_AVAILABLE,
        ALPHA1_NO_RR,     /* no R-R intervals in the window */
        ALPHA1_TOO_SHORT, /* too little of it is covered */
        ALPHA1_ARTEFACTS, /* too many */
        ALPHA1_ALL_ALIKE, /* the beats are all alike, as no heart beats */
        _ALPHA1_STATE_MAX,
        _ALPHA1_STATE_INVALID = -EINVAL,
} Alpha1State;

typedef struct Alpha1 {
        Alpha1State state;
        double alpha1;           /* NAN unless available */
        double artefact_percent; /* NAN without R-R intervals */
        double covered_percent;  /* at most 100 */
} Alpha1;

/* Why it is not available, in words; NULL if it is. */
const char *alpha1_state_to_string(Alpha1State state);

/* α1 of (now - ALPHA1_WINDOW_USEC, now]. effort_above: from this smoothed heart rate on, in bpm, the runner is in effort, where
 * a beat may differ less from those before it (rr.h). Beats that are artefacts are left out. detrend: first takes the slow
 * trend out (dfa.h). O(beats in the window), nothing is kept. */
Alpha1 alpha1_of(const Ring *ring, usec_t now_usec, double effort_above, bool detrend);
