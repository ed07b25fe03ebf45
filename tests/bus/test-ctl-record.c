/* SPDX-License-Identifier: MIT */
/* cardioctl record: what a strap sends is in the file, with its time, and can be played; cardiod is not affected; nothing is
 * written without consent, nor over an existing file. */
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bluez-fixture.h"
#include "ctl-fixture.h"

#define FILE_NAME   "strap.replay"
#define OTHER       "C0:FF:EE:00:00:02"
#define PLAYER      BUILD "/tests/unit/test-replay-streams"
#define NOTIFY_CALL "call StartNotify *"

typedef struct Wanted {
        const char *pattern;
        unsigned n;
} Wanted;

static unsigned count_lines(Harness *h, const char *pattern)
{
        _cleanup_free_ char *text = harness_read_file(h, FILE_NAME);
        unsigned n = 0;

        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
                n += fnmatch(pattern, line, 0) == 0;
        return n;
}

static bool has_lines(Harness *h, void *userdata)
{
        const Wanted *w = userdata;

        return count_lines(h, w->pattern) >= w->n;
}

/* Waits until so many lines of the recording match. */
static void wait_lines(Harness *h, const char *pattern, unsigned n)
{
        if (!harness_wait(h, has_lines, &(Wanted){ .pattern = pattern, .n = n }, LATE_USEC)) {
                _cleanup_free_ char *text = harness_read_file(h, FILE_NAME);

                harness_fail(h, "%u lines are not '%s':\n%s", n, pattern, text);
        }
}

static void wait_line(Harness *h, const char *pattern)
{
        wait_lines(h, pattern, 1);
}

static Child *record(Harness *h)
{
        return harness_program_start(h, "cardioctl", "record", "--yes", harness_path(h, FILE_NAME));
}

