/* SPDX-License-Identifier: MIT */

/* The whole daemon, all of it but main(), connected by sockets to a BlueZ and callers that do anything: the bytes are a
 * script of signals, replies and calls in any order, of any type and any depth, and of time that passes. Of BlueZ only the
 * unique name is right, and mostly it is.
 *
 * Whatever comes, the database stays undamaged, has one open session at most, and holds no more heart rates than were sent;
 * and the daemon stops when it is asked to. Its clocks are the real ones plus the time that the script lets pass; the wall
 * clock begins at the same moment with each script. */

#include "daemon/manager/internal.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "daemon/bluez/internal.h"
#include "daemon/bus/callers.h"
#include "shared/clock.h"
#include "fuzz.h"

#define OWNER        ":1.7"
#define CALLER       ":1.9"
#define DAEMON       ":1.1"
#define BUS_ID       "ca4d10d1000000000000000000000001"
#define STEPS_MAX    256U
#define PENDING_MAX  64U
#define RESTARTS_MAX 3U
#define DEPTH_MAX    40U
/* Steps of this number and above are edits of sessions, … */
#define EDIT_STEP 220U
/* … of this one and above calls to the coach, … */
#define COACH_STEP 228U
/* … and from here on something to be imported. */
#define IMPORT_STEP 248U
#define WALL_EPOCH_USEC \
        (3988094400 * USEC_PER_SEC) /* noon of 2096-05-17, UTC; TODAY is among the script's words */
#define TODAY "2096-05-17"

typedef struct Script {
        const uint8_t *next;
        size_t left;
} Script;

typedef struct World {
        Script script;
        Manager *manager;
        sd_bus *far, *callers;                /* BlueZ's end of the socket, and the callers' end of theirs */
        sd_bus_message *pending[PENDING_MAX]; /* calls of the daemon that wait for an answer */
        size_t n_pending;
        unsigned n_restarts;
        unsigned n_values; /* of heart-rate characteristics, sent in BlueZ's name */
} World;

/* -- Time -- */

static usec_t passed_usec;   /* on all clocks */
static int64_t stepped_usec; /* on the wall clock alone */

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

