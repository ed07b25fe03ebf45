/* SPDX-License-Identifier: MIT */

/* The life of one notification; the diagram is in the header. Timers run on CLOCK_MONOTONIC. */

#include "notification.h"

#include <string.h>
#include <time.h>

#include "cardio/macro.h"

#include "cardio/markup.h"
#include "shared/clock.h"
#include "pause.h"
#include "say.h"

/* The server sounds nothing that is older. */
#define NOTIFICATION_NEWS_USEC (5 * USEC_PER_SEC)

#define NO_ANSWER "the notification server does not answer"

/* How each type of notice is shown. Urgency: 0 low, 1 normal, 2 critical; expire in ms, 0 = never, -1 = as the server likes.
 * None is of low urgency: GNOME would neither show nor sound it, and keep it in its list. */
static const struct Style {
        const char *category;
        uint8_t urgency;
        bool transient;
        int32_t expire;
} styles[_NOTICE_TYPE_MAX] = {
        [NOTICE_OVER_LIMIT] = { "x-cardiod.over-limit", 2, false, 0 },
        [NOTICE_BACK_IN_RANGE] = { "x-cardiod.back-in-range", 1, true, 5000 },
        [NOTICE_OVER_PACE] = { "x-cardiod.over-pace", 2, false, 0 },
        [NOTICE_PACE_IN_RANGE] = { "x-cardiod.pace-in-range", 1, true, 5000 },
        [NOTICE_SESSION_ENDED] = { "x-cardiod.session-ended", 1, false, -1 },
        [NOTICE_ADVICE] = { "x-cardiod.advice", 1, false, -1 },
        [NOTICE_TALK_TEST] = { "x-cardiod.talk-test", 1, false, -1 },
        [NOTICE_CUE] = { "x-cardiod.cue", 1, true, -1 },
        [NOTICE_STRAP_LOST] = { "x-cardiod.trouble", 2, false, 0 },
        [NOTICE_STRAP_BACK] = { "x-cardiod.trouble-over", 1, true, 5000 },
        [NOTICE_DISK_REFUSES] = { "x-cardiod.trouble", 2, false, 0 },
        [NOTICE_DISK_WRITES] = { "x-cardiod.trouble-over", 1, true, 5000 },
        [NOTICE_TROUBLE] = { "x-cardiod.trouble", 1, false, -1 },
        [NOTICE_NOT_SNOOZED] = { "x-cardiod.not-snoozed", 1, true, 10000 },
        [NOTICE_NOT_NOTED] = { "x-cardiod.not-noted", 1, true, 10000 },
};

/* Without heart rates: stderr may be a log. */
static void say_not_shown(const Notice *notice, const char *reason)
{
        say("%s: not shown on the desktop: %s", notice_type_to_string(notice->type), reason);
}

/* It describes the present moment, so it must not stay once that has changed. */
static bool is_of_the_moment(NoticeType type)
{
        return type == NOTICE_OVER_LIMIT || type == NOTICE_OVER_PACE || type == NOTICE_CUE ||
               type == NOTICE_STRAP_LOST || type == NOTICE_DISK_REFUSES;
}

/* It stays until it is over, whatever becomes of the server. */
static bool is_lasting(NoticeType type)
{
        return is_of_the_moment(type) && !styles[type].transient;
}

static usec_t notification_now(const Notification *n)
{
        uint64_t now = 0;

        (void)sd_event_now(n->event, CLOCK_MONOTONIC, &now); /* fails only for a clock it does not know */
        return now;
}

/* -- What failed ----------------------------------------------------------------------------------------- */

/* After that much longer the wanted notice is of no use any more. */
static bool notification_is_outdated(const Notification *n, usec_t longer_usec)
{
        return styles[n->next.type].transient && usec_add(usec_sub(notification_now(n), n->wished_usec),
                                                                 longer_usec) > NOTIFICATION_PASSING_USEC;
}

static int notification_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        Notification *n = userdata;

        (void)source;
        (void)usec;
        notification_end_pause(n);
        n->ready(n->userdata);
        return 0;
}

void notification_end_pause(Notification *n)
{
        n->pause = sd_event_source_disable_unref(n->pause);
}

void notification_silence(Notification *n)
{
        if (!n->next.sound)
                return;
        n->next.sound = NULL;
        n->sounded(n->userdata, n->next.type, false);
}

