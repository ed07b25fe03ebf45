/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Who owns a name on the bus. */

/* Unique names, NULL = nobody. Called when the owner changes, and once with before NULL when the bus has answered who it is. */
typedef void (*OwnerFunc)(void *userdata, const char *before, const char *after);

typedef struct Owner {
        const char *name;
        OwnerFunc func;
        void *userdata;
        sd_bus_slot *changed_slot, *query_slot;
        bool known;  /* the bus has answered */
        char *owner; /* NULL = nobody, or not known yet */
} Owner;

/* name must outlive it. Returns 0 or a negative errno; owner_stop() is due in both cases. */
int owner_start(Owner *o, sd_bus *bus, const char *name, OwnerFunc func, void *userdata);
void owner_stop(Owner *o);

/* Whether the owner sent it: anybody may send us a signal that claims so. */
bool owner_is_sender(const Owner *o, sd_bus_message *m);
