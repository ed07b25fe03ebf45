/* SPDX-License-Identifier: MIT */

/* cardio-notify, seen from outside: cardiod signals, and lines, notifications and commands follow. */

#include "notify-fixture.h"

#include "shim-fixture.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVER_HINTS \
        " hints={urgency=2 category=\"x-cardiod.over-limit\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true} expire=0"
#define BACK_HINTS \
        " hints={urgency=1 category=\"x-cardiod.back-in-range\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true transient=true} expire=5000"
#define BUTTONS " actions=[\"snooze\" \"Snooze 10 min\" \"mute\" \"Mute this run\"]"

/* -- Lines ----------------------------------------------------------------------------------------------- */

static void test_print(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        stage_started(f, 7);
        stage_over(f, 7, 165.4, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_over(f, 7, 164.5, 70);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_back(f, 7, 140.2, 75);
        stage_expect(f, &f->notify.out, "back-in-range: Back in range: 140 bpm (ceiling 146)");
        /* A breach that the run's end cuts off has not come back in range. */
        stage_over(f, 7, 165, 10);
        stage_back(f, 7, 166, 20);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_ended(f, 7);
        stage_expect(f, &f->notify.out, "session-ended: Recovery run finished: 42 min");
        stage_discarded(f, 8);
        stage_ended(f, 404);
        stage_expect(f, &f->notify.out, "session-ended: Run finished");
        stage_stop(f);
}

/* Unknown figures are left out, and a malformed signal is no signal. */
static void test_odd_figures(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "OverLimit", "s",
                                    "x") >= 0);
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "OverLimit",
                                    "xoddu", INT64_C(7), STAGE_SENSOR, 165.0, (double)NAN, 10U) >= 0);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm");
        stage_over(f, 7, 1e300, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast");
        stage_over(f, 7, (double)NAN, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast");
        stage_over(f, 7, -(double)INFINITY, UINT32_MAX);
        stage_expect(f, &f->notify.out, "over-limit: Too fast");
        stage_stop(f);
}

static void test_look_alike(void **state)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *other = NULL;
        NotifyStage *f = *state;

        stage_print_start(f);
        other = stage_bus_open(f, STAGE_SYSTEM);
        stage_emit_alert(other, "OverLimit", 7, 199, 10);
        /* To every connection there may be, and so past the match on the sender's name. */
        for (int i = 0; i < 10; i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
                char to[16];

                (void)snprintf(to, sizeof(to), ":1.%d", i);
                assert_true(sd_bus_message_new_signal(other, &m, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                            "OverLimit") >= 0);
                assert_true(sd_bus_message_append(m, "xoddu", INT64_C(7), STAGE_SENSOR, 199.0, 145.55, 10U) >=
                                0);
                assert_true(sd_bus_message_set_destination(m, to) >= 0);
                assert_true(sd_bus_send(other, m, NULL) >= 0);
        }
        /* A round trip: the bus has delivered what was sent before. */
        assert_true(sd_bus_request_name(other, "org.example.Other", 0) > 0);
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_stop(f);
}

/* -- The desktop ----------------------------------------------------------------------------------------- */

