/* SPDX-License-Identifier: MIT */

/* The life of one notification; the diagram is in the header. Waiting runs on CLOCK_MONOTONIC. */

#include "bubble.h"

#include <string.h>
#include <time.h>

#include "cardio/macro.h"

#include "client/markup.h"
#include "pause.h"
#include "say.h"

#define NO_ANSWER "the notification server does not answer"

/* How each kind of notice looks. Urgency: 0 low, 1 normal, 2 critical; expire in ms, 0 = never, -1 = as the
 * server likes. */
static const struct Style {
        const char *icon, *category;
        uint8_t urgency;
        bool transient;
        int32_t expire;
} styles[_NOTICE_TYPE_MAX] = {
        [NOTICE_OVER_LIMIT] = { "dialog-warning", "x-cardiod.over-limit", 2, false, 0 },
        [NOTICE_BACK_IN_RANGE] = { "dialog-information", "x-cardiod.back-in-range", 0, true, 5000 },
        [NOTICE_SESSION_ENDED] = { "dialog-information", "x-cardiod.session-ended", 1, false, -1 },
        [NOTICE_ADVICE] = { "dialog-information", "x-cardiod.advice", 1, false, -1 },
        [NOTICE_TALK_TEST] = { "dialog-question", "x-cardiod.talk-test", 1, false, -1 },
        [NOTICE_CUE] = { "dialog-information", "x-cardiod.cue", 1, true, -1 },
        [NOTICE_NOT_SNOOZED] = { "dialog-error", "x-cardiod.not-snoozed", 1, true, 10000 },
        [NOTICE_NOT_NOTED] = { "dialog-error", "x-cardiod.not-noted", 1, true, 10000 },
};

/* Without the figures: stderr is a log. */
static void say_not_shown(const Notice *n, const char *reason)
{
        say("%s: not shown on the desktop: %s", notice_type_to_string(n->type), reason);
}

/* It says what is so now: it must not stay when something else is so. */
static bool is_of_the_moment(NoticeType type)
{
        return type == NOTICE_OVER_LIMIT || type == NOTICE_CUE;
}

static usec_t bubble_now(const Bubble *b)
{
        uint64_t now = 0;

        (void)sd_event_now(b->event, CLOCK_MONOTONIC, &now); /* fails only for a clock it does not know */
        return now;
}

/* -- What failed ----------------------------------------------------------------------------------------- */

/* The wished notice is of no use any more after that much longer. */
static bool bubble_is_past(const Bubble *b, usec_t longer_usec)
{
        return styles[b->next.type].transient &&
               usec_add(usec_sub(bubble_now(b), b->wished_usec), longer_usec) > BUBBLE_PASSING_USEC;
}

static int bubble_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bubble *b = userdata;

        (void)source;
        (void)usec;
        bubble_hurry(b);
        b->ready(b->userdata);
        return 0;
}

void bubble_hurry(Bubble *b)
{
        b->pause = sd_event_source_disable_unref(b->pause);
}

void bubble_put_off(Bubble *b, const char *reason)
{
        usec_t pause;

        if (!b->told)
                say_not_shown(&b->next, reason);
        b->told = true;
        b->wish = WISH_NOTHING;
        bubble_hurry(b);
        b->tries++;
        pause = pause_usec(b->tries);
        if (b->tries < BUBBLE_TRIES_MAX && !bubble_is_past(b, pause) &&
                        sd_event_add_time_relative(b->event, &b->pause, CLOCK_MONOTONIC, pause, 0,
                                        bubble_on_pause, b) >= 0)
                b->wish = WISH_SHOW;
}

static void bubble_take_off(Bubble *b)
{
        if (b->id != 0)
                closing_add(b->closing, b->id, true);
        b->id = 0;
}

static void bubble_await_no_more(Bubble *b)
{
        b->awaited = NULL;
        b->patience = sd_event_source_disable_unref(b->patience);
}

/* Whatever stood before stands still, under its old id. */
static void bubble_failed(Bubble *b, const BubbleCall *call, const char *reason)
{
        bool renewed = b->shown == NOTICE_OVER_LIMIT && call->type == NOTICE_OVER_LIMIT;

        if (is_of_the_moment(b->shown) && !renewed)
                bubble_take_off(b);
        if (call->wish == b->number)
                bubble_put_off(b, reason);
}

