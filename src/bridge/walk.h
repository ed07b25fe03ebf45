/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "id-list.h"
#include "outbox.h"

/* A walk through the sessions that the daemon lists, page by page: which are new, which of those that wait are over, and which
 * will never be. It changes the outbox, and asks nothing itself. */

#define WALK_PAGE 100U

/* The reply to ListSessions(). */
typedef struct WalkRow {
        int64_t session;
        int64_t whole; /* of which it was a part, 0 = of none */
        bool strap, over;
} WalkRow;

typedef struct WalkPage {
        WalkRow row[WALK_PAGE];
        size_t n;
        int64_t last; /* the highest that a session ever had */
} WalkPage;

/* Returns 0, or a negative errno if it is not what ListSessions() behind this one returns. */
int walk_page_read(sd_bus_message *reply, int64_t after, WalkPage *ret);

typedef struct Walk {
        int64_t after; /* the next page is the one behind this session */
        int64_t seen;  /* of the outbox, when it began */
        int64_t last;  /* before its first page -1 */
        IdList before; /* those that waited when it began */
        IdList parts;  /* new ones that were sent already with the whole of which they were parts */
        int64_t ripe[OUTBOX_SENDING_MAX]; /* the first ones that can be sent */
        size_t n_ripe;
        size_t open, announced; /* that wait: not over; not stored yet */
        bool older;             /* the database is an older one than before */
        int64_t no_room; /* the first one that may not even wait, 0 = all may: later walks begin with it */
} Walk;

/* Begins one, through all that wait and all that are new; or only through those that are new. Returns 0 or -ENOMEM; walk_end()
 * must follow in any case. */
int walk_begin(Walk *w, const Outbox *o);
int walk_begin_new(Walk *w, const Outbox *o);
void walk_end(Walk *w);

/* Takes the page behind w->after. Returns 1 if another one is to be asked for, 0 if this was the last, or a negative errno. In an
 * outbox that has not begun only those are to be sent that are not over yet, or that came to be after the walk's first page. */
int walk_take(Walk *w, Outbox *o, const WalkPage *page);
