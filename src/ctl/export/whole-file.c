/* SPDX-License-Identifier: MIT */
/* O_TMPFILE makes a file without a name, of which nothing is left when the program ends. linkat() names it in one step, but
 * never in place of another file: to replace one, it gets the name of an unfinished file first, and is renamed from there.
 * Everything is on the disk before it has its name. No clock. */
#include "export/whole-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "memory.h"

#define BUFFER_SIZE (64U * 1024U)
/* How often another program may take the unfinished file away before that counts as an error. */
#define ATTEMPTS 8U

static void block_signals(WholeFile *f)
{
        sigset_t set;

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGINT);
        (void)sigaddset(&set, SIGTERM);
        (void)sigaddset(&set, SIGHUP);
        (void)sigprocmask(SIG_BLOCK, &set, &f->signals);
        (void)signal(SIGXFSZ, SIG_IGN); /* a limit of its size is an error like any other */
}

/* Of a program that is interrupted in between. */
static int open_part(WholeFile *f)
{
        for (unsigned i = 0; i < ATTEMPTS; i++) {
                f->fd = openat(f->folder, f->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                if (f->fd >= 0) {
                        f->shows = true;
                        return 0;
                }
                if (errno != EEXIST)
                        return -errno;
                if (unlinkat(f->folder, f->part, 0) < 0 && errno != ENOENT)
                        return -errno;
        }
        return -EBUSY;
}

int whole_file_begin(WholeFile *f, int folder, const char *name)
{
        *f = (WholeFile){ .folder = folder, .fd = -1 };
        f->name = checked(strdup(name));
        f->buffer = checked(malloc(BUFFER_SIZE));
        if (asprintf(&f->part, WHOLE_FILE_PART_PREFIX "%s" WHOLE_FILE_PART_SUFFIX, name) < 0)
                out_of_memory();
        block_signals(f);
        f->fd = openat(folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
        if (f->fd >= 0)
                return 0;
        /* Not on this file system, or, EISDIR, not by this kernel. */
        return errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL ? open_part(f) : -errno;
}

int whole_file_begin_in_memory(WholeFile *f)
{
        *f = (WholeFile){ .folder = -1, .fd = memfd_create("export", MFD_CLOEXEC) };
        f->name = checked(strdup(""));
        f->buffer = checked(malloc(BUFFER_SIZE));
        (void)sigprocmask(SIG_BLOCK, NULL,
                        &f->signals); /* who reads it may take as long as he likes: Ctrl-C works */
        return f->fd < 0 ? -errno : 0;
}

/* -- Content ----------------------------------------------------------------------------------------------- */

static int put(int fd, uint64_t offset, const void *data, size_t size)
{
        const char *p = data;

        while (size > 0) {
                ssize_t n = pwrite(fd, p, size, (off_t)offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                p += n;
                offset += (uint64_t)n;
                size -= (size_t)n;
        }
        return 0;
}

static int flush(WholeFile *f)
{
        int r = put(f->fd, f->n_written, f->buffer, f->n_buffer);

        if (r < 0)
                return r;
        f->n_written += f->n_buffer;
        f->n_buffer = 0;
        return 0;
}

int whole_file_write(void *userdata, const void *data, size_t size)
{
        WholeFile *f = userdata;
        int r;

        if (size > BUFFER_SIZE - f->n_buffer) {
                r = flush(f);
                if (r < 0)
                        return r;
        }
        if (size > BUFFER_SIZE) {
                r = put(f->fd, f->n_written, data, size);
                f->n_written += r < 0 ? 0 : size;
                return r;
        }
        if (size > 0)
                memcpy(f->buffer + f->n_buffer, data, size);
        f->n_buffer += size;
        return 0;
}

int whole_file_patch(void *userdata, uint64_t offset, const void *data, size_t size)
{
        WholeFile *f = userdata;
        int r;

        if (offset > whole_file_size(f) || size > whole_file_size(f) - offset)
                return -EINVAL;
        r = flush(f);
        return r < 0 ? r : put(f->fd, offset, data, size);
}

int whole_file_send(WholeFile *f, FILE *to)
{
        int r = flush(f);

        for (uint64_t offset = 0; r >= 0 && offset < f->n_written;) {
                ssize_t n = pread(f->fd, f->buffer, BUFFER_SIZE, (off_t)offset);

                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                if (fwrite(f->buffer, 1, (size_t)n, to) != (size_t)n)
                        return errno > 0 ? -errno : -EIO;
                offset += (uint64_t)n;
        }
        if (r >= 0 && fflush(to) != 0)
                return -errno;
        return r;
}

uint64_t whole_file_size(const WholeFile *f)
{
        return f->n_written + f->n_buffer;
}

/* -- Its name ---------------------------------------------------------------------------------------------- */

static int link_as(const WholeFile *f, const char *name)
{
        char path[sizeof("/proc/self/fd/") + 16];

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
        return linkat(AT_FDCWD, path, f->folder, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* From the name of an unfinished file; if that name is taken it is that of an attempt which was killed, or of one that is
 * going on elsewhere. */
static int link_as_part(WholeFile *f)
{
        int r = -EEXIST;

        for (unsigned i = 0; i < ATTEMPTS && r == -EEXIST; i++) {
                r = link_as(f, f->part);
                if (r == -EEXIST && unlinkat(f->folder, f->part, 0) < 0 && errno != ENOENT)
                        return -errno;
        }
        f->shows = r >= 0;
        return r;
}

static int rename_part(WholeFile *f, bool replace)
{
        struct stat st;

        if (replace) {
                if (renameat(f->folder, f->part, f->folder, f->name) < 0)
                        return -errno;
        } else if (renameat2(f->folder, f->part, f->folder, f->name, RENAME_NOREPLACE) < 0) {
                if (errno != EINVAL && errno != ENOSYS)
                        return -errno;
                /* Some file systems cannot; then there is a moment between the check and the renaming. */
                if (fstatat(f->folder, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        return -EEXIST;
                if (renameat(f->folder, f->part, f->folder, f->name) < 0)
                        return -errno;
        }
        f->shows = false;
        return 0;
}

static int give_name(WholeFile *f, bool replace)
{
        int r = -ENOENT;

        if (f->shows)
                return rename_part(f, replace);
        if (!replace)
                return link_as(f, f->name);
        /* The same file may be written at the same time by somebody else, who takes ours for one left behind. */
        for (unsigned i = 0; i < ATTEMPTS && r == -ENOENT; i++) {
                r = link_as_part(f);
                if (r >= 0)
                        r = rename_part(f, true);
        }
        return r;
}

int whole_file_end(WholeFile *f, bool replace)
{
        int r = flush(f);

        if (r >= 0 && fsync(f->fd) < 0)
                r = -errno;
        if (r >= 0)
                r = give_name(f, replace);
        if (r >= 0 && fsync(f->folder) < 0 && errno != EINVAL) /* some file systems cannot */
                r = -errno;
        return r;
}

void whole_file_cancel(WholeFile *f)
{
        if (!f->name)
                return;
        if (f->shows)
                (void)unlinkat(f->folder, f->part, 0); /* if it cannot be, the next attempt will say so */
        if (f->fd >= 0)
                (void)close(f->fd); /* whatever was to be kept was synced */
        free(f->name);
        free(f->part);
        free(f->buffer);
        (void)sigprocmask(SIG_SETMASK, &f->signals, NULL);
        *f = (WholeFile){ .fd = -1 };
}
