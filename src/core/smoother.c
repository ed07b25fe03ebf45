/* SPDX-License-Identifier: MIT */
/* The running median. The window is a stretch of the ring, [begin, end); the same heart rates are kept a second time,
 * sorted, so that the median is read off the middle. */

#include "cardio/smoother.h"

#include <assert.h>
#include <string.h>

/* Index of the first value not below heart_rate. */
static size_t smoother_search(const Smoother *s, uint16_t heart_rate)
{
        size_t low = 0, high = s->n;

        while (low < high) {
                size_t middle = (low + high) / 2;
                if (s->sorted[middle] < heart_rate)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void smoother_remove(Smoother *s, uint16_t heart_rate)
{
        size_t i = smoother_search(s, heart_rate);

        assert(i < s->n && s->sorted[i] == heart_rate);
        s->n--;
        memmove(&s->sorted[i], &s->sorted[i + 1], (s->n - i) * sizeof(s->sorted[0]));
}

static void smoother_insert(Smoother *s, uint16_t heart_rate)
{
        size_t i = smoother_search(s, heart_rate);

        memmove(&s->sorted[i + 1], &s->sorted[i], (s->n - i) * sizeof(s->sorted[0]));
        s->sorted[i] = heart_rate;
        s->n++;
}

double smoother_update(Smoother *s, const Ring *ring, usec_t window_usec, bool *ret_fresh)
{
        uint64_t newest = ring_end(ring) - 1;
        const Sample *sample = ring_at(ring, newest);

        while (s->begin < newest &&
                        usec_add(ring_at(ring, s->begin)->at_usec, window_usec) <= sample->at_usec)
                smoother_remove(s, ring_at(ring, s->begin++)->heart_rate);
        smoother_insert(s, sample->heart_rate);

        double median = (s->sorted[(s->n - 1) / 2] + s->sorted[s->n / 2]) / 2.0;
        if (ret_fresh)
                *ret_fresh = s->n == 1;
        /* The next push overwrites the ring's oldest entry: let go of it while its value is still known. */
        if (s->n == RING_SAMPLES_MAX)
                smoother_remove(s, ring_at(ring, s->begin++)->heart_rate);
        return median;
}
