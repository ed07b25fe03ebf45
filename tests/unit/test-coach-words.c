/* SPDX-License-Identifier: MIT */

/* What the coach says: word for word where it matters, and all of it once in one table, which TEST_VERBOSE=1 prints to be read
 * aloud. */

#include "coach-fixture.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum Saying {
        SENTENCES, /* one or more, each with its full stop or question mark */
        CLAUSE,    /* a reason, which goes on after a colon */
        AT_ONCE,   /* sentences that are heard when they are said, and may speak of today */
} Saying;

static void print(const char *of_what, const char *text)
{
        static const char *last = "";

        if (!getenv("TEST_VERBOSE"))
                return;
        if (strcmp(of_what, last) != 0)
                printf("#\n# %s\n", of_what);
        last = of_what;
        printf("#    %s\n", text);
}

/* The text without what stands in backquotes, which is typed, not read. */
static void without_commands(const char *text, char buf[static COACH_TEXT_MAX])
{
        bool command = false;
        size_t n = 0;

        for (; *text; text++) {
                command ^= *text == '`';
                if (!command && *text != '`')
                        buf[n++] = *text;
        }
        buf[n] = '\0';
        if (command)
                fail_msg("a command has no end: %s", buf);
}

/* So many of one is said of it: "1 days" never. */
static void assert_numbers_agree(const char *text)
{
        static const char *const plurals[] = { "days", "minutes", "times", "seconds", "hours" };

        for (size_t i = 0; i < ELEMENTSOF(plurals); i++)
                for (const char *at = text; (at = strstr(at, plurals[i])); at++) {
                        bool one = at >= text + 2 && at[-1] == ' ' && at[-2] == '1' &&
                                   (at == text + 2 || !isalnum((unsigned char)at[-3]));
                        bool zero = at >= text + 3 && strncmp(at - 3, " 0 ", 3) == 0;

                        if (one || zero)
                                fail_msg("\"%s\": %s", plurals[i], text);
                }
}

static void say(const char *of_what, Saying saying, const char *text)
{
        static const char *const never[] = { "{", "}", "  ", " .", "..", "session 0", "(null)", "nan", "inf",
                " ,", ",.", "\n", "\t", "1970" };
        static const char *const not_of_another_day[] = { "today", "Today", "tomorrow", "yesterday",
                "tonight" };
        char read[COACH_TEXT_MAX];
        size_t n = strlen(text);

        print(of_what, text);
        assert_in_range(n, 5, COACH_TEXT_MAX - 2);
        for (size_t i = 0; i < ELEMENTSOF(never); i++)
                if (strstr(text, never[i]))
                        fail_msg("\"%s\": %s", never[i], text);
        without_commands(text, read);
        for (size_t i = 0; saying != AT_ONCE && i < ELEMENTSOF(not_of_another_day); i++)
                if (strstr(read, not_of_another_day[i]))
                        fail_msg("\"%s\": %s", not_of_another_day[i], text);
        assert_numbers_agree(text);
        if (saying == CLAUSE) {
                if (ispunct((unsigned char)text[n - 1]) && text[n - 1] != ')')
                        fail_msg("goes on after its end: %s", text);
                return;
        }
        if (text[n - 1] != '.' && text[n - 1] != '?')
                fail_msg("no end: %s", text);
        if (islower((unsigned char)text[0]) && strncmp(text, "left knee", 9) != 0)
                fail_msg("no beginning: %s", text);
}

/* -- Word for word -- */

