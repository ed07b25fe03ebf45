/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

#include "bus.h"
#include "database.h"

/* What the checks of `doctor` share. Each finding is one line: what was checked, the result, what was found, and, unless it
 * is ok, what to do about it. Nothing is printed before all checks are done. */

typedef enum CheckResult {
        CHECK_OK,
        CHECK_WARNING,
        CHECK_FAILURE,
        _CHECK_RESULT_MAX,
        _CHECK_RESULT_INVALID = -EINVAL,
} CheckResult;

typedef struct Doctor {
        const Call *call;
        bool brief; /* for `status`: what is well is left out, and what takes long, or is no trouble there */
        json_object *findings; /* array of {check, health, text, advice} */
        CheckResult worst;

        sd_bus *system_bus, *session_bus; /* NULL = cannot be reached */
        DaemonBus daemon;                 /* bus is NULL = not there, or access is denied */
        json_object *manager, *sensors;   /* from the daemon, NULL = no reply */
        Database database;                /* db is NULL = it cannot be read */
} Doctor;

/* Adds a finding. advice: NULL if the result is ok. */
void doctor_report(Doctor *d, const char *check, CheckResult result, const char *advice, const char *format,
                ...) _printf_(5, 6);

/* Prints the findings as text; the second one those of `status`, a line each, without what to do about them. */
void doctor_print(const Doctor *d);
void doctor_print_troubles(const Output *out, json_object *findings);
