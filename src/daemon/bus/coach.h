/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/properties.h"

/* org.cardiod1.Coach: what callers and the coach say to each other. */
extern const BusInterface bus_coach_interface;

/* It is of the Manager on the bus, and of the coach's matters. */
int bus_method_add_session(sd_bus_message *m, void *userdata, sd_bus_error *error);
