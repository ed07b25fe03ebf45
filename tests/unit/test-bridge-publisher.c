/* SPDX-License-Identifier: MIT */

/* The publisher against a broker that is in this program, and answers as each test says: what goes over the wire, and what
 * comes of each answer. With real brokers, TLS and passwords it is tested in tests/bus. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/publisher.h"
#include "cardio/macro.h"
#include "cardio/time.h"
#include "shared/clock.h"

#define WILL   "cardiod/garage/availability"
#define STATUS "homeassistant/status"

/* Whatever has to happen happens in this time, or a pause of the publisher is in between. */
#define SOON_USEC (20 * USEC_PER_SEC)

/* -- A broker -------------------------------------------------------------------------------------------- */

enum { CONNECT = 1, CONNACK, PUBLISH, PUBACK, SUBSCRIBE = 8, SUBACK, DISCONNECT = 14 };

#define PACKETS_MAX 256U

typedef struct Packet {
        unsigned type, flags, level;
        unsigned id;
        char topic[64];   /* CONNECT: the client's id */
        char text[1024];  /* PUBLISH: the payload; CONNECT: the will's topic, payload, user name, password */
        uint32_t expires; /* s, 0 = never */
        unsigned connection;
} Packet;

typedef struct Broker {
        sd_event *event;
        int listen_fd, fd;
        uint16_t port;
        sd_event_source *accept, *input;
        uint8_t buf[256 * 1024];
        size_t n;
        unsigned level; /* of the client */
        unsigned connection;

        /* What it does. */
        int answer[6]; /* by level: the reason; -1 = closes; -2 = nothing; 256 = as one of before MQTT 5, with 1 */
        int acknowledges;    /* reason of PUBACK, -1 = not at all */
        const char *refused; /* the topic for which it has 0x87 instead */
        int granted;         /* of SUBACK */

        Packet packet[PACKETS_MAX];
        size_t n_packets;
} Broker;

static unsigned get16(const uint8_t *p)
{
        return (unsigned)p[0] << 8 | p[1];
}

/* A text with its length before it. Returns what follows. */
static const uint8_t *get_text(const uint8_t *p, char *to, size_t size)
{
        unsigned length = get16(p);
        size_t before = strlen(to);

        (void)snprintf(to + before, size - before, "%.*s", (int)length, (const char *)p + 2);
        return p + 2 + length;
}

static void broker_send(Broker *b, const void *bytes, size_t size)
{
        assert_int_equal(send(b->fd, bytes, size, MSG_NOSIGNAL), size);
}

static void broker_hang_up(Broker *b)
{
        b->input = sd_event_source_disable_unref(b->input);
        if (b->fd >= 0)
                (void)close(b->fd);
        b->fd = -1;
        b->n = 0;
}

static void broker_answer(Broker *b)
{
        int answer = b->answer[b->level];

        if (answer == -1)
                broker_hang_up(b);
        else if (answer == 256)
                broker_send(b, "\x20\x02\x00\x01", 4);
        else if (answer >= 0 && b->level == 5)
                broker_send(b, (const uint8_t[]){ 0x20, 3, 0, (uint8_t)answer, 0 }, 5);
        else if (answer >= 0)
                broker_send(b, (const uint8_t[]){ 0x20, 2, 0, (uint8_t)answer }, 4);
}

static void broker_connect(Broker *b, Packet *m, const uint8_t *p)
{
        unsigned flags = p[7];

        m->level = b->level = p[6];
        m->flags = flags;
        m->id = get16(p + 8); /* the keep-alive */
        p += 10;
        if (b->level == 5)
                p += 1 + p[0];
        p = get_text(p, m->topic, sizeof(m->topic));
        if (flags & 4) {
                if (b->level == 5)
                        p += 1 + p[0];
                p = get_text(p, m->text, sizeof(m->text));
                strcat(m->text, " ");
                p = get_text(p, m->text, sizeof(m->text));
        }
        for (unsigned flag = 0x80; flag >= 0x40; flag >>= 1)
                if (flags & flag) {
                        strcat(m->text, " ");
                        p = get_text(p, m->text, sizeof(m->text));
                }
        broker_answer(b);
}

