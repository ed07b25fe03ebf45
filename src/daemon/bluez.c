/* SPDX-License-Identifier: MIT */
/* What BlueZ has: a mirror of its adapters, devices and heart-rate characteristics, built from GetManagedObjects and
 * kept by signals. A signal for something unknown makes it known, so nothing depends on their order. When the owner of
 * org.bluez changes the mirror is dropped and built anew. Every signal's sender is compared with that owner, since any
 * local user may send us one. Times are CLOCK_BOOTTIME. No call is waited for. */

#include "bluez-internal.h"

#include <stdlib.h>
#include <sys/random.h>

#include "cardio/bus-api.h"
#include "clock.h"
#include "log.h"

#define SNAPSHOT_RETRY_USEC   (1 * USEC_PER_SEC)
#define SNAPSHOT_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define BACK_OFF_FIRST_USEC   (2 * USEC_PER_SEC)
#define BACK_OFF_LONGEST_USEC (60 * USEC_PER_SEC)

usec_t bluez_back_off(unsigned failures)
{
        usec_t length_usec = BACK_OFF_FIRST_USEC;
        uint16_t jitter = 0;

        for (unsigned i = 1; i < failures && length_usec < BACK_OFF_LONGEST_USEC; i++)
                length_usec *= 2;
        if (length_usec > BACK_OFF_LONGEST_USEC)
                length_usec = BACK_OFF_LONGEST_USEC;
        (void)!getrandom(&jitter, sizeof(jitter), GRND_NONBLOCK); /* without it only the jitter is missing */
        return length_usec - length_usec / 4 * jitter / UINT16_MAX;
}

bool bluez_is_sender(const Bluez *b, sd_bus_message *m)
{
        const char *sender = sd_bus_message_get_sender(m);

        return b->owner && sender && strcmp(b->owner, sender) == 0;
}

bool bluez_running(const Bluez *b)
{
        return b->owner;
}

/* -- The mirror -- */

/* Is path below parent? */
static bool path_below(const char *path, const char *parent)
{
        size_t n = strlen(parent);

        return strncmp(path, parent, n) == 0 && path[n] == '/';
}

static Adapter *adapter_find(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_adapters; i++)
                if (strcmp(b->adapters[i]->path, path) == 0)
                        return b->adapters[i];
        return NULL;
}

Adapter *bluez_adapter_of(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_adapters; i++)
                if (path_below(path, b->adapters[i]->path))
                        return b->adapters[i];
        return NULL;
}

static Device *device_find(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->path, path) == 0)
                        return b->devices[i];
        return NULL;
}

static Device *device_of(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (path_below(path, b->devices[i]->path))
                        return b->devices[i];
        return NULL;
}

/* The device whose heart-rate measurement this is. Asked for each heartbeat: paths differ at their ends. */
static Device *device_of_measurement(Bluez *b, const char *path)
{
        size_t n = strlen(path);

        for (size_t i = 0; i < b->n_devices; i++) {
                const char *p = b->devices[i]->measurement_path;
                if (p && strlen(p) == n && memcmp(p, path, n) == 0)
                        return b->devices[i];
        }
        return NULL;
}

static Adapter *adapter_ensure(Bluez *b, const char *path)
{
        Adapter *a = adapter_find(b, path);

        if (a)
                return a;
        if (b->n_adapters == BLUEZ_ADAPTERS_MAX) {
                log_warning("%s: ignored, more than %u adapters", path, BLUEZ_ADAPTERS_MAX);
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

static void bluez_remove_device(Bluez *b, const char *path)
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

/* Drops a stranger, so that a room, or an attacker, full of them keeps no strap away. */
static void bluez_make_room(Bluez *b)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (!device_is_strap(b->devices[i])) {
                        bluez_remove_device(b, b->devices[i]->path);
                        return;
                }
}

static Device *device_ensure(Bluez *b, const char *path)
{
        Device *d = device_find(b, path);

        if (d)
                return d;
        if (b->n_devices == BLUEZ_DEVICES_MAX)
                bluez_make_room(b);
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
        d->link_usec = now_boot_usec();
        b->devices[b->n_devices++] = d;
        return d;
}

/* A characteristic, …/dev_X/serviceN/charN, may be told before its device. */
static Device *device_ensure_of(Bluez *b, const char *path)
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
        return slash && strncmp(slash, "/dev_", 5) == 0 ? device_ensure(b, parent) : NULL;
}

static void bluez_remove_adapter(Bluez *b, const char *path)
{
        for (size_t i = 0; i < b->n_adapters; i++) {
                if (strcmp(b->adapters[i]->path, path) != 0)
                        continue;
                adapter_free(b->adapters[i]);
                b->adapters[i] = b->adapters[--b->n_adapters];
                return;
        }
}

