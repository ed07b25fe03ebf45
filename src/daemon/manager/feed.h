/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"
#include "cardio/kind.h"

typedef struct Manager Manager;

/* The one way into the core: an event, with everything that has to be done before and after it. Returns what engine_handle()
 * does. */
int feed(Manager *m, const Event *event);
int feed_at(Manager *m, const Event *event, usec_t now_usec); /* now_usec: core clock */
/* Time has passed, or something has changed that the core and the bus are to follow. */
void feed_time(Manager *m);
/* The runner says what the session is that is recorded or about to begin. A race, a hard run and a workout end the ceiling
 * that a command has set. */
void feed_said(Manager *m, Kind said);
/* Something other than the coach's answer has changed the ceiling. */
void feed_ceiling_changed(Manager *m);
/* A caller has changed something that the coach goes by. */
void feed_coach_changed(Manager *m);
