/* SPDX-License-Identifier: MIT */

/* Tables of ours and of others, as they are written somewhere, and what is read of them. */

#include "exchange/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"
#include "reading-fixture.h"

typedef struct Case {
        const char *name, *file, *expected;
} Case;

static void assert_read(const Case *c)
{
        Reading reading = { 0 };

        reading_make(&reading, &reading_csv, c->file, strlen(c->file));
        if (strcmp(reading.text, c->expected) != 0)
                fail_msg("%s: this is read:\n%s", c->name, reading.text);
        reading_done(&reading);
}

static void test_ours(void **state)
{
        static const Case c = { "ours",
                "time,seconds,heart_rate,smoothed,zone,contact,rr_ms,event\n"
                "2026-05-17T08:00:00.250+02:00,0.000,140,139.5,2,yes,419.922,\n"
                "2026-05-17T08:00:01.001+02:00,0.751,141,140,2,no,,\"step 1 warm-up; mark \"\"x\"\"\"\n"
                "2026-05-17T08:00:07.250+02:00,7.000,72,100,1,,811.523 812.500,'=x\n",
                "begin\n"
                "2026-05-17T06:00:00.250Z rr 430\n"
                "2026-05-17T06:00:00.250Z hr 140 contact\n"
                "2026-05-17T06:00:01.001Z event step 1 \"warm-up\"\n"
                "2026-05-17T06:00:01.001Z event mark \"\"x\"\"\n"
                "2026-05-17T06:00:01.001Z hr 141 no contact\n"
                "2026-05-17T06:00:07.250Z rr 831\n"
                "2026-05-17T06:00:07.250Z rr 832\n"
                "2026-05-17T06:00:07.250Z hr 72\n"
                "end offset=7200 running\n" };

        (void)state;
        assert_read(&c);
}

/* What an event is about may have in it what is between events. */
static void test_events_of_ours(void **state)
{
        static const Case c = { "events",
                "time,heart_rate,event\n2026-05-17T06:00:00Z,120,"
                "\"gap 5.26; step 2 easy; stepping 3; step easy; ceiling 145.55 65%hrr; mark 5 km; or so, \"\"=1\"\"; over-pace 3.25; pace-in-range 3.5; mark; strap \"\n"
                "2026-05-17T06:00:01Z,121,; nothing; Mark\n2026-05-17T06:00:02Z,,mark of no heart rate\n",
                "begin\n2026-05-17T06:00:00Z event gap 5.26\n2026-05-17T06:00:00Z event step 2 \"easy; stepping 3\"\n"
                "2026-05-17T06:00:00Z event step \"easy\"\n2026-05-17T06:00:00Z event ceiling 145.55 \"65%hrr\"\n"
                "2026-05-17T06:00:00Z event mark \"5 km; or so, \"=1\"\"\n2026-05-17T06:00:00Z event over-pace 3.25\n"
                "2026-05-17T06:00:00Z event pace-in-range 3.5\n2026-05-17T06:00:00Z event mark\n"
                "2026-05-17T06:00:00Z event strap\n2026-05-17T06:00:00Z hr 120\n"
                "2026-05-17T06:00:01Z event mark\n2026-05-17T06:00:01Z hr 121\nend running\n" };

        (void)state;
        assert_read(&c);
}

static void test_names_of_the_heart_rate(void **state)
{
        static const char *const names[] = { "hr", "HR", "Hr", "heart_rate", "heartrate", "Heart Rate",
                "HeartRate", "HR (bpm)", "bpm", "BPM", "heart rate (bpm)", "Heart Rate [bpm]", "hr_bpm",
                "\"HR, bpm\"", "pulse" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                char file[200];
                Case c = { names[i], file, "begin\n2026-05-17T06:00:00Z hr 120\nend running\n" };

                (void)snprintf(file, sizeof(file),
                                "time,average heart rate,%s\n2026-05-17T06:00:00Z,99,120\n", names[i]);
                assert_read(&c);
        }
}

