/* SPDX-License-Identifier: MIT */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

/* Refuses a file that is not ours, or of a newer version. Only reads. */
int store_schema_check(sqlite3 *db, const char *path, char **ret_error);
/* Migrates it to this daemon's version and calls settle() with the version that it had, to check the tables: all in one
 * transaction, so that a file that settle() refuses stays as it was. */
typedef int (*StoreSettleFunc)(void *userdata, int64_t version, char **ret_error);
int store_schema_migrate(
                sqlite3 *db, const char *path, StoreSettleFunc settle, void *userdata, char **ret_error);
