/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/characteristic.h"

/* The GATT services and characteristics that we use. */

/* The services that make a device a sensor. */
typedef enum SensorService {
        SERVICE_HEART_RATE = 1 << 0,
        SERVICE_RUNNING_SPEED = 1 << 1,
        SERVICE_FITNESS_MACHINE = 1 << 2, /* a treadmill, or one that is no sensor */
} SensorService;

/* Their UUIDs by index; NULL after the last. */
const char *service_uuid(size_t i);
unsigned service_bit(const char *uuid); /* 0 = not one of these */
/* NULL = not one that matters. */
const CharacteristicKind *characteristic_kind(const char *uuid);
/* A fitness machine that has it, and no Treadmill Data, is a bike, a rower or the like. */
bool characteristic_is_of_other_machine(const char *uuid);
