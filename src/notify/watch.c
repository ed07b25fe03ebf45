/* SPDX-License-Identifier: MIT */

/* Who owns a name on a bus. The bus answers in order, so the newest answer or signal is the truth. */

#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"

#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

static int watch_set(Watch *w, const char *owner)
{
        _cleanup_free_ char *before = w->owner;

        w->owner = NULL;
        if (owner && *owner) {
                w->owner = strdup(owner);
                if (!w->owner) {
                        w->owner = TAKE_PTR(before);
                        return -ENOMEM;
                }
        }
        if (w->known && !before && !w->owner)
                return 0;
        if (before && w->owner && strcmp(before, w->owner) == 0)
                return 0;
        w->known = true;
        w->func(w->userdata, before, w->owner);
        return 0;
}

static int watch_on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Watch *w = userdata;
        const char *sender = sd_bus_message_get_sender(m), *name, *before, *after;
        int r;

        (void)ret_error;
        if (!sender || strcmp(sender, DBUS_NAME) != 0)
                return 0;
        r = sd_bus_message_read(m, "sss", &name, &before, &after);
        if (r < 0 || strcmp(name, w->name) != 0)
                return 0;
        return watch_set(w, after);
}

static int watch_on_owner(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Watch *w = userdata;
        const char *owner = NULL;

        (void)ret_error;
        w->query = sd_bus_slot_unref(w->query);
        /* An error says that nobody owns it; one that comes says so by a signal. */
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "s", &owner) < 0)
                owner = NULL;
        return watch_set(w, owner);
}

int watch_start(Watch *w, sd_bus *bus, const char *name, WatchFunc func, void *userdata)
{
        char match[512];
        int r;

        *w = (Watch){ .name = name, .func = func, .userdata = userdata };
        (void)snprintf(match, sizeof(match),
                        "type='signal',sender='" DBUS_NAME "',path='" DBUS_PATH "',interface='" DBUS_NAME
                        "',member='NameOwnerChanged',arg0='%s'",
                        name);
        r = sd_bus_add_match_async(bus, &w->changed, match, watch_on_changed, NULL, w);
        if (r < 0)
                return r;
        r = sd_bus_call_method_async(bus, &w->query, DBUS_NAME, DBUS_PATH, DBUS_NAME, "GetNameOwner",
                        watch_on_owner, w, "s", name);
        return r < 0 ? r : 0;
}

void watch_stop(Watch *w)
{
        w->changed = sd_bus_slot_unref(w->changed);
        w->query = sd_bus_slot_unref(w->query);
        w->known = false;
        free(TAKE_PTR(w->owner));
}

bool watch_is_sender(const Watch *w, sd_bus_message *m)
{
        const char *sender = sd_bus_message_get_sender(m);

        return sender && w->owner && strcmp(sender, w->owner) == 0;
}
