/* SPDX-License-Identifier: MIT */

/* The live rule for R-R intervals: causal, so that it can speak while the runner still lies there, or runs; and which of them
 * follow on each other. Times come with each call. */

#include "cardio/rr.h"

#include <math.h>
#include <string.h>

#include "cardio/kind.h"
#include "cardio/macro.h"

#define REJECTED_MAX 5U

static double recent_median(const RrFilter *f)
{
        double recent[RR_FILTER_BEATS];
        size_t n = f->n < RR_FILTER_BEATS ? f->n : RR_FILTER_BEATS;

        memcpy(recent, f->accepted_ms, sizeof(recent));
        return median_of(recent, n);
}

static bool is_beat(const RrFilter *f, double ms, double tolerance)
{
        double median;

        if (!rr_is_plausible(ms))
                return false;
        if (f->n == 0)
                return true;
        median = recent_median(f);
        return fabs(ms - median) <= tolerance * median;
}

_hot_ bool rr_filter_push(RrFilter *f, uint16_t rr, double tolerance, double *ret_difference_ms)
{
        double ms = rr_ms(rr);

        if (!is_beat(f, ms, tolerance)) {
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

_hot_ bool rr_flow_push(RrFlow *f, usec_t at_usec, usec_t stale_usec, const uint16_t *rr, size_t n)
{
        bool gap = f->heart_rate_usec == 0 || at_usec - f->heart_rate_usec > stale_usec, follows;
        usec_t length_usec = 0;

        f->heart_rate_usec = at_usec;
        if (gap)
                f->rr_usec = 0;
        if (n == 0)
                return !gap;
        for (size_t i = 0; i < n; i++)
                length_usec += rr[i] * USEC_PER_SEC / 1024;
        follows = f->rr_usec > 0 && at_usec - f->rr_usec <= length_usec + RR_MISSING_USEC;
        f->rr_usec = at_usec;
        return follows;
}
