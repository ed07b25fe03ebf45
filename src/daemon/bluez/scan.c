/* SPDX-License-Identifier: MIT */
/* Discovery of sensors, on every adapter that is on, while somebody wants it. BlueZ keeps one discovery for each
 * client and adapter, and drops it when the adapter is switched off or bluetoothd goes: so what runs is compared with what is
 * wanted whenever anything changes. Each adapter has at most one pending call, whatever happens to it meanwhile: bluetoothd
 * aborts on Start, Stop, Start, Stop with answers outstanding. BlueZ is asked for all LE devices, since bluetoothd 5.87
 * crashes on a filter with UUIDs, and not every sensor advertises its service: sensor.c decides which of them are sensors.
 * Discovery keeps trusted sensors from connecting by themselves, and pauses while task.c connects one. Times are
 * CLOCK_BOOTTIME. */

#include "bluez/scan.h"

#include <stdlib.h>

#include "bluez/call.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/radio.h"
#include "bluez/task.h"
#include "cardio/bus-api.h"
#include "log.h"

#define SCAN_CALL_TIMEOUT_USEC (25 * USEC_PER_SEC)
/* The kernel's discovery goes on for about 10 s after a bluetoothd that died during it; until then StartDiscovery answers "in
 * progress", although nothing is discovered. */
#define SCAN_LEFT_OVER_USEC (11 * USEC_PER_SEC)

bool scan_is_wanted(const Bluez *b)
{
        return (b->scan || tasks_need_discovery(b)) && !tasks_are_connecting(b);
}

bool bluez_scanning(const Bluez *b)
{
        if (b->scan && tasks_are_connecting(b))
                return true; /* it pauses for a moment */
        for (size_t i = 0; i < b->n_adapters; i++)
                if (b->adapters[i]->discovering)
                        return true;
        return false;
}

/* -- One adapter -- */

void adapter_lose_scan(Adapter *a)
{
        a->discovering = false;
        a->scan_failures = 0;
        a->scan_retry = sd_event_source_disable_unref(a->scan_retry);
        free(TAKE_PTR(a->scan_error));
}

static int adapter_call(Adapter *a, sd_bus_message *call, sd_bus_message_handler_t done)
{
        return sd_bus_call_async(a->bluez->bus, &a->scan_slot, call, done, a, SCAN_CALL_TIMEOUT_USEC);
}

static int adapter_call_method(Adapter *a, const char *method, sd_bus_message_handler_t done)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = sd_bus_message_new_method_call(
                        a->bluez->bus, &call, BLUEZ_BUS_NAME, a->path, BLUEZ_ADAPTER_INTERFACE, method);

        return r < 0 ? r : adapter_call(a, call, done);
}

static int on_scan_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        Adapter *a = userdata;

        (void)source, (void)usec;
        a->scan_retry = sd_event_source_disable_unref(a->scan_retry);
        bluez_mark_scan(a->bluez);
        return 0;
}

static void adapter_scan_again(Adapter *a, usec_t pause_usec)
{
        a->scan_retry = sd_event_source_disable_unref(a->scan_retry);
        /* Without memory for a timer the adapter's next change tries again. */
        (void)sd_event_add_time_relative(
                        a->bluez->event, &a->scan_retry, CLOCK_BOOTTIME, pause_usec, 0, on_scan_retry, a);
}

static void adapter_scan_failed(Adapter *a, const char *message)
{
        if (!a->powered)
                return; /* switched off meanwhile: started again when it is on */
        if (!a->scan_error)
                log_warning("%s: cannot discover sensors: %s", a->path, message);
        free(a->scan_error);
        a->scan_error = strdup(message); /* without memory it looks as if there were no answer yet */
        adapter_scan_again(a, bluez_back_off(++a->scan_failures));
}

