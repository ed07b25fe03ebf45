/* SPDX-License-Identifier: MIT */

/* Sessions as CSV, R-R text and JSON: whole files as they have to be, and what fits into none. */

#include "exchange-text-fixture.h"

/* -- CSV -- */

#define CSV_HEAD \
        "time,seconds,heart_rate,smoothed,zone,contact,rr_ms,event,speed_m_s,cadence_spm,distance_m,incline\n"
#define NO_PACE ",,,,\n"

static void test_csv_of_a_run(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = text_of(&exchange_csv, &session, items, ELEMENTSOF(items));

        (void)state;
        assert_string_equal(text,
                        CSV_HEAD "2026-05-17T08:00:00.250+02:00,0.000,140,139.5,2,yes,419.922," NO_PACE
                                 "2026-05-17T08:00:01.001+02:00,0.751,141,140,2,no,,step 1 warm-up" NO_PACE
                                 "2026-05-17T08:00:01.990+02:00,1.740,228,143.25,2,,," NO_PACE
                                 "2026-05-17T08:00:07.250+02:00,7.000,72,100,1,yes,811.523 812.500,"
                                 "\"gap 5.26; step 2 easy; mark Hill, \"\"steep\"\"\"" NO_PACE
                                 "2026-05-17T08:00:10.250+02:00,10.000,73,72.5,1,yes,," NO_PACE);
}

static void test_csv_without_heart_rates_has_its_head(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = text_of(&exchange_csv, &session, NULL, 0);

        (void)state;
        assert_string_equal(text, CSV_HEAD);
}

/* What is in the cell of events, of an event of this type and with this text. */
static void test_csv_text_of_others(void **state)
{
        static const struct {
                const char *type, *detail, *expected;
        } cases[] = {
                { "mark", "", "mark" },
                { "mark", "=1+1", "mark =1+1" },
                { "=1+1", "", "'=1+1" },
                { "+1", "", "'+1" },
                { "-1", "", "'-1" },
                { "@SUM(A1)", "", "'@SUM(A1)" },
                { "=1,2", "\"", "\"'=1,2 \"\"\"" },
                { "\t=1", "", " =1" },
                { "mark", "a, b", "\"mark a, b\"" },
                { "mark", "a; b", "mark a; b" },
                { "mark", "two\r\nlines", "mark two  lines" },
                { "mark", "\x1b[31m", "mark  [31m" },
                { "mark", "\xff\xc3", "mark \xef\xbf\xbd\xef\xbf\xbd" },
                { "mark", "Hügel", "mark Hügel" },
                { "mark",
                                "\xe2\x80\xae"
                                "abc",
                                "mark  abc" },
                { "", "", "" },
        };
        ExchangeSession session = a_session();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ExchangeItem run[] = {
                        event(0, cases[i].type, NAN, cases[i].detail),
                        sample(0, 140, 140),
                };
                _cleanup_free_ char *text = text_of(&exchange_csv, &session, run, ELEMENTSOF(run)),
                                    *expected = NULL;

                assert_true(asprintf(&expected,
                                            CSV_HEAD
                                            "2026-05-17T08:00:00.250+02:00,0.000,140,140,0,,,%s" NO_PACE,
                                            cases[i].expected) > 0);
                assert_string_equal(text, expected);
        }
}

/* Whole characters, as many as there is room for. */
static void test_csv_long_events_are_cut(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *detail = NULL, *text = NULL;
        const char *cell;

        (void)state;
        detail = calloc(1, 10001);
        assert_non_null(detail);
        for (size_t i = 0; i < 10000; i += 2)
                memcpy(detail + i, "\xc3\xbc", 2);
        {
                const ExchangeItem run[] = { event(0, "mark", NAN, detail), sample(0, 140, 140) };

                text = text_of(&exchange_csv, &session, run, ELEMENTSOF(run));
        }
        cell = strstr(text, "mark");
        assert_non_null(cell);
        assert_int_equal(strlen(cell), 5 + 2042 + strlen(NO_PACE));
}

static void test_csv_refuses_more_rr_than_a_strap_sends(void **state)
{
        ExchangeSession session = a_session();
        ExchangeItem run[257];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(run); i++)
                run[i] = interval(0, 800);
        for (size_t n = 255; n < ELEMENTSOF(run); n++) {
                File f = { 0 };

                assert_int_equal(exchange_write(&exchange_csv, &f, &session, run, n), n == 255 ? 0 : -EINVAL);
                file_done(&f);
        }
}

/* -- R-R text -- */

static void test_rr_of_a_run(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = text_of(&exchange_rr, &session, items, ELEMENTSOF(items));
        _cleanup_free_ char *none = text_of(&exchange_rr, &session, NULL, 0);

        (void)state;
        assert_string_equal(text, "419.922\n811.523\n812.500\n");
        assert_string_equal(none, "");
}

/* -- JSON -- */

