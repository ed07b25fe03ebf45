/* SPDX-License-Identifier: MIT */

/* The coach on D-Bus: what the runner logs, what the handbook's rules make of it, and what is refused. */

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
        CoachDay day;
        int64_t id = 0;

        coach_daemon(h, CONFIG);
        run_wait_manager(h, "Ceiling", "145.55");
        run_wait_manager(h, "RestingProvisional", "true");
        day = coach_ask(h, 0);
        assert_int_equal(day.keys, 21);
        assert_true(day.resting == 50 && day.provisional && isnan(day.resting_delta));

        harness_clear_signals(h);
        for (int days = -6; days < 0; days++)
                coach_morning(h, days, 60);
        run_expect_changed(h, CARDIO_OBJECT, "Ceiling 149.05 RestingHeartRate 60 Warnings " MORNINGS("60"));
        id = coach_morning(h, 0, 46);
        run_expect_changed(h, CARDIO_OBJECT,
                        "Ceiling 148.35 RestingHeartRate 58 RestingProvisional false Warnings " MORNINGS(
                                        "58"));
        day = coach_ask(h, 0);
        assert_true(day.resting == 58 && !day.provisional && day.resting_delta == -12);

        run_command(h, COACH "RemoveResting", "x", id);
        run_expect_changed(h, CARDIO_OBJECT,
                        "Ceiling 149.05 RestingHeartRate 60 RestingProvisional true Warnings " MORNINGS(
                                        "60"));
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting"), 6);

        /* Measured figures are not logged, but that something was measured is. */
        harness_wait_output(h, harness_daemon(h), true,
                        "Configuration: `resting-heart-rate` goes ill with what was measured: `cardioctl doctor` tells how",
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
        run_call(h, COACH "AddRace", "ssa{sv}", "2024-02-28", "marathon", 0);
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
                { "marathon", 9, "rest", "65%hrr", 0, 0 },
                { "marathon", 10, "recovery", "65%hrr", 20, 30 },
                { "marathon", 16, "base", "80%hrr", 0, 0 },
                { "marathon", 17, "recovery", "65%hrr", 0, 0 },
                { "marathon", 21, "base", "80%hrr", 0, 0 },
                { "half", 1, "recovery", "65%hrr", 20, 30 },
                { "half", 2, "base", "80%hrr", 0, 0 },
                { "half", 3, "recovery", "65%hrr", 0, 0 },
                { "half", 5, "recovery", "65%hrr", 0, 0 },
                { "half", 9, "base", "80%hrr", 0, 0 },
                { "10k", 1, "recovery", "65%hrr", 30, 0 },
                { "5k", 2, "base", "80%hrr", 0, 0 },
                { "5k", 3, "base", "80%hrr", 0, 0 },
        };

        coach_daemon(h, CONFIG);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t id = coach_race(h, -cases[i].days, cases[i].distance);
                CoachDay day = coach_ask(h, 0);

                if (strcmp(day.kind, cases[i].kind) != 0 || strcmp(day.coach_ceiling, cases[i].ceiling) != 0)
                        harness_fail(h, "%d days after %s: %s, %s", cases[i].days, cases[i].distance,
                                        day.kind, day.coach_ceiling);
                /* What is in force is what is configured, but on the day of the race. */
                assert_string_equal(day.ceiling, cases[i].days == 0 ? "off" : "65%hrr");
                assert_true(cases[i].days == 0 ? day.ceiling_bpm == 0 : day.ceiling_bpm > 145);
                assert_int_equal(day.min_minutes, cases[i].min);
                assert_int_equal(day.max_minutes, cases[i].max);
                run_command(h, COACH "RemoveRace", "x", id);
        }
        coach_expect(h, 0, "base", "nothing in your last days asks for rest");

        /* Of two the more careful answer; the reason names the race. */
        coach_race(h, -2, "5k");
        coach_race(h, -10, "marathon");
        coach_expect(h, 0, "recovery", "10 days after your marathon on *-*-*");
        coach_expect(h, -2, "race", "the day of your 5K");
        coach_expect(h, -1, "rest", "9 days after your marathon on *");
}

