/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "follower-event.h"

/* A client of org.cardiod1 that stays: it finds the daemon on the buses, follows it over its restarts and theirs, asks what is
 * so and tells what happens. Nothing is queued but what is on the bus, and no call blocks.
 *
 *              APPEARED: properties are asked for, signals are told from now on
 *      LOST ───────────────▶ asked ──────────▶ READY ──┐
 *       ▲                     │ ▲ │                    │
 *       │             SILENT  ▼ │ follower_ask()       │
 *       │                  silent │                    │
 *       └─────────────────────────┴────────────────────┘ it leaves, denies or its bus is lost */
typedef struct Follower Follower;

enum {
        /* Asks in the beginning for what the coach and the sensors are at, too, not for the manager alone. */
        FOLLOWER_WITH_STATE = 1 << 0,
        /* Tells each heart rate: the daemon signals them only for those who have subscribed. */
        FOLLOWER_WITH_MEASUREMENTS = 1 << 1,
};

/* own_only: looks on the session bus alone; else there too once the system bus has no daemon. */
int follower_new(sd_event *event, bool own_only, unsigned flags, FollowerFunc func, void *userdata,
                Follower **ret);
Follower *follower_free(Follower *f);
DEFINE_CLEANUP(Follower *, follower_free);

/* Begins; func may be called before it returns. */
void follower_start(Follower *f);

/* Asks anew all that is asked in the beginning; FOLLOWER_READY or FOLLOWER_SILENT follows. If it cannot be asked, LOST. */
void follower_ask(Follower *f);

/* Calls a method of the daemon's main object; types and what follows are those of sd_bus_message_append(), NULL for none. The
 * answer comes to func, an error among them; a call in the same slot takes its place. Never starts a daemon. Returns 0, or a
 * negative errno if no answer follows: -ENOTCONN without a daemon. */
int follower_call(Follower *f, sd_bus_slot **slot, sd_bus_message_handler_t func, void *userdata,
                const char *interface, const char *member, const char *types, ...);

/* Whether it was the time that has answered a call, rather than the daemon. */
bool follower_is_silence(sd_bus_message *answer);