/* The linker puts it before the daemon's calls; those of the libraries keep the real time. The wall clock begins so late
 * that a future midnight is never over by theirs: hurry_all() checks when it is by the script's. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
        int r = __real_clock_gettime(clock, ret);
        usec_t usec = (usec_t)ret->tv_sec * USEC_PER_SEC + (usec_t)ret->tv_nsec / 1000 + passed_usec;

        if (clock == CLOCK_REALTIME)
                usec += (usec_t)stepped_usec;
        ret->tv_sec = (time_t)(usec / USEC_PER_SEC);
        ret->tv_nsec = (long)(usec % USEC_PER_SEC * 1000);
        return r;
}

int __wrap_sd_event_add_signal(sd_event *event, sd_event_source **ret, int signal,
                sd_event_signal_handler_t handler, void *userdata);

static int on_nothing(_unused_ sd_event_source *source, _unused_ void *userdata)
{
        return 0;
}

/* Signals to this process are the fuzzer's. */
int __wrap_sd_event_add_signal(sd_event *event, sd_event_source **ret, _unused_ int signal,
                _unused_ sd_event_signal_handler_t handler, _unused_ void *userdata)
{
        int r = ret ? sd_event_add_defer(event, ret, on_nothing, NULL) : 0;

        return r < 0 || !ret ? r : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

CallerVerdict __wrap_callers_judge(Callers *c, sd_bus_message *call, sd_bus_error *error);

/* There is no bus to ask for their credentials. */
CallerVerdict __wrap_callers_judge(
                _unused_ Callers *c, _unused_ sd_bus_message *call, _unused_ sd_bus_error *error)
{
        return CALLER_SERVED;
}

int __wrap_sd_bus_release_name(sd_bus *bus, const char *name);

/* The daemon waits for the reply, and here the bus is in the same thread. */
int __wrap_sd_bus_release_name(_unused_ sd_bus *bus, _unused_ const char *name)
{
        return 0;
}

/* A timer that is due by the script's time is due at once. */
static void hurry_by(sd_event_source *timer, usec_t now_usec)
{
        uint64_t at_usec;
        int enabled = SD_EVENT_OFF;

        if (timer && sd_event_source_get_enabled(timer, &enabled) >= 0 && enabled != SD_EVENT_OFF &&
                        sd_event_source_get_time(timer, &at_usec) >= 0 && at_usec <= now_usec)
                check(sd_event_source_set_time(timer, 0) >= 0);
}

static void hurry(sd_event_source *timer)
{
        hurry_by(timer, now_boot_usec());
}

static void hurry_all(Manager *m)
{
        hurry(m->tick.timer);
        hurry(m->committer.due.timer);
        hurry(m->measuring.timer);
        hurry(m->cues.timer);
        hurry_by(m->clock.midnight, now_realtime_usec());
        hurry(m->bluez->snapshot_retry);
        for (size_t i = 0; i < m->bluez->n_adapters; i++)
                hurry(m->bluez->adapters[i]->retry);
        for (size_t i = 0; i < m->bluez->n_devices; i++)
                hurry(m->bluez->devices[i]->timer);
}

/* -- The script's alphabet -- */

static uint8_t take(Script *s)
{
        if (s->left == 0)
                return 0;
        s->left--;
        return *s->next++;
}

static uint64_t take_number(Script *s, unsigned bytes)
{
        uint64_t n = 0;

        while (bytes-- > 0)
                n = n << 8 | take(s);
        return n;
}

/* A text of the script's; the bus itself guarantees valid UTF-8, so only bytes below 0x80 are used. */
static void take_text(Script *s, char *buf, size_t size)
{
        size_t n = take(s) % size;

        for (size_t i = 0; i < n; i++) {
                buf[i] = (char)(take(s) & 0x7f);
                if (buf[i] == '\0')
                        buf[i] = '\n';
        }
        buf[n] = '\0';
}

static const char *take_path(Script *s)
{
        static const char *const paths[] = {
                "/org/bluez/hci0",
                "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF",
                "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF/service0010/char0011",
                "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF/service0010/char0014",
                "/org/bluez/hci0/dev_11_22_33_44_55_66",
                "/org/bluez/hci0/dev_11_22_33_44_55_66/service0010/char0011",
                "/org/bluez/hci1",
                "/org/bluez/hci1/dev_AA_BB_CC_DD_EE_FF",
                "/org/bluez/hci1/dev_AA_BB_CC_DD_EE_FF/service0010/char0011",
                "/org/bluez",
                "/",
                "/org/bluez/hci0/dev_",
                "/org/bluez/hci0/x/y",
                "/dev_x/y/z",
        };
        static char many[64];
        uint8_t which = take(s);

        if (which < 0xc0)
                return paths[which % ELEMENTSOF(paths)];
        /* More devices and adapters than there is room for. */
        (void)snprintf(many, sizeof(many), which & 1 ? "/org/bluez/hci%u" : "/org/bluez/hci0/dev_%u",
                        (unsigned)take_number(s, 2));
        return many;
}

static const char *take_interface(Script *s)
{
        static const char *const interfaces[] = {
                BLUEZ_DEVICE_INTERFACE,
                BLUEZ_CHARACTERISTIC_INTERFACE,
                BLUEZ_ADAPTER_INTERFACE,
                BLUEZ_BATTERY_INTERFACE,
                BLUEZ_GATT_MANAGER_INTERFACE,
                "org.freedesktop.DBus.Properties",
                "org.bluez.GattService1",
        };

        return interfaces[take(s) % ELEMENTSOF(interfaces)];
}

static const char *take_property(Script *s)
{
        static const char *const names[] = { "Address", "Name", "Alias", "UUIDs", "UUID", "Trusted", "Paired",
                "RSSI", "Connected", "ServicesResolved", "Percentage", "Powered", "Value", "Notifying", "" };

        return names[take(s) % ELEMENTSOF(names)];
}

static const char *take_string(Script *s)
{
        static const char *const strings[] = { "AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff", "11:22:33:44:55:66",
                UUID_HEART_RATE_SERVICE, UUID_HEART_RATE_MEASUREMENT, UUID_BODY_SENSOR_LOCATION,
                BLUEZ_BUS_NAME, OWNER, "" };
        static char own[256];
        uint8_t which = take(s);

        if (which < 0xc0)
                return strings[which % ELEMENTSOF(strings)];
        take_text(s, own, sizeof(own));
        return own;
}

/* -- Values of any type -- */

static void append_any(Script *s, sd_bus_message *m, unsigned depth);

static void append_nested(Script *s, sd_bus_message *m, unsigned depth)
{
        switch (take(s) % 4) {
        case 0:
                check(sd_bus_message_open_container(m, 'v', "v") >= 0);
                append_any(s, m, depth + 1);
                break;
        case 1:
                check(sd_bus_message_open_container(m, 'v', "a{sv}") >= 0);
                check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
                for (unsigned n = take(s) % 3; n > 0; n--) {
                        check(sd_bus_message_open_container(m, 'e', "sv") >= 0);
                        check(sd_bus_message_append(m, "s", take_property(s)) >= 0);
                        append_any(s, m, depth + 1);
                        check(sd_bus_message_close_container(m) >= 0);
                }
                check(sd_bus_message_close_container(m) >= 0);
                break;
        case 2:
                check(sd_bus_message_open_container(m, 'v', "(iv)") >= 0);
                check(sd_bus_message_open_container(m, 'r', "iv") >= 0);
                check(sd_bus_message_append(m, "i", (int)take(s)) >= 0);
                append_any(s, m, depth + 1);
                check(sd_bus_message_close_container(m) >= 0);
                break;
        default:
                check(sd_bus_message_open_container(m, 'v', "av") >= 0);
                check(sd_bus_message_open_container(m, 'a', "v") >= 0);
                for (unsigned n = take(s) % 3; n > 0; n--)
                        append_any(s, m, depth + 1);
                check(sd_bus_message_close_container(m) >= 0);
        }
        check(sd_bus_message_close_container(m) >= 0);
}

/* One variant. */
static void append_any(Script *s, sd_bus_message *m, unsigned depth)
{
        uint8_t bytes[64];
        size_t n;

        switch (depth >= DEPTH_MAX ? 0 : take(s) % 13) {
        case 0:
        case 1:
                check(sd_bus_message_append(m, "v", "b", take(s) & 1) >= 0);
                break;
        case 2:
                check(sd_bus_message_append(m, "v", "y", take(s)) >= 0);
                break;
        case 3:
                check(sd_bus_message_append(m, "v", "q", (unsigned)take_number(s, 2)) >= 0);
                break;
        case 4:
                check(sd_bus_message_append(m, "v", "n", (int)(int16_t)take_number(s, 2)) >= 0);
                break;
        case 5:
                check(sd_bus_message_append(m, "v", "t", take_number(s, 8)) >= 0);
                break;
        case 6:
                check(sd_bus_message_append(m, "v", "d", (double)NAN) >= 0);
                break;
        case 7:
        case 8:
                check(sd_bus_message_append(m, "v", "s", take_string(s)) >= 0);
                break;
        case 9:
                check(sd_bus_message_append(m, "v", "o", take_path(s)) >= 0);
                break;
        case 10:
                check(sd_bus_message_append(m, "v", "as", 2, take_string(s), UUID_HEART_RATE_SERVICE) >= 0);
                break;
        case 11:
                n = take(s) % sizeof(bytes);
                for (size_t i = 0; i < n; i++)
                        bytes[i] = take(s);
                check(sd_bus_message_open_container(m, 'v', "ay") >= 0);
                check(sd_bus_message_append_array(m, 'y', bytes, n) >= 0);
                check(sd_bus_message_close_container(m) >= 0);
                break;
        default:
                append_nested(s, m, depth);
        }
}

/* a{sv} of any names and values. */
static void append_properties(Script *s, sd_bus_message *m)
{
        check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        for (unsigned n = take(s) % 6; n > 0; n--) {
                check(sd_bus_message_open_container(m, 'e', "sv") >= 0);
                check(sd_bus_message_append(m, "s", take_property(s)) >= 0);
                append_any(s, m, 0);
                check(sd_bus_message_close_container(m) >= 0);
        }
        check(sd_bus_message_close_container(m) >= 0);
}

/* A proper strap, so that scripts find the way to a run. */
static void append_strap(sd_bus_message *m, bool connected)
{
        check(sd_bus_message_append(m, "a{sa{sv}}", 1, BLUEZ_DEVICE_INTERFACE, 6, "Address", "s",
                              "AA:BB:CC:DD:EE:FF", "Name", "s", "Strap", "Trusted", "b", 1, "Connected", "b",
                              connected, "ServicesResolved", "b", connected, "UUIDs", "as", 1,
                              UUID_HEART_RATE_SERVICE) >= 0);
}

static void append_interfaces(Script *s, sd_bus_message *m, const char *path)
{
        uint8_t how = take(s);

        if (how % 4 == 0 && strstr(path, "/char")) {
                check(sd_bus_message_append(m, "a{sa{sv}}", 1, BLUEZ_CHARACTERISTIC_INTERFACE, 1, "UUID", "s",
                                      how & 8 ? UUID_BODY_SENSOR_LOCATION : UUID_HEART_RATE_MEASUREMENT) >=
                                0);
                return;
        }
        if (how % 4 == 0 && strstr(path, "/dev_")) {
                append_strap(m, how & 8);
                return;
        }
        if (how % 4 == 0) {
                check(sd_bus_message_append(m, "a{sa{sv}}", 2, BLUEZ_ADAPTER_INTERFACE, 1, "Powered", "b", 1,
                                      BLUEZ_GATT_MANAGER_INTERFACE, 0) >= 0);
                return;
        }
        check(sd_bus_message_open_container(m, 'a', "{sa{sv}}") >= 0);
        for (unsigned n = take(s) % 4; n > 0; n--) {
                check(sd_bus_message_open_container(m, 'e', "sa{sv}") >= 0);
                check(sd_bus_message_append(m, "s", take_interface(s)) >= 0);
                append_properties(s, m);
                check(sd_bus_message_close_container(m) >= 0);
        }
        check(sd_bus_message_close_container(m) >= 0);
}

/* -- What comes from the other end -- */

static void send_as(World *w, sd_bus_message *m, const char *sender)
{
        check(sd_bus_message_set_sender(m, sender) >= 0);
        (void)w;
        check(sd_bus_send(NULL, m, NULL) >= 0); /* on the connection that it was made for */
        sd_bus_message_unref(m);
}

static sd_bus_message *new_signal(World *w, const char *path, const char *interface, const char *member)
{
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_signal(w->far, &m, path, interface, member) >= 0);
        return m;
}

