/* SPDX-License-Identifier: MIT */

/* The recorder's state machine, script by script: what comes in at which second, what it does and where it is then.
 * Effort begins above 100 bpm; the lengths are short, so that each script is. */

#include "cardio/recorder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

#define REST   90
#define EFFORT 120

typedef enum Op {
        HR = 1, /* a live heart rate */
        FROZEN, /* one that is not live */
        HOLE,
        TICK,
        START,
        STOP,
        SUSPEND,
} Op;

typedef struct Step {
        Op op; /* 0 ends the script */
        unsigned sensor;
        double at_s;
        double smoothed;
        RecorderAction action;
        RecorderState state;
        double kept_s; /* 0 = not looked at */
} Step;

static const RecorderConfig config = {
        .start_above = 100,
        .start_after_usec = SEC(4),
        .pre_roll_usec = SEC(6),
        .end_after_usec = SEC(20),
        .cool_down_usec = SEC(8),
        .min_duration_usec = SEC(10),
        .switch_after_usec = SEC(6),
        .stale_usec = SEC(3),
};

static RecorderAction run_step(Recorder *r, const RecorderConfig *c, const Step *s)
{
        switch (s->op) {
        case HR:
        case FROZEN:
                return recorder_update(r, c, s->sensor, SEC(s->at_s), s->smoothed, s->op == HR);
        case HOLE:
                recorder_hole(r, s->sensor);
                break;
        case TICK:
                return recorder_tick(r, c, SEC(s->at_s));
        case START:
                return recorder_start(r, s->sensor, SEC(s->at_s)) == 0 ? RECORDER_START : RECORDER_NOTHING;
        case STOP:
                return recorder_stop(r, c, SEC(s->at_s));
        case SUSPEND:
                return recorder_suspend(r);
        }
        return RECORDER_NOTHING;
}

static void play_from(Recorder *r, const RecorderConfig *c, const Step *steps)
{
        for (const Step *s = steps; s->op != 0; s++) {
                RecorderAction action = run_step(r, c, s);

                if (action != s->action || r->state != s->state ||
                                (s->kept_s > 0 && r->kept_usec != SEC(s->kept_s)))
                        fail_msg("step %zu: action %d, state %d, kept %.6f s", (size_t)(s - steps),
                                        (int)action, (int)r->state, (double)r->kept_usec / 1e6);
                /* What falls due never lies before what was done about it. */
                assert_true(s->at_s == 0 || recorder_deadline(r, c) > SEC(s->at_s));
                assert_int_equal(recorder_deadline(r, c) == USEC_INFINITY, r->state != RECORDER_RECORDING);
        }
}

/* Returns when the session began. */
static usec_t play(const RecorderConfig *c, const Step *steps)
{
        Recorder r = { 0 };

        play_from(&r, c, steps);
        return r.begin_usec;
}

/* -- Beginning -- */

/* Above it that long; backdated to the first of those heart rates, and by the pre-roll. */
static void test_start(void **state)
{
        static const Step steps[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, 100.5, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 13.999999, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 14, EFFORT, RECORDER_START, RECORDER_RECORDING, 14 },
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, steps), SEC(4));
}

/* Each of these breaks the effort that starts a session. */
static void test_start_broken(void **state)
{
        static const struct {
                Step breaks;
                bool anew; /* it was an effort itself, and the new one's first */
        } cases[] = {
                { { HR, 0, 13, 100, RECORDER_NOTHING, RECORDER_IDLE, 0 }, false }, /* not above */
                { { HR, 0, 13, REST, RECORDER_NOTHING, RECORDER_IDLE, 0 }, false },
                { { FROZEN, 0, 13, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 }, false },
                { { HOLE, 0, 13, 0, RECORDER_NOTHING, RECORDER_IDLE, 0 }, false },
                { { HR, 0, 15.000001, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 }, true }, /* silence */
        };
        static const Step effort[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { 0 },
        };
        static const Step more[] = {
                { HR, 0, 15.5, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 17.5, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Step once[] = { cases[i].breaks, { 0 } };
                Recorder r = { 0 };

                play_from(&r, &config, effort);
                play_from(&r, &config, once);
                play_from(&r, &config, more);
                assert_int_equal(recorder_update(&r, &config, 0, SEC(19.000001), EFFORT, true),
                                cases[i].anew ? RECORDER_START : RECORDER_NOTHING);
                if (!cases[i].anew)
                        assert_int_equal(recorder_update(&r, &config, 0, SEC(19.5), EFFORT, true),
                                        RECORDER_START);
                assert_int_equal(r.begin_usec, cases[i].anew ? SEC(9.000001) : SEC(9.5));
        }
}

/* A silence of exactly stale-after does not break it. */
static void test_start_not_broken(void **state)
{
        static const Step steps[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 13, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 16, EFFORT, RECORDER_START, RECORDER_RECORDING, 16 },
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, steps), SEC(4));
}

