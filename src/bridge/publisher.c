/* SPDX-License-Identifier: MIT */

/* The event loop's half of a publisher. What is published goes to its thread by a queue, and what the thread has to say
 * comes back as packets.
 *
 * Always: nothing here waits, but the end, for two seconds at most; only the thread calls libmosquitto; no more than
 * PUBLISHER_WAY_MAX messages of QoS 1 and one of QoS 0 are kept. The end runs on CLOCK_BOOTTIME. */

#include "publisher-internal.h"

#include <assert.h>
#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/clock.h"

/* Of one turn of the event loop. */
#define REPORTS_AT_ONCE 32

/* What the stack of the thread needs: the C library asks name servers there, and OpenSSL computes. */
#define STACK_SIZE (512 * 1024)

struct Publisher {
        sd_event *event;
        PublisherFunc func;
        void *userdata;
        Link *link;
        pthread_t thread;
        bool started;
        int fd; /* our end of the pair */
        sd_event_source *input;

        uint32_t connection; /* 0 = none */
        int mid;             /* the last one given */
        unsigned way;        /* messages of QoS 1 on their way */
        bool live;           /* one of QoS 0 is */
};

/* -- Reports --------------------------------------------------------------------------------------------- */

static void emit(const Publisher *p, PublisherEventType type, const Report *r)
{
        p->func(p->userdata, &(PublisherEvent){ .type = type, .mid = r->mid, .text = r->text });
}

static void take(Publisher *p, const Report *r)
{
        switch (r->type) {
        case REPORT_CONNECTED:
                p->connection = r->connection;
                emit(p, PUBLISHER_CONNECTED, r);
                break;
        case REPORT_DISCONNECTED:
                p->connection = 0;
                p->way = 0;
                p->live = false;
                emit(p, PUBLISHER_DISCONNECTED, r);
                break;
        case REPORT_SENT:
                p->live = false;
                break;
        case REPORT_ACKNOWLEDGED:
        case REPORT_REFUSED:
                if (r->mid > 0 && p->way > 0)
                        p->way--;
                emit(p, r->type == REPORT_REFUSED ? PUBLISHER_REFUSED : PUBLISHER_ACKNOWLEDGED, r);
                break;
        case REPORT_RECEIVED:
                emit(p, PUBLISHER_RECEIVED, r);
                break;
        case _REPORT_TYPE_MAX:
        case _REPORT_TYPE_INVALID:
                break;
        }
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Publisher *p = userdata;
        Report r;

        (void)events;
        for (int i = 0; i < REPORTS_AT_ONCE; i++) {
                ssize_t n = recv(fd, &r, sizeof(r), MSG_DONTWAIT);

                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        return 0;
                if (n != sizeof(r)) /* without its thread it is of no use: better to exit and be started again */
                        return sd_event_exit(sd_event_source_get_event(source), -EIO);
                r.text[sizeof(r.text) - 1] = '\0';
                take(p, &r);
        }
        return 0;
}

/* -- Publishing ------------------------------------------------------------------------------------------ */

static void wake(const Publisher *p)
{
        /* If there is no room for a byte, those before it wake. */
        (void)send(p->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int publisher_publish(Publisher *p, PublishHow how, const char *topic, const char *payload, size_t size,
                int *ret_mid)
{
        size_t length = strlen(topic) + 1;
        LinkMessage *m;
        int r;

        assert(how >= 0 && how < _PUBLISH_HOW_MAX);
        if (p->connection == 0)
                return -ENOTCONN;
        if (size > PUBLISHER_PAYLOAD_MAX)
                return -EMSGSIZE;
        if (how == PUBLISH_LIVE ? p->live : p->way >= PUBLISHER_WAY_MAX)
                return how == PUBLISH_LIVE ? -EAGAIN : -ENOBUFS;
        m = malloc(sizeof(*m) + length + size);
        if (!m)
                return -ENOMEM;
        p->mid = p->mid < INT32_MAX ? p->mid + 1 : 1;
        *m = (LinkMessage){ .how = how, .mid = p->mid, .connection = p->connection, .size = size };
        memcpy(m->topic, topic, length);
        m->payload = memcpy(m->topic + length, payload, size);
        r = link_put(p->link, m);
        if (r < 0) {
                free(m);
                return r;
        }
        if (how == PUBLISH_LIVE)
                p->live = true;
        else
                p->way++;
        wake(p);
        if (ret_mid)
                *ret_mid = p->mid;
        return 0;
}

/* -- Life ------------------------------------------------------------------------------------------------ */

int publisher_new(sd_event *event, const BridgeConfig *config, const char *will_topic,
                const char *subscribe_topic, PublisherFunc func, void *userdata, Publisher **ret)
{
        _cleanup_(publisher_freep) Publisher *p = calloc(1, sizeof(*p));
        int fd[2], r;

        if (!p)
                return -ENOMEM;
        p->event = sd_event_ref(event);
        p->func = func;
        p->userdata = userdata;
        p->fd = -1;
        r = link_new(config, will_topic, subscribe_topic, &p->link);
        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
                return -errno;
        p->fd = fd[0];
        p->link->fd = fd[1];
        r = sd_event_add_io(event, &p->input, p->fd, EPOLLIN, on_input, p);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

int publisher_start(Publisher *p)
{
        pthread_attr_t attributes;
        sigset_t all, before;
        int r;

        /* Of libmosquitto's own count of its users; it fails only on other systems. */
        (void)mosquitto_lib_init();
        r = -pthread_attr_init(&attributes);
        if (r < 0)
                return r;
        (void)pthread_attr_setstacksize(
                        &attributes, STACK_SIZE); /* fails only for a size that is too small */
        /* Signals are for the event loop. */
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        r = -pthread_create(&p->thread, &attributes, link_run, p->link);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void)pthread_attr_destroy(&attributes);
        p->started = r == 0;
        return r;
}

/* Until the thread has closed its end, or the time is over. What the broker acknowledges until then counts. */
static void wait_for_end(Publisher *p)
{
        usec_t until_usec = now_boot_usec() + LINK_END_USEC, now_usec;
        struct pollfd pollfd = { .fd = p->fd, .events = POLLIN };
        Report r;

        while ((now_usec = now_boot_usec()) < until_usec) {
                ssize_t n = -1;

                if (poll(&pollfd, 1, (int)((until_usec - now_usec) / USEC_PER_MSEC) + 1) > 0)
                        n = recv(p->fd, &r, sizeof(r), MSG_DONTWAIT);
                if (n == 0)
                        return;
                if (n == sizeof(r) && (r.type == REPORT_ACKNOWLEDGED || r.type == REPORT_REFUSED))
                        take(p, &r);
        }
}

static void stop(Publisher *p)
{
        Link *l = p->link;
        bool ended;

        link_end(l);
        p->connection = 0; /* nothing more is taken */
        wake(p);
        wait_for_end(p);
        ended = link_leave(l);
        if (!ended) {
                (void)pthread_detach(
                                p->thread); /* it frees what it has, and the library is needed until then */
                p->link = NULL;
                return;
        }
        (void)pthread_join(p->thread, NULL);
        (void)mosquitto_lib_cleanup();
}

Publisher *publisher_free(Publisher *p)
{
        if (!p)
                return NULL;
        p->input = sd_event_source_disable_unref(p->input);
        if (p->started)
                stop(p);
        link_free(p->link);
        if (p->fd >= 0)
                (void)close(p->fd);
        sd_event_unref(p->event);
        free(p);
        return NULL;
}
