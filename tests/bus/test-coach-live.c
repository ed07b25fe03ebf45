/* SPDX-License-Identifier: MIT */

/* The coach while things happen: a ceiling that follows the days, midnight, runs on days that ask for something else,
 * mornings measured, and workouts with cues. By a clock of the test's own; midnight is near by the time zone. */

#include "coach-fixture.h"
#include "shim-fixture.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AUTO    "[ceiling]\nceiling = auto\nhold = 200ms\nclear = 200ms\n"
#define BY_HAND "[session]\nstart-above = off\nend-after = 1min\nmin-duration = 0s\n"
#define CONTACT "[session]\nstart-above = contact\nstart-after = 500ms\nend-after = 1min\nmin-duration = 0s\n"
#define INVALID CARDIO_ERROR_INVALID_ARGUMENT
#define MINUTE  (60 * USEC_PER_SEC)

static void strap(Harness *h)
{
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
}

static char *reason(Harness *h)
{
        char *text = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "CeilingReason");

        assert_non_null(text);
        return text;
}

static void expect_reason(Harness *h, const char *pattern)
{
        _cleanup_free_ char *text = reason(h);

        if (fnmatch(pattern, text, 0) != 0)
                harness_fail(h, "CeilingReason is %s, expected %s", text, pattern);
}

/* -- The ceiling ----------------------------------------------------------------------------------------- */

static void test_auto_follows_the_log(Harness *h)
{
        char date[COACH_DATE_MAX];
        int64_t id;

        coach_daemon(h, RUN_BASE AUTO);
        run_wait_manager(h, "CeilingExpression", "80%hrr");
        run_wait_manager(h, "Ceiling", "167.6");
        expect_reason(h, "nothing in your last days asks for rest");
        id = coach_race(h, 0, "10k");
        run_wait_manager(h, "CeilingExpression", "off");
        run_wait_manager(h, "Ceiling", "0");
        expect_reason(h, "the day of your 10K");
        run_command(h, COACH "RemoveRace", "x", id);
        run_wait_manager(h, "Ceiling", "167.6");
        coach_run(h, -1, 40, "hard");
        run_wait_manager(h, "Ceiling", "145.55");
        expect_reason(h, "the day after your hard run on * (session 1)");
        run_command(h, "DeleteSession", "x", INT64_C(1));
        run_wait_manager(h, "Ceiling", "167.6");
        run_command(h, COACH "LogDay", "sa{sv}", coach_date(0, date), 1, "pain", "s", "shin");
        run_wait_manager(h, "Ceiling", "145.55");
        coach_morning(h, 0, 60);
        run_wait_manager(h, "Ceiling", "149.05");
}

/* A command comes before the coach, and the coach may be what it asks for. */
static void test_auto_and_commands(Harness *h)
{
        coach_daemon(h, RUN_BASE AUTO BY_HAND);
        run_command(h, "SetCeiling", "s", "150");
        run_wait_manager(h, "CeilingReason", "set by command");
        coach_run(h, -1, 40, "hard");
        run_wait_manager(h, "Ceiling", "150");
        run_command(h, "SetCeiling", "s", "");
        run_wait_manager(h, "Ceiling", "145.55");
        expect_reason(h, "the day after your hard run*");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);

        harness_daemon_start(h, RUN_BASE BY_HAND "[ceiling]\nceiling = 120\n", DAEMON_SYSTEM);
        run_wait_manager(h, "CeilingReason", "configuration");
        run_command(h, "SetCeiling", "s", "auto");
        run_wait_manager(h, "Ceiling", "145.55");
        strap(h);
        /* It outlives the daemon, in a session too. */
        run_call(h, "StartSession", "s", "");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_wait_manager(h, "Ceiling", "145.55");
        expect_reason(h, "the day after your hard run*");
        run_wait_manager(h, "Recording", "true");
        run_call(h, "StopSession", NULL);
        run_wait_manager(h, "CeilingReason", "configuration");
        run_command(h, "SetCeiling", "s", "auto");
        run_wait_manager(h, "Ceiling", "145.55");
        run_command(h, "DeleteSession", "x", INT64_C(1));
        run_wait_manager(h, "Ceiling", "167.6");
        /* Until a session ends. */
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "");
        run_call(h, "StopSession", NULL);
        run_wait_manager(h, "Ceiling", "120");
        run_wait_manager(h, "CeilingReason", "configuration");
}

