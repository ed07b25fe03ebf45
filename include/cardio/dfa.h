/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* Detrended fluctuation analysis: the short-term scaling exponent α1 of beats.
 *
 * C.-K. Peng et al.: Quantification of scaling exponents and crossover phenomena in nonstationary heartbeat time series. Chaos 5
 * (1995). Boxes of 3 to 15 beats, their lengths evenly apart by their logarithm, laid from the first beat on and once more from
 * the last one back, so that none is left out. */

#define DFA_BEATS_MIN 30U  /* two of the longest boxes */
#define DFA_BEATS_MAX 512U /* two minutes at 250 bpm */

/* α1 of n beats in ms, DFA_BEATS_MIN to DFA_BEATS_MAX; NAN for another number, or if they are all alike. Its time grows with n
 * alone. */
double dfa_alpha1(const double *rr_ms, size_t n);

/* Takes the slow trend out of n values in place, by smoothness priors: M. Tarvainen et al.: An advanced detrending method with
 * application to HRV analysis. IEEE Trans Biomed Eng 49 (2002). The larger lambda, the slower is what counts as trend; 500 is
 * usual. n up to DFA_BEATS_MAX, O(n): the matrix has five diagonals. */
#define DFA_LAMBDA 500.0
void dfa_detrend(double *value, size_t n, double lambda);
