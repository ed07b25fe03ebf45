/* SPDX-License-Identifier: MIT */

/* The figures of a session. Time is credited backwards: a heart rate is worth the time until the next one, so
 * each step settles the one before it, judged as it was judged when it came. Times are milliseconds since the
 * session's start; sums of them are whole numbers, so nothing is lost over hours. */

#include "cardio/tally.h"

#include <assert.h>
#include <math.h>

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

static void tally_credit(Tally *tally, int64_t ms)
{
        tally->live_ms += ms;
        tally->weighted += ms * tally->last_heart_rate;
        tally->zone_ms[tally->last_zone] += ms;
        if (tally->last_over)
                tally->over_ms += ms;
        if (tally->last_hard)
                tally->hard_ms += ms;
        if (tally->last_easy)
                tally->easy_ms += ms;
        if (tally_has_trimp(tally))
                tally->trimp += trimp(&tally->runner, tally->last_heart_rate, (double)ms / 60000.0);
}

void tally_sample(Tally *tally, int64_t t, uint16_t heart_rate, double smoothed, unsigned zone)
{
        assert(zone <= ZONES_MAX);

        if (tally->started) {
                int64_t ms = t - tally->last_t;

                assert(ms > 0);
                tally_credit(tally, ms < TALLY_CREDIT_MAX_MS ? ms : TALLY_CREDIT_MAX_MS);
        }

        tally->started = true;
        tally->last_t = t;
        tally->last_heart_rate = heart_rate;
        tally->last_zone = zone;
        /* Never with no ceiling: a comparison with NAN is false. */
        tally->last_over = smoothed > tally->ceiling + tally->tolerance;

        tally->last_hard = smoothed >= tally->hard_from;
        tally->last_easy = smoothed <= tally->easy_to;

        /* fmin() and fmax() take the number where the other is NAN. */
        tally->min_hr = fmin(tally->min_hr, smoothed);
        tally->peak_hr = fmax(tally->peak_hr, smoothed);
}

void tally_ceiling(Tally *tally, double ceiling)
{
        tally->ceiling = ceiling;
}

double tally_average(const Tally *tally)
{
        return tally->live_ms > 0 ? (double)tally->weighted / (double)tally->live_ms : NAN;
}

bool tally_has_trimp(const Tally *tally)
{
        return tally->runner.resting > 0 && tally->runner.maximum > tally->runner.resting;
}
