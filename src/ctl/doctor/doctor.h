/* SPDX-License-Identifier: MIT */
#pragma once

#include "doctor/findings.h"

/* All checks, printed: the verb. */
Outcome doctor_run(const Call *call);
/* What of it is not well, for `status`: an array of objects with check, health, text and advice. Where the daemon answers. */
json_object *doctor_troubles(const Call *call);

/* The checks that have files of their own. */

/* bluez.c */
void doctor_check_bluez(Doctor *d);

/* locks.c: checks whether another process keeps the database at that path from being written; false if so. To be called
 * before this program opens the database. */
bool doctor_check_locks(Doctor *d, const char *path);

/* sound.c */
void doctor_check_sound(Doctor *d);

/* bridge.c: of who has a bridge.conf. */
void doctor_check_bridge(Doctor *d);

/* database.c */
void doctor_check_database(Doctor *d);
/* When a strap was last seen, in local time; "" if the database does not say. */
#define SEEN_STRING_MAX 32
/* How often it sends a heart rate, in s, by its last session; 0 if that is not known. */
double doctor_usual_interval(const Doctor *d, const char *address);
/* How many base runs of the last COACH_BASE_DAYS have a distance, which the limit of recovery runs is made of; -1 if that is not known. */
int doctor_base_runs(const Doctor *d);
const char *doctor_last_seen(const Doctor *d, const char *address, char buf[static SEEN_STRING_MAX]);
