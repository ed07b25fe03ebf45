/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "store/store.h"

typedef struct Manager Manager;

/* What is in force by command, and outlives the daemon. What the core keeps of it is the core's: the ceiling itself, and for how
 * long alerts are silent. */
typedef struct Commands {
        StoreCommands stored;    /* as last given to the store */
        uint64_t snoozed_until;  /* Unix µs, 0 = not */
        bool ceiling_from_coach; /* a command has set the ceiling to auto */
        Day ceiling_day;         /* on which a command has set the ceiling */
} Commands;

/* Gives it to the store, for the next commit. session_over: what was commanded for the session no longer is, although the core
 * has yet to say so. Returns whether anything is new. */
bool commands_keep(Manager *m, bool session_over);

/* A ceiling that follows the coach, not what it comes to today. */
#define COMMAND_CEILING_FROM_COACH "auto"
