/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* A library that may block for as long as it likes, such as one that waits for a sound server which hangs, in a process of
 * its own. That process is started with the first task, has nothing of ours but a socket, and dies with us.
 *
 * One task is with it, and one waits; a newer one takes the place of the one that waits. Whatever is not begun within
 * WORKER_FRESH_USEC of its news is dropped, never done late: a process that does not answer by then is killed, and another one
 * is started for the next task, after a pause that grows as long as that goes on. */
typedef struct Worker Worker;

#define WORKER_FRESH_USEC (5 * USEC_PER_SEC)
/* The limit of a task that is waited for, and of getting ready: a server that has to be started first may take its time on a
 * small machine. */
#define WORKER_DONE_USEC (60 * USEC_PER_SEC)

#define WORKER_TEXT_MAX   128U
#define WORKER_REASON_MAX 160U

typedef struct WorkerTask {
        usec_t at_boot_usec;        /* when what it is about became known, CLOCK_BOOTTIME */
        bool wait;                  /* answered when it is done, not when it has begun */
        bool urgent;                /* … before what others want of the same server */
        bool prepare;               /* nothing to do yet: get ready to do it at once */
        char what[WORKER_TEXT_MAX]; /* what to do; "" = be quiet */
        char how[WORKER_TEXT_MAX];
} WorkerTask;

typedef struct WorkerType {
        const char *name; /* of what it does, for the log, as in "sound" */
        /* In the process: carries out a task. *state is its own, NULL at first. Returns 0, or a negative number and why in
         * reason. Returns after a server has exited, too, and connects anew the next time. */
        int (*perform)(void **state, const WorkerTask *task, char reason[static WORKER_REASON_MAX]);
} WorkerType;

/* How a task ended: reason NULL if it was done. Not called for one whose place another one took. Without it that goes to the log,
 * once until it changes. */
typedef void (*WorkerFunc)(void *userdata, const char *reason);

/* SIGCHLD must be blocked. func may be NULL. */
int worker_new(sd_event *event, const WorkerType *type, WorkerFunc func, void *userdata, Worker **ret);
Worker *worker_free(Worker *w);
DEFINE_CLEANUP(Worker *, worker_free);

void worker_give(Worker *w, const WorkerTask *task);

/* Starts the process, and what it needs, ahead of the first task; of no effect on one that has something to do. */
void worker_prepare(Worker *w);

/* What waits is dropped, and what is being done is stopped, unless the process does not run. */
void worker_hush(Worker *w);
