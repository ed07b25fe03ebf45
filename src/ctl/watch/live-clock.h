/* SPDX-License-Identifier: MIT */
#pragma once

#include "shared/clock.h"

/* The clock of the live view: CLOCK_BOOTTIME, begun two days before the machine was booted. A run goes on after a reboot, and
 * its beginning needs a time, too; none is longer than a day. */
static inline usec_t live_clock_usec(void)
{
        return now_boot_usec() + 48 * USEC_PER_HOUR;
}
