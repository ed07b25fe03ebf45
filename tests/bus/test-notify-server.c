/* SPDX-License-Identifier: MIT */

/* cardio-notify and a notification server in trouble: whatever it refuses, loses or hangs on, no alert is lost, and none
 * stays after its breach. */

#include "notify-fixture.h"

#include "shim-fixture.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define TOO_FAST "summary=\"Too fast: 165 bpm (ceiling 146)\""
#define BACK     "summary=\"Back in range: 140 bpm (ceiling 146)\""
#define HARMLESS "summary=\"No longer current\""

/* The alert stands as number 1. */
static void alert_begin(NotifyStage *f)
{
        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
}

/* The next line begins and goes on like this. */
static void expect_line(NotifyStage *f, const char *beginning, const char *text)
{
        char line[STAGE_LINE_MAX];

        stage_next_line(f, &f->server.out, line);
        if (strncmp(line, beginning, strlen(beginning)) != 0 || !strstr(line, text))
                fail_msg("not \"%s … %s\" but: %s", beginning, text, line);
}

/* -- Refused --------------------------------------------------------------------------------------------- */

static void test_the_end_refused(void **state)
{
        NotifyStage *f = *state;

        alert_begin(f);
        stage_command(f, "refuse 1");
        stage_back(f, 7, 140, 30);
        expect_line(f, "Refused Notify replaces=1", BACK);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        expect_line(f, "Notify id=2 replaces=0", BACK);
        stage_expect(f, &f->notify.err,
                        "cardio-notify: back-in-range: not shown on the desktop: too many notifications");
        stage_expect(f, &f->notify.err, "cardio-notify: back-in-range: shown on the desktop now");
        stage_stop(f);
}

static void test_the_alert_refused(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_command(f, "refuse 3");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->server.out, "GetCapabilities");
        for (int i = 0; i < 3; i++)
                expect_line(f, "Refused Notify replaces=0", TOO_FAST);
        expect_line(f, "Notify id=1 replaces=0", TOO_FAST);
        stage_expect(f, &f->notify.err,
                        "cardio-notify: over-limit: not shown on the desktop: too many notifications");
        stage_expect(f, &f->notify.err, "cardio-notify: over-limit: shown on the desktop now");
        /* Renewed, and that refused: the one before stays, and is renewed after all. */
        stage_command(f, "refuse 1");
        stage_over(f, 7, 165, 70);
        expect_line(f, "Refused Notify replaces=1", TOO_FAST);
        expect_line(f, "Notify id=1 replaces=1", "Above it for 1 min 10 s");
        /* Over while it is still refused: it is not shown any more. */
        stage_command(f, "refuse 1");
        stage_over(f, 7, 165, 190);
        expect_line(f, "Refused Notify replaces=1", TOO_FAST);
        stage_discarded(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_advice(f, 8, "Rest.");
        expect_line(f, "Notify id=2 replaces=0", "body=\"Rest.\"");
        stage_stop(f);
}

/* Closing and replacing in turn, until one of them succeeds. */
static void test_closing_refused(void **state)
{
        NotifyStage *f = *state;

        alert_begin(f);
        stage_command(f, "refuse-close 1");
        stage_discarded(f, 7);
        stage_expect(f, &f->server.out, "Refused CloseNotification id=1");
        expect_line(f, "Notify id=1 replaces=1", HARMLESS);

        stage_command(f, "close 1 1");
        stage_over(f, 8, 165, 10);
        expect_line(f, "Notify id=2 replaces=0", TOO_FAST);
        stage_command(f, "refuse-close 1");
        stage_command(f, "refuse 1");
        stage_discarded(f, 8);
        stage_expect(f, &f->server.out, "Refused CloseNotification id=2");
        expect_line(f, "Refused Notify replaces=2", HARMLESS);
        stage_expect(f, &f->server.out, "CloseNotification id=2");

        /* Closed by the runner meanwhile: left alone. */
        stage_over(f, 9, 165, 10);
        expect_line(f, "Notify id=3 replaces=0", TOO_FAST);
        stage_command(f, "refuse-close 1");
        stage_discarded(f, 9);
        stage_expect(f, &f->server.out, "Refused CloseNotification id=3");
        stage_command(f, "close 3 2");
        stage_over(f, 10, 165, 10);
        expect_line(f, "Notify id=4 replaces=0", TOO_FAST);
        stage_stop(f);
}

