/* SPDX-License-Identifier: MIT */
/* What time brings, fed into the core. Timers are of CLOCK_BOOTTIME, but midnight's is of CLOCK_REALTIME. */

#include "manager/from-time.h"

#include <sys/inotify.h>

#include "cardio/macro.h"
#include "manager/edits.h"
#include "manager/feed.h"
#include "manager/internal.h"
#include "manager/step.h"

static int on_tick(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        deadline_clear(&m->tick);
        feed_time(m);
        return 0;
}

/* A date that changes because the clock was set is not another day: feed() checks the clock first. */
static void another_day(Manager *m)
{
        feed_time(m);
        edits_drop_old(m);
        clock_arm_midnight(m);
}

static int on_midnight(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        another_day(userdata);
        return 0;
}

/* The file is replaced when the time zone is set. Without a name the event queue has overflowed, and its event may be lost. */
static int on_zone(_unused_ sd_event_source *source, const struct inotify_event *event, void *userdata)
{
        if (event->len == 0 || strcmp(event->name, CLOCK_ZONE_NAME) == 0)
                another_day(userdata);
        return 0;
}

static int on_clock_set(_unused_ sd_event_source *source, int fd, _unused_ uint32_t revents, void *userdata)
{
        clock_watch_again(fd);
        another_day(userdata);
        return 0;
}

/* If the clock was set, feed() handles that first, and more follows. */
static int on_clock_poll(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        step_check(m, core_now());
        clock_check_right(m);
        step_settle(m);
        feed_time(m);
        clock_poll_later(m);
        return 0;
}

static int on_pace_silent(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        pace_silent(m, core_now());
        publish_changes(m);
        return 0;
}

static int on_advice(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        feed_time(m);
        advice_due(m);
        return 0;
}

int from_time_begin(Manager *m)
{
        int r = deadline_add(&m->tick, m->event, on_tick, m);

        if (r >= 0)
                r = deadline_add(&m->pace.deadline, m->event, on_pace_silent, m);
        if (r >= 0)
                r = advice_begin(m, on_advice);
        return r < 0 ? r : clock_begin(m, on_clock_set, on_clock_poll, on_midnight, on_zone);
}
