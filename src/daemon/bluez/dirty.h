/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* Whatever has changed is marked dirty, and the evaluation in bluez.c looks at it as soon as the current handler returns,
 * before the next message is read. Marking does nothing else, so it is safe anywhere. */

void device_mark(Device *d);
void bluez_mark_devices(Bluez *b);
void bluez_mark_scan(Bluez *b);    /* adapters, or whether discovery is wanted */
void bluez_mark_tasks(Bluez *b);   /* what a task depends on */
void bluez_mark_running(Bluez *b); /* bluez_running() is to be reported */
/* Our copy of BlueZ's objects may be incomplete or wrong: they are to be read again. */
void bluez_mark_stale(Bluez *b);
/* Devices, discovery and tasks. */
void bluez_mark_all(Bluez *b);
