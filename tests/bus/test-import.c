/* SPDX-License-Identifier: MIT */

/* Sessions that were recorded elsewhere: what a call of ImportSession comes to, what the coach makes of it, what is refused, and
 * that nothing else notices. */

#include "import-fixture.h"

#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONFIG  RUN_BASE "[session]\nstart-above = off\n"
#define INVALID CARDIO_ERROR_INVALID_ARGUMENT
#define SAME    CARDIO_ERROR_ALREADY_IMPORTED
#define OVERLAP CARDIO_ERROR_OVERLAPS

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    INT64_C(86400000)

static int64_t now_ms(void)
{
        return (int64_t)(run_realtime_usec() / USEC_PER_MSEC);
}

static void assert_sql(Harness *h, const char *sql, const char *expected)
{
        _cleanup_free_ char *found = harness_sql(h, sql);

        assert_string_equal(found, expected);
}

static bool changed_count(Harness *h, void *userdata)
{
        return run_count(h, "SessionsChanged") >= *(unsigned *)userdata;
}

/* Waits for so many of them. */
static void wait_changed(Harness *h, unsigned n)
{
        assert_true(harness_wait(h, changed_count, &n, HARNESS_TIMEOUT));
}

/* All that an import may be noticed by. */
static void assert_only_changed(Harness *h, unsigned n)
{
        static const char *const others[] = { "SessionStarted", "SessionEnded", "SessionDiscarded",
                "OverLimit", "BackInRange", "Trouble" };

        wait_changed(h, n);
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                assert_int_equal(run_count(h, others[i]), 0);
        assert_int_equal(harness_count_signals(h, CARDIO_COACH_INTERFACE, NULL), 0);
        assert_int_equal(run_count(h, "SessionsChanged"), n);
}

/* -- A recorded run -- */

/* Its heart rates, one a second, and the R-R intervals with each; the call's arrays. Ends the header. */
static void append_strap_run(Harness *h, sd_bus_message *m)
{
        FILE *records = fopen(TEST_DATA "/garmin-strap-run/records.csv", "re"),
             *intervals = fopen(TEST_DATA "/garmin-strap-run/rr.csv", "re");
        unsigned t, heart_rate, after, ms;
        char line[64];

        if (!records || !intervals)
                harness_skip(h, "the recording is missing");
        assert_non_null(fgets(line, sizeof(line), records));
        assert_non_null(fgets(line, sizeof(line), intervals));
        import_end_header(m);
        assert_true(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
        while (fscanf(records, "%u,%u", &t, &heart_rate) == 2)
                assert_true(sd_bus_message_append(m, "(tqy)", (uint64_t)t * 1000000, heart_rate, 0) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "(tq)") >= 0);
        while (fscanf(intervals, "%u,%u", &after, &ms) == 2)
                assert_true(sd_bus_message_append(m, "(tq)", (uint64_t)after * 1000000,
                                            (ms * 1024 + 500) / 1000) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "a(tdddd)", 0) >= 0);
        fclose(records);
        fclose(intervals);
}

/* It comes to its known figures, by the runner that the file is of. */
static void test_strap_run(Harness *h)
{
        static const struct {
                const char *sex;
                double trimp;
        } cases[] = { { "male", 60.766 }, { "female", 67.112 } };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (unsigned i = 0; i < ELEMENTSOF(cases); i++) {
                sd_bus_message *m = import_begin(h, i, INT64_C(1615000000000));
                int64_t id;

                assert_true(sd_bus_message_append(m, "{sv}{sv}{sv}{sv}{sv}", "max_hr", "d", 190.0,
                                            "resting_hr", "d", 55.0, "sex", "s", cases[i].sex, "device", "s",
                                            "Forerunner 245", "keep_overlap", "b", 1) >= 0);
                append_strap_run(h, m);
                id = import_send(h, m);
                assert_int_equal(id, i + 1);
                assert_true(fabs(run_real(h, "SELECT trimp FROM session WHERE id = %u", i + 1) -
                                            cases[i].trimp) < 0.01);
        }
        assert_sql(h, "SELECT count(*), round(avg(heart_rate)), max(heart_rate), max(t) FROM sample WHERE session_id = 1",
                        "1681|158.0|177|1680000");
        assert_sql(h, "SELECT count(*), sum(rr), max(t) FROM rr WHERE session_id = 1",
                        "4360|1725961|1680000");
        assert_sql(h, "SELECT date, duration, kind, ceiling, over, breaches, easy_percent, strap, verdict, source FROM sessions",
                        "2021-03-06|0:28:00|hard||0:00:00|0||Forerunner 245||import\n"
                        "2021-03-06|0:28:00|hard||0:00:00|0||Forerunner 245||import");
        assert_sql(h, "SELECT ceiling_expression, tolerance, zone_model, zone_bounds, sensor_id, by_hand FROM session WHERE id = 1",
                        "|2.0|hrr|50 60 70 80 90||0");
        run_check_figures(h, 1, &(RunLimits){ .hold = 10000, .clear = 15000 });
        assert_only_changed(h, 2);
}

