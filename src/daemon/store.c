/* SPDX-License-Identifier: MIT */

/* The database: opening it, the queue's front, the transaction, and what is asked of it. The only writer of
 * the file.
 *
 * What always holds: the queue plus what is on disk is everything recorded. A transaction applies the whole
 * queue or leaves it whole. session.figures are of both together, so no failure has to take anything back in
 * memory. Session ids are given out from memory: the transaction that begins one also moves SQLite's own
 * sequence on, so that not even a discarded id comes back.
 *
 * Reads no clock: every time comes in as an argument. */

#include "store-internal.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

/* How SQLite is set. Chosen by measurement, which tests/bench/RESULTS.md shows beside what else was tried; `make
 * bench-settings` repeats it, which is why each can be given to the compiler.
 *
 * A commit each five seconds changes a little of a few pages, and writes them whole: small pages save most of that. Few of
 * them need to be remembered: heart rates are added at the end of a table, and a session is read once when it ends. */
#ifndef STORE_PAGE_SIZE
#define STORE_PAGE_SIZE "1024" /* bytes; of a new file, one that is there keeps its own */
#endif
#ifndef STORE_CACHE_KB
#define STORE_CACHE_KB "128"
#endif
/* Between syncs, which are FULL: only a checkpoint waits for the platter. */
#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "NORMAL"
#endif

/* Larger files are not read through at every start: some hundred hours of running. */
#define CHECK_MAX_BYTES (64LL * 1024 * 1024)
/* As many as a double tells apart. */
#define SESSION_ID_MAX (INT64_C(1) << 53)

int store_errno(int rc)
{
        switch (rc & 0xff) {
        case SQLITE_OK:
                return 0;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return -EBUSY;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR: /* our statements do not fit its tables */
                return -EBADMSG;
        case SQLITE_CONSTRAINT:
                return -EDOM;
        default: /* SQLite's numbers, not ours: every other one means that it could not read or write */
                return -EIO;
        }
}

int store_refuse(char **ret_error, int error, const char *format, ...)
{
        char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        *ret_error = text;
        return error;
}

/* -- Opening -- */

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

/* Reads the whole file through, for damage that would otherwise show in the middle of a run. */
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
                        "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'session'), 0), "
                        "coalesce((SELECT max(id) FROM session), 0)) + 1",
                        -1, &statement, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
                s->next_id = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        if (rc != SQLITE_ROW)
                return refuse_sqlite(s, rc, "its tables are not as expected", ret_error);
        /* Only another hand can have used them up. */
        if (s->next_id < 1 || s->next_id >= SESSION_ID_MAX)
                return store_refuse(ret_error, -EBADMSG,
                                "%s: its tables are not as expected: no number is left for a session",
                                s->path);
        return 0;
}

static int open_tables(void *userdata, char **ret_error)
{
        Store *s = userdata;
        int r = store_prepare_statements(s);

        if (r < 0)
                return store_refuse(ret_error, r, "%s: its tables are not as expected: %s", s->path,
                                sqlite3_errmsg(s->db));
        r = store_judge_all(s);
        if (r < 0)
                return store_refuse(ret_error, r, "%s: the kinds of its sessions cannot be told: %s", s->path,
                                sqlite3_errmsg(s->db));
        return open_next_id(s, ret_error);
}

/* How a new file is made, and how much of any file is held in memory. Nothing is written yet. */
static int open_pages(Store *s, char **ret_error)
{
        int rc = sqlite3_exec(s->db,
                        "PRAGMA page_size = " STORE_PAGE_SIZE ";"
                        "PRAGMA cache_size = -" STORE_CACHE_KB,
                        NULL, NULL, NULL);

        return rc == SQLITE_OK ? 0 : refuse_sqlite(s, rc, "cannot be set up", ret_error);
}

/* From here on the file is ours, and is written to as soon as its tables are found to be. */
static int open_settle(Store *s, char **ret_error)
{
        static const char settings[] = "PRAGMA synchronous = " STORE_SYNCHRONOUS ";"
                                       "PRAGMA foreign_keys = ON;"
                                       "PRAGMA secure_delete = ON;"
                                       "PRAGMA journal_size_limit = 8388608;"
                                       "SELECT count(*) FROM sqlite_schema;";
        int keep = 1, rc, r;

        /* With -wal and -shm gone, a reader that may not write to the folder could not open the file at
         * all. */
        rc = sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
        if (rc != SQLITE_OK)
                return refuse_sqlite(s, rc, "cannot be set up", ret_error);
        /* The schema first and WAL second: so the file itself says whose it is from its first byte on, and a
         * crash between the two leaves either an empty file or a whole one. */
        r = store_schema_migrate(s->db, s->path, open_tables, s, ret_error);
        if (r < 0)
                return r;
        r = open_wal(s, ret_error);
        if (r < 0)
                return r;
        /* What is read last makes the files beside it, for the first reader to find. */
        rc = sqlite3_exec(s->db, settings, NULL, NULL, NULL);
        if (rc != SQLITE_OK)
                return refuse_sqlite(s, rc, "cannot be set up", ret_error);
        (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL); /* a known verb */
        store_wal_watch(s);
        return 0;
}

