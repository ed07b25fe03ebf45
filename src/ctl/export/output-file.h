/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"
#include "text.h"

/* A file that the runner names for something to be written into. */

/* Whether it may be written: it is not there yet, or is a file and force is given, and is not the database. Says why not. */
Outcome output_file_check(const char *path, const char *database, bool force);
/* Says that it is there already. */
Outcome output_file_there(const char *path);

#define SIZE_STRING_MAX (NUMBER_STRING_MAX + 4)
const char *size_to_string(uint64_t bytes, char buf[static SIZE_STRING_MAX]);
/* Says that it was written. */
void output_file_print(const Output *out, const char *path, uint64_t bytes);
