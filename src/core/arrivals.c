/* SPDX-License-Identifier: MIT */
/* How often a sensor sends. What follows from it is worked out as it arrives, since it is asked for at every look at the
 * clock. No clock here. */

#include "cardio/arrivals.h"

#include "cardio/macro.h"

/* stale-after is so many usual intervals. */
#define STALE_INTERVALS 3U

_heartbeat_ void arrivals_push(Arrivals *a, usec_t now_usec)
{
        usec_t length_usec = now_usec - a->last_usec, stale_usec;

        if (a->last_usec > 0 && length_usec < ARRIVALS_AT_ONCE_USEC)
                return;
        if (a->last_usec > 0 && length_usec <= ARRIVALS_STALE_MAX_USEC) {
                /* A shorter median comes to the shortest stale-after all the same. */
                a->intervals.floor_usec = ARRIVALS_STALE_MIN_USEC / STALE_INTERVALS;
                intervals_push(&a->intervals, length_usec);
        }
        a->last_usec = now_usec;
        if (!arrivals_known(a))
                return;
        stale_usec = STALE_INTERVALS * intervals_median(&a->intervals);
        a->stale_usec = stale_usec < ARRIVALS_STALE_MIN_USEC   ? ARRIVALS_STALE_MIN_USEC
                        : stale_usec > ARRIVALS_STALE_MAX_USEC ? ARRIVALS_STALE_MAX_USEC
                                                               : stale_usec;
}

void arrivals_link(Arrivals *a)
{
        *a = (Arrivals){ .stale_usec = a->stale_usec };
}

_heartbeat_ bool arrivals_known(const Arrivals *a)
{
        return a->intervals.n >= ARRIVALS_ENOUGH;
}

_heartbeat_ usec_t arrivals_stale(const Arrivals *a)
{
        return a->stale_usec > 0 ? a->stale_usec : ARRIVALS_STALE_NEW_USEC;
}
