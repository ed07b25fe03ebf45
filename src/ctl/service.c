/* SPDX-License-Identifier: MIT */
/* Queries to other programs on a bus, such as BlueZ. Calls block, each with a short deadline, and start nothing. No clock. */
#include "service.h"

#include <string.h>

#include "bus.h"
#include "cardio/time.h"

#define ASK_TIMEOUT_USEC (5 * USEC_PER_SEC)

static int ask(sd_bus *bus, const char *name, const char *path, const char *interface, const char *member,
                const char *argument, json_object **ret, sd_bus_error *error)
{
        _cleanup_message_ sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, name, path, interface, member);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0 && argument)
                r = sd_bus_message_append(m, "s", argument);
        if (r >= 0)
                r = sd_bus_call(bus, m, ASK_TIMEOUT_USEC, error, &reply);
        if (r >= 0)
                r = bus_read(reply, ret);
        if (r < 0 && !sd_bus_error_is_set(error))
                (void)sd_bus_error_set_errno(error, r);
        return r;
}

int service_get_objects(
                sd_bus *bus, const char *name, const char *path, json_object **ret, sd_bus_error *error)
{
        return ask(bus, name, path, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, ret,
                        error);
}

int service_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                json_object **ret, sd_bus_error *error)
{
        return ask(bus, name, path, "org.freedesktop.DBus.Properties", "GetAll", interface, ret, error);
}

bool service_is_there(sd_bus *bus, const char *name)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *owned = NULL;

        return ask(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                               "NameHasOwner", name, &owned, &error) >= 0 &&
               json_object_get_boolean(owned);
}

bool service_can_be_started(sd_bus *bus, const char *name)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *names = NULL;

        if (ask(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                            "ListActivatableNames", NULL, &names, &error) < 0)
                return false;
        for (size_t i = 0; i < json_object_array_length(names); i++) {
                const char *its = json_object_get_string(json_object_array_get_idx(names, i));

                if (its && strcmp(its, name) == 0)
                        return true;
        }
        return false;
}
