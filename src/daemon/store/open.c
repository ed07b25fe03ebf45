/* SPDX-License-Identifier: MIT */

/* Opens and closes the database: which files are accepted, and SQLite's settings.
 *
 * What always holds: a refused file is closed as it was found, with nothing new beside it. No clock. */

#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/kind.h"
#include "store/pace-rows.h"
#include "store/recount.h"
#include "store/schema.h"
#include "store/spill.h"
#include "store/sqlite-log.h"

/* SQLite's settings were chosen by measurement: the figures are in tests/bench/RESULTS.md, and `make bench-settings` repeats
 * them, which is why each setting can be given to the compiler.
 *
 * Bytes; for a new file, an existing one keeps its own. A commit every five seconds changes a little in a few pages, and
 * writes them whole. MB written in an hour of recording: 2.3 with 512, 3.6 with 1024, 6.0 with 2048, 10.4 with 4096, 18.9 with
 * 8192. Below 1024 only the kernel gets less: a disk takes 4096 at once. */
#ifndef STORE_PAGE_SIZE
#define STORE_PAGE_SIZE "1024"
#endif
/* Heart rates are appended to a table, and a session is read once when it ends: few pages need to be cached. Memory that eight
 * hours of recording add: 60 to 124 kB with 128, 556 kB with 512, 1176 kB with 2000; no time is saved. */
#ifndef STORE_CACHE_KB
#define STORE_CACHE_KB "128"
#endif

/* Larger files, from some hundred hours of running, are not checked at each start. */
#define CHECK_MAX_BYTES (64LL * 1024 * 1024)
/* A double holds integers up to this exactly. */
#define SESSION_ID_MAX (INT64_C(1) << 53)

static char *path_absolute(const char *path)
{
        _cleanup_free_ char *cwd = NULL;
        char *absolute = NULL;

        if (path[0] == '/')
                return strdup(path);
        cwd = getcwd(NULL, 0);
        if (!cwd || asprintf(&absolute, "%s/%s", cwd, path) < 0)
                return NULL;
        return absolute;
}

static int refuse_sqlite(Store *s, int rc, const char *what, char **ret_error)
{
        return store_refuse(ret_error, store_errno(rc), "%s: %s: %s", s->path, what,
                        s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
}

/* Reads the whole file, to find damage that would otherwise show in the middle of a run. */
static int open_check_damage(Store *s, char **ret_error)
{
        sqlite3_stmt *statement = NULL;
        struct stat st;
        int rc, r = 0;

        if (stat(s->path, &st) < 0 || st.st_size > CHECK_MAX_BYTES)
                return 0;
        rc = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
                const char *verdict = (const char *)sqlite3_column_text(statement, 0);

                if (verdict && strcmp(verdict, "ok") != 0)
                        r = store_refuse(ret_error, -EBADMSG,
                                        "%s: damaged (%s); move it away, or restore a backup", s->path,
                                        verdict);
        } else
                r = refuse_sqlite(s, rc, "cannot be checked; move it away, or restore a backup", ret_error);
        sqlite3_finalize(statement);
        return r;
}

static int open_wal(Store *s, char **ret_error)
{
        sqlite3_stmt *statement = NULL;
        bool wal = false;
        int rc;

        rc = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
                const char *mode = (const char *)sqlite3_column_text(statement, 0);

                wal = mode && strcmp(mode, "wal") == 0;
        }
        sqlite3_finalize(statement);
        if (rc != SQLITE_ROW)
                return refuse_sqlite(s, rc, "cannot be set up", ret_error);
        if (!wal)
                return store_refuse(ret_error, -EOPNOTSUPP,
                                "%s: its file system cannot share memory, which WAL needs; choose a local "
                                "one",
                                s->path);
        return 0;
}

