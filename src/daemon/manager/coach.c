/* SPDX-License-Identifier: MIT */
/* Asks the coach: its answer for the day in force, the figures that follow (the resting heart rate, the ceiling that `auto`
 * stands for), and when to ask again: on another date, after a new entry, when a run is over. The day in force is the runner's
 * local date (CLOCK_REALTIME), but while a run is recorded it is the date of that run: midnight does not move the ceiling
 * under a runner. */

#include "manager/coach.h"

#include <math.h>

#include "cardio/macro.h"
#include "local.h"
#include "log.h"
#include "manager/internal.h"

static Day day_in_force(const Manager *m)
{
        return m->session.day != DAY_NONE ? m->session.day : local_today();
}

/* Without a date the age of the mornings is unknown; the last ones are still closer than none. */
static int last_mornings(Manager *m, RestingInForce *ret)
{
        const Day far = DAY_MAX -
                        400; /* later than whatever is stored, and a year later is still a valid day */
        CoachFacts facts;
        int r = store_get_coach_facts(m->store, far, &facts);

        if (r < 0)
                return r;
        *ret = resting_in_force(facts.morning, facts.n_mornings, far, m->config->resting_heart_rate);
        return 0;
}

/* A day without it is better than none. */
static void take_base_pace(Manager *m, Day date, CoachFacts *facts)
{
        StoreBasePace base;
        int r = store_get_base_pace(m->store, date, &base);

        facts->base_speed = r < 0 ? NAN : base.speed;
        facts->base_runs = r < 0 ? 0 : base.n_runs;
}

int coach_of_date(Manager *m, Day date, CoachFacts *ret_facts, CoachDay *ret)
{
        const CoachConfig config = config_coach(m->config);
        int r = store_get_coach_facts(m->store, date, ret_facts);

        if (r < 0)
                return r;
        take_base_pace(m, date, ret_facts);
        coach_day(ret_facts, &config, m->config->resting_heart_rate, ret);
        return m->clock.known ? 0 : last_mornings(m, &ret->resting);
}

Runner coach_runner(const Manager *m, CoachDay *day)
{
        Runner runner = config_runner(m->config, date_of_day(day->date));

        if (day->resting.heart_rate < runner.maximum)
                runner.resting = day->resting.heart_rate;
        else
                day->resting = (RestingInForce){ .heart_rate = runner.resting, .provisional = true };
        return runner;
}

int coach_ask(Manager *m)
{
        CoachFacts facts;
        CoachDay day;
        Day date;
        int r;

        (void)clock_check_date(m); /* only to log a change: the coach is asked either way */
        date = day_in_force(m);
        r = coach_of_date(m, date, &facts, &day);
        if (r < 0)
                return r;
        m->coach.runner = coach_runner(m, &day);
        /* Mornings are checked when they are entered; the maximum may have been lowered since. */
        if (facts.n_mornings > 0 && day.resting.mornings == 0)
                log_warning("The mornings measured are not below the maximum heart rate: going by resting-heart-rate");
        m->coach.day = day;
        m->coach.dirty = false;
        warnings_update(m);
        return 0;
}

_cold_ static void ask_anew(Manager *m)
{
        int r = coach_ask(m);

        if (r < 0) {
                log_error("What the coach goes by cannot be read: %s; going on as before", strerror(-r));
                m->coach.day.date = day_in_force(m);
                m->coach.dirty = false;
        }
        m->coach.configure = true;
        clock_arm_midnight(m);
}

/* A ceiling set by command without a session ends with the day. */
static bool override_is_over(const Manager *m)
{
        return m->engine->overridden && m->session.id == 0 && m->command.ceiling_day != local_today();
}

_hot_ bool coach_is_stale(const Manager *m)
{
        return m->coach.dirty || m->coach.configure;
}

_hot_ bool coach_wants(Manager *m, CoachWish *ret)
{
        CoachWish wish = { .end_override = override_is_over(m) };

        if (!m->engine->overridden)
                m->command.ceiling_from_coach = false;
        if (m->coach.dirty || day_in_force(m) != m->coach.day.date)
                ask_anew(m);
        if (m->coach.configure) {
                wish.configure = true;
                wish.config = ceiling_engine_config(m);
                wish.override = m->engine->overridden && m->command.ceiling_from_coach && !wish.end_override;
                wish.ceiling = ceiling_of_coach(m);
        }
        m->coach.configure = false;
        if (!wish.end_override && !wish.configure)
                return false;
        *ret = wish;
        return true;
}
