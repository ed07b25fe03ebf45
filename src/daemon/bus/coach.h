/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/properties.h"

/* org.cardiod1.Coach. */
extern const BusInterface bus_coach_interface;

/* A method of Manager that takes what the coach's methods take. */
int bus_method_add_session(sd_bus_message *m, void *userdata, sd_bus_error *error);
