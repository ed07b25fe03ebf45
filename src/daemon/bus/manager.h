/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"
#include "bus/properties.h"

/* The values of org.cardiod1.Manager's properties. */
typedef struct BusManager {
        ManagerView view;
        const char *version, *database_path;
} BusManager;

extern const BusInterface bus_manager_interface;
