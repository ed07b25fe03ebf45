/* SPDX-License-Identifier: MIT */

/* A stored session: read for a caller, read to be resumed, and deleted. No clock. */

#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "store/edit.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/session-rows.h"

/* So long the times of a session, recorded by a clock that nobody had set, count as about to change: if it is not set in a day,
 * it may never be. */
#define CLOCK_PATIENCE_MS (INT64_C(24) * 3600 * 1000)

static const Sql sql_get = {
        .text = "SELECT * FROM sessions WHERE id = ?1",
};

int store_get_session(Store *s, int64_t id, StoreColumnFunc func, void *userdata)
{
        sqlite3_stmt *st = store_statement(s, &sql_get);
        int committed, rc, r = 0;

        /* An older session can be read even while the disk refuses. */
        committed = store_commit(s);

        sqlite3_bind_int64(st, 1, id);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                r = store_report_row(st, func, userdata);
        store_reset(s, &sql_get);

        if (rc == SQLITE_ROW)
                return r < 0 ? r : 0;
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        return committed < 0 ? committed : -ENOENT;
}

/* What is not known of its boot is no reason to wait. Both halves come in order by an index, and end with the limit. */
static const Sql sql_list = {
        .text = "SELECT id, source, coalesce(split_from, 0), ended_at IS NOT NULL AND resumable = 0"
                " AND coalesce(clock_known = 0 AND boot_id = ?3 AND boot_ms + (ended_at - started_at) > ?4, 0) = 0"
                " FROM session WHERE id > ?1"
                " UNION ALL"
                " SELECT m.session_id, k.source, coalesce(k.split_from, 0), 0 FROM edit_session AS m"
                " JOIN edit AS e ON e.id = m.edit_id"
                " JOIN kept_session AS k ON k.edit_id = m.edit_id AND k.id = m.session_id"
                " WHERE m.session_id > ?1 AND m.is_result = 0 AND e.deleted_id IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM session AS s WHERE s.id = m.session_id)"
                " ORDER BY 1 LIMIT ?2",
};

int store_list_sessions(Store *s, int64_t after, unsigned limit, int64_t boot_ms, StoreListedFunc func,
                void *userdata, int64_t *ret_last)
{
        sqlite3_stmt *st = store_statement(s, &sql_list);
        int rc, r = 0;

        /* Those that are stored can be listed even while the disk refuses. */
        (void)store_commit(s);

        sqlite3_bind_int64(st, 1, after);
        sqlite3_bind_int64(st, 2, limit);
        bind_text(st, 3, s->clock.boot_id);
        sqlite3_bind_int64(st, 4, boot_ms - CLOCK_PATIENCE_MS);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW && r >= 0)
                r = func(userdata, &(StoreListed){ .id = sqlite3_column_int64(st, 0),
                                                   .source = (const char *)sqlite3_column_text(st, 1),
                                                   .split_from = sqlite3_column_int64(st, 2),
                                                   .over = sqlite3_column_int(st, 3) != 0 });
        store_reset(s, &sql_list);
        if (r < 0)
                return r;
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret_last = s->stored_id;
        return 0;
}

static const Sql sql_past = {
        .text = "SELECT t, smoothed, settled, zone FROM sample WHERE session_id = ?1 ORDER BY t LIMIT ?2",
};

ssize_t store_session_past(Store *s, int64_t id, StorePast **ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_past);
        _cleanup_free_ StorePast *past = NULL;
        size_t n = 0, allocated = 0;
        int rc;

        sqlite3_bind_int64(st, 1, id);
        sqlite3_bind_int64(st, 2, STORE_PAST_MAX);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
                if (n == allocated) {
                        StorePast *larger;

                        allocated = allocated > 0 ? 2 * allocated : 1024;
                        larger = reallocarray(past, allocated, sizeof(*past));
                        if (!larger) {
                                store_reset(s, &sql_past);
                                return -ENOMEM;
                        }
                        past = larger;
                }
                past[n++] = (StorePast){
                        .t = sqlite3_column_int64(st, 0),
                        .smoothed = sqlite3_column_double(st, 1),
                        .counts = sqlite3_column_int(st, 2) != 0,
                        .zone = (uint8_t)sqlite3_column_int(st, 3),
                };
        }
        store_reset(s, &sql_past);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = TAKE_PTR(past);
        return (ssize_t)n;
}

static const Sql sql_losses = {
        .text = "SELECT detail FROM event WHERE session_id = ?1 AND type = 'trouble'"
                " AND detail IN ('" CARDIO_TROUBLE_STRAP_LOST "', '" CARDIO_TROUBLE_STRAP_BACK
                "') ORDER BY t, id",
};

int store_session_losses(Store *s, int64_t id, unsigned *ret_told, bool *ret_lost)
{
        sqlite3_stmt *st = store_statement(s, &sql_losses);
        unsigned told = 0;
        bool lost = false;
        int rc;

        sqlite3_bind_int64(st, 1, id);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
                lost = strcmp((const char *)sqlite3_column_text(st, 0), CARDIO_TROUBLE_STRAP_LOST) == 0;
                told += lost;
        }
        store_reset(s, &sql_losses);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret_told = told;
        *ret_lost = lost;
        return 0;
}

static int delete_try(Store *s, int64_t id)
{
        int r;

        r = transaction_begin(s);
        if (r < 0)
                return r;
        r = store_remove_session(s, id);
        if (r < 0)
                return r;
        if (sqlite3_changes(s->db) == 0)
                return -ENOENT;
        r = store_forget_edits(s, id);
        return r < 0 ? r : transaction_commit(s);
}

int store_delete_session(Store *s, int64_t id)
{
        int r;

        if (store_is_recording(s, id))
                return -EBUSY;
        if (store_moved(s))
                return -ESTALE;
        r = store_commit(s);
        if (r < 0)
                return r;
        r = delete_try(s, id);
        if (r < 0) {
                transaction_rollback(s);
                return store_held_errno(s, r);
        }

        store_deleted(s);
        return 0;
}

const Sql *const store_sql_session[] = {
        &sql_get,
        &sql_list,
        &sql_past,
        &sql_losses,
        NULL,
};
