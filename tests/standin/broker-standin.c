/* SPDX-License-Identifier: MIT */

/* MQTT brokers that do not do what a broker should, and one between a client and a real broker that writes down what passes:
 *
 *      broker-standin silent           takes connections, reads, and never answers
 *      broker-standin close            takes connections and closes them
 *      broker-standin rubbish          answers with bytes that are no MQTT
 *      broker-standin deaf             accepts the client, then reads nothing more
 *      broker-standin flood            acknowledges all, also what was never sent, says hundreds of times that Home Assistant
 *                                      has started, in the end with 100 kB behind it
 *      broker-standin mute             accepts the client, answers its pings, and acknowledges nothing
 *      broker-standin huge             acknowledges, and sends a message of 200 MB to who subscribes
 *      broker-standin tap PORT         a broker at that port of 127.0.0.1, through this one
 *      broker-standin old PORT         the same, but it refuses clients of MQTT 5, as a broker of 3.1.1 has to
 *      broker-standin abrupt PORT      the same, but it just closes their connection
 *
 * It listens on a port of 127.0.0.1 that it chooses, without TLS. Lines written, each before what it says goes on:
 *
 *      port PORT                       it listens
 *      connect VERSION                 a client does: 4 is MQTT 3.1.1
 *      publish QOS RETAIN ID TOPIC PAYLOAD
 *      puback ID                       the broker's
 *      closed                          a connection is over
 *
 * The numbers of messages, ID, are those of a connection; no test has two of them at once through one stand-in. It ends by a
 * signal. No clock. */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "cardio/parse.h"

#define CONNECTIONS_MAX 64U
#define PACKET_MAX      (256U * 1024U)

enum {
        CONNECT = 1,
        CONNACK = 2,
        PUBLISH = 3,
        PUBACK = 4,
        SUBSCRIBE = 8,
        PINGREQ = 12,
};

typedef enum Mode {
        MODE_SILENT,
        MODE_CLOSE,
        MODE_RUBBISH,
        MODE_DEAF,
        MODE_MUTE,
        MODE_FLOOD,
        MODE_HUGE,
        MODE_TAP,
        MODE_OLD,
        MODE_ABRUPT,
        _MODE_MAX,
        _MODE_INVALID = -EINVAL,
} Mode;

static const char *const mode_names[_MODE_MAX] = {
        [MODE_SILENT] = "silent",
        [MODE_CLOSE] = "close",
        [MODE_RUBBISH] = "rubbish",
        [MODE_DEAF] = "deaf",
        [MODE_MUTE] = "mute",
        [MODE_FLOOD] = "flood",
        [MODE_HUGE] = "huge",
        [MODE_TAP] = "tap",
        [MODE_OLD] = "old",
        [MODE_ABRUPT] = "abrupt",
};

/* Bytes of one direction that are not a whole packet yet. */
typedef struct Bytes {
        uint8_t *data;
        size_t n;
} Bytes;

typedef struct Connection {
        int client, broker; /* -1 = none */
        uint8_t version;    /* 4, 5; 0 = it has not said so */
        bool deaf;
        unsigned n_packets; /* of the client's */
        Bytes from_client, from_broker;
} Connection;

typedef struct Standin {
        Mode mode;
        uint16_t upstream;
        int listener;
        Connection *connection[CONNECTIONS_MAX];
        size_t n_connections;
} Standin;

static void die(const char *what)
{
        (void)fprintf(stderr, "broker-standin: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

/* -- Sockets -- */

static struct sockaddr_in loopback(uint16_t port)
{
        return (struct sockaddr_in){
                .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
        };
}

/* buffer: how much its kernel takes that it has not read; 0: as usual, which is much. */
static int listen_somewhere(int buffer)
{
        struct sockaddr_in address = loopback(0);
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || (buffer > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) < 0) ||
                        bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
                        listen(fd, 64) < 0 || getsockname(fd, (struct sockaddr *)&address, &size) < 0)
                die("listen");
        printf("port %u\n", ntohs(address.sin_port));
        return fd;
}

/* -1: there is no broker. */
static int connect_to(uint16_t port)
{
        struct sockaddr_in address = loopback(port);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                die("socket");
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
                return fd;
        (void)close(fd);
        return -1;
}

