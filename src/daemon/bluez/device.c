/* SPDX-License-Identifier: MIT */
/* One strap's way to a live subscription. Whatever happens to the device, device_evaluate() looks at all that is known
 * and does the one thing that is next; so the order in which BlueZ tells things does not matter. What is wrong with a
 * link that is there, and whether to heal it, is heal.c's to say.
 *
 *   not connected                      wait for the profile's auto-connect, or Connect() where that does not apply
 *   connected, services not resolved   wait; for longer than 10 s it is stuck (bluetoothd was killed): heal
 *   resolved, no characteristic        wait; for longer than 5 s the discovery had failed: heal
 *   resolved, not notifying            StartNotify, on each characteristic that measures heart rates
 *   notifying                          watch: silent for too long, heal */

#include "bluez/internal.h"

#include <stdlib.h>

#include "cardio/bus-api.h"
#include "clock.h"
#include "log.h"

#define IN_PROGRESS_USEC     (2 * USEC_PER_SEC)
#define CONNECT_TIMEOUT_USEC (60 * USEC_PER_SEC) /* the kernel's own attempt takes 40 s */
#define CALL_TIMEOUT_USEC    (30 * USEC_PER_SEC)

bool device_is_strap(const Device *d)
{
        const char *wanted = d->bluez->config.address;

        if (wanted[0])
                return strcasecmp(wanted, d->address) == 0;
        return d->address[0] && d->heart_rate_service && (d->trusted || d->paired);
}

bool device_calls_itself_strap(const Device *d)
{
        return d->address[0] && d->heart_rate_service;
}

/* Two adapters may know the same strap. */
static bool address_is_of_strap(const Bluez *b, const char *address)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->address, address) == 0 && device_is_strap(b->devices[i]))
                        return true;
        return false;
}

/* Somebody's strap that the runner may want to make theirs. */
static bool device_is_found(const Device *d)
{
        return d->found && device_calls_itself_strap(d) && !address_is_of_strap(d->bluez, d->address);
}

/* A resolvable private address, 01 in its two highest bits (Core Specification, volume 6, part B, 1.3.2.2), is another one
 * after some minutes, and only a bond tells whose it is then. */
static bool device_is_rotating(const Device *d)
{
        return d->random_address && !d->paired && strchr("4567", d->address[0]);
}

/* -- Reporting -- */

static SensorLink device_link(const Device *d)
{
        if (d->connected)
                return d->resolved ? SENSOR_LINK_CONNECTED : SENSOR_LINK_CONNECTING;
        return d->connecting ? SENSOR_LINK_CONNECTING : SENSOR_LINK_ABSENT;
}

/* Two adapters may know the same strap: the better link counts. */
static SensorLink strap_link(const Device *d)
{
        SensorLink best = device_link(d);

        for (size_t i = 0; i < d->bluez->n_devices; i++) {
                const Device *other = d->bluez->devices[i];
                if (other != d && strcmp(other->address, d->address) == 0 && device_link(other) > best)
                        best = device_link(other);
        }
        return best;
}

/* Likewise the stronger signal. */
static int16_t strap_rssi(const Device *d)
{
        const Bluez *b = d->bluez;
        int16_t best = 0;

        for (size_t i = 0; b->scan && i < b->n_devices; i++) {
                const Device *other = b->devices[i];
                if (other->rssi != 0 && strcmp(other->address, d->address) == 0 &&
                                (best == 0 || other->rssi > best))
                        best = other->rssi;
        }
        return best;
}

/* Nothing is wrong as long as one of them sends. */
static LinkProblem strap_problem(const Device *d)
{
        LinkProblem worst = d->problem;

        for (size_t i = 0; i < d->bluez->n_devices; i++) {
                const Device *other = d->bluez->devices[i];
                if (strcmp(other->address, d->address) != 0)
                        continue;
                if (other->delivered && other->problem == LINK_OK)
                        return LINK_OK;
                if (worst == LINK_OK)
                        worst = other->problem;
        }
        return worst;
}

static bool strap_equal(const SensorRecord *a, const SensorRecord *b)
{
        return a->name == b->name && a->body_location == b->body_location && a->battery == b->battery &&
               a->configured == b->configured && a->trusted == b->trusted && a->rotating == b->rotating &&
               a->rssi == b->rssi && a->link == b->link && a->problem == b->problem;
}

void device_report(Device *d)
{
        Bluez *b = d->bluez;
        SensorRecord strap = {
                .name = d->name,
                .body_location = d->body_location,
                .battery = d->battery,
                .configured = device_is_strap(d),
                .trusted = d->trusted,
                .rotating = device_is_rotating(d),
                .rssi = strap_rssi(d),
                .link = strap_link(d),
                .problem = strap_problem(d),
        };

        memcpy(strap.address, d->address, sizeof(strap.address));
        if (d->number >= 0 && strap_equal(&strap, &d->reported))
                return;
        d->reported = strap;
        /* They share its link and its signal, and what was told of them last. */
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->address, d->address) == 0) {
                        b->devices[i]->reported.link = strap.link;
                        b->devices[i]->reported.rssi = strap.rssi;
                        b->devices[i]->reported.problem = strap.problem;
                }
        d->number = b->handlers->strap_changed(b->userdata, &strap);
}

