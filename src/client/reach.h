/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "link.h"

/* The daemon as seen from here. */
typedef enum Reach {
        REACH_LOOKING, /* asked, not answered yet */
        REACH_NO_BUS,
        REACH_ABSENT, /* the bus is there, the daemon is not */
        REACH_DENIED,
        REACH_SILENT, /* it is there, and does not answer */
        REACH_PRESENT,
        _REACH_MAX,
        _REACH_INVALID = -EINVAL,
} Reach;

/* Which daemon counts, as the buses are seen: the one of the system bus, and that of the session bus only if the system bus has
 * none, or is none; with own_only it is looked for on the session bus alone. ret is what that comes to: REACH_LOOKING asks for
 * a look at that bus. */
LinkKind reach_choose(bool own_only, const Reach reach[static _LINK_KIND_MAX], Reach *ret);
