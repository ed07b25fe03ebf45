/* SPDX-License-Identifier: MIT */

/* Sessions of an older version, whose beats were never looked at. Ten years of them take half a minute, so that is not done
 * while the daemon starts, but for one after the other when it has nothing else to do. No clock. */

#include "store/beats.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/session-rows.h"

static const Sql sql_beats_unknown = {
        .text = "SELECT id FROM session WHERE ended_at IS NOT NULL AND beats_known = 0"
                " ORDER BY started_at DESC LIMIT 1",
};

/* The newest one whose beats are not known. Returns 1, 0 if there is none, or a negative errno. */
static int next_unknown(Store *s, int64_t *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_beats_unknown);
        int rc = sqlite3_step(st);

        if (rc == SQLITE_ROW)
                *ret = sqlite3_column_int64(st, 0);
        store_reset(s, &sql_beats_unknown);
        return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int store_look_at_beats(Store *s)
{
        int64_t session = 0;
        Figures head;
        int r = next_unknown(s, &session);

        if (r <= 0)
                return store_held_errno(s, r);
        r = transaction_begin(s);
        if (r == 0)
                r = store_session_head(s, session, &head);
        if (r == 0)
                r = store_analyse_session(s, session, &head.tally.runner);
        if (r == 0)
                r = transaction_commit(s);
        if (r < 0) {
                transaction_rollback(s);
                return store_held_errno(s, r);
        }
        s->unsynced = true;
        return 1;
}

const Sql *const store_sql_beats_older[] = {
        &sql_beats_unknown,
        NULL,
};