static void broker_publish(Broker *b, Packet *m, const uint8_t *p, const uint8_t *end)
{
        unsigned reason;

        p = get_text(p, m->topic, sizeof(m->topic));
        if (m->flags & 2) {
                m->id = get16(p);
                p += 2;
        }
        if (b->level == 5) {
                if (p[0] == 5 && p[1] == 2)
                        m->expires = (uint32_t)get16(p + 2) << 16 | get16(p + 4);
                p += 1 + p[0];
        }
        (void)snprintf(m->text, sizeof(m->text), "%.*s", (int)(end - p), (const char *)p);
        if (!(m->flags & 2) || b->acknowledges < 0)
                return;
        reason = b->refused && strcmp(m->topic, b->refused) == 0 ? 0x87 : (unsigned)b->acknowledges;
        if (b->level == 5 && reason != 0)
                broker_send(b,
                                (const uint8_t[]){ 0x40, 3, (uint8_t)(m->id >> 8), (uint8_t)m->id,
                                                (uint8_t)reason },
                                5);
        else
                broker_send(b, (const uint8_t[]){ 0x40, 2, (uint8_t)(m->id >> 8), (uint8_t)m->id }, 4);
}

static void broker_subscribe(Broker *b, Packet *m, const uint8_t *p)
{
        m->id = get16(p);
        p += 2;
        if (b->level == 5)
                p += 1 + p[0];
        (void)get_text(p, m->topic, sizeof(m->topic));
        if (b->level == 5)
                broker_send(b,
                                (const uint8_t[]){ 0x90, 4, (uint8_t)(m->id >> 8), (uint8_t)m->id, 0,
                                                (uint8_t)b->granted },
                                6);
        else
                broker_send(b,
                                (const uint8_t[]){ 0x90, 3, (uint8_t)(m->id >> 8), (uint8_t)m->id,
                                                (uint8_t)b->granted },
                                5);
}

/* Takes one packet from the buffer. */
static bool broker_take(Broker *b)
{
        size_t length = 0, head = 1;
        uint8_t copy[sizeof(b->buf)];
        Packet *m;

        for (unsigned shift = 0;; shift += 7, head++) {
                if (head >= b->n)
                        return false;
                length |= (size_t)(b->buf[head] & 127) << shift;
                if (!(b->buf[head] & 128))
                        break;
        }
        head++;
        if (b->n < head + length)
                return false;
        assert_true(b->n_packets < PACKETS_MAX);
        m = &b->packet[b->n_packets++];
        *m = (Packet){ .type = b->buf[0] >> 4, .flags = b->buf[0] & 15, .connection = b->connection };
        memcpy(copy, b->buf, head + length);
        b->n -= head + length;
        memmove(b->buf, b->buf + head + length, b->n);
        m->level = b->level;
        if (m->type == CONNECT)
                broker_connect(b, m, copy + head);
        else if (m->type == PUBLISH)
                broker_publish(b, m, copy + head, copy + head + length);
        else if (m->type == SUBSCRIBE)
                broker_subscribe(b, m, copy + head);
        else
                assert_int_equal(m->type, DISCONNECT);
        return b->fd >= 0;
}

static int broker_on_input(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Broker *b = userdata;
        ssize_t n = recv(fd, b->buf + b->n, sizeof(b->buf) - b->n, MSG_DONTWAIT);

        (void)source;
        (void)events;
        if (n <= 0) {
                broker_hang_up(b);
                return 0;
        }
        b->n += (size_t)n;
        while (broker_take(b))
                ;
        return 0;
}

static int broker_on_accept(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Broker *b = userdata;

        (void)source;
        (void)events;
        broker_hang_up(b);
        b->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        assert_true(b->fd >= 0);
        b->connection++;
        assert_true(sd_event_add_io(b->event, &b->input, b->fd, EPOLLIN, broker_on_input, b) >= 0);
        return 0;
}

static void broker_begin(Broker *b, sd_event *event)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
        socklen_t size = sizeof(address);

        b->event = event;
        b->fd = -1;
        b->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(b->listen_fd, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(b->listen_fd, 4), 0);
        assert_int_equal(getsockname(b->listen_fd, (struct sockaddr *)&address, &size), 0);
        b->port = ntohs(address.sin_port);
        assert_true(sd_event_add_io(event, &b->accept, b->listen_fd, EPOLLIN, broker_on_accept, b) >= 0);
}

