/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Manager Manager;

/* Whether a session can be begun by hand just now. Returns 0, or the refusal. */
int start_allowed(Manager *m, sd_bus_error *error);
/* Begins it, its kind as said, "" = not. Returns 0, or the refusal. */
int start_by_hand(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error);
