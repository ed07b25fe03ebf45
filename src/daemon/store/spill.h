/* SPDX-License-Identifier: MIT */
#pragma once

/* The file for what could not be written at a stop. */

#include "store/store.h"

/* Gives the coming spill an id, which the stop's transaction notes. Returns 0 or a negative errno. */
int store_spill_prepare(Store *s);
/* Writes the queue, which stays as it is, to a file of its own, and fsyncs it; success and failure are logged here. Returns 0,
 * or a negative errno if no place takes it. */
int store_spill_write(Store *s);
/* While starting: stores a spill, once. One that is damaged, foreign or newer is moved aside. Returns 0, or a negative errno
 * with the reason: it is still there. */
int store_spill_take(Store *s, char **ret_error);