/* The figures in force move in a run, too; its row keeps those that it began with. */
static void test_session_keeps_its_figures(Harness *h)
{
        _cleanup_free_ char *row = NULL;

        coach_daemon(h, RUN_BASE AUTO BY_HAND);
        coach_run(h, -1, 40, "hard");
        strap(h);
        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 120);
        coach_morning(h, 0, 60);
        run_wait_manager(h, "Ceiling", "149.05");
        run_heart_rate(h, 121);
        run_call(h, "StopSession", NULL);
        row = harness_sql(h,
                        "SELECT resting_hr, max_hr, ceiling, ceiling_expression FROM session WHERE id = 2");
        assert_string_equal(row, "50.0|197.0|145.55|65%hrr");
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'ceiling' AND session_id = 2"),
                        1);
}

/* -- Midnight -------------------------------------------------------------------------------------------- */

/* The zone's clock shows 23:59:(60 - left) now. Returns that date. */
static const char *before_midnight(unsigned left, char date[static COACH_DATE_MAX])
{
        coach_set_zone(coach_offset_for(23, 59, 60 - left));
        return coach_date(0, date);
}

/* Midnight is skipped: the clock goes from 24:00 to 1:00. */
static void test_midnight_in_a_leap_of_clocks(Harness *h)
{
        long ahead = coach_offset_for(23, 59, 5), behind;
        char date[COACH_DATE_MAX], zone[96];
        struct tm tm;
        time_t now;

        /* Ahead of UTC is negative in this notation; hours of two signs would be more than it is worth. */
        if (ahead > 22 * 3600 || ahead < -22 * 3600)
                harness_skip(h, "no zone is that far from Greenwich");
        coach_set_zone(ahead);
        now = time(NULL);
        assert_non_null(localtime_r(&now, &tm));
        behind = labs(ahead + 3600);
        (void)snprintf(zone, sizeof(zone), "RUN%c%ld:%02ld:%02ldSUN%c%ld:%02ld:%02ld,%d/24,%d/3",
                        ahead > 0 ? '-' : '+', labs(ahead) / 3600, labs(ahead) / 60 % 60, labs(ahead) % 60,
                        ahead + 3600 > 0 ? '-' : '+', behind / 3600, behind / 60 % 60, behind % 60,
                        tm.tm_yday, (tm.tm_yday + 30) % 365);
        (void)coach_date(0, date);
        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
        harness_daemon_start(h, RUN_BASE AUTO, DAEMON_SYSTEM);
        run_call(h, COACH "AddRace", "ssa{sv}", date, "marathon", 0);
        run_wait_manager(h, "CeilingReason", "the day of your marathon");
        harness_pass_until_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Ceiling", "145.55", MINUTE);
        expect_reason(h, "the day after your marathon on *");
}

/* The test's clock has not moved yet. */
static bool is_past(const char *date)
{
        char now[COACH_DATE_MAX];

        return strcmp(coach_date(0, now), date) != 0;
}

/* Lets so many seconds pass; the strap sends all the while. */
static void run_on(Harness *h, unsigned seconds)
{
        for (unsigned i = 0; i < seconds; i++) {
                harness_clock_pass(h, USEC_PER_SEC);
                harness_standin(h, "hr " STRAP " %u", 141 + i % 3);
        }
}

/* A run belongs to the day it began on: midnight does not move the ceiling under the runner, its end does. */
static void test_session_across_midnight(Harness *h)
{
        char date[COACH_DATE_MAX];

        (void)before_midnight(50, date);
        harness_daemon_start(h, RUN_BASE AUTO BY_HAND, DAEMON_SYSTEM);
        run_call(h, COACH "AddRace", "ssa{sv}", date, "half", 0);
        strap(h);
        run_call(h, "StartSession", "s", "");
        if (is_past(date))
                harness_skip(h, "it took too long to begin a session before midnight");
        run_on(h, 60);
        run_heart_rate(h, 150);
        run_wait_manager(h, "Ceiling", "0");
        expect_reason(h, "the day of your half marathon");
        run_call(h, "StopSession", NULL);
        run_wait_manager(h, "Ceiling", "145.55");
        expect_reason(h, "the day after your half marathon on *");
        /* It is counted on the day it began on. */
        assert_int_equal(run_int(h, "SELECT count(*) FROM sessions WHERE date = '%s'", date), 1);
        assert_int_equal(run_int(h, "SELECT day_kind = 'race' AND ceiling IS NULL FROM session"), 1);
}

