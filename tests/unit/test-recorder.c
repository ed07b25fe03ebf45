/* SPDX-License-Identifier: MIT */

/* When a session begins and ends, by itself and by hand, and which strap it is recorded from. */

#include "recorder-fixture.h"

/* -- Beginning ----------------------------------------------------------------------------------------------------- */

/* Backdated to the first of those heart rates, and by the pre-roll. */
static void test_begins_with_start_after_of_effort(void **state)
{
        static const Step steps[] = {
                IDLE(HR, 0, 3, REST),
                IDLE(RUN, 0, 9, REST),
                IDLE(RUN, 0, 13, EFFORT), /* from 10 on */
                IDLE(HR, 0, 13.999999, EFFORT),
                BEGINS(HR, 0, 14, EFFORT),
                { 0 },
        };
        static const Step not_above[] = { IDLE(HR, 0, 10, 100), IDLE(RUN, 0, 60, 100), { 0 } };
        static const Step just_above[] = { IDLE(HR, 0, 10, 100.5), IDLE(RUN, 0, 13, 100.5),
                BEGINS(RUN, 0, 14, 100.5), { 0 } };
        /* Full with a heart rate that is none itself: the session begins all the same. */
        static const Step full_below[] = { IDLE(HR, 0, 10, EFFORT), IDLE(RUN, 0, 13, EFFORT),
                BEGINS(HR, 0, 14, REST), { 0 } };
        _cleanup_free_ Play *p = play_begin(&config);

        (void)state;
        play_on(p, steps);
        assert_int_equal(p->asked_usec, SEC(4));
        assert_int_equal(p->r.begin_usec, SEC(4));
        assert_int_equal(p->r.first_effort_usec, SEC(10));
        assert_int_equal(play(&config, not_above), 0);
        assert_int_equal(play(&config, just_above), SEC(4));
        assert_int_equal(play(&config, full_below), SEC(4));
}

/* Effort at 10, 11 and 12, then something, then effort again: when the 4 s are full, and since when. */
static void test_what_adds_to_effort(void **state)
{
        static const struct {
                const char *what;
                Step between[6];
                double again_s, begins_s, asked_s;
        } cases[] = {
                { "effort", { { 0 } }, 13, 14, 4 },
                { "a missing one", { { 0 } }, 14, 14, 4 },
                /* An odd packet adds nothing and takes nothing. */
                { "an unsettled one", { IDLE(ODD, 0, 13, 200) }, 14, 15, 4 },
                { "an unsettled one below", { IDLE(ODD, 0, 13, 30) }, 14, 15, 4 },
                { "a frozen one", { IDLE(FROZEN, 0, 13, 200) }, 14, 15, 4 },
                /* So does a gap, beyond what the heart rate before it is worth. */
                { "a gap", { { 0 } }, 72, 72, 4 },
                /* Time below is taken off, the newest first. */
                { "one below", { IDLE(HR, 0, 13, REST) }, 14, 16, 4 },
                { "one that is not above", { IDLE(HR, 0, 13, 100) }, 14, 16, 4 },
                { "three that disagree", { IDLE(DISAGREE, 0, 13, 200) }, 14, 16, 4 },
                { "one below before a gap: 2 s", { IDLE(HR, 0, 13, REST) }, 60, 63, 4 },
                { "two below", { IDLE(RUN, 0, 14, REST) }, 15, 18, 4 },
                { "three below: all of it", { IDLE(RUN, 0, 15, REST) }, 16, 20, 10 },
                { "five below: no more than all", { IDLE(RUN, 0, 17, REST) }, 18, 22, 12 },
                /* Another strap's is its own. */
                { "another strap's rest",
                                { IDLE(HR, 1, 10.5, REST), IDLE(HR, 1, 11.5, REST), IDLE(HR, 1, 12.5, REST) },
                                13, 14, 4 },
                { "another strap's effort",
                                { IDLE(HR, 1, 10.5, EFFORT), IDLE(HR, 1, 11.5, EFFORT),
                                                IDLE(HR, 1, 12.5, EFFORT), IDLE(HR, 0, 13, REST) },
                                14, 16, 4 },
                { "another strap forgotten", { IDLE(FORGET, 1, 0, 0) }, 13, 14, 4 },
                { "it is forgotten itself", { IDLE(FORGET, 0, 0, 0) }, 13, 17, 7 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&config);
                usec_t at_usec = SEC(cases[i].again_s);

                play_on(p, (const Step[]){ IDLE(HR, 0, 10, EFFORT), IDLE(RUN, 0, 12, EFFORT), { 0 } });
                play_on(p, cases[i].between);
                for (; at_usec < SEC(cases[i].begins_s); at_usec += SEC(1))
                        if (heart_rate(p, HR, 0, at_usec, EFFORT) != RECORDER_NOTHING)
                                fail_msg("%s: begins at %.6f s", cases[i].what, (double)at_usec / 1e6);
                if (heart_rate(p, HR, 0, at_usec, EFFORT) != RECORDER_START)
                        fail_msg("%s: does not begin", cases[i].what);
                if (p->asked_usec != SEC(cases[i].asked_s))
                        fail_msg("%s: from %.6f s on", cases[i].what, (double)p->asked_usec / 1e6);
        }
}

