/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"

/* The verb `totals`: weeks, months or years, each against the one before; and fitness, fatigue and form. */
Outcome verb_totals(const Call *call);