/* A runner who travels keeps the dates of the runs before. */
static void test_another_time_zone(Harness *h)
{
        char date[COACH_DATE_MAX], before[COACH_DATE_MAX];
        long ahead = coach_offset_for(12, 0, 0);

        coach_daemon(h, RUN_BASE);
        coach_run(h, -1, 40, "hard");
        coach_run(h, -2, 40, "base");
        (void)coach_date(-1, before);
        coach_expect(h, 0, "recovery", "the day after your hard run*");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);

        /* Towards where it is yesterday still; as far as there are zones. */
        coach_set_zone(ahead - 13 * 3600 < -24 * 3600 ? ahead + 13 * 3600 : ahead - 13 * 3600);
        harness_daemon_start(h, RUN_BASE, DAEMON_SYSTEM);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sessions WHERE date = '%s'", before), 1);
        if (strcmp(coach_date(0, date), before) == 0) {
                coach_expect(h, 1, "recovery", "the day after your hard run*");
                assert_int_equal(coach_ask(h, 0).streak, 2);
        } else {
                coach_expect(h, 0, "base", "2 days after your hard run*");
                assert_int_equal(coach_ask(h, -1).streak, 2);
        }
}

/* -- The verdict ------------------------------------------------------------------------------------------ */

static void expect_verdict(Harness *h, int64_t id, const char *expected_kind, const char *pattern)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *kind, *text;

        assert_true(harness_call(h, &reply, NULL, COACH "Verdict", "x", id) >= 0);
        assert_true(sd_bus_message_read(reply, "ss", &kind, &text) > 0);
        assert_string_equal(kind, expected_kind);
        if (fnmatch(pattern, text, 0) != 0)
                harness_fail(h, "%s; expected %s", text, pattern);
}

/* What is not finished, or not there, has none; a short one has none; a hard one was not meant to be easy. */
static void test_verdict(Harness *h)
{
        int64_t id;

        coach_daemon(h, RUN_BASE AUTO BY_HAND);
        coach_run(h, -1, 40, "hard");
        strap(h);
        id = run_call(h, "StartSession", "s", "recovery");
        run_refused(h, CARDIO_ERROR_BUSY, "Session 2 is being recorded; *", COACH "Verdict", "x", id);
        run_heart_rate(h, 120);
        run_call(h, "StopSession", NULL);
        expect_verdict(h, id, "recovery", "*% easy.");
        assert_int_equal(run_int(h, "SELECT verdict IS NULL FROM sessions WHERE id = 2"), 1);
        expect_verdict(h, 1, "hard", "");
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session 77", COACH "Verdict", "x",
                        INT64_C(77));
}

/* -- The ceiling in force --------------------------------------------------------------------------------- */

static void expect_ceiling(Harness *h, const char *bpm, const char *reason)
{
        run_wait_manager(h, "Ceiling", bpm);
        run_wait_manager(h, "CeilingReason", reason);
}

/* A race or a hard run that was declared lifts any ceiling; other kinds decide only under `auto`. The row, its events and
 * the signals agree, and a kind that is set later, or removed, is followed. */
static void test_said_kind_and_fixed_ceiling(Harness *h)
{
        _cleanup_free_ char *events = NULL;

        coach_daemon(h, RUN_BASE BY_HAND);
        strap(h);
        run_call(h, "StartSession", "s", "race");
        expect_ceiling(h, "0", "you said it is a race");
        assert_int_equal(run_int(h, "SELECT ceiling IS NULL FROM session WHERE id = 1"), 1);
        run_heart_rate(h, 170);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "base");
        expect_ceiling(h, "145.55", "configuration");
        run_heart_rate(h, 171);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "hard");
        expect_ceiling(h, "0", "you said it is a hard run");
        run_heart_rate(h, 172);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "");
        expect_ceiling(h, "145.55", "configuration");
        /* Annotating something else changes nothing. */
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "rpe", "y", 7);
        expect_ceiling(h, "145.55", "configuration");
        run_heart_rate(h, 173);
        run_call(h, "StopSession", NULL);
        events = harness_sql(h,
                        "SELECT group_concat(coalesce(value, 'none') || ' ' || detail, ', ') FROM event"
                        " WHERE type = 'ceiling'");
        assert_string_equal(events, "145.55 65%hrr, none off, 145.55 65%hrr");
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "recovery");
        expect_ceiling(h, "145.55", "configuration");
}

