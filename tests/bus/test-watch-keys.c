/* SPDX-License-Identifier: MIT */
/* `cardioctl watch` on a terminal: what keys do, when the bell rings, and the graph of the whole run. With the real daemon. */
#include <stdlib.h>
#include <string.h>

#include "shim-fixture.h"
#include "terminal.h"
#include "watch-fixture.h"

/* Below the graph, on a terminal of 24 rows. */
#define LAST_ROW  23
#define TIMES_ROW 22
#define FLAGS_ROW 21

/* Longer than a key that is held takes to repeat itself: the next stroke is another one. */
#define ANOTHER_STROKE (900 * USEC_PER_MSEC)

static Terminal *watch(Harness *h, const char *option)
{
        Terminal *t = terminal_run(h, 24, 80, "watch", option, NULL);

        terminal_wait(t, 0, "Strap 01  live *");
        return t;
}

static void quit(Terminal *t)
{
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_true(terminal_is_cooked(t));
}

static void test_orders(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = watch(h, NULL);
        terminal_wait(t, LAST_ROW, "* s snooze   space start   g whole run   q quit");
        terminal_type(t, "m");
        terminal_wait(t, LAST_ROW, "No session is being recorded");

        terminal_type(t, "s");
        terminal_wait(t, LAST_ROW, "Snoozed until [0-2][0-9]:[0-5][0-9]; s ends it");
        (void)terminal_find(t, 2, "*snoozed 0:09:5?");
        harness_pass_time(h, ANOTHER_STROKE);
        terminal_type(t, "s");
        terminal_wait(t, LAST_ROW, "Alerts are on again");
        run_wait_manager(h, "SnoozedUntil", "0");

        terminal_type(t, " ");
        terminal_wait(t, LAST_ROW, "Recording by hand: space stops it");
        (void)run_wait(h, "SessionStarted");
        terminal_wait(t, 14, "*EASY  16 below*");
        run_heart_rate(h, 131);
        terminal_type(t, "m");
        terminal_wait(t, LAST_ROW, "Marked at 0:[0-9]*");
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'mark' AND session_id = 1");
        terminal_wait(t, LAST_ROW,
                        "* s snooze   space stop   m mark   g whole run   q quit"); /* after a while */
        quit(t);
        assert_null(strchr(terminal_sent(t), '\a'));
}

/* Arrow keys, function keys and Alt are no letters, whatever their bytes are. */
static void test_no_keys(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = watch(h, NULL);
        terminal_type(t, "\033[A\033OB\033[1;2s\033s\033[[m\033q\xc3\xa9");
        terminal_type(t, "g");
        terminal_wait(t, LAST_ROW, "* g last minutes *");
        run_wait_manager(h, "SnoozedUntil", "0");
        run_wait_manager(h, "Session", "0");
        quit(t);
}

/* A run is stopped by two strokes with a moment between them; a key that is held asks and no more. */
static void test_stop(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        (void)run_call(h, "StartSession", "s", "");
        t = watch(h, NULL);
        terminal_wait(t, 14, "*EASY  16 below*");
        terminal_type(t, " ");
        terminal_wait(t, LAST_ROW, "Press space again to stop the recording");
        for (unsigned i = 0; i < 20; i++)
                terminal_type(t, " ");
        run_settle(h, 132);
        terminal_wait(t, 14, "*EASY  14 below*");
        terminal_wait(t, LAST_ROW, "Press space again to stop the recording");
        run_wait_manager(h, "Session", "1");

        harness_pass_time(h, ANOTHER_STROKE);
        terminal_type(t, " ");
        terminal_wait(t, LAST_ROW, "Stopped: * s kept; space begins again");
        (void)run_wait(h, "SessionEnded");
        terminal_wait(t, 14, "*not recording before you have rested*");
        quit(t);
}

