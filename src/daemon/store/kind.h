/* SPDX-License-Identifier: MIT */
#pragma once

/* What kind of run a session was by its record. */

#include <stdint.h>

#include "store/store.h"

/* Inside a transaction: determines the kind of a closed session by its record, compared with the runs before it. */
int store_judge_session(Store *s, int64_t session);
/* In a transaction, or its own if there is none: does that for the sessions of an older version, which have no kind yet. */
int store_judge_all(Store *s);
