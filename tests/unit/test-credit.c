/* SPDX-License-Identifier: MIT */

/* What a heart rate is worth: the time until the next one, at most 2 s, or the median of the ten intervals before where
 * that is longer, or 12 s. Rows of intervals in milliseconds, each with what it comes to. */

#include "cardio/credit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define ROW_MAX 24

typedef struct Interval {
        int64_t ms; /* 0 ends a row */
        int64_t credit_ms;
} Interval;

static void play_row(const char *what, const Interval *row, usec_t first_usec)
{
        Credit credit = { 0 };
        usec_t at_usec = first_usec;

        assert_int_equal(credit_push(&credit, at_usec), 0);
        for (unsigned i = 0; i < ROW_MAX && row[i].ms > 0; i++) {
                usec_t found_usec;

                at_usec += (usec_t)row[i].ms * USEC_PER_MSEC;
                found_usec = credit_push(&credit, at_usec);
                if (found_usec != (usec_t)row[i].credit_ms * USEC_PER_MSEC)
                        fail_msg("%s, interval %u: %.6f s", what, i, (double)found_usec / 1e6);
        }
}

static void test_rows(void **state)
{
        static const struct {
                const char *what;
                Interval row[ROW_MAX];
        } cases[] = {
                { "a strap that sends every second, and a gap",
                                { { 1000, 1000 }, { 1000, 1000 }, { 1000, 1000 }, { 2000, 2000 },
                                                { 2001, 2000 }, { 60000, 2000 }, { 1000, 1000 } } },
                { "the first interval: 2 s, however long it is", { { 5000, 2000 }, { 5000, 5000 } } },
                { "the first interval, just above 2 s", { { 2001, 2000 }, { 2001, 2001 } } },
                { "the first interval, a short one", { { 1999, 1999 } } },
                { "a watch that sends every 5 s",
                                { { 5000, 2000 }, { 5000, 5000 }, { 5000, 5000 }, { 5001, 5000 },
                                                { 4999, 4999 }, { 600000, 5000 }, { 5000, 5000 } } },
                { "the most is 12 s",
                                { { 12000, 2000 }, { 12000, 12000 }, { 13000, 12000 }, { 13000, 12000 },
                                                { 13000, 12000 }, { 13000, 12000 }, { 11999, 11999 } } },
                { "of an even number the mean of the middle two: 1 and 6 s, then 1, 3, 6 and 6 s",
                                { { 1000, 1000 }, { 6000, 2000 }, { 6000, 3500 }, { 3000, 3000 },
                                                { 6000, 4500 } } },
                { "a mean between two milliseconds is the lower one",
                                { { 3000, 2000 }, { 3001, 3000 }, { 9000, 3000 }, { 9000, 3001 } } },
                { "a mean that is below 2 s is 2 s: 1 and 2.5 s",
                                { { 1000, 1000 }, { 2500, 2000 }, { 9000, 2000 } } },
                { "half of them long: the mean of 1 and 8 s",
                                { { 1000, 1000 }, { 1000, 1000 }, { 8000, 2000 }, { 8000, 2000 },
                                                { 8000, 4500 } } },
                { "gaps are intervals, too: 1, 30 and 40 s have a median of 30 s",
                                { { 1000, 1000 }, { 30000, 2000 }, { 40000, 12000 }, { 40000, 12000 } } },
                /* Ten of 1 s; then six of 5 s have to come before the median is between 1 and 5 s, and the one more until it
                 * is 5 s: it is of those before, and so the sixth is the first to be worth 3 s. */
                { "from fast to slow, over ten intervals",
                                { { 1000, 1000 }, { 1000, 1000 }, { 1000, 1000 }, { 1000, 1000 },
                                                { 1000, 1000 }, { 1000, 1000 }, { 1000, 1000 },
                                                { 1000, 1000 }, { 1000, 1000 }, { 1000, 1000 },
                                                { 5000, 2000 }, { 5000, 2000 }, { 5000, 2000 },
                                                { 5000, 2000 }, { 5000, 2000 }, { 5000, 3000 },
                                                { 5000, 5000 } } },
                /* Eleven of 9 s: an older one has no say any more. Then five of 1 s among ten: the mean of 1 and 9 s. */
                { "from slow to fast, over ten intervals",
                                { { 9000, 2000 }, { 9000, 9000 }, { 9000, 9000 }, { 9000, 9000 },
                                                { 9000, 9000 }, { 9000, 9000 }, { 9000, 9000 },
                                                { 9000, 9000 }, { 9000, 9000 }, { 9000, 9000 },
                                                { 9000, 9000 }, { 1000, 1000 }, { 1000, 1000 },
                                                { 1000, 1000 }, { 1000, 1000 }, { 1000, 1000 },
                                                { 9000, 5000 }, { 1000, 1000 }, { 9000, 2000 } } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                play_row(cases[i].what, cases[i].row, 0);
                play_row(cases[i].what, cases[i].row, 123 * USEC_PER_MSEC);
        }
}

static int compare(const void *a, const void *b)
{
        usec_t left = *(const usec_t *)a, right = *(const usec_t *)b;

        return (left > right) - (left < right);
}

/* The definition, from the times alone: of the interval before row i, those of the ten before it. */
static usec_t naive_credit(const usec_t *at_usec, size_t i)
{
        usec_t length_usec = at_usec[i] - at_usec[i - 1], sorted[10] = { 0 }, most_usec = 2 * USEC_PER_SEC;
        size_t n = 0;

        for (; n < 10 && n + 1 < i; n++)
                sorted[n] = at_usec[i - 1 - n] - at_usec[i - 2 - n];
        qsort(sorted, n, sizeof(sorted[0]), compare);
        if (n > 0) {
                usec_t median_usec = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;

                median_usec -= median_usec % USEC_PER_MSEC;
                if (median_usec > most_usec)
                        most_usec = median_usec;
        }
        if (most_usec > 12 * USEC_PER_SEC)
                most_usec = 12 * USEC_PER_SEC;
        return length_usec < most_usec ? length_usec : most_usec;
}

/* xorshift32 (Marsaglia 2003) */
static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

static void test_random_rows(void **state)
{
        enum { N = 400 };
        static const uint32_t usual_ms[] = { 300, 1000, 1999, 2000, 2001, 5200, 11000, 12000, 13000 };

        (void)state;
        for (uint32_t round = 1; round <= 40; round++) {
                usec_t at_usec[N] = { round * USEC_PER_MSEC };
                Credit credit = { 0 };
                uint32_t seed = round, usual = 0;

                assert_int_equal(credit_push(&credit, at_usec[0]), 0);
                for (size_t i = 1; i < N; i++) {
                        uint32_t ms;

                        if (i % 25 == 1)
                                usual = usual_ms[next_random(&seed) % ELEMENTSOF(usual_ms)];
                        ms = next_random(&seed) % 6 == 0 ? 1 + next_random(&seed) % 40000
                                                         : usual + next_random(&seed) % 3;
                        at_usec[i] = at_usec[i - 1] + ms * USEC_PER_MSEC;
                        assert_int_equal(credit_push(&credit, at_usec[i]), naive_credit(at_usec, i));
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_random_rows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
