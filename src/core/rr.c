/* SPDX-License-Identifier: MIT */

/* The live rule for R-R intervals: causal, so that it can speak while the runner still lies there. No clock. */

#include "cardio/rr.h"

#include <math.h>
#include <string.h>

#include "cardio/kind.h"

#define TOLERANCE    0.20
#define REJECTED_MAX 5U

static double recent_median(const RrFilter *f)
{
        double recent[RR_FILTER_BEATS];
        size_t n = f->n < RR_FILTER_BEATS ? f->n : RR_FILTER_BEATS;

        memcpy(recent, f->accepted_ms, sizeof(recent));
        return median_of(recent, n);
}

static bool is_beat(const RrFilter *f, double ms)
{
        double median;

        if (!(ms >= RR_MIN_MS && ms <= RR_MAX_MS))
                return false;
        if (f->n == 0)
                return true;
        median = recent_median(f);
        return fabs(ms - median) <= TOLERANCE * median;
}

bool rr_filter_push(RrFilter *f, uint16_t rr, double *ret_difference_ms)
{
        double ms = rr * 1000.0 / 1024;

        if (!is_beat(f, ms)) {
                f->last_ms = 0;
                if (++f->rejected == REJECTED_MAX)
                        rr_filter_gap(f);
                return false;
        }

        *ret_difference_ms = f->last_ms > 0 ? ms - f->last_ms : NAN;
        f->accepted_ms[f->n++ % RR_FILTER_BEATS] = ms;
        f->last_ms = ms;
        f->rejected = 0;
        return true;
}

void rr_filter_gap(RrFilter *f)
{
        *f = (RrFilter){ 0 };
}
