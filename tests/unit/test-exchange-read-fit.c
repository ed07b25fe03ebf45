/* SPDX-License-Identifier: MIT */

/* FIT files as other programs write them, each with an oddity that somebody's files have, and what they are read as. Files that
 * are damaged are in test-exchange-read-fit-damage.c. */

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

/* -- The order of messages, their times -- */

static void test_the_summary_may_come_first(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, ACTIVITY, "253:4:86 5:4:86");
        fit_bytes_message(&b, 1, T + 10, T + 10 + 7200);
        fit_bytes_define(&b, 2, false, SESSION, "253:4:86 2:4:86 5:1:00 16:1:02");
        fit_bytes_message(&b, 2, T + 10, T, 2, 100);
        fit_bytes_define(&b, 3, false, LAP, "253:4:86 2:4:86 15:1:02");
        fit_bytes_message(&b, 3, T + 10, T, 100);
        fit_bytes_define(&b, 4, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 4, T, 100);
        fit_bytes_message(&b, 4, T + 1, 101);
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:41Z hr 101\n"
                "end offset=7200 other sport=\"cycling\"\n");
}

/* A header of a record has the five lowest bits of its time, which run over. */
static void test_compressed_times_roll_over(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, "3:1:02");
        fit_bytes_message(&b, 0x80 | 1 << 5 | 3, 99); /* from no time on */
        fit_bytes_define(&b, 2, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 2, T + 29, 100);
        fit_bytes_message(&b, 0x80 | 1 << 5 | 30, 101);
        fit_bytes_message(&b, 0x80 | 1 << 5 | 31, 102);
        fit_bytes_message(&b, 0x80 | 1 << 5 | 0, 103);
        fit_bytes_message(&b, 0x80 | 1 << 5 | 1, 104);
        fit_bytes_message(&b, 0x80 | 1 << 5 | 0, 105);          /* 31 s later */
        fit_bytes_message(&b, 0x80 | 2U << 5 | 7, T + 70, 106); /* its own time counts */
        end(&b, "begin\n"
                "2021-09-08T01:47:09Z hr 100\n"
                "2021-09-08T01:47:10Z hr 101\n"
                "2021-09-08T01:47:11Z hr 102\n"
                "2021-09-08T01:47:12Z hr 103\n"
                "2021-09-08T01:47:13Z hr 104\n"
                "2021-09-08T01:47:44Z hr 105\n"
                "2021-09-08T01:47:50Z hr 106\n"
                "end running skipped=1\n");
}

static void test_a_compressed_time_goes_on_from_any_message(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 2, false, 0xff00, "253:4:86");
        fit_bytes_message(&b, 2, T + 5);
        fit_bytes_define(&b, 1, false, RECORD, "3:1:02");
        fit_bytes_message(&b, 0x80 | 1 << 5 | 6, 100);
        end(&b, "begin\n2021-09-08T01:46:46Z hr 100\nend running\n");
}

static void test_times_that_go_back_are_left_out(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T + 10, 100);
        fit_bytes_message(&b, 1, T + 9, 90);
        fit_bytes_message(&b, 1, T, 91);
        fit_bytes_message(&b, 1, T, 0xff); /* which has nothing to leave out */
        fit_bytes_message(&b, 1, T + 11, 101);
        end(&b, "begin\n"
                "2021-09-08T01:46:50Z hr 100\n"
                "2021-09-08T01:46:51Z hr 101\n"
                "end running skipped=2\n");
}

static void test_two_records_in_one_second(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_message(&b, 1, T, 101);
        fit_bytes_message(&b, 1, T, 102);
        fit_bytes_message(&b, 1, T + 1, 103);
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:40.001Z hr 101\n"
                "2021-09-08T01:46:40.002Z hr 102\n"
                "2021-09-08T01:46:41Z hr 103\n"
                "end running\n");
}

