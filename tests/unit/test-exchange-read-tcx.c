/* SPDX-License-Identifier: MIT */

/* TCX as other programs write it: each oddity that some file has, and its right reading. */

#include "exchange/exchange.h"
#include "exchange/reading.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"
#include "reading-fixture.h"

#define NS          "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define ROOT(inner)                                                   \
        "<TrainingCenterDatabase xmlns=\"" NS "\"><Activities>" inner \
        "</Activities></TrainingCenterDatabase>\n"
#define RUN(inner) ROOT("<Activity Sport=\"Running\"><Id>x</Id>" inner "</Activity>")
#define LAP(inner) \
        "<Lap StartTime=\"2026-05-17T06:00:00Z\"><TotalTimeSeconds>1</TotalTimeSeconds>" inner "</Lap>"
#define TRACK(inner)     DECLARATION RUN(LAP("<Track>" inner "</Track>"))
#define HR(bpm)          "<HeartRateBpm><Value>" bpm "</Value></HeartRateBpm>"
#define AT(time, more)   "<Trackpoint><Time>" time "</Time>" more "</Trackpoint>"
#define POINT(time, bpm) AT(time, HR(bpm))

#define ONE_POINT POINT("2026-05-17T06:00:00Z", "140")
#define ONE_READ  "begin\n2026-05-17T06:00:00Z hr 140\nend running sport=\"Running\"\n"

typedef struct Case {
        const char *name, *file, *expected;
} Case;

static void check_cases(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                Reading reading = { 0 };

                reading_make(&reading, &reading_tcx, cases[i].file, strlen(cases[i].file));
                if (strcmp(reading.text, cases[i].expected) != 0)
                        fail_msg("%s:\n%s\ninstead of\n%s", cases[i].name, reading.text, cases[i].expected);
                reading_done(&reading);
        }
}

