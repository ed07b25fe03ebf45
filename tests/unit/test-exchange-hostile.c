/* SPDX-License-Identifier: MIT */

/* What the text formats have in common: text that means harm, figures that are none, times that no file can say, a sink that
 * fails. */

#include "exchange-text-fixture.h"

#include "cardio/text.h"
#include "text-judge.h"

static const ExchangeFormat *const formats[] = { &exchange_tcx, &exchange_csv, &exchange_rr, &exchange_json };

/* Notes, names and marks that were made to break something: what each reader makes of them. */
static const struct {
        const char *text;
        const char *xml; /* as a reader of the TCX has it, NULL = the same */
        const char *json;
} hostile[] = {
        { "]]> <!-- <![CDATA[ </Notes><Lap> &amp; & &lt; \" '", NULL, NULL },
        { "</script>\\u0000\\\"}],{", NULL, NULL },
        { "a\tb\nc\rd", NULL, NULL },
        { "\x01\x02\x07\x08\x0b\x0c\x1b[2J\x1f\x7f", /* XML 1.0 has DEL, but none of the others */
                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd\x7f",
                        NULL },
        { "\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf", NULL, NULL },
        { "\xf0\x9f\x8f\x83 \xf3\xa0\x80\x81 \xf4\x8f\xbf\xbf", NULL, NULL },
        { "\xef\xbf\xbe \xef\xbf\xbf", "\xef\xbf\xbd \xef\xbf\xbd", NULL },
        { "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xc0\x80 \xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd",
                        "\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd" },
        { "=HYPERLINK(\"http://example.com\")", NULL, NULL },
};

static void test_hostile_text(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(hostile); i++) {
                const char *text = hostile[i].text, *json = hostile[i].json ? hostile[i].json : text;
                const ExchangeItem run[] = { event(0, "mark", NAN, text), sample(0, 140, 140) };
                ExchangeSession session = a_session();
                _cleanup_free_ char *tcx = NULL, *document = NULL;
                json_object *parsed, *o;
                xmlDocPtr doc;

                session.device = session.note = session.verdict = session.talk_test = text;
                tcx = text_of(&exchange_tcx, &session, run, ELEMENTSOF(run));
                doc = read_tcx(tcx);
                assert_tcx(doc, "//t:Notes", hostile[i].xml ? hostile[i].xml : text);
                xmlFreeDoc(doc);

                document = text_of(&exchange_json, &session, run, ELEMENTSOF(run));
                for (const char *p = document; *p;) {
                        uint32_t c;

                        p += utf8_next(p, &c);
                        assert_true(c == '\n' || (c != UTF8_INVALID && !utf8_is_control(c)));
                }
                parsed = read_json(document);
                o = member(parsed, "session");
                assert_string_equal(json_object_get_string(member(o, "note")), json);
                assert_string_equal(json_object_get_string(member(o, "strap")), json);
                assert_string_equal(json_object_get_string(member(o, "verdict")), json);
                o = json_object_array_get_idx(member(parsed, "timeline"), 0);
                assert_string_equal(json_object_get_string(member(o, "detail")), json);
                json_object_put(parsed);
        }
}

/* However its characters fall into the pieces of a writer. */
static void test_long_notes(void **state)
{
        static const char *const units[] = { "x", "<", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x8f\x83",
                "ab\xe2\x82\xac", "]]>" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                ExchangeSession session = a_session();
                _cleanup_free_ char *note = calloc(10000, 8), *tcx = NULL, *text = NULL;
                json_object *parsed;
                xmlDocPtr doc;

                assert_non_null(note);
                for (size_t k = 0, n = 0; k < 10000; k++, n += strlen(units[i]))
                        memcpy(note + n, units[i], strlen(units[i]));
                session.note = note;
                tcx = text_of(&exchange_tcx, &session, items, ELEMENTSOF(items));
                doc = read_tcx(tcx);
                assert_tcx(doc, "//t:Notes", note);
                xmlFreeDoc(doc);
                text = text_of(&exchange_json, &session, items, ELEMENTSOF(items));
                parsed = read_json(text);
                assert_string_equal(json_object_get_string(member(member(parsed, "session"), "note")), note);
                json_object_put(parsed);
        }
}

