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
 * One reply to Notify is awaited at a time. What is wanted meanwhile is kept as one wish, the newest, and carried out
 * once the id is known: so a late id can neither lead to a second notification nor leave a critical one standing. After
 * NOTIFICATION_PATIENCE_USEC without a reply the call is not awaited any more, but a late id is still handled: if the
 * notice is not wanted any more, or another one stands by then, that id is closed.
 *
 * A notice that is refused or not answered is tried again after a growing pause, until it is shown, another one is
 * wanted, or it is of no use any more. What stands meanwhile stays only if it is still true: an alert that its end could
 * not replace is closed. When the server exits, its ids are void, and an alert that stood is shown again on the next
 * server. */

#define NOTIFICATION_PATIENCE_USEC (5 * USEC_PER_SEC)
/* Calls whose reply is still waited for, the awaited one among them; while there are this many, no new one is made. */
#define NOTIFICATION_CALLS_MAX 5U
/* Without a reply for this long there will be none. */
#define NOTIFICATION_LATE_USEC (10 * USEC_PER_MIN)
/* A notice is tried this often, for about eight minutes; a transient one no longer than NOTIFICATION_PASSING_USEC. */
#define NOTIFICATION_TRIES_MAX    16U
#define NOTIFICATION_PASSING_USEC (10 * USEC_PER_SEC)

#define NOTIFICATIONS_NAME      "org.freedesktop.Notifications"
#define NOTIFICATIONS_PATH      "/org/freedesktop/Notifications"
#define NOTIFICATIONS_INTERFACE "org.freedesktop.Notifications"

#define NOTIFICATIONS_APPLICATION "Cardio" /* as the .desktop file has it */
/* The name of the .desktop file without its ending, and of the icon. */
#define NOTIFICATIONS_DESKTOP_ENTRY "org.cardiod.Cardio"

/* Action keys. */
#define ACTION_SNOOZE    "snooze"
#define ACTION_MUTE      "mute"
#define ACTION_TALK      "could-talk"
#define ACTION_NO_TALK   "could-not-talk"
#define ACTION_NOT_A_RUN "not-a-run"
#define ACTION_REPORT    "default" /* a click on it; some servers show it as a button, with its label */

typedef enum Wish {
        WISH_NOTHING,
        WISH_SHOW,
        WISH_CLOSE,
        _WISH_MAX,
        _WISH_INVALID = -EINVAL,
} Wish;

/* One call of Notify. */
typedef struct NotificationCall {
        struct Notification *notification;
        sd_bus_slot *slot; /* NULL = free */
        NoticeType type;
        NoticeButtons buttons;
        bool report;
        bool sound; /* the server is asked to sound it */
        int64_t session;
        uint32_t replaces; /* 0 = none */
        uint64_t wish;     /* the number of the wish that it carries out */
} NotificationCall;

typedef struct Notification {
        sd_event *event;               /* borrowed, as are bus and closing */
        sd_bus *bus;                   /* NULL = not connected */
        Closing *closing;              /* notifications that are being closed */
        void (*ready)(void *userdata); /* a pause is over: call notification_advance() */
        /* A notice that had a sound is shown, and sounded by the server; or it is not going to sound it. */
        void (*sounded)(void *userdata, NoticeType type, bool by_server);
        /* The wanted notice is shown, or, with a reason, is not yet. */
        void (*shown_to)(void *userdata, NoticeType type, const char *reason);
        void *userdata;

        bool sounds;           /* the server has sounds */
        bool actions;          /* the server has buttons */
        const char *snooze;    /* the label of that one, borrowed */
        uint32_t id;           /* on the screen, 0 = none */
        NoticeType shown;      /* what it shows */
        int64_t session;       /* the session it is, or was last, about */
        uint32_t button_id;    /* shown last with buttons; still valid for a click that crosses its end */
        NoticeButtons buttons; /* which it had then … */
        bool report;           /* … and whether a click opens the report */
        int64_t button_session;

        NotificationCall call[NOTIFICATION_CALLS_MAX];
        NotificationCall *awaited; /* one of call[], NULL = none */
        sd_event_source *patience;

        Wish wish;
        uint64_t number; /* of the newest wish, even after it is carried out */
        uint64_t done;   /* the number of the wish that was shown last */
        Notice next;     /* of the newest WISH_SHOW */
        usec_t wished_usec;
        unsigned tries; /* failed ones */
        bool reported;  /* stderr has a line that it is not shown */
        sd_event_source *pause;
} Notification;

/* Wishes to show it; call notification_advance() then. */
void notification_show(Notification *n, const Notice *notice);
void notification_close(Notification *n);

/* Carries out the wish, unless a reply is awaited. */
void notification_advance(Notification *n);

/* The wanted notice cannot be shown now, for this reason: it is tried again after a pause. */
void notification_put_off(Notification *n, const char *reason);

/* Ends the pause, since trying again makes sense now; call notification_advance() then. */
void notification_end_pause(Notification *n);

/* The server is not to sound the wanted notice. */
void notification_silence(Notification *n);

/* The server, or the bus, is gone, and its ids with it. Call notification_advance() then. */
void notification_forget(Notification *n);

/* The server has closed it. */
void notification_closed(Notification *n, uint32_t id);

/* Whether it was shown last with that action: a click on a notification that has none may be told as "default", too. */
bool notification_offers(const Notification *n, const char *key);

/* Whether a reply that may bring an id is still to come. */
bool notification_busy(const Notification *n);

/* Whether the wish waits for its pause to end. */
static inline bool notification_pauses(const Notification *n)
{
        return n->pause != NULL;
}

/* Frees all slots and timers. */
void notification_clear(Notification *n);