/* Each is 2026-05-17 06:00:00, and what is known of its zone. */
static void test_times(void **state)
{
        static const struct {
                const char *name, *cell, *end;
        } times[] = {
                { "time", "2026-05-17T06:00:00Z", "" },
                { "time", "2026-05-17T06:00:00.000000000z", "" },
                { "time", "2026-05-17 06:00:00 UTC", "" },
                { "time", "20260517T060000Z", "" },
                { "Timestamp", "2026-05-17T08:00:00+02:00", " offset=7200" },
                { "Timestamp", "2026-05-17T08:00:00+0200", " offset=7200" },
                { "Timestamp", "2026-05-17T08:00+02", " offset=7200" },
                { "Timestamp", "2026-05-16T20:30:00-09:30", " offset=-34200" },
                { "date_time", "2026-05-17T06:00:00", " local" },
                { "Date", "2026-05-17 06:00:00", " local" },
                { "Date", "2026/05/17 06:00", " local" },
                { "Date", "17.05.2026 6:00:00", " local" },
                { "Date", "05/17/2026 06:00", " local" },
                { "time (UTC)", "2026-05-17 06:00:00", "" },
                { "unix_time", "1778997600", "" },
                { "timestamp", "1778997600.000", "" },
                { "timestamp", "1.7789976e9", "" },
                { "timestamp_ms", "1778997600000", "" },
                { "t", "1778997600", "" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                char file[200], expected[200];
                Case c = { times[i].cell, file, expected };

                (void)snprintf(file, sizeof(file), "hr,%s\n120,%s\n", times[i].name, times[i].cell);
                (void)snprintf(expected, sizeof(expected),
                                "begin\n2026-05-17T06:00:00Z hr 120\nend%s running\n", times[i].end);
                assert_read(&c);
        }
}

#define ONE "begin\n2026-05-17T06:00:00Z hr 120\n"
#define TWO ONE "2026-05-17T06:00:01Z hr 121\n"

static const Case tables[] = {
        { "a byte-order mark, CR LF, comments, blank lines, a separator at the end of lines",
                        "\xef\xbb\xbf# by hand\r\n\r\ntime,hr,\r\n2026-05-17T06:00:00Z,120,\r\n   \r\n# a hill\r\n"
                        "2026-05-17T06:00:01Z,121,\r\n",
                        TWO "end running\n" },
        { "CR only, and no end of the last line",
                        "time,hr\r2026-05-17T06:00:00Z,120\r2026-05-17T06:00:01Z,121", TWO "end running\n" },
        { "semicolons, and commas in numbers",
                        "sep=;\ntime;hr;speed (km/h);Rr ms\n2026-05-17T06:00:00,0Z;120,4;10,8;500\n",
                        "begin\n2026-05-17T06:00:00Z rr 512\n2026-05-17T06:00:00Z hr 120\n2026-05-17T06:00:00Z pace 3 - - -\n"
                        "end running\n" },
        { "tabs", "time\thr\trr_ms\n2026-05-17T06:00:00Z\t120\t500,0\n",
                        "begin\n2026-05-17T06:00:00Z rr 512\n2026-05-17T06:00:00Z hr 120\nend running\n" },
        { "quotes, with lines and separators in them",
                        "\"note\", \"time\",\"hr\"\n\"a \"\"hill\"\",\n#, and\nmore\",\"2026-05-17T06:00:00Z\", \"120\"\n"
                        ",2026-05-17T06:00:01Z,121\n",
                        TWO "end running\n" },
        { "separators in the quotes of a name", "\"x;y;z;w\",time,hr\n,2026-05-17T06:00:00Z,120\n",
                        ONE "end running\n" },
        { "lines within a row are counted",
                        "x,time,hr\n\"\n\n\",2026-05-17T06:00:00Z,120\n,2026-05-17T06:00:00Z,fast\n",
                        ONE
                        "warning: line 5: “fast” is no heart rate; it is left out, as are others like it\nend running\n" },
        { "more decimals than ms", "time,hr\n2026-05-17T05:59:59.9996Z,120\n2026-05-17T06:00:00.9995Z,121\n",
                        TWO "end running\n" },
        { "rows that are too short or too long",
                        "time,hr\n2026-05-17T06:00:00Z\n2026-05-17T06:00:00Z,120,1,2,3\n",
                        ONE "end running\n" },
        { "lines before the table",
                        "Exported by somebody\nName,Sport\nI,RUN\ntime,hr\n2026-05-17T06:00:00Z,120\n",
                        ONE "end running\n" },
        { "cells with no heart rate",
                        "time,hr\n2026-05-17T06:00:00Z,120\n2026-05-17T06:00:02Z,\n2026-05-17T06:00:03Z,0\n"
                        "2026-05-17T06:00:04Z,--\n2026-05-17T06:00:05Z,NaN\n2026-05-17T06:00:06Z,null\n",
                        ONE "end running\n" },
        { "cells that are no heart rate, told once",
                        "time,hr\n2026-05-17T06:00:00Z,120\n2026-05-17T06:00:02Z,fast\n2026-05-17T06:00:03Z,256\n"
                        "2026-05-17T06:00:04Z,-1\n2026-05-17T06:00:05Z,1e3\n",
                        ONE
                        "warning: line 3: “fast” is no heart rate; it is left out, as are others like it\n"
                        "end running\n" },
        { "R-R intervals without a heart rate",
                        "time,hr,rr_ms\n2026-05-17T06:00:00Z,120,\n2026-05-17T06:00:02Z,,800\n",
                        ONE "end running\n" },
        { "lists of R-R intervals",
                        "time,hr,rr\n2026-05-17T06:00:00Z,120,\"[500, 1000]\"\n2026-05-17T06:00:01Z,121,0|x|500\n",
                        "begin\n2026-05-17T06:00:00Z rr 512\n2026-05-17T06:00:00Z rr 1024\n2026-05-17T06:00:00Z hr 120\n"
                        "2026-05-17T06:00:01Z rr 512\n2026-05-17T06:00:01Z hr 121\nend running\n" },
        { "times that go back, and rows without one",
                        "time,hr\n2026-05-17T06:00:00Z,120\n2026-05-17T05:59:59Z,99\n,99\nlater,99\n2026-05-17T06:00:01,99\n"
                        "2026-05-17T06:00:01Z,121\n",
                        TWO "end running skipped=4\n" },
        { "several in a second",
                        "time,hr\n2026-05-17T06:00:00Z,120\n2026-05-17T06:00:00Z,121\n2026-05-17T06:00:00Z,122\n"
                        "2026-05-17T06:00:01Z,123\n",
                        ONE
                        "2026-05-17T06:00:00.001Z hr 121\n2026-05-17T06:00:00.002Z hr 122\n2026-05-17T06:00:01Z hr 123\n"
                        "end running\n" },
        { "over midnight and over a change of the clocks",
                        "time,hr\n2026-10-25T02:59:59+02:00,120\n2026-10-25T02:00:00+01:00,121\n",
                        "begin\n2026-10-25T00:59:59Z hr 120\n2026-10-25T01:00:00Z hr 121\nend offset=7200 running\n" },
        { "a day and a time of day", "date,time,hr\n2026-05-17,6:00:00,120\n17.05.2026,06:00:01,121\n",
                        TWO "end local running\n" },
        { "seconds since a start that a row has", "time,seconds,hr\n2026-05-17T06:00:05Z,5,120\n,6,121\n",
                        "begin\n2026-05-17T06:00:05Z hr 120\n2026-05-17T06:00:06Z hr 121\nend running\n" },
        { "seconds since a start that a comment has",
                        "# Start: 2026-05-17T08:00:00+02:00\nt_s,hr_bpm\n0,120\n1,121\n",
                        TWO "end offset=7200 running\n" },
        { "speeds, cadences, distances, inclines",
                        "time,hr,enhanced_speed,cadence,distance (km),grade (%)\n2026-05-17T06:00:00Z,120,3,85,0.5,-2\n"
                        "2026-05-17T06:00:01Z,121,1.5,100,,\n2026-05-17T06:00:02Z,,-1,,,nan\n2026-05-17T06:00:03Z,,,0,0.4,\n2026-05-17T06:00:04Z,,999,999,99999,999\n",
                        ONE
                        "2026-05-17T06:00:00Z pace 3 170 500 -2\n2026-05-17T06:00:01Z hr 121\n"
                        "2026-05-17T06:00:01Z pace 1.5 100 - -\n2026-05-17T06:00:03Z pace - 0 - -\nend running\n" },
        { "cadences of one foot at a speed that is not known, and of both",
                        "time,hr,cadence\n2026-05-17T06:00:00Z,120,85\n2026-05-17T06:00:01Z,121,110\n",
                        ONE "2026-05-17T06:00:00Z pace - 170 - -\n2026-05-17T06:00:01Z hr 121\n"
                            "2026-05-17T06:00:01Z pace - 110 - -\nend running\n" },
};

static void test_tables(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                assert_read(&tables[i]);
}

#define FLOW_WHOLE                                                                                               \
        "Name,Sport,Date,Start time,Duration,Total distance (km),Average heart rate (bpm),Average speed (km/h)," \
        "Notes,Height (cm),Weight (kg),HR max,HR sit,VO2max,\n"
#define FLOW_TABLE                                                                                               \
        "Sample rate,Time,HR (bpm),Speed (km/h),Pace (min/km),Cadence,Altitude (m),Stride length (m),Distances " \
        "(m),Temperatures (C),Power (W),\n"

static const Case flows[] = {
        { "a run",
                        FLOW_WHOLE
                        "A Runner,RUNNING,17-05-2026,06:00:00,00:30:06,3.87,144,7.2,\"Warm, \"\"easy\"\"\nall of it\","
                        "180.0,77.0,195,55,56,\n" FLOW_TABLE "1,00:00:00,120,7.2,08:20,80,16,,0.00,31.0,,\n"
                        ",00:00:01,121,,,,16,,,31.0,,\n,00:00:02,,,,,16,,,31.0,,\n",
                        ONE
                        "2026-05-17T06:00:00Z pace 2 160 0 -\n2026-05-17T06:00:01Z hr 121\n"
                        "end local running sport=\"RUNNING\" note=\"Warm, \"easy\" all of it\" max=195 resting=55\n" },
        { "a ride, without its seconds, over midnight",
                        FLOW_WHOLE
                        "A Rider,ROAD_CYCLING,17-05-2026,23:59,00:30:06,3.87,144,7.2,,180.0,77.0,,,,\n\n" FLOW_TABLE
                        "1,00:00:59,120,7.2,08:20,80,16,,0.00,31.0,,\n1,00:01:00,121,,,,,,,,,\n",
                        "begin\n2026-05-17T23:59:59Z hr 120\n2026-05-17T23:59:59Z pace 2 80 0 -\n2026-05-18T00:00:00Z hr 121\n"
                        "end local other sport=\"ROAD_CYCLING\"\n" },
        { "no date that is one",
                        FLOW_WHOLE
                        "A,RUNNING,05/06/2026,23:59,00:30:06,3.87,144,7.2,,180.0,77.0,,,,\n" FLOW_TABLE
                        "1,00:00:59,120,,,,,,,,,\n",
                        "EBADMSG line 2: the date “05/06/2026” is none, or may be read in two ways; one such as 2026-05-17 is "
                        "accepted\n" },
        { "no heart rates",
                        FLOW_WHOLE "A,RUNNING,17-05-2026,06:00:00,,,,,,,,,,,\n" FLOW_TABLE
                                   "1,00:00:00,,,,,,,,,,\n",
                        "ENODATA line 5: no heart rate up to here\n" },
};

static void test_polar_flow(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(flows); i++)
                assert_read(&flows[i]);
}

