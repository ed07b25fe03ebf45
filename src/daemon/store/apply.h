/* SPDX-License-Identifier: MIT */
#pragma once

/* From the queue to the rows. */

#include <stdint.h>

#include "store/store.h"

/* Inside a transaction: applies what is queued and brings the figures of open sessions up to now. ret_gone: a session that
 * another hand has deleted, so that waiting would not help what is queued for it; 0 = there is none. */
int store_apply(Store *s, int64_t *ret_gone);
