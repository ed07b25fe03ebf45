/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "connection.h"

/* What is known of the daemon on a bus. */
typedef enum Reach {
        REACH_LOOKING, /* queried, no reply yet */
        REACH_NO_BUS,
        REACH_ABSENT, /* the bus is there, the daemon is not */
        REACH_DENIED,
        REACH_SILENT, /* it is there, and does not reply */
        REACH_PRESENT,
        _REACH_MAX,
        _REACH_INVALID = -EINVAL,
} Reach;

/* Which bus counts: the system bus, and the session bus only if the system bus has no daemon or does not exist; with
 * own_only the session bus alone. ret is the resulting state: REACH_LOOKING means that this bus has to be queried. */
BusKind reach_choose(bool own_only, const Reach reach[static _BUS_KIND_MAX], Reach *ret);
