/* SPDX-License-Identifier: MIT */

/* What to do on a day, and what does the body good: the most important first, and no more than is read. No clock. */

#include "coach-internal.h"

#include <math.h>

#include "cardio/macro.h"

/* A race that is not listed is asked about for so many days. */
#define RACE_ASK_DAYS 7
/* The talk test of a run is worth a word for so many days, its own the first of them. */
#define TALK_TEST_DAYS 3

/* -- Advice ------------------------------------------------------------------------------------------------------ */

static void advise(CoachDay *day, CoachAdvice advice)
{
        if (advice.key != ADVICE_NONE && day->n_advice < COACH_ADVICE_MAX)
                day->advice[day->n_advice++] = advice;
}

static void advise_key(CoachDay *day, AdviceKey key)
{
        advise(day, (CoachAdvice){ .key = key });
}

/* A pain has its days; then it is asked about. One that stops the runner is asked about from the next day on. */
static bool is_asked_about(const CoachPain *pain, Day date)
{
        return date - pain->since >= (pain->stops ? 1 : PAIN_DAYS);
}

/* One line for all of them, so that there is room for what to do. */
static void advise_of_pains(CoachDay *day)
{
        AdviceKey key = ADVICE_PAIN_STANDS;

        for (size_t i = 0; i < day->n_pains; i++)
                if (is_asked_about(&day->pain[i], day->date))
                        key = ADVICE_PAIN_GONE;
        if (day->n_pains > 0)
                advise_key(day, key);
}

static const CoachRace *race_not_run(const CoachFacts *f)
{
        const CoachRace *race = coach_race_on(f, f->date - 1);

        return race && !coach_has_session(f, race->date, KIND_RACE) ? race : NULL;
}

static bool is_newer(const CoachSession *s, const CoachSession *than)
{
        return !than || s->date > than->date || (s->date == than->date && s->id > than->id);
}

static const CoachSession *race_not_listed(const CoachFacts *f)
{
        const CoachSession *newest = NULL;

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->kind == KIND_RACE && coach_has_say(s) && s->date <= f->date &&
                                s->date > f->date - RACE_ASK_DAYS && !coach_race_on(f, s->date) &&
                                is_newer(s, newest))
                        newest = s;
        }
        return newest;
}

/* One at a time. */
static void ask_of_races(const CoachFacts *f, CoachDay *day)
{
        const CoachRace *race = race_not_run(f);
        const CoachSession *session = race_not_listed(f);

        if (race)
                advise(day, (CoachAdvice){ .key = ADVICE_RACE_RUN,
                                            .id = race->id,
                                            .date = race->date,
                                            .distance = race->distance });
        else if (session)
                advise(day, (CoachAdvice){ .key = ADVICE_RACE_WHICH,
                                            .id = session->id,
                                            .date = session->date });
}

/* The newest run of the last days that has a talk test, if it was failed; hard runs and races have none to speak of. */
static const CoachSession *failed_talk_test_lately(const CoachFacts *f)
{
        const CoachSession *newest = NULL;

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->talk_test >= 0 && kind_is_run(s->kind) && s->kind < KIND_HARD && coach_has_say(s) &&
                                s->date <= f->date && s->date > f->date - TALK_TEST_DAYS &&
                                is_newer(s, newest))
                        newest = s;
        }
        return newest && newest->talk_test == TALK_TEST_FAIL ? newest : NULL;
}

/* The nearest first. */
static void advise_of_races_ahead(const CoachFacts *f, CoachDay *day)
{
        for (Day ahead = 1; ahead <= COACH_RACE_AHEAD_DAYS; ahead++) {
                const CoachRace *race = coach_race_on(f, f->date + ahead);

                if (race)
                        advise(day, (CoachAdvice){ .key = ADVICE_RACE_AHEAD,
                                                    .figure = (unsigned)ahead,
                                                    .date = race->date,
                                                    .distance = race->distance });
        }
}

/* Nothing speaks against it, and it has not been done yet. */
static bool hard_is_welcome(const CoachFacts *f, const CoachDay *day)
{
        return f->scan.feel == FEEL_GREAT && day->kind == KIND_BASE && coach_allows(day, KIND_HARD) &&
               day->rule == RULE_NONE && day->n_pains == 0 && !(day->resting_delta >= RESTING_HIGH_BPM) &&
               !coach_has_session(f, f->date, KIND_HARD);
}

/* A word only when it leaves what is usual. */
static void advise_of_rmssd(const CoachFacts *f, CoachDay *day)
{
        RmssdUsual usual = rmssd_usual(f->morning, f->n_mornings, f->date);
        CoachAdvice advice = { .key = ADVICE_NONE };

        if (usual.mean < usual.low) /* false for NAN */
                advice.key = ADVICE_RMSSD_LOW;
        else if (usual.mean > usual.high)
                advice.key = ADVICE_RMSSD_HIGH;
        if (advice.key == ADVICE_NONE)
                return;
        advice.figure = (unsigned)lround(usual.mean);
        advise(day, advice);
}