/* Returns whether all of it is sent. */
static bool send_all(int fd, const void *data, size_t n)
{
        const uint8_t *p = data;

        while (n > 0) {
                ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

                if (sent <= 0)
                        return false;
                p += sent;
                n -= (size_t)sent;
        }
        return true;
}

/* -- What passes -- */

static unsigned u16_at(const uint8_t *p)
{
        return (unsigned)(p[0] << 8 | p[1]);
}

/* The number that begins there, as MQTT writes those of any length. Returns how many bytes it has, 0 if it has not all come. */
static size_t read_length(const uint8_t *p, size_t n, size_t *ret)
{
        size_t value = 0;

        for (size_t i = 0; i < n && i < 4; i++) {
                value |= (size_t)(p[i] & 0x7f) << (7 * i);
                if (!(p[i] & 0x80)) {
                        *ret = value;
                        return i + 1;
                }
        }
        return 0;
}

static void write_publish(const Connection *c, uint8_t head, const uint8_t *p, size_t n)
{
        unsigned qos = head >> 1 & 3, id = 0;
        size_t topic, properties = 0, offset;

        if (n < 2 || (topic = u16_at(p)) + 2 + (qos > 0 ? 2 : 0) > n)
                return;
        offset = 2 + topic;
        if (qos > 0) {
                id = u16_at(p + offset);
                offset += 2;
        }
        if (c->version == 5)
                offset += read_length(p + offset, n - offset, &properties) + properties;
        if (offset > n)
                return;
        printf("publish %u %u %u %.*s %.*s\n", qos, head & 1U, id, (int)topic, (const char *)p + 2,
                        (int)(n - offset), (const char *)p + offset);
}

static bool answer_accepted(const Connection *c)
{
        static const uint8_t old[] = { CONNACK << 4, 2, 0, 0 }, new[] = { CONNACK << 4, 3, 0, 0, 0 };

        return c->version == 5 ? send_all(c->client, new, sizeof(new))
                               : send_all(c->client, old, sizeof(old));
}

static bool answer_published(const Connection *c, uint8_t head, const uint8_t *p, size_t n)
{
        size_t id = n >= 2 ? 2 + (size_t)u16_at(p) : n;

        if ((head >> 1 & 3) == 0)
                return true;
        return id + 2 <= n && send_all(c->client, (const uint8_t[]){ PUBACK << 4, 2, p[id], p[id + 1] }, 4);
}

static bool answer_subscribed(const Connection *c, const uint8_t *p, size_t n)
{
        const uint8_t id[2] = { n > 1 ? p[0] : 0, n > 1 ? p[1] : 0 };
        const uint8_t old[] = { 0x90, 3, id[0], id[1], 0 }, new[] = { 0x90, 4, id[0], id[1], 0, 0 };

        return c->version == 5 ? send_all(c->client, new, sizeof(new))
                               : send_all(c->client, old, sizeof(old));
}

#define FLOODED_TOPIC   "homeassistant/status"
#define FLOODED_PAYLOAD "online"
#define FLOOD           300U
/* After so many packets of the client's. */
#define HUGE_AFTER 40U
#define HUGE_SIZE  ((size_t)100 * 1024)

static bool send_acknowledgement(const Connection *c, unsigned id)
{
        const uint8_t packet[] = { PUBACK << 4, 2, (uint8_t)(id >> 8), (uint8_t)id };

        return send_all(c->client, packet, sizeof(packet));
}

