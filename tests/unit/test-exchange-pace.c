/* SPDX-License-Identifier: MIT */

/* How fast it went, in files of other programs: which pace goes with which heart rate, and what the formats say of it. */

#include "exchange-text-fixture.h"
#include "exchange/point.h"
#include "fit-fixture.h"

/* -- Points -- */

#define STEPS_MAX 16U

/* One word for each item, of its time in ms: "h1000" a heart rate, "e1000" an event, "s1000" a step, "p1000=5" a pace at 5 m. */
static size_t items_of(const char *words, ExchangeItem ret[static STEPS_MAX])
{
        size_t n = 0;

        for (const char *p = words; *p; p += strspn(p, " ")) {
                char *end;
                long long t = strtoll(p + 1, &end, 10);

                assert_true(n < STEPS_MAX);
                if (*p == 'h')
                        ret[n++] = heart_rate(t, 140);
                else if (*p == 'e' || *p == 's')
                        ret[n++] = event(t, *p == 'e' ? "mark" : "step", 1, "");
                else
                        ret[n++] = pace(t, NAN, NAN, strtod(end + 1, &end));
                p = end;
        }
        return n;
}

static int tell_point(void *userdata, const Point *point)
{
        char *text = userdata, distance[32] = "";

        assert_true(point->has_heart_rate || point->has_pace);
        if (point->has_pace)
                (void)snprintf(distance, sizeof(distance), "=%g", point->pace.distance);
        (void)snprintf(text + strlen(text), 500 - strlen(text), "%s%s%lld%s", *text ? " " : "",
                        point->has_heart_rate ? "h" : "p", (long long)point->t, distance);
        return 0;
}

