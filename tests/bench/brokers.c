/* SPDX-License-Identifier: MIT */

/* Many machines at one broker:
 *
 *      brokers [--bare] [--together] PORT CA-FILE CONNECTIONS
 *
 * Follows the cardiod on the system bus, and publishes each heart rate over each of so many connections of the bridge's own
 * publisher, by TLS to localhost: at a moment of its own within the second that follows, or, --together, all at once. --bare:
 * the same over libmosquitto's own threads, by nothing else than its mosquitto_publish(), which is what there is to compare
 * with.
 *
 * A message has the size of a bridge's state, and begins with when it was handed over, Unix time in ns; topics are
 * bench/N/state. Writes "connected" when all of them are, and ends by SIGTERM; then it writes how many messages it has handed
 * over, and how many were not taken. The pace runs on CLOCK_BOOTTIME. */

#include <errno.h>
#include <inttypes.h>
#include <mosquitto.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "bridge/publisher.h"
#include "cardio/parse.h"
#include "client/follower.h"
#include "shared/clock.h"

#define CONNECTIONS_MAX 200U
#define USER            "bench"
#define PASSWORD        "a long walk"

typedef struct Bench Bench;

typedef struct Machine {
        Bench *bench;
        char topic[32], will[40];
        Publisher *publisher;   /* the bridge's … */
        struct mosquitto *bare; /* … or the library's */
        bool connected;
        sd_event_source *due;
} Machine;

struct Bench {
        sd_event *event;
        Follower *follower;
        BridgeConfig config;
        bool bare, together;
        unsigned n, n_connected;
        uint16_t heart_rate;
        unsigned long handed_over, refused;
        Machine machine[CONNECTIONS_MAX];
};

static void publish(Machine *m)
{
        char payload[320];
        int n = snprintf(payload, sizeof(payload),
                        "{\"sent\":%" PRIu64
                        "000,\"heart_rate\":%u,\"smoothed\":%u.2,\"zone\":2,\"ceiling\":145.55,\"over\":false,"
                        "\"recording\":true,\"session\":4711,\"strap\":\"HRM-Dual:123456\",\"battery\":80,\"contact\":\"yes\","
                        "\"state\":\"live\"}",
                        now_realtime_usec(), m->bench->heart_rate, m->bench->heart_rate);
        int r;

        if (m->publisher)
                r = publisher_publish(m->publisher, PUBLISH_LIVE, m->topic, payload, (size_t)n, NULL);
        else
                r = mosquitto_publish(m->bare, NULL, m->topic, n, payload, 0, false);
        m->bench->handed_over++;
        m->bench->refused += r != 0;
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source, (void)usec;
        publish(userdata);
        return 0;
}

/* -- Connections -- */

static void count_connected(Machine *m)
{
        if (m->connected)
                return;
        m->connected = true;
        if (++m->bench->n_connected == m->bench->n)
                (void)puts("connected");
        (void)fflush(stdout);
}

static void on_publisher(void *userdata, const PublisherEvent *event)
{
        if (event->type == PUBLISHER_CONNECTED)
                count_connected(userdata);
        else if (event->type == PUBLISHER_DISCONNECTED)
                (void)fprintf(stderr, "disconnected: %s\n", event->text);
}

/* By a thread of the library's. */
static void on_bare(struct mosquitto *library, void *userdata, int code)
{
        (void)library;
        if (code == 0)
                __atomic_store_n((bool *)userdata, true, __ATOMIC_SEQ_CST);
}

