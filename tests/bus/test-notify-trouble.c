/* SPDX-License-Identifier: MIT */

/* Troubles as cardio-notify shows them: each until it is over, none that is not true any more. */

#include "notify-fixture.h"

#include <stdio.h>
#include <string.h>

#define LOST                                                                                     \
        "No heart rate from Polar: H10 for a minute: the run goes on, but nothing is recorded; " \
        "wet the electrodes, check the strap"
#define BACK    "The strap is back: the heart rate is recorded again"
#define REFUSED "The database has not been written for a minute: nothing is lost yet"
#define WRITTEN "The database is written again: what waited is stored"
#define BATTERY "The battery of Polar: H10 is low, at 12 %: change or charge it before the next run"

#define HINTS(urgency, category)                                     \
        " hints={urgency=" urgency " category=\"x-cardiod." category \
        "\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true"

static void test_lines(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_expect(f, &f->notify.out, "trouble: No heart rate from Polar: H10 for a minute");
        stage_trouble(f, "strap-back", BACK);
        stage_expect(f, &f->notify.out, "trouble-over: The strap is back");
        stage_trouble(f, "not-writing", REFUSED);
        stage_expect(f, &f->notify.out, "trouble: The database has not been written for a minute");
        stage_trouble(f, "writing", WRITTEN);
        stage_expect(f, &f->notify.out, "trouble-over: The database is written again");
        /* What can wait for the end of the run does, even if the run is discarded; whatever it is. */
        stage_trouble(f, "battery", BATTERY);
        stage_ended(f, 7);
        stage_expect(f, &f->notify.out, "session-ended: Recovery run finished: 42 min");
        stage_expect(f, &f->notify.out, "trouble: The battery of Polar: H10 is low, at 12 %");
        stage_session(f, 8);
        stage_trouble(f, "another", "It\n is <odd>");
        stage_discarded(f, 8);
        stage_expect(f, &f->notify.out, "trouble: It? is <odd>");
        /* Without a run at once. */
        stage_session(f, 0);
        stage_trouble(f, "battery", BATTERY);
        stage_expect(f, &f->notify.out, "trouble: The battery of Polar: H10 is low, at 12 %");
        stage_trouble(f, "battery", "");
        stage_expect(f, &f->notify.out, "trouble: ");
        stage_stop(f);
}

static void test_lost_and_back(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_expect(f, &f->server.out, "GetCapabilities");
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"No heart rate from Polar: "
                        "H10 for a minute\" body=\"The run goes on, but nothing is recorded; wet the electrodes, check the "
                        "strap.\" actions=[]" HINTS("2", "trouble") "} expire=0");
        /* Beside a breach, not in its place. */
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        stage_trouble(f, "not-writing", REFUSED);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0");
        stage_trouble(f, "strap-back", BACK);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"The strap is back\" "
                        "body=\"The heart rate is recorded again.\" actions=[]" HINTS(
                                        "1", "trouble-over") " transient=true} expire=5000");
        stage_trouble(f, "writing", WRITTEN);
        stage_await(f, &f->server.out, "Notify id=3 replaces=3");
        stage_stop(f);
}

/* It is one of the run, and goes with it. */
static void test_lost_to_the_end(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_await(f, &f->server.out, "summary=\"Recovery run finished: 42 min\"");
        stage_session(f, 0);
        stage_session(f, 8);
        stage_trouble(f, "strap-lost", LOST);
        stage_await(f, &f->server.out, "summary=\"No heart rate from Polar: H10 for a minute\"");
        stage_discarded(f, 8);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_stop(f);
}

/* The notifier leaves nothing behind that nobody would take back. */
static void test_stop(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_trouble(f, "not-writing", REFUSED);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        stage_stop(f);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
}

