/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* Links that exist but are useless. */

/* For a connected device. Returns when to evaluate again. */
usec_t device_check_link(Device *d, usec_t now_usec);
void device_recovered(Device *d); /* it sends */
void device_paired(Device *d);    /* it has just been paired or bonded */
/* Connected and ServicesResolved of one signal, as one step of the link. */
void device_set_link(Device *d, bool connected, bool resolved);
