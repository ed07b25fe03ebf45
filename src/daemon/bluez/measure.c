/* SPDX-License-Identifier: MIT */
/* The characteristics of a device that measure heart rates: subscribing to each, and taking the values of one. Most devices
 * have one; some show two, one of them dead, and the first that sends on a link is taken, the other when that one goes or
 * falls silent. Never both at once, which would double every value. A strap that demands encryption is found by what becomes
 * of StartNotify(): see policy.h. Times are CLOCK_BOOTTIME. */

#include "bluez/measure.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#include "bluez/call.h"
#include "bluez/dirty.h"
#include "bluez/heal.h"
#include "bluez/internal.h"
#include "bluez/strap.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "clock.h"
#include "log.h"

#define STOP_TIMEOUT_USEC (30 * USEC_PER_SEC)
/* What has waited is taken in this time after a stall. */
#define STALL_OVER_USEC (200 * USEC_PER_MSEC)

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

/* Ready to be subscribed to: as soon as may be, of one that wants to be paired. */
static void measurement_retry(Characteristic *c)
{
        usec_t pause_usec = policy_pairing_pause(c->subscribe_failures);

        c->failures = 0;
        c->not_before_usec = pause_usec > 0 ? c->subscribe_failed_usec + pause_usec : 0;
}

static void measurement_reset(Characteristic *c)
{
        c->slot = sd_bus_slot_unref(c->slot);
        c->starting = c->notifying = c->failure_counted = false;
        c->refusal = policy_wants_pairing(c->subscribe_failures) ? LINK_WANTS_PAIRING : LINK_OK;
        measurement_retry(c);
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
        c->subscribe_failures = d->subscribe_failures;
        c->subscribe_failed_usec = d->subscribe_failed_usec;
        measurement_reset(c);
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
                if (c->subscribe_failures > d->subscribe_failures) {
                        d->subscribe_failures = c->subscribe_failures;
                        d->subscribe_failed_usec = c->subscribe_failed_usec;
                }
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
        d->subscribe_failures = 0;
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
        for (size_t i = 0; i < d->n_measurements; i++) {
                LinkProblem refusal = d->measurements[i]->refusal;

                /* Who sends by another one, or may do so yet, need not be paired. */
                if (refusal == LINK_WANTS_PAIRING && (!any || d->source))
                        continue;
                if (refusal != LINK_OK)
                        return refusal;
        }
        return LINK_OK;
}

bool device_wants_pairing(const Device *d)
{
        for (size_t i = 0; i < d->n_measurements; i++)
                if (!policy_wants_pairing(d->measurements[i]->subscribe_failures))
                        return false;
        return d->n_measurements > 0 || policy_wants_pairing(d->subscribe_failures);
}

/* It does not want to be paired, or no longer. */
static void measurement_clear_failures(Characteristic *c)
{
        c->subscribe_failures = c->device->subscribe_failures = 0;
        c->failure_counted = false;
        if (c->refusal == LINK_WANTS_PAIRING)
                c->refusal = LINK_OK;
}

static void measurement_failed(Characteristic *c, SubscribeFailure failure)
{
        /* Of two copies of a measurement one may send, and the other want to be paired. */
        bool known = c->value_usec > 0 || (c->device->n_measurements == 1 && device_is_known(c->device));
        unsigned failures = policy_count_failure(c->subscribe_failures, failure, c->failure_counted, known);
        usec_t now_usec = now_boot_usec(), not_before_usec;

        if (failures > c->subscribe_failures) {
                c->subscribe_failures = failures;
                c->subscribe_failed_usec = now_usec;
                c->failure_counted = true;
        }
        if (policy_wants_pairing(c->subscribe_failures))
                c->refusal = LINK_WANTS_PAIRING;
        c->not_before_usec = now_usec + policy_notify_pause(++c->failures, failure);
        not_before_usec = c->subscribe_failed_usec + policy_pairing_pause(c->subscribe_failures);
        if (not_before_usec > c->not_before_usec)
                c->not_before_usec = not_before_usec;
}

