/* SPDX-License-Identifier: MIT */
/* Pace beside the heart rate: what a foot pod and a treadmill say is recorded, shown, and held against the pace of recovery runs.
 * By a clock of the test's own. */

#include "pace-fixture.h"
#include "shim-fixture.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- A run ------------------------------------------------------------------------------------------------------- */

static void test_recorded(Harness *h)
{
        const PaceSecond before = { 120, "3 cadence 160 stride 112", NULL },
                         run = { 121, "2.5 cadence 82 stride 91", NULL };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        pace_expect(h, POD_PATH, "Speed", NAN, 0);
        pace_pass(h, 20, &before);
        pace_expect(h, POD_PATH, "Speed", 3, 0.01);
        pace_expect(h, POD_PATH, "Cadence", 160, 0);
        pace_expect(h, CARDIO_OBJECT, "Distance", NAN, 0);
        harness_wait_property(h, POD_PATH, CARDIO_SENSOR_INTERFACE, "State", "live", HARNESS_TIMEOUT);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 60, &run);
        pace_expect(h, POD_PATH, "Cadence", 164, 0);
        pace_expect(h, CARDIO_OBJECT, "Speed", 2.5, 0.1);
        pace_expect(h, CARDIO_OBJECT, "Distance", 149, 4);
        /* The strap's, not the pod's. */
        harness_wait_property(h, POD_PATH, CARDIO_SENSOR_INTERFACE, "Session", "0", HARNESS_TIMEOUT);
        pace_expect_session(h, 149, 2.5);
        pace_expect(h, CARDIO_OBJECT, "Distance", NAN, 0);
        assert_int_equal(run_int(h, "SELECT min(distance) * 10 FROM pace"), 0);
        /* The session begins with a heart rate, and with it came what was said at that time. */
        assert_true(run_int(h, "SELECT count(*) FROM pace WHERE session_id <> 1 OR cadence <> 164") <= 1);
        assert_in_range(run_int(h, "SELECT count(*) FROM pace"), 58, 61);
        /* On one clock with the heart rate: within it, each at most a moment from one. */
        assert_int_equal(run_int(h, "SELECT count(*) FROM pace WHERE t > (SELECT max(t) FROM sample)"), 0);
        assert_int_equal(
                        run_int(h, "SELECT count(*) FROM pace AS p WHERE NOT EXISTS (SELECT 1 FROM sample AS s "
                                   "WHERE s.session_id = 1 AND abs(s.t - p.t) < 900)"),
                        0);
}

/* What was run since a session began is part of it, also from before that was known. */
static void test_recorded_from_its_beginning(Harness *h)
{
        const PaceSecond rest = { 60, "1 cadence 90", NULL }, run = { 140, "3 cadence 170", NULL };

        pace_begin(h, RUN_BASE "[session]\nstart-above = 30%hrr\nstart-after = 20s\npre-roll = 10s\n");
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 30, &rest);
        pace_pass(h, 30, &run);
        run_wait_manager(h, "Recording", "true");
        pace_expect(h, CARDIO_OBJECT, "Distance", 10 + 30 * 3, 10);
}

/* Three metres a second, by the pod's own counter. */
static void pod_counts(Harness *h, unsigned seconds, unsigned from)
{
        for (unsigned i = 0; i < seconds; i++) {
                char says[64];

                (void)snprintf(says, sizeof(says), "3 cadence 170 distance %u", from + 3 * i);
                pace_pass(h, 1, &(PaceSecond){ .heart_rate = 130 + i % 2, .pod = says });
        }
}

/* The heart rate goes on as if nothing had been; what was run meanwhile is not invented. */
static void test_pod_comes_and_goes(Harness *h)
{
        const PaceSecond alone = { 131, NULL, NULL };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        pod_counts(h, 2, 5000);
        run_call(h, "StartSession", "s", "");
        pod_counts(h, 5, 5006);
        harness_standin(h, "leave " POD);
        pace_pass(h, 60, &alone);
        harness_wait_property(h, POD_PATH, CARDIO_SENSOR_INTERFACE, "State", "absent", HARNESS_TIMEOUT);
        pace_expect(h, POD_PATH, "Speed", NAN, 0);
        run_wait_manager(h, "Recording", "true");
        harness_standin(h, "advertise " POD);
        harness_standin(h, "expect notifying " POD " 30s");
        pod_counts(h, 5, 100);
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type IN ('gap', 'strap', 'stale')"), 0);
        assert_in_range(run_int(h, "SELECT distance_m FROM session"), 20, 30);
        assert_true(run_int(h, "SELECT count(*) FROM sample") >= 70);
}

