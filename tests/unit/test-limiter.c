/* SPDX-License-Identifier: MIT */

/* The limiter's state machine, script by script: what comes in at which second, what it says and where it is then. The
 * ceiling is 145 bpm with a tolerance of 2, so that 147 is still in the band and 148 above. */

#include "cardio/limiter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

#define CEILING 145
#define AT      145
#define BAND    147
#define ABOVE   148

typedef enum Op {
        HR = 1, /* a heart rate */
        HOLE,
        MUTE,  /* until second .value */
        QUIET, /* .value: 1 = on, 0 = off */
        TICK,
        END,
} Op;

typedef struct Step {
        Op op; /* 0 ends the script */
        double at_s;
        double value;
        LimiterFacts facts;
        double length_s;
        LimiterState state;
} Step;

static const LimiterConfig config = {
        .tolerance = 2,
        .hold_usec = SEC(10),
        .clear_usec = SEC(5),
        .repeat_usec = SEC(60),
        .stale_usec = SEC(5),
};

static void play_from(Limiter *l, const LimiterConfig *c, const Step *steps)
{
        for (const Step *s = steps; s->op != 0; s++) {
                usec_t at_usec = SEC(s->at_s), length_usec = 0;
                LimiterFacts facts = 0;

                switch (s->op) {
                case HR:
                        length_usec = 99;
                        facts = limiter_update(l, c, at_usec, s->value, &length_usec);
                        break;
                case HOLE:
                        limiter_hole(l);
                        break;
                case MUTE:
                        limiter_mute(l, SEC(s->value));
                        assert_int_equal(limiter_deadline(l), s->value > 0 ? SEC(s->value) : USEC_INFINITY);
                        break;
                case QUIET:
                        limiter_quiet(l, s->value > 0);
                        break;
                case TICK:
                        length_usec = 99;
                        facts = limiter_tick(l, c, at_usec, &length_usec);
                        break;
                case END:
                        length_usec = 99;
                        facts = limiter_end(l, at_usec, &length_usec);
                        break;
                }
                if (facts != s->facts || length_usec != SEC(s->length_s) || l->state != s->state)
                        fail_msg("step %zu: facts %#x, length %.6f s, state %d", (size_t)(s - steps), facts,
                                        (double)length_usec / 1e6, (int)l->state);
        }
}

static void play(const LimiterConfig *c, const Step *steps)
{
        Limiter l = { 0 };

        limiter_begin(&l, CEILING);
        assert_int_equal(l.state, LIMITER_BELOW);
        play_from(&l, c, steps);
}

