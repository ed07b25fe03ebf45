/* SPDX-License-Identifier: MIT */

/* Where each value of a configuration was set. No clock. */

#include "config/places.h"

bool config_is_set(const ConfigPlaces *p, ConfigKeyId id)
{
        return p->key[id].file != NULL;
}

bool config_is_known(const ConfigPlaces *p, ConfigKeyId id)
{
        return !p->refused[id] && (config_is_set(p, id) || !p->incomplete);
}
