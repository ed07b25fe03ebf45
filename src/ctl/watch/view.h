/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/time.h"
#include "watch/frame.h"
#include "watch/live.h"

/* The live view: the state of a run, laid out to be read from a treadmill. */

typedef struct ViewNow {
        usec_t boot_usec, realtime_usec;
} ViewNow;

/* What a runner has to do or to know, in order of importance. */
typedef enum Verdict {
        VERDICT_NO_DAEMON,
        VERDICT_DENIED,
        VERDICT_NO_STRAP,
        VERDICT_ABSENT,
        VERDICT_CONNECTING,
        VERDICT_STALE,
        VERDICT_NO_CONTACT,
        VERDICT_IDLE,          /* live, not recording */
        VERDICT_WORKOUT,       /* in a step of a workout without a ceiling, or a hard one */
        VERDICT_FREE,          /* recording without a ceiling */
        VERDICT_EASY,          /* at or below the ceiling */
        VERDICT_AT,            /* above it, within the tolerance */
        VERDICT_ABOVE,         /* above the tolerance, not yet for long enough for an alert */
        VERDICT_SNOOZED,       /* the same, with alerts snoozed */
        VERDICT_TOO_FAST_PACE, /* the heart rate is no reason for an alert, but the pace is, on a recovery run */
        VERDICT_TOO_FAST,      /* a breach */
        _VERDICT_MAX,
        _VERDICT_INVALID = -EINVAL,
} Verdict;

Verdict verdict(const Live *l, const ViewNow *now);

/* A word for programs, such as "too-fast". */
const char *verdict_to_string(Verdict v);

/* A line for people, such as "TOO FAST  9 over, for 0:23"; at most size bytes. */
void verdict_describe(const Live *l, const ViewNow *now, char *buf, size_t size);

/* The time left of a workout's step, in whole seconds. */
double verdict_workout_left(const Live *l, const ViewNow *now);

typedef struct ViewMode {
        bool utf8;         /* the terminal can show block characters */
        bool keys;         /* they are read */
        bool whole;        /* the graph is of the whole run, not of the last minutes */
        const char *words; /* in place of the keys, or of the strap; NULL = none */
        Style style;       /* of the words */
} ViewMode;

/* Draws the view over the whole frame. */
void view_draw(const Live *l, const ViewNow *now, const ViewMode *mode, Frame *f);