/* What has changed may be news of the same strap on another adapter. Returns whether it is told of there. */
static bool device_report_elsewhere(const Device *d)
{
        const Bluez *b = d->bluez;

        for (size_t i = 0; i < b->n_devices; i++) {
                Device *other = b->devices[i];
                if (other != d && other->number >= 0 && strcmp(other->address, d->address) == 0) {
                        device_report(other);
                        return true;
                }
        }
        return false;
}

void device_withdraw(Device *d)
{
        bool reported = d->number >= 0;

        d->number = -1;
        if (!device_report_elsewhere(d) && reported)
                d->bluez->handlers->strap_removed(d->bluez->userdata, d->address);
}

void device_set_link(Device *d, bool connected, bool resolved)
{
        if (connected == d->connected && resolved == d->resolved)
                return;
        device_heal_link_changed(d, connected, resolved);
        if (!resolved) {
                /* BlueZ subscribes anew at each attach, and may fail to without a word: so do we. */
                device_reset_subscriptions(d);
                d->location_slot = sd_bus_slot_unref(d->location_slot);
                d->location_asked = false;
        }
        d->connected = connected;
        d->resolved = resolved;
        d->link_usec = now_boot_usec();
        if (d->link_usec >= d->not_before_usec || resolved)
                d->not_before_usec = 0;
}

/* -- Calls -- */

int device_call(Device *d, const char *path, const char *interface, const char *method, bool options,
                sd_bus_message_handler_t done, void *userdata, usec_t timeout_usec, sd_bus_slot **slot)
{
        sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(d->bluez->bus, &call, BLUEZ_BUS_NAME, path, interface, method);
        if (r >= 0 && options)
                r = sd_bus_message_append(call, "a{sv}", 0);
        if (r >= 0)
                r = sd_bus_call_async(d->bluez->bus, slot, call, done, userdata, timeout_usec);
        sd_bus_message_unref(call);
        if (r < 0)
                log_warning("%s: cannot call %s: %s", d->address, method, strerror(-r));
        return r;
}

bool error_is_gone(const sd_bus_error *e)
{
        return sd_bus_error_has_name(e, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
               sd_bus_error_has_name(e, SD_BUS_ERROR_UNKNOWN_METHOD);
}

bool error_is_in_progress(const sd_bus_error *e)
{
        return sd_bus_error_has_name(e, "org.bluez.Error.InProgress") ||
               (e->message && strstr(e->message, "already in progress"));
}

static int on_connected(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Device *d = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        usec_t now_usec = now_boot_usec();
        char text[BLUEZ_ERROR_SIZE];

        (void)error;
        d->link_slot = sd_bus_slot_unref(d->link_slot);
        d->connecting = false;
        if (!e) {
                d->overdue = false; /* BlueZ takes calls in order: what came before this one is done */
                /* It may say so and not be, or be and not have said so: only Connected and ServicesResolved are
                 * believed. */
                if (!d->connected) {
                        d->not_before_usec = now_usec + bluez_back_off(++d->failures);
                        bluez_resync(d->bluez);
                }
        } else if (error_is_in_progress(e)) {
                d->not_before_usec = now_usec + IN_PROGRESS_USEC;
        } else if (sd_bus_error_has_name(e, "org.bluez.Error.NotReady")) {
                d->not_before_usec = now_usec + bluez_back_off(++d->failures);
        } else {
                log_debug("%s: Connect: %s", d->address, bluez_error_text(e, text));
                d->called = d->mending = false;
                if (d->problem != LINK_WANTS_PAIRING)
                        d->problem = LINK_OK; /* there is no link to have one */
                /* The first failure is often only a missed advertisement. */
                d->not_before_usec =
                                d->failures++ == 0 ? now_usec : now_usec + bluez_back_off(d->failures - 1);
                if (error_is_gone(e))
                        bluez_resync(d->bluez);
        }
        device_evaluate(d);
        return 0;
}

static const char *body_location_to_string(uint8_t location)
{
        /* Heart Rate Service 1.0, 3.2.1 */
        static const char *const names[] = { "other", "chest", "wrist", "finger", "hand", "ear lobe",
                "foot" };

        return location < ELEMENTSOF(names) ? names[location] : NULL;
}

static int on_location(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Device *d = userdata;
        const void *value;
        size_t size;

        (void)error;
        d->location_slot = sd_bus_slot_unref(d->location_slot);
        if (!sd_bus_message_is_method_error(m, NULL) &&
                        sd_bus_message_read_array(m, 'y', &value, &size) >= 0 && size >= 1)
                d->body_location = body_location_to_string(*(const uint8_t *)value);
        device_report(d);
        return 0;
}

/* -- What is next -- */

static void device_connect(Device *d)
{
        if (device_call(d, d->path, BLUEZ_DEVICE_INTERFACE, "Connect", false, on_connected, d,
                            CONNECT_TIMEOUT_USEC, &d->link_slot) >= 0)
                d->connecting = d->called = true;
        else
                d->not_before_usec = now_boot_usec() + bluez_back_off(++d->failures);
}

static void device_read_location(Device *d)
{
        if (!d->connected || !d->resolved || d->body_location || !d->location_path || d->location_asked)
                return;
        d->location_asked = true;
        (void)device_call(d, d->location_path, BLUEZ_CHARACTERISTIC_INTERFACE, "ReadValue", true, on_location,
                        d, CALL_TIMEOUT_USEC, &d->location_slot); /* nice to have only */
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source, (void)usec;
        device_evaluate(userdata);
        return 0;
}

/* Looks again then. A timer that is set to an earlier time stays: it finds nothing to do and is set anew. So a strap
 * that sends every second costs no timer call a second. */
static void device_wait(Device *d, usec_t until_usec)
{
        uint64_t armed_usec;
        int enabled = SD_EVENT_OFF, r;

        if (d->timer && sd_event_source_get_enabled(d->timer, &enabled) >= 0 && enabled != SD_EVENT_OFF &&
                        sd_event_source_get_time(d->timer, &armed_usec) >= 0 && armed_usec <= until_usec)
                return;
        if (!d->timer) {
                r = sd_event_add_time(d->bluez->event, &d->timer, CLOCK_BOOTTIME, until_usec, 0, on_timer, d);
        } else {
                r = sd_event_source_set_time(d->timer, until_usec);
                if (r >= 0)
                        r = sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT);
        }
        if (r < 0)
                log_warning("%s: cannot set a timer: %s", d->address, strerror(-r));
}