void bubble_forget(Bubble *b)
{
        bool stood = b->id != 0 && b->shown == NOTICE_OVER_LIMIT && b->wish == WISH_NOTHING, lost = false;

        for (size_t i = 0; i < BUBBLE_CALLS_MAX; i++) {
                lost = lost || (b->call[i].slot && b->call[i].wish == b->number && b->done != b->number);
                b->call[i].slot = sd_bus_slot_unref(b->call[i].slot);
        }
        bubble_await_no_more(b);
        b->id = 0;
        b->button_id = 0;
        if (b->wish == WISH_CLOSE)
                b->wish = WISH_NOTHING;
        if (lost && b->wish == WISH_NOTHING) {
                bubble_put_off(b, "the notification server is gone");
        } else if (stood && b->tries < BUBBLE_TRIES_MAX) {
                b->tries++; /* it may be our notice that brings the server down */
                b->done = 0;
                b->wish = WISH_SHOW;
        }
}

void bubble_closed(Bubble *b, uint32_t id)
{
        if (b->id == id)
                b->id = 0;
}

/* -- Notify ---------------------------------------------------------------------------------------------- */

static int bubble_on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bubble *b = userdata;
        const BubbleCall *call = b->awaited;

        (void)source;
        (void)usec;
        bubble_await_no_more(b);
        bubble_failed(b, call, NO_ANSWER);
        b->ready(b->userdata);
        return 0;
}

static void bubble_shown(Bubble *b, const BubbleCall *call, uint32_t id)
{
        closing_closed(b->closing, id); /* what had this id before */
        /* A server that gives another id than the one to replace has no such notification any more, or
         * knows nothing of replacing. */
        if (call->replaces != 0 && call->replaces != id)
                closing_add(b->closing, call->replaces, false);
        b->id = id;
        b->shown = call->type;
        b->session = call->session;
        if (call->buttons) {
                b->button_id = id;
                b->button_session = call->session;
        }
        if (call->wish != b->number)
                return;
        if (b->told)
                say("%s: shown on the desktop now", notice_type_to_string(call->type));
        b->told = false;
        b->done = b->number;
        b->wish = WISH_NOTHING;
        bubble_hurry(b);
}

/* The id of a call that is not awaited any more. It may be what is wanted still, or already replaced. */
static void bubble_shown_late(Bubble *b, const BubbleCall *call, uint32_t id)
{
        bubble_hurry(b); /* the server answers again */
        if (id == b->id)
                return;
        if (call->wish == b->number && b->done != b->number && b->id == 0 && !b->awaited &&
                        !closing_has(b->closing, id))
                bubble_shown(b, call, id);
        else
                closing_add(b->closing, id, true);
}

static int bubble_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        BubbleCall *call = userdata;
        Bubble *b = call->bubble;
        bool awaited = b->awaited == call;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        const char *error = NULL;
        uint32_t id = 0;

        (void)ret_error;
        call->slot = sd_bus_slot_unref(call->slot);
        if (awaited)
                bubble_await_no_more(b);
        if (e)
                error = e->message ? e->message : e->name;
        else if (sd_bus_message_read(m, "u", &id) < 0 || id == 0)
                error = "the notification server gave no id";
        if (!error && awaited)
                bubble_shown(b, call, id);
        else if (!error)
                bubble_shown_late(b, call, id);
        else if (awaited)
                bubble_failed(b, call, error);
        b->ready(b->userdata);
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

static int hints_append(sd_bus_message *m, const struct Style *style)
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
        if (style->transient) {
                r = hint_append(m, "transient", "b", true);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(m);
}

/* Two runs a day have two summaries. */
static uint32_t bubble_replaces(const Bubble *b, const Notice *n)
{
        bool of_a_run = n->type == NOTICE_SESSION_ENDED || n->type == NOTICE_TALK_TEST;

        return of_a_run && n->session != b->session ? 0 : b->id;
}

static int buttons_append(sd_bus_message *m, NoticeButtons buttons)
{
        switch (buttons) {
        case BUTTONS_ALERT:
                return sd_bus_message_append(
                                m, "as", 4, ACTION_SNOOZE, "Snooze 10 min", ACTION_MUTE, "Mute this run");
        case BUTTONS_TALK_TEST:
                return sd_bus_message_append(
                                m, "as", 4, ACTION_TALK, "I could talk", ACTION_NO_TALK, "I could not");
        case BUTTONS_NOT_A_RUN:
                return sd_bus_message_append(m, "as", 2, ACTION_NOT_A_RUN, "Not a run");
        case BUTTONS_NONE:
        case _BUTTONS_MAX:
        case _BUTTONS_INVALID:
                break;
        }
        return sd_bus_message_append(m, "as", 0);
}

