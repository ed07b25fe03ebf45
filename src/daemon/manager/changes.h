/* SPDX-License-Identifier: MIT */
#pragma once

#include "manager/time.h"

typedef struct Manager Manager;

/* That stored sessions were imported, edited or deleted. Clients are signalled at once, but not more than once a second: a
 * folder of files is thousands of imports. changes.c writes it. */
typedef struct Changes {
        Deadline due;
        usec_t emitted_usec; /* the last time, on the core's clock; 0 = never */
} Changes;

/* Returns 0 or a negative errno. */
int changes_begin(Manager *m);
/* Asks the coach about what is stored now, and signals it: now, or when a second has passed since the last time. What is being
 * recorded is left alone: the coach is asked when that has ended. */
void changes_note(Manager *m);
