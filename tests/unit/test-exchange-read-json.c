/* SPDX-License-Identifier: MIT */

/* Sessions of ours as JSON, as they were written or by hand, and what is read of them. */

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

        reading_make(&reading, &reading_json, c->file, strlen(c->file));
        if (strcmp(reading.text, c->expected) != 0)
                fail_msg("%s: this is read:\n%s", c->name, reading.text);
        reading_done(&reading);
}

static void assert_all(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++)
                assert_read(cases + i);
}

/* 2026-05-17 06:00:00 UTC. */
#define HEAD \
        "{\"cardiod\": \"0.1.0\", \"version\": 1, \"session\": {\"started_at\": 1778997600000}, \"timeline\": ["
#define RUN(timeline) HEAD timeline "]}"
#define ONE           "begin\n2026-05-17T06:00:00Z hr 120\n"

static void test_a_whole_run(void **state)
{
        static const Case c = { "ours",
                "{\n  \"cardiod\": \"0.1.0\",\n  \"version\": 1,\n  \"session\": {\n    \"id\": 7,\n"
                "    \"source\": \"strap\",\n    \"started_at\": 1778997600250,\n    \"ended_at\": 1778997607250,\n"
                "    \"utc_offset_s\": 7200,\n    \"kind\": \"base\",\n    \"said_kind\": \"recovery\",\n"
                "    \"record_kind\": \"hard\",\n    \"day_kind\": \"rest\",\n    \"workout\": \"4x4\",\n"
                "    \"strap\": \"Polar H10\",\n    \"talk_test\": \"pass\",\n    \"verdict\": \"good\",\n"
                "    \"note\": \"a \\\"hill\\\"\",\n    \"sex\": \"female\",\n    \"ceiling_expression\": \"65%hrr\",\n"
                "    \"zone_model\": \"hrr\",\n    \"zone_bounds\": \"50,60,70,80,90\",\n    \"resting_hr\": 50,\n"
                "    \"max_hr\": 197,\n    \"ceiling\": 145.55,\n    \"tolerance\": 3,\n    \"avg_hr\": 141.5,\n"
                "    \"rpe\": 4,\n    \"breaches\": 2,\n    \"by_hand\": true,\n    \"zones\": [{\"zone\": 1, \"seconds\": 7}]\n"
                "  },\n  \"timeline\": [\n"
                "    {\"t\": 0, \"event\": \"step\", \"value\": 1, \"detail\": \"warm-up\"},\n"
                "    {\"t\": 0, \"rr\": [430], \"heart_rate\": 140, \"smoothed\": 139.5, \"zone\": 2, \"contact\": true},\n"
                "    {\"t\": 751, \"heart_rate\": 141, \"smoothed\": 140, \"zone\": 2, \"contact\": false, \"settled\": false},\n"
                "    {\"t\": 5000, \"event\": \"over-limit\", \"value\": null, \"detail\": null},\n"
                "    {\"t\": 7000, \"rr\": [831, 832], \"rr_flags\": [0, null], \"heart_rate\": 72, \"contact\": null},\n"
                "    {\"t\": 7001, \"event\": \"mark\", \"value\": null, \"detail\": \"end\"}\n"
                "  ]\n}\n",
                "begin\n"
                "2026-05-17T06:00:00.250Z event step 1 \"warm-up\"\n"
                "2026-05-17T06:00:00.250Z rr 430\n"
                "2026-05-17T06:00:00.250Z hr 140 contact\n"
                "2026-05-17T06:00:01.001Z hr 141 no contact\n"
                "2026-05-17T06:00:05.250Z event over-limit\n"
                "2026-05-17T06:00:07.250Z rr 831\n"
                "2026-05-17T06:00:07.250Z rr 832\n"
                "2026-05-17T06:00:07.250Z hr 72\n"
                "2026-05-17T06:00:07.251Z event mark \"end\"\n"
                "end offset=7200 running device=\"Polar H10\" note=\"a \"hill\"\" kind=\"recovery\""
                " ceiling-expression=\"65%hrr\" zone-model=\"hrr\" zone-bounds=\"50,60,70,80,90\" sex=\"female\""
                " talk-test=\"pass\" day-kind=\"rest\" workout=\"4x4\" max=197 resting=50 ceiling=145.55 tolerance=3"
                " rpe=4 by-hand\n" };

        (void)state;
        assert_read(&c);
}