static int open_next_id(Store *s, char **ret_error)
{
        sqlite3_stmt *statement;
        int rc;

        rc = sqlite3_prepare_v2(s->db,
                        "SELECT max(coalesce((SELECT seq FROM sqlite_sequence "
                        "WHERE name = 'session'), 0), coalesce((SELECT max(id) FROM session), 0)) + 1",
                        -1, &statement, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
                s->next_id = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        if (rc != SQLITE_ROW)
                return refuse_sqlite(s, rc, "its tables are not as expected", ret_error);
        /* Only another program can have used them up. */
        if (s->next_id < 1 || s->next_id >= SESSION_ID_MAX)
                return store_refuse(ret_error, -EBADMSG,
                                "%s: its tables are not as expected: no number is left for a session",
                                s->path);
        return 0;
}

/* Recomputes sessions that an older version has stored. */
static int open_recount(Store *s, int64_t version, char **ret_error)
{
        int64_t session = 0;
        int r;

        log_notice("%s: of schema version %lld: the figures of what was recorded are computed anew", s->path,
                        (long long)version);
        r = store_recount_all(s, &session);
        if (r == -EBADMSG)
                return store_refuse(ret_error, r,
                                "%s: session %lld is damaged: a heart rate or an event in it cannot be; nothing was changed; "
                                "restore a backup, or delete that session with sqlite3",
                                s->path, (long long)session);
        if (r < 0)
                return store_refuse(ret_error, r, "%s: the figures of session %lld cannot be computed: %s",
                                s->path, (long long)session, strerror(-r));
        return 0;
}

/* Prepares all statements: a file that they do not fit is refused. */
static int open_statements(Store *s)
{
        static const Sql *const *const files[] = {
                store_sql_transaction,
                store_sql_store,
                store_sql_apply,
                store_sql_session_rows,
                store_sql_pace_rows,
                store_sql_sensor,
                store_sql_commands,
                store_sql_session,
                store_sql_wall_clock,
                store_sql_recover,
                store_sql_recount,
                store_sql_kind,
                store_sql_coach,
                store_sql_diary,
                store_sql_import,
                store_sql_spill,
                store_sql_raw,
                store_sql_kept,
                store_sql_edit,
                store_sql_edit_carry,
                store_sql_beats,
                store_sql_beats_older,
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(files) && r == 0; i++)
                r = store_prepare_statements(s, files[i]);
        return r;
}

static int open_tables(void *userdata, int64_t version, char **ret_error)
{
        Store *s = userdata;
        int r = open_statements(s);

        if (r < 0)
                return store_refuse(ret_error, r, "%s: its tables are not as expected: %s", s->path,
                                sqlite3_errmsg(s->db));
        /* Its tables are ours: what follows may be as much as all that was ever recorded. */
        (void)sqlite3_exec(s->db, "PRAGMA cache_spill = ON", NULL, NULL, NULL);
        if (version > 0 && version < STORE_VERSION_RECOUNTED)
                r = open_recount(s, version, ret_error);
        if (r < 0)
                return r;
        if (version > 0 && version < STORE_VERSION_PACE) {
                r = store_figure_pace(s);
                if (r < 0)
                        return store_refuse(ret_error, r,
                                        "%s: the distances of its sessions cannot be computed: %s", s->path,
                                        sqlite3_errmsg(s->db));
        }
        r = store_judge_all(s);
        if (r < 0)
                return store_refuse(ret_error, r, "%s: the kinds of its sessions cannot be told: %s", s->path,
                                sqlite3_errmsg(s->db));
        return open_next_id(s, ret_error);
}

/* Page size of a new file, and how much of any file is cached. Nothing is written yet. */
static int open_pages(Store *s, char **ret_error)
{
        int rc = sqlite3_exec(s->db,
                        "PRAGMA page_size = " STORE_PAGE_SIZE ";"
                        "PRAGMA secure_delete = ON;" /* for all deletions from here on */
                        "PRAGMA cache_size = -" STORE_CACHE_KB,
                        NULL, NULL, NULL);

        return rc == SQLITE_OK ? 0 : refuse_sqlite(s, rc, "cannot be set up", ret_error);
}

/* What the last daemon deleted may still be in the WAL, if it was killed. A reader that is in the way now is waited for by
 * later syncs, not here. */
static void open_scrub_left(Store *s)
{
        (void)sqlite3_busy_timeout(s->db, 0);
        if (s->beside.log)
                store_deleted(s);
        store_scrub_wait(s);
        s->scrub_tried = s->deleted; /* no request waits for it */
        (void)sqlite3_busy_timeout(s->db, STORE_PATIENCE_MS);
}

/* From here on the file is ours, and is written to once its tables are checked. */
static int open_settle(Store *s, char **ret_error)
{
        static const char settings[] = "PRAGMA synchronous = " STORE_SYNCHRONOUS ";"
                                       "PRAGMA foreign_keys = ON;"
                                       "PRAGMA journal_size_limit = " STORE_LOG_LIMIT ";"
                                       "SELECT count(*) FROM sqlite_schema;";
        int keep = 1, rc, r;

        /* Without -wal and -shm, a reader that may not write to the folder could not open the file at all. */
        rc = sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
        if (rc != SQLITE_OK)
                return refuse_sqlite(s, rc, "cannot be set up", ret_error);
        /* The schema first and WAL second: so the file is recognisable from its first byte on, and a crash between the two
         * leaves either an empty file or a complete one. */
        r = store_schema_migrate(s->db, s->path, open_tables, s, ret_error);
        if (r < 0)
                return r;
        r = open_wal(s, ret_error);
        if (r < 0)
                return r;
        /* The last one reads, which creates -wal and -shm for the first reader to find. */
        rc = sqlite3_exec(s->db, settings, NULL, NULL, NULL);
        if (rc != SQLITE_OK)
                return refuse_sqlite(s, rc, "cannot be set up", ret_error);
        (void)sqlite3_db_config(
                        s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL); /* cannot fail: a known option */
        open_scrub_left(s);
        store_wal_watch(s);
        store_moved_watch(s);
        rc = store_sync_connect(s);
        return rc == SQLITE_OK ? 0
                               : store_refuse(ret_error, store_errno(rc), "%s: cannot be opened: %s", s->path,
                                                 sqlite3_errstr(rc));
}

static int open_database(Store *s, char **ret_error)
{
        int rc, r;

        /* Memory statistics are off: nobody reads them, and each allocation would take a lock. Pages of the cache are
         * allocated one by one rather than twenty ahead. Fails once SQLite is initialised, as before a second store. */
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
        (void)sqlite3_config(SQLITE_CONFIG_LOG, store_on_sqlite_log, NULL);
        rc = sqlite3_open_v2(s->path, &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
        if (rc != SQLITE_OK)
                return refuse_sqlite(s, rc, "cannot be opened", ret_error);
        (void)sqlite3_busy_timeout(s->db, STORE_PATIENCE_MS);
        /* A refused file is closed as it was found, and its views and triggers may not call unsafe functions. Both options are
         * known, and cannot fail. */
        (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

        r = store_schema_check(s->db, s->path, ret_error);
        if (r == 0)
                r = open_pages(s, ret_error);
        if (r == 0)
                r = open_check_damage(s, ret_error);
        if (r == 0)
                r = open_settle(s, ret_error);
        if (r < 0)
                return r;
        /* Given out, but never written. */
        s->stored_id = s->next_id - 1;
        s->marked_id = store_file_marked_id(s->lock_fd);
        if (s->marked_id >= s->next_id)
                s->next_id = s->marked_id + 1;
        r = store_spill_take(s, ret_error);
        (void)sqlite3_busy_timeout(s->db, 0);
        return r;
}

static Store *store_free(Store *s)
{
        if (!s)
                return NULL;
        store_sync_close_wait(s);
        store_finalize_statements(s);
        sqlite3_close(s->db);
        if (s->lock_fd >= 0)
                close(s->lock_fd);
        queue_free(&s->queue);
        free(s->path);
        free(s);
        return NULL;
}
DEFINE_CLEANUP(Store *, store_free);

int store_open(const char *path, bool private, Store **ret, char **ret_error)
{
        _cleanup_(store_freep) Store *s = NULL;
        Beside beside;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return store_refuse(ret_error, -ENOMEM, "%s: out of memory", path);
        s->clock.known = true; /* until store_set_clock() says otherwise */
        s->lock_fd = s->sync.wanted_fd = s->sync.done_fd = -1;
        r = store_sync_open(s);
        if (r < 0)
                return store_refuse(ret_error, r, "%s: %s", path, strerror(-r));
        s->path = path_absolute(path);
        if (!s->path)
                return store_refuse(ret_error, -errno, "%s: %s", path, strerror(errno));

        r = store_file_prepare(s->path, private, &s->lock_fd, ret_error);
        if (r < 0)
                return r;
        beside = s->beside = store_file_beside(s->path);
        r = open_database(s, ret_error);
        if (r < 0) {
                store_finalize_statements(s);
                sqlite3_close(TAKE_PTR(s->sync.db));
                sqlite3_close(TAKE_PTR(s->db));
                store_file_clear_beside(s->path, beside);
                return r;
        }
        *ret = TAKE_PTR(s);
        return 0;
}

/* The last commit; waits for a running sync, too. */
static int stop_commit(Store *s)
{
        int r;

        (void)store_sync_wait(s); /* logged there */
        if (s->queue.n > 0)
                (void)store_spill_prepare(
                                s); /* if it fails the spill has an id all the same, but no commit notes it */
        (void)sqlite3_busy_timeout(s->db, s->queue.n > 0 ? STORE_STOP_PATIENCE_MS : STORE_PATIENCE_MS);
        r = s->spill.n > 0 ? -EALREADY : store_commit_wait(s);
        if (r == 0)
                s->spill.id = 0;
        return r;
}

/* The open WAL, which nobody else finds, is checkpointed into the database. */
static int stop_bare(Store *s)
{
        Checkpoint checkpoint;

        store_wal_checkpoint(s->db, &checkpoint);
        return checkpoint.stuck ? -EIO : 0;
}

StoreEnd store_stop(Store *s)
{
        size_t dropped = s->dropped;
        int r;

        if (s->spill.n > 0 && s->spill.n == s->queue.n)
                return STORE_END_SPILLED;
        r = stop_commit(s);
        if (r == 0 && s->place == STORE_BARE)
                r = stop_bare(s);
        /* All is committed, but only in the WAL: to be durable that needs an fsync. */
        if (r < 0 && s->queue.n == 0 && s->place != STORE_BARE)
                r = store_errno(store_wal_sync(s->db));
        else if (r < 0 && s->queue.n > 0)
                r = store_spill_write(s) < 0 ? -EIO : 1;
        if (r < 0 && s->queue.n > 0)
                log_error("%s: %zu entries are lost: they could be written nowhere", s->path, s->queue.n);
        else if (r < 0)
                log_error("%s: cannot be brought to the disk: a power cut would lose what was written last: %s",
                                s->path, strerror(-r));
        if (dropped > 0 && s->dropped > 0)
                log_error("%s: %zu entries found no room while it could not be written: they are lost",
                                s->path, dropped);
        return r < 0 || dropped > 0 ? STORE_END_LOST : r > 0 ? STORE_END_SPILLED : STORE_END_WRITTEN;
}

Store *store_close(Store *s)
{
        if (!s)
                return NULL;
        (void)store_stop(s); /* logged there */
        /* Truncating the WAL is only tidy, unless something deleted is still in it. */
        (void)sqlite3_busy_timeout(s->db, s->deleted != s->scrubbed ? STORE_PATIENCE_MS : 0);
        store_scrub_wait(s);
        return store_free(s);
}