/* BlueZ went away. Its straps are still the runner's: they are waited for until it is back and tells otherwise. */
static void bluez_lose_all(Bluez *b)
{
        while (b->n_adapters > 0)
                bluez_remove_adapter(b, b->adapters[b->n_adapters - 1]->path);
        for (size_t i = 0; i < b->n_devices; i++)
                device_lose(b->devices[i]);
}

/* -- Reading properties. Each returns > 0 if the property was one of its own and read, 0 if it is to be skipped. -- */

static int read_bool(sd_bus_message *m, bool *ret)
{
        int value, r = sd_bus_message_read(m, "v", "b", &value);

        if (r > 0)
                *ret = value;
        return r;
}

static int read_uuids(sd_bus_message *m, const char *wanted, bool *ret)
{
        const char *uuid;
        bool found = false;
        int r = sd_bus_message_enter_container(m, 'v', "as");

        if (r > 0)
                r = sd_bus_message_enter_container(m, 'a', "s");
        if (r <= 0)
                return r;
        while ((r = sd_bus_message_read(m, "s", &uuid)) > 0)
                found = found || strcasecmp(uuid, wanted) == 0;
        if (r < 0)
                return r;
        *ret = found;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int adapter_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Adapter *a = adapter_ensure(b, path);

        return a && strcmp(name, "Powered") == 0 ? read_bool(m, &a->powered) : 0;
}

static int device_read_name(Device *d, sd_bus_message *m)
{
        const char *name;
        char *copy;
        int r = sd_bus_message_read(m, "v", "s", &name);

        if (r <= 0)
                return r;
        copy = strdup(name);
        if (!copy)
                return -ENOMEM;
        free(d->name);
        d->name = copy;
        d->reported.name = NULL;
        return 1;
}

/* AA:BB:CC:DD:EE:FF. It becomes part of an object path of ours. */
static bool address_is_valid(const char *address)
{
        size_t i = 0;

        for (; i < ADDRESS_STRING_MAX - 1 && address[i]; i++)
                if (i % 3 == 2 ? address[i] != ':' : !strchr("0123456789ABCDEFabcdef", address[i]))
                        return false;
        return i == ADDRESS_STRING_MAX - 1 && !address[i];
}

static int device_read_address(Device *d, sd_bus_message *m)
{
        const char *address;
        int r = sd_bus_message_read(m, "v", "s", &address);

        if (r <= 0 || strcmp(address, d->address) == 0)
                return r;
        if (!address_is_valid(address)) {
                log_debug("%s: ignored, its address is none", d->path);
                return r;
        }
        device_withdraw(d); /* a random address was resolved: the one before is known no more */
        (void)stpcpy(d->address, address); /* the end is of no use */
        return r;
}

static int device_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Device *d = device_ensure(b, path);
        bool value;
        int r;

        if (!d)
                return 0;
        if (strcmp(name, "Address") == 0)
                return device_read_address(d, m);
        if (strcmp(name, "Name") == 0)
                return device_read_name(d, m);
        if (strcmp(name, "UUIDs") == 0)
                return read_uuids(m, UUID_HEART_RATE_SERVICE, &d->heart_rate_service);
        if (strcmp(name, "Trusted") == 0)
                return read_bool(m, &d->trusted);
        if (strcmp(name, "Paired") == 0)
                return read_bool(m, &d->paired);
        if (strcmp(name, "RSSI") == 0) {
                d->discovered = b->snapshot_done;
                return 0;
        }
        if (strcmp(name, "Connected") == 0) {
                r = read_bool(m, &value);
                if (r > 0)
                        device_set_link(d, value, d->resolved);
                return r;
        }
        if (strcmp(name, "ServicesResolved") == 0) {
                r = read_bool(m, &value);
                /* Services are those of a link. BlueZ does not tell Connected=true when the link's socket was quicker
                 * than the kernel's event. */
                if (r > 0)
                        device_set_link(d, d->connected || value, value);
                return r;
        }
        return 0;
}

static int battery_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        Device *d = device_ensure(b, path);
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
        Device *d = device_ensure_of(b, path);
        char **slot, *copy;

        if (!d)
                return 0;
        slot = strcasecmp(uuid, UUID_HEART_RATE_MEASUREMENT) == 0 ? &d->measurement_path
               : strcasecmp(uuid, UUID_BODY_SENSOR_LOCATION) == 0 ? &d->location_path
                                                                  : NULL;
        if (!slot || (*slot && strcmp(*slot, path) == 0))
                return 0;
        copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        free(*slot);
        *slot = copy;
        if (slot == &d->measurement_path) {
                d->notifying = false;
                d->notify_slot = sd_bus_slot_unref(d->notify_slot); /* it was about the path before */
        }
        return 0;
}

