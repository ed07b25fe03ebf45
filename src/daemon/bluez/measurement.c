/* SPDX-License-Identifier: MIT */
/* The values of Heart Rate Measurement. Most devices have one such characteristic; some list two, one of them dead. The first
 * that sends on a link counts; the other does when that one goes or falls silent. Never both at once, which would double every
 * value. Nothing here waits for the evaluation: a value goes straight through. Times are CLOCK_BOOTTIME. */

#include "bluez/measurement.h"

#include <sys/ioctl.h>

#include "bluez/heal.h"
#include "bluez/internal.h"
#include "bluez/policy.h"
#include "cardio/macro.h"
#include "shared/clock.h"
#include "log.h"

/* What was queued during a stall is read within this time after it. */
#define STALL_OVER_USEC (200 * USEC_PER_MSEC)

/* Another characteristic than the source has sent. Returns whether it becomes the source. */
static bool measurement_take_over(Characteristic *c, usec_t now_usec)
{
        Device *d = c->device;

        if (d->source && now_usec - d->source->value_usec <
                                         policy_silence(&d->arrivals, d->bluez->config.stale_usec))
                return false;
        if (d->source)
                log_debug("%s: %s is silent, %s sends", d->address, d->source->path, c->path);
        d->source = c;
        return true;
}

/* The size of a queued notification: none is shorter. */
#define NOTIFICATION_BYTES 200U

/* How many values may be queued after the current one, in sd-bus or in the socket. */
static size_t n_waiting(Bluez *b)
{
        int bytes = 0, fd = sd_bus_get_fd(b->bus);
        uint64_t n = 0;

        (void)sd_bus_get_n_queued_read(b->bus, &n); /* a lost bus has nothing queued */
        if (fd >= 0 && ioctl(fd, FIONREAD, &bytes) >= 0)
                n += ((size_t)bytes + NOTIFICATION_BYTES - 1) / NOTIFICATION_BYTES;
        return n;
}

/* sd-bus does not say when a message arrived: it is now, unless this process was stalled. */
static usec_t value_time(Device *d, usec_t now_usec, bool *ret_late)
{
        *ret_late = false;
        if (!d->arrivals.late && now_usec >= d->bluez->stalled_usec + STALL_OVER_USEC)
                return now_usec;
        return arrivals_sent(&d->arrivals, now_usec, n_waiting(d->bluez), ret_late);
}

void measurement_take(Characteristic *c, const uint8_t *value, size_t size)
{
        Device *d = c->device;
        bool late;
        usec_t now_usec = value_time(d, now_boot_usec(), &late);

        c->value_usec = now_usec;
        if (d->source != c && !measurement_take_over(c, now_usec))
                return;
        d->value_usec = now_usec;
        /* It works: the next failure is a new one. A late value does not prove that a pending Disconnect() failed, so
         * want_connect stays. */
        d->failures = 0;
        arrivals_push(&d->arrivals, now_usec);
        if (!d->delivered || d->problem != LINK_OK || d->cuts > 0 || c->subscribe_failures > 0)
                device_recovered(d);
        if (d->number >= 0 && d->reported.configured)
                d->bluez->handlers->notification(
                                d->bluez->userdata, (unsigned)d->number, value, size, now_usec, late);
}
