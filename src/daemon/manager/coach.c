/* SPDX-License-Identifier: MIT */
/* The coach at work: the answer for the day in force, the figures that follow from it (the resting heart rate, the ceiling
 * that `auto` stands for), and when it has to be asked again: another date, something told, a run over. The day in force
 * is today by the runner's clock (CLOCK_REALTIME and the time zone), but while a run is recorded it is that of the run:
 * midnight does not move the ceiling under a runner. */

#include "manager/internal.h"

#include <sys/inotify.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "clock.h"
#include "local.h"
#include "log.h"
#include "store/coach.h"

/* The file that tells the time zone. */
#define ZONE_FOLDER "/etc"
#define ZONE_NAME   "localtime"

#define MIDNIGHT_ACCURACY_USEC (100 * USEC_PER_MSEC)

static Day day_in_force(const Manager *m)
{
        return m->session_day != DAY_NONE ? m->session_day : local_today();
}

/* Without a date nobody can say how old the mornings are; the last ones are still closer than none. */
static int last_mornings(Manager *m, RestingInForce *ret)
{
        const Day far = DAY_MAX - 400; /* whatever is stored is before it, and a year past it is a day, too */
        CoachFacts facts;
        int r = store_get_coach_facts(m->store, far, &facts);

        if (r < 0)
                return r;
        *ret = resting_in_force(facts.morning, facts.n_mornings, far, m->config->resting_heart_rate);
        return 0;
}

int manager_coach_day(Manager *m, Day date, CoachFacts *ret_facts, CoachDay *ret)
{
        const CoachConfig config = config_coach(m->config);
        int r = store_get_coach_facts(m->store, date, ret_facts);

        if (r < 0)
                return r;
        coach_day(ret_facts, &config, m->config->resting_heart_rate, ret);
        return m->clock_known ? 0 : last_mornings(m, &ret->resting);
}

Runner manager_coach_runner(const Manager *m, CoachDay *day)
{
        Runner runner = config_runner(m->config, date_of_day(day->date));

        if (day->resting.heart_rate < runner.maximum)
                runner.resting = day->resting.heart_rate;
        else
                day->resting = (RestingInForce){ .heart_rate = runner.resting, .provisional = true };
        return runner;
}

int manager_coach_begin(Manager *m)
{
        CoachFacts facts;
        CoachDay day;
        Day date;
        int r;

        manager_judge_clock(m);
        date = day_in_force(m);
        r = manager_coach_day(m, date, &facts, &day);
        if (r < 0)
                return r;
        m->runner = manager_coach_runner(m, &day);
        /* Mornings are checked when they are told; the maximum may have come down since. */
        if (facts.n_mornings > 0 && day.resting.mornings == 0)
                log_warning("The mornings measured are not below the maximum heart rate: going by "
                            "resting-heart-rate");
        m->day = day;
        m->recheck = false;
        manager_warn(m);
        return 0;
}

/* Another day is in force, or the coach has something else to go by. */
static void coach_anew(Manager *m)
{
        int r = manager_coach_begin(m);

        if (r < 0) {
                log_error("What the coach goes by cannot be read: %s; going on as before", strerror(-r));
                m->day.date = day_in_force(m);
                m->recheck = false;
        }
        manager_ceiling_follow(m);
        manager_arm_midnight(m);
}

void manager_coach_follow(Manager *m)
{
        manager_ceiling_expire(m);
        if (m->recheck || day_in_force(m) != m->day.date)
                coach_anew(m);
}

void manager_coach_changed(Manager *m)
{
        manager_check_clock(m);
        m->recheck = true;
        manager_coach_follow(m);
        manager_judge_recent(m);
        manager_arm_commit(m); /* what was stored is to reach the disk */
}

/* -- The calendar -- */

/* The timer is of the wall clock itself: it follows when that clock is set. */
void manager_arm_midnight(Manager *m)
{
        int64_t end_ms = local_day_end((int64_t)(now_realtime_usec() / USEC_PER_MSEC));
        int r = sd_event_source_set_time(m->midnight, (uint64_t)end_ms * USEC_PER_MSEC);

        if (r >= 0)
                r = sd_event_source_set_enabled(m->midnight, SD_EVENT_ONESHOT);
        if (r < 0)
                log_error("Cannot wait for midnight: %s", strerror(-r));
}

static int on_midnight(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        (void)source, (void)usec;
        manager_check_clock(m); /* another date by a clock that was set is not another day */
        manager_coach_follow(m);
        manager_arm_midnight(m);
        return 0;
}

/* Replaced when the runner says where they are now. */
static int on_zone(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
        Manager *m = userdata;

        (void)source;
        /* Without a name the queue has run over: it may have been among what is lost. */
        if (event->len > 0 && strcmp(event->name, ZONE_NAME) != 0)
                return 0;
        manager_check_clock(m);
        manager_coach_follow(m);
        manager_arm_midnight(m);
        return 0;
}

int manager_add_calendar(Manager *m)
{
        int r = sd_event_add_time(
                        m->event, &m->midnight, CLOCK_REALTIME, 0, MIDNIGHT_ACCURACY_USEC, on_midnight, m);

        if (r < 0)
                return r;
        r = sd_event_add_inotify(m->event, &m->zone, ZONE_FOLDER,
                        IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR, on_zone, m);
        if (r < 0)
                log_warning("Cannot watch the time zone: %s; another one is seen at the next heart rate",
                                strerror(-r));
        manager_arm_midnight(m);
        return 0;
}
