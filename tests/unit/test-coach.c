/* SPDX-License-Identifier: MIT */

/* The handbook's rules 1 to 8, tests named after each: what to run, and when. Rule 4, the pace, is not the coach's. Rules
 * that need a strap, a limiter or a database are tested here as far as they are a matter of logic. */

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
        CoachFacts f = facts_of(day_of(TODAY));
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
        CoachFacts f = facts_of(day_of(TODAY));
        CoachVerdict v;
        Limiter l = { 0 };

        (void)state;
        limiter_begin(&l, 145.55);
        for (unsigned t = 1; t <= 60; t++) {
                const Sample sample = { .at_usec = t * USEC_PER_SEC,
                        .smoothed = t > 20 && t <= 30 ? 160 : 147,
                        .settled = SETTLED_YES,
                        .live = true };

                assert_int_equal(limiter_update(&l, &limits, &sample, t > 1 ? USEC_PER_SEC : 0), 0);
        }

        coach_verdict(&f,
                        &(CoachRun){ .kind = KIND_RECOVERY,
                                        .duration_s = 2000,
                                        .live_s = 2000,
                                        .has_ceiling = true,
                                        .over_s = 10,
                                        .talk_test = _TALK_TEST_INVALID },
                        &v);
        assert_false(v.too_fast);
        assert_true(v.easy_percent == 99.5);
}

/* -- 3. Resting heart rate is measured -- */

static void rule_03_resting_is_measured(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
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
}

/* -- 5. Length -- */

/* Any distance, typically shorter than base runs: the coach says how long those are, and the verdict whether it was. */
static void rule_05_length(void **state)
{
        static const struct {
                double minutes;
                bool shorter;
        } runs[] = { { 1, true }, { 46, true }, { 47, false }, { 90, false } };
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        CoachVerdict v;
        CoachDay day;

        (void)state;
        add_session(&f, 1, KIND_HARD, 30);
        add_session(&f, 5, KIND_RECOVERY, 20);
        day = ask(&f, &c);
        assert_int_equal(day.advice[0].key, ADVICE_SHORTER);
        assert_int_equal(day.advice[0].figure, 0);
        coach_verdict(&f, &(CoachRun){ .id = 99, .kind = KIND_RECOVERY, .duration_s = 60 }, &v);
        assert_true(isnan(v.median_base_s));
        assert_false(v.shorter);

        add_session(&f, 4, KIND_BASE, 40);
        add_session(&f, 41, KIND_BASE, 54);
        add_session(&f, 42, KIND_BASE, 900);
        day = ask(&f, &c);
        assert_int_equal(day.advice[0].figure, 47);
        for (size_t i = 0; i < ELEMENTSOF(runs); i++) {
                coach_verdict(&f, &(CoachRun){ .id = 99, .duration_s = runs[i].minutes * 60 }, &v);
                assert_true(v.median_base_s == 47 * 60);
                assert_int_equal(v.shorter, runs[i].shorter);
        }
        /* A run is not compared with itself. */
        coach_verdict(&f, &(CoachRun){ .id = 3, .duration_s = 2400 }, &v);
        assert_true(v.median_base_s == 54 * 60);
}

/* -- 6. After a hard workout -- */

static void rule_06_after_hard(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int off = 0; off <= 1; off++) {
                c.rest_days = off;
                assert_int_equal(after(KIND_HARD, 0, &c), _KIND_INVALID);
                assert_kind(after(KIND_HARD, 1, &c), KIND_RECOVERY);
                assert_kind(after(KIND_HARD, 2, &c), KIND_BASE);
                assert_int_equal(after(KIND_HARD, 3, &c), _KIND_INVALID);
        }
        /* A race that only the session tells of is as good as hard. */
        assert_kind(after(KIND_RACE, 1, &c), KIND_RECOVERY);
        assert_int_equal(after(KIND_BASE, 1, &c), _KIND_INVALID);
        assert_int_equal(after(KIND_CROSS_TRAINING, 1, &c), _KIND_INVALID);
}

/* Two hard days: the nearer one has the day. */
static void rule_06_hard_upon_hard(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        CoachDay day;

        (void)state;
        add_session(&f, 2, KIND_HARD, 40);
        add_session(&f, 1, KIND_HARD, 40);
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_RECOVERY);
        assert_int_equal(day.id, 2);
}

