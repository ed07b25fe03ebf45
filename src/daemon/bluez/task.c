/* SPDX-License-Identifier: MIT */
/* What takes its time and is done once, when the runner asks for it: a sensor is trusted, or forgotten. As in
 * device.c, whatever happens, task_evaluate() looks at all that is known and does the one thing that is next.
 *
 * To trust:   BlueZ does not know it         discover, for 30 s
 *             not connected                  Connect(), three times at most; one that took its time is the last
 *             connected                      wait until its services are resolved, for 15 s
 *             its measurement found          Trusted = true, which makes it the runner's
 *
 * Connecting comes first and trusting last, so that nothing is trusted that is not a sensor, or cannot be reached. There is
 * no bonding. A link that was begun here ends if nothing comes of it. Times are CLOCK_BOOTTIME. */

#include "bluez/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bluez/call.h"
#include "bluez/characteristic.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/objects.h"
#include "bluez/radio.h"
#include "bluez/sensor.h"
#include "cardio/bus-api.h"
#include "shared/clock.h"
#include "log.h"

#define LOOK_USEC            (30 * USEC_PER_SEC)
#define TRUST_USEC           (120 * USEC_PER_SEC) /* whatever happens */
#define RESOLVE_USEC         (15 * USEC_PER_SEC)
#define GATT_USEC            (5 * USEC_PER_SEC)
#define OTHER_MACHINE_USEC   (1 * USEC_PER_SEC)  /* a machine may be a treadmill as well */
#define CONNECT_TIMEOUT_USEC (60 * USEC_PER_SEC) /* the kernel's own attempt takes 40 s */
#define SLOW_USEC \
        (20 * USEC_PER_SEC) /* after so long the attempt itself failed, not a collision on the air */
#define LINK_USEC         (5 * USEC_PER_SEC) /* Connected may come after the reply */
#define PAUSE_USEC        (2 * USEC_PER_SEC)
#define CALL_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define ATTEMPTS_MAX      3U

static BluezTask *task_free(BluezTask *t)
{
        if (!t)
                return NULL;
        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                if (t->bluez->tasks[i] == t)
                        t->bluez->tasks[i] = NULL;
        sd_bus_slot_unref(t->slot);
        sd_event_source_disable_unref(t->timer);
        free(t->path);
        free(t);
        return NULL;
}

void tasks_free(Bluez *b)
{
        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                task_free(b->tasks[i]);
}

bool tasks_need_discovery(const Bluez *b)
{
        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                if (b->tasks[i] && b->tasks[i]->looking)
                        return true;
        return false;
}

bool tasks_are_connecting(const Bluez *b)
{
        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                if (b->tasks[i] && b->tasks[i]->linked && b->tasks[i]->connected_usec == 0)
                        return true;
        return false;
}

/* Nothing came of it: frees it for others. The answer does not matter. */
static void task_let_go(BluezTask *t)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        const Device *d = t->path ? bluez_find_device(t->bluez, t->path) : NULL;

        if (!t->linked || !d || device_is_own(d) || d->trusted)
                return;
        t->linked = false;
        if (sd_bus_message_new_method_call(t->bluez->bus, &call, BLUEZ_BUS_NAME, t->path,
                            BLUEZ_DEVICE_INTERFACE, "Disconnect") >= 0 &&
                        sd_bus_message_set_expect_reply(call, false) >= 0)
                (void)sd_bus_send(t->bluez->bus, call, NULL); /* its answer does not matter */
}

static void task_done(BluezTask *t, const char *error, const char *message)
{
        Bluez *b = t->bluez;
        BluezDone done = t->done;
        void *userdata = t->userdata;

        if (error) {
                log_info("%s: asked to %s it: %s", t->address, t->forget ? "forget" : "trust", message);
                task_let_go(t);
        }
        task_free(t);
        bluez_mark_scan(b); /* discovery may be over, or go on */
        done(userdata, error, message);
}

