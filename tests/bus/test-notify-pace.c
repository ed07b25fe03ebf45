/* SPDX-License-Identifier: MIT */

/* A recovery run that is too fast, as cardio-notify shows, prints, plays and says it; and how heart rate and pace get on. */

#include "heard-fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "shim-fixture.h"

#define HINTS(category, rest) \
        " hints={urgency=" category "\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true" rest
#define OVER_HINTS HINTS("2 category=\"x-cardiod.over-pace", "} expire=0")
#define BACK_HINTS HINTS("1 category=\"x-cardiod.pace-in-range", " transient=true} expire=5000")
#define SHOWN      "app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary="
#define BUTTONS    " actions=[\"snooze\" \"Snooze 10 min\" \"mute\" \"Mute this run\"]"

/* Seconds per km. */
#define FAST    340
#define SLOW    420
#define CLOSE   394 /* within the tolerance of 3 % of speed */
#define NOT_YET 392

static void over(NotifyStage *f, double pace, unsigned seconds)
{
        stage_over_pace(f, STAGE_POD, 7, pace, seconds);
}

static void in_range(NotifyStage *f, double pace, unsigned seconds)
{
        stage_pace_in_range(f, STAGE_POD, 7, pace, seconds);
}

/* Nothing came of what was signalled before. */
static void expect_no_line(NotifyStage *f)
{
        stage_cue(f, 7, "easy", 0);
        stage_expect(f, &f->notify.out, "cue: Easy");
}

static void test_print(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        over(f, FAST, 15);
        stage_expect(f, &f->notify.out, "over-pace: Too fast: 5:40 /km (limit 6:45)");
        in_range(f, CLOSE, 75);
        stage_expect(f, &f->notify.out, "pace-in-range: Back in range: 6:34 /km (limit 6:45)");
        /* Cut off while it is still too fast, or nobody knows. */
        in_range(f, NOT_YET, 75);
        in_range(f, (double)NAN, 75);
        expect_no_line(f);
        /* In the units in force. */
        stage_units(f, "mile");
        over(f, FAST, 15);
        stage_expect(f, &f->notify.out, "over-pace: Too fast: 9:07 /mile (limit 10:52)");
        /* Who stands has no pace; nor has what is no runner. */
        in_range(f, (double)INFINITY, 75);
        stage_expect(f, &f->notify.out, "pace-in-range: Back in range");
        over(f, 1e-9, 15);
        stage_expect(f, &f->notify.out, "over-pace: Too fast");
        over(f, (double)NAN, UINT32_MAX);
        stage_expect(f, &f->notify.out, "over-pace: Too fast");
        stage_stop(f);
}

/* The units of another cardiod do not stay. */
static void test_units_of_another(void **state)
{
        NotifyStage *f = *state;
        char line[STAGE_LINE_MAX];

        f->units = "mile";
        stage_print_start(f);
        do { /* until it has been told */
                over(f, FAST, 15);
                stage_next_line(f, &f->notify.out, line);
        } while (strcmp(line, "over-pace: Too fast: 5:40 /km (limit 6:45)") == 0);
        assert_string_equal(line, "over-pace: Too fast: 9:07 /mile (limit 10:52)");
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        f->units = "km";
        stage_cardiod_start(f, STAGE_SYSTEM);
        stage_await(f, &f->notify.err, "found cardiod");
        over(f, FAST, 15);
        stage_expect(f, &f->notify.out, "over-pace: Too fast: 5:40 /km (limit 6:45)");
        stage_stop(f);
}

