/* SPDX-License-Identifier: MIT */

/* What FIT files have besides heart rates: pace, and what they say of the activity as a whole. */

#include "exchange/reading.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange-fit-fixture.h"

/* -- Pace -- */

static void test_pace(void **state)
{
        static const char fields[] = "253:4:86 3:1:02 4:1:02 53:1:02 5:4:86 6:2:84 73:4:86 9:2:83";
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, fields);
        fit_bytes_message(&b, 1, T, 0xff, 80, 0, 1000, 2000, 2500, 0); /* before the first heart rate */
        fit_bytes_message(&b, 1, T + 1, 100, 80, 64, 1200, 2000, 2500, 150);
        fit_bytes_message(&b, 1, T + 2, 101, 80, 0xff, 0xffffffff, 2000, 0xffffffff, 0xfed4);
        fit_bytes_message(&b, 1, T + 3, 102, 0, 0xff, 0xffffffff, 0, 0xffffffff, 0x7fff);
        fit_bytes_message(&b, 1, T + 4, 103, 0xff, 64, 0xffffffff, 0xffff, 0xffffffff, 0x7fff);
        fit_bytes_message(&b, 1, T + 5, 0xff, 0xff, 0xff, 1500, 0xffff, 0xffffffff, 0x7fff);
        fit_bytes_message(
                        &b, 1, T + 6, 0xff, 0xff, 0xff, 900, 0xffff, 0xffffffff, 0x7fff); /* it began anew */
        end(&b, "begin\n"
                "2021-09-08T01:46:41Z hr 100\n"
                "2021-09-08T01:46:41Z pace 2.5 161 2 1.5\n"
                "2021-09-08T01:46:42Z hr 101\n"
                "2021-09-08T01:46:42Z pace 2 160 - -3\n"
                "2021-09-08T01:46:43Z hr 102\n"
                "2021-09-08T01:46:43Z pace 0 0 - -\n"
                "2021-09-08T01:46:44Z hr 103\n"
                "2021-09-08T01:46:45Z pace - - 5 -\n"
                "end running\n");
}

/* Speed and distance in one field, of 12 bits each; the distance rolls over, at 256 m. A field of its own goes before it. */
static void test_speed_and_distance_in_one_field(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:1:02 8:3:0d");
        fit_bytes_message(&b, 1, T, 100, 0x50, 0x01, 0x0a);     /* 3.36 m/s, 10 m */
        fit_bytes_message(&b, 1, T + 1, 101, 0x50, 0x81, 0xff); /* 255.5 m */
        fit_bytes_message(&b, 1, T + 2, 102, 0x50, 0x81, 0x03); /* 259.5 m */
        fit_bytes_message(&b, 1, T + 3, 103, 0xff, 0xff, 0xff);
        fit_bytes_message(&b, 1, T + 4, 104, 0xff, 0x8f, 0x04); /* no speed, 260.5 m */
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:1:02 5:4:86 6:2:84 8:3:0d");
        fit_bytes_message(&b, 1, T + 5, 105, 26500, 3000, 0x50, 0x01, 0x00);
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:40Z pace 3.36 - 10 -\n"
                "2021-09-08T01:46:41Z hr 101\n"
                "2021-09-08T01:46:41Z pace 3.36 - 255.5 -\n"
                "2021-09-08T01:46:42Z hr 102\n"
                "2021-09-08T01:46:42Z pace 3.36 - 259.5 -\n"
                "2021-09-08T01:46:43Z hr 103\n"
                "2021-09-08T01:46:44Z hr 104\n"
                "2021-09-08T01:46:44Z pace - - 260.5 -\n"
                "2021-09-08T01:46:45Z hr 105\n"
                "2021-09-08T01:46:45Z pace 3 - 265 -\n"
                "end running\n");
}

/* Steps of both feet, in a field that is for those of one. */
static void test_cadence_of_both_feet(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:1:02 4:1:02");
        fit_bytes_message(&b, 1, T, 100, 109);
        fit_bytes_message(&b, 1, T + 1, 100, 172);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\n2021-09-08T01:46:40Z pace - 218 - -\n"
                "2021-09-08T01:46:41Z hr 100\n2021-09-08T01:46:41Z pace - 172 - -\nend running\n");
}

