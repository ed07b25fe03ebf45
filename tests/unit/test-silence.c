/* SPDX-License-Identifier: MIT */
/* A strap that is lost in a run, and one that is taken off after it: heart rates one a second, then silence. */

#include "cardio/silence.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*USEC_PER_SEC))
/* Effort is above it. */
#define EFFORT 94.1

static Sample sample_at(usec_t at_usec, double bpm, Settled settled)
{
        return (Sample){ .at_usec = at_usec, .smoothed = bpm, .settled = (uint8_t)settled, .live = true };
}

/* So many seconds of that, from *at_usec on. */
static void run(Silence *s, usec_t *at_usec, unsigned seconds, double bpm)
{
        for (; seconds > 0; seconds--) {
                const Sample sample = sample_at(*at_usec += SEC(1), bpm, SETTLED_YES);

                assert_false(silence_heart_rate(s, &sample, 0));
        }
}

/* The last heart rates of a session, then a minute of silence. */
static void test_lost_or_taken_off(void **state)
{
        static const struct {
                const char *what;
                struct {
                        unsigned seconds;
                        double bpm;
                } part[3];
                bool lost;
        } cases[] = {
                { "a run", { { 300, 140 } }, true },
                { "a run, just begun", { { 1, 140 } }, true },
                { "a slow one", { { 300, 94.5 } }, true },
                { "no effort", { { 300, 94 } }, false },
                { "no effort any more", { { 300, 100 }, { 10, 93 } }, false },
                { "it has fallen by 15", { { 300, 140 }, { 10, 125 } }, false },
                { "it has fallen by 14", { { 300, 140 }, { 10, 126 } }, true },
                { "it fell long ago", { { 300, 160 }, { 61, 140 } }, true },
                { "it fell within the two minutes", { { 300, 160 }, { 59, 140 } }, false },
                { "it rises", { { 300, 120 }, { 10, 170 } }, true },
                { "the hard part of an interval", { { 120, 130 }, { 120, 170 } }, true },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t at_usec = SEC(1000);
                Silence s;

                silence_begin(&s);
                for (size_t k = 0; k < ELEMENTSOF(cases[i].part); k++)
                        run(&s, &at_usec, cases[i].part[k].seconds, cases[i].part[k].bpm);
                assert_int_equal(silence_deadline(&s), at_usec + SEC(60));
                assert_false(silence_tick(&s, EFFORT, at_usec + SEC(60) - 1));
                if (silence_tick(&s, EFFORT, at_usec + SEC(60)) != cases[i].lost)
                        fail_msg("%s: otherwise than expected", cases[i].what);
                /* It is judged once. */
                assert_int_equal(silence_deadline(&s), USEC_INFINITY);
                assert_false(silence_tick(&s, EFFORT, at_usec + SEC(600)));
        }
}

/* One that is known to be a cool-down: three quarters of what is usual. */
static void test_what_effort_is(void **state)
{
        (void)state;
        assert_true(silence_effort_above(EFFORT, 50, 0) == EFFORT); /* nothing is usual yet */
        assert_true(silence_effort_above(EFFORT, 50, 150) == 125);
        assert_true(silence_effort_above(EFFORT, 50, 100) == EFFORT);
        assert_true(isnan(silence_effort_above(NAN, 50, 0)));
}

static void test_values_that_do_not_count(void **state)
{
        usec_t at_usec = SEC(1000);
        Sample sample;
        Silence s;

        (void)state;
        /* Noise at the end of a run neither hides that it was one nor makes one of rest. */
        silence_begin(&s);
        run(&s, &at_usec, 200, 140);
        sample = sample_at(at_usec += SEC(1), 60, SETTLED_DISAGREE);
        assert_false(silence_heart_rate(&s, &sample, 0));
        assert_true(silence_tick(&s, EFFORT, at_usec + SEC(60)));
        silence_begin(&s);
        run(&s, &at_usec, 200, 80);
        sample = sample_at(at_usec += SEC(1), 228, SETTLED_TOO_FEW);
        assert_false(silence_heart_rate(&s, &sample, 0));
        assert_false(silence_tick(&s, EFFORT, at_usec + SEC(60)));
        /* Without a single one to go by nothing is known. */
        silence_begin(&s);
        sample = sample_at(at_usec += SEC(1), 140, SETTLED_TOO_FEW);
        assert_false(silence_heart_rate(&s, &sample, 0));
        assert_false(silence_tick(&s, EFFORT, at_usec + SEC(60)));
        /* Nor before the first heart rate, or where effort is not known. */
        silence_begin(&s);
        assert_int_equal(silence_deadline(&s), USEC_INFINITY);
        run(&s, &at_usec, 200, 140);
        assert_false(silence_tick(&s, NAN, at_usec + SEC(60)));
}

