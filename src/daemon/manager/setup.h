/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "bus/bus.h"

/* Scanning, and straps that are to become the runner's, or not to be any more. Handlers of callers' requests, and of what BlueZ
 * says of scanning; userdata is the Manager. */
void setup_scan(void *userdata, bool wanted);
int setup_trust(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
int setup_forget(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
void setup_scan_changed(void *userdata, const char *error, const char *message);