static void words_of_reasons(void **state)
{
        static const struct {
                CoachDay day;
                const char *name, *expected;
        } cases[] = {
                { { .rule = RULE_MARATHON, .days = 0 }, "after-marathon", "the day of your marathon" },
                { { .rule = RULE_HALF, .days = 1, .since = 20000 }, "after-half",
                                "the day after your half marathon on 2024-10-04" },
                { { .rule = RULE_10K, .days = 2, .since = 20000 }, "after-10k",
                                "2 days after your 10K on 2024-10-04" },
                { { .rule = RULE_5K, .days = 1, .since = 20000 }, "after-5k",
                                "the day after your 5K on 2024-10-04" },
                { { .rule = RULE_BEFORE_RACE, .days = 1, .distance = DISTANCE_10K }, "before-race",
                                "the day before your 10K" },
                { { .rule = RULE_HARD, .days = 1, .since = 20000, .id = 12 }, "after-hard",
                                "the day after your hard run on 2024-10-04 (session 12)" },
                { { .rule = RULE_LONG, .days = 2, .since = 20000, .id = INT64_MAX }, "after-long",
                                "2 days after your long run on 2024-10-04 (session 9223372036854775807)" },
                { { .rule = RULE_PAIN_STOPS,
                                  .date = 20000,
                                  .n_pains = 1,
                                  .pain = { { 20000, true, "left knee" } } },
                                "pain",
                                "a pain that gets worse or changes how you move (left knee, 2024-10-04)" },
                { { .rule = RULE_PAIN,
                                  .date = 20001,
                                  .n_pains = 1,
                                  .pain = { { 20000, false, "left knee" } } },
                                "pain", "a pain (left knee, Friday)" },
                { { .rule = RULE_RUN_DOWN }, "body-scan",
                                "your body scan says run-down, and your resting heart rate is up" },
                { { .rule = RULE_WORN_OUT }, "body-scan", "your body scan says worn out" },
                { { .rule = RULE_TIRED }, "body-scan", "your body scan says run-down" },
                { { .rule = RULE_SORE }, "body-scan", "your body scan says sore" },
                { { .rule = RULE_CYCLE, .cycle_day = 9 }, "cycle",
                                "day 9 of your cycle, and no long run in it yet" },
                { { .rule = RULE_NONE }, "none", "nothing in your last days asks for rest" },
        };

        (void)state;
        assert_int_equal(ELEMENTSOF(cases), _RULE_MAX);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[COACH_TEXT_MAX];

                assert_string_equal(coach_reason_to_string(&cases[i].day, buf), cases[i].expected);
                assert_string_equal(coach_rule_to_string(cases[i].day.rule), cases[i].name);
                say("why", CLAUSE, buf);
        }
}

/* On the day of which it is said, and of the date whose kind it is: a weekday only where it can be the last one. */
static void words_of_pains(void **state)
{
        static const struct {
                AdviceKey key;
                Kind kind;
                size_t n;
                int since[3]; /* days */
                bool stops;
                const char *expected;
        } cases[] = {
                { ADVICE_PAIN_STANDS, KIND_RECOVERY, 1, { 0 }, false,
                                "left knee, 2026-05-20: once it is gone, `cardioctl log today --pain "
                                "none`." },
                { ADVICE_PAIN_GONE, KIND_BASE, 1, { 3 }, false,
                                "left knee, Sunday: gone? Then `cardioctl log today --pain none`." },
                { ADVICE_PAIN_GONE, KIND_BASE, 1, { 6 }, false,
                                "left knee, Thursday: gone? Then `cardioctl log today --pain none`." },
                { ADVICE_PAIN_GONE, KIND_REST, 1, { 7 }, true,
                                "left knee, 2026-05-13: gone, the same, worse? Once it is gone: "
                                "`cardioctl log today --pain none`." },
                { ADVICE_PAIN_GONE, KIND_RACE, 1, { 2 }, false,
                                "left knee, Monday: if it gets worse, or you limp, stop. "
                                "Once it is gone: `cardioctl log today --pain none`." },
                { ADVICE_PAIN_GONE, KIND_BASE, 2, { 1, 3 }, false,
                                "left knee, Tuesday; right calf, Sunday: gone, the same, worse? "
                                "`cardioctl log today` asks for each." },
                { ADVICE_PAIN_STANDS, KIND_RECOVERY, 3, { 0, 1, 2 }, false,
                                "left knee, 2026-05-20; right calf, Tuesday; back, Monday: "
                                "`cardioctl log today` takes back what is gone." },
                { ADVICE_PAIN_STANDS, KIND_RACE, 2, { 1, 1 }, false,
                                "left knee, Tuesday; right calf, Tuesday: if one gets worse, or you limp, stop. "
                                "`cardioctl log today` takes back what is gone." },
        };
        static const char *const where[] = { "left knee", "right calf", "back" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachDay day = { .date = day_of(TODAY),
                        .kind = cases[i].kind,
                        .n_pains = cases[i].n,
                        .pain_stops = cases[i].stops };
                char buf[COACH_TEXT_MAX];

                for (size_t k = 0; k < cases[i].n; k++) {
                        day.pain[k] = (CoachPain){ .since = day.date - cases[i].since[k],
                                .stops = cases[i].stops };
                        snprintf(day.pain[k].text, sizeof(day.pain[k].text), "%s", where[k]);
                }
                assert_string_equal(coach_advice_to_string(&day, &(CoachAdvice){ .key = cases[i].key }, buf),
                                cases[i].expected);
                say("pains", SENTENCES, buf);
        }
}

