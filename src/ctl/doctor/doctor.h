/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

#include "bus.h"
#include "database.h"

/* What the checks of `doctor` share. Each finding is one line: what was looked at, whether it is well, what is so, and,
 * unless it is well, what to do about it. Nothing here prints before all is found. */

typedef enum Health {
        HEALTH_OK,
        HEALTH_WARNING,
        HEALTH_FAILURE,
        _HEALTH_MAX,
        _HEALTH_INVALID = -EINVAL,
} Health;

typedef struct Doctor {
        const Call *call;
        json_object *findings; /* array of {check, health, text, advice} */
        Health worst;

        sd_bus *system_bus, *session_bus; /* NULL = cannot be reached */
        Bus daemon;                       /* bus is NULL = not there, or not for us */
        json_object *manager, *sensors;   /* as the daemon tells them, NULL = it does not */
        Database database;                /* db is NULL = it cannot be read */
} Doctor;

/* advice: NULL where all is well. */
void doctor_tell(Doctor *d, const char *check, Health health, const char *advice, const char *format, ...)
                _printf_(5, 6);

/* Of any program on a bus, with a short deadline. Return 0, or a negative errno with the error set. */
int doctor_get_objects(
                sd_bus *bus, const char *name, const char *path, json_object **ret, sd_bus_error *error);
int doctor_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                json_object **ret, sd_bus_error *error);
/* Whether anybody owns the name; false too if the bus does not say. */
bool doctor_is_there(sd_bus *bus, const char *name);

/* doctor-bluez.c */
void doctor_check_bluez(Doctor *d);

/* doctor-locks.c: whether somebody keeps the database at that path from being written. Returns false if that is so; before
 * this program has opened it. */
bool doctor_check_locks(Doctor *d, const char *path);

/* doctor-database.c */
void doctor_check_database(Doctor *d);
/* When a strap was last seen, in local time; "" if the database does not tell. */
#define SEEN_STRING_MAX 32
const char *doctor_last_seen(const Doctor *d, const char *address, char buf[static SEEN_STRING_MAX]);
