/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"

/* A connection to a bus that comes back: when it is lost, or cannot be made, it is tried again, ever less
 * often. */
typedef struct Link Link;

typedef enum LinkKind {
        LINK_SYSTEM,
        LINK_SESSION,
        _LINK_KIND_MAX,
        _LINK_KIND_INVALID = -EINVAL,
} LinkKind;

/* "system bus", "session bus" */
const char *link_kind_to_string(LinkKind kind);

/* Told of each new connection, and with NULL that there is none: after a loss, and once if the first
 * attempt fails, error being the negative errno. All slots on the old connection are to be let go then. */
typedef void (*LinkFunc)(void *userdata, sd_bus *bus, int error);

int link_new(sd_event *event, LinkKind kind, LinkFunc func, void *userdata, Link **ret);

/* Connects; does nothing from the second time on. */
void link_start(Link *l);

/* Sends what is still queued and closes. */
Link *link_free(Link *l);
DEFINE_CLEANUP(Link *, link_free);
