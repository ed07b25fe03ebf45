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

/* Prints the findings for a person. */
void doctor_print(const Doctor *d);
