/* SPDX-License-Identifier: MIT */

/* What cardio-notify has played and said, and when it is silent: the libraries are replaced by lines, and the rest is real. */

#include "heard-fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim-fixture.h"

/* Speech is got ready then, not with the first alert: speech-dispatcher may have to be started. */
static void run_begins(Heard *h)
{
        stage_started(h->stage, 7);
        heard_expect(h, "connect");
}

static void test_sounds(void **state)
{
        Heard *h = *state;

        heard_begin(h, "");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_over(h->stage, 7, 166, 70); /* a repeat */
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_back(h->stage, 7, 140, 75);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        stage_cue(h->stage, 7, "hard", 120);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_BELL);
        stage_trouble(h->stage, "strap-lost", "No heart rate: check the strap");
        heard_expect(h, "stop");
        heard_expect(h, HEARD_BUSY);
        stage_trouble(h->stage, "strap-back", "The strap is back: go on");
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        stage_trouble(h->stage, "battery", "The battery of H10 is low, at 12 %: charge it");
        heard_expect(h, "stop");
        heard_expect(h, HEARD_BELL);
        /* Silent: a breach that is cut off while above, advice, summaries. */
        stage_back(h->stage, 7, 166, 20);
        stage_advice(h->stage, 7, "Rest.");
        stage_ended(h->stage, 7);
        heard_expect_nothing(h, true);
        stage_stop(h->stage);
}

static void test_words(void **state)
{
        static const struct {
                const char *cue;
                unsigned seconds;
                const char *said;
        } cues[] = {
                { "hard", 120, "Hard, two minutes." },
                { "easy", 60, "Easy, one minute." },
                { "hard", 90, "Hard, one minute thirty seconds." },
                { "warm-up", 600, "Warm-up, ten minutes." },
                { "easy", 45 * 60 + 21, "Easy, forty-five minutes twenty-one seconds." },
                { "easy", 3600, "Easy, one hour." },
                { "cool-down", 2 * 3600 + 60, "Cool-down, two hours one minute." },
                { "hard", 0, "Hard." },
                { "done", 0, "Workout done." },
                { "ever", UINT32_MAX, "Ever, 1193046 hours twenty-eight minutes fifteen seconds." },
        };
        static const struct {
                const char *kind, *said;
        } troubles[] = {
                { "strap-lost", "say en-GB important No heart rate. Check the strap." },
                { "strap-back", "say en-GB message The strap is back." },
                { "not-writing", "say en-GB important Nothing is being stored." },
                { "writing", "say en-GB message It is stored again." },
                { "battery", "say en-GB important The battery of H10 is low, at 12 %." },
        };
        Heard *h = *state;
        char line[160];

        heard_begin(h, "sound = no\nspeak = yes\nlanguage = en-GB\n");
        run_begins(h);
        stage_over(h->stage, 7, 164.6, 10);
        heard_expect(h, "say en-GB important Slow down. 165.");
        stage_back(h->stage, 7, 140, 75);
        heard_expect(h, "stop");
        heard_expect(h, "say en-GB message Back in range.");
        stage_over(h->stage, 7, 1e300, 10);
        heard_expect(h, "stop");
        heard_expect(h, "say en-GB important Slow down.");
        for (size_t i = 0; i < ELEMENTSOF(troubles); i++) {
                stage_trouble(h->stage, troubles[i].kind, "The battery of H10 is low, at 12 %: charge it");
                heard_expect(h, "stop");
                heard_expect(h, troubles[i].said);
        }
        for (size_t i = 0; i < ELEMENTSOF(cues); i++) {
                stage_cue(h->stage, 7, cues[i].cue, cues[i].seconds);
                heard_expect(h, "stop");
                (void)snprintf(line, sizeof(line), "say en-GB important %s", cues[i].said);
                heard_expect(h, line);
        }
        stage_stop(h->stage);
}

static void test_both(void **state)
{
        Heard *h = *state;

        heard_begin(h, "speak = yes\n");
        run_begins(h);
        stage_over(h->stage, 7, 165, 10);
        heard_expect_both(h, HEARD_BELL, "say en important Slow down. 165.");
        stage_stop(h->stage);
}

