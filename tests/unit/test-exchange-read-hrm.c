/* SPDX-License-Identifier: MIT */

/* Files of Polar's watches, by hand and a real one. */

#include "exchange/reading.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "reading-fixture.h"

typedef struct Case {
        const char *name, *file, *expected;
} Case;

#define WHEN "[Params]\r\nDate=20260517\r\nStartTime=06:00:00.0\r\n"

static const Case files[] = {
        { "a run with all that a watch says",
                        "[Params]\r\nVersion=106\r\nMonitor=37\r\nSMode=111000100\r\nDate=20260517\r\nStartTime=06:00:00.5\r\n"
                        "Length=00:00:10.0\r\nInterval=5\r\nMaxHR=190\r\nRestHR=52\r\n\r\n[Note]\r\nHei, l\xe4mmin\r\n  ja tuuli\r\n"
                        "\r\n[IntTimes]\r\n00:00:05.0\t121\t120\t120\t121\r\n[Trip]\r\n123\r\n\r\n[HRData]\r\n"
                        "120\t108\t80\t16\r\n0\t0\t0\t16\r\n121\t126\t85\t17\r\n",
                        "begin\n2026-05-17T06:00:00.500Z hr 120\n2026-05-17T06:00:00.500Z pace 3 160 - -\n"
                        "2026-05-17T06:00:05.500Z pace 0 0 - -\n2026-05-17T06:00:10.500Z hr 121\n"
                        "2026-05-17T06:00:10.500Z pace 3.5 170 - -\n"
                        "end local running device=\"Polar RS800\" note=\"Hei, l\xc3\xa4mmin ja tuuli\" max=190 resting=52\n" },
        { "version 1.07, miles, air pressure",
                        WHEN
                        "Version=107\r\nSMode=100000111\r\nInterval=1\r\n[HRData]\r\n120\t100\t1013\r\n121\t0\t1013\r\n",
                        "begin\n2026-05-17T06:00:00Z hr 120\n2026-05-17T06:00:00Z pace 4.4704 - - -\n"
                        "2026-05-17T06:00:01Z hr 121\n2026-05-17T06:00:01Z pace 0 - - -\nend local running\n" },
        { "a cadence without a speed",
                        WHEN "Version=106\r\nSMode=01000000\r\nInterval=15\r\n[HRData]\r\n120\t80\r\n121\r\n",
                        "begin\n2026-05-17T06:00:00Z hr 120\n2026-05-17T06:00:00Z pace - 160 - -\n"
                        "2026-05-17T06:00:15Z hr 121\nend local running\n" },
        { "version 1.05 with speed and cadence",
                        WHEN
                        "Version=105\r\nMode=010\r\nInterval=60\r\n[HRData]\r\n120\t36\t80\r\n0\t5000\t255\r\n",
                        "begin\n2026-05-17T06:00:00Z hr 120\n2026-05-17T06:00:00Z pace 1 160 - -\nend local running\n" },
        { "version 1.05 with speed and altitude, miles",
                        WHEN "Version=105\r\nMode=111\r\nInterval=60\r\n[HRData]\r\n120\t100\t80\r\n",
                        "begin\n2026-05-17T06:00:00Z hr 120\n2026-05-17T06:00:00Z pace 4.4704 - - -\nend local running\n" },
        { "version 1.05 with heart rates alone",
                        WHEN "Version=105\r\nMode=000\r\nInterval=60\r\n[HRData]\r\n120\r\n121\r\n",
                        "begin\n2026-05-17T06:00:00Z hr 120\n2026-05-17T06:01:00Z hr 121\nend local running\n" },
        { "over midnight",
                        "\xef\xbb\xbf\n[PARAMS]\nDate=20261231\nStartTime=23:59:58.0\nInterval=2\n[HRDATA]\n120\n121\n",
                        "begin\n2026-12-31T23:59:58Z hr 120\n2027-01-01T00:00:00Z hr 121\nend local running\n" },
        { "R-R intervals, some of which are none",
                        WHEN
                        "Interval=238\r\nStartDelay=250\r\n[HRData]\r\n500\r\n100\r\n3000\r\n0\r\nx\r\n-5\r\n1000\r\n70000\r\n"
                        "1000\r\n239\r\n",
                        "begin\n2026-05-17T06:00:00.750Z rr 512\n2026-05-17T06:00:00.750Z hr 120\n"
                        "warning: line 11: “x” is no R-R interval; it is left out, as are others like it\n"
                        "2026-05-17T06:00:04.850Z rr 102\n2026-05-17T06:00:04.850Z rr 3072\n2026-05-17T06:00:04.850Z rr 1024\n"
                        "2026-05-17T06:00:04.850Z hr 60\n"
                        "2026-05-17T06:01:15.850Z rr 1024\n2026-05-17T06:01:15.850Z hr 60\nend local running\n" },
        { "cut short, an unknown version, limits that are none",
                        WHEN
                        "Version=108\r\nLength=0:30:00.0\r\nMonitor=99\r\nMaxHR=0\r\nRestHR=300\r\nInterval=5\r\n[HRData]\r\n"
                        "120\r\n1x\r\n-\r\n300\r\n121",
                        "warning: line 4: Version=“108” is not known; it is read as 107\nbegin\n2026-05-17T06:00:00Z hr 120\n"
                        "warning: line 12: “1x” is no heart rate; it is left out, as are others like it\n"
                        "2026-05-17T06:00:20Z hr 121\n"
                        "warning: line 15: the file ends before the time that Length says: it is cut short\nend local running\n" },
        { "sections behind the heart rates", WHEN "Interval=5\n[HRData]\n120\n[Note]\n",
                        "begin\n2026-05-17T06:00:00Z hr 120\nend local running\n" },
        { "no such day", "[Params]\nDate=20260230\n",
                        "EBADMSG line 2: Date=“20260230” is no day; YYYYMMDD is accepted\n" },
        { "no such time", "[Params]\nStartTime=24:00:00\n",
                        "EBADMSG line 2: StartTime=“24:00:00” is no time of day; H:MM:SS is accepted\n" },
        { "no such interval", "[Params]\nInterval=0\n",
                        "EBADMSG line 2: Interval=“0” is none; seconds, or 238 for R-R intervals, are accepted\n" },
        { "no day", "[Params]\nStartTime=06:00:00\nInterval=5\n[HRData]\n120\n",
                        "EBADMSG line 4: nothing says on which day it was: no Date=YYYYMMDD in [Params]\n" },
        { "no time", "[Params]\nDate=20260517\nInterval=5\n[HRData]\n120\n",
                        "EBADMSG line 4: nothing says when it began: no StartTime=H:MM:SS in [Params]\n" },
        { "no interval", WHEN "[HRData]\n120\n",
                        "EBADMSG line 4: nothing says what the lines are: no Interval in [Params]\n" },
        { "no data", WHEN "Interval=5\n", "EBADMSG line 4: the file ends before [HRData]\n" },
        { "nothing", "", "EBADMSG line 1: the file ends before [HRData]\n" },
        { "no heart rates", WHEN "Interval=5\n[HRData]\n0\n0\n",
                        "ENODATA line 7: no heart rate up to here\n" },
        { "times by hand", WHEN "Interval=204\n[HRData]\n120\n",
                        "ENODATA line 6: Interval=204: there are times by hand, no heart rates\n" },
};