/* -- Its day -- */

/* A run of yesterday counts as yesterday's: it is what today recovers from, and no run of today. */
static void test_yesterday(Harness *h)
{
        int64_t id;
        CoachDay day;

        coach_daemon(h, CONFIG "[coach]\nrest-days = no\n");
        for (int days = -3; days < -1; days++)
                coach_run(h, days, 40, "base");
        assert_int_equal(coach_ask(h, 0).streak, 0);
        id = import_run(h, 1, import_moment(-1, 18), 40, 175);
        assert_sql(h, "SELECT kind, verdict, source FROM sessions WHERE source = 'import'", "hard||import");
        day = coach_ask(h, 0);
        assert_string_equal(day.kind, "recovery");
        assert_int_equal(day.sessions, 0);
        assert_int_equal(day.streak, 3);
        day = coach_ask(h, -1);
        assert_int_equal(day.sessions, 1);
        assert_int_equal(day.streak, 3);

        /* On a day for recovery it was none: there is a verdict, by what that day asked for. */
        id = import_run(h, 2, import_moment(0, 8), 40, 150);
        assert_sql(h, "SELECT kind, day_kind, verdict FROM session WHERE id = 4", "|recovery|");
        assert_int_equal(id, 4);
        day = coach_ask(h, 0);
        assert_int_equal(day.sessions, 1);
        assert_int_equal(day.streak, 4);
        run_command(h, COACH "Annotate", "xa{sv}", id, 1, "talk_test", "s", "fail");
        assert_sql(h, "SELECT verdict FROM session WHERE id = 4", "too-fast");
}

/* What is ahead of now, as where the file's clock was wrong, is not of today. */
static void test_ahead(Harness *h)
{
        sd_bus_message *m;
        CoachDay day;

        coach_daemon(h, CONFIG);
        import_run(h, 1, import_moment(1, 8), 40, 175);
        day = coach_ask(h, 0);
        assert_int_equal(day.sessions, 0);
        assert_int_equal(day.streak, 0);
        assert_string_equal(day.kind, "base");
        assert_string_equal(coach_ask(h, 2).kind, "recovery");
        m = import_begin(h, 2, now_ms() + DAY_MS + MINUTE_MS);
        import_steady(m, 10, 1000, 120);
        import_refused(h, m, INVALID, "It would have begun more than a day ahead of now; accepted: *");
}

/* Years ago the runner was younger, the mornings were others, and nobody asked for anything. */
static void test_years_ago(Harness *h)
{
        char date[COACH_DATE_MAX];

        coach_daemon(h, "[runner]\nborn = 1980-06-01\nresting-heart-rate = 50\n" RUN_SMOOTHING RUN_STORAGE);
        run_call(h, COACH "AddResting", "sd", "2016-06-20", 48.0);
        run_call(h, COACH "AddResting", "sd", "2016-06-22", 46.0);
        run_call(h, COACH "AddResting", "sd", coach_date(-1, date), 58.0);
        import_run(h, 1, INT64_C(1465030800000), 40,
                        130); /* 2016-06-04: the first mornings are the nearest */
        import_run(h, 2, INT64_C(1466499600000), 40, 130); /* 06-21 */
        import_run(h, 3, INT64_C(1464339600000), 40, 130); /* 05-27 */
        assert_sql(h, "SELECT id, max_hr, resting_hr, day_kind, verdict FROM session ORDER BY id",
                        "1|184.0|47.0||\n2|184.0|48.0||\n3|185.0|47.0||");
        import_run(h, 4, import_moment(-1, 8), 40, 130);
        assert_true(run_real(h, "SELECT resting_hr FROM session WHERE id = 4") == 58);
        /* Asked for, it has none either. */
        {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                _cleanup_free_ char *text = NULL;

                assert_int_equal(harness_call(h, &reply, NULL, "GetSession", "x", INT64_C(1)), 0);
                text = harness_message_text(reply);
                run_assert_contains(text, "ask_talk_test false");
        }
        assert_sql(h, "SELECT count(*) FROM session WHERE id < 4 AND verdict IS NOT NULL", "0");
        /* Without the clock of where it was, by that of here. */
        assert_true(run_int(h, "SELECT utc_offset_s FROM session WHERE id = 1") ==
                        run_int(h, "SELECT utc_offset_s FROM session WHERE id = 4"));
}

