/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* Heart-rate variability in time: of beats in ms, one after the other, with breaks between those that do not follow on each
 * other. Zero it to begin.
 *
 * Task Force of the ESC and NASPE, Heart rate variability, Circulation 93 (1996): RMSSD is the root of the mean square of the
 * differences of successive beats, SDNN the standard deviation of all (over N - 1), pNN50 the share of differences of more
 * than 50 ms. */
typedef struct Variability {
        size_t n;             /* beats */
        double mean, squares; /* of them, ms; squares: the sum of squared distances from the mean, ms^2 */
        double last_ms;       /* 0 = the next one follows on none */
        size_t n_differences, n_over_50;
        double difference_squares; /* ms^2 */
} Variability;

/* Fewer differences than this say nothing of variability. */
#define VARIABILITY_DIFFERENCES_MIN 10U

void variability_beat(Variability *v, double ms);

/* What follows is not the beat after the last one. */
void variability_break(Variability *v);

/* In ms, ms, per cent; NAN while there are too few differences. */
double variability_rmssd(const Variability *v);
double variability_sdnn(const Variability *v);
double variability_pnn50(const Variability *v);
