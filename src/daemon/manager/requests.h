/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

/* Handlers of org.cardiod1.Manager: what callers on the bus ask for; userdata is the Manager. */
extern const BusHandlers requests_handlers;