/* Nothing about a heart rate from a strap that is not live; another one's state does not matter, nor does any to a cue. */
static void test_stale(void **state)
{
        static const char *const states[] = { "stale", "no-contact", "absent", "connecting" };
        Heard *h = *state;

        heard_begin(h, "");
        stage_sensor_state(h->stage, STAGE_OTHER, "stale");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                stage_sensor_state(h->stage, STAGE_SENSOR, "live");
                stage_sensor_state(h->stage, STAGE_SENSOR, states[i]);
                stage_over(h->stage, 7, 165, 70);
                stage_back(h->stage, 7, 140, 75);
                heard_expect_nothing(h, true);
        }
        stage_sensor_state(h->stage, STAGE_SENSOR, "live");
        stage_over(h->stage, 7, 165, 70);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_sensor_removed(h->stage, STAGE_SENSOR);
        stage_back(h->stage, 7, 140, 75);
        heard_expect_nothing(h, true);
        stage_stop(h->stage);
}

static void test_snoozed(void **state)
{
        Heard *h = *state;

        heard_begin(h, "");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_snoozed(h->stage, 600); /* what is being played ends */
        heard_expect(h, "stop");
        stage_over(h->stage, 7, 165, 70);
        stage_back(h->stage, 7, 140, 75);
        heard_expect_nothing(h, false);
        stage_snoozed(h->stage, 0);
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        /* Of a cardiod that is gone. */
        stage_snoozed(h->stage, 600);
        heard_expect(h, "stop");
        stage_cardiod_stop(h->stage);
        stage_await(h->stage, &h->stage->notify.err, "waiting for cardiod");
        stage_cardiod_start(h->stage, STAGE_SYSTEM);
        stage_await(h->stage, &h->stage->notify.err, "found cardiod");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_stop(h->stage);
}

