/* SPDX-License-Identifier: MIT */

/* The handbook's rule 8 and the rows of the coach's table around a race, tests named after each: the day itself, the days
 * after it and before it, and races that are not listed, or not run. */

#include "coach-fixture.h"

/* A letter a day from the day of the race on, for whom the rows are as they stand, and where they last half as long again. */
static const struct {
        Distance distance;
        bool stretched, days_off;
        const char *days;
} after_race[] = {
        /* "1 · 2–6 · 7–13 · 14–20 · 21 | rest · cross-training · recovery (20–30), days 9 and 12 rest (recovery with
         * `rest-days = no`) · even base, odd recovery · base, one light workout" */
        { DISTANCE_MARATHON, false, true,
                        "R"
                        "."
                        "xxxxx"
                        "qq.qq.q"
                        "brbrbrb"
                        "h"
                        "   " },
        { DISTANCE_MARATHON, false, false,
                        "R"
                        "."
                        "xxxxx"
                        "qqqqqqq"
                        "brbrbrb"
                        "h"
                        "   " },
        { DISTANCE_MARATHON, true, true,
                        "R"
                        "."
                        "xxxxxxxx"
                        "qqq.qqq..q"
                        "bbrbbrbbrbb"
                        "h"
                        "   " },
        { DISTANCE_MARATHON, true, false,
                        "R"
                        "."
                        "xxxxxxxx"
                        "qqqqqqqqqq"
                        "bbrbbrbbrbb"
                        "h"
                        "   " },
        /* "1 · 2–3 · 4–6 · 7–13 | recovery (20–30), or cross-training · day 2 base with strides, day 3 recovery ·
         * recovery · base; from day 4 on one hard workout is allowed" */
        { DISTANCE_HALF, false, true,
                        "R"
                        "q"
                        "br"
                        "HHH"
                        "hhhhhhh"
                        "   " },
        { DISTANCE_HALF, true, true,
                        "R"
                        "q"
                        "bbr"
                        "HHHHH"
                        "hhhhhhhhhh"
                        "   " },
        /* "1 · 2 | recovery (30–), normal training if it feels right · base, lighter" */
        { DISTANCE_10K, false, true,
                        "R"
                        "n"
                        "b"
                        "   " },
        { DISTANCE_10K, true, true,
                        "R"
                        "n"
                        "bb"
                        "   " },
        { DISTANCE_5K, false, true,
                        "R"
                        "n"
                        "b"
                        "   " },
        { DISTANCE_5K, true, true,
                        "R"
                        "n"
                        "bb"
                        "   " },
};

/* Each day after each race for each level, phase, rest-days and terrain. "Hilly race, `new`, `returning`: any or all of them
 * stretch the rows after a race (not day 0, none before it) by half, once" */
static void assert_after_race(size_t strip, const CoachConfig *c, bool hilly)
{
        for (int days = 0; after_race[strip].days[days]; days++) {
                CoachFacts f = facts_today();
                char expected = after_race[strip].days[days];
                CoachDay day;

                add_race(&f, days, after_race[strip].distance)->hilly = hilly;
                day = ask(&f, c);
                if (letter_of(&day) != expected)
                        fail_msg("%d days after %s (%s, rest-days %d, hilly %d): '%c', expected '%c'", days,
                                        distance_to_string(after_race[strip].distance),
                                        level_to_string(c->level), c->rest_days, hilly, letter_of(&day),
                                        expected);
                if (expected == ' ') {
                        assert_int_equal(day.rule, RULE_NONE);
                        continue;
                }
                assert_int_equal(day.rule, after_race[strip].distance);
                assert_int_equal(day.id, 101);
                assert_int_equal(day.days, days);
                assert_int_equal(day.since, f.date - days);
        }
}

