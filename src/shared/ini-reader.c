/* SPDX-License-Identifier: MIT */

/* inih parses the lines, but gets them one by one from here: inih alone would cut long lines and names, has no line numbers,
 * and takes an indented line for a continuation of the value above. So this reader counts lines, refuses what inih would cut,
 * strips the indentation, and handles sections without keys. No clock. */

#include "shared/ini-reader.h"

#include <assert.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cardio/nearest.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

typedef struct Reader {
        const IniHandler *handler;
        FILE *file;
        IniPlace place;  /* of the current line */
        bool awaits_key; /* the current line should have a key, and inih has not reported one yet */
        bool skips;      /* it is in a section that was refused */
} Reader;

/* -- Lines ------------------------------------------------------------------------------------------------------- */

/* A line that begins with [. Returns a negative errno if the lines below it belong to no known section. */
static int read_section(const Reader *r, const char *line)
{
        IniFailures *failures = r->handler->failures;
        char section[INI_LINE_MAX + 1];
        const char *end;

        end = strchr(line, ']');
        if (!end)
                return ini_fail(failures, r->place, NULL,
                                "the section's name does not end; accepted: [SECTION]");
        memcpy(section, line + 1, (size_t)(end - line - 1));
        section[end - line - 1] = '\0';

        end++;
        end += strspn(end, " \t");
        if (*end != '\0' && *end != ';') /* the failure is recorded, and the section is known */
                (void)ini_fail(failures, r->place, NULL,
                                "more behind the section's name; accepted: [SECTION] and keys on lines of their own");
        return r->handler->section(r->handler->userdata, r->place, section);
}

static int read_char(Reader *r)
{
        int c = getc(r->file);

        if (c != '\r')
                return c;
        c = getc(r->file);
        if (c == '\n')
                return c;
        (void)ungetc(c, r->file); /* does nothing with EOF */
        return '\r';
}

/* Reads a line without its end and leading white space, at most size - 1 bytes; a refused one reads as empty. Returns 1, 0 at
 * the end of the file, or a negative errno. */
static int read_line(Reader *r, char *buf, size_t size)
{
        bool control = false, longer = false;
        size_t n = 0;
        int c;

        while ((c = read_char(r)) != EOF && c != '\n') {
                control = control || (c < ' ' && c != '\t') || c == 0x7f;
                if (n == 0 && (c == ' ' || c == '\t'))
                        continue;
                longer = longer || n == size - 1;
                if (control || longer)
                        continue;
                buf[n++] = (char)c;
                if (r->place.line == 1 && n == strlen(BYTE_ORDER_MARK) &&
                                memcmp(buf, BYTE_ORDER_MARK, n) == 0)
                        n = 0;
        }
        if (ferror(r->file))
                return ini_fail_errno(r->handler->failures, -errno, (IniPlace){ .file = r->place.file },
                                "cannot be read: %s", strerror(errno));
        if (control)
                (void)ini_fail(r->handler->failures, r->place, NULL, "a control character; accepted: text");
        else if (longer)
                (void)ini_fail(r->handler->failures, r->place, NULL,
                                "the line is too long; accepted: at most %zu bytes", size - 1);
        if (control || longer) {
                *r->handler->incomplete = true;
                n = 0;
        }
        buf[n] = '\0';
        return c != EOF || n > 0 || control || longer;
}

/* Checks whether inih has found a key in the previous line. */
static void reader_judge(Reader *r)
{
        if (r->awaits_key) {
                *r->handler->incomplete = true;
                (void)ini_fail(r->handler->failures, r->place, NULL,
                                "not understood; accepted: [SECTION], KEY = VALUE, or a comment behind ; or "
                                "#");
        }
        r->awaits_key = false;
}

/* Reader function for inih: the next line into buf, or NULL if there is none, or an error has ended the reading. */
static char *reader_next(char *buf, int size, void *userdata)
{
        Reader *r = userdata;
        size_t limit = INI_LINE_MAX + 1;

        assert(size > 0);
        if (limit > (size_t)size)
                limit = (size_t)size;

        reader_judge(r);
        if (r->handler->failures->code == -ENOMEM)
                return NULL;
        if (r->place.line == INI_LINES_MAX) {
                *r->handler->incomplete = true;
                (void)ini_fail(r->handler->failures, r->place, NULL, "too many lines; accepted: at most %u",
                                INI_LINES_MAX);
                return NULL; /* the error is kept */
        }
        r->place.line++;
        if (read_line(r, buf, limit) <= 0)
                return NULL;
        if (*buf == '[')
                r->skips = read_section(r, buf) < 0;
        else
                r->awaits_key = !r->skips && *buf != '\0' && *buf != ';' && *buf != '#';
        if (*buf == '[' && r->skips)
                *r->handler->incomplete = true;
        return buf;
}

