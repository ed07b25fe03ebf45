/* SPDX-License-Identifier: MIT */
/* `cardioctl watch` on a terminal: what is seen at which size, and that the terminal is restored, however it ends. With the
 * real daemon; heart rates are sent one by one, so that nothing changes but what a test changes. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "run-fixture.h"
#include "terminal.h"
#include "watch-fixture.h"

#define RED    1U
#define GREEN  2U
#define YELLOW 3U

static void test_80x24(Harness *h)
{
        static const char *const easy[] = {
                "Strap 01  live                                                      battery 80 %",
                "ceiling 146, from the configuration",
                "    ████        ████████████    ████████████    zone    1",
                "    ████        ████████████    ████████████",
                "████████                ████    ████    ████    ceiling 146",
                "████████                ████    ████    ████",
                "    ████        ████████████    ████    ████    over    0:00:00",
                "    ████        ████████████    ████    ████",
                "    ████                ████    ████    ████    session [0-9]*:[0-9][0-9]",
                "    ████                ████    ████    ████",
                "████████████    ████████████    ████████████    now     130",
                "████████████    ████████████    ████████████",
                "                                                kind    recovery",
                "",
                "                                 EASY  16 below",
                "",
                "",
                "146 ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
                "",
                "",
                "* ▇*",
                "117 *█*",
                "    -5 min                                                                   now",
                "             s snooze   space stop   m mark   g whole run   q quit",
        };
        _cleanup_terminal_ Terminal *t = NULL;
        unsigned ceiling;

        watch_start(h, WATCH_CONFIG("1s"));
        (void)run_call(h, "StartSession", "s", "recovery");
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait_page(t, true);
        terminal_wait_screen(t, easy, ELEMENTSOF(easy));
        assert_false(terminal_shows_cursor(t));
        assert_false(terminal_is_cooked(t));
        for (unsigned row = 13; row < 16; row++)
                assert_true(terminal_has_background(t, row, GREEN));
        assert_true(terminal_has_foreground(t, 17, RED)); /* the ceiling */
        assert_true(terminal_has_foreground(t, 21, GREEN));

        watch_too_fast(h);
        terminal_wait(t, 14, "*TOO FAST  14 over for * s*");
        terminal_wait(t, 6, "*over    0:[0-9]* 1x");
        for (unsigned row = 13; row < 16; row++)
                assert_true(terminal_has_background(t, row, RED));
        terminal_wait(t, 2, "    ████        ████████████    ████████████    zone    3");
        terminal_wait(t, 4, "████████        ████            ████    ████    ceiling 146"); /* 160 */
        assert_true(terminal_has_foreground(t, 2, RED));
        /* Lower than it was, by how much depends on whether the heart rate of before has a column of its own. */
        ceiling = terminal_find(t, 18, "146 ▁*");
        assert_true(terminal_has_foreground(t, ceiling - 1, RED)); /* what was above */
        assert_true(terminal_has_background(t, ceiling, RED));     /* and the ceiling across it */

        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
        terminal_wait_page(t, false);
        assert_true(terminal_shows_cursor(t));
        assert_true(terminal_is_cooked(t));
}

static void test_40x12(Harness *h)
{
        static const char *const easy[] = {
                "Strap 01  live              battery 80 %",
                "  ██    ██████  ██████  zone    1",
                "████        ██  ██  ██  ceiling 146",
                "  ██    ██████  ██  ██  over    0:00:00",
                "  ██        ██  ██  ██  session [0-9]*",
                "██████  ██████  ██████  now     130",
                "",
                "             EASY  16 below",
                "146 ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
                "* ▃*",
                "    -5 min                           now",
                " s snooze  space stop  m mark  g run  q",
        };
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        (void)run_call(h, "StartSession", "s", "");
        t = terminal_run(h, 12, 40, "watch", NULL);
        terminal_wait_screen(t, easy, ELEMENTSOF(easy));
        assert_true(terminal_has_background(t, 7, GREEN));
        (void)terminal_find(t, 0, "146 *");

        watch_too_fast(h);
        terminal_wait(t, 7, "*TOO FAST  14 over for * s*");
        assert_true(terminal_has_background(t, 7, RED));
        terminal_wait(t, 3, "*over    0:0[0-9]:[0-9][0-9]"); /* there is no room for the number of breaches */

        terminal_type(t, "\003"); /* Ctrl-C, which the terminal makes a signal of */
        assert_int_equal(terminal_wait_end(t), 0);
        assert_true(terminal_is_cooked(t));
}

