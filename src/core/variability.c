/* SPDX-License-Identifier: MIT */

/* RMSSD, SDNN and pNN50, beat by beat. The variance is summed as Welford does it, so that nothing is lost over a day of
 * beats. No clock. */

#include "cardio/variability.h"

#include <math.h>

void variability_beat(Variability *v, double ms)
{
        double distance = ms - v->mean, difference = ms - v->last_ms;

        v->n++;
        v->mean += distance / (double)v->n;
        v->squares += distance * (ms - v->mean);
        if (v->last_ms > 0) {
                v->n_differences++;
                v->n_over_50 += fabs(difference) > 50;
                v->difference_squares += difference * difference;
        }
        v->last_ms = ms;
}

void variability_break(Variability *v)
{
        v->last_ms = 0;
}

static double if_enough(const Variability *v, double value)
{
        return v->n_differences >= VARIABILITY_DIFFERENCES_MIN ? value : NAN;
}

double variability_rmssd(const Variability *v)
{
        return if_enough(v, sqrt(v->difference_squares / (double)v->n_differences));
}

double variability_sdnn(const Variability *v)
{
        return if_enough(v, sqrt(v->squares / ((double)v->n - 1)));
}

double variability_pnn50(const Variability *v)
{
        return if_enough(v, 100.0 * (double)v->n_over_50 / (double)v->n_differences);
}
