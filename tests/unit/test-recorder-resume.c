/* SPDX-License-Identifier: MIT */

/* A session over a restart, and none while a heart rate is measured lying still. */

#include "recorder-fixture.h"

/* -- Held, for a measurement --------------------------------------------------------------------------------------- */

static void hold(Recorder *r, const RecorderConfig *c, double t, RecorderAction expected)
{
        RecorderAction action;

        assert_int_equal(recorder_hold(r, c, SEC(t), &action), 0);
        assert_int_equal(action, expected);
}

/* While it is held nothing begins, and effort counts from its release on; none of what was before is recorded. */
static void test_held(void **state)
{
        _cleanup_free_ Play *p = play_begin(&config);

        (void)state;
        play_on(p, (const Step[]){ IDLE(HR, 0, 10, EFFORT), IDLE(RUN, 0, 13, EFFORT), { 0 } });
        hold(&p->r, &config, 13, RECORDER_NOTHING);
        play_on(p, (const Step[]){ IDLE(RUN, 0, 60, EFFORT), { 0 } });
        recorder_release(&p->r, SEC(60));
        play_on(p, (const Step[]){ IDLE(RUN, 0, 64, EFFORT), BEGINS(HR, 0, 65, EFFORT), { 0 } });
        assert_int_equal(p->asked_usec, SEC(60) + 1);
        assert_int_equal(p->r.begin_usec, SEC(61));
}

/* Where any heart rate would begin one, the strap worn for it begins none before effort is seen, or it has been away. */
static void test_held_where_contact_begins(void **state)
{
        static const Step worn[] = { IDLE(RUN, 0, 100, REST), { 0 } };
        static const Step away[] = { IDLE(HR, 0, 119.999999, REST), BEGINS(HR, 0, 139.999999, REST), { 0 } };
        static const Step effort[] = { IDLE(RUN, 0, 104, EFFORT), BEGINS(HR, 0, 105, EFFORT), { 0 } };
        static const Step *const cases[] = { away, effort };
        RecorderConfig c = config;

        (void)state;
        c.start_above = 0;
        c.effort_above = 95;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&c);

                hold(&p->r, &c, 1, RECORDER_NOTHING);
                play_on(p, (const Step[]){ IDLE(HR, 0, 2, REST), IDLE(RUN, 0, 20, REST), { 0 } });
                recorder_release(&p->r, SEC(20));
                play_on(p, worn);
                play_on(p, cases[i]);
        }
}

/* A session that is only a strap put on makes way while it would not be kept. */
static void test_hold_makes_way(void **state)
{
        static const struct {
                double start_above;
                double bpm, last_s; /* its first heart rate is at 100 */
                int r;
        } cases[] = {
                { 0, REST, 109.999999, 0 }, { 0, REST, 110, -EBUSY }, /* min-duration: it would be kept */
                { 0, EFFORT, 105, -EBUSY }, { 100, EFFORT, 105, -EBUSY },
                { 80, REST, 105, -EBUSY }, /* effort, as the runner has it */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                RecorderAction action = _RECORDER_ACTION_INVALID;
                RecorderConfig c = config;
                _cleanup_free_ Play *p = NULL;

                c.start_after_usec = 0;
                c.start_above = cases[i].start_above;
                p = play_begin(&c);
                assert_int_equal(heart_rate(p, HR, 0, SEC(100), cases[i].bpm), RECORDER_START);
                assert_int_equal(heart_rate(p, HR, 0, SEC(cases[i].last_s), cases[i].bpm), RECORDER_KEEP);
                assert_int_equal(recorder_hold(&p->r, &c, SEC(111), &action), cases[i].r);
                assert_int_equal(p->r.state, cases[i].r < 0 ? RECORDER_RECORDING : RECORDER_IDLE);
                if (cases[i].r < 0) {
                        assert_int_equal(action, _RECORDER_ACTION_INVALID);
                        continue;
                }
                assert_int_equal(action, RECORDER_DISCARD);
                recorder_release(&p->r, SEC(112));
                assert_int_equal(heart_rate(p, HR, 0, SEC(113), REST), RECORDER_NOTHING);
        }
}

