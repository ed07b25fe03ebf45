/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/day.h"
#include "cardio/rr.h"
#include "cardio/time.h"

/* -- The figure in force ----------------------------------------------------------------------------------------- */

/* A resting heart rate outside of these, in bpm, is not believed. */
#define RESTING_MIN      25U
#define RESTING_MAX      120U
#define RESTING_ACCEPTED "a resting heart rate of 25 to 120 bpm"

#define RESTING_MORNINGS    7U /* that many dates make the figure more than provisional */
#define RESTING_WINDOW_DAYS 28 /* of the last so many local dates, today the last of them */

typedef struct Morning {
        Day date;
        double heart_rate; /* bpm */
        double rmssd;      /* ms, 0 = not known */
} Morning;

typedef struct RestingInForce {
        double heart_rate; /* bpm */
        bool provisional;
        unsigned mornings; /* how many dates it is the mean of, 0 = it is the configured figure */
} RestingInForce;

/* The resting heart rate in force on a date: the mean of the last seven dates measured within 28 days; fewer: their mean,
 * provisional; none in 28 days: the mean as it was on the last date measured, provisional; never any: the configured
 * figure, provisional. Several mornings on one date are one, their mean. Later dates do not count. The mornings are in
 * any order. */
RestingInForce resting_in_force(const Morning *morning, size_t n, Day date, double configured);

/* The mean of the mornings on one date, NAN if there are none. */
double resting_on(const Morning *morning, size_t n, Day date);

/* RMSSD of mornings over seven dates, and what is usual for this runner: the middle two thirds of the last 60 dates, as far as
 * their logarithms are normally distributed. A mean of seven that leaves it is no chance. */
#define RMSSD_MEAN_DAYS  7
#define RMSSD_MEAN_MIN   3U /* dates */
#define RMSSD_USUAL_DAYS 60
#define RMSSD_USUAL_MIN  14U /* dates */

typedef struct RmssdUsual {
        double mean;      /* over seven dates, ms; NAN = too few of them */
        double low, high; /* ms; NAN = too few dates */
} RmssdUsual;

/* As it is on a date; several mornings of one date are one, their mean. */
RmssdUsual rmssd_usual(const Morning *morning, size_t n, Day date);

/* -- Measuring it ------------------------------------------------------------------------------------------------ */

/* One measurement, lying still, from begin to due:
 *
 *              first minute over          time over, the heart settled
 *   SETTLING ────────────────────▶ MEASURING ──────────────────────────▶ DONE
 *                  │                   │
 *                  │ above any         │ time over, it never settled     ▶ MOVING
 *                  │ resting heart     └ time over, too few heart rates  ▶ NO_DATA
 *                  └ rate                                                ▶ MOVING
 *
 * The result is the lowest mean over 60 s after the first minute in which heart rates came without a gap and the heart
 * was settled: the means of its two halves are close, and no part of it stands out. A measurement shorter than two
 * minutes settles for its first half and takes the mean over the second. RMSSD is of the R-R intervals of the same 60 s,
 * after the live rule of rr.h, as the root of the mean square of their differences; SDNN and pNN50 likewise (variability.h). */

#define RESTING_SECONDS_MIN      30U
#define RESTING_SECONDS_MAX      1200U
#define RESTING_SECONDS_DEFAULT  300U
#define RESTING_SECONDS_ACCEPTED "30 to 1200 seconds, 0 for 300"

typedef enum RestingState {
        RESTING_SETTLING,
        RESTING_MEASURING,
        RESTING_DONE,
        RESTING_MOVING,
        RESTING_NO_DATA,
        _RESTING_STATE_MAX,
        _RESTING_STATE_INVALID = -EINVAL,
} RestingState;

/* One second of it. */
typedef struct RestingSecond {
        float heart_rate; /* sum, bpm */
        float squares;    /* sum over the differences of successive R-R intervals, ms^2 */
        uint16_t n_heart_rates;
        uint16_t n_differences, n_over_50; /* … and of these, more than 50 ms */
        uint16_t n_beats;                  /* accepted */
        double beats, beat_squares; /* sums of their R-R intervals less a second, ms, and of the squares, ms^2 */
} RestingSecond;

typedef struct RestingMeasurement {
        usec_t begin_usec;
        unsigned seconds;        /* in all */
        unsigned settle, window; /* seconds */
        unsigned gap_s;          /* a longer silence of this strap is a gap: nothing is taken across it */
        usec_t last_usec;        /* of the last heart rate, 0 = none yet */
        RrFilter filter;
        RestingSecond second[RESTING_SECONDS_MAX];
} RestingMeasurement;

typedef struct RestingResult {
        double heart_rate; /* bpm */
        double rmssd;      /* ms; NAN where the strap sends no R-R intervals, or too few */
        double sdnn;       /* ms, likewise */
        double pnn50;      /* per cent, likewise */
} RestingResult;

/* Begins to measure for so many seconds, 0 = RESTING_SECONDS_DEFAULT. Returns 0, or -ERANGE. */
int resting_begin(RestingMeasurement *m, unsigned seconds, usec_t now_usec);

/* A heart rate of the strap with its R-R intervals in 1/1024 s; stale_usec: a longer silence of it is a gap, as in Sample.
 * Times must not go back. */
void resting_heart_rate(RestingMeasurement *m, usec_t at_usec, usec_t stale_usec, double heart_rate,
                const uint16_t *rr, size_t n_rr);

/* How far it is. ret is set with RESTING_DONE only. */
RestingState resting_state(const RestingMeasurement *m, usec_t now_usec, RestingResult *ret);

/* When it is over at the latest: ask for the state then. */
usec_t resting_deadline(const RestingMeasurement *m);