void notification_put_off(Notification *n, const char *reason)
{
        usec_t pause;

        notification_silence(n);
        n->shown_to(n->userdata, n->next.type, reason);
        if (!n->reported)
                say_not_shown(&n->next, reason);
        n->reported = true;
        n->wish = WISH_NOTHING;
        notification_end_pause(n);
        n->tries++;
        pause = pause_usec(n->tries);
        if (n->tries < NOTIFICATION_TRIES_MAX && !notification_is_outdated(n, pause) &&
                        sd_event_add_time_relative(n->event, &n->pause, CLOCK_MONOTONIC, pause, 0,
                                        notification_on_pause, n) >= 0)
                n->wish = WISH_SHOW;
}

static void notification_withdraw(Notification *n)
{
        if (n->id != 0)
                closing_add(n->closing, n->id, true);
        n->id = 0;
}

static void notification_stop_awaiting(Notification *n)
{
        n->awaited = NULL;
        n->patience = sd_event_source_disable_unref(n->patience);
}

/* What was shown before stays, under its old id. */
static void notification_failed(Notification *n, const NotificationCall *call, const char *reason)
{
        bool renewed = is_lasting(n->shown) && call->type == n->shown;

        if (is_of_the_moment(n->shown) && !renewed)
                notification_withdraw(n);
        if (call->wish == n->number)
                notification_put_off(n, reason);
}

void notification_forget(Notification *n)
{
        bool stood = n->id != 0 && is_lasting(n->shown) && n->wish == WISH_NOTHING, lost = false;

        for (size_t i = 0; i < NOTIFICATION_CALLS_MAX; i++) {
                lost = lost || (n->call[i].slot && n->call[i].wish == n->number && n->done != n->number);
                n->call[i].slot = sd_bus_slot_unref(n->call[i].slot);
        }
        notification_stop_awaiting(n);
        n->id = 0;
        n->button_id = 0;
        if (n->wish == WISH_CLOSE)
                n->wish = WISH_NOTHING;
        if (lost && n->wish == WISH_NOTHING) {
                notification_put_off(n, "the notification server is gone");
        } else if (stood && n->tries < NOTIFICATION_TRIES_MAX) {
                n->tries++; /* our notice may be what crashes the server */
                n->done = 0;
                n->wish = WISH_SHOW;
        }
}

void notification_closed(Notification *n, uint32_t id)
{
        if (n->id == id)
                n->id = 0;
}

/* -- Notify ---------------------------------------------------------------------------------------------- */

static int notification_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        Notification *n = userdata;
        const NotificationCall *call = n->awaited;

        (void)source;
        (void)usec;
        notification_stop_awaiting(n);
        notification_failed(n, call, NO_ANSWER);
        n->ready(n->userdata);
        return 0;
}

static void notification_shown(Notification *n, const NotificationCall *call, uint32_t id)
{
        closing_closed(n->closing, id); /* whatever had this id before is gone */
        /* A server that returns another id than the one to replace no longer has that notification, or cannot replace any. */
        if (call->replaces != 0 && call->replaces != id)
                closing_add(n->closing, call->replaces, false);
        n->id = id;
        n->shown = call->type;
        n->session = call->session;
        if (call->sound)
                n->sounded(n->userdata, call->type, true);
        if (call->buttons != BUTTONS_NONE || call->report) {
                n->button_id = id;
                n->buttons = call->buttons;
                n->report = call->report;
                n->button_session = call->session;
        }
        if (call->wish != n->number)
                return;
        if (n->reported)
                say("%s: shown on the desktop now", notice_type_to_string(call->type));
        n->shown_to(n->userdata, call->type, NULL);
        n->reported = false;
        n->next.sound = NULL; /* shown again, it is no news any more */
        n->done = n->number;
        n->wish = WISH_NOTHING;
        notification_end_pause(n);
}

/* The id from a call that is not awaited any more. It may still be what is wanted, or be replaced already. */
static void notification_shown_late(Notification *n, const NotificationCall *call, uint32_t id)
{
        notification_end_pause(n); /* the server replies again */
        if (id == n->id)
                return;
        if (call->wish == n->number && n->done != n->number && n->id == 0 && !n->awaited &&
                        !closing_has(n->closing, id))
                notification_shown(n, call, id);
        else
                closing_add(n->closing, id, true);
}

