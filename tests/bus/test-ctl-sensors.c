/* SPDX-License-Identifier: MIT */
/* cardioctl with foot pods and treadmills: what they are called, how one becomes the runner's, and what a run shows of them. With
 * the real daemon and the stand-in BlueZ. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bluez-fixture.h"
#include "ctl-fixture.h"
#include "run-fixture.h"

#define POD       "C0:FF:EE:00:00:05"
#define POD_PATH  CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_05"
#define MILL      "C0:FF:EE:00:00:06"
#define MILL_PATH CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_06"

static void begin(Harness *h)
{
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        bluez_begin(h, RUN_BASE);
}

static void add_pod(Harness *h)
{
        harness_standin(h, "strap add hci0 " POD " Stryd trusted foot-pod");
        harness_standin(h, "advertise " POD);
        harness_standin(h, "expect pacing " POD " 20s");
}

static void wait_live(Harness *h, const char *path)
{
        harness_wait_property(h, path, CARDIO_SENSOR_INTERFACE, "State", "live", SOON_USEC);
}

static void test_scan(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        begin(h);
        harness_standin(h, "strap add hci0 " POD " Stryd foot-pod");
        harness_standin(h, "advertise " POD);
        child = harness_program_start(h, "cardioctl", "scan", "--for", "0");
        harness_wait_output(h, child, false, POD "    -60 dBm  new      foot pod   Stryd", SOON_USEC);
        assert_int_equal(harness_child_end(h, child, SIGINT), 0);
        harness_wait_output(h, child, false,
                        "`cardioctl trust " POD
                        "` makes it yours: its pace goes into each run that a strap records.",
                        SOON_USEC);
        harness_standin(h, "expect quiet hci0 10s");
        /* It is no strap, and nobody's yet. */
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Strap       none known; ");
        assert_null(strstr(c.out, "Stryd"));
        assert_int_equal(ctl_run(&c, "completions", "straps", NULL), 0);
        ctl_assert_contains(c.out, POD "\tStryd, a foot pod\n");
}

/* By its name; its first pace is waited for, also of a belt that stands. */
static void test_trust(Harness *h)
{
        _cleanup_free_ char *out = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        begin(h);
        harness_standin(h, "strap add hci0 " MILL " Mill known treadmill");
        harness_standin(h, "advertise " MILL);
        child = harness_program_start(h, "cardioctl", "trust", "mill");
        harness_standin(h, "expect pacing " MILL " 20s");
        harness_wait_output(
                        h, child, false, "Trusted. Waiting for the first pace: start the belt.", SOON_USEC);
        harness_standin(h, "speed " MILL " 0 distance 0 incline 1");
        assert_int_equal(harness_child_end(h, child, 0), 0);
        out = harness_child_output(h, child, false);
        ctl_assert_contains(out, "Mill is yours: its pace goes into each run that a strap records.\n"
                                 "Pace        -\n");
        assert_null(strstr(out, "Heart rate"));

        assert_int_equal(ctl_run(&c, "doctor", NULL), 1);
        ctl_assert_contains(c.out, "ok       treadmill ");
        ctl_assert_contains(c.out, "Mill (" MILL ") is live\n");
        ctl_assert_contains(c.out, "no strap is yours");
        ctl_assert_contains(c.out, "warning  pace ");
        harness_standin(h, "leave " MILL);
        harness_wait_property(h, MILL_PATH, CARDIO_SENSOR_INTERFACE, "State", "absent", SOON_USEC);
        assert_int_equal(ctl_run(&c, "doctor", NULL), 1);
        ctl_assert_contains(c.out, "is switched on nearby, and no app on a phone holds it");
        assert_int_equal(ctl_run(&c, "forget", "Mill", NULL), 0);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "Mill"));
}

/* Beside the strap there are its state and its pace, and in a run how far that has come. */
static void test_run(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)setenv("LC_ALL", "C.UTF-8", 1);
        bluez_begin_by_clock(h, RUN_BASE);
        run_strap(h, STRAP);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "Pace limit"));
        add_pod(h);
        harness_standin(h, "speed " POD " 2.5 cadence 84 distance 10");
        wait_live(h, POD_PATH);
        run_heart_rate(h, 120);
        assert_int_equal(ctl_run(&c, "start", "recovery", NULL), 0);
        run_heart_rate(h, 121);
        harness_clock_pass(h, USEC_PER_SEC);
        harness_standin(h, "speed " POD " 2.5 cadence 84 distance 10");
        harness_wait_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Distance", "0", SOON_USEC);
        harness_clock_pass(h, 4 * USEC_PER_SEC);
        harness_standin(h, "speed " POD " 2.5 cadence 84 distance 20");
        harness_wait_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Distance", "10", SOON_USEC);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Foot pod    Stryd, live, battery 90 %, 6:40 /km, 168 steps/min\n");
        ctl_assert_contains(c.out, ", 0.01 km");
        ctl_assert_contains(c.out, "Pace limit  none (0 base runs of 1 km or more ");
        assert_true(strstr(c.out, "Strap  ") < strstr(c.out, "Foot pod  "));
        assert_int_equal(ctl_run(&c, "stop", NULL), 0);
        assert_int_equal(ctl_run(&c, "start", "base", NULL), 0);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        assert_null(strstr(c.out, "Pace limit"));
}

static void test_watch(Harness *h)
{
        Child *child;

        begin(h);
        run_strap(h, STRAP);
        run_heart_rate(h, 120);
        add_pod(h);
        child = harness_program_start(h, "cardioctl", "watch", "--json");
        harness_wait_output(h, child, false, "*\"event\":\"daemon\"*\"speed\":null,\"cadence\":null,*",
                        SOON_USEC);
        harness_standin(h, "speed " POD " 2.5 cadence 84 distance 12");
        harness_wait_output(h, child, false,
                        "*\"event\":\"pace\"*\"pace_address\":\"" POD "\",\"speed\":2.5,\"cadence\":168,*",
                        SOON_USEC);
        (void)harness_child_end(h, child, SIGTERM);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_scan),
                harness_test(test_trust),
                harness_test(test_run),
                harness_test(test_watch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