static void test_json_of_a_run(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = text_of(&exchange_json, &session, items, ELEMENTSOF(items));

        (void)state;
        json_object_put(read_json(text));
        assert_string_equal(text,
                        "{\n  \"cardiod\": \"0.1.0\",\n  \"version\": 1,\n  \"session\": {\n"
                        "    \"id\": 7,\n    \"source\": \"strap\",\n    \"started_at\": 1778997600250,\n"
                        "    \"ended_at\": 1778997610250,\n    \"utc_offset_s\": 7200,\n    \"kind\": \"base\",\n"
                        "    \"said_kind\": \"recovery\",\n    \"record_kind\": null,\n    \"day_kind\": null,\n"
                        "    \"workout\": null,\n    \"strap\": \"Strap\",\n    \"sport\": null,\n    \"content\": null,\n    \"talk_test\": null,\n    \"verdict\": \"good\",\n"
                        "    \"note\": null,\n    \"sex\": null,\n    \"ceiling_expression\": null,\n"
                        "    \"zone_model\": null,\n    \"zone_bounds\": null,\n    \"resting_hr\": 50,\n    \"max_hr\": 190,\n    \"ceiling\": 148,\n"
                        "    \"tolerance\": 2,\n    \"avg_hr\": 141.66666666666666,\n    \"min_hr\": 139.5,\n"
                        "    \"peak_hr\": 143,\n    \"live_s\": 9.75,\n    \"over_s\": 0,\n    \"longest_breach_s\": null,\n"
                        "    \"hard_s\": null,\n    \"easy_s\": null,\n    \"trimp\": null,\n    \"rmssd\": null,\n"
                        "    \"sdnn\": null,\n    \"pnn50\": null,\n    \"artefact_percent\": null,\n"
                        "    \"hrr60\": null,\n    \"rpe\": null,\n"
                        "    \"breaches\": 0,\n    \"by_hand\": false,\n    \"record_long\": false,\n"
                        "    \"clock_known\": true,\n    \"zones\": []\n  },\n  \"timeline\": [\n"
                        "    {\"t\": 0, \"rr\": [430], \"heart_rate\": 140, \"smoothed\": 139.5, \"zone\": 2, \"contact\": true},\n"
                        "    {\"t\": 400, \"event\": \"step\", \"value\": 1, \"detail\": \"warm-up\"},\n"
                        "    {\"t\": 751, \"heart_rate\": 141, \"smoothed\": 140, \"zone\": 2, \"contact\": false},\n"
                        "    {\"t\": 1740, \"heart_rate\": 228, \"smoothed\": 143.25, \"zone\": 2, \"contact\": null},\n"
                        "    {\"t\": 1740, \"event\": \"gap\", \"value\": 5.26, \"detail\": null},\n"
                        "    {\"t\": 5500, \"event\": \"step\", \"value\": 2, \"detail\": \"easy\"},\n"
                        "    {\"t\": 6000, \"event\": \"mark\", \"value\": null, \"detail\": \"Hill, \\\"steep\\\"\"},\n"
                        "    {\"t\": 7000, \"rr\": [831, 832], \"rr_flags\": [0, null], \"heart_rate\": 72,"
                        " \"smoothed\": 100, \"zone\": 1, \"contact\": true},\n"
                        "    {\"t\": 10000, \"heart_rate\": 73, \"smoothed\": 72.5, \"zone\": 1, \"contact\": true}\n"
                        "  ]\n}\n");
}

static void test_json_without_heart_rates(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = text_of(&exchange_json, &session, NULL, 0);
        json_object *document = read_json(text);

        (void)state;
        assert_int_equal(json_object_array_length(member(document, "timeline")), 0);
        assert_null(member(member(document, "session"), "note"));
        json_object_put(document);
}

/* Intervals that are more than one object holds, or came with no heart rate, are all there. */
static void test_json_keeps_every_rr(void **state)
{
        ExchangeSession session = a_session();
        ExchangeItem run[702];
        _cleanup_free_ char *text = NULL;
        json_object *document, *timeline;
        unsigned next = 0;

        (void)state;
        for (unsigned i = 0; i < 700; i++) {
                run[i] = interval(i < 600 ? 0 : 1, i);
                if (i % 7 == 0)
                        run[i].rr.flag = 3;
        }
        run[700] = sample(2, 140, 140);
        run[701] = interval(3, 700);
        text = text_of(&exchange_json, &session, run, ELEMENTSOF(run));
        document = read_json(text);
        timeline = member(document, "timeline");
        for (size_t i = 0; i < json_object_array_length(timeline); i++) {
                json_object *rr = NULL, *flags = NULL;

                (void)json_object_object_get_ex(json_object_array_get_idx(timeline, i), "rr", &rr);
                (void)json_object_object_get_ex(json_object_array_get_idx(timeline, i), "rr_flags", &flags);
                for (size_t k = 0; rr && k < json_object_array_length(rr); k++) {
                        json_object *flag = flags ? json_object_array_get_idx(flags, k) : NULL;

                        assert_int_equal(json_object_get_int(json_object_array_get_idx(rr, k)), next);
                        assert_int_equal(flag ? json_object_get_int(flag) : -1,
                                        next % 7 == 0 && next < 700 ? 3 : -1);
                        next++;
                }
        }
        assert_int_equal(next, 701);
        json_object_put(document);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_csv_of_a_run),
                cmocka_unit_test(test_csv_without_heart_rates_has_its_head),
                cmocka_unit_test(test_csv_text_of_others),
                cmocka_unit_test(test_csv_long_events_are_cut),
                cmocka_unit_test(test_csv_refuses_more_rr_than_a_strap_sends),
                cmocka_unit_test(test_rr_of_a_run),
                cmocka_unit_test(test_json_of_a_run),
                cmocka_unit_test(test_json_without_heart_rates),
                cmocka_unit_test(test_json_keeps_every_rr),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        xmlCleanupParser();
        return r;
}
