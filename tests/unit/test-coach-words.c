/* SPDX-License-Identifier: MIT */

/* What the coach says, word for word where it matters, and never more than there is room for. */

#include "coach-fixture.h"

#include "cardio/phrase.h"

static void test_reasons(void **state)
{
        static const struct {
                CoachDay day;
                const char *expected;
        } cases[] = {
                { { .rule = RULE_MARATHON, .days = 0, .since = 0 }, "the day of your marathon, 1970-01-01" },
                { { .rule = RULE_HALF, .days = 1, .since = 0 },
                                "the day after your half marathon on 1970-01-01" },
                { { .rule = RULE_10K, .days = 2, .since = 0 }, "2 days after your 10K on 1970-01-01" },
                { { .rule = RULE_5K, .days = 1, .since = 31 }, "the day after your 5K on 1970-02-01" },
                { { .rule = RULE_HARD, .days = 1, .since = 0, .id = 12 },
                                "the day after your hard run on 1970-01-01 (session 12)" },
                { { .rule = RULE_LONG, .days = 2, .since = 0, .id = INT64_MAX },
                                "2 days after your long run on 1970-01-01 (session 9223372036854775807)" },
                { { .rule = RULE_PAIN_WORSE, .since = 0 },
                                "you logged a pain that worsens or changes how you move" },
                { { .rule = RULE_PAIN, .since = 0 }, "you logged a pain" },
                { { .rule = RULE_CYCLE, .cycle_days = 9, .since = DAY_NONE },
                                "the last day of your cycle of 9 days, which has had no long run" },
                { { .rule = RULE_NONE, .since = DAY_NONE },
                                "no race, hard or long run behind you asks for anything else" },
        };
        static const char *const rules[] = { "after-5k", "after-10k", "after-half", "after-marathon",
                "after-hard", "after-long", "body-scan", "body-scan", "cycle", "none" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[COACH_TEXT_MAX];

                assert_string_equal(coach_reason_to_string(&cases[i].day, buf), cases[i].expected);
        }
        assert_int_equal(ELEMENTSOF(rules), _RULE_MAX);
        for (size_t i = 0; i < ELEMENTSOF(rules); i++)
                assert_string_equal(coach_rule_to_string((CoachRule)i), rules[i]);
}

static void test_advice(void **state)
{
        static const struct {
                CoachAdvice advice;
                const char *expected;
        } cases[] = {
                { { ADVICE_SHORTER, 47, 0 },
                                "Keep it shorter than your base runs, which take about 47 minutes." },
                { { ADVICE_SHORTER, 0, 0 }, "Keep it shorter than your base runs." },
                { { ADVICE_LONG, 60, 0 }, "Take your time: at least 60 minutes." },
                { { ADVICE_RACE_AHEAD, 1, DISTANCE_10K }, "Your 10K is tomorrow." },
                { { ADVICE_RACE_AHEAD, 7, DISTANCE_HALF }, "7 days to your half marathon." },
                { { ADVICE_RACE_TODAY, 0, DISTANCE_5K },
                                "Your 5K is today all the same. If you start, start gently." },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[COACH_TEXT_MAX];

                assert_string_equal(coach_advice_to_string(&cases[i].advice, buf), cases[i].expected);
        }

        /* Each has its words, all of its places are filled, and the longest figures have room. */
        for (size_t key = ADVICE_NONE + 1; key < _ADVICE_KEY_MAX; key++) {
                CoachAdvice advice = { (AdviceKey)key, UINT32_MAX, DISTANCE_HALF };
                char buf[COACH_TEXT_MAX];
                size_t n = strlen(coach_advice_to_string(&advice, buf));

                assert_in_range(n, 10, COACH_TEXT_MAX - 2);
                assert_int_equal(buf[n - 1], '.');
                assert_null(strpbrk(buf, "{}"));
        }
}

