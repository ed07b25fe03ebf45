/* SPDX-License-Identifier: MIT */

/* Edits of finished sessions. What an edit concerns is moved, whole, into the tables that keep it, and what comes of it is
 * added anew; to take it back is the same the other way round. So an edit can only be taken back as long as what came of
 * it is as the edit has left it: later edits of the same sessions go first, and a deletion takes along what was kept. What
 * the runner says of a session is no edit, and stays. No clock: the caller has one. */

#include "store/edit.h"

#include <assert.h>

#include "cardio/macro.h"
#include "store/coach.h"
#include "store/edit-carry.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/kept.h"
#include "store/kind.h"
#include "store/pace-rows.h"
#include "store/session-rows.h"

/* -- Kinds by the record -- */

/* Later runs were compared with what an edit changes: as far as such a comparison reaches, and two days for time zones. */
static const Sql sql_edit_compared = {
        .text = "UPDATE session SET record_kind = NULL"
                " WHERE started_at > ?1 AND started_at <= ?2 + ?3 AND ended_at IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM edit_session WHERE edit_id = ?4 AND session_id = session.id)",
};

static const Sql sql_edit_span = {
        .text = "SELECT min(started_at), max(started_at) FROM (SELECT started_at FROM kept_session WHERE edit_id = ?1"
                " UNION ALL SELECT s.started_at FROM edit_session AS e JOIN session AS s ON s.id = e.session_id"
                " WHERE e.edit_id = ?1)",
};

/* The edit's own sessions have been judged, or have the kind that they had. */
static int judge_later(Store *s, int64_t edit)
{
        static const int64_t reach_ms = (KIND_HISTORY_DAYS + INT64_C(2)) * 24 * 3600 * 1000;
        sqlite3_stmt *st = store_statement(s, &sql_edit_span);
        int64_t first = 0, last = 0;
        int rc, r;

        sqlite3_bind_int64(st, 1, edit);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                first = sqlite3_column_int64(st, 0);
                last = sqlite3_column_int64(st, 1);
        }
        store_reset(s, &sql_edit_span);
        if (rc != SQLITE_ROW)
                return store_errno(rc);
        st = store_statement(s, &sql_edit_compared);
        sqlite3_bind_int64(st, 1, first);
        sqlite3_bind_int64(st, 2, last);
        sqlite3_bind_int64(st, 3, reach_ms);
        sqlite3_bind_int64(st, 4, edit);
        r = store_run(s, &sql_edit_compared);
        if (r < 0)
                return r;
        store_batch(s, true); /* all of them by the same statements */
        r = store_judge_all(s);
        store_batch(s, false);
        return r;
}

/* -- Editing -- */

static const Sql sql_edit_add = {
        .text = "INSERT INTO edit (made_at, what) VALUES (?1, ?2)",
};

static int add_edit(Store *s, const StoreEdit *e, int64_t *ret)
{
        static const char *const names[] = {
                [EDIT_TRIM] = "trim",
                [EDIT_SPLIT] = "split",
                [EDIT_MERGE] = "merge",
        };
        sqlite3_stmt *st = store_statement(s, &sql_edit_add);
        int r;

        sqlite3_bind_int64(st, 1, e->made_at);
        bind_text(st, 2, names[e->kind]);
        r = store_run(s, &sql_edit_add);
        *ret = sqlite3_last_insert_rowid(s->db);
        return r;
}

static const Sql sql_edit_head = {
        .text = "UPDATE session"
                " SET started_at = started_at + ?2, boot_ms = boot_ms + ?2, utc_offset_s = ?3,"
                " day_kind = CASE WHEN ?4 = 0 THEN day_kind END, ceiling = ?5, ceiling_expression = ?6,"
                " sensor_id = coalesce((SELECT id FROM sensor WHERE address = ?7), sensor_id), kind = ?8,"
                " talk_test = ?9, rpe = nullif(?10, 0), note = ?11, edited_at = ?12,"
                " split_from = coalesce(nullif(?13, id), split_from), record_kind = NULL"
                " WHERE id = ?1",
};

/* Its verdict stays until it is judged again, as soon as all is stored. */
static int put_head(Store *s, const EditResult *result, int64_t made_at)
{
        sqlite3_stmt *st = store_statement(s, &sql_edit_head);

        sqlite3_bind_int64(st, 1, result->id);
        sqlite3_bind_int64(st, 2, result->start_ms);
        sqlite3_bind_int(st, 3, result->utc_offset_s);
        sqlite3_bind_int(st, 4, result->other_day);
        sqlite3_bind_double(st, 5, result->ceiling);
        bind_text(st, 6, result->ceiling_expression);
        bind_text(st, 7, result->address);
        bind_text(st, 8, result->said.kind);
        bind_text(st, 9, result->said.talk_test);
        sqlite3_bind_int(st, 10, result->said.rpe);
        bind_text(st, 11, result->said.note);
        sqlite3_bind_int64(st, 12, made_at);
        sqlite3_bind_int64(st, 13, result->from);
        return store_run(s, &sql_edit_head);
}

