/* SPDX-License-Identifier: MIT */
/* Sessions are trimmed, split and merged when a caller asks for it, and that is taken back. A refusal says what would be
 * accepted, and has changed nothing. What is recorded meanwhile knows nothing of it. The wall clock says until when an edit can be
 * taken back. */

#include "manager/edits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/diary.h"
#include "cardio/macro.h"
#include "local.h"
#include "log.h"
#include "manager/beats.h"
#include "manager/changes.h"
#include "manager/edit-plan.h"
#include "manager/internal.h"
#include "manager/replay.h"
#include "shared/clock.h"
#include "store/edit.h"

_Static_assert(BUS_EDIT_SESSIONS_MAX == EDIT_SESSIONS_MAX, "all are reported");

/* What is read for an edit, and comes of it. */
typedef struct Editing {
        Manager *m;
        sd_bus_error *error;
        StoreRaw raw[EDIT_SESSIONS_MAX];
        SessionWriter *rows[EDIT_SESSIONS_MAX];
        char *note; /* NULL = none was put together */
        StoreEdit edit;
} Editing;

static void editing_clear(Editing *e)
{
        for (size_t i = 0; i < EDIT_SESSIONS_MAX; i++) {
                store_raw_clear(&e->raw[i]);
                session_writer_free(e->rows[i]);
        }
        free(e->note);
}

/* -- Refusals -- */

#define refuse(e, ...) sd_bus_error_setf((e)->error, CARDIO_ERROR_INVALID_ARGUMENT, __VA_ARGS__)

#define HMS_MAX 32

/* H:MM:SS, with the milliseconds where there are some. */
static const char *hms(int64_t ms, char buf[static HMS_MAX])
{
        int n = snprintf(buf, HMS_MAX, "%" PRIi64 ":%02d:%02d", ms / 3600000, (int)(ms / 60000 % 60),
                        (int)(ms / 1000 % 60));

        if (ms % 1000 != 0)
                (void)snprintf(buf + n, HMS_MAX - (size_t)n, ".%03d", (int)(ms % 1000)); /* always fits */
        return buf;
}

static int refuse_stored(int r, sd_bus_error *error)
{
        if (r == -EAGAIN)
                return r; /* the bus calls again later */
        if (r == -EBUSY)
                return sd_bus_error_set(error, CARDIO_ERROR_STORAGE,
                                "Another program has locked the database: nothing was changed, try again");
        return sd_bus_error_setf(error, CARDIO_ERROR_STORAGE,
                        "The database cannot be written: %s; nothing was changed", strerror(-r));
}

