/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/pace.h"

/* Parses a value of RSC Measurement, 0x2A53 (Running Speed and Cadence Service 1.0, 3.1). What its flags announce and its length
 * has not is not known; bytes behind it, reserved flags and the flag for running are ignored. A cadence that no runner has at that
 * speed is of one foot, and doubled. Returns false if there is not even a speed and a cadence. */
bool running_speed_parse(const uint8_t *value, size_t size, PaceReading *ret);
