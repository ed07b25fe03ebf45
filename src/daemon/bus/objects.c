/* SPDX-License-Identifier: MIT */
/* What all objects share: announcing changes, and remembering a caller that wants something for a while. No clock. */

#include "bus/internal.h"

#include "cardio/bus-api.h"

void bus_push(Bus *b, BusObject *o, const void *pushed)
{
        if (bus_object_update(o, pushed))
                (void)sd_event_source_set_enabled(
                                b->announce, SD_EVENT_ONESHOT); /* cannot fail: it is our source */
}

int bus_remember(Bus *b, Subscribers *s, sd_bus_message *m, const char *what, sd_bus_error *error)
{
        const char *name = sd_bus_message_get_sender(m);
        int r = subscribers_add(s, name, callers_uid(b->callers, name));

        return r == -ENOSPC ? sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED,
                                              "No more callers can %s, or no more of one user: accepted: %zu, and %zu",
                                              what, subscribers_max(s), subscribers_max_of_one(s))
                            : r;
}
