/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "bus/bus.h"

/* Scanning, and straps that become the runner's or are forgotten. Handlers of callers' requests, and of what the BlueZ client
 * reports about scanning; userdata is the Manager. */
void setup_scan(void *userdata, bool wanted);
int setup_trust(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
int setup_forget(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
void setup_scan_changed(void *userdata, const char *error, const char *message);
