/* SPDX-License-Identifier: MIT */

/* One odd packet has no effect: straps send zeros, packets without contact and broken links every few seconds, all run long.
 * The rules are the core's, and tested there; here it is the whole way, from the packet to the row, with
 * times of a second or so in place of ten and twenty, and by a clock of the test's own. */

#include "run-fixture.h"

#define CONFIG                                                                                            \
        RUN_RUNNER RUN_STORAGE                                                                            \
                        "[smoothing]\nwindow = 1s\n[ceiling]\nhold = 1500ms\nclear = 1s\nrepeat = 1min\n" \
                        "[session]\nstart-above = 100\nstart-after = 1500ms\npre-roll = 30s\n"            \
                        "end-after = 1min\ncool-down = 30s\nmin-duration = 0s\n"

/* Many times what it takes. */
#define PACKETS_MAX 300U

/* What a strap sends, 100 ms apart: the odd one in every so many packets is this one, the first at once. */
typedef struct Flicker {
        Harness *h;
        unsigned every;
        const char *odd;
        unsigned n_packets, n_heart_rates;
} Flicker;

static void flicker_send(Flicker *f, unsigned heart_rate)
{
        if (f->n_packets % f->every == 0)
                harness_standin(f->h, "hr " STRAP " %s", f->odd);
        else
                harness_standin(f->h, "hr " STRAP " %u contact yes rr %u", heart_rate,
                                300 + f->n_heart_rates++);
        f->n_packets++;
        harness_clock_pass(f->h, 100 * USEC_PER_MSEC);
}

static void flicker_until(Flicker *f, const char *member, unsigned heart_rate)
{
        for (unsigned i = 0; run_count(f->h, member) == 0; i++) {
                if (i == PACKETS_MAX)
                        harness_fail(f->h, "no %s after %u packets", member, i);
                flicker_send(f, heart_rate + i % 3);
                harness_pass_time(f->h, 0);
        }
}

/* The run is detected, the runner alerted for being too fast and again when they are not any more; and all of it is stored. */
static void expect_run(Harness *h, unsigned every, const char *odd)
{
        static const RunLimits limits = { .hold = 1500, .clear = 1000, .stale = 5000, .window = 1000 };
        Flicker f = { .h = h, .every = every, .odd = odd };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        flicker_until(&f, "SessionStarted", 165);
        flicker_until(&f, "OverLimit", 165);
        assert_int_equal(run_wait(h, "OverLimit").session, 1);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "live", HARNESS_TIMEOUT);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "Contact", "yes", HARNESS_TIMEOUT);
        assert_int_equal(run_count(h, "BackInRange"), 0);
        flicker_until(&f, "BackInRange", 130);

        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        run_check_figures(h, 1, &limits);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), f.n_heart_rates);
        assert_int_equal(run_int(h, "SELECT min_hr >= 130 AND peak_hr <= 167 AND breaches = 1 FROM session"),
                        1);
        assert_int_equal(
                        run_int(h, "SELECT count(*) FROM event WHERE type IN ('gap', 'contact-lost', 'stale')"),
                        0);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
}

static void test_zero_in_seven(Harness *h)
{
        expect_run(h, 7, "0 contact yes");
}

static void test_no_contact_in_twelve(Harness *h)
{
        expect_run(h, 12, "165 contact no");
}

/* Six and nine are what left an alert standing. */
static void test_no_contact_in_six(Harness *h)
{
        expect_run(h, 6, "0 contact no");
}

static void test_implausible_in_nine(Harness *h)
{
        expect_run(h, 9, "255 contact yes");
}

/* Three seconds of it, with nothing else in between, are believed. */
static void test_no_contact_at_all(Harness *h)
{
        Flicker f = { .h = h, .every = 1, .odd = "165 contact no" };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        for (unsigned i = 0; i < 45; i++)
                flicker_send(&f, 165);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "no-contact", HARNESS_TIMEOUT);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "Contact", "no", HARNESS_TIMEOUT);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 0);
}

/* Four packets, no link for longer than stale-after, four packets: a run, too, and one session with gaps. */
static void test_dropped_links(Harness *h)
{
        static const RunLimits limits = { .hold = 1500, .clear = 1000, .stale = 1000, .window = 1000 };
        Flicker f = { .h = h, .every = UINT32_MAX, .odd = "0", .n_packets = 1 };

        harness_daemon_start(h, CONFIG "[sensor]\nstale-after = 1s\n", DAEMON_SYSTEM);
        run_strap(h, STRAP);
        for (unsigned round = 0; round < 4; round++) {
                for (unsigned i = 0; i < 4; i++)
                        flicker_send(&f, 165 + i);
                harness_standin(h, "leave " STRAP);
                harness_wait_property(
                                h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "absent", HARNESS_TIMEOUT);
                harness_clock_pass(h, 1200 * USEC_PER_MSEC);
                harness_standin(h, "advertise " STRAP);
                harness_standin(h, "expect notifying " STRAP " 30s");
        }
        assert_int_equal(run_wait(h, "SessionStarted").session, 1);
        flicker_until(&f, "OverLimit", 165);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        run_check_figures(h, 1, &limits);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), f.n_heart_rates);
        assert_true(run_int(h, "SELECT count(*) FROM event WHERE type = 'gap'") >= 3);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_zero_in_seven),
                harness_clock_test(test_no_contact_in_twelve),
                harness_clock_test(test_no_contact_in_six),
                harness_clock_test(test_implausible_in_nine),
                harness_clock_test(test_no_contact_at_all),
                harness_clock_test(test_dropped_links),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
