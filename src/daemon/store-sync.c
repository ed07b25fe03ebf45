/* SPDX-License-Identifier: MIT */

/* To the platter, in a thread of its own: a disk takes a tenth of a second for that, a worn card seconds, and heart rates
 * do not wait. The thread brings the log (FILE-wal) to the disk, or moves it into the database where it has grown.
 *
 * What always holds: while the thread is at it, nobody else touches the database. What is recorded meanwhile waits in the
 * queue as ever, and whoever needs the database waits for the thread: store_statement() and store_run() see to that. So
 * SQLite has one user at a time, and there are no locks here: what was done before the thread is told to begin is over when
 * it does, and what comes after waits to be told that it is done. No clock. */

#include "store-internal.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

/* What the log holds is brought to the disk. */
static int sync_log(Store *s)
{
        sqlite3_file *log = NULL;
        int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

        if (rc != SQLITE_OK || !log || !log->pMethods)
                return rc;
        return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

int store_sync_now(Store *s)
{
        return store_errno(sync_log(s));
}

static int sync_all(Store *s)
{
        if (s->unscrubbed) {
                s->unscrubbed = store_wal_truncate(s) != SQLITE_OK;
                if (!s->unscrubbed)
                        return SQLITE_OK;
        }
        return store_wal_is_long(s) ? store_wal_move(s) : sync_log(s);
}

static void tell(int fd)
{
        const uint64_t one = 1;

        (void)!write(fd, &one, sizeof(one)); /* it has room */
}

static void wait_until_told(int fd)
{
        uint64_t n;

        while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
                ;
}

static void sync_run(Store *s)
{
        s->sync.rc = sync_all(s);
        tell(s->sync.done_fd);
}

/* One thread, that waits between syncs: each one that ends brings 100 kB of the C library into memory, which cleans up
 * after its resolver and its RPC. */
static void *sync_thread(void *userdata)
{
        Store *s = userdata;

        for (;;) {
                wait_until_told(s->sync.wanted_fd);
                if (s->sync.ending)
                        return NULL;
                sync_run(s);
        }
}

int store_sync_open(Store *s)
{
        s->sync.wanted_fd = eventfd(0, EFD_CLOEXEC);
        s->sync.done_fd = eventfd(0, EFD_CLOEXEC);
        return s->sync.wanted_fd < 0 || s->sync.done_fd < 0 ? -errno : 0;
}

void store_sync_close(Store *s)
{
        (void)store_sync_end(s); /* logged there */
        if (s->sync.threaded) {
                s->sync.ending = true;
                tell(s->sync.wanted_fd);
                (void)pthread_join(s->sync.thread, NULL); /* it is there, and nobody else's */
                s->sync.threaded = false;
        }
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
        return s->unscrubbed || store_wal_is_long(s);
}

void store_sync_begin(Store *s)
{
        if (s->sync.running || !(s->unsynced || store_sync_is_urgent(s)))
                return;
        s->unsynced = false;
        s->sync.running = true;
        if (!s->sync.threaded)
                s->sync.threaded = pthread_create(&s->sync.thread, NULL, sync_thread, s) == 0;
        if (s->sync.threaded)
                tell(s->sync.wanted_fd);
        else
                sync_run(s); /* as well, if not as quick */
}

int store_sync_end(Store *s)
{
        if (!s->sync.running)
                return 0;
        wait_until_told(s->sync.done_fd);
        s->sync.running = false;
        store_wal_tell(s);
        if (s->sync.rc != SQLITE_OK) {
                s->unsynced = true;
                if (!s->sync.failing)
                        log_error("%s: cannot be brought to the disk, tried again: %s", s->path,
                                        sqlite3_errstr(s->sync.rc));
        } else if (s->sync.failing)
                log_notice("%s: is brought to the disk again", s->path);
        s->sync.failing = s->sync.rc != SQLITE_OK;
        return s->sync.rc == SQLITE_OK ? 0 : store_errno(s->sync.rc);
}
