/* SPDX-License-Identifier: MIT */
#pragma once

/* The store itself: what its files share, and nobody else knows. What each of them has for the others is in a header of its
 * name. */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/figures.h"
#include "store/file.h"
#include "store/moved.h"
#include "store/queue.h"
#include "store/statements.h"
#include "store/store.h"
#include "store/sync.h"
#include "store/wal.h"
#include "store/writer.h"

/* How long another connection is waited for, in ms: while starting and while stopping, never in between. What is not written
 * by then at a stop goes to a file of its own, and TimeoutStopSec in the unit allows for both. */
#define STORE_PATIENCE_MS      3000
#define STORE_STOP_PATIENCE_MS 5000

/* Between syncs, which are FULL: only a checkpoint waits for the platter. fsyncs in an hour: 73, and 67 with OFF, which
 * a power cut could turn into a damaged file. With FULL each commit has one. */
#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "NORMAL"
#endif

struct SessionWriter {
        Store *store;
        int64_t id;        /* of the session, 0 = the writer is free */
        bool waiting;      /* recovered, not resumed: its row stays as it is */
        usec_t begin_usec; /* t = 0 on the clock of the facts */
        int64_t given_t;   /* of the last heart rate, as the caller gave it */
        Figures figures;   /* of everything stored and queued */
};

struct Store {
        char *path;
        sqlite3 *db;
        int lock_fd;
        Beside beside; /* the file, before it was opened */
        Statement statement[STATEMENTS_MAX];
        size_t n_statements;
        bool batch; /* none is given back until store_batch() ends */

        Queue queue;
        size_t dropped; /* samples and events that found no room, since the disk was last written */
        bool failing;   /* the last commit did not reach the disk */
        bool unsynced;  /* something committed may not be on the platter yet */
        unsigned deleted, scrubbed; /* deletions, and how many of them are gone from the log too */
        unsigned scrub_tried;       /* … or were tried to be */
        bool held; /* the last commit waits for the thread, which keeps writers off the database for a moment */
        Wal wal;
        Sync sync;
        StoreClock clock;
        bool clock_news;               /* it was set, or something has come to be known of it */
        bool follows;                  /* something was recorded in this boot before the clock was known */
        unsigned clock_moved;          /* sessions, by the transaction under way, … */
        unsigned clock_moved_mornings; /* and mornings */
        struct {
                int64_t id; /* noted by the next transaction, 0 = none is */
                size_t n;   /* entries of the queue that are in its file */
        } spill;
        FileId file[STORE_FILES]; /* that are open, as they were found at the opening */
        StorePlace moved;
        int64_t gone; /* the session of which it was said that another hand has deleted it, 0 = none */

        int64_t next_id;
        int64_t stored_id; /* the highest that the database knows to be used */
        int64_t marked_id; /* as in the lock's file */
        SessionWriter writer[SESSION_WRITERS_MAX];
};

/* -- writer.c -- */

/* While starting: for a session that is to be taken up, or ended. */
SessionWriter *session_writer_wait(Store *s, const OpenSession *o, const Figures *figures);
/* One is open for it, or waits. */
bool store_is_recording(const Store *s, int64_t session);

/* -- store.c -- */

/* -EAGAIN for what is busy only as the thread has the writer's lock for a moment; else r. */
int store_held_errno(const Store *s, int r);

/* Something was deleted, and is to leave the log as well. */
void store_deleted(Store *s);
/* Moves the log into the database and empties it, here and now, so that nothing deleted is left in it, if no reader is in the
 * way: while starting, while stopping, and in store_commit_wait(). Waits for a sync that is running. */
void store_scrub_wait(Store *s);
