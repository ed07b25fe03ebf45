/* SPDX-License-Identifier: MIT */
#pragma once

/* The log beside the database (FILE-wal). */

#include <sqlite3.h>
#include <stdbool.h>

#include "store/store.h"

/* Bytes that the log keeps on the disk when it is begun anew. */
#define STORE_LOG_LIMIT "8388608"

/* A transaction with nothing in it. */
#define STORE_TOUCH "PRAGMA application_id = 0x63617264"

/* What is known of it. */
typedef struct Wal {
        int pages;            /* in the log, since it was begun anew */
        int page_size;        /* bytes */
        int checkpoint_pages; /* it is moved into the database when it has so many */
        int stuck_pages;      /* in a log that a reader kept from being moved, 0 = none did */
        bool large;           /* … has been said */
} Wal;

typedef struct WalMoved {
        bool tried, stuck; /* it was to be moved into the database; that was not completed */
        int pages;         /* in the log now, if it was begun anew, else 0 */
} WalMoved;

/* From now on it is watched, and what is in it is on the disk. */
void store_wal_watch(Store *s);
/* It has grown so much that it is to be moved into the database, and, if that could not be done, by so much since. */
bool store_wal_is_long(const Store *s);
/* Any connection's: brings what is in it to the disk. Return an SQLite result code, as those below. */
int store_wal_sync(sqlite3 *db);
/* Copies it into the database, as far as readers let it. Nobody else notices. */
void store_wal_copy(sqlite3 *db, WalMoved *ret);
/* The same, begins it anew, and brings everything to the disk. */
int store_wal_move(sqlite3 *db, WalMoved *ret);
/* Moves it and leaves it empty, if readers let it. */
int store_wal_truncate(sqlite3 *db);
/* An empty transaction. */
int store_wal_touch(sqlite3 *db);
/* Takes note of what a move has come to; says what keeps the log from being moved, and that it no longer does. */
void store_wal_moved(Store *s, const WalMoved *moved);
