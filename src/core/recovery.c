/* SPDX-License-Identifier: MIT */

/* Heart-rate recovery, second by second. Times are ms since a session's start. */

#include "cardio/recovery.h"

#include <math.h>
#include <string.h>

#include "cardio/kind.h"

#define EFFORT_SHARE   0.8
#define LEVEL_BPM      3.0
#define MEDIAN_S       10U
#define EFFORT_S       30U /* effort is a median over so many seconds: no swing of the heart afterwards is any */
#define BEFORE_S       60U
#define AFTER_S        60U
#define SEARCH_S       120U
#define ENOUGH_PERCENT 50U
#define HOLD_MS        12000 /* a heart rate stands for so long, as of a slow sensor */

void recovery_begin(Recovery *r)
{
        memset(r, 0, sizeof(*r));
        r->last_t = -1;
}

static void push_second(Recovery *r, double rate)
{
        r->rate[r->n++ % RECOVERY_SECONDS] = (float)rate;
        if (isnan(rate))
                return;
        r->seconds[(unsigned)(2 * rate)]++;
        r->n_known++;
}

/* All seconds up to t, by the heart rate before it. */
static void fill(Recovery *r, int64_t t)
{
        for (; r->n < UINT32_MAX && r->first_t + (int64_t)r->n * 1000 < t;) {
                int64_t at = r->first_t + (int64_t)r->n * 1000;

                push_second(r, at >= r->last_t && at - r->last_t <= HOLD_MS ? (double)r->last : NAN);
        }
}

void recovery_heart_rate(Recovery *r, int64_t t, double smoothed, bool counts)
{
        if (!counts || !(smoothed >= 0 && smoothed <= HEART_RATE_MAX))
                return;
        if (r->last_t < 0)
                r->first_t = t;
        else
                fill(r, t);
        r->last_t = t;
        r->last = (float)smoothed;
}

static uint32_t begin(const Recovery *r)
{
        return r->n > RECOVERY_SECONDS ? r->n - RECOVERY_SECONDS : 0;
}

/* The median of the seconds (i - length, i], NAN if half of them are not known. */
static double median_at(const Recovery *r, uint32_t i, unsigned length)
{
        double rate[EFFORT_S];
        size_t n = 0;

        for (unsigned k = 0; k < length && i >= begin(r) + k; k++) {
                float one = r->rate[(i - k) % RECOVERY_SECONDS];

                if (!isnan(one))
                        rate[n++] = (double)one;
        }
        return 100 * n >= (size_t)ENOUGH_PERCENT * length ? median_of(rate, n) : NAN;
}

/* What the session usually takes. */
static double usual(const Recovery *r)
{
        uint32_t sum = 0;

        for (unsigned i = 0; i <= 2 * HEART_RATE_MAX; i++) {
                sum += r->seconds[i];
                if (2 * (uint64_t)sum >= r->n_known && sum > 0)
                        return i / 2.0;
        }
        return NAN;
}

/* The mean of the minute before the seconds of a median, NAN if too little of it is known. */
static double level_before(const Recovery *r, uint32_t i)
{
        double sum = 0;
        unsigned n = 0;

        if (i < begin(r) + MEDIAN_S + BEFORE_S)
                return NAN;
        for (unsigned k = MEDIAN_S; k < MEDIAN_S + BEFORE_S; k++) {
                float one = r->rate[(i - k) % RECOVERY_SECONDS];

                if (isnan(one))
                        continue;
                sum += (double)one;
                n++;
        }
        return 100 * n >= 90 * BEFORE_S ? sum / n : NAN;
}

/* The last second with effort; false if there is none. */
static bool find_effort(const Recovery *r, double resting, uint32_t *ret)
{
        double above = resting + EFFORT_SHARE * (usual(r) - resting);

        for (uint32_t i = r->n; i-- > begin(r);)
                if (median_at(r, i, EFFORT_S) >= above) {
                        *ret = i;
                        return true;
                }
        return false;
}

double recovery_hrr60(const Recovery *r, double resting, int64_t *ret_end_t)
{
        uint32_t effort, from;

        if (!find_effort(r, resting, &effort))
                return NAN;
        from = effort > begin(r) + SEARCH_S ? effort - SEARCH_S : begin(r);
        for (uint32_t i = effort + 1; i-- > from;) {
                double end = median_at(r, i, MEDIAN_S), fall;

                if (!(end >= level_before(r, i) - LEVEL_BPM))
                        continue;
                if (i + AFTER_S >= r->n)
                        return NAN;
                fall = end - median_at(r, i + AFTER_S, MEDIAN_S);
                if (!(fall >= RECOVERY_FALL_MIN))
                        return NAN;
                if (ret_end_t)
                        *ret_end_t = r->first_t + (int64_t)i * 1000;
                return fall;
        }
        return NAN;
}
