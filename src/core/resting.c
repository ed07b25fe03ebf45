/* SPDX-License-Identifier: MIT */

/* The resting heart rate: which figure is in force, and how one is measured. A measurement is kept second by second, and
 * a window of it is judged when its time is over; CLOCK_BOOTTIME is passed in. Dates are the runner's local ones. */

#include "cardio/resting.h"

#include <math.h>
#include <string.h>

#include "cardio/arrivals.h"
#include "cardio/variability.h"

/* -- The figure in force ----------------------------------------------------------------------------------------- */

double resting_on(const Morning *morning, size_t n, Day date)
{
        double sum = 0;
        unsigned found = 0;

        for (size_t i = 0; i < n; i++)
                if (morning[i].date == date) {
                        sum += morning[i].heart_rate;
                        found++;
                }
        return found > 0 ? sum / found : NAN;
}

/* The last date measured that is not later than this one. */
static Day last_measured(const Morning *morning, size_t n, Day date)
{
        Day last = DAY_NONE;

        for (size_t i = 0; i < n; i++)
                if (morning[i].date <= date && morning[i].date > last)
                        last = morning[i].date;
        return last;
}

RestingInForce resting_in_force(const Morning *morning, size_t n, Day date, double configured)
{
        Day last = last_measured(morning, n, date), from;
        unsigned found = 0;
        double sum = 0;
        bool recent;

        if (last == DAY_NONE)
                return (RestingInForce){ .heart_rate = configured, .provisional = true };

        recent = date - last < RESTING_WINDOW_DAYS;
        from = (recent ? date : last) - RESTING_WINDOW_DAYS + 1;
        for (Day day = last; day >= from && found < RESTING_MORNINGS; day--) {
                double heart_rate = resting_on(morning, n, day);

                if (isnan(heart_rate))
                        continue;
                sum += heart_rate;
                found++;
        }
        return (RestingInForce){
                .heart_rate = sum / found,
                .provisional = !recent || found < RESTING_MORNINGS,
                .mornings = found,
        };
}

/* The mean of the mornings on one date, NAN if none of them has it. */
static double rmssd_on(const Morning *morning, size_t n, Day date)
{
        double sum = 0;
        unsigned found = 0;

        for (size_t i = 0; i < n; i++)
                if (morning[i].date == date && morning[i].rmssd > 0) {
                        sum += morning[i].rmssd;
                        found++;
                }
        return found > 0 ? sum / found : NAN;
}

/* Of figures that are all alike a difference of less than so much, as a logarithm, is none. */
#define RMSSD_SPREAD_MIN 0.02

RmssdUsual rmssd_usual(const Morning *morning, size_t n, Day date)
{
        RmssdUsual usual = { NAN, NAN, NAN };
        double sum = 0, logs = 0, squares = 0, spread;
        unsigned n_mean = 0, n_usual = 0;

        for (Day day = date - RMSSD_USUAL_DAYS + 1; day <= date; day++) {
                double rmssd = rmssd_on(morning, n, day);

                if (isnan(rmssd))
                        continue;
                n_usual++;
                logs += log(rmssd);
                squares += log(rmssd) * log(rmssd);
                if (day > date - RMSSD_MEAN_DAYS) {
                        n_mean++;
                        sum += rmssd;
                }
        }
        if (n_mean >= RMSSD_MEAN_MIN)
                usual.mean = sum / n_mean;
        if (n_usual < RMSSD_USUAL_MIN)
                return usual;
        logs /= n_usual;
        spread = fmax(sqrt(fmax(squares - n_usual * logs * logs, 0) / (n_usual - 1)), RMSSD_SPREAD_MIN);
        usual.low = exp(logs - spread);
        usual.high = exp(logs + spread);
        return usual;
}

/* -- Measuring it ------------------------------------------------------------------------------------------------ */

#define SETTLE_S 60U
#define WINDOW_S 60U

/* Settled: so far may the halves of the window be apart, and a part of it from the whole, in bpm. The parts are long
 * enough for two breaths, which alone move the heart rate of a fit runner by more than this. */
#define HALVES_MAX 3.0
#define PARTS_MAX  6.0
#define PART_S     10U
#define PART_MIN_S 5U

/* Intervals are summed as what is above it, so that their squares stay small. */
#define SUMMED_FROM_MS 1000.0

int resting_begin(RestingMeasurement *m, unsigned seconds, usec_t now_usec)
{
        if (seconds == 0)
                seconds = RESTING_SECONDS_DEFAULT;
        if (seconds < RESTING_SECONDS_MIN || seconds > RESTING_SECONDS_MAX)
                return -ERANGE;

        memset(m, 0, sizeof(*m));
        m->begin_usec = now_usec;
        m->seconds = seconds;
        m->settle = seconds / 2 < SETTLE_S ? seconds / 2 : SETTLE_S;
        m->window = seconds / 2 < WINDOW_S ? seconds / 2 : WINDOW_S;
        m->gap_s = ARRIVALS_STALE_MIN_USEC / USEC_PER_SEC;
        return 0;
}

usec_t resting_deadline(const RestingMeasurement *m)
{
        return usec_add(m->begin_usec, m->seconds * USEC_PER_SEC);
}

