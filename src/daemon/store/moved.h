/* SPDX-License-Identifier: MIT */
#pragma once

/* A database that is deleted or replaced while it is open. */

#include <stdbool.h>
#include <sys/types.h>

#include "store/store.h"

/* The database, its log and the index of that. */
#define STORE_FILES 3U

typedef struct FileId {
        dev_t device;
        ino_t inode; /* 0 = not known */
} FileId;

typedef enum StorePlace {
        STORE_IN_PLACE,
        STORE_REPLACED, /* its name leads elsewhere, or nowhere: nothing more is written to it */
        STORE_BARE,     /* it is in its place, but not what belongs to it */
} StorePlace;

/* From now on the files are those that are there. */
void store_moved_watch(Store *s);
/* They are no longer: logged here. What waits is then complete, for another database. */
bool store_moved(Store *s);