static int characteristic_property(Bluez *b, const char *path, const char *name, sd_bus_message *m)
{
        const char *uuid;
        int r;

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

typedef int (*PropertyFunc)(Bluez *b, const char *path, const char *name, sd_bus_message *m);

static PropertyFunc property_func(const char *interface)
{
        static const struct {
                const char *interface;
                PropertyFunc func;
        } table[] = {
                { BLUEZ_ADAPTER_INTERFACE, adapter_property },
                { BLUEZ_DEVICE_INTERFACE, device_property },
                { BLUEZ_BATTERY_INTERFACE, battery_property },
                { BLUEZ_CHARACTERISTIC_INTERFACE, characteristic_property },
                { BLUEZ_GATT_MANAGER_INTERFACE, manager_property },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strcmp(table[i].interface, interface) == 0)
                        return table[i].func;
        return NULL;
}

/* a{sv} */
static int read_properties(Bluez *b, const char *path, PropertyFunc func, sd_bus_message *m)
{
        const char *name;
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = func(b, path, name, m);
                if (r == 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static void after_interface(Bluez *b, const char *path, const char *interface)
{
        Adapter *a;

        if (strcmp(interface, BLUEZ_GATT_MANAGER_INTERFACE) == 0) {
                a = adapter_ensure(b, path);
                if (a) {
                        a->gatt_manager = true;
                        adapter_register(a);
                }
        }
}

/* a{sa{sv}}: what one object has. */
static int read_interfaces(Bluez *b, const char *path, sd_bus_message *m)
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
                r = func ? read_properties(b, path, func, m) : sd_bus_message_skip(m, "a{sv}");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
                after_interface(b, path, interface);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* What changed at a path may matter to the device there, above it, or to all devices of an adapter. */
static void evaluate_path(Bluez *b, const char *path)
{
        Adapter *a = adapter_find(b, path);

        for (size_t i = 0; i < b->n_devices; i++) {
                Device *d = b->devices[i];
                if (strcmp(d->path, path) == 0 || path_below(path, d->path) ||
                                (a && path_below(d->path, a->path)))
                        device_evaluate(d);
        }
}

/* -- Signals -- */

static int log_message(int r, sd_bus_message *m)
{
        if (r < 0)
                log_warning("BlueZ sent a %s of %s that cannot be read: %s", sd_bus_message_get_member(m),
                                sd_bus_message_get_path(m), strerror(-r));
        return 0;
}

static int on_interfaces_added(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *path;
        bool known;
        int r;

        (void)error;
        if (!bluez_is_sender(b, m))
                return 0;
        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return log_message(r, m);
        known = adapter_find(b, path);
        r = read_interfaces(b, path, m);
        if (r >= 0)
                evaluate_path(b, path);
        /* Which of the devices that we wait for does it still have? */
        if (!known && adapter_find(b, path))
                bluez_resync(b);
        return log_message(r, m);
}

static void interface_removed(Bluez *b, const char *path, const char *interface)
{
        Device *d;
        Adapter *a;

        if (strcmp(interface, BLUEZ_DEVICE_INTERFACE) == 0) {
                bluez_remove_device(b, path);
        } else if (strcmp(interface, BLUEZ_ADAPTER_INTERFACE) == 0) {
                bluez_remove_adapter(b, path);
        } else if (strcmp(interface, BLUEZ_GATT_MANAGER_INTERFACE) == 0) {
                a = adapter_find(b, path);
                if (a)
                        a->gatt_manager = a->registered = false;
        } else if (strcmp(interface, BLUEZ_CHARACTERISTIC_INTERFACE) == 0) {
                d = device_of(b, path);
                if (d && d->measurement_path && strcmp(d->measurement_path, path) == 0) {
                        free(TAKE_PTR(d->measurement_path));
                        d->notifying = false;
                        d->notify_slot = sd_bus_slot_unref(d->notify_slot);
                        d->link_usec = now_boot_usec();
                } else if (d && d->location_path && strcmp(d->location_path, path) == 0) {
                        free(TAKE_PTR(d->location_path));
                }
        }
}

static int on_interfaces_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *path, *interface;
        int r;

        (void)error;
        if (!bluez_is_sender(b, m))
                return 0;
        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &interface)) > 0)
                interface_removed(b, path, interface);
        if (r >= 0)
                evaluate_path(b, path);
        return log_message(r, m);
}