/* Mostly BlueZ, sometimes a sender that only claims to be. */
static const char *take_sender(Script *s)
{
        return take(s) % 16 == 15 ? CALLER : OWNER;
}

static void send_interfaces_added(World *w)
{
        Script *s = &w->script;
        const char *path = take_path(s), *sender = take_sender(s);
        sd_bus_message *m = new_signal(w, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded");

        check(sd_bus_message_append(m, "o", path) >= 0);
        append_interfaces(s, m, path);
        send_as(w, m, sender);
}

static void send_interfaces_removed(World *w)
{
        Script *s = &w->script;
        sd_bus_message *m = new_signal(w, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved");
        const char *path = take_path(s);

        check(sd_bus_message_append(m, "o", path) >= 0);
        check(sd_bus_message_append(m, "as", 2, take_interface(s), BLUEZ_GATT_MANAGER_INTERFACE) >= 0);
        send_as(w, m, take_sender(s));
}

static void send_properties_changed(World *w)
{
        Script *s = &w->script;
        sd_bus_message *m =
                        new_signal(w, take_path(s), "org.freedesktop.DBus.Properties", "PropertiesChanged");

        check(sd_bus_message_append(m, "s", take_interface(s)) >= 0);
        append_properties(s, m);
        check(sd_bus_message_append(m, "as", 0) >= 0);
        w->n_values++; /* there may be one among them */
        send_as(w, m, take_sender(s));
}

/* A packet as straps send them. */
static void send_value(World *w)
{
        Script *s = &w->script;
        const char *path = take(s) % 4 == 3 ? take_path(s)
                                            : "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF/service0010/char0011";
        sd_bus_message *m = new_signal(w, path, "org.freedesktop.DBus.Properties", "PropertiesChanged");
        uint8_t value[24];
        size_t n = take(s) % sizeof(value);

        for (size_t i = 0; i < n; i++)
                value[i] = take(s);
        check(sd_bus_message_append(m, "s", BLUEZ_CHARACTERISTIC_INTERFACE) >= 0);
        check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        check(sd_bus_message_open_container(m, 'e', "sv") >= 0);
        check(sd_bus_message_append(m, "s", "Value") >= 0);
        check(sd_bus_message_open_container(m, 'v', "ay") >= 0);
        check(sd_bus_message_append_array(m, 'y', value, n) >= 0);
        for (unsigned i = 0; i < 3; i++)
                check(sd_bus_message_close_container(m) >= 0);
        check(sd_bus_message_append(m, "as", 0) >= 0);
        w->n_values++;
        send_as(w, m, OWNER);
}

/* Returns when neither end has anything more to do until the script goes on. */
static void settle(World *w)
{
        for (unsigned i = 0; i < 10000; i++) {
                int far = sd_bus_process(w->far, NULL), callers = sd_bus_process(w->callers, NULL),
                    near = sd_event_run(w->manager->event, 0);

                check(far >= 0 && callers >= 0 && near >= 0);
                if (far == 0 && callers == 0 && near == 0)
                        return;
        }
        check(!"it never comes to rest");
}

/* A run of seconds, one heart rate in each. */
static void send_run(World *w)
{
        uint8_t seconds = take(&w->script), heart_rate = take(&w->script);

        for (uint8_t i = 0; i < seconds % 64; i++) {
                sd_bus_message *m =
                                new_signal(w, "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF/service0010/char0011",
                                                "org.freedesktop.DBus.Properties", "PropertiesChanged");
                uint8_t value[] = { 0x16, (uint8_t)(heart_rate + i % 3), 0x00, 0x02 };

                check(sd_bus_message_append(m, "s", BLUEZ_CHARACTERISTIC_INTERFACE) >= 0);
                check(sd_bus_message_append(m, "a{sv}as", 1, "Value", "ay", sizeof(value), value[0], value[1],
                                      value[2], value[3], 0) >= 0);
                w->n_values++;
                send_as(w, m, OWNER);
                passed_usec += USEC_PER_SEC;
                settle(w);
        }
}

static void send_owner_changed(World *w)
{
        Script *s = &w->script;
        sd_bus_message *m =
                        new_signal(w, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged");
        uint8_t how = take(s);

        check(sd_bus_message_append(m, "sss", how & 4 ? take_string(s) : BLUEZ_BUS_NAME, "",
                              how & 1 ? "" : OWNER) >= 0);
        send_as(w, m, how & 2 ? CALLER : "org.freedesktop.DBus");
}

static void send_nonsense(World *w)
{
        Script *s = &w->script;
        static const char *const members[] = { "InterfacesAdded", "InterfacesRemoved", "PropertiesChanged",
                "NameOwnerChanged" };
        static const char *const interfaces[] = { "org.freedesktop.DBus.ObjectManager",
                "org.freedesktop.DBus.Properties", "org.freedesktop.DBus" };
        sd_bus_message *m = new_signal(w, take(s) & 1 ? "/" : take_path(s),
                        interfaces[take(s) % ELEMENTSOF(interfaces)], members[take(s) % ELEMENTSOF(members)]);

        for (unsigned n = take(s) % 4; n > 0; n--) {
                if (take(s) & 1)
                        check(sd_bus_message_append(m, "s", take_interface(s)) >= 0);
                append_any(s, m, 0);
        }
        send_as(w, m, OWNER);
}

/* A call of somebody's: of ours, with arguments that may not be. */
static void send_call(World *w)
{
        static const char *const members[] = { "StartSession", "StopSession", "SetCeiling", "Snooze",
                "GetSession", "DeleteSession", "Reload", "Subscribe", "Unsubscribe", "StartScan", "Trust",
                "Mark" };
        Script *s = &w->script;
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_method_call(w->callers, &m, DAEMON, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                              members[take(s) % ELEMENTSOF(members)]) >= 0);
        switch (take(s) % 6) {
        case 0:
                break;
        case 1:
                check(sd_bus_message_append(m, "s", take_string(s)) >= 0);
                break;
        case 2:
                check(sd_bus_message_append(m, "s", take(s) & 1 ? "65%hrr" : "120") >= 0);
                break;
        case 3:
                check(sd_bus_message_append(m, "u", (uint32_t)take_number(s, 4)) >= 0);
                break;
        case 4:
                check(sd_bus_message_append(m, "x", (int64_t)take(s) - 1) >= 0);
                break;
        default:
                append_any(s, m, 0);
        }
        check(sd_bus_message_set_expect_reply(m, take(s) & 1) >= 0);
        send_as(w, m, CALLER);
}

/* An edit of a session that there may be, mostly with times that it may have. */
static void send_edit(World *w)
{
        static const char *const keys[] = { "trim-start", "trim-end", "split", "merge" };
        Script *s = &w->script;
        uint8_t which = take(s);
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_method_call(w->callers, &m, DAEMON, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                              which & 1 ? "EditSession" : "UndoEdit") >= 0);
        check(sd_bus_message_append(m, "x", (int64_t)take(s) % 16) >= 0);
        if (which & 1) {
                check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
                for (unsigned n = 1 + (which >> 1) % 2; n > 0; n--) {
                        const char *key = keys[take(s) % ELEMENTSOF(keys)];

                        if (strcmp(key, "merge") == 0)
                                check(sd_bus_message_append(m, "{sv}", key, "x", (int64_t)take(s) % 16) >= 0);
                        else
                                check(sd_bus_message_append(m, "{sv}", key, "t",
                                                      which < 240 ? take_number(s, 2) : take_number(s, 8)) >=
                                                0);
                }
                check(sd_bus_message_close_container(m) >= 0);
        }
        check(sd_bus_message_set_expect_reply(m, take(s) & 1) >= 0);
        send_as(w, m, CALLER);
}

/* What the coach reads as a date, a distance, a name or a word; or anything. */
static const char *take_word(Script *s)
{
        static const char *const words[] = { "", TODAY, "2024-02-29", "2023-02-29", "0001-01-01",
                "9999-12-31", "5k", "10k", "half", "marathon", "fartlek", "cross-training", "recovery",
                "base", "hard", "pass", "fail" };
        uint8_t which = take(s);

        return which < 2 * ELEMENTSOF(words) ? words[which % ELEMENTSOF(words)] : take_string(s);
}

static void append_dictionary(Script *s, sd_bus_message *m)
{
        static const struct {
                const char *name;
                char type;
        } keys[] = { { "kind", 's' }, { "talk_test", 's' }, { "rpe", 'y' }, { "note", 's' }, { "feel", 'y' },
                { "mood", 's' }, { "soreness", 's' }, { "pain", 's' }, { "pain_worsening", 'b' },
                { "pain_gait", 'b' }, { "local_date", 's' }, { "started_at", 'x' }, { "minutes", 'u' } };

        check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        for (unsigned n = take(s) % 8; n > 0; n--) {
                uint8_t which = take(s);
                size_t key = which % ELEMENTSOF(keys);

                switch (which < 240 ? keys[key].type : "sybxu"[which % 5]) {
                case 's':
                        check(sd_bus_message_append(m, "{sv}", keys[key].name, "s", take_word(s)) >= 0);
                        break;
                case 'y':
                        check(sd_bus_message_append(m, "{sv}", keys[key].name, "y", take(s)) >= 0);
                        break;
                case 'b':
                        check(sd_bus_message_append(m, "{sv}", keys[key].name, "b", take(s) & 1) >= 0);
                        break;
                case 'x':
                        check(sd_bus_message_append(m, "{sv}", keys[key].name, "x",
                                              (int64_t)take_number(s, 6)) >= 0);
                        break;
                default:
                        check(sd_bus_message_append(m, "{sv}", keys[key].name, "u",
                                              (uint32_t)take_number(s, 4)) >= 0);
                }
        }
        check(sd_bus_message_close_container(m) >= 0);
}

/* A call to the coach, mostly of the right form. */
static void send_coach_call(World *w)
{
        static const struct {
                const char *member;
                const char *types; /* D: a dictionary */
        } calls[] = { { "MeasureResting", "u" }, { "AddResting", "sd" }, { "RemoveResting", "x" },
                { "AddRace", "sss" }, { "RemoveRace", "x" }, { "Annotate", "xD" }, { "LogDay", "sD" },
                { "Today", "s" }, { "StartWorkout", "s" }, { "Verdict", "x" }, { "AddSession", "D" } };
        Script *s = &w->script;
        uint8_t which = take(s);
        size_t call = which % ELEMENTSOF(calls);
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_method_call(w->callers, &m, DAEMON, CARDIO_OBJECT,
                              strcmp(calls[call].member, "AddSession") == 0 ? CARDIO_MANAGER_INTERFACE
                                                                            : CARDIO_COACH_INTERFACE,
                              calls[call].member) >= 0);
        if (which >= 250)
                append_any(s, m, 0);
        else
                for (const char *type = calls[call].types; *type; type++)
                        switch (*type) {
                        case 'D':
                                append_dictionary(s, m);
                                break;
                        case 's':
                                check(sd_bus_message_append(m, "s", take_word(s)) >= 0);
                                break;
                        case 'd':
                                check(sd_bus_message_append(m, "d", (double)take(s) / 2) >= 0);
                                break;
                        case 'x':
                                check(sd_bus_message_append(m, "x", (int64_t)take(s) - 1) >= 0);
                                break;
                        default:
                                check(sd_bus_message_append(m, "u", (uint32_t)take(s) * 10) >= 0);
                        }
        check(sd_bus_message_set_expect_reply(m, take(s) & 1) >= 0);
        send_as(w, m, CALLER);
}

