/* SPDX-License-Identifier: MIT */

/* The live rule at both of its bounds, and which beats follow on each other. How it starts anew is in test-resting.c. */

#include "cardio/rr.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define RR(ms)    ((uint16_t)((ms)*1.024))
#define STALE     (5 * USEC_PER_SEC)
#define SECOND(s) ((usec_t)((s)*USEC_PER_SEC) + USEC_PER_HOUR)

/* A premature beat, by an eighth: breathing at rest, an artefact in effort. */
static void test_tolerance(void **state)
{
        static const struct {
                double ms;
                bool at_rest, in_effort;
        } beats[] = {
                { 400, true, true },
                { 402, true, true },
                { 398, true, true },
                { 401, true, true },
                { 400, true, true },
                { 419, true, true },
                { 421.5, true, false },
                { 350, true, false },
                { 381, true, true },
                { 479, true, false },
                { 520, false, false },
                { 318, false, false },
        };
        RrFilter rest = { .n = 0 }, effort = { .n = 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(beats); i++) {
                double difference;

                if (rr_filter_push(&rest, RR(beats[i].ms), RR_TOLERANCE_REST, &difference) !=
                                beats[i].at_rest)
                        fail_msg("%g ms at rest", beats[i].ms);
                if (rr_filter_push(&effort, RR(beats[i].ms), RR_TOLERANCE_EFFORT, &difference) !=
                                beats[i].in_effort)
                        fail_msg("%g ms in effort", beats[i].ms);
        }
}

typedef struct Packet {
        double at_s;
        unsigned n_rr; /* of 500 ms each */
        bool follows;
} Packet;

static void expect_flow(const char *what, const Packet *packet, size_t n, usec_t stale_usec)
{
        RrFlow flow = { 0 };
        uint16_t rr[32];

        for (size_t i = 0; i < ELEMENTSOF(rr); i++)
                rr[i] = RR(500);
        for (size_t i = 0; i < n; i++)
                if (rr_flow_push(&flow, SECOND(packet[i].at_s), stale_usec, rr, packet[i].n_rr) !=
                                packet[i].follows)
                        fail_msg("%s: at %g s", what, packet[i].at_s);
}

static void test_flow(void **state)
{
        static const Packet even[] = { { 0, 2, false }, { 1, 2, true }, { 2, 2, true }, { 3, 2, true } };
        /* Late ones, then all that have waited; and the other way round. */
        static const Packet late[] = { { 0, 2, false }, { 1, 0, true }, { 2, 0, true }, { 3, 6, true },
                { 4, 2, true } };
        static const Packet batch[] = { { 0, 12, false }, { 6, 12, true }, { 12, 12, true } };
        /* One packet in five is lost, and once so many that more than a beat is missing. */
        static const Packet lost[] = { { 0, 2, false }, { 2, 2, true }, { 4, 2, true }, { 8.5, 2, false },
                { 9.5, 2, true } };
        static const Packet gap[] = { { 0, 2, false }, { 1, 2, true }, { 7, 2, false }, { 8, 2, true } };
        /* All beats of a gap at its end: they came, but a gap is one. */
        static const Packet filled[] = { { 0, 2, false }, { 6, 12, false }, { 7, 2, true } };
        /* Of a slow one only the newest beat. */
        static const Packet newest[] = { { 0, 1, false }, { 10, 1, false }, { 20, 1, false } };
        static const Packet none[] = { { 0, 0, false }, { 1, 0, true }, { 2, 2, false }, { 3, 2, true } };

        (void)state;
        expect_flow("even", even, ELEMENTSOF(even), STALE);
        expect_flow("late", late, ELEMENTSOF(late), STALE);
        expect_flow("batch", batch, ELEMENTSOF(batch), 18 * USEC_PER_SEC);
        expect_flow("lost", lost, ELEMENTSOF(lost), STALE);
        expect_flow("gap", gap, ELEMENTSOF(gap), STALE);
        expect_flow("filled", filled, ELEMENTSOF(filled), STALE);
        expect_flow("newest", newest, ELEMENTSOF(newest), 30 * USEC_PER_SEC);
        expect_flow("none", none, ELEMENTSOF(none), STALE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tolerance),
                cmocka_unit_test(test_flow),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
