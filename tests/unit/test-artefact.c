/* SPDX-License-Identifier: MIT */

/* Artefacts among beats: made ones, the published vectors, and what is found on each recording at hand, live and afterwards. The
 * tables of the manual come from here: build/tests/unit/test-artefact --table. */

#include "cardio/artefact.h"

#include <math.h>

#include "cardio/macro.h"
#include "cardio/rr.h"
#include "numbers-fixture.h"

static ArtefactBeat beat[NUMBERS_MAX];
static double rr[NUMBERS_MAX];

/* Beats that vary as a runner's do. */
static size_t make_run(size_t n)
{
        uint32_t random = 1;

        for (size_t i = 0; i < n; i++) {
                random = random * 1664525 + 1013904223;
                rr[i] = 400 + 6 * sin((double)i / 3) + (random >> 16) % 9;
        }
        return n;
}

static void classify(size_t n)
{
        for (size_t i = 0; i < n; i++)
                beat[i] = (ArtefactBeat){ .rr_ms = rr[i], .flag = 77 };
        artefact_classify(beat, n);
}

static size_t count(size_t n, ArtefactFlag flag)
{
        size_t found = 0;

        for (size_t i = 0; i < n; i++)
                found += beat[i].flag == flag;
        return found;
}

static void test_clean(void **state)
{
        size_t n = make_run(2000);

        (void)state;
        classify(n);
        /* Now and then one stands out by chance. */
        assert_true(count(n, ARTEFACT_NONE) > n - n / 100);
        assert_int_equal(count(n, ARTEFACT_MISSED) + count(n, ARTEFACT_EXTRA), 0);
        for (size_t i = 0; i < n; i++)
                assert_float_equal(beat[i].rr_ms, rr[i], 0);
}

static void test_kinds(void **state)
{
        size_t n = make_run(2000);

        (void)state;
        /* Early, and the one after it late: that stands out the most. */
        rr[300] -= 90;
        rr[301] += 90;
        rr[600] *= 2;
        rr[900] /= 3;
        rr[901] -= rr[900];
        rr[1200] *= 1.5;
        rr[1500] *= 2;
        rr[1501] *= 2;
        classify(n);
        assert_int_equal(beat[300].flag, ARTEFACT_LENGTH);
        assert_int_equal(beat[301].flag, ARTEFACT_ECTOPIC);
        assert_int_equal(beat[600].flag, ARTEFACT_MISSED);
        assert_int_equal(beat[900].flag, ARTEFACT_EXTRA);
        assert_int_equal(beat[1200].flag, ARTEFACT_LENGTH);
        assert_int_equal(beat[1500].flag, ARTEFACT_MISSED);
        assert_int_equal(beat[1501].flag, ARTEFACT_MISSED);
        assert_int_equal(count(n, ARTEFACT_MISSED), 3);
        assert_int_equal(count(n, ARTEFACT_EXTRA), 1);
}

/* Beats all alike, as a pacemaker's or a test strap's, have no spread to measure by. */
static void test_all_alike(void **state)
{
        (void)state;
        for (size_t i = 0; i < 400; i++)
                rr[i] = rr_ms(512 + i % 2);
        rr[200] = 1000;
        classify(400);
        assert_int_equal(count(400, ARTEFACT_NONE), 399);
        assert_int_equal(beat[200].flag, ARTEFACT_MISSED);
}

static void test_few(void **state)
{
        (void)state;
        for (size_t n = 0; n <= 12; n++) {
                (void)make_run(n);
                classify(n);
                assert_int_equal(count(n, ARTEFACT_NONE), n);
        }
}

/* Of peaks with every hundredth one missing, or one more beside it. */
static void test_published(void **state)
{
        static const struct {
                const char *file;
                ArtefactFlag flag;
                size_t first, step, n;
        } vectors[] = {
                { "correct", ARTEFACT_NONE, 0, 0, 0 },
                { "missed", ARTEFACT_MISSED, 100, 99, 9 },
                { "extra_sorted", ARTEFACT_EXTRA, 101, 101, 9 },
        };
        static double peak[NUMBERS_MAX];

        (void)state;
        for (size_t v = 0; v < ELEMENTSOF(vectors); v++) {
                char name[128];
                size_t n;

                snprintf(name, sizeof(name), "lipponen-tarvainen-vectors/peaks_%s_ms.txt", vectors[v].file);
                n = numbers_load(name, NULL, peak) - 1;
                for (size_t i = 0; i < n; i++)
                        rr[i] = peak[i + 1] - peak[i];
                classify(n);
                for (size_t i = 0; i < n; i++) /* interval i ends with peak i + 1 */
                        if (beat[i].flag != ARTEFACT_NONE)
                                print_message("%s: peak %zu: %u\n", vectors[v].file, i + 1, beat[i].flag);
                for (size_t k = 0; k < vectors[v].n; k++)
                        assert_int_equal(beat[vectors[v].first + k * vectors[v].step - 1].flag,
                                        vectors[v].flag);
                assert_int_equal(count(n, ARTEFACT_NONE), n - vectors[v].n);
        }
}

/* -- The recordings -- */

static size_t causal(size_t n, double tolerance, bool *rejected)
{
        RrFilter filter = { 0 };
        size_t found = 0;

        for (size_t i = 0; i < n; i++) {
                double difference;

                rejected[i] = !rr_filter_push(
                                &filter, (uint16_t)lround(rr[i] * 1.024), tolerance, &difference);
                found += rejected[i];
        }
        return found;
}

