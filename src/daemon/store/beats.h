/* SPDX-License-Identifier: MIT */
#pragma once

/* What the beats of a session come to. */

#include <stdint.h>

#include "cardio/runner.h"
#include "store/store.h"

/* Inside a transaction: looks at the beats of a closed session, of this runner, and stores what they come to. Returns 0, or a negative errno:
 * -ENOMEM needs no rollback, and leaves it to store_look_at_beats(). */
int store_analyse_session(Store *s, int64_t session, const Runner *runner);