static void test_race_refused(Harness *h)
{
        static const char *const distances[] = { "", "42k", "Marathon", "5K", "half ", "ultra" };
        char date[COACH_DATE_MAX], *note = calloc(1, 2002);

        coach_daemon(h, CONFIG);
        for (size_t i = 0; i < ELEMENTSOF(distances); i++)
                run_refused(h, INVALID, "*is not a distance; accepted: 5k, 10k, half or marathon",
                                COACH "AddRace", "ssa{sv}", coach_date(0, date), distances[i], 0);
        run_refused(h, INVALID, "'soon' is not a date; accepted: *", COACH "AddRace", "ssa{sv}", "soon", "5k",
                        0);
        assert_non_null(note);
        memset(note, 'x', 2001);
        run_refused(h, INVALID, "The note is too long; accepted: at most 2000 bytes", COACH "AddRace",
                        "ssa{sv}", date, "5k", 1, "note", "s", note);
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
        coach_expect(h, 2, "base", "nothing in your last days*");
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
        coach_expect(h, 0, "long", "day 9 of your cycle, and no long run in it yet");
        coach_run(h, -1, 80, "long");
        coach_expect(h, 0, "recovery", "the day after your long run*");
}

/* Rules 11 and 12: days in a row, and two runs on one day. */
static void test_rule_streak_and_doubles(Harness *h)
{
        char date[COACH_DATE_MAX];
        CoachDay day;

        coach_daemon(h, CONFIG);
        assert_int_equal(coach_ask(h, 0).streak, 0);
        for (int days = -4; days < 0; days++)
                coach_run(h, days, 30, "base");
        assert_int_equal(coach_ask(h, 0).streak, 4);
        coach_run(h, 0, 20, "base");
        coach_run(h, 0, 25, "recovery");
        assert_int_equal(coach_ask(h, 0).streak, 5);
        coach_run(h, -6, 30, "cross-training");
        assert_int_equal(coach_ask(h, 0).streak, 5);
        assert_int_equal(run_int(h, "SELECT sum(sessions) FROM weeks"), 7);
        /* How many of them are of this week depends on which day it is. */
        day = coach_ask(h, 0);
        (void)coach_date(0, date);
        assert_int_equal(day.sessions, 2);
        assert_int_equal(day.week_sessions,
                        run_int(h, "SELECT sessions FROM weeks WHERE week = date('%s', 'weekday 0', '-6 days')",
                                        date));
        assert_int_equal(day.week_minutes,
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
        run_assert_contains(text, "Too fast for a recovery run: you could not talk");
        run_assert_contains(coach_ask(h, 0).advice, "You could not talk on your run of ");

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

/* Rules 10 and 11: how the day feels changes what it is for, and a pain lasts until it is taken back. */
static void test_rule_body_scan(Harness *h)
{
        _cleanup_free_ char *row = NULL;
        char date[COACH_DATE_MAX], before[COACH_DATE_MAX];
        CoachDay day;

        coach_daemon(h, CONFIG);
        coach_run(h, 0, 50, "base");
        (void)coach_date(0, date);
        run_command(h, COACH "LogDay", "sa{sv}", date, 3, "feel", "y", 2, "soreness", "s", "calves", "mood",
                        "s", "low");
        day = coach_ask(h, 0);
        assert_string_equal(day.kind, "recovery");
        assert_string_equal(day.rule, "body-scan");
        run_assert_contains(day.advice, "Run-down, so keep it");
        run_assert_contains(day.advice, "Sore, so take a step back");
        run_assert_contains(day.care, "Run with a friend");

        run_command(h, COACH "LogDay", "sa{sv}", coach_date(-1, before), 1, "pain", "s", "left knee");
        day = coach_ask(h, 0);
        assert_string_equal(day.kind, "recovery");
        assert_int_equal(day.max_minutes, 15);
        run_assert_contains(day.advice, "One easy mile");
        run_assert_contains(day.reason, "left knee");

        run_command(h, COACH "LogDay", "sa{sv}", date, 1, "pain_gait", "b", 1);
        day = coach_ask(h, 0);
        assert_string_equal(day.kind, "rest");
        run_assert_contains(day.advice,
                        "Stop running, and let a professional look at it before you start again.\n");
        assert_string_equal(coach_ask(h, 7).kind, "rest");
        row = harness_sql(h, "SELECT feel, mood, soreness, pain, pain_worsening, pain_gait FROM day"
                             " ORDER BY local_date DESC LIMIT 1");
        assert_string_equal(row, "2|low|calves||0|1");

        run_command(h, COACH "LogDay", "sa{sv}", date, 1, "pain", "s", "Gone");
        day = coach_ask(h, 0);
        assert_string_equal(day.rule, "body-scan");
        assert_string_equal(coach_ask(h, 1).kind, "base");
}

static void expect_day(Harness *h, int days, const char *expected)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_free_ char *text = NULL;
        char date[COACH_DATE_MAX];

        assert_true(harness_call(h, &reply, NULL, COACH "GetDay", "s", coach_date(days, date)) >= 0);
        text = harness_message_text(reply);
        assert_string_equal(text, expected);
}

/* What was logged for a day, and what hurts on it, since when, and whether it stops running. */
static void test_get_day(Harness *h)
{
        _cleanup_free_ char *expected = NULL;
        char date[COACH_DATE_MAX];

        coach_daemon(h, CONFIG);
        expect_day(h, 0, "pains ");
        run_command(h, COACH "LogDay", "sa{sv}", coach_date(-1, date), 4, "feel", "y", 4, "mood", "s", "fine",
                        "pain", "s", "hip", "pain_worsening", "b", 1);
        assert_true(asprintf(&expected, "pains hip %s true", date) > 0);
        expect_day(h, 0, expected);
        free(expected);
        assert_true(asprintf(&expected,
                                    "feel 4 mood fine pain hip pain_worsening true pain_gait false pains hip %s true",
                                    date) > 0);
        expect_day(h, -1, expected);
        run_refused(h, INVALID, "'soon' is not a date*", COACH "GetDay", "s", "soon");
}

/* -- What is to come -- */

/* The week before a race can be asked for ahead, and the ceiling on its day. */
static void test_days_ahead(Harness *h)
{
        coach_daemon(h, CONFIG);
        coach_run(h, 0, 40, "hard");
        coach_race(h, 7, "marathon");
        coach_expect(h, 1, "recovery", "the day after your hard run*");
        run_assert_contains(coach_ask(h, 0).advice, "7 days to your marathon");
        coach_expect(h, 6, "recovery", "the day before your marathon");
        assert_int_equal(coach_ask(h, 6).max_minutes, 30);
        coach_expect(h, 7, "race", "the day of your marathon");
        assert_string_equal(coach_ask(h, 7).ceiling, "off");
        assert_true(coach_ask(h, 7).ceiling_bpm == 0);
        assert_string_equal(coach_ask(h, 6).ceiling, "65%hrr");
}

/* Climb makes a short race as hard as a longer one. */
static void test_hilly_race(Harness *h)
{
        char date[COACH_DATE_MAX];

        coach_daemon(h, CONFIG);
        run_call(h, COACH "AddRace", "ssa{sv}", coach_date(-3, date), "5k", 2, "hilly", "b", 1, "note", "s",
                        "up");
        assert_int_equal(run_int(h, "SELECT hilly FROM race WHERE note = 'up'"), 1);
        coach_expect(h, 0, "base", "3 days after your 5K on *");
        run_refused(h, INVALID, "'steep' is not one of the keys; accepted: note hilly*", COACH "AddRace",
                        "ssa{sv}", date, "5k", 1, "steep", "b", 1);
}

/* -- How a run went -- */

static void expect_advice(Harness *h, int64_t session, const char *kind, const char *text)
{
        sd_bus_message *m = harness_wait_signal(h, CARDIO_COACH_INTERFACE, "Advice", HARNESS_TIMEOUT);
        const char *signalled_kind, *signalled;
        int64_t id;

        assert_true(sd_bus_message_read(m, "xss", &id, &signalled_kind, &signalled) > 0);
        assert_int_equal(id, session);
        assert_string_equal(signalled_kind, kind);
        assert_string_equal(signalled, text);
}

/* Without a heart rate only the runner knows, and is asked; then the verdict follows, in the list, too. */
static void test_verdict_of_a_run_without_strap(Harness *h)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_free_ char *text = NULL;
        char date[COACH_DATE_MAX];
        int64_t id;

        coach_daemon(h, CONFIG);
        harness_clear_signals(h);
        id = run_call(h, "AddSession", "a{sv}", 2, "local_date", "s", coach_date(0, date), "minutes", "u",
                        30);
        expect_advice(h, id, "talk-test", "Could you hold a conversation?");
        assert_int_equal(run_int(h, "SELECT verdict = 'unknown' FROM sessions"), 1);
        assert_true(harness_call(h, &reply, NULL, "GetSession", "x", id) >= 0);
        text = harness_message_text(reply);
        run_assert_contains(text, "verdict unknown");
        run_assert_contains(text, "verdict_text No heart rate, so only you know");
        run_assert_contains(text, "ask_talk_test true");
        run_command(h, COACH "Annotate", "xa{sv}", id, 1, "talk_test", "s", "pass");
        assert_int_equal(run_int(h, "SELECT verdict = 'good' FROM sessions"), 1);
        run_command(h, COACH "Annotate", "xa{sv}", id, 1, "talk_test", "s", "fail");
        assert_int_equal(run_int(h, "SELECT verdict = 'too-fast' FROM sessions"), 1);
        /* Where the talk test was said with it, or there is no verdict, nobody is asked. */
        run_call(h, "AddSession", "a{sv}", 3, "local_date", "s", date, "minutes", "u", 30, "talk_test", "s",
                        "pass");
        coach_run(h, 0, 30, "hard");
        assert_int_equal(harness_count_signals(h, CARDIO_COACH_INTERFACE, "Advice"), 0);
}

