/* SPDX-License-Identifier: MIT */

/* The log beside the database (FILE-wal). SQLite appends each transaction to it, and once it has grown moves it into the
 * database, which it can do only up to where the oldest reader stands: one that holds a transaction open lets it grow
 * without end. Nothing is wrong with that but the room it takes, so it is said, once, and said again when it is over.
 *
 * This takes the place of SQLite's own automatic checkpoint: the same after as many pages, but where it cannot be
 * completed the next try comes only when there is more, since each goes through the whole log. No clock. */

#include "store-internal.h"

#include "log.h"

/* At one heart rate a second a commit writes three or four pages: 25 minutes. Measured beside others in
 * tests/bench/RESULTS.md. */
#ifndef STORE_CHECKPOINT_PAGES
#define STORE_CHECKPOINT_PAGES 1000
#endif
#define RETRY_PAGES 250
#define LARGE_BYTES (8LL * 1024 * 1024)

static void wal_tell(Store *s, int pages, bool complete)
{
        int64_t bytes = (int64_t)pages * s->wal.page_size;

        if (!complete && bytes >= LARGE_BYTES && !s->wal.large) {
                s->wal.large = true;
                log_warning("%s-wal: has grown to %lld MB, since somebody has been reading the database in "
                            "one "
                            "transaction all "
                            "the while; it grows on until that is done",
                                s->path, (long long)(bytes >> 20));
        } else if (complete && s->wal.large) {
                s->wal.large = false;
                log_notice("%s-wal: is moved into the database again", s->path);
        }
}

/* After each transaction. Failure here is none of the transaction's. */
static int on_wal(void *userdata, sqlite3 *db, const char *name, int pages)
{
        Store *s = userdata;
        int n_log = 0, n_moved = 0, rc;
        bool complete;

        if (pages < s->wal.checkpoint_pages)
                return SQLITE_OK;
        rc = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, &n_log, &n_moved);
        complete = rc == SQLITE_OK && n_moved == n_log;
        s->wal.checkpoint_pages = complete ? STORE_CHECKPOINT_PAGES : pages + RETRY_PAGES;
        wal_tell(s, pages, complete);
        return SQLITE_OK;
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
}
