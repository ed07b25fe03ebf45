/* SPDX-License-Identifier: MIT */

/* The database as a file: its folder, its mode, its writer's lock. All of this happens before SQLite sees the file, for two
 * reasons. SQLite may write to a file even if it only looks at it, so a file that is not ours is recognised first, by its
 * header. And closing any descriptor of a file drops the locks that this process holds on it, so nothing here runs while
 * SQLite has it open; the writer's lock makes sure of that.
 *
 * The writer's lock is a flock() on FILE.lock, a file of its own so as not to meet SQLite's locks. It is released when the
 * process dies; the file stays. The file holds the writer's process id and, on a second line, the mark: a session id that must
 * not be given out again although the database cannot be written. Both have fixed places and are overwritten, which needs no
 * space on a full disk. No clock. */

#include "store/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "cardio/parse.h"
#include "log.h"
#include "store/errors.h"

/* The first bytes of an SQLite file (https://sqlite.org/fileformat2.html#the_database_header). */
#define HEADER_SIZE           100
#define HEADER_MAGIC          "SQLite format 3"
#define HEADER_APPLICATION_ID 68

/* Decimal, padded with newlines. */
#define LOCK_PID_SIZE  15
#define LOCK_MARK_SIZE 21

static int refuse_errno(char **ret_error, int error, const char *what, const char *path)
{
        return store_refuse(ret_error, -error, "%s: %s: %s", path, what, strerror(error));
}

static int path_check(const char *path, char **ret_error)
{
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : refuse_errno(ret_error, errno, "cannot be looked at", path);
        if (S_ISLNK(st.st_mode))
                return store_refuse(
                                ret_error, -ELOOP, "%s: is a symbolic link; name the file it leads to", path);
        if (S_ISDIR(st.st_mode))
                return store_refuse(ret_error, -EISDIR, "%s: is a folder; a file in it is needed", path);
        if (!S_ISREG(st.st_mode))
                return store_refuse(ret_error, -EINVAL, "%s: is not a regular file", path);
        return 0;
}

/* Creates the missing folders above path; existing ones stay as they are. The mode is set by chmod(), so that the umask plays
 * no part. */
static int folders_create(const char *path, mode_t mode, char **ret_error)
{
        _cleanup_free_ char *folder = strdup(path);

        if (!folder)
                return store_refuse(ret_error, -ENOMEM, "%s: out of memory", path);

        for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(folder, mode) == 0) {
                        if (chmod(folder, mode) < 0)
                                return refuse_errno(ret_error, errno, "cannot set its mode", folder);
                } else if (access(folder, F_OK) < 0)
                        return refuse_errno(ret_error, errno, "cannot create this folder", folder);
                *slash = '/';
        }
        return 0;
}

static unsigned lock_owner(int fd)
{
        char text[LOCK_PID_SIZE + 1] = "";
        unsigned pid;

        if (pread(fd, text, LOCK_PID_SIZE, 0) <= 0)
                return 0;
        text[strcspn(text, "\n")] = '\0';
        return parse_unsigned(text, &pid) == 0 ? pid : 0;
}

static int lock_refuse(const char *path, int fd, char **ret_error)
{
        unsigned pid = lock_owner(fd);

        /* A lock just taken may not have its owner's id in it yet. */
        if (pid == 0)
                return store_refuse(ret_error, -EBUSY, "%s: another cardiod is using it", path);
        return store_refuse(ret_error, -EBUSY, "%s: another cardiod is using it, process %u", path, pid);
}

static int lock_take(const char *path, int *ret_fd, char **ret_error)
{
        _cleanup_free_ char *lock = NULL;
        char pid[LOCK_PID_SIZE + 1];
        int fd, r;

        if (asprintf(&lock, "%s.lock", path) < 0) {
                lock = NULL;
                return store_refuse(ret_error, -ENOMEM, "%s: out of memory", path);
        }

        /* Only for the daemon: whoever can open it could take the lock. */
        fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
        if (fd < 0)
                return refuse_errno(ret_error, errno, "cannot be opened", lock);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                r = errno == EWOULDBLOCK ? lock_refuse(path, fd, ret_error)
                                         : refuse_errno(ret_error, errno, "cannot be locked", lock);
                close(fd);
                return r;
        }

        /* The process id is only for messages: a full disk does not keep the daemon from starting. */
        memset(pid, '\n', sizeof(pid));
        pid[snprintf(pid, sizeof(pid), "%" PRIdMAX, (intmax_t)getpid())] = '\n';
        if (pwrite(fd, pid, LOCK_PID_SIZE, 0) < 0)
                log_debug("%s: cannot be written: %s", lock, strerror(errno));
        /* Reserves space for the mark while there is some. */
        if (store_file_marked_id(fd) == 0 && store_file_mark_id(fd, 0) < 0)
                log_debug("%s: cannot be written: %s", lock, strerror(errno));
        *ret_fd = fd;
        return 0;
}

