/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/time.h"

/* Times of one clock that does not stop. USEC_INFINITY where there is nothing to come. */
typedef struct Health {
        usec_t now_usec;
        usec_t tick_due_usec;        /* the core's next deadline */
        usec_t commit_due_usec;      /* the next commit */
        usec_t commit_interval_usec; /* as configured */
        usec_t sync_begun_usec;      /* the sync that is on its way */
        usec_t measure_due_usec;     /* the end of the resting measurement that is under way */
        bool pending;                /* something waits to be written */
        usec_t moved_usec; /* the last time that nothing waited, or that the disk took it or refused it */
} Health;

/* What is wrong, in words for the log; NULL if nothing is. */
const char *health_complaint(const Health *h);
