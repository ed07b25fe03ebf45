/* SPDX-License-Identifier: MIT */
/* systemd's watchdog is notified only if all is well. Times are on the core's clock. */

#include "manager/watchdog.h"

#include <systemd/sd-daemon.h>

#include "shared/clock.h"
#include "log.h"
#include "manager/health.h"
#include "manager/internal.h"

/* A fault is checked again after this, in which a sleeping disk wakes up, too. */
#define HEALTH_AGAIN_USEC (10 * USEC_PER_SEC)

/* NULL = all is well. */
static const char *complaint(Manager *m)
{
        bool pending = store_pending(m->store);
        usec_t now_usec = core_now();

        if (sd_bus_is_open(m->system_bus) <= 0 || sd_bus_is_open(m->own_bus) <= 0)
                return "The bus is gone";
        if (!pending)
                m->committer.progress_usec = now_usec;
        return health_complaint(&(HealthFacts){
                        .now_usec = now_usec,
                        .tick_due_usec = engine_deadline(m->engine),
                        .commit_due_usec = m->committer.due.due_usec,
                        .commit_interval_usec = m->config->commit_interval_usec,
                        .sync_begun_usec = store_syncing(m->store) ? m->committer.sync_begun_usec
                                                                   : USEC_INFINITY,
                        .measure_due_usec = m->measuring.resting ? resting_deadline(m->measuring.resting)
                                                                 : USEC_INFINITY,
                        .pending = pending,
                        .progress_usec = m->committer.progress_usec,
        });
}

/* After a suspend everything is late, and this handler may run first. So a fault counts only if it is still there at the next
 * check. */
static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        const char *what = complaint(m);
        bool again = what && !m->watchdog.ill;
        usec_t next_usec = m->watchdog.interval_usec / 2;
        int r;

        (void)usec;
        m->watchdog.ill = what != NULL;
        if (!what || again)
                (void)sd_notify(false, "WATCHDOG=1"); /* if it is not received, systemd acts */
        else
                log_error("%s: not telling the watchdog that all is well", what);
        if (again && next_usec > HEALTH_AGAIN_USEC)
                next_usec = HEALTH_AGAIN_USEC;
        r = sd_event_source_set_time(source, now_boot_usec() + next_usec);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int watchdog_begin(Manager *m)
{
        uint64_t interval_usec;
        int r = sd_watchdog_enabled(false, &interval_usec);

        if (r <= 0)
                return r;
        m->watchdog.interval_usec = interval_usec;
        return sd_event_add_time(m->event, &m->watchdog.timer, CLOCK_BOOTTIME, now_boot_usec(), USEC_PER_MSEC,
                        on_watchdog, m);
}
