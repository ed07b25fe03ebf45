/* SPDX-License-Identifier: MIT */
/* The BlueZ client: the signals that keep the mirror of BlueZ's objects current, the public functions, and the evaluation of
 * what is dirty. When the owner of org.bluez changes the mirror is read again. Every signal's sender is compared with that
 * owner, since any local user may send us one. Times are CLOCK_BOOTTIME. No call blocks.
 *
 * Who calls whom; only downwards, also where an arrow is left out:
 *
 *   a message of BlueZ ───────────▶ bluez ◀─────────── bluez_scan(), bluez_configure() …
 *                  ┌──────────────────┼─────────────────┐ evaluation, in this order
 *      what it is  ▼                  │ a value         ▼ what follows
 *            snapshot ◀───────────────│──────────── 1. is the mirror stale?
 *            piecemeal                │             2. device
 *            mirror                   │             3. scan
 *            profile, services        ▼             4. task
 *                  │              measurement           │
 *                  └─────────────▶  heal  ◀─────────────┘
 *                      objects, characteristic, sensor, radio
 *                          call, dirty, owner, policy
 *
 * What is on the left changes what we know and marks it dirty (dirty.h), and so do replies and timers, wherever they arrive.
 * What is on the right is called only by the evaluation in this file: it looks at all that is known, and does the one thing
 * that is next. So nothing is evaluated while it changes, or within another evaluation. The handlers of bluez.h are called
 * from sensor.c, scan.c, task.c and here, and from heal.c when a link is lost; a value reaches them without the evaluation. */

#include "bluez/bluez.h"

#include <stdlib.h>

#include "bluez/characteristic.h"
#include "bluez/device.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/mirror.h"
#include "bluez/objects.h"
#include "shared/name-owner.h"
#include "bluez/piecemeal.h"
#include "bluez/profile.h"
#include "bluez/scan.h"
#include "bluez/snapshot.h"
#include "bluez/task.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/text.h"
#include "shared/clock.h"
#include "log.h"

bool bluez_running(const Bluez *b)
{
        return b->owner.owner;
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
        if (!name_owner_is_sender(&b->owner, m))
                return 0;
        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return log_message(r, m);
        known = bluez_find_adapter(b, path);
        r = mirror_read_interfaces(b, path, m);
        if (mirror_is_unreadable(r)) {
                piecemeal_object(b, path);
                r = 0;
        } else if (r >= 0) {
                mirror_mark(b, path);
        }
        /* Finds out which of our devices it still has. */
        if (!known && bluez_find_adapter(b, path))
                bluez_mark_stale(b);
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
                a = bluez_find_adapter(b, path);
                if (a)
                        a->gatt_manager = a->registered = false;
        } else if (strcmp(interface, BLUEZ_CHARACTERISTIC_INTERFACE) == 0) {
                d = bluez_device_of(b, path);
                if (d)
                        device_remove_characteristic(d, path);
        }
}

static int on_interfaces_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *path, *interface;
        int r;

        (void)error;
        if (!name_owner_is_sender(&b->owner, m))
                return 0;
        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &interface)) > 0)
                interface_removed(b, path, interface);
        if (r >= 0)
                mirror_mark(b, path);
        return log_message(r, m);
}

static int on_properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *path = sd_bus_message_get_path(m), *interface;
        int r;

        (void)error;
        if (!name_owner_is_sender(&b->owner, m))
                return 0;
        r = sd_bus_message_read(m, "s", &interface);
        if (r >= 0)
                r = mirror_read_changes(b, path, interface, m);
        if (mirror_is_unreadable(r)) {
                piecemeal_object(b, path);
                return 0;
        }
        if (r >= 0)
                mirror_mark(b, path);
        return log_message(r, m);
}

/* Another program has acquired its notifications, or released them. */
static int read_acquired(Characteristic *c, sd_bus_message *m)
{
        int acquired, r = sd_bus_message_read(m, "v", "b", &acquired);

        if (r > 0)
                characteristic_acquired(c, acquired);
        return r;
}

