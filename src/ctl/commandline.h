/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"

/* Runs cardioctl as it was called: argv[0] is its name, what follows the options, the verb and its arguments. The outcome is
 * the exit status. */
Outcome commandline_run(int argc, char **argv);
