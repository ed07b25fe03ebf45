/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cardio/zones.h"
#include "ctl.h"
#include "database.h"
#include "json.h"

/* The state of a session that has not ended: "recording", or "interrupted" if the daemon that recorded it has exited; else
 * NULL. */
const char *session_state(const Database *d, int64_t id, bool ended);

/* Whether it was recorded before the clock was set: the date is older than this program. */
bool session_date_is_unknown(const char *date, bool clock_known);

/* Everything about a session except its heart rates: its row of view `sessions`, the columns of its row of table `session`,
 * the arrays `zones` and `events`, and what its beats come to. */
Outcome session_document(const Database *d, int64_t id, json_object **ret);

/* The zones in bpm as they were for this runner; n = 0 if the document does not say, as with a lactate threshold. */
ZoneTable session_zone_table(json_object *session);

/* Prints what the runner has logged of it: the talk test, the effort felt, the note. */
void session_print_log(const Output *out, json_object *session);

/* Prints such a document as text; with member `verdict`, and with what session_pace_add() adds, if that has been done. */
Outcome session_print(const Output *out, const Database *d, json_object *session);
