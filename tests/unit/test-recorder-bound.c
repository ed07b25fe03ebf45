/* SPDX-License-Identifier: MIT */

/* Once a session has ten minutes of effort, what is usual in it separates effort from rest: who sits down after the run has
 * ended it, and begins none. Lengths as shipped. */

#include "recorder-fixture.h"

/* A run from 1000 on, of so many seconds. */
static void run(Play *p, double bpm, unsigned seconds)
{
        heart_rate(p, HR, 0, SEC(1000), bpm);
        for (unsigned i = 1; i <= seconds; i++)
                heart_rate(p, HR, 0, SEC(1000 + i), bpm);
        assert_int_equal(p->r.state, RECORDER_RECORDING);
}

static void sit(Play *p, double bpm, double to_s)
{
        play_on(p, (const Step[]){ KEPT(RUN, 0, to_s, bpm, 0), { 0 } });
}

/* After 10 min of effort, less than half of the usual above resting, which is 50, is none. */
static void test_bound_after_ten_minutes(void **state)
{
        static const struct {
                double bpm;
                unsigned seconds;
                double after_bpm, effort_s; /* then that until 1850: when the last effort was */
        } cases[] = {
                { 150, 600, 99.5, 1600 }, /* half of 100 above resting is 100 */
                { 150, 600, 100, 1600 },  /* not above it */
                { 150, 600, 100.5, 1850 }, { 150.5, 600, 100, 1600 }, { 150.5, 600, 100.5, 1850 },
                { 130, 600, 93.5, 1600 }, /* 90: start-above is the higher one */
                { 130, 600, 94, 1850 },   /* from there up */
                /* Ten minutes of effort in all: 99.5 is some until then. */
                { 150, 599, 99.5, 1599 }, { 150, 598, 99.5, 1599 }, { 150, 450, 99.5, 1599 },
                { 150, 310, 99.5, 1599 }, { 150, 288, 99.5, 1850 }, /* then 99.5 is what is usual */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&shipped);

                run(p, cases[i].bpm, cases[i].seconds);
                sit(p, cases[i].after_bpm, 1850);
                if (p->r.effort_usec != SEC(cases[i].effort_s))
                        fail_msg("row %zu: %.6f s", i, (double)p->r.effort_usec / 1e6);
                /* The end still needs end-after. */
                assert_int_equal(recorder_deadline(&p->r, &shipped), p->r.effort_usec + SEC(300));
        }
}

/* Time without effort is none of the ten minutes. */
static void test_bound_is_after_effort(void **state)
{
        _cleanup_free_ Play *p = play_begin(&shipped);

        (void)state;
        run(p, 150, 400);
        sit(p, 80, 1690);   /* then there are 401 s of effort in 691 */
        sit(p, 150, 1780);  /* 491 s */
        sit(p, 99.5, 1889); /* 599 s with the last but one: it is effort itself */
        assert_int_equal(p->r.effort_usec, SEC(1889));
        sit(p, 99.5, 1900); /* 600 s with the one before */
        assert_int_equal(p->r.effort_usec, SEC(1889));
}

/* Nor is it usual, however long it is: here longer than the run. */
static void test_rest_is_not_usual(void **state)
{
        _cleanup_free_ Play *p = play_begin(&shipped);

        (void)state;
        run(p, 150, 500);
        for (unsigned i = 0; i < 3; i++) {
                double from_s = 1500 + i * 290;

                sit(p, 80, from_s + 250);
                sit(p, 150, from_s + 290);
        }
        assert_int_equal(p->r.effort_usec, SEC(2370));
        sit(p, 99.5, 2400);
        assert_int_equal(p->r.effort_usec, SEC(2370));
}

/* Only heart rates that count are usual. */
static void test_bound_is_of_what_counts(void **state)
{
        _cleanup_free_ Play *p = play_begin(&shipped);
        unsigned t = 1401;

        (void)state;
        run(p, 150, 400);
        /* Together they are longer than what counts. */
        for (unsigned i = 0; i < 3; i++) {
                for (unsigned end = t + 250; t < end; t++)
                        assert_int_equal(heart_rate(p, t % 2 ? ODD : FROZEN, 0, SEC(t), 240), RECORDER_KEEP);
                for (unsigned end = t + 70; t < end; t++)
                        assert_int_equal(heart_rate(p, HR, 0, SEC(t), 150), RECORDER_KEEP);
        }
        sit(p, 100.5, t + 10);
        assert_int_equal(p->r.effort_usec, SEC(t + 10));
        sit(p, 99.5, t + 20);
        assert_int_equal(p->r.effort_usec, SEC(t + 10));
}

