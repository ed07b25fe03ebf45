/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "store/store.h"

/* Inside the transaction of a migration from a version before this one: sessions get the figures that their heart rates
 * come to. Returns 0; -EBADMSG for one that holds what cannot be; or another negative errno. ret_session is where it
 * stopped. */
#define STORE_VERSION_RECOUNTED 4
int store_recount_all(Store *s, int64_t *ret_session);
