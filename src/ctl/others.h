/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"
#include "json.h"

/* Devices that BlueZ finds while cardiod scans, and that do not say that they are straps. straps: those that cardiod knows,
 * an array of objects with `address`; they are left out. ret: an array of {address, name, configured, trusted, rssi, strap},
 * the last one false, the strongest first. */
Outcome others_read(json_object *straps, json_object **ret);