/* The packet of a type and topic (NULL = any) on the newest connection, or NULL. */
static const Packet *broker_has(const Broker *b, unsigned type, const char *topic)
{
        for (size_t i = 0; i < b->n_packets; i++)
                if (b->packet[i].type == type && b->packet[i].connection == b->connection &&
                                (!topic || strcmp(b->packet[i].topic, topic) == 0))
                        return &b->packet[i];
        return NULL;
}

/* -- A publisher at it ----------------------------------------------------------------------------------- */

#define EVENTS_MAX 128U

typedef struct Seen {
        PublisherEventType type;
        int mid;
        char text[256];
} Seen;

typedef struct Fixture {
        sd_event *event;
        Broker broker;
        BridgeConfig config;
        Publisher *publisher;
        Seen seen[EVENTS_MAX];
        size_t n;
} Fixture;

static void on_publisher(void *userdata, const PublisherEvent *e)
{
        Fixture *f = userdata;

        assert_true(f->n < EVENTS_MAX);
        f->seen[f->n].type = e->type;
        f->seen[f->n].mid = e->mid;
        (void)snprintf(f->seen[f->n++].text, sizeof(f->seen[0].text), "%s", e->text);
}

static int setup(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        assert_true(sd_event_new(&f->event) >= 0);
        broker_begin(&f->broker, f->event);
        f->config = (BridgeConfig){ .host = (char *)"127.0.0.1", .port = f->broker.port };
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;

        broker_hang_up(&f->broker);
        publisher_free(f->publisher);
        sd_event_source_disable_unref(f->broker.accept);
        (void)close(f->broker.listen_fd);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

static void start(Fixture *f)
{
        assert_int_equal(
                        publisher_new(f->event, &f->config, WILL, STATUS, on_publisher, f, &f->publisher), 0);
        assert_int_equal(publisher_start(f->publisher), 0);
}

/* The broker is not served meanwhile: if it is gone, nobody waits for it. */
static void stop(Fixture *f)
{
        broker_hang_up(&f->broker);
        f->publisher = publisher_free(f->publisher);
}

typedef bool (*Condition)(const Fixture *f, const void *what);

static void run_until(Fixture *f, Condition condition, const void *what)
{
        usec_t until_usec = now_boot_usec() + SOON_USEC;

        while (!condition(f, what)) {
                if (now_boot_usec() > until_usec) {
                        for (size_t i = 0; i < f->n; i++)
                                print_error("event %d, %d, %s\n", (int)f->seen[i].type, f->seen[i].mid,
                                                f->seen[i].text);
                        fail_msg("it has not happened");
                }
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        }
}

static bool has_seen(const Fixture *f, const void *what)
{
        const Seen *wanted = what;

        for (size_t i = 0; i < f->n; i++)
                if (f->seen[i].type == wanted->type && f->seen[i].mid == wanted->mid)
                        return true;
        return false;
}

static const char *wait_event(Fixture *f, PublisherEventType type, int mid)
{
        const Seen wanted = { .type = type, .mid = mid };

        run_until(f, has_seen, &wanted);
        for (size_t i = f->n; i-- > 0;)
                if (f->seen[i].type == type && f->seen[i].mid == mid)
                        return f->seen[i].text;
        return NULL;
}

static bool has_packet(const Fixture *f, const void *topic)
{
        return broker_has(&f->broker, PUBLISH, topic);
}

static const Packet *wait_packet(Fixture *f, const char *topic)
{
        run_until(f, has_packet, topic);
        return broker_has(&f->broker, PUBLISH, topic);
}

static int publish(Fixture *f, PublishHow how, const char *topic, const char *payload)
{
        int mid = 0;

        assert_int_equal(publisher_publish(f->publisher, how, topic, payload, strlen(payload), &mid), 0);
        assert_true(mid > 0);
        return mid;
}

/* -- Connecting ------------------------------------------------------------------------------------------ */

static void test_connect(void **state)
{
        Fixture *f = *state;
        const Packet *m;
        char id[64];

        f->config.username = (char *)"garage";
        f->config.password = (char *)"secret";
        start(f);
        assert_string_equal(wait_event(f, PUBLISHER_CONNECTED, 0), "MQTT 5");
        m = broker_has(&f->broker, CONNECT, NULL);
        assert_int_equal(m->level, 5);
        /* User name, password, will: retained, QoS 1; clean start. */
        assert_int_equal(m->flags, 0x80 | 0x40 | 0x20 | 0x08 | 0x04 | 0x02);
        assert_int_equal(m->id, 30);
        assert_string_equal(m->text, WILL " offline garage secret");
        assert_int_equal(strlen(m->topic), 22);
        assert_int_equal(strspn(m->topic, "abcdefghijklmnopqrstuvwxyz0123456789"), 22);
        (void)snprintf(id, sizeof(id), "%s", m->topic);
        m = wait_packet(f, WILL);
        assert_string_equal(m->text, "online");
        assert_int_equal(m->flags, 2 | 1); /* QoS 1, retained */

        /* After a restart it has the same id. */
        stop(f);
        f->broker.n_packets = f->n = 0;
        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        assert_string_equal(broker_has(&f->broker, CONNECT, NULL)->topic, id);
}

static void test_other_id(void **state)
{
        static const char *const wills[] = { "cardiod/garage/availability", "cardiod/kitchen/availability" };
        Fixture *f = *state;
        char id[2][64];

        for (size_t i = 0; i < 2; i++) {
                f->broker.n_packets = f->n = 0;
                assert_int_equal(publisher_new(f->event, &f->config, wills[i], NULL, on_publisher, f,
                                                 &f->publisher),
                                0);
                assert_int_equal(publisher_start(f->publisher), 0);
                (void)wait_event(f, PUBLISHER_CONNECTED, 0);
                (void)snprintf(id[i], sizeof(id[i]), "%s", broker_has(&f->broker, CONNECT, NULL)->topic);
                assert_null(broker_has(&f->broker, SUBSCRIBE, NULL));
                stop(f);
        }
        assert_string_not_equal(id[0], id[1]);
}

static void test_versions(void **state)
{
        static const struct {
                BridgeProtocol protocol;
                int five, three;       /* as in Broker.answer */
                const char *connected; /* NULL: it is not */
                unsigned attempts;     /* in one go */
                const char *why;
        } cases[] = {
                { BRIDGE_PROTOCOL_AUTO, 0, 0, "MQTT 5", 1, NULL },
                { BRIDGE_PROTOCOL_5, 0, 0, "MQTT 5", 1, NULL },
                { BRIDGE_PROTOCOL_3_1_1, 0, 0, "MQTT 3.1.1", 1, NULL },
                { BRIDGE_PROTOCOL_AUTO, 0x84, 0, "MQTT 3.1.1", 2, NULL },
                { BRIDGE_PROTOCOL_AUTO, 256, 0, "MQTT 3.1.1", 2, NULL },
                { BRIDGE_PROTOCOL_AUTO, -1, 0, "MQTT 3.1.1", 2, NULL },
                { BRIDGE_PROTOCOL_5, 0x84, 0, NULL, 1, "Unsupported protocol version" },
                { BRIDGE_PROTOCOL_5, 256, 0, NULL, 1, "Unsupported protocol version" },
                { BRIDGE_PROTOCOL_5, -1, 0, NULL, 1, "the broker has closed the connection" },
                { BRIDGE_PROTOCOL_AUTO, -1, -1, NULL, 2, "the broker has closed the connection" },
                { BRIDGE_PROTOCOL_AUTO, 0x87, 0, NULL, 1, "the broker refuses: Not authorized" },
                { BRIDGE_PROTOCOL_AUTO, 0x84, 5, NULL, 2, "the broker refuses: not authorized" },
                { BRIDGE_PROTOCOL_3_1_1, 0, 4, NULL, 1, "the broker refuses: bad user name or password" },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *text;

                f->n = f->broker.n_packets = 0;
                f->broker.connection = 0;
                f->broker.answer[5] = cases[i].five;
                f->broker.answer[4] = cases[i].three;
                f->config.protocol = cases[i].protocol;
                start(f);
                text = wait_event(f, cases[i].connected ? PUBLISHER_CONNECTED : PUBLISHER_DISCONNECTED, 0);
                if (!strcasestr(text, cases[i].connected ? cases[i].connected : cases[i].why))
                        fail_msg("case %zu: %s", i, text);
                assert_int_equal(f->n, 1);
                assert_int_equal(f->broker.connection, cases[i].attempts);
                stop(f);
        }
}

static void test_no_broker(void **state)
{
        Fixture *f = *state;

        f->config.port = 1;
        start(f);
        assert_string_equal(wait_event(f, PUBLISHER_DISCONNECTED, 0), "Connection refused");
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_LIVE, "t", "x", 1, NULL), -ENOTCONN);
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_ONCE, "t", "x", 1, NULL), -ENOTCONN);
}

