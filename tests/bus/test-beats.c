/* SPDX-License-Identifier: MIT */
/* What the daemon makes of R-R intervals while it records, and when a session is over or was left by an older version. By clocks
 * of the test's own (tests/shim/clock-shim.c). */

#include "coach-fixture.h"
#include "ctl-fixture.h"
#include "shim-fixture.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"

#define BY_HAND "[session]\nstart-above = off\n"
#define CONFIG  RUN_BASE "sync-interval = 1h\n" BY_HAND

typedef struct Machine {
        Harness *h;
        ClockShim *clock;
        uint32_t random;
        unsigned rise; /* of the beats, from packet to packet */
} Machine;

static void machine_end(Machine *m)
{
        clock_end(m->clock);
}
#define _cleanup_machine_ _cleanup_(machine_end)

static Machine machine_begin(Harness *h, const char *config)
{
        Machine m = { .h = h, .clock = clock_begin(harness_path(h, "clock")), .random = 1 };

        clock_inherit(harness_path(h, "clock"));
        harness_daemon_start(h, config, DAEMON_SYSTEM);
        shim_inherit_no_more();
        run_strap(h, STRAP);
        return m;
}

/* The daemon has handled all that came before. */
static char *property(Harness *h, const char *name)
{
        return harness_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, name);
}

static void expect(Harness *h, const char *name, const char *expected)
{
        _cleanup_free_ char *value = property(h, name);

        assert_string_equal(value, expected);
}

/* Packets two seconds apart, with the five beats in between; one in nth is twice as long, 0 = none. */
static void run_on(Machine *m, unsigned packets, unsigned nth)
{
        for (unsigned i = 0; i < packets; i++) {
                char command[128], *end = command;
                _cleanup_free_ char *value = NULL;

                clock_pass(m->clock, 2 * (int64_t)USEC_PER_SEC);
                value = property(m->h, "State"); /* it has seen the time */
                end += sprintf(command, "hr " STRAP " 150 rr");
                for (unsigned k = 0; k < 5; k++) {
                        unsigned beat;

                        m->random = m->random * 1664525 + 1013904223;
                        beat = 404 + (m->random >> 16) % 12 + m->rise * i;
                        if (nth > 0 && (m->random >> 8) % nth == 0)
                                beat *= 2;
                        end += sprintf(end, " %u", beat);
                }
                harness_standin(m->h, "%s", command);
        }
}

static double alpha1(Harness *h)
{
        _cleanup_free_ char *value = property(h, "Alpha1");

        return strtod(value, NULL);
}

static void test_live(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h, CONFIG);

        expect(h, "Alpha1Reason", "no R-R intervals");
        assert_true(isnan(alpha1(h)));
        run_heart_rate(h, 150);
        expect(h, "Alpha1Reason", "no R-R intervals");
        run_call(h, "StartSession", "s", "");
        run_on(&m, 30, 0);
        expect(h, "Alpha1Reason", "less than 90 % of two minutes");
        assert_true(isnan(alpha1(h)));
        run_on(&m, 36, 0);
        expect(h, "Alpha1Reason", "");
        assert_true(alpha1(h) > 0.2 && alpha1(h) < 1.2);
        /* What many artefacts make of it is not shown. */
        run_on(&m, 40, 5);
        expect(h, "Alpha1Reason", "more than 5 % artefacts");
        assert_true(isnan(alpha1(h)));

        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        assert_int_equal(run_int(h, "SELECT count(*) FROM rr WHERE flag IS NULL"), 0);
        assert_true(run_int(h, "SELECT count(*) FROM rr WHERE flag = 2") >= 10);
        assert_int_equal(
                        run_int(h, "SELECT count(*) FROM alpha1 WHERE alpha1 IS NULL AND artefact_percent > 5") >
                                        0,
                        1);
        assert_true(run_int(h, "SELECT count(*) FROM alpha1 WHERE alpha1 > 0.2") >= 1);
        assert_true(run_real(h, "SELECT rmssd FROM sessions") > 3);
}

/* Its last values do not hold any more. */
static void test_silent(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h, CONFIG);

        run_heart_rate(h, 150);
        run_on(&m, 80, 0);
        expect(h, "Alpha1Reason", "");
        /* Beyond what is stale, and before the link is made anew. */
        clock_pass(m.clock, 8 * (int64_t)USEC_PER_SEC);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "stale", HARNESS_TIMEOUT);
        expect(h, "Alpha1Reason", "no R-R intervals");
        assert_true(isnan(alpha1(h)));
}

