/* SPDX-License-Identifier: MIT */
#pragma once

/* What is stored about a strap. */

#include "store/queue.h"
#include "store/store.h"

/* Inside a transaction. Returns 0 or a negative errno. */
int store_apply_sensor(Store *s, const SensorNews *n);
int store_apply_battery(Store *s, const char *address, bool low);
