/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/zones.h"
#include "watch/frame.h"

/* The chart of a run: columns of equal time, each the mean of its smoothed heart rates in the colour of its zone, with a
 * thin line up to its highest one; the ceiling; the zones as figures; breaches and marks; the time of day. Times are milliseconds
 * from the session's start. */

/* A wider chart would tell no more. */
#define RUN_CHART_COLUMNS_MAX 120U

typedef struct RunColumn {
        unsigned n, n_settled;
        double sum, lowest, highest;  /* of the settled heart rates, which alone tell something; NAN = none */
        unsigned zone[ZONES_MAX + 1]; /* heart rates in each */
        double ceiling;               /* when it ends, NAN = none */
        bool gap;                     /* a gap covers some of it */
        bool breach;                  /* so does a breach */
        bool mark;                    /* the runner marked something then */
} RunColumn;

typedef struct RunChart {
        int64_t length;
        unsigned n;
        int64_t last; /* the time of the last heart rate, -1 = none */
        RunColumn column[RUN_CHART_COLUMNS_MAX];
} RunChart;

/* Begins one for that many columns of a terminal, without heart rates. */
void run_chart_begin(RunChart *c, unsigned width, int64_t length);

/* What is in it. Heart rates and ceilings come in the order of time; gaps before heart rates. */
void run_chart_gap(RunChart *c, int64_t from, int64_t to);
void run_chart_breach(RunChart *c, int64_t from, int64_t to);
void run_chart_mark(RunChart *c, int64_t t);
void run_chart_ceiling(RunChart *c, int64_t from, double bpm);
void run_chart_add(RunChart *c, int64_t t, double smoothed, bool settled, unsigned zone);

/* Draws it into a frame, whose size it sets; colour: whether the frame will be shown in colours. started_s is the start in
 * seconds of local time. Without a heart rate, or without room, the frame has no rows. */
void run_chart_draw(const RunChart *c, Frame *f, int64_t started_s, bool utf8, bool colour);
