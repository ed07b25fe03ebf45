/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Manager Manager;

/* Whether a session can be begun by hand just now. Returns 0, or the refusal. */
int session_may_start(Manager *m, sd_bus_error *error);
/* Begins it, its kind as said, "" = not. Returns 0, or the refusal. */
int session_start(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error);