/* Below 0x10000000 they are seconds since a watch was switched on. */
static void test_times_that_are_no_dates(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, 0x0fffffff, 90);
        fit_bytes_message(&b, 1, 0xffffffff, 91);
        fit_bytes_message(&b, 1, 0x10000000, 92);
        fit_bytes_message(&b, 1, 0xfffffffe, 93);
        end(&b, "begin\n"
                "1998-07-03T21:24:16Z hr 92\n"
                "2126-02-06T06:28:14Z hr 93\n"
                "end running skipped=2\n");
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, 17, 90);
        end(&b, "ENODATA its heart rates have no dates\n");
}

/* … unless the activity says what its time was by the clock on the wall. */
static void test_times_by_a_clock_that_knows_no_zone(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 2, false, ACTIVITY, "253:4:86 5:4:86");
        fit_bytes_message(&b, 2, 16444673, T);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, 16444672, 90);
        fit_bytes_message(&b, 1, 16444673, 91);
        end(&b, "begin\n"
                "2021-09-08T01:46:39Z hr 90\n"
                "2021-09-08T01:46:40Z hr 91\n"
                "end local running\n");
}

static void test_activities_chained_in_one_file(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_end(&b);
        fit_bytes_begin(&b, 12); /* without records */
        fit_bytes_end(&b);
        fit_bytes_begin(&b, 12); /* of an earlier day, in the other byte order */
        fit_bytes_define(&b, 1, true, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T - 86400, 101);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\nend running\n"
                "begin\n2021-09-07T01:46:40Z hr 101\nend running\n");
}

/* -- Definitions -- */

static void test_big_endian(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, true, RECORD, "253:4:86 3:1:02 6:2:84 5:4:86");
        fit_bytes_message(&b, 1, T, 100, 3360, 25500);
        fit_bytes_define(&b, 2, true, HRV, "0:6:84");
        fit_bytes_message(&b, 2, 1000, 500, 0xffff);
        fit_bytes_message(&b, 1, T + 1, 101, 0xffff, 0xffffffff);
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:40Z pace 3.36 - 255 -\n"
                "2021-09-08T01:46:41Z rr 1024\n"
                "2021-09-08T01:46:41Z rr 512\n"
                "2021-09-08T01:46:41Z hr 101\n"
                "end running\n");
}

static void test_a_header_of_12_bytes(void **state)
{
        FitBytes b = { 0 };

        (void)state;
        fit_bytes_begin(&b, 12);
        fit_bytes_define(&b, 0, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 0, T, 100);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\nend running\n");
}

static void test_unknown_messages_and_fields_are_passed_over(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 15, false, 0xffff, "");
        fit_bytes_put(&b, 15, NULL, 0);
        fit_bytes_define(&b, 1, false, 0xff01, "0:3:0d 3:1:02");
        fit_bytes_message(&b, 1, 1, 2, 3, 99);
        /* An unknown type, a field without bytes, text. */
        fit_bytes_define(&b, 1, false, RECORD, "200:3:1e 201:0:02 3:0:02 253:4:86 202:4:07 3:1:02 203:8:8f");
        fit_bytes_message(&b, 1, 1, 2, 3, T, 'a', 'b', 'c', 'd', 100, 5);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\nend running\n");
}

static void test_fields_of_unusual_size_and_type(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        /* A heart rate as uint16 and as float32 is one, too; three bytes are no uint16. */
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:2:84");
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_message(&b, 1, T + 1, 300);
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:4:88");
        fit_bytes_message(&b, 1, T + 2, 0x42ca0000); /* 101 */
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 3:3:84");
        fit_bytes_message(&b, 1, T + 3, 100, 0, 0);
        /* Of an array the first one; a type without the bit that says its byte order matters. */
        fit_bytes_define(&b, 1, false, RECORD, "253:4:06 3:2:02");
        fit_bytes_message(&b, 1, T + 4, 102, 103);
        fit_bytes_define(&b, 1, false, RECORD, "253:3:0d 3:1:02"); /* no time */
        fit_bytes_message(&b, 1, 1, 2, 3, 104);
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:42Z hr 101\n"
                "2021-09-08T01:46:44Z hr 102\n"
                "end running skipped=1\n");
}