static void test_shown(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        over(f, FAST, 15);
        stage_expect(f, &f->server.out, "GetCapabilities");
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=0 " SHOWN
                        "\"Too fast: 5:40 /km (limit 6:45)\" body=\"Faster for 15 s. "
                        "Slow down: a recovery run is 6:45 /km or slower.\"" BUTTONS OVER_HINTS);
        over(f, 345, 75);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 " SHOWN
                        "\"Too fast: 5:45 /km (limit 6:45)\" body=\"Faster for 1 min 15 s. "
                        "Slow down: a recovery run is 6:45 /km or slower.\"" BUTTONS OVER_HINTS);
        /* Another server is shown it again. */
        stage_command(f, "release");
        stage_command(f, "own");
        stage_await(f, &f->server.out, "Notify id=1 replaces=0 " SHOWN "\"Too fast: 5:45 /km (limit 6:45)\"");
        in_range(f, SLOW, 80);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 " SHOWN
                        "\"Back in range: 7:00 /km (limit 6:45)\" body=\"You were faster for 1 min 20 s.\" "
                        "actions=[]" BACK_HINTS);
        stage_command(f, "close 1 1");
        /* Cut off, and at the end of the run. */
        over(f, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        in_range(f, NOT_YET, 20);
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        over(f, FAST, 0);
        stage_await(f, &f->server.out, "body=\"Slow down: a recovery run is 6:45 /km or slower.\"");
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_await(f, &f->server.out, "Recovery run finished");
        over(f, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=5 replaces=0");
        stage_discarded(f, 7);
        stage_flush(f);
        stage_expect(f, &f->server.out, "CloseNotification id=5");
        stage_stop(f);
}

static void pass(NotifyStage *f, ClockShim *clock, int64_t seconds)
{
        clock_pass(clock, seconds * 1000000);
        stage_started(f, 7); /* it looks at the clock */
}

/* A foot pod that falls silent takes its alert with it, and no strap takes the pod's place. */
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
        over(f, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        stage_sensor_is(f, STAGE_SENSOR, "absent");
        pass(f, clock, 60);
        stage_sensor_is(f, STAGE_POD, "stale");
        stage_sensor_session(f, STAGE_SENSOR, 7);
        pass(f, clock, 26);
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        /* A strap that is a pod as well sends a pace without contact. */
        stage_over_pace(f, STAGE_SENSOR, 7, FAST, 75);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0");
        stage_sensor_is(f, STAGE_SENSOR, "no-contact");
        pass(f, clock, 60);
        stage_sensor_is(f, STAGE_SENSOR, "absent");
        pass(f, clock, 26);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_stop(f);
        clock_end(clock);
}

/* While the heart rate is too high nothing is said of the pace. */
static void test_heart_rate_goes_first(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        over(f, FAST, 15);
        expect_no_line(f);
        stage_back(f, 7, 140, 75);
        stage_expect(f, &f->notify.out, "back-in-range: Back in range: 140 bpm (ceiling 146)");
        over(f, 350, 75);
        stage_expect(f, &f->notify.out, "over-pace: Too fast: 5:50 /km (limit 6:45)");
        in_range(f, SLOW, 80);
        stage_expect(f, &f->notify.out, "pace-in-range: Back in range: 7:00 /km (limit 6:45)");
        /* What was not said to have begun is not said to be over. */
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.out, "over-limit: Too fast: 165 bpm (ceiling 146)");
        over(f, FAST, 15);
        in_range(f, SLOW, 20);
        over(f, FAST, 15);
        stage_back(f, 7, 140, 75);
        stage_expect(f, &f->notify.out, "back-in-range: Back in range: 140 bpm (ceiling 146)");
        in_range(f, SLOW, 80);
        expect_no_line(f);
        /* Another breach of the same run. */
        over(f, FAST, 15);
        stage_expect(f, &f->notify.out, "over-pace: Too fast: 5:40 /km (limit 6:45)");
        stage_stop(f);
}

