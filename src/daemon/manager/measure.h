/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "cardio/resting.h"

typedef struct Manager Manager;

/* A resting heart rate, measured. */
typedef struct Measuring {
        RestingMeasurement *resting; /* that is under way, else NULL; facts.c gives it the heart rates */
        BusRequest *request;         /* what asked for it */
        unsigned strap;              /* that it goes by */
        sd_event_source *timer;
} Measuring;

/* The timer. Returns 0 or a negative errno. */
int measure_begin(Manager *m);
/* A handler of the coach's object; userdata is the Manager. */
int measure_start(void *userdata, uint32_t seconds, BusRequest *request, sd_bus_error *error);
