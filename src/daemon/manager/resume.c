/* SPDX-License-Identifier: MIT */
/* What outlives the daemon: a session that a crash, a power cut or a stop has interrupted, and what commands had set. Stored
 * as Unix ms of the wall clock, resumed on the core's clock.
 *
 * After a power cut it may be unknown how long the session was interrupted, until the wall clock is set. Then the session
 * waits for that, as long as it can still be young enough; meanwhile heart rates are shown, but not stored. A session that
 * begins meanwhile ends the wait, and closes the old one. */

#include "manager/resume.h"

#include <math.h>
#include <stdlib.h>

#include "cardio/macro.h"
#include "local.h"
#include "log.h"
#include "manager/core.h"
#include "manager/internal.h"
#include "store/writer.h"

/* The longest that a command can set. */
#define SNOOZE_MAX_MS (INT64_C(1000) * UINT32_MAX)

/* What commands had set goes on as if the daemon had never stopped. */
static void restore_ceiling(Manager *m, const StoreCommands *c, usec_t now_usec)
{
        Event event = { .type = EVENT_CEILING };
        Intensity ceiling;

        m->command.ceiling_day = c->ceiling_day;
        m->command.ceiling_from_coach = strcmp(c->ceiling, COMMAND_CEILING_FROM_COACH) == 0;
        if (m->command.ceiling_from_coach)
                ceiling = ceiling_of_coach(m);
        else if (intensity_parse(c->ceiling, &ceiling) < 0)
                ceiling = (Intensity){ .kind = INTENSITY_AUTO }; /* the core refuses it */
        event.intensity = &ceiling;
        if (core_handle(m, &event, now_usec) < 0)
                log_warning("The ceiling '%s', set by command, cannot be in force any more", c->ceiling);
}

static int restore_commands(Manager *m, bool session, usec_t now_usec, int64_t now_ms)
{
        StoreCommands *c = &m->command.stored;
        int r = store_get_commands(m->store, c);

        if (r < 0)
                return r;
        m->advice.advised_day = c->advised_day;
        m->advice.raced_day = c->raced_day;
        /* Without a session the ceiling was for its day; an older version did not store which. */
        if (c->ceiling_day == DAY_NONE)
                c->ceiling_day = local_today();
        if (c->ceiling[0] && (session || c->ceiling_day == local_today()))
                restore_ceiling(m, c, now_usec);
        if (c->snoozed_until > now_ms && c->snoozed_until - now_ms <= SNOOZE_MAX_MS)
                (void)core_handle(m,
                                &(Event){ .type = EVENT_SNOOZE,
                                                .length_usec = (usec_t)(c->snoozed_until - now_ms) *
                                                               USEC_PER_MSEC },
                                now_usec); /* never refused */
        if (c->effort_at > 0 && c->effort_at <= now_ms &&
                        now_ms - c->effort_at < (int64_t)(m->config->end_after_usec / USEC_PER_MSEC))
                (void)core_handle(m,
                                &(Event){ .type = EVENT_STOPPED,
                                                .last_usec = now_usec - (usec_t)(now_ms - c->effort_at) *
                                                                                        USEC_PER_MSEC },
                                now_usec); /* cannot be refused: nothing is recorded, and the time is past */
        return 0;
}

/* The core resumes a stored session with all the totals of its heart rates. */
static int resume_core(Manager *m, const OpenSession *open, usec_t begin_usec, usec_t now_usec)
{
        _cleanup_free_ StorePast *stored = NULL;
        _cleanup_free_ PastSample *past = NULL;
        ssize_t n = store_session_past(m->store, open->id, &stored);
        unsigned told;
        bool lost;
        int r;

        if (n <= 0)
                return n < 0 ? (int)n : -EINVAL;
        r = store_session_losses(m->store, open->id, &told, &lost);
        if (r < 0)
                return r;
        past = calloc((size_t)n, sizeof(*past));
        if (!past)
                return -ENOMEM;
        for (ssize_t i = 0; i < n; i++)
                past[i] = (PastSample){
                        .at_usec = begin_usec + (usec_t)stored[i].t * USEC_PER_MSEC,
                        .smoothed = stored[i].smoothed,
                        .counts = stored[i].counts,
                        .zone = stored[i].zone,
                };
        return core_handle(m,
                        &(Event){ .type = EVENT_RESUME,
                                        .sensor = (unsigned)strap_number_of(m, open->address),
                                        .by_hand = open->by_hand,
                                        .begin_usec = begin_usec,
                                        .past = past,
                                        .n_past = (size_t)n,
                                        .told = told,
                                        .lost = lost },
                        now_usec);
}