static void test_breach(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->server.out, "GetCapabilities");
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Too fast: "
                        "165 bpm (ceiling 146)\" body=\"Above it for 10 s. Slow down.\"" BUTTONS OVER_HINTS);
        stage_over(f, 7, 168, 70);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Too fast: "
                        "168 bpm (ceiling 146)\" body=\"Above it for 1 min 10 s. Slow down.\"" BUTTONS
                                        OVER_HINTS);
        stage_back(f, 7, 140, 75);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Back in range: "
                        "140 bpm (ceiling 146)\" body=\"You were above it for 1 min 15 s.\" "
                        "actions=[]" BACK_HINTS);
        stage_command(f, "close 1 1");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        /* Closed by the runner: the next one is shown anew. */
        stage_command(f, "close 2 2");
        stage_over(f, 7, 165, 70);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0");
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_expect(f, &f->server.out,
                        "Notify id=4 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Recovery run finished: "
                        "42 min\" body=\"A good recovery run.\\nAverage 138 bpm, "
                        "peak 162 (ceiling 146)\" actions=[\"default\" \"Open the report\"] hints={urgency=1 category=\"x-cardiod.session-ended\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true} expire=-1");
        /* Another run's summary stands beside it, the same run's takes its place. */
        f->kind = "<b>fun & games</b>\n";
        stage_ended(f, 9);
        stage_await(f, &f->server.out,
                        "Notify id=5 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Run finished: "
                        "42 min\" body=\"Kind: &lt;b&gt;fun &amp; games&lt;/b&gt;?\\nA good");
        stage_ended(f, 9);
        stage_await(f, &f->server.out, "Notify id=5 replaces=5");
        stage_stop(f);
}

/* The alert goes, and nothing takes its place: 7 is over its ceiling, and nobody is back in range. */
static void expect_silent_end(NotifyStage *f, uint32_t id, double bpm)
{
        char line[64];

        stage_over(f, 7, 165, 10);
        (void)snprintf(line, sizeof(line), "Notify id=%u replaces=0", id);
        stage_await(f, &f->server.out, line);
        stage_back(f, 7, bpm, 20);
        (void)snprintf(line, sizeof(line), "CloseNotification id=%u", id);
        stage_expect(f, &f->server.out, line);
}

static void test_still_above(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        expect_silent_end(f, 1, 166);
        expect_silent_end(f, 2, 147.6); /* the ceiling is 145.55, the tolerance 2 */
        expect_silent_end(f, 3, (double)NAN);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=4 replaces=0");
        stage_back(f, 7, 147.4, 20); /* close is good enough */
        stage_await(f, &f->server.out,
                        "Notify id=4 replaces=4 app=\"Cardio\" icon=\"org.cardiod.Cardio\" "
                        "summary=\"Back in range: 147 bpm (ceiling 146)\"");
        stage_command(f, "close 4 1");
        stage_tolerance(f, 1);
        expect_silent_end(f, 5, 147.4);
        stage_tolerance(f, 3);
        stage_over(f, 7, 165, 10);
        stage_back(f, 7, 148.5, 20);
        stage_await(f, &f->server.out, "summary=\"Back in range: 149 bpm");
        stage_command(f, "close 6 1");
        /* A tolerance that cannot be. */
        stage_tolerance(f, (double)NAN);
        expect_silent_end(f, 7, 145.6);
        stage_tolerance(f, 300);
        expect_silent_end(f, 8, 145.6);
        stage_tolerance(f, -10);
        expect_silent_end(f, 9, 145.6);
        stage_over(f, 7, 165, 10);
        stage_back(f, 7, 145.5, 20);
        stage_await(f, &f->server.out, "summary=\"Back in range: 146 bpm");
        stage_stop(f);
}

/* A breach's length is in whole seconds, and can be none. */
static void test_no_length(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 0);
        stage_await(f, &f->server.out, "body=\"Slow down.\"");
        stage_back(f, 7, 140, 0);
        stage_await(f, &f->server.out, "summary=\"Back in range: 140 bpm (ceiling 146)\" body=\"\"");
        stage_stop(f);
}

static void pass(NotifyStage *f, ClockShim *clock, int64_t seconds)
{
        clock_pass(clock, seconds * 1000000);
        stage_started(f, 7); /* it looks at the clock */
}

static void expect_no_close(NotifyStage *f)
{
        char line[STAGE_LINE_MAX];

        stage_advice(f, 7, "Rest.");
        stage_next_line(f, &f->server.out, line);
        assert_non_null(strstr(line, "body=\"Rest.\""));
}

