/* SPDX-License-Identifier: MIT */
/* cardioctl setup, on a terminal with the real daemon: from nothing to a strap that is recorded, and that nothing has changed
 * wherever the runner stops. */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bluez-fixture.h"
#include "ctl-fixture.h"
#include "terminal.h"

#define OTHER       "C0:FF:EE:00:00:02"
#define ROWS        100
#define COLUMNS     200
#define SETUP_CONF  "cardiod.conf.d/setup.conf"
#define NOTIFY_CONF "config/cardiod/notify.conf"
#define CONFIG      "[session]\nstart-above = off\n[storage]\ncommit-interval = 100ms\n"

/* A desktop, a systemctl that keeps what it is asked for, and an adapter without straps. */
static void begin(Harness *h, const char *config)
{
        char path[4096];

        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)setenv("TERM", "xterm", 1);
        assert_int_equal(mkdir(harness_path(h, "bin"), 0755), 0);
        harness_write_file(h, "bin/systemctl", "#!/bin/sh\necho \"$*\" >>\"$HOME/systemctl.log\"\n");
        assert_int_equal(chmod(harness_path(h, "bin/systemctl"), 0755), 0);
        if (!strstr(getenv("PATH"), "cardio-test"))
                (void)setenv("ORIGINAL_PATH", getenv("PATH"), 1);
        (void)snprintf(path, sizeof(path), "%s:%s", harness_path(h, "bin"), getenv("ORIGINAL_PATH"));
        (void)setenv("PATH", path, 1);
        assert_true(sd_bus_request_name(harness_bus(h, BUS_SESSION), "org.freedesktop.Notifications", 0) >=
                        0);
        bluez_begin(h, config);
}

static void add_strap(Harness *h)
{
        harness_standin(h, "strap add hci0 " STRAP " \"Polar\\x1b[2J H10\"");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "pace 100ms");
        harness_standin(h, "stream " STRAP " 64");
}

static Terminal *run_setup(Harness *h)
{
        return terminal_run(h, ROWS, COLUMNS, "setup", "--config", harness_path(h, "cardiod.conf"), NULL);
}

static void expect(Terminal *t, unsigned *row, const char *pattern)
{
        *row = terminal_find(t, *row, pattern) + 1;
}

/* An answer, once the question is there, below what was asked before. */
static void answer(Terminal *t, unsigned *row, const char *question, const char *line)
{
        expect(t, row, question);
        terminal_type(t, line);
        terminal_type(t, "\r");
}

static void assert_file(Harness *h, const char *name, const char *expected)
{
        _cleanup_free_ char *text = harness_read_file(h, name);

        assert_string_equal(text, expected);
}

/* -- The whole way -- */

#define HEAD \
        "# Answers given to `cardioctl setup`, which changes them when it is run again. See cardiod.conf(5).\n"

