/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* Sets up timers and watches: a tick of the core, another day or time zone, a wall clock that was set, advice that is due.
 * Returns 0 or a negative errno. */
int from_time_begin(Manager *m);
