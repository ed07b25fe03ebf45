/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/ring.h"

/* The median of the heart rates in (t - window, t], t being the newest: a spike of less than half the window leaves no
 * trace. Where the window holds fewer than three, as of a watch that sends every 5 s, it reaches back to the third, at most
 * SMOOTHER_REACH_USEC; and never over a gap. It is kept as a count for each heart rate, so one more or less costs a step to
 * the next count, however many there are. */
typedef struct Smoother {
        uint64_t begin;  /* ring number of the oldest entry in the window */
        unsigned n;      /* in the window */
        unsigned middle; /* bpm, the lower one of the two if n is even */
        unsigned below;  /* how many are below the middle */
        uint16_t count[HEART_RATE_MAX + 1];
} Smoother;

#define SMOOTHER_REACH_USEC (30 * USEC_PER_SEC)
/* So many heart rates are enough; settled is a value when so many of the window lie so close to it, in bpm. */
#define SMOOTHER_ENOUGH  3U
#define SMOOTHER_SETTLED 20

/* Takes in the newest entry of the ring and returns the smoothed heart rate in bpm. Call it once per ring_push().
 * ret_settled (may be NULL): whether it is one to go by. */
double smoother_update(Smoother *s, const Ring *ring, usec_t window_usec, Settled *ret_settled);
