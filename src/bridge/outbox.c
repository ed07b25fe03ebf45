/* SPDX-License-Identifier: MIT */
/* A few lines of text, replaced as a whole whenever they change:
 *
 *      cardio-bridge 1
 *      database /var/lib/cardiod/cardiod.db
 *      seen 45
 *      waiting 44
 *      sending 43 {"id":43,"date":"2026-05-17",…}
 *      end
 *
 * The file is written under another name, fsynced, and given its name, which is fsynced with the folder: at any moment there is
 * the one before or the one after. Whatever else is found under that name is neither read nor replaced. No clock. */

#include "outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "client/user-file.h"

#define FILE_NAME OUTBOX_NAME
#define PART_NAME "." OUTBOX_NAME ".part"
#define LOCK_NAME OUTBOX_NAME ".lock"

#define HEAD      "cardio-bridge 1"
#define HEAD_WORD "cardio-bridge "
#define END       "end"

/* Of a line: its word, and a number. */
#define LINE_EXTRA 32U
#define PATH_BYTES 4096U
#define FILE_MAX                                                                                            \
        (OUTBOX_WAITING_MAX * (size_t)LINE_EXTRA + OUTBOX_SENDING_MAX * (OUTBOX_PAYLOAD_MAX + LINE_EXTRA) + \
                        PATH_BYTES + 4 * LINE_EXTRA)

/* -- What it says ---------------------------------------------------------------------------------------- */

OutboxItem *outbox_sending(Outbox *o, int64_t session)
{
        for (size_t i = 0; i < o->n_sending; i++)
                if (o->sending[i].session == session)
                        return &o->sending[i];
        return NULL;
}

/* Without what would end a line, or be seen as something else by whoever shows it. */
static bool is_plain(const char *text)
{
        for (; *text; text++)
                if ((unsigned char)*text < ' ' || *text == 0x7f)
                        return false;
        return true;
}

static bool is_payload(const char *text)
{
        size_t n = strlen(text);

        return n >= 2 && n <= OUTBOX_PAYLOAD_MAX && text[0] == '{' && text[n - 1] == '}' && is_plain(text);
}

static bool is_path(const char *text)
{
        return text[0] != '\0' && strlen(text) < PATH_BYTES && !strchr(text, '\n');
}

int outbox_begin(Outbox *o, const char *database)
{
        char *copy = is_path(database) ? strdup(database) : NULL;

        if (!copy)
                return is_path(database) ? -ENOMEM : -EINVAL;
        free(o->database);
        o->database = copy;
        o->unsaved = true;
        return 0;
}

void outbox_see(Outbox *o, int64_t seen)
{
        o->unsaved = o->unsaved || seen != o->seen;
        o->seen = seen;
}

int outbox_add(Outbox *o, int64_t session)
{
        int r;

        if (outbox_sending(o, session) || id_list_has(&o->waiting, session))
                return 0;
        if (o->waiting.n >= OUTBOX_WAITING_MAX)
                return -ENOBUFS;
        r = id_list_add(&o->waiting, session);
        o->unsaved = o->unsaved || r > 0;
        return r < 0 ? r : 0;
}

void outbox_drop(Outbox *o, int64_t session)
{
        OutboxItem *item = outbox_sending(o, session);

        if (id_list_drop(&o->waiting, session))
                o->unsaved = true;
        if (!item)
                return;
        free(item->payload);
        o->n_sending--;
        memmove(item, item + 1, (size_t)(o->sending + o->n_sending - item) * sizeof(*item));
        o->unsaved = true;
}

int outbox_freeze(Outbox *o, int64_t session, const char *payload)
{
        char *copy;

        if (!is_payload(payload) || outbox_sending(o, session))
                return -EINVAL;
        if (o->n_sending == OUTBOX_SENDING_MAX)
                return -ENOBUFS;
        copy = strdup(payload);
        if (!copy)
                return -ENOMEM;
        (void)id_list_drop(&o->waiting, session);
        o->sending[o->n_sending++] = (OutboxItem){ .session = session, .payload = copy };
        o->unsaved = true;
        return 0;
}

/* -- Reading --------------------------------------------------------------------------------------------- */

/* As it is written: digits, the first of which is no 0 unless it is the only one. */
static bool read_number(const char *text, int64_t min, int64_t *ret)
{
        int64_t n = 0;

        if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
                return false;
        for (; *text; text++)
                if (*text < '0' || *text > '9' || __builtin_mul_overflow(n, 10, &n) ||
                                __builtin_add_overflow(n, *text - '0', &n))
                        return false;
        if (n < min || n == INT64_MAX)
                return false;
        *ret = n;
        return true;
}

