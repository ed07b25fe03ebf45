/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* Before anything of an event gets its stamp: if the wall clock was set, all that is known by it follows. */
void step_check(Manager *m);
/* More may be known of the clock than it was: what had to wait for that is done. */
void step_settle(Manager *m);