/* How hard it felt, ten times. */
static void test_effort(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_define(&b, 2, false, SESSION, "5:1:00 193:1:02");
        fit_bytes_message(&b, 2, 1, 70);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\nend running sport=\"running\" rpe=7\n");
}

/* A cyclist's turns are no steps, even if the sport is said last. */
static void test_cadence_by_sport(void **state)
{
        static const struct {
                unsigned sport;
                const char *pace, *end;
        } cases[] = {
                { 0xff, "2021-09-08T01:46:40Z pace - 170 - -\n", "running" },
                { 1, "2021-09-08T01:46:40Z pace - 170 - -\n", "running sport=\"running\"" },
                { 11, "2021-09-08T01:46:40Z pace - 170 - -\n", "other sport=\"walking\"" },
                { 17, "2021-09-08T01:46:40Z pace - 170 - -\n", "other sport=\"hiking\"" },
                { 0, "", "other sport=\"generic\"" },
                { 2, "", "other sport=\"cycling\"" },
                { 77, "", "other sport=\"77\"" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char want[256];
                FitBytes b;

                begin(&b);
                fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:1:02 4:1:02");
                fit_bytes_message(&b, 1, T, 100, 85);
                fit_bytes_define(&b, 2, false, SESSION, "5:1:00");
                fit_bytes_message(&b, 2, cases[i].sport);
                (void)snprintf(want, sizeof(want), "begin\n2021-09-08T01:46:40Z hr 100\n%send %s\n",
                                cases[i].pace, cases[i].end);
                end(&b, want);
        }
}

/* -- What is said of the whole -- */

#define ONE_RECORD "begin\n2021-09-08T01:46:40Z hr 100\n"

static void begin_with_record(FitBytes *b)
{
        begin(b);
        fit_bytes_define(b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(b, 1, T, 100);
}

static void test_sports(void **state)
{
        FitBytes b;

        (void)state;
        /* Only what the watch was set to. */
        begin_with_record(&b);
        fit_bytes_define(&b, 2, false, 12, "0:1:00");
        fit_bytes_message(&b, 2, 2);
        end(&b, ONE_RECORD "end other sport=\"cycling\"\n");
        /* … which is not what was done. */
        begin_with_record(&b);
        fit_bytes_define(&b, 2, false, 12, "0:1:00");
        fit_bytes_message(&b, 2, 2);
        fit_bytes_define(&b, 3, false, SESSION, "5:1:00");
        fit_bytes_message(&b, 3, 1);
        fit_bytes_message(&b, 3, 1);
        fit_bytes_message(&b, 2, 5);
        end(&b, ONE_RECORD "end running sport=\"running\"\n");
        /* Several. */
        begin_with_record(&b);
        fit_bytes_define(&b, 3, false, SESSION, "5:1:00");
        fit_bytes_message(&b, 3, 1);
        fit_bytes_message(&b, 3, 2);
        end(&b, ONE_RECORD "end other sport=\"multisport\"\n");
}

static void test_offsets_of_the_local_clock(void **state)
{
        static const struct {
                uint64_t time, local;
                const char *want;
        } cases[] = {
                { T, T, "offset=0 running" },
                { T, T + 7200, "offset=7200 running" },
                { T, T - 12600, "offset=-12600 running" },
                { T, T + 19800, "offset=19800 running" },
                { T, T + 7199, "offset=7200 running" }, /* a second apart */
                { T, T - 3601, "offset=-3600 running" },
                { T, T + 7200 + 400, "running" }, /* no zone has it */
                { T, T + 86400, "running" },
                { T, 0xffffffff, "running" },
                { T, 7200, "running" },
                { 7200, 14400, "running" },
                { 0x0fffffff, 0x10001c1f, "local running" },
                { 0xffffffff, T, "running" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char want[256];
                FitBytes b;

                begin_with_record(&b);
                fit_bytes_define(&b, 2, false, ACTIVITY, "253:4:86 5:4:86");
                fit_bytes_message(&b, 2, cases[i].time, cases[i].local);
                (void)snprintf(want, sizeof(want), ONE_RECORD "end %s\n", cases[i].want);
                end(&b, want);
        }
}

/* The strap before the watch, the watch before what the file says of itself; other sensors are not asked. */
static void test_devices(void **state)
{
        FitBytes b;

        (void)state;
        begin_with_record(&b);
        fit_bytes_define(&b, 2, false, FILE_ID, "8:4:07");
        fit_bytes_message(&b, 2, 'f', 'i', 0, 'e');
        end(&b, ONE_RECORD "end running device=\"fi\"\n");

        begin_with_record(&b);
        fit_bytes_define(&b, 2, false, FILE_ID, "8:4:07");
        fit_bytes_message(&b, 2, 'f', 'i', 'l', 'e');
        fit_bytes_define(&b, 3, false, 23, "0:1:02 1:1:02 25:1:00 27:3:07");
        fit_bytes_message(&b, 3, 1, 124, 1, 'p', 'o', 'd');
        fit_bytes_message(&b, 3, 0, 0xff, 5, 0x1b, 0xff, 0); /* nothing that a terminal obeys */
        end(&b, ONE_RECORD "end running device=\"?\?\"\n");

        begin_with_record(&b);
        fit_bytes_define(&b, 3, false, 23, "0:1:02 1:1:02 25:1:00 27:3:07");
        fit_bytes_message(&b, 3, 2, 120, 1, 'a', 'n', 't');
        fit_bytes_message(&b, 3, 0, 0xff, 5, 'm', 'e', 0);
        fit_bytes_message(&b, 3, 3, 1, 3, 'b', 'l', 'e');
        end(&b, ONE_RECORD "end running device=\"ant\"\n");

        begin_with_record(&b);
        fit_bytes_define(&b, 3, false, 23, "0:1:02 1:1:02 25:1:00 27:3:07");
        fit_bytes_message(&b, 3, 2, 120, 3, 'n', 'o', 0); /* by Bluetooth 120 is something else */
        fit_bytes_message(&b, 3, 3, 1, 3, 'b', 'l', 'e');
        end(&b, ONE_RECORD "end running device=\"ble\"\n");
}

static void test_the_runner(void **state)
{
        FitBytes b;

        (void)state;
        begin_with_record(&b);
        fit_bytes_define(&b, 2, false, 3, "8:1:02 9:1:02 11:1:02");
        fit_bytes_message(&b, 2, 0xff, 0, 200);
        end(&b, ONE_RECORD "end running max=200\n");
        begin_with_record(&b);
        fit_bytes_define(&b, 2, false, 3, "8:1:02 9:1:02 11:1:02");
        fit_bytes_message(&b, 2, 48, 0xff, 200);
        fit_bytes_define(&b, 3, false, 7, "1:1:02");
        fit_bytes_message(&b, 3, 190);
        end(&b, ONE_RECORD "end running max=190 resting=48\n");
        begin_with_record(&b);
        fit_bytes_define(&b, 3, false, 7, "1:1:02");
        fit_bytes_message(&b, 3, 190);
        fit_bytes_define(&b, 2, false, 3, "8:1:02 9:1:02 11:1:02");
        fit_bytes_message(&b, 2, 48, 191, 200);
        fit_bytes_message(&b, 2, 58, 192, 201);
        end(&b, ONE_RECORD "end running max=191 resting=48\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pace),
                cmocka_unit_test(test_speed_and_distance_in_one_field),
                cmocka_unit_test(test_cadence_of_both_feet),
                cmocka_unit_test(test_effort),
                cmocka_unit_test(test_cadence_by_sport),
                cmocka_unit_test(test_sports),
                cmocka_unit_test(test_offsets_of_the_local_clock),
                cmocka_unit_test(test_devices),
                cmocka_unit_test(test_the_runner),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
