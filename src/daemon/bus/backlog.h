/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "cardio/time.h"

/* What is known about whether the bus takes what we send. */
typedef struct Backlog {
        bool behind;         /* … has been logged */
        bool announce;       /* properties are to be announced once it is no longer behind */
        sd_bus_slot *ping;   /* pending; NULL = none */
        usec_t ping_usec;    /* time of the last one, CLOCK_BOOTTIME */
        unsigned unanswered; /* … in a row */
} Backlog;

/* Too many messages are queued to add any that can be left out. */
bool bus_is_behind(Bus *b);
bool bus_is_full(const Bus *b); /* too many for any message */
/* To be called after anything has been sent: sees to the ping, at once if the message matters. */
void bus_sent(Bus *b, bool matters);
/* Emits a signal that matters. Failures are logged here. */
void bus_emit(Bus *b, const char *interface, const char *name, const char *types, ...);