static bool read_sending(Outbox *o, char *text)
{
        char *payload = strchr(text, ' ');
        int64_t session;

        if (!payload)
                return false;
        *payload++ = '\0';
        if (!read_number(text, 1, &session) || id_list_has(&o->waiting, session))
                return false;
        return outbox_freeze(o, session, payload) == 0;
}

/* Returns whether the line is one of ours, in its place. */
static bool read_line(Outbox *o, bool *seen, char *line)
{
        int64_t session;

        if (strncmp(line, "database ", 9) == 0)
                return !o->database && is_path(line + 9) && outbox_begin(o, line + 9) == 0;
        if (!o->database)
                return false;
        if (strncmp(line, "seen ", 5) == 0) {
                if (*seen)
                        return false;
                *seen = true;
                return read_number(line + 5, 0, &o->seen);
        }
        if (!*seen)
                return false;
        if (strncmp(line, "waiting ", 8) == 0)
                return read_number(line + 8, 1, &session) && !id_list_has(&o->waiting, session) &&
                       outbox_add(o, session) == 0 && !outbox_sending(o, session);
        if (strncmp(line, "sending ", 8) == 0)
                return read_sending(o, line + 8);
        return false;
}

/* Returns the number of the line that is wrong, or 0. text ends with a line break. */
static unsigned read_lines(Outbox *o, char *text)
{
        bool seen = false;
        unsigned number = 1;
        char *line;

        for (line = strsep(&text, "\n"); text; line = strsep(&text, "\n"), number++) {
                if (strcmp(line, END) == 0 && seen)
                        return *text == '\0' ? 0 : number + 1;
                if (number == 1 ? strcmp(line, HEAD) != 0 : !read_line(o, &seen, line))
                        return number;
        }
        return number; /* its end is missing */
}

static int fail(int error, char **ret_error, const char *format, ...) _printf_(3, 4);
static int fail(int error, char **ret_error, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        if (vasprintf(ret_error, format, ap) < 0)
                *ret_error = NULL;
        va_end(ap);
        return *ret_error ? error : -ENOMEM;
}

static int fail_errno(const Outbox *o, int error, const char *name, char **ret_error)
{
        return fail(error, ret_error, "cannot keep which sessions the broker has in %s%s%s: %s",
                        o->folder_name, name ? "/" : "", name ? name : "", strerror(-error));
}

static int fail_damaged(const Outbox *o, unsigned line, char **ret_error)
{
        return fail(-EBADMSG, ret_error,
                        "%s/" FILE_NAME
                        ": line %u is not as cardio-bridge writes it, so it is not known which "
                        "sessions the broker has; restore the file, or remove it to begin with the sessions from "
                        "now on",
                        o->folder_name, line);
}

/* The whole file, with a NUL behind it. Returns 0 or a negative errno. */
static int read_whole(int fd, char **ret, size_t *ret_size)
{
        _cleanup_free_ char *text = malloc(FILE_MAX + 2);
        size_t size = 0;

        if (!text)
                return -ENOMEM;
        while (size <= FILE_MAX) {
                ssize_t n = read(fd, text + size, FILE_MAX + 1 - size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t)n;
        }
        text[size] = '\0';
        *ret = TAKE_PTR(text);
        *ret_size = size;
        return 0;
}

static int read_file(Outbox *o, int fd, char **ret_error)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        struct stat st;
        unsigned line;
        int r;

        if (fstat(fd, &st) < 0)
                return fail_errno(o, -errno, FILE_NAME, ret_error);
        if (!S_ISREG(st.st_mode))
                return fail(-EBADMSG, ret_error, "%s/" FILE_NAME ": is not a file; move it away",
                                o->folder_name);
        r = read_whole(fd, &text, &size);
        if (r < 0)
                return fail_errno(o, r, FILE_NAME, ret_error);
        if (strncmp(text, HEAD_WORD, strlen(HEAD_WORD)) == 0 &&
                        strncmp(text, HEAD "\n", strlen(HEAD) + 1) != 0 && memchr(text, '\n', size))
                return fail(-EBADMSG, ret_error,
                                "%s/" FILE_NAME ": another version of cardio-bridge has written it; "
                                "install that one, or remove the file to begin with the sessions from now on",
                                o->folder_name);
        line = strlen(text) == size && size <= FILE_MAX ? read_lines(o, text) : 1;
        if (line != 0)
                return fail_damaged(o, line, ret_error);
        for (size_t i = 0; i < o->n_sending; i++)
                o->sending[i].saved = true;
        o->unsaved = false;
        return 0;
}

/* -- Opening --------------------------------------------------------------------------------------------- */

