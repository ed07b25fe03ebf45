/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Manager Manager;

/* Whether a session can be started by hand now. Returns 0, or a negative errno with error set. */
int start_allowed(Manager *m, sd_bus_error *error);
/* Starts a session of that kind, "" = not said. Returns 0, or a negative errno with error set. */
int start_by_hand(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error);