void resting_heart_rate(RestingMeasurement *m, usec_t at_usec, usec_t stale_usec, double heart_rate,
                const uint16_t *rr, size_t n_rr)
{
        RestingSecond *s;

        if (at_usec < m->begin_usec || at_usec >= resting_deadline(m))
                return;
        m->gap_s = (unsigned)((stale_usec + USEC_PER_SEC - 1) / USEC_PER_SEC);
        /* A slow strap sends only a few of its beats. */
        if (m->last_usec > 0 && at_usec - m->last_usec > ARRIVALS_STALE_MIN_USEC)
                rr_filter_gap(&m->filter);
        m->last_usec = at_usec;

        s = &m->second[(at_usec - m->begin_usec) / USEC_PER_SEC];
        s->heart_rate += (float)heart_rate;
        s->n_heart_rates++;
        for (size_t i = 0; i < n_rr; i++) {
                double difference, beat = rr_ms(rr[i]) - SUMMED_FROM_MS;

                if (!rr_filter_push(&m->filter, rr[i], RR_TOLERANCE_REST, &difference))
                        continue;
                s->n_beats++;
                s->beats += beat;
                s->beat_squares += beat * beat;
                if (isnan(difference))
                        continue;
                s->squares += (float)(difference * difference);
                s->n_differences++;
                if (fabs(difference) > 50)
                        s->n_over_50++;
        }
}

/* The mean heart rate over the seconds [from, to). A second without one is as the one before it; NAN where that is too
 * long ago. */
static double mean_over(const RestingMeasurement *m, unsigned from, unsigned to)
{
        unsigned first = from > m->gap_s ? from - m->gap_s : 0, silent = 0;
        double last = NAN, sum = 0;

        for (unsigned i = first; i < to; i++) {
                const RestingSecond *s = &m->second[i];

                if (s->n_heart_rates > 0) {
                        last = (double)s->heart_rate / s->n_heart_rates;
                        silent = 0;
                } else if (++silent > m->gap_s)
                        last = NAN;
                if (i >= from)
                        sum += last;
        }
        return sum / (to - from);
}

/* No part of the window stands out. False where one of them is NAN. */
static bool is_settled(const RestingMeasurement *m, unsigned from, double mean)
{
        unsigned middle = from + m->window / 2, to = from + m->window;
        unsigned part = m->window / PART_MIN_S < 6 ? PART_MIN_S : PART_S;

        if (!(fabs(mean_over(m, from, middle) - mean_over(m, middle, to)) <= HALVES_MAX))
                return false;
        for (; from < to; from += part)
                if (!(fabs(mean_over(m, from, from + part < to ? from + part : to) - mean) <= PARTS_MAX))
                        return false;
        return true;
}

/* Of the same seconds as the heart rate. */
static RestingResult result_over(const RestingMeasurement *m, unsigned from, unsigned to, double heart_rate)
{
        RestingResult result = { .heart_rate = heart_rate, .rmssd = NAN, .sdnn = NAN, .pnn50 = NAN };
        double squares = 0, beats = 0, beat_squares = 0;
        unsigned n = 0, n_over_50 = 0, n_beats = 0;

        for (unsigned i = from; i < to; i++) {
                const RestingSecond *s = &m->second[i];

                squares += (double)s->squares;
                n += s->n_differences;
                n_over_50 += s->n_over_50;
                n_beats += s->n_beats;
                beats += s->beats;
                beat_squares += s->beat_squares;
        }
        if (n < VARIABILITY_DIFFERENCES_MIN) /* with so many differences there are more than one beat */
                return result;
        result.rmssd = sqrt(squares / n);
        result.sdnn = sqrt(fmax(beat_squares - beats * beats / n_beats, 0) / (n_beats - 1));
        result.pnn50 = 100.0 * n_over_50 / n;
        return result;
}

/* What the measurement comes to when its time is over. */
static RestingState resting_judge(const RestingMeasurement *m, RestingResult *ret)
{
        RestingState state = RESTING_NO_DATA;
        double lowest = INFINITY;
        unsigned at = 0;

        for (unsigned from = m->settle; from + m->window <= m->seconds; from++) {
                double mean = mean_over(m, from, from + m->window);

                if (isnan(mean))
                        continue;
                if (state == RESTING_NO_DATA)
                        state = RESTING_MOVING;
                if (mean < lowest && mean >= RESTING_MIN && mean <= RESTING_MAX &&
                                is_settled(m, from, mean)) {
                        state = RESTING_DONE;
                        lowest = mean;
                        at = from;
                }
        }
        if (state == RESTING_DONE)
                *ret = result_over(m, at, at + m->window, lowest);
        return state;
}

RestingState resting_state(const RestingMeasurement *m, usec_t now_usec, RestingResult *ret)
{
        unsigned elapsed;

        if (now_usec >= resting_deadline(m))
                return resting_judge(m, ret);

        elapsed = (unsigned)(usec_sub(now_usec, m->begin_usec) / USEC_PER_SEC);
        if (elapsed < m->settle)
                return RESTING_SETTLING;
        /* Nobody who lies still has such a heart rate: why wait for the end. False for NAN. */
        return mean_over(m, elapsed - m->settle / 2, elapsed) > RESTING_MAX ? RESTING_MOVING
                                                                            : RESTING_MEASURING;
}
