/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

/* Handlers of org.cardiod1.Coach: what the runner writes down for the coach, and asks it. */
extern const BusCoachHandlers diary_handlers;
