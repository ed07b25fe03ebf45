/* SPDX-License-Identifier: MIT */

/* When a breach begins and ends, and how long it was. */

#include "limiter-fixture.h"

/* -- The hold ------------------------------------------------------------------------------------------------------ */

static void test_one_breach(void **state)
{
        static const Step steps[] = {
                BELOW(RUN, 10, AT),
                BELOW(RUN, 20, ABOVE), /* from 11 on: 9 s are credited */
                BELOW(HR, 20.999999, ABOVE),
                { HR, 21, ABOVE, BEGAN_OVER, 10, 11, LIMITER_BREACH },
                BREACH(RUN, 30, ABOVE),
                BREACH(RUN, 45, AT), /* from 31 on */
                BREACH(HR, 45.999999, AT),
                { HR, 46, AT, ENDED_BACK, 19, 30, LIMITER_BELOW },
                BELOW(RUN, 60, AT),
                BELOW(END, 61, 0),
                { 0 },
        };

        (void)state;
        play(&config, steps);
}

/* Above from 1 to 6, which makes 5 s; then something; then above again: when the hold is full, and since when. */
static void test_what_breaks_a_hold(void **state)
{
        static const struct {
                const char *what;
                Step between[3];
                double again_s, began_s, full_s, length_s;
        } cases[] = {
                { "above", { BELOW(HR, 7, ABOVE) }, 8, 1, 11, 10 },
                { "in range", { BELOW(HR, 7, LOW) }, 8, 8, 18, 10 },
                { "at ceiling + tolerance", { BELOW(HR, 7, AT) }, 8, 8, 18, 10 },
                /* The odd one's second is not held, and whether it is over depends on its value. */
                { "an unsettled one in range", { BELOW(ODD, 7, LOW) }, 8, 1, 12, 10 },
                { "an unsettled one above", { BELOW(ODD, 7, 200) }, 8, 1, 12, 11 },
                { "two unsettled ones", { BELOW(ODD, 7, LOW), BELOW(ODD, 8, LOW) }, 9, 1, 13, 10 },
                { "a missing one", { { 0 } }, 8, 1, 11, 10 },
                /* Of a gap what its heart rate is worth, 2 s, and no more. */
                { "a gap", { { 0 } }, 12, 1, 15, 10 },
                { "a gap of a minute", { { 0 } }, 66, 1, 69, 10 },
                { "a gap of more than a minute", { { 0 } }, 66.000001, 66.000001, 76.000001, 10 },
                { "two gaps of less", { BELOW(ODD, 60, 200) }, 110, 1, 113, 12 },
                { "a gap of more than a minute before an unsettled one", { BELOW(ODD, 67, 200) }, 68, 68, 78,
                                10 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Play p = play_begin(&config);
                usec_t at_usec;

                play_on(&p, (const Step[]){ BELOW(RUN, 6, ABOVE), { 0 } });
                play_on(&p, cases[i].between);
                for (at_usec = SEC(cases[i].again_s); at_usec < SEC(cases[i].full_s); at_usec += SEC(1))
                        if (heart_rate(&p, HR, at_usec, ABOVE) != 0)
                                fail_msg("%s: full at %.6f s", cases[i].what, (double)at_usec / 1e6);
                if (heart_rate(&p, HR, at_usec, ABOVE) != BEGAN_OVER)
                        fail_msg("%s: not full", cases[i].what);
                assert_int_equal(p.limiter.began.at_usec, SEC(cases[i].began_s));
                if (limiter_length(&p.limiter) != SEC(cases[i].length_s))
                        fail_msg("%s: length %.6f s", cases[i].what,
                                        (double)limiter_length(&p.limiter) / 1e6);
        }
}

/* The tenth second is credited with a heart rate that is not above, or not settled. */
static void test_full_only_when_above(void **state)
{
        static const Step in_range[] = {
                BELOW(RUN, 10, ABOVE),
                BELOW(HR, 11, AT),
                BELOW(RUN, 21, ABOVE),
                { HR, 22, ABOVE, BEGAN_OVER, 10, 12, LIMITER_BREACH },
                { 0 },
        };
        static const Step unsettled[] = {
                BELOW(RUN, 10, ABOVE),
                BELOW(ODD, 11, 200),
                BELOW(ODD, 12, 200),
                { HR, 13, ABOVE, BEGAN_OVER, 12, 1, LIMITER_BREACH },
                { 0 },
        };
        static const Step unsettled_then_in_range[] = {
                BELOW(RUN, 10, ABOVE),
                BELOW(ODD, 11, 200),
                BELOW(HR, 12, AT),
                BELOW(RUN, 22, ABOVE),
                { HR, 23, ABOVE, BEGAN_OVER, 10, 13, LIMITER_BREACH },
                { 0 },
        };
        /* A hold that only unsettled values follow is never full; nor does one begin with them. */
        static const Step unsettled_for_ever[] = {
                BELOW(ODD, 1, ABOVE),
                BELOW(ODD, 2, ABOVE),
                BELOW(RUN, 4, ABOVE),
                BELOW(ODD, 5, ABOVE),
                BELOW(ODD, 50, ABOVE),
                BELOW(ODD, 100, ABOVE),
                BELOW(END, 101, 0),
                { 0 },
        };

        (void)state;
        play(&config, in_range);
        play(&config, unsettled);
        play(&config, unsettled_then_in_range);
        play(&config, unsettled_for_ever);
}

/* Of a slow sensor as many heart rates as make up the hold. */
static void test_hold_of_a_slow_sensor(void **state)
{
        static const struct {
                double every_s;
                unsigned n; /* that are above before the one with which it is full */
                double length_s;
        } cases[] = { { 3, 4, 12 }, { 5, 2, 10 }, { 5.2, 2, 10.4 }, { 9.999999, 2, 19.999998 }, { 10, 1, 10 },
                { 11, 1, 11 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Play p = play_begin(&config);
                usec_t at_usec = SEC(1);

                p.most_usec = SEC(12);
                for (unsigned n = 0; n < cases[i].n; n++, at_usec += SEC(cases[i].every_s))
                        assert_int_equal(heart_rate(&p, HR, at_usec, ABOVE), 0);
                assert_int_equal(heart_rate(&p, HR, at_usec, ABOVE), BEGAN_OVER);
                assert_int_equal(limiter_length(&p.limiter), SEC(cases[i].length_s));
        }
}

static void test_without_hold_clear_and_repeat(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, BEGAN_OVER, 0, 1, LIMITER_BREACH },
                BREACH(HR, 2, ABOVE),
                { HR, 3, AT, ENDED_BACK, 1, 2, LIMITER_BELOW },
                { HR, 4, ABOVE, BEGAN_OVER, 0, 4, LIMITER_BREACH },
                BREACH(HR, 1000, ABOVE), /* never again */
                BREACH(HR, 100000, ABOVE),
                { 0 },
        };

        (void)state;
        play(&(LimiterConfig){ .tolerance = 2 }, steps);
}

