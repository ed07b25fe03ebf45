/* SPDX-License-Identifier: MIT */
#pragma once

#include "run-fixture.h"

/* `cardioctl watch` on a terminal, with the real daemon; heart rates are sent one by one, so that nothing changes but what a
 * test changes. */

/* Nothing is stale here, however slow the machine. */
#define WATCH_CONFIG(hold) \
        RUN_BASE "[ceiling]\nhold = " hold "\nclear = 1s\n[sensor]\nstale-after = 5min\nfrozen-after = 1h\n"

/* The environment of a terminal with colours and UTF-8. */
void watch_prepare(void);

/* The same, and the daemon, with a strap that sends 130. */
void watch_start(Harness *h, const char *config);

/* Sends heart rates until the daemon signals OverLimit. */
void watch_too_fast(Harness *h);
