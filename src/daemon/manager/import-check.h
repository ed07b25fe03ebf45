/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"

/* When an import that has passed was, its first heart rate being the start. */
typedef struct ImportTimes {
        int64_t base_ms;    /* of the first heart rate, from the start of the file */
        int64_t started_at; /* Unix ms */
        int64_t length_ms;  /* to the last heart rate */
} ImportTimes;

/* Checks all that can be told without anything that is stored. Returns 0, or a negative errno with the error set: what is wrong, of
 * which entry, and what is accepted. */
int import_check(const BusImport *import, int64_t now_ms, ImportTimes *ret, sd_bus_error *error);
