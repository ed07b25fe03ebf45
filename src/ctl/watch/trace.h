/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cardio/intervals.h"
#include "cardio/time.h"

/* The heart rates of a whole run in a fixed amount of memory, however long it lasts. A bucket is one second at first; when
 * there are no more, two become one that lasts twice as long. Peaks stay: a bucket has the mean and the highest of its
 * heart rates. Pure; times are of the live clock. */

#define TRACE_BUCKETS      2048U
#define TRACE_ZONE_UNKNOWN UINT8_MAX

enum {
        TRACE_BREACH = 1 << 0,
        TRACE_MARK = 1 << 1,
};

typedef struct TraceBucket {
        float mean, high; /* bpm, smoothed; 0 = no heart rate */
        float ceiling;    /* bpm in force at the last of them, 0 = none */
        uint32_t n;       /* heart rates */
        uint8_t zone;     /* of most of them, about */
        uint8_t flags;
} TraceBucket;

typedef struct Trace {
        int64_t session; /* 0 = no run yet */
        usec_t started_usec;
        usec_t last_usec; /* the newest heart rate, 0 = none */
        unsigned bucket_s;
        Intervals intervals; /* between heart rates */
        TraceBucket bucket[TRACE_BUCKETS];
} Trace;

/* Empties it for that run. */
void trace_begin(Trace *t, int64_t session, usec_t started_usec);

/* In any order, and more than once; what was before the run's start is ignored. ceiling: 0 = none. */
void trace_put(Trace *t, usec_t at_usec, double smoothed, uint8_t zone, double ceiling);

/* Something is true of that time, both ends included. */
void trace_flag(Trace *t, usec_t from_usec, usec_t to_usec, uint8_t flags);

/* The seconds [from, to) of the run as one. Between two heart rates of a strap that is not silent that is the one before;
 * in a gap it is nothing. until_s: now, or the end of the run. */
TraceBucket trace_get(const Trace *t, double from_s, double to_s, double until_s);
