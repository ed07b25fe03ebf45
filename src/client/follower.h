/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "follower-event.h"

/* A long-running client of org.cardiod1: it finds the daemon on the buses, follows it over its restarts and theirs, asks for
 * its state and emits events. It queues nothing itself, and no call blocks.
 *
 *              APPEARED: properties are asked for, signals are emitted from now on
 *      LOST ───────────────▶ asked ──────────▶ READY ──┐
 *       ▲                     │ ▲ │                    │
 *       │             SILENT  ▼ │ follower_ask()       │
 *       │                  silent │                    │
 *       └─────────────────────────┴────────────────────┘ it exits, denies access, or its bus is lost */
typedef struct Follower Follower;

enum {
        /* Also asks for the state of the coach and the sensors at the beginning, not for the manager's alone. */
        FOLLOWER_WITH_STATE = 1 << 0,
        /* Emits each heart rate and each pace: the daemon signals them only to those who have subscribed. */
        FOLLOWER_WITH_MEASUREMENTS = 1 << 1,
};

/* own_only: looks at the session bus alone; otherwise also there as soon as the system bus has no daemon. */
int follower_new(sd_event *event, bool own_only, unsigned flags, FollowerFunc func, void *userdata,
                Follower **ret);
Follower *follower_free(Follower *f);
DEFINE_CLEANUP(Follower *, follower_free);

/* Starts; func may be called before this returns. */
void follower_start(Follower *f);

/* Asks the questions of the beginning again; FOLLOWER_READY or FOLLOWER_SILENT follows, or LOST if they cannot be sent. */
void follower_ask(Follower *f);

/* Calls a method of the daemon's main object; types and what follows are those of sd_bus_message_append(), NULL for none.
 * The reply, or the error, comes to func; a new call in the same slot replaces the old one. Never starts a daemon. Returns
 * 0, or a negative errno if no reply follows: -ENOTCONN without a daemon. */
int follower_call(Follower *f, sd_bus_slot **slot, sd_bus_message_handler_t func, void *userdata,
                const char *interface, const char *member, const char *types, ...);

/* Whether the reply is an error made up because the deadline passed, rather than one from the daemon. */
bool follower_is_silence(sd_bus_message *answer);
