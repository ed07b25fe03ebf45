/* SPDX-License-Identifier: MIT */
/* Links that exist but are useless: what is wrong is found out and logged once, and if the link is ours to cut it is ended by
 * Disconnect() and begun again by Connect(), since auto-connect pauses after a Disconnect() of ours. If that brings no values,
 * the next cut follows after a growing pause. What another program does with a link is its own business. The rules are in
 * policy.c. Times are CLOCK_BOOTTIME. */

#include "bluez/heal.h"

#include <stdlib.h>

#include "bluez/call.h"
#include "bluez/characteristic.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/policy.h"
#include "bluez/sensor.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "shared/clock.h"
#include "log.h"

#define GATT_TIMEOUT_USEC (5 * USEC_PER_SEC)
#define CALL_TIMEOUT_USEC (30 * USEC_PER_SEC)
/* A link that existed when we started, and ends so soon, may have been ended by the previous daemon's Disconnect(), which
 * takes 2 to 3 s; auto-connect pauses after that, too. */
#define INHERITED_USEC (10 * USEC_PER_SEC)
/* A foot pod that moved when the link was lost may still do so if it is back within this time. */
#define STILL_MOVING_USEC (1 * USEC_PER_MIN)
#define SLEEP_MIN_USEC    (1 * USEC_PER_SEC) /* the two clocks are not read at the same moment */

/* -- Logging -- */

/* Logs a problem once, until it has been mended. cut: we are about to cut the link. */
static void device_log_problem(Device *d, LinkProblem problem, bool cut)
{
        const char *reason = d->reason ? d->reason : "no reason given", *then = cut ? "; reconnecting" : "";

        if (problem == LINK_OK)
                return;
        if (problem == d->logged) {
                if (cut)
                        log_debug("%s: reconnecting", d->address);
                return;
        }
        d->logged = problem;
        switch (problem) {
        case LINK_OK:
        case _LINK_PROBLEM_MAX:
        case _LINK_PROBLEM_INVALID:
                break;
        case LINK_UNRESOLVED:
                log_notice("%s: connected, but its services are not resolved%s", d->address, then);
                break;
        case LINK_NO_HEART_RATE:
                log_notice("%s: connected, but no heart-rate measurement among its services%s", d->address,
                                then);
                break;
        case LINK_NO_PACE:
                log_notice("%s: connected, but no measurement of a foot pod or treadmill among its services%s",
                                d->address, then);
                break;
        case LINK_SILENT:
                log_notice("%s: connected, but silent%s", d->address, cut ? then : ": it sends nothing");
                break;
        case LINK_HELD:
                log_notice("%s: another program on this machine holds its notifications "
                           "(BlueZ: %s); close that "
                           "program",
                                d->address, reason);
                break;
        case LINK_WANTS_PAIRING:
                if (d->paired)
                        log_notice("%s: it does not accept its pairing with this machine: `bluetoothctl remove %s`, "
                                   "`cardioctl trust %s` and then `bluetoothctl pair %s` (BlueZ: %s)",
                                        d->address, d->address, d->address, d->address, reason);
                else
                        log_notice("%s: it wants to be paired: `bluetoothctl pair %s` (BlueZ: %s)",
                                        d->address, d->address, reason);
                break;
        case LINK_REFUSED:
                log_notice("%s: BlueZ does not let us have its notifications: %s", d->address, reason);
                break;
        }
}

void device_recovered(Device *d)
{
        if (d->logged != LINK_OK)
                log_info("%s: it sends", d->address);
        d->delivered = true;
        d->known = 1;
        d->problem = d->logged = LINK_OK;
        d->cuts = 0;
        d->mending = false;
        free(TAKE_PTR(d->reason));
        if (device_clear_failures(d))
                device_mark(d);
        if (d->number >= 0)
                device_report(d); /* reported before its values */
}

void device_paired(Device *d)
{
        device_retry_subscriptions(d);
        if (d->logged == LINK_WANTS_PAIRING) {
                log_info("%s: it is paired now", d->address);
                d->logged = LINK_OK; /* if it is refused all the same, something else helps */
        }
        if (d->problem == LINK_WANTS_PAIRING)
                d->problem = LINK_OK;
}

/* -- Begin and end of a link -- */

