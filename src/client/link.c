/* SPDX-License-Identifier: MIT */

/* A bus connection that comes back.
 *
 * Always: between func(bus) and func(NULL) the bus is there, else there is none or it is closed. A closed
 * one is let go only from our own timer, never while sd-bus is still dispatching from it. Waiting runs on
 * CLOCK_MONOTONIC. */

#include "link.h"

#include <assert.h>
#include <stdbool.h>
#include <time.h>

#include "cardio/time.h"

#define RETRY_FIRST_USEC (100 * USEC_PER_MSEC)
#define RETRY_LAST_USEC  (10 * USEC_PER_SEC)
/* A connection that held this long was a good one: the next loss is tried again quickly. */
#define GOOD_AFTER_USEC (10 * USEC_PER_SEC)
/* Of every call that names no other deadline. */
#define CALL_TIMEOUT_USEC (10 * USEC_PER_SEC)

struct Link {
        sd_event *event;
        LinkKind kind;
        LinkFunc func;
        void *userdata;
        sd_bus *bus;
        sd_bus_slot *disconnected;
        sd_event_source *retry;
        usec_t retry_usec;
        usec_t opened_usec;
        bool started;
};

const char *link_kind_to_string(LinkKind kind)
{
        switch (kind) {
        case LINK_SYSTEM:
                return "system bus";
        case LINK_SESSION:
                return "session bus";
        case _LINK_KIND_MAX:
        case _LINK_KIND_INVALID:
                break;
        }
        return NULL;
}

int link_new(sd_event *event, LinkKind kind, LinkFunc func, void *userdata, Link **ret)
{
        Link *l = calloc(1, sizeof(*l));

        if (!l)
                return -ENOMEM;
        l->event = sd_event_ref(event);
        l->kind = kind;
        l->func = func;
        l->userdata = userdata;
        l->retry_usec = RETRY_FIRST_USEC;
        *ret = l;
        return 0;
}

static void link_close(Link *l)
{
        l->disconnected = sd_bus_slot_unref(l->disconnected);
        l->bus = sd_bus_flush_close_unref(l->bus);
}

Link *link_free(Link *l)
{
        if (!l)
                return NULL;
        l->retry = sd_event_source_disable_unref(l->retry);
        link_close(l);
        sd_event_unref(l->event);
        free(l);
        return NULL;
}

static usec_t link_now(const Link *l)
{
        uint64_t now = 0;

        (void)sd_event_now(l->event, CLOCK_MONOTONIC, &now); /* fails only for a clock it does not know */
        return now;
}

static int link_on_retry(sd_event_source *source, uint64_t usec, void *userdata);

static void link_retry(Link *l)
{
        int r;

        l->retry = sd_event_source_disable_unref(l->retry);
        r = sd_event_add_time_relative(
                        l->event, &l->retry, CLOCK_MONOTONIC, l->retry_usec, 0, link_on_retry, l);
        if (r < 0) /* Without the timer nothing would ever wake us: better to end, and be started again. */
                (void)sd_event_exit(l->event, r);
        l->retry_usec *= 2;
        if (l->retry_usec > RETRY_LAST_USEC)
                l->retry_usec = RETRY_LAST_USEC;
}

static int link_on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Link *l = userdata;

        (void)m;
        (void)ret_error;
        if (usec_sub(link_now(l), l->opened_usec) > GOOD_AFTER_USEC)
                l->retry_usec = RETRY_FIRST_USEC;
        l->func(l->userdata, NULL, -ECONNRESET);
        link_retry(l);
        return 0;
}

static int link_open(Link *l)
{
        int r;

        assert(!l->bus);
        r = l->kind == LINK_SYSTEM ? sd_bus_open_system_with_description(&l->bus, "system")
                                   : sd_bus_open_user_with_description(&l->bus, "session");
        if (r < 0)
                return r;
        r = sd_bus_set_method_call_timeout(l->bus, CALL_TIMEOUT_USEC);
        if (r < 0)
                return r;
        /* This signal is made up by sd-bus itself: nothing is sent for it. */
        r = sd_bus_match_signal(l->bus, &l->disconnected, NULL, "/org/freedesktop/DBus/Local",
                        "org.freedesktop.DBus.Local", "Disconnected", link_on_disconnected, l);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(l->bus, l->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        l->opened_usec = link_now(l);
        return 0;
}

static int link_try(Link *l)
{
        int r;

        link_close(l);
        r = link_open(l);
        if (r < 0) {
                link_close(l);
                link_retry(l);
                return r;
        }
        l->func(l->userdata, l->bus, 0);
        return 0;
}

static int link_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        (void)link_try(userdata); /* it arms the next attempt itself */
        return 0;
}

void link_start(Link *l)
{
        int r;

        if (l->started)
                return;
        l->started = true;
        r = link_try(l);
        if (r < 0)
                l->func(l->userdata, NULL, r);
}
