/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "ctl.h"
#include "database.h"
#include "json.h"

/* The state of a session that has not ended: "recording", or "interrupted" if the daemon that recorded it has exited; else
 * NULL. */
const char *session_state(const Database *d, int64_t id, bool ended);

/* Whether it was recorded before the clock was set: the date is older than this program. */
bool session_date_is_unknown(const char *date, bool clock_known);

/* Everything about a session except its heart rates: its row of view `sessions`, the columns of its row of table `session`,
 * and the arrays `zones` and `events`. */
Outcome session_document(const Database *d, int64_t id, json_object **ret);

/* Prints such a document as text; with member `verdict`, if it has been added. */
Outcome session_print(const Output *out, const Database *d, json_object *session);
