/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

#include "broker-fixture.h"
#include "run-fixture.h"

/* The real cardio-bridge in a Harness, between the daemon on the private system bus and a broker. */

typedef struct BridgeSetup {
        uint16_t port;
        const char *authority;         /* the certificate to believe; NULL = without TLS */
        const char *certificate, *key; /* our own; NULL = none */
        const char *host;              /* NULL = 127.0.0.1 */
        const char *username;          /* NULL = bridge */
        const char *password;          /* NULL = the right one */
        mode_t password_mode;          /* 0 = 0600 */
        const char *protocol;          /* NULL = auto */
        bool discovery;
} BridgeSetup;

/* Zero but for `h` and `device`. */
typedef struct Bridge {
        Harness *h;
        const char *device; /* one level of a topic, and the name of its files */
        const char *clock;  /* the file of its clock, as the daemon's is "clock"; NULL = the machine's */
        bool user;          /* --user: it keeps its outbox in the harness's state/cardiod */
        bool unready;       /* it is not waited for */
        Child *child;       /* NULL = it does not run */
        char *name;         /* on the bus, NULL = not looked up yet */
        struct BridgeTold *
                        told; /* what it tells systemd; the event loop's, NULL = nothing has been started yet */
} Bridge;

void bridge_end(Bridge *b);
#define _cleanup_bridge_ _cleanup_(bridge_end)

/* Writes its bridge.conf and the file with the password. */
void bridge_configure(Bridge *b, const BridgeSetup *setup);
/* The usual one: to that broker, by TLS unless the broker has none. */
BridgeSetup bridge_to(const Broker *broker);
/* Starts it, and waits until it has said that it is ready. */
void bridge_start(Bridge *b);
/* Returns its exit status. */
int bridge_stop(Bridge *b, int signal);
/* Runs it with that configuration, which it has to refuse. Returns its exit status; ret_errors: to be freed. */
int bridge_refuse(Bridge *b, char **ret_errors);

/* What it tells systemd of itself. */
const char *bridge_status(const Bridge *b);
/* Waits until that matches the shell pattern. */
void bridge_wait_status(Bridge *b, const char *pattern, usec_t timeout_usec);
/* Waits until it keeps which sessions there were before it, and sends all that come. */
void bridge_wait_begun(Bridge *b);
/* The path of a file of its state folder. */
const char *bridge_state_path(Bridge *b, const char *name);

/* So much time passes on the test's clock, and the bridge has looked at it. */
void bridge_pass(Bridge *b, usec_t usec);

/* A session of three heart rates, by hand. Returns its id. */
int64_t bridge_session(Harness *h);
