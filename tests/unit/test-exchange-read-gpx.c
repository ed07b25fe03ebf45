/* SPDX-License-Identifier: MIT */

/* GPX with heart rates as other programs write it, and without. */

#include "exchange/reading.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "reading-fixture.h"

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define TPX         "http://www.garmin.com/xmlschemas/TrackPointExtension/"
#define BY(attributes, inner)                                                              \
        DECLARATION "<gpx xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:gpxtpx=\"" TPX \
                    "v1\" version=\"1.1\"" attributes ">" inner "</gpx>\n"
#define GPX(inner)          BY("", inner)
#define TRACK(head, points) GPX("<trk>" head "<trkseg>" points "</trkseg></trk>")
#define HR(bpm)             "<gpxtpx:TrackPointExtension><gpxtpx:hr>" bpm "</gpxtpx:hr></gpxtpx:TrackPointExtension>"
#define AT(time, extensions) \
        "<trkpt lat=\"1\" lon=\"2\"><ele>3</ele><time>" time "</time>" extensions "</trkpt>"
#define WITH(extensions) AT("2026-05-17T06:00:00Z", "<extensions>" extensions "</extensions>")
#define POINT(time, bpm) AT(time, "<extensions>" HR(bpm) "</extensions>")
#define ONE_POINT        POINT("2026-05-17T06:00:00Z", "140")
#define READ(end)        "begin\n2026-05-17T06:00:00Z hr 140\nend " end "\n"

typedef struct Case {
        const char *name, *file, *expected;
} Case;

static void check_cases(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                Reading reading = { 0 };

                assert_true(reading_gpx.is((const uint8_t *)cases[i].file, strlen(cases[i].file)));
                reading_make(&reading, &reading_gpx, cases[i].file, strlen(cases[i].file));
                if (strcmp(reading.text, cases[i].expected) != 0)
                        fail_msg("%s:\n%s\ninstead of\n%s", cases[i].name, reading.text, cases[i].expected);
                reading_done(&reading);
        }
}

