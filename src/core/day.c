/* SPDX-License-Identifier: MIT */

/* The calendar: from a date to the number of its day and back. Pure arithmetic on whole numbers. It knows no clock and
 * no time zone: what the clock on the runner's wall is ahead of UTC is passed in, so daylight saving and travel are
 * only other offsets. */

#include "cardio/day.h"

#include <assert.h>
#include <stddef.h>

#define MS_PER_DAY (INT64_C(24) * 3600 * 1000)

#define YEAR_MAX 9999

/* In the Gregorian calendar. */
#define DAYS_PER_400_YEARS 146097
#define DAYS_PER_100_YEARS 36524 /* without the leap day of the fourth */
#define DAYS_PER_4_YEARS   1461
#define DAYS_PER_YEAR      365

static bool is_leap(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in_month(int year, unsigned month)
{
        static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

bool day_is_valid(int year, unsigned month, unsigned day)
{
        return year >= 1 && year <= YEAR_MAX && month >= 1 && month <= 12 && day >= 1 &&
               day <= days_in_month(year, month);
}

/* The number of the year's first day. */
static Day first_of_year(int year)
{
        int before = year - 1;

        return DAY_MIN + before * DAYS_PER_YEAR + before / 4 - before / 100 + before / 400;
}

int day_from_civil(int year, unsigned month, unsigned day, Day *ret)
{
        Day number;

        if (!day_is_valid(year, month, day))
                return -EINVAL;

        number = first_of_year(year);
        for (unsigned m = 1; m < month; m++)
                number += (Day)days_in_month(year, m);
        *ret = number + (Day)day - 1;
        return 0;
}

/* How many whole years of this length there are in a stretch of days, of which at most max: the last one of them may be
 * a day longer. Leaves the rest. */
static int take_years(int *days, int length, int max)
{
        int n = *days / length;

        if (n > max)
                n = max;
        *days -= n * length;
        return n;
}

void day_to_civil(Day day, int *ret_year, unsigned *ret_month, unsigned *ret_day)
{
        int rest = day - DAY_MIN, year = 1;
        unsigned month = 1;

        assert(day >= DAY_MIN && day <= DAY_MAX);

        year += 400 * take_years(&rest, DAYS_PER_400_YEARS, INT_MAX);
        year += 100 * take_years(&rest, DAYS_PER_100_YEARS, 3);
        year += 4 * take_years(&rest, DAYS_PER_4_YEARS, INT_MAX);
        year += take_years(&rest, DAYS_PER_YEAR, 3);
        while (rest >= (int)days_in_month(year, month))
                rest -= (int)days_in_month(year, month++);

        *ret_year = year;
        *ret_month = month;
        *ret_day = (unsigned)rest + 1;
}

/* Reads exactly n digits. */
static int take_digits(const char **text, unsigned n, unsigned *ret)
{
        unsigned value = 0;

        for (; n > 0; n--, (*text)++) {
                if (**text < '0' || **text > '9')
                        return -EINVAL;
                value = value * 10 + (unsigned)(**text - '0');
        }
        *ret = value;
        return 0;
}

int day_parse(const char *text, Day *ret)
{
        unsigned year, month, day;

        if (take_digits(&text, 4, &year) < 0 || *text++ != '-' || take_digits(&text, 2, &month) < 0 ||
                        *text++ != '-' || take_digits(&text, 2, &day) < 0 || *text != '\0')
                return -EINVAL;
        return day_from_civil((int)year, month, day, ret);
}

const char *day_to_string(Day day, char buf[static DAY_STRING_MAX])
{
        static const struct {
                size_t last; /* where its last digit goes */
                unsigned digits;
        } place[] = { { 3, 4 }, { 6, 2 }, { 9, 2 } };
        unsigned part[3];
        int year;

        day_to_civil(day, &year, &part[1], &part[2]);
        part[0] = (unsigned)year;
        for (size_t i = 0; i < 3; i++)
                for (unsigned n = 0; n < place[i].digits; n++, part[i] /= 10)
                        buf[place[i].last - n] = (char)('0' + part[i] % 10);
        buf[4] = buf[7] = '-';
        buf[10] = '\0';
        return buf;
}

Day day_of_moment(int64_t unix_ms, int utc_offset_s)
{
        /* Far from where the sum could overflow. */
        if (unix_ms < (DAY_MIN - 1) * MS_PER_DAY)
                return DAY_MIN;
        if (unix_ms > (DAY_MAX + 1) * MS_PER_DAY)
                return DAY_MAX;

        int64_t local_ms = unix_ms + INT64_C(1000) * utc_offset_s;
        int64_t day = local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0 ? 1 : 0);

        return day < DAY_MIN ? DAY_MIN : day > DAY_MAX ? DAY_MAX : (Day)day;
}

unsigned day_of_week(Day day)
{
        /* The first day of year 1 is a Monday in this calendar. */
        assert(day >= DAY_MIN && day <= DAY_MAX);
        return (unsigned)(day - DAY_MIN) % 7;
}