static void test_subscription(void **state)
{
        Fixture *f = *state;

        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        (void)wait_packet(f, WILL);
        broker_send(&f->broker, "\x30\x21\x00\x14" STATUS "\x00online\x1b\x0a\xff+", 35);
        assert_string_equal(wait_event(f, PUBLISHER_RECEIVED, 0), "online???+");
        assert_string_equal(broker_has(&f->broker, SUBSCRIBE, NULL)->topic, STATUS);
}

static void test_subscription_refused(void **state)
{
        Fixture *f = *state;

        f->broker.granted = 0x87;
        start(f);
        assert_string_equal(wait_event(f, PUBLISHER_REFUSED, 0), STATUS ": Not authorized");
}

static void test_availability_refused(void **state)
{
        Fixture *f = *state;

        f->broker.refused = WILL;
        start(f);
        assert_string_equal(wait_event(f, PUBLISHER_REFUSED, 0), WILL ": Not authorized");
}

/* -- Publishing ------------------------------------------------------------------------------------------ */

static void test_how(void **state)
{
        static const struct {
                PublishHow how;
                const char *topic;
                unsigned flags; /* 2: QoS 1, 1: retained */
                uint32_t expires;
        } cases[] = {
                { PUBLISH_LIVE, "live", 0, 0 },
                { PUBLISH_RETAINED, "retained", 2 | 1, 0 },
                { PUBLISH_ONCE, "once", 2, 0 },
                { PUBLISH_NEWS, "news", 2, 60 },
        };
        Fixture *f = *state;

        for (unsigned level = 5; level >= 4; level--) {
                f->n = f->broker.n_packets = 0;
                f->config.protocol = level == 5 ? BRIDGE_PROTOCOL_5 : BRIDGE_PROTOCOL_3_1_1;
                start(f);
                (void)wait_event(f, PUBLISHER_CONNECTED, 0);
                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        int mid = publish(f, cases[i].how, cases[i].topic, "{\"x\":1}");
                        const Packet *m = wait_packet(f, cases[i].topic);

                        assert_string_equal(m->text, "{\"x\":1}");
                        assert_int_equal(m->flags, cases[i].flags);
                        assert_int_equal(m->expires, level == 5 ? cases[i].expires : 0);
                        if (cases[i].how != PUBLISH_LIVE)
                                (void)wait_event(f, PUBLISHER_ACKNOWLEDGED, mid);
                }
                stop(f);
        }
}