static int on_properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *path = sd_bus_message_get_path(m), *interface;
        PropertyFunc func;
        int r;

        (void)error;
        if (!bluez_is_sender(b, m))
                return 0;
        r = sd_bus_message_read(m, "s", &interface);
        if (r < 0)
                return log_message(r, m);
        func = property_func(interface);
        if (!func)
                return 0;
        r = read_properties(b, path, func, m);
        if (r >= 0)
                evaluate_path(b, path);
        return log_message(r, m);
}

/* The heartbeat's door: Value of a characteristic. */
static int read_value(Device *d, sd_bus_message *m)
{
        const char *name;
        const void *value;
        size_t size;
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0 && strcmp(name, "Value") == 0) {
                        r = sd_bus_message_enter_container(m, 'v', "ay");
                        if (r > 0)
                                r = sd_bus_message_read_array(m, 'y', &value, &size);
                        if (r > 0)
                                device_value(d, value, size);
                        return r;
                }
                if (r >= 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int on_characteristic_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        Device *d;
        int r;

        (void)error;
        if (!bluez_is_sender(b, m))
                return 0;
        d = device_of_measurement(b, sd_bus_message_get_path(m));
        if (!d)
                return 0;
        r = sd_bus_message_skip(m, "s");
        if (r >= 0)
                r = read_value(d, m);
        return log_message(r, m);
}

/* -- The whole -- */

static int on_snapshot_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bluez *b = userdata;

        (void)source, (void)usec;
        b->snapshot_retry = sd_event_source_disable_unref(b->snapshot_retry);
        bluez_resync(b);
        return 0;
}

static void bluez_resync_later(Bluez *b)
{
        int r = sd_event_add_time_relative(b->event, &b->snapshot_retry, CLOCK_BOOTTIME, SNAPSHOT_RETRY_USEC,
                        0, on_snapshot_retry, b);

        if (r < 0)
                log_error("Cannot ask BlueZ for its objects: %s", strerror(-r));
}

/* A device that we have and the snapshot has not is gone; but what its adapter has is not known before that is there,
 * and bluetoothd takes its name before it has found its adapters. */
static int read_snapshot(Bluez *b, sd_bus_message *m)
{
        const char *path;
        Device *d;
        int r;

        for (size_t i = 0; i < b->n_devices; i++)
                b->devices[i]->told = false;
        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = sd_bus_message_read(m, "o", &path);
                if (r >= 0)
                        r = read_interfaces(b, path, m);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                d = r < 0 ? NULL : device_find(b, path);
                if (d)
                        d->told = true;
        }
        if (r < 0)
                return r;
        for (size_t i = b->n_devices; i-- > 0;)
                if (!b->devices[i]->told && bluez_adapter_of(b, b->devices[i]->path))
                        bluez_remove_device(b, b->devices[i]->path);
        return 0;
}

static int on_snapshot(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        int r;

        (void)error;
        b->snapshot_slot = sd_bus_slot_unref(b->snapshot_slot);
        r = e ? -sd_bus_error_get_errno(e) : bluez_is_sender(b, m) ? read_snapshot(b, m) : -EPERM;
        if (r < 0) {
                log_debug("BlueZ does not tell its objects: %s; asking again", e ? e->message : strerror(-r));
                bluez_resync_later(b);
                return 0;
        }
        b->snapshot_done = true;
        for (size_t i = 0; i < b->n_devices; i++)
                device_evaluate(b->devices[i]);
        return 0;
}