static void rule_08_after_a_race(void **state)
{
        unsigned n = 0;

        (void)state;
        for (unsigned level = 0; level < _LEVEL_MAX; level++)
                for (unsigned phase = 0; phase < _PHASE_MAX; phase++)
                        for (int off = 0; off <= 1; off++)
                                for (int hilly = 0; hilly <= 1; hilly++)
                                        for (size_t i = 0; i < ELEMENTSOF(after_race); i++) {
                                                CoachConfig c = config_default();
                                                bool more = level == LEVEL_NEW || level == LEVEL_RETURNING;

                                                c.level = (Level)level;
                                                c.phase = (Phase)phase;
                                                c.rest_days = off;
                                                if (after_race[i].stretched != (more || hilly))
                                                        continue;
                                                if (after_race[i].distance == DISTANCE_MARATHON &&
                                                                after_race[i].days_off != c.rest_days)
                                                        continue;
                                                assert_after_race(i, &c, hilly);
                                                n++;
                                        }
        assert_int_equal(n, _LEVEL_MAX * _PHASE_MAX * 2 * 2 * _DISTANCE_MAX);
}

/* What goes with the day besides its kind. */
static void rule_08_advice(void **state)
{
        static const struct {
                Distance distance;
                int days;
                AdviceKey key[2];
        } cases[] = {
                { DISTANCE_MARATHON, 0, { ADVICE_AFTER_MARATHON, ADVICE_WALK } },
                { DISTANCE_MARATHON, 1, { ADVICE_NO_RUNNING } },
                { DISTANCE_MARATHON, 3, { ADVICE_LIGHT_CROSS_TRAINING, ADVICE_DAY_OFF } },
                { DISTANCE_MARATHON, 7, { ADVICE_SEE_HOW_IT_FEELS } },
                { DISTANCE_MARATHON, 9, { ADVICE_NO_RUNNING } },
                { DISTANCE_MARATHON, 12, { ADVICE_NO_RUNNING } },
                { DISTANCE_MARATHON, 14, { ADVICE_STRIDES } },
                { DISTANCE_MARATHON, 15, { ADVICE_SHORTER, ADVICE_STRIDES } },
                { DISTANCE_MARATHON, 21, { ADVICE_ONE_LIGHT_WORKOUT, ADVICE_BLOOD } },
                { DISTANCE_HALF, 0, { ADVICE_AFTER_HALF, ADVICE_JOG_10 } },
                { DISTANCE_HALF, 1, { ADVICE_OR_CROSS_TRAIN } },
                { DISTANCE_HALF, 2, { ADVICE_STRIDES } },
                { DISTANCE_HALF, 3, { ADVICE_SHORTER } },
                { DISTANCE_HALF, 4, { ADVICE_ONE_HARD_WORKOUT, ADVICE_SHORTER } },
                { DISTANCE_HALF, 7, { ADVICE_ONE_HARD_WORKOUT } },
                { DISTANCE_10K, 0, { ADVICE_AFTER_SHORT, ADVICE_COOL_DOWN } },
                { DISTANCE_5K, 0, { ADVICE_AFTER_SHORT, ADVICE_COOL_DOWN } },
                { DISTANCE_10K, 1, { ADVICE_OR_NORMAL } },
                { DISTANCE_5K, 1, { ADVICE_OR_NORMAL } },
                { DISTANCE_10K, 2, { ADVICE_LIGHTER } },
                { DISTANCE_5K, 2, { ADVICE_LIGHTER } },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_today();
                CoachDay day;

                add_race(&f, cases[i].days, cases[i].distance);
                add_session(&f, cases[i].days, KIND_RACE, 30);
                day = ask(&f, &c);
                for (size_t k = 0; k < 2 && cases[i].key[k] != ADVICE_NONE; k++)
                        assert_int_equal(day.advice[k].key, cases[i].key[k]);
        }
}

