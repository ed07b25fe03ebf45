/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/day.h"
#include "cardio/time.h"

typedef struct Date {
        int year;
        unsigned month, day; /* 0 = only the year is known */
} Date;

/* A clock that says an earlier year was not set: a machine without one that goes on while it is off begins anew each time,
 * often in 1970. No date is known then, and an age is reckoned as of the first day of this year. */
#define CLOCK_YEAR_MIN 2024
bool date_is_known(Date today);

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
