/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/pace-text.h"
#include "database.h"
#include "json.h"
#include "output.h"

/* How fast and how far a session went. */

/* Adds to its document: `units`, `km` or `mile`, `cadence`, its mean, and the array `splits`, by these units; and, while it
 * is recorded, `distance_m`, `avg_speed` and `ascent_m` so far. */
Outcome session_pace_add(const Database *d, int64_t id, bool miles, json_object *session);

/* Prints it as text, nothing without a pace: the whole, and the splits. */
void session_pace_print(const Output *out, json_object *session);
void session_splits_print(const Output *out, json_object *session);

/* How fast it was at event `over-pace`, such as "5:40 /km". Returns buf. */
const char *session_pace_alert(json_object *session, json_object *event, char buf[static PACE_TEXT_MAX]);
