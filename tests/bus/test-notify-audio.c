/* SPDX-License-Identifier: MIT */

/* What a runner hears of cardio-notify: with a real PulseAudio, whose output is recorded, and a real speech-dispatcher with
 * espeak-ng. */

#include "notify-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio-fixture.h"

/* What is promised, and how long silence is listened to. */
#define HEARD_MS  1000
#define SILENT_MS 800

typedef struct Ears {
        NotifyStage *stage;
        Audio audio;
} Ears;

/* The servers are the same for all tests, in their order; to start them takes seconds. */
static int group_setup(void **state)
{
        Ears *e = calloc(1, sizeof(*e));

        audio_begin(&e->audio);
        *state = e;
        return 0;
}

static int group_teardown(void **state)
{
        Ears *e = *state;

        audio_end(&e->audio);
        free(e);
        return 0;
}

static int setup(void **state)
{
        Ears *e = *state;

        return stage_setup((void **)&e->stage);
}

static int teardown(void **state)
{
        Ears *e = *state;

        return stage_teardown((void **)&e->stage);
}

/* For a machine that is known to be slow. */
static int scale(void)
{
        const char *text = getenv("CARDIO_TIMEOUT_SCALE");
        int factor = text ? (int)strtol(text, NULL, 10) : 1;

        return factor > 0 ? factor : 1;
}

/* An OverLimit is heard in time. */
static void expect_heard(Ears *e, const char *what)
{
        int64_t began, heard;

        audio_listen(&e->audio);
        began = audio_now_ms();
        stage_over(e->stage, 7, 165, 10);
        stage_flush(e->stage);
        heard = audio_heard(&e->audio, HEARD_MS * scale());
        if (heard < 0)
                fail_msg("%s: nothing is heard", what);
        print_message("# %s: heard after %lld ms\n", what, (long long)(heard - began));
}

/* What follows takes its place, long before an alarm of six seconds is over. */
static void expect_end(Ears *e)
{
        int64_t began = audio_now_ms(), lasted;

        stage_back(e->stage, 7, 140, 10);
        stage_flush(e->stage);
        audio_await_silence(&e->audio, SILENT_MS);
        lasted = audio_now_ms() - began - SILENT_MS;
        print_message("# what follows is over after %lld ms\n", (long long)lasted);
        assert_in_range(lasted, 100, 3000);
}

static void expect_silence(Ears *e, const char *what)
{
        if (audio_heard(&e->audio, SILENT_MS) >= 0)
                fail_msg("%s: something is heard", what);
}

/* It is shown, and not heard. */
static void expect_shown_only(Ears *e, const char *what)
{
        audio_listen(&e->audio);
        stage_over(e->stage, 7, 165, 10);
        stage_await(e->stage, &e->stage->notify.out, "Too fast: 165 bpm");
        expect_silence(e, what);
}

static void test_sound(void **state)
{
        Ears *e = *state;

        stage_config(e->stage, "");
        stage_print_start(e->stage);
        expect_heard(e, "a sound");
        expect_end(e);
        stage_cue(e->stage, 7, "hard", 120);
        stage_flush(e->stage);
        assert_true(audio_heard(&e->audio, HEARD_MS * scale()) >= 0);
        audio_await_silence(&e->audio, SILENT_MS);
        stage_advice(e->stage, 7, "Rest.");
        stage_ended(e->stage, 7);
        stage_await(e->stage, &e->stage->notify.out, "session-ended: ");
        expect_silence(e, "advice and a summary");
        stage_stop(e->stage);
}

static void test_silence(void **state)
{
        Ears *e = *state;

        stage_config(e->stage, "speak = yes\n");
        stage_print_start(e->stage);
        stage_sensor_state(e->stage, STAGE_SENSOR, "stale");
        expect_shown_only(e, "a stale strap");
        stage_sensor_state(e->stage, STAGE_SENSOR, "live");
        stage_snoozed(e->stage, 600);
        expect_shown_only(e, "snoozed");
        stage_cue(e->stage, 7, "hard", 120);
        stage_flush(e->stage);
        assert_true(audio_heard(&e->audio, HEARD_MS * scale()) >= 0);
        audio_await_silence(&e->audio, SILENT_MS);
        stage_snoozed(e->stage, 0);
        stage_config(e->stage, "sound = no\n");
        assert_int_equal(kill(e->stage->notify.pid, SIGHUP), 0);
        stage_await(e->stage, &e->stage->notify.err, "was read again");
        expect_shown_only(e, "neither is on");
        stage_stop(e->stage);
}

/* How long the notifier waits for a server that hangs. */
#define WAITED_MS 5000

/* What a server that does not run, or hangs, costs: a line in the log. */
static void expect_trouble(Ears *e, const char *line)
{
        int64_t began = audio_now_ms(), shown;

        stage_over(e->stage, 7, 165, 10);
        stage_await(e->stage, &e->stage->notify.out, "Too fast: 165 bpm");
        shown = audio_now_ms();
        print_message("# shown after %lld ms\n", (long long)(shown - began));
        assert_true(shown - began < WAITED_MS / 2);
        stage_await(e->stage, &e->stage->notify.err, line);
}

static void test_sound_server(void **state)
{
        Ears *e = *state;

        stage_config(e->stage, "");
        stage_print_start(e->stage);
        expect_trouble(e, "no sound: ");
        audio_pulse_start(&e->audio);
        expect_silence(e, "what was not heard before");
        expect_heard(e, "once it runs");
        audio_pulse_stop(&e->audio);
        audio_pulse_start(&e->audio);
        expect_heard(e, "after a restart");
        expect_end(e);
        audio_hang(e->audio.pulse);
        expect_trouble(e, "no sound: the server does not answer");
        audio_go_on(e->audio.pulse);
        expect_silence(e, "what was not heard while it hung");
        expect_heard(e, "once it goes on");
        expect_end(e);
        stage_stop(e->stage);
}

static void test_speech(void **state)
{
        Ears *e = *state;

        stage_config(e->stage, "sound = no\nspeak = yes\n");
        audio_speech_start(&e->audio);
        stage_print_start(e->stage);
        expect_heard(e, "words");
        expect_end(e);
        audio_speech_stop(&e->audio);
        audio_speech_start(&e->audio);
        expect_heard(e, "after a restart");
        expect_end(e);
        audio_hang(e->audio.speech);
        expect_trouble(e, "no speech: the server does not answer");
        audio_go_on(e->audio.speech);
        expect_silence(e, "what was not said while it hung");
        expect_heard(e, "once it goes on");
        expect_end(e);
        stage_stop(e->stage);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_sound_server, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sound, setup, teardown),
                cmocka_unit_test_setup_teardown(test_speech, setup, teardown),
                cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
        };
        const char *missing = audio_missing();

        if (missing) {
                printf("1..0 # SKIP %s is not installed\n", missing);
                return 0;
        }
        return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