/* It contains nothing personal except the heart rates. */
static void assert_head(Harness *h)
{
        _cleanup_free_ char *text = harness_read_file(h, FILE_NAME);
        struct stat st;

        assert_int_equal(strncmp(text, "# Which strap is it", 19), 0);
        ctl_assert_contains(text, "health data");
        assert_null(strstr(text, "Test strap"));
        assert_null(strstr(text, STRAP));
        assert_int_equal(stat(harness_path(h, FILE_NAME), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
}

/* The file goes through the same reader as those of tests/replay. */
static void assert_plays(Harness *h, const char *pattern)
{
        const char *const argv[] = { PLAYER, "--print", harness_path(h, FILE_NAME), NULL };
        Child *child = harness_spawn(h, "player", false, argv);
        int status = harness_child_end(h, child, 0);
        _cleanup_free_ char *out = harness_child_output(h, child, false);
        _cleanup_free_ char *err = harness_child_output(h, child, true);

        if (status != 0 || fnmatch(pattern, out, 0) != 0)
                harness_fail(h, "it does not play as '%s':\n%s%s", pattern, out, err);
}

static void test_record(Harness *h)
{
        unsigned subscribed;
        Child *child;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        subscribed = harness_calls(h, NOTIFY_CALL);
        child = record(h);
        wait_line(h, "[0-9]*.[0-9][0-9][0-9] link up");
        assert_head(h);

        bluez_send(h, 120);
        wait_line(h, "[0-9]*.[0-9][0-9][0-9] ??78");
        harness_standin(h, "raw " STRAP " 16 a5 3a 02 00");
        harness_standin(h, "raw " STRAP " 00");
        harness_standin(h, "raw " STRAP);
        wait_line(h, "[0-9]* 16a53a0200");
        wait_line(h, "[0-9]* 00");
        wait_line(h, "[0-9]* -");
        /* Each line is in the file before the next. */
        harness_standin(h, "disconnect " STRAP);
        wait_line(h, "[0-9]* link down");
        harness_standin(h, "advertise " STRAP);
        wait_lines(h, "[0-9]* link up", 2);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 121);
        wait_line(h, "[0-9]* ??79");

        assert_int_equal(harness_child_end(h, child, SIGINT), 0);
        harness_wait_output(
                        h, child, false, "Recording Test strap (" STRAP ") to *. Ctrl-C ends it.", SOON_USEC);
        harness_wait_output(h, child, false, "*" FILE_NAME " has 5 packets of * s.*", SOON_USEC);
        wait_line(h, "# [0-9]* the recording ends");
        /* At most once a link, by the daemon. */
        assert_in_range(harness_calls(h, NOTIFY_CALL), subscribed, subscribed + 1);
        assert_int_equal(harness_calls(h, "call StopNotify *"), 0);
        assert_plays(h, "*5 packets, 3 heart rates, 2 *");
}

/* Without cardiod nobody has asked the strap for anything. */
static void test_alone(Harness *h)
{
        Child *child;

        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "expect ready hci0 10s");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        child = harness_program_start(h, "cardioctl", "record", "--yes", harness_path(h, FILE_NAME), STRAP);
        wait_line(h, "[0-9]* link down");
        harness_standin(h, "connect " STRAP);
        wait_line(h, "[0-9]* link connecting");
        harness_standin(h, "resolve " STRAP);
        wait_line(h, "[0-9]* link up");
        harness_wait_calls(h, NOTIFY_CALL, 1, LATE_USEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        harness_standin(h, "hr " STRAP " 77");
        wait_line(h, "[0-9]* ??4d");
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        harness_wait_output(h, child, false, "*as soon as it is connected*", SOON_USEC);
        harness_wait_output(h, child, false, "*has 1 packet of *", SOON_USEC);
        assert_plays(h, "*1 packets, 1 heart rates*");
}

/* bluetoothd is started again in the midst of it. */
static void test_bluetoothd_restarts(Harness *h)
{
        Child *child;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        child = record(h);
        wait_line(h, "[0-9]* link up");
        harness_standin(h, "bluetoothd restart");
        wait_line(h, "# [0-9]* bluetoothd has gone");
        wait_lines(h, "[0-9]* link up", 2);
        harness_standin(h, "expect notifying " STRAP " 30s");
        bluez_send(h, 99);
        wait_line(h, "[0-9]* ??63");
        assert_int_equal(count_lines(h, "[0-9]* link down"), 1);
        assert_int_equal(harness_child_end(h, child, SIGHUP), 0);
        assert_plays(h, "*1 packets, 1 heart rates*");
}

static void test_consent(Harness *h)
{
        const char *file = harness_path(h, FILE_NAME);
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        c.input = "n";
        assert_int_equal(ctl_run(&c, "record", file, NULL), 1);
        ctl_assert_contains(c.out,
                        "every heart rate and every interval between two beats that Test strap (" STRAP
                        ") sends: health data. Record them? [y/N] ");
        ctl_assert_contains(c.err, "nothing is recorded; --yes records without asking");
        assert_int_equal(access(file, F_OK), -1);

        c.input = "yes";
        assert_int_equal(ctl_run(&c, "record", "--seconds", "1", "--name", file, NULL), 0);
        ctl_assert_contains(c.out, "has 0 packets of ");
        wait_line(h, "# The strap: Test strap (" STRAP ")");

        c.input = NULL;
        assert_int_equal(ctl_run(&c, "record", "-y", "-f", "--seconds", "1", "--json", file, NULL), 0);
        assert_string_equal(ctl_json(&c, "$.file"), file);
        assert_string_equal(ctl_json(&c, "$.packets"), "0");
        assert_head(h);
}

static void test_target(Harness *h)
{
        const char *file = harness_path(h, FILE_NAME);
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_write_file(h, FILE_NAME, "precious");
        assert_int_equal(ctl_run(&c, "record", "-y", file, NULL), 1);
        ctl_assert_contains(c.err, "is there already; --force replaces it");
        assert_int_equal(count_lines(h, "precious"), 1);
        assert_int_equal(chmod(file, 0644), 0);
        assert_int_equal(ctl_run(&c, "record", "-y", "-f", "--seconds", "1", file, NULL), 0);
        assert_int_equal(count_lines(h, "precious"), 0);
        assert_head(h);

        assert_int_equal(mkfifo(harness_path(h, "pipe"), 0600), 0);
        assert_int_equal(ctl_run(&c, "record", "-y", "-f", harness_path(h, "pipe"), NULL), 1);
        assert_int_equal(ctl_run(&c, "record", "-y", "-f", harness_path(h, "."), NULL), 1);
        ctl_assert_contains(c.err, "Is a directory");
        assert_int_equal(ctl_run(&c, "record", "-y", harness_path(h, "no/file"), NULL), 1);
        ctl_assert_contains(c.err, "No such file or directory");
        if (access("/dev/full", W_OK) == 0) {
                assert_int_equal(ctl_run(&c, "record", "-y", "-f", "/dev/full", NULL), 1);
                ctl_assert_contains(c.err, "is not a file");
        }
        assert_int_equal(ctl_run(&c, "record", "-y", NULL), 2);
        assert_int_equal(ctl_run(&c, "record", "-y", "--seconds", "86401", file, NULL), 2);
        ctl_assert_contains(c.err, "accepted: 1 to 86400");
}

/* BlueZ broadcasts to everybody, so no membership is needed. */
static void test_stranger(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h, .as_nobody = true };

        if (getuid() != 0)
                harness_skip(h, "needs root, to be somebody else");
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "pace 200ms");
        harness_standin(h, "stream " STRAP " 120");
        assert_int_equal(chmod(harness_path(h, "."), 0777), 0);
        assert_int_equal(ctl_run(&c, "record", "-y", "--json", "--seconds", "3", harness_path(h, FILE_NAME),
                                         NULL),
                        0);
        assert_true(atol(ctl_json(&c, "$.packets")) > 0);
        assert_head(h);
}

