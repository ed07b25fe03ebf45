/* SPDX-License-Identifier: MIT */

/* Adapters, straps and the links between them, as bluetoothd and the kernel behave. A link belongs to the kernel: it
 * outlives a killed bluetoothd. Times run on CLOCK_BOOTTIME. */

#include "bluez-standin.h"

#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"

#define RSSI_NEAR -60

/* -- Adapters -- */

Adapter *adapter_new(Standin *s, const char *id, bool switched_on)
{
        for (size_t i = 0; i < ADAPTERS_MAX; i++) {
                Adapter *a;

                if (s->adapters[i])
                        continue;
                a = calloc(1, sizeof(*a));
                must(a ? 0 : -ENOMEM);
                *a = (Adapter){
                        .standin = s,
                        .id = must_copy(id),
                        .path = must_format("/org/bluez/%s", id),
                        .address = must_format("00:AA:01:00:00:%02zX", i),
                        .switched_on = switched_on,
                        .powered = switched_on,
                };
                s->adapters[i] = a;
                return a;
        }
        return NULL;
}

void adapter_drop_filters(Adapter *a)
{
        for (size_t i = 0; i < FILTERS_MAX; i++) {
                free(a->filters[i].client);
                free(a->filters[i].uuid);
                a->filters[i] = (Filter){ .client = NULL };
        }
}

/* Its devices go with it. */
Adapter *adapter_free(Adapter *a)
{
        if (!a)
                return NULL;
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++)
                if (a->standin->registrations[i] && a->standin->registrations[i]->adapter == a)
                        registration_free(a->standin->registrations[i]);
        for (size_t i = 0; i < STRAPS_MAX; i++)
                if (a->standin->devices[i] && a->standin->devices[i]->adapter == a)
                        device_free(a->standin->devices[i]);
        for (size_t i = 0; i < ADAPTERS_MAX; i++)
                if (a->standin->adapters[i] == a)
                        a->standin->adapters[i] = NULL;
        timer_disarm(&a->export_timer);
        timer_disarm(&a->power_timer);
        sd_bus_track_unref(a->discoverers);
        adapter_drop_filters(a);
        free(a->id);
        free(a->path);
        free(a->address);
        free(a);
        return NULL;
}

Adapter *adapter_find(Standin *s, const char *id)
{
        for (size_t i = 0; i < ADAPTERS_MAX; i++)
                if (s->adapters[i] && strcmp(s->adapters[i]->id, id) == 0)
                        return s->adapters[i];
        return NULL;
}

void adapter_reconsider(Adapter *a)
{
        for (size_t i = 0; i < STRAPS_MAX; i++)
                if (a->standin->devices[i] && a->standin->devices[i]->adapter == a)
                        device_reconsider(a->standin->devices[i]);
}

static int adapter_on_power(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Adapter *a = userdata;

        timer_disarm(&a->power_timer);
        adapter_switch(a, true);
        return 0;
}

static int adapter_on_export(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Adapter *a = userdata;

        timer_disarm(&a->export_timer);
        a->exported = true;
        object_emit_added(a->standin, a->path);
        for (size_t i = 0; i < STRAPS_MAX; i++) {
                Device *d = a->standin->devices[i];

                if (d && d->adapter == a && device_is_stored(d))
                        device_export(d);
        }
        /* bluetoothd finds it off and switches it on, unless it was left on by a bluetoothd that was killed. */
        if (a->switched_on && !a->powered)
                timer_arm(a->standin->event, &a->power_timer, 0, adapter_on_power, a);
        return 0;
}

void adapter_export_later(Adapter *a)
{
        timer_arm(a->standin->event, &a->export_timer, a->standin->settings.adapter_usec, adapter_on_export,
                        a);
}

void adapter_unplug(Adapter *a)
{
        Standin *s = a->standin;

        timer_disarm(&a->export_timer);
        timer_disarm(&a->power_timer);
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++)
                if (s->registrations[i] && s->registrations[i]->adapter == a)
                        registration_free(s->registrations[i]);
        for (size_t i = 0; i < STRAPS_MAX; i++) {
                Device *d = s->devices[i];

                if (!d || d->adapter != a)
                        continue;
                device_cancel_connect(d, "br-connection-canceled");
                d->connected = d->resolved = d->rests = false;
                device_unexport(d);
        }
        adapter_set_discovering(a, false);
        object_emit_removed(s, a->path);
        a->exported = a->powered = false;
        calls_end_below(s, a->path);
}

