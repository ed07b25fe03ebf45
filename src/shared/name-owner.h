/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Who owns a well-known name on a bus. */

/* before and after are unique names, NULL = nobody. Also called once, with before NULL, with the first reply. */
typedef void (*NameOwnerFunc)(void *userdata, const char *before, const char *after);

typedef struct NameOwner {
        const char *name;
        NameOwnerFunc func;
        void *userdata;
        sd_bus_slot *changed;
        sd_bus_slot *query;
        bool known;
        char *owner; /* NULL = nobody, or not known yet */
} NameOwner;

/* name must outlive it. Returns 0 or a negative errno; in both cases name_owner_stop() must follow. */
int name_owner_start(NameOwner *o, sd_bus *bus, const char *name, NameOwnerFunc func, void *userdata);
/* Forgets the owner without calling func. */
void name_owner_stop(NameOwner *o);

/* Whether the owner sent it. Anybody may send us a signal that looks like the owner's, so every signal is checked. */
bool name_owner_is_sender(const NameOwner *o, sd_bus_message *m);
