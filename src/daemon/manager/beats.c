/* SPDX-License-Identifier: MIT */
/* The beats of sessions that an older version has stored are looked at once the daemon has been updated: one session at a time,
 * a second apart, and none while a run is recorded. An hour of it takes some 10 ms. The timer is of CLOCK_BOOTTIME. */

#include "manager/beats.h"

#include "cardio/macro.h"
#include "log.h"
#include "manager/internal.h"

#define FIRST_USEC (10 * USEC_PER_SEC)
#define NEXT_USEC  USEC_PER_SEC
#define LATER_USEC USEC_PER_MIN /* a run is recorded, or the disk refuses */

static int on_beats(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        int r = m->session.id != 0 || store_waiting(m->store) > 0 ? -EBUSY : store_look_at_beats(m->store);

        if (r == 0)
                return 0; /* all of them are known */
        if (r < 0 && r != -EBUSY && r != -EAGAIN)
                log_debug("The beats of a session cannot be looked at: %s", strerror(-r));
        (void)core_timer_set(m->beats, core_now() + (r > 0 ? NEXT_USEC : LATER_USEC));
        committer_arm(&m->committer);
        return 0;
}

void beats_look_again(Manager *m)
{
        (void)core_timer_set(m->beats, core_now() + FIRST_USEC);
}

int beats_watch(Manager *m)
{
        int r = core_timer_add(m->event, &m->beats, on_beats, m);

        return r < 0 ? r : core_timer_set(m->beats, core_now() + FIRST_USEC);
}

void beats_unwatch(Manager *m)
{
        m->beats = sd_event_source_disable_unref(m->beats);
}
