/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "config/config.h"
#include "config/keys.h"

/* Where values of a configuration that is being read were set, and which are unknown because of a mistake. */

typedef struct ConfigPlace {
        const char *file; /* the same pointer throughout a file; NULL = nowhere, the default applies */
        unsigned line;    /* 0 = the file as a whole */
} ConfigPlace;

typedef struct ConfigPlaces {
        ConfigPlace key[_CONFIG_KEY_MAX];         /* where each was set last */
        bool refused[_CONFIG_KEY_MAX];            /* … and that value was refused */
        ConfigPlace workout[CONFIG_WORKOUTS_MAX]; /* where each was named first */
        ConfigPlace steps[CONFIG_WORKOUTS_MAX];   /* where its steps were set last */
        bool incomplete; /* a line or a file was not understood: it may have set what seems not to be set */
} ConfigPlaces;

bool config_is_set(const ConfigPlaces *p, ConfigKeyId id);
/* Whether checks may rely on a value: not if it was refused, nor if it seems not to be set, but something was not understood.
 * So no mistake is reported only because of another one. */
bool config_is_known(const ConfigPlaces *p, ConfigKeyId id);

/* The place in words: "FILE:LINE", "FILE" or "default". Returns buf. */
#define CONFIG_PLACE_MAX (PATH_MAX + 16)
const char *config_place_to_string(ConfigPlace place, char buf[static CONFIG_PLACE_MAX]);
