/* SPDX-License-Identifier: MIT */

/* The ring and the running median over it, against a median taken by brute force. Random input is seeded, so that a
 * failure comes back. */

#include "cardio/smoother.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

/* xorshift32 (Marsaglia 2003) */
static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

/* -- Ring -- */

static void test_ring_numbers(void **state)
{
        _cleanup_free_ Ring *r = calloc(1, sizeof(*r));

        (void)state;
        assert_non_null(r);
        assert_int_equal(ring_begin(r), 0);
        assert_int_equal(ring_end(r), 0);
        for (unsigned i = 0; i < 3 * RING_SAMPLES_MAX; i++) {
                const Measurement m = { .heart_rate = (uint16_t)(25 + i % 200), .contact = i % _CONTACT_MAX };
                const Sample *s = ring_push(r, 1000 + i, &m);

                assert_int_equal(ring_end(r), i + 1);
                assert_int_equal(ring_begin(r), i < RING_SAMPLES_MAX ? 0 : i + 1 - RING_SAMPLES_MAX);
                assert_ptr_equal(ring_at(r, i), s);
                assert_int_equal(s->at_usec, 1000 + i);
                assert_int_equal(s->contact, i % _CONTACT_MAX);
                for (uint64_t k = ring_begin(r); k < ring_end(r); k += 97)
                        assert_int_equal(ring_at(r, k)->heart_rate, 25 + k % 200);
        }
}

/* An entry has all of its R-R intervals or, once newer ones have overwritten them, none. */
static void test_ring_intervals(void **state)
{
        _cleanup_free_ Ring *r = calloc(1, sizeof(*r));
        uint16_t next = 0, want, rr[MEASUREMENT_RR_MAX], first[RING_SAMPLES_MAX];

        (void)state;
        assert_non_null(r);
        for (unsigned i = 0; i < RING_SAMPLES_MAX; i++) {
                Measurement m = { .heart_rate = 60, .n_rr = i * 31 % (MEASUREMENT_RR_MAX + 1) };
                size_t held = 0;
                bool gone = false;

                first[i] = next;
                for (size_t k = 0; k < m.n_rr; k++)
                        m.rr[k] = next++;
                ring_push(r, i, &m);
                for (uint64_t k = ring_end(r); k-- > ring_begin(r);) {
                        const Sample *s = ring_at(r, k);
                        size_t n = ring_copy_rr(r, s, rr);

                        held += s->n_rr;
                        gone = gone || held > RING_RR_MAX;
                        assert_int_equal(n, gone ? 0 : s->n_rr);
                        want = first[k];
                        for (size_t j = 0; j < n; j++)
                                assert_int_equal(rr[j], want++);
                }
        }
}

/* A gap is more than stale-after, as it was when the heart rate came; and the first is after one. */
static void test_ring_gaps(void **state)
{
        static const struct {
                double at_s, stale_s;
                bool gap;
        } cases[] = { { 1, 5, true }, { 6, 5, false }, { 11.000001, 5, true }, { 26, 15, false },
                { 31.000001, 15, false }, { 37, 5, true } };
        _cleanup_free_ Ring *r = calloc(1, sizeof(*r));

        (void)state;
        assert_non_null(r);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ring_push(r, SEC(cases[i].at_s), &(Measurement){ .heart_rate = 60 })->stale_usec =
                                SEC(cases[i].stale_s);
                assert_int_equal(ring_gap_before(r, i), cases[i].gap);
        }
}

/* -- Smoother -- */

typedef struct Pair {
        Ring ring;
        Smoother smoother;
} Pair;

/* stale: a longer time without a heart rate before it is a gap. */
static double push(Pair *p, usec_t at_usec, unsigned bpm, usec_t window_usec, usec_t stale_usec,
                Settled *ret_settled)
{
        const Measurement m = { .heart_rate = (uint16_t)bpm };

        ring_push(&p->ring, at_usec, &m)->stale_usec = stale_usec;
        return smoother_update(&p->smoother, &p->ring, window_usec, ret_settled);
}

