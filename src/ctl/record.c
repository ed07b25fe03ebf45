/* SPDX-License-Identifier: MIT */
/* Records what one strap sends. Once any client has subscribed, as cardiod does, BlueZ broadcasts the strap's values to
 * every user of the machine: so all that is needed is to listen, and cardiod is not affected. Only if nobody has subscribed,
 * this does. Nothing here waits for a reply: a packet's time is when it is read. Times are CLOCK_BOOTTIME; in the file they
 * begin with its first line. */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "shared/clock.h"
#include "shared/name-owner.h"
#include "memory.h"

/* A strap may have the characteristic more than once. */
#define CHARACTERISTICS_MAX 4U
/* The maximum length of an attribute value. */
#define VALUE_MAX 512U
/* By then cardiod has subscribed, or will not. */
#define PATIENCE_USEC (5 * USEC_PER_SEC)

typedef enum LinkState { LINK_UNKNOWN, LINK_DOWN, LINK_CONNECTING, LINK_UP } LinkState;

typedef struct Listener {
        Record *record;
        sd_event *event;
        sd_event_source *patience;
        NameOwner bluez;
        sd_bus_slot *question, *subscription;
        usec_t begin_usec;

        bool connected, resolved;
        LinkState link;
        size_t n_characteristics;
        char *characteristic[CHARACTERISTICS_MAX];
        bool notifying[CHARACTERISTICS_MAX];
        char *sender; /* the characteristic whose values are recorded, the first that has sent one; NULL = none yet */
        bool received;   /* a value has come on this link */
        bool subscribed; /* by this program */
        bool deciding;   /* whether to subscribe, once the characteristics are known */
        bool advised;
        Outcome outcome;
} Listener;

/* -- The file -- */

static void stop(Listener *l, Outcome outcome)
{
        if (l->outcome == OUTCOME_DONE)
                l->outcome = outcome;
        (void)sd_event_exit(l->event, 0); /* cannot fail while the loop runs */
}

/* A line that begins with the time, or with a comment and the time. */
static _printf_(3, 4) void write_line(Listener *l, const char *before, const char *format, ...)
{
        Record *r = l->record;
        usec_t at_ms = (now_boot_usec() - l->begin_usec) / USEC_PER_MSEC;
        va_list arguments;
        off_t whole = ftello(r->file);
        int head, tail;

        if (l->outcome != OUTCOME_DONE)
                return;
        head = fprintf(r->file, "%s%" PRIu64 ".%03u ", before, at_ms / 1000, (unsigned)(at_ms % 1000));
        va_start(arguments, format);
        tail = vfprintf(r->file, format, arguments);
        va_end(arguments);
        if (head < 0 || tail < 0 || putc('\n', r->file) == EOF || fflush(r->file) != 0) {
                int error = errno;

                /* Removes a line that is only half written. */
                __fpurge(r->file);
                if (whole < 0 || ftruncate(fileno(r->file), whole) < 0)
                        (void)fail(OUTCOME_FAILED, "the last line of %s is cut", r->path);
                stop(l, fail(OUTCOME_FAILED, "cannot write %s: %s", r->path, strerror(error)));
                return;
        }
        r->bytes += (uint64_t)head + (uint64_t)tail + 1;
        if (r->bytes >= RECORD_BYTES_MAX - 4 * VALUE_MAX) {
                (void)fail(OUTCOME_DONE, "%s has %u MB, which is enough", r->path,
                                RECORD_BYTES_MAX / 1024 / 1024);
                stop(l, OUTCOME_DONE);
        }
}

/* Prints a message to the runner during the recording. */
static _printf_(2, 3) void report(const Listener *l, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (n < 0)
                out_of_memory();
        (void)fail(l->outcome, "%s", text); /* prints only, the outcome stays the same */
}

/* -- What the strap does -- */

