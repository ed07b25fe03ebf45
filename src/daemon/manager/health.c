/* SPDX-License-Identifier: MIT */
/* Whether systemd's watchdog may be told that all is well. To be alive is not enough: timers must come when they are due, and
 * what is recorded must find its way to the disk. Only what a new start can mend counts: a disk that refuses is not a
 * reason, since what waits for it would be lost with the process. Pure: it goes by the times that it is given. */

#include "manager/health.h"

#include <stddef.h>

/* A timer this late does not come. */
#define LATE_USEC (30 * USEC_PER_SEC)
/* A disk that takes longer than this does not come back by itself. Meanwhile nothing is written, which is right. */
#define SYNC_USEC (5 * 60 * USEC_PER_SEC)

static bool is_over(const Health *h, usec_t since_usec, usec_t limit_usec)
{
        return usec_add(since_usec, limit_usec) <= h->now_usec;
}

const char *health_complaint(const Health *h)
{
        if (is_over(h, h->tick_due_usec, LATE_USEC))
                return "A deadline of the core has passed";
        if (is_over(h, h->sync_begun_usec, SYNC_USEC))
                return "The disk does not answer";
        if (is_over(h, h->measure_due_usec, LATE_USEC))
                return "The resting measurement does not end";
        if (!h->pending)
                return NULL;
        if (h->commit_due_usec == USEC_INFINITY || is_over(h, h->commit_due_usec, LATE_USEC))
                return "What is recorded has no commit to come";
        if (is_over(h, h->moved_usec, usec_add(h->commit_interval_usec, SYNC_USEC + LATE_USEC)))
                return "What is recorded waits, and is not tried to be written";
        return NULL;
}
