/* SPDX-License-Identifier: MIT */

/* How a session went, against what its day asked for. No clock. */

#include "coach-internal.h"

#include <math.h>

/* Over the day's most, or as far over the length of a base run, before it is said. */
#define LENGTH_LEEWAY 1.1
/* Close is good enough: so much may be over, and a breach so long. */
#define OVER_PERCENT_MAX 10.0
#define BREACH_MAX_S     120.0

/* What a session is judged as; _KIND_INVALID = not at all. */
static Kind asked_of(const CoachDay *day, const CoachRun *run)
{
        Kind asked = run->said ? run->kind : day->kind;

        /* What a day allows gets figures, and no verdict: nothing was asked of it. The hard steps of a workout had no
         * ceiling, and the heart is slow to come back after them, so its figures decide nothing. */
        if (run->workout || !kind_is_run(run->kind))
                return _KIND_INVALID;
        if (run->kind >= KIND_LONG && (run->said || coach_allows(day, run->kind)))
                return _KIND_INVALID;
        /* A shorter run on the day of a long one. */
        if (asked == KIND_LONG)
                return KIND_BASE;
        return asked == KIND_RECOVERY || asked == KIND_BASE ? asked : _KIND_INVALID;
}

static bool is_too_fast(const CoachRun *run)
{
        if (run->talk_test == TALK_TEST_FAIL)
                return true;
        return run->has_ceiling && run->live_s > 0 &&
               (100 * run->over_s > OVER_PERCENT_MAX * run->live_s || run->longest_breach_s > BREACH_MAX_S);
}

static bool is_too_long(const CoachDay *day, const CoachVerdict *v)
{
        if (day->max_minutes > 0 && v->duration_s > LENGTH_LEEWAY * 60 * day->max_minutes)
                return true;
        return v->asked == KIND_RECOVERY &&
               v->duration_s > LENGTH_LEEWAY * v->median_base_s; /* false for NAN */
}

static VerdictKey judge(const CoachDay *day, const CoachRun *run, CoachVerdict *v)
{
        if (run->duration_s < COACH_SAY_FROM_S)
                return VERDICT_NONE;
        if (kind_is_run(run->kind) && (day->pain_stops || !kind_is_run(day->kind))) {
                v->pain_stops = day->pain_stops;
                v->perhaps = !run->said && !run->seen_running && !day->pain_stops;
                return VERDICT_REST_WAS_DUE;
        }
        if (v->asked < 0)
                return VERDICT_NONE;
        if (run->live_s <= 0 && run->talk_test < 0)
                return VERDICT_UNKNOWN;
        if (is_too_fast(run))
                return VERDICT_TOO_FAST;
        if (is_too_long(day, v))
                return VERDICT_TOO_LONG;
        /* A hard or long run that kept to its ceiling was no good recovery run all the same. */
        if (run->kind >= KIND_LONG)
                return VERDICT_NONE;
        /* Without a ceiling only the talk test decides. */
        return run->has_ceiling || run->talk_test == TALK_TEST_PASS ? VERDICT_GOOD : VERDICT_NONE;
}

void coach_verdict(const CoachFacts *facts, const CoachDay *day, const CoachRun *run, CoachVerdict *ret)
{
        CoachVerdict v = {
                .id = run->id,
                .day_kind = day->kind,
                .asked = asked_of(day, run),
                .talk_test_failed = run->talk_test == TALK_TEST_FAIL,
                .max_minutes = day->max_minutes,
                .duration_s = run->duration_s,
                .over_s = run->over_s,
                .breaches = run->breaches,
                .longest_breach_s = run->longest_breach_s,
                .easy_percent = NAN,
                .median_base_s = coach_median_run_s(facts, COACH_BASE_DAYS, true, run->id),
        };

        if (run->has_ceiling && run->live_s > 0)
                v.easy_percent = 100 * (1 - run->over_s / run->live_s);
        v.key = judge(day, run, &v);
        v.ask_talk_test = run->talk_test < 0 && run->duration_s >= COACH_SAY_FROM_S && v.asked >= 0;
        *ret = v;
}
