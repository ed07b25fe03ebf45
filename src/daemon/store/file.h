/* SPDX-License-Identifier: MIT */
#pragma once

/* What has to be done and checked before SQLite sees the file. */

#include <stdbool.h>
#include <stdint.h>

/* Creates folder and file if missing, takes the writer's lock and checks whether the file can be ours, without writing to it.
 * Returns 0 and the lock's descriptor, or an error as store_open() does. */
int store_file_prepare(const char *path, bool private, int *ret_lock_fd, char **ret_error);

/* The highest session id that was given out but is not in the database, since that cannot be written; 0 = none. Kept in the
 * lock's file, which is overwritten in place and never grows. */
int64_t store_file_marked_id(int lock_fd);
int store_file_mark_id(int lock_fd, int64_t id);

/* SQLite creates an empty -wal and a -shm beside a file in WAL mode even if it only looks at it. Beside remembers which of
 * them existed; the others are removed after a file was refused, while nobody else has it open. */
typedef struct Beside {
        bool wal, shm;
        bool log; /* -wal has content */
} Beside;
Beside store_file_beside(const char *path);
void store_file_clear_beside(const char *path, Beside before);