static void link_changed(Listener *l)
{
        static const char *const names[] = {
                [LINK_DOWN] = "down", [LINK_CONNECTING] = "connecting", [LINK_UP] = "up"
        };
        LinkState link = !l->connected ? LINK_DOWN : l->resolved ? LINK_UP : LINK_CONNECTING;

        if (link == l->link)
                return;
        l->link = link;
        write_line(l, "", "link %s", names[link]);
        if (link != LINK_UP)
                return;
        l->received = false;
        if (sd_event_source_set_time_relative(l->patience, PATIENCE_USEC) < 0 ||
                        sd_event_source_set_enabled(l->patience, SD_EVENT_ONESHOT) < 0)
                report(l, "cannot set a timer");
}

static bool is_known(const Listener *l, const char *path)
{
        for (size_t i = 0; i < l->n_characteristics; i++)
                if (strcmp(l->characteristic[i], path) == 0)
                        return true;
        return false;
}

/* A value, an array of bytes. Values of a second characteristic are kept as comments. */
static void take_value(Listener *l, const char *path, json_object *value)
{
        size_t n = json_object_is_type(value, json_type_array) ? json_object_array_length(value)
                                                               : VALUE_MAX + 1;
        char hex[2 * VALUE_MAX + 1] = "-";
        bool other;

        if (n > VALUE_MAX)
                return;
        for (size_t i = 0; i < n; i++)
                (void)snprintf(hex + 2 * i, 3, "%02x",
                                (unsigned)json_object_get_int(json_object_array_get_idx(value, i)) & 0xFFU);
        if (!l->sender)
                l->sender = checked(strdup(path));
        l->received = true;
        other = strcmp(l->sender, path) != 0;
        if (!other)
                l->record->packets++;
        write_line(l, other ? "# the other characteristic: " : "", "%s", hex);
}

static void device_changed(Listener *l, json_object *changed)
{
        json_object *value;

        if (json_object_object_get_ex(changed, "Connected", &value))
                l->connected = json_object_get_boolean(value);
        if (json_object_object_get_ex(changed, "ServicesResolved", &value))
                l->resolved = json_object_get_boolean(value);
        link_changed(l);
}

