/* SPDX-License-Identifier: MIT */

/* A notification server for tests: owns org.freedesktop.Notifications on the session bus, writes a line on
 * stdout for each call it gets, and does on stdin what a person at the screen, or a server in trouble,
 * would do.
 *
 * Lines written, text in quotes with \n, \t, \" and \\ escaped:
 *
 *      GetCapabilities
 *      Notify id=1 replaces=0 app="…" icon="…" summary="…" body="…" actions=["key" "…"] hints={k=v} expire=-1
 *      CloseNotification id=1
 *      Refused Notify replaces=1 summary="…"       answered with an error
 *      Lost Notify replaces=1 summary="…"          not answered, ever
 *      Refused CloseNotification id=1, Lost CloseNotification id=1
 *
 * A line for Notify comes when the caller has got its answer, unless that is held.
 *
 * Commands read, each answered with a line "ok COMMAND" when it is done, or "bad COMMAND":
 *
 *      action ID KEY     emit ActionInvoked; done when the last caller of Notify has worked it off
 *      close ID REASON   emit NotificationClosed, likewise
 *      actions on|off    GetCapabilities names `actions`, or not
 *      sound on|off      likewise `sound`, which it does not at first
 *      plasma on|off     likewise what only Plasma names
 *      hold              do not answer Notify any more
 *      answer            answer what was held, in order, and hold no more
 *      refuse N          answer the next N calls of Notify with an error
 *      lose N            do not answer the next N calls of Notify, nor show anything
 *      refuse-close N, lose-close N    the same with CloseNotification
 *      silence on|off    do not answer GetCapabilities
 *      own, release      take and give up the name; ids begin anew with own
 *
 * Ends at the end of stdin. As servers do, it answers a Notify that replaces a standing notification with
 * the same id, and any other with a new one. No clock. */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

#define HELD_MAX     16U
#define COMMAND_MAX  256U
#define STANDING_MAX 64U

#define ROUND_TRIP_USEC UINT64_C(2000000)

typedef struct Standin {
        sd_event *event;
        sd_bus *bus;
        bool actions, sound, plasma, hold, silence;
        unsigned refuse, lose, refuse_close, lose_close;
        uint32_t last_id;
        bool standing[STANDING_MAX]; /* by id */
        char *caller;                /* of the last Notify */
        struct {
                sd_bus_message *call;
                uint32_t id;
        } held[HELD_MAX];
        size_t n_held;
        char input[COMMAND_MAX];
        size_t n_input;
} Standin;

static void quote(const char *text)
{
        putchar('"');
        for (; *text; text++)
                switch (*text) {
                case '\n':
                        fputs("\\n", stdout);
                        break;
                case '\t':
                        fputs("\\t", stdout);
                        break;
                case '"':
                case '\\':
                        putchar('\\');
                        putchar(*text);
                        break;
                default:
                        putchar(*text);
                        break;
                }
        putchar('"');
}

static void field(const char *name, const char *text)
{
        printf(" %s=", name);
        quote(text);
}

static int print_actions(sd_bus_message *m)
{
        const char *text, *space = "";
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        fputs(" actions=[", stdout);
        while ((r = sd_bus_message_read(m, "s", &text)) > 0) {
                fputs(space, stdout);
                quote(text);
                space = " ";
        }
        putchar(']');
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int print_hint(sd_bus_message *m)
{
        const char *contents, *text;
        uint8_t byte;
        int r, boolean;

        r = sd_bus_message_peek_type(m, NULL, &contents);
        if (r < 0)
                return r;
        if (strcmp(contents, "y") == 0) {
                r = sd_bus_message_read(m, "v", "y", &byte);
                if (r >= 0)
                        printf("%u", byte);
        } else if (strcmp(contents, "b") == 0) {
                r = sd_bus_message_read(m, "v", "b", &boolean);
                if (r >= 0)
                        fputs(boolean ? "true" : "false", stdout);
        } else if (strcmp(contents, "s") == 0) {
                r = sd_bus_message_read(m, "v", "s", &text);
                if (r >= 0)
                        quote(text);
        } else {
                printf("?%s", contents);
                r = sd_bus_message_skip(m, "v");
        }
        return r;
}

static int print_hints(sd_bus_message *m)
{
        const char *name, *space = "";
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        fputs(" hints={", stdout);
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r < 0)
                        return r;
                printf("%s%s=", space, name);
                space = " ";
                r = print_hint(m);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        putchar('}');
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static uint32_t standin_id(Standin *s, uint32_t replaces)
{
        if (replaces > 0 && replaces < STANDING_MAX && s->standing[replaces])
                return replaces;
        s->last_id++;
        if (s->last_id < STANDING_MAX)
                s->standing[s->last_id] = true;
        return s->last_id;
}

/* Messages are handled in order, so a reply to this means that the earlier ones are done. */
static int standin_round_trip(Standin *s)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (!s->caller)
                return 0;
        r = sd_bus_message_new_method_call(s->bus, &m, s->caller, "/", "org.freedesktop.DBus.Peer", "Ping");
        return r < 0 ? r : sd_bus_call(s->bus, m, ROUND_TRIP_USEC, NULL, NULL);
}

