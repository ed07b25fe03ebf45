/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Handlers of what the BlueZ client reports; userdata is the Manager. */
extern const BluezHandlers from_bluez_handlers;
