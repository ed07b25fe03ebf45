/* SPDX-License-Identifier: MIT */

/* What the limiter announces, and when: repeats that grow, never two that are close, and what waits for the end of a
 * snooze. */

#include "limiter-fixture.h"

/* -- What is announced, and when ----------------------------------------------------------------------------------- */

/* By default 1, 3, 7, 12 and 17 minutes after the first. */
static void test_repeats_grow(void **state)
{
        static const struct {
                double repeat_s;
                double after_s[6]; /* of the one before */
        } cases[] = {
                { 60, { 60, 120, 240, 300, 300, 300 } }, { 10, { 10, 20, 40, 80, 160, 300 } },
                { 75, { 75, 150, 300, 300, 300, 300 } }, { 200, { 200, 300, 300, 300, 300, 300 } },
                { 300, { 300, 300, 300, 300, 300, 300 } },
                { 600, { 600, 600, 600, 600, 600, 600 } }, /* never two closer than repeat */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                LimiterConfig c = config;
                double at_s = 11;
                Play p;

                c.repeat_usec = SEC(cases[i].repeat_s);
                p = play_begin(&c);
                play_on(&p, breach_1_to_11);
                for (size_t k = 0; k < ELEMENTSOF(cases[i].after_s); k++) {
                        at_s += cases[i].after_s[k];
                        play_on(&p, (const Step[]){ BREACH(RUN, at_s - 1, ABOVE),
                                                    BREACH(HR, at_s - 0.000001, ABOVE),
                                                    { HR, at_s, ABOVE, LIMITER_OVER, at_s - 1, 1,
                                                                    LIMITER_BREACH },
                                                    { 0 } });
                }
        }
}

/* A repeat that falls due while in range, unsettled or in a gap comes when above again, and the next counts from there. */
static void test_repeats_only_while_above(void **state)
{
        static const struct {
                Step between[3];
                double length_s; /* when it is announced at 80 s: 70 s, if over from 1 to 71 */
        } cases[] = {
                { { BREACH(RUN, 70, ABOVE), BREACH(RUN, 79, AT) }, 70 },
                { { BREACH(RUN, 70, ABOVE), BREACH(ODD, 71, LOW), BREACH(ODD, 79, LOW) }, 70 },
                { { BREACH(RUN, 69, ABOVE) }, 70 }, /* 2 s of the gap are over */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Play p = play_begin(&config);
                double length_s = cases[i].length_s;

                play_on(&p, breach_1_to_11);
                for (size_t k = 0; k < ELEMENTSOF(cases[i].between); k++)
                        play_on(&p, (const Step[]){ cases[i].between[k], { 0 } });
                play_on(&p, (const Step[]){ { HR, 80, ABOVE, LIMITER_OVER, length_s, 1, LIMITER_BREACH },
                                            BREACH(RUN, 199, ABOVE),
                                            { HR, 200, ABOVE, LIMITER_OVER, length_s + 120, 1,
                                                            LIMITER_BREACH },
                                            { 0 } });
        }
}

