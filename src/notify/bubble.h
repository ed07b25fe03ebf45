/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"

#include "notice.h"

/* One notification on the desktop, over its whole life.
 *
 *           show                    reply
 *   EMPTY ────────▶ CALLING ──────────────────▶ STANDING ──▶ (show: CALLING, with replaces_id)
 *     ▲                │  ▲                       │
 *     │  error         │  └─ a wish came meanwhile│ closed by the runner, by the server or by us
 *     └────────────────┴──────────────────────────┘
 *
 * One Notify is under way at a time. What is wanted meanwhile is kept as one wish, the newest, and carried
 * out when the id is known: so a late id can neither make a second bubble nor leave a critical one
 * standing. That is also why a call has no time limit of its own: after BUBBLE_PATIENCE_USEC it is told
 * that nothing is shown, but its late id is still heard, and acted on. When the server goes, its ids go
 * with it. */

#define BUBBLE_PATIENCE_USEC (5 * USEC_PER_SEC)

#define NOTIFICATIONS_NAME      "org.freedesktop.Notifications"
#define NOTIFICATIONS_PATH      "/org/freedesktop/Notifications"
#define NOTIFICATIONS_INTERFACE "org.freedesktop.Notifications"

/* Action keys. */
#define ACTION_SNOOZE "snooze"
#define ACTION_MUTE   "mute"

typedef enum Wish {
        WISH_NOTHING,
        WISH_SHOW,
        WISH_CLOSE,
        _WISH_MAX,
        _WISH_INVALID = -EINVAL,
} Wish;

typedef struct Bubble {
        sd_event *event;    /* borrowed, as is bus */
        sd_bus *bus;        /* NULL = not connected */
        bool actions;       /* the server has buttons */
        uint32_t id;        /* standing, 0 = none */
        int64_t session;    /* what it is, or was last, about */
        uint32_t button_id; /* shown last with buttons; good for a click that crossed its end */
        int64_t button_session;
        sd_bus_slot *call; /* Notify under way */
        Notice sent;       /* by it */
        sd_event_source *patience;
        bool late; /* it has run out */
        Wish wish;
        Notice next; /* with WISH_SHOW */
} Bubble;

/* The wish to show it; bubble_advance() is due. */
void bubble_show(Bubble *b, const Notice *n);
void bubble_close(Bubble *b);

/* Carries out the wish, if nothing is under way. */
void bubble_advance(Bubble *b);

/* The server, or the bus, is gone: its ids mean nothing any more. A notice under way is lost, a wish
 * stays. */
void bubble_forget(Bubble *b);

/* A wished notice cannot be shown, for this reason. */
void bubble_give_up(Bubble *b, const char *reason);

/* The server closed it. */
void bubble_closed(Bubble *b, uint32_t id);
