/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"

#include "closing.h"
#include "notice.h"

/* One notification on the desktop, over its whole life.
 *
 *           show                    reply
 *   EMPTY ────────▶ CALLING ──────────────────▶ STANDING ──▶ (show: CALLING, with replaces_id)
 *     ▲               │  ▲                        │
 *     │ refused, late │  │ pause over             │ closed by the runner, by the server or by us
 *     │               ▼  │                        │
 *     │              PAUSE                        │
 *     └────────────────┴──────────────────────────┘
 *
 * One Notify is awaited at a time. What is wanted meanwhile is kept as one wish, the newest, and carried out
 * when the id is known: so a late id can neither make a second bubble nor leave a critical one standing. A
 * call that is not answered within BUBBLE_PATIENCE_USEC is awaited no longer, but its late id is still heard:
 * if the notice is not wanted any more, or another one stands by then, that id is closed.
 *
 * A notice that is refused or not answered is shown again after a growing pause, until it was shown, another
 * one is wanted, or it is of no use any more. What stands meanwhile stays only if it is still true: an alert
 * that its end could not replace is closed. When the server goes, its ids go with it, and an alert that
 * stood is shown anew on the next one. */

#define BUBBLE_PATIENCE_USEC (5 * USEC_PER_SEC)
/* Calls whose answer is still heard, the one awaited among them; while there are as many, no further one is
 * made. */
#define BUBBLE_CALLS_MAX 5U
/* After this long without an answer there will be none. */
#define BUBBLE_LATE_USEC (10 * USEC_PER_MIN)
/* A notice is tried so often, for about eight minutes; one that passes by itself, no longer than this. */
#define BUBBLE_TRIES_MAX    16U
#define BUBBLE_PASSING_USEC (10 * USEC_PER_SEC)

#define NOTIFICATIONS_NAME      "org.freedesktop.Notifications"
#define NOTIFICATIONS_PATH      "/org/freedesktop/Notifications"
#define NOTIFICATIONS_INTERFACE "org.freedesktop.Notifications"

#define NOTIFICATIONS_APPLICATION "cardiod"

/* Action keys. */
#define ACTION_SNOOZE    "snooze"
#define ACTION_MUTE      "mute"
#define ACTION_TALK      "could-talk"
#define ACTION_NO_TALK   "could-not-talk"
#define ACTION_NOT_A_RUN "not-a-run"

typedef enum Wish {
        WISH_NOTHING,
        WISH_SHOW,
        WISH_CLOSE,
        _WISH_MAX,
        _WISH_INVALID = -EINVAL,
} Wish;

/* One Notify. */
typedef struct BubbleCall {
        struct Bubble *bubble;
        sd_bus_slot *slot; /* NULL = free */
        NoticeType type;
        bool buttons;
        int64_t session;
        uint32_t replaces; /* 0 = none */
        uint64_t wish;     /* the number of the wish it carries out */
} BubbleCall;

typedef struct Bubble {
        sd_event *event;               /* borrowed, as are bus and closing */
        sd_bus *bus;                   /* NULL = not connected */
        Closing *closing;              /* what is to leave the screen */
        void (*ready)(void *userdata); /* a pause is over: bubble_advance() is due */
        void *userdata;

        bool actions;       /* the server has buttons */
        uint32_t id;        /* standing, 0 = none */
        NoticeType shown;   /* by it */
        int64_t session;    /* what it is, or was last, about */
        uint32_t button_id; /* shown last with buttons; good for a click that crossed its end */
        int64_t button_session;

        BubbleCall call[BUBBLE_CALLS_MAX];
        BubbleCall *awaited; /* one of them, NULL = none */
        sd_event_source *patience;

        Wish wish;
        uint64_t number; /* of the newest wish, also when it is carried out */
        uint64_t done;   /* of the one that was shown last */
        Notice next;     /* of the newest WISH_SHOW */
        usec_t wished_usec;
        unsigned tries; /* that failed */
        bool told;      /* that it is not shown */
        sd_event_source *pause;
} Bubble;

/* The wish to show it; bubble_advance() is due. */
void bubble_show(Bubble *b, const Notice *n);
void bubble_close(Bubble *b);

/* Carries out the wish, if nothing is awaited. */
void bubble_advance(Bubble *b);

/* A wished notice cannot be shown now, for this reason: it is tried again after a pause. */
void bubble_put_off(Bubble *b, const char *reason);

/* There is reason to try at once; bubble_advance() is due. */
void bubble_hurry(Bubble *b);

/* The server, or the bus, is gone: its ids mean nothing any more. bubble_advance() is due. */
void bubble_forget(Bubble *b);

/* The server closed it. */
void bubble_closed(Bubble *b, uint32_t id);

/* An answer that may bring an id is still to come. */
bool bubble_busy(const Bubble *b);

/* Whether the wish has to wait for its pause. */
static inline bool bubble_pauses(const Bubble *b)
{
        return b->pause != NULL;
}

/* Lets go of everything. */
void bubble_clear(Bubble *b);
