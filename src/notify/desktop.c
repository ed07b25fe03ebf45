/* SPDX-License-Identifier: MIT */

/* The desktop's notification server.
 *
 * Always: it is asked for its capabilities before the first notice is sent, and again after each restart of it; that call
 * also starts it where the bus can. Signals count only if they come from the owner of its name. What it refuses is tried
 * again: see notification.h and closing.h. No clock but the deadlines of sd-bus. */

#include "desktop.h"

#include <stdio.h>
#include <string.h>

#include "cardio/time.h"

#include "notification.h"
#include "client/connection.h"
#include "client/notify-config.h"
#include "shared/name-owner.h"
#include "say.h"

/* A server that is slower to name its capabilities is taken to have actions: one that has none ignores them. */
#define CAPABILITIES_TIMEOUT_USEC (2 * USEC_PER_SEC)

enum {
        NOTIFICATION_BREACH,
        NOTIFICATION_SUMMARY,
        NOTIFICATION_ADVICE,
        NOTIFICATION_CUE,
        NOTIFICATION_STRAP,
        NOTIFICATION_DISK,
        NOTIFICATION_TROUBLE,
        _NOTIFICATION_MAX,
};

struct Desktop {
        const DesktopFuncs *funcs;
        void *userdata;
        Connection *connection;
        sd_bus *bus; /* of the connection, NULL = not connected */
        NameOwner owner;
        sd_bus_slot *signals;
        sd_bus_slot *capabilities; /* the call of GetCapabilities */
        bool capable;              /* it has replied */
        bool sounds;               /* … that it has sounds */
        char snooze[NOTICE_LENGTH_MAX + sizeof("Snooze ")];
        Closing closing;
        Notification notification[_NOTIFICATION_MAX];
};

static void desktop_ask(Desktop *d);

/* Carries out the wishes, as far as is possible now. */
static void desktop_advance(void *userdata)
{
        Desktop *d = userdata;

        for (size_t i = 0; i < _NOTIFICATION_MAX; i++) {
                Notification *n = &d->notification[i];

                if (n->wish != WISH_SHOW || d->capable)
                        notification_advance(n);
                else if (notification_pauses(n))
                        continue;
                else if (!d->bus)
                        notification_put_off(n, "the session bus cannot be reached");
                else if (!d->capabilities)
                        desktop_ask(d);
        }
}

/* What is to be shown has to wait; closing does not need the capabilities. */
static void desktop_put_off(Desktop *d, const char *reason)
{
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                if (d->notification[i].wish == WISH_SHOW && !notification_pauses(&d->notification[i]))
                        notification_put_off(&d->notification[i], reason);
}

static void desktop_end_pauses(Desktop *d)
{
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                notification_end_pause(&d->notification[i]);
        desktop_advance(d);
}

static void capabilities_read(sd_bus_message *m, bool *ret_actions, bool *ret_sounds)
{
        const char *capability;
        bool sound = false, plasma = false;

        *ret_actions = *ret_sounds = false;
        if (sd_bus_message_enter_container(m, 'a', "s") < 0)
                *ret_actions = true;
        else
                while (sd_bus_message_read(m, "s", &capability) > 0) {
                        *ret_actions = *ret_actions || strcmp(capability, "actions") == 0;
                        sound = sound || strcmp(capability, "sound") == 0;
                        plasma = plasma || strcmp(capability, NOTIFY_CAPABILITY_OF_PLASMA) == 0;
                }
        *ret_sounds = sound && !plasma;
}

static int desktop_on_capabilities(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Desktop *d = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        bool actions = true, sounds = false;

        (void)ret_error;
        d->capabilities = sd_bus_slot_unref(d->capabilities);
        if (e && !d->owner.owner) {
                /* The server is not there, and could not be started. */
                desktop_put_off(d, e->message ? e->message : e->name);
                return 0;
        }
        if (!e)
                capabilities_read(m, &actions, &sounds);
        d->capable = true;
        d->sounds = sounds;
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++) {
                d->notification[i].actions = actions;
                d->notification[i].sounds = sounds;
                if (!sounds)
                        notification_silence(&d->notification[i]);
        }
        desktop_advance(d);
        return 0;
}