static int notification_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        NotificationCall *call = userdata;
        Notification *n = call->notification;
        bool awaited = n->awaited == call;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        const char *error = NULL;
        uint32_t id = 0;

        (void)ret_error;
        call->slot = sd_bus_slot_unref(call->slot);
        if (awaited)
                notification_stop_awaiting(n);
        if (e)
                error = e->message ? e->message : e->name;
        else if (sd_bus_message_read(m, "u", &id) < 0 || id == 0)
                error = "the notification server gave no id";
        if (!error && awaited)
                notification_shown(n, call, id);
        else if (!error)
                notification_shown_late(n, call, id);
        else if (awaited)
                notification_failed(n, call, error);
        n->ready(n->userdata);
        return 0;
}

static int hint_append(sd_bus_message *m, const char *name, const char *type, ...)
{
        va_list ap;
        int r;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", name);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(m, 'v', type);
        if (r < 0)
                return r;
        va_start(ap, type);
        r = sd_bus_message_appendv(m, type, ap);
        va_end(ap);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(m);
}

/* Whether the server is asked to sound it. It may be shown long after it was news. */
static bool notification_has_sound(const Notification *n, const Notice *notice)
{
        return n->sounds && notice->sound &&
               usec_sub(now_boot_usec(), notice->at_boot_usec) <= NOTIFICATION_NEWS_USEC;
}

static int hints_append(sd_bus_message *m, const struct Style *style, const char *sound)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        r = hint_append(m, "urgency", "y", style->urgency);
        if (r < 0)
                return r;
        r = hint_append(m, "category", "s", style->category);
        if (r < 0)
                return r;
        r = hint_append(m, "desktop-entry", "s", NOTIFICATIONS_DESKTOP_ENTRY);
        if (r < 0)
                return r;
        /* Some have a sound of their own for all that is critical. */
        if (sound)
                r = hint_append(m, "sound-name", "s", sound);
        else
                r = hint_append(m, "suppress-sound", "b", true);
        if (r < 0)
                return r;
        if (style->transient) {
                r = hint_append(m, "transient", "b", true);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(m);
}

/* Two runs a day have two summaries: only one of the same run is replaced. */
static uint32_t notification_replaces(const Notification *n, const Notice *notice)
{
        bool of_a_run = notice->type == NOTICE_SESSION_ENDED || notice->type == NOTICE_TALK_TEST;

        return of_a_run && notice->session != n->session ? 0 : n->id;
}

bool notification_offers(const Notification *n, const char *key)
{
        static const struct {
                const char *key;
                NoticeButtons buttons;
        } actions[] = {
                { ACTION_SNOOZE, BUTTONS_ALERT },
                { ACTION_MUTE, BUTTONS_ALERT },
                { ACTION_TALK, BUTTONS_TALK_TEST },
                { ACTION_NO_TALK, BUTTONS_TALK_TEST },
                { ACTION_NOT_A_RUN, BUTTONS_NOT_A_RUN },
        };

        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if (strcmp(key, actions[i].key) == 0)
                        return n->buttons == actions[i].buttons;
        return n->report && strcmp(key, ACTION_REPORT) == 0;
}

static int buttons_append(sd_bus_message *m, NoticeButtons buttons, const char *snooze)
{
        switch (buttons) {
        case BUTTONS_ALERT:
                return sd_bus_message_append(m, "ssss", ACTION_SNOOZE, snooze, ACTION_MUTE, "Mute this run");
        case BUTTONS_TALK_TEST:
                return sd_bus_message_append(
                                m, "ssss", ACTION_TALK, "I could talk", ACTION_NO_TALK, "I could not");
        case BUTTONS_NOT_A_RUN:
                return sd_bus_message_append(m, "ss", ACTION_NOT_A_RUN, "Not a run");
        case BUTTONS_NONE:
        case _BUTTONS_MAX:
        case _BUTTONS_INVALID:
                break;
        }
        return 0;
}

