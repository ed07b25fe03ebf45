/* SPDX-License-Identifier: MIT */

/* The laps of FIT files, by the steps of a workout, and what stands beside them. */

#include "exchange/exchange.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"
#include "exchange/fit.h"
#include "fit-decode.h"
#include "fit-fixture.h"

static void test_a_workout_has_a_lap_for_each_step(void **state)
{
        static const struct {
                int64_t begin, length, intensity, average, highest;
        } want[] = {
                { 0, 600000, FIT_INTENSITY_WARM_UP, 105, 110 },
                { 600, 120000, FIT_INTENSITY_ACTIVE, 170, 170 },
                { 720, 120000, FIT_INTENSITY_REST, -1, -1 },
                { 840, 120000, FIT_INTENSITY_ACTIVE, 171, 171 },
                { 960, 300000, FIT_INTENSITY_COOL_DOWN, 120, 120 },
                { 1260, 40000, FIT_INTENSITY_ACTIVE, 100, 101 },
        };
        const ExchangeItem items[] = { event(0, "step", 1, "warm-up"), heart_rate(0, 100),
                heart_rate(599999, 110), event(600000, "step", 2, "hard"), heart_rate(600000, 170),
                event(720000, "step", 3, "easy"), event(840000, "step", 4, "uphill"), heart_rate(900000, 171),
                event(960000, "step", 5, "cool-down"), heart_rate(1000000, 120),
                event(1260000, "step", NAN, "done"), heart_rate(1270000, 101), heart_rate(1300000, 99) };
        ExchangeSession session = fixture_run;
        FitMessages all;
        File f = { 0 };

        (void)state;
        session.length = 1300000;
        fit_make(&f, &all, &session, items, ELEMENTSOF(items));
        assert_int_equal(fit_count(&all, FIT_LAP), ELEMENTSOF(want));
        for (size_t i = 0; i < ELEMENTSOF(want); i++) {
                const DecodedMessage *m = fit_find(&all, FIT_LAP, i);

                assert_int_equal(decoded_number(m, FIT_FIELD_MESSAGE_INDEX), i);
                assert_int_equal(
                                decoded_number(m, FIT_LAP_START_TIME), FIT_FIXTURE_STARTED_S + want[i].begin);
                assert_int_equal(decoded_number(m, FIT_LAP_TOTAL_ELAPSED_TIME), want[i].length);
                assert_int_equal(decoded_number(m, FIT_LAP_INTENSITY), want[i].intensity);
                assert_int_equal(decoded_number(m, FIT_LAP_AVG_HEART_RATE), want[i].average);
                assert_int_equal(decoded_number(m, FIT_LAP_MAX_HEART_RATE), want[i].highest);
        }
        assert_int_equal(decoded_number(fit_find(&all, FIT_SESSION, 0), FIT_SESSION_NUM_LAPS),
                        ELEMENTSOF(want));
        file_done(&f);
}

/* The command that begins a workout comes after the first heart rate, and the last step ends just before the session. */
static void test_no_laps_for_moments_beside_a_workout(void **state)
{
        static const struct {
                int64_t first, second, end, length;
                size_t n;
        } cases[] = {
                { 0, 60000, 120000, 124999, 2 },
                { 0, 60000, 120000, 125000, 3 },
                { 4999, 60000, 120000, 120000, 2 },
                { 5000, 60000, 120000, 120000, 3 },
                { 5000, 5999, 120000, 120000, 2 },
                { 0, 60000, 120000, 61000, 2 },
                { 0, 60000, 120000, 60999, 1 },
        };
        FitMessages all;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ExchangeItem items[] = { heart_rate(0, 100),
                        event(cases[i].first, "step", 1, "warm-up"),
                        event(cases[i].second, "step", 2, "hard"), event(cases[i].end, "step", NAN, "done"),
                        event(cases[i].end, "mark", NAN, "") };
                ExchangeSession session = fixture_run;
                File f = { 0 };

                session.length = cases[i].length;
                fit_make(&f, &all, &session, items, ELEMENTSOF(items));
                assert_int_equal(fit_count(&all, FIT_LAP), cases[i].n);
                assert_int_equal(fit_count(&all, FIT_EVENT), cases[i].end > cases[i].length ? 2 : 3);
                file_done(&f);
        }
}

/* As in cardioctl: the average of all, the highest and the lowest of the smoothed ones; and where the session is known to have
 * others, for which spikes do not count and time does, those. */
static void test_heart_rates_of_a_summary(void **state)
{
        static const struct {
                double average, highest, lowest;
                int64_t want[3];
        } cases[] = {
                { NAN, NAN, NAN, { 134, 103, 100 } },
                { 120.6, 101.6, 100.6, { 121, 102, 101 } },
                { -1, 300, 0, { 134, 103, 100 } },
        };
        static const unsigned summaries[][4] = {
                { FIT_LAP, FIT_LAP_AVG_HEART_RATE, FIT_LAP_MAX_HEART_RATE, FIT_LAP_MIN_HEART_RATE },
                { FIT_SESSION, FIT_SESSION_AVG_HEART_RATE, FIT_SESSION_MAX_HEART_RATE,
                                FIT_SESSION_MIN_HEART_RATE },
        };
        ExchangeItem items[] = { heart_rate(0, 100), heart_rate(1000, 200), heart_rate(2000, 101) };

        (void)state;
        items[1].sample.smoothed = 102.5;
        items[2].sample.smoothed = NAN;
        for (size_t c = 0; c < ELEMENTSOF(cases); c++) {
                ExchangeSession session = fixture_run;
                FitMessages all;
                File f = { 0 };

                session.average = cases[c].average;
                session.peak = cases[c].highest;
                session.lowest = cases[c].lowest;
                fit_make(&f, &all, &session, items, ELEMENTSOF(items));
                for (size_t i = 0; i < ELEMENTSOF(summaries); i++)
                        for (size_t k = 0; k < 3; k++)
                                assert_int_equal(decoded_number(fit_find(&all, summaries[i][0], 0),
                                                                 summaries[i][k + 1]),
                                                cases[c].want[k]);
                file_done(&f);
        }
}

static void test_marks(void **state)
{
        const ExchangeItem items[] = { heart_rate(0, 100), event(5000, "mark", NAN, "the dog"),
                heart_rate(9000, 101) };
        ExchangeSession session = fixture_run;
        FitMessages all;
        File f = { 0 };

        (void)state;
        session.length = 9000;
        fit_make(&f, &all, &session, items, ELEMENTSOF(items));
        assert_int_equal(fit_count(&all, FIT_EVENT), 3);
        assert_int_equal(
                        decoded_number(fit_find(&all, FIT_EVENT, 1), FIT_EVENT_EVENT), FIT_EVENT_USER_MARKER);
        assert_int_equal(decoded_number(fit_find(&all, FIT_EVENT, 1), FIT_FIELD_TIMESTAMP),
                        FIT_FIXTURE_STARTED_S + 5);
        assert_int_equal(fit_count(&all, FIT_LAP), 1);
        file_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_workout_has_a_lap_for_each_step),
                cmocka_unit_test(test_no_laps_for_moments_beside_a_workout),
                cmocka_unit_test(test_heart_rates_of_a_summary),
                cmocka_unit_test(test_marks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