static void test_answers(void **state)
{
        Fixture *f = *state;
        int taken, refused;

        f->broker.acknowledges = 0x10; /* nobody has subscribed: it is taken all the same */
        f->broker.refused = "secret";
        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        refused = publish(f, PUBLISH_ONCE, "secret", "x");
        taken = publish(f, PUBLISH_ONCE, "open", "x");
        assert_int_not_equal(refused, taken);
        assert_string_equal(wait_event(f, PUBLISHER_REFUSED, refused), "Not authorized");
        (void)wait_event(f, PUBLISHER_ACKNOWLEDGED, taken);
        assert_int_equal(f->n, 3);
}

/* Of what the library will not send. */
static void test_no_topic(void **state)
{
        Fixture *f = *state;

        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        (void)wait_event(f, PUBLISHER_REFUSED, publish(f, PUBLISH_ONCE, "a/#", "x"));
        (void)publish(f, PUBLISH_LIVE, "a/+", "x"); /* is dropped, and in nobody's way: */
        while (publisher_publish(f->publisher, PUBLISH_LIVE, "live", "y", 1, NULL) == -EAGAIN)
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        (void)wait_packet(f, "live");
}

static void test_limits(void **state)
{
        Fixture *f = *state;
        static char large[PUBLISHER_PAYLOAD_MAX + 1];
        int mid = 0;

        f->broker.acknowledges = -1;
        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        for (unsigned i = 0; i < 32; i++)
                mid = publish(f, i % 2 ? PUBLISH_NEWS : PUBLISH_ONCE, "once", "x");
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_ONCE, "once", "x", 1, NULL), -ENOBUFS);
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_RETAINED, "once", "x", 1, NULL), -ENOBUFS);
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_LIVE, "large", large, sizeof(large), NULL),
                        -EMSGSIZE);
        /* What is live has a place of its own, for one. */
        (void)publish(f, PUBLISH_LIVE, "live", "x");
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_LIVE, "live", "x", 1, NULL), -EAGAIN);
        (void)wait_packet(f, "live");
        /* An acknowledgement makes room. */
        {
                unsigned id = broker_has(&f->broker, PUBLISH, "once")->id;

                broker_send(&f->broker, (const uint8_t[]){ 0x40, 2, (uint8_t)(id >> 8), (uint8_t)id }, 4);
        }
        (void)wait_event(f, PUBLISHER_ACKNOWLEDGED, mid - 31);
        (void)publish(f, PUBLISH_ONCE, "again", "x");
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_ONCE, "once", "x", 1, NULL), -ENOBUFS);
        (void)wait_packet(f, "again");
        while (publisher_publish(f->publisher, PUBLISH_LIVE, "large", large, PUBLISHER_PAYLOAD_MAX, NULL) ==
                        -EAGAIN)
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        (void)wait_packet(f, "large");
}

