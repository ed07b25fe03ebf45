/* SPDX-License-Identifier: MIT */

/* Sessions as TCX: a whole file, what the schema takes and refuses, and what is a lap. */

#include "exchange-text-fixture.h"

#define TCX_HEAD                                                                                \
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                          \
        "<TrainingCenterDatabase xmlns=\"" TCX_NS "\""                                          \
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"" TCX_NS \
        " http://www.garmin.com/xmlschemas/TrainingCenterDatabasev2.xsd\">\n <Activities>\n"
#define TCX_CREATOR                                                                              \
        "   <Creator xsi:type=\"Device_t\">\n    <Name>cardiod</Name>\n    <UnitId>0</UnitId>\n" \
        "    <ProductID>0</ProductID>\n    <Version>\n     <VersionMajor>0</VersionMajor>\n"     \
        "     <VersionMinor>1</VersionMinor>\n     <BuildMajor>0</BuildMajor>\n"                 \
        "     <BuildMinor>0</BuildMinor>\n    </Version>\n   </Creator>\n"
#define TCX_TAIL "  </Activity>\n </Activities>\n</TrainingCenterDatabase>\n"

/* Blanks before the end of a line, which fill the place of figures that are shorter. */
static void strip_blanks(char *text)
{
        char *to = text;

        for (char *from = text; *from; from++) {
                if (*from == '\n')
                        while (to > text && to[-1] == ' ')
                                to--;
                *to++ = *from;
        }
        *to = '\0';
}

static void test_tcx_of_a_run(void **state)
{
        ExchangeSession session = a_session();
        const ExchangeItem run[] = { sample(0, 140, 139.5), sample(751, 141, 140), sample(1740, 145, 141) };
        _cleanup_free_ char *text = NULL;

        (void)state;
        session.note = "Rain & wind";
        text = text_of(&exchange_tcx, &session, run, ELEMENTSOF(run));
        xmlFreeDoc(read_tcx(text));
        strip_blanks(text);
        assert_string_equal(text, TCX_HEAD
                        "  <Activity Sport=\"Running\">\n"
                        "   <Id>2026-05-17T06:00:00.250Z</Id>\n"
                        "   <Lap StartTime=\"2026-05-17T06:00:00.250Z\">\n"
                        "    <TotalTimeSeconds>10.000</TotalTimeSeconds>\n"
                        "    <DistanceMeters>0</DistanceMeters>\n"
                        "    <Calories>0</Calories>\n"
                        "    <AverageHeartRateBpm><Value>142</Value></AverageHeartRateBpm>\n"
                        "    <MaximumHeartRateBpm><Value>141</Value></MaximumHeartRateBpm>\n"
                        "    <Intensity>Active</Intensity>\n"
                        "    <TriggerMethod>Manual</TriggerMethod>\n"
                        "    <Track>\n"
                        "     <Trackpoint><Time>2026-05-17T06:00:00.250Z</Time>"
                        "<HeartRateBpm><Value>140</Value></HeartRateBpm></Trackpoint>\n"
                        "     <Trackpoint><Time>2026-05-17T06:00:01.001Z</Time>"
                        "<HeartRateBpm><Value>141</Value></HeartRateBpm></Trackpoint>\n"
                        "     <Trackpoint><Time>2026-05-17T06:00:01.990Z</Time>"
                        "<HeartRateBpm><Value>145</Value></HeartRateBpm></Trackpoint>\n"
                        "    </Track>\n"
                        "   </Lap>\n"
                        "   <Notes>Rain &amp; wind</Notes>\n" TCX_CREATOR "   <Extensions>\n"
                        "    <CardiodSession xmlns=\"urn:uuid:3ae95c16-59be-4ad5-bb2a-4a6ecad994f9\""
                        " Kind=\"recovery\" Device=\"Strap\" UtcOffsetSeconds=\"7200\" MaximumHeartRate=\"190\""
                        " RestingHeartRate=\"50\" Ceiling=\"148\" Tolerance=\"2\"></CardiodSession>\n"
                        "   </Extensions>\n" TCX_TAIL);
}

/* "Creator is xsi:type": without a session's own figures there is still a file that readers take. */
static void test_tcx_without_heart_rates(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = NULL;
        xmlDocPtr doc;

        (void)state;
        session.source = "manual";
        text = text_of(&exchange_tcx, &session, NULL, 0);
        doc = read_tcx(text);
        assert_tcx(doc, "count(//t:Lap)", "1");
        assert_tcx(doc, "count(//t:Track)", "0");
        assert_tcx(doc, "//t:TotalTimeSeconds", "10.000");
        assert_tcx(doc, "count(//t:AverageHeartRateBpm | //t:MaximumHeartRateBpm)", "0");
        xmlFreeDoc(doc);
}