static void device_take_reason(Device *d, const char *text)
{
        char *reason = strdup(text);

        if (!reason) /* the one before is good enough */
                return;
        free(d->reason);
        d->reason = reason;
}

static int on_stopped(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Characteristic *c = userdata;

        (void)m, (void)error;
        c->slot = sd_bus_slot_unref(c->slot);
        device_mark(c->device); /* it may be the runner's again */
        return 0;
}

/* Never while another program holds the notifications: BlueZ takes them from it then, whoever calls. */
static void measurement_stop(Characteristic *c)
{
        if (!c->acquired)
                (void)device_call(c->device, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "StopNotify", false,
                                on_stopped, c, STOP_TIMEOUT_USEC, &c->slot); /* a polite word, no more */
}

static void measurement_refused(Characteristic *c, const sd_bus_error *e)
{
        SubscribeFailure failure = policy_subscribe_failure(e->name, e->message);
        char text[BLUEZ_ERROR_SIZE];
        Device *d = c->device;

        log_debug("%s: StartNotify: %s", d->address, bluez_error_text(e, text));
        c->refusal = policy_refusal(e->name, e->message);
        if (c->refusal != LINK_OK && c->refusal != LINK_WANTS_PAIRING)
                measurement_clear_failures(c); /* BlueZ says what it is */
        device_take_reason(d, failure == SUBSCRIBE_FAILURE_UNANSWERED ? "no answer" : text);
        measurement_failed(c, failure);
        if (error_is_gone(e))
                bluez_mark_stale(d->bluez);
        /* BlueZ has us as subscribed as far as it knows: it would say yes to the next StartNotify() on the dead link, and
         * begin each new link with another pairing, before its services are resolved. */
        if (failure == SUBSCRIBE_FAILURE_UNANSWERED)
                measurement_stop(c);
}

static void measurement_subscribed(Characteristic *c)
{
        c->notifying = true;
        c->notifying_usec = now_boot_usec();
        c->refusal = LINK_OK;
        c->failures = 0;
        c->not_before_usec = 0;
        if (c->device->delivered) /* the link is alive */
                measurement_clear_failures(c);
}

static int on_notifying(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Characteristic *c = userdata;
        Device *d = c->device;
        const sd_bus_error *e = sd_bus_message_get_error(m);

        (void)error;
        c->slot = sd_bus_slot_unref(c->slot);
        c->starting = false;
        if (!e)
                measurement_subscribed(c);
        else if (error_is_in_progress(e))
                measurement_failed(c, SUBSCRIBE_FAILURE_OTHER);
        else
                measurement_refused(c, e);
        device_mark(d);
        return 0;
}

static bool measurement_is_due(const Characteristic *c, usec_t now_usec)
{
        return !c->notifying && !c->slot && now_usec >= c->not_before_usec;
}

/* One that demands encryption may cost the link: once anything has failed so they are subscribed to one after the other, those
 * with the fewest failures first, and what wants pairing not at all while another one sends. */
static bool measurement_waits(const Characteristic *c, usec_t now_usec)
{
        const Device *d = c->device;
        bool failed = false, other_is_first = false;

        if (d->source && d->source != c && policy_wants_pairing(c->subscribe_failures))
                return true;
        for (size_t i = 0; i < d->n_measurements; i++) {
                const Characteristic *other = d->measurements[i];

                failed = failed || other->subscribe_failures > 0;
                if (other != c && (other->starting || (measurement_is_due(other, now_usec) &&
                                                                      other->subscribe_failures <
                                                                                      c->subscribe_failures)))
                        other_is_first = true;
        }
        return failed && other_is_first;
}

static void measurement_subscribe(Characteristic *c)
{
        c->asked_usec = now_boot_usec();
        if (device_call(c->device, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify", false,
                            on_notifying, c, NOTIFY_TIMEOUT_USEC, &c->slot) < 0)
                measurement_failed(c, SUBSCRIBE_FAILURE_OTHER);
        else
                c->starting = true;
}

