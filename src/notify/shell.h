/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

/* Starts the shell with these arguments and this environment, both ended by NULL, in a process group of its own. It reads nothing,
 * and what it prints goes to standard error. Returns 0 or a negative errno. */
int shell_start(char *const argv[], char *const environment[], pid_t *ret);