static const Sql sql_edit_concerns = {
        .text = "INSERT INTO edit_session (edit_id, session_id, is_result) VALUES (?1, ?2, 0)"
                " ON CONFLICT DO NOTHING",
};

static const Sql sql_edit_result = {
        .text = "INSERT INTO edit_session (edit_id, session_id, is_result, started_at, kind, talk_test, rpe, note)"
                " SELECT ?1, id, 1, started_at, kind, talk_test, rpe, note FROM session WHERE id = ?2",
};

static int run_edit_session(Store *s, const Sql *sql, int64_t edit, int64_t session)
{
        sqlite3_stmt *st = store_statement(s, sql);

        sqlite3_bind_int64(st, 1, edit);
        sqlite3_bind_int64(st, 2, session);
        return store_run(s, sql);
}

static int add_result(Store *s, int64_t edit, const EditResult *result, int64_t made_at)
{
        int r = store_copy_kept_row(s, edit, result->from, result->id);

        if (r == 0)
                r = put_head(s, result, made_at);
        if (r == 0)
                r = edit_carry_pace(s, edit, result);
        if (r == 0)
                r = edit_carry_content(s, edit, result);
        if (r == 0)
                r = session_writer_apply(s, result->rows, result->id);
        return r < 0 ? r : run_edit_session(s, &sql_edit_result, edit, result->id);
}

/* ?1 is the newest edit: of too many the first ones cannot be taken back any more. */
static const Sql sql_edits_many = {
        .text = "DELETE FROM edit WHERE id <= ?1 - ?2",
};

static int limit_edits(Store *s, int64_t edit)
{
        sqlite3_stmt *st = store_statement(s, &sql_edits_many);
        int r;

        sqlite3_bind_int64(st, 1, edit);
        sqlite3_bind_int64(st, 2, EDITS_MAX);
        r = store_run(s, &sql_edits_many);
        if (r == 0 && sqlite3_changes(s->db) > 0)
                store_deleted(s);
        return r;
}

static int do_edit(Store *s, const void *what)
{
        const StoreEdit *e = what;
        int64_t edit;
        int r = add_edit(s, e, &edit);

        if (r == 0)
                r = limit_edits(s, edit);

        for (size_t i = 0; i < e->n_before && r == 0; i++)
                r = store_keep_session(s, edit, e->before[i]);
        for (size_t i = 0; i < e->n_results && r == 0; i++)
                r = add_result(s, edit, &e->result[i], e->made_at);
        for (size_t i = 0; i < e->n_before && r == 0; i++)
                r = run_edit_session(s, &sql_edit_concerns, edit, e->before[i]);
        return r < 0 ? r : judge_later(s, edit);
}

int store_edit(Store *s, StoreEdit *e)
{
        size_t added = e->n_results;
        int r;

        assert(e->n_before <= EDIT_SESSIONS_MAX && e->n_results <= EDIT_SESSIONS_MAX);
        for (size_t i = 0; i < e->n_results; i++)
                if (e->result[i].id == 0) {
                        assert(added == e->n_results); /* at most one */
                        added = i;
                        e->result[i].id = s->next_id;
                }
        r = store_do(s, do_edit, e);
        if (added == e->n_results)
                return r;
        if (r < 0)
                e->result[added].id = 0;
        else
                s->stored_id = s->next_id++;
        return r;
}

/* -- Taking back -- */

static const Sql sql_undo_last = {
        .text = "SELECT m.edit_id, e.deleted_id, (SELECT min(later.session_id)"
                " FROM edit_session AS all_of JOIN edit_session AS later ON later.session_id = all_of.session_id"
                " WHERE all_of.edit_id = m.edit_id AND later.edit_id > m.edit_id)"
                " FROM edit_session AS m JOIN edit AS e ON e.id = m.edit_id WHERE m.session_id = ?1"
                " ORDER BY m.edit_id DESC LIMIT 1",
};

static const Sql sql_undo_exists = {
        .text = "SELECT 1 FROM session WHERE id = ?1",
};