/* 25 s after the sensor's state has left live, which was so 5 s after its last heart rate. */
static void test_gap(void **state)
{
        NotifyStage *f = *state;
        char path[96];
        ClockShim *clock;

        (void)snprintf(path, sizeof(path), "%s/clock", f->dir);
        clock = clock_begin(path);
        stage_desktop_start(f);
        shim_inherit_no_more();
        stage_advice(f, 7, "Rest.");
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        /* Another sensor's, and one that ends in time; what it is called meanwhile does not matter. */
        stage_sensor_is(f, STAGE_OTHER, "absent");
        pass(f, clock, 60);
        expect_no_close(f);
        stage_sensor_is(f, STAGE_SENSOR, "no-contact");
        pass(f, clock, 20);
        stage_sensor_is(f, STAGE_SENSOR, "live");
        pass(f, clock, 60);
        expect_no_close(f);
        stage_sensor_is(f, STAGE_SENSOR, "stale");
        pass(f, clock, 20);
        stage_sensor_is(f, STAGE_SENSOR, "absent");
        pass(f, clock, 6);
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        /* Still too fast after it. */
        stage_sensor_is(f, STAGE_SENSOR, "live");
        stage_over(f, 7, 165, 70);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0");
        /* The run goes on with another one. */
        stage_sensor_is(f, STAGE_SENSOR, "absent");
        pass(f, clock, 20);
        stage_sensor_session(f, STAGE_OTHER, 7);
        expect_no_close(f);
        pass(f, clock, 60);
        expect_no_close(f);
        stage_sensor_removed(f, STAGE_OTHER);
        expect_no_close(f);
        pass(f, clock, 26);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        /* In range after it. */
        stage_back(f, 7, 140, 70);
        stage_await(f, &f->server.out, "Notify id=4 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\"");
        /* The machine was suspended: time without a heart rate. */
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "summary=\"Too fast: 165");
        stage_sensor_is(f, STAGE_SENSOR, "absent");
        clock_sleep(clock, 600 * 1000000LL);
        stage_started(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=4");
        stage_stop(f);
        clock_end(clock);
}

/* It comes on another bus than what the desktop shows. */
static void await_snoozed(NotifyStage *f)
{
        while (f->snoozed == 0)
                if (sd_bus_process(f->cardiod, NULL) == 0)
                        assert_true(sd_bus_wait(f->cardiod, 10 * 1000000ULL) > 0);
        assert_int_equal(f->snoozed, 600);
}

static void test_snooze(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1");
        stage_command(f, "action 1 snooze");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        /* A server that closes it first: the click still counts. */
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        await_snoozed(f);
        f->snoozed = 0;
        f->refuse_snooze = true;
        stage_command(f, "close 2 2");
        stage_command(f, "action 2 snooze");
        stage_await(f, &f->server.out,
                        "Notify id=3 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Not snoozed\" "
                        "body=\"not &lt;now&gt;\" actions=[]");
        await_snoozed(f);
        stage_stop(f);
}

static void test_mute(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1");
        stage_command(f, "action 9 mute"); /* somebody else's */
        stage_over(f, 7, 166, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=1");
        stage_command(f, "action 1 mute");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_over(f, 7, 167, 10);
        stage_back(f, 7, 140, 20);
        /* Also after a restart of cardiod. */
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        f->session = 7;
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 168, 10);
        stage_ended(f, 7);
        stage_await(f, &f->server.out, "summary=\"Recovery run finished: 42 min\"");
        stage_over(f, 8, 169, 10);
        stage_await(f, &f->server.out, "summary=\"Too fast: 169 bpm");
        assert_int_equal(f->snoozed, 0);
        stage_stop(f);
}

static void emit_action(sd_bus *bus, const char *to, uint32_t id, const char *key)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_signal(bus, &m, "/org/freedesktop/Notifications",
                                    "org.freedesktop.Notifications", "ActionInvoked") >= 0);
        assert_true(sd_bus_message_append(m, "us", id, key) >= 0);
        if (to)
                assert_true(sd_bus_message_set_destination(m, to) >= 0);
        assert_true(sd_bus_send(bus, m, NULL) >= 0);
}

