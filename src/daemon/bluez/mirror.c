/* SPDX-License-Identifier: MIT */

/* The mirror of BlueZ's objects: adapters, devices, and those of their characteristics that services.c knows. A message about
 * an unknown object creates it, so the order of messages does not matter. This file only reads messages; device.c and others
 * decide what follows. Times are CLOCK_BOOTTIME. */

#include "bluez/mirror.h"

#include <stdlib.h>

#include "bluez/characteristic.h"
#include "bluez/dirty.h"
#include "bluez/heal.h"
#include "bluez/internal.h"
#include "bluez/objects.h"
#include "bluez/policy.h"
#include "bluez/profile.h"
#include "bluez/scan.h"
#include "bluez/services.h"
#include "bluez/sensor.h"
#include "cardio/bus-api.h"
#include "cardio/text.h"
#include "shared/clock.h"
#include "log.h"

#define UNREADABLE_LOGGED_MAX 16U  /* strangers come and go all day */
#define NAME_MAX_BYTES        248U /* of a name: Bluetooth Core, Vol 4, Part E, 6.23 */

static void device_drop_missing(Device *d)
{
        for (size_t i = d->n_characteristics; i-- > 0;)
                if (!d->characteristics[i]->in_snapshot)
                        device_remove_characteristic(d, d->characteristics[i]->path);
}

void mirror_begin(Bluez *b)
{
        for (size_t i = 0; i < b->n_devices; i++) {
                b->devices[i]->in_snapshot = false;
                for (size_t k = 0; k < b->devices[i]->n_characteristics; k++)
                        b->devices[i]->characteristics[k]->in_snapshot = false;
        }
}

/* Removes the devices that are not in the snapshot, except those of an adapter that is not there yet: bluetoothd takes its
 * name on the bus before it has found its adapters. */
void mirror_end(Bluez *b)
{
        for (size_t i = 0; i < b->n_devices; i++)
                device_drop_missing(b->devices[i]);
        for (size_t i = b->n_devices; i-- > 0;)
                if (!b->devices[i]->in_snapshot && bluez_adapter_of(b, b->devices[i]->path))
                        bluez_remove_device(b, b->devices[i]->path);
        b->snapshot_done = true;
}

/* -- What cannot be read -- */

bool mirror_is_unreadable(int r)
{
        return r < 0 && r != -ENOMEM;
}

void mirror_log_unreadable(Bluez *b, const char *path, const char *what, int error)
{
        Device *d = bluez_find_device(b, path);

        if ((d && d->unreadable) || b->n_unreadable == UNREADABLE_LOGGED_MAX) {
                log_debug("%s: %s cannot be read: %s", path, what, strerror(-error));
                return;
        }
        if (d)
                d->unreadable = true;
        log_warning("%s: %s cannot be read, and is left out: %s%s", path, what, strerror(-error),
                        ++b->n_unreadable == UNREADABLE_LOGGED_MAX ? "; no more is said of such things" : "");
}

/* -- Reading properties. Each returns > 0 if the property was one of its own and read, 0 if it is to be skipped. -- */

static int read_bool(sd_bus_message *m, bool *ret)
{
        int value, r = sd_bus_message_read(m, "v", "b", &value);

        if (r > 0)
                *ret = value;
        return r;
}

