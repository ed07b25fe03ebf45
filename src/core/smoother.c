/* SPDX-License-Identifier: MIT */
/* The running median. The window is a stretch of the ring, [begin, end); the same heart rates are kept a second time, as
 * counts. From one heart rate to the next the middle moves by a few bpm at most: it is found by walking there. */

#include "cardio/smoother.h"

#include <assert.h>

#include "cardio/macro.h"

static void smoother_insert(Smoother *s, uint16_t heart_rate)
{
        assert(heart_rate <= HEART_RATE_MAX);
        s->count[heart_rate]++;
        s->below += heart_rate < s->middle;
        s->n++;
}

static void smoother_remove(Smoother *s, uint16_t heart_rate)
{
        assert(s->count[heart_rate] > 0);
        s->count[heart_rate]--;
        s->below -= heart_rate < s->middle;
        s->n--;
}

static double smoother_median(Smoother *s)
{
        unsigned lower = (s->n - 1) / 2, upper = s->n / 2, next;

        while (s->below > lower)
                s->below -= s->count[--s->middle];
        while (s->below + s->count[s->middle] <= lower)
                s->below += s->count[s->middle++];

        next = s->middle;
        if (s->below + s->count[s->middle] <= upper)
                do
                        next++;
                while (s->count[next] == 0);
        return (s->middle + next) / 2.0;
}

_hot_ static void smoother_drop_oldest(Smoother *s, const Ring *ring)
{
        smoother_remove(s, ring_at(ring, s->begin++)->heart_rate);
}

/* Lets go of what the window does not reach any more. */
static void smoother_advance(Smoother *s, const Ring *ring, const Sample *newest, usec_t window_usec)
{
        while (s->n > SMOOTHER_ENOUGH && newest->at_usec - ring_at(ring, s->begin)->at_usec >= window_usec)
                smoother_drop_oldest(s, ring);
        while (newest->at_usec - ring_at(ring, s->begin)->at_usec > SMOOTHER_REACH_USEC &&
                        newest->at_usec - ring_at(ring, s->begin)->at_usec >= window_usec)
                smoother_drop_oldest(s, ring);
}

/* The newest are nearly always those that are close. */
static Settled smoother_settled(const Smoother *s, const Ring *ring, double median)
{
        unsigned close = 0;

        if (s->n < SMOOTHER_ENOUGH)
                return SETTLED_TOO_FEW;
        for (uint64_t i = ring_end(ring); i-- > s->begin && close < SMOOTHER_ENOUGH;) {
                double off = ring_at(ring, i)->heart_rate - median;

                close += off >= -SMOOTHER_SETTLED && off <= SMOOTHER_SETTLED;
        }
        return close == SMOOTHER_ENOUGH ? SETTLED_YES : SETTLED_DISAGREE;
}

_hot_ double smoother_update(Smoother *s, const Ring *ring, usec_t window_usec, Settled *ret_settled)
{
        uint64_t number = ring_end(ring) - 1;
        const Sample *newest = ring_at(ring, number);
        double median;

        if (ring_gap_before(ring, number))
                while (s->begin < number)
                        smoother_drop_oldest(s, ring);
        smoother_insert(s, newest->heart_rate);
        smoother_advance(s, ring, newest, window_usec);

        median = smoother_median(s);
        if (ret_settled)
                *ret_settled = smoother_settled(s, ring, median);
        /* The next push overwrites the ring's oldest entry: let go of it while its value is still known. */
        if (s->n == RING_SAMPLES_MAX)
                smoother_drop_oldest(s, ring);
        return median;
}