static void test_verdicts(void **state)
{
        static const struct {
                CoachVerdict verdict;
                const char *expected;
        } cases[] = {
                { { .easy_percent = 100, .median_base_s = 2700, .shorter = true },
                                "A good recovery run. 100 % easy. Shorter than your base runs." },
                { { .easy_percent = 99.9, .over_s = 2, .median_base_s = NAN },
                                "A good recovery run. 99 % easy, 0:02 over the ceiling." },
                { { .too_fast = true,
                                  .easy_percent = 80,
                                  .over_s = 360,
                                  .breaches = 1,
                                  .longest_breach_s = 358,
                                  .median_base_s = 1800 },
                                "Too fast for a recovery run. 80 % easy, 6:00 over the ceiling, too fast "
                                "once (5:58). "
                                "As long as your base runs: make the next one shorter." },
                { { .too_fast = true,
                                  .easy_percent = 10,
                                  .over_s = 5400,
                                  .breaches = 12,
                                  .longest_breach_s = 3725,
                                  .median_base_s = NAN },
                                "Too fast for a recovery run. 10 % easy, 1:30:00 over the ceiling, too fast "
                                "12 times "
                                "(longest 1:02:05)." },
                { { .too_fast = true, .talk_test_failed = true, .easy_percent = NAN, .median_base_s = NAN },
                                "Too fast for a recovery run. You could not talk: that is too fast, whatever "
                                "the heart "
                                "rate said." },
                { { .easy_percent = NAN, .median_base_s = NAN }, "A good recovery run." },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[COACH_TEXT_MAX];

                assert_string_equal(coach_verdict_to_string(&cases[i].verdict, buf), cases[i].expected);
        }
}

/* The longest there can be. */
static void test_room(void **state)
{
        CoachVerdict v = {
                .too_fast = true,
                .talk_test_failed = true,
                .easy_percent = 100,
                .over_s = 1e9,
                .breaches = UINT32_MAX,
                .longest_breach_s = 1e9,
                .median_base_s = 1,
        };
        CoachDay day = {
                .kind = KIND_CROSS_TRAINING,
                .rule = RULE_HALF,
                .days = UINT32_MAX,
                .since = DAY_MAX,
        };
        char buf[COACH_TEXT_MAX];

        (void)state;
        assert_in_range(strlen(coach_verdict_to_string(&v, buf)), 10, COACH_TEXT_MAX - 2);
        assert_true(coach_session_advice(&day, KIND_RACE, buf));
        assert_in_range(strlen(buf), 10, COACH_TEXT_MAX - 2);
        day.rule = RULE_HARD;
        day.id = INT64_MAX;
        assert_true(coach_session_advice(&day, KIND_RACE, buf));
        assert_in_range(strlen(buf), 10, COACH_TEXT_MAX - 2);
}

static void test_builder(void **state)
{
        char buf[8];
        Phrase p = phrase_begin(buf, sizeof(buf));

        (void)state;
        assert_string_equal(buf, "");
        phrase_add(&p, "abcde");
        phrase_add_unsigned(&p, 0);
        assert_string_equal(buf, "abcde0");
        phrase_add_unsigned(&p, 12345);
        assert_string_equal(buf, "abcde01");
        phrase_add(&p, "x");
        assert_string_equal(buf, "abcde01");

        p = phrase_begin(buf, sizeof(buf));
        phrase_add_seconds(&p, 59.5);
        assert_string_equal(buf, "1:00");
        p = phrase_begin(buf, sizeof(buf));
        phrase_add_seconds(&p, -1);
        assert_string_equal(buf, "0:00");
        p = phrase_begin(buf, sizeof(buf));
        phrase_add_seconds(&p, 3661);
        assert_string_equal(buf, "1:01:01");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reasons),
                cmocka_unit_test(test_advice),
                cmocka_unit_test(test_verdicts),
                cmocka_unit_test(test_room),
                cmocka_unit_test(test_builder),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
