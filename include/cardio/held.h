/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/ring.h"
#include "cardio/rr.h"
#include "cardio/time.h"

/* The highest heart rate that was held: for two minutes without a gap every smoothed value was at it or above. A maximum heart
 * rate is proposed by it, so that only what the beats bear out is taken: they cover the two minutes as α1 asks for
 * (alpha1.h), no more of them are artefacts, and they come to the same heart rate. One
 * spike is not that long, and what is no heart rate has no beats that agree with it. */
#define HELD_USEC          (120 * USEC_PER_SEC)
#define HELD_COVERED_MIN   90.0 /* per cent of the two minutes */
#define HELD_ARTEFACTS_MAX 5.0  /* per cent of the beats */
#define HELD_APART_MAX     4.0  /* bpm between the heart rates and the beats, on the mean */

/* Counted since the session's start, up to one heart rate. */
typedef struct HeldSums {
        uint64_t beats, artefacts;
        double covered_ms;              /* by plausible intervals */
        double accepted_ms, heart_rate; /* of the beats that are no artefacts; bpm */
        uint64_t accepted;
} HeldSums;

typedef struct Held {
        double bpm;          /* the highest so far, 0 = none */
        double effort_above; /* bpm: from there on a beat may differ less from those before it, see rr.h */
        bool above;          /* the newest heart rate is above it … */
        uint64_t first;      /* … and all from this entry of the ring on, as far as they matter */
        RrFlow flow;
        RrFilter filter;
        HeldSums sums[RING_SAMPLES_MAX]; /* of the ring's entry of that number */
} Held;

void held_begin(Held *h, double effort_above);

/* The ring's newest heart rate; counts: it is one to go by. Every one is passed, in order. */
void held_heart_rate(Held *h, const Ring *ring, bool counts);
