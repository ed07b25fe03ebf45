/* SPDX-License-Identifier: MIT */

/* Detects a database that is deleted or replaced while it is open: SQLite would go on writing to the open file, which nobody
 * finds any more. So before and after each commit the names are checked to lead to the open files still. If they do not,
 * nothing more is written, and the daemon stops, to be started again with whatever is there then:
 *
 * - the database itself is gone from its name: what is queued goes to the spill, together with the whole of the sessions that it
 *   is about, read from the open file, so that the next start can store it in another database;
 * - only -wal or -shm is gone: the database is in its place, and the stop checkpoints the open WAL into it. Other programs would
 *   create new files beside it, and not see what this process writes.
 *
 * No clock. */

#include "store/moved.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "log.h"
#include "store/errors.h"
#include "store/internal.h"
#include "store/rr-json.h"

static const char *const endings[STORE_FILES] = { "", "-wal", "-shm" };

static int file_look(const Store *s, size_t i, FileId *ret)
{
        _cleanup_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s%s", s->path, endings[i]) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (stat(path, &st) < 0)
                return -errno;
        *ret = (FileId){ .device = st.st_dev, .inode = st.st_ino };
        return 0;
}

void store_moved_watch(Store *s)
{
        for (size_t i = 0; i < STORE_FILES; i++)
                if (file_look(s, i, &s->file[i]) < 0)
                        s->file[i] = (FileId){ 0 }; /* not watched */
}

static bool is_there(const Store *s, size_t i)
{
        FileId now;
        int r = file_look(s, i, &now);

        if (s->file[i].inode == 0 || (r < 0 && r != -ENOENT && r != -ENOTDIR))
                return true; /* unknown counts as in place */
        return r == 0 && now.device == s->file[i].device && now.inode == s->file[i].inode;
}

/* -- The sessions of queued entries -- */

static bool begins(const Queue *q, int64_t session)
{
        for (size_t i = 0; i < q->n; i++)
                if (q->operation[i].type == OPERATION_BEGIN && q->operation[i].session == session)
                        return true;
        return false;
}

static sqlite3_stmt *ask(Store *s, const char *sql, int64_t session)
{
        sqlite3_stmt *st = NULL;

        if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK)
                sqlite3_bind_int64(st, 1, session);
        return st;
}

static const char *text_at(sqlite3_stmt *st, int i)
{
        return (const char *)sqlite3_column_text(st, i);
}

static int copy_head(Store *s, int64_t session, Queue *q)
{
        sqlite3_stmt *st = ask(s,
                        "SELECT n.address, s.kind, s.day_kind, s.workout, s.by_hand, s.started_at, s.utc_offset_s,"
                        " s.resting_hr, s.max_hr, s.sex, s.ceiling, s.ceiling_expression, s.tolerance, s.zone_model,"
                        " s.zone_bounds, s.boot_ms, s.clock_known FROM session AS s JOIN sensor AS n ON n.id = "
                        "s.sensor_id WHERE s.id = ?1",
                        session);
        Operation op = { .type = OPERATION_BEGIN, .session = session };
        int r = -ENOENT;

        if (sqlite3_step(st) == SQLITE_ROW) {
                Sex sex = text_at(st, 9) ? sex_from_string(text_at(st, 9)) : SEX_UNSPECIFIED;

                op.extra = beginning_new(&(SessionHead){
                                .address = text_at(st, 0),
                                .kind = text_at(st, 1),
                                .day_kind = text_at(st, 2),
                                .workout = text_at(st, 3),
                                .by_hand = sqlite3_column_int(st, 4) != 0,
                                .started_at = sqlite3_column_int64(st, 5),
                                .utc_offset_s = sqlite3_column_int(st, 6),
                                .runner = { .resting = sqlite3_column_double(st, 7),
                                                .maximum = sqlite3_column_double(st, 8),
                                                .sex = sex >= 0 ? sex : SEX_UNSPECIFIED },
                                .ceiling = column_real(st, 10, NAN),
                                .ceiling_expression = text_at(st, 11),
                                .tolerance = sqlite3_column_double(st, 12),
                                .zone_model = text_at(st, 13),
                                .zone_bounds = text_at(st, 14),
                                .boot_ms = sqlite3_column_int64(st, 15),
                });
                op.known = sqlite3_column_int(st, 16) != 0;
                r = op.extra ? queue_push(q, &op, NULL) : -ENOMEM;
        }
        sqlite3_finalize(st);
        return r;
}

