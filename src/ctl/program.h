/* SPDX-License-Identifier: MIT */
#pragma once

/* Runs another program to its end, found in PATH unless its name has a slash; argv ends with NULL. What it writes is returned, to
 * be freed; its input is empty. Returns its exit status, 128 + number for a signal, or a negative errno if it could not be run. */
int program_run(const char *const *argv, char **ret_output, char **ret_errors);
