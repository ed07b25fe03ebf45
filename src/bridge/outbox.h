/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "id-list.h"

/* Which finished sessions the broker has still to get: what is on the disk outlives this program. Of those that it may have
 * got already, although it has not said so, the payload is kept as it was sent. */

/* In its folder. */
#define OUTBOX_NAME "bridge-outbox"

/* A file of less than a megabyte. */
#define OUTBOX_WAITING_MAX 10000U
#define OUTBOX_SENDING_MAX 4U
#define OUTBOX_PAYLOAD_MAX ((size_t)64 * 1024) /* bytes */

/* One that is sent, or about to be. */
typedef struct OutboxItem {
        int64_t session;
        char *payload; /* a line of JSON */
        bool saved;    /* it is on the disk: not to be sent before */
        /* The caller's: */
        int mid;      /* as which it is on its way, 0 = it is not */
        bool refused; /* the broker did not take it */
} OutboxItem;

typedef struct Outbox {
        int folder, lock; /* lock: of the file beside it, as long as this is open */
        char *folder_name;
        char *database; /* whose sessions these are; NULL = it has not begun */
        int64_t seen;   /* all up to this one are done, but for those that wait or are sent */
        IdList waiting; /* may also have some above, which were announced before they were stored */
        OutboxItem sending[OUTBOX_SENDING_MAX]; /* in the order in which they were frozen */
        size_t n_sending;
        bool unsaved; /* it is not as on the disk */
} Outbox;

/* Reads it. The folder is made if it is missing. Returns 0, or a negative errno with what is wrong in ret_error (to be freed;
 * NULL if memory was short): -EBUSY if another program uses it; -EBADMSG if the file is damaged, or none of ours: then it is
 * left as it is, since it says what the broker has. */
int outbox_open(const char *folder, Outbox *ret, char **ret_error);
void outbox_close(Outbox *o);

/* These change it, and not yet the file. Each returns 0 or a negative errno. */

/* The sessions are those of this database from now on. -EINVAL: its path has a line break. */
int outbox_begin(Outbox *o, const char *database);
void outbox_see(Outbox *o, int64_t seen);
/* One that waits already, or is sent, changes nothing. -ENOBUFS: too many wait. */
int outbox_add(Outbox *o, int64_t session);
/* It need not wait any more, or it is not to be sent any more. */
void outbox_drop(Outbox *o, int64_t session);
/* From now on this is its payload, whatever becomes of the session. -ENOBUFS: too many are sent; -EINVAL: the payload is not a
 * line of JSON, or too long. */
int outbox_freeze(Outbox *o, int64_t session, const char *payload);

/* NULL if it is not among those that are sent. */
OutboxItem *outbox_sending(Outbox *o, int64_t session);

/* Writes it, durably. Returns 0 or a negative errno; then the file is as it was before, or, if just its name cannot be made
 * durable, as it is now. */
int outbox_save(Outbox *o);
