/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/zones.h"
#include "report/series.h"

/* Pages that show a run, or years of runs: facts in, one HTML document out, which needs nothing else: no network, no script
 * to be read. Any text is escaped, any number may be unknown (NAN). Pure: no I/O, no clock. */

/* Where the bytes of a page go. Returns 0, or a negative errno, which is returned in turn. */
typedef struct ReportSink {
        int (*write)(void *userdata, const void *data, size_t size);
        void *userdata;
} ReportSink;

/* Times are ms from the session's start, heart rates bpm, texts UTF-8 or not; NULL or "" = not known, or none. */

typedef struct ReportBreach {
        int64_t from, to;              /* its first and last heart rate above */
        double seconds, peak, ceiling; /* seconds NAN = it has not ended */
} ReportBreach;

typedef struct ReportMark {
        int64_t t;
        const char *text;
} ReportMark;

typedef struct ReportStep {
        int64_t from, to;
        const char *cue;
        double peak;
} ReportStep;

typedef struct ReportZone {
        double seconds, percent;
        double low, high; /* bpm; NAN = no such end, or not known */
} ReportZone;

/* A kilometre or a mile; the last one is what is left. */
typedef struct ReportSplit {
        double distance_m, speed, heart_rate, ascent_m;
} ReportSplit;

/* Another session of the same kind. */
typedef struct ReportPeer {
        const char *date;
        double duration_s, average, easy_percent, trimp, speed;
} ReportPeer;

#define REPORT_PEERS_MAX 4U
/* Of each list so many rows are in a table; more are counted. */
#define REPORT_ROWS_MAX 100U

/* When the pace was found too fast. */
typedef struct ReportPaceAlert {
        int64_t t;
        double speed; /* m/s */
} ReportPaceAlert;

typedef struct ReportRun {
        int64_t id, started_s; /* local: seconds since 1970 on the clock of where it was run */
        bool dated;            /* false: the clock was not set */
        bool miles;            /* else kilometres, for distances and paces */
        const char *kind, *state, *source, *strap, *note, *talk_test, *workout;
        const char *verdict, *verdict_text; /* its key, and in words */
        const char *ceiling_expression, *zone_model;
        double duration_s, live_s, average, lowest, peak, ceiling, tolerance, over_s, longest_breach_s,
                        easy_percent, trimp, drift_percent, decoupling_percent, resting, maximum, distance_m,
                        speed, ascent_m, cadence, rmssd, hrr60;
        int64_t breaches;
        int rpe; /* 0 = not known */
        ReportZone zone[ZONES_MAX + 1];
        size_t n_zones; /* zone 0 is one */

        const Span *gaps, *ceilings; /* a ceiling is in force until the next one; its value NAN = none */
        const ReportBreach *breach;
        const ReportMark *marks;
        const ReportStep *steps;
        const ReportSplit *splits;
        const ReportPaceAlert *pace_alerts;
        size_t n_gaps, n_ceilings, n_breaches, n_marks, n_steps, n_splits, n_pace_alerts;
        /* What was measured, each NULL = nothing. */
        const Series *heart_rate, *speed_series, *incline, *rr, *alpha1;
        ReportPeer peers[REPORT_PEERS_MAX]; /* the newest first */
        size_t n_peers;
} ReportRun;

int report_write_run(const ReportRun *run, const ReportSink *sink);