/* -- Imports -- */

/* A time in us: mostly a little after the one before. */
static uint64_t take_time(Script *s, uint64_t *at_usec)
{
        uint8_t which = take(s);

        *at_usec = which < 254 ? *at_usec + (which + 1) * UINT64_C(25000) : take_number(s, 8);
        return *at_usec;
}

/* A figure that is mostly one of heart rates. */
static double take_figure(Script *s)
{
        uint8_t which = take(s);

        return which < 250 ? which : which < 252 ? NAN : which < 254 ? INFINITY : -1e300;
}

static void append_import_events(Script *s, sd_bus_message *m)
{
        static const char *const types[] = { "mark", "step", "ceiling", "snooze", "battery", "clock", "strap",
                "trouble", "over-limit" };
        uint64_t at_usec = 0;

        check(sd_bus_message_open_container(m, 'e', "sv") >= 0);
        check(sd_bus_message_append(m, "s", "events") >= 0);
        check(sd_bus_message_open_container(m, 'v', "a(tsds)") >= 0);
        check(sd_bus_message_open_container(m, 'a', "(tsds)") >= 0);
        for (unsigned n = take(s) % 8; n > 0; n--)
                check(sd_bus_message_append(m, "(tsds)", take_time(s, &at_usec),
                                      types[take(s) % ELEMENTSOF(types)], take_figure(s), take_word(s)) >= 0);
        for (unsigned i = 0; i < 3; i++)
                check(sd_bus_message_close_container(m) >= 0);
}

