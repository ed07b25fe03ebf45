/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "bus/properties.h"
#include "cardio/bus-api.h"
#include "cardio/parse.h"

/* org.cardiod1.Sensor. */
typedef struct BusSensor {
        char *path;
        sd_bus_slot *slot;
        bool dirty[PROPERTIES_MAX];

        char *address, *name, *state, *contact, *body_location, *link_problem;
        int configured, trusted, rotating;
        int16_t rssi;
        uint8_t battery_percentage;
        int64_t session;
        uint16_t heart_rate;
        double smoothed;
        uint8_t zone;
        uint64_t loss[CARDIO_LINK_LOSSES_MAX];
        size_t n_losses;
} BusSensor;

BusSensor *bus_sensor_free(BusSensor *s);
DEFINE_CLEANUP(BusSensor *, bus_sensor_free);
void bus_sensor_announce(Bus *b, BusSensor *s);

/* AA:BB:… becomes …/sensor/AA_BB_…; characters that D-Bus does not take in a path cannot come, the address is parsed. */
#define SENSOR_PATH_SIZE (sizeof(CARDIO_SENSOR_PREFIX "/") + ADDRESS_STRING_MAX)
const char *bus_sensor_path(char buf[static SENSOR_PATH_SIZE], const char *address);
