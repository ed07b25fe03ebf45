/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

typedef struct Manager Manager;

/* What properties on the bus and systemd's status line say. */
typedef struct View {
        bool dirty;          /* something of it has changed */
        bool waits_for_rest; /* as last published */
        char *status;        /* line as last given to systemd */
        char *warnings;      /* about the configuration, as lines */
} View;

void publish(Manager *m);
/* The status line alone. */
void publish_status(Manager *m);
/* If something has changed. */
void publish_changes(Manager *m);
