/* SPDX-License-Identifier: MIT */
#pragma once

/* What keeps a process that reads the files of others from doing anything else: no file, no network, no other process, bounded
 * memory and time of the processor. */

#define SANDBOX_MEMORY_MAX 512U /* MiB */
#define SANDBOX_SECONDS    60U  /* of the processor */

/* Of this process, for good: it has these two descriptors and no others from here on, and standard input, output and error only
 * if they are among them. What the kernel refuses is done without. */
void sandbox_enter(int input, int output);
