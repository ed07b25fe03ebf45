/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Added to what the kernel says. */
typedef struct ClockOffsets {
        int64_t realtime_usec, boottime_usec, monotonic_usec;
} ClockOffsets;

/* The file that CLOCK_SHIM names. */
typedef struct ClockShim {
        uint32_t sequence; /* odd while the offsets are written */
        ClockOffsets offset;
        char zone[32]; /* TZ from the next tzset() on; "" = as it was */
        /* The state of the kernel's clock: by default it is synchronised over the network, and there is no real-time clock. */
        bool unsynchronised, has_rtc;
        bool unreadable; /* … it cannot be read: then what systemd-timesyncd leaves counts */
        bool timesync_file;
        bool boot_hidden;   /* the kernel's boot id is */
        uint8_t boot;       /* another boot than the last one */
        int32_t disk_hangs; /* syncs of files do not come back as long as it is not 0 */
        /* SQLite waits for a lock by sleeping, and counts what it has slept: it sleeps a moment instead, and this counts, too. */
        bool short_sleeps;
        uint64_t slept_usec;
} ClockShim;