/* The end of a link arrives as ServicesResolved=false, as Connected=false, or both, in one signal or two; still it is the end
 * of one link. */
static void device_link_over(Device *d, usec_t now_usec)
{
        if (d->link_over)
                return;
        d->link_over = true;
        d->delivered_before = d->delivered;
        d->delivered = false;
        for (size_t i = 0; i < ELEMENTSOF(d->sources); i++) {
                d->sources[i].characteristic = NULL;
                arrivals_link(&d->sources[i].arrivals);
        }
        if (d->ending)
                return;
        /* Lost, not cut: without a link there is no problem, except one that the next link would have, too. */
        d->problem = device_wants_pairing(d) ? LINK_WANTS_PAIRING : LINK_OK;
        device_log_problem(d, d->problem, false);
        d->mending = false;
        if (d->number >= 0 && d->reported.configured)
                d->bluez->handlers->link_lost(d->bluez->userdata, (unsigned)d->number, now_usec);
}

static void device_link_changed(Device *d, bool connected, bool resolved)
{
        usec_t now_usec = now_boot_usec();

        if ((d->connected && !connected) || (d->resolved && !resolved)) {
                if (!d->ending)
                        device_lose_subscriptions(d);
                device_link_over(d, now_usec);
        }
        if ((connected && !d->connected) || (resolved && !d->resolved))
                d->link_over = false;
        if (connected && !d->connected) {
                d->want_connect = false;
                d->inherited = !d->bluez->snapshot_done;
                d->inherited_usec = now_usec;
                d->ours = d->called;
                d->called = d->ending = false;
        } else if (!connected && d->connected) {
                if (d->overdue || (d->inherited && now_usec - d->inherited_usec < INHERITED_USEC))
                        d->want_connect = true; /* a Disconnect() may have ended it */
                d->ours = false;
        }
}

void device_set_link(Device *d, bool connected, bool resolved)
{
        if (connected == d->connected && resolved == d->resolved)
                return;
        device_link_changed(d, connected, resolved);
        if (!resolved) {
                /* BlueZ subscribes again at each attach, and may fail silently: so we subscribe again, too. */
                device_reset_subscriptions(d);
                device_reset_reads(d);
        }
        d->connected = connected;
        d->resolved = resolved;
        d->link_usec = now_boot_usec();
        if (d->link_usec >= d->not_before_usec || resolved)
                d->not_before_usec = 0;
}

/* -- Cutting it -- */

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Device *d = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];

        (void)error;
        d->link_slot = sd_bus_slot_unref(d->link_slot);
        d->overdue = e && !sd_bus_error_has_name(e, "org.bluez.Error.NotConnected");
        if (d->overdue) {
                log_debug("%s: Disconnect: %s", d->address, bluez_error_text(e, text));
                d->not_before_usec = now_boot_usec() + bluez_back_off(++d->failures);
                if (error_is_gone(e))
                        bluez_mark_stale(d->bluez);
        } else {
                /* The signal may come later than this reply. */
                device_set_link(d, false, false);
                /* If the link was re-established in between, our call ended the new one. */
                d->want_connect = d->want_connect || !e;
        }
        device_mark(d);
        return 0;
}

static void device_heal(Device *d, usec_t now_usec)
{
        d->want_connect = d->mending = d->ending = true;
        d->connecting = false;
        d->link_slot = sd_bus_slot_unref(d->link_slot);
        d->cuts++;
        d->cut_usec = d->not_before_usec = now_usec;
        for (size_t i = 0; i < ELEMENTSOF(d->sources); i++)
                d->sources[i].moving = false; /* until it says so again */
        device_reset_subscriptions(d);
        (void)device_call(d, d->path, BLUEZ_DEVICE_INTERFACE, "Disconnect", false, on_disconnected, d,
                        CALL_TIMEOUT_USEC,
                        &d->link_slot); /* without memory it is due again with the next cut */
}

