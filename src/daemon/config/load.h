/* SPDX-License-Identifier: MIT */
#pragma once

#include "config/config.h"
#include "config/failures.h"
#include "config/places.h"

/* A configuration while it is being read: what is known so far, where it was said, and what is wrong with it. */
typedef struct ConfigLoad {
        Config *config;
        Date today;
        ConfigPlaces places;
        ConfigFailures failures;
} ConfigLoad;

/* A configuration of defaults only, NULL if memory is short. */
Config *config_new(void);

/* Checks the configuration as a whole, when all files are read, and fills in the defaults that follow other keys. What
 * depends on a value that was refused, or may depend on a line that was not understood, is not looked at. */
void config_check(ConfigLoad *l);