static void test_said_kind_and_auto(Harness *h)
{
        coach_daemon(h, RUN_BASE AUTO BY_HAND);
        expect_ceiling(h, "167.6", "nothing in your last days asks for rest");
        strap(h);
        run_call(h, "StartSession", "s", "recovery");
        expect_ceiling(h, "145.55", "you said it is a recovery run");
        assert_int_equal(run_int(h, "SELECT ceiling = 145.55 FROM session WHERE id = 1"), 1);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "long");
        expect_ceiling(h, "167.6", "you said it is a long run");
        /* It outlives the daemon with its session. */
        run_heart_rate(h, 100);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "recovery");
        expect_ceiling(h, "145.55", "you said it is a recovery run");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_wait_manager(h, "Recording", "true");
        expect_ceiling(h, "145.55", "you said it is a recovery run");
        run_call(h, "StopSession", NULL);
        expect_ceiling(h, "167.6", "nothing in your last days asks for rest");
}

/* A race day without a said kind has none; with one it is that one's, or the configuration's. */
static void test_race_day(Harness *h)
{
        int64_t id;

        coach_daemon(h, RUN_BASE BY_HAND);
        coach_run(h, -1, 90, "long");
        strap(h);
        run_call(h, "StartSession", "s", "");
        expect_ceiling(h, "145.55", "configuration");
        /* Listed in the midst of it. */
        id = coach_race(h, 0, "5k");
        expect_ceiling(h, "0", "the day of your 5K");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(2), 1, "kind", "s", "recovery");
        expect_ceiling(h, "145.55", "configuration");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(2), 1, "kind", "s", "");
        expect_ceiling(h, "0", "the day of your 5K");
        run_command(h, COACH "RemoveRace", "x", id);
        expect_ceiling(h, "145.55", "configuration");
}

/* What a command has set is dropped when afterwards the session is said to be a race or hard, or a workout begins; and not
 * because of what was said before, or when what is asked for cannot begin. */
static void test_command_and_said_kind(Harness *h)
{
        coach_daemon(h, RUN_BASE BY_HAND "[workout steps]\nsteps = hard 1h\n");
        run_strap(h, STRAP);
        run_command(h, "SetCeiling", "s", "150");
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "*", "StartSession", "s", "race");
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "*", COACH "StartWorkout", "s", "steps");
        expect_ceiling(h, "150", "set by command");
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "base");
        expect_ceiling(h, "150", "set by command");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "recovery");
        expect_ceiling(h, "150", "set by command");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "hard");
        expect_ceiling(h, "0", "you said it is a hard run");
        run_command(h, "SetCeiling", "s", "160");
        expect_ceiling(h, "160", "set by command");
        run_refused(h, CARDIO_ERROR_ALREADY_RECORDING, "*", COACH "StartWorkout", "s", "steps");
        expect_ceiling(h, "160", "set by command");
        run_call(h, "StopSession", NULL);
        expect_ceiling(h, "145.55", "configuration");

        run_command(h, "SetCeiling", "s", "150");
        run_heart_rate(h, 61);
        run_call(h, COACH "StartWorkout", "s", "steps");
        expect_ceiling(h, "0", "a workout's hard part");
        assert_int_equal(run_int(h, "SELECT ceiling IS NULL AND workout = 'steps' FROM session WHERE id = 2"),
                        1);
        run_command(h, "SetCeiling", "s", "150");
        expect_ceiling(h, "150", "set by command");
        run_call(h, "StopSession", NULL);
        expect_ceiling(h, "145.55", "configuration");
}

