/* SPDX-License-Identifier: MIT */

/* A broker for src/bridge/sessions.c that does what a test says: what is sent comes out on stdout, and lines on stdin say what
 * becomes of it. All else is as in cardio-bridge: the daemon, the outbox, the clock.
 *
 *      sessions-standin FOLDER [--user]
 *
 * Lines written:
 *
 *      send MID PAYLOAD          a session's payload is sent
 *      no room                   … and was not taken
 *      waiting N                 what `waiting` asks for
 *
 * Commands read; the Nth is answered with a line "ok N" when it is done:
 *
 *      connect, disconnect       the connection to the broker
 *      ack MID, refuse MID       what it says to one that was sent
 *      full N                    there is no room for the next N that are sent
 *      waiting                   how many finished sessions it has not acknowledged
 *
 * Ends at the end of stdin. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <systemd/sd-event.h>

#include "bridge/sessions.h"
#include "cardio/macro.h"

#define DEVICE      "garage"
#define COMMAND_MAX 256U

typedef struct Standin {
        sd_event *event;
        Follower *follower;
        Sessions *sessions;
        int mid;
        int full;
        unsigned n_done; /* commands */
        char command[COMMAND_MAX];
        size_t n_command;
} Standin;

static int on_send(void *userdata, const char *payload, size_t size, int *ret_mid)
{
        Standin *s = userdata;

        if (s->full > 0) {
                s->full--;
                puts("no room");
                return -ENOBUFS;
        }
        printf("send %d %.*s\n", ++s->mid, (int)size, payload);
        *ret_mid = s->mid;
        return 0;
}

static void on_event(void *userdata, const FollowerEvent *event)
{
        Standin *s = userdata;

        sessions_follow(s->sessions, event);
}

static void take_command(Standin *s, const char *line)
{
        int n = 0;

        if (strcmp(line, "connect") == 0)
                sessions_connected(s->sessions);
        else if (strcmp(line, "disconnect") == 0)
                sessions_disconnected(s->sessions);
        else if (sscanf(line, "ack %d", &n) == 1)
                sessions_acknowledged(s->sessions, n);
        else if (sscanf(line, "refuse %d", &n) == 1)
                sessions_refused(s->sessions, n);
        else if (sscanf(line, "full %d", &n) == 1)
                s->full = n;
        else if (strcmp(line, "waiting") == 0)
                printf("waiting %zu\n", sessions_waiting(s->sessions));
        else {
                fprintf(stderr, "no such command: %s\n", line);
                (void)sd_event_exit(s->event, EXIT_FAILURE); /* cannot fail: the loop runs */
                return;
        }
        printf("ok %u\n", ++s->n_done);
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Standin *s = userdata;
        ssize_t n = read(fd, s->command + s->n_command, sizeof(s->command) - s->n_command);
        char *end;

        (void)source;
        (void)events;
        if (n <= 0)
                return sd_event_exit(s->event, n < 0 ? -errno : 0);
        s->n_command += (size_t)n;
        while ((end = memchr(s->command, '\n', s->n_command))) {
                *end++ = '\0';
                take_command(s, s->command);
                s->n_command -= (size_t)(end - s->command);
                memmove(s->command, end, s->n_command);
        }
        return s->n_command < sizeof(s->command) ? 0 : -EMSGSIZE;
}

static int run(Standin *s, const char *folder, bool user)
{
        _cleanup_free_ char *error = NULL;
        int r = sd_event_new(&s->event);

        if (r >= 0)
                r = follower_new(s->event, user, 0, on_event, s, &s->follower);
        if (r >= 0)
                r = sessions_new(s->event, s->follower, DEVICE, folder, on_send, s, &s->sessions, &error);
        if (r < 0 && error)
                fprintf(stderr, "%s\n", error);
        if (r >= 0)
                r = sd_event_add_io(s->event, NULL, STDIN_FILENO, EPOLLIN, on_input, s);
        if (r < 0)
                return r;
        follower_start(s->follower);
        return sd_event_loop(s->event);
}

int main(int argc, char **argv)
{
        Standin s = { .mid = 0 };
        int r;

        if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "--user") != 0)) {
                fputs("sessions-standin FOLDER [--user]\n", stderr);
                return EXIT_FAILURE;
        }
        (void)setvbuf(stdout, NULL, _IOLBF, 0);
        r = run(&s, argv[1], argc == 3);
        sessions_free(s.sessions);
        follower_free(s.follower);
        sd_event_unref(s.event);
        return r < 0 ? EXIT_FAILURE : r;
}
