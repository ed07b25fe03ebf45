/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "bus/subscribers.h"

/* Requests that take their time, and calls and answers that wait for the database. */
typedef struct Requests {
        BusRequest *request[BUS_REQUESTS_MAX]; /* NULL = unused */
        Subscribers *scanners, *waiting;       /* who scans, and who made the requests */
        sd_event_source *scan_check;
        struct {
                sd_bus_message *message;
                sd_bus_message_handler_t method; /* of which it is a call; NULL: it is an answer */
        } later[BUS_REQUESTS_MAX];
        size_t n_later; /* in order */
} Requests;

int requests_begin(Bus *b);
void requests_end(Bus *b);

int method_start_scan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_stop_scan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_trust(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_forget(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_measure_resting(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Of a method: what it is to return, with r, what its handler has. One that has to be called again is kept. */
int bus_later(Bus *b, sd_bus_message *call, sd_bus_message_handler_t method, int r, sd_bus_error *error);
/* Answers a command with the id of a session, or with nothing, once it is stored. */
int bus_reply_stored(Bus *b, sd_bus_message *call, const int64_t *id);
/* Has what is of an id deleted; it is answered when it is gone. */
int bus_delete(Bus *b, sd_bus_message *call,
                int (*func)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error),
                sd_bus_error *error);
