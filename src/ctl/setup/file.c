/* SPDX-License-Identifier: MIT */
/* Reads a small text file, and replaces it: written beside it, synced, renamed. No clock. */
#include "setup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "client/user-file.h"
#include "memory.h"

/* Nobody writes a longer configuration. */
#define FILE_MAX (1024U * 1024U)

char *file_read(const char *path)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
        char *text;
        size_t n = 0;
        ssize_t got;

        if (fd < 0)
                return errno == ENOENT || errno == ENOTDIR ? checked(strdup("")) : NULL;
        text = checked(calloc(1, FILE_MAX + 1));
        while (n < FILE_MAX && (got = read(fd, text + n, FILE_MAX - n)) != 0) {
                if (got < 0) {
                        error = errno;
                        break;
                }
                n += (size_t)got;
        }
        (void)close(fd); /* only read from */
        if (error == 0 && n < FILE_MAX && strlen(text) == n)
                return text;
        free(text);
        errno = error ? error : n < FILE_MAX ? EILSEQ : EFBIG;
        return NULL;
}

/* The folder of a path. To be freed. */
static char *folder_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        if (!slash)
                return checked(strdup("."));
        return checked(strndup(path, slash == path ? 1 : (size_t)(slash - path)));
}

/* Where the text has to go: a link, as people have who keep their settings elsewhere, stays one. To be freed. */
static char *target_of(const char *path)
{
        char *target = realpath(path, NULL);

        return target ? target : checked(strdup(path));
}

static int write_all(int fd, const char *text)
{
        size_t n = strlen(text);

        while (n > 0) {
                ssize_t written = write(fd, text, n);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return -errno;
                text += written;
                n -= (size_t)written;
        }
        return fsync(fd) < 0 ? -errno : 0;
}

static int sync_folder(const char *folder)
{
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

        if (fd < 0)
                return -errno;
        if (fsync(fd) < 0 && errno != EINVAL) /* a file system that cannot */
                r = -errno;
        (void)close(fd); /* only read from */
        return r;
}

int file_replace(const char *path, const char *text, mode_t mode)
{
        _cleanup_free_ char *target = target_of(path), *folder = folder_of(target), *beside = NULL;
        struct stat st;
        int fd, r;

        r = user_make_folders(folder, mode & 0077 ? 0755 : 0700);
        if (r < 0)
                return r;
        if (asprintf(&beside, "%s.XXXXXX", target) < 0)
                out_of_memory();
        fd = mkostemp(beside, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = fchmod(fd, stat(target, &st) == 0 ? st.st_mode & 0777 : mode) < 0 ? -errno : 0;
        if (r >= 0)
                r = write_all(fd, text);
        if (close(fd) < 0 && r >= 0)
                r = -errno;
        if (r >= 0 && rename(beside, target) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlink(beside);
                return r;
        }
        return sync_folder(folder);
}

bool file_is_replaceable(const char *path)
{
        _cleanup_free_ char *target = target_of(path), *folder = folder_of(target);

        while (access(folder, F_OK) < 0 && errno == ENOENT && strchr(folder, '/') && folder[1]) {
                char *above = folder_of(folder);

                free(folder);
                folder = above;
        }
        return access(folder, W_OK | X_OK) == 0;
}
