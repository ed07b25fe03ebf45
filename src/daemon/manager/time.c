/* SPDX-License-Identifier: MIT */
/* The core's clock (CLOCK_BOOTTIME plus one year), and timers that run by it. */

#include "manager/time.h"

#include <string.h>
#include <time.h>

#include "cardio/macro.h"
#include "shared/clock.h"
#include "log.h"

_hot_ usec_t core_now(void)
{
        return now_boot_usec() + CORE_EPOCH_USEC;
}

usec_t awake_now(void)
{
        return clock_usec(CLOCK_MONOTONIC);
}

_hot_ usec_t core_slept(void)
{
        usec_t awake_usec = awake_now(); /* first, so that it is never ahead */

        return now_boot_usec() - awake_usec;
}

int64_t core_to_unix_ms(usec_t at_usec)
{
        usec_t age_usec = core_now() - at_usec; /* wraps around to a negative age for the future */

        return ((int64_t)now_realtime_usec() - (int64_t)age_usec) / (int64_t)USEC_PER_MSEC;
}

int core_timer_add(sd_event *event, sd_event_source **ret, sd_event_time_handler_t handler, void *userdata)
{
        int r = sd_event_add_time(event, ret, CLOCK_BOOTTIME, 0, USEC_PER_MSEC, handler, userdata);

        return r < 0 ? r : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

int core_timer_set(sd_event_source *timer, usec_t at_usec)
{
        int r = sd_event_source_set_time(timer, usec_sub(at_usec, CORE_EPOCH_USEC));

        if (r >= 0)
                r = sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
        if (r < 0)
                log_error("Cannot set a timer: %s", strerror(-r));
        return r;
}

int deadline_add(Deadline *d, sd_event *event, sd_event_time_handler_t handler, void *userdata)
{
        d->due_usec = USEC_INFINITY;
        return core_timer_add(event, &d->timer, handler, userdata);
}

_hot_ void deadline_set(Deadline *d, usec_t at_usec)
{
        if (at_usec < d->due_usec && core_timer_set(d->timer, at_usec) >= 0)
                d->due_usec = at_usec; /* if it failed the next event tries again */
}

void deadline_clear(Deadline *d)
{
        d->due_usec = USEC_INFINITY;
}
