/* SPDX-License-Identifier: MIT */
/* The characteristics of a device that measure heart rates: subscribing to each, and taking the values of one. Most devices
 * have one; some show two, one of them dead, and the first that sends on a link is taken, the other when that one goes or
 * falls silent. Never both at once, which would double every value. Times are CLOCK_BOOTTIME. */

#include "bluez-internal.h"

#include <stdlib.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "clock.h"
#include "log.h"

#define NOTIFY_TIMEOUT_USEC (10 * USEC_PER_SEC) /* asked again then: it does no harm */
#define STOP_TIMEOUT_USEC   (30 * USEC_PER_SEC)

/* -- Which there are -- */

static Characteristic *measurement_free(Characteristic *c)
{
        if (!c)
                return NULL;
        sd_bus_slot_unref(c->slot);
        free(c->path);
        free(c);
        return NULL;
}

/* Returns 0, also if there are too many of them, or a negative errno. */
int device_add_measurement(Device *d, const char *path)
{
        Characteristic *c;

        for (size_t i = 0; i < d->n_measurements; i++)
                if (strcmp(d->measurements[i]->path, path) == 0) {
                        d->measurements[i]->told = true;
                        return 0;
                }
        if (d->n_measurements == MEASUREMENTS_MAX) {
                log_debug("%s: ignored, more than %u measurements of one device", path, MEASUREMENTS_MAX);
                return 0;
        }
        c = calloc(1, sizeof(*c));
        if (c)
                c->path = strdup(path);
        if (!c || !c->path) {
                measurement_free(c);
                return -ENOMEM;
        }
        c->device = d;
        c->told = true;
        d->measurements[d->n_measurements++] = c;
        return 0;
}

void device_remove_measurement(Device *d, const char *path)
{
        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                if (strcmp(c->path, path) != 0)
                        continue;
                if (d->source == c)
                        d->source = NULL;
                d->measurements[i] = d->measurements[--d->n_measurements];
                d->measurements[d->n_measurements] = NULL;
                measurement_free(c);
                if (d->n_measurements == 0)
                        d->link_usec = now_boot_usec(); /* a new one is given as long as at the link's start */
                return;
        }
}

void device_drop_measurements(Device *d)
{
        d->source = NULL;
        while (d->n_measurements > 0) {
                measurement_free(d->measurements[--d->n_measurements]);
                d->measurements[d->n_measurements] = NULL;
        }
}

/* -- Subscribing -- */

bool device_is_notifying(const Device *d)
{
        for (size_t i = 0; i < d->n_measurements; i++)
                if (d->measurements[i]->notifying)
                        return true;
        return false;
}

LinkProblem device_refusal(const Device *d, bool any)
{
        if (!any && device_is_notifying(d))
                return LINK_OK;
        for (size_t i = 0; i < d->n_measurements; i++)
                if (d->measurements[i]->refusal != LINK_OK)
                        return d->measurements[i]->refusal;
        return LINK_OK;
}

static void measurement_failed(Characteristic *c)
{
        c->not_before_usec = now_boot_usec() + policy_notify_pause(++c->failures);
}

static void measurement_retry(Characteristic *c)
{
        c->failures = 0;
        c->not_before_usec = 0;
}

static void measurement_refused(Characteristic *c, const sd_bus_error *e)
{
        Device *d = c->device;
        char *reason = strdup(e->message ? e->message : e->name);

        log_debug("%s: StartNotify: %s", d->address, e->message);
        c->refusal = policy_refusal(e->name, e->message);
        if (reason) { /* without memory the one before is good enough */
                free(d->reason);
                d->reason = reason;
        }
        measurement_failed(c);
        if (error_is_gone(e))
                bluez_resync(d->bluez);
}

static int on_notifying(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Characteristic *c = userdata;
        Device *d = c->device;
        const sd_bus_error *e = sd_bus_message_get_error(m);

        (void)error;
        c->slot = sd_bus_slot_unref(c->slot);
        if (!e) {
                c->notifying = true;
                c->notifying_usec = now_boot_usec();
                c->refusal = LINK_OK;
                measurement_retry(c);
        } else if (error_is_in_progress(e)) {
                measurement_failed(c);
        } else {
                measurement_refused(c, e);
        }
        device_evaluate(d);
        return 0;
}

static int on_stopped(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Characteristic *c = userdata;

        (void)m, (void)error;
        c->slot = sd_bus_slot_unref(c->slot);
        device_evaluate(c->device); /* it may be the runner's again */
        return 0;
}

usec_t device_subscribe(Device *d, usec_t now_usec)
{
        usec_t again_usec = USEC_INFINITY;

        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                if (c->notifying || c->slot)
                        continue;
                if (now_usec >= c->not_before_usec &&
                                device_call(d, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify", false,
                                                on_notifying, c, NOTIFY_TIMEOUT_USEC, &c->slot) < 0)
                        measurement_failed(c);
                if (!c->slot && c->not_before_usec < again_usec)
                        again_usec = c->not_before_usec;
        }
        return again_usec;
}

void device_unsubscribe(Device *d)
{
        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                if (!c->notifying)
                        continue;
                c->notifying = false;
                (void)device_call(d, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "StopNotify", false, on_stopped,
                                c, STOP_TIMEOUT_USEC, &c->slot); /* a polite word, no more */
        }
}

void device_reset_subscriptions(Device *d)
{
        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                c->notifying = false;
                c->refusal = LINK_OK;
                c->slot = sd_bus_slot_unref(c->slot);
                measurement_retry(c);
        }
}

void device_retry_subscriptions(Device *d)
{
        for (size_t i = 0; i < d->n_measurements; i++)
                measurement_retry(d->measurements[i]);
}

void measurement_released(Characteristic *c)
{
        measurement_retry(c);
        device_evaluate(c->device);
}

/* -- Values -- */

/* Another one than the one whose values are taken has sent. Returns whether its values are taken from now on. */
_apart_ static bool measurement_take_over(Characteristic *c, usec_t now_usec)
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

void measurement_value(Characteristic *c, const uint8_t *value, size_t size)
{
        Device *d = c->device;
        usec_t now_usec = now_boot_usec();

        c->value_usec = now_usec;
        if (d->source != c && !measurement_take_over(c, now_usec))
                return;
        d->value_usec = now_usec;
        /* It works: the next trouble is a new one. A late value does not stop a Disconnect() that is under way, so
         * that want_connect stays as it is. */
        d->failures = 0;
        arrivals_push(&d->arrivals, now_usec);
        if (!d->delivered || d->problem != LINK_OK || d->cuts > 0)
                device_recovered(d);
        if (d->number >= 0 && d->reported.configured)
                d->bluez->handlers->notification(
                                d->bluez->userdata, (unsigned)d->number, value, size, now_usec);
}
