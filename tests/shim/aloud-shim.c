/* SPDX-License-Identifier: MIT */

/* What cardio-notify asks of the libraries of sound and speech, instead of them: LD_PRELOAD this, and ALOUD_SHIM names a FIFO
 * that gets a line for each:
 *
 *      sound NAME
 *      connect                      to speech-dispatcher
 *      say LANGUAGE PRIORITY TEXT
 *      stop                         what was played or said is to end
 */

#include "aloud-shim.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256
#define NAME_MAX_BYTES 64

/* Global, since a library has nowhere else to keep it. One thread. */
static char name[NAME_MAX_BYTES], voice[NAME_MAX_BYTES];
static int playing;
static SpeechConnection speech;

static void line_write(const char *line)
{
        const char *path = getenv("ALOUD_SHIM");
        int fd = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;

        if (fd < 0 || write(fd, line, strlen(line)) < 0)
                abort();
        (void)close(fd);
}

static int stop(void)
{
        if (playing)
                line_write("stop\n");
        playing = 0;
        return 0;
}

int ca_context_create(void **c)
{
        *c = name;
        return 0;
}

int ca_context_change_props(void *c, ...)
{
        (void)c;
        return 0;
}

int ca_context_destroy(void *c)
{
        (void)c;
        return 0;
}

int ca_context_cancel(void *c, uint32_t id)
{
        (void)c;
        (void)id;
        return stop();
}

int ca_proplist_create(void **list)
{
        *list = name;
        return 0;
}

int ca_proplist_destroy(void *list)
{
        (void)list;
        return 0;
}

int ca_proplist_sets(void *list, const char *key, const char *value)
{
        (void)list;
        if (strcmp(key, "event.id") == 0)
                (void)snprintf(name, sizeof(name), "%s", value);
        return 0;
}

int ca_context_play_full(
                void *c, uint32_t id, void *list, void (*done)(void *, uint32_t, int, void *), void *userdata)
{
        char line[LINE_MAX_BYTES];

        (void)list;
        (void)snprintf(line, sizeof(line), "sound %s\n", name);
        line_write(line);
        playing = 1;
        if (done)
                done(c, id, 0, userdata);
        return 0;
}

void *spd_open2(const char *client, const char *connection, const char *user, int mode, const void *address,
                int autospawn, char **error)
{
        (void)client;
        (void)connection;
        (void)user;
        (void)mode;
        (void)address;
        (void)autospawn;
        (void)error;
        line_write("connect\n");
        return &speech;
}

void spd_close(void *connection)
{
        (void)connection;
}

int spd_cancel(void *connection)
{
        (void)connection;
        return stop();
}

int spd_set_notification_on(void *connection, int type)
{
        (void)connection;
        (void)type;
        return 0;
}

int spd_set_language(void *connection, const char *language)
{
        (void)connection;
        (void)snprintf(voice, sizeof(voice), "%s", language);
        return 0;
}

int spd_say(void *connection, int priority, const char *text)
{
        char line[LINE_MAX_BYTES];

        (void)connection;
        (void)snprintf(line, sizeof(line), "say %s %s %s\n", voice, priority == 1 ? "important" : "message",
                        text);
        line_write(line);
        playing = 1;
        if (speech.callback_end)
                speech.callback_end(1, 1, 2);
        return 1;
}