void adapter_switch(Adapter *a, bool on)
{
        Standin *s = a->standin;

        timer_disarm(&a->power_timer);
        a->switched_on = on;
        a->power_state = NULL;
        if (a->powered == on)
                return;
        if (!on) {
                adapter_set_discovering(a, false);
                adapter_drop_filters(a);
                for (size_t i = 0; i < STRAPS_MAX; i++)
                        if (s->devices[i] && s->devices[i]->adapter == a)
                                device_link_down(s->devices[i]);
        }
        a->powered = on;
        object_emit_changed(s, a->path, BLUEZ_ADAPTER_INTERFACE, "Powered", NULL);
        adapter_reconsider(a);
}

void adapter_block(Adapter *a)
{
        adapter_switch(a, false);
        a->power_state = "off-blocked";
        object_emit_changed(a->standin, a->path, BLUEZ_ADAPTER_INTERFACE, "PowerState", NULL);
}

void adapter_set_discovering(Adapter *a, bool discovering)
{
        if (!discovering)
                a->discoverers = sd_bus_track_unref(a->discoverers);
        if (a->discovering == discovering)
                return;
        a->discovering = discovering;
        object_emit_changed(a->standin, a->path, BLUEZ_ADAPTER_INTERFACE, "Discovering", NULL);
        adapter_reconsider(a);
}

bool adapter_set_filter(Adapter *a, const char *client, const char *uuid)
{
        Filter *filter = NULL;

        for (size_t i = 0; i < FILTERS_MAX; i++)
                if (a->filters[i].client && strcmp(a->filters[i].client, client) == 0)
                        filter = &a->filters[i];
                else if (!filter && !a->filters[i].client)
                        filter = &a->filters[i];
        if (!filter)
                return false;
        free(filter->client);
        free(filter->uuid);
        *filter = (Filter){ .client = NULL };
        if (uuid[0] != '\0')
                *filter = (Filter){ .client = must_copy(client), .uuid = must_copy(uuid) };
        adapter_reconsider(a);
        return true;
}

static const Filter *adapter_filter(const Adapter *a, const char *client)
{
        for (size_t i = 0; i < FILTERS_MAX; i++)
                if (a->filters[i].client && strcmp(a->filters[i].client, client) == 0)
                        return &a->filters[i];
        return NULL;
}

/* The filters of all clients merge: a device is signalled to everybody once anybody wants to see it. */
static bool adapter_shows(const Adapter *a, const char *uuid)
{
        for (const char *name = a->discoverers ? sd_bus_track_first(a->discoverers) : NULL; name;
                        name = sd_bus_track_next(a->discoverers)) {
                const Filter *filter = adapter_filter(a, name);

                if (!filter || strcasecmp(filter->uuid, uuid) == 0)
                        return true;
        }
        return false;
}

/* -- Straps -- */

static void device_send(void *userdata, const uint8_t *value, size_t size)
{
        Device *d = userdata;
        Characteristic *c = device_measurement(d, UUID_HEART_RATE_MEASUREMENT, d->measurement);

        if (c)
                (void)characteristic_notify(c, value, size);
}

Device *device_new(Adapter *a, const char *address)
{
        Standin *s = a->standin;
        size_t i = 0;
        Device *d;

        while (i < STRAPS_MAX && s->devices[i])
                i++;
        if (i == STRAPS_MAX)
                return NULL;

        d = calloc(1, sizeof(*d));
        must(d ? 0 : -ENOMEM);
        *d = (Device){
                .standin = s,
                .adapter = a,
                .path = must_format("%s/dev_%s", a->path, address),
                .address = must_copy(address),
                .adapter_path = must_copy(a->path),
                .address_type = "public",
                .rssi = RSSI_NEAR,
                .has_battery = true,
                .battery = 90,
                .location = 1,
                .handle = 0x20,
                .sender = { .event = s->event, .send = device_send, .userdata = d },
        };
        for (char *p = d->path + strlen(a->path); *p; p++)
                if (*p == ':')
                        *p = '_';
        s->devices[i] = d;
        return d;
}

