/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "config/config.h"
#include "config/keys.h"
#include "shared/ini-failures.h"

/* Where values of a configuration that is being read were set, and which are unknown because of a mistake. */

typedef struct ConfigPlaces {
        IniPlace key[_CONFIG_KEY_MAX];         /* where each was set last */
        bool refused[_CONFIG_KEY_MAX];         /* … and that value was refused */
        IniPlace workout[CONFIG_WORKOUTS_MAX]; /* where each was named first */
        IniPlace steps[CONFIG_WORKOUTS_MAX];   /* where its steps were set last */
        bool incomplete; /* a line or a file was not understood: it may have set what seems not to be set */
} ConfigPlaces;

bool config_is_set(const ConfigPlaces *p, ConfigKeyId id);
/* Whether checks may rely on a value: not if it was refused, nor if it seems not to be set, but something was not understood.
 * So no mistake is reported only because of another one. */
bool config_is_known(const ConfigPlaces *p, ConfigKeyId id);
