/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

/* Notifications that are to be closed. A server may refuse CloseNotification, or not reply to it. Then it is asked again,
 * after a growing pause, alternately to close the notification and to replace it by something harmless, until either
 * succeeds, or it signals that the notification is closed, or it exits. */

/* At most this many at once; a further one replaces the one tried most often. */
#define CLOSING_MAX 16U
/* That lasts about an hour. */
#define CLOSING_TRIES_MAX 64U

typedef struct ClosingEntry {
        struct Closing *closing;
        uint32_t id;  /* 0 = free */
        bool certain; /* it is known to be on the screen */
        unsigned tries;
        bool refused;      /* the last reply was an error of the server's own */
        bool replacing;    /* the last try was to replace it */
        sd_bus_slot *call; /* either closing or replacing */
        sd_event_source *pause;
} ClosingEntry;

typedef struct Closing {
        sd_event *event; /* borrowed, as is bus */
        sd_bus *bus;     /* NULL = not connected */
        ClosingEntry entry[CLOSING_MAX];
} Closing;

/* certain: whether it is known to be on the screen; if not, a refusal of the server counts as closed. */
void closing_add(Closing *c, uint32_t id, bool certain);
bool closing_has(const Closing *c, uint32_t id);

/* The id is closed, or belongs to another notification now. */
void closing_closed(Closing *c, uint32_t id);

/* The server, or the bus, is gone, and its notifications with it. */
void closing_forget(Closing *c);

/* Whether something is still to be closed. */
bool closing_busy(const Closing *c);