/* -- The end --------------------------------------------------------------------------------------------- */

static void test_lost(void **state)
{
        Fixture *f = *state;
        struct pollfd pollfd = { .events = POLLIN };
        unsigned before;

        f->broker.acknowledges = -1;
        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        for (unsigned i = 0; i < 31; i++)
                (void)publish(f, PUBLISH_ONCE, "once", "x");
        (void)wait_packet(f, "once");
        before = f->broker.connection;
        broker_hang_up(&f->broker);
        /* The thread has noticed, and we have not. */
        pollfd.fd = sd_event_get_fd(f->event);
        assert_int_equal(poll(&pollfd, 1, (int)(SOON_USEC / USEC_PER_MSEC)), 1);
        (void)publish(f, PUBLISH_ONCE, "unseen", "x");
        assert_string_equal(wait_event(f, PUBLISHER_DISCONNECTED, 0), "the broker has closed the connection");
        assert_int_equal(publisher_publish(f->publisher, PUBLISH_ONCE, "late", "x", 1, NULL), -ENOTCONN);
        f->n = 0;
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        assert_true(f->broker.connection > before);
        /* There is room for as many as at first, and nothing of before is sent again. */
        for (unsigned i = 0; i < 32; i++)
                (void)publish(f, PUBLISH_ONCE, "new", "x");
        (void)wait_packet(f, "new");
        (void)wait_packet(f, WILL);
        assert_null(broker_has(&f->broker, PUBLISH, "once"));
        assert_null(broker_has(&f->broker, PUBLISH, "unseen"));
        assert_null(broker_has(&f->broker, PUBLISH, "late"));
}

static void test_broker_says_why(void **state)
{
        Fixture *f = *state;

        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        broker_send(&f->broker, "\xe0\x02\x8e\x00", 4);
        assert_string_equal(wait_event(f, PUBLISHER_DISCONNECTED, 0),
                        "another bridge of this prefix and device has connected");
        f->n = 0;
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        broker_send(&f->broker, "\xe0\x02\x8b\x00", 4);
        assert_string_equal(wait_event(f, PUBLISHER_DISCONNECTED, 0),
                        "the broker ends the connection: Server shutting down");
}

