/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "json.h"

/* Any program on a bus. They return 0, or a negative errno with the error set: -EBADMSG if the answer cannot be read. */
int service_get_objects(
                sd_bus *bus, const char *name, const char *path, json_object **ret, sd_bus_error *error);
int service_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                json_object **ret, sd_bus_error *error);

/* Whether anybody owns the name, or would be started to own it; false too if the bus does not say. */
bool service_is_there(sd_bus *bus, const char *name);
bool service_can_be_started(sd_bus *bus, const char *name);
