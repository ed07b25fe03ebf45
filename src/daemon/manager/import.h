/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"

/* BusHandlers.import_session. */
int import_session(void *userdata, const BusImport *import, int64_t *ret_id, sd_bus_error *error);