static void test_closing_refused_at_the_stop(void **state)
{
        NotifyStage *f = *state;

        alert_begin(f);
        stage_command(f, "refuse-close 1");
        stage_stop(f);
        stage_expect(f, &f->server.out, "Refused CloseNotification id=1");
        expect_line(f, "Notify id=1 replaces=1", HARMLESS);
}

/* A cue that is over does not stay either. */
static void test_cue_refused(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_cue(f, 7, "hard", 120);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_command(f, "refuse 1");
        stage_cue(f, 7, "easy", 120);
        expect_line(f, "Refused Notify replaces=1", "summary=\"Easy for 2 min\"");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        expect_line(f, "Notify id=2 replaces=0", "summary=\"Easy for 2 min\"");
        stage_stop(f);
}

static void stage_desktop_start_with_clock(NotifyStage *f, ClockShim **ret)
{
        char path[96];

        (void)snprintf(path, sizeof(path), "%s/clock", f->dir);
        *ret = clock_begin(path);
        stage_server_start(f);
        stage_notify_start(f, (const char *[]){ NULL });
        stage_await(f, &f->notify.err, "found cardiod on the system bus");
        shim_inherit_no_more();
}

/* Time passes for cardio-notify, and it looks at the clock. */
static void pass(NotifyStage *f, ClockShim *clock, int64_t seconds)
{
        clock_pass(clock, seconds * 1000000);
        stage_started(f, 7);
}

/* Time passes until there is a line: it may not have had the server's answer yet when it looks at the clock. */
static void pass_to_line(NotifyStage *f, ClockShim *clock)
{
        struct pollfd p = { .fd = f->server.out.fd, .events = POLLIN };

        for (int i = 0; f->server.out.n == 0 && poll(&p, 1, 100) == 0; i++) {
                assert_true(i < 100);
                pass(f, clock, 61);
        }
}

static void test_refused_for_good(void **state)
{
        NotifyStage *f = *state;
        ClockShim *clock;

        stage_desktop_start_with_clock(f, &clock);
        stage_command(f, "refuse 100");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->server.out, "GetCapabilities");
        for (int i = 0; i < 16; i++) {
                pass_to_line(f, clock);
                expect_line(f, "Refused Notify replaces=0", TOO_FAST);
        }
        for (int i = 0; i < 10; i++)
                pass(f, clock, 61);
        /* No more of it; and the next one is shown as ever. */
        stage_advice(f, 7, "Rest.");
        expect_line(f, "Refused Notify replaces=0", "summary=\"Your coach\"");
        stage_command(f, "refuse 0");
        stage_over(f, 7, 165, 310);
        stage_await(f, &f->server.out, TOO_FAST);
        stage_stop(f);
        clock_end(clock);
}

/* -- Not answered ---------------------------------------------------------------------------------------- */

static void test_the_alert_lost(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_command(f, "lose 1");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Lost Notify replaces=0", TOO_FAST);
        expect_line(f, "Notify id=1 replaces=0", TOO_FAST);
        stage_discarded(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_stop(f);
}

static void test_the_end_lost(void **state)
{
        NotifyStage *f = *state;

        alert_begin(f);
        stage_command(f, "lose 1");
        stage_command(f, "lose-close 1");
        stage_back(f, 7, 140, 30);
        expect_line(f, "Lost Notify replaces=1", BACK);
        stage_expect(f, &f->server.out, "Lost CloseNotification id=1");
        expect_line(f, "Notify id=2 replaces=0", BACK);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_stop(f);
}

/* It hangs from before the alert until after its end: both are shown when it is back, and of the two the alert goes. */
static void test_server_hangs(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_command(f, "hold");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_expect(f, &f->notify.err,
                        "cardio-notify: over-limit: not shown on the desktop: the notification server does not answer");
        expect_line(f, "Notify id=2 replaces=0", TOO_FAST);
        stage_discarded(f, 7);
        stage_advice(f, 8, "Rest.");
        stage_await(f, &f->server.out, "body=\"Rest.\""); /* by now both were handled */
        stage_command(f, "answer");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        stage_stop(f);
}

/* The alert is still true when the server is back: it is shown, once. */
static void test_server_hangs_long(void **state)
{
        NotifyStage *f = *state;
        bool closed[6] = { false };
        ClockShim *clock;

        stage_desktop_start_with_clock(f, &clock);
        stage_command(f, "hold");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->server.out, "GetCapabilities");
        for (int i = 1; i <= 5; i++) {
                char beginning[48];

                (void)snprintf(beginning, sizeof(beginning), "Notify id=%d replaces=0", i);
                expect_line(f, beginning, TOO_FAST);
                pass(f, clock, 6);
        }
        /* As many as may be under way. */
        pass(f, clock, 10);
        pass(f, clock, 10);
        stage_advice(f, 7, "Rest.");
        expect_line(f, "Notify id=6 replaces=0", "body=\"Rest.\"");
        stage_command(f, "answer");
        for (int i = 0; i < 5; i++) {
                char line[STAGE_LINE_MAX];
                unsigned id;

                if (i == 4) /* all but one are gone; now the run is over */
                        stage_discarded(f, 7);
                stage_next_line(f, &f->server.out, line);
                assert_int_equal(sscanf(line, "CloseNotification id=%u", &id), 1);
                assert_in_range(id, 1, 5);
                assert_false(closed[id]);
                closed[id] = true;
        }
        stage_stop(f);
        clock_end(clock);
}