/* Across breaches, ceilings and sessions. A breach that ends before its turn has no BACK either. */
static void test_never_two_closer_than_repeat(void **state)
{
        static const Step second_breach[] = {
                BREACH(RUN, 26, AT),
                { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW },
                BELOW(RUN, 37, ABOVE),
                { HR, 38, ABOVE, LIMITER_BEGAN, 10, 28, LIMITER_BREACH },
                BREACH(RUN, 70, ABOVE),
                BREACH(HR, 70.999999, ABOVE),
                { HR, 71, ABOVE, LIMITER_OVER, 43, 28, LIMITER_BREACH },
                BREACH(RUN, 130, ABOVE),
                { HR, 131, ABOVE, LIMITER_OVER, 103, 28, LIMITER_BREACH }, /* grows anew with each breach */
                BREACH(RUN, 250, ABOVE),
                { HR, 251, ABOVE, LIMITER_OVER, 223, 28, LIMITER_BREACH },
                BREACH(RUN, 266, AT),
                { HR, 267, AT, ENDED_BACK, 223, 251, LIMITER_BELOW },
                { 0 },
        };
        static const Step ends_before_its_turn[] = {
                BREACH(RUN, 26, AT),
                { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW },
                BELOW(RUN, 37, ABOVE),
                { HR, 38, ABOVE, LIMITER_BEGAN, 10, 28, LIMITER_BREACH },
                BREACH(RUN, 53, AT),
                { HR, 54, AT, LIMITER_ENDED, 10, 38, LIMITER_BELOW },
                BELOW(RUN, 64, ABOVE), /* the third from 55 on */
                { HR, 65, ABOVE, LIMITER_BEGAN, 10, 55, LIMITER_BREACH },
                { END, 66, 0, LIMITER_ENDED, 10, 65, LIMITER_BELOW },
                { 0 },
        };
        static const Step in_range_at_its_turn[] = {
                BREACH(RUN, 26, AT),
                { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW },
                BELOW(RUN, 50, LOW),
                BELOW(RUN, 60, ABOVE),
                { HR, 61, ABOVE, LIMITER_BEGAN, 10, 51, LIMITER_BREACH },
                BREACH(RUN, 75, AT),
                { HR, 76, ABOVE, LIMITER_OVER, 11, 51, LIMITER_BREACH },
                { 0 },
        };
        static const Step another_ceiling[] = {
                { END, 11, 0, ENDED_BACK, 10, 11, LIMITER_BELOW },
                BELOW(BEGIN, 11, 150),
                BELOW(RUN, 20, 152),
                BELOW(RUN, 30, 152.5),
                { HR, 31, 152.5, LIMITER_BEGAN, 10, 21, LIMITER_BREACH },
                BREACH(RUN, 70, 152.5),
                { HR, 71, 152.5, LIMITER_OVER, 50, 21, LIMITER_BREACH },
                { 0 },
        };
        static const Step *const cases[] = { second_breach, ends_before_its_turn, in_range_at_its_turn,
                another_ceiling };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Play p = play_begin(&config);

                play_on(&p, breach_1_to_11);
                play_on(&p, cases[i]);
        }
}

/* Back in range waits for nothing: it may follow OVER at once. */
static void test_back_waits_for_nothing(void **state)
{
        static const Step steps[] = {
                BREACH(RUN, 26, AT),
                { HR, 27, AT, ENDED_BACK, 10, 11, LIMITER_BELOW },
                BELOW(RUN, 64, ABOVE - 1),
                BELOW(RUN, 74, ABOVE),
                { HR, 75, ABOVE, BEGAN_OVER, 10, 65, LIMITER_BREACH },
                BREACH(RUN, 90, AT),
                { HR, 91, AT, ENDED_BACK, 10, 75, LIMITER_BELOW },
                { 0 },
        };
        Play p = play_begin(&config);

        (void)state;
        play_on(&p, breach_1_to_11);
        play_on(&p, steps);
}

/* -- Snoozed ------------------------------------------------------------------------------------------------------- */