static void desktop_ask(Desktop *d)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(d->bus, &m, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                        NOTIFICATIONS_INTERFACE, "GetCapabilities");
        if (r >= 0)
                r = sd_bus_call_async(d->bus, &d->capabilities, m, desktop_on_capabilities, d,
                                CAPABILITIES_TIMEOUT_USEC);
        if (r < 0)
                desktop_put_off(d, strerror(-r));
}

/* The server is gone, or the bus is. */
static void desktop_forget(Desktop *d)
{
        d->capabilities = sd_bus_slot_unref(d->capabilities);
        d->capable = false;
        closing_forget(&d->closing);
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                notification_forget(&d->notification[i]);
}

static void desktop_on_owner(void *userdata, const char *before, const char *after)
{
        Desktop *d = userdata;

        /* A server that appears where none was may have been started by our own call, whose reply is on its way. */
        if (before)
                desktop_forget(d);
        if (after)
                desktop_end_pauses(d);
        else
                desktop_advance(d);
}

static void desktop_on_action(Desktop *d, sd_bus_message *m)
{
        static const char *const keys[] = {
                [DESKTOP_SNOOZE] = ACTION_SNOOZE,
                [DESKTOP_MUTE] = ACTION_MUTE,
                [DESKTOP_TALK] = ACTION_TALK,
                [DESKTOP_NO_TALK] = ACTION_NO_TALK,
                [DESKTOP_NOT_A_RUN] = ACTION_NOT_A_RUN,
                [DESKTOP_REPORT] = ACTION_REPORT,
        };
        const Notification *n = NULL;
        const char *key;
        uint32_t id;

        if (sd_bus_message_read(m, "us", &id, &key) < 0 || id == 0)
                return;
        for (size_t i = 0; i < _NOTIFICATION_MAX && !n; i++)
                if (d->notification[i].button_id == id)
                        n = &d->notification[i];
        if (!n || !notification_offers(n, key))
                return;
        for (DesktopAction action = 0; action < _DESKTOP_ACTION_MAX; action++)
                if (strcmp(key, keys[action]) == 0) {
                        d->funcs->action(d->userdata, action, n->button_session);
                        return;
                }
}

static int desktop_on_signal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Desktop *d = userdata;
        const char *member = sd_bus_message_get_member(m);
        uint32_t id, reason;

        (void)ret_error;
        if (!name_owner_is_sender(&d->owner, m))
                return 0;
        if (strcmp(member, "ActionInvoked") == 0)
                desktop_on_action(d, m);
        else if (strcmp(member, "NotificationClosed") == 0 &&
                        sd_bus_message_read(m, "uu", &id, &reason) >= 0) {
                closing_closed(&d->closing, id);
                for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                        notification_closed(&d->notification[i], id);
        }
        return 0;
}

static void desktop_release(Desktop *d)
{
        desktop_forget(d);
        name_owner_stop(&d->owner);
        d->signals = sd_bus_slot_unref(d->signals);
        d->bus = NULL;
        d->closing.bus = NULL;
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                d->notification[i].bus = NULL;
}

/* Everything works without the name, too; sd-bus's default on a refusal would be to close the connection. */
static int desktop_on_name(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        (void)m;
        (void)userdata;
        (void)ret_error;
        return 0;
}

static void desktop_on_connection(void *userdata, sd_bus *bus, int error)
{
        Desktop *d = userdata;
        int r;

        desktop_release(d);
        if (!bus) {
                say_unreachable("notifications", BUS_SESSION, error);
                desktop_advance(d);
                return;
        }
        /* Both fail only for want of memory, or when the connection is already lost; then func(NULL) follows. */
        r = sd_bus_match_signal_async(bus, &d->signals, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                        NOTIFICATIONS_INTERFACE, NULL, desktop_on_signal, NULL, d);
        if (r >= 0)
                r = name_owner_start(&d->owner, bus, NOTIFICATIONS_NAME, desktop_on_owner, d);
        if (r < 0)
                return;
        /* Shows others, such as `cardioctl doctor`, that the runner is notified. If two of us run, one has the name. */
        if (d->funcs->bus_name)
                (void)sd_bus_request_name_async(
                                bus, NULL, d->funcs->bus_name, SD_BUS_NAME_QUEUE, desktop_on_name, NULL);
        d->bus = bus;
        d->closing.bus = bus;
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                d->notification[i].bus = bus;
        desktop_end_pauses(d);
}

static void desktop_on_sounded(void *userdata, NoticeType type, bool by_server)
{
        const Desktop *d = userdata;

        d->funcs->sounded(d->userdata, type, by_server);
}

