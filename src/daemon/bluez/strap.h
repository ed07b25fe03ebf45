/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* A device as a strap: whether it is the runner's, and what is reported about it. */

bool device_is_strap(const Device *d);           /* the runner's */
bool device_is_found(const Device *d);           /* somebody's, which the runner may want to trust */
bool device_calls_itself_strap(const Device *d); /* it has the heart-rate service, whoever owns it */
bool device_is_known(Device *d); /* a heart rate has come from it, on this link or an earlier one */
/* Reports what has changed, if anything. */
void device_report(Device *d);
void device_withdraw(Device *d); /* it is gone, or no longer ours */