/* Runs are judged by those before them, in whatever order they come. */
static void test_any_order(Harness *h)
{
        const int64_t start = INT64_C(1465030800000);

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        import_run(h, 1, start + 20 * DAY_MS, 70, 150);
        assert_sql(h, "SELECT record_kind FROM session WHERE id = 1", "base");
        for (unsigned i = 0; i < 5; i++)
                import_run(h, 10 + i, start + (19 - (int64_t)i) * DAY_MS, 30, 150);
        assert_sql(h, "SELECT record_kind, record_long FROM session WHERE id = 1", "long|1");
        assert_sql(h, "SELECT count(*) FROM session WHERE record_kind = 'base'", "5");
}

/* -- What the file says -- */

static void test_sport(Harness *h)
{
        static const struct {
                const char *sport, *kind, *expected;
        } cases[] = { { "running", "", "recovery" }, { "", "", "recovery" },
                { "trail_running", "", "recovery" }, { "cycling", "", "cross-training" },
                { "Swimming", "", "cross-training" }, { "cycling", "base", "base" },
                { "running", "race", "race" } };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (unsigned i = 0; i < ELEMENTSOF(cases); i++) {
                sd_bus_message *m = import_begin(h, i, INT64_C(1465030800000) + i * DAY_MS);

                assert_true(sd_bus_message_append(m, "{sv}{sv}", "sport", "s", cases[i].sport, "kind", "s",
                                            cases[i].kind) >= 0);
                import_steady(m, 1200, 1000, 110);
                import_send(h, m);
                {
                        _cleanup_free_ char *kind =
                                        harness_sql(h, "SELECT kind FROM sessions ORDER BY id DESC LIMIT 1");

                        assert_string_equal(kind, cases[i].expected);
                }
        }
        assert_sql(h, "SELECT sport FROM session WHERE id IN (1, 2, 4)", "running\n\ncycling");
}

