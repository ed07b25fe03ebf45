/* SPDX-License-Identifier: MIT */
/* The tables of the GATT services that we use. services[] decides which devices are sensors, and which bluetoothd reconnects by
 * itself: only a service that nothing but a sensor has belongs there, not one that keyboards have, too. kinds[] decides which
 * characteristics are kept, subscribed to and read, with the file that handles their values, like measurement.c. UUIDs are named
 * in cardio/bus-api.h. No clock. */

#include "bluez/services.h"

#include <string.h>
#include <strings.h>

#include "bluez/location.h"
#include "bluez/measurement.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

static const char *const services[] = { UUID_HEART_RATE_SERVICE };

static const CharacteristicKind kinds[] = {
        { UUID_HEART_RATE_MEASUREMENT, .subscribed = true, .take = measurement_take },
        { UUID_BODY_SENSOR_LOCATION, .take = location_take, .is_known = location_is_known },
};

const char *service_uuid(size_t i)
{
        return i < ELEMENTSOF(services) ? services[i] : NULL;
}

bool service_is_ours(const char *uuid)
{
        for (size_t i = 0; i < ELEMENTSOF(services); i++)
                if (strcasecmp(uuid, services[i]) == 0)
                        return true;
        return false;
}

const CharacteristicKind *characteristic_kind(const char *uuid)
{
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcasecmp(uuid, kinds[i].uuid) == 0)
                        return &kinds[i];
        return NULL;
}