/* As jq and others write it. */
static void test_the_same_in_another_form(void **state)
{
        static const Case cases[] = {
                { "on one line, with a byte-order mark and without blanks",
                                "\xef\xbb\xbf{\"cardiod\":\"1\",\"version\":1,\"session\":{\"started_at\":1778997600000},"
                                "\"timeline\":[{\"t\":0,\"heart_rate\":120}]}",
                                ONE "end running\n" },
                { "sorted by name, the timeline before the version",
                                "{\"cardiod\": \"1\", \"timeline\": [{\"contact\": true, \"heart_rate\": 120, \"rr\": [512],"
                                " \"t\": 0}], \"session\": {\"by_hand\": null, \"started_at\": 1.7789976e12}, \"version\": 1.0}",
                                "begin\n2026-05-17T06:00:00Z rr 512\n2026-05-17T06:00:00Z hr 120 contact\nend running\n" },
                { "of another sport",
                                "{\"cardiod\": \"1\", \"session\": {\"sport\": \"cycling\", \"started_at\": 1778997600000},"
                                " \"timeline\": [{\"t\": 0, \"heart_rate\": 120}]}",
                                ONE "end other sport=\"cycling\"\n" },
                { "members that are not known, of any depth",
                                "{\"a\": {\"b\": [[], {}, [{\"c\": [null, true, false, -1.5e-3, \"\\u00e9\"]}]]}, \"cardiod\": \"\","
                                " \"session\": {\"x\": [1, {\"y\": 2}], \"started_at\": 1778997600000, \"strap\": null},"
                                " \"timeline\": [{\"pace\": {\"speed\": 3}, \"t\": 0, \"heart_rate\": 120, \"rr\": null}]}\r\n\t ",
                                ONE "end running\n" },
                { "text with all that can be escaped",
                                "{\"cardiod\": \"1\", \"session\": {\"started_at\": 1778997600000, \"said_kind\": "
                                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00DF\\u20ac\\ud83d\\ude00\\ud83d\\u0000\\udc00ü\"}, "
                                "\"timeline\": [{\"t\": 0, \"heart_rate\": 120}]}",
                                ONE "end running kind=\"\"\\/\b\f\n\r\tA\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80"
                                    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xbc\"\n" },
        };

        (void)state;
        assert_all(cases, ELEMENTSOF(cases));
}

static void test_odd_timelines(void **state)
{
        static const Case cases[] = {
                { "a time that goes back, one that is the same, one that is none",
                                RUN("{\"t\": 0, \"heart_rate\": 120}, {\"t\": 0, \"heart_rate\": 121},"
                                    "{\"t\": 2000, \"heart_rate\": 122}, {\"t\": 1000, \"heart_rate\": 1},"
                                    "{\"t\": 1000, \"event\": \"mark\"}, {\"t\": -1, \"heart_rate\": 1}, {\"heart_rate\": 1},"
                                    "{\"t\": 0.5, \"heart_rate\": 1}, {\"t\": null, \"event\": \"mark\"},"
                                    "{\"t\": 1e14, \"heart_rate\": 1}"),
                                ONE
                                "2026-05-17T06:00:00.001Z hr 121\n2026-05-17T06:00:02Z hr 122\nend running skipped=7\n" },
                { "no heart rates",
                                RUN("{\"t\": 0, \"heart_rate\": 120}, {\"t\": 1000, \"heart_rate\": 0},"
                                    "{\"t\": 2000, \"heart_rate\": 256}, {\"t\": 3000, \"heart_rate\": null}, {}, {\"t\": 1}"),
                                ONE "end running\n" },
                { "intervals before their heart rate, and of none",
                                RUN("{\"t\": 0, \"heart_rate\": 120}, {\"t\": 5, \"rr\": [700, 0, 65536, 1.5, null, 701]},"
                                    "{\"t\": 5, \"event\": \"mark\"}, {\"t\": 5, \"rr\": [702], \"heart_rate\": 121},"
                                    "{\"t\": 9, \"rr\": [1]}, {\"t\": 10, \"heart_rate\": 122}, {\"t\": 11, \"rr\": [2]}"),
                                ONE
                                "2026-05-17T06:00:00.005Z event mark\n2026-05-17T06:00:00.005Z rr 700\n"
                                "2026-05-17T06:00:00.005Z rr 701\n2026-05-17T06:00:00.005Z rr 702\n2026-05-17T06:00:00.005Z hr 121\n"
                                "2026-05-17T06:00:00.010Z hr 122\n"
                                "warning: R-R intervals that belong to no heart rate are left out\nend running\n" },
        };

        (void)state;
        assert_all(cases, ELEMENTSOF(cases));
}