static void test_tcx_steps_are_laps(void **state)
{
        static const struct {
                const char *xpath, *expected;
        } cases[] = {
                { "count(//t:Lap)", "2" },
                /* The session is as long as its laps, and the workout as the session. */
                { "sum(//t:TotalTimeSeconds)", "10" },
                { "//t:Lap[1]/@StartTime", "2026-05-17T06:00:00.250Z" },
                { "//t:Lap[1]/t:TotalTimeSeconds", "5.500" },
                { "//t:Lap[1]/t:Intensity", "Active" },
                { "//t:Lap[1]/t:TriggerMethod", "Time" },
                { "//t:Lap[1]/t:AverageHeartRateBpm/t:Value", "170" },
                /* The spike is in the Track, but no maximum, and this one is the session's peak. */
                { "//t:Lap[1]/t:MaximumHeartRateBpm/t:Value", "142" },
                { "//t:Lap[1]//t:Trackpoint[3]//t:Value", "228" },
                { "//t:Lap[2]/@StartTime", "2026-05-17T06:00:05.750Z" },
                { "//t:Lap[2]/t:TotalTimeSeconds", "4.500" },
                { "//t:Lap[2]/t:Intensity", "Resting" },
                { "//t:Lap[2]/t:MaximumHeartRateBpm/t:Value", "100" },
                { "count(//t:Lap[1]//t:Trackpoint)", "3" },
                { "count(//t:Lap[2]//t:Trackpoint)", "2" },
        };
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = NULL;
        xmlDocPtr doc;

        (void)state;
        session.peak = 142.25;
        text = text_of(&exchange_tcx, &session, items, ELEMENTSOF(items));
        doc = read_tcx(text);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_tcx(doc, cases[i].xpath, cases[i].expected);
        xmlFreeDoc(doc);
}

/* Where one lap is the whole session, its average is that of the session. */
static void test_tcx_average(void **state)
{
        static const struct {
                double average;
                const char *want;
        } cases[] = { { NAN, "150" }, { 120.6, "121" } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ExchangeItem run[] = { sample(0, 100, 100), sample(1000, 200, 200) };
                ExchangeSession session = a_session();
                _cleanup_free_ char *text = NULL;
                xmlDocPtr doc;

                session.average = cases[i].average;
                text = text_of(&exchange_tcx, &session, run, ELEMENTSOF(run));
                doc = read_tcx(text);
                assert_tcx(doc, "//t:Lap[1]/t:AverageHeartRateBpm/t:Value", cases[i].want);
                xmlFreeDoc(doc);
        }
}

/* Where laps begin, by the steps that there are; times in s. */
static void test_tcx_laps_before_and_after_a_workout(void **state)
{
        static const struct {
                struct {
                        int64_t t;
                        double value;
                        const char *detail;
                } step[4];
                size_t n;
                const char *expected;
        } cases[] = {
                { .n = 0, .expected = "100.000 Active Manual" },
                { { { 0, 1, "hard" } }, 1, "100.000 Active Time" },
                { { { 4999, 1, "easy" } }, 1, "100.000 Resting Time" },
                { { { 5000, 1, "hard" } }, 1, "5.000 Active Manual, 95.000 Active Time" },
                { { { 0, 1, "hard" }, { 60000, NAN, "done" } }, 2,
                                "60.000 Active Time, 40.000 Active Manual" },
                { { { 0, 1, "hard" }, { 95000, NAN, "done" } }, 2,
                                "95.000 Active Time, 5.000 Active Manual" },
                { { { 0, 1, "hard" }, { 95001, NAN, "done" } }, 2, "100.000 Active Time" },
                { { { 0, 1, "hard" }, { 99000, 2, "easy" } }, 2, "99.000 Active Time, 1.000 Resting Time" },
                { { { 0, 1, "hard" }, { 99001, 2, "easy" } }, 2, "100.000 Active Time" },
                { { { 0, 1, "hard" }, { 100000, 2, "easy" } }, 2, "100.000 Active Time" },
                { { { 10, 1, "hard" }, { 1000, 2, "easy" }, { 1999, 3, "hard" } }, 3,
                                "1.000 Active Time, 99.000 Active Time" },
        };
        ExchangeSession session = a_session();

        (void)state;
        session.length = 100000;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;
                ExchangeItem item[6];
                char found[256] = "";
                size_t n = 0;
                xmlDocPtr doc;

                for (size_t k = 0; k < cases[i].n; k++)
                        item[n++] = event(cases[i].step[k].t, "step", cases[i].step[k].value,
                                        cases[i].step[k].detail);
                item[n++] = sample(100000, 140, 140);
                text = text_of(&exchange_tcx, &session, item, n);
                doc = read_tcx(text);
                for (unsigned k = 1; k < 5; k++) {
                        char xpath[160], *lap;

                        (void)snprintf(xpath, sizeof(xpath),
                                        "concat(//t:Lap[%u]/t:TotalTimeSeconds, ' ', //t:Lap[%u]/t:Intensity, ' ',"
                                        " //t:Lap[%u]/t:TriggerMethod)",
                                        k, k, k);
                        lap = ask_tcx(doc, xpath);
                        if (strlen(lap) > 2) {
                                strcat(found, k > 1 ? ", " : "");
                                strcat(found, lap);
                        }
                        xmlFree(lap);
                }
                xmlFreeDoc(doc);
                assert_string_equal(found, cases[i].expected);
        }
}

