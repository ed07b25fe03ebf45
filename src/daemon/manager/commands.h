/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "store/store.h"

typedef struct Manager Manager;

/* What commands have set, which outlives the daemon. The ceiling itself, and how long alerts are snoozed, are kept by the
 * core. */
typedef struct Commands {
        StoreCommands stored;    /* as last passed to the store */
        uint64_t snoozed_until;  /* Unix µs, 0 = not snoozed */
        bool ceiling_from_coach; /* a command has set the ceiling to `auto` */
        Day ceiling_day;         /* the day on which a command set the ceiling */
} Commands;

/* Passes it to the store for the next commit. session_over: what was commanded for the session has ended, although the core
 * has not said so yet. Returns whether anything changed. */
bool commands_keep(Manager *m, bool session_over);

/* Stored for a ceiling left to the coach, rather than today's value of it. */
#define COMMAND_CEILING_FROM_COACH "auto"
