/* SPDX-License-Identifier: MIT */

/* α1 from what the ring remembers. It is asked for every 20 s: a heart rate costs nothing more for it. Time is the caller's. */

#include "cardio/alpha1.h"

#include <math.h>

#include "cardio/dfa.h"
#include "cardio/rr.h"

const char *alpha1_state_to_string(Alpha1State state)
{
        static const char *const words[_ALPHA1_STATE_MAX] = {
                [ALPHA1_NO_RR] = "no R-R intervals",
                [ALPHA1_TOO_SHORT] = "less than 90 % of two minutes",
                [ALPHA1_ARTEFACTS] = "more than 5 % artefacts",
                [ALPHA1_ALL_ALIKE] = "R-R intervals all alike",
        };

        return state >= 0 && state < _ALPHA1_STATE_MAX ? words[state] : NULL;
}

typedef struct Beats {
        double rr_ms[DFA_BEATS_MAX];
        size_t n, n_all, n_artefacts;
        double covered_ms;
} Beats;

static void take(Beats *b, RrFilter *filter, uint16_t rr, double tolerance)
{
        double ms = rr_ms(rr), difference;

        b->n_all++;
        if (rr_is_plausible(ms))
                b->covered_ms += ms;
        if (!rr_filter_push(filter, rr, tolerance, &difference))
                b->n_artefacts++;
        else if (b->n < DFA_BEATS_MAX)
                b->rr_ms[b->n++] = ms;
}

/* The first entry of the window. */
static uint64_t window_begin(const Ring *ring, usec_t now_usec)
{
        uint64_t i = ring_end(ring);

        while (i > ring_begin(ring) && now_usec - ring_at(ring, i - 1)->at_usec < ALPHA1_WINDOW_USEC)
                i--;
        return i;
}

static void collect(Beats *b, const Ring *ring, usec_t now_usec, double effort_above)
{
        RrFilter filter = { 0 };
        RrFlow flow = { 0 };

        for (uint64_t i = window_begin(ring, now_usec); i < ring_end(ring); i++) {
                const Sample *s = ring_at(ring, i);
                double tolerance = s->smoothed > effort_above ? RR_TOLERANCE_EFFORT : RR_TOLERANCE_REST;
                uint16_t rr[MEASUREMENT_RR_MAX];
                size_t n = ring_copy_rr(ring, s, rr);

                if (!rr_flow_push(&flow, s->at_usec, s->stale_usec, rr, n))
                        rr_filter_gap(&filter);
                for (size_t k = 0; k < n; k++)
                        take(b, &filter, rr[k], tolerance);
        }
}

Alpha1 alpha1_of(const Ring *ring, usec_t now_usec, double effort_above, bool detrend)
{
        Alpha1 a = { .state = ALPHA1_NO_RR, .alpha1 = NAN, .artefact_percent = NAN };
        Beats b = { .n = 0 };

        collect(&b, ring, now_usec, effort_above);
        if (b.n_all == 0)
                return a;
        a.covered_percent = fmin(b.covered_ms / (ALPHA1_WINDOW_USEC / 1000.0) * 100, 100);
        a.artefact_percent = 100.0 * (double)b.n_artefacts / (double)b.n_all;
        if (a.covered_percent < ALPHA1_COVERED_MIN) {
                a.state = ALPHA1_TOO_SHORT;
                return a;
        }
        if (a.artefact_percent > ALPHA1_ARTEFACTS_MAX) {
                a.state = ALPHA1_ARTEFACTS;
                return a;
        }
        if (detrend)
                dfa_detrend(b.rr_ms, b.n, DFA_LAMBDA);
        a.alpha1 = dfa_alpha1(b.rr_ms, b.n);
        a.state = isnan(a.alpha1) ? ALPHA1_ALL_ALIKE : ALPHA1_AVAILABLE;
        return a;
}
