/* SPDX-License-Identifier: MIT */
#pragma once

/* Applies the queue to the tables. */

#include <stdint.h>

#include "store/store.h"

/* Inside a transaction: applies what is queued and updates the figures of open sessions. ret_gone: a session that another
 * program has deleted, so that waiting would not help its entries; 0 = none. */
int store_apply(Store *s, int64_t *ret_gone);