/* Effort at 10 and, worth 2 s, at 11, and again much later: what is older than five minutes has no say. */
static void test_within_five_minutes(void **state)
{
        static const struct {
                double again_s, begins_s, asked_s;
        } cases[] = {
                { 309, 310, 4 }, /* from 10 on, at 310 */
                { 309.5, 313.5, 303.5 },
                { 310, 314, 304 },
                { 1000, 1004, 994 },
        };
        static const Step long_ago[] = { IDLE(HR, 0, 10, EFFORT), IDLE(HR, 0, 500, EFFORT),
                IDLE(HR, 0, 501, EFFORT), BEGINS(HR, 0, 502, EFFORT), { 0 } };
        RecorderConfig c = config;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&config);
                usec_t at_usec = SEC(cases[i].again_s);

                play_on(p, (const Step[]){ IDLE(HR, 0, 10, EFFORT), IDLE(HR, 0, 11, EFFORT), { 0 } });
                for (; at_usec < SEC(cases[i].begins_s); at_usec += SEC(1))
                        assert_int_equal(heart_rate(p, HR, 0, at_usec, EFFORT), RECORDER_NOTHING);
                assert_int_equal(heart_rate(p, HR, 0, at_usec, EFFORT), RECORDER_START);
                assert_int_equal(p->asked_usec, SEC(cases[i].asked_s));
        }
        /* The 2 s of the one before a long gap are as old as it is. */
        c.start_after_usec = SEC(2);
        assert_int_equal(play(&c, long_ago), SEC(494));
}

/* The longest start-after is all of that time: it is full when it has passed, however often the strap sends. */
static void test_all_of_five_minutes(void **state)
{
        static const struct {
                double every_s, begins_s; /* after the first */
        } cases[] = { { 0.25, 300 }, { 0.9, 300.6 }, { 1, 300 }, { 1.1, 300.3 }, { 7, 301 }, { 12, 300 } };
        RecorderConfig c = config;

        (void)state;
        c.start_after_usec = SEC(300);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&c);
                usec_t at_usec = SEC(10);

                p->most_usec = SEC(12);
                while (heart_rate(p, HR, 0, at_usec, EFFORT) == RECORDER_NOTHING)
                        at_usec += SEC(cases[i].every_s);
                assert_int_equal(at_usec, SEC(10 + cases[i].begins_s));
                assert_int_equal(p->asked_usec, at_usec - SEC(306));
        }
}

/* Each strap's effort is its own. */
static void test_begins_with_either_strap(void **state)
{
        static const Step steps[] = {
                IDLE(HR, 0, 10, EFFORT),
                IDLE(HR, 1, 11, EFFORT),
                IDLE(HR, 0, 12, REST),
                IDLE(HR, 1, 13, EFFORT),
                IDLE(HR, 0, 14, EFFORT),
                BEGINS(HR, 1, 15, EFFORT),
                LEFT(HR, 0, 15.5, EFFORT, 15),
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, steps), SEC(5));
}

