/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "manager/time.h"
#include "store/store.h"

/* When recorded data is committed, and when it is synced. A commit writes the store's queue to the kernel; a sync, done by a
 * thread, makes it durable. The event loop waits for neither. Times are on the core's clock. */

typedef struct CommitHandlers {
        void (*waiting)(void *userdata); /* the number of entries that wait for a disk that refuses has changed */
        void (*written)(void *userdata); /* a commit or a sync that was due is done; what waited for it may go on */
        void (*synced)(void *userdata); /* a sync is done; called after written() */
        /* The disk has refused for long, or works again: one of CARDIO_TROUBLE_*, and a sentence. */
        void (*trouble)(void *userdata, const char *trouble, const char *text);
        void (*lost)(void *userdata); /* the database is lost: it was deleted or replaced */
} CommitHandlers;

typedef struct Committer {
        Store *store;
        const CommitHandlers *handlers;
        void *userdata;
        usec_t commit_interval_usec, sync_interval_usec;
        Deadline due;
        sd_event_source *sync_done;
        usec_t synced_usec;     /* everything committed before this time is durable */
        usec_t sync_begun_usec; /* begin of the last sync */
        usec_t progress_usec;   /* when a write was last tried, or nothing waited */
        size_t waiting;         /* as last reported */
        bool sync_now;          /* the next sync is due whatever the interval */
        struct {
                usec_t sync_usec;  /* begin of the last sync; both of awake_now() */
                usec_t since_usec; /* the disk has refused since then, 0 = it accepts writes */
                bool reported;     /* that it has refused for long */
        } disk;
} Committer;

void committer_configure(Committer *c, usec_t commit_interval_usec, usec_t sync_interval_usec);
/* Returns 0 or a negative errno. */
int committer_begin(
                Committer *c, sd_event *event, Store *store, const CommitHandlers *handlers, void *userdata);
void committer_end(Committer *c);

/* Commits now. What fails stays queued, is logged by the store, and is tried again; the same holds for what a running sync
 * keeps waiting. */
void committer_commit(Committer *c);
/* Syncs now, or as soon as the running sync is done. */
void committer_sync(Committer *c);
/* Syncs once the event being handled is done. */
void committer_sync_later(Committer *c);
/* Sets the timer. To be called after anything that leaves the store work to do; starts the sync that committer_sync_later()
 * asked for. */
void committer_arm(Committer *c);

/* disk.c: reports when the disk has refused for long, and when it works again. Called at each commit. */
void committer_watch_disk(Committer *c);