Device *device_free(Device *d)
{
        if (!d)
                return NULL;
        for (size_t i = 0; i < STRAPS_MAX; i++)
                if (d->standin->devices[i] == d)
                        d->standin->devices[i] = NULL;
        programme_free(d->sender.programme);
        timer_disarm(&d->link_timer);
        timer_disarm(&d->attempt_timer);
        timer_disarm(&d->resolve_timer);
        timer_disarm(&d->removal_timer);
        timer_disarm(&d->dead_timer);
        sd_bus_message_unref(d->connect_call);
        for (size_t i = 0; i < ELEMENTSOF(d->characteristics); i++) {
                sd_bus_track_unref(d->characteristics[i].clients);
                free(d->characteristics[i].path);
                free(d->characteristics[i].service_path);
        }
        free(d->path);
        free(d->address);
        free(d->name);
        free(d->icon);
        for (size_t i = 0; i < d->n_services; i++) {
                free(d->services[i].path);
                free(d->services[i].device_path);
        }
        free(d->adapter_path);
        free(d);
        return NULL;
}

Device *device_find(Standin *s, const char *address)
{
        const char *slash = strchr(address, '/');

        for (size_t i = 0; i < STRAPS_MAX; i++) {
                Device *d = s->devices[i];

                if (!d || strcasecmp(d->address, slash ? slash + 1 : address) != 0)
                        continue;
                if (!slash || (strncmp(d->adapter->id, address, (size_t)(slash - address)) == 0 &&
                                              d->adapter->id[slash - address] == '\0'))
                        return d;
        }
        return NULL;
}

bool device_is_stored(const Device *d)
{
        return d->trusted || d->paired || d->connected;
}

void device_export(Device *d)
{
        if (d->exported || !d->adapter->exported)
                return;
        d->exported = true;
        object_emit_added(d->standin, d->path);
        device_reconsider(d);
}

void device_unexport(Device *d)
{
        timer_disarm(&d->link_timer);
        timer_disarm(&d->removal_timer);
        timer_disarm(&d->resolve_timer);
        device_set_gatt(d, false);
        for (size_t i = 0; i < d->n_characteristics; i++)
                characteristic_drop_clients(&d->characteristics[i]);
        object_emit_removed(d->standin, d->path);
        d->exported = d->battery_exported = d->has_rssi = d->seen = false;
        if (!device_is_stored(d))
                d->discovered = d->rests = false;
        calls_end_below(d->standin, d->path);
}

/* -- Reasons to connect, to see, to forget -- */

static int device_on_link(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Device *d = userdata;

        timer_disarm(&d->link_timer);
        device_link_up(d);
        return 0;
}

static int device_on_resolve(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Device *d = userdata;

        timer_disarm(&d->resolve_timer);
        device_resolve(d);
        return 0;
}

static int device_on_removal(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Device *d = userdata;

        timer_disarm(&d->removal_timer);
        device_unexport(d);
        return 0;
}

static bool device_is_wanted(const Device *d)
{
        if (d->connect_call)
                return true;
        /* The accept list is not used while discovery runs. */
        return d->trusted && !d->blocked && !d->rests && !d->adapter->discovering &&
               device_has_registration(d);
}

static void device_reconsider_discovery(Device *d)
{
        bool seen = d->adapter->discovering && d->advertising && !d->connected &&
                    adapter_shows(d->adapter, d->hidden ? "" : d->services[0].uuid);

        if (seen && !d->has_rssi) {
                d->has_rssi = d->seen = true;
                if (d->exported && d->service_data_size > 0)
                        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "ServiceData",
                                        "RSSI", NULL);
                else if (d->exported)
                        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "RSSI", NULL);
                else
                        device_export(d);
        } else if (!d->adapter->discovering && d->has_rssi) {
                d->has_rssi = false;
                object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "RSSI", NULL);
        }
}

