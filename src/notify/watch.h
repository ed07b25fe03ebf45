/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Who owns a well-known name on a bus. */

/* before and after are unique names, NULL = nobody. Also called once, with before NULL, when the first
 * answer is in. */
typedef void (*WatchFunc)(void *userdata, const char *before, const char *after);

typedef struct Watch {
        const char *name;
        WatchFunc func;
        void *userdata;
        sd_bus_slot *changed;
        sd_bus_slot *query;
        bool known;
        char *owner; /* NULL = nobody, or not known yet */
} Watch;

/* name must outlive the watch. Returns 0 or a negative errno; in both cases watch_stop() is due. */
int watch_start(Watch *w, sd_bus *bus, const char *name, WatchFunc func, void *userdata);
/* Forgets the owner without telling. */
void watch_stop(Watch *w);

/* Whether the owner sent it. Anybody may send a signal that looks like his to us alone, so this is asked
 * every time. */
bool watch_is_sender(const Watch *w, sd_bus_message *m);
