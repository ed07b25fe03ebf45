/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Whether anything can be reached by Bluetooth at all; bluez_radio() is for others. */

/* Why not, in the runner's words; NULL = it can, or it is not known yet. */
const char *bluez_obstacle(const Bluez *b);