static void append_import_header(Script *s, sd_bus_message *m)
{
        static const char *const texts[] = { "sport", "kind", "device", "note", "ceiling_expression",
                "zone_model", "zone_bounds", "sex", "talk_test", "day_kind", "workout" };
        static const char *const figures[] = { "max_hr", "resting_hr", "ceiling", "tolerance" };
        char content[65];

        (void)snprintf(content, sizeof(content), "%064x", take(s));
        check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        check(sd_bus_message_append(m, "{sv}{sv}{sv}", "content", "s", content, "started_at", "x",
                              INT64_C(1700000000000) + (int64_t)take_number(s, 5), "keep_overlap", "b",
                              take(s) & 1) >= 0);
        for (unsigned n = take(s) % 8; n > 0; n--) {
                uint8_t which = take(s);

                if (which < 128)
                        check(sd_bus_message_append(m, "{sv}", texts[which % ELEMENTSOF(texts)], "s",
                                              take_word(s)) >= 0);
                else if (which < 240)
                        check(sd_bus_message_append(m, "{sv}", figures[which % ELEMENTSOF(figures)], "d",
                                              take_figure(s)) >= 0);
                else if (which < 250)
                        append_import_events(s, m);
                else
                        check(sd_bus_message_append(m, "{sv}", "utc_offset_s", "i",
                                              (int32_t)take_number(s, 4)) >= 0);
        }
        check(sd_bus_message_close_container(m) >= 0);
}

