/* SPDX-License-Identifier: MIT */

/* The database: its transaction, and what follows from success and failure. The only writer of the file.
 *
 * What always holds: the queue plus what is on disk is everything recorded. A transaction applies the whole queue or none of
 * it. The figures of an open session (writer.c) are of both together, so no failure has to undo anything in memory. Session
 * ids are given out from memory: the transaction that begins a session also advances SQLite's own sequence, so that not even a
 * discarded id is used again.
 *
 * Reads no clock: every time is passed in. */

#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "log.h"
#include "store/apply.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/wall-clock.h"

const char *store_path(const Store *s)
{
        return s->path;
}

void store_deleted(Store *s)
{
        s->unsynced = true;
        if (++s->deleted == 0)
                s->deleted = 1; /* 0 stands for none */
}

void store_scrub_wait(Store *s)
{
        (void)store_sync_wait(s); /* logged there */
        if (store_wal_truncate(s->db) == SQLITE_OK)
                s->scrubbed = s->deleted;
}

static const Sql sql_spill_forget = {
        .text = "DELETE FROM sqlite_sequence WHERE name = 'spill'",
};

static const Sql sql_spill_note = {
        .text = "INSERT INTO sqlite_sequence (name, seq) VALUES ('spill', ?1)",
};

/* Notes that the spill of that id is stored, in the transaction that stores it. */
static int note_spill(Store *s)
{
        int r;

        if (s->spill.id == 0)
                return 0;
        r = store_run(s, &sql_spill_forget);
        return r < 0 ? r : store_run_for(s, &sql_spill_note, s->spill.id);
}

/* Writes without changing anything: with synchronous=FULL all earlier commits become durable. */
static const Sql sql_touch = {
        .kept = true,
        .text = STORE_TOUCH,
};

static int commit_try(Store *s, int64_t *ret_gone)
{
        int r;

        s->clock_corrected = s->clock_corrected_mornings = 0;
        r = transaction_begin(s);
        if (r < 0)
                return r;
        r = s->queue.n > 0 ? store_apply(s, ret_gone) : store_run(s, &sql_touch);
        if (r == 0)
                r = note_spill(s);
        if (r < 0)
                return r;
        return transaction_commit(s);
}

/* Ids that were given out, and perhaps shown to the runner, but are in no row yet: the next daemon does not give them out
 * again, even if this one is killed now. */
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

/* The sessions are on disk, and with them SQLite's own sequence. */
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
                log_warning("%s: another program has deleted session %lld while it was recorded; "
                            "what more comes of it is dropped",
                                s->path, (long long)gone);
                s->gone = gone;
        }
        clear_mark(s);
        store_log_corrections(s);
        if (s->failing && s->dropped == 0)
                log_notice("%s: is written again, %zu entries had waited", s->path, s->queue.n);
        else if (s->dropped > 0)
                log_error("%s: is written again, %zu entries had waited; %zu had found no room and are lost",
                                s->path, s->queue.n, s->dropped);
        s->failing = false;
        s->dropped = 0;
        queue_clear(&s->queue);
}

/* durable: fsynced when it returns, with all earlier commits. */
static int store_transact(Store *s, bool durable)
{
        int64_t gone = 0;
        int r;

        /* The last one at a stop may still write to a database whose WAL is gone. */
        if (store_moved(s) && !(durable && s->place == STORE_BARE))
                return -ESTALE;
        /* Neither can fail outside of a transaction: they only configure the next one. */
        if (durable)
                (void)sqlite3_exec(s->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
        r = commit_try(s, &gone);
        s->held = r == -EBUSY && s->sync.running;
        if (s->held)
                r = -EAGAIN;
        else if (r < 0)
                commit_failed(s, r);
        if (r < 0)
                transaction_rollback(s);
        if (durable)
                (void)sqlite3_exec(s->db, "PRAGMA synchronous = " STORE_SYNCHRONOUS, NULL, NULL, NULL);
        if (r < 0)
                return r;
        /* If it was replaced meanwhile, the transaction may have gone to a file that is gone. */
        if (store_moved(s) && s->place == STORE_REPLACED)
                return -ESTALE;
        commit_succeeded(s, gone);
        s->unsynced = !durable;
        return 0;
}

int store_commit(Store *s)
{
        s->held = false;
        return s->queue.n > 0 ? store_transact(s, false) : 0;
}

int store_commit_wait(Store *s)
{
        Checkpoint checkpoint;
        int r = 0;

        (void)store_sync_wait(s); /* logged there */
        s->held = false;
        if (s->queue.n > 0 || s->unsynced)
                r = store_transact(s, true);
        if (r == 0 && store_wal_is_long(s)) {
                r = store_errno(store_wal_checkpoint_restart(s->db, &checkpoint));
                store_wal_checkpointed(s, &checkpoint);
        }
        if (s->deleted != s->scrubbed)
                store_scrub_wait(s);
        return r;
}

int store_do(Store *s, int (*func)(Store *s, const void *what), const void *what)
{
        int r;

        if (store_moved(s))
                return -ESTALE;
        r = store_commit(s);
        if (r < 0)
                return r;
        r = transaction_begin(s);
        if (r == 0)
                r = func(s, what);
        if (r == 0)
                r = transaction_commit(s);
        if (r < 0) {
                transaction_rollback(s);
                return store_held_errno(s, r);
        }
        s->unsynced = true;
        return 0;
}

_hot_ bool store_pending(const Store *s)
{
        return s->queue.n > 0 || s->deleted != s->scrubbed;
}

bool store_refused(const Store *s)
{
        return s->failing || s->sync.failing;
}

bool store_held(const Store *s)
{
        return s->held;
}

size_t store_waiting(const Store *s)
{
        return s->failing ? s->queue.n : 0;
}

int store_held_errno(const Store *s, int r)
{
        return r == -EBUSY && s->sync.running ? -EAGAIN : r;
}

const Sql *const store_sql_store[] = {
        &sql_touch,
        &sql_spill_forget,
        &sql_spill_note,
        NULL,
};
