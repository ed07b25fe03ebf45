/* SPDX-License-Identifier: MIT */
#pragma once

/* The wall clock was set: what follows it. */

#include <stdbool.h>
#include <stdint.h>

#include "store/queue.h"
#include "store/store.h"

/* Less is the clock's steering. */
bool store_is_step(int64_t step_ms);
/* The open session's clock was set. */
int store_apply_clock(Store *s, const Operation *op);
/* What has ended, but for one session, is brought to the clock as it is. */
int store_apply_clock_set(Store *s, int64_t except);
void store_tell_moved(Store *s); /* after its commit */
/* While starting, inside a transaction: whether there is something that the clock may yet move. */
int store_find_followers(Store *s);