/* A session to be imported, mostly one that could be. */
static void send_import(World *w)
{
        Script *s = &w->script;
        uint64_t at_usec = 0;
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_method_call(w->callers, &m, DAEMON, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                              "ImportSession") >= 0);
        append_import_header(s, m);
        check(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
        for (unsigned n = take(s) % 64; n > 0; n--)
                check(sd_bus_message_append(m, "(tqy)", take_time(s, &at_usec), 25 + take(s) % 226,
                                      take(s) % 3) >= 0);
        check(sd_bus_message_close_container(m) >= 0);
        at_usec = 0;
        check(sd_bus_message_open_container(m, 'a', "(tq)") >= 0);
        for (unsigned n = take(s) % 64; n > 0; n--)
                check(sd_bus_message_append(m, "(tq)", take_time(s, &at_usec), (unsigned)take_number(s, 2)) >=
                                0);
        check(sd_bus_message_close_container(m) >= 0);
        at_usec = 0;
        check(sd_bus_message_open_container(m, 'a', "(tdddd)") >= 0);
        for (unsigned n = take(s) % 32; n > 0; n--)
                check(sd_bus_message_append(m, "(tdddd)", take_time(s, &at_usec), take_figure(s),
                                      take_figure(s), take_figure(s), take_figure(s)) >= 0);
        check(sd_bus_message_close_container(m) >= 0);
        check(sd_bus_message_set_expect_reply(m, take(s) & 1) >= 0);
        send_as(w, m, CALLER);
}

/* -- Answers to the daemon's calls -- */

/* The bus itself answers at once, as it always does; GetId is the daemon's ping. */
static bool answer_as_bus(World *w, sd_bus_message *call)
{
        sd_bus_message *reply = NULL;
        const char *member = sd_bus_message_get_member(call);
        bool hello = strcmp(member, "Hello") == 0, id = strcmp(member, "GetId") == 0;

        if (!hello && !id && strcmp(member, "AddMatch") != 0 && strcmp(member, "RemoveMatch") != 0)
                return false;
        check(sd_bus_message_new_method_return(call, &reply) >= 0);
        if (hello || id)
                check(sd_bus_message_append(reply, "s", hello ? DAEMON : BUS_ID) >= 0);
        send_as(w, reply, "org.freedesktop.DBus");
        return true;
}

