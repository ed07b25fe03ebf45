/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "json.h"

/* For any program on a bus. They return 0, or a negative errno with the error set: -EBADMSG if the reply cannot be read. */
int service_get_objects(
                sd_bus *bus, const char *name, const char *path, json_object **ret, sd_bus_error *error);
int service_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                json_object **ret, sd_bus_error *error);

/* Whether the name has an owner, or could be activated; false too if the bus does not answer. */
bool service_is_there(sd_bus *bus, const char *name);
bool service_can_be_started(sd_bus *bus, const char *name);