static void test_from_nothing(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        unsigned row = 0;

        begin(h, CONFIG);
        add_strap(h);
        t = run_setup(h);
        answer(t, &row, "When were you born, as in 1986 or 1986-05-17, or how old are you[?]", "");
        expect(t, &row, "This one needs an answer: *");
        answer(t, &row, "When were you born*", "1880");
        expect(t, &row, "born: \"1880\" is out of range; accepted: a year or a day, as in 1986 or 1986-05-17, *");
        answer(t, &row, "When were you born*", "23");
        answer(t, &row, "Your resting heart rate in bpm[?] [[]tomorrow]", "300");
        expect(t, &row, "resting-heart-rate: \"300\" is out of range; accepted: 25 to 120 bpm");
        answer(t, &row, "Your resting heart rate*", "50 ; lying");
        answer(t, &row, "Is each run to be easy, or does the coach decide: easy or coach[?] [[]easy]", "30");
        expect(t, &row, "`ceiling = 30` means 30 bpm: did you mean `30%hrr`[?]");
        answer(t, &row, "Do you mean that, yes or no[?] [[]no]", "");
        answer(t, &row, "Is each run to be easy*", "c");
        answer(t, &row, "Do you take days off from running, yes or no[?] [[]yes]", "");
        answer(t, &row, "Are you a new, returning, regular or seasoned runner[?] [[]regular]", "new");
        answer(t, &row, "Look for it now, yes or no[?] [[]yes]", "");
        expect(t, &row, "1  Polar[?][[]2J H10  " STRAP "  -60 dBm");
        answer(t, &row, "Is this your strap, yes or no[?] [[]yes]", "");
        answer(t, &row, "Show alerts on this desktop, yes or no[?] [[]yes]", "");
        answer(t, &row, "With a sound, yes or no[?] [[]yes]", "");
        answer(t, &row, "Said aloud, *, yes or no[?] [[]no]", "yes");
        expect(t, &row, "Strap       trust Polar[?][[]2J H10 (" STRAP ")");
        expect(t, &row, "Alerts      sound on, speech on, in *");
        /* It is not trusted, and nothing written, before the last question is answered. */
        expect(t, &row, "Do all this, yes or no[?] [[]yes]");
        bluez_assert_calls(h, "call Connect *", 0);
        assert_int_equal(access(harness_path(h, SETUP_CONF), F_OK), -1);
        harness_standin(h, "expect quiet hci0 10s");
        terminal_type(t, "\r");
        expect(t, &row, "Written: */cardiod.conf.d/setup.conf");
        expect(t, &row, "cardiod goes by it from now on.");
        expect(t, &row, "Polar[?][[]2J H10 is yours: it will be recorded by itself.");
        expect(t, &row, "Written: */notify.conf");
        expect(t, &row, "cardio-notify runs now, and with each login.");
        expect(t, &row, "ok       bus *");
        expect(t, &row, "ok       configuration  *, resting 50 (provisional), maximum 197");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_null(strstr(terminal_sent(t), "\033[2J H10"));

        assert_file(h, SETUP_CONF,
                        HEAD
                        "\n[runner]\nage = 23\nresting-heart-rate = 50\n\n[ceiling]\nceiling = auto\n\n[coach]\nlevel = new\n");
        assert_file(h, NOTIFY_CONF, "[notify]\nspeak = yes\n");
        assert_file(h, "systemctl.log", "--user enable --now cardio-notify\n");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "State", "live", SOON_USEC);
}

/* The present answers are there for Enter, and what changes is changed where it stands. */
static void test_again(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL, *changing = NULL;
        unsigned row = 0;

        begin(h, CONFIG);
        assert_int_equal(mkdir(harness_path(h, "cardiod.conf.d"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "config"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "config/cardiod"), 0755), 0);
        harness_write_file(h, SETUP_CONF,
                        "# hers\n[runner]\nage = 39 ; until May\nresting-heart-rate = 52\n[zones]\nhysteresis = 2\n"
                        "[ceiling]\nceiling = auto\n[coach]\nlevel = seasoned\n");
        harness_write_file(h, NOTIFY_CONF, "[notify]\nsound = off ; loud enough\nspeak = on\n");
        bluez_strap_live(h);
        t = run_setup(h);
        answer(t, &row, "When were you born, * [[]39 years]", "");
        answer(t, &row, "Your resting heart rate in bpm[?] [[]52]", "tomorrow");
        answer(t, &row, "Is each run to be easy, * [[]coach]", "");
        answer(t, &row, "Do you take days off * [[]yes]", "");
        answer(t, &row, "Are you a new, * [[]seasoned]", "");
        expect(t, &row, "Test strap is yours already (" STRAP ", live).");
        answer(t, &row, "Look for another one, yes or no[?] [[]no]", "");
        answer(t, &row, "Show alerts on this desktop, yes or no[?] [[]no]", "");
        expect(t, &row, "All is as you said; there is nothing to do.");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_file(h, "systemctl.log", "");

        changing = run_setup(h);
        row = 0;
        answer(changing, &row, "When were you born, *", "1987-05-17");
        answer(changing, &row, "Your resting heart rate *", "");
        answer(changing, &row, "Is each run to be easy, *", "140");
        answer(changing, &row, "Do you take days off *", "n");
        answer(changing, &row, "Are you a new, *", "");
        answer(changing, &row, "Look for another one, *", "");
        answer(changing, &row, "Show alerts *", "y");
        answer(changing, &row, "With a sound, yes or no[?] [[]no]", "y");
        answer(changing, &row, "Said aloud, *, yes or no[?] [[]yes]", "");
        answer(changing, &row, "Do all this, *", "y");
        assert_int_equal(terminal_wait_end(changing), 0);
        assert_file(h, SETUP_CONF,
                        "# hers\n[runner]\nresting-heart-rate = 52\nborn = 1987-05-17\n[zones]\nhysteresis = 2\n"
                        "[ceiling]\nceiling = 140\n[coach]\nlevel = seasoned\nrest-days = no\n");
        assert_file(h, NOTIFY_CONF, "[notify]\nsound = yes ; loud enough\nspeak = on\n");
        assert_file(h, "systemctl.log", "--user enable --now cardio-notify\n");
}

