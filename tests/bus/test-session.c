/* SPDX-License-Identifier: MIT */

/* Sessions, as seen from outside: packets of a strap go in, signals, properties and rows come out. When a run begins and
 * ends is the core's, and tested there; here it is the whole way, by a clock of the test's own. */

#include "run-fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define BARE "min-duration = 0s\npre-roll = 0s\ncool-down = 0s\n"

#define PACE_USEC (250 * USEC_PER_MSEC)

/* The strap's heart rate drifts for so long. */
static void drift(Harness *h, unsigned from, unsigned to, usec_t usec)
{
        harness_standin(h, "curve " STRAP " %u %u %ums background", from, to,
                        (unsigned)(usec / USEC_PER_MSEC));
        harness_clock_pass(h, usec);
}

static int64_t row_started_at(Harness *h, int64_t id)
{
        return run_int(h, "SELECT started_at FROM session WHERE id = %" PRIi64, id);
}

static void assert_started(Harness *h, const RunSignal *s, int64_t id, const char *sensor)
{
        assert_int_equal(s->session, id);
        assert_string_equal(s->sensor, sensor);
        assert_int_equal(s->realtime_usec, row_started_at(h, id) * 1000);
        /* The row is there before the signal; its heart rates may come with the next commit. */
        run_wait_int(h, 1,
                        "SELECT count(*) FROM sample WHERE t = 0 AND session_id = (SELECT max(id) FROM session)");
}

/* As the signal arrives its row must be closed. */
static void assert_ended(Harness *h, const RunSignal *s, int64_t id, const char *sensor)
{
        assert_int_equal(s->session, id);
        assert_string_equal(s->sensor, sensor);
        assert_int_equal(s->realtime_usec,
                        run_int(h, "SELECT ended_at FROM session WHERE id = %" PRIi64, id) * 1000);
        assert_int_equal(run_int(h,
                                         "SELECT ended_at - started_at - max(t) FROM session JOIN sample "
                                         "ON session_id = session.id"
                                         " WHERE session.id = %" PRIi64,
                                         id),
                        0);
}

static void test_auto(Harness *h)
{
        static const RunLimits limits = { .hold = 10000, .clear = 15000, .stale = 5000 };
        RunSignal started, ended;
        int64_t first, last, end;

        harness_daemon_start(h,
                        RUN_BASE "[session]\nstart-above = 100\nstart-after = 600ms\npre-roll = 500ms\n"
                                 "end-after = 1500ms\ncool-down = 500ms\nmin-duration = 100ms\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        harness_clear_signals(h);

        run_pace(h, 100 * USEC_PER_MSEC);
        drift(h, 65, 90, 1200 * USEC_PER_MSEC);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        drift(h, 110, 135, 3 * USEC_PER_SEC);
        harness_standin(h, "curve " STRAP " 90 40 3s background");
        started = run_wait(h, "SessionStarted");
        assert_started(h, &started, 1, STRAP_PATH);
        run_expect_changed(h, CARDIO_OBJECT, "Recording true Session 1");
        assert_int_equal(
                        run_int(h, "SELECT ended_at IS NULL AND source = 'strap' AND kind IS NULL AND resting_hr = 50 AND"
                                   " max_hr = 197 AND abs(ceiling - 145.55) < 1e-9 AND ceiling_expression = '65%%hrr'"
                                   " AND tolerance = 2 AND zone_model = 'hrr' AND zone_bounds = '50 60 70 80 90'"
                                   " AND sensor_id = (SELECT id FROM sensor WHERE address = '" STRAP
                                   "') FROM session"),
                        1);
        /* The pre-roll is in it, and no more than that. */
        first = run_int(h, "SELECT min(t) FROM sample WHERE smoothed > 100");
        assert_in_range(first, 1, 501);

        ended = run_wait(h, "SessionEnded");
        assert_ended(h, &ended, 1, STRAP_PATH);
        run_expect_changed(h, CARDIO_OBJECT, "Recording false Session 0");
        /* Of the cool-down just that much is kept. */
        last = run_int(h, "SELECT max(t) FROM sample WHERE smoothed >= 100");
        end = run_int(h, "SELECT max(t) FROM sample");
        assert_in_range(end - last, 1, 501);
        run_check_figures(h, 1, &limits);

        /* One announcement for each change, of each object, and none of a heart rate. */
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        assert_int_equal(run_count(h, "SessionEnded"), 0);
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 0);
        harness_refute_output(h, harness_daemon(h), true, "*bpm*");
}