/* The broker has to go on while the publisher waits for it. */
static pid_t broker_in_child(Fixture *f)
{
        pid_t pid = fork();

        if (pid != 0)
                return pid;
        /* The other end is ours, too, since the fork. */
        if (dup2(f->broker.fd, STDERR_FILENO + 1) < 0 || close_range(STDERR_FILENO + 2, ~0U, 0) < 0)
                _exit(2);
        f->broker.fd = STDERR_FILENO + 1;
        for (;;) {
                const Packet *m;
                ssize_t n = recv(f->broker.fd, f->broker.buf + f->broker.n,
                                sizeof(f->broker.buf) - f->broker.n, 0);

                if (n <= 0)
                        break;
                f->broker.n += (size_t)n;
                while (broker_take(&f->broker))
                        ;
                m = broker_has(&f->broker, DISCONNECT, NULL);
                if (m)
                        break;
        }
        /* How it was left: "offline" was said, and then goodbye. */
        for (size_t i = 0; i < f->broker.n_packets; i++)
                if (f->broker.packet[i].type == PUBLISH && strcmp(f->broker.packet[i].text, "offline") == 0 &&
                                f->broker.packet[i].flags == 3)
                        _exit(broker_has(&f->broker, DISCONNECT, NULL) ? 3 : 4);
        _exit(5);
}

static int wait_child(pid_t pid)
{
        int status = 0;

        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

/* What was published just before is sent, and its acknowledgement counts. */
static void test_goodbye(void **state)
{
        Fixture *f = *state;
        usec_t before_usec;
        pid_t pid;
        int mid;

        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        (void)wait_packet(f, WILL);
        pid = broker_in_child(f);
        mid = publish(f, PUBLISH_ONCE, "last", "x");
        before_usec = now_boot_usec();
        f->publisher = publisher_free(f->publisher);
        assert_true(now_boot_usec() - before_usec < USEC_PER_SEC);
        assert_int_equal(wait_child(pid), 3);
        assert_true(has_seen(f, &(Seen){ .type = PUBLISHER_ACKNOWLEDGED, .mid = mid }));
}

/* A broker that does not acknowledge "offline" is left without a goodbye, so that it publishes the last will. */
static void test_goodbye_unacknowledged(void **state)
{
        Fixture *f = *state;
        usec_t before_usec;
        pid_t pid;

        start(f);
        (void)wait_event(f, PUBLISHER_CONNECTED, 0);
        (void)wait_packet(f, WILL);
        f->broker.acknowledges = -1;
        pid = broker_in_child(f);
        before_usec = now_boot_usec();
        f->publisher = publisher_free(f->publisher);
        assert_in_range(now_boot_usec() - before_usec, USEC_PER_SEC, 2200 * USEC_PER_MSEC);
        assert_int_equal(wait_child(pid), 4);
}

static void test_goodbye_unconnected(void **state)
{
        Fixture *f = *state;
        usec_t before_usec;

        f->broker.answer[5] = -2; /* never */
        start(f);
        while (f->broker.connection == 0)
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        before_usec = now_boot_usec();
        f->publisher = publisher_free(f->publisher);
        assert_true(now_boot_usec() - before_usec < USEC_PER_SEC);
        assert_int_equal(f->n, 0);
        /* Nor if it was never started. */
        assert_int_equal(publisher_new(f->event, &f->config, WILL, NULL, on_publisher, f, &f->publisher), 0);
        f->publisher = publisher_free(f->publisher);
        assert_null(publisher_free(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_connect),
                TEST(test_other_id),
                TEST(test_versions),
                TEST(test_no_broker),
                TEST(test_subscription),
                TEST(test_subscription_refused),
                TEST(test_availability_refused),
                TEST(test_how),
                TEST(test_answers),
                TEST(test_no_topic),
                TEST(test_limits),
                TEST(test_lost),
                TEST(test_broker_says_why),
                TEST(test_goodbye),
                TEST(test_goodbye_unacknowledged),
                TEST(test_goodbye_unconnected),
        };

        (void)signal(SIGPIPE, SIG_IGN);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
