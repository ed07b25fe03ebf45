/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Manager Manager;

/* Sessions with cues. Handlers of org.cardiod1.Coach; userdata is the Manager. */
int workouts_list(void *userdata, sd_bus_message *reply);
int workouts_start(void *userdata, const char *name, int64_t *ret_id, sd_bus_error *error);
/* Adds the timer. Returns 0 or a negative errno. */
int workouts_begin(Manager *m);