/* -- 7. After a long run -- */

static void rule_07_after_long(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        assert_kind(after(KIND_LONG, 1, &c), KIND_REST);
        assert_int_equal(after(KIND_LONG, 2, &c), _KIND_INVALID);
        c.rest_days = false;
        assert_kind(after(KIND_LONG, 1, &c), KIND_RECOVERY);
        assert_int_equal(after(KIND_LONG, 2, &c), _KIND_INVALID);
}

/* Rest or cross-training: on a strap it is no offence either. */
static void rule_07_or_cross_training(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        char buf[COACH_TEXT_MAX];
        CoachDay day;

        (void)state;
        add_session(&f, 1, KIND_LONG, 100);
        day = ask(&f, &c);
        assert_true(advises(&day, ADVICE_CROSS_TRAINING));
        assert_false(coach_session_advice(&day, KIND_CROSS_TRAINING, buf));
        assert_string_equal(buf, "");
        assert_true(coach_session_advice(&day, KIND_RECOVERY, buf));
        assert_true(coach_session_advice(&day, _KIND_INVALID, buf));
        assert_string_equal(buf, "Today asks for rest: the day after your long run on 2026-05-19 (session "
                                 "1). A walk is "
                                 "fine; running can wait.");
}

/* -- 8. After a race -- */

/* From the race's day on, a letter a day. */
static const char *const after_race[] = {
        [DISTANCE_MARATHON] = "R"
                              "."
                              "xxxxx"
                              "rrrrrrr"
                              "brbrbrb"
                              "b"
                              " ",
        [DISTANCE_HALF] = "R"
                          "r"
                          "b"
                          "rrrr"
                          "bbbbbbb"
                          "         ",
        [DISTANCE_10K] = "R"
                         "r"
                         "b"
                         "                    ",
        [DISTANCE_5K] = "R"
                        "r"
                        "b"
                        "                    ",
};

static void rule_08_after_a_race(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (size_t distance = 0; distance < _DISTANCE_MAX; distance++)
                for (int days = 0; after_race[distance][days]; days++) {
                        CoachFacts f = facts_of(day_of(TODAY));
                        CoachDay day;

                        add_race(&f, days, (Distance)distance);
                        day = ask(&f, &c);
                        if (letter_of(&day) != after_race[distance][days])
                                fail_msg("%s, %d days: %c, expected %c",
                                                distance_to_string((Distance)distance), days, letter_of(&day),
                                                after_race[distance][days]);
                        if (day.rule <= RULE_MARATHON) {
                                assert_int_equal(day.id, 101);
                                assert_int_equal(day.days, days);
                        } else
                                assert_kind(day.kind, KIND_BASE);
                }
}

static void rule_08_minutes(void **state)
{
        static const struct {
                Distance distance;
                int days;
                unsigned min, max;
        } cases[] = {
                { DISTANCE_MARATHON, 6, 0, 0 },
                { DISTANCE_MARATHON, 7, 20, 30 },
                { DISTANCE_MARATHON, 13, 20, 30 },
                { DISTANCE_MARATHON, 14, 0, 0 },
                { DISTANCE_HALF, 1, 20, 30 },
                { DISTANCE_HALF, 3, 0, 0 },
                { DISTANCE_10K, 1, 30, 0 },
                { DISTANCE_5K, 1, 30, 0 },
                { DISTANCE_5K, 2, 0, 0 },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_of(day_of(TODAY));
                CoachDay day;

                add_race(&f, cases[i].days, cases[i].distance);
                day = ask(&f, &c);
                assert_int_equal(day.min_minutes, cases[i].min);
                assert_int_equal(day.max_minutes, cases[i].max);
        }
}

