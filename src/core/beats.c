/* SPDX-License-Identifier: MIT */

/* A session's beats, once it is over. Times are ms since its start. */

#include "cardio/beats.h"

#include <assert.h>
#include <math.h>

/* The ring knows 0 as "no time". */
#define T_USEC(t) ((usec_t)(t)*USEC_PER_MSEC + USEC_PER_SEC)

void beats_begin(Beats *b, const Runner *runner, bool detrend, const BeatsTarget *target)
{
        b->detrend = detrend;
        b->target = *target;
        b->resting = runner->resting > 0 ? runner->resting : BEATS_RESTING_UNKNOWN;
        b->effort_above = runner->resting > 0 && runner->maximum > runner->resting
                                          ? heart_rate_reserve_at(runner, BEATS_EFFORT_PERCENT)
                                          : BEATS_EFFORT_UNKNOWN;
        b->arrivals = (Arrivals){ 0 };
        b->flow = (RrFlow){ 0 };
        b->ring.n_samples = b->ring.n_rr = 0;
        b->alpha1_t = ALPHA1_EVERY_USEC / USEC_PER_MSEC;
        recovery_begin(&b->recovery);
        held_begin(&b->held, b->effort_above);
        b->variability = (Variability){ 0 };
        b->n = b->n_artefacts = 0;
        b->n_stretch = 0;
        b->broken = false;
}

/* Judges the beats that follow on each other. */
static void stretch_end(Beats *b)
{
        artefact_classify(b->beat, b->n_stretch);
        for (size_t i = 0; i < b->n_stretch; i++) {
                if (b->place[i].broken || b->beat[i].flag != ARTEFACT_NONE)
                        variability_break(&b->variability);
                if (b->beat[i].flag == ARTEFACT_NONE) {
                        variability_beat(&b->variability, b->beat[i].rr_ms);
                        continue;
                }
                b->n_artefacts++;
                b->target.flag(b->target.userdata, b->place[i].t, b->place[i].seq,
                                (ArtefactFlag)b->beat[i].flag);
        }
        variability_break(&b->variability);
        b->n_stretch = 0;
        b->broken = false;
}

static void beat(Beats *b, int64_t t, size_t seq, uint16_t rr)
{
        double ms = rr_ms(rr);

        b->n++;
        if (!rr_is_plausible(ms)) {
                b->n_artefacts++;
                b->broken = true;
                b->target.flag(b->target.userdata, t, (unsigned)seq, ARTEFACT_IMPLAUSIBLE);
                return;
        }
        if (b->n_stretch == BEATS_STRETCH_MAX)
                stretch_end(b);
        b->beat[b->n_stretch].rr_ms = ms;
        b->place[b->n_stretch].t = t;
        b->place[b->n_stretch].seq = (uint8_t)seq;
        b->place[b->n_stretch].broken = b->broken;
        b->broken = false;
        b->n_stretch++;
}

static void push_ring(
                Beats *b, int64_t t, double smoothed, usec_t stale_usec, const uint16_t *rr, size_t n_rr)
{
        Measurement m = { .n_rr = n_rr };
        Sample *sample;

        for (size_t i = 0; i < n_rr; i++)
                m.rr[i] = rr[i];
        sample = ring_push(&b->ring, T_USEC(t), &m);
        sample->stale_usec = stale_usec;
        sample->smoothed = smoothed;
}

static void alpha1(Beats *b, int64_t t)
{
        static const int64_t every = ALPHA1_EVERY_USEC / USEC_PER_MSEC;
        Alpha1 a;

        if (t < b->alpha1_t)
                return;
        b->alpha1_t = (t / every + 1) * every;
        if (b->ring.n_rr == 0)
                return;
        a = alpha1_of(&b->ring, T_USEC(t), b->effort_above, b->detrend);
        if (a.state != ALPHA1_NO_RR)
                b->target.alpha1(b->target.userdata, t, &a);
}

void beats_heart_rate(Beats *b, int64_t t, double smoothed, bool counts, const uint16_t *rr, size_t n_rr)
{
        usec_t stale_usec = arrivals_stale(&b->arrivals);

        assert(n_rr <= MEASUREMENT_RR_MAX);
        arrivals_push(&b->arrivals, T_USEC(t));
        if (!rr_flow_push(&b->flow, T_USEC(t), stale_usec, rr, n_rr))
                stretch_end(b);
        for (size_t i = 0; i < n_rr; i++)
                beat(b, t, i, rr[i]);
        push_ring(b, t, smoothed, stale_usec, rr, n_rr);
        alpha1(b, t);
        recovery_heart_rate(&b->recovery, t, smoothed, counts);
        held_heart_rate(&b->held, &b->ring, counts);
}

void beats_end(Beats *b, BeatsFigures *ret)
{
        stretch_end(b);
        *ret = (BeatsFigures){
                .rmssd = variability_rmssd(&b->variability),
                .sdnn = variability_sdnn(&b->variability),
                .pnn50 = variability_pnn50(&b->variability),
                .artefact_percent = b->n > 0 ? 100.0 * (double)b->n_artefacts / (double)b->n : NAN,
                .hrr60 = recovery_hrr60(&b->recovery, b->resting, NULL),
                .held = b->held.bpm > 0 ? b->held.bpm : NAN,
        };
}