/* A file of ours keeps its ceilings, its zones, what was said and what happened. */
static void test_own_file(Harness *h)
{
        sd_bus_message *m;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        m = import_begin(h, 1, INT64_C(1465030800000));
        assert_true(sd_bus_message_append(m, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}",
                                    "utc_offset_s", "i", 7200, "ceiling", "d", 140.0, "ceiling_expression",
                                    "s", "140", "tolerance", "d", 1.0, "zone_model", "s", "custom",
                                    "zone_bounds", "s", "100 150", "talk_test", "s", "pass", "rpe", "y", 4,
                                    "day_kind", "s", "base", "workout", "s", "fartlek", "by_hand", "b", 1,
                                    "note", "s", "=1+1, \"hot\"", "device", "s", "Strap\033[31m") >= 0);
        assert_true(sd_bus_message_append(m, "{sv}", "events", "a(tsds)", 6, UINT64_C(0), "mark", NAN, "go",
                                    UINT64_C(30000000), "ceiling", 160.0, "160", UINT64_C(45000000),
                                    "battery", 80.0, "", UINT64_C(46000000), "over-pace", 3.25, "",
                                    UINT64_C(50000000), "pace-in-range", 3.5, "", UINT64_C(60000000), "mark",
                                    NAN, "end") >= 0);
        import_end_header(m);
        assert_true(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
        for (unsigned i = 0; i <= 60; i++)
                assert_true(sd_bus_message_append(m, "(tqy)", i * UINT64_C(1000000), 150, 1) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "a(tq)a(tdddd)", 3, UINT64_C(0), 400, UINT64_C(1000000), 401,
                                    UINT64_C(1000000), 402, 4, UINT64_C(0), 2.5, 170.0, 10.0, NAN,
                                    UINT64_C(1500000), NAN, NAN, 12.5, 1.0, UINT64_C(1500000), 2.6, 171.0,
                                    13.0, NAN, UINT64_C(61000000), 1.0, 1.0, 99.0, NAN) >= 0);
        import_send(h, m);
        assert_sql(h, "SELECT t, type, value, detail FROM event ORDER BY t, id",
                        "0|mark||go\n0|zone|150.0|2\n2000|over-limit|150.0|\n29000|back-in-range|27.0|\n30000|ceiling|160.0|160\n"
                        "45000|battery|80.0|\n46000|over-pace|3.25|\n50000|pace-in-range|3.5|\n60000|mark||end");
        assert_sql(h,
                        "SELECT ceiling, ceiling_expression, tolerance, zone_model, zone_bounds, talk_test, rpe, day_kind, workout,"
                        " by_hand, note, device, utc_offset_s, breaches, over_s FROM session",
                        "140.0|140|1.0|custom|100 150|pass|4|base|fartlek|1|=1+1, \"hot\"|Strap?[31m|7200|1|30.0");
        assert_sql(h, "SELECT t, seq, rr FROM rr", "0|0|400\n1000|0|401\n1000|1|402");
        assert_sql(h, "SELECT t, speed, cadence, distance, incline FROM pace",
                        "0|2.5|170.0|10.0|\n1500|2.6|171.0|13.0|");
        run_command(h, "DeleteSession", "x", INT64_C(1));
        assert_sql(h, "SELECT (SELECT count(*) FROM pace) + (SELECT count(*) FROM sample)", "0");
}

/* It begins with its first heart rate, wherever in the file that is. */
static void test_late_heart_rate(Harness *h)
{
        sd_bus_message *m;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        m = import_begin(h, 1, INT64_C(1465030800000));
        import_end_header(m);
        assert_true(sd_bus_message_append(m, "a(tqy)", 2, UINT64_C(90000000), 120, 0, UINT64_C(91000500), 121,
                                    0) >= 0);
        assert_true(sd_bus_message_append(m, "a(tq)a(tdddd)", 1, UINT64_C(90000000), 500, 3, UINT64_C(0), 1.0,
                                    NAN, 100.0, NAN, UINT64_C(89000000), 1.0, NAN, 300.0, NAN,
                                    UINT64_C(91000000), 1.0, NAN, 310.0, NAN) >= 0);
        import_send(h, m);
        assert_sql(h, "SELECT started_at, ended_at - started_at FROM session", "1465030890000|1000");
        assert_sql(h, "SELECT t, speed, distance FROM pace", "1000|1.0|10.0");
        assert_sql(h, "SELECT t, rr FROM rr", "0|500");
}

/* -- What is there already -- */

static void test_same_content(Harness *h)
{
        sd_bus_message *m;
        int64_t id;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        id = import_run(h, 7, INT64_C(1465030800000), 10, 130);
        for (unsigned i = 0; i < 2; i++) {
                m = import_begin(h, 7, INT64_C(1465030800000) + i * DAY_MS);
                assert_true(sd_bus_message_append(m, "{sv}", "keep_overlap", "b", 1) >= 0);
                import_steady(m, 100, 1000, 130);
                import_refused(h, m, SAME, "The same content is session 1 already");
        }
        run_command(h, "DeleteSession", "x", id);
        assert_int_equal(import_run(h, 7, INT64_C(1465030800000), 10, 130), 2);
}

