/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "store/store.h"

/* Inside the transaction of a migration from an earlier version than this: recomputes the figures of sessions from their heart
 * rates. Returns 0; -EBADMSG for a session with impossible values; or another negative errno. ret_session is where it stopped.
 */
#define STORE_VERSION_RECOUNTED 4
int store_recount_all(Store *s, int64_t *ret_session);
