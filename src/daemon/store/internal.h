/* SPDX-License-Identifier: MIT */
#pragma once

/* The store itself, shared by the files of this folder only. What one of them offers the others is in a header of its name. */

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

/* ms. How long another connection's lock is waited for at the start and at a stop, never in between. What is not written by
 * then at a stop goes to a spill file; TimeoutStopSec in the unit allows for both. */
#define STORE_PATIENCE_MS      3000
#define STORE_STOP_PATIENCE_MS 5000

/* Between syncs, which are FULL: only a checkpoint waits for fsync. fsyncs in an hour: 73; 67 with OFF, with which a power cut
 * could damage the file. With FULL each commit has one. */
#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "NORMAL"
#endif

struct SessionWriter {
        Store *store;
        int64_t id;        /* of the session, 0 = the writer is free */
        bool waiting;      /* recovered but not resumed: its row stays as it is */
        usec_t begin_usec; /* t = 0, on the clock of the facts */
        int64_t given_t;   /* of the last heart rate, as passed in */
        Figures figures;   /* of everything stored and queued */
        /* A staged one is none of the store's: */
        bool staged;
        Queue rows; /* … its rows, of no session yet */
        int error;  /* … why there is no room for all of them, 0 = there is */
        int64_t end_t;
};

struct Store {
        char *path;
        sqlite3 *db;
        int lock_fd;
        Beside beside; /* what was beside the file before it was opened */
        Statement statement[STATEMENTS_MAX];
        size_t n_statements;
        bool batch; /* statements stay prepared until store_batch(s, false) */

        Queue queue;
        size_t dropped;             /* samples and events that found no room since the last write */
        bool failing;               /* the last commit did not reach the disk */
        bool unsynced;              /* something committed may not be durable yet */
        unsigned deleted, scrubbed; /* deletions, and how many of them are gone from the WAL, too */
        unsigned scrub_tried;       /* … or for how many that was tried */
        bool held; /* the last commit waits for the sync thread, which keeps writers out for a moment */
        Wal wal;
        Sync sync;
        bool detrend; /* before α1 of a session that is closed */
        StoreClock clock;
        bool clock_news;          /* it was set, or more is known about it */
        bool follows;             /* something was recorded in this boot before the clock was known */
        unsigned clock_corrected; /* sessions corrected by the transaction under way, … */
        unsigned clock_corrected_mornings; /* … and mornings */
        struct {
                int64_t id; /* noted by the next transaction, 0 = none */
                size_t n;   /* entries of the queue that are in its file */
        } spill;
        FileId file[STORE_FILES]; /* the open files, as they were at the opening */
        StorePlace place;
        int64_t gone; /* the session that another program has deleted, as last logged; 0 = none */

        int64_t next_id;
        int64_t stored_id; /* the highest that the database knows as used */
        int64_t marked_id; /* as in the lock's file */
        SessionWriter writer[SESSION_WRITERS_MAX];
};

/* -- writer.c -- */

/* While starting: a writer for a session that will be resumed or closed. */
SessionWriter *session_writer_recovered(Store *s, const OpenSession *o, const Figures *figures);
/* Inside a transaction: stores the rows of a staged session, which has been ended, as those of this one, whose row exists and
 * has none; computes its figures, and closes it. */
int session_writer_apply(Store *s, const SessionWriter *w, int64_t session);
/* A writer is open for it, or waits. */
bool store_is_recording(const Store *s, int64_t session);

/* -- store.c -- */

/* -EAGAIN if r is the busy error of a moment in which the sync thread has the writer's lock; else r. */
int store_held_errno(const Store *s, int r);

/* Commits what is queued, and then what func does in one transaction: a disk that refuses leaves nothing of that. Returns 0;
 * -ESTALE, -EAGAIN, or what func returned. */
int store_do(Store *s, int (*func)(Store *s, const void *what), const void *what);

/* Something was deleted, and has to leave the WAL, too. */
void store_deleted(Store *s);
/* Checkpoints and truncates the WAL at once, so that nothing deleted is left in it, unless a reader is in the way: at the
 * start, at a stop, and in store_commit_wait(). Waits for a running sync. */
void store_scrub_wait(Store *s);
