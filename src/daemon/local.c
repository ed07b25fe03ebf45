/* SPDX-License-Identifier: MIT */
/* The runner's clock and calendar, by the machine's time zone. The C library knows the rules; days themselves are the core's.
 * CLOCK_REALTIME. */

#include "local.h"

#include <time.h>

#include "shared/clock.h"

#define MS_PER_SEC INT64_C(1000)
/* Clocks are put forward and back by multiples of this, and by a few hours at most. */
#define QUARTER_MS   (INT64_C(15) * 60 * MS_PER_SEC)
#define QUARTERS_MAX 16U

int local_offset_s(int64_t unix_ms)
{
        time_t at = (time_t)(unix_ms / MS_PER_SEC);
        struct tm tm;

        tzset();
        return localtime_r(&at, &tm) ? (int)tm.tm_gmtoff : 0;
}

Day local_day(int64_t unix_ms)
{
        return day_of_moment(unix_ms, local_offset_s(unix_ms));
}

Day local_today(void)
{
        return local_day((int64_t)(now_realtime_usec() / USEC_PER_MSEC));
}

bool local_is_known(void)
{
        return date_is_known(date_of_day(local_today()));
}

/* A time of a day as the C library finds it; if clocks skip it, a moment before or after. */
static int64_t moment(Day day, int hour)
{
        struct tm tm = { .tm_hour = hour, .tm_isdst = -1 };
        unsigned month, mday;
        int year;

        day_to_civil(day, &year, &month, &mday);
        tm.tm_year = year - 1900;
        tm.tm_mon = (int)month - 1;
        tm.tm_mday = (int)mday;
        tzset();
        return (int64_t)mktime(&tm) * MS_PER_SEC;
}

int64_t local_day_end(int64_t unix_ms)
{
        Day day = local_day(unix_ms);
        int64_t end_ms = moment(day < DAY_MAX ? day + 1 : day, 0);

        /* Clocks may skip midnight itself, or repeat it. */
        for (unsigned i = 0; i < QUARTERS_MAX && (end_ms <= unix_ms || local_day(end_ms) == day); i++)
                end_ms += QUARTER_MS;
        return end_ms > unix_ms ? end_ms : unix_ms + QUARTER_MS;
}

int local_noon(Day day, int64_t *ret_unix_ms)
{
        int64_t at_ms = moment(day, 12);

        if (local_day(at_ms) != day)
                return -EINVAL;
        *ret_unix_ms = at_ms;
        return 0;
}

bool date_is_known(Date today)
{
        return today.year >= CLOCK_YEAR_MIN;
}

Date date_of_day(Day day)
{
        Date date;

        day_to_civil(day, &date.year, &date.month, &date.day);
        return date;
}