void bluez_resync(Bluez *b)
{
        sd_bus_message *call = NULL;
        int r;

        if (!b->owner || b->snapshot_slot || b->snapshot_retry)
                return;
        r = sd_bus_message_new_method_call(b->bus, &call, BLUEZ_BUS_NAME, "/",
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        if (r >= 0)
                r = sd_bus_call_async(b->bus, &b->snapshot_slot, call, on_snapshot, b, SNAPSHOT_TIMEOUT_USEC);
        sd_bus_message_unref(call);
        if (r < 0)
                bluez_resync_later(b);
}

static void bluez_set_owner(Bluez *b, const char *owner)
{
        char *copy = NULL;

        if (owner && owner[0]) {
                copy = strdup(owner);
                if (!copy) {
                        log_error("Cannot follow BlueZ: out of memory");
                        return;
                }
        }
        if (b->owner && copy && strcmp(b->owner, copy) == 0) {
                free(copy);
                return;
        }
        if (!!b->owner != !!copy)
                log_info("BlueZ (org.bluez) is %s", copy ? "there" : "gone; waiting for it");
        bluez_lose_all(b);
        b->snapshot_slot = sd_bus_slot_unref(b->snapshot_slot);
        b->snapshot_retry = sd_event_source_disable_unref(b->snapshot_retry);
        b->snapshot_done = false;
        free(b->owner);
        b->owner = copy;
        b->handlers->running_changed(b->userdata);
        bluez_resync(b);
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *before, *after, *sender = sd_bus_message_get_sender(m);

        (void)error;
        if (!sender || strcmp(sender, "org.freedesktop.DBus") != 0)
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && strcmp(name, BLUEZ_BUS_NAME) == 0)
                bluez_set_owner(userdata, after);
        return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *owner;

        (void)error;
        b->owner_slot = sd_bus_slot_unref(b->owner_slot);
        if (sd_bus_message_is_method_error(m, NULL))
                log_info("BlueZ (org.bluez) is not running; waiting for it");
        else if (sd_bus_message_read(m, "s", &owner) >= 0)
                bluez_set_owner(b, owner);
        return 0;
}

#define PROPERTIES_CHANGED                                              \
        "type='signal',sender='org.bluez',path_namespace='/org/bluez'," \
        "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',arg0="

static int bluez_add_matches(Bluez *b)
{
        const struct {
                const char *match;
                sd_bus_message_handler_t handler;
        } matches[] = {
                { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                  "member='NameOwnerChanged',arg0='org.bluez'",
                                on_owner_changed },
                { "type='signal',sender='org.bluez',path='/',interface='org.freedesktop.DBus.ObjectManager',"
                  "member='InterfacesAdded'",
                                on_interfaces_added },
                { "type='signal',sender='org.bluez',path='/',interface='org.freedesktop.DBus.ObjectManager',"
                  "member='InterfacesRemoved'",
                                on_interfaces_removed },
                { PROPERTIES_CHANGED "'" BLUEZ_ADAPTER_INTERFACE "'", on_properties_changed },
                { PROPERTIES_CHANGED "'" BLUEZ_DEVICE_INTERFACE "'", on_properties_changed },
                { PROPERTIES_CHANGED "'" BLUEZ_BATTERY_INTERFACE "'", on_properties_changed },
                { PROPERTIES_CHANGED "'" BLUEZ_CHARACTERISTIC_INTERFACE "'", on_characteristic_changed },
        };

        _Static_assert(ELEMENTSOF(matches) <= ELEMENTSOF(((Bluez *)0)->match_slots), "a slot for each match");
        for (size_t i = 0; i < ELEMENTSOF(matches); i++) {
                int r = sd_bus_add_match_async(
                                b->bus, &b->match_slots[i], matches[i].match, matches[i].handler, NULL, b);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bluez_new(sd_event *event, sd_bus *bus, const BluezConfig *config, const BluezHandlers *handlers,
                void *userdata, Bluez **ret)
{
        _cleanup_(bluez_freep) Bluez *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->event = sd_event_ref(event);
        b->bus = sd_bus_ref(bus);
        b->config = *config;
        b->handlers = handlers;
        b->userdata = userdata;

        r = profile_export(b);
        if (r >= 0)
                r = bluez_add_matches(b);
        /* Asked after the match is in place: whatever happens in between is told by one or the other. */
        if (r >= 0)
                r = sd_bus_call_method_async(bus, &b->owner_slot, "org.freedesktop.DBus",
                                "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner", on_owner, b,
                                "s", BLUEZ_BUS_NAME);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(b);
        return 0;
}

void bluez_configure(Bluez *b, const BluezConfig *config)
{
        b->config = *config;
        for (size_t i = 0; i < b->n_devices; i++)
                device_evaluate(b->devices[i]);
}

Bluez *bluez_free(Bluez *b)
{
        if (!b)
                return NULL;
        /* The end of the program: nobody wants to hear of straps any more. */
        while (b->n_devices > 0)
                device_free(b->devices[--b->n_devices]);
        while (b->n_adapters > 0)
                adapter_free(b->adapters[--b->n_adapters]);
        for (size_t i = 0; i < ELEMENTSOF(b->match_slots); i++)
                sd_bus_slot_unref(b->match_slots[i]);
        sd_bus_slot_unref(b->owner_slot);
        sd_bus_slot_unref(b->snapshot_slot);
        sd_bus_slot_unref(b->profile_slot);
        sd_bus_slot_unref(b->object_manager_slot);
        sd_event_source_disable_unref(b->snapshot_retry);
        free(b->owner);
        sd_bus_unref(b->bus);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
