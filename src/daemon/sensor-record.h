/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/measurement.h"
#include "cardio/parse.h"
#include "cardio/sensor.h"
#include "cardio/sensor-kind.h"

/* What is known about a sensor, on its way from the BlueZ client through the manager to the bus, each of which keeps a copy:
 * the values that org.cardiod1.Sensor shows and announces. A new property is a field here, set by whoever knows it, and a row
 * in bus/sensor.c. Whoever keeps a record has its own copy of the name; the body location is a constant text. */
typedef struct SensorRecord {
        char address[ADDRESS_STRING_MAX];

        /* From the BlueZ client. */
        SensorKind kind;
        const char *name;          /* NULL = unknown; text from the air */
        const char *body_location; /* NULL = unknown */
        int battery;               /* per cent, -1 = unknown */
        bool configured;           /* it is the runner's: connected and recorded by itself */
        bool trusted;
        bool rotating; /* its address is a private one that changes, and it is not bonded: it will be lost */
        int16_t rssi;  /* dBm, while somebody scans; 0 = none known */
        SensorLink link;
        LinkProblem problem; /* with the link, which may have been cut to mend it */

        /* From the core, for the runner's own. */
        SensorState state;
        Contact contact;
        int64_t session;           /* that it is recorded in, 0 = none */
        double alpha1;             /* DFA α1 of the last two minutes, NAN = not available, … */
        const char *alpha1_reason; /* … and why not, "" if it is; a constant text */
} SensorRecord;
