/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cardio/macro.h"
#include "cardio/runner.h"
#include "store/figures.h"
#include "store/store.h"

/* A finished session as it was recorded: its heart rates and what no one can compute from them, to be played through the core
 * again. Times are ms from its start. */

typedef struct RawSample {
        int64_t t;
        uint16_t heart_rate;
        uint8_t contact; /* as in table `sample` */
        uint8_t n_rr;
        size_t rr; /* its first R-R interval in StoreRaw.rr */
} RawSample;

typedef struct RawEvent {
        int64_t t;
        SessionEvent type;
        double value; /* NAN = none */
        char *detail; /* NULL = none */
} RawEvent;

/* What was said of it; NULL and 0 = nothing. */
typedef struct RawSaid {
        char *kind, *talk_test, *note;
        int rpe;
} RawSaid;

typedef struct StoreRaw {
        int64_t id, started_at, ended_at;
        int utc_offset_s;
        char *source, *address;    /* address: of the strap that it began with, NULL = none */
        char *boot_id;             /* NULL = not known */
        bool clock_known, is_open; /* is_open: being recorded, or it may go on */
        Runner runner;
        double ceiling, tolerance; /* ceiling: NAN = none */
        char *ceiling_expression, *zone_model, *zone_bounds;
        RawSaid said;
        RawSample *sample;
        size_t n_samples;
        uint16_t *rr;
        size_t n_rr;
        RawEvent *event; /* those that the core cannot find out anew */
        size_t n_events;
} StoreRaw;

/* More heart rates than this are refused: twelve days of one a second. */
#define STORE_RAW_MAX 1048576U

/* Commits the queue first. Returns 0; -ENOENT if there is no such session; -EFBIG if it has too many heart rates; or another
 * negative errno. */
int store_get_raw(Store *s, int64_t id, StoreRaw *ret);
void store_raw_clear(StoreRaw *raw);