/* What a session does not know is in no file, whatever it is: a number, or nothing. */
static void test_no_file_has_a_nan(void **state)
{
        static const double values[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                double v = values[i];
                ExchangeSession session = a_session();
                const ExchangeItem run[] = {
                        event(0, "ceiling", v, ""),
                        event(0, "step", v, "hard"),
                        sample(0, 140, v),
                        sample(6000, 140, v),
                };

                session.average = session.lowest = session.peak = session.resting = session.maximum = v;
                session.ceiling = session.tolerance = session.live_s = session.over_s = session.trimp = v;
                for (size_t k = 0; k < ELEMENTSOF(formats); k++) {
                        _cleanup_free_ char *text = text_of(formats[k], &session, run, ELEMENTSOF(run));

                        assert_null(strcasestr(text, "nan"));
                        assert_null(strstr(text, "inf"));
                        assert_null(strstr(text, "00000000000000000000"));
                        if (formats[k] == &exchange_tcx)
                                xmlFreeDoc(read_tcx(text));
                        if (formats[k] == &exchange_json)
                                json_object_put(read_json(text));
                }
        }
}

static void test_times_that_no_file_can_say_are_refused(void **state)
{
        static const struct {
                int64_t started_at, t;
                bool json_too;
        } cases[] = {
                { INT64_C(253402300800000), 0, false },
                { INT64_C(253402300799999), 1, false },
                { INT64_MAX - 1, 0, true },
        };
        ExchangeSession session = a_session();

        (void)state;
        session.utc_offset_s = 0;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ExchangeItem run[] = { sample(cases[i].t, 140, 140) };

                session.started_at = cases[i].started_at;
                for (size_t k = 0; k < ELEMENTSOF(formats); k++) {
                        File f = { 0 };
                        bool refused = formats[k] == &exchange_rr     ? false
                                       : formats[k] == &exchange_json ? cases[i].json_too
                                                                      : true;

                        assert_int_equal(exchange_write(formats[k], &f, &session, run, 1),
                                        refused ? -EINVAL : 0);
                        file_done(&f);
                }
        }
}

/* Whatever call it is that finds the disk full. */
static void test_what_the_sink_says_is_returned(void **state)
{
        ExchangeSession session = a_session();
        ExchangeItem run[400];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(run); i += 2) {
                run[i] = interval((int64_t)i * 500, 800);
                run[i + 1] = heart_rate((int64_t)i * 500, 140);
        }
        for (size_t k = 0; k < ELEMENTSOF(formats); k++) {
                size_t calls = 0;
                int r = -ENOSPC;

                while (r == -ENOSPC) {
                        File f = { .fails_at = ++calls };

                        r = exchange_write(formats[k], &f, &session, run, ELEMENTSOF(run));
                        assert_true(r == 0 || f.n_calls == calls);
                        file_done(&f);
                }
                assert_int_equal(r, 0);
                assert_true(calls > (formats[k] == &exchange_rr ? 1 : 3));
        }
}

static int count_bytes(void *userdata, const void *data, size_t size)
{
        (void)data;
        *(size_t *)userdata += size;
        return 0;
}

static int count_none(void *userdata, uint64_t offset, const void *data, size_t size)
{
        (void)userdata, (void)offset, (void)data, (void)size;
        return 0;
}

/* A writer that is given up writes nothing more. */
static void test_a_writer_can_be_freed_at_any_time(void **state)
{
        ExchangeSession session = a_session();

        (void)state;
        for (size_t n = 0; n <= ELEMENTSOF(items); n++) {
                size_t size = 0, size_before;
                ExchangeSink sink = { .write = count_bytes, .patch = count_none, .userdata = &size };
                _cleanup_free_ void *writer = calloc(1, exchange_tcx.size);

                assert_non_null(writer);
                assert_int_equal(exchange_tcx.begin(writer, &session, &sink), 0);
                for (size_t i = 0; i < n; i++)
                        assert_int_equal(exchange_tcx.item(writer, items + i), 0);
                size_before = size;
                exchange_tcx.free(writer);
                assert_int_equal(size, size_before);
        }
}

