/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* At the start: resumes the session that was left open, and restores what commands had set. Returns 0 or a negative errno. */
int resume_begin(Manager *m);
/* Resumes or closes the session whose age was unknown, once the wall clock is known. */
void resume_late(Manager *m);
