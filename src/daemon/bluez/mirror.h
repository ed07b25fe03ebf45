/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"
#include "bluez/device.h"

/* The mirror of BlueZ's objects. The reading functions return a negative errno for a message of the wrong form. */
int mirror_read_interfaces(
                Bluez *b, const char *path, sd_bus_message *m); /* a{sa{sv}}: all interfaces of one object */
int mirror_read_changes(Bluez *b, const char *path, const char *interface, sd_bus_message *m); /* a{sv}as */
/* Marks what a change at a path may matter to. */
void mirror_mark(Bluez *b, const char *path);
/* Around a snapshot of all objects: those not in it are removed. */
void mirror_begin(Bluez *b);
void mirror_end(Bluez *b);

/* The same piece by piece. mirror_interface() returns its own constant for an interface that is read, else NULL; then: false
 * if there is no room for the object; the interface's properties in their order, NULL ends them. */
const char *mirror_interface(const char *name);
bool mirror_has_interface(Bluez *b, const char *path, const char *interface);
const char *mirror_property(const char *interface, size_t i);
int mirror_read_properties(Bluez *b, const char *path, const char *interface, sd_bus_message *m); /* a{sv} */
int mirror_read_property(Bluez *b, const char *path, const char *interface, const char *name,
                sd_bus_message *m); /* v */

/* Whether a signal, or the snapshot, cannot be read to its end, whatever it contains: then its parts are read one by one. Not
 * if memory is short, since they could not be read either. */
bool mirror_is_unreadable(int r);
/* Logged once for an object, up to a limit: what cannot be read is left out. */
void mirror_log_unreadable(Bluez *b, const char *path, const char *what, int error);