/* Half of it may be stored already, more may not; of several sessions together, and of one that is being recorded. */
static void test_overlap(Harness *h)
{
        const int64_t start = INT64_C(1465030800000);
        sd_bus_message *m;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        m = import_begin(h, 1, start);
        assert_true(sd_bus_message_append(m, "{sv}", "utc_offset_s", "i", 3600) >= 0);
        import_steady(m, 6001, 1000, 130);
        import_send(h, m);
        /* 6000 s from there on. */
        m = import_begin(h, 2, start + 2940 * 1000);
        import_steady(m, 6001, 1000, 130);
        import_refused(h, m, OVERLAP, "More than half of it lies in session 1 (2016-06-04 10:00 – 11:40)");
        m = import_begin(h, 2, start + 2940 * 1000);
        assert_true(sd_bus_message_append(m, "{sv}", "keep_overlap", "b", 1) >= 0);
        import_steady(m, 6001, 1000, 130);
        import_send(h, m);
        m = import_begin(h, 3, start - 3060 * 1000);
        import_steady(m, 6001, 1000, 130);
        import_send(h, m);
        m = import_begin(h, 4, start + 1000);
        import_steady(m, 1, 1000, 130);
        import_refused(h, m, OVERLAP, "*lies in session *");
        /* Of 10000 s 4000 are in one and 2000 in the other; what is in both counts once. */
        m = import_begin(h, 5, start + 2000 * 1000);
        import_steady(m, 10001, 1000, 130);
        import_refused(h, m, OVERLAP, "More than half of it lies in session 2 (*) and 2 others");
        assert_sql(h, "SELECT count(*) FROM session", "3");
}

/* -- While a run is recorded -- */

/* The run goes on as it did: its ceiling stays, and its rows are its own; the coach hears of the other one when it has ended. */
static void test_during_a_run(Harness *h)
{
        sd_bus_message *m;

        coach_daemon(h, RUN_BASE "[ceiling]\nceiling = auto\n[session]\nstart-above = off\n");
        run_strap(h, STRAP);
        run_settle(h, 150);
        run_call(h, "StartSession", "s", "");
        run_wait_manager(h, "CeilingExpression", "80%hrr");
        run_settle(h, 160);
        harness_clear_signals(h);
        /* Heart rates that come while it is taken are taken after it. */
        m = import_begin(h, 1, import_moment(-1, 8));
        import_steady(m, 6 * 3600, 1000, 175);
        assert_true(sd_bus_send(harness_bus(h, BUS_SYSTEM), m, NULL) >= 0);
        assert_true(sd_bus_flush(harness_bus(h, BUS_SYSTEM)) >= 0);
        sd_bus_message_unref(m);
        run_settle(h, 155);
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE id = 2");
        run_wait_manager(h, "CeilingExpression", "80%hrr");
        run_wait_manager(h, "Session", "1");
        assert_only_changed(h, 1);
        assert_sql(h, "SELECT kind FROM sessions WHERE id = 2", "hard");
        run_call(h, "StopSession", NULL);
        assert_sql(h, "SELECT group_concat(heart_rate) FROM (SELECT * FROM sample WHERE session_id = 1 ORDER BY t)",
                        "150,159,161,160,154,156,155");
        assert_sql(h, "SELECT ended_at IS NOT NULL, source, ceiling_expression FROM session WHERE id = 1",
                        "1|strap|80%hrr");
        run_wait_manager(h, "CeilingExpression", "65%hrr");
        run_check_figures(h, 1, &(RunLimits){ .hold = 10000, .clear = 15000 });
        /* What is recorded is there already, too. */
        run_settle(h, 150);
        run_call(h, "StartSession", "s", "");
        run_settle(h, 151);
        run_settle(h, 152);
        m = import_begin(h, 2, run_int(h, "SELECT started_at FROM session WHERE id = 3"));
        import_steady(m, 2, 100, 130);
        import_refused(h, m, OVERLAP, "*session 3 *");
}

/* However many come, clients are told at most once a second, and always after the last. */
static void test_signals(Harness *h)
{
        int64_t began_ms;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        began_ms = now_ms();
        for (unsigned i = 0; i < 20; i++)
                import_run(h, i, INT64_C(1465030800000) + i * DAY_MS, 1, 130);
        wait_changed(h, 2);
        assert_true(run_count(h, "SessionsChanged") <= (now_ms() - began_ms) / 1000 + 2);
        harness_clear_signals(h);
        run_command(h, "DeleteSession", "x", INT64_C(1));
        assert_only_changed(h, 1);
}

/* -- What is refused -- */

typedef struct Refused {
        const char *key, *type; /* of one more entry of the header; NULL = none */
        union {
                const char *text;
                double real;
                int64_t integer;
                unsigned small;
        };
        const char *pattern;
} Refused;

#define LONG_TEXT                                                                                              \
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x"

