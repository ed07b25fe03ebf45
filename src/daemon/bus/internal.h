/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/backlog.h"
#include "bus/bus.h"
#include "bus/callers.h"
#include "bus/manager.h"
#include "bus/request.h"
#include "bus/sensor.h"
#include "bus/subscribers.h"
#include "cardio/recorder.h"

/* What all files of this folder share; each part belongs to one of them. */
struct Bus {
        sd_event *event;
        sd_bus *bus;
        const BusHandlers *handlers;
        void *userdata;
        Callers *callers;
        Subscribers *subscribers;
        Backlog backlog;
        PendingRequests requests;
        BusManager manager;
        WorkoutView workout; /* values of Coach's properties */
        BusSensor *sensors[SENSORS_MAX];
        BusObject manager_object, coach_object;
        sd_bus_vtable *manager_vtable, *coach_vtable, *sensor_vtable;
        sd_bus_slot *filter_slot, *object_manager_slot;
        sd_event_source *announce;
};

/* objects.c: adds the caller of m to s. Returns 0, or a negative errno with the error set. */
int bus_remember(Bus *b, Subscribers *s, sd_bus_message *m, const char *what, sd_bus_error *error);

/* Sets an object's values; what has changed is announced once the event loop comes round. */
void bus_push(Bus *b, BusObject *o, const void *pushed);
