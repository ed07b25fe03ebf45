/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/characteristic.h"

/* Heart Rate Measurement, 0x2A37; RSC Measurement, 0x2A53; Treadmill Data, 0x2ACD. */

void measurement_take_heart_rate(Characteristic *c, const uint8_t *value, size_t size);
void measurement_take_running_speed(Characteristic *c, const uint8_t *value, size_t size);
void measurement_take_treadmill(Characteristic *c, const uint8_t *value, size_t size);
