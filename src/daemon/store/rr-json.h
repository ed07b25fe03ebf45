/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cardio/measurement.h"

/* The R-R intervals of a row: [a,b,…], NULL = none. Returns how many. */
size_t store_rr_from_json(const char *json, uint16_t rr[static MEASUREMENT_RR_MAX]);