/* The manager's changes are announced one by one; of the sensor only Session changes while it goes on. */
static void test_announced_once(Harness *h)
{
        harness_daemon_start(h,
                        RUN_BASE "[session]\nstart-above = 100\nstart-after = 0s\nend-after = 2s\n" BARE,
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        run_heart_rate(h, 61);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "live", HARNESS_TIMEOUT);
        harness_clear_signals(h);

        for (unsigned i = 0; i < 20; i++)
                run_heart_rate(h, 120 + i);
        run_wait(h, "SessionEnded");
        run_expect_changed(h, STRAP_PATH, "Session 1");
        run_expect_changed(h, STRAP_PATH, "Session 0");
        /* Those of the manager were dropped on the way. */
        assert_int_equal(harness_count_signals(h, "org.freedesktop.DBus.Properties", "PropertiesChanged"), 0);
}

static void test_discarded(Harness *h)
{
        static const char config[] = RUN_BASE
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\nend-after = 600ms\n"
                        "cool-down = 0s\nmin-duration = 20s\n";

        harness_daemon_start(h, config, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        harness_clear_signals(h);
        for (int64_t id = 1; id <= 2; id++) {
                run_settle(h, 120);
                assert_int_equal(run_wait(h, "SessionStarted").session, id);
                run_settle(h, 60);
                assert_int_equal(run_wait(h, "SessionDiscarded").session, id);
                assert_int_equal(
                                run_int(h, "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM sample) +"
                                           " (SELECT count(*) FROM event) + (SELECT count(*) FROM "
                                           "zone_time)"),
                                0);
                run_expect_changed(h, CARDIO_OBJECT,
                                id == 1 ? "Recording true Session 1" : "Recording true Session 2");
                run_expect_changed(h, CARDIO_OBJECT, "Recording false Session 0");
        }
        assert_int_equal(run_count(h, "SessionEnded"), 0);

        /* Not even another daemon gives the id again. */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_settle(h, 121);
        assert_int_equal(run_wait(h, "SessionStarted").session, 3);
}

#define LIMITS(hold, repeat) "[ceiling]\nhold = " hold "\nclear = 300ms\nrepeat = " repeat "\n"
#define SESSION              "[session]\nstart-above = 100\nstart-after = 0s\nend-after = 1min\n" BARE

static void test_over_limit(Harness *h)
{
        static const RunLimits limits = { .hold = 1100, .clear = 300, .stale = 5000 };
        RunSignal over, back;
        int64_t above, held;

        harness_daemon_start(h, RUN_BASE LIMITS("1100ms", "500ms") SESSION, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, PACE_USEC);
        /* Above the ceiling, but not by more than the tolerance. */
        run_settle(h, 146);
        harness_standin(h, "stream " STRAP " 165");
        over = run_wait(h, "OverLimit");
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'over-limit'");
        above = run_int(h, "SELECT min(t) FROM sample WHERE smoothed > 147.55");
        held = run_int(h, "SELECT min(t) FROM sample WHERE t >= %" PRIi64, above + 1100) - above;
        assert_int_equal(over.session, 1);
        assert_string_equal(over.sensor, STRAP_PATH);
        assert_float_equal(over.heart_rate, 165, 0);
        assert_float_equal(over.ceiling, 145.55, 1e-9);
        /* The event stands where it began, and so far it is as long as the hold at least. */
        assert_int_equal(run_int(h, "SELECT t FROM event WHERE type = 'over-limit'"), above);
        assert_in_range(over.seconds, 1, held / 1000);
        assert_float_equal(run_real(h, "SELECT value FROM event WHERE type = 'over-limit'"), 165, 0);

        over = run_wait(h, "OverLimit");
        over = run_wait(h, "OverLimit");
        assert_in_range(over.seconds, 2, 20);
        assert_int_equal(run_count(h, "BackInRange"), 0);

        harness_standin(h, "stop " STRAP);
        harness_clear_signals(h);
        drift(h, 147, 140, USEC_PER_SEC);
        back = run_wait(h, "BackInRange");
        assert_int_equal(back.session, 1);
        assert_string_equal(back.sensor, STRAP_PATH);
        assert_true(back.heart_rate <= 147.55);
        assert_float_equal(back.ceiling, 145.55, 1e-9);
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'back-in-range'");
        assert_int_equal(back.seconds,
                        run_int(h, "SELECT CAST(value AS INTEGER) FROM event WHERE type = 'back-in-range'"));
        assert_int_equal(run_int(h, "SELECT t FROM event WHERE type = 'back-in-range'"),
                        run_int(h, "SELECT max(t) FROM sample WHERE smoothed > 147.55"));

        /* Once over it is over, and the run's end has nothing to add. */
        run_call(h, "StopSession", NULL);
        assert_int_equal(run_count(h, "OverLimit"), 0);
        assert_int_equal(run_count(h, "BackInRange"), 0);
        run_check_figures(h, 1, &limits);
        assert_int_equal(run_int(h, "SELECT breaches FROM session"), 1);
}

static void test_breach_ends_with_session(Harness *h)
{
        static const RunLimits limits = { .hold = 200, .clear = 300, .stale = 5000 };
        RunSignal back;

        harness_daemon_start(h, RUN_BASE LIMITS("200ms", "0") SESSION, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, PACE_USEC);
        harness_standin(h, "stream " STRAP " 170");
        run_wait(h, "OverLimit");
        run_call(h, "StopSession", NULL);
        back = run_wait(h, "BackInRange");
        assert_int_equal(back.session, 1);
        run_wait(h, "SessionEnded");
        assert_int_equal(run_count(h, "BackInRange"), 0);
        run_check_figures(h, 1, &limits);
        assert_int_equal(run_int(h, "SELECT breaches FROM session"), 1);
}

static void test_snooze(Harness *h)
{
        uint64_t before_usec, until_usec, now_usec;
        _cleanup_free_ char *changed = NULL;

        harness_daemon_start(h, RUN_BASE LIMITS("300ms", "0") SESSION, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        harness_clear_signals(h);

        /* Without a session, and taken back. */
        run_command(h, "Snooze", "u", UINT32_MAX);
        changed = run_changed(h, CARDIO_OBJECT);
        run_assert_contains(changed, "SnoozedUntil ");
        run_command(h, "Snooze", "u", 0);
        run_expect_changed(h, CARDIO_OBJECT, "SnoozedUntil 0");
        run_command(h, "Snooze", "u", 0);

        before_usec = harness_clock_realtime_usec(h);
        run_command(h, "Snooze", "u", 5);
        free(TAKE_PTR(changed));
        changed = run_changed(h, CARDIO_OBJECT);
        assert_int_equal(sscanf(changed, "SnoozedUntil %" SCNu64, &until_usec), 1);
        assert_in_range(until_usec, before_usec + 4990 * USEC_PER_MSEC,
                        harness_clock_realtime_usec(h) + 5010 * USEC_PER_MSEC);

        /* The breach is counted without an alert; then there is one, without waiting for a heart rate. */
        run_pace(h, PACE_USEC);
        harness_standin(h, "stream " STRAP " 170");
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'over-limit'");
        harness_standin(h, "stop " STRAP);
        assert_int_equal(run_count(h, "OverLimit"), 0);
        assert_int_equal(run_wait(h, "OverLimit").session, 1);
        now_usec = harness_clock_realtime_usec(h);
        assert_in_range(now_usec, until_usec - 5 * USEC_PER_MSEC, until_usec + 2 * USEC_PER_SEC);
        run_wait_manager(h, "SnoozedUntil", "0");

        /* In a breach with an alert: no more signals, until snoozing has ended. */
        run_command(h, "Snooze", "u", 600);
        run_settle(h, 172);
        harness_clear_signals(h);
        run_command(h, "Snooze", "u", 0);
        /* The first of all signals, so that nobody takes the alert for snoozed. */
        free(TAKE_PTR(changed));
        changed = harness_message_text(harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT));
        run_assert_contains(changed, "SnoozedUntil 0");
        assert_float_equal(run_wait(h, "OverLimit").heart_rate, 172, 0);
        assert_int_equal(run_count(h, "OverLimit"), 0);
        run_wait_manager(h, "SnoozedUntil", "0");
        run_wait_int(h, 1, "SELECT breaches FROM session");
        run_wait_int(h, 3, "SELECT count(*) FROM event WHERE type = 'snooze'");
}

static void test_ceiling_command(Harness *h)
{
        static const RunLimits limits = { .hold = 300, .clear = 300, .stale = 5000 };
        RunSignal s;

        harness_daemon_start(h, RUN_BASE LIMITS("300ms", "0") SESSION, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        harness_clear_signals(h);

        /* Without a session: until the next one ends. */
        run_command(h, "SetCeiling", "s", "160");
        run_expect_changed(
                        h, CARDIO_OBJECT, "Ceiling 160 CeilingExpression 160 CeilingReason set by command");
        run_pace(h, PACE_USEC);
        harness_standin(h, "stream " STRAP " 170");
        s = run_wait(h, "OverLimit");
        assert_float_equal(s.ceiling, 160, 0);
        run_expect_changed(h, CARDIO_OBJECT, "Recording true Session 1");

        /* Another ceiling ends the breach under the old one, and a new one begins under the new one. */
        run_command(h, "SetCeiling", "s", "75%max");
        run_expect_changed(h, CARDIO_OBJECT, "Ceiling 147.75 CeilingExpression 75%max");
        s = run_wait(h, "BackInRange");
        assert_float_equal(s.ceiling, 160, 0);
        s = run_wait(h, "OverLimit");
        assert_float_equal(s.ceiling, 147.75, 1e-9);
        assert_int_equal(run_count(h, "BackInRange"), 0);

        /* The same figure in other words is no change of ceiling: the breach goes on. */
        run_command(h, "SetCeiling", "s", "147.75");
        run_expect_changed(h, CARDIO_OBJECT, "CeilingExpression 147.75");
        assert_int_equal(run_count(h, "BackInRange"), 0);

        run_command(h, "SetCeiling", "s", "off");
        run_expect_changed(h, CARDIO_OBJECT, "Ceiling 0 CeilingExpression off");
        run_wait(h, "BackInRange");
        run_wait_manager(h, "OverCeiling", "false");
        run_command(h, "SetCeiling", "s", "");
        run_expect_changed(h, CARDIO_OBJECT,
                        "Ceiling 145.55 CeilingExpression 65%hrr CeilingReason configuration");
        run_wait(h, "OverLimit");
        run_wait_manager(h, "OverCeiling", "true");

        /* The end of the session takes the command back. */
        run_command(h, "SetCeiling", "s", "190");
        run_expect_changed(
                        h, CARDIO_OBJECT, "Ceiling 190 CeilingExpression 190 CeilingReason set by command");
        run_heart_rate(h, 171);
        run_call(h, "StopSession", NULL);
        run_expect_changed(h, CARDIO_OBJECT,
                        "Recording false Session 0 Ceiling 145.55 CeilingExpression 65%hrr CeilingReason "
                        "configuration WaitsForRest true");

        harness_wait_sql(h,
                        "SELECT group_concat(coalesce(value, 'none') || '=' || detail, ' ') FROM"
                        " (SELECT value, detail FROM event WHERE type = 'ceiling' ORDER BY t, id)",
                        "147.75=75%max none=off 145.55=65%hrr 190.0=190", HARNESS_TIMEOUT);
        run_check_figures(h, 1, &limits);
        assert_int_equal(run_int(h, "SELECT breaches FROM session"), 3);
        assert_float_equal(run_real(h, "SELECT ceiling FROM session"), 160, 0);
}

static void test_ceiling_refused(Harness *h)
{
        static const char *const bad[] = { "65", "65%", "65%HRR", "0%hrr", "101%hrr", "24", "251", "-1",
                "65 %hrr", "nan", "1e2", "contact", " ", "65%hrr ", "151%lthr" };

        harness_daemon_start(h, RUN_BASE, DAEMON_SYSTEM);
        for (size_t i = 1; i < ELEMENTSOF(bad); i++)
                run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT,
                                "*accepted: N%hrr or N%max (1 to 100), N%lthr*off, auto, or nothing *",
                                "SetCeiling", "s", bad[i]);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "'90%lthr' needs lactate-threshold*", "SetCeiling", "s",
                        "90%lthr");
        harness_clear_signals(h);
        run_command(h, "SetCeiling", "s", bad[0]);
        run_expect_changed(h, CARDIO_OBJECT, "Ceiling 65 CeilingExpression 65 CeilingReason set by command");
}

