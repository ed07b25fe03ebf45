/* SPDX-License-Identifier: MIT */
/* Orders of the live view's keys. What is said of one comes from the daemon's answer, never from what was hoped for.
 *
 * Always: one call at a time, with a deadline of its own. Times are of the live clock, and CLOCK_REALTIME for times of day. */
#include "watch/orders.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "client/session-row.h"
#include "watch/live-clock.h"
#include "text.h"

#define SNOOZE_SEC 600U

/* How long words stand: of what was done, and of what was not. */
#define DONE_USEC   (5 * USEC_PER_SEC)
#define FAILED_USEC (8 * USEC_PER_SEC)
/* A little more than the deadline of a call: then not even that has come. */
#define LOST_USEC (12 * USEC_PER_SEC)

struct Orders {
        Follower *follower;
        Live *live;
        void (*func)(void *userdata);
        void *userdata;
        sd_bus_slot *slot; /* NULL = no call is under way */
        KeyOrder order;
        usec_t given_usec;
        uint64_t snoozed_until_usec; /* what was asked for */
        double marked_s;
        char words[LIVE_REASON_MAX];
        Style style;
        usec_t until_usec; /* the words stand until then */
};

static _printf_(4, 5) void say(Orders *o, Style style, usec_t length_usec, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(o->words, sizeof(o->words), format, arguments);
        va_end(arguments);
        o->style = style;
        o->until_usec = live_clock_usec() + length_usec;
        o->func(o->userdata);
}

static bool refused(Orders *o, sd_bus_message *m)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);

        if (!error)
                return false;
        if (follower_is_silence(m))
                say(o, STYLE_BAD, FAILED_USEC, "cardiod does not answer");
        else if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                say(o, STYLE_BAD, FAILED_USEC, "Not allowed");
        else if (sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD))
                say(o, STYLE_BAD, FAILED_USEC, "The running cardiod is older, and cannot do that");
        else
                say(o, STYLE_BAD, FAILED_USEC, "%s",
                                error->message && *error->message ? error->message : "cardiod refuses");
        return true;
}

/* -- Answers --------------------------------------------------------------------------------------------- */

static void say_snoozed(Orders *o)
{
        time_t at = (time_t)(o->snoozed_until_usec / USEC_PER_SEC);
        char until[16];
        struct tm tm;

        if (!localtime_r(&at, &tm) || strftime(until, sizeof(until), "%H:%M", &tm) == 0)
                (void)snprintf(until, sizeof(until), "later");
        say(o, STYLE_GOOD, DONE_USEC, "Snoozed until %s; s ends it", until);
}

/* How long the run was that has been stopped; one that was too short is not kept. */
static int on_stopped_row(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        char length[HMS_STRING_MAX];
        Orders *o = userdata;
        SessionRow row;

        (void)error;
        o->slot = sd_bus_slot_unref(o->slot);
        if (sd_bus_message_is_method_error(m, CARDIO_ERROR_NO_SUCH_SESSION))
                say(o, STYLE_WARNING, FAILED_USEC, "Stopped: too short a run to be kept");
        else if (!sd_bus_message_is_method_error(m, NULL) && session_row_read(m, &row) >= 0 &&
                        row.duration_s >= 0)
                say(o, STYLE_GOOD, FAILED_USEC, "Stopped: %s kept; space begins again",
                                seconds_to_words((double)row.duration_s, length));
        else
                say(o, STYLE_GOOD, FAILED_USEC, "Stopped; space begins again");
        return 0;
}

static void ask_stopped(Orders *o, sd_bus_message *m)
{
        int64_t session;

        if (sd_bus_message_read(m, "x", &session) >= 0 &&
                        follower_call(o->follower, &o->slot, on_stopped_row, o, CARDIO_MANAGER_INTERFACE,
                                        "GetSession", "x", session) >= 0)
                return;
        say(o, STYLE_GOOD, FAILED_USEC, "Stopped; space begins again");
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        char at[HMS_STRING_MAX];
        Orders *o = userdata;

        (void)error;
        o->slot = sd_bus_slot_unref(o->slot);
        if (refused(o, m))
                return 0;
        switch (o->order) {
        case ORDER_START:
                say(o, STYLE_GOOD, DONE_USEC, "Recording by hand: space stops it");
                break;
        case ORDER_STOP:
                ask_stopped(o, m);
                break;
        case ORDER_SNOOZE:
                say_snoozed(o);
                break;
        case ORDER_ALERT:
                say(o, STYLE_GOOD, DONE_USEC, "Alerts are on again");
                break;
        case ORDER_MARK:
                say(o, STYLE_GOOD, DONE_USEC, "Marked at %s", seconds_to_string(o->marked_s, at));
                trace_flag(&o->live->trace, o->given_usec, o->given_usec, TRACE_MARK);
                break;
        case ORDER_NONE:
        case ORDER_QUIT:
        case ORDER_REDRAW:
        case ORDER_WHOLE:
        case ORDER_ASK:
                break;
        }
        return 0;
}