/* "from day 4 on one hard workout is allowed, and after it was done not again"; a hilly one stretches that, too. */
static void rule_08_half_one_hard_workout(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int hilly = 0; hilly <= 1; hilly++)
                for (int done = 1; done <= 13; done++) {
                        int first = hilly ? 5 : 4;
                        CoachFacts f = facts_today();
                        CoachDay day;

                        /* Asked three days later, when the workout itself has no say any more. */
                        add_race(&f, done + 3, DISTANCE_HALF)->hilly = hilly;
                        add_session(&f, 3, KIND_HARD, 40);
                        day = ask(&f, &c);
                        if (done + 3 < first || done + 3 > 13)
                                continue;
                        assert_int_equal(coach_allows(&day, KIND_HARD), done < first);
                        assert_int_equal(advises(&day, ADVICE_ONE_HARD_WORKOUT), done < first);
                        assert_int_equal(advises(&day, ADVICE_HARD_WORKOUT_DONE), done >= first);
                        /* One of nine minutes was none. */
                        f.session[0].duration_s = 540;
                        day = ask(&f, &c);
                        assert_true(coach_allows(&day, KIND_HARD));
                }
}

/* On the day on which it is done it is the one, and no other is called welcome. */
static void rule_08_half_hard_workout_of_the_day(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_race(&f, 8, DISTANCE_HALF);
        add_session(&f, 0, KIND_HARD, 40);
        day = ask(&f, &c);
        assert_true(coach_allows(&day, KIND_HARD));
        assert_false(advises(&day, ADVICE_ONE_HARD_WORKOUT));
        assert_true(advises(&day, ADVICE_HARD_WORKOUT_DONE));
}

/* "Else the most careful of what these say" */
static void rule_08_overlapping(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_race(&f, 2, DISTANCE_5K);       /* base */
        add_race(&f, 8, DISTANCE_MARATHON); /* recovery, 20 to 30 minutes */
        day = ask(&f, &c);
        assert_int_equal(letter_of(&day), 'q');
        assert_int_equal(day.rule, RULE_MARATHON);

        /* Both say recovery: the shorter one. */
        f.race[0].date = f.date - 1;
        day = ask(&f, &c);
        assert_int_equal(day.rule, RULE_MARATHON);
        assert_int_equal(letter_of(&day), 'q');

        add_session(&f, 1, KIND_LONG, 90);
        day = ask(&f, &c);
        assert_int_equal(letter_of(&day), 'o');
}

/* What one of them does not allow another cannot give back. */
static void rule_08_overlapping_allows(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_race(&f, 1, DISTANCE_5K); /* recovery, or as usual … */
        add_session(&f, 1, KIND_RACE, 22);
        add_session(&f, 2, KIND_HARD, 40); /* … but base at most */
        day = ask(&f, &c);
        assert_kind(day.kind, KIND_RECOVERY);
        assert_int_equal(day.allowed, up_to(KIND_BASE));
        assert_false(advises(&day, ADVICE_OR_NORMAL));

        f = facts_today();
        add_race(&f, 8, DISTANCE_HALF);      /* base, or one hard workout … */
        add_race(&f, 14, DISTANCE_MARATHON); /* … which this one does not know */
        day = ask(&f, &c);
        assert_int_equal(letter_of(&day), 'b');
        assert_false(advises(&day, ADVICE_ONE_HARD_WORKOUT));
}

/* "a race listed for it is `race`, whatever lies behind" */
static void rule_08_race_day_whatever_lies_behind(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (unsigned behind = 0; behind < 12; behind++)
                for (unsigned distance = 0; distance < _DISTANCE_MAX; distance++) {
                        CoachFacts f = facts_today();
                        CoachDay day;

                        add_race(&f, 0, (Distance)distance);
                        if (behind < 4)
                                add_race(&f, 1, (Distance)behind);
                        else if (behind < 7)
                                add_session(&f, 1, (Kind)(KIND_LONG + behind - 4), 100);
                        else if (behind == 7)
                                add_pain(&f, 0, false, "left knee");
                        else if (behind == 8)
                                add_race(&f, -1, DISTANCE_MARATHON);
                        else
                                f.scan = (CoachScan){ .feel = behind - 8, .sore = true };
                        day = ask(&f, &c);
                        assert_int_equal(letter_of(&day), 'R');
                        assert_int_equal(day.rule, distance);
                        assert_int_equal(day.id, 101);
                        assert_int_equal(day.ceiling.kind, INTENSITY_OFF);
                        assert_true(advises(&day, ADVICE_AFTER_MARATHON) ||
                                        advises(&day, ADVICE_AFTER_HALF) ||
                                        advises(&day, ADVICE_AFTER_SHORT));
                }
}