static void close_open(Manager *m, const OpenSession *open)
{
        session_writer_end(open->writer, open->last_t, false);
        m->session.day = DAY_NONE;
        m->session.said = _KIND_INVALID;
        m->coach.dirty = true;
}

/* The core has been configured for its day and its kind before. */
static int take_up(Manager *m, const OpenSession *open)
{
        char expression[INTENSITY_STRING_MAX];
        usec_t now_usec = core_now(), begin_usec = CORE_EPOCH_USEC + (usec_t)open->boot_ms * USEC_PER_MSEC;
        int r = resume_core(m, open, begin_usec, now_usec);

        if (r < 0 && r != -EINVAL)
                return r;
        if (r < 0) {
                log_warning("Session %" PRIi64 " was interrupted, and its times cannot be: closed", open->id);
                close_open(m, open);
                return 0;
        }
        r = session_writer_resume(open, begin_usec);
        if (r < 0)
                return r;
        m->session.id = open->id;
        m->session.writer = open->writer;
        m->session.begin_usec = begin_usec;
        m->session.started_at = open->started_at;
        pace_session_resumes(m, open);
        advice_later(m);
        log_info("Session %" PRIi64 " was interrupted; it goes on if its strap comes back", open->id);
        /* The configuration may have changed meanwhile. */
        if (open->ceiling != m->engine->ceiling && !(isnan(open->ceiling) && isnan(m->engine->ceiling)))
                (void)session_writer_event(m->session.writer, session_time(&m->session, now_usec), "ceiling",
                                m->engine->ceiling,
                                intensity_to_string(
                                                engine_ceiling(m->engine), expression)); /* logged there */
        return 0;
}

static int64_t end_after_ms(const Manager *m)
{
        return (int64_t)(m->config->end_after_usec / USEC_PER_MSEC);
}

/* Resumes the session that a crash, a power cut or a stop interrupted, if it is young enough. */
int resume_begin(Manager *m)
{
        usec_t now_usec;
        int64_t now_ms;
        OpenSession open;
        int r, corrected;

        clock_check_right(m);
        now_usec = core_now();
        now_ms = core_to_unix_ms(now_usec);
        r = corrected = store_recover(m->store, now_ms, end_after_ms(m), &open);
        if (r < 0)
                return r;
        if (open.id != 0 && !open.undecided) {
                m->session.day = local_day(open.started_at);
                m->session.said = open.kind;
        }
        if (corrected || m->session.day != DAY_NONE)
                r = core_begin(m);
        if (r >= 0)
                r = restore_commands(m, open.id != 0, now_usec, now_ms);
        if (r >= 0 && open.undecided) {
                log_notice("Session %" PRIi64
                           " was interrupted; whether it goes on is decided when the clock is set",
                                open.id);
                m->session.undecided = open;
        } else if (r >= 0 && open.id != 0)
                r = take_up(m, &open);
        if (r >= 0)
                clock_poll_later(m);
        return r;
}

/* Resumes it under its own day, which may be another one: the runner's figures and the ceiling may differ. */
static void take_up_late(Manager *m, const OpenSession *open)
{
        int r;

        m->session.day = local_day(open->started_at);
        m->session.said = open->kind;
        m->coach.dirty = true;
        core_follow_coach(m, core_now());
        r = take_up(m, open);
        if (r < 0) {
                log_error("Session %" PRIi64 " cannot be taken up: %s", open->id, strerror(-r));
                close_open(m, open);
        }
        m->published.dirty = true;
}

void resume_late(Manager *m)
{
        OpenSession open = m->session.undecided;
        int r;

        if (open.id == 0)
                return;
        r = store_decide(m->store, &open, core_to_unix_ms(core_now()), end_after_ms(m));
        if (r == -EAGAIN)
                return;
        m->session.undecided.id = 0;
        /* No session during a resting measurement. */
        if (r > 0 && !m->measuring.resting) {
                take_up_late(m, &open);
                return;
        }
        log_info("Session %" PRIi64 " was interrupted %s: it ended with its last heart rate", open.id,
                        r > 0 ? "and a resting heart rate is measured" : "for too long");
        close_open(m, &open);
        committer_commit(&m->committer);
        if (m->engine->overridden && m->command.ceiling_day == m->command.stored.ceiling_day)
                core_end_override(m, core_now()); /* that was set for this session */
        verdict_judge_recent(m);
        committer_arm(&m->committer);
}
