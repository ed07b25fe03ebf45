/* SPDX-License-Identifier: MIT */

/* Scripts: lines are read, parsed and carried out strictly one after the other; a line begins only when the one before it is
 * done and no more messages of the bus are pending. Times run on CLOCK_BOOTTIME. */

#include "script.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardio/parse.h"

struct Script {
        const ScriptWorld *world;
        char **paths;
        size_t n_paths, next_path;

        const char *name; /* of the one being read */
        int fd;
        bool interactive, ready, at_end; /* ready: a read does not block */
        char buffer[LINE_SIZE_MAX];
        size_t used;
        size_t line_number;

        sd_event_source *readable, *step, *timer, *watch;
        bool waiting;
        bool (*condition)(const void *data);
        const void *condition_data;
        char *doing;    /* the line that waits */
        unsigned scale; /* multiplies the time-outs of expect */
        char *reason;   /* why the last command was refused */
        usec_t pace_usec;
};

int script_refuse(Script *script, const char *format, ...)
{
        va_list arguments;

        free(script->reason);
        va_start(arguments, format);
        if (vasprintf(&script->reason, format, arguments) < 0)
                must(-ENOMEM);
        va_end(arguments);
        return -EINVAL;
}

/* -- The end of a line -- */

static void script_answer(Script *script, int r)
{
        script->world->settle(script->world->userdata);
        if (script->interactive) {
                if (r < 0)
                        log_line("error: %s", script->reason);
                else
                        log_line("ok");
        } else if (r < 0) {
                fprintf(stderr, "%s:%zu: %s\n", script->name, script->line_number, script->reason);
                must(sd_event_exit(script->world->event, EXIT_FAILURE));
                return;
        }
        must(sd_event_source_set_enabled(script->step, SD_EVENT_ON));
}

static void script_end_wait(Script *script, int r)
{
        if (!script->waiting)
                return;
        timer_disarm(&script->timer);
        script->waiting = false;
        script->condition = NULL;
        script_answer(script, r);
}

void script_finish(Script *script)
{
        script_end_wait(script, 0);
}

static int script_on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Script *script = userdata;

        if (script->condition)
                script_end_wait(script, script_refuse(script, "not in time: %s", script->doing));
        else
                script_end_wait(script, 0);
        return 0;
}

/* After every event of the loop. */
static int script_on_watch(sd_event_source *source _unused_, void *userdata)
{
        Script *script = userdata;

        if (script->condition && script->condition(script->condition_data))
                script_end_wait(script, 0);
        return 0;
}

int script_wait_for(
                Script *script, bool (*condition)(const void *data), const void *data, usec_t timeout_usec)
{
        if (condition(data))
                return COMMAND_DONE;
        script->condition = condition;
        script->condition_data = data;
        return script_wait(script, timeout_usec * script->scale);
}

int script_wait(Script *script, usec_t usec)
{
        timer_arm(script->world->event, &script->timer, usec, script_on_timer, script);
        return COMMAND_WAITING;
}

usec_t script_pace_usec(const Script *script)
{
        return script->pace_usec;
}

void script_set_pace(Script *script, usec_t usec)
{
        script->pace_usec = usec;
}

/* -- A line -- */

static int hex_digit(char c)
{
        const char *digits = "0123456789abcdef", *at;

        if (c >= 'A' && c <= 'F')
                c = (char)(c - 'A' + 'a');
        at = c ? strchr(digits, c) : NULL;
        return at ? (int)(at - digits) : -1;
}

/* Undoes one escape sequence at *p, behind the backslash. Returns the character, or -EINVAL. */
static int unescape(const char **p)
{
        int high, low;

        if (**p == '"' || **p == '\\')
                return *(*p)++;
        if (**p != 'x')
                return -EINVAL;
        high = hex_digit((*p)[1]);
        low = high < 0 ? -1 : hex_digit((*p)[2]);
        /* A NUL would end the word. */
        if (low < 0 || high + low == 0)
                return -EINVAL;
        *p += 3;
        return high * 16 + low;
}

/* Takes one word from *p, in place: it never becomes longer. */
static int take_word(char **p, char **ret)
{
        const char *in = *p;
        char *out = *p;
        bool quoted = false;
        int c;

        *ret = out;
        for (; *in && (quoted || !strchr(" \t\r", *in));) {
                if (*in == '"') {
                        quoted = !quoted;
                        in++;
                        continue;
                }
                c = (unsigned char)*in++;
                if (c == '\\')
                        c = unescape(&in);
                if (c < 0)
                        return c;
                *out++ = (char)c;
        }
        if (quoted)
                return -EINVAL;
        *p += in - *p;
        if (**p)
                (*p)++;
        *out = '\0';
        return 0;
}

static int script_split(Script *script, char *line, Words *w)
{
        char *p = line;

        for (;;) {
                p += strspn(p, " \t\r");
                if (!*p || *p == '#')
                        return 0;
                if (w->n == WORDS_MAX)
                        return script_refuse(script, "more than %u words", WORDS_MAX);
                if (take_word(&p, &w->word[w->n]) < 0)
                        return script_refuse(script,
                                        "a quotation mark is missing, or \\ is followed by none of \" \\ xHH");
                w->n++;
        }
}

