/* SPDX-License-Identifier: MIT */

/* What is said of a session: in its first minutes; and the verdict when it is over, its five keys in their order, each at its
 * border, and what gets none. */

#include "coach-fixture.h"

/* -- In the first minutes of a session -- */

/* "if the day asks for rest, cross-training (not if that was said or a workout runs; as a question unless pod or treadmill saw
 * running), one easy mile or fewer minutes than the runner usually runs" */
static void first_minutes(void **state)
{
        /* For each kind said (rest, cross-training, recovery, base, long, hard, race) and for none: - silent, y said, ? asked;
         * then the same with a workout. */
        static const struct {
                Distance distance;
                int days; /* after the race */
                const char *speaks, *in_workout;
        } cases[] = {
                { DISTANCE_MARATHON, 0, "--------", "--------" },
                { DISTANCE_MARATHON, 1, "--yyyyy?", "--------" },
                { DISTANCE_MARATHON, 2, "--yyyyy?", "--------" },
                { DISTANCE_MARATHON, 7, "--yyyyyy", "--yyyyyy" },
                { DISTANCE_MARATHON, 14, "--------", "--------" },
                { DISTANCE_MARATHON, 15, "--------", "--------" },
                { DISTANCE_HALF, 1, "--yyyyyy", "--yyyyyy" },
                { DISTANCE_HALF, 8, "--------", "--------" },
                { DISTANCE_10K, 1, "--------", "--------" },
                { DISTANCE_5K, -1, "--yyyyyy", "--yyyyyy" },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned moving = 0; moving <= 1; moving++)
                        for (unsigned workout = 0; workout <= 1; workout++)
                                for (size_t kind = 0; kind <= _KIND_MAX; kind++) {
                                        char expected = (workout ? cases[i].in_workout
                                                                 : cases[i].speaks)[kind];
                                        CoachFacts f = facts_today();
                                        char buf[COACH_TEXT_MAX];
                                        CoachDay day;
                                        bool speaks;

                                        add_race(&f, cases[i].days, cases[i].distance);
                                        day = ask(&f, &c);
                                        speaks = coach_session_advice(&day,
                                                        kind < _KIND_MAX ? (Kind)kind : _KIND_INVALID,
                                                        workout, moving, buf);
                                        if (speaks != (expected != '-'))
                                                fail_msg("case %zu, kind %zu: %s", i, kind, buf);
                                        assert_int_equal(speaks, buf[0] != '\0');
                                        if (speaks)
                                                assert_int_equal(strncmp(buf, "If this is a run, ", 18) == 0,
                                                                expected == '?' && !moving);
                                }
}

/* Fewer minutes than usual, only where they are fewer; one easy mile whatever is usual. */
static void first_minutes_of_a_short_day(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        char buf[COACH_TEXT_MAX];
        CoachDay day;

        (void)state;
        add_race(&f, 1, DISTANCE_HALF);
        add_session(&f, 5, KIND_BASE, 30);
        day = ask(&f, &c);
        assert_false(coach_session_advice(&day, _KIND_INVALID, false, false, buf));
        f.session[0].duration_s += 1;
        day = ask(&f, &c);
        assert_true(coach_session_advice(&day, _KIND_INVALID, false, false, buf));

        f = facts_today();
        add_session(&f, 5, KIND_BASE, 12);
        add_pain(&f, 2, false, "left knee");
        day = ask(&f, &c);
        assert_true(coach_session_advice(&day, _KIND_INVALID, false, false, buf));
        assert_non_null(strstr(buf, "one easy mile"));
}

/* A pain that stops is no question, but for who said that it is no run. */
static void first_minutes_with_a_pain_that_stops(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        char buf[COACH_TEXT_MAX];
        CoachDay day;

        (void)state;
        add_race(&f, 0, DISTANCE_10K);
        add_pain(&f, 40, true, "shin");
        day = ask(&f, &c);
        assert_true(coach_session_advice(&day, _KIND_INVALID, false, false, buf));
        assert_true(coach_session_advice(&day, KIND_RACE, false, false, buf));
        assert_true(coach_session_advice(&day, _KIND_INVALID, true, false, buf));
        assert_non_null(strstr(buf, "shin"));
        assert_non_null(strstr(buf, "professional"));
        assert_false(coach_session_advice(&day, KIND_CROSS_TRAINING, false, false, buf));
}

/* -- The verdict -- */

/* A day of each kind, made by what lies behind it or, for hard, asked of none: hard days are base days. */
static CoachFacts facts_of_kind(Kind kind)
{
        CoachFacts f = facts_today();

        if (kind == KIND_REST)
                add_race(&f, 1, DISTANCE_MARATHON);
        else if (kind == KIND_CROSS_TRAINING)
                add_race(&f, 2, DISTANCE_MARATHON);
        else if (kind == KIND_RECOVERY)
                add_session(&f, 1, KIND_HARD, 40);
        else if (kind == KIND_LONG)
                f.last_long = f.date - 7;
        else if (kind == KIND_RACE)
                add_race(&f, 0, DISTANCE_10K);
        return f;
}

