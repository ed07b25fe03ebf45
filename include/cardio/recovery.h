/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/measurement.h"

/* Heart-rate recovery: how far the heart rate falls in the first minute after effort.
 *
 * Nobody says when effort ends; the heart rates do. Effort is at least 80 % of what the session usually takes above the resting
 * heart rate. Where that was last seen, the end of effort is the last moment within two minutes before at which the heart rate
 * still was what it had been in the minute before, to 3 bpm: after that it falls. A fall of less than 10 bpm in a minute is not
 * told from a run that only became slower, and then there is no figure; nor is there where the strap was taken off earlier.
 * Heart rates are medians of 10 s, so that neither one odd beat nor breathing decides. */

#define RECOVERY_SECONDS  3600U /* the end of effort is looked for in the last hour */
#define RECOVERY_FALL_MIN 10.0  /* bpm */

typedef struct Recovery {
        uint32_t n;                               /* seconds since the first heart rate */
        int64_t first_t;                          /* ms */
        int64_t last_t;                           /* of the last heart rate that counted, ms; -1 = none yet */
        float last;                               /* bpm */
        float rate[RECOVERY_SECONDS];             /* second i at i % RECOVERY_SECONDS, NAN = no heart rate */
        uint32_t seconds[2 * HEART_RATE_MAX + 1]; /* at each half bpm */
        uint32_t n_known;
} Recovery;

void recovery_begin(Recovery *r);

/* A heart rate at t ms, smoothed in bpm; t rises. One that does not count is as none. */
void recovery_heart_rate(Recovery *r, int64_t t, double smoothed, bool counts);

/* How far it fell in the minute after the end of effort, in bpm, NAN if that is not known; resting in bpm. ret_end_t (may be
 * NULL): when effort ended, ms; only set if it is known. */
double recovery_hrr60(const Recovery *r, double resting, int64_t *ret_end_t);
