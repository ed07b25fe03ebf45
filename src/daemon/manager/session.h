/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/time.h"
#include "store/store.h"
#include "store/writer.h"

/* The session that is recorded, as the shell knows it. It is begun and ended by facts.c, and taken up again by resume.c. */
typedef struct Session {
        int64_t id;            /* its row, 0 = none is recorded */
        SessionWriter *writer; /* of its rows; NULL = none is recorded, or it could not be begun */
        usec_t begin_usec;     /* core clock at t = 0 */
        int64_t started_at;    /* Unix ms */
        Day day;               /* that it belongs to, however long it takes; DAY_NONE = none is recorded */
        Kind said; /* what the runner has said it is, also just before it begins; _KIND_INVALID = nothing */
        bool with_workout;     /* it was begun with one */
        const char *next_kind; /* of the one that a command is just beginning */
        OpenSession undecided; /* left open, its age to be known when the clock is; id 0 = none */
} Session;
