/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"
#include "bus/properties.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/parse.h"
#include "sensor-record.h"

/* When the link was lost. */
typedef struct LinkLosses {
        uint64_t at[CARDIO_LINK_LOSSES_MAX]; /* Unix µs */
        size_t n;
} LinkLosses;

/* The values of org.cardiod1.Sensor's properties. */
typedef struct BusSensor {
        SensorRecord record;
        uint16_t heart_rate;
        double smoothed;
        uint8_t zone;
        double speed, cadence, incline, distance; /* as in PacePoint */
        LinkLosses losses;
        BusObject object;
} BusSensor;

BusSensor *bus_sensor_free(BusSensor *s);
DEFINE_CLEANUP(BusSensor *, bus_sensor_free);

extern const BusInterface bus_sensor_interface;

/* AA:BB:… becomes …/sensor/AA_BB_…; the address has been parsed, so it has no characters that a path may not have. */
#define SENSOR_PATH_SIZE (sizeof(CARDIO_SENSOR_PREFIX "/") + ADDRESS_STRING_MAX)
const char *bus_sensor_path(char buf[static SENSOR_PATH_SIZE], const char *address);
