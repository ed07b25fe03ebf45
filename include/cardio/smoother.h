/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/ring.h"

/* The median of the heart rates in (t - window, t], t being the newest: a spike of less than half the window leaves
 * no trace, and nothing reaches across a hole longer than the window. The values of the window are kept sorted, so
 * one heart rate costs two binary searches and two short moves. */
typedef struct Smoother {
        uint64_t begin; /* ring number of the oldest entry in the window */
        size_t n;
        uint16_t sorted[RING_SAMPLES_MAX];
} Smoother;

/* Takes in the newest entry of the ring and returns the smoothed heart rate in bpm. Call it once per ring_push().
 * ret_fresh (may be NULL) is set when that entry is alone in the window: the smoother started anew. */
double smoother_update(Smoother *s, const Ring *ring, usec_t window_usec, bool *ret_fresh);
