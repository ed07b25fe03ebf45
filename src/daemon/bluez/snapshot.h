/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Reads all of BlueZ's objects. */

/* Does nothing if a call is pending: one answer is enough. */
void snapshot_ask(Bluez *b);
void snapshot_end(Bluez *b); /* BlueZ is gone, or the program ends */
