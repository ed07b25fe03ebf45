/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cardio/alpha1.h"
#include "cardio/arrivals.h"
#include "cardio/artefact.h"
#include "cardio/held.h"
#include "cardio/recovery.h"
#include "cardio/ring.h"
#include "cardio/rr.h"
#include "cardio/runner.h"
#include "cardio/variability.h"

/* What the beats of a whole session come to, from what is stored of it: each beat's flag, α1 every 20 s, variability, how the
 * heart recovered, and the highest heart rate that it held. Its heart rates are passed in, one after the other; each costs the same, and nothing is allocated.
 *
 * Beats are judged in stretches that follow on each other. One of more than BEATS_STRETCH_MAX, 100 minutes and more, is judged
 * in parts. */
#define BEATS_STRETCH_MAX 16384U

/* In effort is who is above so much of the reserve: there a beat may differ less from those before it. Of a runner of whom
 * nothing is known it is this heart rate, and the resting one is: */
#define BEATS_EFFORT_PERCENT  30.0
#define BEATS_EFFORT_UNKNOWN  100.0 /* bpm */
#define BEATS_RESTING_UNKNOWN 60.0

/* What comes of it on the way. Flags come late, and only those that are not ARTEFACT_NONE; seq is the beat's place among those
 * of its heart rate. Times are ms since the session's start, as passed in. */
typedef struct BeatsTarget {
        void (*flag)(void *userdata, int64_t t, unsigned seq, ArtefactFlag flag);
        void (*alpha1)(void *userdata, int64_t t,
                        const Alpha1 *alpha1); /* not while there are no R-R intervals */
        void *userdata;
} BeatsTarget;

typedef struct BeatsFigures {
        double rmssd, sdnn;      /* ms, of normal beats that follow on each other; NAN = too few of them */
        double pnn50;            /* per cent, likewise */
        double artefact_percent; /* of all beats, NAN without any */
        double hrr60;            /* bpm, NAN = not known */
        double held; /* the highest heart rate that was held, bpm; NAN = there is none that beats bear out */
} BeatsFigures;

typedef struct Beats {
        BeatsTarget target;
        double resting, effort_above; /* bpm */
        bool detrend;                 /* before α1 */
        Arrivals arrivals;
        RrFlow flow;
        Ring ring;
        int64_t alpha1_t; /* when it is due, ms */
        Recovery recovery;
        Held held;
        Variability variability;
        uint64_t n, n_artefacts;
        size_t n_stretch;
        ArtefactBeat beat[BEATS_STRETCH_MAX];
        struct {
                int64_t t;
                uint8_t seq;
                bool broken; /* an implausible one came before it */
        } place[BEATS_STRETCH_MAX];
        bool broken; /* … before the next one */
} Beats;

/* It is 1.4 MB. runner: as in force at the session's start; 0 = not known. detrend: as of alpha1_of(). */
void beats_begin(Beats *b, const Runner *runner, bool detrend, const BeatsTarget *target);

/* A stored heart rate with its R-R intervals (1/1024 s), at most MEASUREMENT_RR_MAX; t rises. */
void beats_heart_rate(Beats *b, int64_t t, double smoothed, bool counts, const uint16_t *rr, size_t n_rr);

void beats_end(Beats *b, BeatsFigures *ret);
