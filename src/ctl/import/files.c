/* SPDX-License-Identifier: MIT */

/* Finds the files of an import. In a folder the name decides what is looked into, and nothing is a mistake: folders of downloads
 * and archives hold all kinds of things. Links in a folder are not followed: they lead out of it, or to what is in it anyway.
 * Neither is anything waited for: what is no plain file must be named. No clock. */

#include "import/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/read-child.h"
#include "memory.h"

void files_done(ImportFiles *s)
{
        for (size_t i = 0; i < s->n; i++)
                free(s->files[i].path);
        free(s->files);
        free(s->archive);
        *s = (ImportFiles){ .n = 0 };
}

static Outcome add_file(ImportFiles *s, const char *path, bool named, uint64_t size)
{
        ImportFile *f;

        if (s->n == FILES_MAX)
                return fail(OUTCOME_USAGE, "these are more than %u files; import them in parts", FILES_MAX);
        if (s->n == s->allocated) {
                s->allocated = s->allocated == 0 ? 16 : 2 * s->allocated;
                s->files = checked(reallocarray(s->files, s->allocated, sizeof(*s->files)));
        }
        f = &s->files[s->n++];
        *f = (ImportFile){ .named = named, .size = size };
        f->path = checked(strdup(path));
        s->size += size;
        return OUTCOME_DONE;
}

/* Whether n bytes of a name end in .EXTENSION. */
static bool ends_in(const char *name, size_t n, const char *extension)
{
        size_t e = strlen(extension);

        return n > e + 1 && name[n - e - 1] == '.' && strncasecmp(name + n - e, extension, e) == 0;
}

/* Without .gz. */
static size_t length_of(const char *name)
{
        size_t n = strlen(name);

        return ends_in(name, n, "gz") ? n - strlen(".gz") : n;
}

bool file_may_be_of_others(const ImportFile *f)
{
        size_t n = length_of(f->path);

        return ends_in(f->path, n, "csv") || ends_in(f->path, n, "json");
}

static bool is_of_runs(const char *name)
{
        size_t n = length_of(name);

        for (size_t i = 0; i < IMPORT_FORMATS; i++)
                if (ends_in(name, n, import_formats[i]->extension))
                        return true;
        return false;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_no_dot(const struct dirent *entry)
{
        return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void pass_over(ImportFiles *s, const char *path)
{
        s->n_passed++;
        if (!ends_in(path, strlen(path), "zip"))
                return;
        s->n_archives++;
        if (!s->archive)
                s->archive = checked(strdup(path));
}

static Outcome add_folder(ImportFiles *s, int parent, const char *name, const char *path, unsigned depth);

static Outcome add_entry(ImportFiles *s, int folder, const char *name, const char *path, unsigned depth)
{
        struct stat st;

        if (name[0] == '.' || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                s->n_passed++;
                return OUTCOME_DONE;
        }
        if (S_ISDIR(st.st_mode))
                return add_folder(s, folder, name, path, depth + 1);
        if (S_ISREG(st.st_mode) && is_of_runs(name))
                return add_file(s, path, false, (uint64_t)st.st_size);
        pass_over(s, path);
        return OUTCOME_DONE;
}

static Outcome add_folder(ImportFiles *s, int parent, const char *name, const char *path, unsigned depth)
{
        struct dirent **entries = NULL;
        Outcome outcome = OUTCOME_DONE;
        int fd, n;

        if (depth > FILES_DEPTH_MAX)
                return fail(OUTCOME_FAILED, "%s lies more than %u folders deep; name it, to have it imported",
                                path, FILES_DEPTH_MAX);
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth > 0 ? O_NOFOLLOW : 0));
        n = fd < 0 ? -1 : scandirat(fd, ".", &entries, is_no_dot, by_name);
        if (n < 0)
                outcome = fail(OUTCOME_FAILED, "cannot read the folder %s: %s", path, strerror(errno));
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *inside = NULL;
                size_t end = strlen(path);

                if (asprintf(&inside, "%s%s%s", path, end > 0 && path[end - 1] == '/' ? "" : "/",
                                    entries[i]->d_name) < 0)
                        out_of_memory();
                if (outcome == OUTCOME_DONE)
                        outcome = add_entry(s, fd, entries[i]->d_name, inside, depth);
                free(entries[i]);
        }
        free(entries);
        if (fd >= 0)
                (void)close(fd);
        return outcome;
}

Outcome files_add(ImportFiles *s, const char *argument)
{
        struct stat st;

        if (strcmp(argument, FILE_STDIN) == 0) {
                if (isatty(STDIN_FILENO))
                        return fail(OUTCOME_USAGE,
                                        "- is standard input, which is this terminal; name a file");
                if (s->is_stdin_named)
                        return OUTCOME_DONE;
                s->is_stdin_named = true;
                return add_file(s, FILE_STDIN, true, 0);
        }
        if (stat(argument, &st) == 0 && S_ISDIR(st.st_mode)) {
                s->any_folder = true;
                return add_folder(s, AT_FDCWD, argument, argument, 0);
        }
        /* What is not there, or cannot be read, is told when its turn comes: it keeps no other file back. */
        return add_file(s, argument, true, stat(argument, &st) == 0 ? (uint64_t)st.st_size : 0);
}

int file_open(const ImportFile *s, const char **ret_why)
{
        int fd, flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (s->named ? 0 : O_NOFOLLOW), r = 0;
        struct stat st;

        *ret_why = NULL;
        if (strcmp(s->path, FILE_STDIN) == 0)
                fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        else
                fd = open(s->path, flags);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                r = -errno;
        else if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && strcmp(s->path, FILE_STDIN) != 0)
                r = -EINVAL;
        else if (strcmp(s->path, FILE_STDIN) != 0 && fcntl(fd, F_SETFL, 0) < 0)
                r = -errno;
        if (r == -EINVAL)
                *ret_why = "it is no file";
        if (r == 0)
                return fd;
        (void)close(fd);
        return r;
}