static void test_pace(void **state)
{
        static const Case cases[] = {
                { "before the first heart rate, at the time of one, twice at one time, back, none",
                                RUN("{\"t\": 0, \"speed\": 1}, {\"t\": 5, \"speed\": 3.5, \"cadence\": 161, \"distance\": 2, \"incline\": -1},"
                                    "{\"t\": 5, \"rr\": [512], \"heart_rate\": 120}, {\"t\": 7, \"heart_rate\": 121, \"distance\": 9},"
                                    "{\"t\": 7, \"speed\": 9}, {\"t\": 6, \"speed\": 9}, {\"t\": 8, \"speed\": -1, \"incline\": null},"
                                    "{\"t\": 9, \"cadence\": 0}"),
                                "begin\n2026-05-17T06:00:00.005Z rr 512\n2026-05-17T06:00:00.005Z hr 120\n"
                                "2026-05-17T06:00:00.005Z pace 3.5 161 2 -1\n2026-05-17T06:00:00.007Z hr 121\n"
                                "2026-05-17T06:00:00.007Z pace - - 9 -\n2026-05-17T06:00:00.009Z pace - 0 - -\n"
                                "end running skipped=1\n" },
                { "a heart rate of the time before one that is given",
                                RUN("{\"t\": 0, \"heart_rate\": 120}, {\"t\": 5, \"speed\": 3}, {\"t\": 5, \"speed\": 4},"
                                    "{\"t\": 0, \"heart_rate\": 121}, {\"t\": 5, \"heart_rate\": 122}"),
                                ONE "2026-05-17T06:00:00.005Z pace 3 - - -\n2026-05-17T06:00:00.005Z hr 122\n"
                                    "end running skipped=1\n" },
        };

        (void)state;
        assert_all(cases, ELEMENTSOF(cases));
}

