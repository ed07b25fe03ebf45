/* SPDX-License-Identifier: MIT */

/* What could not be written at a stop goes to a file of its own, FILE.spill beside the database or, if that folder refuses it,
 * in the state directory; the next start stores it before anything else is recorded.
 *
 * What always holds: an entry is stored once. A spill has an id, and the transaction that stores its entries notes that id in
 * the database: in sqlite_sequence under the name `spill`, a table that every version of the schema has. So does the last
 * transaction of a stop before a spill is written: SQLite may find in its WAL, later, what it reported as not committed. A
 * spill whose id is noted is stored already, and only removed. No clock. */

#include "store/spill.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/fnv.h"
#include "log.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/spill-format.h"

/* A full queue takes a quarter of it. */
#define SPILL_MAX_BYTES (64LL * 1024 * 1024)
/* This many refused spills are kept. */
#define REFUSED_MAX 9U

/* -- Its place -- */

static char *format(const char *template, ...) _printf_(1, 2);
static char *format(const char *template, ...)
{
        char *text = NULL;
        va_list ap;

        va_start(ap, template);
        if (vasprintf(&text, template, ap) < 0)
                text = NULL;
        va_end(ap);
        return text;
}

static char *state_directory(void)
{
        const char *systemd = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME"),
                   *home = getenv("HOME");

        /* systemd passes several separated by colons. */
        if (systemd && systemd[0] == '/')
                return strndup(systemd, strcspn(systemd, ":"));
        if (xdg && xdg[0] == '/')
                return format("%s/cardiod", xdg);
        return home && home[0] == '/' ? format("%s/.local/state/cardiod", home) : NULL;
}

/* The name in the state directory differs for databases of the same name. */
static uint64_t path_hash(const char *path)
{
        return fnv1a(FNV1A_BEGIN, path, strlen(path));
}

#define PLACES 2U

/* NULL if there is no such place, or no memory. */
static char *place_path(const Store *s, unsigned place)
{
        _cleanup_free_ char *state = NULL;

        if (place == 0)
                return format("%s.spill", s->path);
        state = state_directory();
        return state ? format("%s/%s-%016" PRIx64 ".spill", state, strrchr(s->path, '/') + 1,
                                       path_hash(s->path))
                     : NULL;
}

static int folder_sync(const char *path)
{
        _cleanup_free_ char *folder = strdup(path);
        int fd, r = 0;

        if (!folder)
                return -ENOMEM;
        strrchr(folder, '/')[1] = '\0';
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (fsync(fd) < 0)
                r = -errno;
        close(fd);
        return r;
}

/* -- Writing -- */

static int spill_fill(int fd, const SpillHead *head, const Queue *q)
{
        FILE *out = fdopen(fd, "w");
        int r;

        if (!out) {
                r = -errno;
                close(fd);
                return r;
        }
        r = spill_encode(out, head, q);
        if (fflush(out) != 0 || (r < 0 && ferror(out)))
                r = errno > 0 ? -errno : -EIO;
        if (r == 0 && fsync(fileno(out)) < 0)
                r = -errno;
        if (fclose(out) != 0 && r == 0)
                r = -errno;
        return r;
}

/* Written under another name until all of it is on the disk. */
static int spill_write(const char *path, const SpillHead *head, const Queue *q)
{
        _cleanup_free_ char *new = format("%s.new", path);
        int fd, r;

        if (!new)
                return -ENOMEM;
        if (unlink(new) < 0 && errno != ENOENT)
                return -errno;
        fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = spill_fill(fd, head, q);
        if (r == 0 && rename(new, path) < 0)
                r = -errno;
        if (r < 0)
                (void)unlink(new); /* incomplete, and it takes space */
        return r < 0 ? r : folder_sync(path);
}

int store_spill_prepare(Store *s)
{
        uint64_t id;

        if (s->spill.id != 0)
                return 0;
        if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
                return -EIO;
        s->spill.id = (int64_t)(id >> 1 | 1);
        return 0;
}

