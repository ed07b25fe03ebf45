/* SPDX-License-Identifier: MIT */

/* The handbook's rules 9 to 15, tests named after each: how the runner is, and who. What does the body good:
 * test-coach-care.c. */

#include "coach-fixture.h"

#include "cardio/workout.h"

/* -- 9. "The talk test speaks of the newest session of the last three days that has one, and not of hard runs and races." -- */

static void rule_09_talk_test(void **state)
{
        static const struct {
                int days_ago;
                Kind kind;
                bool speaks;
        } cases[] = {
                { 0, KIND_RECOVERY, true },
                { 1, KIND_BASE, true },
                { 2, KIND_BASE, true },
                { 3, KIND_BASE, false },
                { 1, KIND_HARD, false },
                { 1, KIND_RACE, false },
                { 1, KIND_CROSS_TRAINING, false },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_today();
                CoachDay day;

                add_session(&f, cases[i].days_ago, cases[i].kind, 30)->talk_test = TALK_TEST_FAIL;
                day = ask(&f, &c);
                assert_int_equal(advises(&day, ADVICE_TALK_TEST), cases[i].speaks);
                if (cases[i].speaks)
                        assert_int_equal(find_advice(&day, ADVICE_TALK_TEST)->date,
                                        f.date - cases[i].days_ago);
        }
}

static void rule_09_the_newest_talk_test(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 2, KIND_BASE, 30)->talk_test = TALK_TEST_FAIL;
        add_session(&f, 1, KIND_BASE, 30); /* not said */
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_TALK_TEST));
        add_session(&f, 1, KIND_BASE, 30)->talk_test = TALK_TEST_PASS;
        day = ask(&f, &c);
        assert_false(advises(&day, ADVICE_TALK_TEST));
        /* In whatever order they come; of two on a date the later one. */
        add_session(&f, 2, KIND_BASE, 30)->talk_test = TALK_TEST_FAIL;
        day = ask(&f, &c);
        assert_false(advises(&day, ADVICE_TALK_TEST));
        add_session(&f, 1, KIND_BASE, 30)->talk_test = TALK_TEST_FAIL;
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_TALK_TEST));
        assert_int_equal(find_advice(&day, ADVICE_TALK_TEST)->id, 5);
        f.session[4].id = 2;
        day = ask(&f, &c);
        assert_false(advises(&day, ADVICE_TALK_TEST));
        /* On a day without a run there is nothing to run slower. */
        f.n_sessions = 1;
        add_session(&f, 1, KIND_LONG, 90);
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_REST);
        assert_false(advises(&day, ADVICE_TALK_TEST));
}

/* -- 10. "body scan, same day | feel 1: cross-training; feel 2: recovery; sore: at most base; feel 2 or less *and* resting heart
 * rate ≥ 5 above its mean: rest" -- */