static void test_muted(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1");
        stage_trouble(f, "strap-lost", LOST);
        stage_await(f, &f->server.out, "Notify id=2");
        stage_command(f, "action 1 mute");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        stage_trouble(f, "strap-back", BACK);
        stage_trouble(f, "strap-lost", LOST);
        /* The disk is not of a run. */
        stage_trouble(f, "not-writing", REFUSED);
        stage_await(f, &f->server.out,
                        "Notify id=3 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"The database");
        stage_stop(f);
}

static void restart_cardiod(NotifyStage *f, int64_t session)
{
        f->silent = true;
        stage_ended(f, 7); /* as it does when it is stopped */
        stage_await_question(f);
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        f->silent = false;
        f->session = session;
        stage_cardiod_start(f, STAGE_SYSTEM);
}

/* cardiod does not say it twice, so a run that goes on after a restart brings it back; what it knew of the disk it has
 * forgotten. */
static void test_cardiod_restart(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_trouble(f, "not-writing", REFUSED);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        restart_cardiod(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        stage_await(f, &f->server.out,
                        "Notify id=3 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"No heart rate");
        /* Killed, it leaves the run open. */
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->notify.err, "found cardiod");
        stage_trouble(f, "strap-back", BACK);
        stage_await(f, &f->server.out, "Notify id=3 replaces=3");
        /* The run is over meanwhile. */
        stage_trouble(f, "strap-lost", LOST);
        stage_await(f, &f->server.out, "Notify id=3 replaces=3");
        restart_cardiod(f, 0);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_await(f, &f->server.out,
                        "Notify id=4 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Recovery run");
        stage_stop(f);
}

/* The run ends before a cardiod that was restarted has said that it records one: it is of that run all the same. */
static void test_ended_before_it_is_known(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_trouble(f, "not-writing", REFUSED);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_cardiod_stop(f);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_await(f, &f->notify.err, "waiting for cardiod");
        /* Its questions are answered only below. */
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_trouble(f, "strap-lost", LOST);
        stage_ended(f, 7);
        stage_await(f, &f->server.out,
                        "Notify id=2 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"No heart rate");
        /* It is not shown again. */
        stage_await(f, &f->server.out,
                        "Notify id=3 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Recovery run");
        stage_stop(f);
}

/* What was waiting for the end of a run is shown after a restart, if that was its end. */
static void test_waiting_over_a_restart(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        stage_session(f, 7);
        stage_trouble(f, "battery", BATTERY);
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->notify.err, "found cardiod");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        f->session = 0;
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_expect(f, &f->notify.out, "trouble: The battery of Polar: H10 is low, at 12 %");
        stage_stop(f);
}

static void test_server_restart(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_command(f, "release");
        stage_command(f, "own");
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        /* What is over is not shown again. */
        stage_trouble(f, "strap-back", BACK);
        stage_await(f, &f->server.out, "Notify id=1 replaces=1");
        stage_command(f, "release");
        stage_command(f, "own");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "GetCapabilities");
        stage_await(f, &f->server.out, "summary=\"Too fast: 165 bpm");
        stage_stop(f);
}

static void test_exec(void **state)
{
        NotifyStage *f = *state;

        stage_notify_start(f,
                        (const char *[]){ "--print", "--exec",
                                        "echo \"$CARDIO_EVENT|$CARDIO_SESSION|$CARDIO_SECONDS|$CARDIO_TEXT\"",
                                        NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        stage_session(f, 7);
        stage_trouble(f, "strap-lost", LOST);
        stage_expect(f, &f->notify.err, "trouble|7||No heart rate from Polar: H10 for a minute");
        stage_session(f, 0);
        stage_trouble(f, "battery", BATTERY);
        stage_expect(f, &f->notify.err, "trouble|||The battery of Polar: H10 is low, at 12 %");
        stage_stop(f);
}

#define test(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_lines),
                test(test_lost_and_back),
                test(test_lost_to_the_end),
                test(test_stop),
                test(test_muted),
                test(test_cardiod_restart),
                test(test_ended_before_it_is_known),
                test(test_waiting_over_a_restart),
                test(test_server_restart),
                test(test_exec),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