static void words_of_races_ahead(void **state)
{
        static const struct {
                unsigned days;
                Distance distance;
                CoachRule rule;
                const char *expected;
        } cases[] = {
                { 1, DISTANCE_10K, RULE_BEFORE_RACE, "Rest your legs, and eat well." },
                { 1, DISTANCE_10K, RULE_LONG, "The day before your 10K: rest your legs, and eat well." },
                { 2, DISTANCE_5K, RULE_NONE, "2 days to your 5K: nothing long or hard before it." },
                { 3, DISTANCE_5K, RULE_NONE, "3 days to your 5K." },
                { 3, DISTANCE_MARATHON, RULE_NONE,
                                "3 days to your marathon: nothing long or hard before it." },
                { 4, DISTANCE_HALF, RULE_NONE, "4 days to your half marathon: no long run before it." },
                { 6, DISTANCE_HALF, RULE_NONE, "6 days to your half marathon: no long run before it." },
                { 7, DISTANCE_HALF, RULE_NONE, "7 days to your half marathon." },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CoachDay day = { .rule = cases[i].rule };
                CoachAdvice advice = {
                        .key = ADVICE_RACE_AHEAD, .figure = cases[i].days, .distance = cases[i].distance
                };
                char buf[COACH_TEXT_MAX];

                assert_string_equal(coach_advice_to_string(&day, &advice, buf), cases[i].expected);
                say("races ahead", SENTENCES, buf);
        }
}

