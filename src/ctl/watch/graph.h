/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/time.h"
#include "watch/frame.h"
#include "watch/live.h"

/* Bar graphs of the heart rate, the newest on the right, with the ceiling as a line. The last of the rows names the time
 * covered; at least two rows. */

/* The last minutes. */
void graph_draw_minutes(Frame *f, unsigned row, unsigned rows, const Live *live, usec_t now_usec, bool utf8);

/* The session from its beginning, or the last one; a column is filled up to the mean of its heart rates, and has a thin line
 * up to the highest. Where there is room a row below has breaches, `!`, and marks, `^`. */
void graph_draw_run(Frame *f, unsigned row, unsigned rows, const Live *live, usec_t now_usec, bool utf8);
