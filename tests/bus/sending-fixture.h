/* SPDX-License-Identifier: MIT */
#pragma once

#include "harness.h"

/* src/bridge/sessions.c with a daemon on the private system bus, and a broker that does what the test says: a program of its own,
 * tests/standin/sessions-standin.c, which can be killed. Its outbox outlives it. */

/* Long enough for what should not happen. */
#define SENDING_MOMENT (400 * USEC_PER_MSEC)
/* The file, in the harness's folder. */
#define SENDING_OUTBOX "outbox/bridge-outbox"

typedef struct Sending {
        Harness *h;
        Child *child;
        unsigned n_done; /* commands */
} Sending;

/* Not connected to the broker yet. */
Sending sending_start(Harness *h);
/* Does what the line says, as at the top of the stand-in. */
void sending_command(Sending *b, const char *line);
/* Ends it by a signal. */
void sending_end(Sending *b, int signal);

/* The payload of the nth that was sent, which is waited for. To be freed. */
char *sending_payload(Sending *b, unsigned n);
/* How many were sent. */
unsigned sending_count(Sending *b);
/* Fails unless that is so, and stays so for a moment. */
void sending_expect(Sending *b, unsigned n);
/* Fails unless the nth is of this session of a strap. */
void sending_expect_session(Sending *b, unsigned n, int64_t id);
/* Fails unless so many finished sessions have not been acknowledged. */
void sending_expect_waiting(Sending *b, unsigned n);

/* Waits until the outbox matches the shell pattern. */
void sending_wait_outbox(Harness *h, const char *pattern);
/* How many lines of its log match the shell pattern. */
unsigned sending_count_lines(Sending *b, const char *pattern);