/* Each strap's effort is its own. */
static void test_start_two_straps(void **state)
{
        static const Step steps[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 1, 11, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, REST, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 1, 13, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 14, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HOLE, 0, 14, 0, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 1, 15, EFFORT, RECORDER_START, RECORDER_RECORDING, 15 },
                { HR, 0, 15.5, EFFORT, RECORDER_NOTHING, RECORDER_RECORDING, 15 },
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, steps), SEC(5));
}

static void test_start_at_once(void **state)
{
        static const Step first[] = {
                { HR, 0, 3, EFFORT, RECORDER_START, RECORDER_RECORDING, 3 },
                { 0 },
        };
        static const Step contact[] = {
                { FROZEN, 0, 9, 30, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 10, 30, RECORDER_START, RECORDER_RECORDING, 10 },
                { HR, 0, 29, 25, RECORDER_KEEP, RECORDER_RECORDING, 29 }, /* any heart rate goes on */
                { TICK, 0, 48, 0, RECORDER_NOTHING, RECORDER_RECORDING, 29 },
                { TICK, 0, 49, 0, RECORDER_END, RECORDER_IDLE, 29 },
                { 0 },
        };
        RecorderConfig c = config;

        (void)state;
        c.start_after_usec = 0;
        assert_int_equal(play(&c, first), 1); /* the pre-roll ends at the beginning of time */

        c = config;
        c.start_above = 0; /* `contact`: start-after does not count */
        assert_int_equal(play(&c, contact), SEC(4));
}

