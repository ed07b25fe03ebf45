/* SPDX-License-Identifier: MIT */
/* The characteristics of a device that services.c knows: finding them, subscribing to those that notify, and reading the
 * others. A strap that demands encryption is recognised by how StartNotify() fails: see policy.h. Times are CLOCK_BOOTTIME. */

#include "bluez/characteristic.h"

#include <stdlib.h>

#include "bluez/call.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/policy.h"
#include "bluez/sensor.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "shared/clock.h"
#include "log.h"

#define STOP_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define READ_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* -- Finding them -- */

static Characteristic *characteristic_free(Characteristic *c)
{
        if (!c)
                return NULL;
        sd_bus_slot_unref(c->slot);
        free(c->path);
        free(c);
        return NULL;
}

/* To be subscribed to again: as soon as allowed, for one that wants to be paired. */
static void characteristic_retry(Characteristic *c)
{
        usec_t pause_usec = policy_pairing_pause(c->subscribe_failures);

        c->failures = 0;
        c->not_before_usec = pause_usec > 0 ? c->subscribe_failed_usec + pause_usec : 0;
}

static void characteristic_reset(Characteristic *c)
{
        c->slot = sd_bus_slot_unref(c->slot);
        c->starting = c->notifying = c->failure_counted = false;
        c->refusal = policy_wants_pairing(c->subscribe_failures) ? LINK_WANTS_PAIRING : LINK_OK;
        characteristic_retry(c);
}

static Source *characteristic_source(const Characteristic *c)
{
        return &c->device->sources[c->kind->measure];
}

/* Whether it is to be subscribed to. */
static bool characteristic_is_wanted(const Characteristic *c)
{
        return c->kind->subscribed && device_wants(c->device, c->kind->measure);
}

_hot_ bool characteristic_is_main(const Characteristic *c)
{
        return c->kind->subscribed && c->kind->measure == device_main(c->device);
}

bool device_can_measure(const Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++)
                if (characteristic_is_main(d->characteristics[i]))
                        return true;
        return false;
}

static size_t n_of_kind(const Device *d, const CharacteristicKind *kind)
{
        size_t n = 0;

        for (size_t i = 0; i < d->n_characteristics; i++)
                n += d->characteristics[i]->kind == kind;
        return n;
}

/* Returns 0, also if there is no room for it, or a negative errno. */
int device_add_characteristic(Device *d, const CharacteristicKind *kind, const char *path)
{
        Characteristic *c;

        for (size_t i = 0; i < d->n_characteristics; i++)
                if (strcmp(d->characteristics[i]->path, path) == 0) {
                        d->characteristics[i]->in_snapshot = true;
                        return 0;
                }
        if (n_of_kind(d, kind) == COPIES_MAX || d->n_characteristics == CHARACTERISTICS_MAX) {
                log_debug("%s: ignored, too many characteristics of one device", path);
                return 0;
        }
        c = calloc(1, sizeof(*c));
        if (c)
                c->path = strdup(path);
        if (!c || !c->path) {
                characteristic_free(c);
                return -ENOMEM;
        }
        c->device = d;
        c->kind = kind;
        c->in_snapshot = true;
        if (kind->subscribed) {
                c->subscribe_failures = characteristic_source(c)->subscribe_failures;
                c->subscribe_failed_usec = characteristic_source(c)->subscribe_failed_usec;
        }
        characteristic_reset(c);
        d->characteristics[d->n_characteristics++] = c;
        return 0;
}

void device_remove_characteristic(Device *d, const char *path)
{
        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];
                Source *source = characteristic_source(c);

                if (strcmp(c->path, path) != 0)
                        continue;
                if (source->characteristic == c)
                        source->characteristic = NULL;
                if (c->subscribe_failures > source->subscribe_failures) {
                        source->subscribe_failures = c->subscribe_failures;
                        source->subscribe_failed_usec = c->subscribe_failed_usec;
                }
                d->characteristics[i] = d->characteristics[--d->n_characteristics];
                d->characteristics[d->n_characteristics] = NULL;
                if (characteristic_is_main(c) && !device_can_measure(d))
                        d->link_usec = now_boot_usec(); /* a new one gets as much time as one at the link's start */
                characteristic_free(c);
                return;
        }
}

void device_drop_characteristics(Device *d)
{
        for (size_t i = 0; i < ELEMENTSOF(d->sources); i++) {
                d->sources[i].characteristic = NULL;
                d->sources[i].subscribe_failures = 0;
        }
        while (d->n_characteristics > 0) {
                characteristic_free(d->characteristics[--d->n_characteristics]);
                d->characteristics[d->n_characteristics] = NULL;
        }
}

/* -- Subscribing -- */