/* The same beats, which become ever longer, three times; the third time without that trend: live and stored. Which packet is
 * the last one of two minutes depends on how fast the machine is, by one. */
static void test_detrend(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h, CONFIG);
        double live[3], stored[3];

        for (unsigned i = 0; i < 3; i++) {
                if (i == 2) {
                        harness_write_file(h, "cardiod.conf", CONFIG "[beats]\ndetrend = yes\n");
                        assert_int_equal(harness_call(h, NULL, NULL, "Reload", NULL), 0);
                }
                m.random = 1;
                m.rise = 4;
                run_heart_rate(h, 150);
                run_call(h, "StartSession", "s", "");
                run_on(&m, 75, 0);
                live[i] = alpha1(h);
                run_call(h, "StopSession", NULL);
                run_wait(h, "SessionEnded");
                stored[i] = run_real(h, "SELECT avg(alpha1) FROM alpha1 WHERE session_id ="
                                        " (SELECT max(id) FROM session)");
        }
        assert_float_equal(live[0], live[1], 0.1);
        assert_float_equal(stored[0], stored[1], 0.1);
        if (!(live[2] < live[0] - 0.2) || !(stored[2] < stored[0] - 0.2))
                fail_msg("live %g and %g, stored %g and %g", live[0], live[2], stored[0], stored[2]);
}

/* -- The maximum -- */

#define MAXIMUM(lines) \
        "[runner]\n" lines "[ceiling]\nceiling = off\n" RUN_STORAGE "sync-interval = 1h\n" BY_HAND

/* A run of that many packets at 150 bpm, after ten at 130 without beats. */
static void run_hard(Machine *m, unsigned packets, unsigned nth)
{
        run_heart_rate(m->h, 130);
        run_call(m->h, "StartSession", "s", "");
        for (unsigned i = 0; i < 10; i++) {
                _cleanup_free_ char *value = NULL;

                clock_pass(m->clock, 2 * (int64_t)USEC_PER_SEC);
                value = property(m->h, "State");
                harness_standin(m->h, "hr " STRAP " 130");
        }
        run_on(m, packets, nth);
        run_call(m->h, "StopSession", NULL);
        run_wait(m->h, "SessionEnded");
}

static void expect_maximum(Harness *h, double bpm, const char *pattern)
{
        CoachDay day = coach_ask(h, 0);

        assert_float_equal(day.proposed_maximum, bpm, 0);
        if (fnmatch(pattern, day.proposed_maximum_text, 0) != 0)
                fail_msg("'%s' is not '%s'", day.proposed_maximum_text, pattern);
}

/* Two minutes above the maximum propose a higher one, until it is in force; less than that do not, nor do bad beats. */
static void test_maximum(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h, MAXIMUM("age = 80\n"));
        _cleanup_ctl_ Ctl c = { .h = h };

        run_hard(&m, 55, 0);
        run_hard(&m, 75, 8);
        expect_maximum(h, 0, "");
        run_hard(&m, 75, 0);
        expect_maximum(h, 150,
                        "On 2* your heart held 150 bpm for two minutes, more than the 140 expected at your age: *");

        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out, "Maximum     On 2");
        ctl_assert_contains(c.out, "`max-heart-rate = 150`");
        (void)ctl_run(&c, "doctor", NULL); /* there is no desktop, for one */
        ctl_assert_contains(c.out, "warning  configuration  On 2");
        ctl_assert_contains(c.out, "`max-heart-rate = 150` in section [runner]");
        (void)ctl_run(&c, "status", NULL);
        assert_null(strstr(c.out, "max-heart-rate"));

        harness_write_file(h, "cardiod.conf", MAXIMUM("age = 80\nmax-heart-rate = 149\n"));
        assert_int_equal(harness_call(h, NULL, NULL, "Reload", NULL), 0);
        expect_maximum(h, 150, "*more than the 149 of your `max-heart-rate`: `max-heart-rate = 150` in *");
        harness_write_file(h, "cardiod.conf", MAXIMUM("age = 80\nmax-heart-rate = 150\n"));
        assert_int_equal(harness_call(h, NULL, NULL, "Reload", NULL), 0);
        expect_maximum(h, 0, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_live),
                harness_test(test_silent),
                harness_test(test_detrend),
                harness_test(test_maximum),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