/* A discarded session does not end what a command has set. */
static void test_command_and_discarded_session(Harness *h)
{
        coach_daemon(h, RUN_BASE "[session]\nstart-above = contact\nstart-after = 500ms\nend-after = 1s\n"
                                 "min-duration = 10min\n");
        run_command(h, "SetCeiling", "s", "150");
        run_strap(h, STRAP);
        run_heart_rate(h, 100);
        run_wait(h, "SessionStarted");
        run_wait(h, "SessionDiscarded");
        expect_ceiling(h, "150", "set by command");
}

/* -- Mornings -------------------------------------------------------------------------------------------- */

static bool is_busy(Harness *h, void *userdata)
{
        _cleanup_free_ char *error = NULL;

        (void)userdata;
        (void)harness_call(h, NULL, &error, COACH "MeasureResting", "u", 1);
        return error && strcmp(error, CARDIO_ERROR_BUSY) == 0;
}

static bool is_free(Harness *h, void *userdata)
{
        return !is_busy(h, userdata);
}

/* Rule 3. */
static void test_measure_resting(Harness *h)
{
        CoachAnswer answer;
        usec_t begin_usec;
        sd_bus *bus;

        coach_daemon(h, RUN_BASE CONTACT);
        /* What begins at contact is ended, and the strap is put on again for the morning. */
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        run_wait(h, "SessionStarted");
        bus = harness_bus_open(h, BUS_SYSTEM);
        run_refused(h, CARDIO_ERROR_BUSY, "Session 1 is being recorded. Stop it, measure then, *",
                        COACH "MeasureResting", "u", 30);
        run_call(h, "StopSession", NULL);
        harness_clear_signals(h);
        begin_usec = harness_clock_usec(h);
        coach_measure(bus, &answer);
        harness_standin(h, "curve " STRAP " 53 51 40s background");
        assert_true(harness_wait(h, is_busy, NULL, HARNESS_TIMEOUT));
        run_refused(h, CARDIO_ERROR_BUSY, "The resting heart rate is being measured*", "StartSession", "s",
                        "");
        run_refused(h, CARDIO_ERROR_BUSY, "A measurement is under way", COACH "MeasureResting", "u", 30);

        assert_true(harness_clock_wait(h, coach_is_answered, &answer, 32 * USEC_PER_SEC));
        assert_true(harness_clock_usec(h) - begin_usec >= 30 * USEC_PER_SEC);
        assert_string_equal(answer.error, "");
        assert_true(answer.heart_rate >= 50.5 && answer.heart_rate <= 53.5);
        assert_float_equal(run_real(h, "SELECT heart_rate FROM resting"), answer.heart_rate, 1e-9);
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting WHERE seconds = 30 AND source = 'strap'"),
                        1);
        run_wait_manager(h, "RestingProvisional", "true");
        assert_float_equal(coach_ask(h, 0).resting, answer.heart_rate, 1e-9);
        assert_int_equal(run_count(h, "SessionStarted"), 0);

        sd_bus_flush_close_unref(bus);
}

/* Nothing begins while it lasts, effort or not; what is a run begins once it has ended. */
static void test_measure_resting_holds_sessions_back(Harness *h)
{
        CoachAnswer answer;
        int64_t asked_ms;
        sd_bus *bus;

        coach_daemon(h, RUN_BASE "[session]\nstart-above = 30%hrr\nstart-after = 2s\nmin-duration = 0s\n");
        strap(h);
        bus = harness_bus_open(h, BUS_SYSTEM);
        asked_ms = (int64_t)(run_realtime_usec() / USEC_PER_MSEC);
        coach_measure(bus, &answer);
        assert_true(harness_wait(h, is_busy, NULL, HARNESS_TIMEOUT));
        harness_standin(h, "stream " STRAP " 150");
        /* Answered after the first half, by which a run would long have begun. */
        assert_true(harness_clock_wait(h, coach_is_answered, &answer, 20 * USEC_PER_SEC));
        assert_string_equal(answer.error, CARDIO_ERROR_MOVING);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        harness_clock_pass(h, 4 * USEC_PER_SEC);
        run_wait_manager(h, "Recording", "true");
        /* None of the measurement is in it. */
        assert_true(run_int(h, "SELECT started_at FROM session") >= asked_ms + 15000);
        sd_bus_flush_close_unref(bus);
}

