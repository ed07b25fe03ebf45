/* SPDX-License-Identifier: MIT */
/* The adapters and devices of BlueZ that we know: found by their paths, created and removed. Times are CLOCK_BOOTTIME. */

#include "bluez/objects.h"

#include <stdlib.h>

#include "bluez/characteristic.h"
#include "bluez/internal.h"
#include "bluez/sensor.h"
#include "bluez/task.h"
#include "cardio/macro.h"
#include "shared/clock.h"
#include "log.h"

/* -- Finding them -- */

/* Whether path is below parent. */
bool path_below(const char *path, const char *parent)
{
        size_t n = strlen(parent);

        return strncmp(path, parent, n) == 0 && path[n] == '/';
}

Adapter *bluez_find_adapter(const Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_adapters; i++)
                if (strcmp(b->adapters[i]->path, path) == 0)
                        return b->adapters[i];
        return NULL;
}

Adapter *bluez_adapter_of(const Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_adapters; i++)
                if (path_below(path, b->adapters[i]->path))
                        return b->adapters[i];
        return NULL;
}

Device *bluez_find_device(const Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->path, path) == 0)
                        return b->devices[i];
        return NULL;
}

Device *bluez_device_of(const Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (path_below(path, b->devices[i]->path))
                        return b->devices[i];
        return NULL;
}

/* On the way of every value: nearly all devices have none, nearly all others two or three. */
_hot_ Characteristic *bluez_find_characteristic(const Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_devices; i++)
                for (size_t k = 0; k < b->devices[i]->n_characteristics; k++)
                        if (strcmp(b->devices[i]->characteristics[k]->path, path) == 0)
                                return b->devices[i]->characteristics[k];
        return NULL;
}

/* -- Adapters -- */

Adapter *adapter_free(Adapter *a)
{
        if (!a)
                return NULL;
        sd_bus_slot_unref(a->register_slot);
        sd_event_source_disable_unref(a->retry);
        sd_event_source_disable_unref(a->scan_retry);
        sd_bus_slot_unref(a->scan_slot);
        free(a->scan_error);
        free(a->path);
        free(a);
        return NULL;
}

Adapter *bluez_ensure_adapter(Bluez *b, const char *path)
{
        Adapter *a = bluez_find_adapter(b, path);

        if (a)
                return a;
        if (strlen(path) > PATH_MAX_BYTES)
                return NULL;
        if (b->n_adapters == BLUEZ_ADAPTERS_MAX) {
                if (!b->adapters_full)
                        log_warning("%s: ignored, more than %u adapters; so is any further one", path,
                                        BLUEZ_ADAPTERS_MAX);
                b->adapters_full = true;
                return NULL;
        }
        a = calloc(1, sizeof(*a));
        if (a)
                a->path = strdup(path);
        if (!a || !a->path) {
                log_error("%s: ignored, out of memory", path);
                return adapter_free(a);
        }
        a->bluez = b;
        b->adapters[b->n_adapters++] = a;
        return a;
}

void bluez_remove_adapter(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_adapters; i++) {
                if (strcmp(b->adapters[i]->path, path) != 0)
                        continue;
                adapter_free(b->adapters[i]);
                b->adapters[i] = b->adapters[--b->n_adapters];
                b->adapters_full = false;
                return;
        }
}

/* -- Devices -- */

Device *device_free(Device *d)
{
        if (!d)
                return NULL;
        sd_bus_slot_unref(d->link_slot);
        sd_event_source_disable_unref(d->timer);
        device_drop_characteristics(d);
        free(d->reason);
        free(d->name);
        free(d->path);
        free(d);
        return NULL;
}

void bluez_remove_device(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_devices; i++) {
                Device *d = b->devices[i];
                if (strcmp(d->path, path) != 0)
                        continue;
                b->devices[i] = b->devices[--b->n_devices];
                device_withdraw(d);
                device_free(d);
                return;
        }
}

/* Whether a task is about the device with this address. */
static bool is_set_up(const Bluez *b, const char *address)
{
        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                if (b->tasks[i] && strcmp(b->tasks[i]->address, address) == 0)
                        return true;
        return false;
}

/* Whether a is to be dropped rather than b. */
static bool is_stranger(const Device *a, const Device *b)
{
        bool a_sensor = device_is_sensor(a), b_sensor = device_is_sensor(b);

        if (a_sensor != b_sensor)
                return b_sensor;
        if ((a->rssi == 0) != (b->rssi == 0))
                return a->rssi == 0;
        return a->rssi < b->rssi;
}

/* Drops a stranger, so that a room (or an attacker) full of them keeps no sensor out: first one that is no sensor, since the
 * runner may be looking for the others, and the farthest of these; never one that is being trusted. */
static void make_room(Bluez *b)
{
        Device *stranger = NULL;

        for (size_t i = 0; i < b->n_devices; i++) {
                Device *d = b->devices[i];
                if (!device_is_own(d) && !is_set_up(b, d->address) && (!stranger || is_stranger(d, stranger)))
                        stranger = d;
        }
        if (stranger)
                bluez_remove_device(b, stranger->path);
}

Device *bluez_ensure_device(Bluez *b, const char *path)
{
        Device *d = bluez_find_device(b, path);

        if (d)
                return d;
        if (strlen(path) > PATH_MAX_BYTES)
                return NULL;
        if (b->n_devices == BLUEZ_DEVICES_MAX)
                make_room(b);
        if (b->n_devices == BLUEZ_DEVICES_MAX) {
                log_debug("%s: ignored, more than %u devices", path, BLUEZ_DEVICES_MAX);
                return NULL;
        }
        d = calloc(1, sizeof(*d));
        if (d)
                d->path = strdup(path);
        if (!d || !d->path) {
                log_error("%s: ignored, out of memory", path);
                return device_free(d);
        }
        d->bluez = b;
        d->number = -1;
        d->battery = -1;
        d->known = -1;
        d->link_usec = now_boot_usec();
        b->devices[b->n_devices++] = d;
        return d;
}

/* A characteristic, …/dev_X/serviceN/charN, may be signalled before its device. */
Device *bluez_ensure_device_of(Bluez *b, const char *path)
{
        _cleanup_free_ char *parent = strdup(path);
        char *slash;

        if (!parent)
                return NULL;
        for (int level = 0; level < 2; level++) {
                slash = strrchr(parent, '/');
                if (!slash)
                        return NULL;
                *slash = '\0';
        }
        slash = strrchr(parent, '/');
        return slash && strncmp(slash, "/dev_", 5) == 0 ? bluez_ensure_device(b, parent) : NULL;
}
