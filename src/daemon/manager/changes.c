/* SPDX-License-Identifier: MIT */
/* What follows once stored sessions have changed, at most once a second, and always once after the last of them. Times are on
 * the core's clock. */

#include "manager/changes.h"

#include "cardio/macro.h"
#include "manager/feed.h"
#include "manager/internal.h"

#define PAUSE_USEC USEC_PER_SEC

static void changes_emit(Manager *m)
{
        m->changes.emitted_usec = core_now();
        feed_time(m); /* asks the coach, if it is to be asked */
        verdict_judge_recent(m);
        committer_arm(&m->committer);
        bus_sessions_changed(m->bus);
}

static int on_due(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        deadline_clear(&m->changes.due);
        changes_emit(m);
        return 0;
}

int changes_begin(Manager *m)
{
        return deadline_add(&m->changes.due, m->event, on_due, m);
}

void changes_note(Manager *m)
{
        usec_t due_usec = usec_add(m->changes.emitted_usec, PAUSE_USEC);

        /* While one is recorded its day and its ceiling stay what they are. */
        if (m->session.id == 0)
                m->coach.dirty = true;
        if (m->changes.emitted_usec == 0 || core_now() >= due_usec)
                changes_emit(m);
        else
                deadline_set(&m->changes.due, due_usec);
}