/* size: of the payload, whose first bytes are the text. */
static bool send_message(const Connection *c, size_t size)
{
        size_t topic = strlen(FLOODED_TOPIC), length = 2 + topic + (c->version == 5 ? 1 : 0) + size, n = 0;
        uint8_t *packet = calloc(1, length + 5);
        bool sent;

        if (!packet)
                die("memory");
        packet[n++] = PUBLISH << 4;
        for (size_t rest = length; rest > 0 || n == 1; rest >>= 7)
                packet[n++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        packet[n++] = (uint8_t)(topic >> 8);
        packet[n++] = (uint8_t)topic;
        memcpy(packet + n, FLOODED_TOPIC, topic);
        n += topic + (c->version == 5 ? 1 : 0);
        memcpy(packet + n, FLOODED_PAYLOAD, strlen(FLOODED_PAYLOAD));
        sent = send_all(c->client, packet, n + size);
        free(packet);
        return sent;
}

static bool flood(Connection *c, uint8_t head, const uint8_t *p, size_t n)
{
        size_t topic = n >= 2 ? u16_at(p) : 0;
        bool good = true;

        if (head >> 4 == PUBLISH && (head >> 1 & 3) > 0 && n >= topic + 4)
                good = send_acknowledgement(c, u16_at(p + 2 + topic));
        for (unsigned id = 60000; id < 60000 + 20 && good; id++)
                good = send_acknowledgement(c, id);
        for (unsigned i = 0; i < FLOOD && good; i++)
                good = send_message(c, strlen(FLOODED_PAYLOAD));
        return good && (++c->n_packets < HUGE_AFTER || send_message(c, HUGE_SIZE));
}

/* As much of it as the client takes. Returns false: it is over then. */
static bool send_huge(const Connection *c)
{
        static const uint8_t begin[] = { PUBLISH << 4, 0x80, 0x80, 0x80, 100, 0, 4, 'h', 'u', 'g', 'e' };
        static const uint8_t zeros[64 * 1024];
        bool sent = send_all(c->client, begin, sizeof(begin));

        for (size_t n = 0; n < 200U * 1024 * 1024 && sent; n += sizeof(zeros))
                sent = send_all(c->client, zeros, sizeof(zeros));
        return false;
}

/* Of those that are a broker themselves. Returns whether the connection goes on. */
static bool answer(const Standin *s, Connection *c, uint8_t head, const uint8_t *p, size_t n)
{
        static const uint8_t pong[] = { 0xd0, 0 };

        if (s->mode < MODE_DEAF || s->mode >= MODE_TAP)
                return true;
        if (s->mode == MODE_FLOOD && c->version > 0 && head >> 4 != CONNECT && !flood(c, head, p, n))
                return false;
        switch (head >> 4) {
        case CONNECT:
                c->deaf = s->mode == MODE_DEAF;
                return answer_accepted(c);
        case PUBLISH:
                return s->mode != MODE_HUGE || answer_published(c, head, p, n);
        case SUBSCRIBE:
                return answer_subscribed(c, p, n) && (s->mode != MODE_HUGE || send_huge(c));
        case PINGREQ:
                return send_all(c->client, pong, sizeof(pong));
        default: /* the numbers of MQTT, not ours */
                return true;
        }
}

/* Returns whether the connection goes on. */
static bool take_connect(const Standin *s, Connection *c, const uint8_t *p, size_t n)
{
        static const uint8_t refused[] = { CONNACK << 4, 2, 0, 1 };
        size_t name = n >= 2 ? u16_at(p) : n;

        if (2 + name >= n)
                return false;
        c->version = p[2 + name];
        printf("connect %u\n", c->version);
        if (c->version == 5 && s->mode == MODE_OLD)
                (void)send_all(c->client, refused, sizeof(refused));
        return c->version != 5 || (s->mode != MODE_OLD && s->mode != MODE_ABRUPT);
}

/* One packet: its first byte, what comes behind its length, and all of it. Returns whether the connection goes on. */
static bool take_packet(const Standin *s, Connection *c, bool client, const uint8_t *packet, size_t begin,
                size_t size)
{
        const uint8_t *p = packet + begin;
        size_t n = size - begin;

        if (client && packet[0] >> 4 == CONNECT && !take_connect(s, c, p, n))
                return false;
        if (client && packet[0] >> 4 == PUBLISH)
                write_publish(c, packet[0], p, n);
        if (!client && packet[0] >> 4 == PUBACK && n >= 2)
                printf("puback %u\n", u16_at(p));
        (void)fflush(stdout);
        if (c->broker >= 0)
                return send_all(client ? c->broker : c->client, packet, size);
        return !client || answer(s, c, packet[0], p, n);
}

/* Returns whether the connection goes on. */
static bool take_packets(const Standin *s, Connection *c, bool client)
{
        Bytes *b = client ? &c->from_client : &c->from_broker;
        size_t length, digits;

        while (b->n > 1 && (digits = read_length(b->data + 1, b->n - 1, &length)) > 0 &&
                        1 + digits + length <= b->n) {
                size_t size = 1 + digits + length;

                if (!take_packet(s, c, client, b->data, 1 + digits, size))
                        return false;
                memmove(b->data, b->data + size, b->n -= size);
        }
        return b->n < PACKET_MAX;
}

static bool take_bytes(const Standin *s, Connection *c, bool client)
{
        Bytes *b = client ? &c->from_client : &c->from_broker;
        ssize_t n = recv(client ? c->client : c->broker, b->data + b->n, PACKET_MAX - b->n, 0);

        if (n <= 0)
                return false;
        b->n += (size_t)n;
        if (s->mode == MODE_SILENT)
                b->n = 0;
        return take_packets(s, c, client);
}

/* -- Connections -- */

static bool send_rubbish(int fd)
{
        uint8_t bytes[300];

        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(i * 37 + 11);
        return send_all(fd, bytes, sizeof(bytes));
}

static void connection_add(Standin *s)
{
        Connection *c;
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC), broker = -1;

        if (fd < 0)
                die("accept");
        if (s->upstream > 0)
                broker = connect_to(s->upstream);
        if (s->mode == MODE_CLOSE || (s->upstream > 0 && broker < 0) || s->n_connections == CONNECTIONS_MAX ||
                        (s->mode == MODE_RUBBISH && !send_rubbish(fd))) {
                (void)close(fd);
                (void)puts("closed");
                return;
        }
        c = calloc(1, sizeof(*c));
        if (!c || !(c->from_client.data = malloc(PACKET_MAX)) || !(c->from_broker.data = malloc(PACKET_MAX)))
                die("memory");
        c->client = fd;
        c->broker = broker;
        s->connection[s->n_connections++] = c;
}

