/* SPDX-License-Identifier: MIT */

/* Sessions from files: their row, their pace, and what the replay has come to, in one transaction. No clock. */

#include "store/import.h"

#include <math.h>

#include "cardio/coach.h"
#include "cardio/kind.h"
#include "cardio/resting.h"
#include "store/coach.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/kind.h"
#include "store/pace-rows.h"

static const Sql sql_import_insert = {
        .text = "INSERT INTO session (id, source, kind, started_at, utc_offset_s, resting_hr, max_hr, sex,"
                " ceiling, ceiling_expression, tolerance, zone_model, zone_bounds, by_hand, day_kind, workout,"
                " content, device, sport, talk_test, rpe, note)"
                " VALUES (?1, 'import', nullif(?2, ''), ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, ''), ?10, ?11, ?12,"
                " ?13, nullif(?14, ''), nullif(?15, ''), ?16, nullif(?17, ''), nullif(?18, ''), nullif(?19, ''),"
                " nullif(?20, 0), nullif(?21, ''))",
};

static int insert_row(Store *s, const ImportRow *row)
{
        sqlite3_stmt *st = store_statement(s, &sql_import_insert);
        const SessionHead *head = &row->head;

        sqlite3_bind_int64(st, 1, s->next_id);
        bind_text(st, 2, head->kind);
        sqlite3_bind_int64(st, 3, head->started_at);
        sqlite3_bind_int(st, 4, head->utc_offset_s);
        sqlite3_bind_double(st, 5, head->runner.resting);
        sqlite3_bind_double(st, 6, head->runner.maximum);
        bind_text(st, 7, sex_to_string(head->runner.sex));
        sqlite3_bind_double(st, 8, head->ceiling);
        bind_text(st, 9, head->ceiling_expression);
        sqlite3_bind_double(st, 10, head->tolerance);
        bind_text(st, 11, head->zone_model);
        bind_text(st, 12, head->zone_bounds);
        sqlite3_bind_int(st, 13, head->by_hand);
        bind_text(st, 14, head->day_kind);
        bind_text(st, 15, head->workout);
        bind_text(st, 16, row->content);
        bind_text(st, 17, row->device);
        bind_text(st, 18, row->sport);
        bind_text(st, 19, row->talk_test);
        sqlite3_bind_int(st, 20, row->rpe);
        bind_text(st, 21, row->note);
        return store_run(s, &sql_import_insert);
}

static int insert_pace(Store *s, const ImportRow *row)
{
        int r = 0;

        for (size_t i = 0; i < row->n_pace && r == 0; i++) {
                const StorePace *p = &row->pace[i];

                r = store_put_pace(s, s->next_id, p->t, &p->point);
        }
        return r;
}

typedef struct Import {
        const ImportRow *row;
        const SessionWriter *writer;
} Import;

static int do_import(Store *s, const void *what)
{
        const Import *import = what;
        int r = insert_row(s, import->row);

        if (r == 0)
                r = insert_pace(s, import->row);
        if (r == 0)
                r = session_writer_apply(s, import->writer, s->next_id);
        return r < 0 ? r : store_judge_after(s, s->next_id);
}

int64_t store_add_import(Store *s, const ImportRow *row, const SessionWriter *w)
{
        int64_t same = store_find_content(s, row->content);
        int r;

        if (same != 0)
                return same < 0 ? same : -EEXIST;
        store_batch(s, true); /* the runs after it are judged by the same statements */
        r = store_do(s, do_import, &(Import){ row, w });
        store_batch(s, false);
        if (r < 0)
                return r;
        s->stored_id = s->next_id;
        return s->next_id++;
}

static const Sql sql_import_content = {
        .text = "SELECT id FROM session WHERE content = ?1"
                " UNION ALL SELECT session_id FROM merged_content WHERE content = ?1 LIMIT 1",
};

int64_t store_find_content(Store *s, const char *content)
{
        sqlite3_stmt *st;
        int64_t id = 0;
        int rc, r = store_commit(s);

        if (r < 0)
                return r;
        st = store_statement(s, &sql_import_content);
        bind_text(st, 1, content);
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                id = sqlite3_column_int64(st, 0);
        store_reset(s, &sql_import_content);
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? id : store_errno(rc);
}

/* Longer than any session: bounds what the index has to give. */
#define LONGEST_MS (INT64_C(50) * 86400000)

