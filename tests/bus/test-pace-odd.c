/* SPDX-License-Identifier: MIT */
/* Pace of odd sensors, and at odd times: silent, too many, forgotten, cut off. By a clock of the test's own. */

#include "pace-fixture.h"
#include "shim-fixture.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What it said last is not shown as the pace of now, and no pace is one of a session that is not recorded. */
static void test_pod_falls_silent(Harness *h)
{
        const PaceSecond run = { 130, "3 cadence 170", NULL }, alone = { 131, NULL, NULL };

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 15, &run);
        pace_expect(h, CARDIO_OBJECT, "Speed", NAN, 0);
        run_call(h, "StartSession", "s", "");
        pace_pass(h, 20, &run);
        pace_expect(h, CARDIO_OBJECT, "Speed", 3, 0.01);
        pace_pass(h, 15, &alone);
        pace_expect(h, POD_PATH, "Speed", NAN, 0);
        pace_expect(h, CARDIO_OBJECT, "Speed", NAN, 0);
        pace_expect(h, CARDIO_OBJECT, "Distance", 60, 6);
        pace_pass(h, 20, &run);
        pace_expect(h, CARDIO_OBJECT, "Speed", 3, 0.01);
        harness_standin(h, "leave " POD);
        pace_pass(h, 2, &alone);
        pace_expect(h, CARDIO_OBJECT, "Speed", NAN, 0);
        run_call(h, "StopSession", NULL);
        pace_expect(h, CARDIO_OBJECT, "Speed", NAN, 0);
}

/* At 3 m/s, however long that took. Returns for how many seconds. */
static double expect_three(Harness *h)
{
        double length_s, distance;

        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        length_s = run_real(h, "SELECT (ended_at - started_at) / 1000.0 FROM session WHERE id = 1");
        distance = run_real(h, "SELECT distance_m FROM session WHERE id = 1");
        if (!(fabs(distance - 3 * length_s) <= 8))
                harness_fail(h, "%g m in %g s", distance, length_s);
        return length_s;
}

/* One that sends twenty times a second gets no more rows than others by far, and no metre less. */
static void test_fast_sender(Harness *h)
{
        double length_s;

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 3, &(PaceSecond){ 130, "3 cadence 170", NULL });
        run_call(h, "StartSession", "s", "");
        harness_clock_step(h, USEC_PER_SEC / 20);
        for (unsigned i = 0; i < 20 * 20; i++) {
                harness_clock_pass(h, USEC_PER_SEC / 20);
                harness_standin(h, "speed " POD " 3 cadence 170");
                if (i % 20 == 0)
                        harness_standin(h, "hr " STRAP " 130");
        }
        harness_clock_settle(h);
        length_s = expect_three(h);
        assert_true(run_int(h, "SELECT count(*) FROM pace") <= (int64_t)(length_s / 0.3) + 2);
}

/* A heart rate that is not known any more is not too high: the pace is told of again. */
static void test_strap_lost_while_too_high(Harness *h)
{
        const PaceSecond both = { 160, "3.3 cadence 168", NULL }, pod = { 0, "3.3 cadence 168", NULL };

        pace_begin_recovery_run(h);
        pace_pass(h, 40, &both);
        run_wait(h, "OverLimit");
        assert_int_equal(run_count(h, "OverPace"), 0);
        pace_pass(h, 40, &pod);
        run_wait(h, "OverPace");
}

/* Whoever stops, or is stopped, while it is too fast: what has begun has an end. */
static void test_ends_too_fast(Harness *h)
{
        pace_begin_recovery_run(h);
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        harness_clock_pass(h, USEC_PER_SEC / 2);
        harness_standin(h, "speed " POD " 3.3 cadence 168");
        (void)harness_daemon_stop(h, SIGKILL);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        harness_standin(h, "expect notifying " POD " 30s");
        run_wait_manager(h, "Recording", "true");
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        harness_clock_pass(h, USEC_PER_SEC / 2);
        harness_standin(h, "speed " POD " 3.3 cadence 168");
        harness_clock_settle(h);
        run_call(h, "StopSession", NULL);
        run_wait(h, "PaceInRange");
        run_wait(h, "SessionEnded");
        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE type = 'over-pace'");
        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE type = 'pace-in-range' AND value > 3");
        run_wait_int(h, 0,
                        "SELECT count(*) FROM event AS e WHERE type = 'pace-in-range' AND t > "
                        "(SELECT max(t) FROM sample WHERE session_id = e.session_id)");
}

