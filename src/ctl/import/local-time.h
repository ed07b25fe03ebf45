/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* What clocks here are ahead of UTC when they show this local time, in s; local is Unix ms as if UTC. In autumn, when an hour comes
 * twice, the first is meant: clocks still show summer time. In spring, a time that clocks skip is as if they had not yet been
 * put forward. */
int32_t local_time_offset(int64_t local);

/* The same at a moment, Unix ms. */
int32_t utc_offset_at(int64_t at);