static void script_carry_out(Script *script, char *line)
{
        Words w = { .world = script->world, .script = script };
        int r;

        script->line_number++;
        free(script->doing);
        script->doing = must_copy(line);
        r = script_split(script, line, &w);
        if (r >= 0 && w.n > 0) {
                /* Set first: a programme may end, and say so, at any time. */
                script->waiting = true;
                r = command_run(&w);
        }
        if (r == COMMAND_WAITING)
                return;
        script->waiting = false;
        script_answer(script, r);
}

/* -- From a file to lines -- */

static int script_on_readable(
                sd_event_source *source _unused_, int fd _unused_, uint32_t revents _unused_, void *userdata)
{
        Script *script = userdata;

        must(sd_event_source_set_enabled(script->readable, SD_EVENT_OFF));
        must(sd_event_source_set_enabled(script->step, SD_EVENT_ON));
        script->ready = true;
        return 0;
}

/* Reads on. Returns false if there is nothing yet. */
static bool script_read(Script *script)
{
        ssize_t n;

        if (!script->ready) {
                must(sd_event_source_set_enabled(script->readable, SD_EVENT_ON));
                return false;
        }
        n = read(script->fd, script->buffer + script->used, sizeof(script->buffer) - 1 - script->used);
        must(n < 0 ? -errno : 0);
        script->ready = !script->readable;
        script->used += (size_t)n;
        script->at_end = n == 0;
        return true;
}

static void script_close(Script *script)
{
        script->readable = sd_event_source_disable_unref(script->readable);
        if (script->fd > STDERR_FILENO)
                close(script->fd);
        script->fd = -1;
}

static int script_open_next(Script *script)
{
        int r;

        script_close(script);
        script->name = script->paths[script->next_path++];
        script->interactive = strcmp(script->name, "-") == 0;
        script->line_number = 0;
        script->used = 0;
        script->at_end = false;
        script->fd = script->interactive ? STDIN_FILENO : open(script->name, O_RDONLY | O_CLOEXEC);
        if (script->fd < 0) {
                r = -errno;
                fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, script->name, strerror(-r));
                return r;
        }
        r = sd_event_add_io(script->world->event, &script->readable, script->fd, EPOLLIN, script_on_readable,
                        script);
        /* A plain file is always ready, and epoll does not accept it. */
        if (r == -EPERM)
                script->readable = NULL;
        else
                must(r);
        if (script->readable)
                must(sd_event_source_set_enabled(script->readable, SD_EVENT_OFF));
        script->ready = !script->readable;
        return 0;
}

/* All lines of this file are done. */
static void script_end_of_file(Script *script)
{
        if (script->next_path < script->n_paths) {
                if (script_open_next(script) < 0)
                        must(sd_event_exit(script->world->event, EXIT_FAILURE));
                return;
        }
        must(sd_event_source_set_enabled(script->step, SD_EVENT_OFF));
        if (script->interactive)
                must(sd_event_exit(script->world->event, EXIT_SUCCESS));
}

/* One line, or one read, at a time, so that the other sources of the loop get their turn. */
static int script_on_step(sd_event_source *source _unused_, void *userdata)
{
        Script *script = userdata;
        char line[LINE_SIZE_MAX];
        char *end;
        size_t size;

        script->buffer[script->used] = '\0';
        end = memchr(script->buffer, '\n', script->used);
        if (!end && script->at_end && script->used == 0) {
                script_end_of_file(script);
                return 0;
        }
        if (!end && !script->at_end) {
                if (script->used == sizeof(script->buffer) - 1) {
                        script->line_number++;
                        script_refuse(script, "a line is longer than %u characters", LINE_SIZE_MAX - 1);
                        script->used = 0;
                        script_answer(script, -EINVAL);
                } else if (!script_read(script))
                        must(sd_event_source_set_enabled(script->step, SD_EVENT_OFF));
                return 0;
        }

        size = end ? (size_t)(end - script->buffer) : script->used;
        memcpy(line, script->buffer, size);
        line[size] = '\0';
        script->used -= end ? size + 1 : size;
        memmove(script->buffer, script->buffer + size + 1, script->used);
        must(sd_event_source_set_enabled(script->step, SD_EVENT_OFF));
        script_carry_out(script, line);
        return 0;
}

int script_new(const ScriptWorld *world, char **paths, size_t n_paths, Script **ret)
{
        static char standard_input[] = "-";
        static char *default_paths[] = { standard_input };
        const char *scale = getenv("CARDIO_TIMEOUT_SCALE");
        _cleanup_(script_freep) Script *script = NULL;
        int r;

        script = calloc(1, sizeof(*script));
        must(script ? 0 : -ENOMEM);
        script->world = world;
        script->pace_usec = USEC_PER_SEC;
        script->paths = n_paths > 0 ? paths : default_paths;
        script->n_paths = n_paths > 0 ? n_paths : 1;
        script->fd = -1;
        if (!scale || parse_unsigned(scale, &script->scale) < 0 || script->scale == 0)
                script->scale = 1;
        must(sd_event_add_defer(world->event, &script->step, script_on_step, script));
        must(sd_event_source_set_priority(script->step, SD_EVENT_PRIORITY_IDLE));
        must(sd_event_source_set_enabled(script->step, SD_EVENT_ON));
        must(sd_event_add_post(world->event, &script->watch, script_on_watch, script));
        r = script_open_next(script);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(script);
        return 0;
}

Script *script_free(Script *script)
{
        if (!script)
                return NULL;
        script_close(script);
        sd_event_source_disable_unref(script->step);
        sd_event_source_disable_unref(script->watch);
        timer_disarm(&script->timer);
        free(script->doing);
        free(script->reason);
        free(script);
        return NULL;
}
