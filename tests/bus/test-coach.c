/* SPDX-License-Identifier: MIT */

/* The coach on D-Bus: what the runner tells, what the handbook's rules make of it, and what is refused. */

#include "coach-fixture.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG   RUN_BASE
#define INVALID  CARDIO_ERROR_INVALID_ARGUMENT
#define NO_ENTRY CARDIO_ERROR_NO_SUCH_ENTRY

/* -- Resting heart rate ---------------------------------------------------------------------------------- */

/* Rules 1 and 3: the ceiling follows the mornings, provisional until there are seven. */
/* They overrule the file, and that is said. */
#define MORNINGS(bpm)                                                                     \
        "your mornings give a resting heart rate of " bpm " bpm, which is in force, not " \
        "`resting-heart-rate = 50`: take that line out, or bring it up to date"

static void test_rule_resting_heart_rate_is_measured(Harness *h)
{
        CoachTold told;
        int64_t id = 0;

        coach_daemon(h, CONFIG);
        run_wait_manager(h, "Ceiling", "145.55");
        run_wait_manager(h, "RestingProvisional", "true");
        told = coach_ask(h, 0);
        assert_int_equal(told.keys, 13);
        assert_true(told.resting == 50 && told.provisional && isnan(told.resting_delta));

        harness_clear_signals(h);
        for (int day = -6; day < 0; day++)
                coach_morning(h, day, 60);
        run_expect_changed(h, CARDIO_OBJECT, "Ceiling 149.05 RestingHeartRate 60 Warnings " MORNINGS("60"));
        id = coach_morning(h, 0, 46);
        run_expect_changed(h, CARDIO_OBJECT,
                        "Ceiling 148.35 RestingHeartRate 58 RestingProvisional false Warnings " MORNINGS(
                                        "58"));
        told = coach_ask(h, 0);
        assert_true(told.resting == 58 && !told.provisional && told.resting_delta == -12);

        run_command(h, COACH "RemoveResting", "x", id);
        run_expect_changed(h, CARDIO_OBJECT,
                        "Ceiling 149.05 RestingHeartRate 60 RestingProvisional true Warnings " MORNINGS(
                                        "60"));
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting"), 6);

        /* What was measured is not for the log, but that there is something to see is. */
        harness_wait_output(h, harness_daemon(h), true,
                        "Configuration: `resting-heart-rate` goes ill with what was measured: `cardioctl "
                        "doctor` "
                        "tells how",
                        HARNESS_TIMEOUT);
        harness_refute_output(h, harness_daemon(h), true, "*your mornings*");
}

static void test_resting_refused(Harness *h)
{
        static const char *const dates[] = { "", "today", "2026-02-30", "2025-02-29", "2026-13-01",
                "2026-1-1", "2026-05-17 ", "0000-01-01", "17.5.2026" };
        static const double figures[] = { 24.9, 120.1, -50, 0, NAN, INFINITY, 1e300 };
        char date[COACH_DATE_MAX];

        coach_daemon(h, "[runner]\nmax-heart-rate = 100\n");
        for (size_t i = 0; i < ELEMENTSOF(dates); i++)
                run_refused(h, INVALID, "*is not a date; accepted: a day of the calendar*",
                                COACH "AddResting", "sd", dates[i], 50.0);
        for (size_t i = 0; i < ELEMENTSOF(figures); i++)
                run_refused(h, INVALID, "*accepted: a resting heart rate of 25 to 120 bpm",
                                COACH "AddResting", "sd", coach_date(0, date), figures[i]);
        run_refused(h, INVALID, "*is in the future; accepted: * up to today", COACH "AddResting", "sd",
                        coach_date(1, date), 50.0);
        run_refused(h, INVALID, "100 bpm is not below your maximum heart rate, 100 bpm; accepted: *",
                        COACH "AddResting", "sd", coach_date(0, date), 100.0);
        run_refused(h, NO_ENTRY, "There is no morning 1", COACH "RemoveResting", "x", INT64_C(1));
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting"), 0);
        coach_morning(h, 0, 99.5);
}

