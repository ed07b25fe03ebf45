/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cardio/macro.h"

#include "notice.h"

/* At most this many commands run at once. A notice that comes while as many are running starts none, and
 * says so. */
#define EXEC_CHILDREN_MAX 4U

/* The runner's own command, started by sh for each notice. Nothing from the bus is ever part of the
 * command line: it goes into the environment, as figures and one text. Its standard output is our stderr, since ours
 * belongs to --print. */
typedef struct Exec Exec;

/* SIGCHLD must be blocked. */
int exec_new(sd_event *event, const char *command, Exec **ret);
void exec_run(Exec *e, const Notice *n);
/* Commands that still run are left to themselves. */
Exec *exec_free(Exec *e);
DEFINE_CLEANUP(Exec *, exec_free);
