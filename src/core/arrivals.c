/* SPDX-License-Identifier: MIT */
/* How often a sensor sends. What follows from it is worked out as it arrives, since it is asked for at every look at the
 * clock. No clock here. */

#include "cardio/arrivals.h"

#include "cardio/macro.h"

/* stale-after is so many usual intervals. */
#define STALE_INTERVALS 3U

_hot_ void arrivals_push(Arrivals *a, usec_t now_usec)
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

/* The median itself, however short; a second while it is not known. */
static usec_t usual_interval(const Arrivals *a)
{
        usec_t sorted[INTERVALS_MAX];
        unsigned n = a->intervals.n;

        if (!arrivals_known(a))
                return USEC_PER_SEC;
        for (unsigned i = 0; i < n; i++) {
                unsigned k = i;

                for (; k > 0 && sorted[k - 1] > a->intervals.length_usec[i]; k--)
                        sorted[k] = sorted[k - 1];
                sorted[k] = a->intervals.length_usec[i];
        }
        return sorted[n / 2];
}

usec_t arrivals_sent(Arrivals *a, usec_t now_usec, size_t waiting, bool *ret_late)
{
        usec_t usual_usec = usual_interval(a), sent_usec = a->last_usec + usual_usec;

        a->late = a->late || (a->last_usec > 0 && waiting > 0 && now_usec >= sent_usec + usual_usec / 2);
        *ret_late = a->late;
        if (waiting == 0)
                a->late = false;
        if (!*ret_late || now_usec <= sent_usec)
                return now_usec;
        /* What was silent for long need not have sent all the while. */
        if (now_usec - sent_usec > waiting * usual_usec)
                sent_usec = now_usec - waiting * usual_usec;
        return sent_usec;
}

void arrivals_link(Arrivals *a)
{
        *a = (Arrivals){ .stale_usec = a->stale_usec };
}

bool arrivals_known(const Arrivals *a)
{
        return a->intervals.n >= ARRIVALS_ENOUGH;
}

_hot_ usec_t arrivals_stale(const Arrivals *a)
{
        return a->stale_usec > 0 ? a->stale_usec : ARRIVALS_STALE_NEW_USEC;
}
