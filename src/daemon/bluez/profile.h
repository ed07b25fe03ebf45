/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"

/* GattProfile1, for which bluetoothd reconnects known straps by itself. */

int profile_export(Bluez *b);
void adapter_register(Adapter *a);
