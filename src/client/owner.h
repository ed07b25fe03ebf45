/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Who owns a well-known name on a bus. */

/* before and after are unique names, NULL = nobody. Also called once, with before NULL, when the first
 * answer is in. */
typedef void (*OwnerFunc)(void *userdata, const char *before, const char *after);

typedef struct Owner {
        const char *name;
        OwnerFunc func;
        void *userdata;
        sd_bus_slot *changed;
        sd_bus_slot *query;
        bool known;
        char *owner; /* NULL = nobody, or not known yet */
} Owner;

/* name must outlive it. Returns 0 or a negative errno; in both cases owner_stop() is due. */
int owner_start(Owner *o, sd_bus *bus, const char *name, OwnerFunc func, void *userdata);
/* Forgets the owner without telling. */
void owner_stop(Owner *o);

/* Whether the owner sent it. Anybody may send a signal that looks like his to us alone, so this is asked
 * every time. */
bool owner_is_sender(const Owner *o, sd_bus_message *m);
