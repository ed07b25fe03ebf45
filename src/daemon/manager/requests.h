/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

/* What callers on the bus ask for. */
extern const BusHandlers requests_handlers;
