/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../shim/clock-shim.h"
#include "../shim/loop-shim.h"

/* Libraries that are preloaded into a program under test, so that the test can set its clocks, watch its event loop or read
 * what it plays and says; tests/shim has the details. Programs started between shim_begin() or the like and
 * shim_inherit_no_more() have them; more than one of them may be. path: a new file. */
ClockShim *clock_begin(const char *path);
LoopShim *loop_begin(const char *path);
/* Returns a descriptor to read lines from. */
int aloud_begin(const char *path);
/* The file system knows no files without a name. */
void tmpfile_begin(void);
void shim_inherit_no_more(void);
/* Preloads it into programs again, with the existing file. */
void clock_inherit(const char *path);
void clock_end(ClockShim *clock);
void loop_end(LoopShim *loop);

/* After each of these, wake the program by a message.
 *
 * The wall clock is set. */
void clock_step(ClockShim *clock, int64_t usec);
/* The machine is suspended: every clock but the monotonic one goes on. */
void clock_sleep(ClockShim *clock, int64_t usec);
/* Time passes. */
void clock_pass(ClockShim *clock, int64_t usec);
/* From the next tzset() on; as in TZ. */
void clock_zone(ClockShim *clock, const char *zone);
/* Every later sync hangs, or goes on. */
void clock_disk_hangs(ClockShim *clock, bool hangs);

/* The figures so far, as a line of the test's output. */
void loop_print(const LoopShim *loop, const char *title);