#define ERROR_EXCESS "org.freedesktop.Notifications.Error.ExcessNotificationGeneration"

/* Whether the call is one that is refused or lost; then its line is begun. */
static bool standin_fails(unsigned *refuse, unsigned *lose, const char *call, bool *ret_refused)
{
        unsigned *which = *refuse > 0 ? refuse : *lose > 0 ? lose : NULL;

        *ret_refused = which == refuse;
        if (!which)
                return false;
        (*which)--;
        printf("%s %s", *ret_refused ? "Refused" : "Lost", call);
        return true;
}

static int on_notify(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const char *app, *icon, *summary, *body;
        Standin *s = userdata;
        uint32_t replaces, id;
        int32_t expire;
        bool refused;
        int r;

        free(s->caller);
        s->caller = strdup(sd_bus_message_get_sender(m));
        if (!s->caller)
                return -ENOMEM;
        r = sd_bus_message_read(m, "susss", &app, &replaces, &icon, &summary, &body);
        if (r < 0)
                return r;
        if (standin_fails(&s->refuse, &s->lose, "Notify", &refused)) {
                printf(" replaces=%u", replaces);
                field("summary", summary);
                putchar('\n');
                return refused ? sd_bus_error_set(ret_error, ERROR_EXCESS, "too many notifications") : 1;
        }
        id = standin_id(s, replaces);
        printf("Notify id=%u replaces=%u", id, replaces);
        field("app", app);
        field("icon", icon);
        field("summary", summary);
        field("body", body);
        r = print_actions(m);
        if (r >= 0)
                r = print_hints(m);
        if (r >= 0)
                r = sd_bus_message_read(m, "i", &expire);
        if (r < 0)
                return r;
        if (!s->hold) {
                r = sd_bus_reply_method_return(m, "u", id);
                if (r < 0)
                        return r;
                (void)standin_round_trip(s); /* it may be gone by now */
        }
        printf(" expire=%d\n", expire);
        if (!s->hold)
                return 1;
        if (s->n_held == HELD_MAX)
                return -ENOBUFS;
        s->held[s->n_held].call = sd_bus_message_ref(m);
        s->held[s->n_held++].id = id;
        return 1;
}

static int on_close(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Standin *s = userdata;
        uint32_t id;
        bool refused;
        int r;

        r = sd_bus_message_read(m, "u", &id);
        if (r < 0)
                return r;
        if (standin_fails(&s->refuse_close, &s->lose_close, "CloseNotification", &refused)) {
                printf(" id=%u\n", id);
                return refused ? sd_bus_error_set(ret_error, SD_BUS_ERROR_FAILED, "not now") : 1;
        }
        printf("CloseNotification id=%u\n", id);
        if (id < STANDING_MAX)
                s->standing[id] = false;
        r = sd_bus_emit_signal(s->bus, PATH, NAME, "NotificationClosed", "uu", id, 3);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int reply_capabilities(const Standin *s, sd_bus_message *call)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "s");
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", "body", "body-markup");
        if (r >= 0 && s->actions)
                r = sd_bus_message_append(m, "s", "actions");
        if (r >= 0 && s->sound)
                r = sd_bus_message_append(m, "s", "sound");
        if (r >= 0 && s->plasma)
                r = sd_bus_message_append(m, "s", "x-kde-origin-name");
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_send(NULL, m, NULL);
}

static int on_capabilities(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const Standin *s = userdata;

        (void)ret_error;
        puts("GetCapabilities");
        if (s->silence)
                return 1;
        return reply_capabilities(s, m);
}

static int on_information(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        (void)userdata;
        (void)ret_error;
        return sd_bus_reply_method_return(m, "ssss", "notifications-standin", "cardiod", "1", "1.2");
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Notify", "susssasa{sv}i", "u", on_notify, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CloseNotification", "u", "", on_close, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetCapabilities", "", "as", on_capabilities, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetServerInformation", "", "ssss", on_information, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL("NotificationClosed", "uu", 0),
        SD_BUS_SIGNAL("ActionInvoked", "us", 0),
        SD_BUS_VTABLE_END,
};

