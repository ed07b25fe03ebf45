/* SPDX-License-Identifier: MIT */

/* The handbook's rules 1 to 7 and the rows of the coach's table, tests named after each: what to run, and when. Rule 4, the
 * pace, is not the coach's. Rules that need a strap, a limiter or a database are tested here as far as they are a matter of
 * logic. Races: test-coach-race.c. What the runner says of the body, and who the runner is: test-coach-runner.c. */

#include "coach-fixture.h"

#include "cardio/limiter.h"

/* -- 1. Recovery ceiling -- */

static double ceiling_bpm(const CoachDay *day, unsigned age)
{
        Runner runner = { .resting = day->resting.heart_rate, .maximum = hrmax_from_age(HRMAX_FOX, age) };
        double bpm;

        return intensity_to_bpm(&day->ceiling, &runner, &bpm) > 0 ? bpm : NAN;
}

/* Age 23, resting 50: HRmax 197, reserve 147, and 65 % of the reserve above resting is 145.55 to the last bit. A new
 * morning moves it. */
static void rule_01_recovery_ceiling(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 1, KIND_HARD, 45);
        for (int i = 1; i <= 7; i++)
                add_morning(&f, i, 50);
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_RECOVERY);
        assert_true(ceiling_bpm(&day, 23) == 145.55);

        add_morning(&f, 0, 57);
        day = ask(&f, &c);
        assert_true(day.resting.heart_rate == 51);
        assert_true(ceiling_bpm(&day, 23) == 145.9);
}

/* What `auto` stands for, by the kind of day. */
static void rule_01_ceiling_of_each_kind(void **state)
{
        static const struct {
                Kind kind;
                const char *ceiling;
        } kinds[] = {
                { KIND_REST, "65%hrr" },
                { KIND_CROSS_TRAINING, "65%hrr" },
                { KIND_RECOVERY, "65%hrr" },
                { KIND_BASE, "150" },
                { KIND_LONG, "150" },
                { KIND_HARD, "off" },
                { KIND_RACE, "off" },
        };
        CoachConfig c = config_default();
        char buf[INTENSITY_STRING_MAX];

        (void)state;
        assert_int_equal(ELEMENTSOF(kinds), _KIND_MAX);
        c.base_ceiling = (Intensity){ INTENSITY_BPM, 150 };
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                Intensity ceiling = coach_ceiling(&c, kinds[i].kind);

                assert_string_equal(intensity_to_string(&ceiling, buf), kinds[i].ceiling);
        }
}

/* -- 2. Close is good enough -- */

/* A short overshoot begins no breach: the heart rate with which its tenth second is full is in range again. And a run with
 * time over but without a breach is no offence. */
static void rule_02_close_is_good_enough(void **state)
{
        LimiterConfig limits = {
                .tolerance = 2, .hold_usec = 10 * USEC_PER_SEC, .clear_usec = 15 * USEC_PER_SEC
        };
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachRun run = run_of(KIND_RECOVERY);
        CoachVerdict v;
        Limiter l = { 0 };

        (void)state;
        limiter_begin(&l, 145.55);
        for (unsigned t = 1; t <= 60; t++) {
                const LimiterValue value = {
                        .at_usec = t * USEC_PER_SEC, .value = t > 20 && t <= 30 ? 160 : 147, .counts = true
                };

                assert_int_equal(limiter_update(&l, &limits, &value, t > 1 ? USEC_PER_SEC : 0), 0);
        }
        run.over_s = 9;
        v = judge_run(&f, &c, &run);
        assert_verdict(&v, VERDICT_GOOD);
        assert_true(v.easy_percent == 99.5);
}

/* -- 3. Resting heart rate is measured -- */

static void rule_03_resting_is_measured(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day = ask(&f, &c);

        (void)state;
        assert_true(day.resting.heart_rate == 60 && day.resting.provisional);
        assert_true(isnan(day.resting_delta));

        for (int i = 6; i >= 0; i--) {
                assert_true(ask(&f, &c).resting.provisional);
                add_morning(&f, i, 50 + i);
        }
        day = ask(&f, &c);
        assert_false(day.resting.provisional);
        assert_true(day.resting.heart_rate == 53);
        assert_true(day.resting_delta == -3);
        assert_false(advises(&day, ADVICE_RESTING_HIGH));

        f.morning[6].heart_rate = 62;
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_RESTING_HIGH));
        assert_int_equal(find_advice(&day, ADVICE_RESTING_HIGH)->figure, 7);
        assert_kind(day.kind, KIND_BASE); /* alone it has no say */
}

/* -- 5. Length -- */

