/* SPDX-License-Identifier: MIT */

/* Reads the properties of org.cardiod1 from a message. Nothing in it is trusted to be there or to be well formed. No clock. */

#include "properties.h"

#include <stddef.h>
#include <string.h>

#include "cardio/macro.h"

/* One property and the field it is stored in. */
typedef struct PropertyField {
        const char *name, *type; /* type: its signature */
        size_t offset;
        unsigned bit; /* 0: a text */
} PropertyField;

static const PropertyField manager_properties[] = {
        { "DatabasePath", "s", offsetof(ManagerProperties, database_path), 0 },
        { "Session", "x", offsetof(ManagerProperties, session), MANAGER_SESSION },
        { "Ceiling", "d", offsetof(ManagerProperties, ceiling), MANAGER_CEILING },
        { "CeilingExpression", "s", offsetof(ManagerProperties, ceiling_expression), 0 },
        { "CeilingReason", "s", offsetof(ManagerProperties, ceiling_reason), 0 },
        { "Tolerance", "d", offsetof(ManagerProperties, tolerance), MANAGER_TOLERANCE },
        { "RestingHeartRate", "d", offsetof(ManagerProperties, resting), MANAGER_RESTING },
        { "MaximumHeartRate", "d", offsetof(ManagerProperties, maximum), MANAGER_MAXIMUM },
        { "SnoozedUntil", "t", offsetof(ManagerProperties, snoozed_until_usec), MANAGER_SNOOZED_UNTIL },
        { "WaitsForRest", "b", offsetof(ManagerProperties, waits_for_rest), MANAGER_WAITS_FOR_REST },
        { "Bluetooth", "s", offsetof(ManagerProperties, bluetooth), 0 },
        { "Waiting", "u", offsetof(ManagerProperties, waiting), MANAGER_WAITING },
        { "PaceLimit", "d", offsetof(ManagerProperties, pace_limit), MANAGER_PACE_LIMIT },
        { "PaceReason", "s", offsetof(ManagerProperties, pace_reason), 0 },
        { "PaceUnits", "s", offsetof(ManagerProperties, pace_units), 0 },
        { "Speed", "d", offsetof(ManagerProperties, speed), MANAGER_SPEED },
        { "Distance", "d", offsetof(ManagerProperties, distance), MANAGER_DISTANCE },
        { "OverCeiling", "b", offsetof(ManagerProperties, over_ceiling), MANAGER_OVER_CEILING },
};

static const PropertyField coach_properties[] = {
        { "Workout", "s", offsetof(CoachProperties, workout), 0 },
        { "WorkoutStep", "s", offsetof(CoachProperties, step), 0 },
        { "WorkoutStepNumber", "(uu)", offsetof(CoachProperties, step_number), COACH_STEP_NUMBER },
        { "WorkoutStepEnds", "t", offsetof(CoachProperties, step_ends_usec), COACH_STEP_ENDS },
};

static const PropertyField sensor_properties[] = {
        { "Address", "s", offsetof(SensorProperties, address), 0 },
        { "Name", "s", offsetof(SensorProperties, name), 0 },
        { "Kind", "s", offsetof(SensorProperties, kind), 0 },
        { "Configured", "b", offsetof(SensorProperties, configured), SENSOR_CONFIGURED },
        { "State", "s", offsetof(SensorProperties, state), 0 },
        { "Contact", "s", offsetof(SensorProperties, contact), 0 },
        { "BatteryPercentage", "y", offsetof(SensorProperties, battery), SENSOR_BATTERY },
        { "Session", "x", offsetof(SensorProperties, session), SENSOR_SESSION },
        { "HeartRate", "q", offsetof(SensorProperties, heart_rate), SENSOR_HEART_RATE },
        { "SmoothedHeartRate", "d", offsetof(SensorProperties, smoothed), SENSOR_SMOOTHED },
        { "Zone", "y", offsetof(SensorProperties, zone), SENSOR_ZONE },
        { "Alpha1", "d", offsetof(SensorProperties, alpha1), SENSOR_ALPHA1 },
        { "Alpha1Reason", "s", offsetof(SensorProperties, alpha1_reason), 0 },
        { "Speed", "d", offsetof(SensorProperties, speed), SENSOR_SPEED },
        { "Cadence", "d", offsetof(SensorProperties, cadence), SENSOR_CADENCE },
        { "Incline", "d", offsetof(SensorProperties, incline), SENSOR_INCLINE },
        { "Distance", "d", offsetof(SensorProperties, distance), SENSOR_DISTANCE },
};

/* Reads the next variant. Returns 1 if it was stored, 0 if it was skipped. */
static int value_read(sd_bus_message *m, const PropertyField *p, void *to)
{
        const char *contents;
        int r, flag;

        r = sd_bus_message_peek_type(m, NULL, &contents);
        if (r < 0)
                return r;
        if (strcmp(contents, p->type) != 0) {
                r = sd_bus_message_skip(m, "v");
                return r < 0 ? r : 0;
        }
        if (strcmp(p->type, "(uu)") == 0) {
                uint32_t *pair = to;

                r = sd_bus_message_read(m, "v", p->type, &pair[0], &pair[1]);
        } else if (strcmp(p->type, "b") == 0) { /* a boolean is an int on the bus */
                r = sd_bus_message_read(m, "v", p->type, &flag);
                if (r >= 0)
                        *(bool *)to = flag;
        } else
                r = sd_bus_message_read(m, "v", p->type, to);
        return r < 0 ? r : 1;
}

static int property_read(sd_bus_message *m, const PropertyField *table, size_t n, void *to, unsigned *given)
{
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++) {
                if (strcmp(name, table[i].name) != 0)
                        continue;
                r = value_read(m, &table[i], (char *)to + table[i].offset);
                if (r > 0)
                        *given |= table[i].bit;
                return r;
        }
        return sd_bus_message_skip(m, "v");
}

static int properties_read(sd_bus_message *m, const PropertyField *table, size_t n, void *to, unsigned *given)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = property_read(m, table, n, to, given);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int manager_properties_read(sd_bus_message *m, ManagerProperties *ret)
{
        *ret = (ManagerProperties){ .given = 0 };
        return properties_read(m, manager_properties, ELEMENTSOF(manager_properties), ret, &ret->given);
}

int coach_properties_read(sd_bus_message *m, CoachProperties *ret)
{
        *ret = (CoachProperties){ .given = 0 };
        return properties_read(m, coach_properties, ELEMENTSOF(coach_properties), ret, &ret->given);
}

int sensor_properties_read(sd_bus_message *m, SensorProperties *ret)
{
        *ret = (SensorProperties){ .given = 0 };
        return properties_read(m, sensor_properties, ELEMENTSOF(sensor_properties), ret, &ret->given);
}