/* Sets ret_edit, 0 = none of this session can be taken back. */
static int find_edit(Store *s, int64_t session, int64_t *ret_edit, StoreUndo *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_undo_last);
        int rc;

        *ret = (StoreUndo){ .refusal = UNDO_DONE };
        *ret_edit = 0;
        sqlite3_bind_int64(st, 1, session);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                if (sqlite3_column_type(st, 1) != SQLITE_NULL)
                        *ret = (StoreUndo){ UNDO_DELETED, sqlite3_column_int64(st, 1) };
                else if (sqlite3_column_type(st, 2) != SQLITE_NULL)
                        *ret = (StoreUndo){ UNDO_LATER, sqlite3_column_int64(st, 2) };
                else
                        *ret_edit = sqlite3_column_int64(st, 0);
        }
        store_reset(s, &sql_undo_last);
        if (rc != SQLITE_DONE)
                return rc == SQLITE_ROW ? 0 : store_errno(rc);

        st = store_statement(s, &sql_undo_exists);
        sqlite3_bind_int64(st, 1, session);
        rc = sqlite3_step(st);
        store_reset(s, &sql_undo_exists);
        *ret = (StoreUndo){ rc == SQLITE_ROW ? UNDO_NOT_EDITED : UNDO_NO_SESSION, session };
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* ?1 is an edit. What was said since of the session that has kept its id. */
static const Sql sql_undo_said = {
        .text = "UPDATE kept_session"
                " SET kind = CASE WHEN n.kind IS e.kind THEN kept_session.kind ELSE n.kind END,"
                " talk_test = CASE WHEN n.talk_test IS e.talk_test THEN kept_session.talk_test ELSE n.talk_test END,"
                " rpe = CASE WHEN n.rpe IS e.rpe THEN kept_session.rpe ELSE n.rpe END,"
                " note = CASE WHEN n.note IS e.note THEN kept_session.note ELSE n.note END"
                " FROM session AS n, edit_session AS e WHERE kept_session.edit_id = ?1 AND e.edit_id = ?1"
                " AND e.session_id = n.id AND n.id = kept_session.id",
};

/* What was said of the other one, the second part of a split: where nothing is known of the whole, and notes are joined. */
static const Sql sql_undo_said_of_part = {
        .text = "UPDATE kept_session"
                " SET kind = coalesce(kept_session.kind, CASE WHEN n.kind IS NOT e.kind THEN n.kind END),"
                " talk_test = coalesce(kept_session.talk_test,"
                " CASE WHEN n.talk_test IS NOT e.talk_test THEN n.talk_test END),"
                " rpe = coalesce(kept_session.rpe, CASE WHEN n.rpe IS NOT e.rpe THEN n.rpe END),"
                " note = CASE WHEN n.note IS NULL OR n.note IS e.note THEN kept_session.note"
                " ELSE coalesce(kept_session.note || ' / ', '') || n.note END"
                " FROM session AS n, edit_session AS e WHERE kept_session.edit_id = ?1 AND e.edit_id = ?1"
                " AND e.is_result = 1 AND e.session_id = n.id"
                " AND NOT EXISTS (SELECT 1 FROM kept_session AS k WHERE k.edit_id = ?1 AND k.id = n.id)",
};

/* The clock by which they were recorded was found to be wrong since. */
static const Sql sql_undo_clock = {
        .text = "UPDATE kept_session"
                " SET started_at = kept_session.started_at + m.ms, ended_at = kept_session.ended_at + m.ms,"
                " utc_offset_s = CASE WHEN m.ms = 0 THEN kept_session.utc_offset_s ELSE m.utc_offset_s END,"
                " clock_known = m.clock_known FROM (SELECT n.started_at - e.started_at AS ms, n.utc_offset_s,"
                " n.clock_known FROM edit_session AS e JOIN session AS n ON n.id = e.session_id"
                " JOIN kept_session AS k ON k.edit_id = e.edit_id AND k.id = n.id WHERE e.edit_id = ?1) AS m"
                " WHERE kept_session.edit_id = ?1 AND kept_session.clock_known = 0",
};

static const Sql sql_undo_results = {
        .text = "DELETE FROM session WHERE id IN"
                " (SELECT session_id FROM edit_session WHERE edit_id = ?1 AND is_result = 1)",
};

static const Sql sql_undo_edit = {
        .text = "DELETE FROM edit WHERE id = ?1",
};

typedef struct Undoing {
        int64_t session;
        StoreUndo *ret;
} Undoing;

