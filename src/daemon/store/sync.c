/* SPDX-License-Identifier: MIT */

/* Makes commits durable, checkpoints the WAL, and removes from it what was deleted: in a thread, since a disk may take seconds
 * for it.
 *
 * The thread has a connection of its own, and shares nothing else with the store but its work order and its result; eventfds
 * hand these over. So the event loop can use the database meanwhile, except for a moment: restarting the WAL takes the
 * writer's lock, and fsyncs a page under it. A commit then has to wait for the thread, which store_commit() reports as
 * -EAGAIN. No clock. */

#include "store/sync.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "log.h"
#include "store/errors.h"
#include "store/internal.h"

static void event_notify(int fd)
{
        const uint64_t one = 1;

        (void)!write(fd, &one, sizeof(one)); /* cannot block: the counter is far from full */
}

static void event_wait(int fd)
{
        uint64_t n;

        while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
                ;
}

/* A checkpoint that disturbs nobody comes first: then little is left to do under the writer's lock. */
static int scrub(sqlite3 *db, int patience_ms, SyncDone *done)
{
        store_wal_checkpoint(db, &done->checkpoint);
        (void)sqlite3_busy_timeout(db, patience_ms);
        done->scrubbed = store_wal_truncate(db) == SQLITE_OK;
        (void)sqlite3_busy_timeout(db, STORE_HOLD_MS);
        if (!done->scrubbed)
                return store_wal_sync(db);
        done->checkpoint = (Checkpoint){ .tried = true, .pages = 1 };
        return store_wal_touch(db);
}

/* Runs in the thread. */
static void sync_run(sqlite3 *db, const SyncWork *work, SyncDone *done)
{
        *done = (SyncDone){ 0 };
        (void)sqlite3_busy_timeout(db, STORE_HOLD_MS);
        if (work->deleted > 0)
                done->rc = scrub(db, work->patience_ms, done);
        else if (work->checkpoint)
                done->rc = store_wal_checkpoint_restart(db, &done->checkpoint);
        else
                done->rc = store_wal_sync(db);
}

/* One thread for all syncs, which waits in between: when a thread exits, the C library cleans up after its resolver and RPC,
 * which brings 100 kB into memory. */
static void *sync_thread(void *userdata)
{
        Store *s = userdata;

        for (;;) {
                event_wait(s->sync.wanted_fd);
                if (s->sync.wanted.ending)
                        return NULL;
                sync_run(s->sync.db, &s->sync.wanted, &s->sync.done);
                event_notify(s->sync.done_fd);
        }
}

int store_sync_open(Store *s)
{
        s->sync.wanted_fd = eventfd(0, EFD_CLOEXEC);
        s->sync.done_fd = eventfd(0, EFD_CLOEXEC);
        return s->sync.wanted_fd < 0 || s->sync.done_fd < 0 ? -errno : 0;
}

int store_sync_connect(Store *s)
{
        int rc = sqlite3_open_v2(s->path, &s->sync.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
        int keep = 1;

        if (rc != SQLITE_OK)
                return rc;
        /* It runs no statements: it needs little memory. These are known options, and cannot fail. */
        (void)sqlite3_db_config(s->sync.db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0);
        (void)sqlite3_db_config(s->sync.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        rc = sqlite3_file_control(s->sync.db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
        /* Reading makes it open the WAL. Nothing here has SQLite read the schema, which takes 100 kB. */
        return rc != SQLITE_OK ? rc
                               : sqlite3_exec(s->sync.db,
                                                 "PRAGMA secure_delete = ON; PRAGMA journal_size_limit "
                                                 "= " STORE_LOG_LIMIT "; PRAGMA application_id",
                                                 NULL, NULL, NULL);
}

void store_sync_close_wait(Store *s)
{
        (void)store_sync_wait(s); /* logged there */
        if (s->sync.threaded) {
                s->sync.wanted.ending = true;
                event_notify(s->sync.wanted_fd);
                (void)pthread_join(s->sync.thread,
                                NULL); /* cannot fail: it is our thread, and joined only here */
                s->sync.threaded = false;
        }
        sqlite3_close(TAKE_PTR(s->sync.db));
        if (s->sync.wanted_fd >= 0)
                close(s->sync.wanted_fd);
        if (s->sync.done_fd >= 0)
                close(s->sync.done_fd);
        s->sync.wanted_fd = s->sync.done_fd = -1;
}

int store_sync_fd(const Store *s)
{
        return s->sync.done_fd;
}

bool store_syncing(const Store *s)
{
        return s->sync.running;
}

bool store_sync_done(const Store *s)
{
        struct pollfd done = { .fd = s->sync.done_fd, .events = POLLIN };

        return !s->sync.running || poll(&done, 1, 0) > 0;
}

bool store_unsynced(const Store *s)
{
        return s->unsynced;
}

bool store_sync_is_urgent(const Store *s)
{
        return s->deleted != s->scrubbed || store_wal_is_long(s);
}

void store_sync_begin(Store *s)
{
        if (s->sync.running || !(s->unsynced || store_sync_is_urgent(s)) || store_moved(s))
                return;
        s->unsynced = false;
        s->sync.running = true;
        /* Whoever has just deleted something waits for the answer; later tries keep writers out only briefly. */
        s->sync.wanted = (SyncWork){
                .checkpoint = store_wal_is_long(s),
                .deleted = s->deleted != s->scrubbed ? s->deleted : 0,
                .patience_ms = s->deleted != s->scrub_tried ? STORE_PATIENCE_MS : STORE_HOLD_MS,
        };
        if (!s->sync.threaded)
                s->sync.threaded = pthread_create(&s->sync.thread, NULL, sync_thread, s) == 0;
        if (s->sync.threaded) {
                event_notify(s->sync.wanted_fd);
                return;
        }
        sync_run(s->sync.db, &s->sync.wanted, &s->sync.done); /* works as well, but blocks the caller */
        event_notify(s->sync.done_fd);
}

static void sync_scrubbed(Store *s)
{
        const SyncWork *work = &s->sync.wanted;

        if (work->deleted == 0)
                return;
        if (s->sync.done.scrubbed)
                s->scrubbed = work->deleted;
        else if (s->scrub_tried != work->deleted)
                log_notice("%s: a reader holds on to the log; what was deleted leaves it as soon as it can",
                                s->path);
        s->scrub_tried = work->deleted;
}

int store_sync_wait(Store *s)
{
        int rc;

        if (!s->sync.running)
                return 0;
        event_wait(s->sync.done_fd);
        s->sync.running = false;
        store_wal_checkpointed(s, &s->sync.done.checkpoint);
        sync_scrubbed(s);
        rc = s->sync.done.rc;
        if (rc != SQLITE_OK) {
                s->unsynced = true;
                if (!s->sync.failing)
                        log_error("%s: cannot be brought to the disk, tried again: %s", s->path,
                                        sqlite3_errstr(rc));
        } else if (s->sync.failing)
                log_notice("%s: is brought to the disk again", s->path);
        s->sync.failing = rc != SQLITE_OK;
        return rc == SQLITE_OK ? 0 : store_errno(rc);
}

int store_sync_end(Store *s)
{
        return store_sync_done(s) ? store_sync_wait(s) : -EAGAIN;
}

unsigned store_deletions(const Store *s)
{
        return s->deleted;
}

StoreDeletion store_deletion(const Store *s, unsigned number)
{
        /* The numbers may wrap around. */
        if ((int)(s->scrubbed - number) >= 0)
                return STORE_DELETION_DONE;
        return (int)(s->scrub_tried - number) >= 0 ? STORE_DELETION_HELD : STORE_DELETION_PENDING;
}
