/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* A device as a strap: whose it is, and what is reported of it. */

bool device_is_strap(const Device *d);           /* the runner's */
bool device_is_found(const Device *d);           /* somebody's that the runner may want to make theirs */
bool device_calls_itself_strap(const Device *d); /* it has the heart-rate service, whosever it is */
bool device_is_known(Device *d);                 /* a heart rate has come from it, on this link or another */
/* What has changed of it, if anything has. */
void device_report(Device *d);
void device_withdraw(Device *d); /* it is not there any more, or no longer ours */
