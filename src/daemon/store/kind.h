/* SPDX-License-Identifier: MIT */
#pragma once

/* What a session was by its record. */

#include <stdint.h>

#include "store/store.h"

/* Inside a transaction: what a closed session was by its record, against the runs before it. */
int store_judge_session(Store *s, int64_t session);
/* In a transaction, its own if there is none: those of an older version, of which it is not known yet. */
int store_judge_all(Store *s);
