/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus.h"
#include "cardio/recorder.h"

/* Shared by bus*.c only. */

/* Announced properties that one object can have. */
#define PROPERTIES_MAX 12U

typedef struct BusSensor BusSensor;

typedef struct BusManager {
        char *version, *database_path;
        int recording;
        int64_t session;
        double ceiling;
        char *ceiling_expression, *ceiling_reason;
        double resting_heart_rate, maximum_heart_rate;
        int resting_provisional;
        uint64_t snoozed_until;
} BusManager;

struct Bus {
        sd_event *event;
        sd_bus *bus;
        const BusHandlers *handlers;
        void *userdata;
        BusManager manager;
        bool dirty[PROPERTIES_MAX];
        BusSensor *sensors[SENSORS_MAX];
        sd_bus_track *subscribers;
        sd_bus_message *measuring; /* the call that waits for a resting heart rate */
        sd_bus_track *measurer;    /* and who made it */
        sd_bus_slot *object_manager_slot, *manager_slot, *coach_slot;
        sd_event_source *announce;
};

void bus_log_signal(int r, const char *name);

/* bus-coach.c: what callers and the coach say to each other. */
extern const sd_bus_vtable bus_coach_vtable[];
int bus_method_add_session(sd_bus_message *m, void *userdata, sd_bus_error *error);