static void test_each_heart_rate_has_the_pace_next_to_it(void **state)
{
        static const struct {
                const char *name, *items, *points;
        } cases[] = {
                { "none", "h0 h1000", "h0 h1000" },
                { "of its second", "h0 p100=1 h1000 p1100=4 h2000", "h0=1 h1000=4 h2000" },
                { "of its moment", "p0=0 h0 p1000=3 h1000", "h0=0 h1000=3" },
                { "of the second before", "h0 p100=1 p900=3 h1500 p2100=6 h2500", "h0=1 h1500=3 h2500=6" },
                { "now before it, now behind it", "h500 p510=1 p1490=4 h1500 h2500 p2510=7 p3490=10 h3500",
                                "h500=1 h1500=4 h2500=7 h3500=10" },
                { "the newest of three", "h0 p100=1 p400=2 p700=3 h1000 h2000", "h0=1 h1000=3 h2000" },
                { "each of two in a second, before a silence", "h0 p100=1 p900=3 p1500=5 h9000",
                                "h0=1 p900=3 p1500=5 h9000" },
                { "of the second before, and then a silence", "p900=1 h1100 p1500=3 p2500=5 h4100",
                                "h1100=1 p1500=3 p2500=5 h4100" },
                { "each of two in a second", "h0 p100=1 h900 p950=3 h2000", "h0=1 h900=3 h2000" },
                { "of its moment, behind another of its second", "h0 p900=3 h900 h1000", "h0 h900=3 h1000" },
                { "while there is no heart rate", "h0 p500=1 p1500=4 p2500=7 p3500=10 h4000",
                                "h0=1 p1500=4 p2500=7 h4000=10" },
                { "while there is none, twice a second", "h0 p1100=2 p1600=4 p2600=7 h9000",
                                "h0 p1600=4 p2600=7 h9000" },
                { "not behind an event", "h0 e100 p200=1 h1000 h2000", "h0 h1000=1 h2000" },
                { "not of the lap before", "h0 p100=1 p1900=2 s1950 h2000 h2500 p2600=3 s2700 h3000",
                                "h0=1 p1900=2 h2000 h2500=3 h3000" },
                { "not from before long", "h0 e100 p900=1 h2000", "h0 p900=1 h2000" },
                { "not behind the last heart rate", "h0 p1000=1 h1000 p1001=2 p5000=3", "h0 h1000=1" },
                { "a distance that goes back", "p0=5 h0 p1000=4 h1000 p2000=6 h2000", "h0=5 h1000 h2000=6" },
                { "figures that no runner has",
                                "p0=-1 h0 p1000=1e300 h1000 p2000=nan h2000 p3000=inf h3000 p4000=1 h4000",
                                "h0 h1000 h2000 h3000 h4000=1" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ExchangeItem run[STEPS_MAX];
                size_t n = items_of(cases[i].items, run);
                ExchangeSession session = a_session();
                char text[500] = "";
                PointMaker points;

                session.started_at -= session.started_at % 1000;
                session.length = 0;
                session.has_pace = true;
                for (size_t k = 0; k < n; k++)
                        if (run[k].type == EXCHANGE_SAMPLE)
                                session.length = run[k].t;
                point_maker_begin(&points, &session, tell_point, text);
                for (size_t k = 0; k < n; k++)
                        assert_int_equal(point_maker_item(&points, &run[k]), 0);
                assert_int_equal(point_maker_end(&points), 0);
                if (strcmp(text, cases[i].points) != 0)
                        fail_msg("%s: %s, not %s", cases[i].name, text, cases[i].points);
        }
}

/* -- FIT -- */

static int sint16_of(const DecodedMessage *m, unsigned number)
{
        const DecodedField *f = decoded_field(m, number);

        assert_non_null(f);
        assert_int_equal(f->type, 0x83);
        return (int16_t)(f->bytes[0] | f->bytes[1] << 8);
}

/* In the units of the format; -1 is FIT's invalid. */
static void test_fit_record(void **state)
{
        static const struct {
                ExchangePace pace;
                int speed, enhanced, strides, fraction;
                int64_t distance;
                int grade;
        } cases[] = {
                { { 3.36, 161, 255.55, -1.5, NAN }, 3360, 3360, 80, 64, 25555, -150 },
                { { 0, 0, 0, 0, NAN }, 0, 0, 0, 0, 0, 0 },
                { { 2.777777, 160.99, 0.004, 99.999, NAN }, 2778, 2778, 80, 63, 0, 10000 },
                { { 3, NAN, NAN, NAN, NAN }, 3000, 3000, -1, -1, -1, 0x7fff },
                { { NAN, 400, 1e7, -100, NAN }, -1, -1, 200, 0, 1000000000, -10000 },
                { { 65.5344, NAN, NAN, NAN, NAN }, 65534, 65534, -1, -1, -1, 0x7fff },
                { { 65.535, NAN, NAN, NAN, NAN }, -1, 65535, -1, -1, -1, 0x7fff },
                { { 100.1, 401, 1e7 + 1, 100.1, NAN }, -1, -1, -1, -1, -1, 0x7fff },
                { { 1e300, -1, -0.1, -1e300, NAN }, -1, -1, -1, -1, -1, 0x7fff },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ExchangeItem run[] = {
                        { .type = EXCHANGE_PACE, .t = 0, .pace = cases[i].pace },
                        heart_rate(0, 140),
                };
                ExchangeSession session = a_session();
                const DecodedMessage *m;
                FitMessages all;
                File f = { 0 };

                session.has_pace = true;
                fit_make(&f, &all, &session, run, ELEMENTSOF(run));
                m = fit_find(&all, 20, 0);
                assert_int_equal(decoded_number(m, 3), 140);
                assert_int_equal(decoded_number(m, 6), cases[i].speed);
                assert_int_equal(decoded_number(m, 73), cases[i].enhanced);
                assert_int_equal(decoded_number(m, 4), cases[i].strides);
                assert_int_equal(decoded_number(m, 53), cases[i].fraction);
                assert_int_equal(decoded_number(m, 5), cases[i].distance);
                assert_int_equal(sint16_of(m, 9), cases[i].grade);
                file_done(&f);
        }
}

/* A workout of two steps, ten seconds, of which the strap was silent for three. */
static const ExchangeItem workout[] = {
        { .type = EXCHANGE_EVENT, .t = 0, .event = { "step", 1, "warm-up" } },
        { .type = EXCHANGE_PACE, .t = 0, .pace = { 2, 150, 1, 0, NAN } },
        { .type = EXCHANGE_SAMPLE, .t = 0, .sample = { 120, 120, 1, 1 } },
        { .type = EXCHANGE_PACE, .t = 2000, .pace = { 2.5, 0, 5.5, NAN, NAN } },
        { .type = EXCHANGE_SAMPLE, .t = 2000, .sample = { 121, 121, 1, 1 } },
        { .type = EXCHANGE_PACE, .t = 3200, .pace = { 2.5, NAN, 8, NAN, NAN } },
        { .type = EXCHANGE_PACE, .t = 4200, .pace = { 2.5, NAN, 10.5, NAN, NAN } },
        { .type = EXCHANGE_SAMPLE, .t = 5800, .sample = { 122, 122, 1, 1 } },
        { .type = EXCHANGE_EVENT, .t = 6000, .event = { "step", 2, "hard" } },
        { .type = EXCHANGE_PACE, .t = 10000, .pace = { 5, 181, 30.5, NAN, NAN } },
        { .type = EXCHANGE_SAMPLE, .t = 10000, .sample = { 160, 160, 4, 1 } },
};

static void test_fit_sums(void **state)
{
        ExchangeSession session = a_session();
        const DecodedMessage *m;
        FitMessages all;
        File f = { 0 };

        (void)state;
        session.has_pace = true;
        fit_make(&f, &all, &session, workout, ELEMENTSOF(workout));
        assert_int_equal(fit_count(&all, 20), 6);
        assert_int_equal(decoded_number(fit_find(&all, 20, 2), 3), -1); /* the strap was silent */
        assert_int_equal(decoded_number(fit_find(&all, 20, 2), 5), 800);
        m = fit_find(&all, 19, 0);
        assert_int_equal(decoded_number(m, 9), 1050);
        assert_int_equal(decoded_number(m, 13), 1750);
        assert_int_equal(decoded_number(m, 110), 1750);
        assert_int_equal(decoded_number(m, 17), 75); /* while it moved */
        m = fit_find(&all, 19, 1);
        assert_int_equal(decoded_number(m, 9), 2000);
        assert_int_equal(decoded_number(m, 13), 5000);
        assert_int_equal(decoded_number(m, 17), 90);
        assert_int_equal(decoded_number(m, 80), 64);
        m = fit_find(&all, 18, 0);
        assert_int_equal(decoded_number(m, 9), 3050);
        assert_int_equal(decoded_number(m, 14), 3050);
        assert_int_equal(decoded_number(m, 124), 3050);
        assert_int_equal(decoded_number(m, 18), 82);
        assert_int_equal(decoded_number(m, 92), 96);
        file_done(&f);
}

/* By the machine's counter, or by incline and distance; of the laps and of the session, -1 = not known. */
static void test_fit_ascent(void **state)
{
        static const struct {
                ExchangePace from, half, to;
                int laps[2], session;
        } cases[] = {
                { { 3, NAN, 0, 2, 0 }, { 3, NAN, 500, 4, 12 }, { 3, NAN, 900, 0, 20 }, { 12, 8 }, 20 },
                { { 3, NAN, 0, 2, NAN }, { 3, NAN, 500, 4, NAN }, { 3, NAN, 900, 0, NAN }, { 10, 16 }, 26 },
                { { 3, NAN, 0, 0, NAN }, { 3, NAN, 500, 0, NAN }, { 3, NAN, 900, 0, NAN }, { 0, 0 }, 0 },
                { { 3, NAN, 0, NAN, NAN }, { 3, NAN, 500, NAN, NAN }, { 3, NAN, 900, NAN, NAN }, { -1, -1 },
                                -1 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ExchangeItem run[] = {
                        { .type = EXCHANGE_PACE, .t = 0, .pace = cases[i].from },
                        heart_rate(0, 140),
                        { .type = EXCHANGE_PACE, .t = 200000, .pace = cases[i].half },
                        heart_rate(200000, 140),
                        event(200500, "step", 1, "hard"),
                        { .type = EXCHANGE_PACE, .t = 400000, .pace = cases[i].to },
                        heart_rate(400000, 140),
                };
                ExchangeSession session = a_session();
                FitMessages all;
                File f = { 0 };

                session.has_pace = true;
                session.length = 400000;
                fit_make(&f, &all, &session, run, ELEMENTSOF(run));
                for (size_t k = 0; k < 2; k++)
                        assert_int_equal(decoded_number(fit_find(&all, 19, k), 21), cases[i].laps[k]);
                assert_int_equal(decoded_number(fit_find(&all, 18, 0), 22), cases[i].session);
                file_done(&f);
        }
}

/* -- TCX -- */

static void test_tcx(void **state)
{
#define EXTENDED(name, parent) "//t:" parent "/t:Extensions/*/*[local-name() = '" name "']"
        static const struct {
                const char *xpath, *expected;
        } cases[] = {
                { "count(//t:Trackpoint)", "6" },
                { "count(//t:HeartRateBpm)", "4" },
                { "count(//t:Trackpoint/t:DistanceMeters)", "5" },
                { "count(//t:Trackpoint/t:Cadence)", "0" },
                { "//t:Trackpoint[1]/t:DistanceMeters", "1" },
                { "//t:Trackpoint[3]/t:DistanceMeters", "8" },
                { "//t:Trackpoint[3]/t:Time", "2026-05-17T06:00:03.450Z" },
                { EXTENDED("Speed", "Trackpoint[1]"), "2" },
                { EXTENDED("RunCadence", "Trackpoint[1]"), "75" },
                { EXTENDED("RunCadence", "Trackpoint[2]"), "0" },
                { "count(" EXTENDED("RunCadence", "Trackpoint[3]") ")", "0" },
                { "//t:Lap[1]/t:DistanceMeters", "10.500" },
                { EXTENDED("AvgSpeed", "Lap[1]"), "1.75" },
                { EXTENDED("AvgRunCadence", "Lap[1]"), "75" },
                { "//t:Lap[2]/t:DistanceMeters", "20.000" },
                { EXTENDED("AvgSpeed", "Lap[2]"), "5" },
                { EXTENDED("AvgRunCadence", "Lap[2]"), "91" },
        };
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = NULL;
        xmlDocPtr doc;

        (void)state;
        session.has_pace = true;
        text = text_of(&exchange_tcx, &session, workout, ELEMENTSOF(workout));
        assert_non_null(strstr(text,
                        "<DistanceMeters>30.5</DistanceMeters><HeartRateBpm><Value>160</Value></HeartRateBpm>"
                        "<Extensions><TPX xmlns=\"http://www.garmin.com/xmlschemas/ActivityExtension/v2\">"
                        "<Speed>5</Speed><RunCadence>91</RunCadence></TPX></Extensions></Trackpoint>"));
        doc = read_tcx(text);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_tcx(doc, cases[i].xpath, cases[i].expected);
        xmlFreeDoc(doc);
}

/* -- CSV -- */

static void test_csv(void **state)
{
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = NULL;

        (void)state;
        session.has_pace = true;
        text = text_of(&exchange_csv, &session, workout, ELEMENTSOF(workout));
        assert_string_equal(text,
                        "time,seconds,heart_rate,smoothed,zone,contact,rr_ms,event,speed_m_s,cadence_spm,distance_m,incline\n"
                        "2026-05-17T08:00:00.250+02:00,0.000,120,120,1,yes,,step 1 warm-up,2,150,1,0\n"
                        "2026-05-17T08:00:02.250+02:00,2.000,121,121,1,yes,,,2.5,0,5.5,\n"
                        "2026-05-17T08:00:03.450+02:00,3.200,,,,,,,2.5,,8,\n"
                        "2026-05-17T08:00:04.450+02:00,4.200,,,,,,,2.5,,10.5,\n"
                        "2026-05-17T08:00:06.050+02:00,5.800,122,122,1,yes,,,,,,\n"
                        "2026-05-17T08:00:10.250+02:00,10.000,160,160,4,yes,,step 2 hard,5,181,30.5,\n");
}

/* -- JSON -- */

static void test_json_has_an_ascent_where_there_is_one(void **state)
{
        ExchangeItem run[] = { pace(0, 3, 160, 1), pace(1000, 3, 160, 4), heart_rate(1000, 140) };
        ExchangeSession session = a_session();
        _cleanup_free_ char *text = NULL;

        (void)state;
        session.has_pace = true;
        run[1].pace.ascent = 0.5;
        text = text_of(&exchange_json, &session, run, ELEMENTSOF(run));
        assert_non_null(strstr(text,
                        "{\"t\": 0, \"speed\": 3, \"cadence\": 160, \"distance\": 1, \"incline\": null}"));
        assert_non_null(strstr(text, "\"distance\": 4, \"incline\": null, \"ascent\": 0.5}"));
}

/* -- All -- */

/* A session without pace has no fields of it, and a pace that comes nonetheless is in none but JSON. */
static void test_a_session_without_pace_says_nothing_of_it(void **state)
{
        const ExchangeItem run[] = { pace(0, 3, 160, 1), heart_rate(0, 140), heart_rate(1000, 141) };
        ExchangeSession session = a_session();
        _cleanup_free_ char *tcx = text_of(&exchange_tcx, &session, run, ELEMENTSOF(run)),
                            *csv = text_of(&exchange_csv, &session, run, ELEMENTSOF(run));
        FitMessages all;
        File f = { 0 };

        (void)state;
        fit_make(&f, &all, &session, run, ELEMENTSOF(run));
        assert_null(decoded_field(fit_find(&all, 20, 0), 5));
        assert_null(decoded_field(fit_find(&all, 18, 0), 9));
        file_done(&f);
        assert_null(strstr(tcx, "<Speed>"));
        assert_non_null(strstr(tcx, "    <DistanceMeters>0</DistanceMeters>"));
        assert_null(strstr(csv, ",160,"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_heart_rate_has_the_pace_next_to_it),
                cmocka_unit_test(test_fit_record),
                cmocka_unit_test(test_fit_sums),
                cmocka_unit_test(test_fit_ascent),
                cmocka_unit_test(test_tcx),
                cmocka_unit_test(test_csv),
                cmocka_unit_test(test_json_has_an_ascent_where_there_is_one),
                cmocka_unit_test(test_a_session_without_pace_says_nothing_of_it),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        xmlCleanupParser();
        return r;
}
