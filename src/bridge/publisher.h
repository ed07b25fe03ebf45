/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "client/bridge-config.h"

/* One connection to an MQTT broker, made again whenever it is lost. Nothing waits here for the broker to be back: what is
 * published while there is no connection is refused, and what was on its way when one was lost is forgotten. */
typedef struct Publisher Publisher;

typedef enum PublisherEventType {
        PUBLISHER_CONNECTED,    /* text names the version of MQTT */
        PUBLISHER_DISCONNECTED, /* text says why; also when a connection could not be made */
        PUBLISHER_ACKNOWLEDGED, /* the broker has taken the message: mid */
        PUBLISHER_REFUSED,      /* it has answered, and will not take it: mid (0: ours), text */
        PUBLISHER_RECEIVED,     /* a message on the topic that was subscribed to: text */
        _PUBLISHER_EVENT_TYPE_MAX,
        _PUBLISHER_EVENT_TYPE_INVALID = -22,
} PublisherEventType;

typedef struct PublisherEvent {
        PublisherEventType type;
        int mid;
        const char *text; /* valid during the call only; without control characters */
} PublisherEvent;

/* Called from the event loop, where the publisher must not be freed. */
typedef void (*PublisherFunc)(void *userdata, const PublisherEvent *event);

/* will_topic: "offline" is the last will there, retained, and "online" is published whenever a connection is made.
 * subscribe_topic: subscribed to on each connection; NULL = none. All of config is copied. */
int publisher_new(sd_event *event, const BridgeConfig *config, const char *will_topic,
                const char *subscribe_topic, PublisherFunc func, void *userdata, Publisher **ret);
/* Sends what was published, publishes "offline" if it is connected, and takes the connection down; waits two seconds at
 * most. Acknowledgements that come until then are emitted. */
Publisher *publisher_free(Publisher *p);
DEFINE_CLEANUP(Publisher *, publisher_free);

/* Starts; the first event follows from the loop. */
int publisher_start(Publisher *p);

typedef enum PublishHow {
        PUBLISH_LIVE, /* QoS 0, not retained; -EAGAIN while the broker has not taken what was sent before */
        PUBLISH_RETAINED, /* QoS 1, retained */
        PUBLISH_ONCE,     /* QoS 1, not retained: ACKNOWLEDGED or REFUSED follows, or DISCONNECTED */
        PUBLISH_NEWS,     /* the same, and with MQTT 5 the broker drops it after a minute */
        _PUBLISH_HOW_MAX,
        _PUBLISH_HOW_INVALID = -22,
} PublishHow;

/* Bytes of a payload, at most. */
#define PUBLISHER_PAYLOAD_MAX ((size_t)64 * 1024)

/* Returns 0, or a negative errno: -ENOTCONN without a connection, -EAGAIN (see above), -ENOBUFS with too much on its way
 * already, -EMSGSIZE. ret_mid may be NULL; it is above 0, and not used twice by a publisher. */
int publisher_publish(Publisher *p, PublishHow how, const char *topic, const char *payload, size_t size,
                int *ret_mid);
