/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "exchange/reading.h"

/* What a reader makes of a file, as lines of text to compare and as items to go through. A line is one call:
 *
 *     begin
 *     2026-05-17T15:30:00.250Z rr 1019
 *     2026-05-17T15:30:00.250Z hr 120 contact
 *     2026-05-17T15:30:00.250Z event step 1 "warm-up"
 *     2026-05-17T15:30:00.250Z pace 3.36 161 255 -
 *     warning: byte 4711: the checksum is wrong
 *     end local offset=7200 running sport="…" device="…" note="…" kind="…" max=190 resting=50 ceiling=145.5 tolerance=3
 *         skipped=2 …
 *
 * Milliseconds are there only if they are not 0, and behind a heart rate "contact" or "no contact" only if that is known. Of a pace, "-" is a figure that is not known. Of an end there is only what is
 * said, known, true or not 0, and "other" in place of "running" if it is not. The last line is "EBADMSG PLACE: TEXT" or the like
 * if the reader did not return 0.
 *
 * What holds of every reader is judged meanwhile: a call that breaks it aborts the program with a line on standard error. */

typedef enum ReadItemType {
        READ_BEGIN,
        READ_HEART_RATE,
        READ_RR,
        READ_EVENT,
        READ_PACE,
        READ_END,
        READ_WARNING,
        _READ_ITEM_TYPE_MAX,
        _READ_ITEM_TYPE_INVALID = -EINVAL,
} ReadItemType;

typedef struct ReadItem {
        ReadItemType type;
        int64_t at;     /* of a heart rate, an R-R interval, an event, a pace */
        unsigned value; /* of the first two */
        unsigned contact;
        double figure; /* of an event, with its texts, which are the item's */
        char *type_text, *detail;
        double speed, cadence, distance, incline;
} ReadItem;

typedef struct Reading {
        int r; /* what the reader returned */
        char *text;
        ReadItem *items;
        size_t n_items, n_allocated;
        size_t n[_READ_ITEM_TYPE_MAX]; /* items of each type */
        ReadingActivity activity;      /* the last one */
        ReadingProblem problem;        /* if r is -EBADMSG or -ENODATA */
        size_t n_calls, fails_at; /* fails_at: the call that fails with -ECANCELED, from 1 on; 0 = none */
        /* For the fixture itself. */
        FILE *stream;
        size_t text_size;
        bool open, failed;
        bool ours; /* its texts are as they were written */
        bool any_heart_rate, any_pace, any_event;
        bool any_rr; /* intervals whose heart rate is yet to come */
        int64_t heart_rate_at, pace_at, event_at, rr_at;
} Reading;

/* Reads a copy of just these bytes, so that a look beyond them is seen. Only fails_at is taken from ret. */
void reading_make(Reading *ret, const ReadingFormat *format, const void *data, size_t size);
void reading_done(Reading *reading);
