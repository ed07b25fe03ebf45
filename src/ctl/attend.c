/* SPDX-License-Identifier: MIT */
/* An event loop around one connection, for verbs that run for a while. Lines are written as a whole; the cursor stays at the
 * end of the line that is redrawn, so nothing has to be restored however the program ends. Times are CLOCK_BOOTTIME. */
#include "attend.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "shared/clock.h"
#include "memory.h"
#include "text.h"

/* -- The line -- */

void attend_line(Attend *a, const char *format, ...)
{
        _cleanup_free_ char *text = NULL, *clean = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        clean = text_clean(text);
        /* One column stays free: beyond the last one the terminal would begin another line. */
        printf("\r%.*s\033[K", (int)text_fit(clean, a->out->width > 1 ? a->out->width - 1 : 79), clean);
        (void)fflush(stdout);
        a->standing = true;
}

void attend_keep_line(Attend *a)
{
        if (a->standing)
                putchar('\n');
        a->standing = false;
}

void attend_drop_line(Attend *a)
{
        if (a->standing)
                fputs("\r\033[K", stdout);
        a->standing = false;
}

const char *attend_heart_rate(const Attend *a, char buf[static ATTEND_HEART_RATE_MAX])
{
        if (a->heart_rate_usec == 0 ||
                        usec_sub(now_boot_usec(), a->heart_rate_usec) > arrivals_stale(&a->arrivals))
                (void)snprintf(buf, ATTEND_HEART_RATE_MAX, "no heart rate");
        else
                (void)snprintf(buf, ATTEND_HEART_RATE_MAX, "%u bpm", a->heart_rate);
        return buf;
}

/* -- The loop -- */

void attend_finish(Attend *a, Outcome outcome)
{
        a->outcome = outcome;
        (void)sd_event_exit(a->event, 0);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        Attend *a = userdata;
        int r;

        a->funcs->draw(a, a->userdata);
        (void)fflush(stdout);
        r = sd_event_source_set_time(source, usec + USEC_PER_SEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_interrupt(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Attend *a = userdata;

        (void)source;
        (void)info;
        a->funcs->interrupted(a, a->userdata);
        return 0;
}

static int on_measurement(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Attend *a = userdata;
        uint64_t realtime_usec;
        uint16_t heart_rate;

        (void)error;
        if (sd_bus_message_read(m, "tq", &realtime_usec, &heart_rate) < 0)
                return 0;
        a->heart_rate = heart_rate;
        a->heart_rate_usec = now_boot_usec();
        arrivals_push(&a->arrivals, a->heart_rate_usec);
        a->funcs->draw(a, a->userdata);
        (void)fflush(stdout);
        return 0;
}

static int on_daemon_gone(sd_bus_track *track, void *userdata)
{
        Attend *a = userdata;

        (void)track;
        attend_keep_line(a);
        attend_finish(a, fail(OUTCOME_UNREACHABLE, "cardiod has just gone"));
        return 0;
}

static int attend_attach(Attend *a)
{
        sigset_t signals;
        int r;

        r = sd_event_new(&a->event);
        if (r >= 0)
                r = sd_bus_attach_event(a->bus.bus, a->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_track_new(a->bus.bus, &a->daemon, on_daemon_gone, a);
        if (r >= 0)
                r = sd_bus_track_add_name(a->daemon, CARDIO_BUS_NAME);
        if (r >= 0)
                r = sd_bus_add_match(a->bus.bus, &a->measurements,
                                "type='signal',sender='" CARDIO_BUS_NAME "',path_namespace='" CARDIO_OBJECT
                                "',interface='" CARDIO_SENSOR_INTERFACE "',member='Measurement'",
                                on_measurement, a);
        if (r >= 0)
                r = sd_event_add_time(a->event, &a->tick, CLOCK_BOOTTIME, now_boot_usec(), 0, on_tick, a);
        if (r < 0)
                return r;
        /* sd-event takes signals from a descriptor, and requires that they are blocked. */
        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGINT);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        return sd_event_add_signal(a->event, &a->interrupt, SIGINT, on_interrupt, a);
}

Outcome attend_begin(Attend *a, const Call *call, DaemonBus *bus, const AttendFuncs *funcs, void *userdata)
{
        const char *term = getenv("TERM");
        int r;

        *a = (Attend){ .bus = *bus,
                .funcs = funcs,
                .userdata = userdata,
                .out = &call->out,
                .in_place = call->out.terminal && !call->json && term && strcmp(term, "dumb") != 0,
                .outcome = OUTCOME_FAILED };
        bus->bus = NULL;
        r = attend_attach(a);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot wait for cardiod: %s", strerror(-r));
        return bus_call(&a->bus, CARDIO_MANAGER_INTERFACE, "Subscribe", BUS_TIMEOUT_DEFAULT, NULL, NULL);
}

Outcome attend_run(Attend *a)
{
        int r;

        r = sd_event_loop(a->event);
        return r < 0 ? fail(OUTCOME_FAILED, "cannot wait for cardiod: %s", strerror(-r)) : a->outcome;
}

void attend_end(Attend *a)
{
        sd_event_source_disable_unref(a->tick);
        sd_event_source_disable_unref(a->interrupt);
        sd_bus_slot_unref(a->measurements);
        sd_bus_track_unref(a->daemon);
        if (a->bus.bus)
                (void)sd_bus_detach_event(a->bus.bus);
        bus_close(&a->bus);
        sd_event_unref(a->event);
        *a = (Attend){ .event = NULL };
}