static int keep_call(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        World *w = userdata;

        if (sd_bus_message_is_method_call(m, NULL, NULL) <= 0)
                return 0;
        if (!answer_as_bus(w, m) && w->n_pending < PENDING_MAX)
                w->pending[w->n_pending++] = sd_bus_message_ref(m);
        return 1; /* sd-bus itself must not reply to it */
}

static void append_snapshot(Script *s, sd_bus_message *reply)
{
        check(sd_bus_message_open_container(reply, 'a', "{oa{sa{sv}}}") >= 0);
        for (unsigned n = take(s) % 8; n > 0; n--) {
                const char *path = take_path(s);

                check(sd_bus_message_open_container(reply, 'e', "oa{sa{sv}}") >= 0);
                check(sd_bus_message_append(reply, "o", path) >= 0);
                append_interfaces(s, reply, path);
                check(sd_bus_message_close_container(reply) >= 0);
        }
        check(sd_bus_message_close_container(reply) >= 0);
}

static void append_right_answer(Script *s, sd_bus_message *call, sd_bus_message *reply)
{
        const char *member = sd_bus_message_get_member(call);

        if (strcmp(member, "GetNameOwner") == 0)
                check(sd_bus_message_append(reply, "s", OWNER) >= 0);
        else if (strcmp(member, "GetManagedObjects") == 0)
                append_snapshot(s, reply);
        else if (strcmp(member, "ReadValue") == 0)
                check(sd_bus_message_append(reply, "ay", 1, take(s)) >= 0);
}

static void answer(World *w)
{
        static const char *const errors[] = { "org.bluez.Error.Failed", "org.bluez.Error.InProgress",
                "org.bluez.Error.NotReady", "org.bluez.Error.AlreadyExists", "org.bluez.Error.NotConnected",
                SD_BUS_ERROR_UNKNOWN_OBJECT, SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_NAME_HAS_NO_OWNER };
        Script *s = &w->script;
        sd_bus_message *call, *reply = NULL;
        uint8_t how;

        if (w->n_pending == 0)
                return;
        call = w->pending[0];
        memmove(w->pending, w->pending + 1, --w->n_pending * sizeof(w->pending[0]));
        how = take(s);
        if (how % 4 == 3) {
                check(sd_bus_message_new_method_errorf(call, &reply, errors[how / 4 % ELEMENTSOF(errors)],
                                      "%s", take_string(s)) >= 0);
        } else {
                check(sd_bus_message_new_method_return(call, &reply) >= 0);
                if (how % 4 == 2)
                        append_any(s, reply, 0);
                else
                        append_right_answer(s, call, reply);
        }
        sd_bus_message_unref(call);
        send_as(w, reply, how & 0x80 ? take_sender(s) : OWNER);
}

/* -- The stage -- */

static sd_bus *new_end(int fd, bool server)
{
        static const sd_id128_t id =
                        SD_ID128_MAKE(ca, 4d, 10, d1, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 01);
        sd_bus *bus = NULL;

        check(sd_bus_new(&bus) >= 0);
        check(sd_bus_set_fd(bus, fd, fd) >= 0);
        if (server)
                check(sd_bus_set_server(bus, true, id) >= 0);
        else
                check(sd_bus_set_bus_client(bus, true) >= 0);
        check(sd_bus_set_anonymous(bus, true) >= 0);
        check(sd_bus_start(bus) >= 0);
        return bus;
}

static const ManagerOptions *options(void)
{
        static ManagerOptions o;

        o = (ManagerOptions){
                .config_path = fuzz_path("cardiod.conf"),
                .config_must_exist = true,
                .database_path = fuzz_path("cardiod.db"),
        };
        return &o;
}

static void open_stage(World *w)
{
        static const Date today = { 2026, 6, 15 };
        Manager *m = calloc(1, sizeof(*m));
        char *error = NULL;
        int fds[2], caller_fds[2];

        check(m != NULL);
        m->options = options();
        m->engine = calloc(1, sizeof(*m->engine));
        check(m->engine != NULL);
        check(config_load(m->options->config_path, true, today, &m->config, &error) == 0);
        check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
        check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, caller_fds) == 0);
        check(sd_event_new(&m->event) >= 0);
        m->system_bus = new_end(fds[0], false);
        m->own_bus = new_end(caller_fds[0], false);
        check(sd_bus_attach_event(m->system_bus, m->event, SD_EVENT_PRIORITY_NORMAL) >= 0);
        check(sd_bus_attach_event(m->own_bus, m->event, SD_EVENT_PRIORITY_NORMAL) >= 0);
        w->far = new_end(fds[1], true);
        w->callers = new_end(caller_fds[1], true);
        check(sd_bus_add_filter(w->far, NULL, keep_call, w) >= 0);
        check(sd_bus_add_filter(w->callers, NULL, keep_call, w) >= 0);
        w->manager = m;
        check(manager_begin(m) == 0);
        settle(w);
}

static int64_t ask(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *statement;
        int64_t found;

        check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
        check(sqlite3_step(statement) == SQLITE_ROW);
        found = sqlite3_column_int64(statement, 0);
        (void)sqlite3_finalize(statement); /* repeats what the step said */
        return found;
}