static void test_headers_refused(Harness *h)
{
        static const Refused table[] = {
                { "started_at", "x", .integer = 0,
                                .pattern = "It would have begun before 1990; accepted: *" },
                { "started_at", "x", .integer = INT64_MAX, .pattern = "*more than a day ahead*" },
                { "started_at", "x", .integer = -1, .pattern = "*before 1990*" },
                { "content", "s", .text = "", .pattern = "content has to be there, *" },
                { "content", "s", .text = "ABCDEF", .pattern = "content has to be there, *" },
                { "utc_offset_s", "i", .small = 60000, .pattern = "utc_offset_s is 60000; *" },
                { "kind", "s", .text = "jog", .pattern = "kind is not one of rest, *" },
                { "device", "s", .text = LONG_TEXT, .pattern = "device is too long; *" },
                { "sport", "s", .text = LONG_TEXT, .pattern = "sport is too long; *" },
                { "workout", "s", .text = LONG_TEXT, .pattern = "workout is too long; *" },
                { "max_hr", "d", .real = 99, .pattern = "max_hr is 99 bpm; accepted: 100 to 250 bpm" },
                { "max_hr", "d", .real = INFINITY, .pattern = "max_hr is inf bpm; *" },
                { "resting_hr", "d", .real = 10, .pattern = "resting_hr is 10 bpm; *" },
                { "ceiling", "d", .real = -1, .pattern = "ceiling is -1 bpm; *" },
                { "ceiling_expression", "s", .text = "fast", .pattern = "'fast' is not a ceiling; *" },
                { "tolerance", "d", .real = 51, .pattern = "tolerance is 51 bpm; *" },
                { "zone_model", "s", .text = "five",
                                .pattern = "zone_model and zone_bounds are no zones; *" },
                { "zone_bounds", "s", .text = "60 50",
                                .pattern = "zone_model and zone_bounds are no zones; *" },
                { "sex", "s", .text = "x", .pattern = "'x' is not a sex; *" },
                { "talk_test", "s", .text = "maybe", .pattern = "talk_test is not pass or fail" },
                { "day_kind", "s", .text = "monday", .pattern = "'monday' is not a day's kind; *" },
                { "rpe", "y", .small = 11, .pattern = "*" },
                { "source", "s", .text = "strap",
                                .pattern = "'source' is not one of the keys; accepted: started_at *events" },
                { "started_at", "s", .text = "now", .pattern = "started_at is of type s; accepted: type x" },
                { "events", "s", .text = "", .pattern = "events is of type s; accepted: type a(tsds)" },
        };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                sd_bus_message *m = import_begin(h, 1, INT64_C(1465030800000));
                int r = table[i].type[0] == 's'
                                        ? sd_bus_message_append(m, "{sv}", table[i].key, "s", table[i].text)
                        : table[i].type[0] == 'd'
                                        ? sd_bus_message_append(m, "{sv}", table[i].key, "d", table[i].real)
                        : table[i].type[0] == 'x' ? sd_bus_message_append(m, "{sv}", table[i].key, "x",
                                                                    table[i].integer)
                                                  : sd_bus_message_append(m, "{sv}", table[i].key,
                                                                    table[i].type, table[i].small);

                assert_true(r >= 0);
                import_steady(m, 10, 1000, 130);
                import_refused(h, m, INVALID, table[i].pattern);
        }
        {
                sd_bus_message *m = import_begin(h, 1, 0);

                import_steady(m, 10, 1000, 130);
                import_refused(h, m, INVALID, "content has to be there, *");
        }
        assert_sql(h, "SELECT count(*) FROM session", "0");
        harness_refute_signal(h, CARDIO_MANAGER_INTERFACE, "SessionsChanged", 0);
}