/* One begun by hand, and one in which the effort is over, do not. */
static void test_hold_keeps_runs(void **state)
{
        static const Step by_hand[] = { { START, 0, 100, 0, RECORDER_START, RECORDER_RECORDING, 100 },
                { 0 } };
        static const Step effort_is_over[] = { BEGINS(HR, 0, 100, REST), KEPT(HR, 0, 101, EFFORT, 101),
                KEPT(HR, 0, 102, REST, 102), { 0 } };
        static const Step *const cases[] = { by_hand, effort_is_over };
        RecorderConfig c = config;

        (void)state;
        c.min_duration_usec = SEC(60);
        c.start_above = 0;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&c);
                RecorderAction action;

                play_on(p, cases[i]);
                assert_int_equal(recorder_hold(&p->r, &c, SEC(103), &action), -EBUSY);
        }
}

/* -- Restart ------------------------------------------------------------------------------------------------------- */

static void test_resume(void **state)
{
        static const Past past[] = { { 99, EFFORT }, { 100, EFFORT }, { 0, 0 } };
        /* Its strap does not come back: ended at its last heart rate and kept, however short it was. The next one is like
         * any other. */
        static const Step alone[] = {
                LEFT(TICK, 0, 119.999999, 0, 100),
                { TICK, 0, 120, 0, RECORDER_END, RECORDER_IDLE, 100 },
                IDLE(HR, 0, 130, EFFORT),
                IDLE(RUN, 0, 133, EFFORT),
                BEGINS(HR, 0, 134, EFFORT),
                { TICK, 0, 154, 0, RECORDER_DISCARD, RECORDER_IDLE, 134 },
                { 0 },
        };
        /* It is back, but without effort: what comes after the cool-down is trimmed. */
        static const Step back[] = {
                KEPT(HR, 0, 107, REST, 107),
                KEPT(HR, 0, 110, REST, 107),
                { TICK, 0, 120, 0, RECORDER_DISCARD, RECORDER_IDLE, 107 },
                { 0 },
        };
        static const Step by_hand[] = {
                KEPT(HR, 0, 119, REST, 119),
                LEFT(TICK, 0, 138.999999, 0, 119),
                { TICK, 0, 139, 0, RECORDER_END, RECORDER_IDLE, 119 },
                { 0 },
        };
        static const Step stopped[] = { { STOP, 0, 110, 0, RECORDER_END, RECORDER_STOPPED, 100 }, { 0 } };
        static const struct {
                const Step *steps;
                bool by_hand;
        } cases[] = { { alone, false }, { alone, true }, { back, false }, { by_hand, true },
                { stopped, false } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&config);

                resume(p, cases[i].by_hand, past);
                assert_int_equal(p->r.begin_usec, SEC(99));
                play_on(p, cases[i].steps);
        }
}