/* root may have a look, too: the service has to be able to read what that has written. */
static void give_to_owner(const Outbox *o, int fd)
{
        struct stat st;

        if (geteuid() == 0 && fstat(o->folder, &st) == 0 && st.st_uid != 0 &&
                        fchown(fd, st.st_uid, st.st_gid) < 0)
                return; /* one who may not is no administrator, and the service there is nobody else */
}

static int lock(Outbox *o, char **ret_error)
{
        o->lock = openat(o->folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (o->lock < 0)
                return fail_errno(o, -errno, LOCK_NAME, ret_error);
        give_to_owner(o, o->lock);
        if (flock(o->lock, LOCK_EX | LOCK_NB) == 0)
                return 0;
        if (errno == EWOULDBLOCK)
                return fail(-EBUSY, ret_error, "another cardio-bridge keeps its sessions in %s already",
                                o->folder_name);
        return fail_errno(o, -errno, LOCK_NAME, ret_error);
}

static int open_all(const char *folder, Outbox *o, char **ret_error)
{
        int fd, r;

        o->folder_name = strdup(folder);
        if (!o->folder_name)
                return -ENOMEM;
        r = user_make_folders(folder, 0700);
        if (r >= 0) {
                o->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                r = o->folder < 0 ? -errno : 0;
        }
        if (r < 0)
                return fail_errno(o, r, NULL, ret_error);
        r = lock(o, ret_error);
        if (r < 0)
                return r;
        fd = openat(o->folder, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
                return errno == ENOENT ? 0 : fail_errno(o, -errno, FILE_NAME, ret_error);
        r = read_file(o, fd, ret_error);
        (void)close(fd); /* it was only read */
        return r;
}

int outbox_open(const char *folder, Outbox *ret, char **ret_error)
{
        Outbox o = { .folder = -1, .lock = -1 };
        int r;

        *ret_error = NULL;
        r = open_all(folder, &o, ret_error);
        if (r < 0)
                outbox_close(&o);
        else
                *ret = o;
        return r;
}

void outbox_close(Outbox *o)
{
        if (o->folder >= 0)
                (void)close(o->folder);
        if (o->lock >= 0)
                (void)close(o->lock); /* and gives the lock back */
        free(o->folder_name);
        free(o->database);
        id_list_clear(&o->waiting);
        for (size_t i = 0; i < o->n_sending; i++)
                free(o->sending[i].payload);
        *o = (Outbox){ .folder = -1, .lock = -1 };
}

/* -- Saving ---------------------------------------------------------------------------------------------- */

static int put_together(const Outbox *o, char **ret, size_t *ret_size)
{
        FILE *lines = open_memstream(ret, ret_size);
        bool failed;

        if (!lines)
                return -ENOMEM;
        fprintf(lines, HEAD "\ndatabase %s\nseen %lld\n", o->database, (long long)o->seen);
        for (size_t i = 0; i < o->waiting.n; i++)
                fprintf(lines, "waiting %lld\n", (long long)o->waiting.id[i]);
        for (size_t i = 0; i < o->n_sending; i++)
                fprintf(lines, "sending %lld %s\n", (long long)o->sending[i].session, o->sending[i].payload);
        fputs(END "\n", lines);
        failed = ferror(lines) != 0;
        return fclose(lines) != 0 || failed ? -ENOMEM : 0;
}

static int write_all(int fd, const char *text, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, text, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                text += n;
                size -= (size_t)n;
        }
        return 0;
}

/* The lock is ours, so what has this name was left behind by one that was killed. */
static int write_part(const Outbox *o, const char *text, size_t size)
{
        int fd, r;

        if (unlinkat(o->folder, PART_NAME, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(o->folder, PART_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        give_to_owner(o, fd);
        r = write_all(fd, text, size);
        if (r >= 0 && fsync(fd) < 0)
                r = -errno;
        if (close(fd) < 0 && r >= 0)
                r = -errno;
        return r;
}

int outbox_save(Outbox *o)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r;

        if (!o->database)
                return -EINVAL;
        (void)signal(SIGXFSZ, SIG_IGN); /* a limit of its size is an error like any other */
        r = put_together(o, &text, &size);
        if (r >= 0)
                r = write_part(o, text, size);
        if (r >= 0 && renameat(o->folder, PART_NAME, o->folder, FILE_NAME) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(o->folder, PART_NAME, 0); /* if it cannot be, the next attempt says so */
                return r;
        }
        /* Some file systems cannot; theirs is the name at once. */
        if (fsync(o->folder) < 0 && errno != EINVAL)
                return -errno;
        for (size_t i = 0; i < o->n_sending; i++)
                o->sending[i].saved = true;
        o->unsaved = false;
        return 0;
}