/* Numbers that look like chance but are the same each time. */
static unsigned draw(unsigned *seed, unsigned below)
{
        *seed = *seed * 1103515245U + 12345U;
        return (*seed >> 16) % below;
}

static void test_figures(Harness *h)
{
        static const RunLimits limits = { .hold = 200, .clear = 300, .stale = 1000, .window = 300 };
        unsigned seed = 7, rr = 0;

        harness_daemon_start(h,
                        RUN_RUNNER RUN_STORAGE
                        "[sensor]\nstale-after = 1s\n[smoothing]\nwindow = 300ms\n" LIMITS("200ms",
                                        "0") "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 5s\n"
                                             "end-after = 1min\nmin-duration = 0s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        for (unsigned i = 0; i < 90; i++) {
                /* A slow wave across the ceiling, with noise; the R-R interval makes each packet another one. */
                unsigned wave = i % 30 < 15 ? i % 30 : 30 - i % 30;

                harness_standin(h, "hr " STRAP " %u rr %u", 132 + 2 * wave + draw(&seed, 9), 300 + rr++);
                harness_clock_pass(h, 40 * USEC_PER_MSEC);
                if (i == 30) { /* a gap longer than the credit, in a breach or not */
                        harness_clock_pass(h, 2300 * USEC_PER_MSEC);
                } else if (i == 45) { /* without contact, until it is a gap */
                        harness_standin(h, "hr " STRAP " 150 contact no");
                        harness_clock_pass(h, 1300 * USEC_PER_MSEC);
                } else if (i == 70) { /* one odd packet has no effect */
                        harness_standin(h, "hr " STRAP " 150 contact no");
                        harness_clock_pass(h, 40 * USEC_PER_MSEC);
                } else if (i == 60) {
                        run_command(h, "SetCeiling", "s", "136");
                }
        }
        run_call(h, "StopSession", NULL);
        run_check_figures(h, 1, &limits);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 90);
        assert_int_equal(run_int(h, "SELECT count(*) FROM rr"), 90);
        assert_true(run_int(h, "SELECT breaches FROM session") >= 2);
        assert_true(run_int(h, "SELECT count(*) FROM event WHERE type = 'gap'") >= 2);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'contact-lost'"), 1);
        assert_true(run_int(h, "SELECT count(*) FROM event WHERE type = 'stale'") >= 1);
}

