/* SPDX-License-Identifier: MIT */

/* Zones: the models' bounds in bpm, half-open limits, and the hysteresis on the way up and down. */

#include "cardio/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_resolve(void **state)
{
        static const struct {
                ZoneModel model;
                size_t n;
                double bound[ZONES_MAX];
        } cases[] = {
                { ZONE_MODEL_HRR, 5, { 123.5, 138.2, 152.9, 167.6, 182.3 } },
                { ZONE_MODEL_HRMAX, 5, { 98.5, 118.2, 137.9, 157.6, 177.3 } },
                { ZONE_MODEL_LTHR, 7, { 0, 144.5, 153, 161.5, 170, 175.1, 181.9 } },
        };
        const Runner runner = { .resting = 50, .maximum = 197, .lactate_threshold = 170 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ZoneTable table = zone_model_default(cases[i].model);

                assert_int_equal(zone_table_resolve(cases[i].model, &table, &runner, &table), 0);
                assert_int_equal(table.n, cases[i].n);
                for (size_t k = 0; k < table.n; k++)
                        assert_true(table.bound[k] == cases[i].bound[k]);
        }
}

static void test_resolve_custom(void **state)
{
        const ZoneTable bounds = { .n = 2, .bound = { 120, 150 } };
        const Runner runner = { .resting = 50, .maximum = 197 };
        ZoneTable bpm;

        (void)state;
        assert_int_equal(zone_model_default(ZONE_MODEL_CUSTOM).n, 0);
        assert_int_equal(zone_table_resolve(ZONE_MODEL_CUSTOM, &bounds, &runner, &bpm), 0);
        assert_int_equal(bpm.n, 2);
        assert_true(bpm.bound[0] == 120 && bpm.bound[1] == 150);
}

static void test_no_threshold(void **state)
{
        const ZoneTable bounds = zone_model_default(ZONE_MODEL_LTHR);
        const Runner runner = { .resting = 50, .maximum = 197 };
        ZoneTable bpm = { .n = 77 };

        (void)state;
        assert_int_equal(zone_table_resolve(ZONE_MODEL_LTHR, &bounds, &runner, &bpm), -ENODATA);
        assert_int_equal(bpm.n, 77);
}

static void test_classify(void **state)
{
        static const struct {
                double hysteresis;
                int previous;
                double heart_rate;
                unsigned zone;
        } cases[] = {
                /* nothing before: half-open, whatever the hysteresis */
                { 1, -1, 99.9, 0 },
                { 1, -1, 100, 1 },
                { 1, -1, 119.9, 1 },
                { 1, -1, 120, 2 },
                { 1, -1, 140, 3 },
                { 1, -1, 250, 3 },
                { 1, -1, 0, 0 },
                /* up: at the bound + 1 */
                { 1, 0, 100, 0 },
                { 1, 0, 100.9, 0 },
                { 1, 0, 101, 1 },
                { 1, 1, 120.5, 1 },
                { 1, 1, 121, 2 },
                /* down: below the bound - 1 */
                { 1, 1, 100, 1 },
                { 1, 1, 99, 1 },
                { 1, 1, 98.9, 0 },
                { 1, 3, 139, 3 },
                { 1, 3, 138.9, 2 },
                /* across several */
                { 1, 0, 141, 3 },
                { 1, 0, 140, 2 },
                { 1, 3, 98.9, 0 },
                { 1, 3, 99, 1 },
                /* none */
                { 0, 0, 100, 1 },
                { 0, 1, 99.99, 0 },
                { 0, 1, 100, 1 },
                /* a zone that the table no longer has */
                { 1, 7, 250, 3 },
                { 1, 7, 110, 1 },
        };
        const ZoneTable bpm = { .n = 3, .bound = { 100, 120, 140 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                print_message("classify: from %d at %g\n", cases[i].previous, cases[i].heart_rate);
                assert_int_equal(zone_classify(&bpm, cases[i].hysteresis, cases[i].previous,
                                                 cases[i].heart_rate),
                                cases[i].zone);
        }
}

/* A heart rate that wavers about a bound by less than the hysteresis never changes the zone. */
static void test_no_flutter(void **state)
{
        const ZoneTable bpm = { .n = 3, .bound = { 100, 120, 140 } };
        int zone = 1;

        (void)state;
        for (unsigned i = 0; i < 100; i++) {
                zone = (int)zone_classify(&bpm, 1, zone, i % 2 ? 119.1 : 120.9);
                assert_int_equal(zone, 1);
        }
}

static void test_names(void **state)
{
        (void)state;
        for (ZoneModel model = 0; model < _ZONE_MODEL_MAX; model++)
                assert_int_equal(zone_model_from_string(zone_model_to_string(model)), model);
        assert_int_equal(zone_model_from_string("HRR"), _ZONE_MODEL_INVALID);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_resolve),
                cmocka_unit_test(test_resolve_custom),
                cmocka_unit_test(test_no_threshold),
                cmocka_unit_test(test_classify),
                cmocka_unit_test(test_no_flutter),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
