/* SPDX-License-Identifier: MIT */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

/* Refuses a file that is not ours, or of a newer version. Reads only. */
int store_schema_check(sqlite3 *db, const char *path, char **ret_error);
/* Brings it to the version of this daemon, and calls settle(), which sees to it that its tables are as they should be, with
 * the version that it had: in one transaction, that what settle() refuses stays as it was. */
typedef int (*StoreSettleFunc)(void *userdata, int64_t version, char **ret_error);
int store_schema_migrate(
                sqlite3 *db, const char *path, StoreSettleFunc settle, void *userdata, char **ret_error);