static void words_of_verdicts(void **state)
{
        static const struct {
                CoachVerdict verdict;
                const char *expected;
        } cases[] = {
                { { .key = VERDICT_GOOD,
                                  .asked = KIND_RECOVERY,
                                  .easy_percent = 100,
                                  .duration_s = 2400,
                                  .median_base_s = 2700 },
                                "A good recovery run. 100 % easy. Shorter than your base runs." },
                { { .key = VERDICT_GOOD,
                                  .asked = KIND_BASE,
                                  .easy_percent = 99.7,
                                  .over_s = 12,
                                  .breaches = 1,
                                  .longest_breach_s = 12,
                                  .duration_s = 3600,
                                  .median_base_s = 3600 },
                                "A good base run. 99 % easy, 12 s over the ceiling, the longest stretch 12 s. "
                                "About as long as your base runs." },
                { { .key = VERDICT_GOOD, .asked = KIND_RECOVERY, .easy_percent = NAN, .median_base_s = NAN },
                                "A good recovery run." },
                { { .key = VERDICT_TOO_FAST,
                                  .asked = KIND_RECOVERY,
                                  .easy_percent = 80,
                                  .over_s = 3900,
                                  .breaches = 3,
                                  .longest_breach_s = 237,
                                  .duration_s = 19500,
                                  .median_base_s = 2700 },
                                "Too fast for a recovery run. 80 % easy, 1 h 5 min over the ceiling, "
                                "the longest stretch 3 min 57 s. Longer than your base runs." },
                { { .key = VERDICT_TOO_FAST,
                                  .asked = KIND_BASE,
                                  .talk_test_failed = true,
                                  .easy_percent = 100,
                                  .median_base_s = NAN },
                                "Too fast for a base run: you could not talk, and that is what counts. 100 % easy." },
                { { .key = VERDICT_TOO_FAST,
                                  .asked = KIND_BASE,
                                  .talk_test_failed = true,
                                  .easy_percent = NAN,
                                  .median_base_s = NAN },
                                "Too fast for a base run: you could not talk, and that is what counts." },
                { { .key = VERDICT_TOO_LONG,
                                  .asked = KIND_RECOVERY,
                                  .max_minutes = 30,
                                  .easy_percent = 98,
                                  .over_s = 60,
                                  .duration_s = 3600,
                                  .median_base_s = 2700 },
                                "Longer than the day asked for, which was at most 30 minutes. "
                                "98 % easy, 1 min over the ceiling. Longer than your base runs." },
                /* Within the day's minutes, and yet longer than the runner's base runs. */
                { { .key = VERDICT_TOO_LONG,
                                  .asked = KIND_RECOVERY,
                                  .max_minutes = 30,
                                  .easy_percent = NAN,
                                  .duration_s = 1700,
                                  .median_base_s = 1200 },
                                "Too long for a recovery run. Longer than your base runs." },
                { { .key = VERDICT_UNKNOWN,
                                  .asked = KIND_BASE,
                                  .easy_percent = NAN,
                                  .median_base_s = 1800,
                                  .duration_s = 1800 },
                                "No heart rate, so only you know: could you hold a conversation?" },
                { { .key = VERDICT_REST_WAS_DUE,
                                  .day_kind = KIND_REST,
                                  .easy_percent = 100,
                                  .median_base_s = NAN },
                                "The day asked for rest, not for a run: give your legs a break soon." },
                { { .key = VERDICT_REST_WAS_DUE,
                                  .day_kind = KIND_CROSS_TRAINING,
                                  .easy_percent = 100,
                                  .median_base_s = NAN },
                                "The day asked for cross-training, not for a run: give your legs a break soon." },
                { { .key = VERDICT_REST_WAS_DUE,
                                  .day_kind = KIND_CROSS_TRAINING,
                                  .perhaps = true,
                                  .id = 12,
                                  .easy_percent = 100,
                                  .median_base_s = NAN },
                                "If this was a run, the day asked for cross-training. "
                                "If it was not: `cardioctl log 12 --kind cross-training`." },
                { { .key = VERDICT_REST_WAS_DUE,
                                  .day_kind = KIND_REST,
                                  .pain_stops = true,
                                  .easy_percent = 100,
                                  .median_base_s = NAN },
                                "A pain that stops you is in your log: please run no more until it is gone, "
                                "and let a professional look at it." },
                /* Figures, and no verdict. */
                { { .key = VERDICT_NONE,
                                  .easy_percent = 91.2,
                                  .over_s = 300,
                                  .breaches = 2,
                                  .longest_breach_s = 60,
                                  .median_base_s = 1800,
                                  .duration_s = 1800 },
                                "91 % easy, 5 min over the ceiling, the longest stretch 1 min." },
        };
        static const char *const keys[] = { "", "rest-was-due", "unknown", "too-fast", "too-long", "good" };
        char buf[COACH_TEXT_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_string_equal(coach_verdict_to_string(&cases[i].verdict, buf), cases[i].expected);
                say("how it went", SENTENCES, buf);
        }
        assert_int_equal(ELEMENTSOF(keys), _VERDICT_KEY_MAX);
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                assert_string_equal(verdict_key_to_string((VerdictKey)i), keys[i]);
        /* Nothing to say of it. */
        assert_string_equal(
                        coach_verdict_to_string(
                                        &(CoachVerdict){ .easy_percent = NAN, .median_base_s = NAN }, buf),
                        "");
}