static int actions_append(Notification *n, const Notice *notice, sd_bus_message *m)
{
        int r = sd_bus_message_open_container(m, 'a', "s");

        if (r >= 0 && n->actions && notice->report)
                r = sd_bus_message_append(m, "ss", ACTION_REPORT, "Open the report");
        if (r >= 0 && n->actions)
                r = buttons_append(m, notice->buttons, n->snooze);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int notification_compose(Notification *n, const Notice *notice, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const struct Style *style = &styles[notice->type];
        char body[MARKUP_FACTOR * sizeof(notice->body)];
        uint32_t replaces = notification_replaces(n, notice);
        int r;

        r = sd_bus_message_new_method_call(n->bus, &m, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                        NOTIFICATIONS_INTERFACE, "Notify");
        if (r < 0)
                return r;
        /* Escaped even for a server without markup: showing an entity is better than interpreting a tag. */
        r = sd_bus_message_append(m, "susss", NOTIFICATIONS_APPLICATION, replaces,
                        NOTIFICATIONS_DESKTOP_ENTRY, notice->summary,
                        markup_escape(notice->body, MARKUP_QUOTES_KEEP, body, sizeof(body)));
        if (r < 0)
                return r;
        r = actions_append(n, notice, m);
        if (r < 0)
                return r;
        r = hints_append(m, style, notification_has_sound(n, notice) ? notice->sound : NULL);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "i", style->expire);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

static NotificationCall *notification_free_call(Notification *n)
{
        for (size_t i = 0; i < NOTIFICATION_CALLS_MAX; i++)
                if (!n->call[i].slot)
                        return &n->call[i];
        return NULL;
}

static int notification_send(Notification *n, NotificationCall *call)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = notification_compose(n, &n->next, &m);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(n->event, &n->patience, CLOCK_MONOTONIC, NOTIFICATION_PATIENCE_USEC, 0,
                        notification_on_patience, n);
        if (r < 0)
                return r;
        *call = (NotificationCall){
                .notification = n,
                .type = n->next.type,
                .buttons = n->next.buttons,
                .report = n->next.report,
                .sound = notification_has_sound(n, &n->next),
                .session = n->next.session,
                .replaces = notification_replaces(n, &n->next),
                .wish = n->number,
        };
        n->awaited = call;
        r = sd_bus_call_async(n->bus, &call->slot, m, notification_on_reply, call, NOTIFICATION_LATE_USEC);
        if (r < 0)
                notification_stop_awaiting(n);
        return r;
}

static void notification_try(Notification *n)
{
        NotificationCall *call = notification_free_call(n);
        int r;

        if (!call) {
                notification_put_off(n, NO_ANSWER);
                return;
        }
        n->wish = WISH_NOTHING;
        if (notification_is_outdated(n, 0)) {
                if (!n->reported)
                        say_not_shown(&n->next, NO_ANSWER);
                return;
        }
        r = notification_send(n, call);
        if (r < 0)
                notification_put_off(n, strerror(-r));
}

/* -- Wishes ---------------------------------------------------------------------------------------------- */

void notification_advance(Notification *n)
{
        if (n->awaited)
                return;
        switch (n->wish) {
        case WISH_SHOW:
                if (!notification_pauses(n))
                        notification_try(n);
                break;
        case WISH_CLOSE:
                n->wish = WISH_NOTHING;
                notification_withdraw(n);
                break;
        case WISH_NOTHING:
        case _WISH_MAX:
        case _WISH_INVALID:
                break;
        }
}

static void notification_wish(Notification *n, Wish wish)
{
        n->wish = wish;
        n->number++;
        n->wished_usec = notification_now(n);
        n->tries = 0;
        n->reported = false;
        notification_end_pause(n);
}

void notification_show(Notification *n, const Notice *notice)
{
        n->next = *notice;
        notification_wish(n, WISH_SHOW);
}

void notification_close(Notification *n)
{
        notification_wish(n, WISH_CLOSE);
        notification_advance(n);
}

bool notification_busy(const Notification *n)
{
        for (size_t i = 0; i < NOTIFICATION_CALLS_MAX; i++)
                if (n->call[i].slot)
                        return true;
        return false;
}

void notification_clear(Notification *n)
{
        for (size_t i = 0; i < NOTIFICATION_CALLS_MAX; i++)
                n->call[i].slot = sd_bus_slot_unref(n->call[i].slot);
        notification_stop_awaiting(n);
        notification_end_pause(n);
}