/* Four packets, a dropped link, four packets is a run, too: four of five seconds are worth it. */
static void test_begins_over_gaps(void **state)
{
        static const Step steps[] = {
                IDLE(HR, 0, 100, 130),
                IDLE(RUN, 0, 103, 130),
                IDLE(HR, 0, 119, 130),
                IDLE(RUN, 0, 122, 130),
                IDLE(HR, 0, 138, 130),
                IDLE(RUN, 0, 141, 130),
                IDLE(HR, 0, 157, 130),
                IDLE(RUN, 0, 160, 130),
                BEGINS(HR, 0, 176, 130),
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&shipped, steps), SEC(70));
}

static void test_begins_at_once(void **state)
{
        static const Step first[] = { BEGINS(HR, 0, 3, EFFORT), { 0 } };
        static const Step others[] = { IDLE(HR, 0, 10, REST), IDLE(HR, 0, 11, 100), IDLE(ODD, 0, 12, EFFORT),
                IDLE(DISAGREE, 0, 13, EFFORT), IDLE(FROZEN, 0, 14, EFFORT), BEGINS(HR, 0, 15, EFFORT),
                { 0 } };
        static const Step contact[] = {
                IDLE(FROZEN, 0, 9, 30),
                BEGINS(ODD, 0, 10, 30),
                KEPT(HR, 0, 11, 30, 11),
                KEPT(HR, 0, 29, 25, 29), /* any heart rate goes on */
                LEFT(TICK, 0, 48.999999, 0, 29),
                { TICK, 0, 49, 0, RECORDER_END, RECORDER_IDLE, 29 },
                { 0 },
        };
        RecorderConfig c = config;

        (void)state;
        c.start_after_usec = 0;
        assert_int_equal(play(&c, first), 1); /* the pre-roll ends at the beginning of time */
        assert_int_equal(play(&c, others), SEC(9));

        c = config;
        c.start_above = 0; /* `contact`: start-after does not count */
        assert_int_equal(play(&c, contact), SEC(4));
}

/* -- Going on and ending ------------------------------------------------------------------------------------------- */

/* What a run is worth before it is over. */
static void play_begun(const RecorderConfig *c, const Step *steps)
{
        _cleanup_free_ Play *p = play_begin(c);

        play_on(p, begun);
        play_on(p, steps);
}

static void test_ends_without_effort(void **state)
{
        static const Step steps[] = {
                KEPT(HR, 0, 30, 100, 30),  /* not below: effort */
                KEPT(HR, 0, 37, 99.5, 37), /* cooling down */
                KEPT(HR, 0, 38, 99.5, 38),
                KEPT(HR, 0, 38.000001, 99.5, 38), /* the tail */
                KEPT(HR, 0, 49, 99.5, 38),
                LEFT(TICK, 0, 49.999999, 0, 38),
                { TICK, 0, 50, 0, RECORDER_END, RECORDER_IDLE, 38 },
                IDLE(TICK, 0, 51, 0),
                { 0 },
        };
        static const Step effort_again[] = {
                KEPT(HR, 0, 22, REST, 22),
                KEPT(HR, 0, 33, REST, 22),
                KEPT(HR, 0, 33.999999, EFFORT, 33.999999), /* and what lay between is kept */
                KEPT(FROZEN, 0, 40, EFFORT, 40),           /* no effort, and neither are these */
                KEPT(ODD, 0, 41, EFFORT, 41),
                KEPT(DISAGREE, 0, 41.5, EFFORT, 41.5),
                LEFT(TICK, 0, 53.999998, 0, 41.5),
                { TICK, 0, 53.999999, 0, RECORDER_END, RECORDER_IDLE, 41.5 },
                { 0 },
        };
        /* No heart rate for less than end-after: one session. */
        static const Step bridged[] = {
                KEPT(HR, 0, 33.999999, EFFORT, 33.999999),
                KEPT(HR, 0, 53.999998, EFFORT, 53.999998),
                { TICK, 0, 73.999998, 0, RECORDER_END, RECORDER_IDLE, 53.999998 },
                { 0 },
        };

        (void)state;
        play_begun(&config, steps);
        play_begun(&config, effort_again);
        play_begun(&config, bridged);
}

