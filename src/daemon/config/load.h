/* SPDX-License-Identifier: MIT */
#pragma once

#include "config/config.h"
#include "config/places.h"
#include "shared/ini-failures.h"

/* A configuration that is being read: what is known so far, where it was set, and its mistakes. */
typedef struct ConfigLoad {
        Config *config;
        Date today;
        ConfigPlaces places;
        IniFailures failures;
} ConfigLoad;

/* A configuration of defaults only, NULL if memory is short. */
Config *config_new(void);

/* Checks the configuration as a whole, after all files have been read, and fills in defaults that follow other keys. What
 * depends on a refused value, or may depend on a line that was not understood, is not checked. */
void config_check(ConfigLoad *l);