static void test_files(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                Reading reading = { 0 };

                reading_make(&reading, &reading_hrm, files[i].file, strlen(files[i].file));
                if (strcmp(reading.text, files[i].expected) != 0)
                        fail_msg("%s: this is read:\n%s", files[i].name, reading.text);
                reading_done(&reading);
        }
}

static void test_an_error_of_the_target_ends_it(void **state)
{
        (void)state;
        for (size_t i = 1; i <= 8; i++) {
                Reading reading = { .fails_at = i };

                reading_make(&reading, &reading_hrm, files[0].file, strlen(files[0].file));
                assert_int_equal(reading.r, i <= 7 ? -ECANCELED : 0);
                reading_done(&reading);
        }
}

static void test_what_begins_like_one(void **state)
{
        static const struct {
                const char *data;
                bool is;
        } begins[] = {
                { "[Params]\r\nVersion=106", true },
                { "\xef\xbb\xbf\r\n [params] ", true },
                { "[Params", false },
                { "Version=106\n[Params]", false },
                { "", false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(begins); i++)
                assert_int_equal(reading_hrm.is((const uint8_t *)begins[i].data, strlen(begins[i].data)),
                                begins[i].is);
}

/* More intervals than may wait for a heart rate: the latest ones are kept. Long lines and notes are cut. */
static void test_hostile_files(void **state)
{
        static char file[1100000];
        Reading reading = { 0 };
        size_t n;

        (void)state;
        n = (size_t)snprintf(file, sizeof(file), WHEN "Interval=238\n[Note]\n");
        memset(file + n, 'x', 1000000);
        n += 1000000;
        n += (size_t)snprintf(file + n, sizeof(file) - n, "\nand more\n[HRData]\n");
        for (unsigned i = 0; i < 300; i++)
                n += (size_t)snprintf(file + n, sizeof(file) - n, "%u\n", 5000 + i);
        n += (size_t)snprintf(file + n, sizeof(file) - n, "1000\n");
        reading_make(&reading, &reading_hrm, file, n);
        assert_int_equal(reading.r, 0);
        assert_int_equal(reading.n[READ_RR], 255);
        assert_int_equal(reading.items[1].value, lround(5046 * 1.024)); /* of 5000 to 5299 the last 254 */
        assert_int_equal(reading.items[255].value, 1024);
        assert_int_equal(strlen(reading.activity.note), READING_TEXT_MAX - 1);
        reading_done(&reading);
}

static int compare(const void *a, const void *b)
{
        const unsigned *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

/* The median of the heart rates of the ten seconds before a moment after the start. */
static unsigned median_before(const Reading *reading, int64_t start, int64_t seconds)
{
        unsigned values[64] = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < reading->n_items; i++) {
                int64_t away = reading->items[i].at - start - seconds * 1000;

                if (reading->items[i].type == READ_HEART_RATE && away >= -10000 && away < 0 &&
                                n < ELEMENTSOF(values))
                        values[n++] = reading->items[i].value;
        }
        assert_true(n > 0);
        qsort(values, n, sizeof(values[0]), compare);
        return values[n / 2];
}

static void test_a_recording(void **state)
{
        static const struct {
                int64_t at;
                unsigned heart_rate;
        } known[] = { { 36 * 60, 104 }, { 36 * 60 + 40, 88 }, { 37 * 60, 83 }, { 37 * 60 + 15, 83 },
                { 37 * 60 + 30, 72 } };
        static char data[200000];
        Reading reading = { 0 };
        FILE *file;

        (void)state;
        file = fopen(TEST_DATA "/hrv-rhenanbartels/exercise_rri.hrm", "re");
        if (!file) {
                print_message("%s is missing\n", TEST_DATA "/hrv-rhenanbartels/exercise_rri.hrm");
                skip();
        }
        reading_make(&reading, &reading_hrm, data, fread(data, 1, sizeof(data), file));
        fclose(file);
        assert_int_equal(reading.r, 0);
        assert_int_equal(reading.n[READ_WARNING], 0);
        assert_int_equal(reading.n[READ_RR], 4117);
        assert_int_equal(reading.n[READ_HEART_RATE], 4117);
        assert_string_equal(reading.activity.device, "Polar S810");
        assert_true(reading.activity.local && reading.activity.maximum == 180 &&
                        reading.activity.resting == 70);
        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                assert_in_range(median_before(&reading, INT64_C(1202460631000), known[i].at),
                                known[i].heart_rate - 1, known[i].heart_rate + 1);
        /* Length=00:42:41.7 */
        assert_in_range(reading.items[reading.n_items - 2].at - INT64_C(1202460631000), 2560000, 2563000);
        reading_done(&reading);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_files),
                cmocka_unit_test(test_an_error_of_the_target_ends_it),
                cmocka_unit_test(test_what_begins_like_one),
                cmocka_unit_test(test_hostile_files),
                cmocka_unit_test(test_a_recording),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
