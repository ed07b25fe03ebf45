/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "cardio/bus-api.h"
#include "cardio/engine.h"

typedef struct Manager Manager;

/* BlueZ's straps and the core's numbers. */

/* A strap's name as it may stand in a log or status line. */
#define NAME_PLAIN_MAX 64U

typedef struct ManagerStrap {
        bool used;
        char address[ADDRESS_STRING_MAX]; /* kept when not used: the strap gets its number back */
        char *name, *body_location;
        int battery;
        bool configured; /* the runner's; else found by a scan, and nothing to the core and the store */
        bool trusted, rotating;
        int16_t rssi; /* dBm, 0 = not heard of */
        SensorLink link;
        LinkProblem problem;
        uint64_t loss[CARDIO_LINK_LOSSES_MAX]; /* when its link was lost, Unix µs, the latest last */
        size_t n_losses;
        SensorState logged; /* SENSOR_LIVE or SENSOR_ABSENT, as last said in the log */
} ManagerStrap;

extern const BluezHandlers from_bluez_handlers;
int strap_number_of(Manager *m, const char *address);
const char *strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX]);
void straps_stepped(Manager *m, int64_t step_ms); /* the clock that stamped what is known of them */
/* Its last heart rate is when it was last seen. */
void strap_seen(Manager *m, unsigned number);
void straps_publish(Manager *m);
void straps_publish_status(Manager *m);
