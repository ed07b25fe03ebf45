/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/characteristic.h"

/* Heart Rate Measurement, 0x2A37. */

void measurement_take(Characteristic *c, const uint8_t *value, size_t size);