void device_reconsider(Device *d)
{
        Standin *s = d->standin;
        bool reachable = s->bus && d->adapter->exported && d->adapter->powered && d->advertising &&
                         !d->connected;
        bool temporary;

        if (!s->bus || !d->adapter->exported)
                return;
        device_reconsider_discovery(d);

        if (d->exported && reachable && device_is_wanted(d)) {
                if (!d->link_timer)
                        timer_arm(s->event, &d->link_timer, s->settings.link_usec, device_on_link, d);
        } else
                timer_disarm(&d->link_timer);

        temporary = d->exported && !device_is_stored(d) && !d->connect_call &&
                    !(d->adapter->discovering && d->advertising);
        if (!temporary)
                timer_disarm(&d->removal_timer);
        else if (!d->removal_timer)
                timer_arm(s->event, &d->removal_timer, s->settings.temporary_usec, device_on_removal, d);
}

void device_set_advertising(Device *d, bool advertising)
{
        d->advertising = advertising;
        device_reconsider(d);
}

void device_set_rssi(Device *d, int16_t rssi)
{
        d->rssi = rssi;
        if (d->has_rssi)
                object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "RSSI", NULL);
}

/* -- The link -- */

static int device_on_dead(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Device *d = userdata;

        device_link_down(d);
        return 0;
}

void device_link_dead(Device *d)
{
        if (!d->dead_timer)
                timer_arm(d->standin->event, &d->dead_timer, d->standin->settings.dead_usec, device_on_dead,
                                d);
}

/* The CCC is written again for the subscribers, before anything else. */
static bool device_is_dead_at_once(Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++)
                if (d->characteristics[i].encryption == ENCRYPTION_DEAD && !d->paired &&
                                characteristic_has_clients(&d->characteristics[i]))
                        return true;
        return false;
}

void device_link_up(Device *d)
{
        timer_disarm(&d->link_timer);
        timer_disarm(&d->attempt_timer);
        if (!d->connected) {
                d->connected = true;
                if (!d->standin->settings.silent_link)
                        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "Connected", NULL);
        }
        if (d->connect_call) {
                must(sd_bus_reply_method_return(d->connect_call, NULL));
                d->connect_call = sd_bus_message_unref(d->connect_call);
        }
        if (device_is_dead_at_once(d))
                device_link_dead(d);
        else if (!d->standin->settings.resolve_by_hand && d->standin->bus)
                timer_arm(d->standin->event, &d->resolve_timer, d->standin->settings.resolve_usec,
                                device_on_resolve, d);
        device_reconsider(d);
}

static void device_hide_battery(Device *d)
{
        if (!d->battery_exported)
                return;
        object_emit_battery(d, false);
        d->battery_exported = false;
}

void device_link_down(Device *d)
{
        Standin *s = d->standin;

        timer_disarm(&d->resolve_timer);
        timer_disarm(&d->dead_timer);
        if (d->connected) {
                if (d->resolved && s->settings.drop_in_two) {
                        d->resolved = false;
                        object_emit_changed(s, d->path, BLUEZ_DEVICE_INTERFACE, "ServicesResolved", NULL);
                }
                d->connected = false;
                if (d->resolved) {
                        d->resolved = false;
                        object_emit_changed(s, d->path, BLUEZ_DEVICE_INTERFACE, "ServicesResolved",
                                        "Connected", NULL);
                } else
                        object_emit_changed(s, d->path, BLUEZ_DEVICE_INTERFACE, "Connected", NULL);
                device_hide_battery(d);
        }
        device_cancel_connect(d, "br-connection-canceled");
        device_reconsider(d);
}

void device_flicker(Device *d)
{
        d->resolved = false;
        object_emit_changed(
                        d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "ServicesResolved", "Connected", NULL);
        if (!d->standin->settings.resolve_by_hand && d->standin->bus)
                timer_arm(d->standin->event, &d->resolve_timer, d->standin->settings.resolve_usec,
                                device_on_resolve, d);
}

