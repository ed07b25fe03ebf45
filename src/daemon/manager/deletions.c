/* SPDX-License-Identifier: MIT */
/* What is deleted leaves the database at once, and is overwritten there; but the WAL keeps a copy until it is checkpointed and
 * truncated, which a sync does. So the caller is answered after that: all is gone, or a reader holds on to the WAL and it will
 * be gone later; the store tries again by itself. No clock: how long to wait is the store's decision. */

#include "manager/deletions.h"

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "manager/internal.h"

static void deletion_cancel(void *userdata)
{
        Deletion *d = userdata;

        d->request = NULL;
}

void deletion_answer_later(Manager *m, BusRequest *request)
{
        for (size_t i = 0; i < ELEMENTSOF(m->deletions); i++)
                if (!m->deletions[i].request) { /* never full: there are as many as requests */
                        m->deletions[i] = (Deletion){ request, store_deletions(m->store) };
                        bus_on_cancel(request, deletion_cancel, &m->deletions[i]);
                        break;
                }
        committer_sync(&m->committer);
}

static void answer(Deletion *d, StoreDeletion deletion)
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
                Deletion *d = &m->deletions[i];
                StoreDeletion deletion;

                if (!d->request)
                        continue;
                deletion = store_deletion(m->store, d->number);
                if (deletion != STORE_DELETION_PENDING)
                        answer(d, deletion);
        }
}
