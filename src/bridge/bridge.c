/* SPDX-License-Identifier: MIT */

/* Ties it together: events of the follower become messages, and what the broker says becomes log lines and the status that
 * systemd shows.
 *
 *                                ┌──▶ state ─────┐
 *      org.cardiod1 ──▶ follower ┼──▶ events ────┼──▶ payload ──▶ publisher ◀──▶ broker
 *                                └──▶ sessions ──┘
 *
 * Always: heart rates are published without being kept, neither here nor by the broker, and never logged; while there is no
 * connection they are dropped, and so is news. Finished sessions are kept until the broker has them. Messages are due by
 * CLOCK_BOOTTIME. */

#include "bridge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "client/follower.h"
#include "discovery.h"
#include "payload.h"
#include "publisher.h"
#include "say.h"
#include "sessions.h"
#include "shared/clock.h"
#include "state.h"

/* Until a message that could not be given away is tried again. */
#define AGAIN_USEC (200 * USEC_PER_MSEC)
/* Until a daemon that did not answer is asked again. */
#define ASK_AGAIN_USEC (30 * USEC_PER_SEC)
/* From Home Assistant's start to the discovery message: it may say several times that it has started. */
#define DISCOVER_AFTER_USEC (1 * USEC_PER_SEC)

#define STATUS_MAX 512U

struct Bridge {
        sd_event *event;
        bool user;
        BridgeConfig config;
        char *topic_state, *topic_event, *topic_session, *topic_availability;
        char *topic_discovery, *topic_status; /* NULL: no discovery */
        Follower *follower;
        Publisher *publisher;
        Sessions *sessions;
        State state;

        BusKind bus; /* where the daemon is, _BUS_KIND_INVALID = nowhere */
        bool waits_for_daemon;
        bool connected, tried;    /* tried: there was a connection, or a reason why there is none */
        char refused[STATUS_MAX]; /* what the broker has refused first on this connection, "" = nothing */
        char trouble[STATUS_MAX]; /* why it is not connected, as was logged last; "" = it was */
        char status[STATUS_MAX];  /* as systemd has it */

        sd_event_source *due;   /* the next state message */
        usec_t not_before_usec; /* … and not earlier */
        sd_event_source *ask;   /* a silent daemon */
        sd_event_source *discover;
        sd_event_source *post; /* after the others of each turn of the loop */
};

/* -- What is said ---------------------------------------------------------------------------------------- */

static void tell_status(Bridge *b)
{
        size_t n = sessions_waiting(b->sessions);
        const char *between = *b->trouble ? ": " : "", *trouble = b->trouble;
        char status[STATUS_MAX], waiting[64] = "";

        if (n > 0)
                (void)snprintf(waiting, sizeof(waiting), n == 1 ? "; 1 session waits" : "; %zu sessions wait",
                                n);
        if (b->connected && *b->refused) {
                between = "; it has refused "; /* cardioctl doctor goes by these words */
                trouble = b->refused;
        }
        (void)snprintf(status, sizeof(status), "STATUS=%s to %s:%u%s%.200s%s%s",
                        b->connected ? "connected"
                        : b->tried   ? "not connected"
                                     : "connecting",
                        b->config.host, (unsigned)b->config.port, between, trouble, waiting,
                        b->bus >= 0 ? "" : "; waiting for cardiod");
        if (strcmp(status, b->status) == 0)
                return;
        memcpy(b->status, status, sizeof(status));
        (void)sd_notify(false, status); /* without systemd nobody reads it */
}

/* Whatever has happened, to the sessions by themselves, too. */
static int on_post(sd_event_source *source, void *userdata)
{
        (void)source;
        tell_status(userdata);
        return 0;
}

static void say_denied(BusKind bus)
{
        say("not allowed to talk to cardiod on the %s: the user of this process must be in group " CARDIO_GROUP,
                        bus_kind_to_string(bus));
}

/* -- State messages -------------------------------------------------------------------------------------- */

static void schedule(Bridge *b);

static void publish_state(Bridge *b)
{
        usec_t now_usec = now_boot_usec();
        StateView view = state_view(&b->state, now_usec);
        _cleanup_free_ char *payload = NULL;
        int r = payload_state(&view, &payload);

        if (r >= 0)
                r = publisher_publish(
                                b->publisher, PUBLISH_LIVE, b->topic_state, payload, strlen(payload), NULL);
        if (r >= 0)
                state_sent(&b->state, &view, now_usec);
        else
                b->not_before_usec = usec_add(now_usec, AGAIN_USEC);
        schedule(b);
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bridge *b = userdata;

        (void)source;
        (void)usec;
        if (b->connected && state_due(&b->state, now_boot_usec()) <= now_boot_usec())
                publish_state(b);
        else
                schedule(b);
        return 0;
}