/* What the day asked for and what was run, said or not, by a letter for the key: R rest-was-due, q the same as a question,
 * g good, - none. "long, hard, race, workout and cross-training sessions on days that allow them get figures and no verdict" */
static void verdict_of_day_and_kind(void **state)
{
        static const Kind days[] = { KIND_REST, KIND_CROSS_TRAINING, KIND_RECOVERY, KIND_BASE, KIND_LONG,
                KIND_RACE };
        /* By the session's kind: rest, cross-training, recovery, base, long, hard, race. */
        static const char *const not_said[] = {
                "--qqqqq", /* rest */
                "--qqqqq", /* cross-training */
                "--gg---", /* recovery: no praise for a hard or a long one, even if the ceiling was kept */
                "--gg---", /* base */
                "--gg---", /* long */
                "-------", /* race: warm-up and cool-down among it */
        };
        static const char *const said[] = {
                "--RRRRR",
                "--RRRRR",
                "--gg---",
                "--gg---",
                "--gg---",
                "--gg---",
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t d = 0; d < ELEMENTSOF(days); d++)
                for (unsigned kind = 0; kind < _KIND_MAX; kind++)
                        for (int by_runner = 0; by_runner <= 1; by_runner++) {
                                CoachFacts f = facts_of_kind(days[d]);
                                CoachRun run = run_of((Kind)kind);
                                char expected = (by_runner ? said : not_said)[d][kind], found;
                                CoachVerdict v;

                                run.said = by_runner;
                                assert_kind(ask(&f, &c).kind, days[d]);
                                v = judge_run(&f, &c, &run);
                                found = v.key == VERDICT_NONE           ? '-'
                                        : v.key == VERDICT_GOOD         ? 'g'
                                        : v.key != VERDICT_REST_WAS_DUE ? '?'
                                        : v.perhaps                     ? 'q'
                                                                        : 'R';
                                if (found != expected)
                                        fail_msg("%s on a day of %s, said %d: '%c', expected '%c'",
                                                        kind_to_string((Kind)kind), kind_to_string(days[d]),
                                                        by_runner, found, expected);
                        }
}

/* A run that is long by its record on a day of recovery is judged as what was asked for. */
static void verdict_asked(void **state)
{
        static const struct {
                Kind day, run;
                bool said;
                Kind asked;
        } cases[] = {
                { KIND_RECOVERY, KIND_BASE, false, KIND_RECOVERY },
                { KIND_RECOVERY, KIND_LONG, false, KIND_RECOVERY },
                { KIND_RECOVERY, KIND_HARD, false, KIND_RECOVERY },
                { KIND_RECOVERY, KIND_BASE, true, KIND_BASE },
                { KIND_BASE, KIND_RECOVERY, false, KIND_BASE },
                { KIND_BASE, KIND_RECOVERY, true, KIND_RECOVERY },
                { KIND_LONG, KIND_BASE, false, KIND_BASE },
                { KIND_RECOVERY, KIND_HARD, true, _KIND_INVALID },
                { KIND_BASE, KIND_LONG, false, _KIND_INVALID },
                { KIND_RECOVERY, KIND_CROSS_TRAINING, false, _KIND_INVALID },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_of_kind(cases[i].day);
                CoachRun run = run_of(cases[i].run);

                run.said = cases[i].said;
                assert_kind(judge_run(&f, &c, &run).asked, cases[i].asked);
        }
}

/* "`rest-was-due` … or a pain stops": on a race day, too; and whatever was said it is no question. */
static void verdict_with_a_pain_that_stops(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned day = 0; day < _KIND_MAX; day++)
                for (unsigned kind = 0; kind < _KIND_MAX; kind++)
                        for (int said = 0; said <= 1; said++) {
                                CoachFacts f = facts_of_kind((Kind)day);
                                CoachRun run = run_of((Kind)kind);
                                CoachVerdict v;

                                run.said = said;
                                add_pain(&f, 3, true, "shin");
                                v = judge_run(&f, &c, &run);
                                assert_verdict(&v, kind_is_run((Kind)kind) ? VERDICT_REST_WAS_DUE
                                                                           : VERDICT_NONE);
                                assert_int_equal(v.pain_stops, kind_is_run((Kind)kind));
                                assert_false(v.perhaps);
                        }
}