static void test_forms_of_a_file(void **state)
{
        static const Case cases[] = {
                { "plain", TRACK(ONE_POINT), ONE_READ },
                { "no declaration", RUN(LAP("<Track>" ONE_POINT "</Track>")), ONE_READ },
                { "blanks before the declaration", "\r\n \t\n" TRACK(ONE_POINT), ONE_READ },
                { "a byte-order mark", "\xef\xbb\xbf" TRACK(ONE_POINT), ONE_READ },
                { "blanks behind a byte-order mark", "\xef\xbb\xbf\n  " TRACK(ONE_POINT), ONE_READ },
                { "a byte-order mark behind blanks", "\n\xef\xbb\xbf" TRACK(ONE_POINT), ONE_READ },
                { "comments and instructions",
                                "<!-- <x> --><?y z?>" RUN(LAP("<Track><!-- -->" ONE_POINT "<?a?></Track>")),
                                ONE_READ },
                { "says UTF-16 and is UTF-8",
                                "<?xml version=\"1.0\" encoding=\"utf-16\"?>" RUN(
                                                LAP("<Track>" ONE_POINT "</Track>")),
                                ONE_READ },
                { "prefixes",
                                "<t:TrainingCenterDatabase xmlns:t=\"" NS
                                "\"><t:Activities><t:Activity Sport=\"Running\"><t:Lap>"
                                "<t:Track><t:Trackpoint><t:Time>2026-05-17T06:00:00Z</t:Time><t:HeartRateBpm><t:Value>140</t:Value>"
                                "</t:HeartRateBpm></t:Trackpoint></t:Track></t:Lap></t:Activity></t:Activities>"
                                "</t:TrainingCenterDatabase>",
                                ONE_READ },
                { "a prefix that is not declared, and no namespace",
                                "<TrainingCenterDatabase><Activities><Activity Sport=\"Running\"><x:Lap><Track>" ONE_POINT
                                "</Track></x:Lap></Activity></Activities></TrainingCenterDatabase>",
                                ONE_READ },
                { "elements of others",
                                TRACK("<x:Trackpoint xmlns:x=\"urn:x\"><x:Time/></x:Trackpoint>" ONE_POINT),
                                ONE_READ },
                { "courses and workouts are plans",
                                "<TrainingCenterDatabase xmlns=\"" NS
                                "\"><Activities><Activity Sport=\"Running\">" LAP(
                                                "<Track>" ONE_POINT
                                                "</Track>") "</Activity></Activities><Courses><Course><Track>" POINT("2026-05-17T07:00:00Z",
                                                "150") "</Track></Course></Courses></TrainingCenterDatabase>",
                                ONE_READ },
                { "a document behind it", TRACK(ONE_POINT) "<x/>",
                                "begin\n2026-05-17T06:00:00Z hr 140\nend running sport=\"Running\"\n"
                                "warning: line 3: what follows the end of the XML document is not read\n" },
                { "several sports",
                                ROOT("<MultiSportSession><FirstSport><Activity Sport=\"Biking\">" LAP(
                                                "<Track>" ONE_POINT
                                                "</Track>") "</Activity></FirstSport><NextSport><Transition/><Activity Sport=\"Running\">" LAP("<Track>" POINT("2026-05-17T07:00:00Z",
                                                "150") "</Track>") "</Activity></NextSport></MultiSportSession>"),
                                "begin\n2026-05-17T06:00:00Z hr 140\nend other sport=\"Biking\"\n"
                                "begin\n2026-05-17T07:00:00Z hr 150\nend running sport=\"Running\"\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

/* Of a whole one, and of one that was cut by the same power cut. */
static void test_zeros_behind_a_file(void **state)
{
        static const char whole[] = TRACK(ONE_POINT);
        char file[sizeof(whole) + 4096] = { 0 };
        Reading reading = { 0 };

        (void)state;
        memcpy(file, whole, strlen(whole));
        reading_make(&reading, &reading_tcx, file, sizeof(file));
        assert_string_equal(reading.text, ONE_READ);
        reading_done(&reading);

        memset(strstr(file, "</Track>"), 0, strlen(strstr(file, "</Track>")));
        reading_make(&reading, &reading_tcx, file, sizeof(file));
        assert_string_equal(reading.text, ONE_READ
                        "warning: line 2, column 328: the file ends here, in the middle; what is whole before it is taken\n");
        reading_done(&reading);
}

/* Each character as two bytes; what is below 0x80. */
static size_t to_utf_16(const char *text, bool low_first, uint8_t *ret)
{
        size_t n = 0;

        for (; *text; text++) {
                ret[n++] = low_first ? (uint8_t)*text : 0;
                ret[n++] = low_first ? 0 : (uint8_t)*text;
        }
        return n;
}

static void test_encodings(void **state)
{
        static const char *const latin[] = { "ISO-8859-1", "iso-8859-15", "latin1", "Windows-1252" };
        static const char *const beginnings[] = { "", "\n\n  " };
        Reading reading = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(latin); i++) {
                char file[2048];

                snprintf(file, sizeof(file), "<?xml version=\"1.0\" encoding='%s'?>%s", latin[i],
                                RUN(LAP("<Track>" ONE_POINT "</Track>") "<Notes>H\xfcgel \x93</Notes>"));
                reading_make(&reading, &reading_tcx, file, strlen(file));
                assert_string_equal(reading.text,
                                "begin\n2026-05-17T06:00:00Z hr 140\nend running sport=\"Running\" note=\"Hügel ?\"\n");
                reading_done(&reading);
        }
        for (unsigned i = 0; i < 8; i++) {
                bool low_first = i & 1, marked = i & 2;
                const char *mark = low_first ? "\xff\xfe" : "\xfe\xff";
                char text[2048];
                uint8_t file[4096];
                size_t n = marked ? 2 : 0;

                memcpy(file, mark, n);
                snprintf(text, sizeof(text), "%s<?xml version=\"1.0\" encoding=\"UTF-16\"?>%s",
                                beginnings[i >> 2], RUN(LAP("<Track>" ONE_POINT "</Track>")));
                n += to_utf_16(text, low_first, file + n);
                assert_true(reading_tcx.is(file, n));
                assert_false(reading_gpx.is(file, n));
                reading_make(&reading, &reading_tcx, file, n);
                assert_string_equal(reading.text, ONE_READ);
                reading_done(&reading);
        }
}

#define READ_AT(time, more) "begin\n" time " hr 140\nend" more " running sport=\"Running\"\n"

static void test_times(void **state)
{
        static const Case cases[] = {
                { "ms", TRACK(POINT("2026-05-17T06:00:00.125Z", "140")),
                                READ_AT("2026-05-17T06:00:00.125Z", "") },
                { "µs", TRACK(POINT("2026-05-17T06:00:00.1256Z", "140")),
                                READ_AT("2026-05-17T06:00:00.126Z", "") },
                { "tenths", TRACK(POINT("2026-05-17T06:00:00,5Z", "140")),
                                READ_AT("2026-05-17T06:00:00.500Z", "") },
                { "an offset", TRACK(POINT("2026-05-17T08:00:00.000+02:00", "140")),
                                READ_AT("2026-05-17T06:00:00Z", " offset=7200") },
                { "an offset to the west", TRACK(POINT("2026-05-17T02:30:00-0330", "140")),
                                READ_AT("2026-05-17T06:00:00Z", " offset=-12600") },
                { "no zone", TRACK(POINT("2026-05-17T06:00:00", "140")),
                                READ_AT("2026-05-17T06:00:00Z", " local") },
                { "blanks around", TRACK(POINT("\n  2026-05-17T06:00:00Z\t ", "140")),
                                READ_AT("2026-05-17T06:00:00Z", "") },
                { "blanks for zeros", TRACK(POINT("2026- 5-17T 6: 0: 0Z", "140")),
                                READ_AT("2026-05-17T06:00:00Z", "") },
                { "a blank for T", TRACK(POINT("2026-05-17 06:00:00 +00:00", "140")),
                                READ_AT("2026-05-17T06:00:00Z", " offset=0") },
                { "blanks in StartTime",
                                RUN("<Lap StartTime=\" 2026-05-17T 6: 0:00Z \"><Track>" ONE_POINT
                                    "</Track></Lap>"),
                                READ_AT("2026-05-17T06:00:00Z", "") },
                { "two in one second: 1 ms apart",
                                TRACK(ONE_POINT POINT("2026-05-17T06:00:00Z", "141") POINT(
                                                "2026-05-17T06:00:00Z",
                                                "142") POINT("2026-05-17T06:00:00.001Z", "143")
                                                                POINT("2026-05-17T06:00:01Z", "144")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00.001Z hr 141\n"
                                "2026-05-17T06:00:00.002Z hr 142\n2026-05-17T06:00:00.003Z hr 143\n2026-05-17T06:00:01Z hr 144\n"
                                "end running sport=\"Running\"\n" },
                { "times that go back, that are none, and that are of another zone",
                                TRACK(POINT("2026-05-17T06:00:05Z", "140") POINT("2026-05-17T06:00:04Z",
                                                "141") POINT("2026-05-17T06:00:05", "141") POINT("",
                                                "141") "<Trackpoint>" HR("141") "</Trackpoint>" POINT("2026-05-17T06:00:06Z",
                                                "142")),
                                "begin\n2026-05-17T06:00:05Z hr 140\n2026-05-17T06:00:06Z hr 142\n"
                                "end running sport=\"Running\" skipped=4\n" },
                { "a word for a time", TRACK("\n" POINT("soon", "140") "\n" POINT("later", "140") ONE_POINT),
                                "warning: line 3: “soon” is not a time such as 2026-05-17T08:00:00Z; it is left out, like others of its kind\n"
                                "begin\n2026-05-17T06:00:00Z hr 140\nend running sport=\"Running\" skipped=2\n" },
                { "a Trackpoint with nothing in it does not count",
                                TRACK("<Trackpoint/>" ONE_POINT AT("2026-05-17T05:00:00Z", "")), ONE_READ },
                { "laps with a pause",
                                RUN(LAP("<Track>" ONE_POINT
                                        "</Track>") LAP("<Track>" POINT("2026-05-17T06:10:00Z",
                                                "150") "</Track><Track>" POINT("2026-05-17T06:20:00Z",
                                                "151") "</Track>")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:10:00Z hr 150\n2026-05-17T06:20:00Z hr 151\n"
                                "end running sport=\"Running\"\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

static void test_heart_rates(void **state)
{
        static const Case cases[] = {
                { "blanks", TRACK(POINT("2026-05-17T06:00:00Z", "\n 140 ")), ONE_READ },
                { "a fraction", TRACK(POINT("2026-05-17T06:00:00Z", "139.5")), ONE_READ },
                { "an exponent", TRACK(POINT("2026-05-17T06:00:00Z", "1.4E2")), ONE_READ },
                { "a comment within", TRACK(POINT("2026-05-17T06:00:00Z", "14<!-- -->0")), ONE_READ },
                { "no Value", TRACK(AT("2026-05-17T06:00:00Z", "<HeartRateBpm>140</HeartRateBpm>")),
                                ONE_READ },
                { "a type",
                                TRACK(AT("2026-05-17T06:00:00Z",
                                                "<HeartRateBpm xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" "
                                                "i:type=\"HeartRateInBeatsPerMinute_t\"><Value>140</Value></HeartRateBpm>")),
                                ONE_READ },
                { "0, empty and none: left out",
                                TRACK(POINT("2026-05-17T05:00:00Z", "0") POINT("2026-05-17T05:00:01Z", "") AT(
                                                "2026-05-17T05:00:02Z",
                                                "<HeartRateBpm><Value/></HeartRateBpm>")
                                                                AT("2026-05-17T05:00:03Z", "<HeartRateBpm/>")
                                                                                ONE_POINT),
                                ONE_READ },
                { "no heart rates at all: told once",
                                TRACK(POINT("2026-05-17T05:00:00Z", "NaN") POINT("2026-05-17T05:00:01Z",
                                                "256") POINT("2026-05-17T05:00:02Z", "-1") ONE_POINT),
                                "warning: line 2, column 300: “NaN” is no heart rate of 1 to 255 bpm; it is left out, like others of its kind\n" ONE_READ },
                { "the least and the most",
                                TRACK(POINT("2026-05-17T06:00:00Z", "1")
                                                                POINT("2026-05-17T06:00:01Z", "255")),
                                "begin\n2026-05-17T06:00:00Z hr 1\n2026-05-17T06:00:01Z hr 255\nend running sport=\"Running\"\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

#define TPX(inner)                                                                                \
        "<Extensions><TPX xmlns=\"http://www.garmin.com/xmlschemas/ActivityExtension/v2\">" inner \
        "</TPX></Extensions>"
#define PACE(sport, more)               \
        ROOT("<Activity Sport=\"" sport \
             "\">" LAP("<Track>" AT("2026-05-17T06:00:00Z", HR("140") more "") "</Track>") "</Activity>")
#define PACE_READ(pace, end) \
        "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00Z pace " pace "\n" end "\n"
#define RUNNING "end running sport=\"Running\""

static void test_pace(void **state)
{
        static const Case cases[] = {
                { "all",
                                PACE("Running", "<DistanceMeters>255.5</DistanceMeters>" TPX(
                                                                "<Speed>3.36</Speed><RunCadence>80</RunCadence>")),
                                PACE_READ("3.36 160 255.5 -", RUNNING) },
                { "by prefixes, one not declared",
                                PACE("Running", "<Extensions><ns3:TPX><ns3:Speed>3.36</ns3:Speed></ns3:TPX></Extensions>"),
                                PACE_READ("3.36 - - -", RUNNING) },
                { "steps of both feet", PACE("Running", TPX("<RunCadence>161</RunCadence>")),
                                PACE_READ("- 161 - -", RUNNING) },
                { "a walk, by one foot",
                                PACE("Running", TPX("<Speed>1.3</Speed><RunCadence>52</RunCadence>")),
                                PACE_READ("1.3 104 - -", RUNNING) },
                { "a walk, by which is not known",
                                PACE("Running", "<Cadence>104</Cadence>" TPX("<Speed>1.3</Speed>")),
                                PACE_READ("1.3 104 - -", RUNNING) },
                { "slow steps of both feet",
                                PACE("Running", "<Cadence>112</Cadence>" TPX("<Speed>2</Speed>")),
                                PACE_READ("2 112 - -", RUNNING) },
                { "a run with a bicycle's cadence", PACE("Running", "<Cadence>81</Cadence>"),
                                PACE_READ("- 162 - -", RUNNING) },
                { "a bicycle's", PACE("Biking", "<Cadence>81</Cadence>"),
                                "begin\n2026-05-17T06:00:00Z hr 140\nend other sport=\"Biking\"\n" },
                { "empty elements",
                                PACE("Running", "<DistanceMeters/><Cadence></Cadence>" TPX(
                                                                "<Speed> </Speed>")),
                                ONE_READ },
                { "standing still",
                                PACE("Running", "<DistanceMeters>0</DistanceMeters>" TPX(
                                                                "<Speed>0.0</Speed>")),
                                PACE_READ("0 - 0 -", RUNNING) },
                { "Java's numbers", PACE("Running", "<DistanceMeters>1.0E-4</DistanceMeters>"),
                                PACE_READ("- - 0.0001 -", RUNNING) },
                { "what cannot be",
                                PACE("Running", "<DistanceMeters>-1</DistanceMeters><Cadence>NaN</Cadence>" TPX(
                                                                "<Speed>1e9</Speed>")),
                                ONE_READ },
                { "before the first heart rate, and behind it",
                                TRACK(AT("2026-05-17T05:59:59Z", "<DistanceMeters>1</DistanceMeters>") ONE_POINT AT(
                                                "2026-05-17T06:00:01Z",
                                                "<DistanceMeters>2</DistanceMeters>")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:01Z pace - - 1 -\n" RUNNING
                                "\n" },
                { "of an activity without heart rates",
                                ROOT("<Activity Sport=\"Biking\">" LAP("<Track>" AT("2026-05-17T05:59:59Z", "<DistanceMeters>1</DistanceMeters>") "</Track>") "</Activity><Activity Sport=\"Running\">" LAP(
                                                "<Track>" ONE_POINT "</Track>") "</Activity>"),
                                ONE_READ },
                { "a distance that goes back",
                                TRACK(AT("2026-05-17T06:00:00Z", HR("140") "<DistanceMeters>10</DistanceMeters>") AT(
                                                "2026-05-17T06:00:01Z",
                                                "<DistanceMeters>5</DistanceMeters>") AT("2026-05-17T06:00:02Z",
                                                "<DistanceMeters>12</DistanceMeters>")),
                                "begin\n2026-05-17T06:00:00Z hr 140\n2026-05-17T06:00:00Z pace - - 10 -\n"
                                "2026-05-17T06:00:02Z pace - - 12 -\n" RUNNING "\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

#define OF(attribute, more) \
        ROOT("<Activity" attribute "><Id>x</Id>" LAP("<Track>" ONE_POINT "</Track>") more "</Activity>")
#define END(of) "begin\n2026-05-17T06:00:00Z hr 140\nend " of "\n"

static void test_activities(void **state)
{
        static const Case cases[] = {
                { "another sport", OF(" Sport=\"Biking\"", ""), END("other sport=\"Biking\"") },
                { "other", OF(" Sport=\"Other\"", ""), END("other sport=\"Other\"") },
                { "no sport", OF("", ""), END("running") },
                { "an empty one", OF(" Sport=\" \"", ""), END("running") },
                { "small letters", OF(" Sport=\"trail running\"", ""),
                                END("running sport=\"trail running\"") },
                { "escaped", OF(" Sport=\"A &amp; &lt;B&#xe9;\"", ""), END("other sport=\"A & <Bé\"") },
                { "notes and a device",
                                OF("", "<Notes> Rain &amp;\n  wind </Notes><Creator><Name>Garmin&#9;FR 245</Name></Creator>"),
                                END("running device=\"Garmin FR 245\" note=\"Rain & wind\"") },
                { "not plain",
                                OF("", "<Notes>a\xc2\x9b"
                                       "31m\xe2\x80\xae</Notes>"),
                                END("running note=\"a?31m?\"") },
                { "CDATA", OF("", "<Notes><![CDATA[<b>]]></Notes>"), END("running note=\"<b>\"") },
                { "ours", OF("", "<Creator><Name>cardiod</Name></Creator>"), END("running") },
                { "two",
                                ROOT("<Activity Sport=\"Running\">" LAP("<Track>" ONE_POINT "</Track>") "<Notes>a</Notes></Activity><Activity Sport=\"Other\"><Lap/></Activity><Activity Sport=\"Other\">" LAP(
                                                "<Track>" POINT("2026-05-16T06:00:00",
                                                                "150") "</Track>") "</Activity>"),
                                "begin\n2026-05-17T06:00:00Z hr 140\nend running sport=\"Running\" note=\"a\"\n"
                                "begin\n2026-05-16T06:00:00Z hr 150\nend local other sport=\"Other\"\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

#define HISTORY(inner)                                                                                  \
        "<TrainingCenterDatabase xmlns=\"http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v1\">" \
        "<Folders/><History>" inner "</History></TrainingCenterDatabase>"
#define V1_RUN(inner)       "<Run>" inner "</Run>"
#define V1_POINT(time, bpm) AT(time, "<HeartRateBpm>" bpm "</HeartRateBpm><SensorState>Absent</SensorState>")

static void test_version_1(void **state)
{
        static const Case cases[] = {
                { "a run in a folder of runs",
                                HISTORY("<Running Name=\"Running\">" V1_RUN("<Notes>a</Notes>" LAP("<Track>" V1_POINT(
                                                "2006-05-17T06:00:00Z",
                                                "140") "</Track>")) "</Running><Biking Name=\"Biking\"/>"),
                                "begin\n2006-05-17T06:00:00Z hr 140\nend running sport=\"Running\" note=\"a\"\n" },
                { "folders of folders, other sports, a track without a lap, several sports in one",
                                HISTORY("<Running Name=\"Running\"/><Biking Name=\"Biking\"><Folder Name=\"2006\"><Folder>" V1_RUN(LAP("<Track>" V1_POINT(
                                                "2006-05-17T06:00:00Z",
                                                "141") "</Track>")) "</Folder></Folder></Biking>"
                                                                    "<Other Name=\"Other\">" V1_RUN("<Track>" V1_POINT("2006-05-18T06:00:00Z", "142") "</Track>") "</Other><MultiSport Name=\"MultiSport\"><Folder><MultiSportSession><FirstSport><Biking>" V1_RUN(
                                                                                    LAP("<Track>" V1_POINT(
                                                                                                    "2006-05-19T06:00:00Z",
                                                                                                    "143") "</Track>")) "</Biking></FirstSport><NextSport><Transition/><Running>" V1_RUN(LAP("<Track>" V1_POINT("2006-05-19T07:00:00Z",
                                                                                    "144") "</Track>")) "</Running></NextSport></MultiSportSession></Folder></MultiSport>"),
                                "begin\n2006-05-17T06:00:00Z hr 141\nend other sport=\"Biking\"\n"
                                "begin\n2006-05-18T06:00:00Z hr 142\nend other sport=\"Other\"\n"
                                "begin\n2006-05-19T06:00:00Z hr 143\nend other sport=\"Biking\"\n"
                                "begin\n2006-05-19T07:00:00Z hr 144\nend running sport=\"Running\"\n" },
                { "of version 2 there are no more than names",
                                "<TrainingCenterDatabase xmlns=\"" NS
                                "\"><History><Running Name=\"Running\"><ActivityRef><Id>x</Id>"
                                "</ActivityRef></Running></History></TrainingCenterDatabase>",
                                "ENODATA it has no activity\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

static void test_a_long_note_is_cut(void **state)
{
        char file[8192], note[4000];
        Reading reading = { 0 };

        (void)state;
        for (size_t i = 0; i < 1999; i++)
                memcpy(note + 2 * i, "é", 3);
        snprintf(file, sizeof(file), OF("", "<Notes>%s</Notes>"), note);
        reading_make(&reading, &reading_tcx, file, strlen(file));
        assert_int_equal(reading.r, 0);
        assert_int_equal(strlen(reading.activity.note), 2 * 1022 + 3);
        assert_string_equal(reading.activity.note + 2 * 1022, "…");
        reading_done(&reading);
}

static void test_without_heart_rates(void **state)
{
        static const Case cases[] = {
                { "no activity", ROOT(""), "ENODATA it has no activity\n" },
                { "no Track", RUN(LAP("<AverageHeartRateBpm><Value>140</Value></AverageHeartRateBpm>")),
                                "ENODATA it has no heart rates: its laps have no Trackpoints\n" },
                { "no heart rate", TRACK(AT("2026-05-17T06:00:00Z", "") POINT("2026-05-17T06:00:01Z", "0")),
                                "ENODATA it has no heart rates: none of its Trackpoints has a HeartRateBpm\n" },
                { "no time", TRACK("<Trackpoint>" HR("140") "</Trackpoint>"),
                                "ENODATA it has no heart rates with a time\n" },
                { "and more behind it", ROOT("") "<x/>", "ENODATA it has no activity\n" },
        };

        (void)state;
        check_cases(cases, ELEMENTSOF(cases));
}

/* Cut anywhere, the whole Trackpoints before that are read, and it is said where the file ends. */
static void test_cut_anywhere(void **state)
{
        static const char file[] = "\n" TRACK("\n" ONE_POINT "\n" POINT("2026-05-17T06:00:01Z",
                        "141") "<!-- ä --><![CDATA[ ]]>&amp;&#228;<?a b?>\n") "<!-- -->";
        const char *whole = strstr(file, "</TrainingCenterDatabase>") + strlen("</TrainingCenterDatabase>");

        (void)state;
        for (size_t n = 0; n <= strlen(file); n++) {
                const char *first = strstr(file, "</Trackpoint>") + strlen("</Trackpoint>"),
                           *second = strstr(first, "</Trackpoint>") + strlen("</Trackpoint>"),
                           *end = file + n;
                Reading reading = { 0 };

                reading_make(&reading, &reading_tcx, file, n);
                if (reading.r != (end >= first ? 0 : -EBADMSG))
                        fail_msg("cut at byte %zu:\n%s", n, reading.text);
                assert_int_equal(reading.n[READ_HEART_RATE], (end >= first) + (end >= second));
                if (end >= whole - 1 && end != whole) {
                        /* Behind the end it does not matter. */
                } else if (end < whole && end >= first &&
                                !strstr(reading.text, "the file ends here, in the middle")) {
                        fail_msg("cut at byte %zu:\n%s", n, reading.text);
                }
                if (end == whole)
                        assert_int_equal(reading.n[READ_WARNING], 0);
                reading_done(&reading);
        }
}

/* Ends with the target's own error, whichever call it was, and calls nothing more. */
static void test_target_fails(void **state)
{
        static const char file[] = ROOT("<Activity Sport=\"Running\">" LAP(
                        "<Track>" ONE_POINT
                        "</Track>") "</Activity>"
                                    "<Activity Sport=\"Running\">" LAP("<Track>" AT("2026-05-17T07:00:00Z",
                                                    HR("140") "<DistanceMeters>7</DistanceMeters>") "</Track>") "</Activity>");

        (void)state;
        for (size_t i = 1; i <= 8; i++) {
                Reading reading = { .fails_at = i };

                reading_make(&reading, &reading_tcx, file, strlen(file));
                assert_int_equal(reading.r, i < 8 ? -ECANCELED : 0);
                assert_int_equal(reading.n_calls, i < 8 ? i : 7);
                reading_done(&reading);
        }
}

static uint32_t random_below(uint32_t *state, uint32_t n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

/* What the writer of TCX was given comes back: each heart rate at its millisecond, the note, the sport. */
static void test_written_is_read_back(void **state)
{
        static ExchangeItem items[600];

        (void)state;
        for (uint32_t i = 0; i < 500; i++) {
                ExchangeSession session = fixture_run;
                uint32_t seed = i;
                Reading reading = { 0 };
                File f = { 0 };
                size_t n = 0, n_rates = 0;
                int64_t t = random_below(&seed, 3000);

                session.started_at += random_below(&seed, 1000000);
                session.utc_offset_s = ((int32_t)random_below(&seed, 105) - 48) * 900;
                session.note = i % 2 ? "Hügel & <Wind>" : "";
                session.kind = i % 3 ? "base" : "cross-training";
                do {
                        if (random_below(&seed, 8) == 0)
                                items[n++] = event(
                                                t, "step", random_below(&seed, 9), i % 5 ? "hard" : "easy");
                        items[n++] = heart_rate(t, 25 + random_below(&seed, 226));
                        t += 1 + random_below(&seed, random_below(&seed, 10) ? 2000 : 900000);
                } while (n + 2 < ELEMENTSOF(items) && random_below(&seed, 60) > 0);
                session.length = t;
                assert_int_equal(exchange_write(&exchange_tcx, &f, &session, items, n), 0);
                assert_true(reading_tcx.is(f.data, f.size));
                reading_make(&reading, &reading_tcx, f.data, f.size);
                assert_int_equal(reading.r, 0);
                for (size_t k = 0, item = 0; k < reading.n_items; k++) {
                        if (reading.items[k].type != READ_HEART_RATE)
                                continue;
                        while (item < n && items[item].type != EXCHANGE_SAMPLE)
                                item++;
                        assert_true(item < n);
                        assert_int_equal(reading.items[k].at, session.started_at + items[item].t);
                        assert_int_equal(reading.items[k].value, items[item].sample.heart_rate);
                        item++;
                }
                for (size_t k = 0; k < n; k++)
                        n_rates += items[k].type == EXCHANGE_SAMPLE;
                assert_int_equal(reading.n[READ_HEART_RATE], n_rates);
                assert_int_equal(reading.n_items, n_rates + 2);
                assert_string_equal(reading.activity.note, session.note);
                assert_int_equal(reading.activity.is_running, i % 3 != 0);
                assert_false(reading.activity.local);
                assert_true(reading.activity.has_offset);
                assert_int_equal(reading.activity.utc_offset_s, session.utc_offset_s);
                assert_string_equal(reading.activity.device, session.device);
                assert_string_equal(reading.activity.kind, session.said_kind);
                reading_done(&reading);
                file_done(&f);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms_of_a_file),
                cmocka_unit_test(test_zeros_behind_a_file),
                cmocka_unit_test(test_encodings),
                cmocka_unit_test(test_times),
                cmocka_unit_test(test_heart_rates),
                cmocka_unit_test(test_pace),
                cmocka_unit_test(test_activities),
                cmocka_unit_test(test_version_1),
                cmocka_unit_test(test_a_long_note_is_cut),
                cmocka_unit_test(test_without_heart_rates),
                cmocka_unit_test(test_cut_anywhere),
                cmocka_unit_test(test_target_fails),
                cmocka_unit_test(test_written_is_read_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
