/* SPDX-License-Identifier: MIT */
/* When recorded data is committed and synced: after commit-interval and sync-interval, or at once where nothing may get lost.
 * Times are on the core's clock. */

#include "manager/commit.h"

#include "cardio/macro.h"

void committer_commit(Committer *c)
{
        int r = store_commit(c->store);
        usec_t now_usec = core_now();

        if ((r < 0 && r != -EAGAIN) || !store_pending(c->store) || store_sync_is_urgent(c->store))
                c->progress_usec = now_usec; /* a disk that refuses counts as tried, too */
        if (store_is_lost(c->store))
                c->handlers->lost(c->userdata);
        committer_watch_disk(c);
        if (store_waiting(c->store) == c->waiting)
                return;
        c->waiting = store_waiting(c->store);
        c->handlers->waiting(c->userdata);
}

static void commit_and_sync(Committer *c)
{
        usec_t now_usec = core_now();

        committer_commit(c);
        if (store_syncing(c->store))
                return;
        if (!c->sync_now && !store_sync_is_urgent(c->store) &&
                        now_usec - c->synced_usec < c->sync_interval_usec)
                return;
        c->sync_now = false;
        c->sync_begun_usec = now_usec;
        c->disk.sync_usec = awake_now();
        store_sync_begin(c->store);
}

static void arm(Committer *c)
{
        usec_t due_usec = core_now() + c->commit_interval_usec,
               sync_usec = usec_add(c->synced_usec, c->sync_interval_usec);

        if (store_pending(c->store))
                deadline_set(&c->due, due_usec);
        else if (store_unsynced(c->store)) /* to sync the last commits */
                deadline_set(&c->due, sync_usec > due_usec ? sync_usec : due_usec);
}

void committer_sync_later(Committer *c)
{
        c->sync_now = true;
}

_hot_ void committer_arm(Committer *c)
{
        if (c->sync_now)
                commit_and_sync(c);
        arm(c);
}

void committer_sync(Committer *c)
{
        committer_sync_later(c);
        committer_arm(c);
}

static int on_due(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Committer *c = userdata;

        deadline_clear(&c->due);
        commit_and_sync(c);
        c->handlers->written(c->userdata);
        arm(c);
        return 0;
}

static int on_sync_done(
                _unused_ sd_event_source *source, _unused_ int fd, _unused_ uint32_t revents, void *userdata)
{
        Committer *c = userdata;

        /* What waited for the database has had its turn, and may have started another sync. */
        if (!store_sync_done(c->store))
                return 0;
        if (store_sync_end(c->store) == 0)
                c->synced_usec = c->sync_begun_usec;
        committer_commit(c);
        c->handlers->written(c->userdata);
        c->handlers->synced(c->userdata);
        committer_arm(c);
        return 0;
}

void committer_configure(Committer *c, usec_t commit_interval_usec, usec_t sync_interval_usec)
{
        c->commit_interval_usec = commit_interval_usec;
        c->sync_interval_usec = sync_interval_usec;
}

int committer_begin(
                Committer *c, sd_event *event, Store *store, const CommitHandlers *handlers, void *userdata)
{
        int r;

        c->store = store;
        c->handlers = handlers;
        c->userdata = userdata;
        r = deadline_add(&c->due, event, on_due, c);
        return r < 0 ? r
                     : sd_event_add_io(event, &c->sync_done, store_sync_fd(store), EPOLLIN, on_sync_done, c);
}

void committer_end(Committer *c)
{
        c->sync_done = sd_event_source_disable_unref(c->sync_done);
        c->due.timer = sd_event_source_disable_unref(c->due.timer);
}