static _printf_(3, 4) void task_failed(BluezTask *t, const char *error, const char *format, ...)
{
        _cleanup_free_ char *message = NULL;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = vasprintf(&message, format, arguments);
        va_end(arguments);
        task_done(t, error, r < 0 ? strerror(ENOMEM) : message);
}

static void task_wait(BluezTask *t, usec_t until_usec)
{
        int r = sd_event_source_set_time(t->timer, until_usec);

        if (r >= 0)
                r = sd_event_source_set_enabled(t->timer, SD_EVENT_ONESHOT);
        if (r < 0)
                log_warning("%s: cannot set a timer: %s", t->address, strerror(-r));
}

/* -- Calls -- */

static int task_call(BluezTask *t, sd_bus_message *call, sd_bus_message_handler_t done, usec_t timeout_usec)
{
        return sd_bus_call_async(t->bluez->bus, &t->slot, call, done, t, timeout_usec);
}

/* One attempt has failed. */
static void attempt_failed(BluezTask *t, const char *why)
{
        usec_t now_usec = now_boot_usec();

        log_debug("%s: attempt %u: %s", t->address, t->attempts, why);
        t->connected_usec = 0;
        if (bluez_obstacle(t->bluez)) { /* it is not the sensor's fault */
                bluez_mark_tasks(t->bluez);
                return;
        }
        if (t->attempts < ATTEMPTS_MAX && now_usec < t->attempt_usec + SLOW_USEC) {
                /* The first failure is often only a missed advertisement. */
                t->not_before_usec = t->attempts == 1 ? now_usec : now_usec + PAUSE_USEC;
                bluez_mark_tasks(t->bluez);
                return;
        }
        if (strstr(why, "canceled"))
                task_failed(t, CARDIO_ERROR_CONNECT_FAILED,
                                "%s broke off the connection: come closer, and see that its battery is not flat",
                                t->address);
        else
                task_failed(t, CARDIO_ERROR_CONNECT_FAILED,
                                "%s does not let itself be connected (%s). Most likely another phone or watch holds it: "
                                "switch Bluetooth off there, or close the app. Or it is out of range, "
                                "or asleep because it is not worn",
                                t->address, why);
}

static int on_connect(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];
        BluezTask *t = userdata;

        (void)error;
        t->slot = sd_bus_slot_unref(t->slot);
        if (!e) {
                /* The reply does not prove a link: only Connected counts, and may come after it. */
                t->not_before_usec = now_boot_usec() + LINK_USEC;
                bluez_mark_tasks(t->bluez);
        } else if (error_is_in_progress(e)) {
                /* Another program's attempt is as good as ours. */
                t->attempts--;
                t->linked = false;
                t->not_before_usec = now_boot_usec() + PAUSE_USEC;
                bluez_mark_tasks(t->bluez);
        } else {
                if (error_is_gone(e))
                        bluez_mark_stale(t->bluez);
                attempt_failed(t, bluez_error_text(e, text));
        }
        return 0;
}

static int task_take_path(BluezTask *t, const Device *d)
{
        char *path = strdup(d->path);

        if (!path)
                return -ENOMEM;
        free(t->path);
        t->path = path;
        return 0;
}

/* Discovery pauses first: the evaluation comes to it before tasks. */
static void task_connect(BluezTask *t, const Device *d)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        if (!t->linked) {
                t->linked = true;
                bluez_mark_scan(t->bluez);
                bluez_mark_tasks(t->bluez);
                return;
        }
        r = task_take_path(t, d);
        if (r >= 0)
                r = sd_bus_message_new_method_call(t->bluez->bus, &call, BLUEZ_BUS_NAME, t->path,
                                BLUEZ_DEVICE_INTERFACE, "Connect");
        if (r >= 0) {
                t->attempts++;
                t->attempt_usec = now_boot_usec();
                r = task_call(t, call, on_connect, CONNECT_TIMEOUT_USEC);
        }
        if (r < 0)
                task_failed(t, CARDIO_ERROR_BLUEZ, "BlueZ cannot be called: %s", strerror(-r));
}

