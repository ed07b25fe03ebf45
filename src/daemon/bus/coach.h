/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "bus/properties.h"

/* org.cardiod1.Coach: what callers and the coach say to each other. */
typedef struct BusCoach {
        char *workout, *step;
        uint32_t number[2]; /* which, of how many */
        uint64_t step_ends;
        bool told; /* once at least: what it was before nobody has seen */
        bool dirty[PROPERTIES_MAX];
} BusCoach;

extern const sd_bus_vtable bus_coach_vtable[];
void bus_coach_announce(Bus *b);
void bus_coach_clear(BusCoach *c);

/* It is of the Manager on the bus, and of the coach's matters. */
int bus_method_add_session(sd_bus_message *m, void *userdata, sd_bus_error *error);