static int device_read_uuids(Device *d, sd_bus_message *m)
{
        const char *uuid;
        unsigned services = 0;
        bool other = false;
        int r = sd_bus_message_enter_container(m, 'v', "as");

        if (r > 0)
                r = sd_bus_message_enter_container(m, 'a', "s");
        if (r <= 0)
                return r;
        while ((r = sd_bus_message_read(m, "s", &uuid)) > 0) {
                services |= service_bit(uuid);
                other = other || policy_service_is_other(uuid);
        }
        if (r < 0)
                return r;
        d->services = services;
        d->other_service = other;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Fitness Machine Service 1.0, 3.1: flags, and which machines it is, bit 0 for a treadmill. One that says nothing may be one. */
static int device_read_machine(Device *d, sd_bus_message *m)
{
        const uint8_t *data;
        size_t size;
        int r = sd_bus_message_enter_container(m, 'v', "ay");

        if (r == -ENXIO)
                return sd_bus_message_skip(m, "v");
        if (r > 0)
                r = sd_bus_message_read_array(m, 'y', (const void **)&data, &size);
        if (r < 0)
                return r;
        d->advertises_other_machine = size >= 3 && (data[1] || data[2]) && !(data[1] & 1);
        return sd_bus_message_exit_container(m);
}

static int device_read_service_data(Device *d, sd_bus_message *m)
{
        const char *uuid;
        int r = sd_bus_message_enter_container(m, 'v', "a{sv}");

        if (r > 0)
                r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r <= 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &uuid);
                if (r >= 0)
                        r = strcasecmp(uuid, UUID_FITNESS_MACHINE_SERVICE) == 0 ? device_read_machine(d, m)
                                                                                : sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int device_read_appearance(Device *d, sd_bus_message *m)
{
        uint16_t appearance;
        int r = sd_bus_message_read(m, "v", "q", &appearance);

        if (r > 0)
                d->other_appearance = policy_appearance_is_other(appearance);
        return r;
}

static int device_read_icon(Device *d, sd_bus_message *m)
{
        const char *icon;
        int r = sd_bus_message_read(m, "v", "s", &icon);

        if (r > 0)
                d->other_icon = policy_icon_is_other(icon);
        return r;
}

/* Paired or Bonded. When it becomes true, what was refused may be granted. */
static int device_read_bond(Device *d, sd_bus_message *m, bool *flag)
{
        bool before = *flag;
        int r = read_bool(m, flag);

        if (r > 0 && *flag && !before)
                device_paired(d);
        return r;
}

static int adapter_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Adapter *a = bluez_ensure_adapter(b, path);
        int r;

        if (a && strcmp(name, "Discovering") == 0)
                return read_bool(m, &a->bluez_discovering);
        if (!a || strcmp(name, "Powered") != 0)
                return 0;
        r = read_bool(m, &a->powered);
        if (!a->powered)
                adapter_lose_scan(a);
        return r;
}

static int device_read_name(Device *d, sd_bus_message *m)
{
        const char *name;
        char *copy;
        int r = sd_bus_message_read(m, "v", "s", &name);

        if (r <= 0)
                return r;
        copy = strndup(name, utf8_fit(name, NAME_MAX_BYTES));
        if (!copy)
                return -ENOMEM;
        free(d->name);
        d->name = copy;
        d->reported.name = NULL;
        return 1;
}

static int device_read_address(Device *d, sd_bus_message *m)
{
        char address[ADDRESS_STRING_MAX];
        const char *text;
        int r = sd_bus_message_read(m, "v", "s", &text);

        if (r <= 0)
                return r;
        /* The text becomes part of our object's path. */
        if (parse_address(text, address) < 0) {
                log_debug("%s: ignored, its address is none", d->path);
                return r;
        }
        if (strcmp(address, d->address) == 0)
                return r;
        device_withdraw(d); /* a random address was resolved: the old one means nothing any more */
        memcpy(d->address, address, sizeof(d->address));
        return r;
}

static int device_read_address_type(Device *d, sd_bus_message *m)
{
        const char *type;
        int r = sd_bus_message_read(m, "v", "s", &type);

        if (r > 0)
                d->random_address = strcmp(type, "random") == 0;
        return r;
}

/* Only discovery sets it. */
static int device_read_rssi(Device *d, sd_bus_message *m)
{
        int16_t rssi;
        int r = sd_bus_message_read(m, "v", "n", &rssi);

        if (r <= 0)
                return r;
        d->rssi = rssi;
        d->discovered = d->bluez->snapshot_done;
        return r;
}