/* The buttons are the notification server's alone: nobody else on the bus snoozes or mutes a run. */
static void test_buttons_of_a_stranger(void **state)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *other = NULL;
        static const char *const keys[] = { "snooze", "mute", "default", "" };
        NotifyStage *f = *state;

        stage_desktop_start(f);
        other = stage_bus_open(f, STAGE_SESSION);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                emit_action(other, NULL, 1, keys[i]);
                for (int n = 0; n < 10; n++) {
                        char to[16];
                        (void)snprintf(to, sizeof(to), ":1.%d", n);
                        emit_action(other, to, 1, keys[i]);
                }
        }
        /* A round trip: the bus has delivered what was sent before. */
        assert_true(sd_bus_request_name(other, "org.example.Other", 0) > 0);
        /* The server's own, but not a button of ours. */
        stage_command(f, "action 1 default");
        stage_command(f, "action 0 snooze");
        stage_command(f, "action 2 mute");
        stage_over(f, 7, 166, 10);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Too fast: "
                        "166 bpm (ceiling 146)\" body=\"Above it for 10 s. Slow down.\"" BUTTONS OVER_HINTS);
        assert_int_equal(f->snoozed, 0);
        stage_stop(f);
}

/* The id comes after the breach is over: nothing may stay, and nothing be shown twice. */
static void test_late_id(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_command(f, "hold");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_over(f, 7, 170, 20); /* overtaken by the next */
        stage_back(f, 7, 140, 30);
        stage_command(f, "silence off"); /* a round trip to the server, not to cardio-notify */
        stage_ended(f, 8);
        stage_await(f, &f->server.out,
                        "Notify id=2 replaces=0"); /* the summary: by now both signals were handled */
        stage_command(f, "answer");
        stage_await(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Back in range: 140 bpm");
        stage_stop(f);
}

/* The alert is under way when the program ends: it is taken back all the same. */
static void test_stop(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1");
        stage_stop(f);
        stage_expect(f, &f->server.out, "CloseNotification id=1");

        stage_notify_start(f, (const char *[]){ NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        stage_command(f, "hold");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2");
        assert_int_equal(kill(f->notify.pid, SIGTERM), 0);
        stage_command(f, "answer");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        assert_int_equal(stage_child_wait(&f->notify), 0);
}

static void test_without_actions(void **state)
{
        NotifyStage *f = *state;

        stage_server_start(f);
        stage_command(f, "actions off");
        stage_notify_start(f, (const char *[]){ NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Slow down.\" actions=[]" OVER_HINTS);
        /* A server that does not reply counts as having them. */
        stage_command(f, "release");
        stage_command(f, "silence on");
        stage_command(f, "own");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Slow down.\"" BUTTONS OVER_HINTS);
        stage_stop(f);
}

static void test_server_restart(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=1");
        stage_command(f, "release");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->notify.err, "over-limit: not shown on the desktop: ");
        stage_command(f, "own");
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_over(f, 7, 165, 70);
        stage_await(f, &f->server.out, "Above it for 1 min 10 s.");
        /* Gone with a call under way. */
        stage_command(f, "hold");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=1");
        stage_child_kill(&f->server);
        stage_await(f, &f->notify.err, "over-limit: not shown on the desktop: ");
        stage_server_start(f);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_stop(f);
}

/* -- cardiod and the buses come and go ------------------------------------------------------------------- */

static void test_cardiod_restart(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_cardiod_stop(f);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");

        /* It ends the run as it goes, and takes it up again as it comes: no summary is due yet. */
        f->silent = true;
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        stage_await_question(f);
        stage_cardiod_stop(f);
        f->silent = false;
        f->session = 7;
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_over(f, 7, 166, 10);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\"");
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_await(f, &f->server.out, "summary=\"Recovery run finished: 42 min\"");

        /* The same, but the run is over: its summary is shown once its figures can be asked for. */
        f->silent = true;
        stage_ended(f, 8);
        stage_await_question(f);
        f->silent = false;
        stage_cardiod_stop(f);
        f->session = 0;
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->server.out, "summary=\"Recovery run finished: 42 min\"");
        stage_stop(f);
}

