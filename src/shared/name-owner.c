/* SPDX-License-Identifier: MIT */
/* Who owns a name on a bus: asked once, then kept current by signals of the bus, which come in order. No clock. */

#include "shared/name-owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"

#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

static void name_owner_set(NameOwner *o, const char *owner)
{
        _cleanup_free_ char *before = NULL;
        char *copy = NULL;

        if (owner && owner[0]) {
                copy = strdup(owner);
                if (!copy)
                        return; /* out of memory: the one before, whose signals have ended */
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

static int on_changed(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *ret_error)
{
        const char *name, *before, *after, *sender = sd_bus_message_get_sender(m);
        NameOwner *o = userdata;

        if (!sender || strcmp(sender, DBUS_NAME) != 0)
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && strcmp(name, o->name) == 0)
                name_owner_set(o, after);
        return 0;
}

static int on_reply(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *ret_error)
{
        const char *owner = NULL;
        NameOwner *o = userdata;

        o->query = sd_bus_slot_unref(o->query);
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "s", &owner) < 0)
                owner = NULL;
        /* An error means that nobody owned it; an owner that has come since was announced by the signal. */
        if (owner || !o->owner)
                name_owner_set(o, owner);
        return 0;
}

int name_owner_start(NameOwner *o, sd_bus *bus, const char *name, NameOwnerFunc func, void *userdata)
{
        char match[512];
        int r;

        *o = (NameOwner){ .name = name, .func = func, .userdata = userdata };
        (void)snprintf(match, sizeof(match),
                        "type='signal',sender='" DBUS_NAME "',path='" DBUS_PATH "',interface='" DBUS_NAME
                        "',member='NameOwnerChanged',arg0='%s'",
                        name); /* fits: a name has 255 bytes at most */
        r = sd_bus_add_match_async(bus, &o->changed, match, on_changed, NULL, o);
        /* The match is in place before the question: a change in between arrives by one or the other. */
        if (r >= 0)
                r = sd_bus_call_method_async(bus, &o->query, DBUS_NAME, DBUS_PATH, DBUS_NAME, "GetNameOwner",
                                on_reply, o, "s", name);
        return r < 0 ? r : 0;
}

void name_owner_stop(NameOwner *o)
{
        o->changed = sd_bus_slot_unref(o->changed);
        o->query = sd_bus_slot_unref(o->query);
        o->known = false;
        free(TAKE_PTR(o->owner));
}

_hot_ bool name_owner_is_sender(const NameOwner *o, sd_bus_message *m)
{
        const char *sender = sd_bus_message_get_sender(m);

        return sender && o->owner && strcmp(sender, o->owner) == 0;
}
