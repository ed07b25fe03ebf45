/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "store/edit.h"
#include "store/raw.h"

/* A session put together from stretches of stored ones: played through a core of its own, its rows are those that would have
 * been recorded. */

/* A part of a stored session. */
typedef struct Stretch {
        const StoreRaw *raw;
        size_t first, end;    /* its heart rates: one at least */
        int64_t from_t, to_t; /* what else happened from the one time on and before the other one is of it */
} Stretch;

/* The whole of a session. */
Stretch stretch_whole(const StoreRaw *raw);
/* What lies in [from_t, to_t) of it; without a heart rate end is first. */
Stretch stretch_between(const StoreRaw *raw, int64_t from_t, int64_t to_t);

/* ms from the first heart rate of the first stretch to the last one of the last. */
int64_t stretches_length(const Stretch *stretch, size_t n);

/* Fills in all of ret but .id and .said. ret->rows is to be freed by session_writer_free(). Returns 0; -ENOBUFS if there is not
 * room for so much; or -ENOMEM. */
int stretches_play(Store *store, const Config *config, const Stretch *stretch, size_t n, EditResult *ret,
                SessionWriter **ret_rows);
