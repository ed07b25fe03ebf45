/* SPDX-License-Identifier: MIT */
#pragma once

/* What could not be written at a stop. */

#include "store/store.h"

/* Gives the spill to be its id, which the stop's transaction notes. Returns 0 or a negative errno. */
int store_spill_prepare(Store *s);
/* Writes the queue, which stays as it is, to the disk, in a file of its own; both what comes of it is logged here. Returns 0,
 * or a negative errno if no place takes it. */
int store_spill_write(Store *s);
/* While starting: stores what was spilled, once. One that is damaged, foreign or newer is moved aside. Returns 0, or a
 * negative errno with the reason: it is still there. */
int store_spill_take(Store *s, char **ret_error);