/* Handler for inih: always returns non-zero, since refused keys are reported already. */
static int reader_key(void *userdata, const char *section, const char *name, const char *value)
{
        Reader *r = userdata;
        const IniHandler *h = r->handler;

        r->awaits_key = false;
        if (h->failures->code == -ENOMEM || r->skips)
                return 1;
        if (*section == '\0') {
                *h->incomplete = true;
                (void)ini_fail(h->failures, r->place, name,
                                "before any section; accepted: keys below a [SECTION]");
                return 1;
        }
        h->key(h->userdata, r->place, section, name, value);
        return 1;
}

static void fclosep(FILE **f)
{
        if (*f)
                (void)fclose(*f); /* only read from */
}

void ini_read(const IniHandler *h, const char *path, bool must_exist)
{
        _cleanup_(fclosep) FILE *file = NULL;
        Reader reader = { .handler = h, .place.file = path };

        file = fopen(path, "re");
        if (!file) {
                if (errno == ENOENT && !must_exist)
                        return;
                *h->incomplete = true;
                (void)ini_fail_errno(
                                h->failures, -errno, reader.place, "cannot be read: %s", strerror(errno));
                return;
        }
        reader.file = file;

        /* inih returns only the first line that it did not understand: reader_judge() checks each. */
        if (ini_parse_stream(reader_next, &reader, reader_key, &reader) < 0)
                (void)ini_no_memory(h->failures);
        reader_judge(&reader);
}

/* -- Mistakes ---------------------------------------------------------------------------------------------------- */

int ini_fail_section(IniFailures *f, IniPlace place, const IniNames *names, const char *section)
{
        char accepted[256] = "", name[NEAREST_WORD_MAX + 1], meant[64] = "";
        Nearest nearest = { .word = name };
        size_t n = 0;

        (void)snprintf(name, sizeof(name), "%s", section + strspn(section, " \t"));
        for (size_t i = strlen(name); i > 0 && (name[i - 1] == ' ' || name[i - 1] == '\t'); i--)
                name[i - 1] = '\0';
        for (size_t i = 0; i < names->n; i++)
                if (i == 0 || strcmp(names->section(i), names->section(i - 1)) != 0) {
                        nearest_consider(&nearest, names->section(i));
                        n += (size_t)snprintf(accepted + n, sizeof(accepted) - n, "%s[%s]", n > 0 ? ", " : "",
                                        names->section(i));
                        assert(n < sizeof(accepted));
                }
        if (nearest.match)
                (void)snprintf(meant, sizeof(meant), " (did you mean [%s]?)", nearest.match);
        return ini_fail(f, place, NULL, "unknown section [%s]%s; accepted: %s%s%s", section, meant, accepted,
                        names->further ? ", " : "", names->further ? names->further : "");
}

/* What may have been meant: a key of another section with exactly this name, else the most similar one of this section. */
static void suggest_key(const IniNames *names, const char *section, const char *key, char *buf, size_t size)
{
        Nearest nearest = { .word = key };

        *buf = '\0';
        for (size_t i = 0; i < names->n; i++) {
                if (strcmp(names->key(i), key) == 0) {
                        (void)snprintf(buf, size, " (it belongs in [%s])", names->section(i));
                        return;
                }
                if (strcmp(names->section(i), section) == 0)
                        nearest_consider(&nearest, names->key(i));
        }
        if (nearest.match)
                (void)snprintf(buf, size, " (did you mean `%s`?)", nearest.match);
}

int ini_fail_key(IniFailures *f, IniPlace place, const IniNames *names, const char *section, const char *key)
{
        char accepted[512] = "", meant[96];
        size_t n = 0;

        for (size_t i = 0; i < names->n; i++)
                if (strcmp(names->section(i), section) == 0) {
                        n += (size_t)snprintf(accepted + n, sizeof(accepted) - n, "%s%s", n > 0 ? ", " : "",
                                        names->key(i));
                        assert(n < sizeof(accepted));
                }
        suggest_key(names, section, key, meant, sizeof(meant));
        return ini_fail(f, place, *key ? key : NULL, "unknown key in [%s]%s; accepted: %s", section, meant,
                        accepted);
}

int ini_fail_twice(IniFailures *f, IniPlace place, const char *key, IniPlace first)
{
        return ini_fail(f, place, key, "set twice, first on line %u; accepted: each key once in a file",
                        first.line);
}

int ini_parse_boolean(const char *text, void *field)
{
        static const char *const words[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" } };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                for (unsigned yes = 0; yes < 2; yes++)
                        if (strcasecmp(text, words[i][yes]) == 0) {
                                *(bool *)field = yes;
                                return 0;
                        }
        return -EINVAL;
}
