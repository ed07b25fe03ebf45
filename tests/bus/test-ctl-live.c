/* SPDX-License-Identifier: MIT */
/* cardioctl and the real daemon: a run from `start` to `delete`, and what the daemon refuses. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ctl-fixture.h"
#include "run-fixture.h"
#include "shim-fixture.h"

#define POLAR        "A0:9E:1A:12:34:56"
#define POLAR_OBJECT CARDIO_SENSOR_PREFIX "/A0_9E_1A_12_34_56"
#define CONFIG                                          \
        "[runner]\nage = 23\nresting-heart-rate = 50\n" \
        "[ceiling]\nhold = 1s\n"                        \
        "[storage]\ncommit-interval = 1s\n"

/* A strap that sends 152 bpm ten times a second. */
static void start_strap(Harness *h)
{
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " POLAR " \"Polar\\x1b[2J H10\" trusted");
        harness_standin(h, "advertise " POLAR);
        harness_standin(h, "pace 100ms");
        harness_standin(h, "stream " POLAR " 152");
        harness_wait_property(h, POLAR_OBJECT, CARDIO_SENSOR_INTERFACE, "State", "live", HARNESS_TIMEOUT);
}

/* Nothing that needs a date is shown as if it were known. */
static void test_no_clock(Harness *h)
{
        ClockShim *clock = clock_begin(harness_path(h, "clock"));
        _cleanup_ctl_ Ctl c = { .h = h };

        clock->offset.realtime_usec = INT64_C(86400000000) - (int64_t)run_realtime_usec();
        harness_daemon_start(h, "[runner]\nborn = 1986\n", DAEMON_SYSTEM);
        shim_inherit_no_more();
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, ", maximum 182 (as far as is known without a date)\n");
        ctl_assert_contains(
                        c.out, "Trouble     the clock is not set, so that no date is known, and no age\n");
        assert_int_equal(ctl_run(&c, "doctor", NULL), 1);
        ctl_assert_contains(c.out, "failure  clock ");
        assert_int_equal(ctl_run(&c, "today", NULL), 1);
        ctl_assert_contains(c.err, "the clock of this machine is not set");
        clock_step(clock, -clock->offset.realtime_usec);
        run_wait_manager(h, "ClockSet", "true");
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "the clock is not set"));
        assert_null(strstr(c.out, "without a date"));
        clock_end(clock);
}

/* Asked until there is something that waits. */
static bool is_refused(Harness *h, void *userdata)
{
        Ctl *c = userdata;

        (void)h;
        return ctl_run(c, "status", NULL) == 0 && strstr(c->out, ") holds a lock on ");
}

static void test_run(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        start_strap(h);

        assert_int_equal(ctl_run(&c, "start", "long", NULL), 0);
        assert_string_equal(c.out, "Recording session 1. `cardioctl stop` ends it.\n"
                                   "Ceiling     146 bpm (65%hrr, from the configuration)\n");
        (void)harness_wait_signal(h, CARDIO_MANAGER_INTERFACE, "OverLimit", HARNESS_TIMEOUT);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Strap       Polar?[2J H10, live");
        ctl_assert_contains(c.out, "Heart rate  152 bpm, smoothed 152, zone 2, 6 over the ceiling\n");
        ctl_assert_contains(c.out, "Session     1, long, recording since ");
        assert_null(strstr(c.out, "no heart rate"));
        ctl_assert_contains(c.out, "Ceiling     146 bpm (65%hrr, from the configuration)\n");
        ctl_assert_contains(c.out,
                        "Runner      resting 50 (provisional: fewer than seven mornings), maximum 197\n");
        assert_int_equal(ctl_run(&c, "sessions", NULL), 0);
        ctl_assert_contains(c.out, "recording");

        /* The strap is lost: the session goes on, with nothing in it. */
        harness_standin(h, "leave " POLAR);
        harness_wait_property(h, POLAR_OBJECT, CARDIO_SENSOR_INTERFACE, "State", "absent", HARNESS_TIMEOUT);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "J H10, absent");
        ctl_assert_contains(c.out, ", no heart rate now\n");

        assert_int_equal(ctl_run(&c, "stop", NULL), 0);
        ctl_assert_contains(c.out, "Session 1 has ended.");
        ctl_assert_contains(c.out,
                        "Not recording by itself until you have rested; `cardioctl start` begins again.\n");
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Session     not recording by itself until you have rested; ");
        assert_int_equal(ctl_run(&c, "show", "last", NULL), 0);
        ctl_assert_contains(c.out, "Session 1  ");
        ctl_assert_contains(c.out, " long\n");
        ctl_assert_contains(c.out, "Heart rate  average 152, lowest 152, peak 152\n");
        ctl_assert_contains(c.out, ", a breach of ");
        ctl_assert_contains(c.out, "\nToo fast\n");

        assert_int_equal(ctl_run(&c, "delete", "last", "--yes", NULL), 0);
        assert_int_equal(ctl_run(&c, "show", "1", NULL), 4);
        assert_int_equal(ctl_run(&c, "delete", "1", "--yes", NULL), 4);
        ctl_assert_contains(c.err, "no session 1");
}

