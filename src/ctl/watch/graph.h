/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/time.h"
#include "watch/frame.h"
#include "watch/live.h"

/* The last minutes as columns, the newest on the right, and the ceiling as a line. The last of the rows names the time
 * covered; at least two rows. */
void graph_draw(Frame *f, unsigned row, unsigned rows, const Live *live, usec_t now_usec, bool utf8);
