/* SPDX-License-Identifier: MIT */

/* The handbook's rules 9 to 14, tests named after each: how the runner is, and who. Then what is said of a session. */

#include "coach-fixture.h"

#include "cardio/workout.h"

/* -- 9. Talk test -- */

/* Out of breath is too fast, whatever the ceiling says; and the next day hears of it. */
static void rule_09_talk_test(void **state)
{
        CoachRun run = { .kind = KIND_RECOVERY,
                .duration_s = 1800,
                .live_s = 1800,
                .has_ceiling = true,
                .talk_test = TALK_TEST_FAIL };
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        char buf[COACH_TEXT_MAX];
        CoachVerdict v;
        CoachDay day;

        (void)state;
        coach_verdict(&f, &run, &v);
        assert_true(v.easy_percent == 100);
        assert_true(v.too_fast && v.talk_test_failed);
        assert_non_null(strstr(coach_verdict_to_string(&v, buf), "too fast"));
        run.talk_test = TALK_TEST_PASS;
        coach_verdict(&f, &run, &v);
        assert_false(v.too_fast);

        /* Without a strap there is the talk test alone. */
        run = (CoachRun){ .kind = KIND_RECOVERY, .duration_s = 1800, .talk_test = TALK_TEST_FAIL };
        coach_verdict(&f, &run, &v);
        assert_true(v.too_fast);
        assert_true(isnan(v.easy_percent));

        add_session(&f, 1, KIND_RECOVERY, 30)->talk_test_failed = true;
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_TALK_TEST));
        f.session[0].date--;
        day = ask(&f, &c);
        assert_false(advises(&day, ADVICE_TALK_TEST));
}

/* -- 10. Body scan -- */

static void rule_10_body_scan(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        char buf[COACH_TEXT_MAX];
        CoachDay day;

        (void)state;
        f.scan = (CoachScan){ .feel = 2, .sore = true };
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_BASE);
        assert_true(advises(&day, ADVICE_TIRED) && advises(&day, ADVICE_SORE));
        f.scan = (CoachScan){ .feel = 3 };
        day = ask(&f, &c);
        assert_int_equal(day.n_advice, 0);

        /* Whoever the runner is: stop, and no word of running. */
        f.scan = (CoachScan){ .feel = 1, .sore = true, .pain = true, .pain_worse = true };
        add_race(&f, 0, DISTANCE_MARATHON);
        add_race(&f, -2, DISTANCE_5K);
        add_session(&f, 1, KIND_HARD, 50)->talk_test_failed = true;
        for (unsigned level = 0; level < _LEVEL_MAX; level++)
                for (int off = 0; off <= 1; off++) {
                        c.level = (Level)level;
                        c.rest_days = off;
                        day = ask(&f, &c);
                        assert_kind(day.kind, KIND_REST);
                        assert_int_equal(day.rule, RULE_PAIN_WORSE);
                        assert_int_equal(day.n_advice, 1);
                        assert_int_equal(day.advice[0].key, ADVICE_PROFESSIONAL);
                        assert_true(coach_session_advice(&day, KIND_RECOVERY, buf));
                        assert_non_null(strstr(buf, "professional"));
                }
}

/* -- 11. Running every day -- */

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

static void rule_11_streak(void **state)
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

/* An odd pain: one easy mile, whatever else the day would allow. */
static void rule_11_odd_pain(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        CoachDay day;

        (void)state;
        f.scan.pain = true;
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_RECOVERY);
        assert_int_equal(day.rule, RULE_PAIN);
        assert_true(advises(&day, ADVICE_EASY_MILE));
        assert_int_equal(day.max_minutes, 15);
        /* Shorter than the half hour that a race leaves. */
        add_race(&f, 1, DISTANCE_HALF);
        assert_int_equal(ask(&f, &c).rule, RULE_PAIN);

        /* A rest day stays one. */
        add_session(&f, 1, KIND_LONG, 100);
        assert_kind(ask(&f, &c).kind, KIND_REST);
        f = facts_of(day_of(TODAY) + 1);
        assert_kind(ask(&f, &c).kind, KIND_BASE);
}

/* -- 12. Doubles -- */

