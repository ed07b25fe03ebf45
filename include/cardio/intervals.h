/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/time.h"

/* So many intervals show what is usual. */
#define INTERVALS_MAX 10U

/* The median of the last ten intervals, where that is longer than a floor. Below the floor it costs a comparison: only
 * how many are above it matters then. Zero it, and set the floor, to begin. */
typedef struct Intervals {
        usec_t floor_usec;
        unsigned n;      /* 0..INTERVALS_MAX */
        unsigned next;   /* the place of the next one */
        unsigned n_long; /* longer than the floor */
        usec_t length_usec[INTERVALS_MAX];
} Intervals;

void intervals_push(Intervals *i, usec_t length_usec);

/* At least the floor; the floor while there is none. Of an even number the mean of the middle two. */
usec_t intervals_median(const Intervals *i);