static int bubble_compose(Bubble *b, const Notice *n, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const struct Style *style = &styles[n->type];
        char body[MARKUP_FACTOR * sizeof(n->body)];
        uint32_t replaces = bubble_replaces(b, n);
        int r;

        r = sd_bus_message_new_method_call(b->bus, &m, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                        NOTIFICATIONS_INTERFACE, "Notify");
        if (r < 0)
                return r;
        /* Escaped even for a server without markup: one that shows an entity is better than one that obeys
         * a tag. */
        r = sd_bus_message_append(m, "susss", NOTIFICATIONS_APPLICATION, replaces, style->icon, n->summary,
                        markup_escape(n->body, MARKUP_QUOTES_KEEP, body, sizeof(body)));
        if (r < 0)
                return r;
        r = buttons_append(m, b->actions ? n->buttons : BUTTONS_NONE);
        if (r < 0)
                return r;
        r = hints_append(m, style);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "i", style->expire);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

static BubbleCall *bubble_free_call(Bubble *b)
{
        for (size_t i = 0; i < BUBBLE_CALLS_MAX; i++)
                if (!b->call[i].slot)
                        return &b->call[i];
        return NULL;
}

static int bubble_send(Bubble *b, BubbleCall *call)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = bubble_compose(b, &b->next, &m);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        b->event, &b->patience, CLOCK_MONOTONIC, BUBBLE_PATIENCE_USEC, 0, bubble_on_late, b);
        if (r < 0)
                return r;
        *call = (BubbleCall){
                .bubble = b,
                .type = b->next.type,
                .buttons = b->next.buttons != BUTTONS_NONE,
                .session = b->next.session,
                .replaces = bubble_replaces(b, &b->next),
                .wish = b->number,
        };
        b->awaited = call;
        r = sd_bus_call_async(b->bus, &call->slot, m, bubble_on_reply, call, BUBBLE_LATE_USEC);
        if (r < 0)
                bubble_await_no_more(b);
        return r;
}

static void bubble_try(Bubble *b)
{
        BubbleCall *call = bubble_free_call(b);
        int r;

        if (!call) {
                bubble_put_off(b, NO_ANSWER);
                return;
        }
        b->wish = WISH_NOTHING;
        if (bubble_is_past(b, 0)) {
                if (!b->told)
                        say_not_shown(&b->next, NO_ANSWER);
                return;
        }
        r = bubble_send(b, call);
        if (r < 0)
                bubble_put_off(b, strerror(-r));
}

/* -- Wishes ---------------------------------------------------------------------------------------------- */

void bubble_advance(Bubble *b)
{
        if (b->awaited)
                return;
        switch (b->wish) {
        case WISH_SHOW:
                if (!bubble_pauses(b))
                        bubble_try(b);
                break;
        case WISH_CLOSE:
                b->wish = WISH_NOTHING;
                bubble_take_off(b);
                break;
        case WISH_NOTHING:
        case _WISH_MAX:
        case _WISH_INVALID:
                break;
        }
}

static void bubble_wish(Bubble *b, Wish wish)
{
        b->wish = wish;
        b->number++;
        b->wished_usec = bubble_now(b);
        b->tries = 0;
        b->told = false;
        bubble_hurry(b);
}

void bubble_show(Bubble *b, const Notice *n)
{
        b->next = *n;
        bubble_wish(b, WISH_SHOW);
}

void bubble_close(Bubble *b)
{
        bubble_wish(b, WISH_CLOSE);
        bubble_advance(b);
}

bool bubble_busy(const Bubble *b)
{
        for (size_t i = 0; i < BUBBLE_CALLS_MAX; i++)
                if (b->call[i].slot)
                        return true;
        return false;
}

void bubble_clear(Bubble *b)
{
        for (size_t i = 0; i < BUBBLE_CALLS_MAX; i++)
                b->call[i].slot = sd_bus_slot_unref(b->call[i].slot);
        bubble_await_no_more(b);
        bubble_hurry(b);
}