static void words_at_once(void **state)
{
        static const struct {
                CoachDay day;
                bool moving;
                const char *expected;
        } cases[] = {
                { { .kind = KIND_REST, .rule = RULE_LONG, .days = 1, .since = 20000, .id = 1 }, true,
                                "Today asks for rest: the day after your long run on 2024-10-04 (session 1). A walk is fine; "
                                "running can wait." },
                { { .kind = KIND_CROSS_TRAINING, .rule = RULE_WORN_OUT }, false,
                                "If this is a run, today asks for cross-training: your body scan says worn out. "
                                "Anything light but running is fine." },
                { { .kind = KIND_RECOVERY,
                                  .rule = RULE_HALF,
                                  .days = 1,
                                  .since = 20000,
                                  .max_minutes = 30,
                                  .usual_s = 3600 },
                                false,
                                "Today asks for a recovery run of at most 30 minutes: "
                                "the day after your half marathon on 2024-10-04. Keep it easy and short." },
                { { .kind = KIND_RECOVERY,
                                  .rule = RULE_PAIN,
                                  .date = 20001,
                                  .max_minutes = 15,
                                  .n_pains = 1,
                                  .pain = { { 20000, false, "left knee" } } },
                                false,
                                "Today asks for one easy mile: a pain (left knee, Friday). "
                                "If it gets worse, or you limp, stop." },
                { { .kind = KIND_REST,
                                  .rule = RULE_PAIN_STOPS,
                                  .date = 20001,
                                  .pain_stops = true,
                                  .n_pains = 1,
                                  .pain = { { 20000, true, "left knee" } } },
                                false,
                                "left knee, Friday: that pain has not been taken back. "
                                "Please stop running, and let a professional look at it first." },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[COACH_TEXT_MAX];

                assert_true(coach_session_advice(&cases[i].day, _KIND_INVALID, false, cases[i].moving, buf));
                assert_string_equal(buf, cases[i].expected);
                say("in the first minutes", AT_ONCE, buf);
        }
}

/* -- All of them -- */

static void words_of_all_advice(void **state)
{
        (void)state;
        for (unsigned key = ADVICE_NONE + 1; key < _ADVICE_KEY_MAX; key++) {
                char first[COACH_TEXT_MAX] = "";

                for (unsigned variant = 0; variant < 2; variant++) {
                        CoachDay day = { .date = 20003,
                                .kind = KIND_BASE,
                                .rule = RULE_NONE,
                                .n_pains = 1,
                                .pain = { { 20000, false, "left knee" } } };
                        CoachAdvice advice = { .key = (AdviceKey)key,
                                .figure = variant ? 47 : 5,
                                .id = variant ? INT64_MAX : 3,
                                .date = 20000,
                                .distance = variant ? DISTANCE_HALF : DISTANCE_5K };
                        char buf[COACH_TEXT_MAX];

                        if (key == ADVICE_SHORTER && !variant)
                                advice.figure = 0;
                        coach_advice_to_string(&day, &advice, buf);
                        if (variant == 0)
                                snprintf(first, sizeof(first), "%s", buf);
                        if (variant == 0 || strcmp(first, buf) != 0)
                                say("what to do", SENTENCES, buf);
                }
        }
}

static void words_of_all_care(void **state)
{
        char buf[COACH_TEXT_MAX];

        (void)state;
        for (unsigned key = CARE_NONE + 1; key < _CARE_KEY_MAX; key++)
                say("what does you good", SENTENCES,
                                coach_care_to_string(&(CoachCare){ .key = (CareKey)key, .figure = 7 }, buf));
        coach_care_to_string(&(CoachCare){ .key = CARE_STRETCH, .after_race = true }, buf);
        assert_string_equal(buf, "After the race: stretch for ten minutes, gently.");
        coach_care_to_string(&(CoachCare){ .key = CARE_MASSAGE, .after_race = true }, buf);
        assert_string_equal(buf, "After the race: a light massage does your legs good.");
        say("what does you good", SENTENCES, buf);
        coach_care_to_string(&(CoachCare){ .key = CARE_STREAK, .figure = 30 }, buf);
        assert_string_equal(
                        buf, "30 days in a row: well done. Stretching, rolling and patience keep it going.");
}

