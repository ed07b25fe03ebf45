/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/device.h"

/* Links that are there and useless. */

/* Connected. Returns when to look again. */
usec_t device_check_link(Device *d, usec_t now_usec);
void device_recovered(Device *d); /* it sends */
void device_paired(Device *d);    /* it is now, or bonded */
/* Connected and ServicesResolved as told together; they are one step of the link. */
void device_set_link(Device *d, bool connected, bool resolved);