int store_spill_write(Store *s)
{
        int first = 0, r = store_spill_prepare(s);
        const SpillHead head = {
                .moved = s->place == STORE_REPLACED,
                .id = s->spill.id,
                .stored_id = s->stored_id,
                .clock = s->clock,
        };

        for (unsigned i = 0; i < PLACES && r >= 0; i++) {
                _cleanup_free_ char *path = place_path(s, i), *state = i > 0 ? state_directory() : NULL;

                if (!path)
                        continue;
                if (state)
                        (void)mkdir(state, 0700); /* if it fails, so does creating the file */
                r = spill_write(path, &head, &s->queue);
                if (r == 0) {
                        log_warning("%s: %zu entries could not be written; they are kept in %s, and stored at the next start",
                                        s->path, s->queue.n, path);
                        s->spill.n = s->queue.n;
                        return 0;
                }
                log_error("%s: cannot be written: %s", path, strerror(-r));
                first = first < 0 ? first : r;
                r = 0;
        }
        return first < 0 ? first : r < 0 ? r : -ENOENT;
}

/* -- Storing it -- */

static int bytes_read(int fd, uint8_t *bytes, size_t size)
{
        size_t n = 0;

        while (n < size) {
                ssize_t k = pread(fd, bytes + n, size - n, (off_t)n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k <= 0)
                        return k < 0 ? -errno : -EBADMSG;
                n += (size_t)k;
        }
        return 0;
}

/* Returns 1 with its content, 0 if it does not exist or is empty, or a negative errno with the reason. */
static int spill_load(const char *path, SpillHead *ret, Queue *q, const char **ret_why)
{
        _cleanup_free_ uint8_t *bytes = NULL;
        struct stat st;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK), r;

        *ret_why = "it cannot be read";
        if (fd < 0)
                return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
        r = fstat(fd, &st) < 0 ? -errno : 0;
        if (r == 0 && (!S_ISREG(st.st_mode) || st.st_uid != geteuid())) {
                *ret_why = "it is not a file of this user";
                r = -EBADMSG;
        } else if (r == 0 && st.st_size > SPILL_MAX_BYTES) {
                *ret_why = "it is larger than one can be";
                r = -EBADMSG;
        }
        if (r == 0 && st.st_size > 0) {
                bytes = malloc((size_t)st.st_size);
                r = bytes ? bytes_read(fd, bytes, (size_t)st.st_size) : -ENOMEM;
        }
        close(fd);
        if (r < 0 || st.st_size == 0)
                return r;
        r = spill_decode(bytes, (size_t)st.st_size, ret, q);
        if (r == -EBADMSG)
                *ret_why = "it is damaged, cut off or no spill of cardiod";
        else if (r == -EPROTONOSUPPORT)
                *ret_why = "it was written by a newer cardiod";
        return r < 0 ? r : 1;
}

/* What cannot be stored is moved aside, not deleted. */
static int spill_refuse(const char *path, const char *why, char **ret_error)
{
        for (unsigned i = 1; i <= REFUSED_MAX; i++) {
                _cleanup_free_ char *aside = format("%s.refused-%u", path, i);
                struct stat st;

                if (!aside)
                        return store_refuse(ret_error, -ENOMEM, "%s: out of memory", path);
                if (lstat(aside, &st) == 0)
                        continue;
                if (rename(path, aside) < 0)
                        return store_refuse(ret_error, -errno,
                                        "%s: what the last stop could not write is not stored: %s; "
                                        "and it cannot be moved aside: %s",
                                        path, why, strerror(errno));
                log_error("%s: what the last stop could not write is not stored: %s; moved to %s", path, why,
                                aside);
                return 0;
        }
        return store_refuse(ret_error, -EEXIST,
                        "%s: what the last stop could not write is not stored: %s; %u such files are beside it: move them away",
                        path, why, REFUSED_MAX);
}

/* It is stored: emptied first, so that it is not stored again if it cannot be removed. */
static void spill_remove(const char *path)
{
        int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);

        if (fd >= 0) {
                (void)fsync(fd); /* its id is noted: removing it is only tidy */
                close(fd);
        }
        if (unlink(path) < 0)
                log_warning("%s: is stored, and cannot be removed: %s", path, strerror(errno));
}

