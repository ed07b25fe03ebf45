/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"
#include "bus/callers.h"
#include "bus/subscribers.h"

#include "cardio/bus-api.h"
#include "cardio/recorder.h"

/* Shared by the files of this folder only. */

/* Announced properties of an object; its struct holds them at these offsets, as sd-bus wants them. */
typedef struct Property {
        const char *name;
        char type; /* D-Bus basic type */
        size_t offset;
} Property;

#define PROPERTIES_MAX 16U

typedef struct BusManager {
        char *version, *database_path;
        int recording;
        int64_t session;
        double ceiling;
        char *ceiling_expression, *ceiling_reason;
        double tolerance;
        double resting_heart_rate, maximum_heart_rate;
        int resting_provisional;
        uint64_t snoozed_until;
        int scanning, waits_for_rest, clock_set;
        char *bluetooth;
        uint32_t waiting;
        char *warnings; /* lines */
} BusManager;

typedef struct BusCoach {
        char *workout, *step;
        uint32_t number[2]; /* which, of how many */
        uint64_t step_ends;
} BusCoach;

typedef struct BusSensor {
        char *path;
        sd_bus_slot *slot;
        bool dirty[PROPERTIES_MAX];

        char *address, *name, *state, *contact, *body_location, *link_problem;
        int configured, trusted, rotating;
        int16_t rssi;
        uint8_t battery_percentage;
        int64_t session;
        uint16_t heart_rate;
        double smoothed;
        uint8_t zone;
        uint64_t loss[CARDIO_LINK_LOSSES_MAX];
        size_t n_losses;
} BusSensor;

struct Bus {
        sd_event *event;
        sd_bus *bus;
        const BusHandlers *handlers;
        void *userdata;
        BusManager manager;
        bool dirty[PROPERTIES_MAX];
        BusCoach coach;
        bool coach_dirty[PROPERTIES_MAX];
        BusSensor *sensors[SENSORS_MAX];
        Callers *callers;
        struct {
                bool behind;         /* … has been said */
                bool announce;       /* properties are to be announced when it no longer is */
                sd_bus_slot *ping;   /* not answered yet; NULL = none is under way */
                usec_t ping_usec;    /* the last one, CLOCK_BOOTTIME */
                unsigned unanswered; /* … in a row */
        } backlog;
        Subscribers *subscribers;
        Subscribers *scanners, *waiting;        /* who scans, and who made the requests */
        BusRequest *requests[BUS_REQUESTS_MAX]; /* NULL = unused */
        struct {
                sd_bus_message *message;
                sd_bus_message_handler_t method; /* of which it is a call; NULL: it is an answer */
        } later[BUS_REQUESTS_MAX];
        size_t n_later; /* in order */
        sd_bus_slot *filter_slot, *object_manager_slot, *manager_slot, *coach_slot;
        sd_event_source *announce, *scan_check;
};

/* backlog.c */
/* Too much waits for the bus to add what can be left out. */
bool bus_is_behind(Bus *b);
bool bus_is_full(const Bus *b); /* too much, for anything */
/* After anything has been sent: that it is taken is looked after, at once if it matters. */
void bus_sent(Bus *b, bool matters);
/* A signal of ours that matters. What fails is logged. */
void bus_emit(Bus *b, const char *interface, const char *name, const char *types, ...);

/* Remembers the caller of m among s. Returns 0, or a negative errno with the error set. */
int bus_remember(Bus *b, Subscribers *s, sd_bus_message *m, const char *what, sd_bus_error *error);

/* manager.c: org.cardiod1.Manager. */
extern const sd_bus_vtable bus_manager_vtable[];

/* coach.c: what callers and the coach say to each other. */
extern const sd_bus_vtable bus_coach_vtable[];
int bus_method_add_session(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* request.c: requests that take their time. */
int method_start_scan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_stop_scan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_trust(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_forget(sd_bus_message *m, void *userdata, sd_bus_error *error);
int requests_begin(Bus *b);
/* Of a method: what it is to return, with r, what its handler has. One that has to be called again is kept. */
int bus_later(Bus *b, sd_bus_message *call, sd_bus_message_handler_t method, int r, sd_bus_error *error);
/* Answers a command with the id of a session, or with nothing, once it is stored. */
int bus_reply_stored(Bus *b, sd_bus_message *call, const int64_t *id);
/* Has what is of an id deleted; it is answered when it is gone. */
int bus_delete(Bus *b, sd_bus_message *call,
                int (*func)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error),
                sd_bus_error *error);
int method_measure_resting(sd_bus_message *m, void *userdata, sd_bus_error *error);
void requests_end(Bus *b);
