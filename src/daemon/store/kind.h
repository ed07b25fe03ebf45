/* SPDX-License-Identifier: MIT */
#pragma once

/* What kind of run a session was by its record. */

#include <stdint.h>

#include "store/store.h"

/* Inside a transaction: determines the kind of a closed session by its record, compared with the runs before it. */
int store_judge_session(Store *s, int64_t session);
/* Inside a transaction: does that anew for those after it which are compared with it: it is newer than they are, or other than
 * it was. */
int store_judge_after(Store *s, int64_t session);
/* In a transaction, or its own if there is none: does that for the sessions of an older version, which have no kind yet. */
int store_judge_all(Store *s);
