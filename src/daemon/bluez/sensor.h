/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* A device as a sensor: what it is, whether it is the runner's, and what is reported about it. */

SensorKind device_kind(const Device *d);      /* for us */
Measure device_main(const Device *d);         /* what a sensor of its kind is there for */
const Source *device_source(const Device *d); /* … and where that comes from */
bool device_wants(const Device *d,
                Measure measure); /* whether that of it is to be subscribed to, if it is the runner's */

bool device_is_own(const Device *d);          /* the runner's */
bool device_is_found(const Device *d);        /* somebody's, which the runner may want to trust */
bool device_is_sensor(const Device *d);       /* it has a service of sensors, whoever owns it */
bool device_is_no_treadmill(const Device *d); /* it is a fitness machine, but a bike, a rower or the like */
bool device_is_known(Device *d);              /* a value has come from it, on this link or an earlier one */
/* Reports what has changed, if anything. */
void device_report(Device *d);
void device_withdraw(Device *d); /* it is gone, or no longer ours */