/* A leap day is a day like any other. */
static void test_leap_day(Harness *h)
{
        coach_daemon(h, CONFIG);
        run_call(h, COACH "AddResting", "sd", "2024-02-29", 48.0);
        run_call(h, COACH "AddRace", "sss", "2024-02-28", "marathon", "");
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting WHERE local_date = '2024-02-29'"), 1);
        run_refused(h, INVALID, "'2023-02-29' is not a date*", COACH "AddResting", "sd", "2023-02-29", 48.0);
        for (unsigned i = 0; i < 2; i++) {
                static const char *const date[] = { "2024-02-29", "2024-03-01" };
                static const char *const kind[] = { "rest", "cross-training" };
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                _cleanup_free_ char *text = NULL;

                assert_true(harness_call(h, &reply, NULL, COACH "Today", "s", date[i]) >= 0);
                text = harness_message_text(reply);
                run_assert_contains(text, kind[i]);
        }
}

/* -- Races ----------------------------------------------------------------------------------------------- */

/* Rule 8, a row of each distance; the whole table is the core's. */
static void test_rule_after_a_race(Harness *h)
{
        static const struct {
                const char *distance;
                int days;
                const char *kind, *ceiling;
                unsigned min, max;
        } cases[] = {
                { "marathon", 0, "race", "off", 0, 0 },
                { "marathon", 1, "rest", "65%hrr", 0, 0 },
                { "marathon", 4, "cross-training", "65%hrr", 0, 0 },
                { "marathon", 10, "recovery", "65%hrr", 20, 30 },
                { "marathon", 16, "base", "80%hrr", 0, 0 },
                { "marathon", 17, "recovery", "65%hrr", 0, 0 },
                { "marathon", 21, "base", "80%hrr", 0, 0 },
                { "half", 1, "recovery", "65%hrr", 20, 30 },
                { "half", 2, "base", "80%hrr", 0, 0 },
                { "half", 5, "recovery", "65%hrr", 0, 0 },
                { "half", 9, "base", "80%hrr", 0, 0 },
                { "10k", 1, "recovery", "65%hrr", 30, 0 },
                { "5k", 2, "base", "80%hrr", 0, 0 },
                { "5k", 3, "base", "80%hrr", 0, 0 },
        };

        coach_daemon(h, CONFIG);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t id = coach_race(h, -cases[i].days, cases[i].distance);
                CoachTold told = coach_ask(h, 0);

                if (strcmp(told.kind, cases[i].kind) != 0 || strcmp(told.ceiling, cases[i].ceiling) != 0)
                        harness_fail(h, "%d days after %s: %s, %s", cases[i].days, cases[i].distance,
                                        told.kind, told.ceiling);
                assert_int_equal(told.min_minutes, cases[i].min);
                assert_int_equal(told.max_minutes, cases[i].max);
                run_command(h, COACH "RemoveRace", "x", id);
        }
        coach_expect(h, 0, "base", "no race*");

        /* Of two the more careful answer; the reason names the race. */
        coach_race(h, -2, "5k");
        coach_race(h, -9, "marathon");
        coach_expect(h, 0, "recovery", "9 days after your marathon on *-*-*");
        coach_expect(h, -2, "recovery", "7 days after your marathon on *");
}

static void test_race_refused(Harness *h)
{
        static const char *const distances[] = { "", "42k", "Marathon", "5K", "half ", "ultra" };
        char date[COACH_DATE_MAX], *note = calloc(1, 2002);

        coach_daemon(h, CONFIG);
        for (size_t i = 0; i < ELEMENTSOF(distances); i++)
                run_refused(h, INVALID, "*is not a distance; accepted: 5k, 10k, half or marathon",
                                COACH "AddRace", "sss", coach_date(0, date), distances[i], "");
        run_refused(h, INVALID, "'soon' is not a date; accepted: *", COACH "AddRace", "sss", "soon", "5k",
                        "");
        assert_non_null(note);
        memset(note, 'x', 2001);
        run_refused(h, INVALID, "The note is too long; accepted: at most 2000 bytes", COACH "AddRace", "sss",
                        date, "5k", note);
        free(note);
        run_refused(h, NO_ENTRY, "There is no race 7", COACH "RemoveRace", "x", INT64_C(7));
        assert_int_equal(run_int(h, "SELECT count(*) FROM race"), 0);
        /* One to come is what races are entered for. */
        coach_race(h, 3, "10k");
        run_assert_contains(coach_ask(h, 0).advice, "3 days to your 10K.");
}

/* -- Sessions ------------------------------------------------------------------------------------------- */