/* What goes with the day besides its kind. */
static void rule_08_advice(void **state)
{
        static const struct {
                Distance distance;
                int days;
                AdviceKey key[2];
        } cases[] = {
                { DISTANCE_MARATHON, 0, { ADVICE_REFUEL_MARATHON, ADVICE_WALK } },
                { DISTANCE_MARATHON, 1, { ADVICE_NO_RUNNING } },
                { DISTANCE_MARATHON, 3, { ADVICE_LIGHT_CROSS_TRAINING, ADVICE_MASSAGE } },
                { DISTANCE_MARATHON, 7, { ADVICE_SEE_HOW_IT_FEELS, ADVICE_DAYS_OFF } },
                { DISTANCE_MARATHON, 14, { ADVICE_STRIDES } },
                { DISTANCE_MARATHON, 21, { ADVICE_ONE_LIGHT_WORKOUT, ADVICE_BLOOD } },
                { DISTANCE_HALF, 0, { ADVICE_REFUEL_HALF, ADVICE_JOG_10 } },
                { DISTANCE_HALF, 1, { ADVICE_OR_CROSS_TRAIN, ADVICE_STRETCH } },
                { DISTANCE_HALF, 2, { ADVICE_STRIDES, ADVICE_LEGS_UP } },
                { DISTANCE_HALF, 7, { ADVICE_ONE_HARD_WORKOUT, ADVICE_STRIDES } },
                { DISTANCE_10K, 0, { ADVICE_REFUEL_SHORT, ADVICE_COOL_DOWN } },
                { DISTANCE_5K, 0, { ADVICE_REFUEL_SHORT, ADVICE_COOL_DOWN } },
                { DISTANCE_10K, 1, { ADVICE_OR_NORMAL } },
                { DISTANCE_5K, 2, { ADVICE_LIGHTER } },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_of(day_of(TODAY));
                CoachDay day;

                add_race(&f, cases[i].days, cases[i].distance);
                day = ask(&f, &c);
                for (size_t k = 0; k < 2 && cases[i].key[k] != ADVICE_NONE; k++)
                        assert_true(advises(&day, cases[i].key[k]));
        }
}

/* Of two races, or a race and a run, the more careful answer holds. */
static void rule_08_overlapping(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_of(day_of(TODAY));
        CoachDay day;

        (void)state;
        add_race(&f, 2, DISTANCE_5K);       /* base */
        add_race(&f, 9, DISTANCE_MARATHON); /* recovery, 20 to 30 minutes */
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_RECOVERY);
        assert_int_equal(day.rule, RULE_MARATHON);
        assert_int_equal(day.max_minutes, 30);

        /* Both say recovery: the shorter one. */
        f.race[0].date = f.date - 1;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_MARATHON);
        assert_int_equal(day.min_minutes, 20);
        assert_int_equal(day.max_minutes, 30);

        add_session(&f, 1, KIND_LONG, 90);
        assert_kind(ask(&f, &c).kind, KIND_REST);

        /* A race among the light days after a marathon: they go on, and it is told of. */
        f = facts_of(day_of(TODAY));
        add_race(&f, 0, DISTANCE_10K);
        add_race(&f, 3, DISTANCE_MARATHON);
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_CROSS_TRAINING);
        assert_true(advises(&day, ADVICE_RACE_TODAY));
}

static void rule_08_races_ahead(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int ahead = 0; ahead <= 9; ahead++) {
                CoachFacts f = facts_of(day_of(TODAY));
                CoachDay day;

                add_race(&f, -ahead, DISTANCE_HALF);
                day = ask(&f, &c);
                assert_kind(day.kind, ahead == 0 ? KIND_RACE : KIND_BASE);
                assert_int_equal(advises(&day, ADVICE_RACE_AHEAD), ahead >= 1 && ahead <= 7);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rule_01_recovery_ceiling),
                cmocka_unit_test(rule_01_ceiling_of_each_kind),
                cmocka_unit_test(rule_02_close_is_good_enough),
                cmocka_unit_test(rule_03_resting_is_measured),
                cmocka_unit_test(rule_05_length),
                cmocka_unit_test(rule_06_after_hard),
                cmocka_unit_test(rule_06_hard_upon_hard),
                cmocka_unit_test(rule_07_after_long),
                cmocka_unit_test(rule_07_or_cross_training),
                cmocka_unit_test(rule_08_after_a_race),
                cmocka_unit_test(rule_08_minutes),
                cmocka_unit_test(rule_08_advice),
                cmocka_unit_test(rule_08_overlapping),
                cmocka_unit_test(rule_08_races_ahead),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
