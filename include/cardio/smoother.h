/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/ring.h"

/* The median of the heart rates in (t - window, t], t being the newest: a spike of less than half the window leaves
 * no trace, and nothing reaches across a hole longer than the window. The window is kept as a count for each heart
 * rate, so one more or less costs a step to the next count, however many there are. */
typedef struct Smoother {
        uint64_t begin;  /* ring number of the oldest entry in the window */
        unsigned n;      /* in the window */
        unsigned middle; /* bpm, the lower one of the two if n is even */
        unsigned below;  /* how many are below the middle */
        uint16_t count[HEART_RATE_MAX + 1];
} Smoother;

/* Takes in the newest entry of the ring and returns the smoothed heart rate in bpm. Call it once per ring_push().
 * ret_fresh (may be NULL) is set when that entry is alone in the window: the smoother started anew. */
double smoother_update(Smoother *s, const Ring *ring, usec_t window_usec, bool *ret_fresh);