/* From the first effort to the last, without what is kept before and after: ended by itself or by hand. */
static void test_min_duration(void **state)
{
        static const struct {
                double last_s;
                RecorderAction action;
        } cases[] = { { 15, RECORDER_DISCARD }, { 19.999999, RECORDER_DISCARD }, { 20, RECORDER_END } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned stop = 0; stop < 2; stop++) {
                        _cleanup_free_ Play *p = play_begin(&config);
                        usec_t last_usec = SEC(cases[i].last_s);

                        play_on(p, (const Step[]){ IDLE(HR, 0, 3, REST), IDLE(RUN, 0, 9, REST), { 0 } });
                        play_on(p, begun);
                        assert_int_equal(p->r.begin_usec, SEC(4));
                        assert_int_equal(heart_rate(p, HR, 0, last_usec, EFFORT), RECORDER_KEEP);
                        assert_int_equal(heart_rate(p, HR, 0, last_usec + SEC(7), REST), RECORDER_KEEP);
                        assert_int_equal(p->r.kept_usec, last_usec + SEC(7));
                        assert_int_equal(stop ? recorder_stop(&p->r, &config, SEC(30))
                                              : recorder_tick(&p->r, &config, SEC(100)),
                                        cases[i].action);
                }
}

/* A strap that froze above start-above is no run to go on, but none to lose either. */
static void test_frozen_effort_is_not_discarded(void **state)
{
        static const Step frozen[] = {
                KEPT(RUN, 0, 18, EFFORT, 18),
                KEPT(FROZEN, 0, 20, EFFORT, 20),
                LEFT(TICK, 0, 37.999999, 0, 20),
                { TICK, 0, 38, 0, RECORDER_END, RECORDER_IDLE, 20 },
                { 0 },
        };
        static const Step frozen_at_rest[] = {
                KEPT(RUN, 0, 18, EFFORT, 18),
                KEPT(FROZEN, 0, 20, REST, 20),
                { TICK, 0, 38, 0, RECORDER_DISCARD, RECORDER_IDLE, 0 },
                { 0 },
        };

        (void)state;
        play_begun(&config, frozen);
        play_begun(&config, frozen_at_rest);
}

/* A staircase is no session, and a day of them is none either. */
static void test_stairs(void **state)
{
        static const Step one[] = {
                IDLE(HR, 0, 1, 80),
                IDLE(RUN, 0, 100, 80),
                IDLE(RUN, 0, 120, 130),
                BEGINS(RUN, 0, 121, 130),
                KEPT(RUN, 0, 140, 130, 140),
                KEPT(RUN, 0, 439, 80, 260),
                { TICK, 0, 440, 0, RECORDER_DISCARD, RECORDER_IDLE, 0 },
                { 0 },
        };
        _cleanup_free_ Play *p = play_begin(&shipped);

        (void)state;
        assert_int_equal(play(&shipped, one), SEC(71));
        for (unsigned t = 1; t < 7200; t++)
                assert_int_equal(heart_rate(p, HR, 0, SEC(t), t % 60 < 19 ? 130 : 80), RECORDER_NOTHING);
}

/* Without a figure nothing starts by itself; but what is being recorded goes on. */
static void test_begins_never(void **state)
{
        static const Step steps[] = { IDLE(HR, 0, 10, 200), IDLE(RUN, 0, 90, 200), IDLE(TICK, 0, 1000, 0),
                { 0 } };
        static const Step goes_on[] = { KEPT(RUN, 0, 199, REST, 199), { 0 } };
        RecorderConfig c = config;
        _cleanup_free_ Play *p = NULL;

        (void)state;
        c.start_above = NAN;
        assert_int_equal(play(&c, steps), 0);

        p = play_begin(&config);
        play_on(p, begun);
        p->config = c;
        play_on(p, goes_on);
        assert_int_equal(recorder_deadline(&p->r, &c), SEC(219));
}