/* A daemon that hangs, and none: the view goes on, and says so. */
static void test_no_answer(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = watch(h, NULL);
        harness_stop_child(harness_daemon(h));
        terminal_type(t, "s");
        terminal_type(t, "m");
        terminal_wait(t, LAST_ROW, "Wait: cardiod has not answered the last key yet");
        terminal_type(t, "g");
        (void)terminal_find(t, 16, "*no run yet*");
        harness_continue_child(harness_daemon(h));
        terminal_wait(t, LAST_ROW, "Snoozed until *");

        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        terminal_wait(t, 14, "*cardiod is not running; waiting for it*");
        terminal_type(t, " ");
        terminal_wait(t, LAST_ROW, "Not possible: cardiod is not running");
        quit(t);
}

static size_t strokes(const Terminal *t)
{
        size_t n = 0;

        for (const char *at = terminal_sent(t); (at = strchr(at, '\a')); at++)
                n++;
        return n;
}

typedef struct Rung {
        const Terminal *t;
        size_t n;
        unsigned heart_rate; /* sent meanwhile, 0 = none */
} Rung;

static bool has_rung(Harness *h, void *userdata)
{
        const Rung *rung = userdata;

        if (rung->heart_rate > 0)
                run_heart_rate(h, rung->heart_rate);
        return strokes(rung->t) >= rung->n;
}

static void wait_bell(Harness *h, const Terminal *t, size_t n, unsigned heart_rate)
{
        Rung rung = { .t = t, .n = n, .heart_rate = heart_rate };

        if (!harness_wait(h, has_rung, &rung, 4 * HARNESS_TIMEOUT))
                harness_fail(h, "the bell has rung %zu times, not %zu", strokes(t), n);
}

/* Once with each OverLimit, and with each cue; not while snoozed. */
static void test_bell(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        watch_start(h, WATCH_CONFIG("1s\nrepeat = 2s") "[workout hills]\nsteps = hard 30min, easy 30min\n");
        (void)run_call(h, "StartSession", "s", "");
        t = watch(h, "--bell");
        run_settle(h, 140);
        terminal_wait(t, 14, "*EASY  6 below*");
        assert_int_equal(strokes(t), 0);
        wait_bell(h, t, 1, 160);
        terminal_wait(t, 14, "*TOO FAST  14 over *");
        wait_bell(h, t, 2, 160); /* again, as the daemon says it again */
        run_settle(h, 130);
        terminal_wait(t, 14, "*EASY  16 below*");
        harness_pass_time(h, USEC_PER_SEC);
        run_heart_rate(h, 130);
        (void)run_wait(h, "BackInRange");

        run_command(h, "Snooze", "u", 600);
        run_settle(h, 160);
        harness_pass_time(h, 1200 * USEC_PER_MSEC);
        run_settle(h, 160);
        terminal_wait(t, 14, "*ABOVE  14 over, snoozed*");
        (void)run_call(h, "StopSession", NULL);
        terminal_wait(t, 14, "*not recording*");
        assert_int_equal(strokes(t), 2);
        (void)run_call(h, "org.cardiod1.Coach.StartWorkout", "s", "hills");
        wait_bell(h, t, 3, 0);
        quit(t);
        assert_int_equal(strokes(t), 3);
}

/* Where it cannot ring it says so, and goes on. */
static void test_no_bell(Harness *h)
{
        Child *child;

        watch_start(h, WATCH_CONFIG("1s"));
        child = harness_program_start(h, "cardioctl", "watch", "--bell");
        harness_wait_output(h, child, true, "*no bell: standard output is no terminal*", HARNESS_TIMEOUT);
        harness_wait_output(h, child, false, "* 130 bpm *", HARNESS_TIMEOUT);
        (void)run_call(h, "StartSession", "s", "");
        watch_too_fast(h);
        run_heart_rate(h, 161);
        harness_wait_output(h, child, false, "*TOO FAST*", HARNESS_TIMEOUT);
        {
                _cleanup_free_ char *output = harness_child_output(h, child, false);

                assert_null(strchr(output, '\a'));
        }
        assert_int_equal(harness_child_end(h, child, SIGTERM), 128 + SIGTERM);
}