static void test_one_breach(void **state)
{
        static const Step steps[] = {
                { HR, 1, 100, 0, 0, LIMITER_BELOW },
                { HR, 4, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 9, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 13.999999, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 14, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { HR, 15, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 16, AT, 0, 0, LIMITER_CLEARING },
                { HR, 20.999999, AT, 0, 0, LIMITER_CLEARING },
                { HR, 21, AT, LIMITER_ENDED | LIMITER_BACK, 17, LIMITER_BELOW },
                { HR, 22, AT, 0, 0, LIMITER_BELOW },
                { END, 23, 0, 0, 0, LIMITER_BELOW },
                { 0 },
        };

        (void)state;
        play(&config, steps);
}

/* The band between ceiling and ceiling + tolerance neither starts nor ends a breach. */
static void test_band(void **state)
{
        static const Step steps[] = {
                { HR, 1, BAND, 0, 0, LIMITER_BELOW },
                { HR, 5, BAND, 0, 0, LIMITER_BELOW },
                { HR, 10, BAND, 0, 0, LIMITER_BELOW },
                { HR, 15, BAND, 0, 0, LIMITER_BELOW },
                { HR, 16, BAND + 0.5, 0, 0, LIMITER_HOLDING }, /* just above */
                { HR, 20, BAND, 0, 0, LIMITER_BELOW },         /* breaks a hold */
                { HR, 21, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 26, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 31, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { HR, 35, BAND, 0, 0, LIMITER_BREACH }, /* goes on */
                { HR, 40, BAND, 0, 0, LIMITER_BREACH },
                { HR, 45, BAND, 0, 0, LIMITER_BREACH },
                { HR, 46, AT + 0.5, 0, 0, LIMITER_BREACH }, /* not at or below */
                { HR, 47, AT, 0, 0, LIMITER_CLEARING },
                { HR, 51, BAND, 0, 0, LIMITER_BREACH }, /* breaks a clearing */
                { HR, 52, AT, 0, 0, LIMITER_CLEARING },
                { HR, 56, AT, 0, 0, LIMITER_CLEARING },
                { HR, 57, AT, LIMITER_ENDED | LIMITER_BACK, 36, LIMITER_BELOW },
                { 0 },
        };

        (void)state;
        play(&config, steps);
}

static void test_repeat(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 6, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 11, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { HR, 70.999999, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 71, ABOVE, LIMITER_OVER, 70, LIMITER_BREACH },
                { HR, 130, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 131, BAND, 0, 0, LIMITER_BREACH }, /* only while above */
                { HR, 132, AT, 0, 0, LIMITER_CLEARING },
                { HR, 133, BAND, 0, 0, LIMITER_BREACH },
                { HR, 134, AT, 0, 0, LIMITER_CLEARING },
                { HR, 135, ABOVE, LIMITER_OVER, 134, LIMITER_BREACH }, /* from the clearing, overdue */
                { HR, 136, ABOVE, 0, 0, LIMITER_BREACH },
                { END, 137, 0, LIMITER_ENDED | LIMITER_BACK, 136, LIMITER_BELOW },
                { 0 },
        };

        (void)state;
        play(&(LimiterConfig){ .tolerance = 2,
                             .hold_usec = SEC(10),
                             .clear_usec = SEC(5),
                             .repeat_usec = SEC(60),
                             .stale_usec = SEC(60) },
                        steps);
}

static void test_without_hold_clear_and_repeat(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 0, LIMITER_BREACH },
                { HR, 2, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 3, AT, LIMITER_ENDED | LIMITER_BACK, 2, LIMITER_BELOW },
                { HR, 4, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 0, LIMITER_BREACH },
                { HR, 1000, ABOVE, 0, 0, LIMITER_BREACH }, /* never again */
                { HR, 100000, ABOVE, 0, 0, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        play(&(LimiterConfig){ .tolerance = 2, .stale_usec = SEC(5) }, steps);
}

/* The next breach is announced at once, however short ago the last one was. */
static void test_two_breaches(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 6, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 11, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { HR, 12, AT, 0, 0, LIMITER_CLEARING },
                { HR, 17, AT, LIMITER_ENDED | LIMITER_BACK, 16, LIMITER_BELOW },
                { HR, 18, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 23, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 28, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        play(&config, steps);
}

/* A hole breaks a hold and a clearing, not the breach: told of, or seen by the time between two heart rates. */
static void test_hole(void **state)
{
        static const Step told[] = {
                { HOLE, 0, 0, 0, 0, LIMITER_BELOW },
                { HR, 1, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 6, ABOVE, 0, 0, LIMITER_HOLDING },
                { HOLE, 6, 0, 0, 0, LIMITER_BELOW },
                { HR, 11, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 16, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 21, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { HOLE, 21, 0, 0, 0, LIMITER_BREACH },
                { HR, 22, AT, 0, 0, LIMITER_CLEARING },
                { HR, 26, AT, 0, 0, LIMITER_CLEARING },
                { HOLE, 26, 0, 0, 0, LIMITER_BREACH },
                { HR, 28, AT, 0, 0, LIMITER_CLEARING },
                { HR, 33, AT, LIMITER_ENDED | LIMITER_BACK, 22, LIMITER_BELOW },
                { 0 },
        };
        static const Step silent[] = {
                { HR, 1, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 6, ABOVE, 0, 0, LIMITER_HOLDING },         /* exactly stale-after: no hole yet */
                { HR, 11.000001, ABOVE, 0, 0, LIMITER_HOLDING }, /* anew */
                { HR, 16, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 21, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 21.000001, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { HR, 60, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 61, AT, 0, 0, LIMITER_CLEARING },
                { HR, 67, AT, 0, 0, LIMITER_CLEARING }, /* anew */
                { HR, 71.999999, AT, 0, 0, LIMITER_CLEARING },
                { HR, 72, AT, LIMITER_ENDED | LIMITER_BACK, 60.999999, LIMITER_BELOW },
                { 0 },
        };

        (void)state;
        play(&config, told);
        play(&config, silent);
}

/* A breach begun while muted is counted, and announced when that ends, if above then; and is over as quietly as it began. */
static void test_muted(void **state)
{
        static const Step announced_late[] = {
                { MUTE, 0, 30, 0, 0, LIMITER_BELOW },
                { HR, 10, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 15, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 20, ABOVE, LIMITER_BEGAN, 10, LIMITER_BREACH },
                { HR, 25, ABOVE, 0, 0, LIMITER_BREACH },
                { TICK, 29.999999, 0, 0, 0, LIMITER_BREACH },
                { TICK, 30, 0, LIMITER_OVER, 20, LIMITER_BREACH },
                { TICK, 31, 0, 0, 0, LIMITER_BREACH },
                { HR, 32, AT, 0, 0, LIMITER_CLEARING },
                { HR, 37, AT, LIMITER_ENDED | LIMITER_BACK, 27, LIMITER_BELOW },
                { 0 },
        };
        static const Step never_announced[] = {
                { MUTE, 0, 60, 0, 0, LIMITER_BELOW },
                { HR, 10, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 15, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 20, ABOVE, LIMITER_BEGAN, 10, LIMITER_BREACH },
                { HR, 21, AT, 0, 0, LIMITER_CLEARING },
                { HR, 26, AT, LIMITER_ENDED, 16, LIMITER_BELOW },
                { TICK, 60, 0, 0, 0, LIMITER_BELOW },
                { 0 },
        };
        /* Announced before it was muted: it has its end announced, muted or not, and a repeat that was left out. */
        static const Step announced_before[] = {
                { HR, 1, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 6, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 11, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 10, LIMITER_BREACH },
                { MUTE, 12, 100, 0, 0, LIMITER_BREACH },
                { HR, 71, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 97, ABOVE, 0, 0, LIMITER_BREACH },
                { TICK, 100, 0, LIMITER_OVER, 99, LIMITER_BREACH },
                { MUTE, 101, 200, 0, 0, LIMITER_BREACH },
                { HR, 102, AT, 0, 0, LIMITER_CLEARING },
                { HR, 107, AT, LIMITER_ENDED | LIMITER_BACK, 106, LIMITER_BELOW },
                { 0 },
        };
        /* The muting ended by command. */
        static const Step unmuted[] = {
                { MUTE, 0, 100, 0, 0, LIMITER_BELOW },
                { HR, 10, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 15, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 20, ABOVE, LIMITER_BEGAN, 10, LIMITER_BREACH },
                { MUTE, 22, 22, 0, 0, LIMITER_BREACH },
                { TICK, 22, 0, LIMITER_OVER, 12, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        play(&config, announced_late);
        play(&config, never_announced);
        play(&config, announced_before);
        play(&config, unmuted);
}

/* The muting ends while the runner is not above, or there is no fresh heart rate: announced once above again. */
static void test_unmuted_not_above(void **state)
{
        static const struct {
                Step between[3];
        } cases[] = {
                { { { HR, 29, BAND, 0, 0, LIMITER_BREACH }, { 0 } } },
                { { { HR, 29, AT, 0, 0, LIMITER_CLEARING }, { 0 } } },
                { { { HR, 24.999999, ABOVE, 0, 0, LIMITER_BREACH }, { 0 } } }, /* not fresh any more */
                { { { HR, 29, ABOVE, 0, 0, LIMITER_BREACH }, { HOLE, 29, 0, 0, 0, LIMITER_BREACH }, { 0 } } },
        };
        static const Step begin[] = {
                { MUTE, 0, 30, 0, 0, LIMITER_BELOW },
                { HR, 10, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 15, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 20, ABOVE, LIMITER_BEGAN, 10, LIMITER_BREACH },
                { 0 },
        };
        static const Step again[] = {
                { HR, 31, BAND, 0, 0, LIMITER_BREACH },
                { HR, 32, ABOVE, LIMITER_OVER, 22, LIMITER_BREACH },
                { HR, 33, ABOVE, 0, 0, LIMITER_BREACH },
                { 0 },
        };
        static const Step over[] = {
                { HR, 31, AT, 0, 0, LIMITER_CLEARING },
                { HR, 36, AT, LIMITER_ENDED, 26, LIMITER_BELOW },
                { 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned goes_on = 0; goes_on < 2; goes_on++) {
                        Limiter l = { 0 };
                        LimiterState before;
                        usec_t length_usec;

                        limiter_begin(&l, CEILING);
                        play_from(&l, &config, begin);
                        play_from(&l, &config, cases[i].between);
                        before = l.state;
                        assert_int_equal(limiter_tick(&l, &config, SEC(30), &length_usec), 0);
                        assert_int_equal(limiter_deadline(&l), USEC_INFINITY);
                        assert_int_equal(l.state, before);
                        play_from(&l, &config, goes_on ? again : over);
                }
}

/* repeat = 0, and yet the end of the muting tells. */
static void test_unmuted_without_repeat(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 0, LIMITER_BREACH },
                { MUTE, 2, 5, 0, 0, LIMITER_BREACH },
                { HR, 4, ABOVE, 0, 0, LIMITER_BREACH },
                { TICK, 5, 0, LIMITER_OVER, 4, LIMITER_BREACH },
                { HR, 6, ABOVE, 0, 0, LIMITER_BREACH },
                { 0 },
        };

        (void)state;
        play(&(LimiterConfig){ .tolerance = 2, .stale_usec = SEC(5) }, steps);
}

/* Quiet: counted and not announced; and what is open when it ends is told, or told again, with the next heart rate above.
 * A change of ceiling does not end it, nor does the end of a snooze. */
static void test_quiet(void **state)
{
        static const Step steps[] = {
                { HR, 1, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 0, LIMITER_BREACH },
                { QUIET, 2, 1, 0, 0, LIMITER_BREACH },
                { HR, 4, ABOVE, 0, 0, LIMITER_BREACH },
                { HR, 8, AT, LIMITER_ENDED | LIMITER_BACK, 7, LIMITER_BELOW },
                { HR, 12, ABOVE, LIMITER_BEGAN, 0, LIMITER_BREACH },
                { HR, 13, AT, LIMITER_ENDED, 1, LIMITER_BELOW },
                { HR, 14, ABOVE, LIMITER_BEGAN, 0, LIMITER_BREACH },
                { MUTE, 15, 16, 0, 0, LIMITER_BREACH },
                { TICK, 16, 0, 0, 0, LIMITER_BREACH },
                { HR, 17, ABOVE, 0, 0, LIMITER_BREACH },
                { QUIET, 18, 0, 0, 0, LIMITER_BREACH },
                { HR, 19, ABOVE, LIMITER_OVER, 5, LIMITER_BREACH },
                { HR, 20, ABOVE, 0, 0, LIMITER_BREACH },
                { QUIET, 20, 1, 0, 0, LIMITER_BREACH },
                { QUIET, 20, 1, 0, 0, LIMITER_BREACH },
                { HR, 21, ABOVE, 0, 0, LIMITER_BREACH },
                { QUIET, 22, 0, 0, 0, LIMITER_BREACH },
                { HR, 23, ABOVE, LIMITER_OVER, 9, LIMITER_BREACH },
                { QUIET, 24, 0, 0, 0, LIMITER_BREACH },
                { HR, 25, ABOVE, 0, 0, LIMITER_BREACH },
                { 0 },
        };
        static const LimiterConfig at_once = { .tolerance = 2, .stale_usec = SEC(5) };
        Limiter l = { 0 };

        (void)state;
        play(&at_once, steps);
        limiter_quiet(&l, true);
        limiter_begin(&l, CEILING);
        play_from(&l, &at_once, (const Step[]){ { HR, 1, ABOVE, LIMITER_BEGAN, 0, LIMITER_BREACH }, { 0 } });
}

static void test_no_ceiling(void **state)
{
        static const Step steps[] = {
                { HR, 1, 250, 0, 0, LIMITER_BELOW },
                { HR, 20, 250, 0, 0, LIMITER_BELOW },
                { HR, 40, 25, 0, 0, LIMITER_BELOW },
                { TICK, 50, 0, 0, 0, LIMITER_BELOW },
                { END, 60, 0, 0, 0, LIMITER_BELOW },
                { 0 },
        };
        Limiter l = { 0 };

        (void)state;
        limiter_begin(&l, NAN);
        play_from(&l, &(LimiterConfig){ .tolerance = 2, .stale_usec = SEC(5) }, steps);
}

/* A new session forgets everything but the muting; an end in the middle of a hold or a clearing. */
static void test_begin_and_end(void **state)
{
        static const Step holding[] = {
                { HR, 1, ABOVE, 0, 0, LIMITER_HOLDING },
                { HR, 5, ABOVE, 0, 0, LIMITER_HOLDING },
                { END, 6, 0, 0, 0, LIMITER_BELOW },
                { HR, 7, ABOVE, 0, 0, LIMITER_HOLDING },
                { 0 },
        };
        static const Step clearing[] = {
                { HR, 1, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 0, LIMITER_BREACH },
                { HR, 3, AT, 0, 0, LIMITER_CLEARING },
                { END, 4, 0, LIMITER_ENDED | LIMITER_BACK, 3, LIMITER_BELOW },
                { END, 5, 0, 0, 0, LIMITER_BELOW },
                { 0 },
        };
        /* An end that lies before the breach's begin: it lasted no time. */
        static const Step backwards[] = {
                { HR, 10, ABOVE, LIMITER_BEGAN | LIMITER_OVER, 0, LIMITER_BREACH },
                { END, 9, 0, LIMITER_ENDED | LIMITER_BACK, 0, LIMITER_BELOW },
                { 0 },
        };
        const LimiterConfig quick = { .tolerance = 2, .clear_usec = SEC(5), .stale_usec = SEC(5) };
        Limiter l = { 0 };
        usec_t length_usec;

        (void)state;
        play(&config, holding);
        play(&quick, clearing);
        play(&quick, backwards);

        limiter_begin(&l, CEILING);
        limiter_mute(&l, SEC(50));
        assert_int_equal(limiter_update(&l, &quick, SEC(1), ABOVE, &length_usec), LIMITER_BEGAN);
        limiter_begin(&l, 150);
        assert_int_equal(l.state, LIMITER_BELOW);
        assert_int_equal(limiter_deadline(&l), SEC(50));
        assert_int_equal(limiter_update(&l, &quick, SEC(2), 152, &length_usec), 0);
        assert_int_equal(limiter_update(&l, &quick, SEC(3), 153, &length_usec), LIMITER_BEGAN);
        assert_int_equal(length_usec, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_breach),
                cmocka_unit_test(test_band),
                cmocka_unit_test(test_repeat),
                cmocka_unit_test(test_without_hold_clear_and_repeat),
                cmocka_unit_test(test_two_breaches),
                cmocka_unit_test(test_hole),
                cmocka_unit_test(test_muted),
                cmocka_unit_test(test_unmuted_not_above),
                cmocka_unit_test(test_unmuted_without_repeat),
                cmocka_unit_test(test_quiet),
                cmocka_unit_test(test_no_ceiling),
                cmocka_unit_test(test_begin_and_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
