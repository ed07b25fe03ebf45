/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* R-R intervals outside of these, in ms, are none: 250 and 25 bpm. */
#define RR_MIN_MS 240.0
#define RR_MAX_MS 2400.0

#define RR_FILTER_BEATS 5U

/* Separates beats from artefacts as they come: a plausible interval is rejected when it differs by more than 20 % from the
 * median of the last five accepted. After a gap, or five rejections running, it starts anew with the next plausible
 * one. Zero it to begin. */
typedef struct RrFilter {
        double accepted_ms[RR_FILTER_BEATS]; /* the last ones, in the order of a ring */
        unsigned n;                          /* accepted since it began anew */
        unsigned rejected;                   /* running */
        double last_ms;                      /* of the beat just before, 0 = it was not accepted */
} RrFilter;

/* Takes an interval in 1/1024 s, as the strap sends it. Returns whether it is accepted; then ret_difference_ms is how much
 * longer it is than the one just before it, NAN where that was not accepted: intervals are never joined across a gap. */
bool rr_filter_push(RrFilter *f, uint16_t rr, double *ret_difference_ms);

/* Beats were missed. */
void rr_filter_gap(RrFilter *f);
