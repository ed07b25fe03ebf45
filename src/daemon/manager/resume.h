/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* At the start: takes up what was left open, and what commands had set. Returns 0 or a negative errno. */
int resume_begin(Manager *m);
/* Does or leaves it, if that had to wait for the clock and can be decided by now. */
void resume_late(Manager *m);