static void words_after_a_race(void **state)
{
        char buf[COACH_TEXT_MAX];

        (void)state;
        for (unsigned d = 0; d < _DISTANCE_MAX; d++)
                say("a race is over", SENTENCES, coach_after_race_to_string((Distance)d, buf));
        for (unsigned d = 0; d < _DISTANCE_MAX; d++)
                say("half an hour later", SENTENCES, coach_eaten_to_string((Distance)d, buf));
        say("the talk test", SENTENCES, coach_talk_test_question());
}

/* On the morning of a race everything that is for afterwards says so. */
static void words_on_race_day(void **state)
{
        (void)state;
        for (unsigned d = 0; d < _DISTANCE_MAX; d++) {
                CoachConfig c = config_default();
                CoachFacts f = facts_today();
                char buf[COACH_TEXT_MAX];
                CoachDay day;

                add_race(&f, 0, (Distance)d);
                day = ask(&f, &c);
                assert_int_equal(day.n_advice, 2);
                assert_int_equal(day.n_care, 2);
                for (size_t i = 0; i < 2; i++) {
                        assert_ptr_equal(strstr(coach_advice_to_string(&day, &day.advice[i], buf),
                                                         "After the race: "),
                                        buf);
                        assert_ptr_equal(strstr(coach_care_to_string(&day.care[i], buf), "After the race: "),
                                        buf);
                }
        }
}

/* A generator of one's own, so that the days are the same everywhere (Park and Miller). */
static unsigned draw(uint32_t *seed, unsigned below)
{
        *seed = (uint32_t)((uint64_t)*seed * 48271 % 2147483647);
        return *seed % below;
}

static CoachFacts draw_facts(uint32_t *seed)
{
        CoachFacts f = facts_of(day_of(TODAY) + (Day)draw(seed, 400));

        for (unsigned n = draw(seed, 8); n > 0; n--) {
                CoachSession *s = add_session(&f, (int)draw(seed, 12), (Kind)(1 + draw(seed, KIND_RACE)),
                                5 + draw(seed, 180));

                s->talk_test = (TalkTest)draw(seed, 2);
                s->was_long = draw(seed, 2);
        }
        for (unsigned n = draw(seed, 4); n > 0; n--)
                add_race(&f, (int)draw(seed, 40) - 8, (Distance)draw(seed, _DISTANCE_MAX))->hilly =
                                draw(seed, 2);
        for (unsigned n = draw(seed, 3) == 0 ? draw(seed, COACH_PAINS_MAX + 1) : 0; n > 0; n--)
                add_pain(&f, (int)draw(seed, 9), draw(seed, 5) == 0, "left knee");
        for (unsigned n = draw(seed, 9); n > 0; n--)
                add_morning(&f, (int)n - 1, 48 + draw(seed, 14));
        f.scan = (CoachScan){ draw(seed, FEEL_MAX + 1), draw(seed, 4) == 0, draw(seed, 4) == 0 };
        f.last_long = draw(seed, 2) ? f.date - 1 - (Day)draw(seed, 12) : DAY_NONE;
        f.first_run = f.date - 20;
        f.streak = draw(seed, 40);
        return f;
}

/* Of two lines of a day none says what another one says. */
static void assert_differ(char said[][COACH_TEXT_MAX], size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (size_t k = i + 1; k < n; k++)
                        if (strcmp(said[i], said[k]) == 0)
                                fail_msg("twice: %s", said[i]);
}

