/* SPDX-License-Identifier: MIT */

/* The log beside the database (FILE-wal). SQLite appends each transaction to it, and once it has grown it is moved into the
 * database, which can be done only up to where the oldest reader stands: one that holds a transaction open lets it grow
 * without end. Nothing is wrong with that but the room it takes, so it is said, once, and said again when it is over.
 *
 * This takes the place of SQLite's own automatic checkpoint, which comes within whatever transaction makes the log long:
 * here it is part of a sync, and where it cannot be completed the next try comes only when there is more, since each goes
 * through the whole log. No clock. */

#include "store/wal.h"

#include "log.h"
#include "store/internal.h"

/* At one heart rate a second a commit writes three or four pages: 25 minutes. In an hour that is 73 fsyncs; with 250 it
 * would be 107, and with 4000 there are 64, and four times the log to read (tests/bench/RESULTS.md). */
#ifndef STORE_CHECKPOINT_PAGES
#define STORE_CHECKPOINT_PAGES 1000
#endif
#define RETRY_PAGES 250
#define LARGE_BYTES (8LL * 1024 * 1024)

/* After each transaction. */
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

/* Behind a move it begins the log anew, which SQLite brings to the disk, whatever `synchronous` says, before anything is
 * written over what was there: the next to write would have to wait for it. */
int store_wal_touch(sqlite3 *db)
{
        return sqlite3_exec(db, STORE_TOUCH, NULL, NULL, NULL);
}

void store_wal_copy(sqlite3 *db, WalMoved *ret)
{
        int n_log = 0, n_moved = 0, rc;

        rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &n_log, &n_moved);
        *ret = (WalMoved){ .tried = true, .stuck = rc != SQLITE_OK || n_moved != n_log };
}

int store_wal_move(sqlite3 *db, WalMoved *ret)
{
        int rc = SQLITE_BUSY;

        store_wal_copy(db, ret);
        if (!ret->stuck)
                rc = store_wal_touch(db);
        if (rc == SQLITE_OK)
                ret->pages = 1;
        return rc == SQLITE_BUSY ? store_wal_sync(db) : rc;
}

/* A reader can be in the way. */
int store_wal_truncate(sqlite3 *db)
{
        return sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void store_wal_moved(Store *s, const WalMoved *moved)
{
        int64_t bytes;

        if (!moved->tried)
                return;
        s->wal.stuck_pages = moved->stuck ? s->wal.pages : 0;
        s->wal.checkpoint_pages = moved->stuck ? s->wal.pages + RETRY_PAGES : STORE_CHECKPOINT_PAGES;
        if (moved->pages > 0)
                s->wal.pages = moved->pages;
        bytes = (int64_t)s->wal.stuck_pages * s->wal.page_size;
        if (bytes >= LARGE_BYTES && !s->wal.large) {
                s->wal.large = true;
                log_warning("%s-wal: has grown to %lld MB, since somebody has been reading the database in one transaction all "
                            "the while; it grows on until that is done",
                                s->path, (long long)(bytes >> 20));
        } else if (!moved->stuck && s->wal.large) {
                s->wal.large = false;
                log_notice("%s-wal: is moved into the database again", s->path);
        }
}

/* Of the file as it is: one that is older than STORE_PAGE_SIZE keeps its own. */
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
        s->wal.page_size = wal_page_size(s); /* 0, if memory is short: the log's size is then not told */
        s->wal.checkpoint_pages = STORE_CHECKPOINT_PAGES;
        (void)sqlite3_wal_hook(s->db, on_wal, s); /* returns the one before */
        (void)store_wal_touch(
                        s->db); /* else the first to write waits for the platter, as it does if this fails */
}
