/* SPDX-License-Identifier: MIT */

/* Who owns a name on a bus. The bus answers in order, so the newest reply or signal is the current state. No clock. */

#include "name-owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"

#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

static int name_owner_set(NameOwner *o, const char *owner)
{
        _cleanup_free_ char *before = o->owner;

        o->owner = NULL;
        if (owner && *owner) {
                o->owner = strdup(owner);
                if (!o->owner) {
                        o->owner = TAKE_PTR(before);
                        return -ENOMEM;
                }
        }
        if (o->known && !before && !o->owner)
                return 0;
        if (before && o->owner && strcmp(before, o->owner) == 0)
                return 0;
        o->known = true;
        o->func(o->userdata, before, o->owner);
        return 0;
}

static int name_owner_on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        NameOwner *o = userdata;
        const char *sender = sd_bus_message_get_sender(m), *name, *before, *after;
        int r;

        (void)ret_error;
        if (!sender || strcmp(sender, DBUS_NAME) != 0)
                return 0;
        r = sd_bus_message_read(m, "sss", &name, &before, &after);
        if (r < 0 || strcmp(name, o->name) != 0)
                return 0;
        return name_owner_set(o, after);
}

static int name_owner_on_owner(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        NameOwner *o = userdata;
        const char *owner = NULL;

        (void)ret_error;
        o->query = sd_bus_slot_unref(o->query);
        /* An error means that nobody owns it; a later owner is announced by a signal. */
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "s", &owner) < 0)
                owner = NULL;
        return name_owner_set(o, owner);
}

int name_owner_start(NameOwner *o, sd_bus *bus, const char *name, NameOwnerFunc func, void *userdata)
{
        char match[512];
        int r;

        *o = (NameOwner){ .name = name, .func = func, .userdata = userdata };
        (void)snprintf(match, sizeof(match),
                        "type='signal',sender='" DBUS_NAME "',path='" DBUS_PATH "',interface='" DBUS_NAME
                        "',member='NameOwnerChanged',arg0='%s'",
                        name);
        r = sd_bus_add_match_async(bus, &o->changed, match, name_owner_on_changed, NULL, o);
        if (r < 0)
                return r;
        r = sd_bus_call_method_async(bus, &o->query, DBUS_NAME, DBUS_PATH, DBUS_NAME, "GetNameOwner",
                        name_owner_on_owner, o, "s", name);
        return r < 0 ? r : 0;
}

void name_owner_stop(NameOwner *o)
{
        o->changed = sd_bus_slot_unref(o->changed);
        o->query = sd_bus_slot_unref(o->query);
        o->known = false;
        free(TAKE_PTR(o->owner));
}

bool name_owner_is_sender(const NameOwner *o, sd_bus_message *m)
{
        const char *sender = sd_bus_message_get_sender(m);

        return sender && o->owner && strcmp(sender, o->owner) == 0;
}