/* Faults that only `doctor` reported before. */
static void test_troubles(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        sqlite3 *db = NULL;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_wait_manager(h, "Bluetooth", CARDIO_BLUETOOTH_NO_BLUEZ);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Trouble     BlueZ, the Bluetooth service, is not running\n");
        start_strap(h);
        run_wait_manager(h, "Bluetooth", CARDIO_BLUETOOTH_ON);
        assert_int_equal(ctl_run(&c, "start", NULL), 0);
        assert_int_equal(sqlite3_open(harness_path(h, "cardiod.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        assert_true(harness_wait(h, is_refused, &c, 4 * HARNESS_TIMEOUT));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        run_wait_manager(h, "Waiting", "0");
        assert_int_equal(ctl_run(&c, "stop", NULL), 0);

        harness_standin(h, "adapter power hci0 off");
        run_wait_manager(h, "Bluetooth", CARDIO_BLUETOOTH_OFF);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Trouble     hci0 is switched off\n");
        harness_standin(h, "adapter remove hci0");
        run_wait_manager(h, "Bluetooth", CARDIO_BLUETOOTH_NO_ADAPTER);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Trouble     there is no Bluetooth adapter\n");
}

static void test_refusals(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        assert_int_equal(ctl_run(&c, "stop", NULL), 1);
        assert_int_equal(ctl_run(&c, "start", NULL), 4);
        assert_int_equal(ctl_run(&c, "start", "bogus", NULL), 2);
        assert_int_equal(ctl_run(&c, "ceiling", "101%hrr", NULL), 2);
        ctl_assert_contains(c.err, "65%hrr");
        assert_int_equal(ctl_run(&c, "delete", "7", "--yes", NULL), 4);
        assert_int_equal(ctl_run(&c, "show", "last", NULL), 4);

        harness_write_file(h, "cardiod.conf", "[runner]\nage = old\n");
        assert_int_equal(ctl_run(&c, "reload", NULL), 1);
        ctl_assert_contains(c.err, "cardiod.conf:2");
        harness_write_file(h, "cardiod.conf", CONFIG);
        assert_int_equal(ctl_run(&c, "reload", NULL), 0);
}

static void test_settings(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        harness_daemon_start(h, CONFIG, DAEMON_USER);
        assert_int_equal(ctl_run(&c, "ceiling", NULL), 0);
        assert_string_equal(c.out, "146 bpm (65%hrr, from the configuration)\n");
        assert_int_equal(ctl_run(&c, "ceiling", "75%max", NULL), 0);
        assert_string_equal(c.out, "148 bpm (75%max, set by command)\n");
        assert_int_equal(ctl_run(&c, "--user", "ceiling", "off", NULL), 0);
        assert_string_equal(c.out, "none (off, set by command)\n");
        assert_int_equal(ctl_run(&c, "ceiling", "default", NULL), 0);
        assert_string_equal(c.out, "146 bpm (65%hrr, from the configuration)\n");

        assert_int_equal(ctl_run(&c, "snooze", "10min", NULL), 0);
        ctl_assert_contains(c.out, "Alerts are snoozed until ");
        assert_int_equal(ctl_run(&c, "snooze", "0", NULL), 0);
        assert_string_equal(c.out, "Alerts are on.\n");

        assert_int_equal(ctl_run(&c, "db", NULL), 0);
        ctl_assert_contains(c.out, "/cardiod.db\n");
}

/* The database is as readable without the daemon as with it, and a reader leaves what lies beside it. */
static void test_after_the_daemon(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = harness_path(h, "cardiod.db");

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        start_strap(h);
        assert_int_equal(ctl_run(&c, "start", NULL), 0);
        harness_pass_time(h, USEC_PER_SEC);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", NULL), 0);
                assert_string_equal(ctl_json(&c, "$[0].id"), "1");
                assert_int_equal(access(harness_path(h, "cardiod.db-wal"), F_OK), 0);
                assert_int_equal(access(harness_path(h, "cardiod.db-shm"), F_OK), 0);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_no_clock),
                harness_test(test_run),
                harness_test(test_troubles),
                harness_test(test_refusals),
                harness_test(test_settings),
                harness_test(test_after_the_daemon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