/* A constant heart rate has that average, to the last bit. */
static void test_steady(Harness *h)
{
        harness_daemon_start(h, RUN_BASE SESSION, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, PACE_USEC);
        harness_standin(h, "stream " STRAP " 140");
        run_wait_int(h, 1, "SELECT count(*) >= 7 FROM sample");
        run_call(h, "StopSession", NULL);
        assert_int_equal(
                        run_int(h, "SELECT avg_hr = 140 AND min_hr = 140 AND peak_hr = 140 AND over_s = 0 FROM session"),
                        1);
        assert_int_equal(run_int(h, "SELECT easy_percent = 100 AND over = '0:00:00' FROM sessions"), 1);
}

static void test_by_hand_refused(Harness *h)
{
        harness_daemon_start(h, RUN_BASE, DAEMON_SYSTEM);
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "No strap is live*", "StartSession", "s", "");
        run_refused(h, CARDIO_ERROR_NOT_RECORDING, "No session is being recorded", "StopSession", NULL);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT,
                        "'Base' is not a kind*accepted: rest, cross-training, *", "StartSession", "s",
                        "Base");
        run_strap(h, STRAP);
        /* Connected is not live. */
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "*", "StartSession", "s", "");
        run_lose_contact(h);
        run_refused(h, CARDIO_ERROR_NO_SENSOR, "*", "StartSession", "s", "long");
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*", "StartSession", "s", "tempo");
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 0);

        run_heart_rate(h, 70);
        assert_int_equal(run_call(h, "StartSession", "s", "cross-training"), 1);
        run_refused(h, CARDIO_ERROR_ALREADY_RECORDING, "Session 1 is being recorded*", "StartSession", "s",
                        "");
        /* A wrong kind is refused before anything else. */
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*", "StartSession", "s", "x");
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        run_refused(h, CARDIO_ERROR_NOT_RECORDING, "*", "StopSession", NULL);
}

