/* SPDX-License-Identifier: MIT */
/* Reads all of BlueZ's objects by GetManagedObjects: when BlueZ appears, and whenever the mirror may be stale. If the answer
 * cannot be read whole, piecemeal.c reads the objects one by one. The clock is a timer's, CLOCK_BOOTTIME. */

#include "bluez/snapshot.h"

#include "bluez/call.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/mirror.h"
#include "bluez/objects.h"
#include "shared/name-owner.h"
#include "bluez/piecemeal.h"
#include "cardio/bus-api.h"
#include "log.h"

#define SNAPSHOT_RETRY_USEC   (1 * USEC_PER_SEC)
#define SNAPSHOT_TIMEOUT_USEC (30 * USEC_PER_SEC)

static int on_snapshot_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bluez *b = userdata;

        (void)source, (void)usec;
        b->snapshot_retry = sd_event_source_disable_unref(b->snapshot_retry);
        bluez_mark_stale(b);
        return 0;
}

static void snapshot_ask_later(Bluez *b)
{
        int r = sd_event_add_time_relative(b->event, &b->snapshot_retry, CLOCK_BOOTTIME, SNAPSHOT_RETRY_USEC,
                        0, on_snapshot_retry, b);

        if (r < 0)
                log_error("Cannot ask BlueZ for its objects: %s", strerror(-r));
}

static int read_snapshot(Bluez *b, sd_bus_message *m)
{
        const char *path;
        Device *d;
        int r;

        mirror_begin(b);
        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = sd_bus_message_read(m, "o", &path);
                if (r >= 0)
                        r = mirror_read_interfaces(b, path, m);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                d = r < 0 ? NULL : bluez_find_device(b, path);
                if (d)
                        d->in_snapshot = true;
        }
        return r;
}

static int on_snapshot(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bluez *b = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];
        bool whole;
        int r;

        (void)error;
        b->snapshot_slot = sd_bus_slot_unref(b->snapshot_slot);
        whole = !e && name_owner_is_sender(&b->owner, m) &&
                sd_bus_message_has_signature(m, "a{oa{sa{sv}}}") > 0;
        r = e ? -sd_bus_error_get_errno(e) : whole ? read_snapshot(b, m) : -EBADMSG;
        if (whole && mirror_is_unreadable(r)) {
                piecemeal_all(b);
        } else if (r < 0) {
                log_debug("BlueZ does not tell its objects: %s; asking again",
                                e ? bluez_error_text(e, text) : strerror(-r));
                snapshot_ask_later(b);
        } else {
                mirror_end(b);
                bluez_mark_all(b);
        }
        return 0;
}

void snapshot_ask(Bluez *b)
{
        sd_bus_message *call = NULL;
        int r;

        if (!b->owner.owner || b->snapshot_slot || b->snapshot_retry || b->walking)
                return;
        r = sd_bus_message_new_method_call(b->bus, &call, BLUEZ_BUS_NAME, "/",
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        if (r >= 0)
                r = sd_bus_call_async(b->bus, &b->snapshot_slot, call, on_snapshot, b, SNAPSHOT_TIMEOUT_USEC);
        sd_bus_message_unref(call);
        if (r < 0)
                snapshot_ask_later(b);
}

void snapshot_end(Bluez *b)
{
        piecemeal_end(b);
        b->snapshot_slot = sd_bus_slot_unref(b->snapshot_slot);
        b->snapshot_retry = sd_event_source_disable_unref(b->snapshot_retry);
        b->snapshot_done = false;
}