static void test_local_types_are_defined_anew(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 0, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 0, T, 100);
        fit_bytes_define(&b, 0, true, RECORD, "3:1:02 253:4:86");
        fit_bytes_message(&b, 0, 101, T + 1);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\n2021-09-08T01:46:41Z hr 101\nend running\n");
}

/* Number 3 of a developer is not FIT's heart rate, whatever the order. */
static void test_developer_fields_do_not_overwrite_native_ones(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, 207, "1:16:0d 3:1:02");
        fit_bytes_message(&b, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0);
        fit_bytes_define(&b, 2, false, 206, "0:1:02 1:1:02 2:1:02 3:3:07 15:1:02");
        fit_bytes_message(&b, 2, 0, 3, 2, 'h', 'r', 0, 3);
        fit_bytes_message(&b, 2, 0, 0, 0x88, 'c', 'e', 0, 0xff);
        fit_bytes_define(&b, 3, false, RECORD, TIME_HR "|3:1:0 253:4:0");
        fit_bytes_message(&b, 3, T, 100, 55, 1, 2, 3, 4);
        fit_bytes_define(&b, 3, false, RECORD, "253:4:86|3:1:0");
        fit_bytes_message(&b, 3, T + 1, 56);
        fit_bytes_define(&b, 4, false, SESSION, "5:1:00|0:4:0 5:1:0");
        fit_bytes_message(&b, 4, 1, 0, 0, 0x11, 0x43, 2); /* 145, but not our ceiling */
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\nend running sport=\"running\"\n");
}

/* -- Heart rates -- */

static void test_heart_rates_that_are_none(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T, 0xff);
        fit_bytes_message(&b, 1, T + 1, 0);
        fit_bytes_message(&b, 1, T + 2, 1);
        fit_bytes_message(&b, 1, T + 3, 254);
        fit_bytes_message(&b, 1, T + 4, 0xff);
        end(&b, "begin\n2021-09-08T01:46:42Z hr 1\n2021-09-08T01:46:43Z hr 254\nend running\n");
}

static void test_no_heart_rates_at_all(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        end(&b, "ENODATA it has no records, and so no heart rates\n");

        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T, 0xff);
        end(&b, "ENODATA none of its records has a heart rate\n");

        begin(&b);
        fit_bytes_message(&b, 0, 5);
        end(&b, "ENODATA it is not an activity but a FIT file of another kind, such as a course or a workout\n");
}

/* The strap's own clock in 1/1024 s, said once with the time and then by its lowest 12 bits. 1024, 2048, 3072, 4096 (0), 5120
 * (0x400): packed 0x800 0xc00, 0x000 0x400. */
static void test_heart_rates_in_hr_messages(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86 5:4:86");
        for (unsigned i = 0; i < 7; i++)
                fit_bytes_message(&b, 1, T + i, 300 * i);
        fit_bytes_define(&b, 2, false, HR, "253:4:86 0:2:84 6:1:02 9:4:86");
        fit_bytes_message(&b, 2, T + 1, 0x4000, 100, 1024);
        fit_bytes_define(&b, 3, false, HR, "6:4:02 10:6:0d");
        fit_bytes_message(&b, 3, 101, 102, 0xff, 104, 0x00, 0x08, 0xc0, 0x00, 0x00, 0x40);
        fit_bytes_message(&b, 3, 105, 0xff, 0xff, 0xff, 0x00, 0x06, 0, 0, 0, 0);
        end(&b, "begin\n"
                "2021-09-08T01:46:41.500Z hr 100\n"
                "2021-09-08T01:46:42Z pace - - 3 -\n"
                "2021-09-08T01:46:42.500Z hr 101\n"
                "2021-09-08T01:46:43Z pace - - 6 -\n"
                "2021-09-08T01:46:43.500Z hr 102\n"
                "2021-09-08T01:46:44Z pace - - 9 -\n"
                "2021-09-08T01:46:45Z pace - - 12 -\n"
                "2021-09-08T01:46:45.500Z hr 104\n"
                "2021-09-08T01:46:46Z hr 105\n"
                "2021-09-08T01:46:46Z pace - - 15 -\n"
                "end running\n");
}