/* -- The end ------------------------------------------------------------------------------------------------------- */

static void test_what_ends_a_breach(void **state)
{
        static const struct {
                const char *what;
                Step steps[6];
        } cases[] = {
                { "in range for 15 s", { BREACH(RUN, 26, AT), BREACH(HR, 26.999999, AT),
                                                       { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                { "above once: it begins anew, and the breach lasted until then",
                                { BREACH(RUN, 19, AT), BREACH(HR, 20, ABOVE), BREACH(RUN, 35, AT),
                                                { HR, 36, AT, ENDED_BACK, 11, 20, LIMITER_BELOW } } },
                /* What is unsettled, or frozen, breaks nothing, and takes no part. */
                { "unsettled above in between",
                                { BREACH(RUN, 19, AT), BREACH(ODD, 20, 200), BREACH(ODD, 21, 200),
                                                BREACH(RUN, 26, AT),
                                                { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                { "unsettled in range first",
                                { BREACH(ODD, 12, LOW), BREACH(RUN, 27, AT),
                                                { HR, 28, AT, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                { "unsettled in range last",
                                { BREACH(RUN, 26, AT), BREACH(ODD, 27, LOW), BREACH(ODD, 28, LOW),
                                                { HR, 29, LOW, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                /* By the clock: a gap's time counts, if the heart rate before it was in range. */
                { "a gap in range", { BREACH(HR, 12, AT), BREACH(HR, 26.999999, AT),
                                                    { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                { "a long gap in range",
                                { BREACH(HR, 12, AT), { HR, 500, AT, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                { "a gap while above", { BREACH(HR, 100, AT), BREACH(HR, 114.999999, AT),
                                                       { HR, 115, AT, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
                { "a gap after which it is above: it is still open",
                                { BREACH(HR, 12, AT), { HR, 75, ABOVE, LIMITER_OVER, 11, 1, LIMITER_BREACH },
                                                BREACH(RUN, 90, AT),
                                                { HR, 91, AT, ENDED_BACK, 11, 75, LIMITER_BELOW } } },
                { "a gap of minutes: of it 2 s are over",
                                { { HR, 311, ABOVE, LIMITER_OVER, 12, 1, LIMITER_BREACH },
                                                BREACH(HR, 312, AT),
                                                { HR, 327, AT, ENDED_BACK, 12, 311, LIMITER_BELOW } } },
                { "the session's end while above",
                                { { END, 12, 0, ENDED_BACK, 10, 11, LIMITER_BELOW }, BELOW(END, 13, 0) } },
                { "the session's end while in range",
                                { BREACH(RUN, 15, AT), { END, 16, 0, ENDED_BACK, 10, 11, LIMITER_BELOW } } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Play p = play_begin(&config);

                p.what = cases[i].what;
                play_on(&p, breach_1_to_11);
                play_on(&p, cases[i].steps);
        }
}

/* Fifteen seconds too fast, then long in the tolerance: it is over after `clear`, and was as long as it was over. */
static void test_tolerance_is_in_range(void **state)
{
        static const Step steps[] = {
                BELOW(RUN, 10, 165),
                { HR, 11, 165, BEGAN_OVER, 10, 1, LIMITER_BREACH },
                BREACH(RUN, 15, 165),
                BREACH(RUN, 30, 146.5),
                { HR, 31, 146.5, ENDED_BACK, 14, 15, LIMITER_BELOW },
                BELOW(RUN, 105, AT),
                { 0 },
        };

        (void)state;
        play(&config, steps);
}

/* A speed in m/s, with a tolerance of 3 %: the numbers are small, the rules are the same. */
static void test_a_speed(void **state)
{
        static const LimiterConfig speed = {
                .tolerance = 0.03 * 2.5, .hold_usec = SEC(15), .clear_usec = SEC(15), .repeat_usec = SEC(60)
        };
        static const Step steps[] = {
                BELOW(BEGIN, 0, 2.5),
                BELOW(RUN, 30, 2.57),
                BELOW(RUN, 45, 2.58), /* from 31 on */
                { HR, 46, 2.58, BEGAN_OVER, 15, 31, LIMITER_BREACH },
                BREACH(RUN, 61, 2.57), /* from 47 on */
                { HR, 62, 0, ENDED_BACK, 15, 46, LIMITER_BELOW },
                { 0 },
        };
        Play p = play_begin(&speed);

        (void)state;
        play_on(&p, steps);
        assert_true(p.limiter.ended.value == 2.58);
}

/* -- Beginning and ending ------------------------------------------------------------------------------------------ */

static void test_no_limit(void **state)
{
        static const Step steps[] = {
                BELOW(BEGIN, 0, NAN),
                BELOW(RUN, 60, 250),
                BELOW(HR, 61, 25),
                BELOW(TICK, 61, 0),
                BELOW(END, 61, 0),
                /* A limit in the middle of a run: what was before it is not held against anyone. */
                BELOW(BEGIN, 61, CEILING),
                BELOW(RUN, 71, ABOVE),
                { HR, 72, ABOVE, BEGAN_OVER, 10, 62, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        play(&config, steps);
}

/* A new session, or limit, forgets everything but the muting; an end in the middle of a hold is none of a breach. */
static void test_begin_forgets(void **state)
{
        static const Step in_a_hold[] = {
                BELOW(RUN, 10, ABOVE),
                BELOW(END, 10, 0),
                BELOW(BEGIN, 10, CEILING),
                BELOW(RUN, 20, ABOVE),
                { HR, 21, ABOVE, BEGAN_OVER, 10, 11, LIMITER_BREACH },
                { 0 },
        };
        static const Step in_a_breach[] = {
                BELOW(MUTE, 0, 50),
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, LIMITER_BEGAN, 10, 1, LIMITER_BREACH },
                BREACH(RUN, 12, ABOVE),
                { END, 12, 0, LIMITER_ENDED, 11, 12, LIMITER_BELOW },
                BELOW(BEGIN, 12, 150),
                BELOW(RUN, 23, 152),
                BELOW(RUN, 33, 152.5),
                { HR, 34, 152.5, LIMITER_BEGAN, 10, 24, LIMITER_BREACH },
                { TICK, 50, 0, LIMITER_OVER, 10, 24, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        play(&config, in_a_hold);
        play(&config, in_a_breach);
}

/* -- What always holds --------------------------------------------------------------------------------------------- */

/* xorshift32 (Marsaglia 2003) */
static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

typedef struct Sums {
        usec_t over_usec, breaches_usec, told_usec;
        bool open, announced;
        unsigned n_breaches, n_over;
} Sums;

static void check_facts(Sums *sums, const Play *p, LimiterFacts facts)
{
        const Limiter *l = &p->limiter;

        if (facts & LIMITER_BEGAN) {
                assert_false(sums->open);
                sums->open = true;
                sums->announced = false;
                sums->n_breaches++;
        }
        if (facts & LIMITER_OVER) {
                assert_true(sums->open && l->above);
                assert_true(sums->told_usec == 0 || p->at_usec - sums->told_usec >= p->config.repeat_usec);
                sums->told_usec = p->at_usec;
                sums->announced = true;
                sums->n_over++;
        }
        if (facts & LIMITER_ENDED) {
                assert_true(sums->open);
                assert_int_equal((facts & LIMITER_BACK) != 0, sums->announced);
                assert_true(l->ended.at_usec <= p->at_usec);
                sums->breaches_usec += limiter_length(l);
                sums->open = false;
        } else {
                assert_false(facts & LIMITER_BACK);
        }
        assert_true(sums->breaches_usec + (sums->open ? limiter_length(l) : 0) <= sums->over_usec);
}

/* No two announcements closer than repeat, BACK for each breach announced, and the breaches together no more than all that
 * was over. */
static void test_random(void **state)
{
        unsigned n_breaches = 0, n_over = 0;

        (void)state;
        for (uint32_t round = 1; round <= 50; round++) {
                Play p = play_begin(&config);
                Sums sums = { 0 };
                uint32_t seed = round;
                usec_t at_usec = SEC(1);
                double smoothed = 140;
                bool over = false;

                for (unsigned i = 0; i < 4000; i++) {
                        uint32_t kind = next_random(&seed) % 40;
                        usec_t step_usec = kind == 0 ? SEC(1) + next_random(&seed) % SEC(80) : SEC(1);
                        Op op = kind == 1 || kind == 2 ? ODD : HR;

                        at_usec += step_usec;
                        if (next_random(&seed) % 20 == 0)
                                smoothed = 140 + next_random(&seed) % 14;
                        if (over && p.at_usec > 0)
                                sums.over_usec += step_usec < SEC(2) ? step_usec : SEC(2);
                        over = smoothed > 147;
                        check_facts(&sums, &p, heart_rate(&p, op, at_usec, smoothed));
                }
                check_facts(&sums, &p, limiter_end(&p.limiter));
                assert_false(sums.open);
                n_breaches += sums.n_breaches;
                n_over += sums.n_over;
        }
        assert_true(n_breaches > 1000 && n_over > 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_breach),
                cmocka_unit_test(test_what_breaks_a_hold),
                cmocka_unit_test(test_full_only_when_above),
                cmocka_unit_test(test_hold_of_a_slow_sensor),
                cmocka_unit_test(test_without_hold_clear_and_repeat),
                cmocka_unit_test(test_what_ends_a_breach),
                cmocka_unit_test(test_tolerance_is_in_range),
                cmocka_unit_test(test_a_speed),
                cmocka_unit_test(test_no_limit),
                cmocka_unit_test(test_begin_forgets),
                cmocka_unit_test(test_random),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