static void rule_10_body_scan(void **state)
{
        static const struct {
                unsigned feel;
                bool sore;
                double above; /* its mean, bpm */
                char letter;
                CoachRule rule;
        } cases[] = {
                { 0, false, 9, ' ', RULE_NONE },
                { 1, false, 0, 'x', RULE_WORN_OUT },
                { 2, false, 0, 'r', RULE_TIRED },
                { 3, false, 0, ' ', RULE_NONE },
                { 5, false, 9, ' ', RULE_NONE },
                { 0, true, 0, 'b', RULE_SORE },
                { 5, true, 0, 'b', RULE_SORE },
                { 2, true, 0, 'r', RULE_TIRED },
                { 1, false, 4.9, 'x', RULE_WORN_OUT },
                { 2, false, 4.9, 'r', RULE_TIRED },
                { 1, false, 5, '.', RULE_RUN_DOWN },
                { 2, false, 5, '.', RULE_RUN_DOWN },
                { 3, false, 20, ' ', RULE_NONE },
                { 3, false, 5, ' ', RULE_NONE },
                { 3, false, 4.9, ' ', RULE_NONE },
        };
        static const struct {
                CoachRule rule;
                AdviceKey advice;
        } of_rule[] = {
                { RULE_WORN_OUT, ADVICE_WORN_OUT },
                { RULE_TIRED, ADVICE_TIRED },
                { RULE_SORE, ADVICE_SORE },
                { RULE_RUN_DOWN, ADVICE_REST_UP },
        };
        CoachConfig c = config_default();

        (void)state;
        for (unsigned level = 0; level < _LEVEL_MAX; level++)
                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        CoachFacts f = facts_today();
                        CoachDay day;

                        c.level = (Level)level;
                        /* Two mornings: the mean is half of the way. */
                        add_morning(&f, 1, 50);
                        add_morning(&f, 0, 50 + 2 * cases[i].above);
                        f.scan.feel = cases[i].feel;
                        f.scan.sore = cases[i].sore;
                        day = ask(&f, &c);
                        if (letter_of(&day) != cases[i].letter || day.rule != cases[i].rule)
                                fail_msg("case %zu: '%c', %s", i, letter_of(&day),
                                                coach_rule_to_string(day.rule));
                        for (size_t k = 0; k < ELEMENTSOF(of_rule); k++)
                                if (of_rule[k].rule == day.rule)
                                        assert_int_equal(day.advice[0].key, of_rule[k].advice);
                        assert_int_equal(advises(&day, ADVICE_RESTING_HIGH), cases[i].above >= 5);
                        if (cases[i].above >= 5)
                                assert_int_equal(find_advice(&day, ADVICE_RESTING_HIGH)->figure,
                                                cases[i].above);
                }
}

/* `long` "only if nothing above and no body scan speaks against it" */
static void rule_10_no_long_against_the_body(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();

        (void)state;
        f.last_long = f.date - 9;
        assert_kind(ask(&f, &c).kind, KIND_LONG);
        f.scan.sore = true;
        assert_kind(ask(&f, &c).kind, KIND_BASE);
        f.scan = (CoachScan){ .feel = 2 };
        assert_kind(ask(&f, &c).kind, KIND_RECOVERY);
        f.scan = (CoachScan){ .feel = 1 };
        assert_kind(ask(&f, &c).kind, KIND_CROSS_TRAINING);
}

/* Where another rule has the day the body is heard all the same, and nothing is said that the day has no place for. */
static void rule_10_heard_on_other_days(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 1, KIND_LONG, 100);
        f.scan.feel = 2;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_LONG);
        assert_false(advises(&day, ADVICE_TIRED)); /* shorter and slower than what? */
        c.rest_days = false;
        f.scan.sore = true;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_TIRED);
        assert_true(advises(&day, ADVICE_SORE));
        c.rest_days = true;
        f.scan.feel = 1;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_LONG);
        assert_true(advises(&day, ADVICE_WORN_OUT));
}

/* "After feel 5 on a base day `today` says that a hard run is welcome": if nothing else speaks against it. */
static void rule_10_feeling_great(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned feel = 0; feel <= FEEL_MAX; feel++)
                for (unsigned against = 0; against < 8; against++) {
                        CoachFacts f = facts_today();
                        CoachDay day;

                        f.scan.feel = feel;
                        if (against == 1)
                                add_session(&f, 2, KIND_HARD, 40);
                        else if (against == 2)
                                add_race(&f, -2, DISTANCE_10K);
                        else if (against == 3)
                                add_pain(&f, 4, false, "left knee");
                        else if (against == 4)
                                f.scan.sore = true;
                        else if (against == 5) {
                                add_morning(&f, 1, 50);
                                add_morning(&f, 0, 60);
                        } else if (against == 6)
                                add_session(&f, 0, KIND_HARD, 40);
                        else if (against == 7)
                                f.last_long = f.date - 7; /* a long day */
                        day = ask(&f, &c);
                        assert_int_equal(
                                        advises(&day, ADVICE_HARD_WELCOME), feel == FEEL_MAX && against == 0);
                }
}