static int on_trusted(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];
        BluezTask *t = userdata;
        Device *d;

        (void)error;
        t->slot = sd_bus_slot_unref(t->slot);
        if (e) {
                task_failed(t, CARDIO_ERROR_BLUEZ, "BlueZ does not trust %s: %s", t->address,
                                bluez_error_text(e, text));
                return 0;
        }
        /* The signal comes later than this reply, but whoever waits for the task is to find its effect. */
        d = bluez_find_device(t->bluez, t->path);
        if (d) {
                d->trusted = d->made_ours = true;
                d->ours = d->ours || t->linked;
                device_mark(d);
        }
        t->trusted = true;
        bluez_mark_tasks(t->bluez);
        return 0;
}

static void task_trust(BluezTask *t, const Device *d)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = task_take_path(t, d);

        if (r >= 0)
                r = sd_bus_message_new_method_call(t->bluez->bus, &call, BLUEZ_BUS_NAME, t->path,
                                "org.freedesktop.DBus.Properties", "Set");
        if (r >= 0)
                r = sd_bus_message_append(call, "ssv", BLUEZ_DEVICE_INTERFACE, "Trusted", "b", true);
        if (r >= 0)
                r = task_call(t, call, on_trusted, CALL_TIMEOUT_USEC);
        if (r < 0)
                task_failed(t, CARDIO_ERROR_BLUEZ, "BlueZ cannot be called: %s", strerror(-r));
}

/* -- To trust: what is next -- */

static bool device_is_usable(const Device *d)
{
        const Adapter *a = bluez_adapter_of(d->bluez, d->path);

        return a && a->powered;
}

/* Of two adapters that know it: a connected one is better, then one that has not just failed, then the stronger signal. */
static bool device_is_better(const BluezTask *t, const Device *a, const Device *b)
{
        bool a_tried = t->path && strcmp(t->path, a->path) == 0,
             b_tried = t->path && strcmp(t->path, b->path) == 0;

        if (a->connected != b->connected)
                return a->connected;
        if (a_tried != b_tried)
                return b_tried;
        return a->rssi != 0 && (b->rssi == 0 || a->rssi > b->rssi);
}

static const Device *task_device(const BluezTask *t)
{
        const Device *best = NULL;

        for (size_t i = 0; i < t->bluez->n_devices; i++) {
                const Device *d = t->bluez->devices[i];

                if (strcmp(d->address, t->address) == 0 && device_is_usable(d) &&
                                (!best || device_is_better(t, d, best)))
                        best = d;
        }
        return best;
}

/* BlueZ does not know it. Returns when to evaluate again. */
static usec_t task_look(BluezTask *t, usec_t now_usec)
{
        if (!t->looking) {
                t->looking = true;
                t->look_usec = now_usec + LOOK_USEC;
                bluez_mark_scan(t->bluez);
        }
        if (now_usec < t->look_usec)
                return t->look_usec;
        task_failed(t, CARDIO_ERROR_NO_SENSOR,
                        "%s was not heard for %u s. Wake it and come closer: a chest strap wakes when it is worn, "
                        "a foot pod when it is moved, a treadmill when it is switched on; a watch has a mode that broadcasts the heart rate. "
                        "One that another phone or watch holds does not show itself: switch Bluetooth off there. "
                        "`cardioctl scan --all` lists what is heard",
                        t->address, (unsigned)(LOOK_USEC / USEC_PER_SEC));
        return 0;
}

