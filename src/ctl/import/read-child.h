/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

#include "exchange/reading.h"

#define IMPORT_FILE_MAX (100U * 1000U * 1000U) /* bytes, packed or not */

/* The formats, in the order in which a file is tried. */
extern const ReadingFormat *const import_formats[];
#define IMPORT_FORMATS 6U

/* Starts a process of its own, in a sandbox, that reads a file from its beginning to its end and writes what it has found into a
 * pipe (see wire.h). Returns 0 or a negative errno. The input stays open here; the pipe is to be closed, and the process to be
 * waited for. */
int read_child_start(int input, pid_t *ret_pid, int *ret_pipe);
