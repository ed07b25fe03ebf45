/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "cardio/time.h"

/* What is known of whether the bus takes what we send. */
typedef struct Backlog {
        bool behind;         /* … has been said */
        bool announce;       /* properties are to be announced when it no longer is */
        sd_bus_slot *ping;   /* not answered yet; NULL = none is under way */
        usec_t ping_usec;    /* the last one, CLOCK_BOOTTIME */
        unsigned unanswered; /* … in a row */
} Backlog;

/* Too much waits for the bus to add what can be left out. */
bool bus_is_behind(Bus *b);
bool bus_is_full(const Bus *b); /* too much, for anything */
/* After anything has been sent: that it is taken is looked after, at once if it matters. */
void bus_sent(Bus *b, bool matters);
/* A signal of ours that matters. What fails is logged. */
void bus_emit(Bus *b, const char *interface, const char *name, const char *types, ...);
