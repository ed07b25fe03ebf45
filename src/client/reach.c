/* SPDX-License-Identifier: MIT */

/* Chooses the bus on which the daemon is used. No clock. */

#include "reach.h"

BusKind reach_choose(bool own_only, const Reach reach[static _BUS_KIND_MAX], Reach *ret)
{
        Reach of_system = reach[BUS_SYSTEM], of_session = reach[BUS_SESSION];

        if (!own_only && of_system != REACH_ABSENT && of_system != REACH_NO_BUS) {
                *ret = of_system;
                return BUS_SYSTEM;
        }
        /* A missing session bus, or one of another user as under sudo, does not hide that the system bus has no daemon. */
        if (!own_only && of_system == REACH_ABSENT &&
                        (of_session == REACH_NO_BUS || of_session == REACH_DENIED))
                *ret = REACH_ABSENT;
        else
                *ret = of_session;
        return BUS_SESSION;
}