static void check_database(const World *w)
{
        sqlite3 *db;

        check(sqlite3_open_v2(fuzz_path("cardiod.db"), &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
        check(ask(db, "SELECT count(*) = 1 AND max(integrity_check) = 'ok' FROM pragma_integrity_check") ==
                        1);
        check(ask(db, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
        /* One that was imported may have been merged into one that was recorded. */
        check(ask(db, "SELECT count(*) FROM sample WHERE session_id IN (SELECT id FROM session"
                      " WHERE source = 'strap' AND edited_at IS NULL)") <= w->n_values);
        check(ask(db, "SELECT count(*) FROM session WHERE edited_at IS NOT NULL AND id NOT IN (SELECT session_id"
                      " FROM sample WHERE t = 0)") == 0);
        check(ask(db, "SELECT count(*) FROM edit AS e WHERE (deleted_id IS NULL) <> (id IN (SELECT edit_id FROM"
                      " kept_sample))") == 0);
        check(ask(db, "SELECT count(*) FROM session WHERE ended_at IS NULL") == 0);
        check(ask(db, "SELECT count(*) FROM session WHERE ended_at < started_at OR live_s < 0") == 0);
        check(ask(db, "SELECT count(*) FROM session AS s WHERE source <> 'manual' AND ended_at - started_at <>"
                      " coalesce((SELECT max(t) FROM sample WHERE session_id = s.id), 0)") == 0);
        check(ask(db, "SELECT count(*) FROM session WHERE rpe NOT BETWEEN 1 AND 10") == 0);
        check(ask(db, "SELECT count(*) FROM resting WHERE heart_rate NOT BETWEEN 25 AND 120") == 0);
        check(ask(db, "SELECT count(*) FROM race WHERE date(local_date) IS NOT local_date") == 0);
        check(ask(db, "SELECT count(*) FROM day WHERE date(local_date) IS NOT local_date") == 0);
        check(ask(db, "SELECT count(*) FROM session AS s WHERE source = 'import' AND NOT EXISTS (SELECT 1 FROM sample"
                      " WHERE session_id = s.id AND t = 0)") == 0);
        check(ask(db, "SELECT count(*) FROM pace AS p JOIN session AS s ON s.id = p.session_id"
                      " WHERE t > ended_at - started_at") == 0);
        sqlite3_close(db);
}

/* The daemon is asked to stop; its files are there for the next one. */
static void close_stage(World *w)
{
        Manager *m = w->manager;

        check(sd_event_exit(m->event, 0) >= 0);
        check(sd_event_loop(m->event) == 0);
        check(m->session.id == 0);
        while (w->n_pending > 0)
                sd_bus_message_unref(w->pending[--w->n_pending]);
        (void)manager_free(m);
        sd_bus_close_unref(w->far);
        sd_bus_close_unref(w->callers);
}

static void restart(World *w)
{
        if (w->n_restarts++ >= RESTARTS_MAX)
                return;
        close_stage(w);
        passed_usec += USEC_PER_MSEC << take(&w->script) % 27;
        open_stage(w);
}

/* From a millisecond to a day. */
static void pass_time(World *w)
{
        passed_usec += USEC_PER_MSEC << take(&w->script) % 27;
        hurry_all(w->manager);
}

/* The wall clock is set, by up to a day, forwards or back. The daemon notices with the next event. */
static void step_clock(World *w)
{
        int64_t usec = (int64_t)(USEC_PER_MSEC << take(&w->script) % 27);

        stepped_usec += take(&w->script) & 1 ? usec : -usec;
}

int LLVMFuzzerInitialize(_unused_ int *argc, _unused_ char ***argv)
{
        static const char config[] = "[runner]\nage = 23\nresting-heart-rate = 50\n"
                                     "[session]\nstart-after = 5s\nmin-duration = 10s\nend-after = 1min\n"
                                     "cool-down = 10s\n[ceiling]\nhold = 3s\nrepeat = 5s\n";

        fuzz_write(fuzz_path("cardiod.conf"), config, strlen(config));
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static void (*const steps[])(World * w) = {
                answer,
                send_interfaces_added,
                send_interfaces_removed,
                send_properties_changed,
                send_value,
                send_run,
                send_owner_changed,
                send_nonsense,
                send_call,
                pass_time,
                restart,
                step_clock,
        };
        static const char *const files[] = { "cardiod.db", "cardiod.db-wal", "cardiod.db-shm",
                "cardiod.db.spill", "cardiod.db.lock" };
        World w = { .script = { data, size } };

        fuzz_log_clear();
        passed_usec = 0;
        stepped_usec = 0;
        stepped_usec = (int64_t)(WALL_EPOCH_USEC - now_realtime_usec());
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                fuzz_remove(fuzz_path(files[i]));
        open_stage(&w);
        for (unsigned i = 0; i < STEPS_MAX && w.script.left > 0; i++) {
                uint8_t step = take(&w.script);

                if (step >= IMPORT_STEP)
                        send_import(&w);
                else if (step >= COACH_STEP)
                        send_coach_call(&w);
                else if (step >= EDIT_STEP)
                        send_edit(&w);
                else
                        steps[step % ELEMENTSOF(steps)](&w);
                settle(&w);
        }
        close_stage(&w);
        check_database(&w);
        return 0;
}
