/* SPDX-License-Identifier: MIT */

/* The highest heart rate that was held for two minutes, and all that is none. */

#include "cardio/held.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

typedef struct World {
        Held held;
        Ring ring;
        usec_t now_usec;
        double due_ms; /* until the next beat */
        unsigned n;
} World;

/* What is odd of a stretch. */
typedef enum Odd {
        ODD_NOTHING,
        ODD_NO_RR,
        ODD_ARTEFACTS,   /* a beat in twelve is missed */
        ODD_OTHER_BEATS, /* they come to 20 bpm less */
        ODD_FEW_BEATS,   /* a fifth of them is not sent */
        ODD_SPIKE,       /* one heart rate in the middle does not count */
        ODD_GAP,         /* ten seconds of silence in the middle */
        ODD_LATE,        /* the beats of six seconds in one packet */
} Odd;

static size_t beats_of(World *w, double bpm, double ms, Odd odd, uint16_t ret[static MEASUREMENT_RR_MAX])
{
        double length = 60000 / (odd == ODD_OTHER_BEATS ? bpm - 20 : bpm);
        size_t n = 0;

        for (w->due_ms -= ms; w->due_ms <= 0; w->n++) {
                double one = length + w->n % 7;

                if (odd == ODD_ARTEFACTS && w->n % 12 == 0)
                        one *= 2;
                w->due_ms += one;
                if (odd != ODD_NO_RR && !(odd == ODD_FEW_BEATS && w->n % 5 == 0))
                        ret[n++] = (uint16_t)lround(one * 1.024);
        }
        return n;
}

/* A heart rate a second. */
static void run(World *w, unsigned seconds, double bpm, Odd odd)
{
        for (unsigned i = 0; i < seconds; i++) {
                unsigned every = odd == ODD_LATE ? 6 : 1;
                Measurement m = { .heart_rate = (uint16_t)bpm };
                Sample *s;

                w->now_usec += USEC_PER_SEC;
                if (odd == ODD_GAP && i == seconds / 2)
                        w->now_usec += 10 * USEC_PER_SEC;
                if (i % every == every - 1)
                        m.n_rr = beats_of(w, bpm, 1000 * every, odd, m.rr);
                s = ring_push(&w->ring, w->now_usec, &m);
                s->smoothed = bpm;
                s->stale_usec = 5 * USEC_PER_SEC;
                held_heart_rate(&w->held, &w->ring, !(odd == ODD_SPIKE && i == seconds / 2));
        }
}

static World *world(void)
{
        static World w;

        memset(&w, 0, sizeof(w));
        held_begin(&w.held, 100);
        return &w;
}

static void test_two_minutes(void **state)
{
        World *w = world();

        (void)state;
        run(w, 600, 150, ODD_NOTHING);
        assert_float_equal(w->held.bpm, 150, 0);
        run(w, 110, 190, ODD_NOTHING);
        run(w, 60, 150, ODD_NOTHING);
        assert_float_equal(w->held.bpm, 150, 0);
        run(w, 120, 190, ODD_NOTHING); /* from the first of them to the last it is a second less */
        assert_float_equal(w->held.bpm, 150, 0);
        run(w, 1, 190, ODD_NOTHING);
        assert_float_equal(w->held.bpm, 190, 0);
        run(w, 300, 170, ODD_NOTHING);
        assert_float_equal(w->held.bpm, 190, 0);
}

/* It is the lowest of two minutes, of the best ones. */
static void test_rise(void **state)
{
        World *w = world();

        (void)state;
        run(w, 300, 150, ODD_NOTHING);
        for (double bpm = 150; bpm < 200; bpm += 0.25)
                run(w, 1, bpm, ODD_NOTHING);
        for (double bpm = 200; bpm > 150; bpm -= 0.25)
                run(w, 1, bpm, ODD_NOTHING);
        /* Two minutes around the top: one up, one down. */
        assert_float_equal(w->held.bpm, 200 - 60 * 0.25, 0.26);
}

static void test_odd(void **state)
{
        static const struct {
                Odd odd;
                double held;
        } cases[] = {
                { ODD_NOTHING, 190 },
                { ODD_LATE, 190 },
                { ODD_NO_RR, 150 },
                { ODD_ARTEFACTS, 150 },
                { ODD_SPIKE, 150 },
                { ODD_OTHER_BEATS, 150 },
                { ODD_FEW_BEATS, 150 },
                { ODD_GAP, 150 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                World *w = world();

                run(w, 300, 150, ODD_NOTHING);
                run(w, 200, 190, cases[i].odd);
                if (w->held.bpm != cases[i].held)
                        fail_msg("case %zu: %g", i, w->held.bpm);
        }
}

/* What is unclean at first may be borne out later. */
static void test_later(void **state)
{
        World *w = world();

        (void)state;
        run(w, 300, 150, ODD_NOTHING);
        run(w, 100, 190, ODD_ARTEFACTS);
        run(w, 40, 190, ODD_NOTHING);
        assert_float_equal(w->held.bpm, 150, 0);
        run(w, 20, 190, ODD_NOTHING);
        assert_float_equal(w->held.bpm, 190, 0);
}

/* More heart rates than the ring keeps of two minutes. */
static void test_fast(void **state)
{
        World *w = world();

        (void)state;
        for (unsigned i = 0; i < 12000; i++) {
                Measurement m = { .heart_rate = 150, .n_rr = 1, .rr = { 410 } };
                Sample *s;

                w->now_usec += 50 * USEC_PER_MSEC;
                m.n_rr = i % 8 == 0;
                s = ring_push(&w->ring, w->now_usec, &m);
                s->smoothed = 150;
                s->stale_usec = 5 * USEC_PER_SEC;
                held_heart_rate(&w->held, &w->ring, true);
        }
        assert_float_equal(w->held.bpm, 0, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_two_minutes),
                cmocka_unit_test(test_rise),
                cmocka_unit_test(test_odd),
                cmocka_unit_test(test_later),
                cmocka_unit_test(test_fast),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