/* -- 11. Pain -- */

/* "other, its date and the next two: recovery, one easy mile (–15 min)"; "After its three days an other pain is asked about
 * once a day for four days and lapses" */
static void rule_11_other_pain(void **state)
{
        static const char days[] = "ppp       ";
        CoachConfig c = config_default();

        (void)state;
        for (int i = 0; days[i]; i++) {
                CoachFacts f = facts_today();
                CoachDay day;

                add_pain(&f, i, false, "left knee");
                day = ask(&f, &c);
                assert_int_equal(letter_of(&day), days[i]);
                assert_int_equal(day.rule == RULE_PAIN, i < 3);
                assert_int_equal(advises(&day, ADVICE_EASY_MILE), i < 3);
                assert_int_equal(advises(&day, ADVICE_PAIN_STANDS), i < 3);
                assert_int_equal(advises(&day, ADVICE_PAIN_GONE), i >= 3 && i < 7);
                assert_int_equal(day.n_pains, i < 7);
        }
}

/* "that worsens or changes the gait, until taken back: rest, stop, a professional"; "one that stops running is asked about
 * daily, and lasts"; only it goes before a race. */
static void rule_11_pain_that_stops(void **state)
{
        static const int days[] = { 0, 1, 2, 3, 6, 7, 30, 400 };
        CoachConfig c = config_default();

        (void)state;
        for (unsigned level = 0; level < _LEVEL_MAX; level++)
                for (unsigned more = 0; more < 4; more++)
                        for (size_t i = 0; i < ELEMENTSOF(days); i++) {
                                CoachFacts f = facts_today();
                                CoachDay day;

                                c.level = (Level)level;
                                c.rest_days = more & 1;
                                add_pain(&f, days[i], true, "shin");
                                if (more & 2) {
                                        add_race(&f, 0, DISTANCE_MARATHON);
                                        add_race(&f, -2, DISTANCE_5K);
                                        add_session(&f, 1, KIND_HARD, 50)->talk_test = TALK_TEST_FAIL;
                                        f.scan = (CoachScan){ .feel = 5, .sore = true, .low_mood = true };
                                        f.streak = 7;
                                }
                                day = ask(&f, &c);
                                assert_int_equal(letter_of(&day), '.');
                                assert_int_equal(day.rule, RULE_PAIN_STOPS);
                                assert_true(day.pain_stops);
                                /* Stop, let the race go, and what to do when it is over: no word of running. */
                                assert_int_equal(day.advice[0].key, ADVICE_PROFESSIONAL);
                                assert_int_equal(advises(&day, ADVICE_RACE_LET_GO), (more & 2) != 0);
                                assert_true(advises(
                                                &day, days[i] > 0 ? ADVICE_PAIN_GONE : ADVICE_PAIN_STANDS));
                                assert_int_equal(day.n_advice, more & 2 ? 3 : 2);
                                /* "with one that stops running only the professional" */
                                assert_int_equal(day.n_care, 1);
                                assert_int_equal(day.care[0].key, CARE_PROFESSIONAL);
                        }
}

/* Taken back it is not among the facts, and has no say. Of a later date it has none either. */
static void rule_11_pain_taken_back(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        assert_int_equal(ask(&f, &c).rule, RULE_NONE);
        add_pain(&f, -1, true, "shin");
        add_pain(&f, -1, false, "left knee");
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_NONE);
        assert_int_equal(day.n_pains, 0);
        assert_false(day.pain_stops);
}