#define PACE_EVENTS "SELECT count(*) FROM event WHERE session_id = %" PRIi64 " AND value > 3 AND type = "

/* Cut in the midst of it, both parts have it, from its beginning to its end. */
static void test_split_too_fast(Harness *h)
{
        int64_t id, rest;

        pace_begin(h, PACE_CONFIG);
        pace_base_runs(h, 3);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 2, &pace_easy);
        id = run_call(h, "StartSession", "s", "");
        pace_pass(h, 40, &pace_fast);
        pace_pass(h, 30, &pace_easy);
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        rest = edit_by(h, id, "split", 25000);
        for (int64_t part = id; part <= rest; part += rest - id) {
                assert_int_equal(run_int(h, PACE_EVENTS "'over-pace'", part), 1);
                assert_int_equal(run_int(h, PACE_EVENTS "'pace-in-range'", part), 1);
        }
}

/* Its number is another sensor's by the time that the breach is over. */
static void test_forgotten_while_too_fast(Harness *h)
{
        RunSignal s;

        pace_begin_recovery_run(h);
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        run_command(h, "Forget", "s", POD);
        pace_pass(h, 2, &(PaceSecond){ 120, NULL, NULL });
        pace_add(h, TREADMILL, "treadmill");
        pace_expect(h, CARDIO_OBJECT, "Speed", NAN, 0);
        run_call(h, "StopSession", NULL);
        s = run_wait(h, "PaceInRange");
        assert_string_equal(s.sensor, POD_PATH);
        assert_true(s.heart_rate > 3.05);
}

/* Another margin and other units count at once, and end what was too fast; nothing is announced from second to second. */
static void test_reload(Harness *h)
{
        pace_begin_recovery_run(h);
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        harness_clear_signals(h);
        pace_pass(h, 20, &pace_fast);
        assert_int_equal(harness_count_signals(h, NULL, "PropertiesChanged"), 0);
        harness_write_file(h, "cardiod.conf", PACE_CONFIG "[pace]\nmargin = 0\nunits = mile\n");
        run_command(h, "Reload", NULL);
        pace_expect(h, CARDIO_OBJECT, "PaceLimit", 10000 / 3000.0, 0.001);
        pace_expect_reason(h, "0 s per mile slower than your base runs, 8:03 /mile on average");
        pace_pass(h, 2, &pace_fast);
        run_wait(h, "PaceInRange");
        pace_pass(h, 60, &pace_fast);
        assert_int_equal(run_count(h, "OverPace"), 0);
}

/* The snooze runs out while the pod is silent: the first pace that is too fast after that is told. */
static void test_snooze_ends_in_silence(Harness *h)
{
        pace_begin_recovery_run(h);
        run_command(h, "Snooze", "u", 60);
        pace_pass(h, 40, &pace_fast);
        pace_pass(h, 40, &(PaceSecond){ 121, NULL, NULL });
        assert_int_equal(run_count(h, "OverPace"), 0);
        pace_pass(h, 20, &pace_fast);
        run_wait(h, "OverPace");
}

/* What the runner says of the run in its midst counts at the next pace. */
static void test_kind_changes(Harness *h)
{
        int64_t id;

        pace_begin(h, PACE_CONFIG);
        pace_base_runs(h, 3);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 2, &pace_easy);
        id = run_call(h, "StartSession", "s", "");
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        run_command(h, COACH "Annotate", "xa{sv}", id, 1, "kind", "s", "base");
        pace_expect(h, CARDIO_OBJECT, "PaceLimit", 0, 0);
        pace_pass(h, 1, &pace_fast);
        run_wait(h, "PaceInRange");
        pace_pass(h, 70, &pace_fast);
        assert_int_equal(run_count(h, "OverPace"), 0);
        run_command(h, COACH "Annotate", "xa{sv}", id, 1, "kind", "s", "recovery");
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        run_call(h, "StopSession", NULL);
        run_wait(h, "PaceInRange");
        pace_pass(h, 70, &pace_fast);
        assert_int_equal(run_count(h, "OverPace") + run_count(h, "PaceInRange"), 0);
}

