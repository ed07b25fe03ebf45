/* SPDX-License-Identifier: MIT */
/* Replay files, read and written; the grammar is in replay.h. A file is checked as a whole before anything is played. No
 * clock. */

#include "replay.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/parse.h"
#include "cardio/recorder.h"

struct ReplayBlock {
        ReplayBlock *next;
        uint8_t bytes[];
};

/* Where reading has got to. */
typedef struct Reading {
        Replay *replay;
        unsigned line;
        usec_t at_usec; /* of the last line with a time */
        bool ended;
        size_t expected_size;
        char **error;
} Reading;

int replay_error(char **ret_error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        if (vasprintf(ret_error, format, arguments) < 0)
                *ret_error = NULL;
        va_end(arguments);
        return -EINVAL;
}

static _printf_(2, 3) int fail_at(Reading *r, const char *format, ...)
{
        _cleanup_free_ char *reason = NULL;
        va_list arguments;

        va_start(arguments, format);
        if (vasprintf(&reason, format, arguments) < 0)
                reason = NULL;
        va_end(arguments);
        return replay_error(
                        r->error, "%s:%u: %s", r->replay->path, r->line, reason ? reason : "out of memory");
}

static int no_memory(Reading *r)
{
        (void)fail_at(r, "out of memory");
        return -ENOMEM;
}

/* -- What a replay is made of -- */

void *replay_keep(Replay *r, const void *bytes, size_t size)
{
        ReplayBlock *block = malloc(sizeof(*block) + size);

        if (!block)
                return NULL;
        memcpy(block->bytes, bytes, size);
        block->next = r->blocks;
        r->blocks = block;
        return block->bytes;
}

int replay_add(Replay *r, const ReplayStep *step)
{
        if (r->n_steps == REPLAY_STEPS_MAX)
                return -E2BIG;
        if (r->n_steps == r->n_steps_allocated) {
                size_t n = r->n_steps_allocated > 0 ? 2 * r->n_steps_allocated : 256;
                ReplayStep *steps = reallocarray(r->step, n, sizeof(*steps));

                if (!steps)
                        return -ENOMEM;
                r->step = steps;
                r->n_steps_allocated = n;
        }
        r->step[r->n_steps] = *step;
        r->step[r->n_steps].order = r->n_steps;
        r->n_steps++;
        return 0;
}

Replay *replay_free(Replay *r)
{
        if (!r)
                return NULL;
        for (ReplayBlock *block = r->blocks, *next; block; block = next) {
                next = block->next;
                free(block);
        }
        free(r->step);
        free(r->expected);
        free(r->text);
        free(r);
        return NULL;
}

static int add(Reading *r, const ReplayStep *step)
{
        int q = replay_add(r->replay, step);

        if (q == -E2BIG)
                return fail_at(r, "more than %u packets", REPLAY_STEPS_MAX);
        return q < 0 ? no_memory(r) : 0;
}

/* -- Words -- */

/* The next word of a line, NULL at its end. */
static char *next_word(char **rest)
{
        char *word;

        *rest += strspn(*rest, " \t");
        if (!**rest)
                return NULL;
        word = *rest;
        *rest += strcspn(*rest, " \t");
        if (**rest)
                *(*rest)++ = '\0';
        return word;
}

/* What is left of a line, without blanks around it. */
static char *last_words(char **rest)
{
        char *text = *rest + strspn(*rest, " \t"), *end = text + strlen(text);

        while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
                *--end = '\0';
        *rest = end;
        return text;
}

static int parse_seconds(const char *text, usec_t *ret)
{
        double seconds;

        if (parse_decimal(&text, &seconds) < 0 || *text || seconds * 1e6 > (double)REPLAY_TIME_MAX)
                return -EINVAL;
        *ret = (usec_t)(seconds * 1e6 + 0.5);
        return 0;
}

static int digit(char c)
{
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
}

/* BYTES; size is that of the text. */
static int parse_bytes(Reading *r, const char *text, size_t size, ReplayStep *ret)
{
        uint8_t value[REPLAY_VALUE_MAX];

        if (size == 1 && *text == '-')
                size = 0;
        if (size % 2 != 0 || size / 2 > sizeof(value))
                return fail_at(r,
                                "'%.*s' is no value; accepted: up to %u bytes of two hexadecimal digits each, - for none",
                                (int)(size < 64 ? size : 64), text, REPLAY_VALUE_MAX);
        for (size_t i = 0; i < size; i += 2) {
                int high = digit(text[i]), low = digit(text[i + 1]);

                if (high < 0 || low < 0)
                        return fail_at(r, "'%c%c' is no byte; accepted: two hexadecimal digits", text[i],
                                        text[i + 1]);
                value[i / 2] = (uint8_t)(high << 4 | low);
        }
        ret->value = replay_keep(r->replay, value, size / 2);
        if (!ret->value)
                return no_memory(r);
        ret->size = size / 2;
        return 0;
}

