/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "config/config.h"

typedef struct Manager Manager;

/* Reads the configuration again. Returns 0; or a negative errno, goes on with the one before, and says why in the log and, if
 * ret_error is not NULL, there, to be freed. */
int reload_configuration(Manager *m, char **ret_error);

/* BlueZ's part of it. */
BluezConfig reload_bluez_config(const Config *c);
