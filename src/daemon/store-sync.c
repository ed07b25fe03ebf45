/* SPDX-License-Identifier: MIT */

/* To the platter, in a thread of its own: a disk takes a tenth of a second for that, a worn card seconds, and heart rates
 * do not wait. The thread brings the log (FILE-wal) to the disk, or moves it into the database where it has grown.
 *
 * What always holds: while the thread runs, nobody else touches the database. What is recorded meanwhile waits in the queue
 * as ever, and whoever needs the database waits for the thread: store_statement() and store_run() see to that. So
 * SQLite has one user at a time, and there are no locks here: the thread begins after what was done before, and what comes
 * after begins with its end. No clock. */

#include "store-internal.h"

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

static int sync_all(Store *s)
{
        if (s->unscrubbed) {
                s->unscrubbed = store_wal_truncate(s) != SQLITE_OK;
                if (!s->unscrubbed)
                        return SQLITE_OK;
        }
        return store_wal_is_long(s) ? store_wal_move(s) : sync_log(s);
}

static void *sync_thread(void *userdata)
{
        const uint64_t one = 1;
        Store *s = userdata;

        s->sync.rc = sync_all(s);
        if (s->sync.fd >= 0 && write(s->sync.fd, &one, sizeof(one)) < 0)
                s->sync.rc = SQLITE_IOERR; /* cannot be: it has room */
        return NULL;
}

int store_sync_open(Store *s)
{
        s->sync.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return s->sync.fd < 0 ? -errno : 0;
}

void store_sync_close(Store *s)
{
        store_sync_end(s);
        if (s->sync.fd >= 0)
                close(s->sync.fd);
        s->sync.fd = -1;
}

int store_sync_fd(const Store *s)
{
        return s->sync.fd;
}

bool store_syncing(const Store *s)
{
        return s->sync.running;
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
        s->sync.threaded = pthread_create(&s->sync.thread, NULL, sync_thread, s) == 0;
        if (!s->sync.threaded)
                (void)sync_thread(s); /* as well, if not as quick */
}

int store_sync_end(Store *s)
{
        uint64_t n;

        if (!s->sync.running)
                return 0;
        if (s->sync.threaded)
                (void)pthread_join(s->sync.thread, NULL); /* it is there, and nobody else's */
        (void)!read(s->sync.fd, &n, sizeof(n));           /* nothing to read is as good */
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