/* However long it is away, only cardiod knows whether a run is over; there and silent, it is not waited for any longer
 * than 30 s. */
static void test_summary_waits(void **state)
{
        NotifyStage *f = *state;
        char path[96];
        ClockShim *clock;

        (void)snprintf(path, sizeof(path), "%s/clock", f->dir);
        clock = clock_begin(path);
        stage_print_start(f);
        shim_inherit_no_more();

        f->silent = true;
        stage_ended(f, 7);
        stage_await_question(f);
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        clock_pass(clock, 600 * 1000000LL);
        f->silent = false;
        f->session = 7;
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        f->session = 0;
        stage_ended(f, 7);
        stage_expect(f, &f->notify.out, "session-ended: Recovery run finished: 42 min");

        f->silent = true;
        stage_ended(f, 8);
        stage_await_question(f);
        clock_pass(clock, 31 * 1000000LL);
        stage_started(f, 9); /* it looks at the clock */
        stage_expect(f, &f->notify.out, "session-ended: Run finished");
        stage_stop(f);
        clock_end(clock);
}

static void test_bus_restart(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");

        f->cardiod = sd_bus_close_unref(f->cardiod);
        stage_bus_stop(f, STAGE_SYSTEM);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_await(f, &f->notify.err, "cannot reach the system bus");
        stage_bus_start(f, STAGE_SYSTEM, "");
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->notify.err, "found cardiod on the system bus");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");

        stage_child_kill(&f->server);
        stage_bus_stop(f, STAGE_SESSION);
        stage_await(f, &f->notify.err, "cannot reach the session bus");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->notify.err, "over-limit: not shown on the desktop: ");
        stage_bus_start(f, STAGE_SESSION, "");
        stage_server_start(f);
        /* It is back at the latest when a notice is shown. */
        for (char line[STAGE_LINE_MAX] = "";;) {
                struct pollfd p = { .fd = f->server.out.fd, .events = POLLIN };

                stage_over(f, 7, 165, 10);
                if (poll(&p, 1, 200) == 0)
                        continue;
                stage_next_line(f, &f->server.out, line);
                assert_string_equal(line, "GetCapabilities");
                break;
        }
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_stop(f);
}

