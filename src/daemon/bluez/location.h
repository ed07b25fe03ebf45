/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/characteristic.h"

/* Body Sensor Location, 0x2A38. */

void location_take(Characteristic *c, const uint8_t *value, size_t size);
bool location_is_known(const Device *d);