/* "The words", and keys, "the first that holds": a run that is all of them at once loses them one by one. */
static void verdict_keys_in_their_order(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachRun run = run_of(KIND_RECOVERY);
        CoachVerdict v;

        (void)state;
        add_race(&f, 1, DISTANCE_HALF); /* at most 30 minutes */
        add_race(&f, 2, DISTANCE_MARATHON);
        run.duration_s = 3600;
        run.live_s = 0;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_REST_WAS_DUE);
        f.n_races = 1;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_UNKNOWN);
        run.talk_test = TALK_TEST_FAIL;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_TOO_FAST);
        run.talk_test = TALK_TEST_PASS;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_TOO_LONG);
        run.duration_s = 1800;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_GOOD);
}

/* "`too-fast` | talk test failed, or more than 10 % of `live_s` over, or one breach longer than 2 min" */
static void verdict_too_fast(void **state)
{
        static const struct {
                double live_s, over_s, breach_s;
                TalkTest talk_test;
                bool has_ceiling;
                VerdictKey expected;
        } cases[] = {
                { 3600, 12, 12, _TALK_TEST_INVALID, true, VERDICT_GOOD }, /* twelve seconds in an hour */
                { 3600, 360, 120, _TALK_TEST_INVALID, true, VERDICT_GOOD },
                { 3600, 360.1, 120, _TALK_TEST_INVALID, true, VERDICT_TOO_FAST },
                { 3600, 121, 120.1, _TALK_TEST_INVALID, true, VERDICT_TOO_FAST },
                { 3600, 0, 0, TALK_TEST_FAIL, true, VERDICT_TOO_FAST },
                { 3600, 0, 0, TALK_TEST_PASS, true, VERDICT_GOOD },
                /* The heart rate is above the talk test: a passed one does not make it slower. */
                { 3600, 1800, 900, TALK_TEST_PASS, true, VERDICT_TOO_FAST },
                /* Without a ceiling there is the talk test alone. */
                { 3600, 0, 0, _TALK_TEST_INVALID, false, VERDICT_NONE },
                { 3600, 0, 0, TALK_TEST_PASS, false, VERDICT_GOOD },
                { 3600, 0, 0, TALK_TEST_FAIL, false, VERDICT_TOO_FAST },
                /* Without a heart rate, too; and without either nothing is known. */
                { 0, 0, 0, TALK_TEST_PASS, false, VERDICT_GOOD },
                { 0, 0, 0, TALK_TEST_FAIL, true, VERDICT_TOO_FAST },
                { 0, 0, 0, _TALK_TEST_INVALID, true, VERDICT_UNKNOWN },
                { 0, 0, 0, _TALK_TEST_INVALID, false, VERDICT_UNKNOWN },
        };
        static const Kind kinds[] = { KIND_RECOVERY, KIND_BASE };
        CoachConfig c = config_default();

        (void)state;
        for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        CoachFacts f = facts_of_kind(kinds[k]);
                        CoachRun run = { .id = 99,
                                .kind = kinds[k],
                                .duration_s = 3600,
                                .live_s = cases[i].live_s,
                                .over_s = cases[i].over_s,
                                .longest_breach_s = cases[i].breach_s,
                                .breaches = cases[i].breach_s > 0,
                                .has_ceiling = cases[i].has_ceiling,
                                .talk_test = cases[i].talk_test };
                        CoachVerdict v = judge_run(&f, &c, &run);

                        if (v.key != cases[i].expected)
                                fail_msg("case %zu: '%s'", i, verdict_key_to_string(v.key));
                        assert_int_equal(v.ask_talk_test, run.talk_test < 0);
                        assert_int_equal(v.talk_test_failed, run.talk_test == TALK_TEST_FAIL);
                        if (run.has_ceiling && run.live_s > 0)
                                assert_true(fabs(v.easy_percent - 100 * (1 - run.over_s / 3600)) < 1e-9);
                        else
                                assert_true(isnan(v.easy_percent));
                }
}

/* "`too-long` | more than 10 % longer than the day's most minutes, or, asked for recovery, than the median base run" */
static void verdict_too_long(void **state)
{
        static const struct {
                int race_days; /* after a half marathon; day 1 is 30 minutes at most, day 3 recovery, day 2 base */
                double base_minutes, minutes;
                VerdictKey expected;
        } cases[] = {
                { 1, 0, 33, VERDICT_GOOD },
                { 1, 0, 33.1, VERDICT_TOO_LONG },
                { 1, 0, 60, VERDICT_TOO_LONG }, /* an hour on a twenty-minute day */
                { 1, 20, 22, VERDICT_GOOD },
                { 1, 20, 22.1, VERDICT_TOO_LONG },
                { 1, 60, 33.1, VERDICT_TOO_LONG },
                { 3, 0, 180, VERDICT_GOOD }, /* longer than what? */
                { 3, 50, 55, VERDICT_GOOD },
                { 3, 50, 55.1, VERDICT_TOO_LONG },
                { 2, 50, 180, VERDICT_GOOD },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_today();
                CoachRun run = run_of(KIND_BASE);
                CoachVerdict v;

                add_race(&f, cases[i].race_days, DISTANCE_HALF);
                if (cases[i].base_minutes > 0)
                        add_session(&f, 20, KIND_BASE, cases[i].base_minutes);
                run.duration_s = 60 * cases[i].minutes;
                v = judge_run(&f, &c, &run);
                if (v.key != cases[i].expected)
                        fail_msg("case %zu: '%s'", i, verdict_key_to_string(v.key));
        }
}

