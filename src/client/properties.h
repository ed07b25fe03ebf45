/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* The properties of org.cardiod1 that clients use, as one message has them: all of an interface's, or those that have
 * changed. A text that is missing is NULL; a figure counts only if its bit is in `given`. Texts belong to the message. */

enum {
        MANAGER_SESSION = 1 << 0,
        MANAGER_CEILING = 1 << 1,
        MANAGER_TOLERANCE = 1 << 2,
        MANAGER_RESTING = 1 << 3,
        MANAGER_MAXIMUM = 1 << 4,
        MANAGER_SNOOZED_UNTIL = 1 << 5,
        MANAGER_WAITS_FOR_REST = 1 << 6,
        MANAGER_WAITING = 1 << 7,
        MANAGER_PACE_LIMIT = 1 << 8,
        MANAGER_SPEED = 1 << 9,
        MANAGER_DISTANCE = 1 << 10,
        MANAGER_OVER_CEILING = 1 << 11,
};

typedef struct ManagerProperties {
        unsigned given;
        const char *database_path, *ceiling_expression, *ceiling_reason, *bluetooth;
        int64_t session;                             /* 0 = nothing is being recorded */
        double ceiling, tolerance, resting, maximum; /* bpm; ceiling: 0 = none */
        uint64_t snoozed_until_usec;                 /* Unix time, 0 = not snoozed */
        bool waits_for_rest;
        uint32_t waiting;                     /* entries that could not be written to the database yet */
        double pace_limit;                    /* m/s, 0 = none; … */
        const char *pace_reason, *pace_units; /* … and why; km or mile */
        double speed, distance;               /* of the session: m/s, m; NAN = no pace in it */
        bool over_ceiling;                    /* only read when asked: at the beginning */
} ManagerProperties;

enum {
        COACH_STEP_NUMBER = 1 << 0,
        COACH_STEP_ENDS = 1 << 1,
};

typedef struct CoachProperties {
        unsigned given;
        const char *workout, *step;
        uint32_t step_number[2]; /* which, of how many */
        uint64_t step_ends_usec; /* Unix time */
} CoachProperties;

enum {
        SENSOR_CONFIGURED = 1 << 0,
        SENSOR_BATTERY = 1 << 1,
        SENSOR_SESSION = 1 << 2,
        SENSOR_HEART_RATE = 1 << 3,
        SENSOR_SMOOTHED = 1 << 4,
        SENSOR_ZONE = 1 << 5,
        SENSOR_ALPHA1 = 1 << 6,
        SENSOR_SPEED = 1 << 7,
        SENSOR_CADENCE = 1 << 8,
        SENSOR_INCLINE = 1 << 9,
        SENSOR_DISTANCE = 1 << 10,
};

typedef struct SensorProperties {
        unsigned given;
        const char *address, *name, *kind, *state, *contact,
                        *alpha1_reason; /* kind: as in cardio/sensor-kind.h */
        bool configured;
        uint8_t battery; /* per cent, CARDIO_BATTERY_UNKNOWN */
        int64_t session; /* that is recorded from this sensor, 0 = none */
        uint16_t heart_rate;
        double smoothed;
        uint8_t zone;
        double alpha1; /* NAN = not available */
        /* m/s; steps per min, of both feet; per cent; m since it connected. NAN = not known. */
        double speed, cadence, incline, distance;
} SensorProperties;

/* Read the a{sv} that comes next. Unknown keys, and those of another type, are skipped. Return 0, or a negative errno if it
 * is no a{sv}; what was read until then is kept. */
int manager_properties_read(sd_bus_message *m, ManagerProperties *ret);
int coach_properties_read(sd_bus_message *m, CoachProperties *ret);
int sensor_properties_read(sd_bus_message *m, SensorProperties *ret);
