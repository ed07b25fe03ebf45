/* SPDX-License-Identifier: MIT */
/* Reads and changes values in the text of an INI file that its owner writes by hand, too: comments, order and whatever is not
 * understood stay. What the daemon and the notifier make of the result they check themselves. No clock. */
#include "setup/ini-edit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cardio/macro.h"
#include "memory.h"

#define BLANKS          " \t\r"
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* A line of the text, and parts of it. */
typedef struct IniLine {
        const char *begin, *end; /* end: behind its newline, if it has one */
        const char *section;     /* of a line [SECTION]: the name, which is size long; else NULL */
        const char *key, *value; /* of a line KEY = VALUE, else NULL; likewise */
        size_t section_size, key_size, value_size;
        bool blank;
} IniLine;

static size_t trimmed(const char *text, size_t size)
{
        while (size > 0 && strchr(BLANKS "\n", text[size - 1]))
                size--;
        return size;
}

/* Up to a comment, which begins with a blank and a semicolon. */
static size_t without_comment(const char *text, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] == ';' && (i == 0 || strchr(BLANKS, text[i - 1])))
                        return trimmed(text, i);
        return trimmed(text, size);
}

static void read_key(IniLine *line, const char *at, size_t size)
{
        size_t n = 0, skip;

        while (n < size && at[n] != '=' && at[n] != ':')
                n++;
        if (n == size || n == 0)
                return;
        line->key = at;
        line->key_size = trimmed(at, n);
        skip = n + 1;
        while (skip < size && strchr(" \t", at[skip]))
                skip++;
        line->value = at + skip;
        line->value_size = without_comment(at + skip, size - skip);
}

/* The line that begins there; false at the end of the text. */
static bool next_line(const char *text, IniLine *ret)
{
        const char *end = strchrnul(text, '\n'), *at = text + strspn(text, " \t"), *bracket;
        size_t size;

        if (!*text)
                return false;
        *ret = (IniLine){ .begin = text, .end = end + (*end == '\n') };
        if (at > end)
                at = end;
        size = trimmed(at, (size_t)(end - at));
        ret->blank = size == 0;
        if (*at == '[') {
                bracket = memchr(at, ']', size);
                ret->section = at + 1;
                ret->section_size = bracket ? (size_t)(bracket - at - 1) : size - 1;
        } else if (size > 0 && *at != ';' && *at != '#') {
                read_key(ret, at, size);
        }
        return true;
}

static bool is_word(const char *text, size_t size, const char *word)
{
        return text && strlen(word) == size && strncmp(text, word, size) == 0;
}

/* The last place where the key is set; false if it is nowhere. ret_insert: behind the last line of its section that is not
 * blank, NULL if there is no such section. */
static bool find_key(
                const char *text, const char *section, const char *key, IniLine *ret, const char **ret_insert)
{
        bool within = false, found = false;
        IniLine line;

        *ret_insert = NULL;
        if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
                text += strlen(BYTE_ORDER_MARK);
        for (; next_line(text, &line); text = line.end) {
                if (line.section)
                        within = is_word(line.section, line.section_size, section);
                if (!within)
                        continue;
                if (!line.blank)
                        *ret_insert = line.end;
                if (is_word(line.key, line.key_size, key)) {
                        *ret = line;
                        found = true;
                }
        }
        return found;
}

char *ini_get(const char *text, const char *section, const char *key)
{
        const char *insert;
        IniLine line;

        if (!find_key(text, section, key, &line, &insert))
                return NULL;
        return checked(strndup(line.value, line.value_size));
}

static char *without_line(const char *text, const IniLine *line)
{
        char *changed;

        if (asprintf(&changed, "%.*s%s", (int)(line->begin - text), text, line->end) < 0)
                out_of_memory();
        return changed;
}

static char *with_line(const char *text, const char *at, const char *key, const char *value)
{
        bool open = at > text && at[-1] != '\n';
        char *changed;

        if (asprintf(&changed, "%.*s%s%s = %s\n%s", (int)(at - text), text, open ? "\n" : "", key, value,
                            at) < 0)
                out_of_memory();
        return changed;
}

char *ini_set(const char *text, const char *section, const char *key, const char *value)
{
        size_t size = strlen(text);
        const char *insert;
        char *changed;
        IniLine line;

        if (find_key(text, section, key, &line, &insert)) {
                if (!value)
                        return without_line(text, &line);
                if (asprintf(&changed, "%.*s%s%s", (int)(line.value - text), text, value,
                                    line.value + line.value_size) < 0)
                        out_of_memory();
                return changed;
        }
        if (!value)
                return checked(strdup(text));
        if (insert)
                return with_line(text, insert, key, value);
        if (asprintf(&changed, "%s%s%s[%s]\n%s = %s\n", text, size > 0 && text[size - 1] != '\n' ? "\n" : "",
                            size > 0 ? "\n" : "", section, key, value) < 0)
                out_of_memory();
        return changed;
}
