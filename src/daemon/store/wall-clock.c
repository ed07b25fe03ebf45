/* SPDX-License-Identifier: MIT */

/* Corrections after the wall clock was set: what it stamped in this boot while it was not known to be right moves with it. The
 * right time follows from CLOCK_BOOTTIME, which nobody sets, so that correcting twice changes nothing, and it does not matter
 * whether the daemon ran when the clock was set. Once the clock is known to be right everything stays where it is; what was
 * recorded by a clock known to be right never moves. The open session is handled separately (session_writer_clock()): it moves
 * with every step.
 *
 * Reads no clock: the caller passes it to store_set_clock(). */

#include "store/wall-clock.h"

#include "log.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/kind.h"
#include "store/session-rows.h"

#define STEP_MIN_MS 100

bool store_is_step(int64_t step_ms)
{
        return step_ms <= -STEP_MIN_MS || step_ms >= STEP_MIN_MS;
}

void store_set_clock(Store *s, const StoreClock *c)
{
        s->clock_news = s->clock_news || store_is_step(c->offset_ms - s->clock.offset_ms) ||
                        (c->known && !s->clock.known);
        s->clock = *c;
}

bool store_move_sessions(Store *s)
{
        bool news = s->clock_news;

        s->clock_news = false;
        if (!s->follows || !news || store_push(s, &(Operation){ .type = OPERATION_CLOCK_SET }, NULL) < 0)
                return false;
        s->follows = !s->clock.known;
        return true;
}

bool store_follows_clock(const Store *s)
{
        return s->follows;
}

static int zone_of(const Store *s, int64_t unix_ms, int otherwise)
{
        return s->clock.utc_offset_s ? s->clock.utc_offset_s(unix_ms) : otherwise;
}

static const Sql sql_session_start = {
        .text = "SELECT started_at, utc_offset_s, clock_known FROM session WHERE id = ?1",
};

/* Reads a session's start. Returns 0, -ENOENT, or another negative errno. */
static int get_start(
                Store *s, int64_t session, int64_t *ret_started_at, int *ret_utc_offset_s, bool *ret_known)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_start);
        int rc;

        sqlite3_bind_int64(st, 1, session);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW) {
                *ret_started_at = sqlite3_column_int64(st, 0);
                *ret_utc_offset_s = sqlite3_column_int(st, 1);
                *ret_known = sqlite3_column_int(st, 2) != 0;
        }
        store_reset(s, &sql_session_start);
        return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : store_errno(rc);
}

/* What its day was for is unknown, once it is found to belong to another day. */
static const Sql sql_session_clock = {
        .text = "UPDATE session"
                " SET started_at = started_at + ?2, utc_offset_s = ?3, clock_known = ?4,"
                " day_kind = CASE WHEN ?5 = 0 THEN day_kind END WHERE id = ?1",
};

int store_apply_clock(Store *s, const Operation *op)
{
        int64_t started_at = 0;
        int utc_offset_s = 0, zone_s, r;
        bool known = true;
        sqlite3_stmt *st;

        r = get_start(s, op->session, &started_at, &utc_offset_s, &known);
        if (r < 0)
                return r;
        zone_s = zone_of(s, started_at + op->step_ms, utc_offset_s);
        st = store_statement(s, &sql_session_clock);
        sqlite3_bind_int64(st, 1, op->session);
        sqlite3_bind_int64(st, 2, op->step_ms);
        sqlite3_bind_int(st, 3, zone_s);
        sqlite3_bind_int(st, 4, op->known);
        sqlite3_bind_int(st, 5,
                        !known && day_of_moment(started_at, utc_offset_s) !=
                                                        day_of_moment(started_at + op->step_ms, zone_s));
        r = store_run(s, &sql_session_clock);
        return r < 0 ? r
                     : store_put_event(s, op->session, op->t, SESSION_EVENT_CLOCK, (double)op->step_ms / 1000,
                                       NULL);
}

