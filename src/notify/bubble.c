/* SPDX-License-Identifier: MIT */

/* The life of one notification; the diagram is in the header. Waiting runs on CLOCK_MONOTONIC. */

#include "bubble.h"

#include <string.h>
#include <time.h>

#include "cardio/macro.h"

#include "say.h"

#define APPLICATION "cardiod"
#define NO_ANSWER   "the notification server does not answer"

/* How each kind of notice looks. Urgency: 0 low, 1 normal, 2 critical; expire in ms, 0 = never, -1 = as the
 * server likes. */
static const struct Style {
        const char *icon, *category;
        uint8_t urgency;
        bool transient, buttons;
        int32_t expire;
} styles[_NOTICE_TYPE_MAX] = {
        [NOTICE_OVER_LIMIT] = { "dialog-warning", "x-cardiod.over-limit", 2, false, true, 0 },
        [NOTICE_BACK_IN_RANGE] = { "dialog-information", "x-cardiod.back-in-range", 0, true, false, 5000 },
        [NOTICE_SESSION_ENDED] = { "dialog-information", "x-cardiod.session-ended", 1, false, false, -1 },
        [NOTICE_ADVICE] = { "dialog-information", "x-cardiod.advice", 1, false, false, -1 },
        [NOTICE_CUE] = { "dialog-information", "x-cardiod.cue", 1, true, false, -1 },
        [NOTICE_NOT_SNOOZED] = { "dialog-error", "x-cardiod.not-snoozed", 1, true, false, 10000 },
};

/* Without the figures: stderr is a log. */
static void say_not_shown(const Notice *n, const char *reason)
{
        say("%s: not shown on the desktop: %s", notice_type_to_string(n->type), reason);
}

void bubble_give_up(Bubble *b, const char *reason)
{
        if (b->wish == WISH_SHOW)
                say_not_shown(&b->next, reason);
        b->wish = WISH_NOTHING;
}

static void bubble_settle(Bubble *b)
{
        b->call = sd_bus_slot_unref(b->call);
        b->patience = sd_event_source_disable_unref(b->patience);
        b->late = false;
}

void bubble_forget(Bubble *b)
{
        if (b->call && !b->late)
                say_not_shown(&b->sent, "the notification server is gone");
        bubble_settle(b);
        b->id = 0;
        b->button_id = 0;
        if (b->wish == WISH_CLOSE)
                b->wish = WISH_NOTHING;
}

void bubble_closed(Bubble *b, uint32_t id)
{
        if (b->id == id)
                b->id = 0;
}

static int bubble_on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bubble *b = userdata;

        (void)source;
        (void)usec;
        b->late = true;
        say_not_shown(&b->sent, NO_ANSWER);
        if (b->wish == WISH_SHOW)
                say_not_shown(&b->next, NO_ANSWER); /* and yet kept: it is what is to replace the late one */
        return 0;
}

static int bubble_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Bubble *b = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        const char *error = NULL;
        bool late = b->late;
        uint32_t id = 0;

        (void)ret_error;
        bubble_settle(b);
        /* On an error whatever stood before stands still, under its old id. */
        if (e)
                error = e->message ? e->message : e->name;
        else if (sd_bus_message_read(m, "u", &id) < 0 || id == 0)
                error = "the notification server gave no id";
        if (error) {
                if (!late)
                        say_not_shown(&b->sent, error);
        } else {
                b->id = id;
                b->session = b->sent.session;
                if (styles[b->sent.type].buttons) {
                        b->button_id = id;
                        b->button_session = b->sent.session;
                }
        }
        bubble_advance(b);
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

static int bubble_compose(Bubble *b, const Notice *n, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const struct Style *style = &styles[n->type];
        char body[5 * sizeof(n->body)];
        /* Two runs a day have two summaries. */
        uint32_t replaces = n->type == NOTICE_SESSION_ENDED && n->session != b->session ? 0 : b->id;
        int r;

        r = sd_bus_message_new_method_call(b->bus, &m, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                        NOTIFICATIONS_INTERFACE, "Notify");
        if (r < 0)
                return r;
        /* Escaped even for a server without markup: one that shows an entity is better than one that obeys
         * a tag. */
        r = sd_bus_message_append(m, "susss", APPLICATION, replaces, style->icon, n->summary,
                        markup_escape(n->body, body, sizeof(body)));
        if (r < 0)
                return r;
        r = style->buttons && b->actions ? sd_bus_message_append(m, "as", 4, ACTION_SNOOZE, "Snooze 10 min",
                                                           ACTION_MUTE, "Mute this run")
                                         : sd_bus_message_append(m, "as", 0);
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

static int bubble_send(Bubble *b, const Notice *n)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = bubble_compose(b, n, &m);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        b->event, &b->patience, CLOCK_MONOTONIC, BUBBLE_PATIENCE_USEC, 0, bubble_on_late, b);
        if (r < 0)
                return r;
        r = sd_bus_call_async(b->bus, &b->call, m, bubble_on_reply, b, UINT64_MAX);
        if (r < 0) {
                bubble_settle(b);
                return r;
        }
        b->sent = *n;
        return 0;
}

/* Nothing hangs on the answer: the server works off our calls in order, and an id that is gone already is
 * no matter. */
static void bubble_send_close(Bubble *b)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uint32_t id = b->id;

        b->id = 0;
        if (id == 0 || !b->bus)
                return;
        if (sd_bus_message_new_method_call(b->bus, &m, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                            NOTIFICATIONS_INTERFACE, "CloseNotification") < 0 ||
                        sd_bus_message_append(m, "u", id) < 0 ||
                        sd_bus_message_set_auto_start(m, false) < 0 ||
                        sd_bus_message_set_expect_reply(m, false) < 0 || sd_bus_send(b->bus, m, NULL) < 0)
                say("cannot close a notification");
}

void bubble_advance(Bubble *b)
{
        Wish wish = b->wish;
        int r;

        if (b->call)
                return;
        b->wish = WISH_NOTHING;
        switch (wish) {
        case WISH_SHOW:
                r = bubble_send(b, &b->next);
                if (r < 0)
                        say_not_shown(&b->next, strerror(-r));
                break;
        case WISH_CLOSE:
                bubble_send_close(b);
                break;
        case WISH_NOTHING:
        case _WISH_MAX:
        case _WISH_INVALID:
                break;
        }
}

void bubble_show(Bubble *b, const Notice *n)
{
        if (b->late)
                say_not_shown(n, NO_ANSWER);
        b->next = *n;
        b->wish = WISH_SHOW;
}

void bubble_close(Bubble *b)
{
        b->wish = WISH_CLOSE;
        bubble_advance(b);
}