/* The pre-roll does not reach into the session before. */
static void test_pre_roll(void **state)
{
        static const Step steps[] = {
                KEPT(RUN, 0, 20, EFFORT, 20),
                { TICK, 0, 40, 0, RECORDER_END, RECORDER_IDLE, 20 },
                IDLE(HR, 0, 41, EFFORT),
                IDLE(RUN, 0, 44, EFFORT),
                BEGINS(HR, 0, 45, EFFORT),
                { 0 },
        };
        _cleanup_free_ Play *p = play_begin(&config);

        (void)state;
        play_on(p, begun);
        p->config.pre_roll_usec = SEC(60);
        play_on(p, steps);
        assert_int_equal(p->asked_usec, SEC(20) + 1);
        assert_int_equal(p->r.begin_usec, SEC(41));
}

/* -- By hand ------------------------------------------------------------------------------------------------------- */

/* Low effort does not end it, nothing is trimmed, it is never discarded. */
static void test_by_hand(void **state)
{
        static const Step quiet[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                LEFT(START, 1, 11, 0, 10), /* one at a time */
                KEPT(HR, 0, 20, 40, 20),
                KEPT(HR, 0, 30, 40, 30),
                KEPT(ODD, 0, 49, 40, 49), /* live data, settled or not */
                KEPT(FROZEN, 0, 60, 40, 60),
                LEFT(TICK, 0, 68.999999, 0, 60),
                { TICK, 0, 69, 0, RECORDER_END, RECORDER_IDLE, 60 }, /* no live data */
                { 0 },
        };
        static const Step shortest[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                LEFT(TICK, 0, 29, 0, 10),
                { TICK, 0, 30, 0, RECORDER_END, RECORDER_IDLE, 10 },
                IDLE(STOP, 0, 31, 0),
                { 0 },
        };
        Recorder *r;
        _cleanup_free_ Play *p = play_begin(&config);

        (void)state;
        play(&config, quiet);
        play(&config, shortest);
        r = &p->r;
        assert_int_equal(recorder_start(r, 0, SEC(1)), 0);
        assert_int_equal(recorder_start(r, 0, SEC(2)), -EALREADY);
}

/* After a stop nothing starts by itself until effort has once been below start-above for end-after. */
static void test_stop(void **state)
{
        static const Step goes_on[] = {
                IDLE(HR, 0, 10, EFFORT),
                IDLE(RUN, 0, 13, EFFORT),
                BEGINS(RUN, 0, 14, EFFORT),
                KEPT(RUN, 0, 30, EFFORT, 30),
                { STOP, 0, 31, 0, RECORDER_END, RECORDER_STOPPED, 30 },
                STOPPED(RUN, 0, 45, EFFORT),
                STOPPED(HR, 1, 50, EFFORT), /* any strap's */
                STOPPED(HR, 0, 60, 100),    /* not below */
                STOPPED(HR, 0, 61, REST),
                STOPPED(FROZEN, 0, 62, EFFORT), /* none of these is effort */
                STOPPED(ODD, 0, 63, EFFORT),
                STOPPED(DISAGREE, 0, 64, EFFORT),
                STOPPED(HR, 0, 79.999999, REST),
                IDLE(HR, 0, 80, REST),
                IDLE(RUN, 0, 84, EFFORT),
                BEGINS(HR, 0, 85, EFFORT),
                { 0 },
        };
        /* No data is rest, too, and the effort that comes after counts from its first heart rate. */
        static const Step silence[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { STOP, 0, 11, 0, RECORDER_END, RECORDER_STOPPED, 10 },
                IDLE(HR, 0, 31, EFFORT),
                IDLE(RUN, 0, 34, EFFORT),
                BEGINS(RUN, 0, 35, EFFORT),
                { 0 },
        };
        /* Which is seen by time alone. */
        static const Step silence_by_time[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { STOP, 0, 11, 0, RECORDER_END, RECORDER_STOPPED, 10 },
                STOPPED(TICK, 0, 30.999999, 0),
                IDLE(TICK, 0, 31, 0),
                { 0 },
        };
        static const Step silence_too_short[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { STOP, 0, 11, 0, RECORDER_END, RECORDER_STOPPED, 10 },
                STOPPED(HR, 0, 30.999999, EFFORT),
                STOPPED(RUN, 0, 60, EFFORT),
                { 0 },
        };
        /* It counts from the stop, however long the runner had rested before. */
        static const Step rested[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                KEPT(HR, 0, 25, REST, 25),
                KEPT(HR, 0, 40, REST, 40),
                { STOP, 0, 45, 0, RECORDER_END, RECORDER_STOPPED, 40 },
                STOPPED(HR, 0, 61, REST),
                IDLE(HR, 0, 65, REST),
                { 0 },
        };
        static const Step start_again[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { STOP, 0, 12, 0, RECORDER_END, RECORDER_STOPPED, 10 },
                { START, 0, 13, 0, RECORDER_START, RECORDER_RECORDING, 13 },
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, goes_on), SEC(75));
        assert_int_equal(play(&config, silence), SEC(25));
        play(&config, silence_by_time);
        play(&config, silence_too_short);
        play(&config, rested);
        play(&config, start_again);
}