typedef struct UnknownSession {
        int64_t id, started_at, boot_ms, length_ms;
        int utc_offset_s;
} UnknownSession;

static const Sql sql_session_unknown = {
        .text = "SELECT id, started_at, boot_ms, ended_at - started_at, utc_offset_s FROM session"
                " WHERE boot_id = ?1 AND clock_known = 0 AND id > ?2 AND id <> ?3 AND ended_at IS NOT NULL"
                " AND boot_ms IS NOT NULL ORDER BY id LIMIT 1",
};

/* The next session. Returns 1, 0 if there is none, or a negative errno. */
static int next_session(Store *s, int64_t except, UnknownSession *u)
{
        sqlite3_stmt *st = store_statement(s, &sql_session_unknown);
        int rc;

        bind_text(st, 1, s->clock.boot_id);
        sqlite3_bind_int64(st, 2, u->id);
        sqlite3_bind_int64(st, 3, except);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                *u = (UnknownSession){ .id = sqlite3_column_int64(st, 0),
                        .started_at = sqlite3_column_int64(st, 1),
                        .boot_ms = sqlite3_column_int64(st, 2),
                        .length_ms = sqlite3_column_int64(st, 3),
                        .utc_offset_s = sqlite3_column_int(st, 4) };
        store_reset(s, &sql_session_unknown);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static const Sql sql_session_move = {
        .text = "UPDATE session"
                " SET started_at = started_at + ?2, ended_at = ended_at + ?2, utc_offset_s = ?3,"
                " day_kind = CASE WHEN ?4 = 0 THEN day_kind END, record_kind = NULL, verdict = NULL"
                " WHERE id = ?1",
};

static int move_session(Store *s, const UnknownSession *u)
{
        int64_t started_at, step_ms;
        sqlite3_stmt *st;
        int zone_s, r;

        /* Impossible times were written by another program. */
        if (__builtin_add_overflow(u->boot_ms, s->clock.offset_ms, &started_at) ||
                        __builtin_sub_overflow(started_at, u->started_at, &step_ms) ||
                        !store_is_step(step_ms))
                return 0;
        zone_s = zone_of(s, started_at, u->utc_offset_s);
        st = store_statement(s, &sql_session_move);
        sqlite3_bind_int64(st, 1, u->id);
        sqlite3_bind_int64(st, 2, step_ms);
        sqlite3_bind_int(st, 3, zone_s);
        sqlite3_bind_int(st, 4,
                        day_of_moment(u->started_at, u->utc_offset_s) != day_of_moment(started_at, zone_s));
        r = store_run(s, &sql_session_move);
        if (r < 0)
                return r;
        s->clock_corrected++;
        return store_put_event(s, u->id, u->length_ms > 0 ? u->length_ms : 0, SESSION_EVENT_CLOCK,
                        (double)step_ms / 1000, NULL);
}

static const Sql sql_resting_move = {
        .text = "UPDATE resting SET taken_at = ?2, local_date = ?3 WHERE id = ?1",
};

static int move_morning(Store *s, int64_t id, int64_t taken_at)
{
        sqlite3_stmt *st = store_statement(s, &sql_resting_move);
        char date[DAY_STRING_MAX];

        sqlite3_bind_int64(st, 1, id);
        sqlite3_bind_int64(st, 2, taken_at);
        bind_text(st, 3, day_to_string(day_of_moment(taken_at, zone_of(s, taken_at, 0)), date));
        return store_run(s, &sql_resting_move);
}

static const Sql sql_resting_unknown = {
        .text = "SELECT id, taken_at, boot_ms FROM resting"
                " WHERE boot_id = ?1 AND clock_known = 0 AND id > ?2 AND boot_ms IS NOT NULL"
                " ORDER BY id LIMIT 1",
};

static int move_mornings(Store *s)
{
        int64_t id = 0;

        for (;;) {
                sqlite3_stmt *st = store_statement(s, &sql_resting_unknown);
                int64_t taken_at = 0, moved_at = 0, step_ms;
                bool moves = false;
                int rc, r;

                bind_text(st, 1, s->clock.boot_id);
                sqlite3_bind_int64(st, 2, id);
                rc = sqlite3_step(st);
                if (rc == SQLITE_ROW) {
                        id = sqlite3_column_int64(st, 0);
                        taken_at = sqlite3_column_int64(st, 1);
                        moves = !__builtin_add_overflow(
                                                sqlite3_column_int64(st, 2), s->clock.offset_ms, &moved_at) &&
                                !__builtin_sub_overflow(moved_at, taken_at, &step_ms) &&
                                store_is_step(step_ms);
                }
                store_reset(s, &sql_resting_unknown);
                if (rc != SQLITE_ROW)
                        return rc == SQLITE_DONE ? 0 : store_errno(rc);
                r = moves ? move_morning(s, id, moved_at) : 0;
                s->clock_corrected_mornings += moves;
                if (r < 0)
                        return r;
        }
}

static const Sql sql_session_known = {
        .text = "UPDATE session SET clock_known = 1 WHERE boot_id = ?1 AND clock_known = 0 AND id <> ?2",
};

static const Sql sql_resting_known = {
        .text = "UPDATE resting SET clock_known = 1 WHERE boot_id = ?1 AND clock_known = 0",
};

/* The clock is right: from now on their times are final. */
static int settle(Store *s, int64_t except)
{
        static const Sql *const each[] = { &sql_session_known, &sql_resting_known };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(each) && r == 0; i++) {
                sqlite3_stmt *st = store_statement(s, each[i]);

                bind_text(st, 1, s->clock.boot_id);
                if (each[i] == &sql_session_known)
                        sqlite3_bind_int64(st, 2, except);
                r = store_run(s, each[i]);
        }
        return r;
}