/* One takes the other's place on the screen, and only the heart rate that of the pace. */
static void test_one_place(void **state)
{
        NotifyStage *f = *state;
        char path[96];
        ClockShim *clock;

        (void)snprintf(path, sizeof(path), "%s/clock", f->dir);
        clock = clock_begin(path);
        stage_desktop_start(f);
        shim_inherit_no_more();
        over(f, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=1 " SHOWN "\"Too fast: 165 bpm");
        over(f, FAST, 75);
        in_range(f, SLOW, 80);
        stage_back(f, 7, 140, 75);
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=1 " SHOWN "\"Back in range: 140 bpm (ceiling 146)\" "
                        "body=\"You were above it for 1 min 15 s.\" "
                        "actions=[] hints={urgency=1 category=\"x-cardiod.back-in-range\" "
                        "desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true transient=true} expire=5000");
        /* The strap falls silent while it is too high: the pace is known, and stays on the screen when it is back. */
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=1 " SHOWN "\"Too fast: 165 bpm");
        stage_sensor_is(f, STAGE_SENSOR, "absent");
        pass(f, clock, 26);
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        over(f, FAST, 75);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0 " SHOWN "\"Too fast: 5:40 /km");
        stage_sensor_is(f, STAGE_SENSOR, "live");
        stage_back(f, 7, 140, 100);
        stage_back(f, 7, 166, 100);
        over(f, 345, 200);
        stage_expect(f, &f->server.out,
                        "Notify id=3 replaces=3 " SHOWN
                        "\"Too fast: 5:45 /km (limit 6:45)\" body=\"Faster for 3 min 20 s. "
                        "Slow down: a recovery run is 6:45 /km or slower.\"" BUTTONS OVER_HINTS);
        stage_stop(f);
        clock_end(clock);
}