/* Rule 6. */
static void test_rule_after_a_hard_workout(Harness *h)
{
        coach_daemon(h, CONFIG);
        coach_run(h, -1, 45, "hard");
        coach_expect(h, 0, "recovery", "the day after your hard run on *-*-* (session 1)");
        coach_expect(h, 1, "base", "2 days after your hard run on * (session 1)");
        coach_expect(h, 2, "base", "no race*");
}

/* Rule 7. */
static void test_rule_after_a_long_run(Harness *h)
{
        coach_daemon(h, CONFIG);
        coach_run(h, -1, 100, "long");
        coach_expect(h, 0, "rest", "the day after your long run on * (session 1)");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        coach_daemon(h, CONFIG "[coach]\nrest-days = no\n");
        coach_expect(h, 0, "recovery", "the day after your long run on * (session 1)");
}

/* Rule 14. */
static void test_rule_level_and_cycle(Harness *h)
{
        coach_daemon(h, CONFIG "[coach]\nlevel = new\ncycle-days = 9\n");
        coach_run(h, -9, 80, "long");
        coach_run(h, -1, 45, "hard");
        coach_expect(h, 0, "rest", "the day after your hard run*");
        coach_expect(h, 1, "recovery", "2 days after your hard run*");
        assert_int_equal(coach_ask(h, 0).cycle_day, 9);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);

        coach_daemon(h, CONFIG "[coach]\nlevel = seasoned\ncycle-days = 9\n");
        run_command(h, "DeleteSession", "x", INT64_C(2));
        coach_expect(h, 0, "long", "the last day of your cycle of 9 days*");
        coach_run(h, -1, 80, "long");
        coach_expect(h, 0, "recovery", "the day after your long run*");
}

/* Rules 11 and 12: days in a row, and two runs on one day. */
static void test_rule_streak_and_doubles(Harness *h)
{
        char date[COACH_DATE_MAX];
        CoachTold told;

        coach_daemon(h, CONFIG);
        assert_int_equal(coach_ask(h, 0).streak, 0);
        for (int day = -4; day < 0; day++)
                coach_run(h, day, 30, "base");
        assert_int_equal(coach_ask(h, 0).streak, 4);
        coach_run(h, 0, 20, "base");
        coach_run(h, 0, 25, "recovery");
        assert_int_equal(coach_ask(h, 0).streak, 5);
        coach_run(h, -6, 30, "cross-training");
        assert_int_equal(coach_ask(h, 0).streak, 5);
        assert_int_equal(run_int(h, "SELECT sum(sessions) FROM weeks"), 7);
        /* How many of them are of this week depends on which day it is. */
        told = coach_ask(h, 0);
        (void)coach_date(0, date);
        assert_int_equal(told.sessions, 2);
        assert_int_equal(told.week_sessions, run_int(h,
                                                             "SELECT sessions FROM weeks WHERE week = "
                                                             "date('%s', 'weekday 0', '-6 days')",
                                                             date));
        assert_int_equal(told.week_minutes,
                        run_int(h,
                                        "SELECT sum(s.ended_at - s.started_at) / 60000 FROM session AS s"
                                        " JOIN sessions AS v ON v.id = s.id"
                                        " WHERE v.date >= date('%s', 'weekday 0', '-6 days')",
                                        date));
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE source = 'manual'"), 7);
}

/* Rule 9: said with the run, it counts as too fast though there was no heart rate at all. */
static void test_rule_talk_test(Harness *h)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char date[COACH_DATE_MAX];
        const char *kind, *text;
        int64_t id;

        coach_daemon(h, CONFIG);
        id = run_call(h, "AddSession", "a{sv}", 4, "local_date", "s", coach_date(0, date), "minutes", "u", 30,
                        "kind", "s", "recovery", "talk_test", "s", "fail");
        assert_true(harness_call(h, &reply, NULL, COACH "Verdict", "x", id) >= 0);
        assert_true(sd_bus_message_read(reply, "ss", &kind, &text) > 0);
        assert_string_equal(kind, "recovery");
        run_assert_contains(text, "Too fast for a recovery run. You could not talk");
        run_assert_contains(coach_ask(h, 0).advice, "You could not talk on your last run");

        run_command(h, COACH "Annotate", "xa{sv}", id, 1, "talk_test", "s", "pass");
        reply = sd_bus_message_unref(reply);
        assert_true(harness_call(h, &reply, NULL, COACH "Verdict", "x", id) >= 0);
        assert_true(sd_bus_message_read(reply, "ss", &kind, &text) > 0);
        assert_string_equal(text, "A good recovery run.");
}

