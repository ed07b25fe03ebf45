/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus.h"
#include "cardio/time.h"

/* What is to be done with the sensors as they are now, an array as of bus_sensors(). Returns whether that is enough. */
typedef bool (*SensorsFunc)(void *userdata, json_object *sensors);

/* Calls func at once, and again whenever anything about sensors has changed, a few times a second at most, until it has
 * enough, so much time has passed (USEC_INFINITY = for ever), or SIGINT or SIGTERM comes. ret_enough: whether it was the
 * first of these. */
Outcome sensors_watch(const Bus *bus, usec_t length_usec, SensorsFunc func, void *userdata, bool *ret_enough);
