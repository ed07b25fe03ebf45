/* SPDX-License-Identifier: MIT */
/* When the coach speaks without being asked: some minutes into a session of a day that asks for something else, when a race is
 * over and again half an hour later, and where only the runner knows how a run went. Timers are of CLOCK_BOOTTIME. */

#include "manager/internal.h"

#include <math.h>

#include "cardio/macro.h"
#include "store/coach.h"

#define ADVICE_AFTER_USEC (3 * USEC_PER_MIN)

#define EATEN_AFTER_USEC (30 * USEC_PER_MIN)
/* A machine that slept does not ask hours later. */
#define EATEN_LATE_USEC (15 * USEC_PER_MIN)

#define ADVICE_AFTER_RACE "after-race"
#define ADVICE_TALK       "talk-test"

/* -- In the first minutes -- */

void manager_advise_later(Manager *m)
{
        if (m->advised_day != m->session_day)
                (void)manager_set_timer(m->advise, usec_add(m->session_begin_usec, ADVICE_AFTER_USEC));
}

static void advise(Manager *m)
{
        char text[COACH_TEXT_MAX];

        if (!coach_session_advice(&m->day, m->said, m->was_workout, false, text))
                return;
        bus_advice(m->bus, m->session, kind_to_string(m->day.kind), text);
        m->advised_day = m->session_day;
        if (manager_keep_commands(m, false))
                manager_commit(m);
}

static int on_advise(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        usec_t due_usec;

        (void)source, (void)usec;
        (void)manager_handle(m, &(Event){ .type = EVENT_TICK }); /* time is never refused */
        if (m->session == 0 || m->advised_day == m->session_day)
                return 0;
        /* One begun by hand is effort from its beginning, others from a while after it. */
        due_usec = usec_add(m->engine->recorder.first_effort_usec, ADVICE_AFTER_USEC);
        if (manager_now() < due_usec)
                (void)manager_set_timer(m->advise, due_usec);
        else
                advise(m);
        return 0;
}

/* -- After a race -- */

static Distance distance_of_race(const CoachFacts *facts, const StoreRun *run)
{
        for (size_t i = 0; i < facts->n_races; i++)
                if (facts->race[i].date == run->date)
                        return facts->race[i].distance;
        return distance_of_length(run->run.duration_s);
}

/* Of an unsaid one the race may be yet to come: nobody races as easily as that. */
static bool is_warm_up(const StoreRun *run)
{
        return !run->run.said && run->percent_reserve < KIND_EASY_PERCENT; /* false for NAN */
}

void manager_advise_after_race(Manager *m, int64_t session)
{
        char text[COACH_TEXT_MAX];
        CoachFacts facts;
        StoreRun run;
        int r = store_get_run(m->store, session, &run);

        if (r < 0 || run.run.kind != KIND_RACE || run.run.duration_s < COACH_SAY_FROM_S || is_warm_up(&run) ||
                        run.date == m->raced_day)
                return;
        r = store_get_coach_facts(m->store, run.date, &facts);
        if (r < 0)
                return;
        m->raced_day = run.date;
        m->eaten_distance = distance_of_race(&facts, &run);
        m->eaten_session = session;
        m->eaten_usec = usec_add(manager_now(), EATEN_AFTER_USEC);
        (void)manager_set_timer(m->eaten, m->eaten_usec);
        bus_advice(m->bus, session, ADVICE_AFTER_RACE, coach_after_race_to_string(m->eaten_distance, text));
}

static int on_eaten(sd_event_source *source, uint64_t usec, void *userdata)
{
        char text[COACH_TEXT_MAX];
        Manager *m = userdata;
        StoreRun run;

        (void)source, (void)usec;
        /* It may be gone by now, or have been something else. */
        if (manager_now() - m->eaten_usec > EATEN_LATE_USEC ||
                        store_get_run(m->store, m->eaten_session, &run) < 0 || run.run.kind != KIND_RACE)
                return 0;
        bus_advice(m->bus, m->eaten_session, ADVICE_AFTER_RACE,
                        coach_eaten_to_string(m->eaten_distance, text));
        return 0;
}

/* -- Where nothing else is known -- */

void manager_ask_talk_test(Manager *m, int64_t session)
{
        CoachVerdict verdict;
        StoreRun run;

        if (manager_verdict(m, session, &run, &verdict) >= 0 && verdict.ask_talk_test && run.run.live_s <= 0)
                bus_advice(m->bus, session, ADVICE_TALK, coach_talk_test_question());
}

int manager_add_advice(Manager *m)
{
        int r = manager_add_timer(m, &m->advise, on_advise);

        return r < 0 ? r : manager_add_timer(m, &m->eaten, on_eaten);
}