static void test_by_hand(Harness *h)
{
        RunSignal s;

        harness_daemon_start(h,
                        RUN_BASE
                        "[session]\nstart-above = 100\nstart-after = 300ms\npre-roll = 5s\nend-after = 3s\n"
                        "cool-down = 0s\nmin-duration = 60s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 69);
        run_heart_rate(h, 70);
        assert_int_equal(run_call(h, "StartSession", "s", "recovery"), 1);
        s = run_wait(h, "SessionStarted");
        assert_started(h, &s, 1, STRAP_PATH);
        assert_int_equal(run_int(h, "SELECT kind = 'recovery' AND source = 'strap' FROM session"), 1);

        /* Low effort neither ends it nor is trimmed; a short one is kept. */
        run_pace(h, PACE_USEC);
        drift(h, 71, 81, 4500 * USEC_PER_MSEC);
        run_heart_rate(h, 82);
        assert_int_equal(run_count(h, "SessionEnded"), 0);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        s = run_wait(h, "SessionEnded");
        assert_ended(h, &s, 1, STRAP_PATH);
        assert_int_equal(run_int(h, "SELECT min(heart_rate) * 1000 + max(heart_rate) FROM sample"), 70082);
        assert_int_equal(run_count(h, "SessionDiscarded"), 0);
}

static void test_after_stop(Harness *h)
{
        harness_daemon_start(h,
                        RUN_BASE
                        "[session]\nstart-above = 100\nstart-after = 300ms\npre-roll = 5s\nend-after = 2s\n"
                        "cool-down = 0s\nmin-duration = 0s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 130);
        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 131);
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        run_wait(h, "SessionStarted");

        /* The runner goes on, far longer than start-after and end-after: it was stopped, and stays so. */
        run_pace(h, PACE_USEC);
        drift(h, 132, 140, 3 * USEC_PER_SEC);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        /* Rests, and runs again. Nothing of what was before the stop is in it. */
        drift(h, 80, 88, 2500 * USEC_PER_MSEC);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        harness_standin(h, "curve " STRAP " 140 150 1500ms background");
        assert_int_equal(run_wait(h, "SessionStarted").session, 2);
        assert_int_equal(
                        run_int(h, "SELECT count(*) FROM sample WHERE session_id = 2 AND heart_rate IN (130, 131)"),
                        0);

        /* By hand it may be begun at any time. */
        run_call(h, "StopSession", NULL);
        assert_int_equal(run_call(h, "StartSession", "s", "base"), 3);
}

static void test_by_hand_ends_without_data(Harness *h)
{
        RunSignal s;

        harness_daemon_start(h, RUN_BASE "[session]\nend-after = 2s\ncool-down = 0s\nmin-duration = 1h\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 70);
        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 71);
        run_heart_rate(h, 72);
        s = run_wait(h, "SessionEnded");
        assert_ended(h, &s, 1, STRAP_PATH);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 3);
}