static void test_where_heart_rates_are(void **state)
{
        static const Case cases[] = {
                { "Garmin's, version 1", TRACK("", ONE_POINT), READ("running") },
                { "blanks before it", " \n\t" TRACK("", ONE_POINT), READ("running") },
                { "version 2 by another prefix",
                                TRACK("", WITH("<ns3:TrackPointExtension xmlns:ns3=\"" TPX
                                               "v2\"><ns3:atemp>20</ns3:atemp>"
                                               "<ns3:hr> 140 </ns3:hr></ns3:TrackPointExtension>")),
                                READ("running") },
                { "a prefix that is not declared",
                                TRACK("", WITH("<ns3:TrackPointExtension><ns3:hr>140</ns3:hr></ns3:TrackPointExtension>")),
                                READ("running") },
                { "no prefix",
                                TRACK("", WITH("<TrackPointExtension xmlns=\"" TPX
                                               "v1\"><hr>140</hr></TrackPointExtension>")),
                                READ("running") },
                { "Cluetrust's",
                                TRACK("", WITH("<gpxdata:hr xmlns:gpxdata=\"http://www.cluetrust.com/XML/GPXDATA/1/0\">140</gpxdata:hr>")),
                                READ("running") },
                { "a name in full", TRACK("", WITH("<heartrate>140</heartrate>")), READ("running") },
                { "twice, once empty", TRACK("", WITH(HR("140") "<hr/><hr>0</hr>")), READ("running") },
                { "GPX by a prefix",
                                "<g:gpx xmlns:g=\"http://www.topografix.com/GPX/1/0\"><g:trk><g:trkseg><g:trkpt>"
                                "<g:time>2026-05-17T06:00:00Z</g:time><g:extensions><hr>140</hr></g:extensions></g:trkpt>"
                                "</g:trkseg></g:trk></g:gpx>",
                                READ("running") },
                { "a comment before it",
                                "<!-- <gpx> --><?x ?>"
                                "<gpx><trk><trkseg>" ONE_POINT "</trkseg></trk></gpx>",
                                READ("running") },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

static void test_records(void **state)
{
        static const Case cases[] = {
                { "segments of one track are one activity",
                                GPX("<trk><trkseg>" ONE_POINT "</trkseg><trkseg/><trkseg>" POINT(
                                                "2026-05-17T06:10:00Z", "150") "</trkseg></trk>"),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:10:00Z hr 150\nend running\n" },
                { "two tracks are two, even if the second was first",
                                GPX("<trk><name>A</name><trkseg>" ONE_POINT
                                    "</trkseg></trk><trk><type>cycling</type><trkseg>" POINT(
                                                    "2026-05-16T06:10:00.5+02:00",
                                                    "150") "</trkseg></trk><trk/>"),
                                "begin\n2026-05-17T06:00:00Z hr 140\nend running note=\"A\"\n"
                                "begin\n2026-05-16T04:10:00.500Z hr 150\nend offset=7200 other sport=\"cycling\"\n" },
                { "no time, no heart rate, a time that goes back",
                                TRACK("", ONE_POINT
                                                "<trkpt><extensions>" HR("141") "</extensions></trkpt>" AT(
                                                                "2026-05-17T06:00:01Z",
                                                                "") POINT("2026-05-17T05:59:59Z", "142")
                                                                POINT("2026-05-17T06:00:00Z", "143")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00.001Z hr 143\nend running skipped=2\n" },
                { "pace", TRACK("", WITH(HR("140") "<cad>80</cad><speed>3.5</speed><distance>7.5</distance>")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00Z pace 3.5 160 7.5 -\nend running\n" },
                { "a walk", TRACK("", WITH(HR("140") "<cad>104</cad><speed>1.3</speed>")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00Z pace 1.3 104 - -\nend running\n" },
                { "a bicycle's", TRACK("<type>Biking</type>", WITH(HR("140") "<cad>80</cad>")),
                                READ("other sport=\"Biking\"") },
                { "of both feet; speed as GPX 1.0 has it",
                                TRACK("", AT("2026-05-17T06:00:00Z",
                                                          "<speed>2</speed><extensions><cadence>165</cadence><hr>140</hr></extensions>")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00Z pace 2 165 - -\nend running\n" },
                { "no heart rate at all: told", TRACK("", "\n" POINT("2026-05-17T05:59:59Z", "--") ONE_POINT),
                                "warning: line 3: “--” is no heart rate of 1 to 255 bpm; it is left out, like others of its kind\n" READ(
                                                "running") },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

#define TYPED(by, type) \
        BY(" creator=\"" by "\"", "<trk><type>" type "</type><trkseg>" ONE_POINT "</trkseg></trk>")

static void test_activities(void **state)
{
        static const Case cases[] = {
                { "running", TYPED("a", "running"), READ("running sport=\"running\" device=\"a\"") },
                { "Run", TYPED("a", " Run\n"), READ("running sport=\"Run\" device=\"a\"") },
                { "trail_running", TYPED("a", "trail_running"),
                                READ("running sport=\"trail_running\" device=\"a\"") },
                { "hiking", TYPED("a", "hiking"), READ("other sport=\"hiking\" device=\"a\"") },
                { "empty", TYPED("a", ""), READ("running device=\"a\"") },
                { "Strava's run", TYPED("StravaGPX iPhone", "9"),
                                READ("running sport=\"9\" device=\"StravaGPX iPhone\"") },
                { "Strava's ride", TYPED("StravaGPX", "1"), READ("other sport=\"1\" device=\"StravaGPX\"") },
                { "a number of others", TYPED("a", "1"), READ("running sport=\"1\" device=\"a\"") },
                { "a name", TRACK("<name>Morning\nRun</name>", ONE_POINT),
                                READ("running note=\"Morning Run\"") },
                { "a comment tells more", TRACK("<name>A</name><cmt>B</cmt><desc/>", ONE_POINT),
                                READ("running note=\"B\"") },
                { "wherever it stands", TRACK("<desc>C</desc><name>A</name>", ONE_POINT),
                                READ("running note=\"C\"") },
                { "the name of the file is none",
                                GPX("<metadata><name>A</name></metadata><trk><trkseg>" ONE_POINT
                                    "</trkseg></trk>"),
                                READ("running") },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

static void test_without_heart_rates(void **state)
{
        static const Case cases[] = {
                { "no extension", TRACK("", AT("2026-05-17T06:00:00Z", "")),
                                "ENODATA it has no heart rates: no trackpoint has the extension for them\n" },
                { "an extension without them", TRACK("", WITH("<power>250</power>")),
                                "ENODATA it has no heart rates: no trackpoint has the extension for them\n" },
                { "no times", TRACK("", "<trkpt><extensions>" HR("140") "</extensions></trkpt>"),
                                "ENODATA it has no heart rates with a time\n" },
                { "a route", GPX("<wpt lat=\"1\" lon=\"2\"/><rte><rtept lat=\"1\" lon=\"2\"/></rte>"),
                                "ENODATA it has no track\n" },
                { "an empty track", GPX("<trk/>"),
                                "ENODATA it has no heart rates: its track has no trackpoints\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

static void test_cut_in_the_middle(void **state)
{
        static const char file[] = TRACK("", ONE_POINT "\n" POINT("2026-05-17T06:00:01Z", "141"));
        Reading reading = { 0 };

        (void)state;
        reading_make(&reading, &reading_gpx, file, (size_t)(strstr(file, ">141<") - file));
        assert_string_equal(reading.text,
                        "begin\n2026-05-17T06:00:00Z hr 140\nend running\n"
                        "warning: line 3: the file ends here, in the middle; what is whole before it is taken\n");
        reading_done(&reading);
        reading_make(&reading, &reading_gpx, file, (size_t)(strstr(file, ">140<") - file));
        assert_string_equal(reading.text,
                        "EBADMSG line 2, column 264: the file ends here, before its first heart rate\n");
        reading_done(&reading);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_where_heart_rates_are),
                cmocka_unit_test(test_records),
                cmocka_unit_test(test_activities),
                cmocka_unit_test(test_without_heart_rates),
                cmocka_unit_test(test_cut_in_the_middle),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