/* Between the ceiling and the tolerance, and above it but not for long enough. */
static void test_verdicts(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("10min"));
        t = terminal_run(h, 12, 40, "watch", NULL);
        terminal_wait(t, 7, "*not recording*");
        (void)run_call(h, "StartSession", "s", "");
        terminal_wait(t, 7, "*EASY  16 below*");
        run_settle(h, 147);
        terminal_wait(t, 7, "*AT THE CEILING*");
        assert_true(terminal_has_background(t, 7, YELLOW));
        run_settle(h, 155);
        terminal_wait(t, 7, "*ABOVE  9 over*");
        run_command(h, "Snooze", "u", 600);
        terminal_wait(t, 7, "*ABOVE  9 over, snoozed*");
        (void)terminal_find(t, 0, "*snoozed [0-9]*:[0-9][0-9]");
        run_command(h, "SetCeiling", "s", "off");
        terminal_wait(t, 7, "*recording, no ceiling*");
        run_command(h, "SetCeiling", "s", "");
        run_lose_contact(h);
        terminal_wait(t, 7, "*no skin contact*");
        terminal_wait(t, 3, "        ██████  ██████  *"); /* no number is no old one */
        harness_standin(h, "leave " STRAP);
        terminal_wait(t, 7, "*waiting for the strap*");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

#define WORKOUTS \
        "[workout hills]\nsteps = hard 30min, easy 30min\n[workout slow]\nsteps = warm-up 30min, hard 1h\n"

/* In a hard step nothing is too fast; before it the ceiling is as ever. */
static void test_workout(Harness *h)
{
        _cleanup_free_ char *json = NULL;
        _cleanup_terminal_ Terminal *t = NULL;
        Child *bar, *script;

        watch_start(h, WATCH_CONFIG("1s") WORKOUTS);
        t = terminal_run(h, 24, 80, "watch", NULL);
        bar = harness_program_start(h, "cardioctl", "watch", "--waybar");
        script = harness_program_start(h, "cardioctl", "watch", "--json");
        (void)run_call(h, "org.cardiod1.Coach.StartWorkout", "s", "hills");
        terminal_wait(t, 14, "*HARD  1 of 2, [23]? min* left*");
        (void)terminal_find(t, 0, "*step    0:[23]?:?? hard");
        for (unsigned i = 0; i < 30; i++)
                run_heart_rate(h, 170);
        run_settle(h, 170);
        terminal_wait(t, 1, "ceiling none, a workout's hard part");
        terminal_wait(t, 14, "*HARD  1 of 2, [23]? min* left*");
        harness_wait_output(h, bar, false, "*HARD  1 of 2,*\"class\":[[]\"workout\"*", HARNESS_TIMEOUT);
        harness_wait_output(h, script, false,
                        "*\"verdict\":\"workout\"*\"workout\":\"hills\",\"workout_step\":\"hard\","
                        "\"workout_step_number\":1,\"workout_steps\":2,\"workout_left_s\":*",
                        HARNESS_TIMEOUT);
        json = harness_child_output(h, script, false);
        assert_null(strstr(json, "too-fast"));
        assert_int_equal(harness_child_end(h, bar, SIGTERM), 128 + SIGTERM);
        assert_int_equal(harness_child_end(h, script, SIGTERM), 128 + SIGTERM);
        (void)run_call(h, "StopSession", NULL);
        terminal_wait(t, 14, "*not recording*");

        run_settle(h, 130);
        (void)run_call(h, "org.cardiod1.Coach.StartWorkout", "s", "slow");
        terminal_wait(t, 14, "*EASY  16 below*");
        (void)terminal_find(t, 0, "*step    0:[23]?:?? warm-up");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

/* Left alone it can be looked at again. */
static void test_workout_again(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL, *again = NULL;

        watch_start(h, WATCH_CONFIG("1s") WORKOUTS);
        t = terminal_run(h, 24, 80, "workout", "hills", NULL);
        terminal_wait(t, 1, "hard  *[23]? min*  *");
        terminal_type(t, "\003");
        assert_int_equal(terminal_wait_end(t), 0);
        terminal_wait(t, 2, "The workout goes on; `cardioctl workout` shows it again, `stop` ends it.");
        again = terminal_run(h, 24, 80, "workout", NULL);
        terminal_wait(again, 0, "Session 1 is being recorded. `cardioctl stop` ends it.");
        terminal_wait(again, 1, "hard  *[23]? min*  *");
        (void)run_call(h, "StopSession", NULL);
        assert_int_equal(terminal_wait_end(again), 0);
        terminal_wait(again, 2, "The session has ended.");
}

static void test_sizes(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        (void)run_call(h, "StartSession", "s", "");
        t = terminal_run(h, 1, 3, "watch", NULL);
        terminal_wait(t, 0, "130");
        terminal_resize(t, 1, 20);
        terminal_wait(t, 0, "130  zone 1");
        terminal_resize(t, 2, 12);
        terminal_wait(t, 1, "*EASY*");
        terminal_resize(t, 5, 40);
        terminal_wait(t, 0, "Strap 01  live              battery 80 %");
        terminal_wait(t, 1, "130  zone 1  ceiling 146  over 0:00:00");
        terminal_wait(t, 2, "*EASY  16 below*");
        terminal_resize(t, 15, 30);
        terminal_wait(t, 6, "zone    1"); /* below the number, as there is no room beside it */
        terminal_resize(t, 60, 200);
        terminal_wait(t, 2, "          ██████████          *zone    1");
        terminal_wait(t, 58, "*now");
        terminal_resize(t, 24, 80);
        terminal_wait(t, 14, "*EASY  16 below*");
        terminal_wait(t, 2, "    ████        ████████████    ████████████    zone    1");
        terminal_resize(t, 1, 1);
        terminal_wait(t, 0, "1");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

/* Bold and reverse are no colours. */
static void assert_no_colour(const char *sent)
{
        for (const char *at = sent; (at = strstr(at, "\033["));) {
                char sequence[16];

                at += 2;
                if (at[strspn(at, "0123456789;")] != 'm')
                        continue;
                (void)snprintf(sequence, sizeof(sequence), "%.*s", (int)strcspn(at, "m"), at);
                if (strcmp(sequence, "0") != 0 && strcmp(sequence, "1") != 0 && strcmp(sequence, "7") != 0 &&
                                strcmp(sequence, "1;7") != 0)
                        fail_msg("a colour was sent: %s", sequence);
        }
}

static void test_plain_characters(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        (void)setenv("LC_ALL", "C", 1);
        (void)setenv("NO_COLOR", "1", 1);
        (void)run_call(h, "StartSession", "s", "");
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 2, "    ####        ############    ############    zone    1");
        terminal_wait(t, 17, "146 ____*");
        terminal_wait(t, 21, "*[.:#]*");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
        for (const char *at = terminal_sent(t); *at; at++)
                assert_true((unsigned char)*at < 0x80);
        assert_no_colour(terminal_sent(t));
}

/* A name from the air has no other effect than to be shown. */
static void test_hostile_name(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_prepare();
        harness_daemon_start(h, WATCH_CONFIG("1s"), DAEMON_SYSTEM);
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " STRAP " \"H\\x1b[2J\\xe2\\x80\\xae10\" trusted");
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 0, "H?[[]2J?10  absent");
        terminal_wait(t, 14, "*waiting for the strap*");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