/* When that cannot be set, nothing would be published any more: better to exit and be started again. */
static void set_timer(Bridge *b, sd_event_source **timer, usec_t usec, sd_event_time_handler_t func)
{
        int r;

        if (usec == USEC_INFINITY) {
                if (*timer)
                        (void)sd_event_source_set_enabled(*timer, SD_EVENT_OFF);
                return;
        }
        if (!*timer) {
                r = sd_event_add_time(b->event, timer, CLOCK_BOOTTIME, usec, USEC_PER_MSEC, func, b);
        } else {
                r = sd_event_source_set_time(*timer, usec);
                if (r >= 0)
                        r = sd_event_source_set_enabled(*timer, SD_EVENT_ONESHOT);
        }
        if (r < 0)
                (void)sd_event_exit(b->event, r);
}

static void schedule(Bridge *b)
{
        usec_t due_usec = b->connected ? state_due(&b->state, now_boot_usec()) : USEC_INFINITY;

        if (due_usec < b->not_before_usec)
                due_usec = b->not_before_usec;
        set_timer(b, &b->due, due_usec, on_due);
}

/* -- Events ---------------------------------------------------------------------------------------------- */

static void publish_event(Bridge *b, const FollowerEvent *e)
{
        _cleanup_free_ char *payload = NULL;

        if (!b->connected || payload_event(e, b->config.device, b->state.session, now_realtime_usec(),
                                             &payload) < 0)
                return;
        /* With a broker that acknowledges nothing it is dropped. */
        (void)publisher_publish(b->publisher, PUBLISH_NEWS, b->topic_event, payload, strlen(payload), NULL);
}

/* -- Sessions -------------------------------------------------------------------------------------------- */

static int send_session(void *userdata, const char *payload, size_t size, int *ret_mid)
{
        const Bridge *b = userdata;

        return publisher_publish(b->publisher, PUBLISH_ONCE, b->topic_session, payload, size, ret_mid);
}

/* -- Home Assistant -------------------------------------------------------------------------------------- */

static int on_discover(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bridge *b = userdata;
        _cleanup_free_ char *payload = NULL;
        int r;

        (void)source;
        (void)usec;
        if (!b->connected || !b->topic_discovery)
                return 0;
        r = discovery_payload(&b->config, b->topic_state, b->topic_availability, &payload);
        if (r >= 0)
                r = publisher_publish(b->publisher, PUBLISH_RETAINED, b->topic_discovery, payload,
                                strlen(payload), NULL);
        if (r == -ENOBUFS || r == -ENOMEM)
                set_timer(b, &b->discover, usec_add(now_boot_usec(), ASK_AGAIN_USEC), on_discover);
        return 0;
}

static void discover_after(Bridge *b, usec_t usec)
{
        if (b->topic_discovery)
                set_timer(b, &b->discover, usec_add(now_boot_usec(), usec), on_discover);
}

/* -- The broker ------------------------------------------------------------------------------------------ */

static void on_connected(Bridge *b, const char *version)
{
        say("connected to %s:%u, %s%s", b->config.host, (unsigned)b->config.port, version,
                        b->config.tls ? ", TLS" : "");
        b->connected = b->tried = true;
        b->refused[0] = b->trouble[0] = '\0';
        b->not_before_usec = 0;
        state_unsent(&b->state);
        discover_after(b, 0);
        sessions_connected(b->sessions);
}

static void on_disconnected(Bridge *b, const char *why)
{
        b->connected = false;
        b->tried = true;
        sessions_disconnected(b->sessions);
        if (strcmp(why, b->trouble) == 0)
                return; /* it was said, and is tried again, ever less often */
        (void)snprintf(b->trouble, sizeof(b->trouble), "%s", why);
        say("not connected to %s:%u: %s; trying again", b->config.host, (unsigned)b->config.port, why);
}

static void on_refused(Bridge *b, int mid, const char *why)
{
        sessions_refused(b->sessions, mid);
        if (*b->refused)
                return;
        (void)snprintf(b->refused, sizeof(b->refused), "%s%s", mid > 0 ? "a message: " : "", why);
        say("the broker refuses %s", b->refused);
}

static void bridge_on_broker(void *userdata, const PublisherEvent *e)
{
        Bridge *b = userdata;

        switch (e->type) {
        case PUBLISHER_CONNECTED:
                on_connected(b, e->text);
                break;
        case PUBLISHER_DISCONNECTED:
                on_disconnected(b, e->text);
                break;
        case PUBLISHER_ACKNOWLEDGED:
                sessions_acknowledged(b->sessions, e->mid);
                break;
        case PUBLISHER_REFUSED:
                on_refused(b, e->mid, e->text);
                break;
        case PUBLISHER_RECEIVED:
                if (strcmp(e->text, "online") == 0)
                        discover_after(b, DISCOVER_AFTER_USEC);
                break;
        case _PUBLISHER_EVENT_TYPE_MAX:
        case _PUBLISHER_EVENT_TYPE_INVALID:
                break;
        }
        schedule(b);
}

