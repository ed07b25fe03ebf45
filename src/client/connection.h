/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"

/* A connection to a bus. When it is lost, or cannot be made, it is tried again, ever less often. */
typedef struct Connection Connection;

typedef enum BusKind {
        BUS_SYSTEM,
        BUS_SESSION,
        _BUS_KIND_MAX,
        _BUS_KIND_INVALID = -EINVAL,
} BusKind;

/* "system bus", "session bus" */
const char *bus_kind_to_string(BusKind kind);

/* Called with each new connection, and with NULL when there is none: after a loss, and once if the first attempt fails,
 * error being the negative errno. All slots on the old connection must be freed then. */
typedef void (*ConnectionFunc)(void *userdata, sd_bus *bus, int error);

int connection_new(sd_event *event, BusKind kind, ConnectionFunc func, void *userdata, Connection **ret);

/* Connects; a second call does nothing. */
void connection_start(Connection *c);

/* Sends what is still queued and closes. */
Connection *connection_free(Connection *c);
DEFINE_CLEANUP(Connection *, connection_free);
