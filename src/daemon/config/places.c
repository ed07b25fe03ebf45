/* SPDX-License-Identifier: MIT */

/* Where each value of a configuration was set. No clock. */

#include "config/places.h"

#include <stdio.h>

bool config_is_set(const ConfigPlaces *p, ConfigKeyId id)
{
        return p->key[id].file != NULL;
}

bool config_is_known(const ConfigPlaces *p, ConfigKeyId id)
{
        return !p->refused[id] && (config_is_set(p, id) || !p->incomplete);
}

const char *config_place_to_string(ConfigPlace place, char buf[static CONFIG_PLACE_MAX])
{
        if (!place.file)
                (void)snprintf(buf, CONFIG_PLACE_MAX, "default");
        else if (place.line == 0)
                (void)snprintf(buf, CONFIG_PLACE_MAX, "%s", place.file);
        else
                (void)snprintf(buf, CONFIG_PLACE_MAX, "%s:%u", place.file, place.line);
        return buf;
}
