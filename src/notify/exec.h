/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

#include "notice.h"

/* At most this many commands run at once. A notice beyond that starts none, which is logged. */
#define EXEC_CHILDREN_MAX 4U

/* The time limit of a command if no other is given: SIGTERM, and SIGKILL after a grace time, to its whole process group. */
#define EXEC_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define EXEC_GRACE_USEC   (5 * USEC_PER_SEC)
/* The limits of what --exec-timeout may be. */
#define EXEC_TIMEOUT_MIN_USEC (100 * USEC_PER_MSEC)
#define EXEC_TIMEOUT_MAX_USEC USEC_PER_HOUR

/* The runner's own command, started by sh for each notice. Nothing from the bus is ever part of the command line: it is
 * passed in the environment, as figures and one text. The command's standard output is our stderr, since ours belongs to
 * --print. */
typedef struct Exec Exec;

/* SIGCHLD must be blocked. */
int exec_new(sd_event *event, const char *command, usec_t timeout_usec, Exec **ret);
void exec_run(Exec *e, const Notice *n);
/* Commands that still run are left running. */
Exec *exec_free(Exec *e);
DEFINE_CLEANUP(Exec *, exec_free);
