/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A day of the runner's own calendar, as the number of days since 1970-01-01. The calendar is the Gregorian one
 * throughout, so days can be added, subtracted and compared like the numbers they are. */
typedef int32_t Day;

#define DAY_MIN  (-719162) /* 0001-01-01 */
#define DAY_MAX  2932896   /* 9999-12-31 */
#define DAY_NONE INT32_MIN /* where a day is not known */

#define DAY_ACCEPTED "a day of the calendar, as in 2026-05-17"

/* There is such a day: years 1 to 9999, months and days from 1 on. */
bool day_is_valid(int year, unsigned month, unsigned day);

/* Returns 0, or -EINVAL if there is no such day. */
int day_from_civil(int year, unsigned month, unsigned day, Day *ret);

/* Of DAY_MIN..DAY_MAX. */
void day_to_civil(Day day, int *ret_year, unsigned *ret_month, unsigned *ret_day);

/* The whole text is YYYY-MM-DD. Returns 0, or -EINVAL if it is not, or if there is no such day. */
int day_parse(const char *text, Day *ret);

#define DAY_STRING_MAX 11
/* Writes it as day_parse() reads it; of DAY_MIN..DAY_MAX. Returns buf. */
const char *day_to_string(Day day, char buf[static DAY_STRING_MAX]);

/* The date on the runner's clock at a moment: Unix ms, and what that clock is ahead of UTC. A moment outside of the
 * calendar is taken as its first or last day. */
Day day_of_moment(int64_t unix_ms, int utc_offset_s);

/* 0 = Monday to 6 = Sunday. */
unsigned day_of_week(Day day);