static void rule_12_doubles(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
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

/* -- 13. Cross-training -- */

static void rule_13_cross_training(void **state)
{
        CoachFacts f = facts_of(day_of(TODAY));
        CoachConfig c = config_default();
        const char *rest;
        usec_t usec = 0;
        CoachDay day;
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
        add_session(&f, 2, KIND_BASE, 40);
        f.last_long = f.date - 7;
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_LONG);
        assert_int_equal(day.min_minutes, 60);
        assert_false(kind_is_run(KIND_CROSS_TRAINING));
        assert_false(kind_is_run(KIND_REST));
        assert_true(kind_is_run(KIND_RECOVERY));
}

/* -- 14. Fitness level and training cycle -- */

/* The same races for new runners: every row but the first half as long again. */
static const char *const after_race_new[] = {
        [DISTANCE_MARATHON] = "R"
                              ".."
                              "xxxxxxx"
                              "rrrrrrrrrrr"
                              "rbrbrbrbrb"
                              "bb"
                              " ",
        [DISTANCE_HALF] = "R"
                          "rr"
                          "b"
                          "rrrrrr"
                          "bbbbbbbbbbb"
                          " ",
        [DISTANCE_10K] = "R"
                         "rr"
                         "b"
                         " ",
        [DISTANCE_5K] = "R"
                        "rr"
                        "b"
                        " ",
};

static void rule_14_level_new(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        c.level = LEVEL_NEW;
        for (int off = 0; off <= 1; off++) {
                c.rest_days = off;
                assert_kind(after(KIND_HARD, 1, &c), KIND_REST);
                assert_kind(after(KIND_HARD, 2, &c), KIND_RECOVERY);
                assert_kind(after(KIND_HARD, 3, &c), KIND_BASE);
                assert_int_equal(after(KIND_HARD, 4, &c), _KIND_INVALID);
                assert_kind(after(KIND_LONG, 1, &c), KIND_REST);
                assert_kind(after(KIND_LONG, 2, &c), KIND_RECOVERY);
                assert_int_equal(after(KIND_LONG, 3, &c), _KIND_INVALID);
        }
        for (size_t distance = 0; distance < _DISTANCE_MAX; distance++)
                for (int days = 0; after_race_new[distance][days]; days++) {
                        CoachFacts f = facts_of(day_of(TODAY));
                        CoachDay day;

                        add_race(&f, days, (Distance)distance);
                        day = ask(&f, &c);
                        if (letter_of(&day) != after_race_new[distance][days])
                                fail_msg("%s, %d days: %c, expected %c",
                                                distance_to_string((Distance)distance), days, letter_of(&day),
                                                after_race_new[distance][days]);
                }
}

static void rule_14_level_seasoned(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        c.level = LEVEL_SEASONED;
        for (int off = 0; off <= 1; off++) {
                CoachFacts f = facts_of(day_of(TODAY));

                c.rest_days = off;
                assert_kind(after(KIND_LONG, 1, &c), KIND_RECOVERY);
                assert_kind(after(KIND_HARD, 1, &c), KIND_RECOVERY);
                assert_kind(after(KIND_HARD, 2, &c), KIND_BASE);
                /* A race is a race. */
                add_race(&f, 1, DISTANCE_MARATHON);
                assert_kind(ask(&f, &c).kind, KIND_REST);
        }
}

static void rule_14_cycle(void **state)
{
        static const unsigned lengths[] = { CYCLE_DAYS_MIN, 7, 9, CYCLE_DAYS_MAX };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++)
                for (unsigned days = 1; days <= 70; days++) {
                        CoachFacts f = facts_of(day_of(TODAY));
                        bool last = days % lengths[i] == 0;
                        CoachDay day;

                        c.cycle_days = lengths[i];
                        f.last_long = f.date - (Day)days;
                        f.first_run = f.date - 300;
                        day = ask(&f, &c);
                        assert_kind(day.kind, last ? KIND_LONG : KIND_BASE);
                        assert_int_equal(day.cycle_day, last ? lengths[i] : days % lengths[i]);
                        assert_int_equal(day.rule, last ? RULE_CYCLE : RULE_NONE);
                }
}

