/* SPDX-License-Identifier: MIT */

/* A bus connection that is made again when it is lost.
 *
 * Always: between func(bus) and func(NULL) the bus is usable, otherwise there is none or it is closed. A closed one is freed
 * only from our own timer, never while sd-bus is still dispatching from it. Timers run on CLOCK_MONOTONIC. */

#include "connection.h"

#include <assert.h>
#include <stdbool.h>
#include <time.h>

#include "cardio/time.h"

#define RETRY_FIRST_USEC (100 * USEC_PER_MSEC)
#define RETRY_LAST_USEC  (10 * USEC_PER_SEC)
/* After a connection that lasted this long the next loss is retried quickly again. */
#define GOOD_AFTER_USEC (10 * USEC_PER_SEC)
/* Of every call without a deadline of its own. */
#define CALL_TIMEOUT_USEC (10 * USEC_PER_SEC)

struct Connection {
        sd_event *event;
        BusKind kind;
        ConnectionFunc func;
        void *userdata;
        sd_bus *bus;
        sd_bus_slot *disconnected;
        sd_event_source *retry;
        usec_t retry_usec;
        usec_t opened_usec;
        bool started;
};

const char *bus_kind_to_string(BusKind kind)
{
        switch (kind) {
        case BUS_SYSTEM:
                return "system bus";
        case BUS_SESSION:
                return "session bus";
        case _BUS_KIND_MAX:
        case _BUS_KIND_INVALID:
                break;
        }
        return NULL;
}

int connection_new(sd_event *event, BusKind kind, ConnectionFunc func, void *userdata, Connection **ret)
{
        Connection *c = calloc(1, sizeof(*c));

        if (!c)
                return -ENOMEM;
        c->event = sd_event_ref(event);
        c->kind = kind;
        c->func = func;
        c->userdata = userdata;
        c->retry_usec = RETRY_FIRST_USEC;
        *ret = c;
        return 0;
}

static void connection_close(Connection *c)
{
        c->disconnected = sd_bus_slot_unref(c->disconnected);
        c->bus = sd_bus_flush_close_unref(c->bus);
}

Connection *connection_free(Connection *c)
{
        if (!c)
                return NULL;
        c->retry = sd_event_source_disable_unref(c->retry);
        connection_close(c);
        sd_event_unref(c->event);
        free(c);
        return NULL;
}

static usec_t connection_now(const Connection *c)
{
        uint64_t now = 0;

        (void)sd_event_now(c->event, CLOCK_MONOTONIC, &now); /* fails only for a clock it does not know */
        return now;
}

static int connection_on_retry(sd_event_source *source, uint64_t usec, void *userdata);

static void connection_retry(Connection *c)
{
        int r;

        c->retry = sd_event_source_disable_unref(c->retry);
        r = sd_event_add_time_relative(
                        c->event, &c->retry, CLOCK_MONOTONIC, c->retry_usec, 0, connection_on_retry, c);
        if (r < 0) /* Without the timer nothing would ever wake us: better to exit and be restarted. */
                (void)sd_event_exit(c->event, r);
        c->retry_usec *= 2;
        if (c->retry_usec > RETRY_LAST_USEC)
                c->retry_usec = RETRY_LAST_USEC;
}

static int connection_on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Connection *c = userdata;

        (void)m;
        (void)ret_error;
        if (usec_sub(connection_now(c), c->opened_usec) > GOOD_AFTER_USEC)
                c->retry_usec = RETRY_FIRST_USEC;
        c->func(c->userdata, NULL, -ECONNRESET);
        connection_retry(c);
        return 0;
}

static int connection_open(Connection *c)
{
        int r;

        assert(!c->bus);
        r = c->kind == BUS_SYSTEM ? sd_bus_open_system_with_description(&c->bus, "system")
                                  : sd_bus_open_user_with_description(&c->bus, "session");
        if (r < 0)
                return r;
        r = sd_bus_set_method_call_timeout(c->bus, CALL_TIMEOUT_USEC);
        if (r < 0)
                return r;
        /* This signal is made up by sd-bus itself: nothing is sent for it. */
        r = sd_bus_match_signal(c->bus, &c->disconnected, NULL, "/org/freedesktop/DBus/Local",
                        "org.freedesktop.DBus.Local", "Disconnected", connection_on_disconnected, c);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(c->bus, c->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        c->opened_usec = connection_now(c);
        return 0;
}

static int connection_try(Connection *c)
{
        int r;

        connection_close(c);
        r = connection_open(c);
        if (r < 0) {
                connection_close(c);
                connection_retry(c);
                return r;
        }
        c->func(c->userdata, c->bus, 0);
        return 0;
}

static int connection_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        (void)connection_try(userdata); /* it arms the next attempt itself */
        return 0;
}

void connection_start(Connection *c)
{
        int r;

        if (c->started)
                return;
        c->started = true;
        r = connection_try(c);
        if (r < 0)
                c->func(c->userdata, NULL, r);
}