/* When the link, useless for this reason, may be cut. */
static usec_t device_cut_time(Device *d, LinkProblem problem)
{
        LinkFacts facts = {
                .problem = problem,
                .refused = device_refusal(d, true) != LINK_OK,
                .other = d->other_appearance || d->other_icon || d->other_service,
                /* Other programs pair a device that they trust: one that is only trusted was meant to be a sensor. */
                .ours = d->ours || d->made_ours || (d->trusted && !d->paired),
                .delivered = d->delivered || d->delivered_before,
        };

        if (problem == LINK_UNRESOLVED || problem == LINK_NO_HEART_RATE || problem == LINK_NO_PACE)
                facts.known = device_is_known(d);
        if (!policy_may_cut(&facts))
                return USEC_INFINITY;
        return d->cuts > 0 ? d->cut_usec + policy_cut_pause(d->cuts) : 0;
}

/* -- Checking it -- */

static usec_t later(usec_t a, usec_t b)
{
        return a > b ? a : b;
}

static usec_t sooner(usec_t a, usec_t b)
{
        return a < b ? a : b;
}

/* Nothing arrives while the machine is suspended: after that a link gets its time again. */
static void note_sleep(Bluez *b, usec_t now_usec)
{
        usec_t monotonic_usec = clock_usec(CLOCK_MONOTONIC), slept_usec = now_boot_usec() - monotonic_usec;

        if (slept_usec > b->slept_usec + SLEEP_MIN_USEC)
                b->resumed_usec = now_usec;
        b->slept_usec = slept_usec;
}

/* A foot pod that rests, or a treadmill that stands, may send nothing for as long as it does: its silence says something only if
 * it moved before, on this link or shortly before it. */
static bool device_may_be_silent(const Device *d)
{
        const Source *source = device_source(d);

        return device_main(d) != MEASURE_HEART_RATE &&
               !(source->moving && d->link_usec < source->value_usec + STILL_MOVING_USEC);
}

/* When the link has a problem, and which, unless something changes until then. */
static usec_t device_deadline(Device *d, LinkProblem *ret)
{
        const Source *source = device_source(d);
        usec_t since_usec = later(later(d->link_usec, source->value_usec), d->bluez->resumed_usec);

        /* A link on which another source begins to send is not silent; nor is one just subscribed to. */
        for (size_t i = 0; i < d->n_characteristics; i++) {
                const Characteristic *c = d->characteristics[i];

                if (!characteristic_is_main(c))
                        continue;
                since_usec = later(since_usec, later(c->value_usec, c->notifying_usec));
                /* An unanswered StartNotify() is tried once more on this link. */
                if (c->failure_counted)
                        since_usec = later(since_usec, c->subscribe_failed_usec + LINK_DEAD_USEC);
        }
        if (device_wants_pairing(d) && !device_is_notifying(d)) {
                *ret = LINK_WANTS_PAIRING;
                return 0;
        }
        if (!d->resolved) {
                *ret = LINK_UNRESOLVED;
                return since_usec + policy_resolve_timeout(device_is_known(d));
        }
        if (!device_can_measure(d)) {
                *ret = device_main(d) == MEASURE_HEART_RATE ? LINK_NO_HEART_RATE : LINK_NO_PACE;
                return later(d->link_usec, d->bluez->resumed_usec) + GATT_TIMEOUT_USEC;
        }
        *ret = device_refusal(d, false);
        if (*ret != LINK_OK && !d->delivered)
                return 0; /* the problem exists already */
        /* It may have two measurements: one silent, and one that wants to be paired. */
        *ret = device_refusal(d, true) == LINK_WANTS_PAIRING ? LINK_WANTS_PAIRING : LINK_SILENT;
        if (*ret == LINK_SILENT && device_may_be_silent(d))
                return USEC_INFINITY;
        return since_usec + policy_silence(&source->arrivals, d->bluez->config.stale_usec);
}

usec_t device_check_link(Device *d, usec_t now_usec)
{
        usec_t again_usec = USEC_INFINITY, deadline_usec, cut_usec;
        LinkProblem problem;

        note_sleep(d->bluez, now_usec);
        if (d->resolved)
                again_usec = device_subscribe(d, now_usec);
        deadline_usec = device_deadline(d, &problem);
        if (now_usec < deadline_usec) {
                if (!d->mending)
                        d->problem = LINK_OK;
                return sooner(again_usec, deadline_usec);
        }
        cut_usec = device_cut_time(d, problem);
        d->problem = problem;
        device_log_problem(d, problem, now_usec >= cut_usec);
        if (now_usec < cut_usec)
                return sooner(again_usec, cut_usec);
        device_heal(d, now_usec);
        return USEC_INFINITY;
}
