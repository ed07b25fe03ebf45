/* SPDX-License-Identifier: MIT */
/* One sensor's way to a live subscription. Whatever happens to the device, device_evaluate() looks at all that is known
 * and does the one thing that is next; so the order in which BlueZ signals things does not matter. What is wrong with a
 * link that is there, and whether to heal it, is heal.c's to say. Times are CLOCK_BOOTTIME.
 *
 *   not connected                      wait for the profile's auto-connect, or Connect() where that does not apply
 *   connected, services not resolved   wait; for longer than 10 s it is stuck (bluetoothd was killed): heal
 *   resolved, no characteristic        wait; for longer than 5 s the discovery had failed: heal
 *   resolved, not notifying            StartNotify, on each characteristic that sends
 *   notifying                          watch: silent for too long, heal */

#include "bluez/device.h"

#include "bluez/call.h"
#include "bluez/characteristic.h"
#include "bluez/dirty.h"
#include "bluez/heal.h"
#include "bluez/internal.h"
#include "bluez/objects.h"
#include "bluez/scan.h"
#include "bluez/sensor.h"
#include "cardio/bus-api.h"
#include "shared/clock.h"
#include "log.h"

#define IN_PROGRESS_USEC     (2 * USEC_PER_SEC)
#define CONNECT_TIMEOUT_USEC (60 * USEC_PER_SEC) /* the kernel's own attempt takes 40 s */

/* -- Calls -- */

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
                d->overdue = false; /* BlueZ takes calls in order: Disconnect() is done */
                /* A reply of success does not prove a link, nor an error that there is none: only Connected and
                 * ServicesResolved count. */
                if (!d->connected) {
                        d->not_before_usec = now_usec + bluez_back_off(++d->failures);
                        bluez_mark_stale(d->bluez);
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
                        bluez_mark_stale(d->bluez);
        }
        device_mark(d);
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

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source, (void)usec;
        device_mark(userdata);
        return 0;
}

/* Sets the time of the next evaluation. A timer that is set to an earlier time stays, finds nothing to do, and is set again.
 * So a strap that sends every second costs no timer call per second. */
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

/* Not connected. Returns when to evaluate again. */
static usec_t device_absent(Device *d, usec_t now_usec)
{
        const Adapter *a = bluez_adapter_of(d->bluez, d->path);

        if (!a || !a->powered || !(d->want_connect || a->register_failed))
                return USEC_INFINITY;
        if (now_usec < d->not_before_usec)
                return d->not_before_usec;
        device_connect(d);
        return d->connecting ? USEC_INFINITY : d->not_before_usec;
}

/* No longer the runner's: its connection is not ours to manage, and its values are ignored. */
static void device_leave(Device *d)
{
        d->want_connect = d->mending = false;
        d->problem = d->logged = LINK_OK;
        device_unsubscribe(d);
        device_retry_subscriptions(d);
}

/* A configured sensor need not be trusted; but once BlueZ has removed it nothing finds it again, since we do not scan. */
static void device_warn_untrusted(Device *d)
{
        if (d->warned || !d->resolved || d->trusted || d->paired)
                return;
        d->warned = true;
        log_notice("%s: neither trusted nor paired: BlueZ forgets it soon after it is gone, and will not connect it again; "
                   "`cardioctl trust %s` helps",
                        d->address, d->address);
}

/* The manager knows it as the runner's. */
static bool device_is_reported_own(const Device *d)
{
        return d->number >= 0 && d->reported.configured;
}

void device_evaluate(Device *d)
{
        usec_t now_usec = now_boot_usec(), again_usec = USEC_INFINITY;

        if (d->rssi != 0 && scan_is_wanted(d->bluez))
                d->found = true;
        if (d->resolved)
                d->other_machine = d->other_data && !device_can_measure(d);
        if (!device_is_own(d)) {
                d->strange = d->address[0]; /* without an address it has not been reported yet */
                device_leave(d);
                if (device_is_found(d))
                        device_report(d);
                else
                        device_withdraw(d);
                return;
        }
        /* One that has just become ours and was never connected: auto-connect starts only with the first Connect(). */
        if (!device_is_reported_own(d) && !d->connected && (d->discovered || d->strange))
                d->want_connect = true;
        d->strange = false;
        device_warn_untrusted(d);

        /* While Disconnect() is pending there is nothing to do; while Connect() is, the link may already be up. */
        if (!d->link_slot || (d->connecting && d->connected))
                again_usec = d->connected ? device_check_link(d, now_usec) : device_absent(d, now_usec);
        device_read(d);
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
        device_drop_characteristics(d);
        d->problem = d->logged = LINK_OK;
        d->mending = d->ending = d->called = false;
        d->cuts = 0;
        device_mark(d);
}