/* Value among the properties of a characteristic. Each of sd-bus's steps costs as much as the whole core, so none is repeated. */
static int read_value(Characteristic *c, sd_bus_message *m)
{
        const char *interface, *name;
        const void *value;
        size_t size;
        int r = sd_bus_message_read_basic(m, 's', &interface);

        if (r < 0 || strcmp(interface, BLUEZ_CHARACTERISTIC_INTERFACE) != 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read_basic(m, 's', &name);
                if (r >= 0 && strcmp(name, "Value") == 0) {
                        r = sd_bus_message_enter_container(m, 'v', "ay");
                        if (r > 0)
                                r = sd_bus_message_read_array(m, 'y', &value, &size);
                        if (r > 0)
                                c->kind->take(c, value, size);
                        return r;
                }
                if (r >= 0 && strcmp(name, "NotifyAcquired") == 0)
                        return read_acquired(c, m);
                if (r >= 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

/* Bytes, with most processors. */
#define CACHE_LINE 64

/* The ends of the section of _hot_, which the linker names so. */
extern const char __start_heart_rate[], __stop_heart_rate[];

/* A program that wakes once a second finds nothing of itself in the processor's caches. Asked for in one go the code of a heart
 * rate is there when it is needed, rather than waited for line by line: tests/bench/RESULTS.md has what that saves. */
static void fetch_code(void)
{
        for (const char *p = __start_heart_rate; p < __stop_heart_rate; p += CACHE_LINE)
                __builtin_prefetch(p, 0, 2); /* to be read, and not into the first cache, which is for data */
}

_hot_ static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const char *path;
        Characteristic *c;

        fetch_code();
        path = sd_bus_message_get_path(m);
        c = path ? bluez_find_characteristic(b, path) : NULL;
        (void)error;
        /* Only BlueZ has a reason to call us here: anybody else, who perhaps never reads, gets no answer. */
        if (!name_owner_is_sender(&b->owner, m))
                return sd_bus_message_is_method_call(m, NULL, NULL) > 0;
        if (!c || !c->kind->subscribed ||
                        sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged") <=
                                        0)
                return 0;
        (void)log_message(read_value(c, m), m);
        return 1; /* nobody else waits for it */
}

/* Messages that on_message() has not handled are of characteristics that do not matter. */
static int on_characteristic_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)m, (void)userdata, (void)error;
        return 0;
}

/* -- Evaluation -- */

static bool take(bool *dirty)
{
        bool was = *dirty;

        *dirty = false;
        return was;
}

/* The order matters: discovery pauses while a task connects, and tasks depend on devices. What an evaluation marks is handled
 * by the next one, which comes at once. */
static void bluez_evaluate(Bluez *b)
{
        if (take(&b->dirty.objects))
                snapshot_ask(b);
        for (size_t i = 0; i < b->n_devices; i++)
                if (take(&b->devices[i]->dirty))
                        device_evaluate(b->devices[i]);
        if (take(&b->dirty.running))
                b->handlers->running_changed(b->userdata);
        if (take(&b->dirty.scan))
                scan_evaluate(b);
        if (take(&b->dirty.tasks))
                tasks_evaluate(b);
}

static int on_evaluation(sd_event_source *source, void *userdata)
{
        (void)source;
        bluez_evaluate(userdata);
        return 0;
}

/* Its priority is higher than that of reading: a message's consequences come before the next message. */
static int bluez_add_evaluation(Bluez *b)
{
        int r = sd_event_add_defer(b->event, &b->evaluation, on_evaluation, b);

        if (r >= 0)
                r = sd_event_source_set_priority(b->evaluation, SD_EVENT_PRIORITY_IMPORTANT);
        return r < 0 ? r : sd_event_source_set_enabled(b->evaluation, SD_EVENT_OFF);
}

/* -- The owner of org.bluez -- */

/* BlueZ is gone. Its sensors are still the runner's: they are waited for until it is back and reports otherwise. */
static void bluez_lose_all(Bluez *b)
{
        while (b->n_adapters > 0)
                bluez_remove_adapter(b, b->adapters[b->n_adapters - 1]->path);
        for (size_t i = 0; i < b->n_devices; i++)
                device_lose(b->devices[i]);
}

static void on_owner(void *userdata, const char *before, const char *after)
{
        Bluez *b = userdata;

        bluez_mark_scan(b);
        bluez_mark_tasks(b);
        if (!before && !after) {
                log_info("BlueZ (org.bluez) is not running; waiting for it");
                return;
        }
        if (!before != !after)
                log_info("BlueZ (org.bluez) is %s", after ? "there" : "gone; waiting for it");
        bluez_lose_all(b);
        snapshot_end(b);
        b->n_unreadable = 0;
        bluez_mark_running(b);
        bluez_mark_stale(b);
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

        r = bluez_add_evaluation(b);
        if (r >= 0)
                r = profile_export(b);
        if (r >= 0)
                r = sd_bus_add_filter(bus, &b->filter_slot, on_message, b);
        if (r >= 0)
                r = bluez_add_matches(b);
        if (r >= 0)
                r = name_owner_start(&b->owner, bus, BLUEZ_BUS_NAME, on_owner, b);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(b);
        return 0;
}

void bluez_stalled(Bluez *b)
{
        b->stalled_usec = now_boot_usec();
}

void bluez_configure(Bluez *b, const BluezConfig *config)
{
        b->config = *config;
        bluez_mark_devices(b);
        bluez_evaluate(b); /* the caller finds the effect when the call returns */
}

Bluez *bluez_free(Bluez *b)
{
        if (!b)
                return NULL;
        /* The program ends: nothing is reported any more. */
        b->evaluation = sd_event_source_disable_unref(b->evaluation);
        name_owner_stop(&b->owner);
        tasks_free(b);
        snapshot_end(b);
        while (b->n_devices > 0)
                device_free(b->devices[--b->n_devices]);
        while (b->n_adapters > 0)
                adapter_free(b->adapters[--b->n_adapters]);
        for (size_t i = 0; i < ELEMENTSOF(b->match_slots); i++)
                sd_bus_slot_unref(b->match_slots[i]);
        sd_bus_slot_unref(b->filter_slot);
        sd_bus_slot_unref(b->profile_slot);
        sd_bus_slot_unref(b->object_manager_slot);
        sd_bus_unref(b->bus);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