/* A breach begun while muted is counted, and announced when that ends, if above then; and is over as quietly as it began. */
static void test_muted(void **state)
{
        static const Step announced_late[] = {
                BELOW(MUTE, 0, 30),
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, LIMITER_BEGAN, 10, 1, LIMITER_BREACH },
                BREACH(RUN, 29, ABOVE),
                BREACH(TICK, 29.999999, 0),
                { TICK, 30, 0, LIMITER_OVER, 28, 1, LIMITER_BREACH },
                BREACH(TICK, 31, 0),
                BREACH(RUN, 89, ABOVE),
                { HR, 90, ABOVE, LIMITER_OVER, 89, 1, LIMITER_BREACH },
                BREACH(RUN, 105, AT),
                { HR, 106, AT, ENDED_BACK, 89, 90, LIMITER_BELOW },
                { 0 },
        };
        static const Step never_announced[] = {
                BELOW(MUTE, 0, 60),
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, LIMITER_BEGAN, 10, 1, LIMITER_BREACH },
                BREACH(RUN, 26, AT),
                { HR, 27, AT, LIMITER_ENDED, 10, 11, LIMITER_BELOW },
                BELOW(TICK, 60, 0),
                { 0 },
        };
        /* Announced before it was muted: its end is announced, muted or not, and a repeat that was left out. */
        static const Step announced_before[] = {
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, BEGAN_OVER, 10, 1, LIMITER_BREACH },
                BREACH(MUTE, 11, 100),
                BREACH(RUN, 99, ABOVE),
                { TICK, 100, 0, LIMITER_OVER, 98, 1, LIMITER_BREACH },
                BREACH(MUTE, 101, 200),
                BREACH(RUN, 101, ABOVE),
                BREACH(RUN, 116, AT),
                { HR, 117, AT, ENDED_BACK, 100, 101, LIMITER_BELOW },
                BELOW(TICK, 200, 0),
                { 0 },
        };
        /* The muting ended by command, and sooner than repeat after the last announcement. */
        static const Step unmuted[] = {
                BELOW(MUTE, 0, 100),
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, LIMITER_BEGAN, 10, 1, LIMITER_BREACH },
                BREACH(MUTE, 12, 12),
                { TICK, 12, 0, LIMITER_OVER, 10, 1, LIMITER_BREACH },
                BREACH(RUN, 20, ABOVE),
                BREACH(MUTE, 20, 40),
                BREACH(RUN, 40, ABOVE),
                BREACH(TICK, 40, 0),
                BREACH(RUN, 71, ABOVE),
                { HR, 72, ABOVE, LIMITER_OVER, 71, 1, LIMITER_BREACH },
                { 0 },
        };
        static const Step exactly_repeat_after_the_last[] = {
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, BEGAN_OVER, 10, 1, LIMITER_BREACH },
                BREACH(MUTE, 11, 71),
                BREACH(RUN, 70, ABOVE),
                { TICK, 71, 0, LIMITER_OVER, 69, 1, LIMITER_BREACH },
                { 0 },
        };
        static const Step *const cases[] = { announced_late, never_announced, announced_before, unmuted,
                exactly_repeat_after_the_last };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                play(&config, cases[i]);
}

/* The muting ends while the runner is not above, or there is no heart rate to go by: announced once above again. */
static void test_unmuted_not_above(void **state)
{
        static const struct {
                Step between[3];
                Op tick;
        } cases[] = {
                { { BREACH(RUN, 20, ABOVE), BREACH(RUN, 29, AT) }, TICK },
                { { BREACH(ODD, 29, 200) }, TICK },
                { { BREACH(RUN, 24, ABOVE) }, TICK_IN_GAP },
        };
        static const Step begin[] = {
                BELOW(MUTE, 0, 30),
                BELOW(RUN, 10, ABOVE),
                { HR, 11, ABOVE, LIMITER_BEGAN, 10, 1, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned goes_on = 0; goes_on < 2; goes_on++) {
                        Play p = play_begin(&config);

                        play_on(&p, begin);
                        play_on(&p, cases[i].between);
                        play_on(&p, (const Step[]){ BREACH(cases[i].tick, 30, 0), { 0 } });
                        assert_int_equal(limiter_deadline(&p.limiter), USEC_INFINITY);
                        assert_int_equal(heart_rate(&p, HR, SEC(31), AT), 0);
                        assert_int_equal(heart_rate(&p, ODD, SEC(32), 200), 0);
                        if (goes_on) {
                                assert_int_equal(heart_rate(&p, HR, SEC(33), ABOVE), LIMITER_OVER);
                                assert_int_equal(heart_rate(&p, HR, SEC(34), ABOVE), 0);
                        } else {
                                assert_int_equal(heart_rate(&p, HR, SEC(46), AT), LIMITER_ENDED);
                        }
                }
}

/* repeat = 0, and yet the end of the muting announces. */
static void test_unmuted_without_repeat(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, BEGAN_OVER, 0, 1, LIMITER_BREACH },
                BREACH(MUTE, 2, 5),
                BREACH(HR, 3, ABOVE),
                { TICK, 5, 0, LIMITER_OVER, 2, 1, LIMITER_BREACH },
                BREACH(HR, 6, ABOVE),
                { 0 },
        };

        (void)state;
        play(&(LimiterConfig){ .tolerance = 2 }, steps);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_repeats_grow),
                cmocka_unit_test(test_repeats_only_while_above),
                cmocka_unit_test(test_never_two_closer_than_repeat),
                cmocka_unit_test(test_back_waits_for_nothing),
                cmocka_unit_test(test_muted),
                cmocka_unit_test(test_unmuted_not_above),
                cmocka_unit_test(test_unmuted_without_repeat),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
