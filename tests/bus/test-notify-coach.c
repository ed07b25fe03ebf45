/* SPDX-License-Identifier: MIT */

/* What cardio-notify shows for the coach, and the runner's answers: advice, cues, summaries and their buttons. */

#include "notify-fixture.h"

#include <stdio.h>
#include <string.h>

static void expect_no_close(NotifyStage *f)
{
        char line[STAGE_LINE_MAX];

        stage_advice(f, 7, "Rest.");
        stage_next_line(f, &f->server.out, line);
        assert_non_null(strstr(line, "body=\"Rest.\""));
}

#define SUMMARY_BUTTONS                                                                                           \
        " actions=[\"default\" \"Open the report\" \"could-talk\" \"I could talk\" \"could-not-talk\" \"I could " \
        "not\"]"
#define TALK_BUTTONS " actions=[\"could-talk\" \"I could talk\" \"could-not-talk\" \"I could not\"]"

/* Waits for this call of Annotate(). */
static void stage_await_annotation(NotifyStage *f, const char *expected)
{
        stage_await_call(f, f->annotated, expected);
}

#define ADVICE \
        "Today asks for rest: the day after your marathon on 2026-05-03. A walk is fine; running can wait."

static void test_coach_lines(void **state)
{
        NotifyStage *f = *state;

        stage_print_start(f);
        stage_advice(f, 7, ADVICE);
        stage_expect(f, &f->notify.out, "advice: " ADVICE);
        stage_advice(f, 7, "one\nline\033[2J");
        stage_expect(f, &f->notify.out, "advice: one?line?[2J");
        stage_cue(f, 7, "warm-up", 600);
        stage_expect(f, &f->notify.out, "cue: Warm-up for 10 min");
        stage_cue(f, 7, "hard", 90);
        stage_expect(f, &f->notify.out, "cue: Hard for 1 min 30 s");
        stage_cue(f, 7, "done", 0);
        stage_expect(f, &f->notify.out, "cue: Workout done");
        /* A cue, or a length, that no cardiod says. */
        stage_cue(f, 7, "01234567890123456789012345678901234567890123456789", UINT32_MAX);
        stage_expect(f, &f->notify.out, "cue: 01234567890123456789012345678901 for 1193046 h 28 min");
        stage_cue(f, 7, "", 5);
        stage_expect(f, &f->notify.out, "cue:  for 5 s");
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Cue", "s", "x") >=
                        0);
        stage_cue(f, 7, "easy", 120);
        stage_expect(f, &f->notify.out, "cue: Easy for 2 min");
        stage_stop(f);
}

#define ADVICE_LOOK \
        " actions=[] hints={urgency=1 category=\"x-cardiod.advice\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true} expire=-1"
#define CUE_LOOK \
        " actions=[] hints={urgency=1 category=\"x-cardiod.cue\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true transient=true} expire=-1"

/* Advice stands by itself; of cues there is one, which goes with the session. */
static void test_coach_desktop(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_advice(f, 7, "Rest & <b>walk</b>.");
        stage_expect(f, &f->server.out, "GetCapabilities");
        stage_expect(f, &f->server.out,
                        "Notify id=1 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Your coach\" "
                        "body=\"Rest &amp; &lt;b&gt;walk&lt;/b&gt;.\"" ADVICE_LOOK);
        stage_cue(f, 7, "warm-up", 600);
        stage_expect(f, &f->server.out,
                        "Notify id=2 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Warm-up for "
                        "10 min\" body=\"\"" CUE_LOOK);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=3 replaces=0");
        stage_cue(f, 7, "hard", 120);
        stage_expect(f, &f->server.out,
                        "Notify id=2 replaces=2 app=\"Cardio\" icon=\"org.cardiod.Cardio\" "
                        "summary=\"Hard for 2 min\" body=\"\"" CUE_LOOK);
        f->verdict = "A good recovery run. 97 % easy. Shorter than your base runs.";
        stage_ended(f, 7);
        stage_expect(f, &f->server.out, "CloseNotification id=3");
        stage_expect(f, &f->server.out, "CloseNotification id=2");
        stage_expect(f, &f->server.out,
                        "Notify id=4 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Recovery run finished: "
                        "42 min\" body=\"A good recovery run. 97 % easy. Shorter than your base runs.\\nAverage 138 bpm, "
                        "peak 162 (ceiling 146)\" actions=[\"default\" \"Open the report\"] hints={urgency=1 category=\"x-cardiod.session-ended\" desktop-entry=\"org.cardiod.Cardio\" suppress-sound=true} expire=-1");
        /* The next session's cues stand anew, and go when cardiod goes. */
        stage_cue(f, 8, "hard", 120);
        stage_await(f, &f->server.out, "Notify id=5 replaces=0");
        stage_cardiod_stop(f);
        stage_expect(f, &f->server.out, "CloseNotification id=5");
        stage_stop(f);
}

/* Of a run that is not judged there is no praise and no blame, but its figures. */
static void test_coach_without_verdict(void **state)
{
        NotifyStage *f = *state;

        f->verdict = "";
        stage_desktop_start(f);
        stage_ended(f, 7);
        stage_await(f, &f->server.out,
                        "body=\"Average 138 bpm, peak 162 (ceiling 146)\" actions=[\"default\" \"Open the report\"]");
        stage_stop(f);
}

