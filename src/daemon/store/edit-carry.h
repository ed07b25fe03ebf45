/* SPDX-License-Identifier: MIT */
#pragma once

#include "store/edit.h"

/* What no heart rate tells, from what an edit has kept into what comes of it. Inside its transaction; they return 0 or a negative
 * errno. */

/* Distances are counted from the new start, and on over what was merged. */
int edit_carry_pace(Store *s, int64_t edit, const EditResult *result);
/* From which files it came. */
int edit_carry_content(Store *s, int64_t edit, const EditResult *result);