/* Two races on one day: the longer one is the day's. */
static void rule_08_two_races_on_one_day(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();

        (void)state;
        add_race(&f, 0, DISTANCE_5K);
        add_race(&f, 0, DISTANCE_HALF);
        add_race(&f, 0, DISTANCE_10K);
        assert_int_equal(ask(&f, &c).rule, RULE_HALF);
        f.date++;
        assert_int_equal(ask(&f, &c).rule, RULE_HALF);
}

/* "A session said to be a `race` whose date has no race counts as one by its length, ≥ 2:30 h as a marathon, ≥ 1:15 h as a
 * half, else as a 10k, until the runner lists it; `today` asks which it was." */
static void rule_08_unlisted_race(void **state)
{
        static const struct {
                double minutes;
                CoachRule rule;
                char next_day;
        } cases[] = {
                { 10, RULE_10K, 'n' },
                { 74.9, RULE_10K, 'n' },
                { 75, RULE_HALF, 'q' },
                { 149.9, RULE_HALF, 'q' },
                { 150, RULE_MARATHON, '.' },
                { 400, RULE_MARATHON, '.' },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachFacts f = facts_today();
                CoachDay day;

                add_session(&f, 1, KIND_RACE, cases[i].minutes);
                day = ask(&f, &c);
                assert_int_equal(day.rule, cases[i].rule);
                assert_int_equal(letter_of(&day), cases[i].next_day);
                assert_int_equal(day.advice[0].key, ADVICE_RACE_WHICH);
                assert_int_equal(day.advice[0].id, 1);
                assert_int_equal(day.advice[0].date, f.date - 1);

                /* Listed, it is what the list says. */
                add_race(&f, 1, DISTANCE_5K);
                day = ask(&f, &c);
                assert_int_equal(day.rule, RULE_5K);
                assert_false(advises(&day, ADVICE_RACE_WHICH));
        }
}

/* Asked from its own day on for a week, and once where there are two of them. */
static void rule_08_unlisted_race_is_asked_for(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int days = 0; days <= 9; days++) {
                CoachFacts f = facts_today();
                unsigned n = 0;
                CoachDay day;

                add_session(&f, days, KIND_RACE, 50);
                add_session(&f, days, KIND_RACE, 50);
                day = ask(&f, &c);
                for (size_t i = 0; i < day.n_advice; i++)
                        n += day.advice[i].key == ADVICE_RACE_WHICH;
                assert_int_equal(n, days < 7);
        }
}

/* "A listed race whose date has no race session: its rows are in force, and `today` asks the day after" */
static void rule_08_listed_race_not_run(void **state)
{
        CoachConfig c = config_default();

        (void)state;
        for (int days = 0; days <= 3; days++) {
                CoachFacts f = facts_today();
                CoachDay day;

                add_race(&f, days, DISTANCE_HALF);
                add_session(&f, days, KIND_BASE, 20); /* its warm-up */
                day = ask(&f, &c);
                assert_int_equal(day.rule, RULE_HALF);
                assert_int_equal(advises(&day, ADVICE_RACE_RUN), days == 1);
                if (days == 1)
                        assert_int_equal(find_advice(&day, ADVICE_RACE_RUN)->id, 101);
                add_session(&f, days, KIND_RACE, 100);
                day = ask(&f, &c);
                assert_false(advises(&day, ADVICE_RACE_RUN));
        }
}

/* "before a marathon or half | −6 … −2 · −1 | no `long`, from −3 no `hard` · recovery (–30)" and "before a 10k, 5k | −2 · −1 |
 * no `long`, no `hard` · recovery (–30)": how much is forbidden, from seven days before on, a digit a day. 1 no long,
 * 2 nothing long or hard. */
