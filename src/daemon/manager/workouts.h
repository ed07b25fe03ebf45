/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Manager Manager;

/* Sessions with cues, as callers ask for them. Handlers of the coach's object; userdata is the Manager. */
int workouts_list(void *userdata, sd_bus_message *reply);
int workouts_start(void *userdata, const char *name, int64_t *ret_id, sd_bus_error *error);
/* The timer. Returns 0 or a negative errno. */
int workouts_begin(Manager *m);