static void test_two_straps(Harness *h)
{
        RunSignal s;

        harness_daemon_start(h,
                        RUN_BASE
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\nend-after = 4s\n"
                        "switch-after = 2s\nmin-duration = 0s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_strap(h, OTHER);
        run_settle(h, 150);
        run_wait(h, "SessionStarted");
        harness_clear_signals(h);

        run_pace(h, PACE_USEC);
        harness_standin(h, "stream " OTHER " 120");
        drift(h, 151, 155, USEC_PER_SEC);
        run_wait_int(h, 1, "SELECT min(heart_rate) >= 150 AND count(*) >= 4 FROM sample");
        harness_standin(h, "leave " STRAP);
        harness_pass_until_sql(
                        h, "SELECT detail FROM event WHERE type = 'strap'", OTHER, 2 * HARNESS_TIMEOUT);
        run_wait_int(h, 1, "SELECT count(*) >= 3 FROM sample WHERE heart_rate = 120");
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "Session", "0", HARNESS_TIMEOUT);
        harness_wait_property(h, OTHER_PATH, CARDIO_SENSOR_INTERFACE, "Session", "1", HARNESS_TIMEOUT);

        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
        assert_int_equal(run_count(h, "SessionStarted") + run_count(h, "SessionEnded"), 0);
        assert_int_equal(run_int(h, "SELECT min(b.t) - max(a.t) >= 2000 FROM sample AS a, sample AS b WHERE"
                                    " a.heart_rate >= 150 AND b.heart_rate = 120"),
                        1);
        assert_int_equal(run_int(h, "SELECT (SELECT t FROM event WHERE type = 'strap') <="
                                    " (SELECT min(t) FROM sample WHERE heart_rate = 120)"),
                        1);
        /* No more strap than one makes the strap's session go on; when that leaves too, the session ends with it. */
        harness_standin(h, "leave " OTHER);
        s = run_wait(h, "SessionEnded");
        assert_ended(h, &s, 1, OTHER_PATH);
}