static void rule_08_before_a_race(void **state)
{
        static const char *const expected[_DISTANCE_MAX] = {
                [DISTANCE_5K] = "000002e",
                [DISTANCE_10K] = "000002e",
                [DISTANCE_HALF] = "011122e",
                [DISTANCE_MARATHON] = "011122e",
        };
        static const unsigned allowed[] = { 127, 127 & ~(1U << KIND_LONG),
                127 & ~(1U << KIND_LONG) & ~LETTER_HARD };
        CoachConfig c = config_default();

        (void)state;
        for (unsigned level = 0; level < _LEVEL_MAX; level++)
                for (int hilly = 0; hilly <= 1; hilly++)
                        for (size_t d = 0; d < _DISTANCE_MAX; d++)
                                for (int ahead = 7; ahead >= 1; ahead--) {
                                        CoachFacts f = facts_today();
                                        char letter = expected[d][7 - ahead];
                                        CoachDay day;

                                        c.level = (Level)level;
                                        f.last_long = f.date - 8; /* a long run would be due */
                                        add_race(&f, -ahead, (Distance)d)->hilly = hilly;
                                        day = ask(&f, &c);
                                        assert_true(advises(&day, ADVICE_RACE_AHEAD));
                                        if (letter == 'e') {
                                                assert_int_equal(letter_of(&day), 'e');
                                                assert_int_equal(day.rule, RULE_BEFORE_RACE);
                                                assert_int_equal(day.distance, d);
                                                continue;
                                        }
                                        assert_int_equal(day.allowed, allowed[letter - '0']);
                                        assert_kind(day.kind, letter == '0' ? KIND_LONG : KIND_BASE);
                                }
}

/* "seven days ahead", the nearest first. */
static void rule_08_races_ahead(void **state)
{
        CoachConfig c = config_default();
        CoachFacts f = facts_today();
        CoachDay day;

        (void)state;
        add_race(&f, -8, DISTANCE_5K);
        assert_false(advises((day = ask(&f, &c), &day), ADVICE_RACE_AHEAD));
        add_race(&f, -7, DISTANCE_HALF);
        add_race(&f, -2, DISTANCE_5K);
        day = ask(&f, &c);
        assert_int_equal(day.n_advice, 2);
        assert_int_equal(day.advice[0].figure, 2);
        assert_int_equal(day.advice[0].distance, DISTANCE_5K);
        assert_int_equal(day.advice[1].figure, 7);
}

/* What a race ahead forbids is not advised by a row either. */
static void rule_08_race_ahead_and_row(void **state)
{
        static const struct {
                Distance distance;
                int days;
                AdviceKey key;
        } cases[] = {
                { DISTANCE_HALF, 8, ADVICE_ONE_HARD_WORKOUT },
                { DISTANCE_MARATHON, 21, ADVICE_ONE_LIGHT_WORKOUT },
                { DISTANCE_5K, 1, ADVICE_OR_NORMAL },
        };
        CoachConfig c = config_default();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (int ahead = 2; ahead <= 3; ahead++) {
                        CoachFacts f = facts_today();
                        CoachDay day;

                        add_race(&f, cases[i].days, cases[i].distance);
                        add_session(&f, cases[i].days, KIND_RACE, 60);
                        add_race(&f, -ahead, DISTANCE_5K);
                        day = ask(&f, &c);
                        assert_int_equal(advises(&day, cases[i].key), ahead == 3);
                        assert_int_equal(coach_allows(&day, KIND_HARD), ahead == 3);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rule_08_after_a_race),
                cmocka_unit_test(rule_08_advice),
                cmocka_unit_test(rule_08_half_one_hard_workout),
                cmocka_unit_test(rule_08_half_hard_workout_of_the_day),
                cmocka_unit_test(rule_08_overlapping),
                cmocka_unit_test(rule_08_overlapping_allows),
                cmocka_unit_test(rule_08_race_day_whatever_lies_behind),
                cmocka_unit_test(rule_08_two_races_on_one_day),
                cmocka_unit_test(rule_08_unlisted_race),
                cmocka_unit_test(rule_08_unlisted_race_is_asked_for),
                cmocka_unit_test(rule_08_listed_race_not_run),
                cmocka_unit_test(rule_08_before_a_race),
                cmocka_unit_test(rule_08_races_ahead),
                cmocka_unit_test(rule_08_race_ahead_and_row),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