/* It begins, ends and changes nothing. */
static void test_alone_it_is_no_session(Harness *h)
{
        const PaceSecond run = { 0, "3 cadence 170", NULL };

        pace_begin(h, RUN_BASE "[session]\nstart-above = contact\nstart-after = 1s\n");
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 30, &run);
        run_wait_manager(h, "Recording", "false");
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "*", "StartSession", "s", "");
}

/* A treadmill goes before a foot pod, while its belt moves. */
static void test_treadmill_before_foot_pod(Harness *h)
{
        const PaceSecond both = { 130, "3.4 cadence 170", "3 distance 12 incline 2" },
                         outside = { 131, "2.8 cadence 172", "0" };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        pace_add(h, TREADMILL, "treadmill");
        pace_pass(h, 3, &both);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 20, &both);
        pace_expect(h, CARDIO_OBJECT, "Speed", 3, 0.01);
        pace_expect(h, TREADMILL_PATH, "Incline", 2, 0.01);
        pace_pass(h, 25, &outside);
        pace_expect(h, CARDIO_OBJECT, "Speed", 2.8, 0.01);
        assert_int_equal(
                        run_int(h, "SELECT count(*) FROM pace WHERE incline = 2 AND cadence IS NOT NULL"), 0);
}

/* -- The limit --------------------------------------------------------------------------------------------------- */

static void test_too_fast(Harness *h)
{
        RunSignal s;

        pace_begin(h, PACE_CONFIG);
        pace_base_runs(h, 3);
        pace_expect(h, CARDIO_OBJECT, "PaceLimit", 2.9647, 0.001);
        pace_expect_reason(h, "60 s per mile slower than your base runs, 5:00 /km on average");
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 2, &pace_easy);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 30, &pace_easy);
        assert_int_equal(run_count(h, "OverPace"), 0);
        pace_pass(h, 25, &pace_fast);
        s = run_wait(h, "OverPace");
        assert_string_equal(s.sensor, POD_PATH);
        assert_true(s.heart_rate > 3.05 && s.heart_rate <= 3.31);
        assert_true(fabs(s.ceiling - 2.9647) < 0.001);
        assert_int_equal(run_count(h, "OverPace"), 0);
        /* Again after the pause of `repeat`. */
        pace_pass(h, 60, &pace_fast);
        s = run_wait(h, "OverPace");
        assert_true(s.seconds >= 60);
        pace_pass(h, 25, &pace_easy);
        s = run_wait(h, "PaceInRange");
        assert_true(s.seconds >= 70 && s.seconds < 95);
        assert_int_equal(run_count(h, "OverLimit"), 0);
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'over-pace' AND value > 3.05"),
                        1);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'pace-in-range'"), 1);
}

/* While the heart rate is too high nothing is said of pace; when it is not any more, and the pace still is, that is said. */
static void test_heart_rate_goes_before(Harness *h)
{
        const PaceSecond both = { 160, "3.3 cadence 168", NULL };

        pace_begin_recovery_run(h);
        pace_pass(h, 15, &pace_easy);
        pace_pass(h, 30, &both);
        run_wait(h, "OverLimit");
        assert_int_equal(run_count(h, "OverPace"), 0);
        pace_pass(h, 10, &pace_fast);
        run_wait(h, "BackInRange");
        run_wait(h, "OverPace");
}

