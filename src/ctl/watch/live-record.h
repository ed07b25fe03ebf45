/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/time.h"
#include "watch/live.h"

/* Completes the current session from the database: its tolerance and exact beginning, a current breach, and past heart
 * rates; whole: all of them, and breaches and marks, for the trace. If the database cannot be read nothing changes. The times
 * are now, on the live clock and CLOCK_REALTIME. */
void live_record_read(Live *l, bool whole, usec_t now_boot_usec, usec_t now_realtime_usec);
