/* SPDX-License-Identifier: MIT */
/* Waits for a condition on the sensors. With any signal of the daemon all sensors are read again: so nothing is missed, and
 * a burst of changes costs one query. Times are CLOCK_MONOTONIC. */
#include "sensor-watch.h"

#include <signal.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "cardio/bus-api.h"
#include "shared/name-owner.h"

#define REST_USEC (250 * USEC_PER_MSEC)

typedef struct SensorWatch {
        const DaemonBus *bus;
        NameOwner owner; /* of the daemon's name */
        sigset_t before; /* the signals that were blocked */
        SensorsFunc func;
        void *userdata;
        sd_event *event;
        sd_event_source *again;
        sd_bus_slot *changes, *objects, *disconnected;
        Outcome outcome;
        WatchEnd end;
        bool stale;
} SensorWatch;

static void watch_look(SensorWatch *w)
{
        _cleanup_json_ json_object *sensors = NULL;

        w->stale = false;
        w->outcome = bus_sensors(w->bus, &sensors);
        if (w->outcome == OUTCOME_DONE && w->func(w->userdata, sensors))
                w->end = WATCH_MET;
        if (w->outcome != OUTCOME_DONE || w->end == WATCH_MET)
                (void)sd_event_exit(w->event,
                                0); /* cannot fail while the loop runs, and before it is asked below */
}

static int on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
        SensorWatch *w = userdata;

        (void)source, (void)usec;
        if (w->stale)
                watch_look(w);
        return 0;
}

/* The first change is delayed like the next ones, so that changes that come together are shown together. */
static int on_change(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        SensorWatch *w = userdata;
        int r;

        (void)m, (void)error;
        if (w->stale)
                return 0;
        w->stale = true;
        r = sd_event_source_set_time_relative(w->again, REST_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(w->again, SD_EVENT_ONESHOT);
}

static int watch_gone(SensorWatch *w)
{
        const sd_bus_error gone = SD_BUS_ERROR_MAKE_CONST(SD_BUS_ERROR_DISCONNECTED, "gone");

        w->outcome = bus_failed(w->bus, &gone);
        return sd_event_exit(w->event, 0);
}

static int on_gone(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)m, (void)error;
        return watch_gone(userdata);
}

/* Another daemon knows nothing of what this one was asked to do. */
static void on_owner(void *userdata, const char *before, const char *after)
{
        if (before || !after)
                (void)watch_gone(userdata); /* the loop runs, so it can end */
}

/* The state at the end counts, whether signalled or not. */
static int on_end(sd_event_source *source, uint64_t usec, void *userdata)
{
        SensorWatch *w = userdata;

        (void)source, (void)usec;
        watch_look(w);
        return sd_event_exit(w->event, 0);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        SensorWatch *w = userdata;

        (void)source, (void)info;
        watch_look(w);
        w->end = WATCH_INTERRUPTED;
        return sd_event_exit(w->event, 0);
}

static int watch_match(SensorWatch *w)
{
        sd_bus *bus = w->bus->bus;
        int r;

        r = sd_bus_add_match(bus, &w->changes,
                        "type='signal',sender='" CARDIO_BUS_NAME "',path_namespace='" CARDIO_OBJECT
                        "',interface='org.freedesktop.DBus.Properties',arg0='" CARDIO_SENSOR_INTERFACE "'",
                        on_change, w);
        if (r >= 0)
                r = sd_bus_match_signal(bus, &w->objects, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                "org.freedesktop.DBus.ObjectManager", NULL, on_change, w);
        if (r >= 0)
                r = name_owner_start(&w->owner, bus, CARDIO_BUS_NAME, on_owner, w);
        if (r >= 0)
                r = sd_bus_match_signal(bus, &w->disconnected, NULL, "/org/freedesktop/DBus/Local",
                                "org.freedesktop.DBus.Local", "Disconnected", on_gone, w);
        return r;
}

static int watch_begin(SensorWatch *w, usec_t length_usec)
{
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigprocmask(SIG_BLOCK, &mask, &w->before); /* cannot fail */

        r = sd_event_new(&w->event);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGINT, on_signal, w);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGTERM, on_signal, w);
        if (r >= 0)
                r = sd_event_add_time(w->event, &w->again, CLOCK_MONOTONIC, 0, 0, on_again, w);
        if (r >= 0 && length_usec < USEC_INFINITY)
                r = sd_event_add_time_relative(w->event, NULL, CLOCK_MONOTONIC, length_usec, 0, on_end, w);
        if (r >= 0)
                r = watch_match(w);
        if (r >= 0)
                r = sd_bus_set_close_on_exit(
                                w->bus->bus, false); /* it is its owner's, and may be watched again */
        if (r >= 0)
                r = sd_bus_attach_event(w->bus->bus, w->event, SD_EVENT_PRIORITY_NORMAL);
        return r;
}

Outcome sensors_watch(
                const DaemonBus *bus, usec_t length_usec, SensorsFunc func, void *userdata, WatchEnd *ret_end)
{
        SensorWatch w = { .bus = bus, .func = func, .userdata = userdata, .stale = true, .end = WATCH_TIME };
        int r = watch_begin(&w, length_usec);

        if (r >= 0)
                r = sd_event_loop(w.event);
        name_owner_stop(&w.owner);
        sd_bus_slot_unref(w.changes);
        sd_bus_slot_unref(w.objects);
        sd_bus_slot_unref(w.disconnected);
        (void)sd_bus_detach_event(bus->bus);
        sd_event_source_unref(w.again);
        sd_event_unref(w.event);
        (void)sigprocmask(SIG_SETMASK, &w.before, NULL); /* cannot fail */
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot wait for cardiod: %s", strerror(-r));
        if (w.outcome == OUTCOME_DONE)
                *ret_end = w.end;
        return w.outcome;
}
