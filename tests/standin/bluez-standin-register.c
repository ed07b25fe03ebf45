/* SPDX-License-Identifier: MIT */

/* GattManager1: applications of clients. As in bluetoothd, the application's objects are queried before the registration is
 * answered, so a client that blocks on it waits for ever. A registration ends with its client. No clock. */

#include "bluez-standin.h"

#include <string.h>

#include "cardio/bus-api.h"

#define ERROR_PREFIX "org.bluez.Error."

Registration *registration_free(Registration *r)
{
        if (!r)
                return NULL;
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++)
                if (r->standin->registrations[i] == r)
                        r->standin->registrations[i] = NULL;
        sd_bus_slot_unref(r->query);
        sd_bus_track_unref(r->track);
        sd_bus_message_unref(r->call);
        free(r->client);
        free(r->path);
        free(r);
        return NULL;
}

bool adapter_has_registration(const Adapter *a)
{
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++) {
                const Registration *r = a->standin->registrations[i];

                if (r && r->adapter == a && !r->call)
                        return true;
        }
        return false;
}

bool device_has_registration(const Device *d)
{
        unsigned services = 0;

        for (size_t i = 0; sensor_service(i); i++)
                services |= (unsigned)device_has_service(d, sensor_service(i)) << i;
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++) {
                const Registration *r = d->standin->registrations[i];

                if (r && r->adapter == d->adapter && !r->call && (r->services & services))
                        return true;
        }
        return false;
}

static void devices_reconsider(Adapter *a, bool end_rest)
{
        for (size_t i = 0; i < STRAPS_MAX; i++) {
                Device *d = a->standin->devices[i];

                if (!d || d->adapter != a)
                        continue;
                if (end_rest)
                        d->rests = false;
                device_reconsider(d);
        }
}

static Registration *registration_find(Adapter *a, const char *client, const char *path)
{
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++) {
                Registration *r = a->standin->registrations[i];

                if (r && r->adapter == a && strcmp(r->client, client) == 0 && strcmp(r->path, path) == 0)
                        return r;
        }
        return NULL;
}

/* Reads a variant of as; returns the services of sensors that it names, a bit each. */
static int read_uuid_list(sd_bus_message *m)
{
        const char *uuid;
        int r, found = 0;

        r = sd_bus_message_enter_container(m, 'v', "as");
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(m, "s", &uuid)) > 0)
                for (size_t i = 0; sensor_service(i); i++)
                        found |= (strcasecmp(uuid, sensor_service(i)) == 0) << i;
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : found;
}

/* Reads a profile's a{sv}; returns the services that its UUIDs name. */
static int read_profile(sd_bus_message *m)
{
        const char *name;
        int r, found = 0;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                bool is_uuids;

                r = sd_bus_message_read(m, "s", &name);
                if (r < 0)
                        return r;
                is_uuids = strcmp(name, "UUIDs") == 0;
                r = is_uuids ? read_uuid_list(m) : sd_bus_message_skip(m, "v");
                if (r < 0)
                        return r;
                found |= is_uuids ? r : 0;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : found;
}

/* Reads one object's a{sa{sv}}; returns the services that its profile is for. */
static int read_object(sd_bus_message *m)
{
        const char *interface;
        int r, found = 0;

        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                bool is_profile;

                r = sd_bus_message_read(m, "s", &interface);
                if (r < 0)
                        return r;
                is_profile = strcmp(interface, BLUEZ_GATT_PROFILE_INTERFACE) == 0;
                r = is_profile ? read_profile(m) : sd_bus_message_skip(m, "a{sv}");
                if (r < 0)
                        return r;
                found |= is_profile ? r : 0;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : found;
}

/* Returns the services that the profiles of the objects are for, 0 = none of a sensor. */
static int read_application(sd_bus_message *m)
{
        const char *path;
        int r, found = 0;

        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = sd_bus_message_read(m, "o", &path);
                if (r < 0)
                        return r;
                r = read_object(m);
                if (r < 0)
                        return r;
                found |= r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : found;
}

static int on_client_gone(sd_bus_track *track _unused_, void *userdata)
{
        Registration *r = userdata;
        Adapter *a = r->adapter;

        log_line("note unregistered %s %s", a->id, r->path);
        registration_free(r);
        devices_reconsider(a, false);
        return 1; /* 0 would mean: ask again at once */
}

static int on_application(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Registration *registration = userdata;
        Adapter *a = registration->adapter;
        int r;

        registration->query = sd_bus_slot_unref(registration->query);
        r = sd_bus_message_is_method_error(m, NULL) ? -EIO : read_application(m);
        if (r <= 0) {
                log_line("note refused %s %s: %s", a->id, registration->path,
                                r < 0 ? "its objects cannot be read" : "no GattProfile1 for a sensor");
                calls_reply_failed(&registration->call, "No object received");
                registration_free(registration);
                return 0;
        }
        registration->services = (unsigned)r;
        (void)sd_bus_reply_method_return(registration->call, NULL);
        registration->call = sd_bus_message_unref(registration->call);
        log_line("note registered %s %s", a->id, registration->path);
        devices_reconsider(a, true);
        return 0;
}

int registration_new(Adapter *a, sd_bus_message *call, const char *path, sd_bus_error *error)
{
        const char *client = sd_bus_message_get_sender(call);
        Standin *s = a->standin;
        Registration *r;
        int tracked;
        size_t i = 0;

        if (registration_find(a, client, path))
                return sd_bus_error_set(error, ERROR_PREFIX "AlreadyExists", "Already Exists");
        while (i < REGISTRATIONS_MAX && s->registrations[i])
                i++;
        if (i == REGISTRATIONS_MAX)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "Too many applications");

        r = calloc(1, sizeof(*r));
        must(r ? 0 : -ENOMEM);
        *r = (Registration){
                .standin = s,
                .adapter = a,
                .client = must_copy(client),
                .path = must_copy(path),
                .call = sd_bus_message_ref(call),
        };
        s->registrations[i] = r;
        must(sd_bus_track_new(s->bus, &r->track, on_client_gone, r));
        tracked = sd_bus_track_add_name(r->track, client);
        if (tracked == -ENXIO) { /* it has left by now: there is nobody to reply to */
                registration_free(r);
                return 1;
        }
        must(tracked);
        must(sd_bus_call_method_async(s->bus, &r->query, client, path, "org.freedesktop.DBus.ObjectManager",
                        "GetManagedObjects", on_application, r, NULL));
        return 1;
}

int registration_remove(Adapter *a, sd_bus_message *call, const char *path, sd_bus_error *error)
{
        Registration *r = registration_find(a, sd_bus_message_get_sender(call), path);

        if (!r || r->call)
                return sd_bus_error_set(error, ERROR_PREFIX "DoesNotExist", "Does Not Exist");
        registration_free(r);
        log_line("note unregistered %s %s", a->id, path);
        devices_reconsider(a, false);
        return sd_bus_reply_method_return(call, NULL);
}