int store_apply_clock_set(Store *s, int64_t except)
{
        UnknownSession u = { 0 };
        unsigned before = s->clock_corrected;
        int r;

        if (!s->clock.boot_id[0])
                return 0;
        while ((r = next_session(s, except, &u)) > 0) {
                r = move_session(s, &u);
                if (r < 0)
                        return r;
        }
        if (r == 0)
                r = move_mornings(s);
        if (r == 0 && s->clock.known)
                r = settle(s, except);
        /* The runs before a session may be others now. */
        if (r == 0 && s->clock_corrected > before)
                r = store_judge_all(s);
        return r;
}

void store_log_corrections(Store *s)
{
        if (s->clock_corrected > 0)
                log_info("%s: %u session%s recorded before the clock was set moved with it", s->path,
                                s->clock_corrected, s->clock_corrected == 1 ? "" : "s");
        s->clock_corrected = s->clock_corrected_mornings = 0;
}

static const Sql sql_clock_unknown = {
        .text = "SELECT EXISTS (SELECT 1 FROM session WHERE boot_id = ?1 AND clock_known = 0) OR EXISTS"
                " (SELECT 1 FROM resting WHERE boot_id = ?1 AND clock_known = 0)",
};

/* Whether anything stored may be corrected later. */
int store_find_followers(Store *s)
{
        sqlite3_stmt *st = store_statement(s, &sql_clock_unknown);
        int rc;

        bind_text(st, 1, s->clock.boot_id);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                s->follows = sqlite3_column_int(st, 0) != 0;
        store_reset(s, &sql_clock_unknown);
        return rc == SQLITE_ROW ? 0 : store_errno(rc);
}

const Sql *const store_sql_wall_clock[] = {
        &sql_session_start,
        &sql_session_clock,
        &sql_session_unknown,
        &sql_session_move,
        &sql_resting_move,
        &sql_resting_unknown,
        &sql_session_known,
        &sql_resting_known,
        &sql_clock_unknown,
        NULL,
};
