/* SPDX-License-Identifier: MIT */
/* The one way into the core. Whatever has an event calls feed(), and nothing that feed() calls leads back to it. In this order:
 *
 *   a sleep             if the machine was suspended: what was silent meanwhile could not be heard
 *   the wall clock      if it was set: what was stamped by it is corrected (step.c)
 *   the core's timers   a session whose end is due ends on its own day, before the day in force changes
 *   the coach           on another day, or if its facts are dirty: another configuration, another ceiling
 *   the event           facts become rows, signals and log lines (facts.c)
 *   the coach           once more: a session that has ended is one of its facts now
 *   what has changed    properties (publish.c), commands that outlive the daemon, commit and sync, the next tick
 *
 * Times are on the core's clock. */

#include "manager/feed.h"

#include "cardio/macro.h"
#include "manager/core.h"
#include "manager/internal.h"
#include "manager/step.h"

/* Shorter sleeps, and the time between two looks at two clocks, are none. */
#define SLEEP_MIN_USEC USEC_PER_SEC

static bool is_command(EventType type)
{
        return type == EVENT_START || type == EVENT_STOP || type == EVENT_CEILING || type == EVENT_SNOOZE;
}

/* Whether to commit at once: a crash must not take back a command that was answered (a stop of the daemon is no command), nor
 * the beginning or end of a session. */
static bool is_urgent(Manager *m, const Event *event, int64_t session)
{
        bool kept = event->type != EVENT_SUSPEND && commands_keep(m, false);

        return kept || is_command(event->type) || (m->session.id != 0 && m->session.id != session);
}

static void wake(Manager *m, usec_t now_usec)
{
        usec_t slept_usec = core_slept();

        if (slept_usec > usec_add(m->slept_usec, SLEEP_MIN_USEC))
                (void)core_handle(m, &(Event){ .type = EVENT_AWAKE }, now_usec); /* never refused */
        m->slept_usec = slept_usec;
}

_hot_ int feed_at(Manager *m, const Event *event, usec_t now_usec)
{
        int64_t session = m->session.id;
        int r;

        /* After a stall events may carry older times; the core's time never goes back. */
        if (now_usec < m->fed_usec)
                now_usec = m->fed_usec;
        m->fed_usec = now_usec;
        wake(m, now_usec);
        step_check(m, now_usec);
        if (event->type != EVENT_TICK && engine_deadline(m->engine) <= now_usec)
                (void)core_handle(m, &(Event){ .type = EVENT_TICK }, now_usec); /* never refused */
        core_follow_coach(m, now_usec);
        r = core_handle(m, event, now_usec);
        /* Not at the daemon's end, where the session is left to be resumed. */
        if (event->type != EVENT_SUSPEND && coach_is_stale(m))
                core_follow_coach(m, now_usec);
        publish_changes(m);
        if (is_urgent(m, event, session))
                committer_commit(&m->committer);
        deadline_set(&m->tick, engine_deadline(m->engine));
        committer_arm(&m->committer);
        return r;
}

int feed(Manager *m, const Event *event)
{
        return feed_at(m, event, core_now());
}

void feed_time(Manager *m)
{
        (void)feed(m, &(Event){ .type = EVENT_TICK }); /* never refused */
}

void feed_ceiling_changed(Manager *m)
{
        m->coach.configure = true;
        feed_time(m);
}

void feed_said(Manager *m, Kind said)
{
        m->session.said = said;
        if (m->engine->overridden && (ceiling_is_lifted_by(said) || m->cues.workout))
                core_end_override(m, core_now());
        feed_ceiling_changed(m);
}

void feed_coach_changed(Manager *m)
{
        m->coach.dirty = true;
        feed_time(m);
        verdict_judge_recent(m);
        committer_arm(&m->committer); /* to commit the change */
}