static int standin_answer(Standin *s)
{
        int r = 0;

        s->hold = false;
        for (size_t i = 0; i < s->n_held; i++) {
                int q = sd_bus_reply_method_return(s->held[i].call, "u", s->held[i].id);

                if (q < 0)
                        r = q;
                s->held[i].call = sd_bus_message_unref(s->held[i].call);
        }
        s->n_held = 0;
        return r;
}

static int standin_own(Standin *s)
{
        s->last_id = 0;
        memset(s->standing, 0, sizeof(s->standing));
        return sd_bus_request_name(s->bus, NAME, 0);
}

static int standin_command(Standin *s, const char *command)
{
        unsigned id, reason;
        char key[64];
        int r;

        if (sscanf(command, "action %9u %63s", &id, key) == 2) {
                r = sd_bus_emit_signal(s->bus, PATH, NAME, "ActionInvoked", "us", id, key);
                return r < 0 ? r : standin_round_trip(s);
        }
        if (sscanf(command, "close %9u %9u", &id, &reason) == 2) {
                if (id < STANDING_MAX)
                        s->standing[id] = false;
                r = sd_bus_emit_signal(s->bus, PATH, NAME, "NotificationClosed", "uu", id, reason);
                return r < 0 ? r : standin_round_trip(s);
        }
        if (sscanf(command, "refuse %9u", &s->refuse) == 1 || sscanf(command, "lose %9u", &s->lose) == 1 ||
                        sscanf(command, "refuse-close %9u", &s->refuse_close) == 1 ||
                        sscanf(command, "lose-close %9u", &s->lose_close) == 1)
                return 0;
        if (strcmp(command, "actions on") == 0 || strcmp(command, "actions off") == 0)
                s->actions = strcmp(command, "actions on") == 0;
        else if (strcmp(command, "sound on") == 0 || strcmp(command, "sound off") == 0)
                s->sound = strcmp(command, "sound on") == 0;
        else if (strcmp(command, "plasma on") == 0 || strcmp(command, "plasma off") == 0)
                s->plasma = strcmp(command, "plasma on") == 0;
        else if (strcmp(command, "silence on") == 0 || strcmp(command, "silence off") == 0)
                s->silence = strcmp(command, "silence on") == 0;
        else if (strcmp(command, "hold") == 0)
                s->hold = true;
        else if (strcmp(command, "answer") == 0)
                return standin_answer(s);
        else if (strcmp(command, "own") == 0)
                return standin_own(s);
        else if (strcmp(command, "release") == 0)
                return sd_bus_release_name(s->bus, NAME);
        else
                return -EINVAL;
        return 0;
}

static void standin_line(Standin *s, const char *command)
{
        int r = standin_command(s, command);

        if (r >= 0)
                r = sd_bus_flush(s->bus);
        printf("%s %s\n", r < 0 ? "bad" : "ok", command);
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Standin *s = userdata;
        ssize_t n;
        char *end;

        (void)source;
        (void)events;
        n = read(fd, s->input + s->n_input, sizeof(s->input) - 1 - s->n_input);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;
        if (n == 0)
                return sd_event_exit(s->event, EXIT_SUCCESS);
        s->n_input += (size_t)n;
        s->input[s->n_input] = '\0';
        while ((end = strchr(s->input, '\n'))) {
                *end = '\0';
                standin_line(s, s->input);
                s->n_input -= (size_t)(end + 1 - s->input);
                memmove(s->input, end + 1, s->n_input + 1);
        }
        /* A line that fills the buffer is no command of ours. */
        return s->n_input == sizeof(s->input) - 1 ? -EMSGSIZE : 0;
}

static int standin_run(Standin *s)
{
        int r;

        r = sd_event_new(&s->event);
        if (r < 0)
                return r;
        r = sd_bus_open_user(&s->bus);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(s->bus, NULL, PATH, NAME, vtable, s);
        if (r < 0)
                return r;
        r = standin_own(s);
        if (r < 0)
                return r;
        r = sd_event_add_io(s->event, NULL, STDIN_FILENO, EPOLLIN, on_input, s);
        if (r < 0)
                return r;
        puts("ready");
        return sd_event_loop(s->event);
}

int main(void)
{
        Standin s = { .actions = true };
        int r;

        (void)setvbuf(stdout, NULL, _IOLBF, 0);
        r = standin_run(&s);
        for (size_t i = 0; i < s.n_held; i++)
                sd_bus_message_unref(s.held[i].call);
        sd_bus_flush_close_unref(s.bus);
        sd_event_unref(s.event);
        free(s.caller);
        if (r < 0)
                fprintf(stderr, "notifications-standin: %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : r;
}