/* What judges every file in the tests of random sessions finds what these have got wrong. */
static void test_judges(void **state)
{
        static const struct {
                const ExchangeFormat *format;
                const char *(*judge)(const ExchangeSession *session, const ExchangeItem *items,
                                size_t n_items, const uint8_t *data, size_t size);
                const char *from, *to; /* both as long; NULL = nothing is changed */
        } cases[] = {
                { &exchange_tcx, tcx_judge, NULL, NULL },
                { &exchange_tcx, tcx_judge, "<Value>228", "<Value>227" },
                { &exchange_tcx, tcx_judge, ":01.001Z", ":01.000Z" },
                { &exchange_tcx, tcx_judge, ">5.500<", ">5.501<" },
                { &exchange_tcx, tcx_judge, "StartTime=\"2026-05-17T06:00:05",
                                "StartTime=\"2026-05-17T06:00:04" },
                { &exchange_tcx, tcx_judge, "<Id>2026", "<Id>2025" },
                { &exchange_tcx, tcx_judge, "</Name>", "</name>" },
                { &exchange_tcx, tcx_judge, "<Calories>0</Calories>", "                      " },
                { &exchange_tcx, tcx_judge, "cardiod", "cardi\xff\xff" },
                { &exchange_csv, csv_judge, NULL, NULL },
                { &exchange_csv, csv_judge, "rr_ms", "rr_us" },
                { &exchange_csv, csv_judge, "+02:00,", "+02:30," },
                { &exchange_csv, csv_judge, "1.740,", "1.741," },
                { &exchange_csv, csv_judge, ",228,", ",227," },
                { &exchange_csv, csv_judge, "143.25", "143.26" },
                { &exchange_csv, csv_judge, "811.523", "812.523" },
                { &exchange_csv, csv_judge, "812.500", "       " },
                { &exchange_csv, csv_judge, ",no,", ",,,," },
                { &exchange_csv, csv_judge, "step 1", "=tep 1" },
                { &exchange_csv, csv_judge, "easy; ", "easy\"," },
                { &exchange_rr, rr_judge, NULL, NULL },
                { &exchange_rr, rr_judge, "812.500", "813.500" },
                { &exchange_rr, rr_judge, "\n812", " 812" },
                { &exchange_json, json_judge, NULL, NULL },
                { &exchange_json, json_judge, "\"t\": 751", "\"t\": 752" },
                { &exchange_json, json_judge, "[831, 832]", "[831, 833]" },
                { &exchange_json, json_judge, "[831, 832]", "[831     ]" },
                { &exchange_json, json_judge, "[0, null]", "[0, 2   ]" },
                { &exchange_json, json_judge, "143.25", "143.26" },
                { &exchange_json, json_judge, "141.66666666666666", "141.66666666666669" },
                { &exchange_json, json_judge, "\"steep", "\"steeq" },
                { &exchange_json, json_judge, "false", "true " },
                { &exchange_json, json_judge, "]\n}\n", "]\n]\n" },
        };
        ExchangeSession session = a_session();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = text_of(cases[i].format, &session, items, ELEMENTSOF(items));
                size_t size = strlen(text);
                const char *wrong;

                if (cases[i].from) {
                        char *at = strstr(text, cases[i].from);

                        assert_non_null(at);
                        memcpy(at, cases[i].to, strlen(cases[i].from));
                }
                wrong = cases[i].judge(&session, items, ELEMENTSOF(items), (const uint8_t *)text, size);
                if (!wrong != !cases[i].from)
                        fail_msg("%zu, %s: %s", i, cases[i].from ? cases[i].from : "unchanged",
                                        wrong ? wrong : "not found");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hostile_text),
                cmocka_unit_test(test_long_notes),
                cmocka_unit_test(test_no_file_has_a_nan),
                cmocka_unit_test(test_times_that_no_file_can_say_are_refused),
                cmocka_unit_test(test_what_the_sink_says_is_returned),
                cmocka_unit_test(test_a_writer_can_be_freed_at_any_time),
                cmocka_unit_test(test_judges),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        xmlCleanupParser();
        return r;
}
