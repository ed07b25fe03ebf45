/* SPDX-License-Identifier: MIT */

/* The highest heart rate that was held for two minutes. While the heart rate is not above the highest so far, which is nearly
 * always, one costs no more than its beats do. Times are those of the ring. */

#include "cardio/held.h"

#include <math.h>

void held_begin(Held *h, double effort_above)
{
        h->bpm = 0;
        h->effort_above = effort_above;
        h->above = false;
        h->first = 0;
        h->flow = (RrFlow){ 0 };
        h->filter = (RrFilter){ 0 };
}

static void add_beat(Held *h, HeldSums *sums, uint16_t rr, double tolerance)
{
        double ms = rr_ms(rr), difference;

        sums->beats++;
        if (rr_is_plausible(ms))
                sums->covered_ms += ms;
        if (!rr_filter_push(&h->filter, rr, tolerance, &difference)) {
                sums->artefacts++;
                return;
        }
        sums->accepted++;
        sums->accepted_ms += ms;
}

static void add(Held *h, const Ring *ring)
{
        uint64_t i = ring_end(ring) - 1;
        const Sample *s = ring_at(ring, i);
        HeldSums sums = i > 0 ? h->sums[(i - 1) % RING_SAMPLES_MAX] : (HeldSums){ 0 };
        double tolerance = s->smoothed > h->effort_above ? RR_TOLERANCE_EFFORT : RR_TOLERANCE_REST;
        uint16_t rr[MEASUREMENT_RR_MAX];
        size_t n = ring_copy_rr(ring, s, rr);

        if (!rr_flow_push(&h->flow, s->at_usec, s->stale_usec, rr, n))
                rr_filter_gap(&h->filter);
        for (size_t k = 0; k < n; k++)
                add_beat(h, &sums, rr[k], tolerance);
        sums.heart_rate += s->smoothed;
        h->sums[i % RING_SAMPLES_MAX] = sums;
}

/* Do the beats after entry number `first` bear it out? */
static bool is_borne_out(const Held *h, const Ring *ring, uint64_t first)
{
        uint64_t last = ring_end(ring) - 1;
        const HeldSums *from = &h->sums[first % RING_SAMPLES_MAX], *to = &h->sums[last % RING_SAMPLES_MAX];
        usec_t length_usec = ring_at(ring, last)->at_usec - ring_at(ring, first)->at_usec;
        double beats = (double)(to->beats - from->beats),
               artefacts = (double)(to->artefacts - from->artefacts);
        double of_beats = 60000.0 * (double)(to->accepted - from->accepted) /
                          (to->accepted_ms - from->accepted_ms);
        double heart_rate = (to->heart_rate - from->heart_rate) / (double)(last - first);

        return 100 * (to->covered_ms - from->covered_ms) >=
                               HELD_COVERED_MIN * (double)length_usec / (double)USEC_PER_MSEC &&
               100 * artefacts <= HELD_ARTEFACTS_MAX * beats && fabs(of_beats - heart_rate) <= HELD_APART_MAX;
}

/* All have been above the highest: if that is two minutes, the lowest of the last two is what was held. */
static void judge(Held *h, const Ring *ring)
{
        uint64_t newest = ring_end(ring) - 1, lowest;
        usec_t now_usec = ring_at(ring, newest)->at_usec;

        if (h->first < ring_begin(ring))
                h->first = ring_begin(ring);
        while (h->first < newest && now_usec - ring_at(ring, h->first + 1)->at_usec >= HELD_USEC)
                h->first++;
        if (now_usec - ring_at(ring, h->first)->at_usec < HELD_USEC || !is_borne_out(h, ring, h->first))
                return;
        lowest = h->first;
        for (uint64_t i = h->first + 1; i <= newest; i++)
                if (ring_at(ring, i)->smoothed <= ring_at(ring, lowest)->smoothed)
                        lowest = i;
        h->bpm = ring_at(ring, lowest)->smoothed;
        h->above = lowest < newest;
        h->first = lowest + 1;
}

void held_heart_rate(Held *h, const Ring *ring, bool counts)
{
        uint64_t newest = ring_end(ring) - 1;

        add(h, ring);
        if (!counts || !(ring_at(ring, newest)->smoothed > h->bpm)) {
                h->above = false;
                return;
        }
        if (!h->above || ring_gap_before(ring, newest))
                h->first = newest;
        h->above = true;
        judge(h, ring);
}