/* "A second pain is added": the more careful one has the day and stands first, and one line speaks of both. */
static void rule_11_two_pains(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_pain(&f, 4, false, "left knee");
        add_pain(&f, 1, true, "shin");
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_PAIN_STOPS);
        assert_int_equal(day.since, f.date - 1);
        assert_int_equal(day.n_pains, 2);
        assert_string_equal(day.pain[0].text, "shin");
        assert_string_equal(day.pain[1].text, "left knee");
        assert_int_equal(day.n_advice, 2);

        f.pain[1].stops = false;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_PAIN);
        assert_string_equal(day.pain[0].text, "shin");
        assert_int_equal(day.advice[0].key, ADVICE_EASY_MILE);
        assert_int_equal(day.advice[1].key, ADVICE_PAIN_GONE); /* for the knee */
        assert_int_equal(day.n_advice, 2);

        /* The most there can be. */
        while (f.n_pains < COACH_PAINS_MAX)
                add_pain(&f, (int)f.n_pains, f.n_pains % 2 == 0, "elsewhere");
        assert_int_equal(ask(&f, &c).n_pains, 7); /* one of them has lapsed */
}

/* A pain is more careful than the light rows of a race; a rest day stays one, and names the pain. */
static void rule_11_pain_among_others(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_pain(&f, 0, false, "left knee");
        add_race(&f, 1, DISTANCE_HALF);
        assert_int_equal(ask(&f, &c).rule, RULE_PAIN);
        add_session(&f, 1, KIND_LONG, 100);
        day = ask(&f, &c);
        assert_int_equal(letter_of(&day), 'o');
        assert_int_equal(day.rule, RULE_LONG);
        assert_true(advises(&day, ADVICE_PAIN_STANDS));

        /* On a race day, too, and first. */
        add_race(&f, 0, DISTANCE_10K);
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_10K);
        assert_int_equal(day.advice[0].key, ADVICE_PAIN_STANDS);
        assert_true(advises(&day, ADVICE_AFTER_SHORT));
}

/* -- 12. Running every day -- */

/* Counts over the dates of runs, newest first, given as days before the date. */
static unsigned streak_of(const int *days_ago, size_t n)
{
        Day date = day_of(TODAY);
        Streak s = streak_begin(date);
        size_t i = 0;

        while (i < n && streak_add(&s, date - days_ago[i]))
                i++;
        return s.days;
}

static void rule_12_streak(void **state)
{
        static const struct {
                int days_ago[8];
                size_t n;
                unsigned streak;
        } cases[] = {
                { { 0 }, 0, 0 }, { { 0 }, 1, 1 }, { { 1 }, 1, 1 }, /* today may still be run */
                { { 2 }, 1, 0 }, { { 0, 1, 2 }, 3, 3 }, { { 0, 0, 1, 1, 1, 2 }, 6, 3 }, /* several a day */
                { { 0, 2, 3 }, 3, 1 }, { { 1, 2, 3, 5, 6 }, 5, 3 },
                { { -1, -1, 0, 1 }, 4, 2 }, /* from the other side of the date line */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned streak = streak_of(cases[i].days_ago, cases[i].n);

                if (streak != cases[i].streak)
                        fail_msg("case %zu: %u, expected %u", i, streak, cases[i].streak);
        }
}

/* -- 13. Doubles -- */

static void rule_13_doubles(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_session(&f, 0, KIND_BASE, 40);
        add_session(&f, 0, KIND_RECOVERY, 20);
        add_session(&f, 2, KIND_BASE, 60);  /* Monday */
        add_session(&f, 3, KIND_BASE, 480); /* the week before */
        add_session(&f, -1, KIND_BASE, 480);
        day = ask(&f, &c);
        assert_int_equal(day.sessions, 2);
        assert_int_equal(day.week_sessions, 3);
        assert_true(day.week_s == 120 * 60);

        /* Either of two can be what the next day is about. */
        f.date++;
        f.session[0].kind = KIND_HARD;
        assert_kind(ask(&f, &c).kind, KIND_RECOVERY);
}

/* -- 14. Cross-training -- */

