/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* The two connections and the name on the bus. Failures are logged here. */
int buses_open(Manager *m);
int buses_watch(Manager *m); /* ends the loop when a connection is lost */
/* Checks that no other daemon has the name, before any file is touched: a second daemon must not even leave an empty database. */
int buses_check_name(Manager *m);
/* The last step of the start: whoever sees the name finds every object in place. */
int buses_own_name(Manager *m);
/* The last step of the end: whoever sees that the name is gone has seen every signal. Waits for the bus for a second at most. */
void buses_leave(Manager *m);
void buses_close(Manager *m);
