/* SPDX-License-Identifier: MIT */
#pragma once

#include "database.h"
#include "json.h"
#include "output.h"

/* Prints the chart of a session, given as its document, and an empty line below; nothing where there is no heart rate. */
Outcome session_chart_print(const Output *out, const Database *d, json_object *session);