static int connect_bare(Machine *m, bool *connected)
{
        const BridgeConfig *c = &m->bench->config;

        m->bare = mosquitto_new(NULL, true, connected);
        if (!m->bare)
                return -ENOMEM;
        mosquitto_connect_callback_set(m->bare, on_bare);
        if (mosquitto_tls_set(m->bare, c->ca_file, NULL, NULL, NULL, NULL) != MOSQ_ERR_SUCCESS ||
                        mosquitto_username_pw_set(m->bare, c->username, c->password) != MOSQ_ERR_SUCCESS ||
                        mosquitto_int_option(m->bare, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS ||
                        mosquitto_connect(m->bare, c->host, c->port, 30) != MOSQ_ERR_SUCCESS ||
                        mosquitto_loop_start(m->bare) != MOSQ_ERR_SUCCESS)
                return -EIO;
        while (!__atomic_load_n(connected, __ATOMIC_SEQ_CST))
                (void)sd_event_run(m->bench->event, 1000);
        return 0;
}

static int machine_start(Bench *b, unsigned i)
{
        Machine *m = &b->machine[i];
        bool connected = false;
        int r;

        m->bench = b;
        (void)snprintf(m->topic, sizeof(m->topic), "bench/%u/state", i);
        (void)snprintf(m->will, sizeof(m->will), "bench/%u/availability", i);
        if (b->bare) {
                r = connect_bare(m, &connected);
                if (r < 0)
                        return r;
                mosquitto_connect_callback_set(m->bare, NULL);
                count_connected(m);
        } else {
                r = publisher_new(b->event, &b->config, m->will, NULL, on_publisher, m, &m->publisher);
                if (r >= 0)
                        r = publisher_start(m->publisher);
        }
        return r;
}

static void end(Bench *b)
{
        follower_free(b->follower);
        for (unsigned i = 0; i < b->n; i++) {
                sd_event_source_disable_unref(b->machine[i].due);
                publisher_free(b->machine[i].publisher);
                if (b->machine[i].bare) {
                        (void)mosquitto_disconnect(b->machine[i].bare);
                        (void)mosquitto_loop_stop(b->machine[i].bare, true);
                        mosquitto_destroy(b->machine[i].bare);
                }
        }
        sd_event_unref(b->event);
}

/* -- The daemon -- */

static void on_follower(void *userdata, const FollowerEvent *event)
{
        Bench *b = userdata;
        usec_t now_usec = now_boot_usec();

        if (event->type != FOLLOWER_MEASUREMENT || b->n_connected < b->n)
                return;
        b->heart_rate = event->measurement.heart_rate;
        for (unsigned i = 0; i < b->n; i++) {
                Machine *m = &b->machine[i];

                if (b->together) {
                        publish(m);
                        continue;
                }
                m->due = sd_event_source_disable_unref(m->due);
                (void)sd_event_add_time(b->event, &m->due, CLOCK_BOOTTIME,
                                now_usec + USEC_PER_SEC * i * 9 / 10 / b->n, 1, on_due, m);
        }
}

static int run(Bench *b)
{
        sigset_t signals;
        int r;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGTERM);
        (void)sigprocmask(SIG_BLOCK, &signals, NULL);
        (void)mosquitto_lib_init();
        r = sd_event_new(&b->event);
        if (r >= 0)
                r = sd_event_add_signal(b->event, NULL, SIGTERM, NULL, NULL);
        for (unsigned i = 0; i < b->n && r >= 0; i++)
                r = machine_start(b, i);
        if (r >= 0)
                r = follower_new(b->event, false, FOLLOWER_WITH_MEASUREMENTS, on_follower, b, &b->follower);
        if (r < 0)
                return r;
        follower_start(b->follower);
        return sd_event_loop(b->event);
}

int main(int argc, char **argv)
{
        Bench b = { .config = { .host = (char[]){ "localhost" },
                                    .tls = true,
                                    .username = (char[]){ USER },
                                    .password = (char[]){ PASSWORD } } };
        unsigned port;
        int r;

        for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
                b.bare |= strcmp(argv[1], "--bare") == 0;
                b.together |= strcmp(argv[1], "--together") == 0;
        }
        if (argc != 4 || parse_unsigned(argv[1], &port) < 0 || port > UINT16_MAX ||
                        parse_unsigned(argv[3], &b.n) < 0 || b.n == 0 || b.n > CONNECTIONS_MAX) {
                (void)fputs("usage: brokers [--bare] [--together] PORT CA-FILE CONNECTIONS\n", stderr);
                return 2;
        }
        b.config.port = (uint16_t)port;
        b.config.ca_file = argv[2];
        r = run(&b);
        end(&b);
        if (r < 0) {
                (void)fprintf(stderr, "brokers: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        (void)printf("handed over %lu, not taken %lu\n", b.handed_over, b.refused);
        return EXIT_SUCCESS;
}
