/* SPDX-License-Identifier: MIT */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/time.h"
#include "publisher.h"

/* What the event loop's half of a publisher, publisher.c, and its thread, publisher-thread.c, share: publisher-link.c.
 *
 *      event loop ──── queue of messages, and a byte that wakes ────▶ thread ──▶ libmosquitto ──▶ broker
 *                 ◀───────────── reports, one packet each ───────────
 *
 * Both directions are one pair of sockets. */

/* Messages of QoS 1 on their way at the same time. */
#define PUBLISHER_WAY_MAX 32U
/* And one of QoS 0; twice, since the thread may not have dropped yet what a lost connection has left. */
#define LINK_QUEUE_MAX  (2 * (PUBLISHER_WAY_MAX + 1))
#define REPORT_TEXT_MAX 200U

/* How long the broker may take: to answer at all, once it can be reached, and to acknowledge a message. */
#define LINK_ANSWER_USEC      (30 * USEC_PER_SEC)
#define LINK_ACKNOWLEDGE_USEC (60 * USEC_PER_SEC)
/* How long the end of the publisher may take. */
#define LINK_END_USEC (2 * USEC_PER_SEC)

typedef struct LinkMessage {
        PublishHow how;
        int mid;
        uint32_t connection; /* which one it was meant for */
        size_t size;
        char *payload; /* behind the topic, in the same allocation */
        char topic[];
} LinkMessage;

typedef enum ReportType {
        REPORT_CONNECTED, /* connection */
        REPORT_DISCONNECTED,
        REPORT_SENT, /* the message of QoS 0 */
        REPORT_ACKNOWLEDGED,
        REPORT_REFUSED,
        REPORT_RECEIVED,
        _REPORT_TYPE_MAX,
        _REPORT_TYPE_INVALID = -22,
} ReportType;

typedef struct Report {
        ReportType type;
        int mid;
        uint32_t connection;
        char text[REPORT_TEXT_MAX];
} Report;

/* The one that lives longer frees it: the thread may hang in a name server's or a network's silence when the publisher goes. */
typedef struct Link {
        /* Constant once the thread runs. */
        char *host, *ca_file, *certificate_file, *key_file, *username, *password;
        uint16_t port;
        bool tls;
        BridgeProtocol protocol;
        char *will_topic, *subscribe_topic; /* the thread may drop the latter */
        char client_id[24];
        int fd; /* the thread's end of the pair */

        pthread_mutex_t lock; /* of all below */
        bool ending;          /* the publisher wants it to end */
        bool abandoned;       /* … and does not wait any more */
        bool ended;
        size_t first, n;
        LinkMessage *queue[LINK_QUEUE_MAX];
} Link;

/* fd is not set yet. Returns 0 or -ENOMEM. */
int link_new(const BridgeConfig *config, const char *will_topic, const char *subscribe_topic, Link **ret);
Link *link_free(Link *l);

/* One half puts messages in, the other takes them out and frees them; NULL: there is none. -ENOBUFS: there are too many. */
int link_put(Link *l, LinkMessage *m);
LinkMessage *link_take(Link *l);

/* The publisher wants the thread to end. */
void link_end(Link *l);
bool link_is_ending(Link *l);
/* It does not wait any more. Returns whether the thread has ended; if not, that frees the link. */
bool link_leave(Link *l);
/* The thread ends. Returns false if it has to free the link. */
bool link_finish(Link *l);

/* The thread; takes a Link. */
void *link_run(void *link);