/* What was heard: each is told by its number. */
static void test_arrays_refused(Harness *h)
{
        static const struct {
                unsigned n_samples;
                uint64_t at[2];
                unsigned heart_rate, contact;
                const char *pattern;
        } samples[] = {
                { 0, { 0 }, 0, 0, "There is no heart rate; *" },
                { 2, { 5000000, 5000000 }, 100, 0, "Sample 2 is not later than the one before it; *" },
                { 2, { 5000000, 5000999 }, 100, 0, "Sample 2 is not later *" },
                { 2, { 5000000, 1 }, 100, 0, "Sample 2 is not later *" },
                { 1, { 0 }, 24, 0, "Sample 1: 24 bpm is no heart rate; accepted: 25 to 250" },
                { 1, { 0 }, 65535, 0, "Sample 1: 65535 bpm *" },
                { 1, { 0 }, 100, 3, "Sample 1: 3 is no contact; *" },
                { 2, { 0, UINT64_MAX }, 100, 0, "Sample 2 is at more than 48 hours; *" },
                { 2, { 0, UINT64_C(86400001000) }, 100, 0, "It is longer than 24 hours; *" },
        };
        static const struct {
                const char *rr_at, *pattern; /* one a letter: seconds */
                double pace[4];
                uint64_t pace_at;
                const char *type, *detail;
                double value;
        } others[] = {
                { .rr_at = "10", .pattern = "R-R interval 2 is out of time; *" },
                { .pace = { -1, 0, 0, 0 }, .pattern = "Pace 2 is not believed; *" },
                { .pace = { 0, 0, INFINITY, 0 }, .pattern = "Pace 2 is not believed; *" },
                { .pace_at = UINT64_MAX, .pattern = "Pace 2 is out of time; *" },
                { .type = "over-limit",
                                .detail = "",
                                .pattern = "Event 1: 'over-limit' cannot be imported; *" },
                { .type = "ceiling",
                                .detail = "",
                                .value = 300,
                                .pattern = "Event 1: 300 is not believed; *" },
                { .type = "mark", .detail = LONG_TEXT, .pattern = "Event 1: the text is too long; *" },
                { .type = "battery",
                                .detail = "",
                                .value = INFINITY,
                                .pattern = "Event 1: inf is not believed; *" },
        };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(samples); i++) {
                sd_bus_message *m = import_begin(h, 1, INT64_C(1465030800000));

                import_end_header(m);
                assert_true(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
                for (unsigned k = 0; k < samples[i].n_samples; k++)
                        assert_true(sd_bus_message_append(m, "(tqy)", samples[i].at[k], samples[i].heart_rate,
                                                    samples[i].contact) >= 0);
                assert_true(sd_bus_message_close_container(m) >= 0);
                assert_true(sd_bus_message_append(m, "a(tq)a(tdddd)", 0, 0) >= 0);
                import_refused(h, m, INVALID, samples[i].pattern);
        }
        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                sd_bus_message *m = import_begin(h, 1, INT64_C(1465030800000));

                if (others[i].type)
                        assert_true(sd_bus_message_append(m, "{sv}", "events", "a(tsds)", 1, UINT64_C(0),
                                                    others[i].type, others[i].value, others[i].detail) >= 0);
                import_end_header(m);
                assert_true(sd_bus_message_append(m, "a(tqy)", 1, UINT64_C(0), 100, 0) >= 0);
                assert_true(sd_bus_message_open_container(m, 'a', "(tq)") >= 0);
                for (const char *at = others[i].rr_at; at && *at; at++)
                        assert_true(sd_bus_message_append(m, "(tq)", (uint64_t)(*at - '0') * 1000000, 500) >=
                                        0);
                assert_true(sd_bus_message_close_container(m) >= 0);
                assert_true(sd_bus_message_append(m, "a(tdddd)", 2, UINT64_C(0), NAN, NAN, NAN, NAN,
                                            others[i].pace_at, others[i].pace[0], others[i].pace[1],
                                            others[i].pace[2], others[i].pace[3]) >= 0);
                import_refused(h, m, INVALID, others[i].pattern);
        }
        assert_sql(h, "SELECT count(*) FROM session", "0");
}

/* Counts that no day has; the daemon reads no further. */
static void test_too_much(Harness *h)
{
        sd_bus_message *m;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        m = import_begin(h, 1, INT64_C(1465030800000));
        import_steady(m, 200001, 400, 130);
        import_refused(h, m, INVALID, "There are too many samples; accepted: at most 200000");
        assert_int_equal(import_run(h, 1, INT64_C(1465030800000), 1, 130), 1);
}

/* -- A database that does not take it -- */