static void test_muted(void **state)
{
        Heard *h = *state;

        heard_begin_desktop(h, "", NULL);
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_await(h->stage, &h->stage->server.out, "Notify id=1");
        stage_command(h->stage, "action 1 mute");
        heard_expect(h, "stop");
        stage_over(h->stage, 7, 165, 70);
        stage_back(h->stage, 7, 140, 75);
        stage_cue(h->stage, 7, "hard", 120);
        heard_expect_nothing(h, false);
        stage_over(h->stage, 8, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_stop(h->stage);
}

/* Once a breach. */
static void test_no_repeat(void **state)
{
        Heard *h = *state;

        heard_begin(h, "repeat = no\n");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_over(h->stage, 7, 165, 70);
        heard_expect_nothing(h, true);
        stage_back(h->stage, 7, 140, 75);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        /* Another breach, though nobody was in range: the ceiling has changed. */
        stage_back(h->stage, 7, 165, 75);
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_over(h->stage, 8, 165, 10); /* another run */
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        /* The first one that could be heard. */
        stage_back(h->stage, 8, 140, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        stage_sensor_state(h->stage, STAGE_SENSOR, "stale");
        stage_over(h->stage, 8, 165, 10);
        stage_sensor_state(h->stage, STAGE_SENSOR, "live");
        heard_expect_nothing(h, true);
        stage_over(h->stage, 8, 165, 70);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_stop(h->stage);
}

static void reload(Heard *h, const char *config, const char *said)
{
        stage_config(h->stage, config);
        assert_int_equal(kill(h->stage->notify.pid, SIGHUP), 0);
        stage_await(h->stage, &h->stage->notify.err, said);
}

static void test_reload(void **state)
{
        Heard *h = *state;

        heard_begin(h, "sound = no\n");
        stage_over(h->stage, 7, 165, 10);
        stage_await(h->stage, &h->stage->notify.out, "Too fast");
        reload(h, "", "the configuration was read again");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        reload(h, "sound = no\nsound = yes\n", "notify.conf:3: sound: set twice, first on line 2");
        stage_await(h->stage, &h->stage->notify.err, "the configuration stays as it was");
        stage_over(h->stage, 7, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_stop(h->stage);
}

/* The button asks for what it says. */
static void test_snooze_length(void **state)
{
        Heard *h = *state;

        heard_begin_desktop(h, "sound = no\nsnooze = 90s\n", NULL);
        stage_over(h->stage, 7, 165, 10);
        stage_await(h->stage, &h->stage->server.out, "actions=[\"snooze\" \"Snooze 1 min 30 s\" \"mute\"");
        stage_command(h->stage, "action 1 snooze");
        stage_over(h->stage, 7, 165, 10);
        stage_await(h->stage, &h->stage->server.out, "Notify id=2");
        assert_int_equal(h->stage->snoozed, 90);
        reload(h, "sound = no\nsnooze = 2h\n", "the configuration was read again");
        stage_over(h->stage, 7, 165, 10);
        stage_await(h->stage, &h->stage->server.out, "\"Snooze 2 h\"");
        stage_stop(h->stage);
}

static void test_mistake(void **state)
{
        Heard *h = *state;

        stage_config(h->stage, "speek = yes\n");
        stage_notify_start(h->stage, (const char *[]){ "--print", NULL });
        stage_await(h->stage, &h->stage->notify.err,
                        "notify.conf:2: speek: unknown key in [notify] (did you mean `speak`?); accepted: sound,");
        assert_int_equal(stage_child_wait(&h->stage->notify), 1);
        stage_config(h->stage, "");
        stage_notify_start(h->stage, (const char *[]){ "--print", "--config", "/nonexistent/x.conf", NULL });
        stage_await(h->stage, &h->stage->notify.err, "/nonexistent/x.conf: cannot be read: No such file");
        assert_int_equal(stage_child_wait(&h->stage->notify), 1);
}

#define NAMED    " sound-name=\"alarm-clock-elapsed\"}"
#define SILENCED " suppress-sound=true}"

/* The server sounds it where it can; we do where it cannot, or does not show it. */
static void test_sound_of_server(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        heard_begin_desktop(h, "", "sound on");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, NAMED);
        stage_back(f, 7, 140, 75);
        stage_await(f, &f->server.out, " sound-name=\"complete\" transient=true}");
        stage_ended(f, 7);
        stage_await(f, &f->server.out, SILENCED);
        stage_command(f, "refuse 1");
        stage_over(f, 8, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_await(f, &f->server.out, SILENCED); /* tried again */
        stage_command(f, "hold");
        stage_over(f, 8, 165, 10);
        stage_await(f, &f->server.out, NAMED);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_command(f, "answer");
        /* Gone, and another one, without sounds; what stood is shown again, and is no news. */
        stage_command(f, "release");
        stage_command(f, "sound off");
        stage_command(f, "own");
        stage_await(f, &f->server.out, SILENCED);
        stage_over(f, 8, 165, 10);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_await(f, &f->server.out, SILENCED);
        stage_stop(f);
}

/* Plasma says that it has sounds, and has none for what replaces another notification. */
static void test_sound_on_plasma(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        heard_begin_desktop(h, "", "sound on");
        stage_command(f, "release");
        stage_command(f, "plasma on");
        stage_command(f, "own");
        stage_over(f, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_await(f, &f->server.out, SILENCED);
        stage_over(f, 7, 165, 70);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        stage_await(f, &f->server.out, SILENCED);
        stage_stop(f);
}

/* Muted, or sound = no: the server is told to be silent, too. */
static void test_server_is_told(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        heard_begin_desktop(h, "sound = no\n", "sound on");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, SILENCED);
        reload(h, "", "the configuration was read again");
        stage_sensor_state(f, STAGE_SENSOR, "stale");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, SILENCED);
        stage_sensor_state(f, STAGE_SENSOR, "live");
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, NAMED);
        /* Shown again by another server, it is no news. */
        stage_command(f, "release");
        stage_command(f, "own");
        stage_await(f, &f->server.out, SILENCED);
        stage_stop(f);
}

/* The process that plays; 0 = there is none. */
static pid_t player_of(pid_t pid)
{
        char path[64], text[64] = "";
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
        f = fopen(path, "re");
        assert_non_null(f);
        (void)!fgets(text, sizeof(text), f);
        (void)fclose(f);
        return (pid_t)strtol(text, NULL, 10);
}

static void await_asleep(pid_t pid)
{
        char path[64], text[256], process = 'R';

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        for (unsigned i = 0; process != 'S' && i < 2000; i++) {
                FILE *f = fopen(path, "re");
                const char *end = f && fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;

                process = end ? end[2] : '?';
                if (f)
                        (void)fclose(f);
                (void)poll(NULL, 0, 5);
        }
        assert_int_equal(process, 'S');
}

/* Until it has done all there is to do, and waits: first the process that plays, so that it has answered. */
static void await_idle(pid_t pid)
{
        pid_t player = player_of(pid);

        if (player > 0)
                await_asleep(player);
        await_asleep(pid);
}

/* What waited while it was stopped may be old: signals have no time. */
static void test_stopped(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;
        siginfo_t info;

        heard_begin(h, "");
        stage_over(f, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        stage_await(f, &f->notify.out, "Too fast");
        assert_int_equal(kill(f->notify.pid, SIGSTOP), 0);
        assert_int_equal(waitid(P_PID, (id_t)f->notify.pid, &info, WSTOPPED), 0);
        stage_over(f, 7, 166, 70);
        stage_cue(f, 7, "hard", 120);
        /* By the second reply the bus has written what was sent before the first. */
        for (unsigned i = 0; i < 2; i++)
                assert_true(sd_bus_call_method(f->cardiod, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                            "org.freedesktop.DBus", "GetId", NULL, NULL, NULL) >= 0);
        assert_int_equal(kill(f->notify.pid, SIGCONT), 0);
        stage_await(f, &f->notify.out, "Too fast: 166");
        stage_await(f, &f->notify.out, "Hard for 2 min");
        await_idle(f->notify.pid);
        stage_back(f, 7, 140, 75);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        stage_stop(f);
}

/* What comes first after the machine was suspended may have waited all that time. */
static void test_suspended(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;
        char path[96];
        ClockShim *clock;

        (void)snprintf(path, sizeof(path), "%s/clock", f->dir);
        clock = clock_begin(path);
        heard_begin(h, "");
        stage_over(f, 7, 165, 10);
        heard_expect(h, HEARD_ALARM);
        await_idle(f->notify.pid);
        clock_sleep(clock, 3 * 1000000);
        stage_over(f, 7, 165, 70);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_ALARM);
        await_idle(f->notify.pid);
        clock_sleep(clock, 60 * 1000000);
        stage_over(f, 7, 166, 130);
        stage_await(f, &f->notify.out, "Too fast: 166");
        await_idle(f->notify.pid);
        stage_back(f, 7, 140, 140);
        heard_expect(h, "stop");
        heard_expect(h, HEARD_GOOD);
        stage_stop(f);
        clock_end(clock);
}

/* It waits for nobody: a player that hangs costs a line in the log. */
static void test_player_dies(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        heard_begin(h, "");
        (void)setenv("ALOUD_SHIM", "/nonexistent", 1);
        stage_stop(f);
        stage_print_start(f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->notify.out, "Too fast");
        stage_await(f, &f->notify.err, "no sound: its process has ended");
        stage_stop(f);
}

static unsigned count_files(pid_t pid)
{
        char path[64];
        unsigned n = 0;
        DIR *dir;

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
        dir = opendir(path);
        assert_non_null(dir);
        while (readdir(dir))
                n++;
        (void)closedir(dir);
        return n;
}

/* Nothing of a player that has ended stays: it may end a thousand times. */
static void test_player_ends_often(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;
        unsigned files = 0;

        heard_begin(h, "");
        stage_cue(f, 7, "hard", 0);
        heard_expect(h, HEARD_BELL);
        for (unsigned i = 0; i < 8; i++) {
                pid_t player = player_of(f->notify.pid);

                assert_true(player > 0);
                await_idle(f->notify.pid); /* one that ends before it has answered is waited for, ever longer */
                assert_int_equal(kill(player, SIGKILL), 0);
                while (player_of(f->notify.pid) == player)
                        (void)poll(NULL, 0, 5);
                stage_cue(f, 7, "hard", 0);
                heard_expect(h, HEARD_BELL);
                if (i == 0)
                        files = count_files(f->notify.pid);
        }
        assert_int_equal(count_files(f->notify.pid), files);
        stage_stop(f);
}

/* As from a script that starts it with them closed: its own files get their numbers. */
static void test_no_standard_files(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;
        const char *given = getenv("CARDIO_WRAP");
        _cleanup_free_ char *before = given ? strdup(given) : NULL;
        char path[96], wrap[512];
        FILE *script;

        (void)snprintf(path, sizeof(path), "%s/closes", f->dir);
        script = fopen(path, "we");
        assert_non_null(script);
        assert_true(fputs("exec \"$@\" <&- >&-\n", script) >= 0);
        assert_int_equal(fclose(script), 0);
        stage_config(f, "speak = yes\n");
        stage_server_start(f);
        (void)snprintf(wrap, sizeof(wrap), "sh %s %s", path, before ? before : "");
        (void)setenv("CARDIO_WRAP", wrap, 1);
        stage_notify_start(f, (const char *[]){ NULL });
        if (before)
                (void)setenv("CARDIO_WRAP", before, 1);
        else
                (void)unsetenv("CARDIO_WRAP");
        stage_await(f, &f->notify.err, "found cardiod on the system bus");
        run_begins(h);
        stage_cue(f, 7, "hard", 0);
        heard_expect_both(h, HEARD_BELL, "say en important Hard.");
        stage_stop(f);
}

/* What --test says, line by line; what it has played and said comes in between. */
static void expect_test(Heard *h, const char *const lines[])
{
        for (size_t i = 0; lines[i]; i++)
                stage_expect(h->stage, &h->stage->notify.out, lines[i]);
}

static void test_test(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        stage_config(f, "speak = yes\n");
        stage_server_start(f);
        /* Beside one that runs, and without a cardiod. */
        stage_cardiod_stop(f);
        stage_notify_start(f, (const char *[]){ "--test", NULL });
        expect_test(h, (const char *[]){
                                       "Notifications: notifications-standin 1, by cardiod, specification 1.2",
                                       "  actions      yes  buttons",
                                       "  body         yes  a text below the title",
                                       "  persistence  no   keeps notifications until they are closed",
                                       "  sound        no   plays the sounds itself",
                                       "Sound: played by libcanberra",
                                       "Speech: by speech-dispatcher, voice en",
                                       "Too fast: 165 bpm (ceiling 146)", NULL });
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_await(f, &f->server.out, "Notify id=1 replaces=1");
        stage_child_kill(&f->notify); /* each is to be looked at, which takes too long here */
        /* All of them, without a desktop. */
        stage_notify_start(f, (const char *[]){ "--test", "--print", NULL });
        expect_test(h, (const char *[]){ "Sound: played by libcanberra",
                                       "Speech: by speech-dispatcher, voice en",
                                       "Too fast: 165 bpm (ceiling 146)", NULL });
        stage_await(f, &f->notify.out, "Back in range: 140 bpm (ceiling 146)");
        stage_await(f, &f->notify.out, "Too fast: 5:40 /km (limit 6:45)");
        stage_await(f, &f->notify.out, "Back in range: 6:50 /km (limit 6:45)");
        stage_await(f, &f->notify.out, "Hard for 2 min");
        stage_await(f, &f->notify.out, "No heart rate for a minute");
        stage_await(f, &f->notify.out, "The strap is back");
        stage_await(f, &f->notify.out, "  said");
        stage_await(f, &f->notify.out, "Run finished: 42 min");
        expect_test(h, (const char *[]){ "All of this worked.", NULL });
        assert_int_equal(stage_child_wait(&f->notify), 0);
}

/* Without a notification server, and off what can be. */
static void test_test_fails(void **state)
{
        Heard *h = *state;
        NotifyStage *f = h->stage;

        stage_config(f, "sound = no\n");
        stage_notify_start(f, (const char *[]){ "--test", NULL });
        stage_await(f, &f->notify.out, "Notifications: the server does not answer: ");
        expect_test(h, (const char *[]){ "Sound: off, by sound = no in notify.conf",
                                       "Speech: off, by speak = no in notify.conf",
                                       "Too fast: 165 bpm (ceiling 146)", NULL });
        stage_await(f, &f->notify.out, "  not shown: ");
        stage_await(f, &f->notify.out, "Something did not work.");
        assert_int_equal(stage_child_wait(&f->notify), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_sounds, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_words, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_both, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_stale, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_snoozed, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_muted, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_no_repeat, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_reload, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_snooze_length, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_mistake, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_sound_of_server, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_sound_on_plasma, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_server_is_told, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_stopped, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_suspended, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_player_dies, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_player_ends_often, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_no_standard_files, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_test, heard_setup, heard_teardown),
                cmocka_unit_test_setup_teardown(test_test_fails, heard_setup, heard_teardown),
        };

        if (!heard_is_built_in()) {
                printf("1..0 # SKIP cardio-notify was built without sound or speech\n");
                return 0;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
