/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"

/* Carries out one fact of the core; userdata is the Manager. */
void facts_carry_out(void *userdata, const Fact *fact);