/* One that runs reads its configuration again, and is stopped if that is the answer. */
static void test_notifier_runs(Harness *h)
{
        static const char *const answers[][2] = { { "yes", "--user reload cardio-notify\n" },
                { "no", "--user reload cardio-notify\n--user disable --now cardio-notify\n" } };

        begin(h, CONFIG "[runner]\nage = 23\n");
        assert_true(sd_bus_request_name(harness_bus(h, BUS_SESSION), CARDIO_NOTIFY_BUS_NAME, 0) >= 0);
        for (size_t i = 0; i < ELEMENTSOF(answers); i++) {
                Terminal *t = run_setup(h);
                unsigned row = 0;

                for (unsigned k = 0; k < 5; k++)
                        answer(t, &row, "*[[]*[]]", "");
                answer(t, &row, "Look for it now*", "no");
                answer(t, &row, "Show alerts *[[]yes]", answers[i][0]);
                if (i == 0) {
                        answer(t, &row, "With a sound*", "");
                        answer(t, &row, "Said aloud*", "yes");
                }
                answer(t, &row, "Do all this*", "");
                assert_int_equal(terminal_wait_end(t), 0);
                assert_file(h, "systemctl.log", answers[i][1]);
                (void)terminal_free(t);
        }
        assert_file(h, NOTIFY_CONF, "[notify]\nspeak = yes\n");
}

/* -- Stopping -- */

static char listing[16384];

static int list(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        const char *name = path + ftw->base;
        size_t n = strlen(listing);

        (void)type;
        /* What the harness and the daemon write anyway. */
        if (strstr(name, ".out") || strstr(name, ".err") || strstr(name, ".db") || strstr(name, "-bus"))
                return 0;
        (void)snprintf(listing + n, sizeof(listing) - n, "%s %o %lld.%09ld\n", path, st->st_mode,
                        (long long)st->st_mtim.tv_sec, S_ISREG(st->st_mode) ? st->st_mtim.tv_nsec : 0L);
        return 0;
}

