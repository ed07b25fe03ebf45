/* SPDX-License-Identifier: MIT */

/* α1: the arithmetic against published and independently computed figures, and when it is available. */

#include "cardio/dfa.h"

#include <math.h>
#include <stdint.h>

#include "cardio/alpha1.h"
#include "cardio/macro.h"
#include "numbers-fixture.h"

/* 240 beats of a formula; the figure is another program's. */
static size_t make_beats(double rr[static DFA_BEATS_MAX])
{
        for (unsigned i = 0; i < 240; i++)
                rr[i] = 480 + (i * i * 7919 % 61) / 2.0 + i / 9 % 5 * 3;
        return 240;
}

static void test_figure(void **state)
{
        double rr[DFA_BEATS_MAX];
        size_t n = make_beats(rr);

        (void)state;
        assert_float_equal(dfa_alpha1(rr, n), 0.8122527337437, 1e-9);
}

static void test_published(void **state)
{
        static double rr[NUMBERS_MAX];
        size_t n = numbers_load("dfa-selftest/rr_ms.txt", NULL, rr);

        (void)state;
        assert_int_equal(n, 193);
        assert_float_equal(dfa_alpha1(rr, n), 1.5503173309573, 1e-9);
}

/* White noise has an exponent of a half, its sum one of one and a half; short boxes make it a little more. */
static void test_noise(void **state)
{
        double white[DFA_BEATS_MAX], brown[DFA_BEATS_MAX], sum = 0, a = 0, b = 0;
        uint32_t random = 7;

        (void)state;
        for (unsigned run = 0; run < 50; run++) {
                for (size_t i = 0; i < DFA_BEATS_MAX; i++) {
                        random = random * 1664525 + 1013904223;
                        white[i] = (double)(random >> 16) / 65536;
                        brown[i] = sum += white[i] - 0.5;
                }
                a += dfa_alpha1(white, DFA_BEATS_MAX) / 50;
                b += dfa_alpha1(brown, DFA_BEATS_MAX) / 50;
        }
        assert_float_equal(a, 0.55, 0.1);
        assert_float_equal(b, 1.5, 0.1);
}

static void test_none(void **state)
{
        double rr[DFA_BEATS_MAX + 1];
        size_t n = make_beats(rr);

        (void)state;
        assert_true(isnan(dfa_alpha1(rr, DFA_BEATS_MIN - 1)));
        assert_false(isnan(dfa_alpha1(rr, DFA_BEATS_MIN)));
        assert_true(isnan(dfa_alpha1(rr, DFA_BEATS_MAX + 1)));
        for (size_t i = 0; i < n; i++)
                rr[i] = 400;
        assert_true(isnan(dfa_alpha1(rr, n)));
}

/* -- Detrending -- */

/* The same equations, solved the long way. */
#define DENSE 40
static void dense_detrend(double *value, double lambda)
{
        double m[DENSE][DENSE + 1] = { 0 }, x[DENSE];

        for (unsigned i = 0; i < DENSE; i++) {
                m[i][i] = 1;
                m[i][DENSE] = value[i];
        }
        for (unsigned k = 0; k + 2 < DENSE; k++) {
                static const double d[] = { 1, -2, 1 };

                for (unsigned a = 0; a < 3; a++)
                        for (unsigned b = 0; b < 3; b++)
                                m[k + a][k + b] += lambda * lambda * d[a] * d[b];
        }
        for (unsigned k = 0; k < DENSE; k++)
                for (unsigned i = k + 1; i < DENSE; i++) {
                        double f = m[i][k] / m[k][k];

                        for (unsigned j = k; j <= DENSE; j++)
                                m[i][j] -= f * m[k][j];
                }
        for (unsigned i = DENSE; i-- > 0;) {
                x[i] = m[i][DENSE];
                for (unsigned j = i + 1; j < DENSE; j++)
                        x[i] -= m[i][j] * x[j];
                x[i] /= m[i][i];
        }
        for (unsigned i = 0; i < DENSE; i++)
                value[i] -= x[i];
}

static void test_detrend(void **state)
{
        static const double lambdas[] = { 0, 1, 30, 500 };

        (void)state;
        for (size_t l = 0; l < ELEMENTSOF(lambdas); l++) {
                double rr[DFA_BEATS_MAX], expected[DENSE];

                (void)make_beats(rr);
                memcpy(expected, rr, sizeof(expected));
                dense_detrend(expected, lambdas[l]);
                dfa_detrend(rr, DENSE, lambdas[l]);
                for (unsigned i = 0; i < DENSE; i++)
                        assert_float_equal(rr[i], expected[i], 1e-6);
        }
        for (size_t n = 0; n < 5; n++) {
                double few[] = { 1, 2, 3, 4 };

                dfa_detrend(few, n < 4 ? n : 4, DFA_LAMBDA); /* a straight line is a trend */
                assert_float_equal(few[0], n < 3 ? 1 : 0, 1e-6);
        }
}

