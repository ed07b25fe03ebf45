/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "export/session-stream.h"

/* What an exported session is called in a folder: `2026-05-17-0631-base-43.fit`, the local date and time of its start, its kind,
 * and its number. */

/* To be freed. */
char *file_name_of(const SessionStream *s, const char *extension);

/* Whether a file of that name is of this session, whatever its kind was when it was written. */
bool file_name_is_of(const char *name, const SessionStream *s, const char *extension);

/* The name of such a file in a folder, NULL if there is none. To be freed. */
char *file_name_find(int folder, const SessionStream *s, const char *extension);

/* Whether it may be what a kill has left of such a file, of any session; and takes these away. */
bool file_name_is_left(const char *name, const char *extension);
void file_name_clear(int folder, const char *extension);