static int copy_samples(Store *s, int64_t session, Queue *q)
{
        sqlite3_stmt *st = ask(s,
                        "SELECT t, heart_rate, smoothed, zone, contact, rr_json, settled FROM sample"
                        " WHERE session_id = ?1 ORDER BY t",
                        session);
        uint16_t rr[MEASUREMENT_RR_MAX];
        int rc, r = 0;

        while ((rc = sqlite3_step(st)) == SQLITE_ROW && r == 0) {
                Operation op = {
                        .type = OPERATION_SAMPLE,
                        .session = session,
                        .t = sqlite3_column_int64(st, 0),
                        .heart_rate = (uint16_t)sqlite3_column_int(st, 1),
                        .smoothed = sqlite3_column_double(st, 2),
                        .zone = (uint8_t)sqlite3_column_int(st, 3),
                        .contact = (uint8_t)sqlite3_column_int(st, 4),
                        .n_rr = (uint16_t)store_rr_from_json(text_at(st, 5), rr),
                        .counts = sqlite3_column_int(st, 6) != 0,
                };

                r = queue_push(q, &op, rr);
        }
        sqlite3_finalize(st);
        return r < 0 ? r : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static int copy_pace(Store *s, int64_t session, Queue *q)
{
        sqlite3_stmt *st = ask(s,
                        "SELECT t, speed, cadence, distance, incline, ascent FROM pace WHERE session_id = ?1 ORDER BY t",
                        session);
        int rc, r = 0;

        while ((rc = sqlite3_step(st)) == SQLITE_ROW && r == 0) {
                Operation op = {
                        .type = OPERATION_PACE, .session = session, .t = sqlite3_column_int64(st, 0)
                };
                PacePoint *p = op.extra = calloc(1, sizeof(*p));

                if (!p) {
                        r = -ENOMEM;
                        break;
                }
                p->speed = column_real(st, 1, NAN);
                p->cadence = column_real(st, 2, NAN);
                p->distance = column_real(st, 3, NAN);
                p->incline = column_real(st, 4, NAN);
                p->ascent = column_real(st, 5, NAN);
                r = queue_push(q, &op, NULL);
        }
        sqlite3_finalize(st);
        return r < 0 ? r : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static int copy_events(Store *s, int64_t session, Queue *q)
{
        sqlite3_stmt *st = ask(s,
                        "SELECT t, type, value, detail FROM event WHERE session_id = ?1 ORDER BY t, id",
                        session);
        int rc, r = 0;

        while ((rc = sqlite3_step(st)) == SQLITE_ROW && r == 0) {
                SessionEvent event = text_at(st, 1) ? session_event_from_string(text_at(st, 1))
                                                    : _SESSION_EVENT_INVALID;
                Operation op = {
                        .type = OPERATION_EVENT,
                        .session = session,
                        .t = sqlite3_column_int64(st, 0),
                        .event = (uint8_t)event,
                        .value = column_real(st, 2, NAN),
                };

                if (event < 0)
                        continue; /* written by another program */
                if (text_at(st, 3))
                        op.extra = strdup(text_at(st, 3)); /* out of memory: the event without it */
                r = queue_push(q, &op, NULL);
        }
        sqlite3_finalize(st);
        return r < 0 ? r : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* Puts the stored rows of a session in front of the queue. */
static void copy_session(Store *s, int64_t session, Queue *q)
{
        int r;

        if (session == 0 || begins(q, session) || begins(&s->queue, session))
                return;
        r = copy_head(s, session, q);
        if (r == 0)
                r = copy_samples(s, session, q);
        if (r == 0)
                r = copy_pace(s, session, q);
        if (r == 0)
                r = copy_events(s, session, q);
        if (r < 0)
                log_error("%s: session %lld cannot be taken along whole: %s", s->path, (long long)session,
                                strerror(-r));
}

static void copy_sessions(Store *s)
{
        Queue q = { 0 };
        uint16_t *rr = s->queue.rr;
        int r = 0;

        for (size_t i = 0; i < SESSION_WRITERS_MAX; i++)
                copy_session(s, s->writer[i].id, &q);
        for (size_t i = 0; i < s->queue.n; i++)
                copy_session(s, s->queue.operation[i].session, &q);
        for (size_t i = 0; i < s->queue.n; i++) {
                Operation *op = &s->queue.operation[i];

                if (queue_push(&q, op, rr) < 0)
                        r--;
                rr += op->n_rr;
                op->extra = NULL; /* owned by the new queue */
        }
        if (r < 0) {
                log_error("%s: %d entries find no room, they are lost", s->path, -r);
                s->dropped += (size_t)-r;
        }
        queue_free(&s->queue);
        s->queue = q;
}

/* -- Checking -- */

bool store_moved(Store *s)
{
        if (s->place != STORE_IN_PLACE)
                return true;
        if (!is_there(s, 0)) {
                s->place = STORE_REPLACED;
                log_error("%s: was deleted or replaced by another program: nothing more is written to the file that was there, "
                          "and what is recorded goes to the one that is found at the next start",
                                s->path);
                copy_sessions(s);
        } else if (!is_there(s, 1) || !is_there(s, 2)) {
                s->place = STORE_BARE;
                log_error("%s: the files that belong to it, -wal and -shm, were deleted or replaced by another program",
                                s->path);
        }
        return s->place != STORE_IN_PLACE;
}

bool store_is_lost(const Store *s)
{
        return s->place != STORE_IN_PLACE;
}
