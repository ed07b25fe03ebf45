/* SPDX-License-Identifier: MIT */
/* Who owns a name on the bus: asked once, then kept current by signals of the bus, which come in order. No clock. */

#include "bluez/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "log.h"

#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

static void owner_set(Owner *o, const char *owner)
{
        _cleanup_free_ char *before = NULL;
        char *copy = NULL;

        if (owner && owner[0]) {
                copy = strdup(owner);
                if (!copy) {
                        log_error("Cannot follow %s: out of memory", o->name);
                        return;
                }
        }
        if (o->known && (o->owner == copy || (o->owner && copy && strcmp(o->owner, copy) == 0))) {
                free(copy);
                return;
        }
        before = o->owner;
        o->owner = copy;
        o->known = true;
        o->func(o->userdata, before, o->owner);
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *before, *after, *sender = sd_bus_message_get_sender(m);
        Owner *o = userdata;

        (void)error;
        if (!sender || strcmp(sender, DBUS_NAME) != 0)
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && strcmp(name, o->name) == 0)
                owner_set(o, after);
        return 0;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *owner = NULL;
        Owner *o = userdata;

        (void)error;
        o->query_slot = sd_bus_slot_unref(o->query_slot);
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "s", &owner) < 0)
                owner = NULL;
        /* An error means that nobody owned it; if somebody has come since, the signal has said so. */
        if (owner || !o->owner)
                owner_set(o, owner);
        return 0;
}

int owner_start(Owner *o, sd_bus *bus, const char *name, OwnerFunc func, void *userdata)
{
        char match[256];
        int r;

        *o = (Owner){ .name = name, .func = func, .userdata = userdata };
        (void)snprintf(match, sizeof(match),
                        "type='signal',sender='" DBUS_NAME "',interface='" DBUS_NAME
                        "',member='NameOwnerChanged',arg0='%s'",
                        name);
        r = sd_bus_add_match_async(bus, &o->changed_slot, match, on_changed, NULL, o);
        /* The match is in place before the question: a change in between arrives by one or the other. */
        if (r >= 0)
                r = sd_bus_call_method_async(bus, &o->query_slot, DBUS_NAME, DBUS_PATH, DBUS_NAME,
                                "GetNameOwner", on_answer, o, "s", name);
        return r < 0 ? r : 0;
}

void owner_stop(Owner *o)
{
        o->changed_slot = sd_bus_slot_unref(o->changed_slot);
        o->query_slot = sd_bus_slot_unref(o->query_slot);
        free(TAKE_PTR(o->owner));
}

bool owner_is_sender(const Owner *o, sd_bus_message *m)
{
        const char *sender = sd_bus_message_get_sender(m);

        return o->owner && sender && strcmp(o->owner, sender) == 0;
}