static int do_undo(Store *s, const void *what)
{
        static const Sql *const before[] = { &sql_undo_said, &sql_undo_said_of_part, &sql_undo_clock,
                &sql_undo_results };
        const Undoing *u = what;
        int64_t edit;
        int r = find_edit(s, u->session, &edit, u->ret);

        if (r < 0 || edit == 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(before) && r == 0; i++)
                r = store_run_for(s, before[i], edit);
        if (r == 0)
                r = store_restore_kept(s, edit);
        if (r == 0)
                r = store_figure_pace(s); /* of what an older version has kept */
        if (r == 0)
                r = judge_later(s, edit);
        return r < 0 ? r : store_run_for(s, &sql_undo_edit, edit);
}

int store_undo_edit(Store *s, int64_t id, StoreUndo *ret)
{
        return store_do(s, do_undo, &(Undoing){ .session = id, .ret = ret });
}

/* -- Dropping what was kept -- */

/* By a clock that was ahead then: from now on it is kept for as long. */
static const Sql sql_edits_ahead = {
        .text = "UPDATE edit SET made_at = ?1 WHERE made_at > ?1 + 86400000",
};

/* Of a time before the week up to ?1, which is ?2 long. By a clock that was put back a later one can be of an earlier
 * time: it stays as long as one before it, which cannot be taken back without it. */
#define EDITS_OLD "id < coalesce((SELECT min(id) FROM edit WHERE made_at > ?1 - ?2), 9223372036854775807)"

static const Sql sql_edits_old = {
        .text = "DELETE FROM edit WHERE " EDITS_OLD,
};

static int do_drop(Store *s, const void *what)
{
        const int64_t *now_ms = what;
        sqlite3_stmt *st;
        int r = store_run_for(s, &sql_edits_ahead, *now_ms);

        if (r < 0)
                return r;
        st = store_statement(s, &sql_edits_old);
        sqlite3_bind_int64(st, 1, *now_ms);
        sqlite3_bind_int64(st, 2, EDIT_KEPT_MS);
        return store_run(s, &sql_edits_old);
}

static const Sql sql_edits_due = {
        .text = "SELECT EXISTS (SELECT 1 FROM edit WHERE made_at > ?1 + 86400000 OR " EDITS_OLD ")",
};

int store_drop_edits(Store *s, int64_t now_ms)
{
        sqlite3_stmt *st = store_statement(s, &sql_edits_due);
        bool due;
        int rc, r;

        sqlite3_bind_int64(st, 1, now_ms);
        sqlite3_bind_int64(st, 2, EDIT_KEPT_MS);
        rc = sqlite3_step(st);
        due = rc == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
        store_reset(s, &sql_edits_due);
        if (rc != SQLITE_ROW || !due)
                return rc == SQLITE_ROW ? 0 : store_errno(rc);
        r = store_do(s, do_drop, &now_ms);
        if (r == 0)
                store_deleted(s);
        return r;
}

/* An edit that concerns the session holds rows of it; and so does an earlier one that concerns a session which that edit
 * changed. */
static const Sql sql_edits_of = {
        .text = "WITH RECURSIVE hit (id) AS (SELECT edit_id FROM edit_session WHERE session_id = ?1 UNION"
                " SELECT o.edit_id FROM hit JOIN edit_session AS m ON m.edit_id = hit.id"
                " JOIN edit_session AS o ON o.session_id = m.session_id AND o.edit_id < hit.id)"
                " UPDATE edit SET deleted_id = ?1 WHERE deleted_id IS NULL AND id IN (SELECT id FROM hit)",
};

static const Sql sql_edits_said = {
        .text = "UPDATE edit_session SET kind = NULL, talk_test = NULL, rpe = NULL, note = NULL"
                " WHERE edit_id IN (SELECT id FROM edit WHERE deleted_id IS NOT NULL)",
};

int store_forget_edits(Store *s, int64_t session)
{
        int r = store_run_for(s, &sql_edits_of, session);

        if (r < 0 || sqlite3_changes(s->db) == 0)
                return r;
        r = store_run(s, &sql_edits_said);
        return r < 0 ? r : store_drop_kept_of_deleted(s);
}

const Sql *const store_sql_edit[] = {
        &sql_edit_compared,
        &sql_edit_span,
        &sql_edit_add,
        &sql_edit_head,
        &sql_edit_concerns,
        &sql_edit_result,
        &sql_undo_last,
        &sql_undo_exists,
        &sql_undo_said,
        &sql_undo_said_of_part,
        &sql_undo_clock,
        &sql_undo_results,
        &sql_undo_edit,
        &sql_edits_many,
        &sql_edits_ahead,
        &sql_edits_old,
        &sql_edits_due,
        &sql_edits_of,
        &sql_edits_said,
        NULL,
};
