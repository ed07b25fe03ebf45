/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Small text files of the runner's, read and replaced as a whole. */

/* The whole text; "" if there is no such file, NULL with errno if it cannot be read. To be freed. */
char *file_read(const char *path);

/* Puts the text in the place of the file, or of what it links to: it is there completely or not at all, whatever happens. A file that
 * is there keeps its mode; missing folders are made. Returns 0 or a negative errno. */
int file_replace(const char *path, const char *text, mode_t mode);

/* Whether that would be allowed. */
bool file_is_replaceable(const char *path);