static void test_which_bus(void **state)
{
        NotifyStage *f = *state;
        sd_bus *first;

        stage_cardiod_stop(f);
        stage_notify_start(f, (const char *[]){ "--print", NULL });
        stage_expect(f, &f->notify.err,
                        "cardio-notify: waiting for cardiod on the system bus or the session bus");
        stage_cardiod_start(f, STAGE_SESSION);
        stage_expect(f, &f->notify.err, "cardio-notify: found cardiod on the session bus");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        /* The one on the system bus comes first. */
        first = TAKE_PTR(f->cardiod);
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_expect(f, &f->notify.err, "cardio-notify: found cardiod on the system bus");
        stage_emit_alert(first, "OverLimit", 7, 180, 10);
        stage_over(f, 7, 166, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 166 bpm (ceiling 146)");
        stage_stop(f);
        /* With --user it is not looked for. */
        stage_notify_start(f, (const char *[]){ "--print", "--user", NULL });
        stage_expect(f, &f->notify.err, "cardio-notify: found cardiod on the session bus");
        stage_over(f, 7, 167, 10);
        stage_emit_alert(first, "OverLimit", 7, 181, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 181 bpm (ceiling 146)");
        sd_bus_flush_close_unref(first);
        stage_stop(f);
}

static void test_no_session_bus(void **state)
{
        NotifyStage *f = *state;

        stage_bus_stop(f, STAGE_SESSION);
        stage_print_start(f);
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_stop(f);
}

static void test_denied(void **state)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *other = NULL;
        NotifyStage *f = *state;

        /* The one on the session bus is not used instead. */
        other = stage_bus_open(f, STAGE_SESSION);
        assert_true(sd_bus_request_name(other, CARDIO_BUS_NAME, 0) > 0);
        stage_notify_start(f, (const char *[]){ "--print", NULL });
        stage_await(f, &f->notify.err, "usermod -aG cardiod");
        assert_int_equal(stage_child_wait(&f->notify), 3);
}

/* -- Commands and the command line ----------------------------------------------------------------------- */

/* Until what --exec has started is gone, and may be started again. */
static void await_commands(const NotifyStage *f)
{
        char path[64], line[64];

        (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", f->notify.pid, f->notify.pid);
        for (int i = 0; i < 1000; i++) {
                FILE *children = fopen(path, "re");
                bool any;

                if (!children)
                        return; /* a kernel without that list */
                any = fgets(line, sizeof(line), children);
                (void)fclose(children);
                if (!any)
                        return;
                (void)poll(NULL, 0, 10);
        }
        fail_msg("the commands do not end");
}

static void test_exec(void **state)
{
        NotifyStage *f = *state;

        /* What it prints comes on stderr. */
        stage_notify_start(f,
                        (const char *[]){ "--print", "--exec",
                                        "echo "
                                        "\"$CARDIO_EVENT|$CARDIO_HEART_RATE|$CARDIO_CEILING|$CARDIO_SECONDS|"
                                        "$CARDIO_SESSION|$CARDIO_TEXT\"",
                                        NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 165.4, 10);
        stage_expect(f, &f->notify.err, "over-limit|165|146|10|7|Too fast: 165 bpm (ceiling 146)");
        stage_back(f, 7, 140, 75);
        stage_expect(f, &f->notify.err, "back-in-range|140|146|75|7|Back in range: 140 bpm (ceiling 146)");
        stage_ended(f, 7);
        stage_expect(f, &f->notify.err, "session-ended|138|146|2530|7|Recovery run finished: 42 min");
        await_commands(f); /* at most four run at once */
        stage_ended(f, 404);
        stage_expect(f, &f->notify.err, "session-ended||||404|Run finished");
        stage_cue(f, 8, "hard", 120);
        stage_expect(f, &f->notify.err, "cue|||120|8|Hard for 2 min");
        /* Text stays text. */
        stage_advice(f, 8, "$(touch /nowhere/at/all); `id` \"quoted\"");
        stage_expect(f, &f->notify.err, "advice||||8|$(touch /nowhere/at/all); `id` \"quoted\"");
        stage_stop(f);
}

/* A command gets our eight variables and what cardio-notify itself was given, but for what is called like ours; no
 * descriptor, no blocked signal, no input. Nothing of theirs but a figure, a word of ours or plain text can be in them. */
static void test_exec_environment(void **state)
{
        NotifyStage *f = *state;
        char descriptors[16];
        int n = 4; /* the three, and the one that ls reads them by; and what this test was started with */

        for (int fd = 3; fd < 1024; fd++)
                n += fcntl(fd, F_GETFD) == 0;
        (void)snprintf(descriptors, sizeof(descriptors), "%d", n);
        (void)setenv("CARDIO_EVENT", "$(echo bad)", 1);
        (void)setenv("CARDIO_SESSION", "9; echo bad", 1);
        (void)setenv("CARDIO_MINE", "a b;$(echo bad)", 1);
        stage_notify_start(f,
                        (const char *[]){ "--print", "--exec",
                                        "echo \"$CARDIO_EVENT|$CARDIO_HEART_RATE|$CARDIO_SESSION|$CARDIO_MINE|${PATH:+path}\"; "
                                        "env | grep ^CARDIO_ | grep -cv '_WRAP=\\|_SCALE='; ls /proc/self/fd | wc -l; "
                                        "grep SigBlk /proc/self/status; cat",
                                        NULL });
        (void)unsetenv("CARDIO_EVENT");
        (void)unsetenv("CARDIO_SESSION");
        (void)unsetenv("CARDIO_MINE");
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 165.4, 10);
        stage_expect(f, &f->notify.err, "over-limit|165|7|a b;$(echo bad)|path");
        stage_expect(f, &f->notify.err, "9"); /* and CARDIO_MINE */
        stage_expect(f, &f->notify.err, descriptors);
        stage_expect(f, &f->notify.err, "SigBlk:\t0000000000000000");
        /* A kind is the runner's own word, and is in no variable. */
        f->kind = "$(echo bad)`echo bad`\n\033[2J'";
        stage_ended(f, 7);
        stage_expect(f, &f->notify.err, "session-ended|138|7|a b;$(echo bad)|path");
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_expect(f, &f->notify.out, "session-ended: Run finished: 42 min");
        stage_stop(f);
}

static void test_exec_limit(void **state)
{
        NotifyStage *f = *state;
        char fifo[96], command[160];
        int fd;

        (void)snprintf(fifo, sizeof(fifo), "%s/fifo", f->dir);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        (void)snprintf(command, sizeof(command), "read x <%s; exit 3", fifo);
        stage_notify_start(f, (const char *[]){ "--print", "--exec", command, NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        for (int i = 0; i < 5; i++) {
                stage_over(f, 7, 165, 10);
                stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        }
        stage_expect(f, &f->notify.err,
                        "cardio-notify: over-limit: the command is not run, 4 of it are running already");
        /* They end, and there is room again. */
        fd = open(fifo, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "\n\n\n\n", 4), 4);
        for (int i = 0; i < 4; i++)
                stage_expect(f, &f->notify.err, "cardio-notify: the command ended with status 3");
        stage_over(f, 7, 165, 10);
        assert_int_equal(write(fd, "\n", 1), 1);
        stage_expect(f, &f->notify.err, "cardio-notify: the command ended with status 3");
        (void)close(fd);
        stage_stop(f);
}

/* Four that hang are in nobody's way after their time. */
static void test_exec_hangs(void **state)
{
        static const char *const options[] = { "--print", "--exec", "echo ran; sleep 1000", NULL };
        char path[96], line[STAGE_LINE_MAX] = "";
        NotifyStage *f = *state;
        ClockShim *clock;

        (void)snprintf(path, sizeof(path), "%s/clock", f->dir);
        clock = clock_begin(path);
        stage_notify_start(f, options);
        stage_await(f, &f->notify.err, "found cardiod");
        shim_inherit_no_more();
        for (int i = 0; i < 4; i++) {
                stage_over(f, 7, 165, 10);
                stage_expect(f, &f->notify.err, "ran");
        }
        clock_pass(clock, 29 * 1000000LL);
        stage_over(f, 7, 165, 70);
        stage_expect(f, &f->notify.err,
                        "cardio-notify: over-limit: the command is not run, 4 of it are running already");
        clock_pass(clock, 2 * 1000000LL);
        stage_started(f, 7); /* it looks at the clock */
        for (int i = 0; i < 4; i++)
                stage_expect(f, &f->notify.err, "cardio-notify: the command has run for 30s, and is ended");
        for (int i = 0; strcmp(line, "ran") != 0; i++) {
                assert_true(i < 100);
                clock_pass(clock, 6 * 1000000LL);
                stage_over(f, 7, 165, 190);
                stage_next_line(f, &f->notify.err, line);
        }
        stage_stop(f);
        clock_end(clock);
}

/* One that does not want to end, and what it has started. */
static void test_exec_ends_all(void **state)
{
        NotifyStage *f = *state;
        char fifo[96], command[320];
        struct pollfd p = { .events = 0 };

        (void)snprintf(fifo, sizeof(fifo), "%s/fifo", f->dir);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        p.fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_true(p.fd >= 0);
        /* The first one ends when it is asked to, but not what it has started. */
        (void)snprintf(command, sizeof(command),
                        "( trap '' TERM; echo begun >&2; exec sleep 1000 ) >%s & "
                        "[ \"$CARDIO_EVENT\" = over-limit ] || trap '' TERM; sleep 1000",
                        fifo);
        stage_notify_start(f,
                        (const char *[]){ "--print", "--exec", command, "--exec-timeout", "1500ms", NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 165, 10);
        stage_cue(f, 7, "hard", 120);
        stage_await(f, &f->notify.err, "begun");
        stage_await(f, &f->notify.err, "begun");
        stage_expect(f, &f->notify.err, "cardio-notify: the command has run for 1500ms, and is ended");
        stage_expect(f, &f->notify.err, "cardio-notify: the command has run for 1500ms, and is ended");
        /* Nobody has the fifo open any more. */
        assert_int_equal(poll(&p, 1, 60000), 1);
        assert_true(p.revents & POLLHUP);
        (void)close(p.fd);
        stage_stop(f);
}

static void test_command_line(void **state)
{
        static const char *const timeouts[] = { "", "0", "10", "99ms", "2h", "soon" };
        NotifyStage *f = *state;

        stage_notify_start(f, (const char *[]){ "--version", NULL });
        stage_expect(f, &f->notify.out, "cardio-notify " CARDIO_VERSION);
        assert_int_equal(stage_child_wait(&f->notify), 0);
        stage_notify_start(f, (const char *[]){ "--help", NULL });
        stage_await(f, &f->notify.out, "--exec COMMAND");
        assert_int_equal(stage_child_wait(&f->notify), 0);
        stage_notify_start(f, (const char *[]){ "--loud", NULL });
        assert_int_equal(stage_child_wait(&f->notify), 2);
        stage_notify_start(f, (const char *[]){ "now", NULL });
        stage_await(f, &f->notify.err, "now: it takes no arguments");
        assert_int_equal(stage_child_wait(&f->notify), 2);
        stage_notify_start(f, (const char *[]){ "--exec", "", NULL });
        stage_await(f, &f->notify.err, "--exec: a command is expected");
        assert_int_equal(stage_child_wait(&f->notify), 2);
        for (size_t i = 0; i < ELEMENTSOF(timeouts); i++) {
                stage_notify_start(
                                f, (const char *[]){ "--exec", "true", "--exec-timeout", timeouts[i], NULL });
                stage_await(f, &f->notify.err, "it takes a duration of 100ms to 1h");
                assert_int_equal(stage_child_wait(&f->notify), 2);
        }
        stage_notify_start(f, (const char *[]){ "--exec-timeout", "10s", NULL });
        stage_await(f, &f->notify.err, "--exec-timeout: goes with --exec");
        assert_int_equal(stage_child_wait(&f->notify), 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(test_print),
                T(test_odd_figures),
                T(test_look_alike),
                T(test_breach),
                T(test_still_above),
                T(test_no_length),
                T(test_gap),
                T(test_snooze),
                T(test_mute),
                T(test_buttons_of_a_stranger),
                T(test_late_id),
                T(test_stop),
                T(test_without_actions),
                T(test_server_restart),
                T(test_cardiod_restart),
                T(test_summary_waits),
                T(test_bus_restart),
                T(test_which_bus),
                T(test_no_session_bus),
                cmocka_unit_test_setup_teardown(test_denied, stage_setup_denied, stage_teardown),
                T(test_exec),
                T(test_exec_environment),
                T(test_exec_limit),
                T(test_exec_hangs),
                T(test_exec_ends_all),
                T(test_command_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