static int device_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Device *d = bluez_ensure_device(b, path);
        bool value;
        int r;

        if (!d)
                return 0;
        if (strcmp(name, "Address") == 0)
                return device_read_address(d, m);
        if (strcmp(name, "Name") == 0)
                return device_read_name(d, m);
        if (strcmp(name, "UUIDs") == 0)
                return device_read_uuids(d, m);
        if (strcmp(name, "ServiceData") == 0)
                return device_read_service_data(d, m);
        if (strcmp(name, "Appearance") == 0)
                return device_read_appearance(d, m);
        if (strcmp(name, "Icon") == 0)
                return device_read_icon(d, m);
        if (strcmp(name, "Trusted") == 0)
                return read_bool(m, &d->trusted);
        if (strcmp(name, "Paired") == 0)
                return device_read_bond(d, m, &d->paired);
        if (strcmp(name, "Bonded") == 0)
                return device_read_bond(d, m, &d->bonded);
        if (strcmp(name, "AddressType") == 0)
                return device_read_address_type(d, m);
        if (strcmp(name, "RSSI") == 0)
                return device_read_rssi(d, m);
        if (strcmp(name, "Connected") == 0) {
                r = read_bool(m, &value);
                if (r > 0)
                        device_set_link(d, value, d->resolved);
                return r;
        }
        if (strcmp(name, "ServicesResolved") == 0) {
                r = read_bool(m, &value);
                /* Services belong to a link. BlueZ does not signal Connected=true if the link's socket was quicker than the
                 * kernel's event. */
                if (r > 0)
                        device_set_link(d, d->connected || value, value);
                return r;
        }
        return 0;
}

static int battery_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Device *d = bluez_ensure_device(b, path);
        uint8_t percentage;
        int r;

        if (!d || strcmp(name, "Percentage") != 0)
                return 0;
        r = sd_bus_message_read(m, "v", "y", &percentage);
        if (r > 0 && percentage <= 100)
                d->battery = percentage;
        return r;
}

static int characteristic_uuid(Bluez *b, const char *path, const char *uuid)
{
        Device *d = strlen(path) > PATH_MAX_BYTES ? NULL : bluez_ensure_device_of(b, path);
        const CharacteristicKind *kind = characteristic_kind(uuid);

        if (d && characteristic_is_of_other_machine(uuid))
                d->other_data = true;
        return d && kind ? device_add_characteristic(d, kind, path) : 0;
}

static int characteristic_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Characteristic *c;
        const char *uuid;
        int r;

        if (strcmp(name, "NotifyAcquired") == 0) {
                c = bluez_find_characteristic(b, path);
                return c && c->kind->subscribed ? read_bool(m, &c->acquired) : 0;
        }
        if (strcmp(name, "UUID") != 0)
                return 0;
        r = sd_bus_message_read(m, "v", "s", &uuid);
        if (r > 0 && characteristic_uuid(b, path, uuid) < 0)
                return -ENOMEM;
        return r;
}

static int manager_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        (void)b, (void)path, (void)name, (void)m;
        return 0;
}

/* The properties of each interface that the functions above read. */
static const char *const adapter_names[] = { "Powered", "Discovering", NULL };
static const char *const device_names[] = { "Address", "AddressType", "Name", "Appearance", "Icon", "UUIDs",
        "ServiceData", "Trusted", "Paired", "Bonded", "RSSI", "Connected", "ServicesResolved", NULL };
static const char *const battery_names[] = { "Percentage", NULL };
static const char *const characteristic_names[] = { "UUID", NULL };
static const char *const no_names[] = { NULL };

typedef int (*PropertyFunc)(Bluez *b, const char *path, const char *name, sd_bus_message *m);

typedef struct InterfaceEntry {
        const char *interface;
        PropertyFunc func;
        const char *const *names;
} InterfaceEntry;

static const InterfaceEntry *interface_entry(const char *interface)
{
        static const InterfaceEntry table[] = {
                { BLUEZ_ADAPTER_INTERFACE, adapter_property, adapter_names },
                { BLUEZ_DEVICE_INTERFACE, device_property, device_names },
                { BLUEZ_BATTERY_INTERFACE, battery_property, battery_names },
                { BLUEZ_CHARACTERISTIC_INTERFACE, characteristic_property, characteristic_names },
                { BLUEZ_GATT_MANAGER_INTERFACE, manager_property, no_names },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strcmp(table[i].interface, interface) == 0)
                        return &table[i];
        return NULL;
}

