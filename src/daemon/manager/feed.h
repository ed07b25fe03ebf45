/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"
#include "cardio/kind.h"

typedef struct Manager Manager;

/* The one way into the core: an event, and what has to be done before and after it. Returns what engine_handle() does. */
int feed(Manager *m, const Event *event);
int feed_at(Manager *m, const Event *event, usec_t now_usec); /* core clock */
/* Time has passed, or something was changed that the core and the bus are to follow. */
void feed_time(Manager *m);
/* The runner says what the session that is recorded, or about to begin, is: a race, a hard run and a workout end what a command
 * has set. */
void feed_said(Manager *m, Kind said);
/* What the ceiling follows from has changed, apart from the coach's answer. */
void feed_ceiling_changed(Manager *m);
/* What the coach goes by has changed, by what a caller has told. */
void feed_coach_changed(Manager *m);
