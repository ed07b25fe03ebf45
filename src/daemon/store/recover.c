/* SPDX-License-Identifier: MIT */

/* Sessions that the last daemon left behind: open after a crash or a power cut, resumable after a stop. At most the newest may
 * go on, if it is young enough; the others are closed at their last heart rate. Runs once, while starting, in one transaction.
 * now_ms is the caller's reading of CLOCK_REALTIME.
 *
 * The age of a session of this boot is measured by CLOCK_BOOTTIME. For another boot there is only the wall clock: one that was
 * restored from a file is hours behind, and proves nothing. But the time since this boot has passed in any case. */

#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "store/commands.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/pace-rows.h"
#include "store/session-rows.h"
#include "store/wall-clock.h"

/* A stored session, and what its age is computed from. */
typedef struct Left {
        OpenSession open;
        bool closed;      /* resumable; else it was left open */
        bool same_boot;   /* open.boot_ms is of this boot */
        bool clock_known; /* its times are those of a clock known to be right */
} Left;

/* The strap that the session changed to, else the one it began with. */
static const Sql sql_open_next = {
        .text = "SELECT s.id, s.ended_at IS NULL, s.by_hand, s.started_at, coalesce((SELECT detail"
                " FROM event WHERE session_id = s.id AND type = 'strap' AND detail LIKE '__:__:__:__:__:__'"
                " ORDER BY t DESC, id DESC LIMIT 1), n.address), s.kind, s.boot_id, s.boot_ms,"
                " s.clock_known"
                " FROM session AS s LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                " WHERE s.id < ?1 AND s.source = 'strap' AND (s.ended_at IS NULL OR s.resumable = 1)"
                " ORDER BY s.id DESC LIMIT 1",
};

/* The newest open or resumable session with an id below this one. Returns 1, 0 if there is none, or a negative errno. */
static int recover_next(Store *s, int64_t below, Left *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_open_next);
        int rc;

        sqlite3_bind_int64(st, 1, below);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                const char *address = (const char *)sqlite3_column_text(st, 4);
                const char *kind = (const char *)sqlite3_column_text(st, 5);

                const char *boot_id = (const char *)sqlite3_column_text(st, 6);

                *ret = (Left){ .closed = sqlite3_column_int(st, 1) == 0,
                        .same_boot = boot_id && s->clock.boot_id[0] &&
                                     sqlite3_column_type(st, 7) != SQLITE_NULL &&
                                     strcmp(boot_id, s->clock.boot_id) == 0,
                        .clock_known = sqlite3_column_int(st, 8) != 0,
                        .open = { .id = sqlite3_column_int64(st, 0),
                                        .by_hand = sqlite3_column_int(st, 2) != 0,
                                        .started_at = sqlite3_column_int64(st, 3),
                                        .boot_ms = sqlite3_column_int64(st, 7),
                                        .kind = kind ? kind_from_string(kind) : _KIND_INVALID } };
                (void)snprintf(ret->open.address, sizeof(ret->open.address), "%s",
                                address ? address : ""); /* cut: a longer one is no strap's */
        }
        store_reset(s, &sql_open_next);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* Corrects its start if the clock was set since, in the same boot. Returns whether its times are possible. */
static bool correct_start(const Store *s, OpenSession *o)
{
        int64_t started_at, step_ms;

        if (__builtin_add_overflow(o->boot_ms, s->clock.offset_ms, &started_at) ||
                        __builtin_sub_overflow(started_at, o->started_at, &step_ms))
                return false;
        if (store_is_step(step_ms)) {
                o->started_at = started_at;
                o->step_ms = step_ms;
        }
        return true;
}

/* Decides whether a session may go on, and computes its start on this boot's clock. A clock behind the stored times proves
 * nothing about the age, nor do impossible times. */
