/* SPDX-License-Identifier: MIT */
/* Whether the bus takes what we send. It queues what its clients have not read yet, up to a limit for each sender; once we are
 * at our limit it reads nothing more from us, as long as somebody does not read their messages. A ping to the bus itself, sent
 * behind other messages, finds that out. While we are behind, each kind of message is treated like this:
 *
 *   calls           not answered, and not carried out either
 *   Measurement     not sent: it would be old by the time it is read
 *   properties      announced when the bus reads again, with their values of then
 *   other signals   queued, up to BUS_WAITING_MAX
 *
 * A bus that has read nothing for half a minute does not recover by waiting: the daemon has to be restarted, with a new
 * connection. BlueZ has a connection of its own, which none of this touches. Times are CLOCK_BOOTTIME. */

#include "bus/backlog.h"

#include <string.h>

#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "shared/clock.h"
#include "log.h"

/* A ping is sent at most this often while messages go out that may be lost, at once behind those that matter, and has this
 * long to be answered. One missing answer proves nothing: the machine, or this process, may have been stopped meanwhile. */
#define PING_USEC    (5 * USEC_PER_SEC)
#define ANSWER_USEC  (8 * USEC_PER_SEC)
#define BEHIND_AFTER 2U /* unanswered in a row */
#define STUCK_AFTER  4U

static uint64_t n_waiting(const Bus *b)
{
        uint64_t n = 0;

        (void)sd_bus_get_n_queued_write(b->bus, &n); /* a lost bus has nothing queued */
        return n;
}

bool bus_is_full(const Bus *b)
{
        return n_waiting(b) >= BUS_WAITING_MAX;
}

bool bus_is_behind(Bus *b)
{
        if (!b->backlog.behind &&
                        (b->backlog.unanswered >= BEHIND_AFTER || n_waiting(b) >= BUS_BACKLOG_MAX)) {
                b->backlog.behind = true;
                log_warning("The bus does not take what is sent to it, somebody there does not read: "
                            "calls are not answered and measurements are not sent until it does");
        }
        if (b->backlog.behind)
                bus_sent(b, true); /* its answer ends the state */
        return b->backlog.behind;
}

static int on_pong(_unused_ sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        Bus *b = userdata;

        b->backlog.ping = sd_bus_slot_unref(b->backlog.ping);
        if (sd_bus_is_open(b->bus) <= 0)
                return 0; /* the bus is lost, which is handled elsewhere */
        if (b->backlog.behind)
                log_notice("The bus takes messages again");
        b->backlog.behind = false;
        b->backlog.unanswered = 0;
        if (b->backlog.announce)
                (void)sd_event_source_set_enabled(
                                b->announce, SD_EVENT_ONESHOT); /* cannot fail: it is our source */
        b->backlog.announce = false;
        return 0;
}

void bus_sent(Bus *b, bool matters)
{
        usec_t now_usec;
        int r;

        now_usec = now_boot_usec();
        if (b->backlog.ping) {
                if (now_usec - b->backlog.ping_usec < ANSWER_USEC)
                        return;
                b->backlog.ping_usec = now_usec;
                if (++b->backlog.unanswered >= STUCK_AFTER)
                        b->handlers->stuck(b->userdata);
                return;
        }
        if (!matters && now_usec - b->backlog.ping_usec < PING_USEC)
                return;
        b->backlog.ping_usec = now_usec;
        r = bus_ping(b->bus, &b->backlog.ping, on_pong, b, UINT64_MAX);
        if (r < 0)
                log_debug("The bus cannot be asked whether it is there: %s", strerror(-r));
}

void bus_emit(Bus *b, const char *interface, const char *name, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;
        int r = bus_is_full(b) ? -ENOBUFS : 0;

        if (r >= 0)
                r = sd_bus_message_new_signal(b->bus, &m, CARDIO_OBJECT, interface, name);
        if (r >= 0) {
                va_start(arguments, types);
                r = sd_bus_message_appendv(m, types, arguments);
                va_end(arguments);
        }
        if (r >= 0)
                r = sd_bus_send(b->bus, m, NULL);
        if (r < 0)
                log_warning("Cannot send %s: %s", name, strerror(-r));
        bus_sent(b, true);
}
