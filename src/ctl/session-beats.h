/* SPDX-License-Identifier: MIT */
#pragma once

#include "database.h"
#include "json.h"
#include "output.h"

/* What the beats of a session come to. */

/* Adds to its document: `rmssd` as exactly as it is stored, `drift_percent` and `decoupling_percent`, `body_location` of the strap, `rr`, an object, and
 * the array `alpha1`. */
Outcome session_beats_add(const Database *d, int64_t id, json_object *session);

/* By how many per cent the heart rate rose from the first half to the second; NAN where that says nothing, as with intervals. */
double session_drift(json_object *session);
/* The same of heart rate over speed; NAN without a pace, too. */
double session_decoupling(json_object *session);

/* Prints it as text; nothing while it has not been looked at. */
void session_beats_print(const Output *out, json_object *session);
