/* SPDX-License-Identifier: MIT */
#pragma once

#include <sqlite3.h>

#include "harness.h"

/* A real broker in a Harness, mosquitto on a port of its own at 127.0.0.1, and what anyone who may read everything there
 * receives. Without mosquitto a test is skipped, except under CI.
 *
 * Its users are `bridge`, who may write below cardiod/ and homeassistant/ and read homeassistant/status; `stranger`, who may
 * do nothing; and `dashboard`, who is this fixture. */

#define BROKER_PASSWORD    "a long walk"
#define BROKER_CONTENT_MAX 16384U

/* Who the broker is by its certificate. */
typedef enum BrokerCertificate {
        BROKER_GOOD,       /* localhost and 127.0.0.1, says the authority in broker_ca() */
        BROKER_EXPIRED,    /* the same until yesterday */
        BROKER_OTHER_HOST, /* broker.example */
        BROKER_OTHER_CA,   /* localhost and 127.0.0.1, says another authority */
        BROKER_MUTUAL,     /* as BROKER_GOOD, and it asks each client for a certificate of that authority */
        BROKER_NO_TLS,
        _BROKER_CERTIFICATE_MAX,
        _BROKER_CERTIFICATE_INVALID = -EINVAL,
} BrokerCertificate;

typedef struct Broker {
        Harness *h;
        BrokerCertificate certificate;
        uint16_t port;
        Child *child, *subscriber; /* NULL = does not run */
        size_t offset;             /* how far the subscriber's output has been read */
        sqlite3 *db;               /* what has come */
        int64_t taken;             /* the last message that a wait has found */
} Broker;

/* Starts it, and the subscriber. */
void broker_begin(Harness *h, BrokerCertificate certificate, Broker *ret);
void broker_end(Broker *b);
#define _cleanup_broker_ _cleanup_(broker_end)

/* The next ones are at the same port. Nothing that it has taken outlives it. */
void broker_stop(Broker *b, int signal);
void broker_start(Broker *b);

/* A file with the certificate of the authority. */
const char *broker_ca(Harness *h);
/* Files with a certificate of a client by that authority, and its key. */
const char *broker_client_certificate(Harness *h);
const char *broker_client_key(Harness *h);

/* -- What has been published: messages are kept from the start, in order of arrival --
 *
 * A condition is SQL about a message: at (Unix time, s), retained and qos (numbers), topic, leaf (its last level), payload, and
 * json, the payload if it is JSON. As in "leaf = 'state' AND json->>'heart_rate' > 100". Payloads have no line breaks. */

/* Waits for the first such message after the one found by the last wait. Returns its payload, to be freed. */
char *broker_wait(Broker *b, usec_t timeout_usec, const char *format, ...) _printf_(3, 4);
/* How many there are after the one that was found last; none is taken. */
unsigned broker_count(Broker *b, const char *format, ...) _printf_(2, 3);
/* How many there have ever been. */
unsigned broker_count_all(Broker *b, const char *format, ...) _printf_(2, 3);
/* Fails if there is one after the one found last, or if one comes within the time. */
void broker_refute(Broker *b, usec_t usec, const char *format, ...) _printf_(3, 4);
/* One row a line, of a table `message` with these columns. To be freed. */
char *broker_sql(Broker *b, const char *sql);
/* The next wait passes over what has come so far. */
void broker_forget(Broker *b);
/* What a subscriber that comes now is given, as lines "TOPIC PAYLOAD", in order of the topics. To be freed. */
char *broker_retained(Broker *b);
/* Publishes something, as `dashboard`, who may write homeassistant/status. */
void broker_publish(Broker *b, const char *topic, const char *payload);

/* -- Stand-ins for brokers, tests/standin/broker-standin.c -- */

/* Starts one in that mode, with the broker behind it if it is not NULL. */
Child *broker_standin(Harness *h, const char *mode, const Broker *b, uint16_t *ret_port);