static void test_twice_a_session(void **state)
{
        usec_t at_usec = SEC(1000);
        Silence s;

        (void)state;
        silence_begin(&s);
        run(&s, &at_usec, 200, 140);
        for (unsigned i = 0; i < 2; i++) {
                Sample sample;

                at_usec += SEC(75);
                assert_true(silence_tick(&s, EFFORT, at_usec));
                assert_false(silence_tick(&s, EFFORT, at_usec + SEC(60)));
                sample = sample_at(at_usec += SEC(1), 140, SETTLED_TOO_FEW);
                assert_true(silence_heart_rate(&s, &sample, 0)); /* back, with whatever heart rate */
                run(&s, &at_usec, 5, 140);
        }
        assert_int_equal(silence_deadline(&s), USEC_INFINITY);
        assert_false(silence_tick(&s, EFFORT, at_usec + SEC(60)));
        run(&s, &at_usec, 5, 140); /* nothing was said, so it is not back either */
        /* The next session counts anew. */
        silence_end(&s);
        assert_int_equal(silence_deadline(&s), USEC_INFINITY);
        silence_begin(&s);
        run(&s, &at_usec, 5, 140);
        assert_true(silence_tick(&s, EFFORT, at_usec + SEC(60)));
}

static void test_a_minute_of_listening(void **state)
{
        usec_t at_usec = SEC(1000);
        Silence s;

        (void)state;
        silence_begin(&s);
        run(&s, &at_usec, 200, 140);
        silence_listen(&s, at_usec + SEC(100)); /* the machine wakes up */
        assert_int_equal(silence_deadline(&s), at_usec + SEC(160));
        silence_listen(&s, at_usec + SEC(50)); /* not backwards */
        assert_false(silence_tick(&s, EFFORT, at_usec + SEC(159)));
        assert_true(silence_tick(&s, EFFORT, at_usec + SEC(160)));
        silence_listen(&s, at_usec + SEC(170)); /* what has been said stays so */
        assert_int_equal(silence_deadline(&s), USEC_INFINITY);
}

/* A gap that is configured to be longer. */
static void test_a_long_gap(void **state)
{
        const Sample sample = sample_at(SEC(1000), 140, SETTLED_YES);
        Silence s;

        (void)state;
        silence_begin(&s);
        assert_false(silence_heart_rate(&s, &sample, SEC(15)));
        assert_int_equal(silence_deadline(&s), SEC(1060));
        assert_false(silence_heart_rate(&s, &sample, SEC(90)));
        assert_int_equal(silence_deadline(&s), SEC(1090));
}

/* What was said before a restart counts, and the strap may be back only after it. */
static void test_resumed(void **state)
{
        usec_t at_usec = SEC(1000);
        Sample sample;
        Silence s;

        (void)state;
        silence_begin(&s);
        run(&s, &at_usec, 200, 140);
        silence_resume(&s, 1, true, at_usec + SEC(40));
        assert_int_equal(silence_deadline(&s), USEC_INFINITY);
        sample = sample_at(at_usec + SEC(50), 140, SETTLED_TOO_FEW);
        assert_true(silence_heart_rate(&s, &sample, 0));
        at_usec += SEC(50);
        run(&s, &at_usec, 5, 140);
        assert_true(silence_tick(&s, EFFORT, at_usec + SEC(60)));
        assert_int_equal(s.told, 2);

        silence_begin(&s);
        run(&s, &at_usec, 200, 140);
        silence_resume(&s, 0, false, at_usec + SEC(40));
        assert_int_equal(silence_deadline(&s), at_usec + SEC(100));
        silence_begin(&s);
        run(&s, &at_usec, 200, 140);
        silence_resume(&s, 2, false, at_usec + SEC(40));
        assert_int_equal(silence_deadline(&s), USEC_INFINITY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lost_or_taken_off),
                cmocka_unit_test(test_what_effort_is),
                cmocka_unit_test(test_values_that_do_not_count),
                cmocka_unit_test(test_twice_a_session),
                cmocka_unit_test(test_a_minute_of_listening),
                cmocka_unit_test(test_a_long_gap),
                cmocka_unit_test(test_resumed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
