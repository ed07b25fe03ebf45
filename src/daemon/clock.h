/* SPDX-License-Identifier: MIT */
#pragma once

#include <time.h>

#include "cardio/time.h"

static inline usec_t clock_usec(clockid_t clock)
{
        struct timespec ts;

        (void)clock_gettime(clock, &ts); /* cannot fail with the clocks used here */
        return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

/* Goes on while the machine is suspended; setting the wall clock does not move it. */
static inline usec_t now_boot_usec(void)
{
        return clock_usec(CLOCK_BOOTTIME);
}

static inline usec_t now_realtime_usec(void)
{
        return clock_usec(CLOCK_REALTIME);
}