static void test_refused(void **state)
{
        static const Case cases[] = {
                { "nothing", "", "EBADMSG line 1, column 1: the file ends here, in the middle\n" },
                { "no object", "[1]", "EBADMSG line 1, column 1: an object, {…}, is expected here\n" },
                { "of another program", "{\"exercises\": []}",
                                "EBADMSG this is JSON, but it has no member “cardiod”; accepted is what `cardioctl export"
                                " --format json` writes\n" },
                { "what show prints", "{\"cardiod\": \"1\", \"session\": {}}",
                                "EBADMSG this is JSON, but it has no member “timeline”; accepted is what `cardioctl export"
                                " --format json` writes\n" },
                { "of a later version", "{\"cardiod\": \"9\",\n  \"version\": 2}",
                                "EBADMSG line 2, column 14: this version of the form is not known; version 1 is accepted\n" },
                { "without a start", "{\"cardiod\": \"1\", \"session\": {}, \"timeline\": []}",
                                "EBADMSG line 1, column 31: the session before here has no started_at\n" },
                { "with a start that is none",
                                "{\"cardiod\": \"1\", \"session\": {\"started_at\": -1}, \"timeline\": []}",
                                "EBADMSG line 1, column 44: started_at is none; accepted: milliseconds since 1970\n" },
                { "a text in place of a start",
                                "{\"cardiod\": \"1\", \"session\": {\"started_at\": \"now\"}, \"timeline\": []}",
                                "EBADMSG line 1, column 44: a number is expected here\n" },
                { "without heart rates", RUN("{\"t\": 0, \"event\": \"mark\"}"),
                                "begin\n2026-05-17T06:00:00Z event mark\nENODATA there is no heart rate in its timeline\n" },
                { "a text in place of a heart rate",
                                RUN("\n{\"t\": 0, \"heart_rate\": 120},\n{\"heart_rate\": \"fast\"}"),
                                ONE "EBADMSG line 3, column 16: a number is expected here\n" },
                { "broken in the middle: nothing is given", RUN("{\"t\": 0, \"heart_rate\": 120},, {}"),
                                "EBADMSG line 1, column 119: a value is expected here\n" },
                { "a comma too many", RUN("{\"t\": 0, \"heart_rate\": 120,}"),
                                "EBADMSG line 1, column 118: a name in quotes is expected here\n" },
                { "no comma", RUN("{\"t\": 0 \"heart_rate\": 120}"),
                                "EBADMSG line 1, column 99: a comma or } is expected here\n" },
                { "no colon", RUN("{\"t\" 0}"), "EBADMSG line 1, column 96: a colon is expected here\n" },
                { "what is behind the end", RUN("{\"t\": 0, \"heart_rate\": 120}") "{",
                                "EBADMSG line 1, column 120: the document has ended, and there is more\n" },
                { "numbers that JSON has not", RUN("{\"t\": 01}"),
                                "EBADMSG line 1, column 97: a number that is none, or beyond 10^15\n" },
                { "a number that is too large", RUN("{\"t\": 1e300}"),
                                "EBADMSG line 1, column 97: a number that is none, or beyond 10^15\n" },
                { "a word that JSON has not", RUN("{\"t\": nan}"),
                                "EBADMSG line 1, column 98: true, false or null is expected here\n" },
                { "a control character", RUN("{\"t\tx\": 1}"),
                                "EBADMSG line 1, column 94: a control character, which has to be written as \\u00…\n" },
                { "what is not UTF-8", RUN("{\"t\xff\": 12345678}"),
                                "EBADMSG line 1, column 94: a byte that is not UTF-8\n" },
                { "an escape that JSON has not", RUN("{\"\\x41\": 1}"),
                                "EBADMSG line 1, column 94: a character that \\ cannot stand before\n" },
                { "half an escape", RUN("{\"\\u00g0\": 1}"),
                                "EBADMSG line 1, column 97: four hexadecimal digits are expected here\n" },
        };

        (void)state;
        assert_all(cases, ELEMENTSOF(cases));
}

/* Deeper than anything of ours; as deep as the file is long. */
static void test_depth(void **state)
{
        static char file[2000000];
        size_t n = strlen(HEAD);
        Reading reading = { 0 };

        (void)state;
        memset(file, '[', sizeof(file));
        memcpy(file, HEAD, n);
        reading_make(&reading, &reading_json, file, sizeof(file));
        assert_string_equal(reading.text,
                        "EBADMSG line 1, column 153: more than 64 arrays or objects within one another\n");
        reading_done(&reading);
}

