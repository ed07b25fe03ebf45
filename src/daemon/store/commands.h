/* SPDX-License-Identifier: MIT */
#pragma once

/* What commands have set and is still in force, as stored. To be called inside a transaction; return 0 or a negative errno. */

#include "store/queue.h"
#include "store/store.h"

int store_apply_commands(Store *s, const Operation *op);
/* Deletes the ceiling: it was set for a session that is over. */
int store_forget_ceiling(Store *s);
