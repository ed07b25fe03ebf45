/* SPDX-License-Identifier: MIT */
/* The values of Heart Rate Measurement, and of the characteristics that measure pace. Most devices have one of a kind; some list
 * two, one of them dead. The first that sends on a link counts; the other does when that one goes or falls silent. Never both at
 * once, which would double every value. Different measurements of one device know nothing of each other. Nothing here waits for
 * the evaluation: a value goes straight through. Times are CLOCK_BOOTTIME. */

#include "bluez/measurement.h"

#include <math.h>
#include <sys/ioctl.h>

#include "bluez/dirty.h"
#include "bluez/heal.h"
#include "bluez/internal.h"
#include "bluez/policy.h"
#include "bluez/sensor.h"
#include "cardio/macro.h"
#include "cardio/running-speed.h"
#include "cardio/treadmill.h"
#include "shared/clock.h"
#include "log.h"

/* What was queued during a stall is read within this time after it. */
#define STALL_OVER_USEC (200 * USEC_PER_MSEC)

static Source *measurement_source(Characteristic *c)
{
        return &c->device->sources[c->kind->measure];
}

/* Another characteristic than the one that counts has sent. Returns whether it becomes that one. */
static bool measurement_take_over(Characteristic *c, usec_t now_usec)
{
        Source *source = measurement_source(c);
        const Characteristic *other = source->characteristic;
        Device *d = c->device;

        if (other && now_usec - other->value_usec <
                                        policy_silence(&source->arrivals, d->bluez->config.stale_usec))
                return false;
        if (other)
                log_debug("%s: %s is silent, %s sends", d->address, other->path, c->path);
        source->characteristic = c;
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
static usec_t value_time(Bluez *b, Arrivals *arrivals, usec_t now_usec, bool *ret_late)
{
        *ret_late = false;
        if (!arrivals->late && now_usec >= b->stalled_usec + STALL_OVER_USEC)
                return now_usec;
        return arrivals_sent(arrivals, now_usec, n_waiting(b), ret_late);
}

/* A value arrived, at *ret_usec. Returns whether it is to be handed on. */
_hot_ static bool measurement_arrived(Characteristic *c, usec_t *ret_usec, bool *ret_late)
{
        Source *source = measurement_source(c);
        Device *d = c->device;
        usec_t now_usec = value_time(d->bluez, &source->arrivals, now_boot_usec(), ret_late);
        bool known;

        if (!device_wants(d, c->kind->measure))
                return false; /* it is about to be unsubscribed from */
        c->value_usec = now_usec;
        if (source->characteristic != c && !measurement_take_over(c, now_usec))
                return false;
        source->value_usec = now_usec;
        /* It works: the next failure is a new one. A late value does not prove that a pending Disconnect() failed, so
         * want_connect stays. */
        d->failures = 0;
        known = arrivals_known(&source->arrivals);
        arrivals_push(&source->arrivals, now_usec);
        if (!known && arrivals_known(&source->arrivals))
                device_mark(d); /* from now on its silence shows sooner */
        if (!characteristic_is_main(c)) {
                if (c->subscribe_failures > 0 && device_clear_failures(d))
                        device_mark(d);
        } else if (!d->delivered || d->problem != LINK_OK || d->cuts > 0 || c->subscribe_failures > 0) {
                device_recovered(d);
        }
        *ret_usec = now_usec;
        return d->number >= 0 && d->reported.configured;
}

_hot_ void measurement_take_heart_rate(Characteristic *c, const uint8_t *value, size_t size)
{
        Device *d = c->device;
        usec_t at_usec;
        bool late;

        if (measurement_arrived(c, &at_usec, &late))
                d->bluez->handlers->notification(
                                d->bluez->userdata, (unsigned)d->number, value, size, at_usec, late);
}

/* From the first value that moves its silence is watched, which may not be so yet. */
static void note_motion(Characteristic *c, double speed)
{
        Source *source = measurement_source(c);

        if (isnan(speed))
                return;
        if (speed > 0 && (!source->moving || !source->characteristic))
                device_mark(c->device);
        source->moving = speed > 0;
}

static void take_pace(Characteristic *c, PaceFormat format, const uint8_t *value, size_t size, double speed)
{
        Device *d = c->device;
        usec_t at_usec;
        bool late;

        note_motion(c, speed);
        if (measurement_arrived(c, &at_usec, &late))
                d->bluez->handlers->pace(
                                d->bluez->userdata, (unsigned)d->number, format, value, size, at_usec);
}

void measurement_take_running_speed(Characteristic *c, const uint8_t *value, size_t size)
{
        PaceReading r;

        take_pace(c, PACE_FORMAT_RUNNING_SPEED, value, size,
                        running_speed_parse(value, size, &r) ? r.speed : NAN);
}

/* Of a reading in several parts the last has the speed. */
void measurement_take_treadmill(Characteristic *c, const uint8_t *value, size_t size)
{
        Treadmill t = { .waits = false };
        PaceReading r;

        take_pace(c, PACE_FORMAT_TREADMILL, value, size,
                        treadmill_take(&t, value, size, 0, &r) > 0 ? r.speed : NAN);
}
