/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cardio/intervals.h"
#include "cardio/time.h"

/* How often a sensor sends, and so how long a silence of it means something. Chest straps send every second; some watches
 * every 5 or 10 s, and are no worse for it.
 *
 * The usual interval is the median of the last ten on this link. Several packets that come at once, after a stall, are one
 * arrival, and an absence is no interval. Zero it to begin. */
typedef struct Arrivals {
        Intervals intervals;
        usec_t last_usec;  /* of the last arrival on this link, 0 = none yet */
        usec_t stale_usec; /* what stale-after comes to, 0 = not known from any link */
        bool late;         /* in the midst of what has waited */
} Arrivals;

#define ARRIVALS_ENOUGH         5U                    /* so many intervals show what is usual */
#define ARRIVALS_AT_ONCE_USEC   (200 * USEC_PER_MSEC) /* closer than this is one arrival */
#define ARRIVALS_STALE_MIN_USEC (5 * USEC_PER_SEC)
#define ARRIVALS_STALE_MAX_USEC (35 * USEC_PER_SEC) /* also the longest interval that is one */
#define ARRIVALS_STALE_NEW_USEC (15 * USEC_PER_SEC) /* of a sensor of which nothing is known */

/* Something came from the sensor. Times must not go back. */
void arrivals_push(Arrivals *a, usec_t now_usec);

/* When the value was sent that is taken only now, after a stall of whoever takes them: nobody says when each of those came
 * that have waited, but the sensor has its pace: so each is one usual interval, or a second, later than the one before.
 * waiting: how many values may wait behind this one, at most; 0 = it is the last. ret_late: it may have waited, so that one
 * like it need be no copy. */
usec_t arrivals_sent(Arrivals *a, usec_t now_usec, size_t waiting, bool *ret_late);

/* A new link begins: its intervals are counted anew, and what was known stays until there are enough of them. */
void arrivals_link(Arrivals *a);

/* Are there enough intervals of this link to go by? */
bool arrivals_known(const Arrivals *a);

/* The silence after which a sensor is stale, `stale-after = auto`: three times its usual interval, 5 s to 35 s; as it was
 * on the link before until enough is known of this one, 15 s for one that is new. */
usec_t arrivals_stale(const Arrivals *a);