/* All that setup could write, with when files were changed. */
static const char *list_all(Harness *h)
{
        static const char *const names[] = { "config", "cardiod.conf", "cardiod.conf.d" };

        listing[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (access(harness_path(h, names[i]), F_OK) == 0)
                        assert_int_equal(nftw(harness_path(h, names[i]), list, 8, FTW_PHYS), 0);
        return listing;
}

static bool has_copy(Harness *h)
{
        char command[4096];
        FILE *f;
        int c;

        (void)snprintf(command, sizeof(command), "ls -d '%s'/cardioctl-setup.* 2>/dev/null",
                        harness_path(h, "."));
        f = popen(command, "re");
        assert_non_null(f);
        c = getc(f);
        (void)pclose(f);
        return c != EOF;
}

/* At each question, the last one among them, with Ctrl-C, Ctrl-D, and by the terminal's end. */
static void test_stopped_anywhere(Harness *h)
{
        static const struct {
                const char *question, *line;
        } steps[] = {
                { "When were you born*", "1986" },
                { "Your resting heart rate*", "52" },
                { "Is each run to be easy*", "30" },
                { "Do you mean that*", "yes" },
                { "Do you take days off*", "no" },
                { "Are you a new*", "new" },
                { "Look for it now*", "no" },
                { "Show alerts*", "yes" },
                { "With a sound*", "no" },
                { "Said aloud*", "yes" },
                { "Do all this*", NULL },
        };
        static const char *const keys[] = { "\003", "\004" };
        _cleanup_free_ char *before = NULL;

        begin(h, CONFIG);
        before = strdup(list_all(h));
        for (size_t stop = 0; stop < 2 * ELEMENTSOF(steps); stop++) {
                Terminal *t = run_setup(h);
                unsigned row = 0;

                for (size_t i = 0; i < stop / 2; i++)
                        answer(t, &row, steps[i].question, steps[i].line);
                expect(t, &row, steps[stop / 2].question);
                terminal_type(t, keys[stop % 2]);
                assert_int_equal(terminal_wait_end(t), 1);
                expect(t, &row, "cardioctl: broken off; none of the answers is kept");
                assert_string_equal(list_all(h), before);
                assert_false(has_copy(h));
                (void)terminal_free(t);
        }
        assert_file(h, "systemctl.log", "");
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Set *", 0);
}

/* While a strap is looked for, once it is found, and when the terminal is closed. The search ends with it. */
static void test_stopped_while_searching(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL, *found = NULL, *closed = NULL;
        _cleanup_free_ char *before = NULL;
        unsigned row = 0;

        begin(h, CONFIG "[runner]\nage = 23\n");
        before = strdup(list_all(h));
        t = run_setup(h);
        for (unsigned i = 0; i < 5; i++)
                answer(t, &row, "*[[]*[]]", "");
        answer(t, &row, "Look for it now, *", "");
        harness_standin(h, "expect discovering hci0 10s");
        terminal_type(t, "\003");
        assert_int_equal(terminal_wait_end(t), 1);
        harness_standin(h, "expect quiet hci0 10s");

        found = run_setup(h);
        row = 0;
        for (unsigned i = 0; i < 5; i++)
                answer(found, &row, "*[[]*[]]", "");
        answer(found, &row, "Look for it now, *", "");
        add_strap(h);
        expect(found, &row, "Is this your strap*");
        terminal_type(found, "\003");
        assert_int_equal(terminal_wait_end(found), 1);
        harness_standin(h, "expect quiet hci0 10s");

        closed = run_setup(h);
        row = 0;
        expect(closed, &row, "When were you born*");
        terminal_hang_up(closed);
        assert_int_equal(terminal_wait_end(closed), 1);
        assert_string_equal(list_all(h), before);
        assert_false(has_copy(h));
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Set *", 0);
}

/* -- What is in the way -- */

/* A file that is read later has the last word, so that is not asked; nor is what the mornings say. */
static void test_decided_elsewhere(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        unsigned row = 0;

        begin(h, CONFIG);
        assert_int_equal(mkdir(harness_path(h, "cardiod.conf.d"), 0755), 0);
        harness_write_file(h, "cardiod.conf.d/aaa.conf", "[coach]\nrest-days = no\n");
        harness_write_file(h, "cardiod.conf.d/zzz.conf", "[coach]\nlevel = new\n[runner]\nborn = 1990\n");
        assert_int_equal(harness_call(h, NULL, NULL, "org.cardiod1.Coach.AddResting", "sd", "2026-01-01",
                                         48.0),
                        0);
        harness_standin(h, "adapter power hci0 off");
        harness_wait_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Bluetooth", CARDIO_BLUETOOTH_OFF,
                        SOON_USEC);
        assert_int_equal(mkdir(harness_path(h, "config"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "config/cardiod"), 0755), 0);
        harness_write_file(h, NOTIFY_CONF, "[notify]\nspeak = perhaps\n");
        t = run_setup(h);
        expect(t, &row, "`born` is set in */zzz.conf, which is read last: change it there.");
        expect(t, &row, "Your resting heart rate is 48 bpm, by your mornings. *");
        answer(t, &row, "Is each run to be easy*", "");
        answer(t, &row, "Do you take days off *[[]no]", "yes");
        expect(t, &row, "`level` is set in */zzz.conf, which is read last: change it there.");
        expect(t, &row, "Bluetooth is not there or not on, *");
        answer(t, &row, "Show alerts *", "");
        expect(t, &row, "*/notify.conf cannot be used, and stays as it is: */notify.conf:2: speak: *");
        answer(t, &row, "Do all this*", "");
        expect(t, &row, "failure  adapter *");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_file(h, SETUP_CONF, HEAD "\n[coach]\nrest-days = yes\n");
        assert_file(h, NOTIFY_CONF, "[notify]\nspeak = perhaps\n");
        assert_null(strstr(terminal_sent(t), "All set."));
}

