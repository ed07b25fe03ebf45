/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

/* Notifications that are to leave the screen. A server may refuse CloseNotification, or not answer it: it is
 * asked again, with a growing pause, and in turn to put something harmless in the notification's place,
 * until one of the two was taken, it says that the notification is closed, or it is gone itself. */

/* At most this many at once; one more takes the place of the one tried most often. */
#define CLOSING_MAX 16U
/* That is for about an hour. */
#define CLOSING_TRIES_MAX 64U

typedef struct ClosingEntry {
        struct Closing *closing;
        uint32_t id;  /* 0 = free */
        bool certain; /* that it stands */
        unsigned tries;
        bool refused;      /* the last answer was an error of the server's own */
        bool replacing;    /* the last try was to replace it */
        sd_bus_slot *call; /* one of these two */
        sd_event_source *pause;
} ClosingEntry;

typedef struct Closing {
        sd_event *event; /* borrowed, as is bus */
        sd_bus *bus;     /* NULL = not connected */
        ClosingEntry entry[CLOSING_MAX];
} Closing;

/* One that does not stand for certain is believed gone if the server refuses. */
void closing_add(Closing *c, uint32_t id, bool certain);
bool closing_has(const Closing *c, uint32_t id);

/* The id has left the screen, or is another notification's now. */
void closing_closed(Closing *c, uint32_t id);

/* The server, or the bus, is gone, and its notifications with it. */
void closing_forget(Closing *c);

/* Something is still to leave the screen. */
bool closing_busy(const Closing *c);
