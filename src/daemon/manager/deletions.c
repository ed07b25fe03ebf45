/* SPDX-License-Identifier: MIT */
/* What was deleted is out of the database at once, and overwritten there; but SQLite's log beside it keeps the text until that
 * is moved and emptied, which is a sync's work. Whoever asked is answered after it: that all is gone, or that a reader holds on
 * to the log, so that it will be later. The store tries that again by itself. No clock: the store's patience is the limit. */

#include "manager/deletions.h"

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "manager/internal.h"

static void deletion_cancel(void *userdata)
{
        ManagerDeletion *d = userdata;

        d->request = NULL;
}

void deletion_answer_later(Manager *m, BusRequest *request)
{
        for (size_t i = 0; i < ELEMENTSOF(m->deletions); i++)
                if (!m->deletions[i].request) { /* there is as much room as for requests */
                        m->deletions[i] = (ManagerDeletion){ request, store_deletions(m->store) };
                        bus_on_cancel(request, deletion_cancel, &m->deletions[i]);
                        break;
                }
        committer_sync(&m->committer);
}

static void answer(ManagerDeletion *d, StoreDeletion deletion)
{
        BusRequest *request = TAKE_PTR(d->request);

        if (deletion == STORE_DELETION_DONE)
                bus_answer(request, NULL, NULL);
        else
                bus_answer(request, CARDIO_ERROR_DELETION_PENDING,
                                "It is deleted, but a program that is reading the database holds on to its log, "
                                "where the text still is; it is removed from there as soon as that program lets go");
}

void deletions_answer(Manager *m)
{
        for (size_t i = 0; i < ELEMENTSOF(m->deletions); i++) {
                ManagerDeletion *d = &m->deletions[i];
                StoreDeletion deletion;

                if (!d->request)
                        continue;
                deletion = store_deletion(m->store, d->number);
                if (deletion != STORE_DELETION_PENDING)
                        answer(d, deletion);
        }
}