static const Sql sql_spill_noted = {
        .text = "SELECT seq FROM sqlite_sequence WHERE name = 'spill'",
};

static int64_t noted_id(Store *s)
{
        sqlite3_stmt *st = store_statement(s, &sql_spill_noted);
        int64_t id = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;

        store_reset(s, &sql_spill_noted);
        return id;
}

static bool begins(const Queue *q, int64_t session)
{
        for (size_t i = 0; i < q->n; i++)
                if (q->operation[i].type == OPERATION_BEGIN && q->operation[i].session == session)
                        return true;
        return false;
}

/* Gives its sessions new ids, of another database than the one that they were begun in. */
static void renumber(Store *s, Queue *q)
{
        for (size_t i = 0; i < q->n; i++) {
                int64_t old = q->operation[i].session;

                if (q->operation[i].type != OPERATION_BEGIN)
                        continue;
                for (size_t j = i; j < q->n; j++)
                        if (q->operation[j].session == old)
                                q->operation[j].session = -s->next_id;
                s->next_id++;
        }
        /* Entries of a session that is not in the spill find no row, which store_commit() logs. */
        for (size_t i = 0; i < q->n; i++)
                if (q->operation[i].session < 0)
                        q->operation[i].session = -q->operation[i].session;
                else if (q->operation[i].session > 0)
                        q->operation[i].session = INT64_MAX;
}

/* Returns why it does not belong to this database, or NULL. */
static const char *spill_check(Store *s, const SpillHead *head, const Queue *q)
{
        if (head->moved)
                return NULL;
        if (head->stored_id != s->stored_id)
                return "it is of another database, or of this one as it was at another time";
        for (size_t i = 0; i < q->n; i++)
                if (q->operation[i].session > s->stored_id && !begins(q, q->operation[i].session))
                        return "a session is in it that has no beginning";
        return NULL;
}

static int spill_store(Store *s, const char *path, const SpillHead *head, char **ret_error)
{
        const StoreClock clock = s->clock;
        size_t n = s->queue.n;
        int r;

        if (head->moved)
                renumber(s, &s->queue);
        for (size_t i = 0; i < n; i++)
                if (s->queue.operation[i].session >= s->next_id && s->queue.operation[i].session < INT64_MAX)
                        s->next_id = s->queue.operation[i].session + 1;
        s->spill.id = head->id;
        s->clock = head->clock; /* perhaps of another boot */
        r = store_commit_wait(s);
        s->clock = clock;
        s->spill.id = 0;
        if (r < 0) {
                queue_clear(&s->queue);
                return store_refuse(ret_error, r,
                                "%s: cannot be written: %s; what the last stop could not write stays in %s",
                                s->path, strerror(-r), path);
        }
        log_notice("%s: %zu entries that the last stop could not write are stored, from %s", s->path, n,
                        path);
        return 0;
}

static int spill_take(Store *s, const char *path, char **ret_error)
{
        SpillHead head;
        const char *why;
        int r = spill_load(path, &head, &s->queue, &why);

        if (r == 0) {
                (void)unlink(path); /* usually there is none */
                return 0;
        }
        if (r == -ENOMEM) {
                queue_clear(&s->queue);
                return store_refuse(ret_error, r, "%s: out of memory", path);
        }
        if (r > 0 && head.id == noted_id(s)) {
                queue_clear(&s->queue);
                spill_remove(path);
                return 0;
        }
        if (r > 0)
                why = spill_check(s, &head, &s->queue);
        if (why) {
                queue_clear(&s->queue);
                return spill_refuse(path, why, ret_error);
        }
        r = spill_store(s, path, &head, ret_error);
        if (r == 0)
                spill_remove(path);
        return r;
}

int store_spill_take(Store *s, char **ret_error)
{
        int r = 0;

        for (unsigned i = 0; i < PLACES && r >= 0; i++) {
                _cleanup_free_ char *path = place_path(s, i);

                if (path)
                        r = spill_take(s, path, ret_error);
        }
        return r;
}

const Sql *const store_sql_spill[] = {
        &sql_spill_noted,
        NULL,
};
