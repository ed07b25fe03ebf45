/* SPDX-License-Identifier: MIT */

/* What of a session is not played through the core once more: the pace of a pod or a treadmill, and which files it came
 * from. No clock. */

#include "store/edit-carry.h"

#include "store/errors.h"
#include "store/internal.h"

/* Distance and ascent at the beginning of a piece, which are 0 m of it: those of the last rows by then. */
static const Sql sql_carry_begin = {
        .text = "SELECT coalesce((SELECT distance FROM kept_pace WHERE edit_id = ?1 AND session_id = ?2 AND t <= ?3"
                " AND distance IS NOT NULL ORDER BY t DESC LIMIT 1), 0),"
                " coalesce((SELECT ascent FROM kept_pace WHERE edit_id = ?1 AND session_id = ?2 AND t <= ?3"
                " AND ascent IS NOT NULL ORDER BY t DESC LIMIT 1), 0)",
};

/* Those of all pieces before it. */
static const Sql sql_carry_end = {
        .text = "SELECT coalesce(max(distance), 0), coalesce(max(ascent), 0) FROM pace WHERE session_id = ?1",
};

static const Sql sql_carry_pace = {
        .text = "INSERT INTO pace (session_id, t, speed, cadence, distance, incline, ascent)"
                " SELECT ?1, t + ?6, speed, cadence, distance + ?7, incline, ascent + ?8 FROM kept_pace"
                " WHERE edit_id = ?2 AND session_id = ?3 AND t BETWEEN ?4 AND ?5 ORDER BY t",
};

typedef struct Reached {
        double distance, ascent;
} Reached;

static int read_reached(Store *s, const Sql *sql, Reached *ret)
{
        sqlite3_stmt *st = store_statement(s, sql);
        int rc = sqlite3_step(st);

        if (rc == SQLITE_ROW)
                *ret = (Reached){ sqlite3_column_double(st, 0), sqlite3_column_double(st, 1) };
        store_reset(s, sql);
        return rc == SQLITE_ROW ? 0 : store_errno(rc);
}

static int carry_piece(Store *s, int64_t edit, int64_t session, const EditPiece *p)
{
        Reached begin = { 0 }, end = { 0 };
        sqlite3_stmt *st;
        int r = 0;

        if (p->cut) {
                st = store_statement(s, &sql_carry_begin);
                sqlite3_bind_int64(st, 1, edit);
                sqlite3_bind_int64(st, 2, p->session);
                sqlite3_bind_int64(st, 3, p->from_ms);
                r = read_reached(s, &sql_carry_begin, &begin);
        }
        if (r < 0)
                return r;
        sqlite3_bind_int64(store_statement(s, &sql_carry_end), 1, session);
        r = read_reached(s, &sql_carry_end, &end);
        if (r < 0)
                return r;
        st = store_statement(s, &sql_carry_pace);
        sqlite3_bind_int64(st, 1, session);
        sqlite3_bind_int64(st, 2, edit);
        sqlite3_bind_int64(st, 3, p->session);
        sqlite3_bind_int64(st, 4, p->from_ms);
        sqlite3_bind_int64(st, 5, p->to_ms);
        sqlite3_bind_int64(st, 6, p->shift_ms);
        sqlite3_bind_double(st, 7, end.distance - begin.distance);
        sqlite3_bind_double(st, 8, end.ascent - begin.ascent);
        return store_run(s, &sql_carry_pace);
}

int edit_carry_pace(Store *s, int64_t edit, const EditResult *result)
{
        int r = 0;

        for (size_t i = 0; i < result->n_pieces && r == 0; i++)
                r = carry_piece(s, edit, result->id, &result->piece[i]);
        return r;
}

/* That of the session itself stays in its row. */
static const Sql sql_carry_content = {
        .text = "INSERT INTO merged_content (content, session_id) SELECT content, ?2 FROM kept_merged_content"
                " WHERE edit_id = ?1 UNION SELECT content, ?2 FROM kept_session"
                " WHERE edit_id = ?1 AND id <> ?2 AND content IS NOT NULL",
};

int edit_carry_content(Store *s, int64_t edit, const EditResult *result)
{
        sqlite3_stmt *st;

        /* Of two parts the first has it. */
        if (result->id != result->from)
                return 0;
        st = store_statement(s, &sql_carry_content);
        sqlite3_bind_int64(st, 1, edit);
        sqlite3_bind_int64(st, 2, result->id);
        return store_run(s, &sql_carry_content);
}

const Sql *const store_sql_edit_carry[] = {
        &sql_carry_begin,
        &sql_carry_end,
        &sql_carry_pace,
        &sql_carry_content,
        NULL,
};
