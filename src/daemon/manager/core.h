/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"

typedef struct Manager Manager;

/* The only calls of the core. Who has an event to tell goes by feed.h, which is these and all that has to be done around them;
 * they are for what feed() itself consists of, and for the start. Times are of the core's clock. */

/* The core begins with the figures of the day in force, which are in the database. Returns 0 or a negative errno. */
int core_begin(Manager *m);
/* Its facts are carried out. Returns what engine_handle() does. */
int core_handle(Manager *m, const Event *event, usec_t now_usec);
/* Tells the core what the coach wants by now. */
void core_follow_coach(Manager *m, usec_t now_usec);
/* What a command has set is over. */
void core_end_override(Manager *m, usec_t now_usec);