static const Case refusals[] = {
        { "nothing", "",
                        "EBADMSG line 1: no line names a column of heart rates; heart_rate, hr or bpm is accepted\n" },
        { "no heart rates", "time,power\n2026-05-17T06:00:00Z,120\n",
                        "EBADMSG line 1: no line names a column of heart rates; heart_rate, hr or bpm is accepted\n" },
        { "no times", "\nhr,power\n120,99\n",
                        "EBADMSG line 2: no column of times; one named time, timestamp or seconds is accepted\n" },
        { "no start", "t_s,hr_bpm\n0,120\n",
                        "EBADMSG line 2: times are since the start, which is missing: a column \"time\" as in "
                        "2026-05-17T08:00:00+02:00 is accepted, or a first line \"# start: 2026-05-17T08:00:00+02:00\"\n" },
        { "no start", "time,hr\n0:00:01,120\n",
                        "EBADMSG line 2: times are since the start, which is missing: a column \"time\" as in "
                        "2026-05-17T08:00:00+02:00 is accepted, or a first line \"# start: 2026-05-17T08:00:00+02:00\"\n" },
        { "no time that is one", "time,hr\n05/06/2026 08:00,120\n",
                        "EBADMSG line 2: the time “05/06/2026 08:00” is none; as in 2026-05-17T08:00:00+02:00, Unix seconds or "
                        "ms, or since the start, are accepted\n" },
        { "no such day", "time,hr\n2026-02-30T08:00:00Z,120\n",
                        "EBADMSG line 2: the time “2026-02-30T08:00:00Z” is none; as in 2026-05-17T08:00:00+02:00, Unix seconds "
                        "or ms, or since the start, are accepted\n" },
        { "a quote that does not end", "time,hr\n2026-05-17T06:00:00Z,120\n\"2026,121\n",
                        ONE "EBADMSG line 3: a cell begins with a quote and does not end with one\n" },
        { "no time at all", "time,hr\n,120\n", "ENODATA line 3: no row has both a time and a heart rate\n" },
        { "no row", "time,hr\n", "ENODATA line 2: no heart rate up to here\n" },
        { "a pace alone", "time,hr,mph\n2026-05-17T06:00:00Z,,0\n",
                        "begin\n2026-05-17T06:00:00Z pace 0 - - -\nENODATA line 3: no heart rate up to here\n" },
};

