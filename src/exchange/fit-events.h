/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/fit-extent.h"
#include "exchange/fit-parse.h"
#include "exchange/fit-summary.h"

/* Heart rates of a FIT file's hr messages, which a strap hands over when it was out of reach, as under water: beats on a clock of
 * its own, whose time is said now and then. Those of before and after the activity are left out. They come in files of their own,
 * chained behind that of the activity. */

/* Times of what comes one by one. */
typedef struct FitClock {
        bool begun;
        int64_t last, last_at; /* ms: as they were in the file, as they were given */
} FitClock;

/* Two in one second, or one moment, are 1 ms apart. Returns whether it does not go back. */
bool fit_clock_go(FitClock *c, int64_t time, int64_t *ret_at);

typedef struct FitHeartRate {
        int64_t at;
        unsigned bpm;
} FitHeartRate;

typedef struct FitEvents {
        FitSummary *summary; /* of the activity; what is left out is counted in it */
        const uint8_t *bytes;
        size_t size;
        FitParser parser;
        size_t next, end;    /* files of hr messages that are still to come */
        int64_t from, until; /* what is of the activity */
        FitClock clock;
        bool has_anchor;
        int64_t anchor_at;
        uint32_t anchor, last; /* 1/1024 s of the strap's clock */
        size_t n, i;
        FitHeartRate values[UINT8_MAX]; /* of one message */
} FitEvents;

/* Those of the file x, whose summary it is, and of its additions up to `end`. */
void fit_events_begin(FitEvents *e, FitSummary *summary, const uint8_t *bytes, size_t size,
                const FitExtent *x, size_t end);

/* Returns whether there is one more. */
bool fit_events_next(FitEvents *e, FitHeartRate *ret);