/* -- Restarted ------------------------------------------------------------------------------------------- */

static void test_restart_while_it_stands(void **state)
{
        NotifyStage *f = *state;

        alert_begin(f);
        stage_child_kill(&f->server);
        stage_server_start(f);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Notify id=1 replaces=0", TOO_FAST);
        stage_back(f, 7, 140, 30);
        expect_line(f, "Notify id=1 replaces=1", BACK);
        /* What the runner has closed, or what is over, does not come again. */
        stage_over(f, 7, 166, 10);
        expect_line(f, "Notify id=1 replaces=1", "summary=\"Too fast: 166");
        stage_command(f, "close 1 2");
        stage_command(f, "release");
        stage_command(f, "own");
        stage_over(f, 7, 167, 10);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Notify id=1 replaces=0", "summary=\"Too fast: 167");
        stage_child_kill(&f->server);
        stage_await(f, &f->notify.err, "over-limit: not shown on the desktop: ");
        stage_discarded(f, 7);
        stage_advice(f, 8, "Rest.");
        stage_await(f, &f->notify.err, "advice: not shown on the desktop: ");
        stage_server_start(f);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Notify id=1 replaces=0", "body=\"Rest.\"");
        stage_stop(f);
}

/* A summary that was shown at the second try, and read, is not shown to the next server on account of the first. */
static void test_restart_after_a_lost_call(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_command(f, "lose 1");
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Lost Notify replaces=0", "summary=\"Recovery run finished: 42 min\"");
        expect_line(f, "Notify id=1 replaces=0", "summary=\"Recovery run finished: 42 min\"");
        stage_command(f, "close 1 2");
        stage_child_kill(&f->server);
        stage_server_start(f);
        stage_advice(f, 8, "Rest.");
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Notify id=1 replaces=0", "body=\"Rest.\"");
        stage_stop(f);
}

/* The server, or the whole desktop, comes later than the alert. */
static void test_server_comes_late(void **state)
{
        NotifyStage *f = *state;

        stage_notify_start(f, (const char *[]){ NULL });
        stage_await(f, &f->notify.err, "found cardiod on the system bus");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->notify.err, "over-limit: not shown on the desktop: ");
        stage_server_start(f);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Notify id=1 replaces=0", TOO_FAST);

        stage_child_kill(&f->server);
        stage_bus_stop(f, STAGE_SESSION);
        stage_await(f, &f->notify.err, "cannot reach the session bus");
        stage_bus_start(f, STAGE_SESSION, "");
        stage_server_start(f);
        stage_expect(f, &f->server.out, "GetCapabilities");
        expect_line(f, "Notify id=1 replaces=0", TOO_FAST);
        stage_stop(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(test_the_end_refused),
                T(test_the_alert_refused),
                T(test_closing_refused),
                T(test_closing_refused_at_the_stop),
                T(test_cue_refused),
                T(test_refused_for_good),
                T(test_the_alert_lost),
                T(test_the_end_lost),
                T(test_server_hangs),
                T(test_server_hangs_long),
                T(test_restart_while_it_stands),
                T(test_restart_after_a_lost_call),
                T(test_server_comes_late),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
