/* SPDX-License-Identifier: MIT */
#pragma once

#include "doctor/findings.h"

/* The checks of `doctor` that have files of their own. */

/* bluez.c */
void doctor_check_bluez(Doctor *d);

/* locks.c: checks whether another process keeps the database at that path from being written; false if so. To be called
 * before this program opens the database. */
bool doctor_check_locks(Doctor *d, const char *path);

/* database.c */
void doctor_check_database(Doctor *d);
/* When a strap was last seen, in local time; "" if the database does not say. */
#define SEEN_STRING_MAX 32
const char *doctor_last_seen(const Doctor *d, const char *address, char buf[static SEEN_STRING_MAX]);