static bool is_ours(const Listener *l, const char *path)
{
        size_t n = strlen(l->record->device);

        return path && strncmp(path, l->record->device, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *changed = NULL;
        const char *path = sd_bus_message_get_path(m), *interface;
        Listener *l = userdata;
        json_object *value;

        (void)error;
        /* Malformed signals are BlueZ's fault, and dropped. */
        if (!name_owner_is_sender(&l->bluez, m) || !is_ours(l, path) ||
                        sd_bus_message_read(m, "s", &interface) < 0 || bus_read(m, &changed) < 0 ||
                        !json_object_is_type(changed, json_type_object))
                return 0;
        if (strcmp(interface, BLUEZ_DEVICE_INTERFACE) == 0 && strcmp(path, l->record->device) == 0)
                device_changed(l, changed);
        else if (strcmp(interface, BLUEZ_CHARACTERISTIC_INTERFACE) == 0 && is_known(l, path) &&
                        json_object_object_get_ex(changed, "Value", &value))
                take_value(l, path, value);
        return 0;
}

/* -- Its objects -- */

static void forget_characteristics(Listener *l)
{
        for (size_t i = 0; i < l->n_characteristics; i++)
                free(l->characteristic[i]);
        l->n_characteristics = 0;
}

static void forget_characteristic(Listener *l, const char *path)
{
        for (size_t i = 0; i < l->n_characteristics; i++)
                if (strcmp(l->characteristic[i], path) == 0) {
                        free(l->characteristic[i]);
                        l->characteristic[i] = l->characteristic[--l->n_characteristics];
                        l->notifying[i] = l->notifying[l->n_characteristics];
                        return;
                }
}

/* An object of BlueZ's, which is the strap, or a part of it, or neither. */
static void read_object(Listener *l, const char *path, json_object *interfaces)
{
        json_object *found;
        const char *uuid;

        if (!is_ours(l, path))
                return;
        if (strcmp(path, l->record->device) == 0 &&
                        json_object_object_get_ex(interfaces, BLUEZ_DEVICE_INTERFACE, &found)) {
                l->connected = json_true(found, "Connected");
                l->resolved = json_true(found, "ServicesResolved");
        }
        if (!json_object_object_get_ex(interfaces, BLUEZ_CHARACTERISTIC_INTERFACE, &found))
                return;
        uuid = json_text(found, "UUID");
        if (!uuid || strcasecmp(uuid, UUID_HEART_RATE_MEASUREMENT) != 0)
                return;
        forget_characteristic(l, path);
        if (l->n_characteristics == CHARACTERISTICS_MAX)
                return;
        l->notifying[l->n_characteristics] = json_true(found, "Notifying");
        l->characteristic[l->n_characteristics++] = checked(strdup(path));
}

static void read_objects(Listener *l, json_object *objects)
{
        forget_characteristics(l);
        l->connected = l->resolved = false;
        json_object_object_foreach(objects, path, interfaces)
        {
                read_object(l, path, interfaces);
        }
        if (l->sender && !is_known(l, l->sender))
                free(TAKE_PTR(l->sender));
        link_changed(l);
}

static void decide_subscription(Listener *l);

static int on_objects(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *objects = NULL;
        Listener *l = userdata;

        (void)error;
        l->question = sd_bus_slot_unref(l->question);
        if (!l->bluez.owner)
                return 0; /* BlueZ has exited meanwhile */
        if (sd_bus_message_is_method_error(m, NULL))
                report(l, "BlueZ does not say what it knows: %s", sd_bus_message_get_error(m)->message);
        else if (bus_read(m, &objects) >= 0 && json_object_is_type(objects, json_type_object))
                read_objects(l, objects);
        if (l->deciding)
                decide_subscription(l);
        return 0;
}

/* Queries the objects; a query that is already pending is dropped. */
static void query_objects(Listener *l)
{
        int r;

        l->question = sd_bus_slot_unref(l->question);
        r = sd_bus_call_method_async(l->record->bus, &l->question, BLUEZ_BUS_NAME, "/",
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", on_objects, l, NULL);
        if (r < 0)
                report(l, "cannot ask BlueZ: %s", strerror(-r));
}

/* Read from the signal itself: a packet may follow immediately. */
static int on_interfaces(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *interfaces = NULL;
        Listener *l = userdata;
        const char *path;

        (void)error;
        if (!name_owner_is_sender(&l->bluez, m) || sd_bus_message_read(m, "o", &path) < 0 ||
                        !is_ours(l, path) || bus_read(m, &interfaces) < 0)
                return 0;
        if (sd_bus_message_is_signal(m, NULL, "InterfacesAdded") &&
                        json_object_is_type(interfaces, json_type_object))
                read_object(l, path, interfaces);
        else if (strcmp(path, l->record->device) == 0)
                l->connected = l->resolved = false;
        else
                forget_characteristic(l, path);
        if (l->sender && !is_known(l, l->sender))
                free(TAKE_PTR(l->sender));
        link_changed(l);
        return 0;
}

static void on_owner(void *userdata, const char *before, const char *after)
{
        Listener *l = userdata;

        l->subscribed = false;
        if (before && !after)
                write_line(l, "# ", "bluetoothd has gone");
        if (after) {
                query_objects(l);
                return;
        }
        forget_characteristics(l);
        l->connected = l->resolved = false;
        if (before)
                link_changed(l);
}

/* -- Silence -- */

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        Listener *l = userdata;

        (void)error;
        l->subscription = sd_bus_slot_unref(l->subscription);
        l->subscribed = !e;
        if (e)
                report(l, "BlueZ does not subscribe to its heart rates: %s%s",
                                e->message ? e->message : e->name,
                                sd_bus_error_has_name(e, "org.bluez.Error.NotPermitted")
                                                ? "; another program may hold them: close it"
                                                : "");
        return 0;
}

static void subscribe(Listener *l)
{
        int r;

        l->subscription = sd_bus_slot_unref(l->subscription);
        r = sd_bus_call_method_async(l->record->bus, &l->subscription, BLUEZ_BUS_NAME, l->characteristic[0],
                        BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify", on_subscribed, l, NULL);
        if (r < 0)
                report(l, "cannot ask BlueZ for its heart rates: %s", strerror(-r));
}

static void decide_subscription(Listener *l)
{
        bool notifying = false;

        l->deciding = false;
        if (l->received || l->link != LINK_UP)
                return;
        for (size_t i = 0; i < l->n_characteristics; i++)
                notifying = notifying || l->notifying[i];
        if (l->n_characteristics > 0 && (l->subscribed || !notifying)) {
                subscribe(l);
                return;
        }
        if (!l->advised)
                report(l, "nothing has come yet: %s",
                                l->n_characteristics == 0
                                                ? "it offers no heart rate"
                                                : "another program has subscribed, and the strap sends nothing");
        l->advised = true;
}

/* The link has been up for a while, and no value has come: has any client subscribed? */
static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        Listener *l = userdata;

        (void)source, (void)usec;
        l->deciding = true;
        query_objects(l);
        return 0;
}

/* -- The loop -- */

static int on_end(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source, (void)usec;
        stop(userdata, OUTCOME_DONE);
        return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)source, (void)info;
        stop(userdata, OUTCOME_DONE);
        return 0;
}

