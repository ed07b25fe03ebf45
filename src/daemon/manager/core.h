/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"

typedef struct Manager Manager;

/* The only calls into the core. Whoever has an event uses feed.h, which calls these and does everything that belongs around
 * them; otherwise they are used at the start only. Times are on the core's clock. */

/* Starts the core with the figures of the day in force, read from the database. Returns 0 or a negative errno. */
int core_begin(Manager *m);
/* Handles one event and carries out its facts. Returns what engine_handle() does. */
int core_handle(Manager *m, const Event *event, usec_t now_usec);
/* Passes on to the core what the coach wants by now. */
void core_follow_coach(Manager *m, usec_t now_usec);
/* Ends the ceiling that a command has set. */
void core_end_override(Manager *m, usec_t now_usec);
