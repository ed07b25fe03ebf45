/* SPDX-License-Identifier: MIT */

/* Which bus the daemon is looked for on. No clock. */

#include "reach.h"

LinkKind reach_choose(bool own_only, const Reach reach[static _LINK_KIND_MAX], Reach *ret)
{
        Reach of_system = reach[LINK_SYSTEM], of_session = reach[LINK_SESSION];

        if (!own_only && of_system != REACH_ABSENT && of_system != REACH_NO_BUS) {
                *ret = of_system;
                return LINK_SYSTEM;
        }
        /* A session bus that is not there, or another's as under sudo, says nothing of a daemon of the system. */
        if (!own_only && of_system == REACH_ABSENT &&
                        (of_session == REACH_NO_BUS || of_session == REACH_DENIED))
                *ret = REACH_ABSENT;
        else
                *ret = of_session;
        return LINK_SESSION;
}