/* Plausible beats are classified, the others taken out before. */
static size_t afterwards(size_t n, uint8_t *flag)
{
        size_t kept = 0, found = 0;

        for (size_t i = 0; i < n; i++)
                if (rr_is_plausible(rr[i]))
                        beat[kept++] = (ArtefactBeat){ .rr_ms = rr[i] };
        artefact_classify(beat, kept);
        kept = 0;
        for (size_t i = 0; i < n; i++) {
                flag[i] = rr_is_plausible(rr[i]) ? beat[kept++].flag : (uint8_t)ARTEFACT_IMPLAUSIBLE;
                found += flag[i] != ARTEFACT_NONE;
        }
        return found;
}

static const struct Recording {
        const char *name, *file, *after;
        double from_s, to_s;
        size_t n, at_20, at_5, afterwards;
} recordings[] = {
        { "outdoor run, chest strap", "garmin-strap-run/rr.csv", NULL, 0, INFINITY, 4360, 69, 108, 203 },
        { "exercise test, at rest", "hrv-rhenanbartels/exercise_rri.hrm", "[HRData]", 0, 365, 464, 11, 189,
                        2 },
        { "exercise test, steady at 100 bpm", "hrv-rhenanbartels/exercise_rri.hrm", "[HRData]", 365, 2170,
                        3110, 3, 231, 19 },
        { "exercise test, recovery", "hrv-rhenanbartels/exercise_rri.hrm", "[HRData]", 2170, INFINITY, 543, 3,
                        197, 3 },
        { "16 minutes supine", "hrv-rhenanbartels/rest_rri.txt", NULL, 0, INFINITY, 910, 11, 259, 12 },
        { "an hour of normal beats", "pyhrv-nni/SampleNNISeriesLong.txt", NULL, 0, INFINITY, 4684, 356, 2684,
                        83 },
        { "beats of the self-test of the DFA", "dfa-selftest/rr_ms.txt", NULL, 0, INFINITY, 193, 0, 3, 0 },
};

static size_t recording_load(const struct Recording *r)
{
        size_t all = numbers_load(r->file, r->after, rr), n = 0;
        double t = 0;

        for (size_t i = 0; i < all; i++) {
                t += rr[i] / 1000;
                if (t >= r->from_s && t < r->to_s)
                        rr[n++] = rr[i];
        }
        return n;
}

static void test_recordings(void **state)
{
        static bool rejected[NUMBERS_MAX];
        static uint8_t flag[NUMBERS_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(recordings); i++) {
                const struct Recording *r = &recordings[i];
                size_t n = recording_load(r);

                assert_int_equal(n, r->n);
                assert_int_equal(causal(n, RR_TOLERANCE_REST, rejected), r->at_20);
                assert_int_equal(causal(n, RR_TOLERANCE_EFFORT, rejected), r->at_5);
                assert_int_equal(afterwards(n, flag), r->afterwards);
        }
}

/* The two that stand out, and each beat of twice the usual length. */
static void test_odd_ones_of_the_run(void **state)
{
        static bool at_20[NUMBERS_MAX], at_5[NUMBERS_MAX];
        static uint8_t flag[NUMBERS_MAX];
        size_t n = recording_load(&recordings[0]), found = 0;

        (void)state;
        (void)causal(n, RR_TOLERANCE_REST, at_20);
        (void)causal(n, RR_TOLERANCE_EFFORT, at_5);
        (void)afterwards(n, flag);
        for (size_t i = 0; i < n; i++) {
                if (rr[i] == 3347) {
                        assert_true(at_20[i] && at_5[i]);
                        assert_int_equal(flag[i], ARTEFACT_IMPLAUSIBLE);
                        found++;
                } else if (rr[i] == 260) {
                        assert_true(at_20[i] && at_5[i]);
                        assert_int_not_equal(flag[i], ARTEFACT_NONE);
                        found++;
                } else if (rr[i] > 680 && i > 50) {
                        assert_true(at_20[i] && at_5[i]);
                        assert_int_not_equal(flag[i], ARTEFACT_NONE);
                }
        }
        assert_int_equal(found, 2);
}

static void print_table(void)
{
        static bool rejected[NUMBERS_MAX];
        static uint8_t flag[NUMBERS_MAX];

        for (size_t i = 0; i < ELEMENTSOF(recordings); i++) {
                size_t n = recording_load(&recordings[i]), at_20, at_5, after, by[_ARTEFACT_MAX] = { 0 };

                at_20 = causal(n, RR_TOLERANCE_REST, rejected);
                at_5 = causal(n, RR_TOLERANCE_EFFORT, rejected);
                after = afterwards(n, flag);
                for (size_t k = 0; k < n; k++)
                        by[flag[k]]++;
                printf("| %s | %zu | %zu (%.1f %%) | %zu (%.1f %%) | %zu (%.1f %%) | %zu, %zu, %zu, %zu, %zu |\n",
                                recordings[i].name, n, at_20, 100.0 * (double)at_20 / (double)n, at_5,
                                100.0 * (double)at_5 / (double)n, after, 100.0 * (double)after / (double)n,
                                by[1], by[2], by[3], by[4], by[5]);
        }
}

int main(int argc, char *argv[])
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_clean),
                cmocka_unit_test(test_kinds),
                cmocka_unit_test(test_all_alike),
                cmocka_unit_test(test_few),
                cmocka_unit_test(test_published),
                cmocka_unit_test(test_recordings),
                cmocka_unit_test(test_odd_ones_of_the_run),
        };

        if (argc == 2 && strcmp(argv[1], "--table") == 0) {
                print_table();
                return 0;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
