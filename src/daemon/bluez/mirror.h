/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"
#include "bluez/device.h"

/* What BlueZ has, as it was told. The reading functions return a negative errno for a message that is not
 * of the form. */
Adapter *mirror_find_adapter(Bluez *b, const char *path);
Adapter *mirror_adapter_of(Bluez *b, const char *path); /* the one a path is on */
Device *mirror_find_device(Bluez *b, const char *path);
Device *mirror_device_of(Bluez *b, const char *path); /* the one a characteristic is of */
Characteristic *mirror_find_measurement(Bluez *b, const char *path);
void mirror_remove_adapter(Bluez *b, const char *path);
void mirror_remove_device(Bluez *b, const char *path);
void mirror_lose_all(Bluez *b);
int mirror_read_interfaces(
                Bluez *b, const char *path, sd_bus_message *m); /* a{sa{sv}}: what one object has */
int mirror_read_changes(Bluez *b, const char *path, const char *interface, sd_bus_message *m); /* a{sv}as */
/* Marks what may have to do with what happened at a path. */
void mirror_mark(Bluez *b, const char *path);
/* Between these everything that there is is told: what is not is gone. */
void mirror_begin(Bluez *b);
void mirror_end(Bluez *b);

/* The same piece by piece. The interface's own constant if it is one that is read, else NULL; false if there is no room for
 * the object; its properties in their order, NULL behind the last. */
const char *mirror_interface(const char *name);
bool mirror_has_interface(Bluez *b, const char *path, const char *interface);
const char *mirror_property(const char *interface, size_t i);
int mirror_read_properties(Bluez *b, const char *path, const char *interface, sd_bus_message *m); /* a{sv} */
int mirror_read_property(Bluez *b, const char *path, const char *interface, const char *name,
                sd_bus_message *m); /* v */
