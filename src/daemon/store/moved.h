/* SPDX-License-Identifier: MIT */
#pragma once

/* Detects a database that is deleted or replaced while it is open. */

#include <stdbool.h>
#include <sys/types.h>

#include "store/store.h"

/* The database, -wal and -shm. */
#define STORE_FILES 3U

typedef struct FileId {
        dev_t device;
        ino_t inode; /* 0 = not known */
} FileId;

typedef enum StorePlace {
        STORE_IN_PLACE,
        STORE_REPLACED, /* its name leads to another file, or to none: nothing more is written to it */
        STORE_BARE,     /* it is in its place, but -wal or -shm is not */
} StorePlace;

/* Takes the files that are there now as the right ones. */
void store_moved_watch(Store *s);
/* Whether they no longer are, which is logged. The queue is then complete for storing it in another database. */
bool store_moved(Store *s);