static int open_database(Store *s, char **ret_error)
{
        int rc, r;

        rc = sqlite3_open_v2(s->path, &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
        if (rc != SQLITE_OK)
                return refuse_sqlite(s, rc, "cannot be opened", ret_error);
        (void)sqlite3_busy_timeout(s->db, STORE_PATIENCE_MS);
        /* A file that is refused is closed as it was found, and what its views and triggers say is done only as far as
         * it does no harm. Both verbs are known ones. */
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
        (void)sqlite3_busy_timeout(s->db, 0);
        /* Told to somebody, and never written. */
        s->stored_id = s->next_id - 1;
        s->marked_id = store_file_marked_id(s->lock_fd);
        if (s->marked_id >= s->next_id)
                s->next_id = s->marked_id + 1;
        return 0;
}

static Store *store_free(Store *s)
{
        if (!s)
                return NULL;
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
        s->lock_fd = -1;
        s->path = path_absolute(path);
        if (!s->path)
                return store_refuse(ret_error, -errno, "%s: %s", path, strerror(errno));

        r = store_file_prepare(s->path, private, &s->lock_fd, ret_error);
        if (r < 0)
                return r;
        beside = store_file_beside(s->path);
        r = open_database(s, ret_error);
        if (r < 0) {
                store_finalize_statements(s);
                sqlite3_close(TAKE_PTR(s->db));
                store_file_clear_beside(s->path, beside);
                return r;
        }
        *ret = TAKE_PTR(s);
        return 0;
}

/* A reader can be in the way: it is tried again at the next commit. */
void store_scrub(Store *s)
{
        int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

        s->unscrubbed = rc != SQLITE_OK;
}

Store *store_close(Store *s)
{
        int r;

        if (!s)
                return NULL;
        (void)sqlite3_busy_timeout(s->db, s->queue.n > 0 ? STORE_STOP_PATIENCE_MS : STORE_PATIENCE_MS);
        r = store_commit(s, true);
        if (r < 0)
                log_error("%s: %zu entries are lost: %s", s->path, s->queue.n, strerror(-r));
        /* To shorten the log is only tidy, unless something deleted is still in it. */
        (void)sqlite3_busy_timeout(s->db, s->unscrubbed ? STORE_PATIENCE_MS : 0);
        store_scrub(s);
        return store_free(s);
}

const char *store_path(const Store *s)
{
        return s->path;
}

/* -- The queue's front -- */

/* Takes over op->extra. What finds no room is counted, and told once. */
static int store_push(Store *s, const Operation *op, const uint16_t *rr)
{
        int r = queue_push(&s->queue, op, rr);

        if (r < 0 && s->dropped++ == 0)
                log_error("%s: %zu entries wait for the disk, there is no room for more: %s", s->path,
                                s->queue.n, strerror(-r));
        return r;
}

static void session_close(Store *s)
{
        s->session.id = 0;
        s->session.waiting = false;
}

static int64_t session_last_t(const Store *s)
{
        const Tally *tally = &s->session.figures.tally;

        return tally->started ? tally->last_t : -1;
}

int64_t store_session_begin(Store *s, const SessionHead *head)
{
        Operation op = { .type = OPERATION_BEGIN, .session = s->next_id };
        int r;

        if (s->session.id != 0)
                (void)store_session_end(s, session_last_t(s), false); /* nobody waits to be told */

        op.extra = beginning_new(head);
        if (!op.extra)
                return -ENOMEM;
        r = store_push(s, &op, NULL);
        if (r < 0)
                return r;

        s->next_id++;
        s->session.id = op.session;
        s->session.given_t = -1;
        figures_begin(&s->session.figures, &head->runner, head->tolerance, head->ceiling);
        return op.session;
}

int store_session_resume(Store *s, const OpenSession *o)
{
        Figures *f = &s->session.figures;
        double breach_s = figures_open_breach(f);
        int r;

        if (s->session.id != o->id || !s->session.waiting)
                return -ENOENT;

        r = store_push(s, &(Operation){ .type = OPERATION_RESUME, .session = o->id }, NULL);
        if (r < 0)
                return r;
        s->session.waiting = false;
        /* The limiter starts anew, so a breach that a crash cut off ended there. */
        if (!isnan(breach_s))
                store_event(s, f->tally.last_t, "back-in-range", breach_s, NULL);
        return 0;
}

void store_sample(Store *s, int64_t t, const Sample *sample, const uint16_t *rr, size_t n_rr)
{
        int64_t last_t = session_last_t(s);
        Operation op = {
                .type = OPERATION_SAMPLE,
                .session = s->session.id,
                .zone = sample->zone,
                .contact = sample->contact,
                .heart_rate = sample->heart_rate,
                .n_rr = (uint16_t)n_rr,
                .smoothed = sample->smoothed,
        };

        assert(n_rr <= MEASUREMENT_RR_MAX);
        if (s->session.id == 0 || s->session.waiting)
                return;

        op.t = t > last_t ? t : last_t + 1;
        if (store_push(s, &op, rr) < 0)
                return;
        s->session.given_t = t;
        figures_sample(&s->session.figures, op.t, op.heart_rate, op.smoothed, op.zone);
}

void store_event(Store *s, int64_t t, const char *type, double value, const char *detail)
{
        Operation op = { .type = OPERATION_EVENT, .session = s->session.id, .value = value };
        SessionEvent event = session_event_from_string(type);

        assert(event >= 0);
        if (s->session.id == 0 || s->session.waiting)
                return;

        op.event = (uint8_t)event;
        op.t = t > 0 ? t : 0;
        /* The heart rate at a t is judged by a ceiling from that t on: one set after it came is of the next
         * ms. */
        if (event == SESSION_EVENT_CEILING && op.t <= session_last_t(s))
                op.t = session_last_t(s) + 1;
        if (detail)
                op.extra = strdup(detail); /* out of memory: the event without it */
        if (store_push(s, &op, NULL) < 0)
                return;
        figures_event(&s->session.figures, op.t, event, value);
}

void store_session_clock(Store *s, int64_t t, int64_t step_ms)
{
        if (s->session.id == 0 || s->session.waiting)
                return;
        (void)store_push(s,
                        &(Operation){ .type = OPERATION_CLOCK,
                                        .session = s->session.id,
                                        .t = t > 0 ? t : 0,
                                        .step_ms = step_ms },
                        NULL); /* told by store_push() */
}

int64_t store_session_end(Store *s, int64_t end_t, bool resumable)
{
        Operation op = {
                .type = OPERATION_END, .session = s->session.id, .t = end_t, .resumable = resumable
        };

        if (s->session.id == 0)
                return end_t;
        /* The last heart rate may be stored a little later than it was given, to keep t rising. */
        if (end_t >= s->session.given_t)
                op.t = end_t > session_last_t(s) ? end_t : session_last_t(s);
        if (op.t < 0)
                op.t = 0;
        (void)store_push(s, &op, NULL); /* there is always room for it */
        session_close(s);
        return op.t;
}

void store_session_discard(Store *s)
{
        if (s->session.id == 0)
                return;
        (void)store_push(s, &(Operation){ .type = OPERATION_DISCARD, .session = s->session.id },
                        NULL); /* there is always room for it */
        session_close(s);
}

void store_sensor(Store *s, const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms)
{
        Operation op = { .type = OPERATION_SENSOR };

        op.extra = sensor_news_new(address, name, body_location, battery, last_seen_ms);
        if (op.extra)
                (void)store_push(s, &op, NULL); /* told by store_push() */
}

void store_set_commands(Store *s, const StoreCommands *c)
{
        Operation op = { .type = OPERATION_COMMANDS, .extra = malloc(sizeof(*c)) };

        if (!op.extra)
                return; /* out of memory: it does not outlive the daemon */
        memcpy(op.extra, c, sizeof(*c));
        (void)store_push(s, &op, NULL); /* told by store_push() */
}

/* -- The transaction -- */

static int commit_try(Store *s, int64_t *ret_gone)
{
        int r;

        r = store_run(s, STATEMENT_BEGIN);
        if (r < 0)
                return r;
        r = s->queue.n > 0 ? store_apply(s, ret_gone) : store_run(s, STATEMENT_TOUCH);
        if (r < 0)
                return r;
        return store_run(s, STATEMENT_COMMIT);
}

/* Ids that were given out, and are told to the runner although no row has them yet, are not given out again by the next
 * daemon if this one is killed now. */
static void mark_ids(Store *s)
{
        int r;

        if (s->marked_id == s->next_id - 1)
                return;
        r = store_file_mark_id(s->lock_fd, s->next_id - 1);
        if (r < 0)
                log_debug("%s.lock: cannot be written: %s", s->path, strerror(-r));
        else
                s->marked_id = s->next_id - 1;
}

/* What was begun is on disk, and with it SQLite's own sequence has moved on. */
static void clear_mark(Store *s)
{
        for (size_t i = 0; i < s->queue.n; i++)
                if (s->queue.operation[i].type == OPERATION_BEGIN)
                        s->stored_id = s->queue.operation[i].session;
        if (s->marked_id > 0 && s->marked_id <= s->stored_id && store_file_mark_id(s->lock_fd, 0) == 0)
                s->marked_id = 0;
}

static void commit_failed(Store *s, int error)
{
        mark_ids(s);
        if (!s->failing)
                log_error("%s: cannot be written, %zu entries wait in memory: %s (%s)", s->path, s->queue.n,
                                sqlite3_errmsg(s->db), strerror(-error));
        s->failing = true;
}

static void commit_succeeded(Store *s, int64_t gone)
{
        if (gone != 0 && gone != s->gone) {
                log_warning("%s: another program has deleted session %lld while it was recorded; what more "
                            "comes of "
                            "it is dropped",
                                s->path, (long long)gone);
                s->gone = gone;
        }
        clear_mark(s);
        if (s->failing)
                log_notice("%s: is written again, %zu entries had waited, %zu were dropped", s->path,
                                s->queue.n, s->dropped);
        s->failing = false;
        s->dropped = 0;
        queue_clear(&s->queue);
}

static int store_transact(Store *s, bool sync)
{
        int64_t gone = 0;
        int r;

        /* Neither can fail outside of a transaction: they only set what the next one does. */
        if (sync)
                (void)sqlite3_exec(s->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
        r = commit_try(s, &gone);
        if (r < 0) {
                commit_failed(s, r);
                store_rollback(s);
        }
        if (sync)
                (void)sqlite3_exec(s->db, "PRAGMA synchronous = " STORE_SYNCHRONOUS, NULL, NULL, NULL);
        if (r < 0)
                return r;
        commit_succeeded(s, gone);
        s->unsynced = !sync;
        return 0;
}

int store_commit(Store *s, bool sync)
{
        int r = 0;

        if (s->queue.n > 0 || (sync && s->unsynced))
                r = store_transact(s, sync);
        if (s->unscrubbed)
                store_scrub(s);
        return r;
}

bool store_pending(const Store *s)
{
        return s->queue.n > 0 || s->unscrubbed;
}

/* -- Asked from outside -- */

static int get_column(sqlite3_stmt *st, int i, StoreColumnFunc func, void *userdata)
{
        StoreValue value = { 0 };

        switch (sqlite3_column_type(st, i)) {
        case SQLITE_NULL:
                return 0;
        case SQLITE_INTEGER:
                value.type = STORE_INTEGER;
                value.integer = sqlite3_column_int64(st, i);
                break;
        case SQLITE_FLOAT:
                value.type = STORE_REAL;
                value.real = sqlite3_column_double(st, i);
                break;
        case SQLITE_TEXT:
                value.type = STORE_TEXT;
                value.text = (const char *)sqlite3_column_text(st, i);
                if (!value.text)
                        return -ENOMEM;
                break;
        default: /* a BLOB: STRICT tables and the view's functions yield none */
                return -EBADMSG;
        }
        return func(userdata, sqlite3_column_name(st, i), &value);
}

int store_tell_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata)
{
        int r = 0;

        for (int i = 0; i < sqlite3_column_count(st) && r >= 0; i++)
                r = get_column(st, i, func, userdata);
        return r;
}

int store_get_session(Store *s, int64_t id, StoreColumnFunc func, void *userdata)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_GET);
        int committed, rc, r = 0;

        /* An older session can be told even while the disk cannot be written. */
        committed = store_commit(s, false);

        sqlite3_bind_int64(st, 1, id);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                r = store_tell_row(st, func, userdata);
        store_reset(s, STATEMENT_GET);

        if (rc == SQLITE_ROW)
                return r < 0 ? r : 0;
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        return committed < 0 ? committed : -ENOENT;
}

static int delete_try(Store *s, int64_t id)
{
        int r;

        r = store_run(s, STATEMENT_BEGIN);
        if (r < 0)
                return r;
        r = store_run_for(s, STATEMENT_SESSION_DELETE, id);
        if (r < 0)
                return r;
        if (sqlite3_changes(s->db) == 0)
                return -ENOENT;
        return store_run(s, STATEMENT_COMMIT);
}

int store_delete_session(Store *s, int64_t id)
{
        int r;

        if (id != 0 && id == s->session.id)
                return -EBUSY;
        r = store_commit(s, false);
        if (r < 0)
                return r;
        r = delete_try(s, id);
        if (r < 0) {
                store_rollback(s);
                return r;
        }

        s->unsynced = true;
        store_scrub(s);
        if (s->unscrubbed)
                log_notice("%s: a reader holds on to the log; what was deleted leaves it at a later commit",
                                s->path);
        return 0;
}