/* Connected, but not ready. Returns when to evaluate again. */
static usec_t task_resolve(BluezTask *t, const Device *d, usec_t now_usec)
{
        usec_t until_usec;

        if (t->connected_usec == 0) {
                t->connected_usec = now_usec;
                if (t->attempt_usec == 0)
                        t->attempt_usec = now_usec; /* another program's */
                bluez_mark_scan(t->bluez);          /* discovery may go on */
        }
        /* Both are signalled in any order, but shortly after each other. */
        if (!d->resolved)
                until_usec = t->connected_usec + RESOLVE_USEC;
        else
                until_usec = d->link_usec + (device_is_no_treadmill(d) ? OTHER_MACHINE_USEC : GATT_USEC);
        if (now_usec < until_usec)
                return until_usec;
        if (d->resolved && d->services == 0)
                task_failed(t, CARDIO_ERROR_NO_SENSOR,
                                "%s is not a heart-rate strap, foot pod or treadmill: it has none of their services. "
                                "It is left as it was",
                                t->address);
        else if (device_is_no_treadmill(d))
                task_failed(t, CARDIO_ERROR_NO_SENSOR,
                                "%s: this fitness machine is no treadmill, but a bike, a rower or the like. "
                                "It is left as it was",
                                t->address);
        else if (d->resolved && (d->other_appearance || d->other_icon || d->other_service))
                task_failed(t, CARDIO_ERROR_CONNECT_FAILED,
                                "%s is connected, but offers no heart rate; a watch has a mode that broadcasts it",
                                t->address);
        else
                task_failed(t, CARDIO_ERROR_CONNECT_FAILED,
                                "%s is connected, but does not tell its services. "
                                "Take it off, or switch it off, for half a minute and try again, closer to the adapter. "
                                "One that wants to be paired first: `bluetoothctl pair %s`",
                                t->address, t->address);
        return 0;
}

/* Returns when to evaluate again; 0 = there is nothing to wait for, or the task is gone. */
static usec_t task_trust_next(BluezTask *t, usec_t now_usec)
{
        const char *obstacle = bluez_obstacle(t->bluez);
        const Device *d;

        if (obstacle) {
                task_failed(t, CARDIO_ERROR_NO_BLUETOOTH, "%s", obstacle);
                return 0;
        }
        if (!t->bluez->snapshot_done)
                return t->until_usec; /* not known yet */
        d = task_device(t);
        if (!d)
                return task_look(t, now_usec);
        if (t->looking) {
                t->looking = false;
                bluez_mark_scan(t->bluez);
        }
        /* If it wants to be paired, BlueZ may not resolve the services: it is the runner's all the same, and its LinkProblem
         * says what is missing. */
        if ((d->connected && d->resolved && device_can_measure(d)) ||
                        (d->trusted && device_is_own(d) && device_wants_pairing(d))) {
                if (d->trusted)
                        task_done(t, NULL, NULL);
                else
                        task_trust(t, d);
                return 0;
        }
        if (d->connected)
                return task_resolve(t, d, now_usec);
        if (t->connected_usec > 0) {
                attempt_failed(t, "the link was lost");
                return 0;
        }
        if (now_usec < t->not_before_usec)
                return t->not_before_usec;
        if (t->attempts >= ATTEMPTS_MAX)
                attempt_failed(t, "no link came of it");
        else
                task_connect(t, d);
        return 0;
}

/* -- To forget -- */

static int on_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];
        BluezTask *t = userdata;

        (void)error;
        t->slot = sd_bus_slot_unref(t->slot);
        if (e && !error_is_gone(e) && !sd_bus_error_has_name(e, "org.bluez.Error.DoesNotExist")) {
                task_failed(t,
                                sd_bus_error_has_name(e, "org.bluez.Error.NotReady")
                                                ? CARDIO_ERROR_NO_BLUETOOTH
                                                : CARDIO_ERROR_BLUEZ,
                                "BlueZ does not forget %s: %s", t->address, bluez_error_text(e, text));
                return 0;
        }
        /* The signal may come later than this reply. */
        bluez_remove_device(t->bluez, t->path);
        t->attempts++;
        bluez_mark_tasks(t->bluez);
        return 0;
}

