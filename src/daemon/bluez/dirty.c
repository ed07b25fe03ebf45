/* SPDX-License-Identifier: MIT */
/* Marks what the evaluation has to look at. No clock. */

#include "bluez/dirty.h"

#include "bluez/internal.h"
#include "log.h"

static void mark(Bluez *b, bool *dirty)
{
        int r;

        *dirty = true;
        r = sd_event_source_set_enabled(b->evaluation, SD_EVENT_ONESHOT);
        if (r < 0)
                log_error("Cannot look at what BlueZ has told: %s", strerror(-r));
}

void device_mark(Device *d)
{
        mark(d->bluez, &d->dirty);
}

void bluez_mark_devices(Bluez *b)
{
        for (size_t i = 0; i < b->n_devices; i++)
                device_mark(b->devices[i]);
}

void bluez_mark_scan(Bluez *b)
{
        mark(b, &b->dirty.scan);
}

void bluez_mark_tasks(Bluez *b)
{
        mark(b, &b->dirty.tasks);
}

void bluez_mark_running(Bluez *b)
{
        mark(b, &b->dirty.running);
}

void bluez_mark_stale(Bluez *b)
{
        mark(b, &b->dirty.objects);
}

void bluez_mark_all(Bluez *b)
{
        bluez_mark_devices(b);
        bluez_mark_scan(b);
        bluez_mark_tasks(b);
}