static int on_bus_gone(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)m, (void)error;
        stop(userdata, fail(OUTCOME_UNREACHABLE, "the system bus has gone; what was written is whole"));
        return 0;
}

static int listen_to_bus(Listener *l)
{
        static const char from[] = "type='signal',sender='" BLUEZ_BUS_NAME "',interface=";
        sd_bus *bus = l->record->bus;
        _cleanup_free_ char *properties = NULL, *objects = NULL;
        int r;

        if (asprintf(&properties, "%s'org.freedesktop.DBus.Properties',path_namespace='%s'", from,
                            l->record->device) < 0 ||
                        asprintf(&objects, "%s'org.freedesktop.DBus.ObjectManager'", from) < 0)
                out_of_memory();
        r = sd_bus_add_match_async(bus, NULL, properties, on_properties, NULL, l);
        if (r >= 0)
                r = sd_bus_add_match_async(bus, NULL, objects, on_interfaces, NULL, l);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/DBus/Local",
                                "org.freedesktop.DBus.Local", "Disconnected", on_bus_gone, l);
        if (r >= 0)
                r = name_owner_start(&l->bluez, bus, BLUEZ_BUS_NAME, on_owner, l);
        if (r >= 0)
                r = sd_bus_attach_event(bus, l->event, SD_EVENT_PRIORITY_NORMAL);
        return r;
}

static int begin(Listener *l)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaddset(&mask, signals[i]);
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);

        r = sd_event_new(&l->event);
        for (size_t i = 0; i < ELEMENTSOF(signals) && r >= 0; i++)
                r = sd_event_add_signal(l->event, NULL, signals[i], on_signal, l);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                l->event, NULL, CLOCK_BOOTTIME, l->record->length_usec, 0, on_end, l);
        if (r >= 0)
                r = sd_event_add_time_relative(l->event, &l->patience, CLOCK_BOOTTIME, 0, 0, on_patience, l);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->patience, SD_EVENT_OFF);
        return r < 0 ? r : listen_to_bus(l);
}

Outcome record_run(Record *record)
{
        Listener l = { .record = record, .begin_usec = now_boot_usec() };
        int r = begin(&l);

        if (r >= 0)
                r = sd_event_loop(l.event);
        record->lasted_usec = now_boot_usec() - l.begin_usec;
        if (r >= 0)
                write_line(&l, "# ", "the recording ends");
        name_owner_stop(&l.bluez);
        sd_bus_slot_unref(l.question);
        sd_bus_slot_unref(l.subscription);
        (void)sd_bus_detach_event(record->bus);
        sd_event_source_unref(l.patience);
        sd_event_unref(l.event);
        forget_characteristics(&l);
        free(l.sender);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot listen to BlueZ: %s", strerror(-r));
        return l.outcome;
}