static int compare(const void *a, const void *b)
{
        return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The definition: the heart rates in (t - window, t], or back to the third, at most 30 s; not over a gap, and at most the
 * ring's. */
static double naive_median(const Ring *r, usec_t window_usec, size_t *ret_n, Settled *ret_settled)
{
        uint16_t values[RING_SAMPLES_MAX];
        uint64_t i = ring_end(r) - 1;
        usec_t t = ring_at(r, i)->at_usec;
        size_t n = 1, close = 0;
        double median;

        values[0] = ring_at(r, i)->heart_rate;
        for (; i > ring_begin(r); i--) {
                const Sample *older = ring_at(r, i - 1);

                if (ring_at(r, i)->at_usec - older->at_usec > ring_at(r, i)->stale_usec)
                        break;
                if (t - older->at_usec >= window_usec && (n >= 3 || t - older->at_usec > SEC(30)))
                        break;
                values[n++] = older->heart_rate;
        }
        qsort(values, n, sizeof(values[0]), compare);
        median = n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
        for (size_t k = 0; k < n; k++)
                close += values[k] >= median - 20 && values[k] <= median + 20;
        *ret_n = n;
        *ret_settled = n < 3 ? SETTLED_TOO_FEW : close < 3 ? SETTLED_DISAGREE : SETTLED_YES;
        return median;
}

static void test_by_hand(void **state)
{
        static const struct {
                double at_s;
                unsigned bpm;
                double smoothed;
                Settled settled;
        } cases[] = {
                { 1, 100, 100, SETTLED_TOO_FEW },   /* from the first one on */
                { 2, 103, 101.5, SETTLED_TOO_FEW }, /* an even count */
                { 3, 101, 101, SETTLED_YES },
                { 4, 220, 102, SETTLED_YES },
                { 5, 102, 102, SETTLED_YES },
                { 6, 104, 103, SETTLED_YES }, /* the first one, 5 s ago, is no longer in it */
                { 6.001, 90, 102.5, SETTLED_YES },
                { 10.999, 95, 95, SETTLED_YES },   /* 104, 90 and 95 are in it */
                { 11.001, 96, 95, SETTLED_YES },   /* two are in it, and it reaches back to 90 */
                { 20, 250, 96, SETTLED_DISAGREE }, /* one is in it */
                { 21, 98, 98, SETTLED_DISAGREE },
                { 22, 99, 99, SETTLED_DISAGREE }, /* 250, 98 and 99 */
                { 23, 97, 98.5, SETTLED_YES },
        };
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));

        (void)state;
        assert_non_null(p);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Settled settled;
                double smoothed = push(p, SEC(cases[i].at_s), cases[i].bpm, SEC(5), SEC(15), &settled);

                if (smoothed != cases[i].smoothed || settled != cases[i].settled)
                        fail_msg("at %.3f s: %.1f, %d", cases[i].at_s, smoothed, (int)settled);
        }
}

