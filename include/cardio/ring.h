/* SPDX-License-Identifier: MIT */
#pragma once

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/measurement.h"
#include "cardio/time.h"

/* At one heart rate a second 17 minutes, more than the longest pre-roll and start-after that the configuration
 * takes. A strap that sends faster is remembered for a shorter time; nothing else changes. */
#define RING_SAMPLES_MAX 1024U
#define RING_RR_MAX      2048U

/* Whether the smoothed value is one to go by. Two of three values that agree may both be noise; a strap that finds its
 * contact again begins with a value from nowhere. */
typedef enum Settled {
        SETTLED_TOO_FEW,  /* fewer than three heart rates to go by */
        SETTLED_DISAGREE, /* three or more, and they do not agree */
        SETTLED_YES,      /* three of them are close to the median */
        _SETTLED_MAX,
        _SETTLED_INVALID = -EINVAL,
} Settled;

/* One heart rate on its way through the stages. */
typedef struct Sample {
        usec_t at_usec;    /* CLOCK_BOOTTIME at arrival, in whole milliseconds; rises from one to the next */
        usec_t stale_usec; /* a longer time without a heart rate before it is a gap */
        double smoothed;   /* bpm */
        uint64_t first_rr; /* number of its first R-R interval since the ring was made */
        uint16_t heart_rate; /* bpm, HEART_RATE_MIN..HEART_RATE_MAX */
        uint16_t n_rr;
        uint8_t zone;
        uint8_t contact; /* Contact */
        uint8_t settled; /* Settled */
        bool live;       /* not part of a frozen run of values */
} Sample;

/* It is one to go by: effort, holds, peaks and minima take no notice of others. */
static inline bool sample_counts(const Sample *s)
{
        return s->live && s->settled == SETTLED_YES;
}

/* The last heart rates of one strap and their R-R intervals. Entries are numbered from 0 on and never renumbered:
 * number i is there while ring_begin() <= i < ring_end(). */
typedef struct Ring {
        uint64_t n_samples; /* ever pushed */
        uint64_t n_rr;
        Sample sample[RING_SAMPLES_MAX];
        uint16_t rr[RING_RR_MAX];
} Ring;

static inline uint64_t ring_begin(const Ring *r)
{
        return r->n_samples > RING_SAMPLES_MAX ? r->n_samples - RING_SAMPLES_MAX : 0;
}

static inline uint64_t ring_end(const Ring *r)
{
        return r->n_samples;
}

/* Entry number i, which must be there. */
static inline const Sample *ring_at(const Ring *r, uint64_t i)
{
        assert(i < r->n_samples && r->n_samples - i <= RING_SAMPLES_MAX);
        return &r->sample[i % RING_SAMPLES_MAX];
}

/* Entry number i comes after a gap: none of the runner's heart rates before it says anything of it. */
static inline bool ring_gap_before(const Ring *r, uint64_t i)
{
        return i == ring_begin(r) ||
               ring_at(r, i)->at_usec - ring_at(r, i - 1)->at_usec > ring_at(r, i)->stale_usec;
}

/* Appends a heart rate with its R-R intervals (1/1024 s) and returns the entry, for the stages behind the ring to
 * fill in. Times must not go back. */
Sample *ring_push(Ring *r, usec_t at_usec, const Measurement *m);

/* Copies the R-R intervals of an entry, those that the ring still holds, and returns how many. */
size_t ring_copy_rr(const Ring *r, const Sample *s, uint16_t ret[static MEASUREMENT_RR_MAX]);