static void rule_14_cross_training(void **state)
{
        CoachFacts f = facts_today();
        CoachConfig c = config_default();
        const char *rest;
        usec_t usec = 0;
        Workout w;

        (void)state;
        /* 10 min of warm-up, 20 min of 2 and 2. */
        assert_int_equal(workout_parse(workout_builtin("cross-training"), &w, &rest), 0);
        assert_int_equal(w.n, 11);
        assert_true(w.step[0].length_usec == 10 * USEC_PER_MIN);
        for (size_t i = 1; i < w.n; i++) {
                assert_true(w.step[i].length_usec == 2 * USEC_PER_MIN);
                usec += w.step[i].length_usec;
        }
        assert_true(usec == 20 * USEC_PER_MIN);

        /* It is no run: neither compared with, nor is a rest due after it. */
        add_session(&f, 1, KIND_CROSS_TRAINING, 200);
        assert_int_equal(ask(&f, &c).rule, RULE_NONE);
        assert_true(isnan(ask(&f, &c).usual_s));
        assert_false(kind_is_run(KIND_CROSS_TRAINING));
        assert_false(kind_is_run(KIND_REST));
        assert_true(kind_is_run(KIND_RECOVERY));
}

/* -- 15. Who the runner is -- */

/* "`new`, and `returning` alike: a rest day before the recovery day after hard and long" */
static void rule_15_new_and_returning(void **state)
{
        static const Level levels[] = { LEVEL_NEW, LEVEL_RETURNING };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                for (int off = 0; off <= 1; off++) {
                        c.level = levels[i];
                        c.rest_days = off;
                        c.phase = PHASE_BASE;
                        assert_after_session(KIND_HARD, &c, " .rb  ");
                        assert_after_session(KIND_LONG, &c, " or  ");
                        c.phase = PHASE_INTENSITY;
                        assert_after_session(KIND_HARD, &c, " .rrb  ");
                        assert_after_session(KIND_LONG, &c, " or  ");
                }
}

/* "`seasoned`: recovery in place of rest, races aside; on marathon days 4–6 with feel ≥ 4 a recovery run" */
static void rule_15_seasoned(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        c.level = LEVEL_SEASONED;
        for (int off = 0; off <= 1; off++) {
                c.rest_days = off;
                assert_after_session(KIND_LONG, &c, " r  ");
                c.phase = PHASE_BASE;
                assert_after_session(KIND_HARD, &c, " rb  ");
                c.phase = PHASE_INTENSITY;
                assert_after_session(KIND_HARD, &c, " rrb  ");
        }
        for (int days = 3; days <= 7; days++)
                for (unsigned feel = 0; feel <= FEEL_MAX; feel++)
                        for (unsigned level = 0; level < _LEVEL_MAX; level++) {
                                CoachFacts f = facts_today();
                                bool runs = level == LEVEL_SEASONED && days >= 4 && feel >= 4;
                                CoachDay day;

                                if (days == 7 || (feel > 0 && feel <= 2))
                                        continue;
                                c.level = (Level)level;
                                add_race(&f, days, DISTANCE_MARATHON);
                                f.scan.feel = feel;
                                day = ask(&f, &c);
                                assert_int_equal(letter_of(&day), runs ? 'q' : 'x');
                        }
}

/* "`cycle-days = 7` (counted from the last long run …)"; "`long` from the cycle's last day on until a long run was done
 * (`cycle_day` goes on counting)" */
static void rule_15_cycle(void **state)
{
        static const unsigned lengths[] = { CYCLE_DAYS_MIN, 7, 9, CYCLE_DAYS_MAX };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++)
                for (unsigned days = 1; days <= 70; days++) {
                        CoachFacts f = facts_today();
                        bool due = days >= lengths[i];
                        CoachDay day;

                        c.cycle_days = lengths[i];
                        f.last_long = f.date - (Day)days;
                        f.first_run = f.date - 300;
                        day = ask(&f, &c);
                        assert_int_equal(letter_of(&day), due ? 'l' : ' ');
                        assert_int_equal(day.cycle_day, days);
                        assert_int_equal(day.rule, due ? RULE_CYCLE : RULE_NONE);
                }
}

