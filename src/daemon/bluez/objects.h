/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"
#include "bluez/device.h"

/* The adapters and devices of BlueZ that we know. */

#define PATH_MAX_BYTES 255U /* of an object's path; BlueZ's have at most 62 */

bool path_below(const char *path, const char *parent);
Adapter *bluez_find_adapter(const Bluez *b, const char *path);
Adapter *bluez_adapter_of(const Bluez *b, const char *path); /* the one that a path is on */
Device *bluez_find_device(const Bluez *b, const char *path);
Device *bluez_device_of(const Bluez *b, const char *path); /* the one that a characteristic belongs to */
Characteristic *bluez_find_characteristic(const Bluez *b, const char *path);

/* The object at a path, created if missing; NULL = there is no room for it, or no memory. */
Adapter *bluez_ensure_adapter(Bluez *b, const char *path);
Device *bluez_ensure_device(Bluez *b, const char *path);
Device *bluez_ensure_device_of(Bluez *b, const char *path); /* by the path of a characteristic */
void bluez_remove_adapter(Bluez *b, const char *path);
void bluez_remove_device(Bluez *b, const char *path); /* reports that, too */
Adapter *adapter_free(Adapter *a);
Device *device_free(Device *d);
