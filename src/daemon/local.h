/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/day.h"

typedef struct Date {
        int year;
        unsigned month, day; /* 0 = only the year is known */
} Date;

/* A clock that shows an earlier year was not set: a machine whose clock stops while it is off starts anew each time, often in
 * 1970. There is no date then, and ages are computed for the first day of this year. */
#define CLOCK_YEAR_MIN 2024
bool date_is_known(Date today);

/* The runner's clock: by the machine's time zone, which is looked up each time, since the runner may have travelled. Moments
 * are Unix ms. */

/* UTC offset at a moment. */
int local_offset_s(int64_t unix_ms);

Day local_day(int64_t unix_ms);
Day local_today(void);

/* The clock was set, so there is a date. */
bool local_is_known(void);

/* The first later moment with another date. */
int64_t local_day_end(int64_t unix_ms);

/* Noon of a day. Returns 0, or -EINVAL if this time zone has no such day, as when a country crossed the date line. */
int local_noon(Day day, int64_t *ret_unix_ms);

Date date_of_day(Day day);