usec_t device_subscribe(Device *d, usec_t now_usec)
{
        usec_t again_usec = USEC_INFINITY;

        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                if (measurement_is_due(c, now_usec) && !measurement_waits(c, now_usec))
                        measurement_subscribe(c);
                /* One that waits for another one is looked at when that one is answered. */
                if (!c->notifying && !c->slot && c->not_before_usec > now_usec &&
                                c->not_before_usec < again_usec)
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
                measurement_stop(c);
        }
}

void device_reset_subscriptions(Device *d)
{
        usec_t now_usec = now_boot_usec();

        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                /* On a link that had no use for it a subscription does not last so long. */
                if (c->notifying && now_usec - c->notifying_usec >= LINK_DEAD_USEC)
                        measurement_clear_failures(c);
                measurement_reset(c);
        }
}

void device_lose_subscriptions(Device *d)
{
        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                if (!c->starting)
                        continue;
                c->slot = sd_bus_slot_unref(c->slot);
                c->starting = false;
                device_take_reason(d, "the link was lost");
                measurement_failed(c, policy_lost_failure(now_boot_usec() - c->asked_usec));
        }
}

void device_retry_subscriptions(Device *d)
{
        d->subscribe_failures = 0;
        for (size_t i = 0; i < d->n_measurements; i++) {
                measurement_clear_failures(d->measurements[i]);
                measurement_retry(d->measurements[i]);
        }
}

bool device_clear_failures(Device *d)
{
        bool again = false;

        for (size_t i = 0; i < d->n_measurements; i++) {
                Characteristic *c = d->measurements[i];

                if (c->subscribe_failures == 0 || !(c->notifying || c == d->source))
                        continue;
                measurement_clear_failures(c);
                measurement_retry(c);
                again = again || !c->notifying;
        }
        return again;
}

void measurement_acquired(Characteristic *c, bool acquired)
{
        c->acquired = acquired;
        if (acquired)
                return;
        measurement_retry(c);
        device_mark(c->device);
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

/* Of a notification that is waiting on the connection: no shorter one is sent. */
#define NOTIFICATION_BYTES 200U

/* How many values may wait behind the one that is just taken, here or in the socket. */
static size_t n_waiting(Bluez *b)
{
        int bytes = 0, fd = sd_bus_get_fd(b->bus);
        uint64_t n = 0;

        (void)sd_bus_get_n_queued_read(b->bus, &n); /* of a lost bus nothing is queued */
        if (fd >= 0 && ioctl(fd, FIONREAD, &bytes) >= 0)
                n += ((size_t)bytes + NOTIFICATION_BYTES - 1) / NOTIFICATION_BYTES;
        return n;
}

/* sd-bus does not say when a message came: it is now, unless we have stood still. */
_heartbeat_ static usec_t value_time(Device *d, usec_t now_usec, bool *ret_late)
{
        *ret_late = false;
        if (!d->arrivals.late && now_usec >= d->bluez->stalled_usec + STALL_OVER_USEC)
                return now_usec;
        return arrivals_sent(&d->arrivals, now_usec, n_waiting(d->bluez), ret_late);
}

void measurement_value(Characteristic *c, const uint8_t *value, size_t size)
{
        Device *d = c->device;
        bool late;
        usec_t now_usec = value_time(d, now_boot_usec(), &late);

        c->value_usec = now_usec;
        if (d->source != c && !measurement_take_over(c, now_usec))
                return;
        d->value_usec = now_usec;
        /* It works: the next trouble is a new one. A late value does not stop a Disconnect() that is under way, so
         * that want_connect stays as it is. */
        d->failures = 0;
        arrivals_push(&d->arrivals, now_usec);
        if (!d->delivered || d->problem != LINK_OK || d->cuts > 0 || c->subscribe_failures > 0)
                device_recovered(d);
        if (d->number >= 0 && d->reported.configured)
                d->bluez->handlers->notification(
                                d->bluez->userdata, (unsigned)d->number, value, size, now_usec, late);
}
