/* SPDX-License-Identifier: MIT */

/* The figures of a session. Time is credited backwards: a heart rate is worth the time until the next one, so
 * each step settles the one before it, judged as it was judged when it came. Times are milliseconds since the
 * session's start; sums of them are whole numbers, so nothing is lost over hours. What follows from how long each
 * heart rate lasted is worked out when it is asked for. */

#include "cardio/tally.h"

#include <assert.h>
#include <math.h>

#include "cardio/macro.h"

void tally_begin(Tally *tally, const Runner *runner, double tolerance, double ceiling)
{
        *tally = (Tally){
                .runner = *runner,
                .tolerance = tolerance,
                .ceiling = ceiling,
                .min_hr = NAN,
                .peak_hr = NAN,
                .hard_from = INFINITY,
                .easy_to = -INFINITY,
        };
        if (tally_has_trimp(tally)) {
                tally->hard_from = heart_rate_reserve_at(runner, KIND_HARD_PERCENT);
                tally->easy_to = heart_rate_reserve_at(runner, KIND_EASY_PERCENT);
        }
}

/* What the heart rate before is worth; nothing, before the first. */
static void tally_credit(Tally *tally, int64_t ms)
{
        tally->live_ms += ms;
        tally->heart_rate_ms[tally->last_heart_rate] += ms;
        tally->zone_ms[tally->last_zone] += ms;
        if (tally->last_over)
                tally->over_ms += ms;
        if (tally->last_hard)
                tally->hard_ms += ms;
        if (tally->last_easy)
                tally->easy_ms += ms;
}

_hot_ void tally_sample(
                Tally *tally, int64_t t, uint16_t heart_rate, double smoothed, unsigned zone, bool counts)
{
        usec_t credit_usec = credit_push(&tally->credit, (usec_t)t * USEC_PER_MSEC);

        assert(heart_rate <= HEART_RATE_MAX);
        assert(zone <= ZONES_MAX);
        assert(!tally->started || t > tally->last_t);

        if (counts && !(smoothed >= tally->min_hr)) /* true for NAN */
                tally->min_hr = smoothed;
        if (counts && !(smoothed <= tally->peak_hr))
                tally->peak_hr = smoothed;
        tally_credit(tally, (int64_t)(credit_usec / USEC_PER_MSEC));

        tally->started = true;
        tally->last_t = t;
        tally->last_heart_rate = heart_rate;
        tally->last_zone = zone;
        /* Never with no ceiling: a comparison with NAN is false. */
        tally->last_over = smoothed > tally->ceiling + tally->tolerance;
        tally->last_hard = smoothed >= tally->hard_from;
        tally->last_easy = smoothed <= tally->easy_to;
}

void tally_ceiling(Tally *tally, double ceiling)
{
        tally->ceiling = ceiling;
}

_hot_ double tally_average(const Tally *tally)
{
        int64_t weighted = 0; /* bpm * ms */

        for (unsigned bpm = 0; bpm <= HEART_RATE_MAX; bpm++)
                weighted += tally->heart_rate_ms[bpm] * bpm;
        return tally->live_ms > 0 ? (double)weighted / (double)tally->live_ms : NAN;
}

bool tally_has_trimp(const Tally *tally)
{
        return tally->runner.resting > 0 && tally->runner.maximum > tally->runner.resting;
}

_hot_ double tally_trimp(const Tally *tally)
{
        double sum = 0;

        if (!tally_has_trimp(tally))
                return 0;
        for (unsigned bpm = 0; bpm <= HEART_RATE_MAX; bpm++)
                if (tally->heart_rate_ms[bpm] > 0)
                        sum += trimp(&tally->runner, bpm, (double)tally->heart_rate_ms[bpm] / 60000.0);
        return sum;
}