static int refuse_no_session(int64_t id, sd_bus_error *error)
{
        return sd_bus_error_setf(error, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session %" PRIi64, id);
}

static int refuse_open(const Editing *e, int64_t id)
{
        return id == e->m->session.id
                               ? sd_bus_error_setf(e->error, CARDIO_ERROR_BUSY,
                                                 "Session %" PRIi64 " is being recorded; stop it first", id)
                               : sd_bus_error_setf(e->error, CARDIO_ERROR_BUSY,
                                                 "Session %" PRIi64
                                                 " may still go on, since cardiod was stopped "
                                                 "in the middle of it; try again when it has ended",
                                                 id);
}

/* -- What is edited -- */

static int read_session(Editing *e, int64_t id, StoreRaw *ret)
{
        int r = store_get_raw(e->m->store, id, ret);

        if (r == -ENOENT)
                return refuse_no_session(id, e->error);
        if (r == -EFBIG)
                return refuse(e, "Session %" PRIi64 " has too many heart rates; accepted: at most %u", id,
                                STORE_RAW_MAX);
        if (r == -EBADMSG)
                return sd_bus_error_setf(e->error, CARDIO_ERROR_STORAGE,
                                "Session %" PRIi64 " is damaged in the database, and stays as it is", id);
        if (r < 0)
                return refuse_stored(r, e->error);
        if (ret->is_open)
                return refuse_open(e, id);
        if (ret->n_samples == 0)
                return refuse(e,
                                "Session %" PRIi64
                                " has no heart rates to go by; accepted: one recorded with a strap, or imported",
                                id);
        return 0;
}

static int64_t length_of(const StoreRaw *raw)
{
        return raw->sample[raw->n_samples - 1].t;
}

static int check_length(const Editing *e, const Stretch *stretch, size_t n)
{
        int64_t length = stretches_length(stretch, n);
        char is[HMS_MAX];

        if (length <= SESSION_REPLAY_T_MAX)
                return 0;
        return refuse(e, "It would be %s long; accepted: at most 24 h", hms(length, is));
}

/* Adds what comes of it. */
static int add_result(Editing *e, const Stretch *stretch, size_t n, int64_t id, const RawSaid *said)
{
        size_t i = e->edit.n_results;
        EditResult *result = &e->edit.result[i];
        int r = check_length(e, stretch, n);

        if (r < 0)
                return r;
        r = stretches_play(e->m->store, e->m->config, stretch, n, result, &e->rows[i]);
        if (r < 0)
                return sd_bus_error_setf(e->error, CARDIO_ERROR_STORAGE,
                                "There is no memory for session %" PRIi64 ": %s", stretch[0].raw->id,
                                strerror(-r));
        result->id = id;
        result->said = *said;
        e->edit.n_results++;
        return 0;
}

static int plan_trim(Editing *e, const BusEdit *what)
{
        const StoreRaw *raw = &e->raw[0];
        int64_t length = length_of(raw), from = what->has_trim_start ? what->trim_start : 0,
                to = what->has_trim_end ? what->trim_end : length;
        char a[HMS_MAX], b[HMS_MAX], all[HMS_MAX];
        Stretch s;

        hms(length, all);
        if (from > to)
                return refuse(e,
                                "Nothing of session %" PRIi64
                                " would be left: from %s to %s; accepted: a start and an "
                                "end after it, from its own start at 0:00:00 to its end at %s",
                                raw->id, hms(from, a), hms(to, b), all);
        s = stretch_between(raw, what->has_trim_start ? from : INT64_MIN,
                        what->has_trim_end ? to + 1 : INT64_MAX);
        if (s.end == s.first)
                return refuse(e,
                                "Nothing of session %" PRIi64
                                " would be left: it has no heart rate from %s to %s; "
                                "accepted: times from its start at 0:00:00 to its end at %s",
                                raw->id, hms(from, a), hms(to, b), all);
        if (s.end - s.first == raw->n_samples)
                return refuse(e,
                                "Nothing of session %" PRIi64
                                " would be cut off: it lasts from 0:00:00 to %s; "
                                "accepted: a later start, or an earlier end",
                                raw->id, all);
        return add_result(e, &s, 1, raw->id, &raw->said);
}

/* A race is run once, and what was said of a run is not of what it began or ended with. */
static RawSaid said_of_part(const StoreRaw *raw)
{
        bool race = raw->said.kind && strcmp(raw->said.kind, kind_to_string(KIND_RACE)) == 0;

        return (RawSaid){ .kind = race ? NULL : raw->said.kind };
}

static int plan_split(Editing *e, const BusEdit *what)
{
        const StoreRaw *raw = &e->raw[0];
        Stretch first = stretch_between(raw, INT64_MIN, what->split),
                second = stretch_between(raw, what->split, INT64_MAX);
        RawSaid said = said_of_part(raw);
        char a[HMS_MAX], b[HMS_MAX];
        int r;

        if (first.end == first.first || second.end == second.first)
                return refuse(e,
                                "Session %" PRIi64
                                " has no heart rate %s %s; accepted: a time in it, after 0:00:00 and "
                                "up to %s",
                                raw->id, first.end == first.first ? "before" : "from", hms(what->split, a),
                                hms(length_of(raw), b));
        r = add_result(e, &first, 1, raw->id, &raw->said);
        return r < 0 ? r : add_result(e, &second, 1, 0, &said);
}

/* What was said of one was said of both: if it was said of both, what asks for more care, and both notes. */
static int say_of_both(Editing *e, RawSaid *ret)
{
        const RawSaid *a = &e->raw[0].said, *b = &e->raw[1].said;
        bool failed = b->talk_test && strcmp(b->talk_test, talk_test_to_string(TALK_TEST_FAIL)) == 0;

        *ret = *a;
        ret->kind = a->kind ? a->kind : b->kind;
        ret->talk_test = !a->talk_test || failed ? b->talk_test : a->talk_test;
        ret->rpe = a->rpe > b->rpe ? a->rpe : b->rpe;
        ret->note = a->note ? a->note : b->note;
        if (!a->note || !b->note)
                return 0;
        if (strlen(a->note) + strlen(" / ") + strlen(b->note) > DIARY_NOTE_MAX)
                return refuse(e,
                                "The notes of sessions %" PRIi64 " and %" PRIi64
                                " are too long for one; accepted: at most %u bytes together",
                                e->raw[0].id, e->raw[1].id, DIARY_NOTE_MAX);
        if (asprintf(&e->note, "%s / %s", a->note, b->note) < 0) {
                e->note = NULL;
                return -ENOMEM;
        }
        ret->note = e->note;
        return 0;
}

static int check_merge(const Editing *e)
{
        const StoreRaw *a = &e->raw[0], *b = &e->raw[1];
        bool same_boot = a->boot_id && b->boot_id && strcmp(a->boot_id, b->boot_id) == 0;

        if (b->started_at <= a->started_at + length_of(a))
                return refuse(e,
                                "Sessions %" PRIi64 " and %" PRIi64
                                " overlap: one begins before the other has ended; "
                                "accepted: one after the other",
                                a->id, b->id);
        if ((!a->clock_known || !b->clock_known) && !same_boot)
                return refuse(e,
                                "The clock was not set when session %" PRIi64
                                " was recorded, so that nobody knows how long after the other one it was",
                                a->clock_known ? b->id : a->id);
        return 0;
}

static int plan_merge(Editing *e, const BusEdit *what)
{
        Stretch s[2];
        RawSaid said;
        int r;

        if (what->merge == e->raw[0].id)
                return refuse(e, "Session %" PRIi64 " cannot be merged with itself; accepted: another one",
                                what->merge);
        r = read_session(e, what->merge, &e->raw[1]);
        if (r < 0)
                return r;
        if (e->raw[1].started_at < e->raw[0].started_at) {
                StoreRaw later = e->raw[0];

                e->raw[0] = e->raw[1];
                e->raw[1] = later;
        }
        e->edit.before[0] = e->raw[0].id;
        e->edit.before[1] = e->raw[1].id;
        e->edit.n_before = 2;
        s[0] = stretch_whole(&e->raw[0]);
        s[1] = stretch_whole(&e->raw[1]);
        r = check_merge(e);
        if (r == 0)
                r = say_of_both(e, &said);
        return r < 0 ? r : add_result(e, s, 2, e->raw[0].id, &said);
}

static int plan(Editing *e, int64_t id, const BusEdit *what)
{
        int r = read_session(e, id, &e->raw[0]);

        if (r < 0)
                return r;
        e->edit.before[0] = id;
        e->edit.n_before = 1;
        e->edit.kind = what->has_split ? EDIT_SPLIT : what->has_merge ? EDIT_MERGE : EDIT_TRIM;
        e->edit.made_at = (int64_t)(now_realtime_usec() / USEC_PER_MSEC);
        switch (e->edit.kind) {
        case EDIT_TRIM:
                return plan_trim(e, what);
        case EDIT_SPLIT:
                return plan_split(e, what);
        case EDIT_MERGE:
                return plan_merge(e, what);
        case _EDIT_KIND_MAX:
        case _EDIT_KIND_INVALID:
                break;
        }
        return -EINVAL;
}

/* -- Requests -- */

/* The coach goes by other runs now. */
static void follow(Manager *m)
{
        changes_note(m);
        committer_sync_later(&m->committer);
        committer_arm(&m->committer);
}

static void judge(Manager *m, int64_t id)
{
        CoachVerdict verdict;
        StoreRun run;

        (void)verdict_of_session(
                        m, id, &run, &verdict); /* if it cannot be kept now it will be when somebody asks */
}

int edits_edit(void *userdata, int64_t id, const BusEdit *what, int64_t ret_ids[static BUS_EDIT_SESSIONS_MAX],
                size_t *ret_n, sd_bus_error *error)
{
        static const char *const done[] = {
                [EDIT_TRIM] = "trimmed",
                [EDIT_SPLIT] = "split",
                [EDIT_MERGE] = "merged with another one",
        };
        _cleanup_(editing_clear) Editing e = { .m = userdata, .error = error };
        int r = clock_need(error);

        if (r >= 0)
                r = plan(&e, id, what);
        if (r < 0)
                return r;
        r = store_edit(e.m->store, &e.edit);
        if (r < 0)
                return refuse_stored(r, error);
        for (size_t i = 0; i < e.edit.n_results; i++) {
                ret_ids[i] = e.edit.result[i].id;
                judge(e.m, ret_ids[i]);
        }
        *ret_n = e.edit.n_results;
        log_info("Session %" PRIi64 " was %s", ret_ids[0], done[e.edit.kind]);
        follow(e.m);
        return 0;
}

int edits_undo(void *userdata, int64_t id, sd_bus_error *error)
{
        Manager *m = userdata;
        StoreUndo undo;
        int r = store_undo_edit(m->store, id, &undo);

        if (r < 0)
                return refuse_stored(r, error);
        switch (undo.refusal) {
        case UNDO_DONE:
                log_info("The last edit of session %" PRIi64 " was taken back", id);
                follow(m);
                beats_look_again(m); /* what was kept may be older than that */
                return 0;
        case UNDO_NO_SESSION:
                return refuse_no_session(id, error);
        case UNDO_NOT_EDITED:
                return sd_bus_error_setf(error, CARDIO_ERROR_NO_SUCH_ENTRY,
                                "Session %" PRIi64
                                " was not edited in the last week: there is nothing to take back",
                                id);
        case UNDO_DELETED:
                return sd_bus_error_setf(error, CARDIO_ERROR_NO_SUCH_ENTRY,
                                "It cannot be taken back: session %" PRIi64
                                " was deleted since, and what was kept of it with it",
                                undo.session);
        case UNDO_LATER:
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "It cannot be taken back yet: session %" PRIi64
                                " was edited again since; take that back first",
                                undo.session);
        case _UNDO_REFUSAL_MAX:
        case _UNDO_REFUSAL_INVALID:
                break;
        }
        return -EINVAL;
}

/* -- What was kept -- */

void edits_drop_old(Manager *m)
{
        int r;

        if (!local_is_known())
                return;
        r = store_drop_edits(m->store, (int64_t)(now_realtime_usec() / USEC_PER_MSEC));
        m->edits_due = r < 0;
        if (r < 0)
                log_debug("What edits have kept for a week cannot be dropped, tried again: %s", strerror(-r));
        else
                committer_arm(&m->committer);
}

void edits_drop_waiting(Manager *m)
{
        if (m->edits_due)
                edits_drop_old(m);
}
