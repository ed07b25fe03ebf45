/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "cardio/macro.h"

/* Who calls us, whether they may, and whether they call more than can be answered. Each call is checked before any object sees
 * it. */
typedef struct Callers Callers;

/* Connections that are remembered, twice as many as the bus allows one user; the one whose last call is oldest makes room. */
#define CALLERS_MAX 512U

/* A caller gets this many calls answered at once, and this many per second, however many are outstanding. One that waits for
 * each answer before the next call is never refused. Of the calls beyond, the first few are refused, the others not answered.
 */
#define CALLERS_BURST    64U
#define CALLERS_RATE     20U
#define CALLERS_REFUSALS 16U

/* asked: a connection to the same bus for questions about callers; it may be the same one. user: the daemon is its user's own,
 * and serves nobody else. */
int callers_new(sd_bus *bus, sd_bus *asked, bool user, Callers **ret);
Callers *callers_free(Callers *c);
DEFINE_CLEANUP(Callers *, callers_free);

typedef enum CallerVerdict {
        CALLER_SERVED,
        CALLER_REFUSED, /* with the error that is set */
        CALLER_IGNORED, /* without an answer */
        _CALLER_VERDICT_MAX,
        _CALLER_VERDICT_INVALID = -EINVAL,
} CallerVerdict;

/* Whether this method call may be answered. */
CallerVerdict callers_judge(Callers *c, sd_bus_message *call, sd_bus_error *error);

/* Asks the bus itself for an answer, which comes when all that was sent before has been read. */
int bus_ping(sd_bus *bus, sd_bus_slot **slot, sd_bus_message_handler_t done, void *userdata,
                uint64_t timeout_usec);

/* The user of a connection; (uid_t)-1 if unknown. */
uid_t callers_uid(const Callers *c, const char *name);