static const Sql sql_import_overlap = {
        .text = "SELECT id, started_at, ended, utc_offset_s FROM (SELECT id, started_at, utc_offset_s,"
                " coalesce(ended_at, started_at + (SELECT max(t) FROM sample WHERE session_id = session.id)) AS ended"
                " FROM session WHERE started_at BETWEEN ?1 - ?3 AND ?2) WHERE ended > ?1 ORDER BY started_at, id",
};

int store_get_overlap(Store *s, int64_t from, int64_t to, StoreOverlap *ret)
{
        StoreOverlap o = { 0 };
        sqlite3_stmt *st;
        int64_t most_ms = 0, begin = from;
        int rc, r = store_commit(s);

        if (r < 0)
                return r;
        st = store_statement(s, &sql_import_overlap);
        sqlite3_bind_int64(st, 1, from);
        sqlite3_bind_int64(st, 2, to);
        sqlite3_bind_int64(st, 3, LONGEST_MS);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
                int64_t started_at = sqlite3_column_int64(st, 1), ended_at = sqlite3_column_int64(st, 2),
                        first = started_at > from ? started_at : from, last = ended_at < to ? ended_at : to;

                if (last <= first)
                        continue;
                if (last - first > most_ms) {
                        most_ms = last - first;
                        o.id = sqlite3_column_int64(st, 0);
                        o.started_at = started_at;
                        o.ended_at = ended_at;
                        o.utc_offset_s = sqlite3_column_int(st, 3);
                }
                o.n++;
                /* What is in two sessions counts once. */
                first = first > begin ? first : begin;
                if (last > first) {
                        o.length_ms += last - first;
                        begin = last;
                }
        }
        store_reset(s, &sql_import_overlap);
        if (rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = o;
        return 0;
}

/* -- The resting heart rate of a date -- */

static const Sql sql_import_mornings = {
        .text = "SELECT local_date, heart_rate FROM resting WHERE local_date <= ?1"
                " ORDER BY local_date DESC, id DESC LIMIT ?2",
};

static const Sql sql_import_next_morning = {
        .text = "SELECT min(local_date) FROM resting WHERE local_date > ?1",
};

/* The mornings up to a date, the newest first. Returns how many, or a negative errno. */
static int get_mornings(Store *s, Day date, Morning ret[static COACH_MORNINGS_MAX])
{
        sqlite3_stmt *st = store_statement(s, &sql_import_mornings);
        char buf[DAY_STRING_MAX];
        int rc, n = 0;

        bind_text(st, 1, day_to_string(date, buf));
        sqlite3_bind_int(st, 2, (int)COACH_MORNINGS_MAX);
        while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
                Day day = store_column_day(st, 0);

                if (day != DAY_NONE)
                        ret[n++] = (Morning){ .date = day, .heart_rate = sqlite3_column_double(st, 1) };
        }
        store_reset(s, &sql_import_mornings);
        return rc == SQLITE_DONE ? n : store_errno(rc);
}

static int get_next_morning(Store *s, Day date, Day *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_import_next_morning);
        char buf[DAY_STRING_MAX];
        int rc;

        bind_text(st, 1, day_to_string(date, buf));
        rc = sqlite3_step(st);
        *ret = rc == SQLITE_ROW ? store_column_day(st, 0) : DAY_NONE;
        store_reset(s, &sql_import_next_morning);
        return rc == SQLITE_ROW ? 0 : store_errno(rc);
}

int store_get_resting(Store *s, Day date, double configured, RestingInForce *ret)
{
        Morning morning[COACH_MORNINGS_MAX];
        Day next = DAY_NONE;
        int n, r = store_commit(s);

        if (r == 0)
                r = get_next_morning(s, date, &next);
        n = r < 0 ? r : get_mornings(s, date, morning);
        if (n < 0)
                return n;
        if (next != DAY_NONE && (n == 0 || (date - morning[0].date >= RESTING_WINDOW_DAYS &&
                                                           next - date < date - morning[0].date))) {
                date = next + RESTING_MORNINGS - 1;
                n = get_mornings(s, date, morning);
                if (n < 0)
                        return n;
        }
        *ret = resting_in_force(morning, (size_t)n, date, configured);
        return 0;
}

const Sql *const store_sql_import[] = {
        &sql_import_insert,
        &sql_import_content,
        &sql_import_overlap,
        &sql_import_mornings,
        &sql_import_next_morning,
        NULL,
};
