/* SPDX-License-Identifier: MIT */
#pragma once

/* What was committed is brought to the disk, by a thread. */

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "store/store.h"
#include "store/wal.h"

/* How long the thread, which bars writers meanwhile, waits for another connection, in ms. */
#define STORE_HOLD_MS 100

/* What the thread is to do, and what came of it. */
typedef struct SyncWork {
        bool ending, move;
        unsigned deleted; /* of Store, to be gone from the log; 0 = nothing is */
        int patience_ms;  /* for readers that hold on to it */
} SyncWork;

typedef struct SyncDone {
        int rc; /* SQLite's */
        bool scrubbed;
        WalMoved moved;
} SyncDone;

/* All of it is the main thread's, but for db, and for done while it runs. */
typedef struct Sync {
        pthread_t thread;
        sqlite3 *db;            /* the thread's own connection */
        bool threaded;          /* there is a thread, from the first sync on */
        bool running;           /* from store_sync_begin() until its end was taken note of */
        bool failing;           /* … has been said */
        int wanted_fd, done_fd; /* eventfds: the thread's work is there, and is done */
        SyncWork wanted;
        SyncDone done;
} Sync;

int store_sync_open(Store *s);
/* The thread's own connection, once the database is found to be ours. Returns an SQLite result code. */
int store_sync_connect(Store *s);
/* Waits for a sync that is running, and ends the thread. */
void store_sync_close_wait(Store *s);
