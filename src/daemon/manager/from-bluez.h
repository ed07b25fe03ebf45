/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* What BlueZ's client reports; userdata is the Manager. */
extern const BluezHandlers from_bluez_handlers;
