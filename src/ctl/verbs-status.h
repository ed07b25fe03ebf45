/* SPDX-License-Identifier: MIT */
#pragma once

#include "json.h"
#include "output.h"

/* A line with the ceiling and its origin, as in "145.55 bpm (65%hrr, from the configuration)", from the manager's
 * properties. label: NULL = none. */
void status_print_ceiling(const Output *out, const char *label, json_object *manager);

/* "snoozed until 06:55"; false, printing nothing, if alerts are not snoozed. */
bool status_print_snooze(const Output *out, json_object *manager);
