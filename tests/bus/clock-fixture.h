/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "../clock/clock-shim.h"

/* A program under test that is started between clock_begin() and clock_inherit_no_more() goes by clocks that the test can
 * set, see tests/clock/clock-shim.c. Wake it by a message after a change. */
ClockShim *clock_begin(const char *path);
void clock_inherit_no_more(void);
void clock_end(ClockShim *clock);

/* The wall clock is set. */
void clock_step(ClockShim *clock, int64_t usec);
/* The machine sleeps: every clock but the monotonic one goes on. */
void clock_sleep(ClockShim *clock, int64_t usec);
/* Time passes. */
void clock_pass(ClockShim *clock, int64_t usec);
/* From the next look at it; as in TZ. */
void clock_zone(ClockShim *clock, const char *zone);