static void test_choice(Harness *h)
{
        const char *file = harness_path(h, FILE_NAME);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "record", "-y", file, NULL), 3);
        ctl_assert_contains(c.err, "BlueZ is not running");
        bluez_begin(h, BLUEZ_CONFIG);
        assert_int_equal(ctl_run(&c, "record", "-y", file, NULL), 4);
        ctl_assert_contains(c.err, "no strap is connected; put it on");
        bluez_strap_live(h);
        harness_standin(h, "strap add hci0 " OTHER " \"Test \\x1b[2J other\" trusted");
        harness_standin(h, "advertise " OTHER);
        harness_standin(h, "expect notifying " OTHER " 10s");

        assert_int_equal(ctl_run(&c, "record", "-y", file, NULL), 2);
        ctl_assert_contains(c.err, "which of these straps? name one behind FILE: ");
        ctl_assert_contains(c.err, "Test strap (" STRAP ")");
        ctl_assert_contains(c.err, "Test ?[2J other (" OTHER ")");
        assert_int_equal(ctl_run(&c, "record", "-y", file, "test", NULL), 2);
        assert_int_equal(ctl_run(&c, "record", "-y", file, "nobody's", NULL), 4);
        ctl_assert_contains(c.err, "BlueZ knows no strap 'nobody's'");
        assert_int_equal(access(file, F_OK), -1);

        assert_int_equal(ctl_run(&c, "record", "-y", "--seconds", "1", file, "test s", NULL), 0);
        ctl_assert_contains(c.out, "Recording Test strap (" STRAP ")");
        assert_int_equal(ctl_run(&c, "record", "-yf", "--seconds", "1", "--name", file, "c0:ff:ee:00:00:02",
                                         NULL),
                        0);
        ctl_assert_contains(c.out, "Recording Test ?[2J other (" OTHER ")");
        assert_int_equal(count_lines(h, "# The strap: Test [?]?2J other (" OTHER ")"), 1);
        assert_int_equal(count_lines(h, "[0-9]* link up"), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_record),
                harness_test(test_alone),
                harness_test(test_bluetoothd_restarts),
                harness_test(test_consent),
                harness_test(test_target),
                harness_test(test_stranger),
                harness_test(test_choice),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
