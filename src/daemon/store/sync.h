/* SPDX-License-Identifier: MIT */
#pragma once

/* Makes commits durable, in a thread. */

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "store/store.h"
#include "store/wal.h"

/* ms. How long the thread, which keeps writers out meanwhile, waits for another connection. */
#define STORE_HOLD_MS 100

/* The thread's work order, and its result. */
typedef struct SyncWork {
        bool ending, checkpoint;
        unsigned deleted; /* Store.deleted, to be removed from the WAL; 0 = nothing */
        int patience_ms;  /* how long to wait for readers of the WAL */
} SyncWork;

typedef struct SyncDone {
        int rc; /* SQLite's result code */
        bool scrubbed;
        Checkpoint checkpoint;
} SyncDone;

/* All of it belongs to the main thread, except db, and done while a sync runs. */
typedef struct Sync {
        pthread_t thread;
        sqlite3 *db;   /* the thread's own connection */
        bool threaded; /* there is a thread, from the first sync on */
        bool running;  /* from store_sync_begin() until store_sync_end() or store_sync_wait() sees its end */
        bool failing;  /* … has been logged */
        int wanted_fd, done_fd; /* eventfds that notify the other thread: work is there; it is done */
        SyncWork wanted;
        SyncDone done;
} Sync;

int store_sync_open(Store *s);
/* Opens the thread's connection, once the database is accepted. Returns an SQLite result code. */
int store_sync_connect(Store *s);
/* Waits for a running sync, and ends the thread. */
void store_sync_close_wait(Store *s);
