/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "ctl.h"
#include "database.h"
#include "json.h"

/* Whether it has ended: "recording", "interrupted" if the daemon that recorded it is not there any more, else
 * NULL. */
const char *session_state(const Database *d, int64_t id, bool ended);

/* Recorded before the clock was set, by one that says a date before that of this program. */
bool session_date_is_unknown(const char *date, bool clock_known);

/* All that is known of a session but its heart rates: its row of view `sessions`, the columns of its row of
 * table `session`, and the arrays `zones` and `events`. */
Outcome session_document(const Database *d, int64_t id, json_object **ret);

/* Prints such a document for people; with member `verdict`, if it has been added. */
Outcome session_print(const Output *out, const Database *d, json_object *session);
