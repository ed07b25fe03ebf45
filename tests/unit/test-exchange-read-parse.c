/* SPDX-License-Identifier: MIT */

/* Numbers, moments, sports and the beginnings of files as other programs write them. */

#include "exchange/reading-parse.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_numbers(void **state)
{
        static const struct {
                const char *text;
                double value;
        } good[] = {
                { "0", 0 },
                { " 140\n", 140 },
                { "+140.", 140 },
                { "-1.5", -1.5 },
                { ".25", 0.25 },
                { "3,36", 3.36 },
                { "1.0E-4", 1e-4 },
                { "1e3", 1000 },
                { "0e999", 0 },
                { "0.1", 0.1 },
                { "1234.5670166015625", 1234.5670166015625 },
                { "0.00000000000000000000000000001", 1e-29 },
                { "1000000000000000", 1e15 },
                { "1e-999999999999", 0 },
        };
        static const char *const none[] = { "NaN", "inf", "-", "+", ".", "1.2.3", "1 2", "12 bpm", "0x10",
                "1e", "1e+", "--1", "1e16", "1e999", "9999999999999999999999999999", "١" };
        static const char *const empty[] = { "", " ", "\r\n\t" };
        double value;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                value = 7;
                if (reading_number(good[i].text, &value) != 0 ||
                                !(fabs(value - good[i].value) <= 1e-15 * fabs(good[i].value)))
                        fail_msg("“%s”: %.17g", good[i].text, value);
        }
        for (size_t i = 0; i < ELEMENTSOF(none); i++) {
                value = 7;
                if (reading_number(none[i], &value) != -EINVAL || value != 7)
                        fail_msg("“%s”: %.17g", none[i], value);
        }
        for (size_t i = 0; i < ELEMENTSOF(empty); i++)
                assert_int_equal(reading_number(empty[i], &value), -ENODATA);
}

#define NOON INT64_C(1779019200000) /* 2026-05-17T12:00:00Z */

static void test_moments(void **state)
{
        static const struct {
                const char *text;
                ReadingMoment moment;
        } good[] = {
                { "2026-05-17T12:00:00Z", { .at = NOON } },
                { " 2026-05-17t12:00:00.000z\n", { .at = NOON } },
                { "2026-05-17T12:00:00", { .at = NOON, .local = true } },
                { "2026-05-17 12:00:00", { .at = NOON, .local = true } },
                { "2026- 5-17T12: 0: 0 Z", { .at = NOON } },
                { "2026-5-17 12:0:0", { .at = NOON, .local = true } },
                { "2026-05-17T12:00:00.1Z", { .at = NOON + 100 } },
                { "2026-05-17T12:00:00.0014Z", { .at = NOON + 1 } },
                { "2026-05-17T12:00:00.0015Z", { .at = NOON + 2 } },
                { "2026-05-17T11:59:59.9999999Z", { .at = NOON } },
                { "2026-05-17T12:00:00,001", { .at = NOON + 1, .local = true } },
                { "2026-05-17T14:00:00+02:00", { .at = NOON, .has_offset = true, .utc_offset_s = 7200 } },
                { "2026-05-17T08:30:00.000-0330",
                                { .at = NOON, .has_offset = true, .utc_offset_s = -12600 } },
                { "2026-05-17T13:00:00+01", { .at = NOON, .has_offset = true, .utc_offset_s = 3600 } },
                { "2026-05-17T12:00:00 +00:00", { .at = NOON, .has_offset = true } },
                { "2026-05-16T24:00:00Z", { .at = NOON - 12 * 3600000 } },
                { "2026-05-17T11:59:60Z", { .at = NOON } },
                { "1969-12-31T23:59:59.999Z", { .at = -1 } },
        };
        static const char *const none[] = { "now", "2026-05-17", "2026-05-17T", "2026-05-17T12:00",
                "12:00:00", "26-05-17T12:00:00", "0001-01-01T00:00:00", "2026-13-17T12:00:00",
                "2026-02-30T12:00:00", "2026-05-17T25:00:00", "2026-05-17T12:60:00", "2026-05-17T12:00:61",
                "2026-05-17T12:00:00.", "2026-05-17T12:00:00.Z", "2026-05-17T12:00:00ZZ",
                "2026-05-17T12:00:00+24:00", "2026-05-17T12:00:00+",
                "2026-05-17T12:00:00+01:", "2026-05-17T12:00:00 CEST", "2026-05-17T12:00:00 pm",
                "17/05/2026 12:00:00", "2026-05-17X12:00:00", "2026-05-1712:00:00", "-2026-05-17T12:00:00" };
        ReadingMoment moment;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                int r = reading_moment(good[i].text, &moment);

                if (r < 0 || moment.at != good[i].moment.at || moment.local != good[i].moment.local ||
                                moment.has_offset != good[i].moment.has_offset ||
                                moment.utc_offset_s != good[i].moment.utc_offset_s)
                        fail_msg("“%s”: %d, %" PRId64 ", %d", good[i].text, r, moment.at,
                                        moment.utc_offset_s);
        }
        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                if (reading_moment(none[i], &moment) != -EINVAL)
                        fail_msg("“%s” is taken", none[i]);
        assert_int_equal(reading_moment(" \n", &moment), -ENODATA);
}

static void test_sports(void **state)
{
        static const struct {
                const char *sport;
                bool is_running;
        } cases[] = {
                { "", true },
                { "Running", true },
                { "run", true },
                { "VirtualRun", true },
                { "TRAIL_RUNNING", true },
                { "Jogging", true },
                { "treadmill", true },
                { "Other", false },
                { "Biking", false },
                { "rowing", false },
                { "r", false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(reading_sport_is_running(cases[i].sport), cases[i].is_running);
}

/* Each knows its own; what is no XML is nobody's. */
static void test_beginnings(void **state)
{
        static const struct {
                const char *file;
                bool tcx, gpx;
        } cases[] = {
                { "<gpx>", false, true },
                { "\xef\xbb\xbf\n<?xml version=\"1.0\"?>\n<!-- <gpx> -->\n<TrainingCenterDatabase\n", true,
                                false },
                { "<?xml version=\"1.0\"?><x:gpx xmlns:x=\"a\">", false, true },
                { "<gpx/>", false, true },
                { "<!DOCTYPE gpx [<!ENTITY a \"<TrainingCenterDatabase>\">]>", false, true },
                { "<!DOCTYPE\nTrainingCenterDatabase>", true, false },
                { "<gpx:x>", false, false },
                { "<gpxx>", false, false },
                { "<GPX>", false, false },
                { "<html><gpx>", false, false },
                { "<?xml", false, false },
                { "<!--", false, false },
                { "<", false, false },
                { "", false, false },
                { " ", false, false },
                { "gpx", false, false },
                { "\x0e\x10\xd9\x07.FIT", false, false },
                { "time,heart_rate\n<gpx>", false, false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t size = strlen(cases[i].file);
                uint8_t *file = malloc(size > 0 ? size : 1); /* no more than is read */

                assert_non_null(file);
                memcpy(file, cases[i].file, size);
                if (reading_tcx.is(file, size) != cases[i].tcx || reading_gpx.is(file, size) != cases[i].gpx)
                        fail_msg("%s", cases[i].file);
                free(file);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers),
                cmocka_unit_test(test_moments),
                cmocka_unit_test(test_sports),
                cmocka_unit_test(test_beginnings),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