/* The session's strap is no longer the runner's: the session is still announced to its end. */
static void test_forgotten_strap(Harness *h)
{
        RunSignal s;

        harness_daemon_start(h,
                        RUN_BASE "[session]\nstart-above = 100\nstart-after = 0s\nend-after = 2s\n" BARE,
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_heart_rate(h, 121);
        run_wait(h, "SessionStarted");
        assert_true(sd_bus_set_property(harness_bus(h, BUS_SYSTEM), BLUEZ_BUS_NAME,
                                    "/org/bluez/hci0/dev_C0_FF_EE_00_00_01", BLUEZ_DEVICE_INTERFACE,
                                    "Trusted", NULL, "b", 0) >= 0);
        (void)harness_wait_signal(
                        h, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", HARNESS_TIMEOUT);
        s = run_wait(h, "SessionEnded");
        assert_ended(h, &s, 1, STRAP_PATH);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_auto),
                harness_clock_test(test_announced_once),
                harness_clock_test(test_discarded),
                harness_clock_test(test_over_limit),
                harness_clock_test(test_breach_ends_with_session),
                harness_clock_test(test_snooze),
                harness_clock_test(test_ceiling_command),
                harness_clock_test(test_ceiling_refused),
                harness_clock_test(test_figures),
                harness_clock_test(test_steady),
                harness_clock_test(test_by_hand_refused),
                harness_clock_test(test_by_hand),
                harness_clock_test(test_after_stop),
                harness_clock_test(test_by_hand_ends_without_data),
                harness_clock_test(test_two_straps),
                harness_clock_test(test_forgotten_strap),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