/* Removes it from one adapter after the other. */
static void task_forget(BluezTask *t)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        const Adapter *a = NULL;
        const Device *d = NULL;
        int r;

        for (size_t i = 0; i < t->bluez->n_devices && !d; i++)
                if (strcmp(t->bluez->devices[i]->address, t->address) == 0)
                        d = t->bluez->devices[i];
        if (d)
                a = bluez_adapter_of(t->bluez, d->path);
        if (!d && t->attempts > 0) {
                task_done(t, NULL, NULL);
        } else if (!d) {
                task_failed(t, CARDIO_ERROR_NO_SENSOR,
                                "BlueZ knows no sensor %s; `cardioctl status` lists yours", t->address);
        } else if (!device_is_own(d) && d->services == 0) {
                task_failed(t, CARDIO_ERROR_NO_SENSOR,
                                "%s is not a heart-rate strap, foot pod or treadmill, and is left alone",
                                t->address);
        } else if (!a) {
                task_failed(t, CARDIO_ERROR_NO_BLUETOOTH, "The adapter that knows %s is not there",
                                t->address);
        } else {
                r = task_take_path(t, d);
                if (r >= 0)
                        r = sd_bus_message_new_method_call(t->bluez->bus, &call, BLUEZ_BUS_NAME, a->path,
                                        BLUEZ_ADAPTER_INTERFACE, "RemoveDevice");
                if (r >= 0)
                        r = sd_bus_message_append(call, "o", t->path);
                if (r >= 0)
                        r = task_call(t, call, on_removed, CALL_TIMEOUT_USEC);
                if (r < 0)
                        task_failed(t, CARDIO_ERROR_BLUEZ, "BlueZ cannot be called: %s", strerror(-r));
        }
}

static usec_t task_forget_next(BluezTask *t)
{
        const char *obstacle = bluez_obstacle(t->bluez);

        if (obstacle)
                task_failed(t, CARDIO_ERROR_NO_BLUETOOTH, "%s", obstacle);
        else if (!t->bluez->snapshot_done)
                return t->until_usec;
        else
                task_forget(t);
        return 0;
}

/* -- All of them -- */

static void task_evaluate(BluezTask *t)
{
        usec_t now_usec = now_boot_usec(), again_usec;

        if (t->trusted) {
                task_done(t, NULL, NULL);
                return;
        }
        if (now_usec >= t->until_usec) {
                task_failed(t, CARDIO_ERROR_BLUEZ, "Nothing came of it for %u s; try again",
                                (unsigned)(TRUST_USEC / USEC_PER_SEC));
                return;
        }
        if (t->slot)
                return;
        again_usec = t->forget ? task_forget_next(t) : task_trust_next(t, now_usec);
        if (again_usec > 0)
                task_wait(t, again_usec < t->until_usec ? again_usec : t->until_usec);
}

void tasks_evaluate(Bluez *b)
{
        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                if (b->tasks[i])
                        task_evaluate(b->tasks[i]);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        BluezTask *t = userdata;

        (void)source, (void)usec;
        bluez_mark_tasks(t->bluez);
        return 0;
}

static int task_new(
                Bluez *b, const char *address, bool forget, BluezDone done, void *userdata, BluezTask **ret)
{
        BluezTask *t, **place = NULL;
        int r;

        for (size_t i = 0; i < BLUEZ_TASKS_MAX; i++)
                if (!b->tasks[i])
                        place = &b->tasks[i];
                else if (strcmp(b->tasks[i]->address, address) == 0 || (!forget && !b->tasks[i]->forget))
                        return -EBUSY;
        if (!place)
                return -ENOBUFS;
        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        *t = (BluezTask){ .bluez = b,
                .forget = forget,
                .done = done,
                .userdata = userdata,
                .until_usec = now_boot_usec() + TRUST_USEC };
        (void)stpcpy(t->address, address); /* both have the same size */
        r = sd_event_add_time(b->event, &t->timer, CLOCK_BOOTTIME, t->until_usec, 0, on_timer, t);
        if (r < 0) {
                task_free(t);
                return r;
        }
        *place = *ret = t;
        bluez_mark_tasks(b); /* so that done() is never called before this returns */
        return 0;
}

int bluez_trust(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret)
{
        return task_new(b, address, false, done, userdata, ret);
}

int bluez_forget(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret)
{
        return task_new(b, address, true, done, userdata, ret);
}

BluezTask *bluez_task_cancel(BluezTask *t)
{
        Bluez *b;

        if (!t)
                return NULL;
        b = t->bluez;
        task_let_go(t);
        task_free(t);
        bluez_mark_scan(b);
        return NULL;
}
