/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/measurement.h"
#include "cardio/parse.h"
#include "cardio/sensor.h"

/* What is known of a sensor, as it goes from BlueZ's client through the manager to the bus, each of which keeps a copy: what
 * org.cardiod1.Sensor tells and announces. A new property is a field here, set by whoever knows it, and a row in
 * bus/sensor.c. Whoever keeps a record has the name as a copy of its own; the body location is a constant text. */
typedef struct SensorRecord {
        char address[ADDRESS_STRING_MAX];

        /* As BlueZ's client sees it. */
        const char *name;          /* NULL = unknown; text from the air */
        const char *body_location; /* NULL = unknown */
        int battery;               /* per cent, -1 = unknown */
        bool configured;           /* it is the runner's: connected and recorded by itself */
        bool trusted;
        bool rotating; /* its address is a private one that changes, and it is not bonded: it will be lost */
        int16_t rssi;  /* dBm, while somebody scans; 0 = not heard of */
        SensorLink link;
        LinkProblem problem; /* with the link, which may have been cut to mend it */

        /* As the core does: of the runner's own. */
        SensorState state;
        Contact contact;
        int64_t session; /* that it is recorded in, 0 = none */
} SensorRecord;