/* Typically shorter than base runs: the coach says how long those are, from the base runs of six weeks. */
static void rule_05_length(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 1, KIND_HARD, 30);
        add_session(&f, 5, KIND_RECOVERY, 20);
        day = ask(&f, &c);
        assert_int_equal(find_advice(&day, ADVICE_SHORTER)->figure, 0);

        add_session(&f, 4, KIND_BASE, 40);
        add_session(&f, 41, KIND_BASE, 54);
        add_session(&f, 42, KIND_BASE, 900);
        add_session(&f, 3, KIND_BASE, 9.9); /* under 10 minutes: no say in medians */
        day = ask(&f, &c);
        assert_int_equal(find_advice(&day, ADVICE_SHORTER)->figure, 47);
        add_session(&f, 0, KIND_BASE, 90);
        day = ask(&f, &c);
        assert_int_equal(find_advice(&day, ADVICE_SHORTER)->figure, 54);
}

/* -- 6. "hard | 1 · 2 | recovery · base; with `phase = intensity` 1–2 recovery, 3 base" -- */

static void rule_06_after_hard(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int off = 0; off <= 1; off++) {
                c.rest_days = off;
                c.phase = PHASE_BASE;
                assert_after_session(KIND_HARD, &c, " rb  ");
                c.phase = PHASE_INTENSITY;
                assert_after_session(KIND_HARD, &c, " rrb  ");
        }
        assert_after_session(KIND_BASE, &c, "   ");
        assert_after_session(KIND_RECOVERY, &c, "   ");
        assert_after_session(KIND_CROSS_TRAINING, &c, "   ");
}

/* What is advised on the days after a hard or a long run, for each level. */
static void rule_06_07_advice(void **state)
{
        static const AdviceKey rest[] = { ADVICE_NO_RUNNING, ADVICE_NONE },
                               recovery[] = { ADVICE_SHORTER, ADVICE_CONVERSATION },
                               cross[] = { ADVICE_CROSS_TRAINING, ADVICE_OR_EASY };
        static const struct {
                Level level;
                Phase phase;
                bool days_off;
                Kind kind;
                int days;
                const AdviceKey *advice;
        } cases[] = {
                { LEVEL_REGULAR, PHASE_BASE, true, KIND_HARD, 1, recovery },
                { LEVEL_REGULAR, PHASE_INTENSITY, true, KIND_HARD, 2, recovery },
                { LEVEL_SEASONED, PHASE_BASE, true, KIND_HARD, 1, recovery },
                { LEVEL_NEW, PHASE_BASE, true, KIND_HARD, 1, rest },
                { LEVEL_NEW, PHASE_BASE, true, KIND_HARD, 2, recovery },
                { LEVEL_RETURNING, PHASE_INTENSITY, true, KIND_HARD, 3, recovery },
                { LEVEL_REGULAR, PHASE_BASE, true, KIND_LONG, 1, cross },
                { LEVEL_REGULAR, PHASE_BASE, false, KIND_LONG, 1, recovery },
                { LEVEL_SEASONED, PHASE_BASE, true, KIND_LONG, 1, recovery },
                { LEVEL_NEW, PHASE_BASE, false, KIND_LONG, 1, cross },
                { LEVEL_NEW, PHASE_BASE, false, KIND_LONG, 2, recovery },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachConfig c = config_default();
                CoachFacts f = facts_today();
                CoachDay day;

                c.level = cases[i].level;
                c.phase = cases[i].phase;
                c.rest_days = cases[i].days_off;
                add_session(&f, cases[i].days, cases[i].kind, 70);
                day = ask(&f, &c);
                for (size_t k = 0; k < 2 && cases[i].advice[k] != ADVICE_NONE; k++)
                        assert_int_equal(day.advice[k].key, cases[i].advice[k]);
        }
}

/* Two hard days: the nearer one has the day. */
static void rule_06_hard_upon_hard(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 2, KIND_HARD, 40);
        add_session(&f, 1, KIND_HARD, 40);
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_RECOVERY);
        assert_int_equal(day.id, 2);
}

/* "Sessions under 10 min have no say in … causes" */
static void rule_06_short_sessions_have_no_say(void **state)
{
        static const Kind kinds[] = { KIND_HARD, KIND_LONG, KIND_RACE };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                CoachFacts f = facts_today();
                CoachSession *s = add_session(&f, 1, kinds[i], 9.99);

                assert_int_equal(ask(&f, &c).rule, RULE_NONE);
                s->duration_s = 600;
                assert_int_not_equal(ask(&f, &c).rule, RULE_NONE);
        }
}

/* -- 7. "long | 1 | rest, or recovery with `rest-days = no`" -- */

static void rule_07_after_long(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int phase = 0; phase < _PHASE_MAX; phase++) {
                c.phase = (Phase)phase;
                c.rest_days = true;
                assert_after_session(KIND_LONG, &c, " o ");
                c.rest_days = false;
                assert_after_session(KIND_LONG, &c, " r ");
        }
}