/* A strap has kept them, in files of its own that say nothing else, and from when it was put on. */
static void test_hr_messages_in_files_behind(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, "253:4:86");
        fit_bytes_message(&b, 1, T);
        fit_bytes_define(&b, 2, false, SESSION, "253:4:86 2:4:86 5:1:00");
        fit_bytes_message(&b, 2, T + 10, T - 5, 5);
        fit_bytes_end(&b);
        for (unsigned i = 0; i < 3; i++) {
                fit_bytes_begin(&b, 14);
                fit_bytes_define(&b, 2, i == 1, HR, "253:4:86 6:1:02 9:4:86");
                fit_bytes_message(&b, 2, T - 6 + 8 * i, 100 + i, 1024);
                fit_bytes_define(&b, 3, false, HR, "6:2:02 10:3:0d");
                fit_bytes_message(&b, 3, 110 + i, 120 + i, 0x00, 0x08, 0xc0);
                fit_bytes_end(&b);
        }
        fit_bytes_begin(&b, 12); /* another activity */
        fit_bytes_define(&b, 1, false, FILE_ID, "0:1:00");
        fit_bytes_message(&b, 1, 4);
        fit_bytes_define(&b, 2, false, HR, "253:4:86 6:1:02 9:4:86");
        fit_bytes_message(&b, 2, T + 100, 90, 1024);
        end(&b, "begin\n"
                "2021-09-08T01:46:35Z hr 110\n"
                "2021-09-08T01:46:36Z hr 120\n"
                "2021-09-08T01:46:42Z hr 101\n"
                "2021-09-08T01:46:43Z hr 111\n"
                "2021-09-08T01:46:44Z hr 121\n"
                "2021-09-08T01:46:50Z hr 102\n"
                "end other sport=\"swimming\"\n"
                "begin\n"
                "2021-09-08T01:48:20Z hr 90\n"
                "end running\n");
}

static void test_hr_messages_that_cannot_be_placed(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 3, false, HR, "6:2:02 10:3:0d"); /* before any time */
        fit_bytes_message(&b, 3, 90, 91, 0x00, 0x08, 0xc0);
        fit_bytes_define(&b, 2, false, HR, "253:4:86 6:1:02 9:4:86");
        fit_bytes_message(&b, 2, T, 100, 0xfffffc00);
        fit_bytes_define(&b, 4, false, HR, "6:3:02 9:12:86");
        fit_bytes_message(&b, 4, 101, 102, 103, 1, 0xfffffa00, 1024); /* the clock runs over; one goes back */
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:41.001Z hr 101\n"
                "2021-09-08T01:46:42Z hr 103\n"
                "end running skipped=3\n");
}

/* They are the same once more. */
static void test_hr_messages_beside_records_are_not_read(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_define(&b, 2, false, HR, "253:4:86 6:1:02 9:4:86");
        fit_bytes_message(&b, 2, T, 99, 1024);
        fit_bytes_message(&b, 1, T + 1, 101);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\n2021-09-08T01:46:41Z hr 101\nend running\n");
}

/* -- R-R intervals -- */

static void test_intervals_have_the_time_of_the_record_behind_them(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_define(&b, 2, false, HRV, "0:10:84");
        fit_bytes_message(&b, 2, 500, 0xffff, 0, 65534, 999); /* 65534 ms is more than there are 1/1024 s */
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_message(&b, 1, T + 1, 101);
        fit_bytes_define(&b, 3, false, HRV, "0:2:84"); /* its size may change */
        fit_bytes_message(&b, 2, 1000, 1001, 1002, 1003, 1004);
        fit_bytes_message(&b, 3, 1005);
        fit_bytes_message(&b, 1, T + 2, 102);
        fit_bytes_message(&b, 2, 700, 0xffff, 0xffff, 0xffff, 0xffff); /* of no record */
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z rr 512\n"
                "2021-09-08T01:46:40Z rr 1023\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:41Z hr 101\n"
                "2021-09-08T01:46:42Z rr 1024\n"
                "2021-09-08T01:46:42Z rr 1025\n"
                "2021-09-08T01:46:42Z rr 1026\n"
                "2021-09-08T01:46:42Z rr 1027\n"
                "2021-09-08T01:46:42Z rr 1028\n"
                "2021-09-08T01:46:42Z rr 1029\n"
                "2021-09-08T01:46:42Z hr 102\n"
                "end running\n");
}

