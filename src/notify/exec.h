/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

#include "notice.h"

/* At most this many commands run at once. A notice that comes while as many are running starts none, and
 * says so. */
#define EXEC_CHILDREN_MAX 4U

/* A command is ended when it has run for so long, if no other limit is given: by SIGTERM, and what is left of
 * it after a grace by SIGKILL; it, and all of its process group. */
#define EXEC_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define EXEC_GRACE_USEC   (5 * USEC_PER_SEC)
/* What may be given. */
#define EXEC_TIMEOUT_MIN_USEC (100 * USEC_PER_MSEC)
#define EXEC_TIMEOUT_MAX_USEC USEC_PER_HOUR

/* The runner's own command, started by sh for each notice. Nothing from the bus is ever part of the
 * command line: it goes into the environment, as figures and one text. Its standard output is our stderr, since ours
 * belongs to --print. */
typedef struct Exec Exec;

/* SIGCHLD must be blocked. */
int exec_new(sd_event *event, const char *command, usec_t timeout_usec, Exec **ret);
void exec_run(Exec *e, const Notice *n);
/* Commands that still run are left to themselves. */
Exec *exec_free(Exec *e);
DEFINE_CLEANUP(Exec *, exec_free);