/* What is wrong with it before is to be mended first. */
static void test_mistake(Harness *h)
{
        static const char binary[] = "[runner]\nage = 3\0003\n";
        _cleanup_terminal_ Terminal *t = NULL, *other = NULL;
        unsigned row = 0;
        FILE *file;

        begin(h, CONFIG);
        file = fopen(harness_path(h, "cardiod.conf"), "we");
        assert_non_null(file);
        assert_int_equal(fwrite(binary, 1, sizeof(binary) - 1, file), sizeof(binary) - 1);
        assert_int_equal(fclose(file), 0);
        other = run_setup(h);
        assert_int_equal(terminal_wait_end(other), 1);
        expect(other, &row, "cardioctl: /*/cardiod.conf cannot be read: it is no text");

        harness_write_file(h, "cardiod.conf", "[runner]\nage = old\n");
        row = 0;
        t = run_setup(h);
        assert_int_equal(terminal_wait_end(t), 1);
        expect(t, &row, "cardioctl: the configuration has a mistake, *: /*/cardiod.conf:2: age: \"old\" is not understood; *");
        assert_false(has_copy(h));
}

static void test_no_terminal(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "setup", NULL), 2);
        assert_string_equal(c.out, "");
        ctl_assert_contains(c.err,
                        "`setup` asks its questions on a terminal; elsewhere write a file NAME.conf into " CARDIO_SYSTEM_CONFIG
                        ".d");
}

/* A step that fails keeps no other one back. */
static void test_steps_fail(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        unsigned row = 0;

        begin(h, CONFIG);
        add_strap(h);
        harness_standin(h, "strap add hci0 " OTHER " Another");
        harness_standin(h, "advertise " OTHER);
        harness_standin(h, "fail Connect org.bluez.Error.Failed le-connection-abort-by-local");
        harness_write_file(h, "bin/systemctl", "#!/bin/sh\necho 'no unit file' >&2\nexit 1\n");
        t = run_setup(h);
        answer(t, &row, "When were you born*", "1986");
        for (unsigned i = 0; i < 5; i++)
                answer(t, &row, "*[[]*[]]", "");
        answer(t, &row, "Which is yours, 1 to 2, or none[?] [[]none]", "3");
        expect(t, &row, "One of: 1 2 none; or just Enter.");
        answer(t, &row, "Which is yours, *", "2");
        for (unsigned i = 0; i < 3; i++)
                answer(t, &row, "*[[]*[]]", "");
        answer(t, &row, "Do all this*", "");
        expect(t, &row, "cardioctl: *Most likely another phone or watch holds it*");
        expect(t, &row, "cardioctl: `systemctl --user enable --now cardio-notify` has failed (no unit file); *");
        expect(t, &row, "ok       bus *");
        assert_int_equal(terminal_wait_end(t), 1);
        assert_file(h, SETUP_CONF, HEAD "\n[runner]\nborn = 1986\n");
}

/* A distribution may have the notifier in a package of its own. */
static void test_notifier_is_not_installed(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        unsigned row = 0;

        begin(h, CONFIG);
        harness_write_file(h, "bin/systemctl",
                        "#!/bin/sh\necho 'Failed to enable unit: Unit file cardio-notify.service does not exist.' >&2\nexit 1\n");
        t = run_setup(h);
        answer(t, &row, "When were you born*", "1986");
        for (unsigned i = 0; i < 4; i++)
                answer(t, &row, "*[[]*[]]", "");
        answer(t, &row, "Look for it now*", "no");
        for (unsigned i = 0; i < 3; i++)
                answer(t, &row, "*[[]*[]]", "");
        answer(t, &row, "Do all this*", "");
        expect(t, &row, "cardioctl: `systemctl --user enable --now cardio-notify` has failed (*does not exist.); *cardiod-desktop*");
        expect(t, &row, "ok       bus *");
        assert_int_equal(terminal_wait_end(t), 1);
}