/* Not connected. Returns when to look again. */
static usec_t device_absent(Device *d, usec_t now_usec)
{
        const Adapter *a = mirror_adapter_of(d->bluez, d->path);

        if (!a || !a->powered || !(d->want_connect || a->register_failed))
                return USEC_INFINITY;
        if (now_usec < d->not_before_usec)
                return d->not_before_usec;
        device_connect(d);
        return d->connecting ? USEC_INFINITY : d->not_before_usec;
}

/* No longer the runner's strap: its connection is none of our business, its values are not to be had. */
static void device_leave(Device *d)
{
        d->want_connect = d->mending = false;
        d->problem = d->said = LINK_OK;
        device_unsubscribe(d);
        device_retry_subscriptions(d);
}

/* The configured strap need not be trusted, but we do not scan: once BlueZ has forgotten it, nobody finds it again. */
static void device_warn_untrusted(Device *d)
{
        if (d->warned || !d->resolved || d->trusted || d->paired)
                return;
        d->warned = true;
        log_notice("%s: neither trusted nor paired: BlueZ forgets it soon after it is gone, and will not "
                   "connect it "
                   "again; `cardioctl trust %s` helps",
                        d->address, d->address);
}

/* The manager knows it as one of the runner's. */
static bool device_is_reported_strap(const Device *d)
{
        return d->number >= 0 && d->reported.configured;
}

void device_evaluate(Device *d)
{
        usec_t now_usec = now_boot_usec(), again_usec = USEC_INFINITY;

        if (d->rssi != 0 && scan_is_wanted(d->bluez))
                d->found = true;
        if (!device_is_strap(d)) {
                d->strange = d->address[0]; /* without one it was not told of yet */
                device_leave(d);
                if (device_is_found(d))
                        device_report(d);
                else
                        device_withdraw(d);
                return;
        }
        /* A strap that has just become ours and was never connected: auto-connect starts with the first Connect(). */
        if (!device_is_reported_strap(d) && !d->connected && (d->discovered || d->strange))
                d->want_connect = true;
        d->strange = false;
        device_warn_untrusted(d);

        /* While Disconnect() is under way there is nothing to do; during Connect() the link may already be up. */
        if (!d->link_slot || (d->connecting && d->connected))
                again_usec = d->connected ? device_check_link(d, now_usec) : device_absent(d, now_usec);
        device_read_location(d);
        device_report(d);
        if (again_usec < USEC_INFINITY)
                device_wait(d, again_usec);
}

void device_lose(Device *d)
{
        d->link_slot = sd_bus_slot_unref(d->link_slot);
        d->connecting = d->want_connect = d->discovered = d->strange = d->found = d->inherited = false;
        d->overdue = false;
        d->rssi = 0;
        d->failures = 0;
        d->not_before_usec = 0;
        d->ending = true; /* it is not the link that failed */
        device_set_link(d, false, false);
        device_drop_measurements(d);
        d->problem = d->said = LINK_OK;
        d->mending = d->ending = d->called = false;
        d->cuts = 0;
        free(TAKE_PTR(d->location_path));
        device_evaluate(d);
}

Device *device_free(Device *d)
{
        if (!d)
                return NULL;
        sd_bus_slot_unref(d->link_slot);
        sd_bus_slot_unref(d->location_slot);
        sd_event_source_disable_unref(d->timer);
        device_drop_measurements(d);
        free(d->reason);
        free(d->location_path);
        free(d->name);
        free(d->path);
        free(d);
        return NULL;
}