/* -- Lines with a time -- */

#define ITEMS_MAX 4096U

typedef struct Item {
        ReplayStep packet;
        bool nothing;
        unsigned times;
} Item;

static int read_items(Reading *r, char **rest, ReplayStep step, Item *items, size_t *ret_n)
{
        size_t n = 0;

        for (char *word; (word = next_word(rest)); n++) {
                size_t size = strcspn(word, "*");
                Item *item = &items[n];
                int q = 0;

                if (n == ITEMS_MAX)
                        return fail_at(r, "more than %u items", ITEMS_MAX);
                *item = (Item){ .packet = step, .times = 1, .nothing = size == 1 && *word == '.' };
                if (word[size] && (parse_unsigned(word + size + 1, &item->times) < 0 || item->times == 0))
                        return fail_at(r, "'%s' is no number of times", word + size + 1);
                if (!item->nothing)
                        q = parse_bytes(r, word, size, &item->packet);
                if (q < 0)
                        return q;
        }
        if (n == 0)
                return fail_at(r, "nothing to repeat");
        *ret_n = n;
        return 0;
}

/* repeat N every SECONDS ITEM… */
static int read_repeat(Reading *r, char **rest, ReplayStep step)
{
        _cleanup_free_ Item *items = calloc(ITEMS_MAX, sizeof(*items));
        const char *count = next_word(rest), *every = next_word(rest), *seconds = next_word(rest);
        unsigned n, left;
        usec_t pause_usec;
        size_t n_items = 1, k = 0;
        int q;

        if (!items)
                return no_memory(r);
        if (!seconds || strcmp(every, "every") != 0 || parse_unsigned(count, &n) < 0 ||
                        parse_seconds(seconds, &pause_usec) < 0)
                return fail_at(r, "accepted: repeat N every SECONDS ITEM…");
        if (n > REPLAY_STEPS_MAX || n * pause_usec > REPLAY_TIME_MAX)
                return fail_at(r, "that is longer than a week, or more than %u packets", REPLAY_STEPS_MAX);
        q = read_items(r, rest, step, items, &n_items);
        left = items[0].times;
        for (unsigned i = 0; i < n && q == 0; i++) {
                if (!items[k].nothing) {
                        items[k].packet.at_usec = step.at_usec + i * pause_usec;
                        q = add(r, &items[k].packet);
                }
                if (--left == 0) {
                        k = (k + 1) % n_items;
                        left = items[k].times;
                }
        }
        return q;
}

static int read_link(Reading *r, const char *word, ReplayStep step)
{
        static const char *const names[_SENSOR_LINK_MAX] = {
                [SENSOR_LINK_ABSENT] = "down",
                [SENSOR_LINK_CONNECTING] = "connecting",
                [SENSOR_LINK_CONNECTED] = "up",
        };

        step.type = REPLAY_LINK;
        for (SensorLink link = SENSOR_LINK_ABSENT; link < _SENSOR_LINK_MAX; link++)
                if (word && strcmp(word, names[link]) == 0) {
                        step.link = link;
                        return add(r, &step);
                }
        return fail_at(r, "a link is up, connecting or down");
}

static int read_ceiling(Reading *r, const char *word, ReplayStep step)
{
        Intensity ceiling;

        step.type = REPLAY_CEILING;
        if (!word)
                return fail_at(r, "which ceiling? accepted: %s, default", INTENSITY_ACCEPTED);
        if (strcmp(word, "default") == 0)
                return add(r, &step);
        if (intensity_parse(word, &ceiling) < 0)
                return fail_at(r, "'%s' is no ceiling; accepted: %s, default", word, INTENSITY_ACCEPTED);
        step.ceiling = replay_keep(r->replay, &ceiling, sizeof(ceiling));
        return step.ceiling ? add(r, &step) : no_memory(r);
}