/* A verdict follows what it depends on: races, pains, other runs. */
static void test_verdict_follows(Harness *h)
{
        char date[COACH_DATE_MAX];
        int64_t race;

        coach_daemon(h, CONFIG);
        coach_run(h, 0, 30, "");
        coach_run(h, -6, 95, "long");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "talk_test", "s", "pass");
        assert_int_equal(run_int(h, "SELECT verdict IS 'good' FROM sessions WHERE id = 1"), 1);
        race = coach_race(h, -1, "marathon");
        assert_int_equal(run_int(h, "SELECT verdict IS 'rest-was-due' FROM sessions WHERE id = 1"), 1);
        run_command(h, COACH "RemoveRace", "x", race);
        assert_int_equal(run_int(h, "SELECT verdict IS 'good' FROM sessions WHERE id = 1"), 1);
        run_command(h, COACH "LogDay", "sa{sv}", coach_date(0, date), 2, "pain", "s", "hip", "pain_gait", "b",
                        1);
        assert_int_equal(run_int(h, "SELECT verdict IS 'rest-was-due' FROM sessions WHERE id = 1"), 1);
        run_command(h, COACH "LogDay", "sa{sv}", date, 1, "pain", "s", "none");
        coach_run(h, -1, 40, "hard");
        assert_int_equal(run_int(h, "SELECT verdict IS 'good' FROM sessions WHERE id = 1"), 1);
        coach_run(h, -20, 20, "base");
        assert_int_equal(run_int(h, "SELECT verdict IS 'too-long' FROM sessions WHERE id = 1"), 1);
        run_command(h, "DeleteSession", "x", INT64_C(4));
        assert_int_equal(run_int(h, "SELECT verdict IS 'good' FROM sessions WHERE id = 1"), 1);
        coach_race(h, 0, "5k");
        assert_int_equal(
                        run_int(h, "SELECT kind = 'race' AND verdict IS NULL FROM sessions WHERE id = 1"), 1);
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
                harness_test(test_get_day),
                harness_test(test_days_ahead),
                harness_test(test_hilly_race),
                harness_test(test_verdict_of_a_run_without_strap),
                harness_test(test_verdict_follows),
                harness_test(test_log_day_refused),
                harness_test(test_add_session),
                harness_test(test_add_session_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
