/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

/* What a sensor is: Sensor.Kind on D-Bus. A strap may measure pace as well, as watches and straps with a motion sensor do. */
typedef enum SensorKind {
        SENSOR_KIND_STRAP,
        SENSOR_KIND_FOOT_POD,
        SENSOR_KIND_TREADMILL,
        _SENSOR_KIND_MAX,
        _SENSOR_KIND_INVALID = -EINVAL,
} SensorKind;

const char *sensor_kind_to_string(SensorKind kind); /* strap, foot-pod, treadmill */
SensorKind sensor_kind_from_string(const char *s);
