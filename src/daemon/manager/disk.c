/* SPDX-License-Identifier: MIT */
/* A disk that refuses is told of by the store at once, in the log. Here it is found that it has refused for so long that
 * somebody should look at it, which is said on the bus as well. Times are the core clock's. */

#include "manager/internal.h"

#include "cardio/bus-api.h"
#include "log.h"

/* A backup or a query in sqlite3 is over by then. */
#define DISK_PATIENCE_USEC (60 * USEC_PER_SEC)
#define TEXT_MAX           160

/* A sync that does not come back is as little as one that fails. */
static bool disk_refuses(const Manager *m, usec_t now_usec)
{
        return store_refused(m->store) ||
               (store_syncing(m->store) && now_usec >= usec_add(m->sync_begun_usec, DISK_PATIENCE_USEC));
}

static void disk_well(Manager *m)
{
        if (m->disk.said)
                bus_trouble(m->bus, CARDIO_TROUBLE_WRITING, "The database is written again");
        m->disk.said = false;
        m->disk.since_usec = 0;
}

void manager_watch_disk(Manager *m)
{
        usec_t now_usec = manager_now();
        size_t n = store_waiting(m->store);
        char text[TEXT_MAX];

        if (!disk_refuses(m, now_usec)) {
                disk_well(m);
                return;
        }
        if (m->disk.since_usec == 0)
                m->disk.since_usec = store_refused(m->store) ? now_usec : m->sync_begun_usec;
        if (m->disk.said || now_usec < usec_add(m->disk.since_usec, DISK_PATIENCE_USEC))
                return;
        m->disk.said = true;
        /* Both always fit. */
        if (n > 0)
                (void)snprintf(text, sizeof(text),
                                "The database has not been written for a minute: %zu entr%s in memory; "
                                "`cardioctl "
                                "doctor` says what to do",
                                n, n == 1 ? "y waits" : "ies wait");
        else
                (void)snprintf(text, sizeof(text),
                                "The disk has stored nothing for good for a minute; `cardioctl doctor` says "
                                "what to do");
        log_error("%s: %s", store_path(m->store), text);
        bus_trouble(m->bus, CARDIO_TROUBLE_NOT_WRITING, text);
}
