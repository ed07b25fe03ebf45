/* SPDX-License-Identifier: MIT */
#pragma once

/* What an edit takes away, in the tables kept_…: all rows of a session, each column as it was. All inside a transaction that
 * the caller has begun. They return 0 or a negative errno. */

#include <stdint.h>

#include "store/store.h"

/* Moves a session into what this edit keeps. */
int store_keep_session(Store *s, int64_t edit, int64_t session);
/* Adds the row of table `session` that an edit has kept, and nothing else of it, as that of another id or the same. */
int store_copy_kept_row(Store *s, int64_t edit, int64_t session, int64_t id);
/* Puts back all that an edit has kept. */
int store_restore_kept(Store *s, int64_t edit);
/* Deletes what is kept of sessions that were deleted. */
int store_drop_kept_of_deleted(Store *s);