static int read_command(Reading *r, char **rest, ReplayStep step)
{
        static const struct {
                const char *name;
                ReplayStepType type;
        } commands[] = {
                { "start", REPLAY_START },
                { "stop", REPLAY_STOP },
                { "hold", REPLAY_HOLD },
                { "release", REPLAY_RELEASE },
        };
        const char *word = next_word(rest);

        if (word && strcmp(word, "ceiling") == 0)
                return read_ceiling(r, next_word(rest), step);
        if (word && strcmp(word, "snooze") == 0) {
                const char *length = next_word(rest);

                step.type = REPLAY_SNOOZE;
                if (!length || parse_duration(length, &step.length_usec) < 0)
                        return fail_at(r, "how long? accepted: a duration such as 10min, 0 to end it");
                return add(r, &step);
        }
        for (size_t i = 0; word && i < ELEMENTSOF(commands); i++)
                if (strcmp(word, commands[i].name) == 0) {
                        step.type = commands[i].type;
                        return add(r, &step);
                }
        return fail_at(r,
                        "accepted: command start, stop, hold, release, snooze DURATION, ceiling EXPRESSION");
}

/* STRAP: before a word. */
static int read_strap(Reading *r, char **word, unsigned *ret)
{
        char *colon = strchr(*word, ':');

        *ret = 0;
        if (!colon)
                return 0;
        *colon = '\0';
        if (parse_unsigned(*word, ret) < 0 || *ret >= SENSORS_MAX)
                return fail_at(r, "'%s' is no strap; accepted: 0 to %u", *word, SENSORS_MAX - 1);
        *word = colon + 1;
        return 0;
}

static int read_timed(Reading *r, const char *time, char **rest)
{
        ReplayStep step = { .type = REPLAY_PACKET };
        char *word = next_word(rest);
        int q;

        if (parse_seconds(time, &step.at_usec) < 0)
                return fail_at(r, "'%s' is neither a time, nor config, data, # or =", time);
        if (step.at_usec < r->at_usec || r->ended)
                return fail_at(r, r->ended ? "this is after the end" : "times do not go back");
        if (!word)
                return fail_at(r, "what is at that time?");
        r->at_usec = step.at_usec;
        q = read_strap(r, &word, &step.sensor);
        if (q < 0)
                return q;
        if (strcmp(word, "repeat") == 0)
                return read_repeat(r, rest, step);
        if (strcmp(word, "link") == 0)
                q = read_link(r, next_word(rest), step);
        else if (strcmp(word, "command") == 0)
                q = read_command(r, rest, step);
        else if (strcmp(word, "asleep") == 0) {
                const char *length = next_word(rest);

                step.type = REPLAY_ASLEEP;
                if (!length || parse_duration(length, &step.length_usec) < 0)
                        return fail_at(r, "how long? accepted: a duration such as 10min");
                q = add(r, &step);
        } else if (strcmp(word, "end") == 0) {
                step.type = REPLAY_END;
                r->ended = true;
                q = add(r, &step);
        } else {
                q = parse_bytes(r, word, strlen(word), &step);
                if (q == 0)
                        q = add(r, &step);
        }
        word = next_word(rest);
        return q == 0 && word ? fail_at(r, "what is '%s'?", word) : q;
}

/* -- The file -- */

static int read_config(Reading *r, char **rest)
{
        Replay *replay = r->replay;
        const char *key = next_word(rest), *value = last_words(rest);

        if (!key || !*value || !strchr(key, '.'))
                return fail_at(r, "accepted: config SECTION.KEY VALUE");
        if (replay->n_steps > 0)
                return fail_at(r, "config comes before the first packet");
        if (replay->n_config == REPLAY_CONFIG_MAX)
                return fail_at(r, "more than %u lines of config", REPLAY_CONFIG_MAX);
        replay->config[replay->n_config++] = (ReplayConfig){ .key = key, .value = value, .line = r->line };
        return 0;
}

static void read_expected(Reading *r, const char *line)
{
        char *end = r->replay->expected + r->expected_size;

        end = stpcpy(end, line + (*line == ' ')); /* all of them are no longer than the file */
        end = stpcpy(end, "\n");
        r->expected_size = (size_t)(end - r->replay->expected);
}

static int read_line(Reading *r, char *line)
{
        char *rest = line, *word;

        if (*line == '=') {
                read_expected(r, line + 1);
                return 0;
        }
        if (*line == '#')
                return 0;
        if (r->line == 1)
                return fail_at(r, "the first line says in plain words what this is, behind a #");
        word = next_word(&rest);
        if (!word)
                return 0;
        if (strcmp(word, "config") == 0)
                return read_config(r, &rest);
        if (strcmp(word, "data") == 0) {
                r->replay->data = last_words(&rest);
                return *r->replay->data ? 0 : fail_at(r, "accepted: data PATH");
        }
        return read_timed(r, word, &rest);
}