/* Three heart rates, 100, 110 and 130, so far apart: all of them make 110, the last two 120, the last one 130. */
static void test_reaches_back_to_the_third(void **state)
{
        static const struct {
                double window_s, stale_s, first_s, second_s; /* the times between them */
                double smoothed;
        } cases[] = {
                { 5, 35, 1, 1, 110 }, { 5, 35, 11, 11, 110 },
                { 5, 35, 15, 15, 110 }, /* the third was 30 s ago */
                { 5, 35, 15, 15.001, 120 }, { 5, 35, 15.001, 15, 120 }, { 5, 35, 1, 30, 120 },
                { 5, 35, 1, 30.001, 130 }, { 5, 35, 0.001, 29.999, 110 },
                /* Not over a gap, wherever it is. */
                { 5, 5, 5, 5, 110 }, { 5, 5, 1, 5.001, 130 }, { 5, 5, 5.001, 1, 120 },
                { 5, 5, 5.001, 5.001, 130 }, { 5, 0.999, 0.999, 1, 130 }, /* nor in the window */
                /* A window that is longer than that reaches no further than it is. */
                { 60, 60, 15, 44.999, 110 }, { 60, 60, 15, 45, 120 }, { 60, 60, 1, 59.999, 120 },
                { 60, 60, 1, 60, 130 }, { 60, 59, 0.5, 59.001, 130 },
                { 0.1, 35, 1, 1, 110 }, /* the shortest window */
        };
        static const Settled settled_of[] = {
                [0] = SETTLED_YES, [1] = SETTLED_TOO_FEW, [2] = SETTLED_TOO_FEW
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
                usec_t window_usec = SEC(cases[i].window_s), stale_usec = SEC(cases[i].stale_s),
                       at_usec = SEC(1);
                Settled settled;
                double smoothed;

                assert_non_null(p);
                (void)push(p, at_usec, 100, window_usec, stale_usec, NULL);
                (void)push(p, at_usec += SEC(cases[i].first_s), 110, window_usec, stale_usec, NULL);
                smoothed = push(p, at_usec + SEC(cases[i].second_s), 130, window_usec, stale_usec, &settled);
                if (smoothed != cases[i].smoothed || settled != settled_of[(int)(smoothed - 110) / 10])
                        fail_msg("row %zu: %.1f, %d", i, smoothed, (int)settled);
        }
}

/* Settled: three of the window are within 20 bpm of the median; 20 is within, 21 is not. */
static void test_settled(void **state)
{
        static const struct {
                unsigned bpm[7]; /* one a second; 0 ends them */
                double smoothed;
                Settled settled;
        } cases[] = {
                { { 120 }, 120, SETTLED_TOO_FEW },
                { { 120, 120 }, 120, SETTLED_TOO_FEW },
                { { 120, 120, 120 }, 120, SETTLED_YES },
                { { 100, 120, 140 }, 120, SETTLED_YES },
                { { 99, 120, 140 }, 120, SETTLED_DISAGREE },
                { { 100, 120, 141 }, 120, SETTLED_DISAGREE },
                { { 141, 100, 120 }, 120, SETTLED_DISAGREE }, /* in whatever order */
                { { 99, 120, 141 }, 120, SETTLED_DISAGREE },
                /* A median between two: 120.5, from which 101 is 19.5 away, and 100 is 20.5. */
                { { 101, 110, 131, 200 }, 120.5, SETTLED_YES },
                { { 100, 110, 131, 200 }, 120.5, SETTLED_DISAGREE },
                { { 90, 90, 200, 200 }, 145, SETTLED_DISAGREE },
                { { 120, 120, 120, 30, 240 }, 120, SETTLED_YES },
                { { 60, 60, 200, 200, 200 }, 200, SETTLED_YES },
                { { 40, 80, 120, 160, 200 }, 120, SETTLED_DISAGREE },
                /* A strap that finds its contact again begins with a value from nowhere. */
                { { 228, 135, 135 }, 135, SETTLED_DISAGREE },
                { { 228, 135, 135, 135 }, 135, SETTLED_YES },
                { { 30, 135, 135 }, 135, SETTLED_DISAGREE },
                { { 30, 135, 135, 135 }, 135, SETTLED_YES },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
                Settled settled = _SETTLED_INVALID;
                double smoothed = 0;

                assert_non_null(p);
                /* What was before the gap has no say. */
                for (unsigned t = 1; t <= 10; t++)
                        (void)push(p, SEC(t), 170, SEC(5), SEC(5), NULL);
                for (unsigned k = 0; cases[i].bpm[k] > 0; k++)
                        smoothed = push(p, SEC(18 + k), cases[i].bpm[k], SEC(5), SEC(5), &settled);
                if (smoothed != cases[i].smoothed || settled != cases[i].settled)
                        fail_msg("row %zu: %.1f, %d", i, smoothed, (int)settled);
        }
}