static PropertyFunc property_func(const char *interface)
{
        const InterfaceEntry *e = interface_entry(interface);

        return e ? e->func : NULL;
}

/* Reads an a{sv}. */
static int properties_read(Bluez *b, const char *path, PropertyFunc func, sd_bus_message *m)
{
        const char *name;
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = func(b, path, name, m);
                if (r == -ENXIO) { /* of an unexpected type: nothing of it has been read */
                        mirror_log_unreadable(b, path, name, r);
                        r = 0;
                }
                if (r == 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Of the properties that BlueZ may invalidate, only this one matters. */
static void property_invalidated(Bluez *b, const char *path, const char *interface, const char *name)
{
        Device *d = bluez_find_device(b, path);

        if (d && strcmp(interface, BLUEZ_DEVICE_INTERFACE) == 0 && strcmp(name, "RSSI") == 0)
                d->rssi = 0;
}

int mirror_read_changes(Bluez *b, const char *path, const char *interface, sd_bus_message *m)
{
        PropertyFunc func = property_func(interface);
        const char *name;
        int r;

        if (!func)
                return 0;
        r = properties_read(b, path, func, m);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &name)) > 0)
                property_invalidated(b, path, interface, name);
        return r < 0 ? r : 0;
}

static void after_interface(Bluez *b, const char *path, const char *interface)
{
        Adapter *a;

        if (strcmp(interface, BLUEZ_GATT_MANAGER_INTERFACE) == 0) {
                a = bluez_ensure_adapter(b, path);
                if (a) {
                        a->gatt_manager = true;
                        adapter_register(a);
                }
        }
}

const char *mirror_interface(const char *name)
{
        const InterfaceEntry *e = interface_entry(name);

        return e ? e->interface : NULL;
}

bool mirror_has_interface(Bluez *b, const char *path, const char *interface)
{
        if (strcmp(interface, BLUEZ_DEVICE_INTERFACE) == 0 && !bluez_ensure_device(b, path))
                return false;
        if (strcmp(interface, BLUEZ_ADAPTER_INTERFACE) == 0 && !bluez_ensure_adapter(b, path))
                return false;
        after_interface(b, path, interface);
        return true;
}

const char *mirror_property(const char *interface, size_t i)
{
        return interface_entry(interface)->names[i];
}

int mirror_read_properties(Bluez *b, const char *path, const char *interface, sd_bus_message *m)
{
        return properties_read(b, path, property_func(interface), m);
}

int mirror_read_property(
                Bluez *b, const char *path, const char *interface, const char *name, sd_bus_message *m)
{
        return property_func(interface)(b, path, name, m);
}

/* Reads an a{sa{sv}}: all interfaces of one object. */
int mirror_read_interfaces(Bluez *b, const char *path, sd_bus_message *m)
{
        const char *interface;
        int r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                PropertyFunc func;
                r = sd_bus_message_read(m, "s", &interface);
                if (r < 0)
                        return r;
                func = property_func(interface);
                r = func ? properties_read(b, path, func, m) : sd_bus_message_skip(m, "a{sv}");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
                after_interface(b, path, interface);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* A change at a path may matter to the device there, to the one above it, or to all devices of an adapter. */
void mirror_mark(Bluez *b, const char *path)
{
        Adapter *a = bluez_find_adapter(b, path);

        for (size_t i = 0; i < b->n_devices; i++) {
                Device *d = b->devices[i];
                if (strcmp(d->path, path) == 0 || path_below(path, d->path) ||
                                (a && path_below(d->path, a->path)))
                        device_mark(d);
        }
        if (a || !bluez_adapter_of(b, path)) /* the adapter, or one that is gone */
                bluez_mark_scan(b);
        bluez_mark_tasks(b);
}
