/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/time.h"
#include "store/store.h"

/* The recorded session, as the shell knows it. facts.c begins and ends it; resume.c resumes it. */
typedef struct Session {
        int64_t id;            /* of its row, 0 = none is recorded */
        SessionWriter *writer; /* of its rows; NULL = none is recorded, or the writer could not be opened */
        usec_t begin_usec;     /* core clock at t = 0 */
        int64_t started_at;    /* Unix ms */
        Day day;               /* the day it belongs to, however long it lasts; DAY_NONE = none is recorded */
        Kind said; /* what the runner says it is, also just before it begins; _KIND_INVALID = nothing */
        bool with_workout;     /* it was begun with a workout */
        const char *next_kind; /* the kind of the session that a command is about to begin */
        bool quiet_loss;       /* its strap was lost, and nothing said of it: the treadmill had stopped */
        OpenSession undecided; /* left open, of unknown age until the wall clock is known; id 0 = none */
} Session;

/* ms since its beginning, as rows have it. */
static inline int64_t session_time(const Session *s, usec_t at_usec)
{
        return ((int64_t)at_usec - (int64_t)s->begin_usec) / (int64_t)USEC_PER_MSEC;
}
