/* SPDX-License-Identifier: MIT */

/* What the watchdog is notified of while the disk hangs, while it refuses, and after the machine was suspended. Half an hour
 * passes on the test's own clock (tests/shim/clock-shim.c). */

#include "shim-fixture.h"
#include "systemd-fixture.h"

#include <sqlite3.h>
#include <stdlib.h>

/* Where a test is not about the disk no sync may be under way: half an hour passes sooner than a real disk answers. */
#define SYNCED_AT_ONCE "sync-interval = 200ms\n"
#define SYNCED_LATE    "sync-interval = 1h\n"
#define CONFIG(sync)                                                                               \
        RUN_RUNNER RUN_SMOOTHING "[storage]\ncommit-interval = 200ms\n" sync                       \
                                 "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\n" \
                                 "end-after = 1h\ncool-down = 0s\nmin-duration = 0s\n"
#define WELL      "WATCHDOG=1"
#define COMPLAINT "*not telling the watchdog*"
/* The watchdog is notified every twenty seconds, and a timer may be late by thirty. */
#define WATCHDOG_USEC "40000000"
#define STRIDE_USEC   (21 * USEC_PER_SEC)

typedef struct Stage {
        Harness *h;
        ClockShim *clock;
        Systemd systemd;
} Stage;

static void stage_begin(Stage *s, Harness *h, const char *config)
{
        *s = (Stage){ .h = h, .clock = clock_begin(harness_path(h, "clock")) };
        systemd_begin(h, &s->systemd);
        assert_int_equal(setenv("WATCHDOG_USEC", WATCHDOG_USEC, 1), 0);
        harness_daemon_start(h, config, DAEMON_SYSTEM);
        shim_inherit_no_more();
        systemd_wait(h, &s->systemd, WELL);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_int(h, 1, "SELECT count(*) FROM session");
}

static void stage_end(Stage *s)
{
        systemd_end(&s->systemd);
        clock_end(s->clock);
}

/* The loop runs, and handles what is due by then. */
static void pass(Stage *s, usec_t usec)
{
        systemd_forget(&s->systemd);
        clock_pass(s->clock, (int64_t)usec);
        for (int i = 0; i < 2; i++)
                free(harness_property(s->h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version"));
}

static void stays_well(Stage *s, unsigned strides)
{
        for (unsigned i = 0; i < strides; i++) {
                pass(s, STRIDE_USEC);
                systemd_wait(s->h, &s->systemd, WELL);
        }
        harness_refute_output(s->h, harness_daemon(s->h), true, COMPLAINT);
}

/* A restart may help, but not before five minutes have passed. */
static void test_disk_hangs(Harness *h)
{
        Stage s;

        stage_begin(&s, h, CONFIG(SYNCED_AT_ONCE));
        clock_disk_hangs(s.clock, true);
        run_heart_rate(h, 121);
        pass(&s, USEC_PER_SEC);
        run_heart_rate(h, 122);
        stays_well(&s, 12);
        for (unsigned i = 0; i < 6; i++)
                pass(&s, STRIDE_USEC);
        harness_wait_output(
                        h, harness_daemon(h), true, "*The disk does not answer" COMPLAINT, HARNESS_TIMEOUT);
        run_wait_int(h, 1,
                        "SELECT count(*) > 0 FROM sample WHERE heart_rate = 122"); /* it is written, but not synced */
        clock_disk_hangs(s.clock, false);
        harness_pass_time(h, 500 * USEC_PER_MSEC); /* the sync comes back */
        pass(&s, STRIDE_USEC);
        systemd_wait(h, &s.systemd, WELL);
        stage_end(&s);
}

/* A restart would lose what waits, and not help. */
static void test_disk_refuses(Harness *h)
{
        sqlite3 *db;
        Stage s;

        stage_begin(&s, h, CONFIG(SYNCED_LATE));
        assert_int_equal(sqlite3_open(harness_path(h, "cardiod.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
        run_heart_rate(h, 121);
        harness_wait_output(h, harness_daemon(h), true, "*cannot be written*", HARNESS_TIMEOUT);
        stays_well(&s, 90);
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        pass(&s, STRIDE_USEC);
        run_wait_int(h, 1, "SELECT count(*) > 0 FROM sample WHERE heart_rate = 121");
        stage_end(&s);
}

/* Everything is late then, and nothing is wrong. */
static void test_sleep(Harness *h)
{
        Stage s;

        stage_begin(&s, h, CONFIG(SYNCED_LATE));
        run_heart_rate(h, 121);
        /* Which timer has its turn first is chance. */
        for (unsigned i = 0; i < 20; i++) {
                pass(&s, 50 * USEC_PER_SEC);
                systemd_wait(h, &s.systemd, WELL);
                stays_well(&s, 1);
        }
        pass(&s, 8 * USEC_PER_HOUR);
        systemd_wait(h, &s.systemd, WELL);
        stays_well(&s, 2);
        stage_end(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_disk_hangs),
                harness_test(test_disk_refuses),
                harness_test(test_sleep),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
