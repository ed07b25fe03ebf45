/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* What the kernel knows of its clock and of its boot. */

/* 32 digits and a NUL. */
#define BOOT_ID_MAX 33U

/* Something says that the wall clock is right: it is synchronised over the network, or the kernel set it from a real-time clock
 * when it booted. A clock that was restored from a file, or set by hand on a machine without such a clock, is not. */
bool kernel_clock_is_right(void);

/* Differs from boot to boot. Where the kernel's own id is hidden it is that of the system bus, which lives as long. Returns 0,
 * or a negative errno with ret empty. */
int kernel_boot_id(sd_bus *system_bus, char ret[static BOOT_ID_MAX]);