static int on_started(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Adapter *a = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];

        (void)error;
        a->scan_slot = sd_bus_slot_unref(a->scan_slot);
        if (e && !error_is_in_progress(e)) {
                adapter_scan_failed(a, bluez_error_text(e, text));
        } else if (e && !a->bluez_discovering) {
                log_debug("%s: the discovery before has yet to end", a->path);
                adapter_scan_again(a, SCAN_LEFT_OVER_USEC);
        } else {
                log_debug("%s: discovery started", a->path);
                a->discovering = a->powered; /* if it was switched off, discovery has ended */
                a->scan_failures = 0;
                free(TAKE_PTR(a->scan_error));
        }
        bluez_mark_scan(a->bluez);
        return 0;
}

static int on_filter_set(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Adapter *a = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];
        int r = 0;

        (void)error;
        a->scan_slot = sd_bus_slot_unref(a->scan_slot);
        if (e)
                adapter_scan_failed(a, bluez_error_text(e, text));
        else if (scan_is_wanted(a->bluez) && a->powered)
                r = adapter_call_method(a, "StartDiscovery", on_started);
        if (r < 0)
                adapter_scan_failed(a, strerror(-r));
        bluez_mark_scan(a->bluez);
        return 0;
}

static int on_stopped(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Adapter *a = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];

        (void)error;
        a->scan_slot = sd_bus_slot_unref(a->scan_slot);
        a->discovering = false;
        /* It has no discovery of ours then, which is fine. */
        log_debug("%s: discovery stopped%s%s", a->path, e ? ": " : "", e ? bluez_error_text(e, text) : "");
        bluez_mark_scan(a->bluez);
        return 0;
}

static int adapter_set_filter(Adapter *a)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = sd_bus_message_new_method_call(a->bluez->bus, &call, BLUEZ_BUS_NAME, a->path,
                        BLUEZ_ADAPTER_INTERFACE, "SetDiscoveryFilter");

        if (r >= 0)
                r = sd_bus_message_append(call, "a{sv}", 1, "Transport", "s", "le");
        return r < 0 ? r : adapter_call(a, call, on_filter_set);
}

/* Does what is next on this adapter. */
static void adapter_discover(Adapter *a)
{
        bool wanted = scan_is_wanted(a->bluez) && a->powered;
        int r = 0;

        if (a->scan_slot || wanted == a->discovering)
                return;
        if (!wanted) {
                r = adapter_call_method(a, "StopDiscovery", on_stopped);
        } else if (!a->scan_retry) {
                r = adapter_set_filter(a);
                if (r < 0)
                        adapter_scan_failed(a, strerror(-r));
        }
        if (r < 0)
                log_warning("%s: cannot call BlueZ: %s", a->path, strerror(-r));
}

/* -- All of them -- */

/* Whether discovery has failed wherever it could run, and with what message. */
static const char *scan_error(const Bluez *b)
{
        const char *message = NULL;

        for (size_t i = 0; i < b->n_adapters; i++) {
                const Adapter *a = b->adapters[i];
                if (!a->powered)
                        continue;
                if (!a->scan_error)
                        return NULL;
                message = a->scan_error;
        }
        return message;
}

static void scan_tell(Bluez *b)
{
        const char *obstacle = bluez_obstacle(b), *message = scan_error(b);

        if (b->scan && obstacle)
                b->handlers->scan_changed(b->userdata, CARDIO_ERROR_NO_BLUETOOTH, obstacle);
        else if (b->scan && message && !bluez_scanning(b))
                b->handlers->scan_changed(b->userdata, CARDIO_ERROR_BLUEZ, message);
        else
                b->handlers->scan_changed(b->userdata, NULL, NULL);
}

void scan_evaluate(Bluez *b)
{
        for (size_t i = 0; i < b->n_adapters; i++)
                adapter_discover(b->adapters[i]);
        scan_tell(b);
}

void bluez_scan(Bluez *b, bool wanted)
{
        if (b->scan != wanted) {
                b->scan = wanted;
                /* A new request is a new attempt. */
                for (size_t i = 0; wanted && i < b->n_adapters; i++)
                        if (!b->adapters[i]->discovering && !b->adapters[i]->scan_slot)
                                adapter_lose_scan(b->adapters[i]);
                bluez_mark_devices(b);
        }
        bluez_mark_scan(b);
}