static void test_annotate(Harness *h)
{
        _cleanup_free_ char *row = NULL;
        int64_t id;

        coach_daemon(h, CONFIG);
        id = coach_run(h, 0, 30, "base");
        run_command(h, COACH "Annotate", "xa{sv}", id, 3, "rpe", "y", 7, "note", "s", "wind", "kind", "s",
                        "hard");
        run_command(h, COACH "Annotate", "xa{sv}", id, 0);
        row = harness_sql(h, "SELECT kind, talk_test, rpe, note FROM session");
        assert_string_equal(row, "hard||7|wind");
}

static void test_annotate_refused(Harness *h)
{
        _cleanup_free_ char *row = NULL;
        int64_t id;

        coach_daemon(h, CONFIG);
        id = coach_run(h, 0, 30, "base");
        run_refused(h, INVALID, "kind is not one of rest, *", COACH "Annotate", "xa{sv}", id, 2, "note", "s",
                        "lost", "kind", "s", "jog");
        run_refused(h, INVALID, "talk_test is not pass or fail", COACH "Annotate", "xa{sv}", id, 1,
                        "talk_test", "s", "maybe");
        run_refused(h, INVALID, "rpe is not from 1 to 10", COACH "Annotate", "xa{sv}", id, 1, "rpe", "y", 11);
        run_refused(h, INVALID, "rpe is of type i; accepted: type y", COACH "Annotate", "xa{sv}", id, 1,
                        "rpe", "i", 7);
        run_refused(h, INVALID, "'mood' is not one of the keys; accepted: kind talk_test rpe note*",
                        COACH "Annotate", "xa{sv}", id, 1, "mood", "s", "fine");
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session 99", COACH "Annotate", "xa{sv}",
                        INT64_C(99), 1, "rpe", "y", 7);
        row = harness_sql(h, "SELECT kind, talk_test, rpe, note FROM session");
        assert_string_equal(row, "base|||");
}

/* Rule 10. */
static void test_rule_body_scan(Harness *h)
{
        _cleanup_free_ char *row = NULL;
        char date[COACH_DATE_MAX];
        CoachTold told;

        coach_daemon(h, CONFIG);
        coach_run(h, 0, 50, "base");
        (void)coach_date(0, date);
        run_command(h, COACH "LogDay", "sa{sv}", date, 3, "feel", "y", 2, "soreness", "s", "calves", "mood",
                        "s", "low");
        told = coach_ask(h, 0);
        assert_string_equal(told.kind, "base");
        run_assert_contains(told.advice, "You feel worn out");
        run_assert_contains(told.advice, "You are sore");

        run_command(h, COACH "LogDay", "sa{sv}", date, 1, "pain", "s", "left knee");
        told = coach_ask(h, 0);
        assert_string_equal(told.kind, "recovery");
        run_assert_contains(told.advice, "One easy mile");

        run_command(h, COACH "LogDay", "sa{sv}", date, 1, "pain_gait", "b", 1);
        told = coach_ask(h, 0);
        assert_string_equal(told.kind, "rest");
        assert_string_equal(told.advice,
                        "Stop, and let a professional look at that pain before you run again.\n");
        row = harness_sql(h, "SELECT feel, mood, soreness, pain, pain_worsening, pain_gait FROM day");
        assert_string_equal(row, "2|low|calves|left knee|0|1");
}

static void test_log_day_refused(Harness *h)
{
        char date[COACH_DATE_MAX];

        coach_daemon(h, CONFIG);
        run_refused(h, INVALID, "feel is not from 1 to 5", COACH "LogDay", "sa{sv}", coach_date(0, date), 1,
                        "feel", "y", 6);
        run_refused(h, INVALID, "pain_gait is of type s; accepted: type b", COACH "LogDay", "sa{sv}", date, 1,
                        "pain_gait", "s", "yes");
        run_refused(h, INVALID, "'rpe' is not one of the keys; accepted: feel mood *", COACH "LogDay",
                        "sa{sv}", date, 1, "rpe", "y", 3);
        run_refused(h, INVALID, "'yesterday' is not a date*", COACH "LogDay", "sa{sv}", "yesterday", 1,
                        "feel", "y", 3);
        run_refused(h, INVALID, "*is in the future*", COACH "LogDay", "sa{sv}", coach_date(1, date), 1,
                        "feel", "y", 3);
        run_refused(h, INVALID, "'2026-02-30' is not a date*", COACH "Today", "s", "2026-02-30");
        assert_int_equal(run_int(h, "SELECT count(*) FROM day"), 0);
}