/* Before the first strap it says how there is one. */
static void test_no_strap(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        harness_daemon_start(h, WATCH_CONFIG("1s"), DAEMON_SYSTEM);
        harness_standin(h, "adapter add hci0 powered");
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 14, "*no strap known*");
        terminal_wait(t, 0, "put your strap on: cardioctl setup finds it, and makes it yours");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

/* A run that is already under way, and a daemon that exits and comes back. */
static void test_restart(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        (void)run_call(h, "StartSession", "s", "");
        watch_too_fast(h);
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 14, "*TOO FAST  14 over for *"); /* known from the record */
        terminal_wait(t, 6, "*over    0:[0-9]* 1x");
        terminal_wait(t, 21, "*█*");

        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        terminal_wait(t, 14, "*cardiod is not running; waiting for it*");
        terminal_wait(t, 0, "systemctl start cardiod");
        terminal_wait(t, 21, "*█*"); /* what was, was */
        assert_true(terminal_has_background(t, 14, YELLOW));

        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, 131);
        terminal_wait(t, 10, "*now     131");

        /* The bus itself, and with it everybody on it. */
        (void)harness_daemon_stop(h, SIGTERM);
        harness_bus_stop(h, BUS_SYSTEM);
        terminal_wait(t, 14, "*cardiod is not running; waiting for it*");
        harness_bus_start(h, BUS_SYSTEM);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        terminal_wait(t, 14, "*BlueZ is not running*"); /* the stand-in was on the bus before */
        terminal_wait(t, 0, "systemctl start bluetooth");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

static bool shows_silence(Harness *h, void *userdata)
{
        (void)h;
        return strstr(terminal_row(userdata, 14), "cardiod does not answer; waiting for it") != NULL;
}