/* Where another rule has the day, the body has a say all the same. */
static void advise_of_body(const CoachFacts *f, CoachDay *day)
{
        const CoachSession *breathless = failed_talk_test_lately(f);

        if (f->scan.feel == FEEL_WORN_OUT && day->rule != RULE_RUN_DOWN && day->rule != RULE_WORN_OUT)
                advise_key(day, ADVICE_WORN_OUT);
        if (f->scan.feel == FEEL_TIRED && day->rule != RULE_TIRED && kind_is_run(day->kind))
                advise_key(day, ADVICE_TIRED);
        if (f->scan.sore && day->rule != RULE_SORE)
                advise_key(day, ADVICE_SORE);
        if (day->resting_delta >= RESTING_HIGH_BPM && day->rule != RULE_RUN_DOWN)
                advise(day, (CoachAdvice){ .key = ADVICE_RESTING_HIGH,
                                            .figure = (unsigned)lround(day->resting_delta) });
        advise_of_rmssd(f, day);
        if (kind_is_run(day->kind) && breathless)
                advise(day, (CoachAdvice){ .key = ADVICE_TALK_TEST,
                                            .id = breathless->id,
                                            .date = breathless->date });
        if (hard_is_welcome(f, day))
                advise_key(day, ADVICE_HARD_WELCOME);
}

/* For legs that hurt, are tired, rest, or are to be fresh for a race. */
static bool is_gentle_day(const CoachFacts *f, const CoachDay *day)
{
        return day->n_pains > 0 || f->scan.sore || (f->scan.feel > 0 && f->scan.feel <= FEEL_TIRED) ||
               !kind_is_run(day->kind) || coach_race_on(f, f->date + 1) || coach_race_on(f, f->date + 2);
}

/* What the day does not allow is not advised, nor what loads legs that are to be spared. */
static AdviceKey advice_that_holds(const CoachFacts *f, const Answer *a, const CoachDay *day, AdviceKey key)
{
        if (key == ADVICE_ONE_HARD_WORKOUT && (a->hard_done || coach_has_session(f, f->date, KIND_HARD)))
                return ADVICE_HARD_WORKOUT_DONE;
        if ((key == ADVICE_ONE_HARD_WORKOUT || key == ADVICE_ONE_LIGHT_WORKOUT || key == ADVICE_OR_NORMAL) &&
                        !coach_allows(day, KIND_HARD))
                return ADVICE_NONE;
        if (key == ADVICE_CONVERSATION && day->kind == KIND_RECOVERY && !isnan(day->pace_limit))
                return ADVICE_NONE; /* advise_of_pace() says more */
        return key == ADVICE_STRIDES && is_gentle_day(f, day) ? ADVICE_NONE : key;
}

/* Whole minutes, 0 for NAN. */
static unsigned minutes_of(double seconds)
{
        return seconds >= 0 ? (unsigned)lround(seconds / 60) : 0;
}

static void advise_of_row(const CoachFacts *f, const Answer *a, CoachDay *day)
{
        for (size_t i = 0; i < ROW_ADVICE_MAX; i++) {
                CoachAdvice advice = { .key = advice_that_holds(f, a, day, a->row->advice[i]) };

                if (advice.key == ADVICE_SHORTER)
                        advice.figure = minutes_of(day->median_base_s);
                else if (advice.key == ADVICE_RESTING_HIGH)
                        advice.figure = (unsigned)lround(day->resting_delta);
                advise(day, advice);
        }
}

static void advise_of_pace(CoachDay *day)
{
        if (day->kind == KIND_RECOVERY && !isnan(day->pace_limit))
                advise_key(day, ADVICE_PACE);
}

static void advise_of_race(const CoachFacts *f, CoachDay *day)
{
        static const AdviceKey afterwards[_DISTANCE_MAX][2] = {
                [DISTANCE_5K] = { ADVICE_AFTER_SHORT, ADVICE_COOL_DOWN },
                [DISTANCE_10K] = { ADVICE_AFTER_SHORT, ADVICE_COOL_DOWN },
                [DISTANCE_HALF] = { ADVICE_AFTER_HALF, ADVICE_JOG_10 },
                [DISTANCE_MARATHON] = { ADVICE_AFTER_MARATHON, ADVICE_WALK },
        };
        Distance distance = (Distance)day->rule;

        /* A start with a pain is the one thing that cannot wait. */
        advise_of_pains(day);
        for (size_t i = 0; i < 2; i++)
                advise(day, (CoachAdvice){ .key = afterwards[distance][i], .distance = distance });
        ask_of_races(f, day);
}