static void test_add_session(Harness *h)
{
        int64_t now_ms = (int64_t)(run_realtime_usec() / USEC_PER_MSEC), id;
        _cleanup_free_ char *row = NULL;
        char date[COACH_DATE_MAX], *expected = NULL;

        coach_daemon(h, CONFIG);
        /* A moment by itself. */
        id = run_call(h, "AddSession", "a{sv}", 2, "started_at", "x", now_ms - 3600000, "minutes", "u", 45);
        assert_int_equal(run_int(h, "SELECT started_at FROM session WHERE id = %" PRIi64, id),
                        now_ms - 3600000);
        assert_int_equal(run_int(h, "SELECT ended_at - started_at FROM session WHERE id = %" PRIi64, id),
                        45 * 60000);
        /* A date by itself. */
        id = coach_run(h, -3, 60, "recovery");
        assert_true(asprintf(&expected, "%s|12:00|1:00:00|recovery", coach_date(-3, date)) > 0);
        row = harness_sql(h, "SELECT date, start, duration, kind FROM sessions WHERE id = 2");
        assert_string_equal(row, expected);
        free(expected);
}

static void test_add_session_refused(Harness *h)
{
        int64_t now_ms = (int64_t)(run_realtime_usec() / USEC_PER_MSEC);
        char date[COACH_DATE_MAX];

        coach_daemon(h, CONFIG);
        run_refused(h, INVALID, "When was it? accepted: minutes of 1 to 1440*", "AddSession", "a{sv}", 1,
                        "minutes", "u", 30);
        run_refused(h, INVALID, "0 minutes are no run*", "AddSession", "a{sv}", 1, "local_date", "s",
                        coach_date(-1, date));
        run_refused(h, INVALID, "1441 minutes are no run*", "AddSession", "a{sv}", 2, "local_date", "s", date,
                        "minutes", "u", 1441);
        run_refused(h, INVALID, "*is in the future*", "AddSession", "a{sv}", 2, "local_date", "s",
                        coach_date(1, date), "minutes", "u", 30);
        run_refused(h, INVALID, "The run would end in the future*", "AddSession", "a{sv}", 2, "started_at",
                        "x", now_ms, "minutes", "u", 30);
        run_refused(h, INVALID, "The run would end in the future*", "AddSession", "a{sv}", 2, "started_at",
                        "x", INT64_MAX, "minutes", "u", 30);
        run_refused(h, INVALID, "started_at is not on *", "AddSession", "a{sv}", 3, "started_at", "x",
                        now_ms - 3600000, "minutes", "u", 30, "local_date", "s", coach_date(-1, date));
        run_refused(h, INVALID, "*has no room for 800 minutes yet*", "AddSession", "a{sv}", 2, "minutes", "u",
                        800, "local_date", "s", coach_date(0, date));
        run_refused(h, INVALID, "minutes is of type i; accepted: type u", "AddSession", "a{sv}", 2, "minutes",
                        "i", 30, "local_date", "s", date);
        run_refused(h, INVALID, "kind is not one of*", "AddSession", "a{sv}", 3, "minutes", "u", 30,
                        "local_date", "s", date, "kind", "s", "stroll");
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_rule_resting_heart_rate_is_measured),
                harness_test(test_resting_refused),
                harness_test(test_leap_day),
                harness_test(test_rule_after_a_race),
                harness_test(test_race_refused),
                harness_test(test_rule_after_a_hard_workout),
                harness_test(test_rule_after_a_long_run),
                harness_test(test_rule_level_and_cycle),
                harness_test(test_rule_streak_and_doubles),
                harness_test(test_rule_talk_test),
                harness_test(test_annotate),
                harness_test(test_annotate_refused),
                harness_test(test_rule_body_scan),
                harness_test(test_log_day_refused),
                harness_test(test_add_session),
                harness_test(test_add_session_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