static void measure_and_leave(Harness *h)
{
        sd_bus *bus = harness_bus_open(h, BUS_SYSTEM);
        CoachAnswer answer;

        coach_measure(bus, &answer);
        assert_true(harness_wait(h, is_busy, NULL, HARNESS_TIMEOUT));
        sd_bus_flush_close_unref(bus);
        assert_true(harness_wait(h, is_free, NULL, HARNESS_TIMEOUT));
}

/* Where any heart rate begins a session: what began as the strap was put on makes way, and a strap put on because there
 * was none begins none. What has seen effort stays. */
static void test_measure_resting_at_contact(Harness *h)
{
        coach_daemon(h, RUN_BASE "[session]\nstart-above = contact\nstart-after = 300ms\nend-after = 1min\n");
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "No strap is live: *", COACH "MeasureResting", "u", 0);
        run_strap(h, STRAP);
        for (unsigned i = 0; i < 4; i++)
                run_heart_rate(h, 60 + i);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        measure_and_leave(h);

        /* A strap put on for no measurement begins one. */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, 60);
        run_wait(h, "SessionStarted");
        run_heart_rate(h, 61);
        measure_and_leave(h);
        run_wait(h, "SessionDiscarded");
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 0);
        for (unsigned i = 0; i < 4; i++)
                run_heart_rate(h, 60 + i);
        assert_int_equal(run_count(h, "SessionStarted"), 0);

        /* The runner gets up and goes. */
        for (unsigned i = 0; i < 8; i++)
                run_heart_rate(h, 120 + i);
        run_wait(h, "SessionStarted");
        run_refused(h, CARDIO_ERROR_BUSY, "Session 2 is being recorded. Stop it, *", COACH "MeasureResting",
                        "u", 30);
        run_wait_manager(h, "Session", "2");
}

static void test_measure_resting_refused(Harness *h)
{
        static const unsigned bad[] = { 1, 29, 1201, UINT32_MAX };
        CoachAnswer answer;
        sd_bus *bus;

        coach_daemon(h, RUN_BASE BY_HAND);
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "No strap is live: *", COACH "MeasureResting", "u", 0);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                run_refused(h, INVALID, "*accepted: 30 to 1200 seconds, 0 for 300", COACH "MeasureResting",
                                "u", bad[i]);

        /* Somebody who runs. */
        strap(h);
        bus = harness_bus_open(h, BUS_SYSTEM);
        harness_standin(h, "curve " STRAP " 150 152 2min background");
        coach_measure(bus, &answer);
        assert_true(harness_wait(h, is_busy, NULL, HARNESS_TIMEOUT));
        assert_true(harness_clock_wait(h, coach_is_answered, &answer, 20 * USEC_PER_SEC));
        assert_string_equal(answer.error, CARDIO_ERROR_MOVING);

        /* Somebody who leaves. */
        coach_measure(bus, &answer);
        assert_true(harness_wait(h, is_busy, NULL, HARNESS_TIMEOUT));
        sd_bus_flush_close_unref(bus);
        assert_true(harness_wait(h, is_free, NULL, HARNESS_TIMEOUT));
        run_call(h, "StartSession", "s", "");
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting"), 0);
}

/* -- Workouts -------------------------------------------------------------------------------------------- */

static void expect_cue(Harness *h, int64_t session, const char *cue, unsigned seconds)
{
        sd_bus_message *m = harness_pass_until_signal(h, CARDIO_COACH_INTERFACE, "Cue", 4 * USEC_PER_SEC);
        const char *signalled;
        uint32_t length;
        int64_t id;

        assert_true(sd_bus_message_read(m, "xsu", &id, &signalled, &length) > 0);
        assert_int_equal(id, session);
        assert_string_equal(signalled, cue);
        assert_true(length <= seconds); /* less if it was said late */
}

static void expect_announced(Harness *h, const char *expected)
{
        bool found = false;

        while (!found) {
                _cleanup_free_ char *text = run_changed(h, CARDIO_OBJECT);

                found = strstr(text, expected);
        }
}