/* A watch that is named as the source of pace is its own pod, and no other pod is listened to. */
static void test_strap_is_its_own_pod(Harness *h)
{
        coach_daemon(h, PACE_CONFIG "[pace]\nsource = " STRAP "\n");
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " STRAP " \"watch\" trusted with-pod");
        harness_standin(h, "strap add hci0 " POD " \"pod\" trusted foot-pod");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "advertise " POD);
        harness_standin(h, "expect notifying " STRAP " 30s");
        for (unsigned i = 0; i < 20; i++) {
                pace_pass(h, 1, &(PaceSecond){ 130, NULL, NULL });
                harness_standin(h, "speed " STRAP " 3 cadence 170");
                if (i == 2)
                        run_call(h, "StartSession", "s", "");
        }
        harness_clock_settle(h);
        pace_expect(h, STRAP_PATH, "Speed", 3, 0.01);
        pace_expect(h, CARDIO_OBJECT, "Speed", 3, 0.01);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "Kind", "strap", HARNESS_TIMEOUT);
        (void)expect_three(h);
}

/* It was too short to be kept, and its pace goes with it. */
static void test_discarded(Harness *h)
{
        pace_begin(h, RUN_BASE
                        "[session]\nstart-above = 30%hrr\nstart-after = 20s\npre-roll = 10s\nmin-duration = "
                        "20min\nend-after = 1min\n");
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 60, &(PaceSecond){ 140, "3 cadence 170", NULL });
        run_wait_manager(h, "Recording", "true");
        pace_pass(h, 90, &(PaceSecond){ 0, "3 cadence 170", NULL });
        run_wait(h, "SessionDiscarded");
        pace_pass(h, 5, &(PaceSecond){ 0, "3 cadence 170", NULL });
        run_wait_int(h, 0, "SELECT count(*) FROM pace");
        pace_expect(h, CARDIO_OBJECT, "Distance", NAN, 0);
}

/* The machine sleeps in the midst of a run. */
static void test_suspended(Harness *h)
{
        pace_begin_recovery_run(h);
        pace_pass(h, 30, &pace_fast);
        run_wait(h, "OverPace");
        clock_sleep(harness_clock(h), (int64_t)(2 * 3600 * USEC_PER_SEC));
        harness_standin(h, "speed " POD " 3.3 cadence 168");
        harness_clock_settle(h);
        pace_pass(h, 5, &pace_fast);
        run_wait(h, "PaceInRange");
        run_wait(h, "SessionEnded");
        assert_int_equal(run_count(h, "OverPace"), 0);
        assert_true(run_real(h, "SELECT distance_m FROM session WHERE avg_speed <> 10000 / 3000.0") < 110);
        pace_expect(h, CARDIO_OBJECT, "Distance", NAN, 0);
}

/* Many of them at once: the one in force stays in force, and the strap is recorded. */
static void test_many(Harness *h)
{
        char address[32];

        pace_begin(h, PACE_CONFIG);
        pace_add(h, POD, "foot-pod");
        for (unsigned i = 0; i < 62; i++) {
                (void)snprintf(address, sizeof(address), "C0:FF:EE:00:01:%02X", i);
                pace_add(h, address, i % 2 ? "foot-pod" : "treadmill");
        }
        pace_pass(h, 3, &(PaceSecond){ 130, "3 cadence 170", NULL });
        run_call(h, "StartSession", "s", "");
        for (unsigned k = 0; k < 20; k++) {
                pace_pass(h, 1, &(PaceSecond){ 130, "3 cadence 170", NULL });
                for (unsigned i = 1; i < 62; i += 2)
                        harness_standin(h, "speed C0:FF:EE:00:01:%02X 5 cadence 170", i);
        }
        (void)expect_three(h);
}

/* -- Main -- */

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_pod_falls_silent),
                harness_clock_test(test_fast_sender),
                harness_clock_test(test_strap_lost_while_too_high),
                harness_clock_test(test_ends_too_fast),
                harness_clock_test(test_split_too_fast),
                harness_clock_test(test_forgotten_while_too_fast),
                harness_clock_test(test_reload),
                harness_clock_test(test_snooze_ends_in_silence),
                harness_clock_test(test_kind_changes),
                harness_clock_test(test_strap_is_its_own_pod),
                harness_clock_test(test_discarded),
                harness_clock_test(test_suspended),
                harness_clock_test(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
