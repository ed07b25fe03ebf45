/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "manager/time.h"
#include "store/store.h"

/* When what is recorded is committed, and when it is brought to the disk. A commit writes the store's queue to the kernel; a
 * sync, which is a thread's business, makes it durable. Neither is waited for. Times are of the core's clock. */

typedef struct CommitHandlers {
        void (*waiting)(void *userdata); /* another number of entries waits for a disk that refuses */
        void (*written)(void *userdata); /* a commit or a sync that was due is done; what had to wait for it may go on */
        void (*synced)(void *userdata); /* likewise, of a sync alone, and after it */
        /* The disk has refused for long, or does no more: one of CARDIO_TROUBLE_*, and a sentence. */
        void (*trouble)(void *userdata, const char *trouble, const char *text);
        void (*lost)(void *userdata); /* the database is: it was deleted or replaced */
} CommitHandlers;

typedef struct Committer {
        Store *store;
        const CommitHandlers *handlers;
        void *userdata;
        usec_t commit_interval_usec, sync_interval_usec;
        Deadline due;
        sd_event_source *sync_done;
        usec_t synced_usec;     /* what was committed by then is durable */
        usec_t sync_begun_usec; /* … the last time */
        usec_t moved_usec;      /* what waits for the disk was tried to be written then, or nothing waited */
        size_t waiting;         /* as last reported */
        bool sync_now;          /* without regard to the interval */
        struct {
                usec_t since_usec; /* it has refused since then, 0 = it does not */
                bool reported;     /* … that it has, for long */
        } disk;
} Committer;

void committer_configure(Committer *c, usec_t commit_interval_usec, usec_t sync_interval_usec);
/* Returns 0 or a negative errno. */
int committer_begin(
                Committer *c, sd_event *event, Store *store, const CommitHandlers *handlers, void *userdata);
void committer_end(Committer *c);

/* Now. What fails stays queued, is logged by the store, and is tried again; so does what a sync keeps waiting. */
void committer_commit(Committer *c);
/* Now, or as soon as the sync that is running is done. */
void committer_sync(Committer *c);
/* The same when the event that is being handled is. */
void committer_sync_later(Committer *c);
/* After whatever leaves the store work to do; carries out what committer_sync_later() has asked for. */
void committer_arm(Committer *c);

/* disk.c: reports when the disk has refused for long, and when it does no more. At each commit. */
void committer_watch_disk(Committer *c, usec_t now_usec);
