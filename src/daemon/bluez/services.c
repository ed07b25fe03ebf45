/* SPDX-License-Identifier: MIT */
/* The tables of the GATT services that we use. services[] decides which devices are sensors, and which bluetoothd reconnects by
 * itself: only a service that nothing but a sensor has belongs there, not one that keyboards have, too. (Bikes and rowers are
 * fitness machines as well as treadmills are: sensor.c tells them apart.) kinds[] decides which characteristics are kept,
 * subscribed to and read, with the file that handles their values, like measurement.c. UUIDs are named in cardio/bus-api.h. No
 * clock. */

#include "bluez/services.h"

#include <string.h>
#include <strings.h>

#include "bluez/location.h"
#include "bluez/measurement.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

static const struct {
        const char *uuid;
        SensorService bit;
} services[] = {
        { UUID_HEART_RATE_SERVICE, SERVICE_HEART_RATE },
        { UUID_RUNNING_SPEED_SERVICE, SERVICE_RUNNING_SPEED },
        { UUID_FITNESS_MACHINE_SERVICE, SERVICE_FITNESS_MACHINE },
};

static const CharacteristicKind kinds[] = {
        { UUID_HEART_RATE_MEASUREMENT, .subscribed = true, .measure = MEASURE_HEART_RATE,
                        .take = measurement_take_heart_rate },
        { UUID_RUNNING_SPEED_MEASUREMENT, .subscribed = true, .measure = MEASURE_RUNNING_SPEED,
                        .take = measurement_take_running_speed },
        { UUID_TREADMILL_DATA, .subscribed = true, .measure = MEASURE_TREADMILL,
                        .take = measurement_take_treadmill },
        { UUID_BODY_SENSOR_LOCATION, .take = location_take, .is_known = location_is_known },
};

/* What fitness machines have that are no treadmill: Fitness Machine Service 1.0, 4. */
static const char *const other_machines[] = { UUID_CROSS_TRAINER_DATA, UUID_STEP_CLIMBER_DATA,
        UUID_STAIR_CLIMBER_DATA, UUID_ROWER_DATA, UUID_INDOOR_BIKE_DATA };

const char *service_uuid(size_t i)
{
        return i < ELEMENTSOF(services) ? services[i].uuid : NULL;
}

unsigned service_bit(const char *uuid)
{
        for (size_t i = 0; i < ELEMENTSOF(services); i++)
                if (strcasecmp(uuid, services[i].uuid) == 0)
                        return services[i].bit;
        return 0;
}

bool characteristic_is_of_other_machine(const char *uuid)
{
        for (size_t i = 0; i < ELEMENTSOF(other_machines); i++)
                if (strcasecmp(uuid, other_machines[i]) == 0)
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
