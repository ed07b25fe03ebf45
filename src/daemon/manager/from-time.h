/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* Timers, and what else time brings: a tick of the core, another day or time zone, a clock that was set, advice that is due.
 * Returns 0 or a negative errno. */
int from_time_begin(Manager *m);
