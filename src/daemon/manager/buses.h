/* SPDX-License-Identifier: MIT */
#pragma once

typedef struct Manager Manager;

/* The two connections, and the name. What fails has been logged. */
int buses_open(Manager *m);
int buses_watch(Manager *m); /* whether they are lost */
void buses_close(Manager *m);
/* A second daemon leaves nothing behind, not even an empty database: it looks before it touches anything. */
int buses_check_name(Manager *m);
/* The last step: whoever sees the name finds everything behind it. */
int buses_own_name(Manager *m);
