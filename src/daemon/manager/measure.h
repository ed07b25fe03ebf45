/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "cardio/resting.h"

typedef struct Manager Manager;

/* The measurement of a resting heart rate. */
typedef struct MeasureTask {
        RestingMeasurement *resting; /* the one under way, else NULL; facts.c feeds it heart rates */
        BusRequest *request;         /* the request to answer */
        unsigned strap;              /* whose heart rates count */
        sd_event_source *timer;
} MeasureTask;

/* Adds the timer. Returns 0 or a negative errno. */
int measure_begin(Manager *m);
/* Handler of org.cardiod1.Coach's MeasureResting; userdata is the Manager. */
int measure_start(void *userdata, uint32_t seconds, BusRequest *request, sd_bus_error *error);
