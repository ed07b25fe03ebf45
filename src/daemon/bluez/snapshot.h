/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* All that BlueZ has. */

/* Unless that is under way: one answer is enough. */
void snapshot_ask(Bluez *b);
void snapshot_end(Bluez *b); /* BlueZ is gone, or we are */
