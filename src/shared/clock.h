/* SPDX-License-Identifier: MIT */
#pragma once

#include <time.h>

#include "cardio/time.h"

static inline usec_t clock_usec(clockid_t clock)
{
        struct timespec now = { 0 };

        (void)clock_gettime(clock, &now); /* fails only for a clock that does not exist */
        return (usec_t)now.tv_sec * USEC_PER_SEC + (usec_t)now.tv_nsec / 1000;
}

/* It goes on while the machine is suspended, and no setting of the wall clock moves it. */
static inline usec_t now_boot_usec(void)
{
        return clock_usec(CLOCK_BOOTTIME);
}

static inline usec_t now_realtime_usec(void)
{
        return clock_usec(CLOCK_REALTIME);
}