/* All but the strap can be set up without a daemon. */
static void test_no_daemon(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        unsigned row = 0;

        (void)setenv("LC_ALL", "C.UTF-8", 1);
        t = terminal_run(h, ROWS, COLUMNS, "setup", "--user", NULL);
        expect(t, &row, "cardiod is not running, *start it with `systemctl --user enable --now cardiod`*");
        answer(t, &row, "When were you born*", "1986");
        for (unsigned i = 0; i < 4; i++)
                answer(t, &row, "*[[]*[]]", "");
        expect(t, &row, "There is no desktop here that shows notifications, *");
        answer(t, &row, "Do all this*", "");
        expect(t, &row, "cardiod goes by it when it is started.");
        expect(t, &row, "failure  daemon *");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_file(h, "config/cardiod/cardiod.conf.d/setup.conf", HEAD "\n[runner]\nborn = 1986\n");
}

/* Somebody who is not in the group, and may not write the file: the command that is printed writes it. */
static void test_stranger(Harness *h)
{
        const char *const argv[] = { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                BUILD "/cardioctl", "setup", "--config", harness_path(h, "cardiod.conf"), NULL };
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_free_ char *command = NULL;
        char *begin_of, *end, *sudo, *kept;
        unsigned row = 0;

        if (getuid() != 0)
                harness_skip(h, "needs root, to be somebody else");
        assert_int_equal(chmod(harness_path(h, "."), 0755), 0);
        begin(h, CONFIG);
        assert_int_equal(mkdir(harness_path(h, "cardiod.conf.d"), 0755), 0);
        harness_write_file(h, SETUP_CONF, "# it's mine\n");
        t = terminal_run_program(h, ROWS, COLUMNS, argv);
        expect(t, &row, "cardiod does not let you in, since *group cardiod, so that no strap can be looked for: `sudo *");
        answer(t, &row, "When were you born*", "1986");
        for (unsigned i = 0; i < 4; i++)
                answer(t, &row, "*[[]*[]]", "");
        expect(t, &row, "There is no desktop here *");
        answer(t, &row, "Do all this*", "");
        expect(t, &row, "You may not write */setup.conf. Give this command, *");
        answer(t, &row, "Then press Enter here; s skips it.", "");
        expect(t, &row, "*/setup.conf is not there yet, or not as above.");
        expect(t, &row, "Then press Enter here; s skips it.");

        command = strdup(terminal_sent(t));
        begin_of = strstr(command, "\nprintf %s ");
        assert_non_null(begin_of);
        sudo = strstr(begin_of, "| sudo ");
        assert_non_null(sudo);
        memset(sudo + 2, ' ', strlen("sudo"));
        end = strstr(sudo, "\r\n");
        assert_non_null(end);
        *end = '\0';
        kept = begin_of; /* a terminal is pasted from without its carriage returns */
        for (const char *c = begin_of; *c; c++)
                if (*c != '\r')
                        *kept++ = *c;
        *kept = '\0';
        assert_int_equal(system(begin_of), 0);
        terminal_type(t, "\r");
        expect(t, &row, "Written: */setup.conf");
        expect(t, &row, "cardiod goes by it after `sudo systemctl reload cardiod`.");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_file(h, SETUP_CONF, "# it's mine\n\n[runner]\nborn = 1986\n");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_from_nothing),
                harness_test(test_again),
                harness_test(test_notifier_runs),
                harness_test(test_stopped_anywhere),
                harness_test(test_stopped_while_searching),
                harness_test(test_decided_elsewhere),
                harness_test(test_mistake),
                harness_test(test_no_terminal),
                harness_test(test_steps_fail),
                harness_test(test_notifier_is_not_installed),
                harness_test(test_no_daemon),
                harness_test(test_stranger),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