void device_resolve(Device *d)
{
        Standin *s = d->standin;
        GattOrder order = times_take(&s->settings.order_times) ? s->settings.order : GATT_FIRST;
        bool first = !d->discovered;

        timer_disarm(&d->resolve_timer);
        if (order == GATT_FIRST)
                device_set_gatt(d, true);
        d->discovered = true;
        d->resolved = true;
        if (first)
                object_emit_changed(s, d->path, BLUEZ_DEVICE_INTERFACE, "UUIDs", "ServicesResolved", NULL);
        else
                object_emit_changed(s, d->path, BLUEZ_DEVICE_INTERFACE, "ServicesResolved", NULL);
        if (order == GATT_AFTER_RESOLVED)
                device_set_gatt(d, true);
        if (d->has_battery && !d->battery_exported && s->bus) {
                d->battery_exported = true;
                object_emit_battery(d, true);
        }
}

void device_set_battery(Device *d, int percentage)
{
        if (percentage < 0) {
                device_hide_battery(d);
                d->has_battery = false;
                return;
        }
        d->has_battery = true;
        d->battery = (uint8_t)percentage;
        if (d->battery_exported)
                object_emit_changed(d->standin, d->path, BLUEZ_BATTERY_INTERFACE, "Percentage", NULL);
        else if (d->resolved && d->standin->bus) {
                d->battery_exported = true;
                object_emit_battery(d, true);
        }
}

static int device_on_attempt(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Device *d = userdata;

        device_cancel_connect(d, "le-connection-abort-by-local");
        device_reconsider(d);
        return 0;
}

void device_connect(Device *d, sd_bus_message *call)
{
        d->rests = false;
        d->connect_call = sd_bus_message_ref(call);
        timer_arm(d->standin->event, &d->attempt_timer, d->standin->settings.connect_timeout_usec,
                        device_on_attempt, d);
        device_reconsider(d);
}

void device_cancel_connect(Device *d, const char *reason)
{
        timer_disarm(&d->attempt_timer);
        timer_disarm(&d->link_timer);
        if (d->connect_call)
                calls_reply_failed(&d->connect_call, reason);
}

/* -- Notifications -- */

void characteristic_remove(Characteristic *c)
{
        object_emit_removed(c->device->standin, c->path);
        c->gone = true;
        c->notifying = false;
        characteristic_drop_clients(c);
}

void characteristic_set_acquired(Characteristic *c, bool acquired)
{
        c->acquired = acquired;
        object_emit_changed(
                        c->device->standin, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "NotifyAcquired", NULL);
}

bool characteristic_is_locked(const Characteristic *c)
{
        return c->encryption != ENCRYPTION_NONE && !c->device->paired;
}

void device_set_paired(Device *d, bool paired)
{
        d->paired = paired;
        timer_disarm(&d->dead_timer);
        if (paired && d->connected && !d->resolved)
                device_resolve(d);
        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "Paired", NULL);
        device_reconsider(d);
}

bool characteristic_has_clients(const Characteristic *c)
{
        return c->clients && sd_bus_track_count(c->clients) > 0;
}

bool characteristic_has_subscriber(const Characteristic *c)
{
        return c->device->standin->bus && c->device->connected && c->device->gatt && !c->gone &&
               !characteristic_is_locked(c) && characteristic_has_clients(c);
}

static uint64_t monotonic_nsec(void)
{
        struct timespec now;

        must(clock_gettime(CLOCK_MONOTONIC, &now) < 0 ? -errno : 0);
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool characteristic_notify(Characteristic *c, const uint8_t *value, size_t size)
{
        Standin *s = c->device->standin;
        uint64_t sent_nsec;
        unsigned n;

        if (!characteristic_has_subscriber(c)) {
                log_line("note lost %s", c->device->address);
                return false;
        }
        if (size > 0)
                memcpy(c->value, value, size);
        c->size = size;
        n = sd_bus_track_count(c->clients) * s->settings.duplicate;
        sent_nsec = monotonic_nsec();
        for (unsigned i = 0; i < n; i++)
                object_emit_changed(s, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "Value", NULL);
        if (s->settings.stamps)
                log_line("note sent %" PRIu64, sent_nsec);
        return true;
}

void characteristic_set_notifying(Characteristic *c, bool notifying)
{
        c->notifying = notifying;
        object_emit_changed(c->device->standin, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "Notifying", NULL);
}

void characteristic_drop_clients(Characteristic *c)
{
        c->clients = sd_bus_track_unref(c->clients);
}