/* "A run may be hard and long: its kind shows hard, it causes both rows and closes the cycle" */
static void rule_07_hard_and_long(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 1, KIND_HARD, 100)->was_long = true;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_LONG);
        assert_int_equal(letter_of(&day), 'o');
        f.date++;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_HARD);
        assert_int_equal(letter_of(&day), 'b');

        /* On its own day the cycle has had its long run. */
        f = facts_today();
        f.last_long = f.date - 7;
        assert_kind(ask(&f, &c).kind, KIND_LONG);
        add_session(&f, 0, KIND_HARD, 100);
        assert_kind(ask(&f, &c).kind, KIND_LONG);
        f.session[0].was_long = true;
        assert_kind(ask(&f, &c).kind, KIND_BASE);

        /* A base run that is long by its record was said to be none. */
        f = facts_today();
        add_session(&f, 1, KIND_BASE, 100)->was_long = true;
        assert_int_equal(ask(&f, &c).rule, RULE_NONE);
}

/* A 5K two days ago and a long run yesterday: rest, and nothing of the lighter days after the race is allowed any more. */
static void rule_07_long_after_a_race(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_race(&f, 2, DISTANCE_5K);
        add_session(&f, 2, KIND_RACE, 22);
        add_session(&f, 1, KIND_LONG, 90);
        day = ask(&f, &c);
        assert_int_equal(letter_of(&day), 'o');
        assert_int_equal(day.rule, RULE_LONG);
        assert_int_equal(day.id, 2);
}

/* A word only when the mean of seven days leaves what is usual. */
static void test_rmssd(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        for (int i = 39; i >= 0; i--) {
                add_morning(&f, i, 50);
                f.morning[f.n_mornings - 1].rmssd = 50 + i % 5;
        }
        day = ask(&f, &c);
        assert_false(advises(&day, ADVICE_RMSSD_LOW) || advises(&day, ADVICE_RMSSD_HIGH));
        for (size_t i = 0; i < 5; i++)
                f.morning[f.n_mornings - 1 - i].rmssd = 40;
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_RMSSD_LOW));
        assert_int_equal(find_advice(&day, ADVICE_RMSSD_LOW)->figure, 43);
        assert_kind(day.kind, KIND_BASE);
        for (size_t i = 0; i < 5; i++)
                f.morning[f.n_mornings - 1 - i].rmssd = 70;
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_RMSSD_HIGH) && !advises(&day, ADVICE_RMSSD_LOW));
}

/* -- The maximum -- */

static void hold(CoachFacts *f, int days_ago, double bpm)
{
        add_session(f, days_ago, KIND_HARD, 45);
        f->session[f->n_sessions - 1].held = bpm;
}

static void test_maximum(void **state)
{
        char text[COACH_TEXT_MAX], date[DAY_STRING_MAX];
        CoachFacts f = facts_today();
        CoachMaximum m;

        (void)state;
        hold(&f, 1, 180);
        hold(&f, 2, 180.4);
        hold(&f, COACH_MAXIMUM_DAYS, 199);
        assert_false(coach_maximum(&f, 180, &m)); /* the same figure, or too long ago */
        assert_true(coach_maximum(&f, 178.4, &m));
        assert_int_equal(m.bpm, 180);
        assert_int_equal(m.date, f.date - 2); /* who held it first */

        hold(&f, COACH_MAXIMUM_DAYS - 1, 191.6);
        hold(&f, -1, 199); /* of a later date */
        hold(&f, 3, 1000); /* what another program has written */
        assert_true(coach_maximum(&f, 180, &m));
        assert_int_equal(m.bpm, 192);
        assert_int_equal(m.date, f.date - COACH_MAXIMUM_DAYS + 1);
        assert_false(coach_maximum(&f, 192, &m));

        (void)coach_maximum(&f, 179.6, &m);
        (void)day_to_string(m.date, date);
        assert_string_equal(strstr(coach_maximum_to_string(&m, 179.6, true, text), " your"),
                        " your heart held 192 bpm for two minutes, more than the 180 expected at your age: "
                        "`max-heart-rate = 192` in section [runner] of the configuration fits you better");
        assert_non_null(strstr(text, date));
        assert_non_null(strstr(coach_maximum_to_string(&m, 180, false, text),
                        "more than the 180 of your `max-heart-rate`: "));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rule_01_recovery_ceiling),
                cmocka_unit_test(rule_01_ceiling_of_each_kind),
                cmocka_unit_test(rule_02_close_is_good_enough),
                cmocka_unit_test(rule_03_resting_is_measured),
                cmocka_unit_test(test_rmssd),
                cmocka_unit_test(test_maximum),
                cmocka_unit_test(rule_05_length),
                cmocka_unit_test(rule_06_after_hard),
                cmocka_unit_test(rule_06_07_advice),
                cmocka_unit_test(rule_06_hard_upon_hard),
                cmocka_unit_test(rule_06_short_sessions_have_no_say),
                cmocka_unit_test(rule_07_after_long),
                cmocka_unit_test(rule_07_hard_and_long),
                cmocka_unit_test(rule_07_long_after_a_race),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
