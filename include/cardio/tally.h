/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/credit.h"
#include "cardio/kind.h"
#include "cardio/measurement.h"
#include "cardio/runner.h"
#include "cardio/zones.h"

/* The arithmetic of a session, over what is stored of it, so that a running session, a closed one and a repaired one
 * all come to the same figures. Times are whole milliseconds, so nothing is lost over hours. */
typedef struct Tally {
        Runner runner;
        double tolerance; /* bpm */
        double ceiling;   /* bpm in force now, NAN = none */

        /* What makes a session hard or easy, of the smoothed heart rate; infinite while the runner is not known. */
        double hard_from, easy_to; /* bpm */

        bool started;
        Credit credit;
        int64_t last_t; /* ms */
        uint16_t last_heart_rate;
        unsigned last_zone;
        bool last_over; /* it was above the ceiling then in force */
        bool last_hard, last_easy;

        int64_t live_ms;
        int64_t heart_rate_ms[HEART_RATE_MAX + 1]; /* of live_ms, at each bpm */
        int64_t over_ms;
        int64_t hard_ms, easy_ms; /* 0 while tally_has_trimp() is false */
        int64_t zone_ms[ZONES_MAX + 1];
        double min_hr, peak_hr; /* smoothed; NAN before the first heart rate that counts */
} Tally;

void tally_begin(Tally *tally, const Runner *runner, double tolerance, double ceiling);

/* A heart rate at t ms after the session's start, at most HEART_RATE_MAX; smoothed in bpm, zone 0..ZONES_MAX; t rises. One
 * that does not count, as sample_counts() has it, is no peak and no minimum; its time counts all the same. */
void tally_sample(Tally *tally, int64_t t, uint16_t heart_rate, double smoothed, unsigned zone, bool counts);

/* From t on another ceiling is in force (NAN = none). Time between two heart rates is judged by the ceiling in force
 * at the earlier one. */
void tally_ceiling(Tally *tally, double ceiling);

/* Mean heart rate weighted by the time credited, NAN while there is none. */
double tally_average(const Tally *tally);

/* Training load, and how hard it was, are known only of a runner whose resting and maximum heart rate are known. */
bool tally_has_trimp(const Tally *tally);

/* The training load, 0 while tally_has_trimp() is false. */
double tally_trimp(const Tally *tally);