static bool may_go_on(const Store *s, Left *l, int64_t now_ms, int64_t max_age_ms)
{
        int64_t boot_ms = now_ms - s->clock.offset_ms, last_ms, age_ms;
        OpenSession *o = &l->open;

        if (l->same_boot && !correct_start(s, o))
                return false;
        if (__builtin_add_overflow(o->started_at, o->last_t, &last_ms) ||
                        __builtin_sub_overflow(now_ms, last_ms, &age_ms))
                return false;
        if (!l->same_boot) {
                if (!l->clock_known)
                        return false;
                o->undecided = !s->clock.known;
                if (o->undecided)
                        return boot_ms < max_age_ms;
        }
        if (age_ms < 0 || age_ms >= max_age_ms)
                return false;
        if (!l->same_boot)
                o->boot_ms = o->started_at - s->clock.offset_ms;
        return true;
}

static const Sql sql_open_clear = {
        .text = "UPDATE session SET resumable = 0 WHERE id = ?1",
};

/* Inside a transaction. The newest session that may go on is left as it is, and returned in ret and f. */
static int recover_all(Store *s, int64_t now_ms, int64_t max_age_ms, OpenSession *ret, Figures *f)
{
        Left l = { .open.id = INT64_MAX };
        OpenSession *o = &l.open;
        bool newest = true;
        int r;

        while ((r = recover_next(s, o->id, &l)) > 0) {
                Figures figures;

                r = store_replay(s, o->id, &figures);
                if (r < 0)
                        return r;
                if (!figures.tally.started) {
                        r = store_remove_session(s, o->id);
                        if (r < 0)
                                return r;
                        continue;
                }

                o->last_t = figures.tally.last_t;
                o->ceiling = figures.tally.ceiling;
                if (newest && may_go_on(s, &l, now_ms, max_age_ms)) {
                        r = store_pace_reached(s, o->id, &o->distance, &o->ascent);
                        *ret = *o;
                        *f = figures;
                } else if (l.closed) {
                        r = store_run_for(s, &sql_open_clear, o->id);
                        if (r == 0)
                                r = store_trim_events(s, o->id, o->last_t, false);
                } else
                        r = store_close_session(s, o->id, o->last_t, false);
                /* It is over, and with it the ceiling set for it. */
                if (r == 0 && newest && ret->id == 0)
                        r = store_forget_ceiling(s);
                if (r < 0)
                        return r;
                newest = false;
        }
        return r;
}

int store_recover(Store *s, int64_t now_ms, int64_t max_age_ms, OpenSession *ret)
{
        OpenSession found = { 0 };
        Figures figures;
        bool corrected;
        int r;

        s->clock_corrected = s->clock_corrected_mornings = 0;
        s->clock_news = false;
        (void)sqlite3_busy_timeout(s->db, STORE_PATIENCE_MS);
        r = transaction_begin(s);
        if (r == 0)
                r = recover_all(s, now_ms, max_age_ms, &found, &figures);
        /* The clock may have been set while the daemon was not running. */
        if (r == 0)
                r = store_apply_clock_set(s, found.id);
        if (r == 0)
                r = store_find_followers(s);
        if (r == 0)
                r = transaction_commit(s);
        if (r < 0)
                transaction_rollback(s);
        (void)sqlite3_busy_timeout(s->db, 0);
        if (r < 0)
                return r;
        corrected = s->clock_corrected > 0 || s->clock_corrected_mornings > 0;
        store_log_corrections(s);

        s->unsynced = true;
        if (found.id != 0)
                found.writer = session_writer_recovered(s, &found, &figures);
        *ret = found;
        return corrected;
}

int store_decide(Store *s, OpenSession *o, int64_t now_ms, int64_t max_age_ms)
{
        Left l = { .open = *o, .clock_known = true };
        bool may = may_go_on(s, &l, now_ms, max_age_ms);

        *o = l.open;
        return may && o->undecided ? -EAGAIN : may;
}

const Sql *const store_sql_recover[] = {
        &sql_open_next,
        &sql_open_clear,
        NULL,
};
