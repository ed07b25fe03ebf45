/* SPDX-License-Identifier: MIT */

/* Linear scales. No clock. */

#include "report/scale.h"

#include <math.h>

#include "cardio/macro.h"

/* Of the range, below and above it: above there is room for a label. */
#define MARGIN_BELOW 0.06
#define MARGIN_ABOVE 0.14
/* What is beyond is no value of ours, and would leave no digits for the places between. */
#define VALUE_MAX 1e9
#define STEP_MIN  1e-3

static double limited(double value)
{
        return fmax(-VALUE_MAX, fmin(VALUE_MAX, value)); /* NAN becomes a limit, too */
}

Scale scale_fit(double low, double high, double range_min, double size)
{
        double middle, range;

        if (isnan(low) || isnan(high))
                low = high = 0;
        low = limited(low);
        high = fmax(low, limited(high));
        range = fmax(high - low, range_min);
        middle = (low + high) / 2;
        if (high - low < range) {
                low = middle - range / 2;
                high = middle + range / 2;
        }
        return (Scale){ .low = low - range * MARGIN_BELOW,
                .high = high + range * MARGIN_ABOVE,
                .size = size,
                .down = true };
}

Scale scale_from_zero(double high, double high_min, double size)
{
        high = isnan(high) ? high_min : fmax(limited(high), high_min);
        return (Scale){ .high = high * (1 + MARGIN_BELOW), .size = size, .down = true };
}

Scale scale_of_time(int64_t length, double size)
{
        return (Scale){ .high = length > 0 ? (double)length : 1, .size = size };
}

double scale_at(const Scale *s, double value)
{
        double share = isnan(value) ? 0 : (value - s->low) / (s->high - s->low);

        share = fmax(0, fmin(1, share));
        return (s->down ? 1 - share : share) * s->size;
}

double scale_percent(const Scale *s, double value)
{
        return 100 * scale_at(s, value) / s->size;
}

double scale_step(const Scale *s, unsigned most)
{
        static const double factors[] = { 2, 2.5, 2 };
        double step = STEP_MIN, range = s->high - s->low;

        for (unsigned i = 0; range / step > most; i++)
                step *= factors[i % ELEMENTSOF(factors)];
        return step;
}

double scale_first(const Scale *s, double step)
{
        return ceil(s->low / step) * step;
}

int64_t scale_time_step(int64_t length_s, unsigned most)
{
        static const int64_t minutes[] = { 1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440 };
        int64_t step = 0;

        for (unsigned i = 0; i < ELEMENTSOF(minutes); i++) {
                step = minutes[i] * 60;
                if (length_s / step <= most)
                        return step;
        }
        while (length_s / step > most)
                step *= 2;
        return step;
}