/* A gap is neither a lap nor a Track nor a Trackpoint. */
static void test_tcx_gap_is_no_pause(void **state)
{
        ExchangeSession session = a_session();
        const ExchangeItem run[] = {
                sample(0, 140, 140),
                event(1000, "gap", 600, ""),
                event(31000, "stale", 30, ""),
                event(40000, "trouble", NAN, "strap-lost"),
                sample(601000, 140, 140),
        };
        _cleanup_free_ char *text = NULL;
        xmlDocPtr doc;

        (void)state;
        session.length = 601000;
        text = text_of(&exchange_tcx, &session, run, ELEMENTSOF(run));
        doc = read_tcx(text);
        assert_tcx(doc, "count(//t:Lap)", "1");
        assert_tcx(doc, "count(//t:Track)", "1");
        assert_tcx(doc, "count(//t:Trackpoint)", "2");
        assert_tcx(doc, "//t:TotalTimeSeconds", "601.000");
        xmlFreeDoc(doc);
}

static void test_tcx_sport(void **state)
{
        static const struct {
                const char *kind, *sport;
        } cases[] = {
                { "", "Running" },
                { "base", "Running" },
                { "race", "Running" },
                { "yoga", "Running" },
                { "cross-training", "Other" },
                { "rest", "Other" },
        };
        ExchangeSession session = a_session();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;
                xmlDocPtr doc;

                session.kind = cases[i].kind;
                text = text_of(&exchange_tcx, &session, items, ELEMENTSOF(items));
                doc = read_tcx(text);
                assert_tcx(doc, "//t:Activity/@Sport", cases[i].sport);
                xmlFreeDoc(doc);
        }
}

static void _printf_(2, 3) not_said(void *userdata, const char *format, ...)
{
        (void)userdata, (void)format;
}

/* What the schema is for: each of these it has to refuse. */
static void test_tcx_schema_refuses(void **state)
{
        static const struct {
                const char *from, *to;
        } wrong[] = {
                { "<Calories>0</Calories>", "                      " },
                { "<Value>140</Value>", "<Value>  0</Value>" },
                { "<Value>140</Value>", "<Value>256</Value>" },
                { "    <Track>\n", "<Track></Track><Track>" },
                { "Device_t", "Device_u" },
                { "<Name>cardiod</Name>", "<Name>       </Name>" },
                { "<ProductID>0</ProductID>", "                        " },
                { "T06:00:00.250Z</Time>", " 06:00:00.250Z</Time>" },
                { "\"Running\"", "\"Walking\"" },
        };
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = text_of(&exchange_tcx, &session, items, ELEMENTSOF(items));
        xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(SCHEMA);
        xmlSchemaPtr schema = xmlSchemaParse(parser);

        (void)state;
        assert_non_null(schema);
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
                _cleanup_free_ char *changed = NULL;
                const char *at = strstr(text, wrong[i].from);
                xmlDocPtr doc;

                assert_non_null(at);
                assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, wrong[i].to,
                                            at + strlen(wrong[i].from)) > 0);
                xmlSchemaSetValidErrors(valid, not_said, NULL, NULL);
                doc = xmlReadMemory(changed, (int)strlen(changed), "test", NULL, XML_PARSE_NONET);
                assert_non_null(doc);
                assert_int_not_equal(xmlSchemaValidateDoc(valid, doc), 0);
                xmlFreeDoc(doc);
                xmlSchemaFreeValidCtxt(valid);
        }
        xmlSchemaFree(schema);
        xmlSchemaFreeParserCtxt(parser);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tcx_of_a_run),
                cmocka_unit_test(test_tcx_without_heart_rates),
                cmocka_unit_test(test_tcx_steps_are_laps),
                cmocka_unit_test(test_tcx_average),
                cmocka_unit_test(test_tcx_laps_before_and_after_a_workout),
                cmocka_unit_test(test_tcx_gap_is_no_pause),
                cmocka_unit_test(test_tcx_sport),
                cmocka_unit_test(test_tcx_schema_refuses),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        xmlCleanupParser();
        return r;
}