static void connection_remove(Standin *s, size_t i)
{
        Connection *c = s->connection[i];

        (void)close(c->client);
        if (c->broker >= 0)
                (void)close(c->broker);
        free(c->from_client.data);
        free(c->from_broker.data);
        free(c);
        s->connection[i] = s->connection[--s->n_connections];
        (void)puts("closed");
}

static void wait_once(Standin *s)
{
        struct pollfd fd[1 + 2 * CONNECTIONS_MAX] = { { .fd = s->listener, .events = POLLIN } };
        size_t n = s->n_connections;

        for (size_t i = 0; i < n; i++) {
                fd[1 + 2 * i] = (struct pollfd){ s->connection[i]->deaf ? -1 : s->connection[i]->client,
                        POLLIN, 0 };
                fd[2 + 2 * i] = (struct pollfd){ s->connection[i]->broker, POLLIN, 0 };
        }
        (void)fflush(stdout);
        if (poll(fd, 1 + 2 * (nfds_t)n, -1) < 0)
                die("poll");
        for (size_t i = n; i-- > 0;) /* the last one takes the place of one that is removed */
                if ((fd[1 + 2 * i].revents && !take_bytes(s, s->connection[i], true)) ||
                                (fd[2 + 2 * i].revents && !take_bytes(s, s->connection[i], false)))
                        connection_remove(s, i);
        if (fd[0].revents)
                connection_add(s);
}

static void on_terminated(int signal_number)
{
        (void)signal_number;
        _exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
        Standin s = { .mode = _MODE_INVALID };
        unsigned port = 0;

        for (Mode mode = 0; argc > 1 && mode < _MODE_MAX; mode++)
                if (strcmp(argv[1], mode_names[mode]) == 0)
                        s.mode = mode;
        if (s.mode < 0 || (s.mode >= MODE_TAP) != (argc == 3) || argc > 3 ||
                        (argc == 3 && (parse_unsigned(argv[2], &port) < 0 || port == 0 ||
                                                      port > UINT16_MAX))) {
                (void)fputs("usage: broker-standin MODE [PORT]\n", stderr);
                return 2;
        }
        (void)signal(SIGTERM, on_terminated);
        s.upstream = (uint16_t)port;
        s.listener = listen_somewhere(s.mode == MODE_DEAF ? 1 : 0); /* the least there is */
        for (;;)
                wait_once(&s);
}
