/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/backlog.h"
#include "bus/bus.h"
#include "bus/callers.h"
#include "bus/coach.h"
#include "bus/manager.h"
#include "bus/request.h"
#include "bus/sensor.h"
#include "bus/subscribers.h"
#include "cardio/recorder.h"

/* What all files of this folder share: the whole, of which each has a part of its own. */
struct Bus {
        sd_event *event;
        sd_bus *bus;
        const BusHandlers *handlers;
        void *userdata;
        Callers *callers;
        Subscribers *subscribers;
        Backlog backlog;
        Requests requests;
        BusManager manager;
        BusCoach coach;
        BusSensor *sensors[SENSORS_MAX];
        sd_bus_slot *filter_slot, *object_manager_slot, *manager_slot, *coach_slot;
        sd_event_source *announce;
};

/* Remembers the caller of m among s. Returns 0, or a negative errno with the error set. */
int bus_remember(Bus *b, Subscribers *s, sd_bus_message *m, const char *what, sd_bus_error *error);