static void test_refusals(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(refusals); i++)
                assert_read(&refusals[i]);
}

static void test_utf16_is_refused_in_words(void **state)
{
        static const char little[] = "\xff\xfet\0i\0m\0e\0", big[] = "\xfe\xff\0t\0i", bare[] = "t\0i\0";
        static const struct {
                const char *data;
                size_t size;
        } files[] = { { little, sizeof(little) - 1 }, { big, sizeof(big) - 1 }, { bare, sizeof(bare) - 1 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                Reading reading = { 0 };

                reading_make(&reading, &reading_csv, files[i].data, files[i].size);
                assert_string_equal(reading.text, "EBADMSG line 1: this is UTF-16; UTF-8 is accepted\n");
                reading_done(&reading);
        }
        assert_true(reading_csv.is((const uint8_t *)little, sizeof(little) - 1));
}

static void test_what_begins_like_a_table(void **state)
{
        static const struct {
                const char *data;
                bool is;
        } files[] = {
                { "time,hr\n", true },
                { "\xef\xbb\xbf\n time;hr", true },
                { "time\thr", true },
                { "", false },
                { "[Params]\nA=1,2", false },
                { " <?xml version=\"1.0\"?>,", false },
                { "{\"a\":1,", false },
                { "812\n790\n", false },
                { "\x0e\x10,.FIT", false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                assert_int_equal(reading_csv.is((const uint8_t *)files[i].data, strlen(files[i].data)),
                                files[i].is);
}

static void test_an_error_of_the_target_ends_it(void **state)
{
        (void)state;
        for (size_t i = 1; i <= 6; i++) {
                Reading reading = { .fails_at = i };

                reading_make(&reading, &reading_csv, flows[0].file, strlen(flows[0].file));
                assert_int_equal(reading.r, i <= 5 ? -ECANCELED : 0);
                reading_done(&reading);
        }
}

/* The recording of a strap that has no date is refused; with a line that says when it began it is read. */
static void test_a_recording(void **state)
{
        static char data[100000];
        Reading reading = { 0 };
        size_t head, size;
        FILE *file;

        (void)state;
        file = fopen(TEST_DATA "/garmin-strap-run/records.csv", "re");
        if (!file) {
                print_message("%s is missing\n", TEST_DATA "/garmin-strap-run/records.csv");
                skip();
        }
        head = (size_t)snprintf(data, sizeof(data), "%s", "# start: 2026-05-17T08:00:00\n");
        size = fread(data + head, 1, sizeof(data) - head, file);
        fclose(file);

        reading_make(&reading, &reading_csv, data + head, size);
        assert_int_equal(reading.r, -EBADMSG);
        assert_string_equal(reading.problem.place, "line 2");
        assert_non_null(strstr(reading.problem.text, "the start, which is missing"));
        reading_done(&reading);

        reading_make(&reading, &reading_csv, data, head + size);
        assert_int_equal(reading.r, 0);
        assert_int_equal(reading.n[READ_HEART_RATE], 1681);
        assert_int_equal(reading.items[1681].at - reading.items[1].at, 1680000);
        reading_done(&reading);
}

/* -- Ours, back -- */

static uint32_t random_below(uint32_t *state, uint32_t n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

static size_t random_items(uint32_t *seed, ExchangeItem *items, size_t max)
{
        int64_t t = 0;
        size_t n = 0;

        do {
                if (random_below(seed, 5) == 0)
                        items[n++] = event(t, "mark", 1, "a \"hill\", =1+1\n# x");
                for (uint32_t rr = random_below(seed, 6); rr > 0; rr--)
                        items[n++] = interval(t, 1 + random_below(seed, 65535));
                items[n++] = heart_rate(t, 25 + random_below(seed, 226));
                t += 1 +
                     (random_below(seed, 10) == 0 ? random_below(seed, 1000000) : random_below(seed, 1200));
        } while (n + 10 < max && random_below(seed, 60) > 0);
        return n;
}

static void test_what_was_written_is_read_back(void **state)
{
        static ExchangeItem items[400];

        (void)state;
        for (uint32_t i = 0; i < 2000; i++) {
                ExchangeSession session = fixture_run;
                Reading reading = { 0 };
                File f = { 0 };
                uint32_t seed = i;
                size_t n = random_items(&seed, items, ELEMENTSOF(items)), next = 1;

                session.started_at += random_below(&seed, 1000);
                session.utc_offset_s = ((int32_t)random_below(&seed, 105) - 48) * 900;
                assert_int_equal(exchange_write(&exchange_csv, &f, &session, items, n), 0);
                assert_true(reading_csv.is(f.data, f.size));
                reading_make(&reading, &reading_csv, f.data, f.size);
                assert_int_equal(reading.r, 0);
                for (size_t k = 0; k < n; k++) {
                        const ReadItem *item = &reading.items[next++];

                        if (items[k].type == EXCHANGE_EVENT) {
                                assert_int_equal(item->type, READ_EVENT);
                                assert_string_equal(item->type_text, "mark");
                                assert_string_equal(item->detail, "1 a \"hill\", =1+1 # x");
                                continue;
                        }
                        assert_int_equal(
                                        item->type, items[k].type == EXCHANGE_RR ? READ_RR : READ_HEART_RATE);
                        assert_int_equal(item->at, session.started_at + items[k].t);
                        assert_int_equal(item->value, items[k].type == EXCHANGE_RR
                                                                      ? items[k].rr.rr
                                                                      : items[k].sample.heart_rate);
                }
                assert_int_equal(reading.n_items, next + 1);
                assert_true(reading.activity.has_offset);
                assert_int_equal(reading.activity.utc_offset_s, session.utc_offset_s);
                assert_int_equal(reading.activity.skipped, 0);
                reading_done(&reading);
                file_done(&f);
        }
}

/* -- Hostile ones -- */

/* HEAD, a text many times, TAIL. */
static Reading read_many(const char *head, const char *text, size_t n, const char *tail)
{
        _cleanup_free_ char *data = NULL;
        Reading reading = { 0 };
        size_t size = 0;
        FILE *file = open_memstream(&data, &size);

        assert_non_null(file);
        fputs(head, file);
        for (size_t i = 0; i < n; i++)
                fputs(text, file);
        fputs(tail, file);
        fclose(file);
        reading_make(&reading, &reading_csv, data, size);
        return reading;
}

static void test_hostile_tables(void **state)
{
        static const struct {
                const char *name, *head, *text;
                size_t n;
                const char *tail, *expected;
        } files[] = {
                { "a long cell", "time,hr,x\n2026-05-17T06:00:00Z,120,", "x", 1000000,
                                "\n2026-05-17T06:00:01Z,121\n", TWO "end running\n" },
                { "a long cell of a column that is read", "time,hr\n2026-05-17T06:00:00Z,120\n", "9", 1000000,
                                ",121\n2026-05-17T06:00:01Z,121\n", TWO "end running skipped=1\n" },
                { "many columns", "time,hr", ",hr,time,rr", 333333,
                                "\n2026-05-17T06:00:00Z,120\n2026-05-17T06:00:01Z,121\n",
                                TWO "end running\n" },
                { "many cells", "time,hr\n2026-05-17T06:00:00Z,120", ",99", 1000000,
                                "\n2026-05-17T06:00:01Z,121\n", TWO "end running\n" },
                { "many digits", "time,hr\n2026-05-17T06:00:00Z,120.", "0", 400,
                                "4\n2026-05-17T06:00:01Z,121\n", TWO "end running\n" },
                { "many noughts", "time,hr\n2026-05-17T06:00:00Z,", "0", 400,
                                "120\n2026-05-17T06:00:01Z,121\n", TWO "end running\n" },
                { "decimals of a second", "time,hr\n2026-05-17T06:00:00.", "0", 400,
                                "Z,120\n2026-05-17T06:00:01Z,121\n", TWO "end running\n" },
                { "lines in quotes", "x,time,hr\n\"", "\n", 1000000,
                                "\",2026-05-17T06:00:00Z,120\n,2026-05-17T06:00:01Z,121\n",
                                TWO "end running\n" },
                { "quotes", "x,time,hr\n", "\"", 1000001, ",2026-05-17T06:00:00Z,120\n",
                                "EBADMSG line 2: a cell begins with a quote and does not end with one\n" },
                { "lines without a table", "", "a,b\n", 1000000, "time,hr\n",
                                "EBADMSG line 1: no line names a column of heart rates; heart_rate, hr or bpm is accepted\n" },
                { "comments", "", "# start: soon\n", 100000,
                                "time,hr\n2026-05-17T06:00:00Z,120\n2026-05-17T06:00:01Z,121\n",
                                TWO "end running\n" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                Reading reading = read_many(files[i].head, files[i].text, files[i].n, files[i].tail);

                if (strcmp(reading.text, files[i].expected) != 0)
                        fail_msg("%s: this is read:\n%.2000s", files[i].name, reading.text);
                reading_done(&reading);
        }
}

static void test_bytes_that_are_no_text(void **state)
{
        static const char file[] =
                        "time,hr\n2026-05-17T06:00:00Z,120\n2026-05-17T06:00:00Z\0,121\n\0\0\0,\0\n"
                        "2026-05-17T06:00:01Z,121\n\0\0\0\0";
        Reading reading = { 0 };

        (void)state;
        reading_make(&reading, &reading_csv, file, sizeof(file) - 1);
        assert_string_equal(reading.text,
                        ONE "warning: line 4: “?” is no heart rate; it is left out, as are others like it\n"
                            "2026-05-17T06:00:01Z hr 121\nend running skipped=1\n");
        reading_done(&reading);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ours),
                cmocka_unit_test(test_events_of_ours),
                cmocka_unit_test(test_names_of_the_heart_rate),
                cmocka_unit_test(test_times),
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_polar_flow),
                cmocka_unit_test(test_refusals),
                cmocka_unit_test(test_utf16_is_refused_in_words),
                cmocka_unit_test(test_what_begins_like_a_table),
                cmocka_unit_test(test_an_error_of_the_target_ends_it),
                cmocka_unit_test(test_a_recording),
                cmocka_unit_test(test_what_was_written_is_read_back),
                cmocka_unit_test(test_hostile_tables),
                cmocka_unit_test(test_bytes_that_are_no_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
