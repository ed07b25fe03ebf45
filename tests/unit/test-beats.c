/* SPDX-License-Identifier: MIT */

/* A session's beats: which follow on each other, whatever the strap's habits, and that long ones need no more room. The rest is
 * tested with its parts, and in test-store-beats.c. */

#include "cardio/beats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"

typedef struct World {
        Beats beats;
        BeatsFigures figures;
        uint64_t n_flags, n_alpha1, n_available;
        int64_t last_flag_t;
} World;

static const Runner runner = { .resting = 50, .maximum = 190 };

static void on_flag(void *userdata, int64_t t, unsigned seq, ArtefactFlag flag)
{
        World *w = userdata;

        assert_true(seq < MEASUREMENT_RR_MAX);
        assert_true(flag > ARTEFACT_NONE && flag < _ARTEFACT_MAX);
        w->last_flag_t = t;
        w->n_flags++;
}

static void on_alpha1(void *userdata, int64_t t, const Alpha1 *alpha1)
{
        World *w = userdata;

        assert_true(t > 0);
        w->n_alpha1++;
        w->n_available += alpha1->state == ALPHA1_AVAILABLE;
        assert_int_equal(alpha1->state == ALPHA1_AVAILABLE, !isnan(alpha1->alpha1));
}

static int setup(void **state)
{
        World *w = calloc(1, sizeof(*w));
        BeatsTarget target = { .flag = on_flag, .alpha1 = on_alpha1, .userdata = w };

        if (!w)
                return -1;
        beats_begin(&w->beats, &runner, false, &target);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        free(*state);
        return 0;
}

/* Beats of 500 ms and 20 ms more in turn. */
static void packet(World *w, int64_t t, size_t n)
{
        uint16_t rr[MEASUREMENT_RR_MAX];

        for (size_t i = 0; i < n; i++)
                rr[i] = i % 2 ? 532 : 512;
        beats_heart_rate(&w->beats, t, 120, true, rr, n);
}

static void test_every_packet(void **state)
{
        World *w = *state;

        for (int64_t t = 0; t < 100000; t += 1000)
                packet(w, t, 2);
        beats_end(&w->beats, &w->figures);
        assert_int_equal(w->beats.variability.n_differences, 199);
        assert_float_equal(w->figures.rmssd, 20000.0 / 1024, 1e-9);
        assert_float_equal(w->figures.artefact_percent, 0, 0);
}

/* Several now and then, or late: all of them follow on each other. */
static void test_late_and_several(void **state)
{
        World *w = *state;

        for (int64_t t = 0; t < 300000; t += 1000)
                packet(w, t, t % 6000 == 5000 ? 12 : 0);
        beats_end(&w->beats, &w->figures);
        assert_int_equal(w->beats.variability.n_differences, 599);
}

/* Of a slow one only the last two beats of each ten seconds: a difference in each, none between. */
static void test_slow(void **state)
{
        World *w = *state;

        for (int64_t t = 0; t < 300000; t += 10000)
                packet(w, t, 2);
        beats_end(&w->beats, &w->figures);
        assert_int_equal(w->beats.variability.n_differences, 30);
        assert_int_equal(w->n_available, 0);
}

static void test_gap(void **state)
{
        World *w = *state;

        for (int64_t t = 0; t < 100000; t += 1000)
                packet(w, t < 50000 ? t : t + 20000, 2);
        beats_end(&w->beats, &w->figures);
        assert_int_equal(w->beats.variability.n_differences, 198);
}

static void test_implausible(void **state)
{
        static const uint16_t odd[] = { 512, 3427, 512, 10 };
        World *w = *state;

        for (int64_t t = 0; t < 50000; t += 1000)
                packet(w, t, 2);
        beats_heart_rate(&w->beats, 50000, 120, true, odd, ELEMENTSOF(odd));
        packet(w, 51000, 2);
        beats_end(&w->beats, &w->figures);
        assert_int_equal(w->n_flags, 2);
        assert_int_equal(w->last_flag_t, 50000);
        assert_float_equal(w->figures.artefact_percent, 200.0 / 106, 1e-9);
        /* 100 beats, one more, one alone, two. */
        assert_int_equal(w->beats.variability.n_differences, 99 + 1 + 1);
}

/* A day without a gap. */
static void test_day(void **state)
{
        World *w = *state;

        for (int64_t t = 0; t < 86400000; t += 1000)
                packet(w, t, 2);
        beats_end(&w->beats, &w->figures);
        assert_int_equal(w->beats.n, 2 * 86400);
        assert_int_equal(w->n_flags, 0);
        assert_int_equal(w->beats.variability.n_differences, 2 * 86400 - 1 - 2 * 86400 / BEATS_STRETCH_MAX);
        assert_int_equal(w->n_alpha1, 86400 / 20 - 1);
}

static void test_nothing(void **state)
{
        World *w = *state;

        beats_end(&w->beats, &w->figures);
        assert_true(isnan(w->figures.rmssd) && isnan(w->figures.sdnn) && isnan(w->figures.pnn50));
        assert_true(isnan(w->figures.artefact_percent) && isnan(w->figures.hrr60));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_every_packet, setup, teardown),
                cmocka_unit_test_setup_teardown(test_late_and_several, setup, teardown),
                cmocka_unit_test_setup_teardown(test_slow, setup, teardown),
                cmocka_unit_test_setup_teardown(test_gap, setup, teardown),
                cmocka_unit_test_setup_teardown(test_implausible, setup, teardown),
                cmocka_unit_test_setup_teardown(test_day, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
