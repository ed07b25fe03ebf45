/* SPDX-License-Identifier: MIT */

/* What does the body good, after the run or in the course of the day: the rows' own, the pool, and a word at times. */

#include "coach-fixture.h"

static void assert_care_is_gentle(const CoachDay *day)
{
        assert_false(advises(day, ADVICE_STRIDES));
        assert_false(cares(day, CARE_STRENGTH) || cares(day, CARE_PRE_RUN) ||
                        cares(day, CARE_BAREFOOT_STRIDES));
}

/* "one or two things … from a pool that rotates by date (stretching, rolling, pre-run exercises, strength), so that over a
 * fortnight each comes up; strides only from rows" */
static void care_pool_over_a_fortnight(void **state)
{
        static const CareKey pool[] = { CARE_STRETCH, CARE_ROLL, CARE_PRE_RUN, CARE_STRENGTH };
        CoachConfig c = config_default();

        (void)state;
        for (int begin = 0; begin < 60; begin++)
                for (int week = 0; week <= 1; week++) {
                        unsigned seen = 0;

                        for (int i = 0; i < 14; i++) {
                                CoachFacts f = facts_of(day_of(TODAY) + begin + i);
                                CoachDay day;

                                /* An ordinary week: hard on Tuesdays, long on Sundays. */
                                for (int ago = 1; week && ago <= 7; ago++) {
                                        unsigned at = day_of_week(f.date - ago);

                                        add_session(&f, ago,
                                                        at == 1   ? KIND_HARD
                                                        : at == 6 ? KIND_LONG
                                                                  : KIND_BASE,
                                                        60);
                                }
                                day = ask(&f, &c);
                                assert_in_range(day.n_care, 1, COACH_CARE_MAX);
                                for (size_t k = 0; k < ELEMENTSOF(pool); k++)
                                        seen |= (unsigned)cares(&day, pool[k]) << k;
                                assert_false(cares(&day, CARE_BAREFOOT_STRIDES));
                        }
                        assert_int_equal(seen, 15);
                }
}

/* "from the rows' own … first": what each row has to give, and that all of it comes up as its days go by. */
static void care_of_rows(void **state)
{
        static const struct {
                Distance distance;
                int days;
                CareKey care[4];
        } cases[] = {
                { DISTANCE_MARATHON, 0, { CARE_STRETCH, CARE_MASSAGE, CARE_WARM_CLOTHES } },
                { DISTANCE_HALF, 0, { CARE_MASSAGE, CARE_STRETCH } },
                { DISTANCE_10K, 0, { CARE_STRETCH, CARE_WARM_CLOTHES } },
                { DISTANCE_5K, 0, { CARE_STRETCH, CARE_WARM_CLOTHES } },
                { DISTANCE_MARATHON, 1, { CARE_ROLL } },
                { DISTANCE_MARATHON, 2, { CARE_MASSAGE, CARE_SOCKS } },
                { DISTANCE_MARATHON, 5, { CARE_MASSAGE, CARE_SOCKS } },
                { DISTANCE_MARATHON, 7, { CARE_BAREFOOT_STRIDES } },
                { DISTANCE_MARATHON, 14, { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP } },
                { DISTANCE_MARATHON, 19, { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP } },
                { DISTANCE_HALF, 1, { CARE_STRETCH_AND_ROLL, CARE_BATH, CARE_SOCKS } },
                { DISTANCE_HALF, 2, { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP, CARE_MASSAGE } },
                { DISTANCE_HALF, 5, { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP } },
                { DISTANCE_HALF, 3, { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP, CARE_MASSAGE } },
                { DISTANCE_HALF, 7, { CARE_BAREFOOT_STRIDES } },
                { DISTANCE_10K, 1, { CARE_STRETCH_AND_ROLL, CARE_MASSAGE } },
                { DISTANCE_5K, 1, { CARE_STRETCH_AND_ROLL, CARE_MASSAGE } },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned seen = 0, expected = 0;

                for (int shift = 0; shift < 3; shift++) {
                        CoachFacts f = facts_of(day_of(TODAY) + shift);
                        CoachDay day;

                        add_race(&f, cases[i].days, cases[i].distance);
                        day = ask(&f, &c);
                        for (size_t k = 0; k < day.n_care; k++) {
                                seen |= 1U << day.care[k].key;
                                assert_int_equal(day.care[k].after_race, cases[i].days == 0);
                        }
                }
                for (size_t k = 0; cases[i].care[k] != CARE_NONE; k++)
                        expected |= 1U << cases[i].care[k];
                if (seen != expected)
                        fail_msg("case %zu: %x, expected %x", i, seen, expected);
        }
}

/* "with a pain or soreness nothing that loads"; nor for tired legs, on days without a run, and in the last days before a
 * race. Each day of a month has something all the same. */
static void care_is_gentle(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned reason = 0; reason < 8; reason++)
                for (int i = 0; i < 30; i++) {
                        CoachFacts f = facts_of(day_of(TODAY) + i);
                        CoachDay day;

                        if (reason == 0)
                                add_pain(&f, i % 7, false, "left knee");
                        else if (reason == 1)
                                f.scan.sore = true;
                        else if (reason == 2)
                                f.scan.feel = 2;
                        else if (reason == 3)
                                add_session(&f, 1, KIND_LONG, 90);
                        else if (reason == 4)
                                add_race(&f, -1 - i % 2, DISTANCE_HALF);
                        else if (reason == 5)
                                add_race(&f, 12, DISTANCE_MARATHON);
                        else {
                                add_race(&f, reason == 6 ? 7 : 15,
                                                DISTANCE_MARATHON); /* strides, if it feels great */
                                f.scan.sore = true;
                        }
                        day = ask(&f, &c);
                        assert_in_range(day.n_care, 1, COACH_CARE_MAX);
                        assert_care_is_gentle(&day);
                }
}

/* 16. "A low mood gets a word, too": an easy run in company; and a walk where no run is due. */
static void rule_16_with_a_friend(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        f.scan.low_mood = true;
        day = ask(&f, &c);
        assert_true(cares(&day, CARE_FRIEND));
        assert_int_equal(day.n_care, 2);
        add_session(&f, 1, KIND_LONG, 90);
        day = ask(&f, &c);
        assert_true(cares(&day, CARE_WALK_WITH_FRIEND));
        assert_false(cares(&day, CARE_FRIEND));
        /* On the day of a race the race has the word. */
        add_race(&f, 0, DISTANCE_10K);
        f.streak = 7;
        day = ask(&f, &c);
        assert_false(cares(&day, CARE_FRIEND) || cares(&day, CARE_STREAK));
}

/* "on streaks of 7, 14, 21, 30 days and each further 30 a word on maintenance and patience" */
static void rule_12_a_word_on_a_streak(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned days = 0; days <= 400; days++) {
                bool expected = days == 7 || days == 14 || days == 21 || days == 30 || days == 60 ||
                                days == 90 || days == 120 || days == 150 || days == 180 || days == 210 ||
                                days == 240 || days == 270 || days == 300 || days == 330 || days == 360 ||
                                days == 390;
                CoachFacts f = facts_today();
                CoachDay day;

                f.streak = days;
                day = ask(&f, &c);
                assert_int_equal(day.streak, days);
                assert_int_equal(cares(&day, CARE_STREAK), expected);
                if (expected)
                        assert_int_equal(day.care[0].figure, days);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(care_pool_over_a_fortnight),
                cmocka_unit_test(care_of_rows),
                cmocka_unit_test(care_is_gentle),
                cmocka_unit_test(rule_16_with_a_friend),
                cmocka_unit_test(rule_12_a_word_on_a_streak),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