static void words_of_any_day(void **state)
{
        static char said[1 + COACH_ADVICE_MAX + COACH_CARE_MAX][COACH_TEXT_MAX];
        uint32_t seed = 1;

        (void)state;
        unsetenv("TEST_VERBOSE"); /* this is not the table */
        for (unsigned i = 0; i < 20000; i++) {
                CoachFacts f = draw_facts(&seed);
                CoachConfig c = config_default();
                char buf[COACH_TEXT_MAX];
                CoachRun run;
                CoachVerdict v;
                size_t n = 0;
                CoachDay day;

                c.level = (Level)draw(&seed, _LEVEL_MAX);
                c.phase = (Phase)draw(&seed, _PHASE_MAX);
                c.rest_days = draw(&seed, 2);
                day = ask(&f, &c);
                say("", CLAUSE, coach_reason_to_string(&day, said[n++]));
                for (size_t k = 0; k < day.n_advice; k++)
                        say("", SENTENCES, coach_advice_to_string(&day, &day.advice[k], said[n++]));
                for (size_t k = 0; k < day.n_care; k++)
                        say("", SENTENCES, coach_care_to_string(&day.care[k], said[n++]));
                assert_differ(said, n);
                if (coach_session_advice(
                                    &day, (Kind)draw(&seed, _KIND_MAX), draw(&seed, 2), draw(&seed, 2), buf))
                        say("", AT_ONCE, buf);

                run = run_of((Kind)draw(&seed, _KIND_MAX));
                run.said = draw(&seed, 2);
                run.live_s = draw(&seed, 3) ? run.live_s : 0;
                run.over_s = draw(&seed, 2) ? draw(&seed, 1800) : 0;
                run.breaches = draw(&seed, 3);
                run.longest_breach_s = run.breaches ? draw(&seed, 600) : 0;
                coach_verdict(&f, &day, &run, &v);
                coach_verdict_to_string(&v, buf);
                if (*buf || v.key != VERDICT_NONE)
                        say("", SENTENCES, buf);
        }
}

/* The longest there can be: nothing is cut off. */
static void words_have_room(void **state)
{
        CoachDay day = { .date = DAY_MAX,
                .kind = KIND_RACE,
                .rule = RULE_PAIN_STOPS,
                .n_pains = COACH_PAINS_MAX,
                .pain_stops = true };
        CoachVerdict v = { .key = VERDICT_TOO_FAST,
                .asked = KIND_RECOVERY,
                .talk_test_failed = true,
                .easy_percent = 100,
                .over_s = 1e9,
                .breaches = UINT32_MAX,
                .longest_breach_s = 1e9,
                .duration_s = 1e9,
                .median_base_s = 1 };
        char buf[COACH_TEXT_MAX];

        (void)state;
        for (size_t i = 0; i < COACH_PAINS_MAX; i++) {
                day.pain[i].since = DAY_MIN;
                memset(day.pain[i].text, 'x', DIARY_WORDS_MAX);
        }
        coach_reason_to_string(&day, buf);
        assert_int_equal(buf[strlen(buf) - 1], ')');
        for (unsigned key = ADVICE_NONE + 1; key < _ADVICE_KEY_MAX; key++) {
                coach_advice_to_string(&day,
                                &(CoachAdvice){ (AdviceKey)key, UINT32_MAX, INT64_MAX, DAY_MAX,
                                                DISTANCE_HALF },
                                buf);
                assert_in_range(strlen(buf), 10, COACH_TEXT_MAX - 2);
                assert_int_equal(buf[strlen(buf) - 1], '.');
        }
        day.kind = KIND_REST;
        assert_true(coach_session_advice(&day, _KIND_INVALID, false, false, buf));
        assert_int_equal(buf[strlen(buf) - 1], '.');
        assert_in_range(strlen(coach_verdict_to_string(&v, buf)), 10, COACH_TEXT_MAX - 2);
        assert_int_equal(buf[strlen(buf) - 1], '.');
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(words_of_reasons),
                cmocka_unit_test(words_of_all_advice),
                cmocka_unit_test(words_of_pains),
                cmocka_unit_test(words_of_races_ahead),
                cmocka_unit_test(words_of_all_care),
                cmocka_unit_test(words_at_once),
                cmocka_unit_test(words_after_a_race),
                cmocka_unit_test(words_of_verdicts),
                cmocka_unit_test(words_on_race_day),
                cmocka_unit_test(words_have_room),
                cmocka_unit_test(words_of_any_day),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
