/* SPDX-License-Identifier: MIT */
#pragma once

/* The WAL (FILE-wal). */

#include <sqlite3.h>
#include <stdbool.h>

#include "store/store.h"

/* Bytes of the WAL file that are kept on disk when it is restarted. */
#define STORE_LOG_LIMIT "8388608"

/* An empty transaction, that still writes. */
#define STORE_TOUCH "PRAGMA application_id = 0x63617264"

/* What is known about the WAL. */
typedef struct Wal {
        int pages;            /* in the WAL since it was restarted */
        int page_size;        /* bytes */
        int checkpoint_pages; /* it is checkpointed when it has this many */
        int stuck_pages;      /* in a WAL that a reader kept from being checkpointed, 0 = none did */
        bool large;           /* … has been logged */
} Wal;

typedef struct Checkpoint {
        bool tried, stuck; /* a checkpoint was tried; it was not completed */
        int pages;         /* in the WAL now, if it was restarted, else 0 */
} Checkpoint;

/* Starts counting its pages, and fsyncs what it holds. */
void store_wal_watch(Store *s);
/* It is long enough for a checkpoint; after a failed one, it has grown further. */
bool store_wal_is_long(const Store *s);
/* On any connection: fsyncs the WAL. Returns an SQLite result code, as those below do. */
int store_wal_sync(sqlite3 *db);
/* Checkpoints as far as readers allow, without keeping anybody waiting. */
void store_wal_checkpoint(sqlite3 *db, Checkpoint *ret);
/* The same; then restarts the WAL, and fsyncs everything. */
int store_wal_checkpoint_restart(sqlite3 *db, Checkpoint *ret);
/* Checkpoints everything and truncates the WAL, if readers allow. */
int store_wal_truncate(sqlite3 *db);
/* An empty transaction. */
int store_wal_touch(sqlite3 *db);
/* Records the outcome of a checkpoint; logs that a reader is in the way, and when it no longer is. */
void store_wal_checkpointed(Store *s, const Checkpoint *checkpoint);
