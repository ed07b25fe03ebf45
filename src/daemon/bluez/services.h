/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/characteristic.h"

/* The GATT services and characteristics that we use. */

/* The services that make a device one of ours, by index; NULL after the last. */
const char *service_uuid(size_t i);
bool service_is_ours(const char *uuid);
/* NULL = not one that matters. */
const CharacteristicKind *characteristic_kind(const char *uuid);