/* -- Calls ----------------------------------------------------------------------------------------------- */

static int send_order(Orders *o)
{
        static const char manager[] = CARDIO_MANAGER_INTERFACE;
        Follower *f = o->follower;

        switch (o->order) {
        case ORDER_START:
                return follower_call(f, &o->slot, on_answer, o, manager, "StartSession", "s", "");
        case ORDER_STOP:
                return follower_call(f, &o->slot, on_answer, o, manager, "StopSession", NULL);
        case ORDER_SNOOZE:
                return follower_call(f, &o->slot, on_answer, o, manager, "Snooze", "u", SNOOZE_SEC);
        case ORDER_ALERT:
                return follower_call(f, &o->slot, on_answer, o, manager, "Snooze", "u", 0U);
        case ORDER_MARK:
                return follower_call(f, &o->slot, on_answer, o, manager, "Mark", "s", "");
        case ORDER_NONE:
        case ORDER_QUIT:
        case ORDER_REDRAW:
        case ORDER_WHOLE:
        case ORDER_ASK:
                break;
        }
        return 0;
}

static const char *why_unreachable(Reach reach)
{
        switch (reach) {
        case REACH_DENIED:
                return "access to cardiod is denied";
        case REACH_SILENT:
                return "cardiod does not answer";
        case REACH_LOOKING:
                return "cardiod has not answered yet";
        case REACH_NO_BUS:
        case REACH_ABSENT:
        case REACH_PRESENT:
        case _REACH_MAX:
        case _REACH_INVALID:
                break;
        }
        return "cardiod is not running";
}

void orders_give(Orders *o, KeyOrder order, usec_t now_usec, usec_t now_realtime_usec)
{
        int r;

        if (o->slot && usec_sub(now_usec, o->given_usec) > LOST_USEC)
                o->slot = sd_bus_slot_unref(o->slot);
        if (o->slot) {
                say(o, STYLE_WARNING, DONE_USEC, "Wait: cardiod has not answered the last key yet");
                return;
        }
        if (o->live->reach != REACH_PRESENT) {
                say(o, STYLE_BAD, DONE_USEC, "Not possible: %s", why_unreachable(o->live->reach));
                return;
        }
        o->order = order;
        o->given_usec = now_usec;
        o->snoozed_until_usec = now_realtime_usec + SNOOZE_SEC * USEC_PER_SEC;
        o->marked_s = (double)(usec_sub(now_usec, o->live->session.started_usec) / USEC_PER_SEC);
        o->until_usec = 0; /* the words are of the one before */
        r = send_order(o);
        if (r < 0)
                say(o, STYLE_BAD, FAILED_USEC, "Not possible: %s",
                                r == -ENOTCONN ? "cardiod is not running" : strerror(-r));
}

void orders_lose(Orders *o)
{
        if (!o->slot)
                return;
        o->slot = sd_bus_slot_unref(o->slot);
        say(o, STYLE_BAD, FAILED_USEC, "cardiod is gone, and has not answered");
}

const char *orders_words(const Orders *o, usec_t now_usec, Style *ret_style)
{
        if (now_usec >= o->until_usec)
                return NULL;
        *ret_style = o->style;
        return o->words;
}

int orders_new(Follower *follower, Live *live, void (*func)(void *userdata), void *userdata, Orders **ret)
{
        Orders *o = calloc(1, sizeof(*o));

        if (!o)
                return -ENOMEM;
        *o = (Orders){ .follower = follower, .live = live, .func = func, .userdata = userdata };
        *ret = o;
        return 0;
}

Orders *orders_free(Orders *o)
{
        if (!o)
                return NULL;
        sd_bus_slot_unref(o->slot);
        free(o);
        return NULL;
}
