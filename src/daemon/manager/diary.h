/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

/* What the runner tells the coach, and asks it. */
extern const BusCoachHandlers diary_handlers;
