/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus.h"
#include "cardio/time.h"

/* Handles the current sensors, an array as from bus_sensors(). Returns whether the condition is met. */
typedef bool (*SensorsFunc)(void *userdata, json_object *sensors);

/* Calls func at once, and again whenever a sensor has changed, a few times a second at most, until it returns true, the time
 * is over (USEC_INFINITY = never), or SIGINT or SIGTERM comes. ret_enough: whether func returned true. */
Outcome sensors_watch(
                const DaemonBus *bus, usec_t length_usec, SensorsFunc func, void *userdata, bool *ret_enough);
