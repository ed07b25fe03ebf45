/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "config/config.h"

typedef struct Manager Manager;

/* Reads the configuration again. On failure the old one stays in force: returns a negative errno, logs the reason and, if
 * ret_error is not NULL, returns it there, to be freed. */
int reload_configuration(Manager *m, char **ret_error);

/* The part of the configuration that the BlueZ client needs. */
BluezConfig reload_bluez_config(const Config *c);
