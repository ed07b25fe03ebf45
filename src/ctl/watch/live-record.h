/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/time.h"
#include "watch/live.h"

/* Completes what is known of the session that is being recorded by what the database has of it: its tolerance
 * and exact beginning, a breach that is under way, and the heart rates of the past. Where it cannot be read
 * nothing changes. The times are now, on CLOCK_BOOTTIME and as Unix time. */
void live_record_read(Live *l, usec_t now_boot_usec, usec_t now_realtime_usec);
