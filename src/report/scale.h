/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* From values to places in a picture, and the round values that its axis names. */

typedef struct Scale {
        double low, high; /* values; high > low */
        double size;      /* of the picture, where high lies; low lies at 0 */
        bool down;        /* places are counted from the top, values from the foot */
} Scale;

/* One that has room for these, with a margin, at least so long; NAN = there are none. */
Scale scale_fit(double low, double high, double range_min, double size);
/* One that begins at 0. */
Scale scale_from_zero(double high, double high_min, double size);
/* Of a time, in ms. */
Scale scale_of_time(int64_t length, double size);

/* Within the picture in any case; NAN is at the foot. */
double scale_at(const Scale *s, double value);
/* The same in per cent of the picture. */
double scale_percent(const Scale *s, double value);

/* The distance of round values, 1, 2 or 5 times a power of ten, of which so many at most are in the range. */
double scale_step(const Scale *s, unsigned most);
/* The first such value in the range. */
double scale_first(const Scale *s, double step);

/* The same of times of day: seconds between them, of which so many at most are in that many seconds. */
int64_t scale_time_step(int64_t length_s, unsigned most);
