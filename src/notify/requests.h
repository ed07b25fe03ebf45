/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/follower.h"
#include "client/session-row.h"

/* The few things that are asked of cardiod. */

typedef struct RequestFuncs {
        /* row NULL: it cannot be had; gone: because cardiod left or does not answer, so that asking anew makes sense. */
        void (*row)(void *userdata, int64_t session, const SessionRow *row, bool gone);
        /* reason NULL: done. */
        void (*snoozed)(void *userdata, const char *reason);
        void (*annotated)(void *userdata, int64_t session, const char *reason);
} RequestFuncs;

typedef struct Requests {
        Follower *follower;
        const RequestFuncs *funcs;
        void *userdata;
        sd_bus_slot *row, *snooze, *annotate;
        int64_t row_session, annotated;
} Requests;

/* Takes back what is under way; before the follower is freed. */
void requests_end(Requests *q);

/* The row with the coach's verdict; a snooze; and what the runner says of a session, under one of the keys of Annotate(). Each
 * answers by its function above, later; one of each is under way at a time, a new one takes the old one's place. Return 0 or a
 * negative errno; then no answer follows. */
int requests_get_row(Requests *q, int64_t session);
int requests_snooze(Requests *q, uint32_t seconds);
int requests_annotate(Requests *q, int64_t session, const char *key, const char *value);
