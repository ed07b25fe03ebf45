/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/time.h"

/* R-R intervals outside of these, in ms, are none: 250 and 25 bpm. */
#define RR_MIN_MS 240.0
#define RR_MAX_MS 2400.0

static inline double rr_ms(uint16_t rr)
{
        return rr * 1000.0 / 1024;
}

static inline bool rr_is_plausible(double ms)
{
        return ms >= RR_MIN_MS && ms <= RR_MAX_MS;
}

#define RR_FILTER_BEATS 5U

/* By how much a beat may differ from the median of those before it. At rest breathing alone moves it by more than a tenth; in
 * effort by a few per cent, so that there a premature beat, which the wider bound lets pass, can be told. */
#define RR_TOLERANCE_REST   0.20
#define RR_TOLERANCE_EFFORT 0.05

/* Separates beats from artefacts as they come: a plausible interval is rejected when it differs by more than the tolerance from
 * the median of the last five accepted. After a gap, or five rejections running, it starts anew with the next plausible
 * one. Zero it to begin. */
typedef struct RrFilter {
        double accepted_ms[RR_FILTER_BEATS]; /* the last ones, in the order of a ring */
        unsigned n;                          /* accepted since it began anew */
        unsigned rejected;                   /* running */
        double last_ms;                      /* of the beat just before, 0 = it was not accepted */
} RrFilter;

/* Takes an interval in 1/1024 s, as the strap sends it. Returns whether it is accepted; then ret_difference_ms is how much
 * longer it is than the one just before it, NAN where that was not accepted: intervals are never joined across a gap. */
bool rr_filter_push(RrFilter *f, uint16_t rr, double tolerance, double *ret_difference_ms);

/* Beats were missed. */
void rr_filter_gap(RrFilter *f);

/* Do the intervals of one packet follow on those of the packets before? Not after a gap, and not where more time has passed
 * than they account for by more than any beat lasts: so that a strap that sends several of them now and then loses nothing,
 * and one that sends only the newest of many beats joins nothing. Zero it to begin. */
#define RR_MISSING_USEC (3 * USEC_PER_SEC)

typedef struct RrFlow {
        usec_t heart_rate_usec; /* of the last heart rate, 0 = none yet */
        usec_t rr_usec;         /* of the last one with intervals, 0 = none since the gap */
} RrFlow;

/* A heart rate at at_usec with its intervals, n may be 0; a longer silence than stale_usec before it is a gap. */
bool rr_flow_push(RrFlow *f, usec_t at_usec, usec_t stale_usec, const uint16_t *rr, size_t n);