/* Not in a session begun by hand, nor where any heart rate begins one, nor where none does. */
static void test_no_bound(void **state)
{
        RecorderConfig c = shipped;

        (void)state;
        for (unsigned i = 0; i < 3; i++) {
                _cleanup_free_ Play *p = NULL;

                c.start_above = i == 1 ? 0 : 94;
                p = play_begin(&c);
                if (i == 0)
                        assert_int_equal(recorder_start(&p->r, 0, SEC(1000)), 0);
                run(p, 150, 700);
                if (i == 2)
                        p->config.start_above = NAN;
                sit(p, 60, 1850);
                assert_int_equal(p->r.effort_usec, SEC(1850));
        }
}

/* A session taken up again knows what is usual in it. */
static void test_bound_after_a_restart(void **state)
{
        _cleanup_free_ Play *p = play_begin(&shipped);
        Past past[622] = { { 0 } };

        (void)state;
        for (unsigned i = 0; i < ELEMENTSOF(past) - 1; i++)
                past[i] = (Past){ 1000 + i, 150 };
        resume(p, false, past);
        play_on(p, (const Step[]){ KEPT(HR, 0, 1640, 99.5, 0), KEPT(RUN, 0, 1900, 99.5, 0), { 0 } });
        assert_int_equal(p->r.effort_usec, SEC(1620));
}

/* After the end the same bound, here 100, holds for a new start, until the runner has rested. The run ends at 1600, the
 * session at 1900, its last heart rate is at 1899. */
static void test_bound_for_a_new_start(void **state)
{
        static const struct {
                const char *what;
                Step between[5];
                double again_s, bpm; /* then that, each second */
                bool begins;
        } cases[] = {
                { "sitting on", { { 0 } }, 1900, 97, false },
                { "at the bound", { { 0 } }, 1900, 100, false },
                { "above the bound", { { 0 } }, 1900, 100.5, true },
                /* Below start-above for start-after: 20 heart rates, the last until the next one. */
                { "rested for less", { IDLE(RUN, 0, 1918, 93.5) }, 1919, 97, false },
                { "rested", { IDLE(RUN, 0, 1919, 93.5) }, 1920, 97, true },
                { "not below", { IDLE(RUN, 0, 1990, 94) }, 1991, 97, false },
                { "rested with a break",
                                { IDLE(RUN, 0, 1915, 93.5), IDLE(HR, 0, 1916, 94), IDLE(RUN, 0, 1930, 93.5) },
                                1931, 97, false },
                { "rested with odd ones in between",
                                { IDLE(RUN, 0, 1909, 93.5), IDLE(ODD, 0, 1910, 150),
                                                IDLE(FROZEN, 0, 1911, 150), IDLE(RUN, 0, 1921, 93.5) },
                                1922, 97, true },
                /* No live data for end-after. */
                { "away for less", { { 0 } }, 2198.999999, 97, false },
                { "away", { { 0 } }, 2199, 97, true },
                { "frozen", { IDLE(FROZEN, 0, 2000, 97), IDLE(FROZEN, 0, 2198, 97) }, 2199, 97, true },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Play *p = play_begin(&shipped);
                RecorderAction action = RECORDER_NOTHING;
                usec_t again_usec = SEC(cases[i].again_s);
                unsigned n = 0;

                run(p, 150, 600);
                sit(p, 97, 1899);
                play_on(p, (const Step[]){ { TICK, 0, 1900, 0, RECORDER_END, RECORDER_IDLE, 1720 }, { 0 } });
                play_on(p, cases[i].between);
                while (n < 200 && action == RECORDER_NOTHING)
                        action = heart_rate(p, HR, 0, again_usec + SEC(n++), cases[i].bpm);
                if ((action == RECORDER_START) != cases[i].begins)
                        fail_msg("%s: action %d", cases[i].what, (int)action);
                if (cases[i].begins)
                        assert_int_equal(n, 21);
        }
}

/* Stopped by hand and rested for end-after, the runner has rested for the bound as well. */
static void test_bound_after_a_stop(void **state)
{
        static const Step rested[] = {
                { STOP, 0, 1601, 0, RECORDER_END, RECORDER_STOPPED, 1600 },
                STOPPED(RUN, 0, 1900, 93.5),
                IDLE(RUN, 0, 1901, 93.5),
                IDLE(RUN, 0, 1921, 97),
                BEGINS(HR, 0, 1922, 97),
                { 0 },
        };
        _cleanup_free_ Play *p = play_begin(&shipped);

        (void)state;
        run(p, 150, 600);
        play_on(p, rested);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bound_after_ten_minutes),
                cmocka_unit_test(test_bound_is_after_effort),
                cmocka_unit_test(test_rest_is_not_usual),
                cmocka_unit_test(test_bound_is_of_what_counts),
                cmocka_unit_test(test_no_bound),
                cmocka_unit_test(test_bound_after_a_restart),
                cmocka_unit_test(test_bound_for_a_new_start),
                cmocka_unit_test(test_bound_after_a_stop),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
