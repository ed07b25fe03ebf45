/* SPDX-License-Identifier: MIT */
/* The value of Body Sensor Location: where a strap says that it is worn. No clock. */

#include "bluez/location.h"

#include "bluez/device.h"
#include "cardio/macro.h"

static const char *body_location_to_string(uint8_t location)
{
        /* Heart Rate Service 1.0, 3.2.1 */
        static const char *const names[] = { "other", "chest", "wrist", "finger", "hand", "ear lobe",
                "foot" };

        return location < ELEMENTSOF(names) ? names[location] : NULL;
}

void location_take(Characteristic *c, const uint8_t *value, size_t size)
{
        if (size >= 1)
                c->device->body_location = body_location_to_string(value[0]);
}

bool location_is_known(const Device *d)
{
        return d->body_location;
}
