/* SPDX-License-Identifier: MIT */
#include "pace-fixture.h"

#include <fnmatch.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void pace_add(Harness *h, const char *address, const char *kind)
{
        harness_standin(h, "strap add hci0 %s \"%s\" trusted %s", address, kind, kind);
        harness_standin(h, "advertise %s", address);
        harness_standin(h, "expect notifying %s 30s", address);
}

void pace_begin(Harness *h, const char *config)
{
        coach_daemon(h, config);
        run_strap(h, STRAP);
}

char *pace_figure(Harness *h, const char *path, const char *interface, const char *name)
{
        char *text = harness_property(h, path, interface, name);

        assert_non_null(text);
        return text;
}

void pace_expect(Harness *h, const char *path, const char *name, double expected, double within)
{
        const char *interface =
                        strcmp(path, CARDIO_OBJECT) == 0 ? CARDIO_MANAGER_INTERFACE : CARDIO_SENSOR_INTERFACE;
        _cleanup_free_ char *text = pace_figure(h, path, interface, name);
        double is = strtod(text, NULL);

        if (isnan(expected) ? !isnan(is) : !(fabs(is - expected) <= within))
                harness_fail(h, "%s of %s is %s, expected %g", name, path, text, expected);
}

void pace_pass(Harness *h, unsigned seconds, const PaceSecond *s)
{
        for (unsigned i = 0; i < seconds; i++) {
                harness_clock_pass(h, USEC_PER_SEC);
                if (s->heart_rate > 0)
                        harness_standin(h, "hr " STRAP " %u", s->heart_rate);
                if (s->pod)
                        harness_standin(h, "speed " POD " %s", s->pod);
                if (s->treadmill)
                        harness_standin(h, "speed " TREADMILL " %s", s->treadmill);
        }
        harness_clock_settle(h);
}

void pace_expect_session(Harness *h, double distance, double speed)
{
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        if (!(fabs(run_real(h, "SELECT distance_m FROM session WHERE id = 1") - distance) <= 6))
                harness_fail(h, "the distance is %g m, expected %g",
                                run_real(h, "SELECT distance_m FROM session WHERE id = 1"), distance);
        if (!(fabs(run_real(h, "SELECT avg_speed FROM session WHERE id = 1") - speed) <= 0.05 * speed))
                harness_fail(h, "the speed is %g m/s, expected %g",
                                run_real(h, "SELECT avg_speed FROM session WHERE id = 1"), speed);
}

void pace_base_runs(Harness *h, int n)
{
        for (int i = 0; i < n; i++)
                coach_run(h, -3 - 2 * i, 50, "base");
        coach_run(h, -1, 40, "hard"); /* so that today is for recovery */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        edit_meddle(h, "UPDATE session SET distance_m = 10000, avg_speed = 10000 / 3000.0 WHERE kind = 'base'");
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
}

const PaceSecond pace_easy = { 120, "2.7 cadence 160", NULL }, pace_fast = { 121, "3.3 cadence 168", NULL };

void pace_begin_recovery_run(Harness *h)
{
        pace_begin(h, PACE_CONFIG);
        pace_base_runs(h, 3);
        pace_add(h, POD, "foot-pod");
        pace_pass(h, 2, &pace_easy);
        run_call(h, "StartSession", "s", "");
}

void pace_expect_reason(Harness *h, const char *pattern)
{
        _cleanup_free_ char *text = pace_figure(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "PaceReason");

        if (fnmatch(pattern, text, 0) != 0)
                harness_fail(h, "PaceReason is %s, expected %s", text, pattern);
}
