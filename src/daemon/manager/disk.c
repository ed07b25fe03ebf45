/* SPDX-License-Identifier: MIT */
/* Finds a disk that has refused for so long that somebody should look at it, which is reported so that it is announced on the
 * bus, too. The store logs each refusal at once. Times are of CLOCK_MONOTONIC: a disk does nothing while the machine sleeps. */

#include "manager/commit.h"

#include <stdio.h>

#include "cardio/bus-api.h"
#include "log.h"

/* A backup or a query in sqlite3 is over by then. */
#define DISK_PATIENCE_USEC (60 * USEC_PER_SEC)
#define TEXT_MAX           160

/* A sync that does not return counts like one that fails. */
static bool disk_refuses(const Committer *c, usec_t awake_usec)
{
        return store_refused(c->store) ||
               (store_syncing(c->store) && awake_usec >= usec_add(c->disk.sync_usec, DISK_PATIENCE_USEC));
}

static void disk_well(Committer *c)
{
        if (c->disk.reported)
                c->handlers->trouble(c->userdata, CARDIO_TROUBLE_WRITING,
                                "The database is written again: what waited is stored");
        c->disk.reported = false;
        c->disk.since_usec = 0;
}

void committer_watch_disk(Committer *c)
{
        usec_t awake_usec = awake_now();
        size_t n = store_waiting(c->store);
        char text[TEXT_MAX];

        if (!disk_refuses(c, awake_usec)) {
                disk_well(c);
                return;
        }
        if (c->disk.since_usec == 0)
                c->disk.since_usec = store_refused(c->store) ? awake_usec : c->disk.sync_usec;
        if (c->disk.reported || awake_usec < usec_add(c->disk.since_usec, DISK_PATIENCE_USEC))
                return;
        c->disk.reported = true;
        /* Both texts always fit. */
        if (n > 0)
                (void)snprintf(text, sizeof(text),
                                "The database has not been written for a minute: nothing is lost yet, %zu entr%s in memory; "
                                "`cardioctl doctor` says what to do",
                                n, n == 1 ? "y waits" : "ies wait");
        else
                (void)snprintf(text, sizeof(text),
                                "The disk has stored nothing for good for a minute: a power cut would lose that; "
                                "`cardioctl doctor` says what to do");
        log_error("%s: %s", store_path(c->store), text);
        c->handlers->trouble(c->userdata, CARDIO_TROUBLE_NOT_WRITING, text);
}
