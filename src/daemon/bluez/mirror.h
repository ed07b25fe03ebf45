/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"
#include "bluez/device.h"

/* What BlueZ has, as it was told. The reading functions return a negative errno for a message that is not
 * of the form. */
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

/* A signal, or the snapshot, that cannot be read to its end, whatever it is that it has in it: then its parts are asked for.
 * Without memory they cannot be, either. */
bool mirror_is_unreadable(int r);
/* Said once of an object, and of so many: what of it cannot be read is left out. */
void mirror_tell_unreadable(Bluez *b, const char *path, const char *what, int error);
