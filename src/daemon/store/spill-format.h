/* SPDX-License-Identifier: MIT */
#pragma once

/* The queue as bytes, and back. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "store/queue.h"

typedef struct SpillHead {
        bool moved; /* its sessions were begun in a database that is gone: they are in it whole, and get new ids */
        int64_t id;        /* of the spill */
        int64_t stored_id; /* the highest session id that the database knew */
        StoreClock clock;  /* at the stop; without a zone */
} SpillHead;

/* Returns 0 or a negative errno. */
int spill_encode(FILE *out, const SpillHead *head, const Queue *q);
/* Appends to the queue. Returns 0; -EBADMSG if it is damaged; -EPROTONOSUPPORT if it is of a newer version; or -ENOMEM. The
 * queue then holds a part of it. */
int spill_decode(const uint8_t *bytes, size_t size, SpillHead *ret, Queue *q);