/* The last state of a daemon that hangs is not shown for ever. */
static void test_hang(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 0, "Strap 01  live *");
        harness_stop_child(harness_daemon(h));
        assert_true(harness_wait(h, shows_silence, t, 12 * HARNESS_TIMEOUT));
        assert_null(strstr(terminal_row(t, 0), "live"));
        harness_continue_child(harness_daemon(h));
        terminal_wait(t, 0, "Strap 01  live *");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

/* Whatever ends it, the page, the cursor and the keys are as they were. */
static void test_endings(Harness *h)
{
        static const struct {
                int number, status;
        } ends[] = { { SIGINT, 0 }, { SIGTERM, 0 }, { SIGHUP, 0 }, { SIGABRT, 128 + SIGABRT },
                { SIGSEGV, 128 + SIGSEGV }, { SIGFPE, 128 + SIGFPE } };

        watch_start(h, WATCH_CONFIG("1s"));
        for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
                _cleanup_terminal_ Terminal *t = terminal_run(h, 24, 80, "watch", NULL);
                int status;

                terminal_wait(t, 14, "*not recording*");
                assert_int_equal(kill(terminal_pid(t), ends[i].number), 0);
                status = terminal_wait_end(t);
                /* A sanitizer reports a crash and ends the program in its own way. */
                assert_true(status == ends[i].status || (ends[i].status > 128 && status == 1));
                terminal_wait_page(t, false);
                assert_true(terminal_shows_cursor(t));
                assert_true(terminal_is_cooked(t));
        }
}

static void test_hang_up(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 14, "*not recording*");
        terminal_hang_up(t);
        assert_int_equal(terminal_wait_end(t), 0);
}

/* Ctrl-Z leaves the terminal to the shell as it was; in between it may become another one. */
static void test_stopped(Harness *h)
{
        static const char *const shell[] = { "sh", "-c",
                "set -m; \"$0\" watch; echo; echo stopped; read -r line; fg >/dev/null", BUILD "/cardioctl",
                NULL };
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = terminal_run_program(h, 24, 80, shell);
        terminal_wait(t, 14, "*not recording*");
        terminal_type(t, "\032");
        terminal_wait_page(t, false);
        (void)terminal_find(t, 0, "stopped");
        assert_true(terminal_is_cooked(t));
        terminal_resize(t, 12, 40);
        terminal_type(t, "\n");
        terminal_wait_page(t, true);
        terminal_wait(t, 7, "*not recording*");
        assert_false(terminal_is_cooked(t));
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_true(terminal_is_cooked(t));
}

/* Without a shell that could make it go on, Ctrl-Z has no effect. */
static void test_not_stopped(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 14, "*not recording*");
        terminal_type(t, "\032");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

/* No keys are named where none can be read. */
static void test_no_keys(Harness *h)
{
        static const char *const inputs[] = { "exec \"$0\" watch </dev/null", "exec \"$0\" watch <&-" };

        watch_start(h, WATCH_CONFIG("1s"));
        for (size_t i = 0; i < ELEMENTSOF(inputs); i++) {
                const char *const shell[] = { "sh", "-c", inputs[i], BUILD "/cardioctl", NULL };
                _cleanup_terminal_ Terminal *t = terminal_run_program(h, 24, 80, shell);

                terminal_wait(t, 14, "*not recording*");
                terminal_wait(t, 23, "*Ctrl-C quits");
                terminal_type(t, "\003");
                assert_int_equal(terminal_wait_end(t), 0);
        }
}

/* A stopped terminal takes no output; that must not keep the program from ending. */
static void test_held(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = terminal_run(h, 24, 80, "watch", NULL);
        terminal_wait(t, 14, "*not recording*");
        terminal_type(t, "\023"); /* Ctrl-S */
        run_heart_rate(h, 140);
        assert_int_equal(kill(terminal_pid(t), SIGTERM), 0);
        assert_int_equal(terminal_wait_end(t), 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_80x24),
                harness_test(test_40x12),
                harness_test(test_verdicts),
                harness_test(test_workout),
                harness_test(test_workout_again),
                harness_test(test_sizes),
                harness_test(test_plain_characters),
                harness_test(test_hostile_name),
                harness_test(test_no_strap),
                harness_test(test_restart),
                harness_test(test_hang),
                harness_test(test_endings),
                harness_test(test_hang_up),
                harness_test(test_stopped),
                harness_test(test_not_stopped),
                harness_test(test_no_keys),
                harness_test(test_held),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