/* The coach's names for the moments of its advice. */
static void test_coach_kinds(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_advice_of(f, 7, "cross-training", "Today asked for no run.");
        stage_await(f, &f->server.out, "summary=\"Your coach\" body=\"Today asked for no run.\" actions=[]");
        stage_advice_of(f, 7, "after-race", "Eat and drink soon.");
        stage_await(f, &f->server.out, "summary=\"After the race\" body=\"Eat and drink soon.\" actions=[]");
        stage_advice_of(f, 7, "talk-test", "Could you talk?");
        stage_await(f, &f->server.out,
                        "Notify id=2 replaces=0 app=\"Cardio\" icon=\"org.cardiod.Cardio\" "
                        "summary=\"Your coach\" body=\"Could you talk?\"" TALK_BUTTONS);
        stage_command(f, "action 2 could-talk");
        stage_await_annotation(f, "7 talk_test pass");
        stage_stop(f);
}

/* The answer is sent to the coach, and its verdict then replaces the question. */
static void test_talk_test(void **state)
{
        static const struct {
                const char *key, *noted;
        } cases[] = {
                { "could-talk", "7 talk_test pass" },
                { "could-not-talk", "7 talk_test fail" },
        };
        NotifyStage *f = *state;
        char line[96];

        stage_desktop_start(f);
        for (unsigned i = 0; i < ELEMENTSOF(cases); i++) {
                f->ask_talk_test = true;
                f->annotated[0] = '\0';
                f->verdict = "A good recovery run.";
                stage_ended(f, 7);
                (void)snprintf(line, sizeof(line), "Notify id=%u replaces=0 ", i + 1);
                stage_await(f, &f->server.out, line);
                f->verdict = "Now it is judged.";
                (void)snprintf(line, sizeof(line), "action %u %s", i + 1, cases[i].key);
                stage_command(f, line);
                stage_await_annotation(f, cases[i].noted);
                (void)snprintf(line, sizeof(line), "Notify id=%u replaces=%u ", i + 1, i + 1);
                stage_await(f, &f->server.out, line);
                (void)snprintf(line, sizeof(line), "close %u 2", i + 1);
                stage_command(f, line);
        }
        /* Whoever has a summary that asks needs no question beside it. */
        f->annotated[0] = '\0';
        stage_ended(f, 8);
        stage_await(f, &f->server.out,
                        "summary=\"Recovery run finished: 42 min\" body=\"Now it is judged."
                        "\\nAverage 138 bpm, peak 162 (ceiling 146)\"" SUMMARY_BUTTONS);
        stage_advice_of(f, 8, "talk-test", "Could you talk?");
        expect_no_close(f);
        stage_stop(f);
}

static void test_not_a_run(void **state)
{
        NotifyStage *f = *state;

        f->ask_if_run = f->ask_talk_test = true;
        f->verdict = "If this was a run: today asked for none.";
        stage_desktop_start(f);
        stage_ended(f, 7);
        stage_await(f, &f->server.out,
                        "body=\"If this was a run: today asked for none.\\nAverage 138 bpm, "
                        "peak 162 (ceiling 146)\" actions=[\"default\" \"Open the report\" \"not-a-run\" \"Not a run\"]");
        f->ask_if_run = false;
        f->kind = "cross-training";
        f->verdict = "";
        stage_command(f, "action 1 not-a-run");
        stage_await_annotation(f, "7 kind cross-training");
        stage_await(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" summary=\"Cross-training "
                        "finished: 42 min\"");
        stage_stop(f);
}

/* A failure is shown; another cardiod, which did not record the run, is not called. */
static void test_not_noted(void **state)
{
        NotifyStage *f = *state;

        f->ask_talk_test = true;
        stage_desktop_start(f);
        stage_ended(f, 7);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        f->refuse_snooze = true;
        stage_command(f, "action 1 could-talk");
        stage_await(f, &f->server.out,
                        "Notify id=1 replaces=1 app=\"Cardio\" icon=\"org.cardiod.Cardio\" "
                        "summary=\"Not noted\" body=\"the disk is full\"");
        f->annotated[0] = '\0';
        stage_cardiod_stop(f);
        stage_await(f, &f->notify.err, "waiting for cardiod");
        stage_command(f, "action 1 could-talk");
        stage_await(f, &f->server.out, "summary=\"Not noted\" body=\"cardiod is not there\"");
        stage_cardiod_start(f, STAGE_SESSION);
        stage_await(f, &f->notify.err, "found cardiod on the session bus");
        stage_command(f, "action 1 could-talk");
        stage_await(f, &f->server.out, "summary=\"Not noted\" body=\"cardiod is not there\"");
        assert_string_equal(f->annotated, "");
        stage_stop(f);
}

/* A server without buttons gets none. */
static void test_no_buttons(void **state)
{
        NotifyStage *f = *state;

        f->ask_talk_test = true;
        stage_desktop_start(f);
        stage_command(f, "actions off");
        stage_ended(f, 7);
        stage_await(f, &f->server.out, "peak 162 (ceiling 146)\" actions=[] ");
        stage_stop(f);
}

static void test_coach_muted(void **state)
{
        NotifyStage *f = *state;

        stage_desktop_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1");
        stage_command(f, "action 1 mute");
        stage_expect(f, &f->server.out, "CloseNotification id=1");
        stage_advice(f, 7, ADVICE);
        stage_cue(f, 7, "hard", 120);
        stage_cue(f, 8, "easy", 120);
        stage_await(f, &f->server.out, "summary=\"Easy for 2 min\"");
        stage_stop(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(test_coach_lines),
                T(test_coach_desktop),
                T(test_coach_without_verdict),
                T(test_coach_kinds),
                T(test_talk_test),
                T(test_not_a_run),
                T(test_not_noted),
                T(test_no_buttons),
                T(test_coach_muted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
