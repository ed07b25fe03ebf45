/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/intervals.h"
#include "cardio/time.h"

/* What a heart rate is worth: the time until the next one, at most 2 s; or, of a sensor that is usually slower, its usual
 * interval, at most 12 s. What is beyond is a gap, and counts nowhere.
 *
 * The usual interval is the median of the ten before, whatever was between them: so the rows of a session alone give it,
 * and whoever reads them comes to the same figures. Zero it to begin. */
#define CREDIT_MIN_USEC (2 * USEC_PER_SEC)
#define CREDIT_MAX_USEC (12 * USEC_PER_SEC)

typedef struct Credit {
        Intervals intervals;
        bool started;
        usec_t last_usec;
} Credit;

/* A heart rate, later than the one before. Returns what the one before is worth, in whole milliseconds where both times
 * are, 0 for the first. */
usec_t credit_push(Credit *c, usec_t at_usec);