/* Locked by another program: it is refused, and nothing of it waits, also for the next start. */
static void test_locked(Harness *h)
{
        sd_bus_message *m;
        sqlite3 *db;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        assert_int_equal(sqlite3_open(harness_path(h, "cardiod.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        m = import_begin(h, 1, INT64_C(1465030800000));
        import_steady(m, 100, 1000, 130);
        import_refused(h, m, CARDIO_ERROR_BUSY,
                        "The database cannot be written now (*): nothing is stored, try again");
        harness_refute_signal(h, CARDIO_MANAGER_INTERFACE, "SessionsChanged", 0);
        run_wait_manager(h, "Waiting", "0");
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        assert_sql(h, "SELECT count(*) FROM session", "0");
        assert_int_equal(import_run(h, 1, INT64_C(1465030800000), 1, 130), 1);
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        assert_sql(h, "SELECT id, source, ended_at - started_at FROM session", "1|import|60000");
        /* It is no session that could go on. */
        run_wait_manager(h, "Recording", "false");
}

/* Killed at any moment, all of it is there or nothing. */
static void test_killed(Harness *h)
{
        unsigned number = 0;
        int64_t n = 0;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (unsigned ms = 2; ms < 26; ms += 4) {
                sd_bus_message *m = import_begin(h, number, INT64_C(1465030800000) + number * DAY_MS);

                import_steady(m, 7200, 1000, 130);
                assert_true(sd_bus_send(harness_bus(h, BUS_SYSTEM), m, NULL) >= 0);
                assert_true(sd_bus_flush(harness_bus(h, BUS_SYSTEM)) >= 0);
                sd_bus_message_unref(m);
                number++;
                harness_pass_time(h, ms * USEC_PER_MSEC);
                assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
                harness_daemon_start(h, NULL, DAEMON_SYSTEM);
                assert_int_equal(
                                run_int(h, "SELECT count(*) FROM session WHERE ended_at IS NULL OR live_s <> 7199 OR"
                                           " (SELECT count(*) FROM sample WHERE session_id = session.id) <> 7200"),
                                0);
                assert_int_equal(run_int(h, "SELECT count(DISTINCT session_id) FROM sample"),
                                run_int(h, "SELECT count(*) FROM session"));
                n = run_int(h, "SELECT count(*) FROM session");
        }
        print_message("%lld of %u were stored\n", (long long)n, number);
        run_wait_manager(h, "Recording", "false");
}

/* -- A day -- */

/* A whole day at one heart rate a second, with R-R intervals and pace, is taken as one, and soon. */
static void test_day(Harness *h)
{
        struct timespec begin, end;
        sd_bus_message *m;
        double seconds;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        m = import_begin(h, 1, INT64_C(1465030800000));
        import_end_header(m);
        assert_true(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
        for (unsigned i = 0; i <= 86400; i++)
                assert_true(sd_bus_message_append(m, "(tqy)", i * UINT64_C(1000000), 100 + i % 50, 0) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "(tq)") >= 0);
        for (unsigned i = 0; i <= 86400; i++)
                for (unsigned k = 0; k < 2; k++)
                        assert_true(sd_bus_message_append(m, "(tq)", i * UINT64_C(1000000), 500) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "(tdddd)") >= 0);
        for (unsigned i = 0; i <= 86400; i++)
                assert_true(sd_bus_message_append(m, "(tdddd)", i * UINT64_C(1000000), 3.0, 170.0, 3.0 * i,
                                            0.0) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        (void)clock_gettime(CLOCK_MONOTONIC, &begin);
        import_send(h, m);
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
        print_message("a day was taken in %.2f s\n", seconds);
        assert_true(seconds < 10 * run_scale());
        assert_sql(h, "SELECT ended_at - started_at, live_s FROM session", "86400000|86400.0");
        assert_sql(h, "SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM pace)", "86401|86401");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_strap_run),
                harness_test(test_yesterday),
                harness_test(test_ahead),
                harness_test(test_years_ago),
                harness_test(test_any_order),
                harness_test(test_sport),
                harness_test(test_own_file),
                harness_test(test_late_heart_rate),
                harness_test(test_same_content),
                harness_test(test_overlap),
                harness_test(test_during_a_run),
                harness_test(test_signals),
                harness_test(test_headers_refused),
                harness_test(test_arrays_refused),
                harness_test(test_too_much),
                harness_test(test_locked),
                harness_test(test_killed),
                harness_test(test_day),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
