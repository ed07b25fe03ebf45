/* SPDX-License-Identifier: MIT */
/* What is on the disk goes to the broker, as it is there. It is on its way from then on until the broker has acknowledged or
 * refused it, or the connection is lost; nothing is sent twice in between, however long that takes. What was refused is tried
 * again after a minute, then two, up to ten, and with each new connection. Times are CLOCK_BOOTTIME. */

#include "sender.h"

#include <string.h>

#include "say.h"

#define REFUSED_MIN_USEC USEC_PER_MIN
#define REFUSED_MAX_USEC (10 * USEC_PER_MIN)
/* Until a connection that had no room for a message is tried again. */
#define RESEND_USEC USEC_PER_SEC

static void set_timer(Sender *s, sd_event_source **timer, usec_t usec, sd_event_time_handler_t func)
{
        int r;

        if (*timer)
                return;
        r = sd_event_add_time_relative(s->event, timer, CLOCK_BOOTTIME, usec, 0, func, s);
        if (r < 0)
                (void)sd_event_exit(s->event, r);
}

static int on_resend(sd_event_source *source, uint64_t usec, void *userdata)
{
        Sender *s = userdata;

        (void)source;
        (void)usec;
        s->resend_timer = sd_event_source_disable_unref(s->resend_timer);
        sender_send(s);
        return 0;
}

void sender_send(Sender *s)
{
        for (size_t i = 0; i < s->outbox->n_sending && s->connected; i++) {
                OutboxItem *item = &s->outbox->sending[i];
                int mid = 0, r;

                if (!item->saved || item->mid != 0 || item->refused)
                        continue;
                r = s->func(s->userdata, item->payload, strlen(item->payload), &mid);
                if (r < 0) {
                        /* Unless the loss of the connection follows. */
                        set_timer(s, &s->resend_timer, RESEND_USEC, on_resend);
                        return;
                }
                item->mid = mid;
        }
}

static OutboxItem *on_its_way(const Sender *s, int mid)
{
        for (size_t i = 0; i < s->outbox->n_sending && mid != 0; i++)
                if (s->outbox->sending[i].mid == mid)
                        return &s->outbox->sending[i];
        return NULL;
}

int64_t sender_acknowledged(Sender *s, int mid)
{
        OutboxItem *item = on_its_way(s, mid);

        if (!item)
                return 0;
        item->mid = 0;
        s->refused_usec = REFUSED_MIN_USEC;
        s->told_refused = false;
        return item->session;
}

static int on_refused(sd_event_source *source, uint64_t usec, void *userdata)
{
        Sender *s = userdata;

        (void)source;
        (void)usec;
        s->refused_timer = sd_event_source_disable_unref(s->refused_timer);
        for (size_t i = 0; i < s->outbox->n_sending; i++)
                s->outbox->sending[i].refused = false;
        sender_send(s);
        return 0;
}

void sender_refused(Sender *s, int mid)
{
        OutboxItem *item = on_its_way(s, mid);

        if (!item)
                return;
        item->mid = 0;
        item->refused = true;
        if (!s->told_refused)
                say("session %lld: the broker does not take it; it is kept, and tried again until it does",
                                (long long)item->session);
        s->told_refused = true;
        if (s->refused_timer)
                return;
        set_timer(s, &s->refused_timer, s->refused_usec, on_refused);
        s->refused_usec = 2 * s->refused_usec < REFUSED_MAX_USEC ? 2 * s->refused_usec : REFUSED_MAX_USEC;
}

static void forget_connection(Sender *s)
{
        for (size_t i = 0; i < s->outbox->n_sending; i++) {
                s->outbox->sending[i].mid = 0;
                s->outbox->sending[i].refused = false;
        }
        s->resend_timer = sd_event_source_disable_unref(s->resend_timer);
        s->refused_timer = sd_event_source_disable_unref(s->refused_timer);
        s->refused_usec = REFUSED_MIN_USEC;
}

void sender_connected(Sender *s)
{
        forget_connection(s);
        s->connected = true;
}

void sender_disconnected(Sender *s)
{
        forget_connection(s);
        s->connected = false;
}

void sender_init(Sender *s, sd_event *event, Outbox *outbox, SessionsSendFunc func, void *userdata)
{
        *s = (Sender){ .event = event,
                .outbox = outbox,
                .func = func,
                .userdata = userdata,
                .refused_usec = REFUSED_MIN_USEC };
}

void sender_done(Sender *s)
{
        s->resend_timer = sd_event_source_disable_unref(s->resend_timer);
        s->refused_timer = sd_event_source_disable_unref(s->refused_timer);
}
