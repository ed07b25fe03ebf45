/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>

#include "bluez/device.h"

/* Links that are there and useless. */

/* Connected. Returns when to look again. */
usec_t device_check_link(Device *d, usec_t now_usec);
void device_recovered(Device *d);                                        /* it sends */
void device_paired(Device *d);                                           /* it is now, or bonded */
void device_heal_link_changed(Device *d, bool connected, bool resolved); /* before the mirror says so */
int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error);
