/* SPDX-License-Identifier: MIT */
#pragma once

/* Corrections after the wall clock was set. */

#include <stdbool.h>
#include <stdint.h>

#include "store/queue.h"
#include "store/store.h"

/* Smaller differences are slewing. */
bool store_is_step(int64_t step_ms);
/* Applies a step to the open session. */
int store_apply_clock(Store *s, const Operation *op);
/* Corrects everything that has ended, except for one session. */
int store_apply_clock_set(Store *s, int64_t except);
void store_log_corrections(Store *s); /* after its commit */
/* While starting, inside a transaction: whether anything stored may be corrected later. */
int store_find_followers(Store *s);