static int read_file(const char *path, char **ret_text, size_t *ret_size)
{
        _cleanup_free_ char *text = NULL;
        struct stat st;
        FILE *f = fopen(path, "re");
        size_t n = 0;
        int r = 0;

        if (!f)
                return -errno;
        if (fstat(fileno(f), &st) < 0)
                r = -errno;
        else if (!S_ISREG(st.st_mode))
                r = -EINVAL;
        else if (st.st_size > REPLAY_FILE_MAX)
                r = -EFBIG;
        if (r == 0) {
                text = malloc((size_t)st.st_size + 1);
                if (text)
                        n = fread(text, 1, (size_t)st.st_size, f);
                r = !text ? -ENOMEM : ferror(f) ? -EIO : 0;
        }
        (void)fclose(f);
        if (r < 0)
                return r;
        text[n] = '\0';
        *ret_text = TAKE_PTR(text);
        *ret_size = n;
        return 0;
}

static int compare_steps(const void *a, const void *b)
{
        const ReplayStep *s = a, *t = b;

        if (s->at_usec != t->at_usec)
                return s->at_usec < t->at_usec ? -1 : 1;
        return s->order < t->order ? -1 : s->order > t->order;
}

static int read_all(Reading *r, size_t size)
{
        Replay *replay = r->replay;
        int q = 0;

        if (strlen(replay->text) != size) {
                r->line = 1;
                return fail_at(r, "this is no text");
        }
        for (char *rest = replay->text, *line; q == 0 && (line = strsep(&rest, "\n"));) {
                size_t end = strlen(line);

                r->line++;
                if (end > 0 && line[end - 1] == '\r')
                        line[end - 1] = '\0';
                q = read_line(r, line);
        }
        if (q == 0 && replay->data && replay->n_steps > 0)
                return fail_at(r, "packets are either in the file or in its data");
        if (q == 0 && replay->data) {
                q = replay_load_data(replay, r->error);
                replay->data_missing = q == -ENOENT;
                if (q == -ENOENT)
                        q = 0;
        }
        if (q < 0)
                return q;
        if (replay->n_steps == 0 && !replay->data_missing)
                return fail_at(r, "there are no packets");
        if (replay->n_steps > 0)
                qsort(replay->step, replay->n_steps, sizeof(replay->step[0]), compare_steps);
        return 0;
}

int replay_load(const char *path, Replay **ret, char **ret_error)
{
        _cleanup_(replay_freep) Replay *replay = calloc(1, sizeof(*replay));
        Reading reading = { .replay = replay, .error = ret_error };
        size_t size = 0;
        int r;

        *ret_error = NULL;
        if (!replay)
                return -ENOMEM;
        replay->path = path;
        r = read_file(path, &replay->text, &size);
        if (r < 0) {
                (void)replay_error(ret_error, "%s: %s", path, strerror(-r));
                return r;
        }
        replay->expected = calloc(1, size + 2);
        if (!replay->expected)
                return -ENOMEM;
        r = read_all(&reading, size);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(replay);
        return 0;
}

/* -- Updating -- */

static void write_updated(FILE *f, char *text, const char *expected)
{
        bool blank = true;

        for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
                if (*line == '=' || (!rest && !*line))
                        continue;
                fprintf(f, "%s\n", line);
                blank = !*line;
        }
        if (!blank)
                fputc('\n', f);
        while (*expected) {
                size_t n = strcspn(expected, "\n");

                fprintf(f, "= %.*s\n", (int)n, expected);
                expected += n + (expected[n] == '\n');
        }
}

int replay_update(const char *path, const char *expected)
{
        _cleanup_free_ char *text = NULL, *partial = NULL;
        struct stat st;
        size_t size;
        FILE *f;
        int r, fd;

        r = read_file(path, &text, &size);
        if (r < 0)
                return r;
        if (asprintf(&partial, "%s.XXXXXX", path) < 0)
                return -ENOMEM;
        fd = mkostemp(partial, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (stat(path, &st) == 0)
                (void)fchmod(fd, st.st_mode & 0777);
        f = fdopen(fd, "w");
        if (!f) {
                (void)close(fd);
                (void)unlink(partial);
                return -ENOMEM;
        }
        write_updated(f, text, expected);
        r = ferror(f) ? -EIO : 0;
        if (fclose(f) != 0 && r == 0)
                r = -errno;
        if (r == 0 && rename(partial, path) < 0)
                r = -errno;
        if (r < 0)
                (void)unlink(partial);
        return r;
}