static void desktop_on_shown(void *userdata, NoticeType type, const char *reason)
{
        const Desktop *d = userdata;

        if (d->funcs->shown)
                d->funcs->shown(d->userdata, type, reason);
}

int desktop_new(sd_event *event, const DesktopFuncs *funcs, void *userdata, Desktop **ret)
{
        Desktop *d = calloc(1, sizeof(*d));
        int r;

        if (!d)
                return -ENOMEM;
        d->funcs = funcs;
        d->userdata = userdata;
        d->closing.event = event;
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                d->notification[i] = (Notification){
                        .event = event,
                        .closing = &d->closing,
                        .snooze = d->snooze,
                        .ready = desktop_advance,
                        .sounded = desktop_on_sounded,
                        .shown_to = desktop_on_shown,
                        .userdata = d,
                };
        r = connection_new(event, BUS_SESSION, desktop_on_connection, d, &d->connection);
        if (r < 0) {
                free(d);
                return r;
        }
        *ret = d;
        return 0;
}

void desktop_start(Desktop *d)
{
        connection_start(d->connection);
}

Desktop *desktop_free(Desktop *d)
{
        if (!d)
                return NULL;
        desktop_release(d);
        for (size_t i = 0; i < _NOTIFICATION_MAX; i++)
                notification_clear(&d->notification[i]);
        connection_free(d->connection);
        free(d);
        return NULL;
}

static Notification *desktop_notification(Desktop *d, NoticeType type)
{
        switch (type) {
        case NOTICE_SESSION_ENDED:
        case NOTICE_TALK_TEST:
        case NOTICE_NOT_NOTED:
                return &d->notification[NOTIFICATION_SUMMARY];
        case NOTICE_ADVICE:
                return &d->notification[NOTIFICATION_ADVICE];
        case NOTICE_CUE:
                return &d->notification[NOTIFICATION_CUE];
        case NOTICE_STRAP_LOST:
        case NOTICE_STRAP_BACK:
                return &d->notification[NOTIFICATION_STRAP];
        case NOTICE_DISK_REFUSES:
        case NOTICE_DISK_WRITES:
                return &d->notification[NOTIFICATION_DISK];
        case NOTICE_TROUBLE:
                return &d->notification[NOTIFICATION_TROUBLE];
        case NOTICE_OVER_LIMIT:
        case NOTICE_BACK_IN_RANGE:
        case NOTICE_OVER_PACE:
        case NOTICE_PACE_IN_RANGE:
        case NOTICE_NOT_SNOOZED:
        case _NOTICE_TYPE_MAX:
        case _NOTICE_TYPE_INVALID:
                break;
        }
        return &d->notification[NOTIFICATION_BREACH];
}

void desktop_set_snooze(Desktop *d, usec_t usec)
{
        char length[NOTICE_LENGTH_MAX];

        (void)snprintf(d->snooze, sizeof(d->snooze), "Snooze %s",
                        notice_length((int64_t)(usec / USEC_PER_SEC), length));
}

void desktop_show(Desktop *d, const Notice *n)
{
        notification_show(desktop_notification(d, n->type), n);
        desktop_advance(d);
}

bool desktop_may_sound(const Desktop *d)
{
        return d->bus && (!d->capable || d->sounds);
}

void desktop_silence(Desktop *d, NoticeType type)
{
        Notification *n = desktop_notification(d, type);

        if (n->next.type == type)
                notification_silence(n);
}

void desktop_withdraw(Desktop *d)
{
        notification_close(&d->notification[NOTIFICATION_BREACH]);
}

void desktop_withdraw_cue(Desktop *d)
{
        notification_close(&d->notification[NOTIFICATION_CUE]);
}

void desktop_withdraw_strap(Desktop *d)
{
        notification_close(&d->notification[NOTIFICATION_STRAP]);
}

void desktop_withdraw_disk(Desktop *d)
{
        notification_close(&d->notification[NOTIFICATION_DISK]);
}

bool desktop_busy(const Desktop *d)
{
        return notification_busy(&d->notification[NOTIFICATION_BREACH]) ||
               notification_busy(&d->notification[NOTIFICATION_CUE]) ||
               notification_busy(&d->notification[NOTIFICATION_STRAP]) ||
               notification_busy(&d->notification[NOTIFICATION_DISK]) || closing_busy(&d->closing);
}