bool device_is_notifying(const Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++)
                if (d->characteristics[i]->notifying && characteristic_is_main(d->characteristics[i]))
                        return true;
        return false;
}

LinkProblem device_refusal(const Device *d, bool any)
{
        if (!any && device_is_notifying(d))
                return LINK_OK;
        for (size_t i = 0; i < d->n_characteristics; i++) {
                LinkProblem refusal = d->characteristics[i]->refusal;

                if (!characteristic_is_main(d->characteristics[i]))
                        continue;
                /* If another one sends, or may do so yet, there is no need to pair. */
                if (refusal == LINK_WANTS_PAIRING && (!any || device_source(d)->characteristic))
                        continue;
                if (refusal != LINK_OK)
                        return refusal;
        }
        return LINK_OK;
}

bool device_wants_pairing(const Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++)
                if (characteristic_is_main(d->characteristics[i]) &&
                                !policy_wants_pairing(d->characteristics[i]->subscribe_failures))
                        return false;
        return device_can_measure(d) || policy_wants_pairing(device_source(d)->subscribe_failures);
}

/* It does not want to be paired, or no longer does. */
static void characteristic_clear_failures(Characteristic *c)
{
        c->subscribe_failures = characteristic_source(c)->subscribe_failures = 0;
        c->failure_counted = false;
        if (c->refusal == LINK_WANTS_PAIRING)
                c->refusal = LINK_OK;
}

static void characteristic_failed(Characteristic *c, SubscribeFailure failure)
{
        /* Of two copies of a measurement one may send, and the other want to be paired. */
        bool known = c->value_usec > 0 || (characteristic_is_main(c) && n_of_kind(c->device, c->kind) == 1 &&
                                                          device_is_known(c->device));
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

/* Why its main measurement cannot be had. */
static void characteristic_take_reason(const Characteristic *c, const char *text)
{
        char *reason = characteristic_is_main(c) ? strdup(text) : NULL;

        if (!reason) /* without memory the old one stays */
                return;
        free(c->device->reason);
        c->device->reason = reason;
}

static int on_stopped(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Characteristic *c = userdata;

        (void)m, (void)error;
        c->slot = sd_bus_slot_unref(c->slot);
        device_mark(c->device); /* it may be the runner's again */
        return 0;
}

/* Never while another program has acquired the notifications: BlueZ would take them from it, whoever calls. */
static void characteristic_stop(Characteristic *c)
{
        if (!c->acquired)
                (void)device_call(c->device, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "StopNotify", false,
                                on_stopped, c, STOP_TIMEOUT_USEC, &c->slot); /* its answer does not matter */
}

static void characteristic_refused(Characteristic *c, const sd_bus_error *e)
{
        SubscribeFailure failure = policy_subscribe_failure(e->name, e->message);
        char text[BLUEZ_ERROR_SIZE];
        Device *d = c->device;

        log_debug("%s: StartNotify: %s", d->address, bluez_error_text(e, text));
        c->refusal = policy_refusal(e->name, e->message);
        if (c->refusal != LINK_OK && c->refusal != LINK_WANTS_PAIRING)
                characteristic_clear_failures(c); /* BlueZ says it outright */
        characteristic_take_reason(c, failure == SUBSCRIBE_FAILURE_UNANSWERED ? "no answer" : text);
        characteristic_failed(c, failure);
        if (error_is_gone(e))
                bluez_mark_stale(d->bluez);
        /* As far as BlueZ knows we are subscribed: it would answer yes to the next StartNotify() on the dead link, and begin
         * each new link with another pairing, before its services are resolved. */
        if (failure == SUBSCRIBE_FAILURE_UNANSWERED)
                characteristic_stop(c);
}

static void characteristic_subscribed(Characteristic *c)
{
        c->notifying = true;
        c->notifying_usec = now_boot_usec();
        c->refusal = LINK_OK;
        c->failures = 0;
        c->not_before_usec = 0;
        if (c->device->delivered) /* the link is alive */
                characteristic_clear_failures(c);
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
                characteristic_subscribed(c);
        else if (error_is_in_progress(e))
                characteristic_failed(c, SUBSCRIBE_FAILURE_OTHER);
        else
                characteristic_refused(c, e);
        device_mark(d);
        return 0;
}

static bool characteristic_is_due(const Characteristic *c, usec_t now_usec)
{
        return characteristic_is_wanted(c) && !c->notifying && !c->slot && now_usec >= c->not_before_usec;
}

/* It can be had at once, or the link is at stake for more than that. */
static bool characteristic_goes_before(const Characteristic *c, const Characteristic *other)
{
        if (c->subscribe_failures != other->subscribe_failures)
                return c->subscribe_failures < other->subscribe_failures;
        return characteristic_is_main(c) && !characteristic_is_main(other);
}

/* A characteristic that demands encryption may cost the link: once any has failed that way they are subscribed to one after
 * another, those with the fewest failures first, and one that wants pairing not at all while another one sends. */
static bool characteristic_waits(const Characteristic *c, usec_t now_usec)
{
        const Device *d = c->device;
        bool failed = false, other_is_first = false, pairing = policy_wants_pairing(c->subscribe_failures);

        if (pairing && !characteristic_is_main(c) && device_is_notifying(d))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(d->sources); i++)
                if (pairing && d->sources[i].characteristic && d->sources[i].characteristic != c)
                        return true;
        for (size_t i = 0; i < d->n_characteristics; i++) {
                const Characteristic *other = d->characteristics[i];

                failed = failed || other->subscribe_failures > 0;
                if (other != c && (other->starting || (characteristic_is_due(other, now_usec) &&
                                                                      characteristic_goes_before(other, c))))
                        other_is_first = true;
        }
        return failed && other_is_first;
}

