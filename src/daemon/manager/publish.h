/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

typedef struct Manager Manager;

/* What is shown in properties on the bus and in systemd's status line. */
typedef struct Published {
        bool dirty;          /* to be published again */
        bool waits_for_rest; /* as last published */
        char *status;        /* the line last given to systemd */
        char *warnings;      /* about the configuration, as lines */
} Published;

void publish(Manager *m);
/* Publishes the status line alone. */
void publish_status(Manager *m);
/* Publishes if anything is dirty. */
void publish_changes(Manager *m);
