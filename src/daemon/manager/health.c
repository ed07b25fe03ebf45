/* SPDX-License-Identifier: MIT */
/* Whether systemd's watchdog may be notified that all is well. To be alive is not enough: timers must fire when they are due,
 * and recorded data must reach the disk. Only what a restart can mend counts: a disk that refuses does not, since what waits
 * for it would be lost with the process. Pure: it gets all times as arguments. */

#include "manager/health.h"

#include <stddef.h>

/* A timer this late will not fire. */
#define LATE_USEC (30 * USEC_PER_SEC)
/* A disk that takes longer than this does not recover by itself. Meanwhile nothing can be written,
 * and that alone is no fault. */
#define SYNC_USEC (5 * 60 * USEC_PER_SEC)

static bool is_over(const HealthFacts *h, usec_t since_usec, usec_t limit_usec)
{
        return usec_add(since_usec, limit_usec) <= h->now_usec;
}

const char *health_complaint(const HealthFacts *h)
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
        if (is_over(h, h->progress_usec, usec_add(h->commit_interval_usec, SYNC_USEC + LATE_USEC)))
                return "What is recorded waits, and is not tried to be written";
        return NULL;
}