/* A spike of less than half the window leaves no trace, and unsettles nothing. */
static void test_spike(void **state)
{
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));

        (void)state;
        assert_non_null(p);
        for (unsigned i = 0; i < 60; i++) {
                Settled settled;
                double smoothed = push(p, SEC(i + 1), i % 5 == 4 || i % 10 == 3 ? 240 : 120, SEC(5), SEC(5),
                                &settled);

                assert_true(smoothed == 120);
                assert_int_equal(settled, i < 2 ? SETTLED_TOO_FEW : SETTLED_YES);
        }
}

static usec_t random_step(uint32_t *seed)
{
        switch (next_random(seed) % 16) {
        case 0:
                return SEC(0.001);
        case 1:
                return SEC(5);
        case 2:
                return 1 + next_random(seed) % SEC(30);
        case 3:
                return SEC(5) - 1;
        case 4:
                return SEC(15);
        }
        return SEC(0.6) + next_random(seed) % SEC(0.8);
}

static void compare_random(uint32_t seed, usec_t window_usec, unsigned n, usec_t (*step)(uint32_t *seed))
{
        static const double stale_s[] = { 5, 15, 35 };
        usec_t stale_usec = SEC(stale_s[seed % ELEMENTSOF(stale_s)]), t = SEC(1);
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
        unsigned bpm = 120;

        assert_non_null(p);
        for (unsigned i = 0; i < n; i++) {
                Settled settled, want_settled;
                size_t count;
                double smoothed, want;

                t += step(&seed);
                bpm = next_random(&seed) % 3 == 0 ? HEART_RATE_MIN + next_random(&seed) % 226
                                                  : 120 + next_random(&seed) % 25;
                smoothed = push(p, t, bpm, window_usec, stale_usec, &settled);
                want = naive_median(&p->ring, window_usec, &count, &want_settled);
                assert_true(smoothed == want);
                assert_int_equal(settled, want_settled);
        }
}

static void test_random(void **state)
{
        static const double windows_s[] = { 0.1, 1, 3, 5, 10, 30, 60 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(windows_s); i++)
                for (uint32_t seed = 1; seed <= 9; seed++)
                        compare_random(seed, SEC(windows_s[i]), 4000, random_step);
}

static usec_t burst_step(uint32_t *seed)
{
        return next_random(seed) % 2000 == 0 ? SEC(70) : 1 + next_random(seed) % 3000;
}

/* More heart rates in the window than the ring holds. */
static void test_burst(void **state)
{
        (void)state;
        compare_random(7, SEC(60), 6000, burst_step);
}

static usec_t least_step(uint32_t *seed)
{
        (void)seed;
        return USEC_PER_MSEC;
}

/* As fast as heart rates can be told apart. */
static void test_all_at_once(void **state)
{
        (void)state;
        compare_random(3, SEC(5), 2500, least_step);
}

/* A new window on reload: a shorter one holds at once, a longer one fills up as heart rates come. */
static void test_window_changes(void **state)
{
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
        Settled settled;
        size_t count;
        double smoothed = 0;

        (void)state;
        assert_non_null(p);
        for (unsigned i = 1; i <= 20; i++)
                push(p, SEC(i), 100 + i, SEC(10), SEC(5), NULL);
        smoothed = push(p, SEC(21), 121, SEC(3), SEC(5), NULL);
        assert_true(smoothed == naive_median(&p->ring, SEC(3), &count, &settled));
        assert_int_equal(count, 3);
        for (unsigned i = 22; i <= 28; i++)
                smoothed = push(p, SEC(i), 100 + i, SEC(10), SEC(5), NULL);
        assert_true(smoothed == naive_median(&p->ring, SEC(10), &count, &settled));
        assert_int_equal(count, 10);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ring_numbers),
                cmocka_unit_test(test_ring_intervals),
                cmocka_unit_test(test_ring_gaps),
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_reaches_back_to_the_third),
                cmocka_unit_test(test_settled),
                cmocka_unit_test(test_spike),
                cmocka_unit_test(test_random),
                cmocka_unit_test(test_burst),
                cmocka_unit_test(test_all_at_once),
                cmocka_unit_test(test_window_changes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
