/* SPDX-License-Identifier: MIT */
/* Advice that the coach gives without being asked: some minutes into a session, if the day asks for something else; after a
 * race, and again half an hour later; and where only the runner can say how a run went. Timers are of CLOCK_BOOTTIME. */

#include "manager/advice.h"

#include "cardio/macro.h"
#include "manager/internal.h"

#define ADVICE_AFTER_USEC (3 * USEC_PER_MIN)

#define EATEN_AFTER_USEC (30 * USEC_PER_MIN)
/* After a suspend the question is not asked hours late. */
#define EATEN_LATE_USEC (15 * USEC_PER_MIN)

#define ADVICE_AFTER_RACE "after-race"
#define ADVICE_TALK       "talk-test"

/* -- In the first minutes -- */

void advice_later(Manager *m)
{
        if (m->advice.advised_day != m->session.day)
                (void)core_timer_set(m->advice.timer, usec_add(m->session.begin_usec, ADVICE_AFTER_USEC));
}

static void advise(Manager *m)
{
        char text[COACH_TEXT_MAX];

        if (!coach_session_advice(&m->coach.day, m->session.said, m->session.with_workout,
                            pace_sees_running(m, core_now()), text))
                return;
        bus_advice(m->bus, m->session.id, kind_to_string(m->coach.day.kind), text);
        m->advice.advised_day = m->session.day;
        if (commands_keep(m, false))
                committer_commit(&m->committer);
}

void advice_due(Manager *m)
{
        usec_t due_usec;

        if (m->session.id == 0 || m->advice.advised_day == m->session.day)
                return;
        /* A session begun by hand counts as effort from its beginning, others from some time after it. */
        due_usec = usec_add(m->engine->recorder.first_effort_usec, ADVICE_AFTER_USEC);
        if (core_now() < due_usec)
                (void)core_timer_set(m->advice.timer, due_usec);
        else
                advise(m);
}

/* -- After a race -- */

static Distance distance_of_race(const CoachFacts *facts, const StoreRun *run)
{
        for (size_t i = 0; i < facts->n_races; i++)
                if (facts->race[i].date == run->date)
                        return facts->race[i].distance;
        return distance_of_length(run->run.duration_s);
}

/* Without a kind it may be the warm-up, and the race yet to come: nobody races as easily as that. */
static bool is_warm_up(const StoreRun *run)
{
        return !run->run.said && run->percent_reserve < KIND_EASY_PERCENT; /* false for NAN */
}

void advice_after_race(Manager *m, int64_t session)
{
        char text[COACH_TEXT_MAX];
        CoachFacts facts;
        StoreRun run;
        int r = store_get_run(m->store, session, &run);

        if (r < 0 || run.run.kind != KIND_RACE || run.run.duration_s < COACH_SAY_FROM_S || is_warm_up(&run) ||
                        run.date == m->advice.raced_day)
                return;
        r = store_get_coach_facts(m->store, run.date, &facts);
        if (r < 0)
                return;
        m->advice.raced_day = run.date;
        m->advice.eaten_distance = distance_of_race(&facts, &run);
        m->advice.eaten_session = session;
        m->advice.eaten_usec = usec_add(core_now(), EATEN_AFTER_USEC);
        (void)core_timer_set(m->advice.eaten, m->advice.eaten_usec);
        bus_advice(m->bus, session, ADVICE_AFTER_RACE,
                        coach_after_race_to_string(m->advice.eaten_distance, text));
}

static int on_eaten(sd_event_source *source, uint64_t usec, void *userdata)
{
        char text[COACH_TEXT_MAX];
        Manager *m = userdata;
        StoreRun run;

        (void)source, (void)usec;
        /* The session may have been deleted, or changed to another kind. */
        if (core_now() - m->advice.eaten_usec > EATEN_LATE_USEC ||
                        store_get_run(m->store, m->advice.eaten_session, &run) < 0 ||
                        run.run.kind != KIND_RACE)
                return 0;
        bus_advice(m->bus, m->advice.eaten_session, ADVICE_AFTER_RACE,
                        coach_eaten_to_string(m->advice.eaten_distance, text));
        return 0;
}

/* -- Talk test -- */

void advice_ask_talk_test(Manager *m, int64_t session)
{
        CoachVerdict verdict;
        StoreRun run;

        if (verdict_of_session(m, session, &run, &verdict) >= 0 && verdict.ask_talk_test &&
                        run.run.live_s <= 0)
                bus_advice(m->bus, session, ADVICE_TALK, coach_talk_test_question());
}

int advice_begin(Manager *m, sd_event_time_handler_t on_due)
{
        int r = core_timer_add(m->event, &m->advice.timer, on_due, m);

        return r < 0 ? r : core_timer_add(m->event, &m->advice.eaten, on_eaten, m);
}

void advice_end(Advice *a)
{
        a->timer = sd_event_source_disable_unref(a->timer);
        a->eaten = sd_event_source_disable_unref(a->eaten);
}