static void test_no_limit(Harness *h)
{
        pace_begin(h, PACE_CONFIG);
        pace_base_runs(h, 2);
        pace_expect(h, CARDIO_OBJECT, "PaceLimit", 0, 0);
        pace_expect_reason(h, "2 base runs * in the last 42 days; a limit takes 3");
        coach_run(h, -20, 50, "base");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        edit_meddle(h, "UPDATE session SET distance_m = 10000, avg_speed = 10000 / 3000.0 WHERE kind = 'base'");
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        pace_expect(h, CARDIO_OBJECT, "PaceLimit", 2.9647, 0.001);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 2, &pace_fast);
        /* What the runner says goes before the day, and a workout has none. */
        run_call(h, "StartSession", "s", "base");
        pace_expect(h, CARDIO_OBJECT, "PaceLimit", 0, 0);
        pace_expect_reason(h, "only recovery runs*");
        pace_pass(h, 30, &pace_fast);
        run_call(h, "StopSession", NULL);
        run_call(h, COACH "StartWorkout", "s", "cross-training");
        pace_expect_reason(h, "a workout has *");
        pace_pass(h, 30, &pace_fast);
        run_call(h, "StopSession", NULL);
        assert_int_equal(run_count(h, "OverPace"), 0);
}

static void test_snoozed(Harness *h)
{
        pace_begin_recovery_run(h);
        run_command(h, "Snooze", "u", 120);
        pace_pass(h, 60, &pace_fast);
        assert_int_equal(run_count(h, "OverPace"), 0);
        run_command(h, "Snooze", "u", 0);
        run_wait(h, "OverPace");
}

/* The day's advice has the pace. */
static void test_advice(Harness *h)
{
        CoachDay day;

        pace_begin(h, PACE_CONFIG);
        pace_base_runs(h, 3);
        day = coach_ask(h, 0);
        assert_string_equal(day.kind, "recovery");
        run_assert_contains(day.advice, "5:37 /km or slower");
}

/* -- Beside that ------------------------------------------------------------------------------------------------- */

/* The daemon is killed in the middle of a run: distance goes on from where it was. */
static void test_restart(Harness *h)
{
        const PaceSecond run = { 130, "3 cadence 170", NULL };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 2, &run);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 30, &run);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        harness_standin(h, "expect notifying " POD " 30s");
        run_wait_manager(h, "Recording", "true");
        pace_pass(h, 30, &run);
        pace_expect_session(h, 3 * 59, 3);
}

/* Its heart rate is shown while no strap is live, and is recorded in no session. */
static void test_heart_rate_of_a_treadmill(Harness *h)
{
        const PaceSecond alone = { 0, NULL, "2.5 hr 118" }, with_strap = { 130, NULL, "2.5 hr 119" };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, TREADMILL, "treadmill");
        pace_pass(h, 3, &alone);
        harness_wait_property(
                        h, TREADMILL_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", "118", HARNESS_TIMEOUT);
        pace_pass(h, 3, &with_strap);
        harness_wait_property(h, TREADMILL_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", "0", HARNESS_TIMEOUT);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 5, &with_strap);
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate < 125"), 0);
}

/* The belt was seen to stop: the strap was taken off, and is not lost. */
static void test_belt_stops(Harness *h)
{
        const PaceSecond run = { 140, NULL, "3" }, stops = { 140, NULL, "0" }, over = { 0, NULL, "0" };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, TREADMILL, "treadmill");
        pace_pass(h, 3, &run);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 150, &run);
        pace_pass(h, 5, &stops);
        pace_pass(h, 90, &over);
        if (run_count(h, "Trouble") > 0)
                harness_fail(h, "Trouble: %s",
                                harness_message_text(harness_wait_signal(h, NULL, "Trouble", 0)));
}

/* -- Main -- */

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_recorded),
                harness_clock_test(test_recorded_from_its_beginning),
                harness_clock_test(test_pod_comes_and_goes),
                harness_clock_test(test_alone_it_is_no_session),
                harness_clock_test(test_treadmill_before_foot_pod),
                harness_clock_test(test_too_fast),
                harness_clock_test(test_heart_rate_goes_before),
                harness_clock_test(test_no_limit),
                harness_clock_test(test_snoozed),
                harness_clock_test(test_advice),
                harness_clock_test(test_restart),
                harness_clock_test(test_heart_rate_of_a_treadmill),
                harness_clock_test(test_belt_stops),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
