/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* What has changed is marked, and the evaluation of bluez.c looks at it as soon as the handler that marked it is over, before
 * the next message is taken. Marking does nothing else, so that it may be done anywhere. */

void device_mark(Device *d);
void bluez_mark_devices(Bluez *b);
void bluez_mark_scan(Bluez *b);    /* adapters, or whether discovery is wanted */
void bluez_mark_tasks(Bluez *b);   /* what one of them goes by */
void bluez_mark_running(Bluez *b); /* bluez_running() is to be reported */
/* What we have of BlueZ's objects may not be all, or gone: they are to be asked for. */
void bluez_mark_stale(Bluez *b);
/* Devices, discovery and tasks. */
void bluez_mark_all(Bluez *b);
