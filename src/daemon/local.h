/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/day.h"
#include "cardio/time.h"
#include "config.h"

/* The runner's own clock: the machine's time zone, which is looked up anew each time, since the runner may have travelled.
 * Moments are Unix ms. */

/* What it is ahead of UTC at a moment. */
int local_offset_s(int64_t unix_ms);

Day local_day(int64_t unix_ms);
Day local_today(void);

/* The clock was set, so that today is what it says. */
bool local_is_known(void);

/* The first moment after this one that is of another date. */
int64_t local_day_end(int64_t unix_ms);

/* Noon of a day. Returns 0, or -EINVAL if this clock has no such day, as when a country crossed the date line. */
int local_noon(Day day, int64_t *ret_unix_ms);

Date date_of_day(Day day);
