/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Whether anything can be reached by Bluetooth at all; bluez_radio() is the public part. */

/* The reason if not, in the runner's words; NULL = it can, or that is not known yet. */
const char *bluez_obstacle(const Bluez *b);
