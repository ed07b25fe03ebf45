/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

typedef struct Manager Manager;

/* What callers on the bus ask for. */
extern const BusHandlers requests_handlers;

/* Whether a session can be begun by hand just now; and begins it, its kind as said, "" = not. Return 0, or the refusal. */
int session_may_start(Manager *m, sd_bus_error *error);
int session_start(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error);