/* A pain that stops goes before all else, a race of the day's among it. */
static void advise_to_stop(const CoachFacts *f, CoachDay *day)
{
        const CoachRace *race = coach_race_on(f, f->date);

        advise_key(day, ADVICE_PROFESSIONAL);
        if (race)
                advise(day, (CoachAdvice){ .key = ADVICE_RACE_LET_GO, .distance = race->distance });
        advise_of_pains(day);
}

/* Questions first, then what to do, then what else there is to know. */
static void advise_of_day(const CoachFacts *f, const Answer *a, CoachDay *day)
{
        bool pain_has_day = day->rule == RULE_PAIN;

        if (!pain_has_day)
                advise_of_pains(day);
        ask_of_races(f, day);
        if (a->row)
                advise_of_row(f, a, day);
        advise_of_pace(day);
        if (pain_has_day)
                advise_of_pains(day);
        if (day->kind == KIND_LONG)
                advise(day, (CoachAdvice){ .key = day->min_minutes > 0 ? ADVICE_LONG : ADVICE_LONG_FIRST,
                                            .figure = day->min_minutes });
        advise_of_body(f, day);
        advise_of_races_ahead(f, day);
}

void coach_advise(const CoachFacts *f, const Answer *a, CoachDay *day)
{
        if (day->pain_stops)
                advise_to_stop(f, day);
        else if (day->kind == KIND_RACE)
                advise_of_race(f, day);
        else
                advise_of_day(f, a, day);
}

/* -- Care -------------------------------------------------------------------------------------------------------- */

static void care_for(CoachDay *day, CareKey key, unsigned figure)
{
        for (size_t i = 0; i < day->n_care; i++)
                if (day->care[i].key == key)
                        return;
        if (key != CARE_NONE && day->n_care < COACH_CARE_MAX)
                day->care[day->n_care++] = (CoachCare){
                        .key = key, .figure = figure, .after_race = day->kind == KIND_RACE
                };
}

static bool is_streak_worth_a_word(unsigned days)
{
        return days == 7 || days == 14 || days == 21 || (days > 0 && days % 30 == 0);
}

/* Nothing of it loads what hurts. */
static bool is_gentle(CareKey key)
{
        return key != CARE_BAREFOOT_STRIDES && key != CARE_STRENGTH && key != CARE_PRE_RUN;
}

/* A row has more than is said on one day: which of it goes by the date. */
static void care_of_row(const CareKey care[static ROW_CARE_MAX], bool gentle, CoachDay *day)
{
        size_t n = 0;

        while (n < ROW_CARE_MAX && care[n] != CARE_NONE)
                n++;
        for (size_t i = 0; i < n; i++) {
                CareKey key = care[((size_t)(day->date - DAY_MIN) + i) % n];

                if (!gentle || is_gentle(key))
                        care_for(day, key, 0);
        }
}

/* One a day, in turn. */
static void care_of_pool(bool gentle, CoachDay *day)
{
        static const CareKey pool[] = { CARE_STRETCH, CARE_ROLL, CARE_PRE_RUN, CARE_STRENGTH };
        static const CareKey gentle_pool[] = { CARE_STRETCH, CARE_ROLL, CARE_LEGS_UP };
        size_t turn = (size_t)(day->date - DAY_MIN);

        care_for(day, gentle ? gentle_pool[turn % ELEMENTSOF(gentle_pool)] : pool[turn % ELEMENTSOF(pool)],
                        0);
}

void coach_care(const CoachFacts *f, const Answer *a, CoachDay *day)
{
        static const CareKey after_race[_DISTANCE_MAX][ROW_CARE_MAX] = {
                [DISTANCE_5K] = { CARE_WARM_CLOTHES, CARE_STRETCH },
                [DISTANCE_10K] = { CARE_WARM_CLOTHES, CARE_STRETCH },
                [DISTANCE_HALF] = { CARE_MASSAGE, CARE_STRETCH },
                [DISTANCE_MARATHON] = { CARE_WARM_CLOTHES, CARE_STRETCH, CARE_MASSAGE },
        };
        bool gentle = is_gentle_day(f, day);

        if (day->pain_stops) {
                care_for(day, CARE_PROFESSIONAL, 0);
                return;
        }
        if (day->kind == KIND_RACE) {
                care_of_row(after_race[day->rule], true, day);
                return;
        }
        if (is_streak_worth_a_word(day->streak))
                care_for(day, CARE_STREAK, day->streak);
        if (f->scan.low_mood)
                care_for(day, kind_is_run(day->kind) ? CARE_FRIEND : CARE_WALK_WITH_FRIEND, 0);
        if (a->row)
                care_of_row(a->row->care, gentle, day);
        if (day->n_care == 0 || !a->row || a->row->care[0] == CARE_NONE)
                care_of_pool(gentle, day);
}
