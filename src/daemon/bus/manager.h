/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "bus/properties.h"

/* org.cardiod1.Manager. */
typedef struct BusManager {
        char *version, *database_path;
        int recording;
        int64_t session;
        double ceiling;
        char *ceiling_expression, *ceiling_reason;
        double tolerance;
        double resting_heart_rate, maximum_heart_rate;
        int resting_provisional;
        uint64_t snoozed_until;
        int scanning, waits_for_rest, clock_set;
        char *bluetooth;
        uint32_t waiting;
        char *warnings; /* lines */
        bool dirty[PROPERTIES_MAX];
} BusManager;

extern const sd_bus_vtable bus_manager_vtable[];
void bus_manager_announce(Bus *b);
void bus_manager_clear(BusManager *m);