static void rule_14_first_cycles(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        CoachDay day = ask(&f, &c);

        (void)state;
        assert_int_equal(day.cycle_day, 0);
        assert_kind(day.kind, KIND_BASE);
        /* Without a long run yet: from the first run on, which was on its day 1. */
        f.first_run = f.date - 6;
        day = ask(&f, &c);
        assert_int_equal(day.cycle_day, 7);
        assert_kind(day.kind, KIND_LONG);
        /* It has had its long run today: the second one is none. */
        add_session(&f, 0, KIND_LONG, 80);
        assert_kind(ask(&f, &c).kind, KIND_BASE);
        /* What is due after something else goes first. */
        f.n_sessions = 0;
        add_session(&f, 2, KIND_HARD, 40);
        assert_kind(ask(&f, &c).kind, KIND_BASE);
}

static void rule_14_length_of_long(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));

        (void)state;
        f.last_long = f.date - 14;
        assert_int_equal(ask(&f, &c).min_minutes, 60);
        add_session(&f, 27, KIND_BASE, 41);
        add_session(&f, 28, KIND_BASE, 600);
        assert_int_equal(ask(&f, &c).min_minutes, 62);
        assert_int_equal(ask(&f, &c).max_minutes, 0);
}

/* -- A session that is something else than its day asks for -- */

static void test_session_advice(void **state)
{
        /* For each kind said, and for nothing said: does the coach speak up? */
        static const struct {
                Distance distance;
                int days;           /* after the race */
                const char *speaks; /* rest, cross-training, … race; nothing */
        } cases[] = {
                { DISTANCE_MARATHON, 0,
                                "-------"
                                "-" },
                { DISTANCE_MARATHON, 1,
                                "-yyyyyy"
                                "y" },
                { DISTANCE_MARATHON, 2,
                                "--yyyyy"
                                "y" },
                { DISTANCE_MARATHON, 7,
                                "---yyyy"
                                "-" },
                { DISTANCE_MARATHON, 14,
                                "----yyy"
                                "-" },
                { DISTANCE_MARATHON, 21,
                                "------y"
                                "-" },
                { DISTANCE_MARATHON, 22,
                                "-------"
                                "-" },
                { DISTANCE_HALF, 8,
                                "------y"
                                "-" },
                { DISTANCE_10K, 1,
                                "----yyy"
                                "-" },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_of(day_of(TODAY));
                char buf[COACH_TEXT_MAX];
                CoachDay day;

                add_race(&f, cases[i].days, cases[i].distance);
                day = ask(&f, &c);
                for (size_t kind = 0; kind <= _KIND_MAX; kind++) {
                        bool speaks = coach_session_advice(
                                        &day, kind < _KIND_MAX ? (Kind)kind : _KIND_INVALID, buf);

                        if (speaks != (cases[i].speaks[kind] == 'y'))
                                fail_msg("case %zu, kind %zu: %s", i, kind, buf);
                        assert_int_equal(speaks, buf[0] != '\0');
                }
        }
}

/* A run is judged as a recovery run where it was one, or was to be no more. */
static void test_verdict_wanted(void **state)
{
        static const struct {
                Kind run, day;
                bool wanted;
        } cases[] = {
                { KIND_RECOVERY, KIND_LONG, true },
                { KIND_BASE, KIND_RECOVERY, true },
                { KIND_HARD, KIND_REST, true },
                { KIND_CROSS_TRAINING, KIND_REST, false },
                { KIND_BASE, KIND_BASE, false },
                { KIND_RACE, KIND_RACE, false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(coach_verdict_wanted(&(CoachRun){ .kind = cases[i].run },
                                                 &(CoachDay){ .kind = cases[i].day }),
                                cases[i].wanted);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rule_09_talk_test),
                cmocka_unit_test(rule_10_body_scan),
                cmocka_unit_test(rule_11_streak),
                cmocka_unit_test(rule_11_odd_pain),
                cmocka_unit_test(rule_12_doubles),
                cmocka_unit_test(rule_13_cross_training),
                cmocka_unit_test(rule_14_level_new),
                cmocka_unit_test(rule_14_level_seasoned),
                cmocka_unit_test(rule_14_cycle),
                cmocka_unit_test(rule_14_first_cycles),
                cmocka_unit_test(rule_14_length_of_long),
                cmocka_unit_test(test_session_advice),
                cmocka_unit_test(test_verdict_wanted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