/* Wherever a file is cut, what is whole is taken with a warning, or it is refused; nothing else comes of it. */
static void test_cut_anywhere(void **state)
{
        static const char file[] = RUN("{\"t\": 0, \"heart_rate\": 120},\n{\"t\": 1000, \"rr\": [700],"
                                       " \"heart_rate\": 121, \"x\": \"\\u00e9é\"}") "\n";
        const char *first_end = strchr(file, '\n'), *whole = strrchr(file, '}');
        Reading reading = { 0 };

        (void)state;
        for (size_t n = 0; n < sizeof(file); n++) {
                bool taken = file + n >= first_end - 1;

                reading_make(&reading, &reading_json, file, n);
                if (n > (size_t)(whole - file))
                        assert_int_equal(reading.n[READ_WARNING], 0);
                else if (taken)
                        assert_non_null(strstr(
                                        reading.text, "the file ends here, in the middle; what is whole"));
                assert_int_equal(reading.r, taken ? 0 : -EBADMSG);
                if (!taken)
                        assert_non_null(strstr(reading.text, "the file ends here"));
                assert_true(reading.n[READ_HEART_RATE] <= 2);
                reading_done(&reading);
        }
}

/* As many whole characters as there is room for. */
static void test_long_texts_are_cut(void **state)
{
        static char file[30000], name[5000];
        Reading reading = { 0 };

        (void)state;
        for (size_t i = 0; i + 3 < sizeof(name); i += 3)
                memcpy(name + i, "\xe2\x82\xac", 3);
        (void)snprintf(file, sizeof(file),
                        "{\"cardiod\": \"1\", \"session\": {\"started_at\": 0, \"strap\": \"a%s\", \"note\": \"%s\"}, \"timeline\":"
                        " [{\"t\": 0, \"event\": \"%s\", \"detail\": \"%s\"}, {\"t\": 0, \"heart_rate\": 120}]}",
                        name, name, name, name);
        reading_make(&reading, &reading_json, file, strlen(file));
        assert_int_equal(reading.r, 0);
        assert_int_equal(strlen(reading.activity.device), 253); /* and no part of the next one */
        assert_int_equal(strlen(reading.activity.note), 2046);
        assert_int_equal(strlen(reading.items[1].type_text), 255);
        reading_done(&reading);
}

/* Each number is that which was written. */
static void test_numbers_are_exact(void **state)
{
        static const double numbers[] = { 145.55, 0.1, 141.66666666666666, 1.0 / 3, 100.0 / 3, 1e15 / 7,
                145.55000000000001, 0.65 * 147 + 50, 0x1.fffffffffffffp7, 0x1.0000000000001p7, 0x1p-11,
                123456789012345.6, 2.5e-3 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                ExchangeSession session = fixture_run;
                const ExchangeItem items[] = { event(0, "battery", numbers[i], ""), heart_rate(0, 120) };
                Reading reading = { 0 };
                File f = { 0 };

                session.ceiling = numbers[i];
                assert_int_equal(exchange_write(&exchange_json, &f, &session, items, ELEMENTSOF(items)), 0);
                reading_make(&reading, &reading_json, f.data, f.size);
                assert_int_equal(reading.r, 0);
                assert_true(reading.activity.ceiling == numbers[i]);
                assert_true(reading.items[1].figure == numbers[i]);
                reading_done(&reading);
                file_done(&f);
        }
}

static void test_is(void **state)
{
        static const struct {
                const char *bytes;
                bool is;
        } cases[] = {
                { " \n{\"cardiod\": \"1\"", true },
                { "\xef\xbb\xbf{\"cardiod\":", true },
                { "{\"a\": [{\"b\": {}}], \"cardiod\": 1}", true },
                { "{\"a\": [{\"cardiod\": {}}]}", false },
                { "{\"a\": \"cardiod\"}", false },
                { "[{\"cardiod\": 1}]", false },
                { "{}", false },
                { "", false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(reading_json.is((const uint8_t *)cases[i].bytes, strlen(cases[i].bytes)),
                                cases[i].is);
        assert_false(reading_csv.is((const uint8_t *)"{\"a\": 1,", 8));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_whole_run),
                cmocka_unit_test(test_the_same_in_another_form),
                cmocka_unit_test(test_odd_timelines),
                cmocka_unit_test(test_pace),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_depth),
                cmocka_unit_test(test_cut_anywhere),
                cmocka_unit_test(test_long_texts_are_cut),
                cmocka_unit_test(test_numbers_are_exact),
                cmocka_unit_test(test_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
