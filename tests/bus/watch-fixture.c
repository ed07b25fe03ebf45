/* SPDX-License-Identifier: MIT */
/* A daemon and a strap, to be watched. */
#include "watch-fixture.h"

#include <stdlib.h>

void watch_prepare(void)
{
        (void)setenv("TERM", "xterm", 1);
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)unsetenv("NO_COLOR");
}

void watch_start(Harness *h, const char *config)
{
        watch_prepare();
        harness_daemon_start(h, config, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        harness_standin(h, "battery " STRAP " 80");
        run_heart_rate(h, 130);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "live", HARNESS_TIMEOUT);
        harness_wait_property(
                        h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "80", HARNESS_TIMEOUT);
}

static bool is_over_limit(Harness *h, void *userdata)
{
        run_heart_rate(h, 160);
        return harness_count_signals(h, CARDIO_MANAGER_INTERFACE, userdata) > 0;
}

void watch_too_fast(Harness *h)
{
        static char over_limit[] = "OverLimit";

        assert_true(harness_wait(h, is_over_limit, over_limit, 4 * HARNESS_TIMEOUT));
}
