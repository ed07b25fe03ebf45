/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"
#include "bus/properties.h"

/* The values of org.cardiod1.Manager's properties. */
typedef struct BusManager {
        ManagerView view;
        const char *version, *database_path;
        double speed, distance; /* of the session: m/s, m; NAN = not known */
        bool over_ceiling;      /* OverLimit was emitted, and BackInRange not since */
} BusManager;

extern const BusInterface bus_manager_interface;
