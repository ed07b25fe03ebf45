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

_heartbeat_ double smoother_update(Smoother *s, const Ring *ring, usec_t window_usec, bool *ret_fresh)
{
        uint64_t newest = ring_end(ring) - 1;
        const Sample *sample = ring_at(ring, newest);
        double median;

        while (s->begin < newest && sample->at_usec - ring_at(ring, s->begin)->at_usec >= window_usec)
                smoother_remove(s, ring_at(ring, s->begin++)->heart_rate);
        smoother_insert(s, sample->heart_rate);

        median = smoother_median(s);
        if (ret_fresh)
                *ret_fresh = s->n == 1;
        /* The next push overwrites the ring's oldest entry: let go of it while its value is still known. */
        if (s->n == RING_SAMPLES_MAX)
                smoother_remove(s, ring_at(ring, s->begin++)->heart_rate);
        return median;
}
