/* SPDX-License-Identifier: MIT */

/* Sessions that the last run of the daemon left behind: open after a crash or a power cut, resumable after a
 * stop. At most the newest may go on, if it is young enough; the others are closed at their last heart rate.
 * Runs once, while starting, in one transaction. now_ms is the caller's reading of CLOCK_REALTIME. */

#include "store-internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The newest session with an id below this one that is open or resumable. Returns 1, 0 if there is none, or a
 * negative errno. */
static int recover_next(Store *s, int64_t below, OpenSession *ret, bool *ret_closed)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_OPEN_NEXT);
        int rc;

        sqlite3_bind_int64(st, 1, below);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                const char *address = (const char *)sqlite3_column_text(st, 4);
                const char *kind = (const char *)sqlite3_column_text(st, 5);

                *ret = (OpenSession){ .id = sqlite3_column_int64(st, 0) };
                *ret_closed = sqlite3_column_int(st, 1) == 0;
                ret->by_hand = sqlite3_column_int(st, 2) != 0;
                ret->started_at = sqlite3_column_int64(st, 3);
                ret->kind = kind ? kind_from_string(kind) : _KIND_INVALID;
                (void)snprintf(ret->address, sizeof(ret->address), "%s",
                                address ? address : ""); /* longer: no strap's */
        }
        store_reset(s, STATEMENT_OPEN_NEXT);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* Inside a transaction. The newest one that can go on is left as it is, in ret and in f. */
static int recover_all(Store *s, int64_t now_ms, int64_t max_age_ms, OpenSession *ret, Figures *f)
{
        OpenSession o = { .id = INT64_MAX };
        bool newest = true, closed = false;
        int r;

        while ((r = recover_next(s, o.id, &o, &closed)) > 0) {
                Figures figures;
                int64_t last_ms, age_ms;

                r = store_replay(s, o.id, &figures);
                if (r < 0)
                        return r;
                if (!figures.tally.started) {
                        r = store_run_for(s, STATEMENT_SESSION_DELETE, o.id);
                        if (r < 0)
                                return r;
                        continue;
                }

                o.last_t = figures.tally.last_t;
                o.ceiling = figures.tally.ceiling;
                /* A clock behind the stored times says nothing of the age, nor do times that cannot be. */
                if (__builtin_add_overflow(o.started_at, o.last_t, &last_ms) ||
                                __builtin_sub_overflow(now_ms, last_ms, &age_ms))
                        age_ms = -1;
                if (newest && age_ms >= 0 && age_ms < max_age_ms) {
                        *ret = o;
                        *f = figures;
                } else if (closed)
                        r = store_run_for(s, STATEMENT_OPEN_CLEAR, o.id);
                else
                        r = store_close_session(s, o.id, o.last_t, false);
                /* It is over, and what was commanded for it with it. */
                if (r == 0 && newest && ret->id == 0)
                        r = store_run(s, STATEMENT_COMMANDS_SESSION_OVER);
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
        int r;

        assert(s->session.id == 0);

        (void)sqlite3_busy_timeout(s->db, STORE_PATIENCE_MS);
        r = store_run(s, STATEMENT_BEGIN);
        if (r == 0)
                r = recover_all(s, now_ms, max_age_ms, &found, &figures);
        if (r == 0)
                r = store_run(s, STATEMENT_COMMIT);
        if (r < 0)
                store_rollback(s);
        (void)sqlite3_busy_timeout(s->db, 0);
        if (r < 0)
                return r;

        s->unsynced = true;
        if (found.id != 0) {
                s->session.id = found.id;
                s->session.waiting = true;
                s->session.given_t = found.last_t;
                s->session.figures = figures;
        }
        *ret = found;
        return 0;
}

ssize_t store_session_past(Store *s, int64_t id, StorePast **ret)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_PAST);
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
                                store_reset(s, STATEMENT_PAST);
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
        store_reset(s, STATEMENT_PAST);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = TAKE_PTR(past);
        return (ssize_t)n;
}

int store_get_commands(Store *s, StoreCommands *ret)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_COMMANDS_GET);
        StoreCommands c = { .ceiling_day = DAY_NONE, .advised_day = DAY_NONE, .raced_day = DAY_NONE };
        int rc = sqlite3_step(st);

        if (rc == SQLITE_ROW) {
                const char *ceiling = (const char *)sqlite3_column_text(st, 0);

                /* One that is too long for it is none. */
                if (ceiling && strlen(ceiling) < sizeof(c.ceiling))
                        (void)stpcpy(c.ceiling, ceiling);
                c.snoozed_until = sqlite3_column_int64(st, 1);
                c.effort_at = sqlite3_column_int64(st, 2);
                c.ceiling_day = store_column_day(st, 3);
                c.advised_day = store_column_day(st, 4);
                c.raced_day = store_column_day(st, 5);
        }
        store_reset(s, STATEMENT_COMMANDS_GET);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = c;
        return 0;
}
