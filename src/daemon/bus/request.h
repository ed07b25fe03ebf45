/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "bus/subscribers.h"

/* Requests that take time, and calls and answers that wait for the database. */
typedef struct PendingRequests {
        BusRequest *request[BUS_REQUESTS_MAX]; /* NULL = unused */
        Subscribers *scanners, *waiting;       /* who scans, and who made the requests */
        sd_event_source *scan_check;
        struct {
                sd_bus_message *message;
                sd_bus_message_handler_t method; /* the method to call again; NULL: it is an answer to send */
        } later[BUS_REQUESTS_MAX];
        size_t n_later; /* in order */
} PendingRequests;

int requests_begin(Bus *b);
void requests_end(Bus *b);

int method_start_scan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_stop_scan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_trust(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_forget(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_measure_resting(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* What a method returns for its handler's result r: a call to be made again is kept. */
int bus_later(Bus *b, sd_bus_message *call, sd_bus_message_handler_t method, int r, sd_bus_error *error);
/* Answers a command with the id of a session, or with nothing, once it is stored. */
int bus_reply_stored(Bus *b, sd_bus_message *call, const int64_t *id);
/* Has the row with an id deleted; answers when it is gone for good. */
int bus_delete(Bus *b, sd_bus_message *call,
                int (*func)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error),
                sd_bus_error *error);
