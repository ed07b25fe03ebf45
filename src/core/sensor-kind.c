/* SPDX-License-Identifier: MIT */
/* The names of the kinds of sensors. */

#include "cardio/sensor-kind.h"

#include <stddef.h>
#include <string.h>

static const char *const names[_SENSOR_KIND_MAX] = {
        [SENSOR_KIND_STRAP] = "strap",
        [SENSOR_KIND_FOOT_POD] = "foot-pod",
        [SENSOR_KIND_TREADMILL] = "treadmill",
};

const char *sensor_kind_to_string(SensorKind kind)
{
        return kind >= 0 && kind < _SENSOR_KIND_MAX ? names[kind] : NULL;
}

SensorKind sensor_kind_from_string(const char *s)
{
        for (SensorKind kind = 0; kind < _SENSOR_KIND_MAX; kind++)
                if (strcmp(s, names[kind]) == 0)
                        return kind;
        return _SENSOR_KIND_INVALID;
}