/* Taken up again in a cool-down, the tail is as long as without the break: what came before counts, too. */
static void test_resume_in_cool_down(void **state)
{
        static const Past past[] = { { 10, EFFORT }, { 50, EFFORT }, { 90, EFFORT }, { 98, REST },
                { 105, REST }, { 0, 0 } };
        /* The strap comes back, with no effort: it ends when it would have, and what is beyond the cool-down is dropped. */
        static const Step resting[] = {
                KEPT(HR, 0, 108, REST, 98),
                LEFT(TICK, 0, 109.999999, 0, 98),
                { TICK, 0, 110, 0, RECORDER_END, RECORDER_IDLE, 98 },
                { 0 },
        };
        /* It comes back with effort, and nothing is dropped. */
        static const Step running[] = {
                KEPT(HR, 0, 124, EFFORT, 124),
                LEFT(TICK, 0, 143, 0, 124),
                { TICK, 0, 144, 0, RECORDER_END, RECORDER_IDLE, 124 },
                { 0 },
        };
        /* It comes back too late for the effort, in time for the gap: then it is over. */
        static const Step late[] = {
                LEFT(TICK, 0, 120, 0, 105),
                { HR, 0, 124, REST, RECORDER_END, RECORDER_IDLE, 98 },
                { 0 },
        };
        /* It does not come back: closed at its last heart rate and kept. */
        static const Step alone[] = {
                LEFT(TICK, 0, 124.999999, 0, 105),
                { TICK, 0, 125, 0, RECORDER_END, RECORDER_IDLE, 105 },
                { 0 },
        };
        static const Step *const cases[] = { resting, running, late, alone };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&config);

                resume(p, false, past);
                play_on(p, cases[i]);
        }
}

/* min-duration counts from the first effort on after a restart, too, not from the pre-roll. */
static void test_resume_min_duration(void **state)
{
        static const Past past[] = { { 10, REST }, { 20, EFFORT }, { 25, EFFORT }, { 0, 0 } };
        static const Past no_effort[] = { { 10, REST }, { 28, REST }, { 0, 0 } };
        static const Step too_short[] = {
                KEPT(HR, 0, 29.999999, EFFORT, 29.999999),
                { TICK, 0, 49.999999, 0, RECORDER_DISCARD, RECORDER_IDLE, 0 },
                { 0 },
        };
        static const Step long_enough[] = {
                KEPT(HR, 0, 30, EFFORT, 30),
                { TICK, 0, 50, 0, RECORDER_END, RECORDER_IDLE, 30 },
                { 0 },
        };
        static const Step none[] = {
                KEPT(HR, 0, 29, REST, 0),
                { TICK, 0, 30, 0, RECORDER_DISCARD, RECORDER_IDLE, 0 },
                { 0 },
        };
        static const struct {
                const Past *past;
                const Step *steps;
        } cases[] = { { past, too_short }, { past, long_enough }, { no_effort, none } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&config);

                resume(p, false, cases[i].past);
                play_on(p, cases[i].steps);
        }
}

/* The daemon stops in the middle of a tail: nothing of it is trimmed, since effort may follow. */
static void test_suspend(void **state)
{
        static const Step resting[] = {
                KEPT(HR, 0, 25, REST, 14),
                { SUSPEND, 0, 26, 0, RECORDER_END, RECORDER_IDLE, 25 },
                IDLE(SUSPEND, 0, 26, 0),
                IDLE(HR, 0, 27, EFFORT),
                IDLE(RUN, 0, 30, EFFORT),
                BEGINS(HR, 0, 31, EFFORT),
                { 0 },
        };
        /* Effort that goes on begins anew, too. */
        static const Step running[] = {
                { SUSPEND, 0, 15, 0, RECORDER_END, RECORDER_IDLE, 14 },
                IDLE(HR, 0, 16, EFFORT),
                IDLE(RUN, 0, 19, EFFORT),
                BEGINS(HR, 0, 20, EFFORT),
                { 0 },
        };
        static const struct {
                const Step *steps;
                usec_t asked_usec;
        } cases[] = { { resting, SEC(25) + 1 }, { running, SEC(14) + 1 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&config);

                play_on(p, begun);
                play_on(p, cases[i].steps);
                assert_int_equal(p->asked_usec, cases[i].asked_usec);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_held),
                cmocka_unit_test(test_held_where_contact_begins),
                cmocka_unit_test(test_hold_makes_way),
                cmocka_unit_test(test_hold_keeps_runs),
                cmocka_unit_test(test_resume),
                cmocka_unit_test(test_resume_in_cool_down),
                cmocka_unit_test(test_resume_min_duration),
                cmocka_unit_test(test_suspend),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