static void test_buttons(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        over(f, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_command(f, "action 1 snooze");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        over(f, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=2 replaces=0");
        stage_command(f, "action 2 mute");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        over(f, FAST, 15);
        in_range(f, SLOW, 20);
        stage_over_pace(f, STAGE_POD, 8, FAST, 15);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0");
        stage_stop(f);
}

static void test_exec(void **state)
{
        NotifyStage *f = *state;

        f->pace = "6:12";
        stage_notify_start(f,
                        (const char *[]){ "--print", "--exec",
                                        "echo \"$CARDIO_EVENT|$CARDIO_HEART_RATE|$CARDIO_CEILING|$CARDIO_SPEED|"
                                        "$CARDIO_PACE_LIMIT|$CARDIO_SECONDS|$CARDIO_SESSION|$CARDIO_TEXT\"",
                                        NULL });
        stage_await(f, &f->notify.err, "found cardiod");
        over(f, FAST, 15);
        stage_expect(f, &f->notify.err, "over-pace|||2.941|2.469|15|7|Too fast: 5:40 /km (limit 6:45)");
        in_range(f, SLOW, 75);
        stage_expect(f, &f->notify.err,
                        "pace-in-range|||2.381|2.469|75|7|Back in range: 7:00 /km (limit 6:45)");
        stage_over(f, 7, 165, 10);
        stage_expect(f, &f->notify.err, "over-limit|165|146|||10|7|Too fast: 165 bpm (ceiling 146)");
        over(f, FAST, 15); /* runs none */
        stage_ended(f, 7);
        stage_expect(f, &f->notify.err, "session-ended|138|146|2.688||2530|7|Recovery run finished: 42 min");
        stage_stop(f);
}

static void test_summary(void **state)
{
        NotifyStage *f = *state;

        f->pace = "6:12";
        stage_desktop_start(f);
        stage_ended(f, 7);
        stage_await(f, &f->server.out,
                        "body=\"A good recovery run.\\n8.42 km at 6:12 /km\\nAverage 138 bpm, peak 162 (ceiling 146)\"");
        stage_units(f, "mile");
        stage_ended(f, 8);
        stage_await(f, &f->server.out,
                        "body=\"A good recovery run.\\n5.23 mi at 9:59 /mile\\nAverage 138 bpm, peak 162 (ceiling 146)\"");
        /* A way without a pace. */
        f->pace = "soon";
        stage_ended(f, 9);
        stage_await(f, &f->server.out,
                        "body=\"A good recovery run.\\n5.23 mi\\nAverage 138 bpm, peak 162 (ceiling 146)\"");
        stage_stop(f);
}

/* -- What is heard --------------------------------------------------------------------------------------- */

static void test_sounds(void **state)
{
        Heard *h = *state;

        heard_begin(h, "");
        over(h->stage, FAST, 15);
        heard_expect(h, HEARD_ALARM);
        over(h->stage, FAST, 75);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        in_range(h->stage, SLOW, 80);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        in_range(h->stage, NOT_YET, 80);
        heard_expect_nothing(h, true);
        stage_stop(h->stage);
}

static void test_words(void **state)
{
        Heard *h = *state;

        heard_begin(h, "sound = no\nspeak = yes\n");
        stage_started(h->stage, 7);
        heard_expect(h, "connect");
        over(h->stage, FAST, 15);
        heard_expect(h, "say en important Slow down. 5 minutes 40 per kilometre.");
        in_range(h->stage, SLOW, 80);
        heard_expect(h, "stop");
        heard_expect(h, "say en message Back in range.");
        stage_units(h->stage, "mile");
        over(h->stage, FAST, 15);
        heard_expect(h, "stop");
        heard_expect(h, "say en important Slow down. 9 minutes 7 per mile.");
        over(h->stage, (double)NAN, 75);
        heard_expect(h, "stop");
        heard_expect(h, "say en important Slow down.");
        stage_stop(h->stage);
}

/* Not of a pod that is not live; of a strap that is a pod as well it is the pace that counts, not its contact. */
static void test_stale(void **state)
{
        static const char *const states[] = { "stale", "absent", "connecting" };
        Heard *h = *state;
        NotifyStage *f = h->stage;

        heard_begin(h, "");
        stage_sensor_state(f, STAGE_SENSOR, "stale");
        over(f, FAST, 15);
        heard_expect(h, HEARD_ALARM);
        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                stage_sensor_state(f, STAGE_POD, "live");
                stage_sensor_state(f, STAGE_POD, states[i]);
                over(f, FAST, 75);
                in_range(f, SLOW, 80);
                heard_expect_nothing(h, true);
        }
        stage_sensor_state(f, STAGE_SENSOR, "no-contact");
        stage_over_pace(f, STAGE_SENSOR, 7, FAST, 15);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_over(f, 7, 165, 10); /* but not of its heart rate */
        heard_expect_nothing(h, true);
        stage_stop(f);
}

static void test_snoozed(void **state)
{
        Heard *h = *state;

        heard_begin(h, "");
        over(h->stage, FAST, 15);
        heard_expect(h, HEARD_ALARM);
        stage_snoozed(h->stage, 600);
        heard_expect(h, "stop");
        over(h->stage, FAST, 75);
        in_range(h->stage, SLOW, 80);
        heard_expect_nothing(h, false);
        stage_snoozed(h->stage, 0);
        over(h->stage, FAST, 15);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_stop(h->stage);
}

/* Once a breach; after the heart rate had its say, it is news again. */
static void test_no_repeat(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        heard_begin(h, "repeat = no\n");
        over(f, FAST, 15);
        heard_expect(h, HEARD_ALARM);
        over(f, FAST, 75);
        heard_expect_nothing(h, true);
        stage_over(f, 7, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        over(f, FAST, 200);
        heard_expect_nothing(h, true);
        stage_back(f, 7, 140, 75);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        over(f, FAST, 420);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        over(f, FAST, 720);
        heard_expect_nothing(h, true);
        stage_stop(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)
#define H(name) cmocka_unit_test_setup_teardown(name, heard_setup, heard_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(test_print),
                T(test_units_of_another),
                T(test_shown),
                T(test_gap),
                T(test_heart_rate_goes_first),
                T(test_one_place),
                T(test_buttons),
                T(test_exec),
                T(test_summary),
        };
        const struct CMUnitTest heard[] = {
                H(test_sounds),
                H(test_words),
                H(test_stale),
                H(test_snoozed),
                H(test_no_repeat),
        };
        int failed = cmocka_run_group_tests(tests, NULL, NULL);

        return failed != 0 || !heard_is_built_in() ? failed : cmocka_run_group_tests(heard, NULL, NULL);
}
