/* SPDX-License-Identifier: MIT */

/* How often a sensor sends, and the stale-after that follows: median of the last ten, bursts, absences, a new link. */

#include "cardio/arrivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_median(void **state)
{
        static const struct {
                usec_t floor_usec;
                unsigned n;
                usec_t length_usec[14];
                usec_t median_usec;
        } cases[] = {
                { 2000, 0, { 0 }, 2000 },
                { 2000, 1, { 1000 }, 2000 },
                { 2000, 1, { 5000 }, 5000 },
                { 2000, 2, { 1000, 5000 }, 3000 }, /* the mean of the middle two */
                { 2000, 2, { 1000, 2500 }, 2000 }, /* not below the floor */
                { 2000, 3, { 9000, 1000, 5000 }, 5000 },
                { 2000, 4, { 9000, 1000, 5000, 1000 }, 3000 },
                /* Of more than ten the last ten. */
                { 2000, 14, { 9000, 9000, 9000, 9000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 2000 },
                { 2000, 13, { 0, 0, 0, 0, 0, 0, 0, 0, 8000, 8000, 8000, 8000, 8000 }, 4000 },
                { 2000, 14, { 1, 1, 1, 1, 1, 1, 1, 1, 8000, 8000, 8000, 8000, 8000, 8000 }, 8000 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Intervals intervals = { .floor_usec = cases[i].floor_usec };

                for (unsigned k = 0; k < cases[i].n; k++)
                        intervals_push(&intervals, cases[i].length_usec[k]);
                assert_int_equal(intervals_median(&intervals), cases[i].median_usec);
        }
}

/* n packets every so many ms, bursts of `burst` 10 ms apart. */
static usec_t send(Arrivals *a, usec_t at_usec, unsigned n, unsigned every_ms, unsigned burst)
{
        for (unsigned i = 0; i < n; i++, at_usec += every_ms * USEC_PER_MSEC)
                for (unsigned k = 0; k < burst; k++)
                        arrivals_push(a, at_usec + k * 10 * USEC_PER_MSEC);
        return at_usec;
}

static void test_stale(void **state)
{
        static const struct {
                unsigned n, every_ms, burst;
                bool known;
                usec_t stale_ms;
        } cases[] = {
                { 0, 0, 1, false, 15000 }, { 5, 1000, 1, false, 15000 }, /* four intervals */
                { 6, 1000, 1, true, 5000 }, { 6, 1000, 3, true, 5000 }, { 6, 1700, 1, true, 5100 },
                { 6, 5200, 1, true, 15600 }, { 6, 6000, 6, true, 18000 }, /* six at once are one arrival */
                { 6, 11000, 1, true, 33000 }, { 6, 16000, 1, true, 35000 }, { 6, 35000, 1, true, 35000 },
                { 9, 36000, 1, false, 15000 }, /* absences */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Arrivals a = { 0 };

                (void)send(&a, USEC_PER_HOUR, cases[i].n, cases[i].every_ms, cases[i].burst);
                assert_int_equal(arrivals_known(&a), cases[i].known);
                assert_int_equal(arrivals_stale(&a), cases[i].stale_ms * USEC_PER_MSEC);
        }
}

static void test_new_link_remembers(void **state)
{
        Arrivals a = { 0 };
        usec_t at_usec = send(&a, USEC_PER_HOUR, 8, 8000, 1);

        (void)state;
        assert_int_equal(arrivals_stale(&a), 24 * USEC_PER_SEC);

        arrivals_link(&a);
        assert_false(arrivals_known(&a));
        assert_int_equal(arrivals_stale(&a), 24 * USEC_PER_SEC);

        /* The time between two links is no interval. */
        at_usec = send(&a, at_usec + 3 * USEC_PER_SEC, 5, 1000, 1);
        assert_false(arrivals_known(&a));
        assert_int_equal(arrivals_stale(&a), 24 * USEC_PER_SEC);
        arrivals_push(&a, at_usec);
        assert_true(arrivals_known(&a));
        assert_int_equal(arrivals_stale(&a), 5 * USEC_PER_SEC);
}

/* What was sent each second, or each five, and is taken at once after a stall, is one interval after the other. */
static void test_sent(void **state)
{
        static const struct {
                usec_t every_ms, late_ms; /* late: since the last one was taken */
                size_t waiting;
                usec_t sent_ms; /* since the last one */
                bool late;
        } cases[] = {
                { 1000, 1000, 0, 1000, false },
                { 1000, 1000, 3, 1000, false }, /* in time, whatever waits */
                { 1000, 1400, 3, 1400, false }, /* a little late */
                { 1000, 2000, 0, 2000, false }, /* one was lost */
                { 1000, 2000, 1, 1000, true },
                { 1000, 3000, 2, 1000, true },
                { 1000, 3000, 3, 1000, true },
                { 1000, 6000, 5, 1000, true },
                { 1000, 6000, 9, 1000, true },
                { 1000, 6000, 3, 3000, true },     /* there are not so many */
                { 1000, 180000, 1, 179000, true }, /* it was silent */
                { 1000, 180000, 4, 176000, true },
                { 5000, 6000, 5, 6000, false },
                { 5000, 20000, 3, 5000, true },
                { 500, 3000, 8, 500, true },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Arrivals a = { 0 };
                usec_t last_usec = send(&a, USEC_PER_HOUR, 8, (unsigned)cases[i].every_ms, 1) -
                                   cases[i].every_ms * USEC_PER_MSEC;
                bool late;

                assert_int_equal(a.last_usec, last_usec);
                assert_int_equal(arrivals_sent(&a, last_usec + cases[i].late_ms * USEC_PER_MSEC,
                                                 cases[i].waiting, &late) -
                                                 last_usec,
                                cases[i].sent_ms * USEC_PER_MSEC);
                assert_int_equal(late, cases[i].late);
        }
}

/* All that has waited, to the last, and then it is over. */
static void test_sent_in_turn(void **state)
{
        Arrivals a = { 0 };
        usec_t last_usec = send(&a, USEC_PER_HOUR, 8, 1000, 1) - USEC_PER_SEC, sent_usec;
        usec_t now_usec = last_usec + 6 * USEC_PER_SEC;
        bool late;

        (void)state;
        for (unsigned i = 1; i <= 6; i++) {
                sent_usec = arrivals_sent(&a, now_usec, 6 - i, &late);
                assert_int_equal(sent_usec, last_usec + i * USEC_PER_SEC);
                assert_true(late);
                arrivals_push(&a, sent_usec);
        }
        assert_int_equal(arrivals_sent(&a, now_usec + 2 * USEC_PER_SEC, 0, &late),
                        now_usec + 2 * USEC_PER_SEC);
        assert_false(late);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_median),
                cmocka_unit_test(test_stale),
                cmocka_unit_test(test_sent),
                cmocka_unit_test(test_sent_in_turn),
                cmocka_unit_test(test_new_link_remembers),
        };

        return cmocka_run_group_tests_name("arrivals", tests, NULL, NULL);
}