/* Said to be a recovery run it is compared with the base runs on a day of base, too; and a run not with itself. */
static void verdict_compares_with_base_runs(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachRun run = run_of(KIND_RECOVERY);
        CoachVerdict v;

        (void)state;
        add_session(&f, 4, KIND_BASE, 40);
        add_session(&f, 41, KIND_BASE, 54);
        add_session(&f, 42, KIND_BASE, 900);
        add_session(&f, 0, KIND_BASE, 100);
        run.id = 4;
        run.said = true;
        run.duration_s = 51.8 * 60;
        v = judge_run(&f, &c, &run);
        assert_true(v.median_base_s == 47 * 60);
        assert_verdict(&v, VERDICT_TOO_LONG);
        run.said = false;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_GOOD);
}

/* "Sessions under 10 min have no say in … verdicts" */
static void verdict_of_short_sessions(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned day = 0; day < _KIND_MAX; day++) {
                CoachFacts f = facts_of_kind((Kind)day);
                CoachRun run = run_of(KIND_RECOVERY);
                CoachVerdict v;

                run.talk_test = TALK_TEST_FAIL;
                run.said = true;
                run.duration_s = 599.9;
                v = judge_run(&f, &c, &run);
                assert_verdict(&v, VERDICT_NONE);
                assert_false(v.ask_talk_test);
                run.duration_s = 600;
                run.talk_test = _TALK_TEST_INVALID;
                v = judge_run(&f, &c, &run);
                assert_true(v.ask_talk_test);
                run.talk_test = TALK_TEST_FAIL;
                v = judge_run(&f, &c, &run);
                assert_verdict(&v, kind_is_run(ask(&f, &c).kind) ? VERDICT_TOO_FAST : VERDICT_REST_WAS_DUE);
        }
}

/* The hard steps of a workout have no ceiling: no praise for having kept it, and no blame for what came after them. */
static void verdict_of_workouts(void **state)
{
        static const Kind days[] = { KIND_RECOVERY, KIND_BASE, KIND_LONG, KIND_RACE };
        CoachConfig c = config_default();

        (void)state;
        for (size_t d = 0; d < ELEMENTSOF(days); d++)
                for (unsigned kind = KIND_RECOVERY; kind < _KIND_MAX; kind++) {
                        CoachFacts f = facts_of_kind(days[d]);
                        CoachRun run = run_of((Kind)kind);
                        CoachVerdict v;

                        run.workout = true;
                        run.over_s = 900;
                        v = judge_run(&f, &c, &run);
                        assert_verdict(&v, VERDICT_NONE);
                        assert_true(v.easy_percent == 50);
                        run.over_s = 0;
                        v = judge_run(&f, &c, &run);
                        assert_verdict(&v, VERDICT_NONE);
                }
}

/* The talk test is asked for where a recovery or base run is judged. */
static void verdict_asks_for_the_talk_test(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned day = KIND_RECOVERY; day < _KIND_MAX; day++)
                for (unsigned kind = 0; kind < _KIND_MAX; kind++)
                        for (int test = 0; test <= 1; test++) {
                                CoachFacts f = facts_of_kind((Kind)day);
                                CoachRun run = run_of((Kind)kind);
                                CoachVerdict v;

                                run.said = true;
                                if (test)
                                        run.talk_test = TALK_TEST_PASS;
                                v = judge_run(&f, &c, &run);
                                assert_int_equal(v.ask_talk_test,
                                                !test && (kind == KIND_RECOVERY || kind == KIND_BASE));
                        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(first_minutes),
                cmocka_unit_test(first_minutes_of_a_short_day),
                cmocka_unit_test(first_minutes_with_a_pain_that_stops),
                cmocka_unit_test(verdict_of_day_and_kind),
                cmocka_unit_test(verdict_asked),
                cmocka_unit_test(verdict_with_a_pain_that_stops),
                cmocka_unit_test(verdict_keys_in_their_order),
                cmocka_unit_test(verdict_too_fast),
                cmocka_unit_test(verdict_too_long),
                cmocka_unit_test(verdict_compares_with_base_runs),
                cmocka_unit_test(verdict_of_short_sessions),
                cmocka_unit_test(verdict_of_workouts),
                cmocka_unit_test(verdict_asks_for_the_talk_test),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
