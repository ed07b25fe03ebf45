/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cardio/pace.h"
#include "cardio/resting.h"
#include "store/store.h"
#include "store/writer.h"

/* Sessions that were recorded elsewhere: stored whole, in one transaction, or not at all. Nothing of them waits for a disk that
 * refuses. All functions here commit the queue first, and return -EAGAIN if a running sync keeps writers out, to be called
 * again when it is done; -EBUSY if another program has locked the file, or the negative errno of a disk that refuses. */

/* What else the row of the session has; texts that are NULL or "" are not known. */
typedef struct ImportRow {
        SessionHead head;    /* but for address and boot_ms */
        const char *content; /* SHA-256, 64 hexadecimal digits */
        const char *device, *sport;
        const char *talk_test;
        int rpe; /* 0 = not said */
        const char *note;
        const struct StorePace *pace; /* t rises */
        size_t n_pace;
} ImportRow;

/* A row of table pace. */
typedef struct StorePace {
        int64_t t;       /* ms */
        PacePoint point; /* .at_usec is not looked at */
} StorePace;

/* Stores what a replay has come to; the writer stays its caller's. Also judges the runs after it anew, which it may have
 * made longer or shorter than usual. Returns its id, or a negative errno as above; -EEXIST if the content is there already. */
int64_t store_add_import(Store *s, const ImportRow *row, const SessionWriter *w);

/* The session with that content. Returns its id, 0 if there is none, or a negative errno. */
int64_t store_find_content(Store *s, const char *content);

/* How much of a time is in stored sessions, of any source, that which is being recorded included. */
typedef struct StoreOverlap {
        int64_t length_ms; /* in all */
        unsigned n;        /* in so many of them */
        int64_t id;        /* of the one that has most of it, and when that one was: */
        int64_t started_at, ended_at;
        int utc_offset_s;
} StoreOverlap;
/* Unix ms. Returns 0 or a negative errno. */
int store_get_overlap(Store *s, int64_t from, int64_t to, StoreOverlap *ret);

/* The resting heart rate on a date from the mornings nearest to it: those of the time before it or, where there are none in
 * RESTING_WINDOW_DAYS and later ones are nearer, the first of those. .mornings = 0 if there are none at all. */
int store_get_resting(Store *s, Day date, double configured, RestingInForce *ret);