static void test_workout(Harness *h)
{
        int64_t id;

        coach_daemon(h, RUN_BASE BY_HAND "[workout steps]\nsteps = warm-up 3s, 2x(hard 2s, easy 3s)\n");
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "No strap is live*", COACH "StartWorkout", "s", "steps");
        strap(h);
        run_refused(h, INVALID, "'tempo' is not a workout; accepted: fartlek, cross-training, steps",
                        COACH "StartWorkout", "s", "tempo");
        run_refused(h, INVALID, "'' is not a workout*", COACH "StartWorkout", "s", "");
        id = run_call(h, COACH "StartWorkout", "s", "steps");
        expect_announced(h, "Workout steps WorkoutStepNumber 0 5");
        run_refused(h, CARDIO_ERROR_ALREADY_RECORDING, "Session 1 is being recorded; stop it first",
                        COACH "StartWorkout", "s", "fartlek");
        expect_cue(h, id, "warm-up", 3);
        expect_cue(h, id, "hard", 2);
        expect_cue(h, id, "easy", 3);
        expect_cue(h, id, "hard", 2);
        expect_cue(h, id, "easy", 3);
        expect_cue(h, id, "done", 0);
        /* Each step begins where the one before it ends, however late its cue is. */
        harness_wait_sql(h,
                        "SELECT value, detail, t - min(t) OVER () FROM event WHERE type = 'step' ORDER BY id",
                        "1.0|warm-up|0\n2.0|hard|3000\n3.0|easy|5000\n4.0|hard|8000\n5.0|easy|10000\n|done|13000",
                        HARNESS_TIMEOUT);
        /* The session is the runner's to end. */
        run_wait_manager(h, "Recording", "true");
        run_call(h, "StopSession", NULL);
}

static void test_workouts_that_come_with_it(Harness *h)
{
        coach_daemon(h, RUN_BASE BY_HAND);
        strap(h);
        run_call(h, COACH "StartWorkout", "s", "fartlek");
        expect_cue(h, 1, "warm-up", 600);
        run_call(h, "StopSession", NULL);
        run_call(h, COACH "StartWorkout", "s", "cross-training");
        expect_cue(h, 2, "warm-up", 600);
        run_call(h, "StopSession", NULL);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE kind = 'cross-training'"), 1);
}

/* Cues end with their session; one that slept through some says the newest only. */
static void test_workout_interrupted(Harness *h)
{
        coach_daemon(h, RUN_BASE BY_HAND "[workout steps]\nsteps = one 1s, two 1s, three 1s, four 1h\n");
        strap(h);
        run_call(h, COACH "StartWorkout", "s", "steps");
        expect_cue(h, 1, "one", 1);
        harness_stop_child(harness_daemon(h));
        clock_pass(harness_clock(h), 4 * USEC_PER_SEC);
        harness_clear_signals(h);
        harness_continue_child(harness_daemon(h));
        expect_cue(h, 1, "four", 3600);
        run_call(h, "StopSession", NULL);

        run_call(h, COACH "StartWorkout", "s", "steps");
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        harness_clear_signals(h);
        harness_clock_pass(h, 5 * USEC_PER_SEC);
        assert_int_equal(harness_count_signals(h, CARDIO_COACH_INTERFACE, "Cue"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_auto_follows_the_log),
                harness_clock_test(test_auto_and_commands),
                harness_clock_test(test_session_keeps_its_figures),
                harness_clock_test(test_midnight_in_a_leap_of_clocks),
                harness_clock_test(test_session_across_midnight),
                harness_clock_test(test_another_time_zone),
                harness_clock_test(test_verdict),
                harness_clock_test(test_said_kind_and_fixed_ceiling),
                harness_clock_test(test_said_kind_and_auto),
                harness_clock_test(test_race_day),
                harness_clock_test(test_command_and_said_kind),
                harness_clock_test(test_command_and_discarded_session),
                harness_clock_test(test_measure_resting),
                harness_clock_test(test_measure_resting_holds_sessions_back),
                harness_clock_test(test_measure_resting_at_contact),
                harness_clock_test(test_measure_resting_refused),
                harness_clock_test(test_workout),
                harness_clock_test(test_workouts_that_come_with_it),
                harness_clock_test(test_workout_interrupted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
