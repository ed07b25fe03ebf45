/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/follower.h"
#include "client/session-row.h"

/* The calls to cardiod. */

typedef struct RequestFuncs {
        /* row NULL: it is not available; gone: because cardiod exited or does not reply, so that asking again makes sense. */
        void (*row)(void *userdata, int64_t session, const SessionRow *row, bool gone);
        /* reason NULL: done. */
        void (*snoozed)(void *userdata, const char *reason);
        void (*annotated)(void *userdata, int64_t session, const char *reason);
} RequestFuncs;

typedef struct NotifierRequests {
        Follower *follower;
        const RequestFuncs *funcs;
        void *userdata;
        sd_bus_slot *row, *snooze, *annotate;
        int64_t row_session, annotated;
} NotifierRequests;

/* Cancels pending calls; before the follower is freed. */
void requests_end(NotifierRequests *q);

/* The row with the coach's verdict; a snooze; and the runner's answer about a session, under one of the keys of Annotate().
 * Each reply comes to its function above, later; one call of each is pending at a time, a new one replaces the old one.
 * Return 0 or a negative errno; then no reply follows. */
int requests_get_row(NotifierRequests *q, int64_t session);
int requests_snooze(NotifierRequests *q, uint32_t seconds);
int requests_annotate(NotifierRequests *q, int64_t session, const char *key, const char *value);