/* Stopped by hand before the daemon was started again: the same rule as without the break. */
static void test_stopped_before(void **state)
{
        static const Step steps[] = {
                STOPPED(HR, 0, 119, EFFORT),
                STOPPED(HR, 0, 120, REST),
                STOPPED(HR, 0, 138.999999, REST),
                IDLE(HR, 0, 139, REST),
                { 0 },
        };
        _cleanup_free_ Play *p = play_begin(&config);

        (void)state;
        recorder_stopped_before(&p->r, SEC(100));
        assert_int_equal(recorder_deadline(&p->r, &config), SEC(100) + config.end_after_usec);
        play_on(p, steps);

        /* It says nothing to a session that is being recorded. */
        assert_int_equal(recorder_start(&p->r, 0, SEC(140)), 0);
        recorder_stopped_before(&p->r, SEC(100));
        assert_int_equal(p->r.state, RECORDER_RECORDING);
        assert_int_equal(p->r.effort_usec, SEC(140));
}

/* -- Two straps ---------------------------------------------------------------------------------------------------- */

static void test_switch(void **state)
{
        static const Step steps[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                LEFT(HR, 1, 12, EFFORT, 10),
                KEPT(HR, 0, 13, EFFORT, 13),
                LEFT(HR, 1, 18.999999, EFFORT, 13),
                LEFT(FROZEN, 1, 19, EFFORT, 13), /* not live */
                { ODD, 1, 19.5, EFFORT, RECORDER_SWITCH, RECORDER_RECORDING, 19.5 },
                KEPT(HR, 1, 20, EFFORT, 20),
                LEFT(HR, 0, 21, EFFORT, 20), /* back, but no longer ours */
                KEPT(FROZEN, 1, 25, EFFORT, 25),
                LEFT(HR, 0, 25.999999, EFFORT, 25),
                { HR, 0, 26, EFFORT, RECORDER_SWITCH, RECORDER_RECORDING, 26 }, /* ours is frozen */
                { 0 },
        };
        static const Step exactly[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                KEPT(HR, 0, 13, EFFORT, 13),
                { HR, 1, 19, EFFORT, RECORDER_SWITCH, RECORDER_RECORDING, 19 },
                { 0 },
        };

        (void)state;
        play(&config, steps);
        play(&config, exactly);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_begins_with_start_after_of_effort),
                cmocka_unit_test(test_what_adds_to_effort),
                cmocka_unit_test(test_within_five_minutes),
                cmocka_unit_test(test_all_of_five_minutes),
                cmocka_unit_test(test_begins_with_either_strap),
                cmocka_unit_test(test_begins_over_gaps),
                cmocka_unit_test(test_begins_at_once),
                cmocka_unit_test(test_ends_without_effort),
                cmocka_unit_test(test_min_duration),
                cmocka_unit_test(test_frozen_effort_is_not_discarded),
                cmocka_unit_test(test_stairs),
                cmocka_unit_test(test_begins_never),
                cmocka_unit_test(test_pre_roll),
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_stop),
                cmocka_unit_test(test_stopped_before),
                cmocka_unit_test(test_switch),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