static void characteristic_subscribe(Characteristic *c)
{
        c->asked_usec = now_boot_usec();
        if (device_call(c->device, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify", false,
                            on_notifying, c, NOTIFY_TIMEOUT_USEC, &c->slot) < 0)
                characteristic_failed(c, SUBSCRIBE_FAILURE_OTHER);
        else
                c->starting = true;
}

static void characteristic_unsubscribe(Characteristic *c)
{
        if (!c->notifying)
                return;
        c->notifying = false;
        characteristic_stop(c);
}

usec_t device_subscribe(Device *d, usec_t now_usec)
{
        usec_t again_usec = USEC_INFINITY;

        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];

                if (!characteristic_is_wanted(c)) {
                        characteristic_unsubscribe(c);
                        continue;
                }
                if (characteristic_is_due(c, now_usec) && !characteristic_waits(c, now_usec))
                        characteristic_subscribe(c);
                /* One that waits for another is evaluated again when that one is answered. */
                if (!c->notifying && !c->slot && c->not_before_usec > now_usec &&
                                c->not_before_usec < again_usec)
                        again_usec = c->not_before_usec;
        }
        return again_usec;
}

void device_unsubscribe(Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++)
                characteristic_unsubscribe(d->characteristics[i]);
}

void device_reset_subscriptions(Device *d)
{
        usec_t now_usec = now_boot_usec();

        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];

                if (!c->kind->subscribed)
                        continue;
                /* A subscription that has lasted this long was on a live link. */
                if (c->notifying && now_usec - c->notifying_usec >= LINK_DEAD_USEC)
                        characteristic_clear_failures(c);
                characteristic_reset(c);
        }
}

void device_lose_subscriptions(Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];

                if (!c->starting)
                        continue;
                c->slot = sd_bus_slot_unref(c->slot);
                c->starting = false;
                characteristic_take_reason(c, "the link was lost");
                characteristic_failed(c, policy_lost_failure(now_boot_usec() - c->asked_usec));
        }
}

void device_retry_subscriptions(Device *d)
{
        for (size_t i = 0; i < ELEMENTSOF(d->sources); i++)
                d->sources[i].subscribe_failures = 0;
        for (size_t i = 0; i < d->n_characteristics; i++) {
                characteristic_clear_failures(d->characteristics[i]);
                characteristic_retry(d->characteristics[i]);
        }
}

bool device_clear_failures(Device *d)
{
        bool again = false;

        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];

                if (c->subscribe_failures == 0 ||
                                !(c->notifying || c == characteristic_source(c)->characteristic))
                        continue;
                characteristic_clear_failures(c);
                characteristic_retry(c);
                again = again || !c->notifying;
        }
        return again;
}

void characteristic_acquired(Characteristic *c, bool acquired)
{
        c->acquired = acquired;
        if (acquired)
                return;
        characteristic_retry(c);
        device_mark(c->device);
}

/* -- Reading -- */

static int on_read(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Characteristic *c = userdata;
        const void *value;
        size_t size;

        (void)error;
        c->slot = sd_bus_slot_unref(c->slot);
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read_array(m, 'y', &value, &size) >= 0)
                c->kind->take(c, value, size);
        device_mark(c->device);
        return 0;
}

void device_read(Device *d)
{
        if (!d->connected || !d->resolved)
                return;
        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];

                if (c->kind->subscribed || c->read || c->kind->is_known(d))
                        continue;
                c->read = true;
                (void)device_call(d, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "ReadValue", true, on_read, c,
                                READ_TIMEOUT_USEC,
                                &c->slot); /* without memory it is not read: it is only nice to have */
        }
}

void device_reset_reads(Device *d)
{
        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = d->characteristics[i];

                if (c->kind->subscribed)
                        continue;
                c->slot = sd_bus_slot_unref(c->slot);
                c->read = false;
        }
}