/* -- Live -- */

#define BEGIN (USEC_PER_HOUR)

typedef struct World {
        Ring ring;
        usec_t now_usec;
        double due_ms; /* of the next beat, from BEGIN on */
        uint32_t random;
} World;

static World world;

/* So many seconds, a packet a second, with the beats that ended in it; each nth beat is twice as long, 0 = none. */
static void run(unsigned seconds, double ms, double smoothed, unsigned nth)
{
        for (unsigned s = 0; s < seconds; s++) {
                Measurement m = { .heart_rate = 150 };
                Sample *sample;

                world.now_usec += USEC_PER_SEC;
                while (world.due_ms * 1000 <= (double)(world.now_usec - BEGIN)) {
                        double beat = ms;

                        world.random = world.random * 1664525 + 1013904223;
                        beat += (world.random >> 16) % 12 - 6.0;
                        if (nth > 0 && (world.random >> 8) % nth == 0)
                                beat *= 2;
                        world.due_ms += beat;
                        m.rr[m.n_rr++] = (uint16_t)lround(beat * 1.024);
                }
                sample = ring_push(&world.ring, world.now_usec, &m);
                sample->smoothed = smoothed;
                sample->stale_usec = 5 * USEC_PER_SEC;
        }
}

static void begin(void)
{
        world = (World){ .now_usec = BEGIN };
}

static Alpha1 ask(void)
{
        return alpha1_of(&world.ring, world.now_usec, 100, false);
}

static void test_available(void **state)
{
        double detrended;

        (void)state;
        begin();
        assert_int_equal(ask().state, ALPHA1_NO_RR);
        run(106, 400, 150, 0);
        assert_int_equal(ask().state, ALPHA1_TOO_SHORT);
        assert_true(isnan(ask().alpha1));
        run(5, 400, 150, 0);
        assert_int_equal(ask().state, ALPHA1_AVAILABLE);
        assert_float_equal(ask().alpha1, 0.5, 0.35); /* white noise */
        assert_float_equal(ask().artefact_percent, 0, 0);
        assert_null(alpha1_state_to_string(ask().state));

        /* It is of the last two minutes: the same after ten. */
        run(600, 400, 150, 0);
        assert_int_equal(ask().state, ALPHA1_AVAILABLE);
        assert_float_equal(ask().covered_percent, 100, 1);
        detrended = alpha1_of(&world.ring, world.now_usec, 100, true).alpha1;
        assert_true(fabs(detrended - ask().alpha1) < 0.1 && detrended != ask().alpha1);
}

static void test_artefacts(void **state)
{
        (void)state;
        begin();
        run(200, 400, 150, 40);
        assert_int_equal(ask().state, ALPHA1_AVAILABLE);
        assert_true(ask().artefact_percent > 1);
        run(200, 400, 150, 8);
        assert_int_equal(ask().state, ALPHA1_ARTEFACTS);
        assert_string_equal(alpha1_state_to_string(ask().state), "more than 5 % artefacts");
        assert_true(isnan(ask().alpha1));
        /* And when they are over it is back within two minutes. */
        run(120, 400, 150, 0);
        assert_int_equal(ask().state, ALPHA1_AVAILABLE);
}

/* What is an artefact in effort is breathing at rest. */
static void test_rest(void **state)
{
        (void)state;
        begin();
        for (unsigned i = 0; i < 30; i++) {
                run(2, 800, 70, 0);
                run(2, 890, 70, 0);
        }
        assert_int_equal(ask().state, ALPHA1_AVAILABLE);
        assert_int_equal(alpha1_of(&world.ring, world.now_usec, 60, false).state, ALPHA1_ARTEFACTS);
}

static void test_gap(void **state)
{
        (void)state;
        begin();
        run(300, 400, 150, 0);
        world.now_usec += 9 * USEC_PER_SEC;
        world.due_ms = (double)(world.now_usec - BEGIN) / 1000;
        run(1, 400, 150, 0);
        assert_int_equal(ask().state, ALPHA1_AVAILABLE);
        world.now_usec += 9 * USEC_PER_SEC;
        world.due_ms = (double)(world.now_usec - BEGIN) / 1000;
        run(1, 400, 150, 0);
        assert_int_equal(ask().state, ALPHA1_TOO_SHORT);
        world.now_usec += 200 * USEC_PER_SEC;
        assert_int_equal(ask().state, ALPHA1_NO_RR);
        assert_string_equal(alpha1_state_to_string(ask().state), "no R-R intervals");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_figure),
                cmocka_unit_test(test_published),
                cmocka_unit_test(test_noise),
                cmocka_unit_test(test_none),
                cmocka_unit_test(test_detrend),
                cmocka_unit_test(test_available),
                cmocka_unit_test(test_artefacts),
                cmocka_unit_test(test_rest),
                cmocka_unit_test(test_gap),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
