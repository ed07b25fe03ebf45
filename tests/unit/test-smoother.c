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

/* -- Smoother -- */

typedef struct Pair {
        Ring ring;
        Smoother smoother;
} Pair;

static double push(Pair *p, usec_t at_usec, unsigned bpm, usec_t window_usec, bool *ret_fresh)
{
        const Measurement m = { .heart_rate = (uint16_t)bpm };

        ring_push(&p->ring, at_usec, &m);
        return smoother_update(&p->smoother, &p->ring, window_usec, ret_fresh);
}

static int compare(const void *a, const void *b)
{
        return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The definition: the heart rates in (t - window, t], the newest always among them, at most the ring's. */
static double naive_median(const Ring *r, usec_t window_usec, size_t *ret_n)
{
        uint16_t values[RING_SAMPLES_MAX];
        uint64_t i = ring_end(r);
        usec_t t = ring_at(r, i - 1)->at_usec;
        size_t n = 0;

        do
                values[n++] = ring_at(r, --i)->heart_rate;
        while (i > ring_begin(r) && t - ring_at(r, i - 1)->at_usec < window_usec);
        qsort(values, n, sizeof(values[0]), compare);
        *ret_n = n;
        return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

static void test_by_hand(void **state)
{
        static const struct {
                double at_s;
                unsigned bpm;
                double smoothed;
                bool fresh;
        } cases[] = {
                { 1, 100, 100, true },    /* from the first one on */
                { 2, 103, 101.5, false }, /* an even count */
                { 3, 101, 101, false },
                { 4, 220, 102, false },
                { 5, 102, 102, false },
                { 6, 104, 103, false },  /* the first one, 5 s ago, is no longer in it */
                { 6, 90, 102.5, false }, /* at the same time */
                { 10.999999, 95, 95, false },
                { 11, 96, 95.5, false },
                { 20, 250, 250, true },
        };
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
        bool fresh;

        (void)state;
        assert_non_null(p);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_true(push(p, SEC(cases[i].at_s), cases[i].bpm, SEC(5), &fresh) == cases[i].smoothed);
                assert_int_equal(fresh, cases[i].fresh);
        }
}

/* A spike of less than half the window leaves no trace. */
static void test_spike(void **state)
{
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));

        (void)state;
        assert_non_null(p);
        for (unsigned i = 0; i < 60; i++) {
                double smoothed = push(p, SEC(i + 1), i % 5 == 4 || i % 10 == 3 ? 240 : 120, SEC(5), NULL);
                assert_true(smoothed == 120);
        }
}

static usec_t random_step(uint32_t *seed)
{
        switch (next_random(seed) % 16) {
        case 0:
                return 0;
        case 1:
                return SEC(5);
        case 2:
                return next_random(seed) % SEC(30);
        case 3:
                return SEC(5) - 1;
        }
        return SEC(0.6) + next_random(seed) % SEC(0.8);
}

static void compare_random(uint32_t seed, usec_t window_usec, unsigned n, usec_t (*step)(uint32_t *seed))
{
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
        usec_t t = SEC(1);

        assert_non_null(p);
        for (unsigned i = 0; i < n; i++) {
                bool fresh;
                size_t count;
                double smoothed, want;

                t += step(&seed);
                smoothed = push(p, t, HEART_RATE_MIN + next_random(&seed) % 226, window_usec, &fresh);
                want = naive_median(&p->ring, window_usec, &count);
                assert_true(smoothed == want);
                assert_int_equal(fresh, count == 1);
        }
}

static void test_random(void **state)
{
        static const double windows_s[] = { 0, 1, 3, 5, 10, 60 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(windows_s); i++)
                for (uint32_t seed = 1; seed <= 8; seed++)
                        compare_random(seed, SEC(windows_s[i]), 4000, random_step);
}

static usec_t burst_step(uint32_t *seed)
{
        return next_random(seed) % 2000 == 0 ? SEC(70) : next_random(seed) % 3000;
}

/* More heart rates in the window than the ring holds. */
static void test_burst(void **state)
{
        (void)state;
        compare_random(7, SEC(60), 6000, burst_step);
}

static usec_t no_step(uint32_t *seed)
{
        (void)seed;
        return 0;
}

static void test_all_at_once(void **state)
{
        (void)state;
        compare_random(3, SEC(5), 2500, no_step);
}

/* A new window on reload: a shorter one holds at once, a longer one fills up as heart rates come. */
static void test_window_changes(void **state)
{
        _cleanup_free_ Pair *p = calloc(1, sizeof(*p));
        size_t count;
        double smoothed = 0;

        (void)state;
        assert_non_null(p);
        for (unsigned i = 1; i <= 20; i++)
                push(p, SEC(i), 100 + i, SEC(10), NULL);
        smoothed = push(p, SEC(21), 121, SEC(3), NULL);
        assert_true(smoothed == naive_median(&p->ring, SEC(3), &count));
        assert_int_equal(count, 3);
        for (unsigned i = 22; i <= 28; i++)
                smoothed = push(p, SEC(i), 100 + i, SEC(10), NULL);
        assert_true(smoothed == naive_median(&p->ring, SEC(10), &count));
        assert_int_equal(count, 10);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ring_numbers),
                cmocka_unit_test(test_ring_intervals),
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_spike),
                cmocka_unit_test(test_random),
                cmocka_unit_test(test_burst),
                cmocka_unit_test(test_all_at_once),
                cmocka_unit_test(test_window_changes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
