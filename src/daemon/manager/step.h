/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/time.h"

typedef struct Manager Manager;

/* To be called before an event gets its time stamp: if the wall clock was set, corrects everything that was stamped by it. */
void step_check(Manager *m, usec_t now_usec); /* of the event, core clock */
/* To be called when more may be known about the wall clock: does what waited for that. */
void step_settle(Manager *m);
