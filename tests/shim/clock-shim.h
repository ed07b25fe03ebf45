/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* The file that CLOCK_SHIM names. */
typedef struct ClockShim {
        int64_t realtime_usec, boottime_usec, monotonic_usec; /* added to what the kernel says */
        char zone[32];      /* TZ from the next tzset() on; "" = as it was */
        int32_t disk_hangs; /* syncs of files do not come back as long as it is not 0 */
} ClockShim;
