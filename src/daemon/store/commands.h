/* SPDX-License-Identifier: MIT */
#pragma once

/* What commands have set and is still in force, as it is stored. Inside a transaction; they return 0 or a negative errno. */

#include "store/queue.h"
#include "store/store.h"

int store_apply_commands(Store *s, const Operation *op);
/* What was commanded for the session that is over. */
int store_forget_ceiling(Store *s);