/* "… before there was one from the first run, whose day is 1" */
static void rule_15_first_cycles(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day = ask(&f, &c);

        (void)state;
        assert_int_equal(day.cycle_day, 0);
        assert_kind(day.kind, KIND_BASE);
        f.first_run = f.date - 5;
        assert_kind(ask(&f, &c).kind, KIND_BASE);
        f.first_run = f.date - 6;
        day = ask(&f, &c);
        assert_int_equal(day.cycle_day, 7);
        assert_kind(day.kind, KIND_LONG);
        /* It has had its long run today: a second one is none. One of nine minutes is none either. */
        add_session(&f, 0, KIND_LONG, 9);
        assert_kind(ask(&f, &c).kind, KIND_LONG);
        f.session[0].duration_s = 4800;
        assert_kind(ask(&f, &c).kind, KIND_BASE);
        /* What is due after something else goes first. */
        f.n_sessions = 0;
        add_session(&f, 2, KIND_HARD, 40);
        assert_kind(ask(&f, &c).kind, KIND_BASE);
}

/* What is asked for is what counts as long: from five base, long and hard runs of 56 days on 60 minutes, and 1.5 times their
 * median. Before, nobody knows: no length is named, and the runner is told to say that it was one. */
static void rule_15_length_of_long(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        f.last_long = f.date - 14;
        add_session(&f, 10, KIND_BASE, 30);
        add_session(&f, 55, KIND_HARD, 41);
        add_session(&f, 8, KIND_LONG, 80);
        add_session(&f, 9, KIND_BASE, 41);
        add_session(&f, 11, KIND_RECOVERY, 20); /* the rest has no say in it */
        add_session(&f, 12, KIND_CROSS_TRAINING, 20);
        add_session(&f, 40, KIND_RACE, 20);
        add_session(&f, 56, KIND_BASE, 20);
        add_session(&f, 13, KIND_BASE, 9);
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_LONG);
        assert_int_equal(day.min_minutes, 0);
        assert_true(advises(&day, ADVICE_LONG_FIRST));

        add_session(&f, 14, KIND_BASE, 30);
        day = ask(&f, &c);
        assert_int_equal(day.min_minutes, 62);
        assert_int_equal(day.max_minutes, 0);
        assert_int_equal(find_advice(&day, ADVICE_LONG)->figure, 62);
        f.session[1].duration_s = f.session[3].duration_s = 2400;
        assert_int_equal(ask(&f, &c).min_minutes, 60);
        f.session[1].duration_s = f.session[3].duration_s = 1800;
        assert_int_equal(ask(&f, &c).min_minutes, 60);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rule_09_talk_test),
                cmocka_unit_test(rule_09_the_newest_talk_test),
                cmocka_unit_test(rule_10_body_scan),
                cmocka_unit_test(rule_10_no_long_against_the_body),
                cmocka_unit_test(rule_10_heard_on_other_days),
                cmocka_unit_test(rule_10_feeling_great),
                cmocka_unit_test(rule_11_other_pain),
                cmocka_unit_test(rule_11_pain_that_stops),
                cmocka_unit_test(rule_11_pain_taken_back),
                cmocka_unit_test(rule_11_two_pains),
                cmocka_unit_test(rule_11_pain_among_others),
                cmocka_unit_test(rule_12_streak),
                cmocka_unit_test(rule_13_doubles),
                cmocka_unit_test(rule_14_cross_training),
                cmocka_unit_test(rule_15_new_and_returning),
                cmocka_unit_test(rule_15_seasoned),
                cmocka_unit_test(rule_15_cycle),
                cmocka_unit_test(rule_15_first_cycles),
                cmocka_unit_test(rule_15_length_of_long),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
