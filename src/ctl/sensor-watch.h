/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus.h"
#include "cardio/time.h"

/* Handles the current sensors, an array as from bus_sensors(). Returns whether the condition is met. */
typedef bool (*SensorsFunc)(void *userdata, json_object *sensors);

typedef enum WatchEnd {
        WATCH_MET,         /* func has returned true */
        WATCH_TIME,        /* the time is over */
        WATCH_INTERRUPTED, /* by SIGINT or SIGTERM */
        _WATCH_END_MAX,
        _WATCH_END_INVALID = -EINVAL,
} WatchEnd;

/* Calls func at once, and again whenever a sensor has changed, a few times a second at most, until it returns true, the time
 * is over (USEC_INFINITY = never), or SIGINT or SIGTERM comes; after these two it is called once more. */
Outcome sensors_watch(const DaemonBus *bus, usec_t length_usec, SensorsFunc func, void *userdata,
                WatchEnd *ret_end);