/* A record without a heart rate hands them on within its second; those of a gap are of no heart rate. */
static void test_intervals_of_a_record_without_a_heart_rate(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_define(&b, 2, false, HRV, "0:2:84");
        fit_bytes_message(&b, 2, 500);
        fit_bytes_message(&b, 1, T, 0xff);
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_message(&b, 2, 600);
        fit_bytes_message(&b, 1, T + 1, 0xff);
        fit_bytes_message(&b, 1, T + 2, 0xff);
        fit_bytes_message(&b, 2, 700);
        fit_bytes_message(&b, 1, T + 30, 0xff);
        fit_bytes_message(&b, 2, 1000);
        fit_bytes_message(&b, 1, T + 60, 101);
        fit_bytes_message(&b, 2, 800);
        fit_bytes_message(&b, 1, T + 59, 90); /* goes back, with its interval */
        fit_bytes_message(&b, 1, T + 61, 102);
        end(&b, "begin\n"
                "2021-09-08T01:46:40.001Z rr 512\n"
                "2021-09-08T01:46:40.001Z hr 100\n"
                "2021-09-08T01:47:40Z rr 1024\n"
                "2021-09-08T01:47:40Z hr 101\n"
                "2021-09-08T01:47:41Z hr 102\n"
                "end running skipped=1\n");
}

/* All in one place, they are not of the second there. */
static void test_intervals_apart_from_the_records(void **state)
{
        FitBytes b;

        (void)state;
        begin(&b);
        fit_bytes_define(&b, 2, false, HRV, "0:2:84");
        for (unsigned i = 0; i < 300; i++)
                fit_bytes_message(&b, 2, 700 + i);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_message(&b, 1, T - 10, 0xff);
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_message(&b, 2, 1000);
        fit_bytes_message(&b, 1, T + 1, 101);
        end(&b, "begin\n"
                "2021-09-08T01:46:40Z hr 100\n"
                "2021-09-08T01:46:41Z rr 1024\n"
                "2021-09-08T01:46:41Z hr 101\n"
                "warning: byte 0: R-R intervals that belong to no heart rate of this activity are left out\n"
                "end running\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_summary_may_come_first),
                cmocka_unit_test(test_compressed_times_roll_over),
                cmocka_unit_test(test_a_compressed_time_goes_on_from_any_message),
                cmocka_unit_test(test_times_that_go_back_are_left_out),
                cmocka_unit_test(test_two_records_in_one_second),
                cmocka_unit_test(test_times_that_are_no_dates),
                cmocka_unit_test(test_times_by_a_clock_that_knows_no_zone),
                cmocka_unit_test(test_activities_chained_in_one_file),
                cmocka_unit_test(test_big_endian),
                cmocka_unit_test(test_a_header_of_12_bytes),
                cmocka_unit_test(test_unknown_messages_and_fields_are_passed_over),
                cmocka_unit_test(test_fields_of_unusual_size_and_type),
                cmocka_unit_test(test_local_types_are_defined_anew),
                cmocka_unit_test(test_developer_fields_do_not_overwrite_native_ones),
                cmocka_unit_test(test_heart_rates_that_are_none),
                cmocka_unit_test(test_no_heart_rates_at_all),
                cmocka_unit_test(test_heart_rates_in_hr_messages),
                cmocka_unit_test(test_hr_messages_in_files_behind),
                cmocka_unit_test(test_hr_messages_that_cannot_be_placed),
                cmocka_unit_test(test_hr_messages_beside_records_are_not_read),
                cmocka_unit_test(test_intervals_have_the_time_of_the_record_behind_them),
                cmocka_unit_test(test_intervals_of_a_record_without_a_heart_rate),
                cmocka_unit_test(test_intervals_apart_from_the_records),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
