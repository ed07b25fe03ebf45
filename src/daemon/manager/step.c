/* SPDX-License-Identifier: MIT */
/* What follows when the wall clock is set: recorded data keeps its length (CLOCK_BOOTTIME), and its time of day is corrected
 * to what CLOCK_REALTIME says now. A step is noticed when it happens, and again before anything is stamped.
 *
 * The recorded session follows every step. One that has ended follows only if the clock was not known to be right when it was
 * stamped, until it is known (store/wall-clock.c): the network may come long after the run, and the daemon may have been
 * restarted in between. */

#include "manager/step.h"

#include "cardio/macro.h"
#include "local.h"
#include "log.h"
#include "manager/internal.h"
#include "manager/resume.h"
#include "store/writer.h"

/* Sessions and mornings that were stamped by an unknown clock move, perhaps to another date, and may be of another kind there. */
static void move_sessions(Manager *m)
{
        if (!store_move_sessions(m->store))
                return;
        committer_commit(&m->committer);
        m->coach.dirty = true;
        verdict_judge_recent(m);
        committer_arm(&m->committer);
}

/* What was set for today, by a clock not known to be right, is for the corrected date. */
static void follow_date(Manager *m, Day old_today)
{
        Day *const days[] = { &m->command.ceiling_day, &m->advice.advised_day, &m->advice.raced_day };

        for (size_t i = 0; i < ELEMENTSOF(days); i++)
                if (*days[i] == old_today)
                        *days[i] = local_today();
        if (m->session.id != 0)
                m->session.day = local_day(m->session.started_at);
        m->coach.dirty = true;
}

void step_settle(Manager *m)
{
        move_sessions(m);
        resume_late(m);
}

_cold_ static void clock_stepped(Manager *m, int64_t step_ms, usec_t now_usec)
{
        Day old_today = local_day(core_to_unix_ms(core_now()) - step_ms);
        bool was_right = m->clock.right;

        log_info("The clock was set by %+.1f s", (double)step_ms / 1000);
        if (m->command.snoozed_until > 0)
                m->command.snoozed_until += (uint64_t)step_ms * 1000;
        if (m->cues.step_ends > 0)
                m->cues.step_ends += (uint64_t)step_ms * 1000;
        clock_forget(m); /* whatever was known before */
        if (m->session.id != 0) {
                m->session.started_at += step_ms;
                session_writer_clock(m->session.writer, session_time(&m->session, now_usec), step_ms);
        }
        if (!was_right) {
                follow_date(m, old_today);
                straps_stepped(m, step_ms);
        }
        if (clock_check_date(m)) {
                m->coach.dirty = true;
                if (m->clock.known && m->session.id != 0)
                        m->session.day = local_day(m->session.started_at);
        }
        step_settle(m);
        clock_poll_later(m);
        m->published.dirty = true;
}

_hot_ void step_check(Manager *m, usec_t now_usec)
{
        int64_t step_ms = clock_step(&m->clock);

        if (step_ms != 0)
                clock_stepped(m, step_ms, now_usec);
}
