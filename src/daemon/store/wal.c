/* SPDX-License-Identifier: MIT */

/* The WAL (FILE-wal). SQLite appends each transaction to it; once it has grown it is checkpointed into the database, but only
 * up to where the oldest reader stands: a reader that keeps its transaction open lets the WAL grow without limit. The only
 * harm is the space it takes, so that is logged once, and again when it is over.
 *
 * This replaces SQLite's automatic checkpoint, which happens within whichever transaction makes the WAL long: here it is part
 * of a sync, and if it cannot be completed the next try waits until the WAL has grown further, since each try reads the whole
 * WAL. No clock. */

#include "store/wal.h"

#include "log.h"
#include "store/internal.h"

/* At one heart rate a second a commit writes three or four pages, so this is reached in 25 minutes. fsyncs in an hour: 73; 107
 * with 250; 64 with 4000, but with four times the WAL to read (tests/bench/RESULTS.md). */
#ifndef STORE_CHECKPOINT_PAGES
#define STORE_CHECKPOINT_PAGES 1000
#endif
#define RETRY_PAGES 250
#define LARGE_BYTES (8LL * 1024 * 1024)

/* Called by SQLite after each transaction. */
static int on_wal(void *userdata, _unused_ sqlite3 *db, _unused_ const char *name, int pages)
{
        Store *s = userdata;

        s->wal.pages = pages;
        return SQLITE_OK;
}

bool store_wal_is_long(const Store *s)
{
        return s->wal.pages >= s->wal.checkpoint_pages;
}

int store_wal_sync(sqlite3 *db)
{
        sqlite3_file *log = NULL;
        int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

        if (rc != SQLITE_OK || !log || !log->pMethods)
                return rc;
        return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

/* After a checkpoint this restarts the WAL, which SQLite fsyncs, whatever `synchronous` says, before it overwrites old
 * content: otherwise the next writer would have to wait for that. */
int store_wal_touch(sqlite3 *db)
{
        return sqlite3_exec(db, STORE_TOUCH, NULL, NULL, NULL);
}

void store_wal_checkpoint(sqlite3 *db, Checkpoint *ret)
{
        int n_log = 0, n_done = 0, rc;

        rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &n_log, &n_done);
        *ret = (Checkpoint){ .tried = true, .stuck = rc != SQLITE_OK || n_done != n_log };
}

int store_wal_checkpoint_restart(sqlite3 *db, Checkpoint *ret)
{
        int rc = SQLITE_BUSY;

        store_wal_checkpoint(db, ret);
        if (!ret->stuck)
                rc = store_wal_touch(db);
        if (rc == SQLITE_OK)
                ret->pages = 1;
        return rc == SQLITE_BUSY ? store_wal_sync(db) : rc;
}

/* Fails if a reader is in the way. */
int store_wal_truncate(sqlite3 *db)
{
        return sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void store_wal_checkpointed(Store *s, const Checkpoint *checkpoint)
{
        int64_t bytes;

        if (!checkpoint->tried)
                return;
        s->wal.stuck_pages = checkpoint->stuck ? s->wal.pages : 0;
        s->wal.checkpoint_pages = checkpoint->stuck ? s->wal.pages + RETRY_PAGES : STORE_CHECKPOINT_PAGES;
        if (checkpoint->pages > 0)
                s->wal.pages = checkpoint->pages;
        bytes = (int64_t)s->wal.stuck_pages * s->wal.page_size;
        if (bytes >= LARGE_BYTES && !s->wal.large) {
                s->wal.large = true;
                log_warning("%s-wal: has grown to %lld MB, since somebody has been reading the database in one transaction all "
                            "the while; it grows on until that is done",
                                s->path, (long long)(bytes >> 20));
        } else if (!checkpoint->stuck && s->wal.large) {
                s->wal.large = false;
                log_notice("%s-wal: is moved into the database again", s->path);
        }
}

/* Of the actual file: one older than STORE_PAGE_SIZE keeps its own. */
static int wal_page_size(Store *s)
{
        sqlite3_stmt *statement;
        int size = 0;

        if (sqlite3_prepare_v2(s->db, "PRAGMA page_size", -1, &statement, NULL) == SQLITE_OK &&
                        sqlite3_step(statement) == SQLITE_ROW)
                size = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return size;
}

void store_wal_watch(Store *s)
{
        s->wal.page_size = wal_page_size(s); /* 0 if memory is short: the WAL's size is then not logged */
        s->wal.checkpoint_pages = STORE_CHECKPOINT_PAGES;
        (void)sqlite3_wal_hook(s->db, on_wal, s); /* returns the previous hook */
        (void)store_wal_touch(s->db);             /* if this fails, the first commit waits for the fsync */
}
