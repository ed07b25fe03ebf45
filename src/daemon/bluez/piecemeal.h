/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Reads piece by piece what cannot be read whole. */

void piecemeal_object(Bluez *b, const char *path);
void piecemeal_all(Bluez *b); /* instead of the snapshot */
void piecemeal_end(Bluez *b);