/* -- The daemon ------------------------------------------------------------------------------------------ */

static int on_ask(sd_event_source *source, uint64_t usec, void *userdata)
{
        const Bridge *b = userdata;

        (void)source;
        (void)usec;
        follower_ask(b->follower);
        return 0;
}

static void on_lost(Bridge *b, const FollowerPlace *place)
{
        b->bus = _BUS_KIND_INVALID;
        if (place->reach == REACH_DENIED) {
                /* The groups of a process are fixed when it starts: waiting would not help. */
                say_denied(place->bus);
                (void)sd_event_exit(b->event, EXIT_FAILURE);
        } else if (place->reach != REACH_LOOKING && !b->waits_for_daemon) {
                b->waits_for_daemon = true;
                say("waiting for cardiod on the %s", bus_kind_to_string(b->user ? BUS_SESSION : BUS_SYSTEM));
        }
}

static void bridge_on_daemon(void *userdata, const FollowerEvent *e)
{
        Bridge *b = userdata;

        state_follow(&b->state, e, now_boot_usec());
        if (e->type == FOLLOWER_APPEARED) {
                b->bus = e->place.bus;
                b->waits_for_daemon = false;
                say("found cardiod on the %s", bus_kind_to_string(e->place.bus));
        } else if (e->type == FOLLOWER_LOST) {
                on_lost(b, &e->place);
        } else if (e->type == FOLLOWER_SILENT) {
                say("cardiod does not answer");
                set_timer(b, &b->ask, usec_add(now_boot_usec(), ASK_AGAIN_USEC), on_ask);
        }
        publish_event(b, e);
        sessions_follow(b->sessions, e);
        schedule(b);
}

/* -- Life ------------------------------------------------------------------------------------------------ */

static int name_topic(const BridgeConfig *config, const char *leaf, char **ret)
{
        if (asprintf(ret, "%s/%s/%s", config->prefix, config->device, leaf) >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}

static int name_topics(Bridge *b)
{
        const BridgeConfig *c = &b->config;
        int r = name_topic(c, "state", &b->topic_state);

        if (r >= 0)
                r = name_topic(c, "event", &b->topic_event);
        if (r >= 0)
                r = name_topic(c, "session", &b->topic_session);
        if (r >= 0)
                r = name_topic(c, "availability", &b->topic_availability);
        if (r >= 0 && c->discovery)
                r = discovery_topic(c, &b->topic_discovery);
        if (r >= 0 && c->discovery)
                r = discovery_status_topic(c, &b->topic_status);
        return r;
}

int bridge_new(sd_event *event, bool user, const char *folder, BridgeConfig *config, Bridge **ret,
                char **ret_error)
{
        _cleanup_(bridge_freep) Bridge *b = calloc(1, sizeof(*b));
        int r;

        *ret_error = NULL;
        if (!b)
                return -ENOMEM;
        b->event = sd_event_ref(event);
        b->user = user;
        b->bus = _BUS_KIND_INVALID;
        b->config = *config;
        *config = (BridgeConfig){ .host = NULL };
        state_init(&b->state);
        r = name_topics(b);
        if (r >= 0)
                r = follower_new(event, user, FOLLOWER_WITH_STATE | FOLLOWER_WITH_MEASUREMENTS,
                                bridge_on_daemon, b, &b->follower);
        if (r >= 0)
                r = sessions_new(event, b->follower, b->config.device, folder, send_session, b, &b->sessions,
                                ret_error);
        if (r >= 0)
                r = publisher_new(event, &b->config, b->topic_availability, b->topic_status, bridge_on_broker,
                                b, &b->publisher);
        if (r >= 0)
                r = sd_event_add_post(event, &b->post, on_post, b);
        if (r >= 0)
                r = publisher_start(b->publisher);
        if (r < 0)
                return r;
        follower_start(b->follower);
        tell_status(b);
        *ret = TAKE_PTR(b);
        return 0;
}

Bridge *bridge_free(Bridge *b)
{
        if (!b)
                return NULL;
        publisher_free(b->publisher); /* may still bring acknowledgements */
        sessions_free(b->sessions);
        follower_free(b->follower);
        sd_event_source_disable_unref(b->due);
        sd_event_source_disable_unref(b->ask);
        sd_event_source_disable_unref(b->discover);
        sd_event_source_disable_unref(b->post);
        bridge_config_done(&b->config);
        free(b->topic_state);
        free(b->topic_event);
        free(b->topic_session);
        free(b->topic_availability);
        free(b->topic_discovery);
        free(b->topic_status);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
