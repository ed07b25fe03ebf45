/* SPDX-License-Identifier: MIT */
#pragma once

/* What must be so before SQLite sees the file. */

#include <stdbool.h>
#include <stdint.h>

/* Creates the folder and the file where they are missing, takes the writer's lock and looks whether the file
 * can be ours, without writing to it. Returns 0 and the lock's descriptor, or what store_open() returns. */
int store_file_prepare(const char *path, bool private, int *ret_lock_fd, char **ret_error);

/* The highest session id that was given out and is not in the database, since that cannot be written; 0 = there is none.
 * The lock's file keeps it, which is written over and never grows. */
int64_t store_file_marked_id(int lock_fd);
int store_file_mark_id(int lock_fd, int64_t id);

/* SQLite puts an empty log and its index beside a file in WAL mode when it merely looks at it. Which of them are there,
 * and taking away those that were not, after a file was refused and while nobody else has it open. */
typedef struct Beside {
        bool wal, shm;
        bool log; /* there is something in -wal */
} Beside;
Beside store_file_beside(const char *path);
void store_file_clear_beside(const char *path, Beside before);
