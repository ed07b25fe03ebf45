/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* What the kernel knows about its clock and its boot. */

/* 32 digits and a NUL. */
#define BOOT_ID_MAX 33U

/* Whether the wall clock is known to be right: synchronised over the network, or set by the kernel from a real-time clock at
 * boot. A clock that was restored from a file, or set by hand on a machine without a real-time clock, is not. */
bool kernel_clock_is_right(void);

/* An id that differs from boot to boot. Where the kernel's own is hidden, that of the system bus is used, which lives as long.
 * Returns 0, or a negative errno with ret empty. */
int kernel_boot_id(sd_bus *system_bus, char ret[static BOOT_ID_MAX]);
