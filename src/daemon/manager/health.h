/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/time.h"

/* Times on one clock that does not stop. USEC_INFINITY where nothing is due. */
typedef struct HealthFacts {
        usec_t now_usec;
        usec_t tick_due_usec;        /* the core's next deadline */
        usec_t commit_due_usec;      /* the next commit */
        usec_t commit_interval_usec; /* as configured */
        usec_t sync_begun_usec;      /* begin of the running sync */
        usec_t measure_due_usec;     /* end of the resting measurement under way */
        bool pending;                /* something waits to be written */
        usec_t progress_usec; /* the last time when nothing waited, or when the disk accepted or refused a write */
} HealthFacts;

/* What is wrong, in words for the log; NULL if nothing is. */
const char *health_complaint(const HealthFacts *h);