/* A strap that is lost in a run: in the last rows until it is back, and with two strokes of the bell. The daemon's time passes
 * as the test wants, not that of watch. */
static void test_trouble(Harness *h)
{
        ClockShim *clock = clock_begin(harness_path(h, "clock"));
        _cleanup_terminal_ Terminal *t = NULL;

        watch_prepare();
        clock_inherit(harness_path(h, "clock"));
        harness_daemon_start(h, RUN_BASE "sync-interval = 1h\n[session]\nstart-above = off\n", DAEMON_SYSTEM);
        shim_inherit_no_more();
        run_strap(h, STRAP);
        run_heart_rate(h, 100);
        (void)run_call(h, "StartSession", "s", "");
        run_settle(h, 130);
        t = watch(h, "--bell");
        terminal_wait(t, 14, "*EASY  16 below*");
        clock_pass(clock, 65 * (int64_t)USEC_PER_SEC);
        run_wait_manager(h, "Session", "1"); /* a message, which wakes it */
        terminal_wait(t, LAST_ROW - 1,
                        "No heart rate from Strap 01 for a minute: the run goes on, but nothing is");
        terminal_wait(t, LAST_ROW, "recorded; wet the electrodes, check the strap");
        wait_bell(h, t, 2, 0);
        /* What a key comes to is said for a while, and then that again. */
        terminal_type(t, "s");
        terminal_wait(t, LAST_ROW, "Snoozed until *");
        terminal_wait(t, LAST_ROW, "recorded; wet the electrodes, check the strap");

        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, 135);
        terminal_wait(t, LAST_ROW, "* m mark *");
        quit(t);
        assert_int_equal(strokes(t), 2);
        clock_end(clock);
}

/* Of a run that was under way before, too; and of one that is over. */
static void test_whole_run(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL, *later = NULL;

        watch_start(h, WATCH_CONFIG("1s"));
        t = watch(h, NULL);
        terminal_type(t, "g");
        (void)terminal_find(t, 16, "    no run yet");
        (void)run_call(h, "StartSession", "s", "");
        terminal_wait(t, LAST_ROW, "* g last minutes *");
        watch_too_fast(h);
        terminal_wait(t, FLAGS_ROW, "*!*");
        terminal_wait(t, TIMES_ROW, "    0:00 *now*");
        assert_true(terminal_has_foreground(t, FLAGS_ROW, 1)); /* red */

        run_settle(h, 130);
        harness_pass_time(h, 1100 * USEC_PER_MSEC);
        run_settle(h, 130);
        (void)run_wait(h, "BackInRange");
        run_wait_int(h, 1, "SELECT count(*) FROM breach WHERE ended_t IS NOT NULL");
        later = watch(h, NULL);
        terminal_type(later, "g");
        terminal_wait(later, FLAGS_ROW, "*!*"); /* from the database */
        terminal_wait(later, TIMES_ROW, "    0:00 *now*");

        (void)run_call(h, "StopSession", NULL);
        terminal_wait(later, TIMES_ROW, "    0:00 *0:0?:??");
        terminal_wait(t, TIMES_ROW, "    0:00 *0:0?:??");
        terminal_wait(t, FLAGS_ROW, "*!*");
        terminal_type(t, "g");
        terminal_wait(t, TIMES_ROW, "    -5 min *now");
        terminal_resize(t, 12, 40);
        terminal_type(t, "g");
        terminal_wait(t, 10, "    0:00 *0:0?:??");
        terminal_wait(t, 11, "* s snooze  space start  g back  q");
        quit(t);
        quit(later);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_orders),
                harness_test(test_no_keys),
                harness_test(test_stop),
                harness_test(test_no_answer),
                harness_test(test_bell),
                harness_test(test_no_bell),
                harness_test(test_trouble),
                harness_test(test_whole_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
