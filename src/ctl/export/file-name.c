/* SPDX-License-Identifier: MIT */
/* Names of files. A kind may be any text that the runner, or an imported file, has given: of it only letters of ASCII and digits get
 * into a name. No clock. */
#include "export/file-name.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "export/whole-file.h"
#include "memory.h"

/* Of the part for the kind. */
#define KIND_MAX 32U
/* Where a session has none. */
#define KIND_NONE "run"

/* "2026-05-17-0631-" */
#define START_MAX (DATE_STRING_MAX + 16)

/* Letters and digits; whatever is between them becomes one hyphen. */
static const char *kind_part(const char *kind, char buf[static KIND_MAX + 1])
{
        size_t n = 0;
        bool apart = false;

        for (; *kind && n + (apart ? 1 : 0) < KIND_MAX; kind++) {
                unsigned char c = (unsigned char)*kind;

                if (c >= 0x80 || !isalnum(c)) {
                        apart = n > 0;
                        continue;
                }
                if (apart)
                        buf[n++] = '-';
                apart = false;
                buf[n++] = (char)tolower(c);
        }
        buf[n] = '\0';
        return n > 0 ? buf : KIND_NONE;
}

static const char *start_part(const SessionStream *s, char buf[static START_MAX])
{
        (void)snprintf(buf, START_MAX, "%s-%s-", *s->date ? s->date : "undated", *s->time ? s->time : "0000");
        return buf;
}

char *file_name_of(const SessionStream *s, const char *extension)
{
        char start[START_MAX], kind[KIND_MAX + 1], *name;

        if (asprintf(&name, "%s%s-%lld.%s", start_part(s, start), kind_part(s->session.kind, kind),
                            (long long)s->session.id, extension) < 0)
                out_of_memory();
        return name;
}

/* What is left of a text without this end, in bytes; 0 if it does not end so. */
static size_t without_end(const char *text, size_t n, const char *end)
{
        size_t n_end = strlen(end);

        return n > n_end && memcmp(text + n - n_end, end, n_end) == 0 ? n - n_end : 0;
}

bool file_name_is_of(const char *name, const SessionStream *s, const char *extension)
{
        char start[START_MAX], end[64];

        (void)snprintf(end, sizeof(end), "-%lld.%s", (long long)s->session.id, extension);
        start_part(s, start);
        return strncmp(name, start, strlen(start)) == 0 &&
               without_end(name, strlen(name), end) > strlen(start);
}

/* As in "2026-05-17-0631-"; 9 stands for a digit. */
static bool begins_with_start(const char *name)
{
        for (const char *p = "9999-99-99-9999-"; *p; p++, name++)
                if (*p == '9' ? !isdigit((unsigned char)*name) : *name != *p)
                        return false;
        return true;
}

bool file_name_is_left(const char *name, const char *extension)
{
        char end[64];

        (void)snprintf(end, sizeof(end), ".%s" WHOLE_FILE_PART_SUFFIX, extension);
        return strncmp(name, WHOLE_FILE_PART_PREFIX, strlen(WHOLE_FILE_PART_PREFIX)) == 0 &&
               begins_with_start(name + strlen(WHOLE_FILE_PART_PREFIX)) &&
               without_end(name, strlen(name), end) > 0;
}

/* -- Folders -- */

/* NULL if it cannot be read: then it has nothing of ours. The descriptor stays open, and where it was. */
static DIR *open_entries(int folder)
{
        int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;

        if (!entries && fd >= 0)
                (void)close(fd);
        return entries;
}

char *file_name_find(int folder, const SessionStream *s, const char *extension)
{
        DIR *entries = open_entries(folder);
        const struct dirent *entry;
        char *name = NULL;

        while (entries && !name && (entry = readdir(entries)))
                if (file_name_is_of(entry->d_name, s, extension))
                        name = checked(strdup(entry->d_name));
        if (entries)
                (void)closedir(entries);
        return name;
}

void file_name_clear(int folder, const char *extension)
{
        DIR *entries = open_entries(folder);
        const struct dirent *entry;

        while (entries && (entry = readdir(entries)))
                if (file_name_is_left(entry->d_name, extension))
                        (void)unlinkat(folder, entry->d_name, 0); /* it may be left once more */
        if (entries)
                (void)closedir(entries);
}
