/* SPDX-License-Identifier: MIT */
/* `backup`: the state of the database at one moment, in one file. VACUUM INTO reads in one transaction, which neither waits
 * for the daemon's commits nor delays them, and which any group member may run. Unlike a copy page by page, which starts
 * again whenever the daemon has committed, it always ends; deleted rows are not in it; and the result has no write-ahead
 * log, so it opens anywhere. It is written under another name, checked, and only then renamed. No clock. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "database.h"
#include "json.h"
#include "memory.h"

#define MIB 1048576.0
/* Steps of SQLite's between two checks whether to stop. */
#define STEPS 10000

typedef struct Backup {
        const char *path;
        char *partial; /* the path of the unfinished copy; NULL = none */
        int fd;        /* of it */
} Backup;

static void backup_end(Backup *b)
{
        if (b->partial)
                (void)unlink(b->partial);
        free(b->partial);
        if (b->fd >= 0)
                (void)close(b->fd);
}

/* -- Being interrupted: the signals stay pending until what is half done is gone -- */

static void interruption_set(sigset_t *set)
{
        (void)sigemptyset(set);
        (void)sigaddset(set, SIGINT);
        (void)sigaddset(set, SIGTERM);
        (void)sigaddset(set, SIGHUP);
}

static void interruption_block(void)
{
        sigset_t set;

        interruption_set(&set);
        (void)sigaddset(&set, SIGXFSZ); /* a file size limit is an error like any other */
        (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static int interrupted(void *userdata)
{
        sigset_t pending;

        (void)userdata;
        return sigpending(&pending) == 0 &&
               (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
                               sigismember(&pending, SIGHUP) == 1);
}

/* -- The steps -- */

/* Refuses to overwrite a file, and the database itself in any case. */
static Outcome check_target(const char *path, const Database *d, bool force)
{
        struct stat there, source;

        if (stat(path, &there) < 0)
                return errno == ENOENT ? OUTCOME_DONE
                                       : fail(OUTCOME_FAILED, "cannot write %s: %s", path, strerror(errno));
        if (S_ISDIR(there.st_mode))
                return fail(OUTCOME_FAILED, "%s is a folder; name a file", path);
        if (!S_ISREG(there.st_mode)) /* replacing /dev/null, as root, would break the system */
                return fail(OUTCOME_FAILED, "%s is not a file; name one", path);
        if (stat(d->path, &source) == 0 && source.st_dev == there.st_dev && source.st_ino == there.st_ino)
                return fail(OUTCOME_FAILED, "%s is the database itself; name another file", path);
        if (!force)
                return fail(OUTCOME_FAILED, "%s is there already; --force replaces it", path);
        return OUTCOME_DONE;
}

static Outcome begin(Backup *b)
{
        if (asprintf(&b->partial, "%s.XXXXXX", b->path) < 0)
                out_of_memory();
        b->fd = mkostemp(b->partial, O_CLOEXEC); /* mode 0600 */
        if (b->fd >= 0)
                return OUTCOME_DONE;
        free(TAKE_PTR(b->partial));
        return fail(OUTCOME_FAILED, "cannot write %s: %s", b->path, strerror(errno));
}

static Outcome copy_failed(const Backup *b, const Database *d, int rc)
{
        switch (rc) {
        case SQLITE_INTERRUPT:
                return fail(OUTCOME_FAILED, "interrupted; there is no backup");
        case SQLITE_FULL:
                return fail(OUTCOME_FAILED, "no room for %s", b->path);
        case SQLITE_NOMEM:
                out_of_memory();
        case SQLITE_CORRUPT:
                return fail(OUTCOME_FAILED, "%s is damaged; `cardioctl doctor` says what to do", d->path);
        default: /* SQLite's own message is the best there is */
                return fail(OUTCOME_FAILED, "cannot copy %s to %s: %s", d->path, b->path,
                                sqlite3_errmsg(d->db));
        }
}

static Outcome copy(const Backup *b, const Database *d)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome;
        int rc;

        /* VACUUM needs a transaction of its own. */
        rc = sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL);
        if (rc != SQLITE_OK)
                return copy_failed(b, d, rc);
        outcome = database_prepare(d, "VACUUM main INTO ?1", &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        sqlite3_progress_handler(d->db, STEPS, interrupted, NULL);
        rc = sqlite3_bind_text(s, 1, b->partial, -1, SQLITE_STATIC);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(s);
        sqlite3_progress_handler(d->db, 0, NULL, NULL);
        return rc == SQLITE_DONE ? OUTCOME_DONE : copy_failed(b, d, rc);
}

/* Checks the copy by itself: what a restore would find. */
static Outcome check(const Backup *b, long long *ret_sessions)
{
        _cleanup_statement_ sqlite3_stmt *integrity = NULL, *count = NULL;
        _cleanup_database_ Database d = { .db = NULL };
        const char *found;
        int rc;

        rc = sqlite3_open_v2(b->partial, &d.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc == SQLITE_OK)
                sqlite3_progress_handler(d.db, STEPS, interrupted, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_prepare_v2(d.db, "PRAGMA integrity_check(1)", -1, &integrity, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(integrity);
        found = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(integrity, 0) : NULL;
        if (rc == SQLITE_INTERRUPT || interrupted(NULL))
                return fail(OUTCOME_FAILED, "interrupted; there is no backup");
        if (!found || strcmp(found, "ok") != 0)
                return fail(OUTCOME_FAILED, "the copy is damaged, and not kept");
        if (sqlite3_prepare_v2(d.db, "SELECT count(*) FROM session", -1, &count, NULL) != SQLITE_OK ||
                        sqlite3_step(count) != SQLITE_ROW)
                return fail(OUTCOME_FAILED, "the copy cannot be read, and is not kept: %s",
                                sqlite3_errmsg(d.db));
        *ret_sessions = sqlite3_column_int64(count, 0);
        return OUTCOME_DONE;
}

static int sync_folder(const char *path)
{
        _cleanup_free_ char *copy_of_path = checked(strdup(path));
        int fd = open(dirname(copy_of_path), O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        if (fd < 0)
                return -errno;
        r = fsync(fd) < 0 && errno != EINVAL ? -errno : 0; /* some file systems cannot */
        (void)close(fd);
        return r;
}

/* Renames it in one step; without force no file that has appeared meanwhile is overwritten. */
static int give_name(const Backup *b, bool force)
{
        if (force)
                return rename(b->partial, b->path) < 0 ? -errno : 0;
        if (renameat2(AT_FDCWD, b->partial, AT_FDCWD, b->path, RENAME_NOREPLACE) == 0)
                return 0;
        if (errno != EINVAL && errno != ENOSYS)
                return -errno;
        /* Some file systems cannot; then there is a moment between the check and the renaming. */
        if (access(b->path, F_OK) == 0)
                return -EEXIST;
        return rename(b->partial, b->path) < 0 ? -errno : 0;
}

static Outcome finish(Backup *b, bool force)
{
        int r = fsync(b->fd) < 0 ? -errno : 0;

        if (r >= 0)
                r = give_name(b, force);
        if (r == -EEXIST)
                return fail(OUTCOME_FAILED, "%s is there already; --force replaces it", b->path);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot write %s: %s", b->path, strerror(-r));
        free(TAKE_PTR(b->partial));
        r = sync_folder(b->path);
        return r < 0 ? fail(OUTCOME_FAILED, "%s may not survive a power cut: %s", b->path, strerror(-r))
                     : OUTCOME_DONE;
}

static void print_backup(const Call *call, const Backup *b, long long sessions)
{
        _cleanup_json_ json_object *document = NULL;
        struct stat st = { .st_size = 0 };

        (void)fstat(b->fd, &st); /* it is open */
        if (!call->json) {
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "%s has %lld session%s, checked; %.1f MB.",
                                b->path, sessions, sessions == 1 ? "" : "s", (double)st.st_size / MIB);
                return;
        }
        document = checked(json_object_new_object());
        json_add(document, "file", checked(json_object_new_string(b->path)));
        json_add(document, "sessions", checked(json_object_new_int64(sessions)));
        json_add(document, "bytes", checked(json_object_new_int64(st.st_size)));
        json_print(document);
}

static Outcome verb_backup(const Call *call)
{
        _cleanup_(backup_end) Backup b = { .path = call->argv[0], .fd = -1 };
        _cleanup_database_ Database d = { .db = NULL };
        bool force = call_option(call, "force") != NULL;
        long long sessions = 0;
        Outcome outcome;

        outcome = database_open(call, &d);
        if (outcome == OUTCOME_DONE)
                outcome = check_target(b.path, &d, force);
        if (outcome != OUTCOME_DONE)
                return outcome;
        interruption_block();
        outcome = begin(&b);
        if (outcome == OUTCOME_DONE)
                outcome = copy(&b, &d);
        if (outcome == OUTCOME_DONE)
                outcome = check(&b, &sessions);
        if (outcome == OUTCOME_DONE)
                outcome = finish(&b, force);
        if (outcome == OUTCOME_DONE)
                print_backup(call, &b, sessions);
        return outcome;
}

static const Option backup_options[] = {
        { .name = "force", .letter = 'f', .help = "replace FILE if it is there" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "backup",
                        .arguments = "FILE",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { .source = SOURCE_FILE } },
                        .json = true,
                        .database = true,
                        .summary = "save the database to one file, while recording too",
                        .help = "FILE is for your eyes only, checked, and safely on the disk once this is\n"
                                "done; it is made beside it as FILE.XXXXXX, and given its name at the end. To\n"
                                "restore it, stop cardiod and put it where `db` says, owned by user and group\n"
                                "cardiod, with no -wal and -shm beside it. As JSON: `file`, `sessions`, `bytes`.",
                        .options = backup_options,
                        .run = verb_backup,
        },
        { .name = NULL },
};

const Family backup_family = { .title = "Safekeeping", .verbs = verbs };