int64_t store_file_marked_id(int lock_fd)
{
        char text[LOCK_MARK_SIZE + 1] = "";
        const char *p = text;
        double id;

        if (pread(lock_fd, text, LOCK_MARK_SIZE, LOCK_PID_SIZE) != LOCK_MARK_SIZE)
                return 0;
        return parse_decimal(&p, &id) == 0 && *p == '\n' ? (int64_t)id : 0;
}

int store_file_mark_id(int lock_fd, int64_t id)
{
        char text[LOCK_MARK_SIZE + 1];
        ssize_t n;

        memset(text, '\n', sizeof(text));
        text[snprintf(text, sizeof(text), "%" PRIi64, id)] = '\n';
        n = pwrite(lock_fd, text, LOCK_MARK_SIZE, LOCK_PID_SIZE);
        return n == LOCK_MARK_SIZE ? 0 : n < 0 ? -errno : -ENOSPC;
}

static bool all_zero(const uint8_t *p, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (p[i] != 0)
                        return false;
        return true;
}

/* A first check; SQLite checks further. */
static int header_check(int fd, const char *path, char **ret_error)
{
        uint8_t header[HEADER_SIZE];
        const uint8_t *id = header + HEADER_APPLICATION_ID;
        ssize_t n;

        n = pread(fd, header, sizeof(header), 0);
        if (n < 0)
                return refuse_errno(ret_error, errno, "cannot be read", path);
        /* Empty, or a power cut during the first write, which SQLite rolls back. */
        if (all_zero(header, (size_t)n))
                return 0;
        if ((size_t)n < sizeof(header) || memcmp(header, HEADER_MAGIC, sizeof(HEADER_MAGIC)) != 0)
                return store_refuse(ret_error, -EBADMSG,
                                "%s: damaged, or not an SQLite database, left alone; choose another file with --database",
                                path);
        if (memcmp(id, "card", 4) != 0 && !all_zero(id, 4))
                return store_refuse(ret_error, -EBADMSG,
                                "%s: a database of another program (application_id 0x%02x%02x%02x%02x), left alone; "
                                "choose another file with --database",
                                path, id[0], id[1], id[2], id[3]);
        return 0;
}

static int file_create(const char *path, mode_t mode, char **ret_error)
{
        int fd, r = 0;

        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return errno == EEXIST ? 0 : refuse_errno(ret_error, errno, "cannot be created", path);
        /* SQLite creates -wal and -shm with the same mode. */
        if (fchmod(fd, mode) < 0)
                r = refuse_errno(ret_error, errno, "cannot set its mode", path);
        close(fd);
        return r;
}

static int file_check(const char *path, char **ret_error)
{
        int fd, r;

        fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return refuse_errno(ret_error, errno, "cannot be opened for reading and writing", path);
        r = header_check(fd, path, ret_error);
        close(fd);
        return r;
}

int store_file_prepare(const char *path, bool private, int *ret_lock_fd, char **ret_error)
{
        int fd = -1, r;

        r = path_check(path, ret_error);
        if (r < 0)
                return r;
        r = folders_create(path, private ? 0700 : 0750, ret_error);
        if (r < 0)
                return r;
        r = lock_take(path, &fd, ret_error);
        if (r < 0)
                return r;

        r = file_create(path, private ? 0600 : 0640, ret_error);
        if (r == 0)
                r = file_check(path, ret_error);
        if (r < 0) {
                close(fd);
                return r;
        }
        *ret_lock_fd = fd;
        return 0;
}

/* Size of the file PATHsuffix in bytes, -1 = it does not exist. */
static int64_t beside_size(const char *path, const char *suffix)
{
        _cleanup_free_ char *name = NULL;
        struct stat st;

        if (asprintf(&name, "%s%s", path, suffix) < 0) {
                name = NULL;
                return 0;
        }
        return lstat(name, &st) < 0 ? -1 : st.st_size;
}

static void beside_remove(const char *path, const char *suffix)
{
        _cleanup_free_ char *name = NULL;

        if (asprintf(&name, "%s%s", path, suffix) < 0)
                name = NULL;
        else if (unlink(name) < 0 && errno != ENOENT)
                log_debug("%s: cannot be removed: %s", name, strerror(errno));
}

Beside store_file_beside(const char *path)
{
        return (Beside){ .wal = beside_size(path, "-wal") >= 0,
                .shm = beside_size(path, "-shm") >= 0,
                .log = beside_size(path, "-wal") > 0 };
}

void store_file_clear_beside(const char *path, Beside before)
{
        /* A WAL with content is part of the database by now. */
        if (before.wal || beside_size(path, "-wal") > 0)
                return;
        beside_remove(path, "-wal");
        if (!before.shm)
                beside_remove(path, "-shm");
}