/* Without a figure nothing starts by itself; but what is being recorded goes on. */
static void test_start_never(void **state)
{
        static const Step steps[] = {
                { HR, 0, 10, 200, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, 200, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 15, 200, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { TICK, 0, 1000, 0, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { 0 },
        };
        RecorderConfig c = config;
        Recorder r = { 0 };

        (void)state;
        c.start_above = NAN;
        play(&c, steps);

        recorder_resume(&r, 0, false, &(RecorderPast){ SEC(10), SEC(100), SEC(100), SEC(100) });
        for (unsigned t = 101; t < 200; t++)
                assert_int_equal(recorder_update(&r, &c, 0, SEC(t), REST, true), RECORDER_KEEP);
        assert_int_equal(r.kept_usec, SEC(199));
        assert_int_equal(recorder_deadline(&r, &c), SEC(219));
}

static void hold(Recorder *r, const RecorderConfig *c, unsigned t, RecorderAction expected)
{
        RecorderAction action;

        assert_int_equal(recorder_hold(r, c, SEC(t), &action), 0);
        assert_int_equal(action, expected);
}

/* While it is held nothing begins; and where any heart rate would begin one, the strap worn for it begins none before
 * effort is seen, or it has been away. */
static void test_hold(void **state)
{
        RecorderConfig c = config;
        Recorder r = { 0 };
        unsigned t = 1;

        (void)state;
        hold(&r, &c, t, RECORDER_NOTHING);
        for (; t < 60; t++)
                assert_int_equal(recorder_update(&r, &c, 0, SEC(t), EFFORT, true), RECORDER_NOTHING);
        recorder_release(&r, SEC(t));
        /* Effort counts from here on, and none of what was before is recorded. */
        for (; t < 64; t++)
                assert_int_equal(recorder_update(&r, &c, 0, SEC(t), EFFORT, true), RECORDER_NOTHING);
        assert_int_equal(recorder_update(&r, &c, 0, SEC(t), EFFORT, true), RECORDER_START);
        assert_true(r.begin_usec > SEC(60));

        c.start_above = 0;
        c.effort_above = 90;
        r = (Recorder){ 0 };
        hold(&r, &c, t, RECORDER_NOTHING);
        recorder_release(&r, SEC(t));
        for (unsigned end = t + 100; t < end; t++)
                assert_int_equal(recorder_update(&r, &c, 0, SEC(t), REST, true), RECORDER_NOTHING);
        /* Away, but back before end-after; and then for as long. */
        t += 18;
        assert_int_equal(recorder_update(&r, &c, 0, SEC(t), REST, true), RECORDER_NOTHING);
        t += 20;
        assert_int_equal(recorder_update(&r, &c, 0, SEC(t), REST, true), RECORDER_START);

        r = (Recorder){ 0 };
        hold(&r, &c, t, RECORDER_NOTHING);
        recorder_release(&r, SEC(t));
        for (unsigned end = t + 4; t < end; t++)
                assert_int_equal(recorder_update(&r, &c, 0, SEC(t), EFFORT, true), RECORDER_NOTHING);
        assert_int_equal(recorder_update(&r, &c, 0, SEC(t), EFFORT, true), RECORDER_START);
}

/* A session that is only a strap put on makes way while it would not be kept. */
static void test_hold_makes_way(void **state)
{
        static const struct {
                bool contact;
                double bpm; /* of its heart rates */
                unsigned length_s;
                int r;
        } cases[] = {
                { true, REST, 9, 0 },
                { true, REST, 10, -EBUSY }, /* min-duration: it would be kept */
                { true, EFFORT, 5, -EBUSY },
                { false, EFFORT, 5, -EBUSY },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                RecorderAction action = _RECORDER_ACTION_INVALID;
                RecorderConfig c = config;
                Recorder r = { 0 };
                unsigned t = 100;

                c.min_duration_usec = SEC(10);
                c.start_after_usec = 0;
                c.effort_above = 90;
                if (cases[i].contact)
                        c.start_above = 0;
                assert_int_equal(recorder_update(&r, &c, 0, SEC(t), cases[i].bpm, true), RECORDER_START);
                recorder_backdated(&r, SEC(t));
                for (unsigned end = t + cases[i].length_s; t < end;)
                        assert_int_equal(recorder_update(&r, &c, 0, SEC(++t), cases[i].bpm, true),
                                        RECORDER_KEEP);
                assert_int_equal(recorder_hold(&r, &c, SEC(t), &action), cases[i].r);
                assert_int_equal(r.state, cases[i].r < 0 ? RECORDER_RECORDING : RECORDER_IDLE);
                if (cases[i].r < 0) {
                        assert_int_equal(action, _RECORDER_ACTION_INVALID);
                        continue;
                }
                assert_int_equal(action, RECORDER_DISCARD);
                recorder_release(&r, SEC(++t));
                assert_int_equal(recorder_update(&r, &c, 0, SEC(++t), REST, true), RECORDER_NOTHING);
        }
}

/* One begun by hand, one taken up after a restart, and one in which the effort is over, do not. */
static void test_hold_keeps_runs(void **state)
{
        RecorderConfig c = config;
        RecorderAction action;
        Recorder r = { 0 };

        (void)state;
        c.min_duration_usec = SEC(60);
        c.start_above = 0;
        c.effort_above = 90;
        assert_int_equal(recorder_start(&r, 0, SEC(100)), 0);
        assert_int_equal(recorder_hold(&r, &c, SEC(101), &action), -EBUSY);

        r = (Recorder){ 0 };
        recorder_resume(&r, 0, false, &(RecorderPast){ SEC(10), SEC(12), SEC(12), SEC(12) });
        assert_int_equal(recorder_update(&r, &c, 0, SEC(13), REST, true), RECORDER_KEEP);
        assert_int_equal(recorder_hold(&r, &c, SEC(14), &action), -EBUSY);

        r = (Recorder){ 0 };
        assert_int_equal(recorder_update(&r, &c, 0, SEC(100), REST, true), RECORDER_START);
        recorder_backdated(&r, SEC(100));
        assert_int_equal(recorder_update(&r, &c, 0, SEC(101), EFFORT, true), RECORDER_KEEP);
        assert_int_equal(recorder_update(&r, &c, 0, SEC(102), REST, true), RECORDER_KEEP);
        assert_int_equal(recorder_hold(&r, &c, SEC(103), &action), -EBUSY);
}

/* The pre-roll does not reach into the session before. */
static void test_pre_roll(void **state)
{
        static const Step steps[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 14, EFFORT, RECORDER_START, RECORDER_RECORDING, 14 },
                { HR, 0, 20, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 20 },
                { TICK, 0, 40, 0, RECORDER_END, RECORDER_IDLE, 20 },
                { 0 },
        };
        RecorderConfig c = config;
        Recorder r = { 0 };

        (void)state;
        play_from(&r, &c, steps);
        c.pre_roll_usec = SEC(60);
        assert_int_equal(recorder_update(&r, &c, 0, SEC(41), EFFORT, true), RECORDER_NOTHING);
        assert_int_equal(recorder_update(&r, &c, 0, SEC(43), EFFORT, true), RECORDER_NOTHING);
        assert_int_equal(recorder_update(&r, &c, 0, SEC(45), EFFORT, true), RECORDER_START);
        assert_int_equal(r.begin_usec, SEC(20) + 1);
        recorder_backdated(&r, SEC(41));
        assert_int_equal(r.begin_usec, SEC(41));
}

/* -- Going on and ending -- */

static void test_end(void **state)
{
        static const Step steps[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 14, EFFORT, RECORDER_START, RECORDER_RECORDING, 14 },
                { HR, 0, 30, 100, RECORDER_KEEP, RECORDER_RECORDING, 30 },  /* not below: effort */
                { HR, 0, 37, 99.5, RECORDER_KEEP, RECORDER_RECORDING, 37 }, /* cooling down */
                { HR, 0, 38, 99.5, RECORDER_KEEP, RECORDER_RECORDING, 38 },
                { HR, 0, 38.000001, 99.5, RECORDER_KEEP, RECORDER_RECORDING, 38 }, /* the tail */
                { HR, 0, 49, 99.5, RECORDER_KEEP, RECORDER_RECORDING, 38 },
                { TICK, 0, 49.999999, 0, RECORDER_NOTHING, RECORDER_RECORDING, 38 },
                { TICK, 0, 50, 0, RECORDER_END, RECORDER_IDLE, 38 },
                { TICK, 0, 51, 0, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { 0 },
        };
        static const Step effort_again[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { STOP, 0, 10, 0, RECORDER_END, RECORDER_STOPPED, 10 },
                { HR, 0, 30, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 33, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 34, EFFORT, RECORDER_START, RECORDER_RECORDING, 34 },
                { HR, 0, 44, REST, RECORDER_KEEP, RECORDER_RECORDING, 34 },
                { HR, 0, 53, EFFORT, RECORDER_KEEP, RECORDER_RECORDING,
                                53 }, /* and what lay between is kept */
                { FROZEN, 0, 61, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 61 }, /* no effort: frozen */
                { FROZEN, 0, 62, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 61 },
                { TICK, 0, 72, 0, RECORDER_NOTHING, RECORDER_RECORDING, 61 },
                { TICK, 0, 73, 0, RECORDER_END, RECORDER_IDLE, 61 },
                { 0 },
        };

        (void)state;
        play(&config, steps);
        play(&config, effort_again);
}

static void test_min_duration(void **state)
{
        static const struct {
                double last_s;
                RecorderAction action;
        } cases[] = {
                { 19.999999, RECORDER_DISCARD },
                { 20, RECORDER_END },
        };
        static const Step steps[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 14, EFFORT, RECORDER_START, RECORDER_RECORDING, 14 },
                { 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned stop = 0; stop < 2; stop++) {
                        Recorder r = { 0 };

                        play_from(&r, &config, steps);
                        recorder_backdated(&r, SEC(10));
                        recorder_update(&r, &config, 0, SEC(cases[i].last_s), EFFORT, true);
                        assert_int_equal(stop ? recorder_stop(&r, &config, SEC(21))
                                              : recorder_tick(&r, &config, SEC(100)),
                                        cases[i].action);
                }
}

/* -- By hand -- */

/* Low effort does not end it, nothing is trimmed, it is never discarded. */
static void test_by_hand(void **state)
{
        static const Step quiet[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { START, 1, 11, 0, RECORDER_NOTHING, RECORDER_RECORDING, 10 }, /* one at a time */
                { HR, 0, 20, 40, RECORDER_KEEP, RECORDER_RECORDING, 20 },
                { HR, 0, 30, 40, RECORDER_KEEP, RECORDER_RECORDING, 30 },
                { HR, 0, 49, 40, RECORDER_KEEP, RECORDER_RECORDING, 49 },
                { FROZEN, 0, 60, 40, RECORDER_KEEP, RECORDER_RECORDING, 60 },
                { TICK, 0, 68.999999, 0, RECORDER_NOTHING, RECORDER_RECORDING, 60 },
                { TICK, 0, 69, 0, RECORDER_END, RECORDER_IDLE, 60 }, /* no live data */
                { 0 },
        };
        static const Step shortest[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { TICK, 0, 29, 0, RECORDER_NOTHING, RECORDER_RECORDING, 10 },
                { TICK, 0, 30, 0, RECORDER_END, RECORDER_IDLE, 10 },
                { STOP, 0, 31, 0, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { 0 },
        };
        Recorder r = { 0 };

        (void)state;
        assert_int_equal(play(&config, quiet), SEC(10));
        play(&config, shortest);
        assert_int_equal(recorder_start(&r, 0, SEC(1)), 0);
        assert_int_equal(recorder_start(&r, 0, SEC(2)), -EALREADY);
}

/* After a stop nothing starts by itself until effort has once been below start-above for end-after. */
static void test_stop(void **state)
{
        static const Step goes_on[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 13, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 16, EFFORT, RECORDER_START, RECORDER_RECORDING, 16 },
                { HR, 0, 30, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 30 },
                { STOP, 0, 31, 0, RECORDER_END, RECORDER_STOPPED, 30 },
                { HR, 0, 32, EFFORT, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 50, 100, RECORDER_NOTHING, RECORDER_STOPPED, 0 },    /* not below */
                { HR, 1, 60, EFFORT, RECORDER_NOTHING, RECORDER_STOPPED, 0 }, /* any strap's */
                { HR, 0, 61, REST, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { FROZEN, 0, 62, EFFORT, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 79.999999, REST, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 80, REST, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 81, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 84, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 85, EFFORT, RECORDER_START, RECORDER_RECORDING, 85 },
                { 0 },
        };
        /* No data is no effort either, and the effort that comes after counts from its first heart rate. */
        static const Step silence[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { STOP, 0, 11, 0, RECORDER_END, RECORDER_STOPPED, 10 },
                { HR, 0, 31, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 33, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 35, EFFORT, RECORDER_START, RECORDER_RECORDING, 35 },
                { 0 },
        };
        /* It counts from the stop, however long the runner had rested before. */
        static const Step rested[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { HR, 0, 25, REST, RECORDER_KEEP, RECORDER_RECORDING, 25 },
                { HR, 0, 40, REST, RECORDER_KEEP, RECORDER_RECORDING, 40 },
                { STOP, 0, 45, 0, RECORDER_END, RECORDER_STOPPED, 40 },
                { HR, 0, 61, REST, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 65, REST, RECORDER_NOTHING, RECORDER_IDLE, 0 },
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
        play(&config, rested);
        assert_int_equal(play(&config, start_again), SEC(13));
}

/* -- Two straps -- */

static void test_switch(void **state)
{
        static const Step steps[] = {
                { START, 0, 10, 0, RECORDER_START, RECORDER_RECORDING, 10 },
                { HR, 1, 12, EFFORT, RECORDER_NOTHING, RECORDER_RECORDING, 10 },
                { HR, 0, 13, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 13 },
                { HR, 1, 18.999999, EFFORT, RECORDER_NOTHING, RECORDER_RECORDING, 13 },
                { FROZEN, 1, 19, EFFORT, RECORDER_NOTHING, RECORDER_RECORDING, 13 }, /* not live */
                { HR, 1, 19, EFFORT, RECORDER_SWITCH, RECORDER_RECORDING, 19 },
                { HR, 1, 20, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 20 },
                { HR, 0, 21, EFFORT, RECORDER_NOTHING, RECORDER_RECORDING,
                                20 }, /* back, but no longer ours */
                { FROZEN, 1, 25, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 25 },
                { HR, 0, 25.999999, EFFORT, RECORDER_NOTHING, RECORDER_RECORDING, 25 },
                { HR, 0, 27, EFFORT, RECORDER_SWITCH, RECORDER_RECORDING,
                                27 }, /* ours is frozen: no live data */
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, steps), SEC(10));
}

/* -- Restart -- */

static void test_resume(void **state)
{
        /* Its strap does not come back: ended at its last heart rate and kept, however short it was. */
        static const Step alone[] = {
                { TICK, 0, 119.999999, 0, RECORDER_NOTHING, RECORDER_RECORDING, 100 },
                { TICK, 0, 120, 0, RECORDER_END, RECORDER_IDLE, 100 },
                { 0 },
        };
        /* The next one is like any other. */
        static const Step next[] = {
                { HR, 0, 130, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 133, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 134, EFFORT, RECORDER_START, RECORDER_RECORDING, 134 },
                { 0 },
        };
        /* It is back, but without effort: what comes after the cool-down is trimmed. */
        static const Step back[] = {
                { HR, 0, 107, REST, RECORDER_KEEP, RECORDER_RECORDING, 107 },
                { HR, 0, 110, REST, RECORDER_KEEP, RECORDER_RECORDING, 107 },
                { TICK, 0, 120, 0, RECORDER_DISCARD, RECORDER_IDLE, 107 },
                { 0 },
        };
        static const Step by_hand[] = {
                { HR, 0, 119, REST, RECORDER_KEEP, RECORDER_RECORDING, 119 },
                { TICK, 0, 138, 0, RECORDER_NOTHING, RECORDER_RECORDING, 119 },
                { TICK, 0, 139, 0, RECORDER_END, RECORDER_IDLE, 119 },
                { 0 },
        };
        static const Step stopped[] = {
                { STOP, 0, 110, 0, RECORDER_END, RECORDER_STOPPED, 100 },
                { 0 },
        };
        static const struct {
                const Step *steps;
                bool by_hand;
        } cases[] = { { alone, false }, { alone, true }, { back, false }, { by_hand, true },
                { stopped, false } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Recorder r = { 0 };

                recorder_resume(&r, 0, cases[i].by_hand,
                                &(RecorderPast){ SEC(99), SEC(100), SEC(100), SEC(100) });
                assert_int_equal(r.state, RECORDER_RECORDING);
                assert_int_equal(r.begin_usec, SEC(99));
                play_from(&r, &config, cases[i].steps);
                if (cases[i].steps != alone)
                        continue;
                play_from(&r, &config, next);
                recorder_backdated(&r, SEC(130));
                assert_int_equal(recorder_tick(&r, &config, SEC(154)), RECORDER_DISCARD);
        }
}

/* Taken up again in a cool-down, the tail is as long as without the break: what came before counts, too. */
static void test_resume_in_cool_down(void **state)
{
        /* The strap comes back, with no effort: it ends when it would have, and what is beyond the cool-down is dropped. */
        static const Step resting[] = {
                { HR, 0, 108, REST, RECORDER_KEEP, RECORDER_RECORDING, 100 },
                { TICK, 0, 109, 0, RECORDER_NOTHING, RECORDER_RECORDING, 100 },
                { TICK, 0, 110, 0, RECORDER_END, RECORDER_IDLE, 100 },
                { 0 },
        };
        /* It comes back with effort, and nothing is dropped. */
        static const Step running[] = {
                { HR, 0, 124, EFFORT, RECORDER_KEEP, RECORDER_RECORDING, 124 },
                { TICK, 0, 143, 0, RECORDER_NOTHING, RECORDER_RECORDING, 124 },
                { TICK, 0, 144, 0, RECORDER_END, RECORDER_IDLE, 124 },
                { 0 },
        };
        /* It comes back too late for the effort, in time for the hole: then it is over. */
        static const Step late[] = {
                { TICK, 0, 120, 0, RECORDER_NOTHING, RECORDER_RECORDING, 105 },
                { HR, 0, 124, REST, RECORDER_END, RECORDER_IDLE, 100 },
                { 0 },
        };
        /* It does not come back: closed at its last heart rate and kept. */
        static const Step alone[] = {
                { TICK, 0, 124, 0, RECORDER_NOTHING, RECORDER_RECORDING, 105 },
                { TICK, 0, 125, 0, RECORDER_END, RECORDER_IDLE, 105 },
                { 0 },
        };
        static const Step *const cases[] = { resting, running, late, alone };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Recorder r = { 0 };

                recorder_resume(&r, 0, false, &(RecorderPast){ SEC(10), SEC(90), SEC(100), SEC(105) });
                play_from(&r, &config, cases[i]);
        }
}

/* Stopped by hand before the daemon was started again: the same rule as without the break. */
static void test_stopped_before(void **state)
{
        static const Step steps[] = {
                { HR, 0, 119, EFFORT, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 120, REST, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 138, REST, RECORDER_NOTHING, RECORDER_STOPPED, 0 },
                { HR, 0, 139, REST, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { 0 },
        };
        Recorder r = { 0 };

        (void)state;
        recorder_stopped_before(&r, SEC(100));
        assert_int_equal(recorder_deadline(&r, &config), USEC_INFINITY);
        play_from(&r, &config, steps);

        /* It says nothing to a session that is being recorded. */
        assert_int_equal(recorder_start(&r, 0, SEC(140)), 0);
        recorder_stopped_before(&r, SEC(100));
        assert_int_equal(r.state, RECORDER_RECORDING);
        assert_int_equal(r.effort_usec, SEC(140));
}

/* The daemon stops in the middle of a tail: nothing of it is trimmed, since effort may follow. */
static void test_suspend(void **state)
{
        static const Step steps[] = {
                { SUSPEND, 0, 1, 0, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 13, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 16, EFFORT, RECORDER_START, RECORDER_RECORDING, 16 },
                { HR, 0, 25, REST, RECORDER_KEEP, RECORDER_RECORDING, 16 },
                { SUSPEND, 0, 26, 0, RECORDER_END, RECORDER_IDLE, 25 },
                { HR, 0, 27, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 29, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 31, EFFORT, RECORDER_START, RECORDER_RECORDING, 31 },
                { 0 },
        };

        /* Effort that goes on begins anew, too. */
        static const Step running[] = {
                { HR, 0, 10, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 12, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 14, EFFORT, RECORDER_START, RECORDER_RECORDING, 14 },
                { SUSPEND, 0, 15, 0, RECORDER_END, RECORDER_IDLE, 14 },
                { HR, 0, 16, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 19, EFFORT, RECORDER_NOTHING, RECORDER_IDLE, 0 },
                { HR, 0, 20, EFFORT, RECORDER_START, RECORDER_RECORDING, 20 },
                { 0 },
        };

        (void)state;
        assert_int_equal(play(&config, steps), SEC(25) + 1);
        assert_int_equal(play(&config, running), SEC(14) + 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_start),
                cmocka_unit_test(test_start_broken),
                cmocka_unit_test(test_start_not_broken),
                cmocka_unit_test(test_start_two_straps),
                cmocka_unit_test(test_start_at_once),
                cmocka_unit_test(test_start_never),
                cmocka_unit_test(test_hold),
                cmocka_unit_test(test_hold_makes_way),
                cmocka_unit_test(test_hold_keeps_runs),
                cmocka_unit_test(test_pre_roll),
                cmocka_unit_test(test_end),
                cmocka_unit_test(test_min_duration),
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_stop),
                cmocka_unit_test(test_switch),
                cmocka_unit_test(test_resume_in_cool_down),
                cmocka_unit_test(test_stopped_before),
                cmocka_unit_test(test_suspend),
                cmocka_unit_test(test_resume),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
