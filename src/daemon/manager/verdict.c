/* SPDX-License-Identifier: MIT */
/* Verdicts on finished sessions. The key is stored with the session, when it ends and whenever something that it depends on
 * has changed; the words are made when they are asked for. No clock, but for today's date. */

#include "manager/coach.h"

#include "local.h"
#include "log.h"
#include "manager/internal.h"

/* A session is judged by what was known when it began; but a pain that rules out running always counts. */
static void without_later_news(const StoreRun *run, CoachDay *day)
{
        if (run->day_kind < 0 || run->day_kind <= day->kind || day->pain_stops)
                return;
        day->kind = run->day_kind;
        day->allowed = (2U << KIND_RACE) - 1;
        day->min_minutes = day->max_minutes = 0;
}

/* What was imported when it was old already: nobody asked for anything then. */
static bool is_history(const StoreRun *run)
{
        return run->imported && run->verdict[0] == '\0' && run->date <= local_today() - VERDICT_DAYS;
}

static void judge(const StoreRun *run, const CoachFacts *facts, const CoachDay *day, CoachVerdict *ret)
{
        CoachDay asked = *day;

        without_later_news(run, &asked);
        coach_verdict(facts, &asked, &run->run, ret);
        if (is_history(run)) {
                ret->key = VERDICT_NONE;
                ret->ask_talk_test = false;
        }
}

static bool is_stored(const StoreRun *run, const CoachVerdict *verdict)
{
        return strcmp(run->verdict, verdict_key_to_string(verdict->key)) == 0;
}

int verdict_of_session(Manager *m, int64_t session, StoreRun *ret_run, CoachVerdict *ret)
{
        CoachFacts facts;
        CoachDay day;
        int r;

        r = store_get_run(m->store, session, ret_run);
        if (r >= 0)
                r = coach_of_date(m, ret_run->date, &facts, &day);
        if (r < 0)
                return r;
        judge(ret_run, &facts, &day, ret);
        /* What is answered and what is stored are the same. */
        if (!is_stored(ret_run, ret))
                (void)store_put_verdicts(m->store, &(StoreVerdict){ session, ret->key },
                                1); /* a disk that refuses is logged elsewhere */
        return 0;
}

/* Judges the sessions of one date. */
static int judge_date(Manager *m, Day date, const CoachFacts *known, StoreVerdict *verdict, size_t *n)
{
        CoachFacts facts;
        CoachDay day;
        int r = coach_of_date(m, date, &facts, &day);

        for (size_t i = 0; i < known->n_sessions && r >= 0; i++) {
                CoachVerdict v;
                StoreRun run;

                if (known->session[i].date != date)
                        continue;
                r = store_get_run(m->store, known->session[i].id, &run);
                if (r < 0)
                        break;
                judge(&run, &facts, &day, &v);
                if (!is_stored(&run, &v))
                        verdict[(*n)++] = (StoreVerdict){ run.run.id, v.key };
        }
        return r;
}

static bool has_session(const CoachFacts *facts, Day date)
{
        for (size_t i = 0; i < facts->n_sessions; i++)
                if (facts->session[i].date == date)
                        return true;
        return false;
}

void verdict_judge_recent(Manager *m)
{
        StoreVerdict verdict[COACH_SESSIONS_MAX];
        CoachFacts facts;
        size_t n = 0;
        Day today = local_today();
        int r;

        store_batch(m->store, true);
        r = store_get_coach_facts(m->store, today, &facts);

        for (Day date = today; r >= 0 && date > today - VERDICT_DAYS; date--)
                if (has_session(&facts, date))
                        r = judge_date(m, date, &facts, verdict, &n);
        store_batch(m->store, false);
        if (r >= 0)
                r = store_put_verdicts(m->store, verdict, n);
        if (r < 0)
                log_debug("Verdicts cannot be kept, tried again: %s", strerror(-r));
        m->coach.unjudged = r < 0;
}
